//! Distances from a place that is given by name: found or asked for, told, and sent nowhere.

use serde_json::Value;

use super::fake_registry::{Registry, Script, studies};
use crate::support::{Run, assert_fits, files_in, on_sample, program, run};

/// Searches the sample from a place, as JSON.
fn near(place: &str) -> Run {
    on_sample(&["search", "--near", place, "--format", "json"])
}

/// What stderr says of a place that is not taken.
fn refused(place: &str) -> String {
    let run = near(place);
    assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{place}");
    run.stderr
}

#[test]
fn a_place_counts_as_its_centre() {
    for (place, lat_lon, name) in [
        ("Leeds", "53.8,-1.55", "Leeds, England, United Kingdom"),
        ("leeds", "53.8,-1.55", "Leeds, England, United Kingdom"),
        ("LEEDS, UK", "53.8,-1.55", "Leeds, England, United Kingdom"),
        ("Zürich", "47.37,8.55", "Zürich, Switzerland"),
        ("Zuerich", "47.37,8.55", "Zürich, Switzerland"),
        ("北京", "39.91,116.4", "Beijing, Beijing, China"),
        (
            "New York",
            "40.71,-74.01",
            "New York City, New York, United States",
        ),
        (
            "Springfield, IL",
            "39.8,-89.64",
            "Springfield, Illinois, United States",
        ),
    ] {
        let run = near(place).done();
        let filters = &run.json()["filters"];
        assert_eq!(filters["near"], lat_lon, "{place}");
        assert_eq!(filters["near_place"], name, "{place}");
        let told = format!("distances are counted from the city centre of {name}\n");
        assert!(run.stderr.contains(&told), "{}", run.stderr);
    }
    let (named, degrees) = (near("Leeds").done(), near("53.8,-1.55").done());
    assert_eq!(named.json()["trials"], degrees.json()["trials"]);
    assert_eq!(degrees.json()["filters"]["near_place"], Value::Null);
    assert!(!degrees.stderr.contains("distances"), "{}", degrees.stderr);
}

#[test]
fn a_name_of_several_places_asks() {
    let asked = refused("Springfield");
    for part in [
        "--near: `Springfield` may be any of",
        "\n  Springfield, Illinois, United States (39.8,-89.64)\n",
        "\n  Springfield, Missouri, United States (",
        "LAT,LON",
    ] {
        assert!(asked.contains(part), "{part} not in: {asked}");
    }
    // A choice is taken as it stands there, also in degrees.
    let choices = asked.lines().filter_map(|line| line.strip_prefix("  "));
    for line in choices.take(2) {
        let (name, degrees) = line.trim_end_matches(')').split_once(" (").unwrap();
        let (by_name, by_degrees) = (near(name).done().json(), near(degrees).done().json());
        assert_eq!(
            by_name["filters"]["near"], by_degrees["filters"]["near"],
            "{line}"
        );
    }
}

#[test]
fn a_dominating_place_is_taken_and_the_others_are_told() {
    let run = on_sample(&["search", "--near", "London", "--sort", "distance"]).done();
    let told = run.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in [
        "from the city centre of London, England, United Kingdom (51.51,-0.13) to the centre of each site's city, not to \
         the hospital",
        "If you meant another place of that name, write it out, such as \"London, Ontario, Canada\"",
    ] {
        assert!(told.contains(part), "{part} not in: {told}");
    }
    assert_fits(&run.stdout, 80);
    assert!(
        run.stderr.contains("passed over: London, Ontario, Canada"),
        "{}",
        run.stderr
    );
}

#[test]
fn an_unknown_place_is_an_error_that_offers_the_nearest() {
    let offered = refused("Xyzzy");
    assert!(
        offered.contains("`Xyzzy` is no place known here"),
        "{offered}"
    );
    assert!(
        offered.contains("LAT,LON") && offered.contains("\"Leeds, UK\""),
        "{offered}"
    );
    let offered = refused("Lieds");
    assert!(
        offered.contains("\n  Leeds, England, United Kingdom (53.8,-1.55)"),
        "{offered}"
    );
    assert!(
        refused("Leeds, France").contains("elsewhere"),
        "the country counts"
    );
}

