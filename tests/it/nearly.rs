//! The one thing that stands in the way: no hope that is not there, and no date that a washout outlasts.

use serde_json::Value;

use crate::washout::{run, screened};

fn near(criteria: &str, more: &[&str]) -> Value {
    let more = [
        more,
        &["--treatments-complete", "true", "--today", "2026-11-25"],
    ]
    .concat();
    let trial = screened(criteria, &more);
    assert_eq!(trial["verdict"], "unlikely", "{trial}");
    trial["near_miss"].clone()
}

fn infected(line: &str, results: &str) -> Value {
    let text = format!("Exclusion Criteria:\n\n* {line}\n");
    near(&text, &["--infections", results])
}

#[test]
fn antibodies_that_stay_are_no_near_miss() {
    for (line, results) in [
        (
            "Positive for hepatitis B core antibody",
            "hbv_core:positive;hbsag:negative;hbv_dna:negative",
        ),
        ("Positive test for hepatitis B", "hbv:positive"),
        (
            "Positive test for hepatitis B, past or present",
            "hbsag:positive",
        ),
        (
            "Positive hepatitis C antibody test",
            "hcv_antibody:positive",
        ),
        ("HIV or hepatitis infection", "hiv:positive"),
        ("Positive for JC virus antibody", "jcv:positive"),
        (
            "Positive for HIV or hepatitis B surface antigen",
            "hiv:positive;hbsag:positive",
        ),
    ] {
        assert_eq!(infected(line, results), Value::Null, "{line}");
    }
    for (line, results) in [
        ("Positive for hepatitis B surface antigen", "hbsag:positive"),
        ("Hepatitis C infection", "hcv_rna:positive"),
    ] {
        let near = infected(line, results);
        assert!(
            near["change"].as_str().unwrap().contains("after treatment"),
            "{line}"
        );
    }
}

const RELAPSE: &str = "Exclusion Criteria:\n\n* A relapse of MS within 30 days before screening\n";

#[test]
fn the_day_of_a_near_miss_is_not_before_a_washout_is_over() {
    let with = |line: &str, taken: &str| {
        let more = ["--last-relapse", "2026-11-05", "--treatments", taken];
        near(&format!("{RELAPSE}{line}"), &more)
    };
    let alone = with("", "glatiramer:2018:2020:failure");
    assert_eq!(alone["date"], "2026-12-05", "{alone}");
    let dated = with(
        "* Ocrelizumab within 6 months before screening\n",
        "ocrelizumab:2020:2026-08-25:other",
    );
    assert_eq!(dated["date"], "2027-02-25", "{dated}");
    let undated = with(
        "* Ocrelizumab within 6 months before screening\n",
        "ocrelizumab:2020::other",
    );
    assert_eq!(undated["date"], Value::Null, "{undated}");
    let unsure =
        "* Other immunomodulatory or immunosuppressive therapies within the prior nine months\n";
    let may_count = with(unsure, "ocrelizumab:2020:2026-08-25:other");
    assert_eq!(may_count["date"], Value::Null, "{may_count}");
    assert_eq!(may_count["washout"], true, "{may_count}");
    assert_eq!(alone["washout"], false, "{alone}");
}

#[test]
fn a_near_miss_beside_a_washout_says_so() {
    let text = format!("{RELAPSE}* Ocrelizumab within 6 months before screening\n");
    let args = [
        "screen",
        "--ms-course",
        "rrms",
        "--age",
        "40",
        "--last-relapse",
        "2026-11-05",
        "--treatments",
        "ocrelizumab:2020:2026-08-25:other",
        "--today",
        "2026-11-25",
    ];
    let text = run(&text, &args)
        .stdout
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    assert!(
        text.contains("a washout must be over as well (2027-02-25)"),
        "{text}"
    );
}
