//! Where a study is really open: by site, and by each site's own status.

use serde_json::{Value, json};

use crate::support::{on_file, record, records};

fn number(name: &str) -> String {
    let record = record(name);
    record["protocolSection"]["identificationModule"]["nctId"]
        .as_str()
        .unwrap()
        .to_owned()
}

fn regions(name: &str) -> Value {
    let file = records().join(name).with_extension("json");
    on_file(&file, &["search", "--status", "all", "--format", "json"])
        .done()
        .json()["trials"][0]["regions"]
        .clone()
}

/// Numbers that a search over all records of our own finds.
fn found(args: &[&str]) -> Vec<String> {
    let all = ["search", "--status", "all", "--format", "json"];
    let json = on_file(&records(), &[&all[..], args].concat())
        .done()
        .json();
    json["trials"]
        .as_array()
        .unwrap()
        .iter()
        .map(|trial| trial["nct_id"].as_str().unwrap().to_owned())
        .collect()
}

fn region(state: &str, open: u8, opening: u8, closed: u8, total: u8) -> Value {
    json!({"state": state, "open": open, "opening": opening, "closed": closed, "total": total})
}

#[test]
fn a_site_without_a_status_follows_the_study() {
    for (file, expected) in [
        (
            "sites-without-status-recruiting",
            region("unknown", 0, 0, 0, 1),
        ),
        (
            "sites-without-status-not-yet",
            region("opening", 0, 1, 0, 1),
        ),
        ("sites-without-status-ended", region("closed", 0, 0, 1, 1)),
    ] {
        assert_eq!(regions(file), json!({"uk": expected}), "{file}");
    }
}

#[test]
fn withdrawn_sites_are_closed_though_the_study_recruits() {
    let expected = json!({
        "uk": region("closed", 0, 0, 1, 1),
        "europe": region("closed", 0, 0, 1, 1),
        "us": region("opening", 0, 1, 0, 1),
        "australia": region("open", 1, 0, 0, 1),
    });
    assert_eq!(regions("sites-withdrawn-though-recruiting"), expected);
    let study = number("sites-withdrawn-though-recruiting");
    // Listed there, so a region keeps it; open there, only in Australia.
    for (place, open) in [
        ("uk", false),
        ("europe", false),
        ("us", false),
        ("australia", true),
    ] {
        assert!(found(&["--region", place]).contains(&study), "{place}");
        assert_eq!(
            found(&["--region", place, "--open-here"]).contains(&study),
            open,
            "{place}"
        );
    }
    assert!(!found(&["--region", "china"]).contains(&study));
    let table = on_file(&records(), &["search", "--region", "uk"])
        .done()
        .stdout;
    let row = table.split(&study).nth(1).unwrap();
    assert!(
        row.split('─').next().unwrap().contains("closed here"),
        "{row}"
    );
}

#[test]
fn a_site_that_says_nothing_is_kept_and_marked() {
    let [recruiting, not_yet, ended] = [
        "sites-without-status-recruiting",
        "sites-without-status-not-yet",
        "sites-without-status-ended",
    ]
    .map(number);
    let here = found(&["--region", "uk", "--open-here"]);
    assert!(
        here.contains(&recruiting) && !here.contains(&not_yet) && !here.contains(&ended),
        "{here:?}"
    );
    let table = on_file(&records(), &["search", "--country", "GB", "--open-here"])
        .done()
        .stdout;
    assert!(
        table.contains(&recruiting) && table.contains("ask the site"),
        "{table}"
    );
}

#[test]
fn no_place_hides_a_study_without_sites() {
    let study = number("sites-not-announced");
    for place in [
        ["--region", "us"],
        ["--region", "uk,china"],
        ["--region", "other"],
        ["--country", "France"],
    ] {
        assert!(found(&place).contains(&study), "{place:?}");
        assert!(
            !found(&[&place[..], &["--open-here"]].concat()).contains(&study),
            "{place:?}"
        );
    }
    assert_eq!(regions("sites-not-announced"), json!({}));
    let table = on_file(&records().join("sites-not-announced.json"), &["search"])
        .done()
        .stdout;
    assert!(
        table.contains("sites not") && table.contains("announced"),
        "{table}"
    );
}

