//! The form for a patient's facts: steps, reasons, and what is wrong beside its field.

use crate::html::{Element, Html};
use crate::server::Server;

fn page(body: &str) -> Html {
    let page = Html::parse(body);
    page.assert_served();
    page
}

#[test]
fn the_form_goes_in_steps_and_says_why() {
    let server = Server::on_sample();
    let page = page(&server.get("/me").body);
    let steps: Vec<String> = page
        .named("h2")
        .into_iter()
        .map(|one| one.text.trim().to_owned())
        .collect();
    assert_eq!(steps[0], "Step 1 of 5: The patient");
    // Behind the steps the hard words are explained.
    assert_eq!(steps[5..], ["Words used here"], "{steps:?}");
    let text = page.text();
    for one in trialbrief::patient::questions() {
        // One question is asked beside another.
        if one.field != "absent" {
            assert!(
                text.contains(one.ask) && text.contains(one.why),
                "{}",
                one.ask
            );
        }
    }
    // Long lists are closed until somebody wants them.
    let long = page.named("details");
    assert_eq!(long.len(), 6, "five lists, and the hard words");
    assert!(long.iter().all(|one| one.get("open").is_none()));
}

#[test]
fn what_is_wrong_is_told_beside_its_field_and_nothing_is_lost() {
    let server = Server::on_sample();
    let fields = [
        ("edss", "44"),
        ("age", "x"),
        ("labs.igg", "8 apples"),
        ("labs.anc", "3200 /uL"),
        ("treatments.3.drug", "Ocrevus"),
        ("treatments.3.stopped", "then"),
        ("treatments.5.reason", "bad"),
        ("conditions.seizure", "never"),
        ("conditions.stroke", "yes"),
        ("since.stroke", "once"),
        ("ms_course", "odd"),
    ];
    let answer = server.post("/brief", &fields);
    assert_eq!(answer.status, 422);
    let page = page(&answer.body);
    let all = page.elements();
    for name in [
        "edss",
        "age",
        "labs.igg",
        "treatments.3.stopped",
        "treatments.5.reason",
        "since.stroke",
        "ms_course",
    ] {
        let one = all
            .iter()
            .find(|one| one.get("name") == Some(name))
            .unwrap();
        assert_eq!(one.get("aria-invalid"), Some("true"), "{name}");
        let told = one.get("aria-describedby").unwrap();
        let first = told.split(' ').next().unwrap();
        let fault = all.iter().find(|one| one.get("id") == Some(first)).unwrap();
        assert!(
            fault.get("class") == Some("wrong") && fault.text.contains("You can write"),
            "{fault:?}"
        );
        let link = format!("#{}", one.get("id").unwrap());
        assert!(
            page.named("a")
                .iter()
                .any(|a| a.get("href") == Some(link.as_str())),
            "{link}"
        );
    }
    assert_kept(&all, &fields);
    // Lists with something in them are open, the others not.
    let open = page
        .named("details")
        .iter()
        .filter(|one| one.get("open").is_some())
        .count();
    assert_eq!(open, 3);
    // The list of faults speaks the words of the form.
    let errors = page.text_of("errors");
    assert!(
        errors.contains("Treatment 5, reason") && errors.contains("What was the last EDSS score?"),
        "{errors}"
    );
}

/// Every answer stands in the form again.
fn assert_kept(all: &[Element], fields: &[(&str, &str)]) {
    for (name, value) in fields {
        let typed =
            |one: &Element| one.get("name") == Some(name) && one.get("value") == Some(value);
        let chosen =
            |one: &Element| one.get("value") == Some(value) && one.get("selected").is_some();
        assert!(
            all.iter().any(|one| typed(one) || chosen(one)),
            "{name}={value}"
        );
    }
}

#[test]
fn hints_and_errors_are_in_everyday_words() {
    let server = Server::on_sample();
    let empty = Html::parse(&server.get("/me").body).text();
    assert!(
        empty.contains("such as 2024, 2024-03 or 2024-03-15") && empty.contains("Words used here"),
        "{empty}"
    );
    let wrong = [("age", "forty"), ("diagnosed", "long ago"), ("id", "a\nb")];
    let told = Html::parse(&server.post("/brief", &wrong).body).text();
    assert!(
        told.contains("You can write: a whole number from 0 to 120"),
        "{told}"
    );
    for code in [
        "YYYY",
        "whole years from",
        "is no age",
        "single line of words",
    ] {
        assert!(
            !empty.contains(code) && !told.contains(code),
            "{code} in {told}"
        );
    }
}
