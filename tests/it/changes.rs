//! The change log as users see it.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::json;

use crate::support::{Run, assert_fits, program};
use crate::sync::{FIRST, SECOND, World, holding, numbered, ten};

pub(crate) fn on(data: &Path, args: &[&str]) -> Run {
    let mut program = program();
    program.args(args).arg("--data-dir").arg(data);
    program.output().unwrap().into()
}

/// A world in which one study changed, one is new, and one is gone.
pub(crate) fn changed() -> World {
    let world = World::new(holding(&ten(), FIRST));
    world.sync(&[]).done();
    let mut later = ten();
    later.remove(6);
    later[1] = numbered(2, "2026-08-08");
    let protocol = &mut later[1]["protocolSection"];
    protocol["statusModule"]["overallStatus"] = "RECRUITING".into();
    protocol["identificationModule"]["briefTitle"] =
        "=HYPERLINK(\"x\") <x>\u{1b}[2J | *new* title".into();
    protocol["contactsLocationsModule"] = json!({"locations": [
        {"facility": "Northern <i>Clinic</i>", "city": "Leeds", "country": "United Kingdom", "status": "RECRUITING"}
    ]});
    later.push(numbered(11, "2026-08-09"));
    world.registry.becomes(holding(&later, SECOND));
    world
        .run(&["sync", "--sentinels", "none", "--today", "2026-08-26"])
        .done();
    world
}

pub(crate) fn rows(csv: &str) -> Vec<Vec<String>> {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let rows = reader
        .records()
        .map(|row| row.unwrap().iter().map(str::to_owned).collect());
    rows.collect()
}

#[test]
fn every_form_tells_the_same() {
    let world = changed();
    let run = |more: &[&str]| world.run(&[&["changes"], more].concat()).done();
    let csv = run(&["--format", "csv"]).stdout;
    assert!(
        csv.starts_with("detected_at,nct_id,change,field,before,after,registry_last_update\n"),
        "{csv}"
    );
    let rows = rows(&csv);
    let json = run(&["--format", "json"]).json();
    assert_eq!(json["schema"], "trialbrief.changes/1");
    let changes = json["changes"].as_array().unwrap();
    assert_eq!(changes.len(), rows.len());
    for (row, change) in rows.iter().zip(changes) {
        assert_eq!(row[1], change["nct_id"].as_str().unwrap());
        assert_eq!(row[2], change["change"].as_str().unwrap());
        assert_eq!(row[0], "2026-08-26T00:00:00Z");
        assert!(!row[4].starts_with('=') && !row[5].starts_with('='));
    }
    let kinds: BTreeSet<&str> = rows.iter().map(|row| row[2].as_str()).collect();
    for kind in ["added", "removed", "changed", "site_added"] {
        assert!(kinds.contains(kind), "{kinds:?}");
    }
    for (format, link) in [
        ("table", "NCT00000002"),
        (
            "markdown",
            "[NCT00000002](https://clinicaltrials.gov/study/NCT00000002)",
        ),
    ] {
        let out = run(&["--format", format]).stdout;
        let words = out.split_whitespace().collect::<Vec<_>>().join(" ");
        for part in [
            link,
            "new study",
            "no longer in the registry",
            "noticed 2026-08-26, registry update 2026-08-08",
            "listed anew, open: Northern",
            "Modifications: filtered",
        ] {
            assert!(words.contains(part), "{part} is not in {out}");
        }
        // Each other change moves the day of the last update too.
        assert!(!words.contains("last_update_posted"), "{out}");
        assert!(
            !(out.contains('\u{1b}') || format == "markdown" && out.contains("<x>")),
            "{out}"
        );
        if format == "table" {
            assert_fits(&out, 80);
        }
    }
}