#[test]
fn where_country_and_city_disagree_the_city_decides() {
    assert_eq!(
        regions("site-filed-under-christmas-island"),
        json!({"china": region("open", 1, 0, 0, 1)})
    );
    let study = number("site-filed-under-christmas-island");
    assert!(
        found(&["--region", "china"]).contains(&study)
            && !found(&["--region", "australia"]).contains(&study)
    );
    let file = records().join("site-filed-under-christmas-island.json");
    let site =
        on_file(&file, &["search", "--format", "json"]).json()["trials"][0]["sites"][0].clone();
    assert_eq!(site["country"], "Christmas Island");
    assert_eq!(site["country_settled"], "China");
    assert_eq!(site["country_disagrees_with_city"], true);
    assert!(
        on_file(&file, &["show", &study])
            .done()
            .stdout
            .contains("filed under another country")
    );
}

#[test]
fn old_and_new_spellings_of_a_country_are_one() {
    let file = records().join("country-spellings.json");
    let json = on_file(&file, &["search", "--format", "json"])
        .done()
        .json();
    let sites = json["trials"][0]["sites"].as_array().unwrap();
    let settled = |city: &str| -> Vec<(&str, &str)> {
        sites
            .iter()
            .filter(|site| site["city"] == city)
            .map(|site| {
                (
                    site["country_settled"].as_str().unwrap(),
                    site["region"].as_str().unwrap(),
                )
            })
            .collect()
    };
    for (city, count, region) in [
        ("Ankara", 3, "other"),
        ("Prague", 2, "europe"),
        ("Seoul", 2, "other"),
        ("Taipei", 1, "other"),
        ("Hong Kong", 1, "china"),
        ("San Juan", 1, "us"),
        ("Saint Helier", 1, "uk"),
        ("Saint-Denis", 1, "europe"),
        ("Nicosia", 1, "europe"),
        ("Moscow", 1, "other"),
        ("Tbilisi", 1, "other"),
    ] {
        let settled = settled(city);
        assert_eq!(settled.len(), count, "{city}");
        assert!(
            settled
                .iter()
                .all(|one| *one == settled[0] && one.1 == region),
            "{city}: {settled:?}"
        );
    }
    let study = number("country-spellings");
    for country in [
        "Turkey",
        "Türkiye",
        "turkiye",
        "TR",
        "Czech Republic",
        "Czechia",
        "South Korea",
        "KR",
    ] {
        assert!(found(&["--country", country]).contains(&study), "{country}");
    }
}

#[test]
fn two_places_are_either_of_them() {
    let [uk, china] = [
        "sites-without-status-recruiting",
        "site-filed-under-christmas-island",
    ]
    .map(number);
    let both = found(&["--region", "uk", "--country", "China"]);
    assert!(both.contains(&uk) && both.contains(&china));
}

#[test]
fn distance_is_to_the_nearest_site() {
    let study = number("sites-withdrawn-though-recruiting");
    let near = |within: &str| found(&["--near", "-33.87,151.21", "--within", within]);
    // Melbourne is 713 km from Sydney.
    assert!(near("720").contains(&study) && !near("700").contains(&study));
    // Negative degrees with an equals sign are read too.
    assert!(found(&["--near=-33.87,151.21", "--within=720"]).contains(&study));
}

/// Runs a search over one record of our own, changed, and returns the studies that it finds.
fn search_changed(name: &str, change: impl FnOnce(&mut Value), filters: &[&str]) -> Value {
    let mut record = record(name);
    change(&mut record["protocolSection"]);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("changed.json");
    std::fs::write(&file, record.to_string()).unwrap();
    let args = [&["search", "--status", "all", "--format", "json"], filters].concat();
    on_file(&file, &args).done().json()["trials"].clone()
}

/// The same without filters, and the one study.
fn changed(name: &str, change: impl FnOnce(&mut Value)) -> Value {
    search_changed(name, change, &[])[0].clone()
}