#[test]
fn hostile_places_are_refused_in_few_safe_words() {
    let long = "Leeds ".repeat(20_000);
    let digits = "1".repeat(120_000);
    for place in [
        "",
        " ",
        ",",
        "\u{1b}[2J\u{7}",
        "Leeds\u{202e}x",
        &long,
        &digits,
    ] {
        let said = refused(place);
        assert!(said.len() < 1500, "{}", said.len());
        assert!(!said.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{said:?}");
    }
}

#[test]
fn negative_degrees_are_read_as_degrees() {
    for arguments in [&["--near", "-33.87,151.21"][..], &["--near=-33.87,151.21"]] {
        let run = on_sample(&[&["search", "--format", "json"], arguments].concat()).done();
        assert_eq!(run.json()["filters"]["near"], "-33.87,151.21");
    }
    assert!(refused("-91,0").contains("-90 to 90"));
}

#[test]
fn show_and_export_take_a_place_too() {
    let shown = on_sample(&[
        "show",
        "NCT06617793",
        "--near",
        "Leeds",
        "--format",
        "markdown",
    ])
    .done();
    assert!(
        shown
            .stdout
            .contains("from the city centre of Leeds, England, United Kingdom"),
        "{}",
        shown.stdout
    );
    assert!(shown.stdout.contains(" km"));
    let folder = tempfile::tempdir().unwrap();
    let csv = folder.path().join("a.csv");
    let csv = csv.to_str().unwrap();
    let exported =
        on_sample(&["export", "--csv", csv, "--near", "Leeds", "--within", "500"]).done();
    assert!(
        exported.stderr.contains("city centre of Leeds"),
        "{}",
        exported.stderr
    );
    assert_eq!(files_in(folder.path()), ["a.csv", "a.csv.meta.json"]);
    let meta = std::fs::read_to_string(folder.path().join("a.csv.meta.json")).unwrap();
    assert!(
        meta.contains("\"near_place\": \"Leeds, England, United Kingdom\""),
        "{meta}"
    );
}

#[test]
fn people_read_miles_where_their_roads_count_them() {
    let told = |locale: &str, format: &str| -> String {
        let mut program = program();
        program.env("LC_ALL", locale);
        program.args([
            "search", "--source", "sample", "--near", "Leeds", "--format", format,
        ]);
        Run::from(program.output().unwrap()).done().stdout
    };
    for format in ["table", "markdown"] {
        for (locale, unit, other) in [
            ("en_GB.UTF-8", "miles", "km"),
            ("de_DE.UTF-8", "km", "miles"),
        ] {
            let told = told(locale, format);
            let words: Vec<&str> = told.split_whitespace().collect();
            let has = |unit| {
                words
                    .iter()
                    .any(|word| word.trim_end_matches("<br>") == unit)
            };
            assert!(has(unit) && !has(other), "{locale} {format}: {told}");
        }
    }
    // Machines read kilometres, whoever runs them.
    for format in ["json", "csv"] {
        assert_eq!(told("en_US.UTF-8", format), told("C", format));
    }
}

#[test]
fn nothing_of_the_place_leaves_the_machine() {
    let registry = Registry::start(Script {
        studies: studies(3),
        ..Script::default()
    });
    let base = registry.base();
    run(&[
        "search",
        "--source",
        "live",
        "--api",
        &base,
        "--min-interval",
        "0",
        "--near",
        "Leeds, England",
        "--within",
        "80",
    ])
    .done();
    let requests = registry.requests();
    assert!(!requests.is_empty());
    for request in requests {
        let sent = format!("{} {:?}", request.target, request.headers).to_lowercase();
        for word in ["leeds", "england", "kingdom", "53.8", "1.55"] {
            assert!(!sent.contains(word), "{word} in {sent}");
        }
    }
}
