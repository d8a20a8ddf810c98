//! The page of one study: what is told first, the days, the places, what joining involves.

use crate::html::Html;
use crate::server::Server;
use crate::support::record;

fn page(body: &str) -> Html {
    let page = Html::parse(body);
    page.assert_served();
    page
}

/// Our own record with everything that the page can show.
fn full() -> serde_json::Value {
    let mut record = record("primary");
    let protocol = &mut record["protocolSection"];
    protocol["statusModule"]["overallStatus"] = "RECRUITING".into();
    protocol["contactsLocationsModule"]["locations"] = serde_json::json!([
        {"facility": "North <b>Clinic</b>", "city": "Leeds", "country": "United Kingdom", "status": "RECRUITING",
         "geoPoint": {"lat": 53.8, "lon": -1.55}, "contacts": [{"name": "A. Nurse", "phone": "+44 1", "email": "a@example.org"}]},
        {"facility": "Far Clinic", "city": "Lyon", "country": "France", "status": "NOT_YET_RECRUITING", "geoPoint": {"lat": 45.75, "lon": 4.85}},
        {"facility": "Shut Clinic", "city": "Paris", "country": "France", "status": "WITHDRAWN", "geoPoint": {"lat": 48.85, "lon": 2.35}},
        {"facility": "Silent Clinic", "city": "Berlin", "country": "Germany"}
    ]);
    record
}

fn on_full(change: impl FnOnce(&mut serde_json::Value)) -> (Server, tempfile::TempDir, String) {
    let mut record = full();
    change(&mut record);
    let number = record["protocolSection"]["identificationModule"]["nctId"].clone();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("one.json");
    std::fs::write(&file, record.to_string()).unwrap();
    let server = Server::on_file(&file);
    let path = format!("/study/{}", number.as_str().unwrap());
    (server, folder, path)
}

#[test]
fn the_plain_summary_stands_before_the_rules() {
    let server = Server::on_sample();
    let page = page(&server.get("/study/NCT06675864?near=Leeds").body);
    let text = page.text();
    let at = |words: &str| {
        text.find(words)
            .unwrap_or_else(|| panic!("{words} in {text}"))
    };
    let order = [
        "In short",
        "Who it is for, in plain words",
        "What rules people out",
        "What joining involves",
        "When",
        "Where",
        "Whom to ask",
        "The rules, abridged in our own words",
        "Words used here",
        "Where this comes from",
    ];
    for pair in order.windows(2) {
        assert!(
            at(&format!("\n{}", pair[0])) < at(&format!("\n{}", pair[1])),
            "{pair:?} in {text}"
        );
    }
    // Phase and status say what they mean.
    assert!(
        text.contains("is it safe") && text.contains("taking people in"),
        "{text}"
    );
    // The marks of the rules are explained, and each rule has one.
    assert!(
        text.contains("read in full") && text.contains("◐ I4"),
        "{text}"
    );
}

#[test]
fn words_of_the_field_are_explained_on_demand() {
    let server = Server::on_sample();
    let page = page(&server.get("/study/NCT06675864").body);
    let glossary = page.text_of("glossary");
    assert!(
        glossary.contains("EDSS") && glossary.contains("a doctor's score"),
        "{glossary}"
    );
    assert!(
        glossary.contains("McDonald"),
        "terms of the rules too: {glossary}"
    );
    let closed = page.of_class("glossary");
    assert_eq!(closed[0].name, "details");
    assert_eq!(closed[0].get("open"), None);
}

#[test]
fn sites_stand_by_country_with_state_and_distance() {
    let (server, _folder, path) = on_full(|_| ());
    let page = page(&server.get(&format!("{path}?near=Leeds")).body);
    let places = page.text_of("places");
    let at = |words: &str| {
        places
            .find(words)
            .unwrap_or_else(|| panic!("{words} in {places}"))
    };
    // Open first, then what is to open, then what may be; the closed site last of its country.
    assert!(at("United Kingdom") < at("France") && at("France") < at("Germany"));
    assert!(at("Lyon") < at("Paris"));
    for part in [
        "open",
        "not known: ask the site",
        "opening",
        "listed, closed",
        "A. Nurse",
        "km",
    ] {
        at(part);
    }
    assert!(
        places.contains("North Clinic") && !places.contains("<b>"),
        "{places}"
    );
    // The state is told by a sign and by words, never by colour alone.
    for badge in page.of_class("state") {
        assert!(
            badge
                .text
                .trim()
                .chars()
                .filter(|c| c.is_alphabetic())
                .count()
                >= 4,
            "{badge:?}"
        );
    }
    let links: Vec<_> = page
        .named("a")
        .into_iter()
        .filter_map(|a| a.get("href").map(str::to_owned))
        .collect();
    assert!(
        links.contains(&"mailto:a@example.org".to_owned()),
        "{links:?}"
    );
}

