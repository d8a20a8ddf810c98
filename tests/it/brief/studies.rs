//! What a handout says of single studies: ruled out, closed, far, and the code to their page.

use super::Desk;
use crate::html::Html;

#[test]
fn what_is_ruled_out_stands_with_its_quote() {
    let desk = Desk::usual();
    let text = Html::parse(&desk.written(&[])).text();
    let part = &text[text.find("Trials that seem to be ruled out").unwrap()..];
    for words in ["NCT90000002", "EDSS 5.0 to 6.5", "4.5"] {
        assert!(part.contains(words), "{words} in {part}");
    }
    assert!(!text.to_lowercase().contains("eligible"));
}

#[test]
fn what_is_closed_or_far_is_listed_with_the_reason() {
    let desk = Desk::usual();
    let text = Html::parse(&desk.written(&["--country", "UK", "--open-here"])).text();
    let part = &text[text.find("Closed or not open where you asked").unwrap()..];
    for (number, reason) in [
        ("NCT90000005", "completed"),
        ("NCT90000006", "no site there takes people in"),
        ("NCT90000002", "no site where you asked"),
    ] {
        let line = part.lines().find(|line| line.contains(number));
        let line = line.unwrap_or_else(|| panic!("{number} in {part}"));
        assert!(line.contains(reason), "{line}");
    }
}

#[test]
fn who_asks_for_closed_studies_reads_that_they_are_closed() {
    let desk = Desk::usual();
    let html = Html::parse(&desk.written(&["--status", "all"]));
    let page = html.text_of("patient");
    assert!(
        page.find("Takes nobody in now").unwrap() < page.find("part 5").unwrap(),
        "{page}"
    );
    let pages = html.of_class("study");
    let closed = pages
        .iter()
        .find(|one| one.get("id") == Some("NCT90000005"));
    let closed = &closed.unwrap().text;
    assert!(
        closed.contains("This study takes nobody in now: completed."),
        "{closed}"
    );
}

#[test]
fn the_code_on_a_page_leads_to_the_registry() {
    let desk = Desk::usual();
    let html = Html::parse(&desk.written(&[]));
    let codes = html.of_class("qr");
    assert_eq!(codes.len(), html.of_class("study").len());
    let paths = html.named("path");
    assert_eq!(codes.len(), paths.len());
    for (code, path) in codes.iter().zip(&paths) {
        let side: usize = code
            .get("viewbox")
            .or(code.get("viewBox"))
            .unwrap()
            .split(' ')
            .nth(2)
            .unwrap()
            .parse()
            .unwrap();
        let dark = drawn(path.get("d").unwrap(), side);
        let mut image = rqrr::PreparedImage::prepare_from_greyscale(side * 4, side * 4, |x, y| {
            if dark[(y / 4) * side + x / 4] { 0 } else { 255 }
        });
        let grids = image.detect_grids();
        assert_eq!(grids.len(), 1);
        let (_, text) = grids[0].decode().unwrap();
        assert!(
            text.starts_with("https://clinicaltrials.gov/study/NCT"),
            "{text}"
        );
        let label = code.get("aria-label").unwrap();
        assert!(label.contains(text.rsplit('/').next().unwrap()), "{label}");
    }
}

/// The modules that a path of strokes `Mx y.5h1…` fills.
fn drawn(path: &str, side: usize) -> Vec<bool> {
    let mut dark = vec![false; side * side];
    for stroke in path.split('M').skip(1) {
        let (start, length) = stroke.split_once('h').unwrap();
        let (x, y) = start.split_once(' ').unwrap();
        let (x, y): (usize, usize) = (
            x.parse().unwrap(),
            y.strip_suffix(".5").unwrap().parse().unwrap(),
        );
        dark[y * side + x..][..length.parse().unwrap()].fill(true);
    }
    dark
}
