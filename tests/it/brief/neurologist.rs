//! The page for the neurologist.

use serde_json::json;

use super::{Desk, study};
use crate::html::Html;

#[test]
fn a_washout_has_its_date_and_nobody_is_told_to_stop() {
    const NOBODY_STOPS: &str =
        "Nobody stops or delays a treatment for a trial without their neurologist.";
    let desk = Desk::usual();
    let html = Html::parse(&desk.written(&[]));
    let pages = html.of_class("page");
    let dated = pages.iter().filter(|page| page.text.contains("2026-11-30"));
    let mut count = 0;
    for page in dated {
        assert!(page.text.contains(NOBODY_STOPS), "{}", page.text);
        count += 1;
    }
    assert!(count >= 2, "for the neurologist, and on a study's page");
    let page = html.text_of("neurologist");
    let table = &page[page.find("Washouts:").unwrap()..page.find("Whom to call").unwrap()];
    assert!(table.contains(NOBODY_STOPS), "{table}");
    let markdown = desk.written(&["--format", "markdown"]);
    for page in markdown.split("\n---\n") {
        assert_eq!(
            page.contains("2026-11-30"),
            page.contains(NOBODY_STOPS) && page.contains("2026-11-30")
        );
    }
    assert!(markdown.contains("2026-11-30"));
}

#[test]
fn contacts_can_be_reached_and_hostile_ones_cannot() {
    let desk = Desk::usual();
    let html = Html::parse(&desk.written(&[]));
    let to: Vec<String> = html
        .named("a")
        .iter()
        .filter_map(|one| one.get("href").map(str::to_owned))
        .collect();
    for link in [
        "mailto:nurse@example.org",
        "tel:+441134960000",
        "tel:01134960001",
    ] {
        assert!(to.iter().any(|one| one == link), "{link} in {to:?}");
    }
    let odd = study(
        1,
        &json!({"contactsLocationsModule": {"centralContacts": [
            {"name": "A", "phone": "javascript:alert(1)", "email": "a@example.org?body=x&cc=b@example.org"},
            {"name": "B", "phone": "call 1;2", "email": "x\"onmouseover=alert(1)@example.org"},
        ]}}),
    );
    let desk = Desk::with(&[odd]);
    let html = Html::parse(&desk.written(&[]));
    html.assert_sound();
    for link in html.named("a") {
        let to = link.get("href").unwrap();
        assert!(!to.contains('?') && !to.contains("alert"), "{to}");
    }
}