#[test]
fn a_feed_names_each_study_and_run_once_and_nothing_in_it_acts() {
    let world = changed();
    let feed = world.run(&["changes", "--atom", "--quiet"]).done().stdout;
    assert!(
        feed.starts_with("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns="),
        "{feed}"
    );
    let ids: Vec<&str> = feed
        .lines()
        .filter(|line| line.starts_with("<id>"))
        .collect();
    // The feed's own, and those of three studies.
    assert_eq!(ids.len(), 4, "{feed}");
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), 4);
    assert!(
        feed.contains("&lt;x&gt;") && !feed.contains("<x>") && !feed.contains('\u{1b}'),
        "{feed}"
    );
    assert_eq!(
        feed.matches("<entry>").count(),
        feed.matches("</entry>").count()
    );
    assert_eq!(
        world.run(&["changes", "--atom", "--quiet"]).done().stdout,
        feed
    );
    let table = world
        .run(&["changes", "--atom", "--run", "1"])
        .done()
        .stdout;
    assert!(table.contains("</feed>") && !table.contains("<entry>"));
}

#[test]
fn changes_are_asked_for_by_run_and_by_day() {
    let world = changed();
    let count = |more: &[&str]| {
        let run = world
            .run(&[&["changes", "--format", "csv"], more].concat())
            .done();
        rows(&run.stdout).len()
    };
    let all = count(&[]);
    assert!(all > 4);
    assert_eq!(count(&["--run", "2"]), all);
    assert_eq!(count(&["--since", "2026-08-26"]), all);
    assert_eq!(count(&["--since", "2026-08"]), all);
    assert_eq!(count(&["--run", "1"]), 0);
    assert_eq!(count(&["--since", "2026-08-27"]), 0);
    assert_eq!(count(&["--ms"]), all);
    let run = world.run(&["changes", "--run", "1"]).done();
    assert!(
        run.stdout.contains("No changes noticed in run 1."),
        "{}",
        run.stdout
    );
    for (args, part) in [
        (&["--run", "9"][..], "there is no run 9"),
        (&["--since", "yesterday"], "--since"),
        (
            &["--since", "2026-08-26", "--run", "2"],
            "cannot be used with",
        ),
    ] {
        let run = world.run(&[&["changes"], args].concat());
        assert_eq!(run.code, Some(2), "{}", run.stderr);
        assert!(run.stderr.contains(part), "{}", run.stderr);
    }
    let run = on(&world.folder.path().join("none"), &["changes"]);
    assert_eq!(run.code, Some(5), "{}", run.stderr);
}

#[test]
fn changes_of_the_program_are_marked_everywhere() {
    let mut studies = ten();
    studies[0]["protocolSection"]["armsInterventionsModule"] =
        json!({"interventions": [{"type": "BIOLOGICAL", "name": "XQ-77 cells"}]});
    let world = World::new(holding(&studies, FIRST));
    world.sync(&[]).done();
    let lexicon = world.folder.path().join("lexicon.tsv");
    let head = include_str!("../../src/data/products.tsv")
        .lines()
        .find(|line| line.starts_with("name\t"))
        .unwrap();
    std::fs::write(
        &lexicon,
        format!("{head}\nXQ-77\t\tcar_t\tCD70\tautologous\tstated\ttest\t\n"),
    )
    .unwrap();
    world.sync(&["--lexicon", lexicon.to_str().unwrap()]).done();
    let run = |format: &str| world.run(&["changes", "--format", format]).done();
    let rows = rows(&run("csv").stdout);
    assert!(!rows.is_empty());
    assert!(
        rows.iter().all(|row| row[3].ends_with(" (program)")),
        "{rows:?}"
    );
    let json = run("json").json();
    assert!(
        json["changes"]
            .as_array()
            .unwrap()
            .iter()
            .all(|one| one["cause"] == "program")
    );
    assert!(
        json["changes"]
            .as_array()
            .unwrap()
            .iter()
            .any(|one| one["field"] == "cell_therapy.targets")
    );
    for format in ["table", "markdown"] {
        assert!(run(format).stdout.contains("the record did not change"));
    }
}