#[test]
fn a_study_that_has_ended_is_open_nowhere_whatever_a_site_still_says() {
    for status in ["COMPLETED", "TERMINATED", "WITHDRAWN"] {
        let trial = changed("sites-withdrawn-though-recruiting", |protocol| {
            protocol["statusModule"]["overallStatus"] = status.into();
        });
        for (region, state) in trial["regions"].as_object().unwrap() {
            assert_eq!(state["state"], "closed", "{status}: {region}");
        }
    }
}

#[test]
fn odd_words_of_a_record_are_shown_as_they_are() {
    let mut record = record("sites-withdrawn-though-recruiting");
    let protocol = &mut record["protocolSection"];
    protocol["statusModule"]["overallStatus"] = "UNKNOWN".into();
    protocol["statusModule"]["lastKnownStatus"] = "RECRUITING".into();
    protocol["statusModule"]["startDateStruct"] = json!({"date": "1900-01"});
    protocol["statusModule"]["completionDateStruct"] = json!({"date": "2099-01-01"});
    protocol["designModule"]["enrollmentInfo"] = json!({"count": 99_999_999});
    protocol["contactsLocationsModule"]["centralContacts"] =
        json!([{"phone": "555 0100", "phoneExt": "+33"}]);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("odd.json");
    std::fs::write(&file, record.to_string()).unwrap();
    let seen = on_file(&file, &["show", "NCT99000050"]).done().stdout;
    let seen = seen.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in [
        "Status unknown (last known: recruiting)",
        "start 1900-01,",
        "end 2099-01-01",
        "People not stated",
        "555 0100 ext. +33",
    ] {
        assert!(seen.contains(part), "{part}: {seen}");
    }
    // Nobody knows whether it still takes people in.
    for (status, found) in [("open", 0), ("unknown", 1), ("all", 1)] {
        let args = ["search", "--format", "json", "--status", status];
        let json = on_file(&file, &args).done().json();
        assert_eq!(json["trials"].as_array().unwrap().len(), found, "{status}");
    }
}

#[test]
fn a_site_whose_country_is_not_known_hides_no_study() {
    for country in [Value::Null, json!("Freedonia")] {
        for region in ["uk", "us"] {
            let somewhere = |protocol: &mut Value| {
                protocol["contactsLocationsModule"]["locations"] =
                    json!([{"facility": "Clinic", "country": country}]);
            };
            let filters = ["--region", region];
            let found = search_changed("sites-without-status-recruiting", somewhere, &filters);
            assert_eq!(found.as_array().unwrap().len(), 1, "{region} {country}");
        }
    }
}

#[test]
fn a_study_that_is_no_longer_available_is_open_nowhere() {
    let trial = changed("sites-without-status-recruiting", |protocol| {
        protocol["statusModule"]["overallStatus"] = json!("NO_LONGER_AVAILABLE");
        protocol["contactsLocationsModule"]["locations"] =
            json!([{"facility": "Clinic", "country": "United Kingdom", "status": "AVAILABLE"}]);
    });
    assert_eq!(trial["regions"]["uk"]["state"], "closed");
}

#[test]
fn old_records_among_newer_ones_are_told() {
    let folder = tempfile::tempdir().unwrap();
    for (name, day) in [
        ("sites-without-status-recruiting", "2026-08-22"),
        ("sites-not-announced", "2025-09-25"),
    ] {
        let mut one = record(name);
        one["derivedSection"]["miscInfoModule"]["versionHolder"] = json!(day);
        std::fs::write(
            folder.path().join(name).with_extension("json"),
            one.to_string(),
        )
        .unwrap();
    }
    let told = on_file(folder.path(), &["search", "--status", "all"]).done();
    for part in ["OLD RECORDS AMONG THEM", "2025-09-25", "334 days"] {
        assert!(told.stderr.contains(part), "{part} in {}", told.stderr);
    }
    let newer = folder.path().join("sites-without-status-recruiting.json");
    let told = on_file(&newer, &["search", "--status", "all"]).done();
    assert!(!told.stderr.contains("OLD"), "{}", told.stderr);
}
