//! The page to find trials: cards, the funnel, and what is shown where nothing is found or something is wrong.

use crate::html::{Element, Html};
use crate::server::Server;
use crate::support::on_sample;

fn page(body: &str) -> Html {
    let page = Html::parse(body);
    page.assert_served();
    page
}

fn field<'a>(all: &'a [Element], name: &str) -> &'a Element {
    all.iter()
        .find(|one| one.get("name") == Some(name))
        .unwrap()
}

#[test]
fn a_card_tells_where_it_is_open_by_sign_and_words() {
    let server = Server::on_sample();
    let page = page(&server.get("/?region=uk,us&status=all").body);
    let badges = page.of_class("state");
    let said: Vec<String> = badges
        .iter()
        .map(|one| one.text.trim().to_owned())
        .collect();
    for part in [
        "open here",
        "listed, closed here",
        "sites not announced",
        "ask the site",
    ] {
        assert!(
            said.iter().any(|one| one.contains(part)),
            "{part} in {said:?}"
        );
    }
    for (badge, said) in badges.iter().zip(&said) {
        assert!(
            said.chars().filter(|c| c.is_alphabetic()).count() >= 4,
            "{badge:?}"
        );
    }
    // What the terminal says of a place, the page says too.
    let open = badges
        .iter()
        .filter(|one| one.get("class").unwrap().contains("state-open"))
        .count();
    assert!(open > 0);
    let text = page.text();
    assert!(
        text.contains("Phase 1: is it safe, and at which dose?"),
        "{text}"
    );
    assert!(text.contains("recruiting: taking people in now"), "{text}");
    assert!(text.contains("status not known here"), "{text}");
}

#[test]
fn the_funnel_is_a_sentence() {
    let server = Server::on_sample();
    let page = page(&server.get("/?region=uk").body);
    let funnel = page.text_of("funnel");
    let words = funnel.split_whitespace().collect::<Vec<_>>().join(" ");
    let listed = on_sample(&["search", "--region", "uk", "--format", "json"])
        .done()
        .json();
    let left: Vec<u64> = listed["funnel"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["remaining"].as_u64().unwrap())
        .collect();
    assert!(
        words.starts_with(&format!("{} trials read", left[0])),
        "{words}"
    );
    assert!(
        words.contains(&format!("{} open or about to open", left[3])),
        "{words}"
    );
    assert!(
        words.ends_with(&format!(
            "{} with a site in the UK, or no site named yet",
            left[4]
        )),
        "{words}"
    );
}

#[test]
fn nothing_found_names_what_emptied_it_and_leads_on() {
    let server = Server::on_sample();
    let none = server.get("/?region=uk&phase=4&near=Leeds&within=");
    assert_eq!(none.status, 200);
    let page = page(&none.body);
    let text = page.text();
    assert!(
        text.contains("No trial fits") && text.contains("Phase"),
        "{text}"
    );
    let links = page.named("a");
    let drop = links
        .iter()
        .find(|one| one.text.contains("Without") && one.text.contains("phase"))
        .unwrap();
    // The same query, without that one filter.
    assert_eq!(drop.get("href"), Some("/?region=uk&near=Leeds"));
    let count: usize = drop
        .text
        .split(|c: char| !c.is_ascii_digit())
        .find_map(|n| n.parse().ok())
        .unwrap();
    let there = server.get("/?region=uk&near=Leeds");
    assert_eq!(Html::parse(&there.body).of_class("card").len(), count);
    // A filter that alone would find nothing is not offered alone.
    assert!(
        !links
            .iter()
            .any(|one| one.get("href") == Some("/?phase=4&near=Leeds"))
    );
    // Where no single filter helps, the fewest together do.
    let both = server.get("/?phase=4&target=CD999");
    let both = self::page(&both.body);
    let way = both
        .named("a")
        .into_iter()
        .find(|one| one.text.contains("Without"))
        .unwrap();
    let then = server.get(way.get("href").unwrap());
    assert!(
        !Html::parse(&then.body).of_class("card").is_empty(),
        "{way:?}"
    );
}

#[test]
fn what_is_wrong_is_told_beside_its_field() {
    let server = Server::on_sample();
    for (query, name, part) in [
        ("near=Springfeild&region=us", "near", "Springfeild"),
        ("within=far&near=Leeds", "within", "far"),
        ("within=5", "within", "near"),
        ("country=Germny", "country", "Germany"),
        ("target=CD19&sort=distance", "sort", "near"),
    ] {
        let answer = server.get(&format!("/?{query}"));
        assert_eq!(answer.status, 400, "{query}");
        let page = page(&answer.body);
        let all = page.elements();
        let one = field(&all, name);
        assert_eq!(one.get("aria-invalid"), Some("true"), "{one:?}");
        let told: Vec<&str> = one.get("aria-describedby").unwrap().split(' ').collect();
        let said: String = all
            .iter()
            .filter(|other| other.get("id").is_some_and(|id| told.contains(&id)))
            .map(|one| one.text.clone())
            .collect();
        assert!(said.contains(part), "{part} in {said}");
        // The summary leads to the field.
        let id = format!("#{}", one.get("id").unwrap());
        assert!(
            page.named("a")
                .iter()
                .any(|a| a.get("href") == Some(id.as_str())),
            "{id}"
        );
        // Where it hides behind "More choices", that is open.
        if ["country", "sort"].contains(&name) {
            assert!(
                page.named("details")
                    .iter()
                    .any(|one| one.get("open").is_some()),
                "{name}"
            );
        }
    }
    // A fieldset is told by its words.
    let answer = server.get("/?region=ukk");
    assert_eq!(answer.status, 400);
    let page = page(&answer.body);
    assert!(page.text_of("errors").contains("ukk"));
    assert!(
        page.of_class("wrong")
            .iter()
            .any(|one| one.text.contains("ukk"))
    );
}

