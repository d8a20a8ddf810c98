//! What changed, as people are told it: in plain words, the news first, with the days on which it was noticed and
//! on which the registry posted it; and as machines are, in the registry's words.

use serde_json::{Value, json};

use crate::changes::rows;
use crate::html::Html;
use crate::page_changes::on;
use crate::support::assert_fits;
use crate::sync::{FIRST, SECOND, World, holding, numbered, ten};

/// A study with sites, each in a country and with a status, if it has one.
fn with_sites(day: &str, status: &str, sites: &[(&str, Option<&str>)]) -> Value {
    let mut one = numbered(2, day);
    let site = |(at, (country, status)): (usize, &(&str, Option<&str>))| {
        let mut site =
            json!({"facility": format!("Clinic {at}"), "city": "Northtown", "country": country});
        if let Some(status) = status {
            site["status"] = (*status).into();
        }
        site
    };
    let sites: Vec<Value> = sites.iter().enumerate().map(site).collect();
    let protocol = &mut one["protocolSection"];
    protocol["statusModule"]["overallStatus"] = status.into();
    protocol["contactsLocationsModule"] = json!({"locations": sites});
    one
}

/// A world in which the second study became another.
fn became(before: Value, after: Value) -> World {
    let mut studies = ten();
    studies[1] = before;
    let world = World::new(holding(&studies, FIRST));
    world.sync(&[]).done();
    studies[1] = after;
    world.registry.becomes(holding(&studies, SECOND));
    world.sync(&["--today", "2026-08-26"]).done();
    world
}