#[test]
fn the_timeline_shows_days_and_says_them() {
    let (server, _folder, path) = on_full(|record| {
        let status = &mut record["protocolSection"]["statusModule"];
        status["startDateStruct"] = serde_json::json!({"date": "2025-02"});
        status["primaryCompletionDateStruct"] = serde_json::json!({"date": "2030-10-22"});
        status
            .as_object_mut()
            .unwrap()
            .remove("completionDateStruct");
        record["protocolSection"]["descriptionModule"]["briefSummary"] =
            "Participants will be followed for 15 years.".into();
    });
    let page = page(&server.get(&path).body);
    let drawing = &page.of_class("timeline")[0];
    assert_eq!(
        (drawing.name.as_str(), drawing.get("role")),
        ("svg", Some("img"))
    );
    assert!(drawing.get("aria-labelledby").is_some() && drawing.get("aria-describedby").is_some());
    for said in ["2025-02", "2030-10-22", "2026-08-25", "15 years"] {
        assert!(drawing.text.contains(said), "{said} in {}", drawing.text);
    }
    let table = page.text_of("days");
    for said in [
        "Start",
        "2025-02",
        "Main results",
        "2030-10-22",
        "End",
        "not known",
        "Results",
        "Today",
        "2026-08-25",
        "15 years",
    ] {
        assert!(table.contains(said), "{said} in {table}");
    }
    insta::assert_snapshot!("the_days_of_a_study", table);
}

#[test]
fn a_study_without_any_day_says_so() {
    let server = Server::on_sample();
    let page = page(&server.get("/study/NCT07477639").body);
    let table = page.text_of("days");
    assert_eq!(table.matches("not known").count(), 6, "{table}");
    assert!(page.of_class("timeline").is_empty(), "nothing to draw");
}

#[test]
fn days_that_no_study_can_have_break_nothing() {
    for (start, end) in [
        ("0001-01-01", "9999-12-31"),
        ("9999", "0001"),
        ("2026-08-25", "2026-08-25"),
    ] {
        let (server, _folder, path) = on_full(|record| {
            let status = &mut record["protocolSection"]["statusModule"];
            status["startDateStruct"] = serde_json::json!({"date": start});
            status["completionDateStruct"] = serde_json::json!({"date": end});
            record["protocolSection"]["descriptionModule"]["briefSummary"] =
                "followed for 999 years".into();
        });
        let answer = server.get(&path);
        assert_eq!(answer.status, 200, "{start} {end}");
        let page = page(&answer.body);
        assert!(answer.body.len() < 100_000);
        for one in page.elements() {
            for (_, value) in &one.attributes {
                assert!(!value.contains("NaN") && !value.contains("inf "), "{one:?}");
            }
        }
    }
}

#[test]
fn what_joining_involves_is_a_card_with_its_quotes() {
    let server = Server::on_sample();
    let told = page(&server.get("/study/NCT06451159").body);
    let card = told.text_of("burden");
    for part in ["leukapheresis", "chemotherapy", "Not found"] {
        assert!(card.contains(part), "{part} in {card}");
    }
    assert!(card.contains('“'), "each with its words: {card}");
    // What was not found is never a "no".
    let none = page(&server.get("/study/NCT06675864").body).text_of("burden");
    assert!(
        none.contains("Ask the study team") && !none.contains("None"),
        "{none}"
    );
}

#[test]
fn what_recruiting_comes_to_is_decided_by_the_sites() {
    let site = |status: Option<&str>| {
        let mut site =
            serde_json::json!({"facility": "Clinic", "city": "Leeds", "country": "United Kingdom"});
        if let Some(status) = status {
            site["status"] = status.into();
        }
        site
    };
    let (open, opening, closed) = (
        Some("RECRUITING"),
        Some("NOT_YET_RECRUITING"),
        Some("WITHDRAWN"),
    );
    for (sites, told) in [
        (vec![], "taking people in now; no site is named"),
        (vec![open], "taking people in now, at its one site"),
        (vec![open, open], "taking people in now, at every site"),
        (
            vec![open, closed],
            "taking people in now, but not at every site",
        ),
        (
            vec![open, opening, None],
            "taking people in now, but not at every site",
        ),
        (vec![open, None], "some sites do not say"),
        (vec![None, closed], "its sites do not say which of them do"),
        (vec![closed, opening], "none of its sites is open now"),
    ] {
        let sites: Vec<_> = sites.into_iter().map(site).collect();
        let (server, _folder, path) = on_full(|record| {
            record["protocolSection"]["contactsLocationsModule"]["locations"] = sites.into();
        });
        let text = page(&server.get(&path).body).text();
        assert!(text.contains(told), "{told} in {text}");
    }
}