#[test]
fn warnings_are_words_for_a_page() {
    // Nothing listens on port 1.
    let server = Server::start(&["--api", "http://127.0.0.1:1"]);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("primary.json");
    std::fs::copy(crate::support::records().join("primary.json"), &file).unwrap();
    let files = Server::on_file(&file);
    for (server, loud) in [
        (&server, "SAMPLE, NOT LIVE"),
        (&files, "FROM FILES, NOT LIVE"),
    ] {
        for path in ["/", "/me", "/about", "/nothing"] {
            let page = page(&server.get(path).body);
            let alarms: String = page
                .of_class("alarm")
                .iter()
                .map(|one| one.text.clone())
                .collect();
            assert!(alarms.contains(loud), "{path}: {alarms}");
            for not in ["--", "127.0.0.1:1", folder.path().to_str().unwrap()] {
                assert!(!alarms.contains(not), "{path}: {not} in {alarms}");
            }
        }
    }
    // Who started it is told all.
    assert!(
        files.said().contains(folder.path().to_str().unwrap()),
        "{}",
        files.said()
    );
}

#[test]
fn a_card_speaks_in_words_and_explains_them() {
    let server = Server::on_sample();
    let page = page(&server.get("/?status=all").body);
    let text = page.text();
    for part in [
        "they aim at cells with",
        "the record does not say what they aim at",
        "progressive MS",
        "not read: see the rules",
        "Record last changed",
        "yes, MS is its main disease",
        "Words used here",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    for code in [" → CD19", "spms", "Last news"] {
        assert!(!text.contains(code), "{code} in {text}");
    }
}

#[test]
fn a_name_of_several_places_is_settled_by_a_link() {
    let server = Server::on_sample();
    for start in ["/", "/map"] {
        let wrong = server.get(&format!("{start}?region=us&near=Springfield&within=900"));
        assert_eq!(wrong.status, 400);
        let asked = page(&wrong.body);
        assert!(
            asked.text().contains("Which one do you mean?"),
            "{}",
            asked.text()
        );
        let links = asked.named("a");
        let link = links
            .iter()
            .find(|one| one.text == "Springfield, Illinois, United States");
        let link = link.and_then(|one| one.get("href")).unwrap();
        // The other choices stay.
        for part in [
            start,
            "region=us",
            "within=900",
            "near=Springfield%2C+Illinois",
        ] {
            assert!(link.contains(part), "{part} in {link}");
        }
        assert_eq!(server.get(link).status, 200, "{link}");
    }
    // For programs the places stand in the answer.
    let told = server.get("/api/search?near=Springfield").body;
    assert!(told.contains("Springfield, Illinois"), "{told}");
}

#[test]
fn everything_that_is_wrong_is_told_and_what_was_typed_stays() {
    let server = Server::on_sample();
    let answer = server.get("/?phase=9&within=far&near=Xyzzy&country=Germny&status=closd&region=uk&updated-since=soon&cell-source=pig");
    assert_eq!(answer.status, 400);
    let asked = page(&answer.body);
    let errors = asked.text_of("errors");
    for part in [
        "`9`", "`far`", "`Xyzzy`", "`Germny`", "`closd`", "`pig`", "soon",
    ] {
        assert!(errors.contains(part), "{part} in {errors}");
    }
    let inputs = asked.named("input");
    for (name, typed) in [
        ("near", "Xyzzy"),
        ("within", "far"),
        ("country", "Germny"),
        ("updated-since", "soon"),
    ] {
        assert_eq!(field(&inputs, name).get("value"), Some(typed), "{name}");
    }
    assert!(
        answer
            .body
            .contains("id=\"f-region-uk\" name=\"region\" value=\"uk\" checked")
    );
    let api = server.get("/api/search?phase=9&country=Germny").json();
    assert_eq!(api["errors"].as_array().unwrap().len(), 2, "{api}");
}

#[test]
fn every_filter_of_an_address_has_its_field() {
    let server = Server::on_sample();
    let asked = page(
        &server
            .get("/?cell-source=allogeneic&updated-since=2026-01&phase=na")
            .body,
    );
    let chosen = asked.named("option");
    assert!(
        chosen
            .iter()
            .any(|one| one.get("value") == Some("allogeneic") && one.get("selected").is_some())
    );
    let inputs = asked.named("input");
    assert_eq!(
        field(&inputs, "updated-since").get("value"),
        Some("2026-01")
    );
    let none = inputs
        .iter()
        .find(|one| one.get("id") == Some("f-phase-na"))
        .unwrap();
    assert!(none.get("checked").is_some());
}
