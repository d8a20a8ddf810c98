//! The page for the patient.

use serde_json::json;

use super::Desk;
use crate::grade;
use crate::html::Html;

#[test]
fn trials_stand_by_the_place_where_they_are_open() {
    let desk = Desk::usual();
    let page = Html::parse(&desk.written(&[])).text_of("patient");
    let at = |words: &str| {
        page.find(words)
            .unwrap_or_else(|| panic!("{words} in {page}"))
    };
    assert!(at("Open here: United Kingdom") < at("part 1"));
    assert!(at("part 1") < at("Open elsewhere: US"));
    assert!(at("Open elsewhere: US") < at("Cells from a donor"));
    assert!(at("Cells from a donor") < at("Sites not announced"));
    assert!(at("Sites not announced") < at("part 4"));
    // What is ruled out may not be called one that may fit.
    assert!(!page.contains("part 2\n"), "{page}");
    assert!(page.contains("1 trial seems to be ruled out"), "{page}");
    assert!(
        page.contains("Open: Leeds, United Kingdom (about 0 km)"),
        "{page}"
    );
}

#[test]
fn the_patient_sees_what_was_told_and_what_was_put_aside() {
    let desk = Desk::usual();
    let text = Html::parse(&desk.written(&[])).text();
    for words in [
        "SECRET-77",
        "relapsing-remitting",
        "451 mg/dL",
        "ocrelizumab",
        "natalizumap",
        "natalizumab",
    ] {
        assert!(text.contains(words), "{words}");
    }
    let slip = text
        .lines()
        .find(|line| line.contains("natalizumap") && line.contains("did you mean"));
    assert!(slip.is_some(), "{text}");
}

#[test]
fn what_of_a_bundle_was_not_read_is_listed() {
    let desk = Desk::usual();
    let bundle = json!({"resourceType": "Bundle", "type": "collection", "entry": [
        {"resource": {"resourceType": "Patient", "gender": "female", "birthDate": "1985-03-03", "name": [{"family": "Secretname"}]}},
        {"resource": {"resourceType": "Observation", "status": "final", "code": {"text": "An odd test"}, "valueString": "x"}}
    ]});
    std::fs::write(desk.path("bundle.json"), bundle.to_string()).unwrap();
    let source = desk.read(&["--source", "./studies.ndjson", "--fhir", "bundle.json"]);
    let page = Html::parse(&source).text_of("patient");
    assert!(page.contains("An odd test"), "{page}");
    assert!(!source.contains("1985") && !source.contains("Secretname"));
}

#[test]
fn without_a_profile_nobody_is_judged() {
    let desk = Desk::usual();
    let text = Html::parse(&desk.without_profile(&["--living-in", "UK"])).text();
    for words in [
        "seems to fit",
        "You seem",
        "ules out so far",
        "ruled out so",
        "Stated:",
        "may not fit",
    ] {
        assert!(!text.contains(words), "{words}: {text}");
    }
    for words in [
        "Who it is for",
        "What rules people out",
        "Questions to ask",
        "Open here: United Kingdom",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
}

#[test]
fn the_words_for_the_patient_are_plain() {
    let desk = Desk::usual();
    let html = Html::parse(&desk.written(&[]));
    let mut sentences = String::new();
    for one in html.of_class("ask") {
        sentences.push_str(&one.text);
        sentences.push('\n');
    }
    let count = grade::count(&sentences);
    assert!(count.sentences >= 10, "{sentences}");
    assert!(count.grade() <= 6.0, "grade {}: {sentences}", count.grade());
}
