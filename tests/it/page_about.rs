//! What the pages say of themselves: sources, limits, and figures that are measured.

use crate::html::Html;
use crate::server::Server;

const README: &str = include_str!("../../README.md");
const ACCURACY: &str = include_str!("../../src/data/accuracy.tsv");

/// Thousands parted, as people write them.
fn parted(number: &str) -> String {
    match number.len() {
        0..=3 => number.to_owned(),
        len => format!("{},{}", parted(&number[..len - 3]), &number[len - 3..]),
    }
}

#[test]
fn the_figures_are_those_of_the_readme() {
    let server = Server::on_sample();
    let page = Html::parse(&server.get("/about").body);
    page.assert_served();
    let told = page.text_of("accuracy");
    let rows: Vec<Vec<&str>> = ACCURACY
        .lines()
        .filter(|line| !line.starts_with('#'))
        .skip(1)
        .map(|line| line.split('\t').collect())
        .collect();
    assert_eq!(rows.len(), 2);
    for row in rows {
        let (right, all): (f64, f64) = (row[1].parse().unwrap(), row[2].parse().unwrap());
        let figure = format!(
            "{} of {} ({:.1} %)",
            parted(row[1]),
            parted(row[2]),
            right / all * 100.0
        );
        assert!(README.contains(&figure), "{figure} in README");
        assert!(told.contains(&figure), "{figure} in {told}");
        assert!(told.contains(row[3]), "its day: {told}");
    }
}

#[test]
fn it_tells_method_and_limits() {
    let server = Server::on_sample();
    let page = Html::parse(&server.get("/about").body);
    let text = page.text();
    for part in [
        "How rules are read",
        "What is not read",
        "another language than English",
        "No doctor has gone through",
        "made-up patients",
        "retrieved",
        "GeoNames",
        "kept in this browser",
        "read when the program was started",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
}
