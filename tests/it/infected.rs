//! A positive test is no infection: antibodies stay when an infection is over.

use trialbrief::matching::Answer;

use crate::rules::{on_the_day, worst};

fn barred(line: &str, profile: &str) -> Answer {
    worst(&format!("Exclusion Criteria:\n\n* {line}\n"), profile)
}

fn with(results: &[(&str, &str)]) -> String {
    let lines = results.iter();
    lines
        .map(|(agent, result)| format!("infections.{agent} = \"{result}\"\n"))
        .collect::<Vec<_>>()
        .concat()
}

fn is_open(answer: Answer) -> bool {
    matches!(answer, Answer::Unknown | Answer::Clinician)
}

/// Lines that ask whether there is an infection.
const OF_INFECTION: [&str; 7] = [
    "HIV or hepatitis infection",
    "HIV, hepatitis B or hepatitis C infection",
    "Active hepatitis B or C",
    "Known hepatitis B",
    "Hepatitis B",
    "Positive for HIV or hepatitis B",
    "History of hepatitis B infection",
];

#[test]
fn a_positive_test_of_no_name_is_no_infection() {
    for line in OF_INFECTION {
        let answer = barred(line, &with(&[("hiv", "negative"), ("hbv", "positive")]));
        assert!(is_open(answer), "{line}: {answer:?}");
    }
    for (line, agent) in [
        ("Hepatitis C infection", "hcv"),
        ("Hepatitis C", "hcv"),
        ("Tuberculosis", "tb"),
        ("Syphilis infection", "syphilis"),
        ("CMV infection", "cmv"),
        ("Infection with JC virus", "jcv"),
    ] {
        let answer = barred(line, &with(&[(agent, "positive")]));
        assert!(is_open(answer), "{line}: {answer:?}");
    }
}

#[test]
fn an_infection_that_is_proven_still_bars() {
    let proven = [
        ("HIV or hepatitis infection", "hbsag"),
        ("HIV or hepatitis infection", "hbv_dna"),
        ("HIV or hepatitis infection", "hcv_rna"),
        ("HIV or hepatitis infection", "hiv"),
        ("Hepatitis B", "hbsag"),
        ("Hepatitis C infection", "hcv_rna"),
        ("Positive for hepatitis B surface antigen", "hbsag"),
        ("Positive for hepatitis B core antibody", "hbv_core"),
        (
            "Hepatitis B: surface antigen and/or core antibody positive",
            "hbv_core",
        ),
        (
            "Hepatitis B: surface antigen and/or core antibody positive",
            "hbv",
        ),
        ("Positive test for hepatitis B", "hbv"),
        ("Positive test for hepatitis B", "hbv_core"),
        ("Positive hepatitis C antibody test", "hcv"),
        ("Positive hepatitis C antibody test", "hcv_antibody"),
    ];
    for (line, agent) in proven {
        assert_eq!(
            barred(line, &with(&[(agent, "positive")])),
            Answer::NotMet,
            "{line}: {agent}"
        );
    }
}

#[test]
fn an_infection_that_is_over_bars_only_where_its_antibody_is_named() {
    let over = with(&[
        ("hiv", "negative"),
        ("hbsag", "negative"),
        ("hbv_dna", "negative"),
        ("hbv_core", "positive"),
        ("hcv_antibody", "positive"),
        ("hcv_rna", "negative"),
    ]);
    for line in [
        "HIV or hepatitis infection",
        "Hepatitis B",
        "Hepatitis C infection",
        "Positive for hepatitis B surface antigen",
    ] {
        assert_eq!(barred(line, &over), Answer::Met, "{line}");
    }
    assert!(is_open(barred("History of hepatitis B infection", &over)));
    for line in [
        "Positive for hepatitis B core antibody",
        "Positive hepatitis C antibody test",
    ] {
        assert_eq!(barred(line, &over), Answer::NotMet, "{line}");
    }
    // One test of several does not settle it.
    let surface = with(&[("hbsag", "negative")]);
    assert!(is_open(barred("Hepatitis B", &surface)));
    let antibody = with(&[("hcv_antibody", "positive")]);
    assert!(is_open(barred("Hepatitis C infection", &antibody)));
}

#[test]
fn negative_tests_of_no_name_are_no_infection() {
    let none = with(&[
        ("hiv", "negative"),
        ("hbv", "negative"),
        ("hcv", "negative"),
    ]);
    for line in OF_INFECTION {
        let answer = barred(line, &none);
        assert!(
            answer == Answer::Met || line.starts_with("Active") && is_open(answer),
            "{line}: {answer:?}"
        );
    }
}

#[test]
fn tests_of_one_virus_that_cannot_both_be_so_are_put_aside() {
    for results in [
        [("hbv", "negative"), ("hbsag", "positive")],
        [("hbv", "negative"), ("hbv_core", "positive")],
        [("hcv", "negative"), ("hcv_rna", "positive")],
    ] {
        let profile = format!("{}{}", with(&results), with(&[("hiv", "negative")]));
        let profile = trialbrief::patient::from_toml("profile", &profile).unwrap();
        let patient = on_the_day(profile);
        assert_eq!(patient.contradictions.len(), 1, "{results:?}");
        // What was not in doubt stays.
        assert_eq!(patient.profile.infections.len(), 1, "{results:?}");
    }
}
