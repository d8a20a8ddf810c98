//! Where sites are: at the registered point, unless the name of the city says otherwise.

#![expect(
    clippy::print_stdout,
    reason = "what was measured, or why not, is read from the output"
)]

use std::collections::BTreeSet;

use serde_json::Value;
use trialbrief::geo::{Gazetteer, GeoPoint, Position};
use trialbrief::registry::{decode::Decoded, files};
use trialbrief::study::Study;

use crate::html::Html;
use crate::server::Server;
use crate::shared::shared;
use crate::support::{on_file, record};

/// A record of ours with sites in these cities of these countries, at these points.
fn with_sites(sites: &[(&str, &str, f64, f64)]) -> tempfile::NamedTempFile {
    let mut record = record("primary");
    let locations: Vec<Value> = sites
        .iter()
        .map(|(city, country, lat, lon)| {
            serde_json::json!({"facility": "Clinic", "city": city, "country": country, "status": "RECRUITING",
                "geoPoint": {"lat": lat, "lon": lon}})
        })
        .collect();
    record["protocolSection"]["statusModule"]["overallStatus"] = "RECRUITING".into();
    record["protocolSection"]["contactsLocationsModule"]["locations"] = locations.into();
    let file = tempfile::Builder::new().suffix(".json").tempfile().unwrap();
    std::fs::write(file.path(), record.to_string()).unwrap();
    file
}

#[test]
fn a_wrong_point_of_the_registry_hides_no_trial_of_ones_own_city() {
    // The middle of Italy, the sea before Venice, and the middle of nowhere.
    for (city, country, lat, lon, from) in [
        ("Milan", "Italy", 42.78, 12.60, "Milan, IT"),
        ("Genova", "Italy", 45.22, 11.87, "Genoa, Italy"),
        ("München", "Germany", 50.9, 6.9, "Munich"),
    ] {
        let file = with_sites(&[(city, country, lat, lon)]);
        let search = [
            "search", "--near", from, "--within", "30", "--format", "json",
        ];
        let json = on_file(file.path(), &search).done().json();
        let site = &json["trials"][0]["sites"][0];
        assert!(
            site["distance_km"].as_f64().is_some_and(|km| km < 15.0),
            "{city}: {site}"
        );
        assert_eq!(site["position"], "city", "{city}");
        // The record's own words stay.
        assert_eq!(site["lat"], lat);
        let number = json["trials"][0]["nct_id"].as_str().unwrap();
        let shown = on_file(file.path(), &["show", number, "--near", from])
            .done()
            .stdout;
        let shown = shown.split_whitespace().collect::<Vec<_>>().join(" ");
        let told = "the registry's point for this site is elsewhere; the city's is used";
        assert!(shown.contains(told), "{shown}");
        // Pages, map and handout stand on the same place.
        let server = Server::on_file(file.path());
        for path in [format!("/study/{number}"), "/map".to_owned()] {
            let page = server.get(&path).body;
            assert!(Html::parse(&page).text().contains(told), "{path}: {page}");
        }
        let folder = tempfile::tempdir().unwrap();
        let brief = folder.path().join("brief.md");
        let args = [
            "brief",
            "--near",
            from,
            "--format",
            "markdown",
            "-o",
            brief.to_str().unwrap(),
        ];
        on_file(file.path(), &args).done();
        let brief = std::fs::read_to_string(brief).unwrap();
        assert!(brief.contains(told), "{brief}");
    }
}

#[test]
fn a_place_that_cannot_be_told_is_kept_and_has_no_distance() {
    let file = with_sites(&[("Springfield", "United States", 10.0, -120.0)]);
    let search = [
        "search", "--near", "Leeds", "--within", "10", "--format", "json",
    ];
    let json = on_file(file.path(), &search).done().json();
    let site = &json["trials"][0]["sites"][0];
    assert_eq!(
        (&site["distance_km"], &site["position"]),
        (&Value::Null, &"not_certain".into())
    );
    let map = Server::on_file(file.path()).get("/map").body;
    assert!(
        map.contains("place not certain") && map.contains("not on the map"),
        "{map}"
    );
}

#[test]
fn sites_of_real_records_lie_in_their_cities_or_are_flagged() {
    let Some(folder) = shared("sites_of_real_records_lie_in_their_cities_or_are_flagged") else {
        return;
    };
    let (mut checked, mut moved, mut doubtful) = (0, BTreeSet::new(), BTreeSet::new());
    let mut check = |study: &Study| {
        for site in &study.sites {
            if site.position() == Position::NotCertain {
                doubtful.insert(format!(
                    "{:?}, {:?}, {:?}",
                    site.city, site.state, site.country
                ));
            }
            let (Some(city), Some(country)) = (&site.city, site.settled.country) else {
                continue;
            };
            let named = format!("{city}, {}", country.name());
            let Ok(found) = Gazetteer::find(&named) else {
                continue;
            };
            let position = site.position();
            if let Position::City(_) = position {
                moved.insert(format!(
                    "{named} ({:?}): {:?} -> {position:?}",
                    site.state, site.registered_point
                ));
            }
            let off = |at: GeoPoint| at.distance_km(&found.place.point());
            let is_near = position.point().is_none_or(|at| off(at) < 50.0);
            // A state may name another place than the largest of the name.
            let is_of_others = !found.passed_over.is_empty() || site.state.is_some();
            let known = is_near || position.note().is_some() || is_of_others;
            assert!(known, "{} {named}: {position:?}", study.nct_number);
            checked += 1;
        }
    };
    for file in [
        "registry/car-t-2026-08-22.ndjson",
        "registry/ms-2025-09-25.ndjson.gz",
    ] {
        let mut take = |decoded: Decoded| decoded.studies.iter().for_each(&mut check);
        files::read(&folder.join(file), &mut take).unwrap();
    }
    println!(
        "{checked} sites of known cities; {} cities had another point",
        moved.len()
    );
    for one in moved.iter().chain(&doubtful) {
        println!("{one}");
    }
    assert!(checked > 1_000 && !moved.is_empty());
}
