//! The map of sites, and the table beside it.

use crate::html::Html;
use crate::server::Server;
use crate::support::on_sample;

fn page(body: &str) -> Html {
    let page = Html::parse(body);
    page.assert_served();
    page
}

#[test]
fn every_city_stands_on_the_map_and_in_the_table() {
    let server = Server::on_sample();
    let answer = server.get("/map?status=all");
    assert_eq!(answer.status, 200);
    assert!(answer.body.len() < 150_000, "{} bytes", answer.body.len());
    let page = page(&answer.body);
    let listed = on_sample(&["search", "--status", "all", "--format", "json"])
        .done()
        .json();
    let table = page.text_of("cities");
    let mut numbers = std::collections::BTreeSet::new();
    for study in listed["trials"].as_array().unwrap() {
        for site in study["sites"].as_array().unwrap() {
            let city = site["city"].as_str().unwrap();
            assert!(table.contains(city), "{city} in {table}");
            numbers.insert(study["nct_id"].as_str().unwrap());
        }
    }
    for number in numbers {
        assert!(table.contains(number), "{number}");
    }
    // The shape of a dot tells its state, and its title the city and the state.
    let dots = page.of_class("dot");
    assert!(dots.len() > 40, "{}", dots.len());
    let titles: Vec<String> = page
        .named("svg title")
        .into_iter()
        .map(|one| one.text)
        .collect();
    for words in [
        "London, United Kingdom: ",
        "not known: ask the site",
        "listed, closed",
        "open, ",
    ] {
        assert!(
            titles.iter().any(|title| title.contains(words)),
            "{words} in {titles:?}"
        );
    }
    for (class, commands) in [("dot-open", 'a'), ("dot-opening", 'Z'), ("dot-closed", 'M')] {
        let shape = page.of_class(class);
        assert!(
            !shape.is_empty() && shape[0].get("d").unwrap().contains(commands),
            "{class}"
        );
    }
}

#[test]
fn the_filters_are_those_of_the_search() {
    let server = Server::on_sample();
    let uk = page(&server.get("/map?region=uk").body);
    let table = uk.text_of("cities");
    assert!(
        table.contains("United Kingdom") && !table.contains("France"),
        "{table}"
    );
    assert!(uk.text().contains("not named a site"), "{}", uk.text());
    let links = uk.named("a");
    assert!(
        links
            .iter()
            .any(|one| one.get("href") == Some("/?region=uk")),
        "the same as a list"
    );
    let list = page(&server.get("/?region=uk").body);
    assert!(
        list.named("a")
            .iter()
            .any(|one| one.get("href") == Some("/map?region=uk"))
    );
    let wrong = server.get("/map?region=ukk");
    assert_eq!(wrong.status, 400);
    assert!(page(&wrong.body).text_of("errors").contains("ukk"));
    let none = page(&server.get("/map?phase=4").body);
    assert!(
        none.text().contains("No site of these trials is known"),
        "{}",
        none.text()
    );
    assert_eq!(server.get("/map?edss=4").status, 400);
}

#[test]
fn crowded_parts_are_drawn_closer_with_the_numbers_of_the_table() {
    let server = Server::on_sample();
    let page = page(&server.get("/map?status=all").body);
    let titles: Vec<String> = page
        .named("svg title")
        .into_iter()
        .map(|one| one.text)
        .collect();
    for part in ["the US", "Europe", "China", "Australia"] {
        assert!(
            titles
                .iter()
                .any(|title| title.contains(&format!("Sites in {part}"))),
            "{part} in {titles:?}"
        );
    }
    let table = page.text_of("cities");
    let numbers = page.of_class("dot-number");
    assert!(numbers.len() > 30, "{}", numbers.len());
    for number in numbers {
        assert!(
            table.contains(&format!("{}. ", number.text.trim())),
            "{}",
            number.text
        );
    }
    // Who has no dot is named beside the table.
    let nowhere = page.text_of("nowhere");
    assert!(nowhere.contains("NCT07477639"), "{nowhere}");
}