/// A study of 33 sites that stopped taking people in; its sites say nothing of themselves any more.
fn closed() -> World {
    let sites = |status| -> Vec<(&str, Option<&str>)> {
        let country = |at| if at < 30 { "United States" } else { "Germany" };
        (0..33).map(|at| (country(at), status)).collect()
    };
    became(
        with_sites("2026-07-01", "RECRUITING", &sites(Some("RECRUITING"))),
        with_sites("2026-08-08", "ACTIVE_NOT_RECRUITING", &sites(None)),
    )
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What people are told of the last run: on a terminal, in Markdown, on the page, in a feed.
fn told(world: &World) -> [String; 4] {
    let run = |more: &[&str]| {
        world
            .run(&[&["changes", "--quiet"], more].concat())
            .done()
            .stdout
    };
    let table = run(&[]);
    assert_fits(&table, 80);
    let page = Html::parse(&on(world).get("/changes").body);
    let all = [
        table,
        run(&["--format", "markdown"]).replace('\\', ""),
        page.text(),
        run(&["--atom"]),
    ];
    all.map(|text| one_line(&text))
}

#[test]
fn a_study_that_closes_is_told_in_words_with_its_sites_folded() {
    let world = closed();
    for text in told(&world) {
        let at = |part: &str| {
            let found = text.find(part);
            found.unwrap_or_else(|| panic!("{part} is not in {text}"))
        };
        let status = at(
            "no longer takes people in: now active, not recruiting (going on; nobody new is taken in); was recruiting",
        );
        let sites = at("33 sites now counted as closed (was: open): United States 30, Germany 3");
        let noticed = at("noticed 2026-08-26, registry update 2026-08-08");
        assert!(noticed < status && status < sites, "{text}");
        for code in ["RECRUITING", "last_update", "dates.l", "not stated"] {
            assert!(!text.contains(code), "{code} is in {text}");
        }
    }
    // Machines get every site in the registry's words.
    let csv = world.run(&["changes", "--format", "csv"]).done().stdout;
    let rows = rows(&csv);
    assert_eq!(rows.len(), 35);
    let of = |change: &str| rows.iter().filter(|row| row[2] == change).count();
    assert_eq!((of("site_status"), of("changed")), (33, 2));
    assert!(csv.contains(",status,RECRUITING,ACTIVE_NOT_RECRUITING,"));
    let json = world.run(&["changes", "--format", "json"]).done().json();
    let first = &json["changes"][0];
    assert_eq!(
        (&first["field"], &first["after"]),
        (&json!("status"), &json!("ACTIVE_NOT_RECRUITING"))
    );
}

#[test]
fn sites_are_told_by_what_became_of_them() {
    let before = [
        ("Germany", Some("NOT_YET_RECRUITING")),
        ("France", Some("RECRUITING")),
        ("Italy", Some("RECRUITING")),
        ("Spain", Some("RECRUITING")),
    ];
    let after = [
        ("Germany", Some("RECRUITING")),
        ("France", None),
        ("Italy", Some("ENROLLING_BY_INVITATION")),
        ("Poland", Some("NOT_YET_RECRUITING")),
    ];
    let world = became(
        with_sites("2026-07-01", "RECRUITING", &before),
        with_sites("2026-08-08", "RECRUITING", &after),
    );
    for text in told(&world) {
        let mut from = 0;
        for part in [
            "1 site now open (was: opening): Clinic 0, Northtown, Germany",
            "1 site listed anew, opening: Clinic 3, Northtown, Poland",
            "1 site now not stated, ask the site (was: open): Clinic 1, Northtown, France",
            "1 site no longer listed (was: open): Clinic 3, Northtown, Spain",
            "1 site now “by invitation” (was “recruiting”), open as before: Clinic 2, Northtown, Italy",
        ] {
            let at = text[from..].find(part);
            from += at.unwrap_or_else(|| panic!("{part} is not behind the others in {text}"));
        }
    }
}

#[test]
fn a_site_of_a_study_that_had_ended_is_no_news_when_its_word_goes() {
    let world = became(
        with_sites(
            "2026-07-01",
            "COMPLETED",
            &[("Germany", Some("RECRUITING"))],
        ),
        with_sites("2026-08-08", "COMPLETED", &[("Germany", Some("COMPLETED"))]),
    );
    for text in told(&world) {
        assert!(
            !text.contains("now open") && !text.contains("(was: open)"),
            "{text}"
        );
        assert!(text.contains("closed as before"), "{text}");
    }
}

#[test]
fn what_happens_in_several_runs_is_told_from_end_to_end() {
    let mut studies = ten();
    let world = World::new(holding(&studies, FIRST));
    world.sync(&[]).done();
    for (status, day, today, stamp) in [
        ("SUSPENDED", "2026-08-08", "2026-08-26", SECOND),
        (
            "COMPLETED",
            "2026-08-15",
            "2026-09-01",
            "2026-08-17T09:00:05",
        ),
    ] {
        studies[1] = with_sites(day, status, &[]);
        studies[2] = numbered(3, day);
        let overall = &mut studies[2]["protocolSection"]["statusModule"]["overallStatus"];
        *overall = if status == "SUSPENDED" {
            "SUSPENDED"
        } else {
            "RECRUITING"
        }
        .into();
        world.registry.becomes(holding(&studies, stamp));
        world.sync(&["--today", today]).done();
    }
    let text = one_line(&world.run(&["changes", "--since", "2026-08"]).done().stdout);
    for part in [
        "noticed 2026-08-26 to 2026-09-01, registry update 2026-08-15",
        "no longer takes people in: now completed (ended as planned); was recruiting",
        "status: recruiting, changed and changed back",
        "in 2 studies, noticed since 2026-08-01.",
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    // Each run by itself says what it brought.
    let second = one_line(&world.run(&["changes", "--run", "2"]).done().stdout);
    assert!(
        second.contains("now suspended (stopped for a time); was recruiting"),
        "{second}"
    );
    let feed = one_line(
        &world
            .run(&["changes", "--since", "2026-08", "--atom"])
            .done()
            .stdout,
    );
    for part in [
        "now suspended",
        "now completed (ended as planned); was suspended",
    ] {
        assert!(feed.contains(part), "{part} is not in {feed}");
    }
}

#[test]
fn one_change_is_one_change() {
    let world = became(numbered(2, "2026-07-01"), numbered(2, "2026-08-08"));
    for text in told(&world) {
        assert!(
            text.contains("posted anew; nothing else that is compared here changed"),
            "{text}"
        );
        assert!(
            !text.contains("1 changes") && !text.contains("1 studies"),
            "{text}"
        );
    }
    let table = one_line(&world.run(&["changes"]).done().stdout);
    assert!(
        table.contains("1 change in 1 study, noticed in run 2."),
        "{table}"
    );
}

#[test]
fn a_reworded_rule_is_told_with_both_texts() {
    let with = |day, line: &str| {
        let mut one = numbered(2, day);
        one["protocolSection"]["eligibilityModule"]["eligibilityCriteria"] =
            format!("Inclusion Criteria:\n\n* Secondary progressive MS\n* {line}").into();
        one
    };
    let world = became(
        with("2026-07-01", "EDSS of 3.0 to 6.5 at screening"),
        with("2026-08-08", "EDSS of 3.0 to 4.0 at screening"),
    );
    for text in told(&world) {
        let words = "rule reworded (who may join): “EDSS of 3.0 to 6.5 at screening” → “EDSS of 3.0 to 4.0 at screening”";
        assert!(text.contains(words), "{text}");
        assert!(
            !text.contains("rule gone") && !text.contains("new rule ("),
            "{text}"
        );
    }
    // The log itself keeps what came and what went.
    let csv = world.run(&["changes", "--format", "csv"]).done().stdout;
    assert!(
        csv.contains("criterion_removed") && csv.contains("criterion_added"),
        "{csv}"
    );
}
