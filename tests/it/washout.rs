//! When a washout is over, which drug sets the date, and where the time comes from: through the binary.

use std::path::PathBuf;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{Run, on_file};

const NOBODY_STOPS: &str =
    "Nobody stops or delays a treatment for a trial without their neurologist.";

/// A folder with a study that asks for two washouts of different kinds.
pub(crate) fn study(criteria: &str) -> (TempDir, PathBuf) {
    let record = json!({"protocolSection": {
        "identificationModule": {"nctId": "NCT90000078", "briefTitle": "CD19 CAR-T cells in multiple sclerosis"},
        "conditionsModule": {"conditions": ["Multiple Sclerosis"]},
        "statusModule": {"overallStatus": "RECRUITING"},
        "armsInterventionsModule": {"interventions": [{"type": "BIOLOGICAL", "name": "CD19 CAR-T cells"}]},
        "eligibilityModule": {"eligibilityCriteria": criteria, "sex": "ALL", "minimumAge": "18 Years", "maximumAge": "60 Years"},
        "contactsLocationsModule": {"locations": [
            {"facility": "Clinic", "city": "Leeds", "country": "United Kingdom", "status": "RECRUITING"}
        ]},
    }});
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("study.json");
    std::fs::write(&file, record.to_string()).unwrap();
    (folder, file)
}

const TWO: &str = "Inclusion Criteria:\n\n* Relapsing MS (RMS)\n\nExclusion Criteria:\n\n* Ocrelizumab within 6 months before screening\n* Rituximab within 30 days or 5 half-lives, whichever is longer, before screening\n";

const TAKEN: &str = "ocrelizumab:2022:2026-05-31:other;rituximab:2021:2026-08-01:other";

pub(crate) fn run(criteria: &str, command: &[&str]) -> Run {
    let (_folder, file) = study(criteria);
    on_file(&file, command).done()
}

pub(crate) fn screened(criteria: &str, more: &[&str]) -> Value {
    let common = [
        "screen",
        "--format",
        "json",
        "--ms-course",
        "rrms",
        "--age",
        "40",
    ];
    let found = run(criteria, &[&common[..], more].concat()).json();
    found["patients"][0]["trials"][0].clone()
}

/// Lines that were wrapped, as one.
fn unwrapped(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn each_washout_names_its_drug_its_window_and_its_source() {
    let trial = screened(TWO, &["--treatments", TAKEN]);
    assert_eq!(trial["earliest_screening"], "2026-11-30", "{trial}");
    let all = trial["washouts"].as_array().unwrap();
    assert_eq!(all.len(), 2, "{trial}");
    let ocrelizumab = &all[0];
    for (key, value) in [
        ("criterion", json!("E1")),
        ("drug", json!("ocrelizumab")),
        ("last_dose", json!("2026-05-31")),
        ("window", json!("6 months")),
        ("half_lives", Value::Null),
        ("half_life_days", Value::Null),
        ("half_life_source", Value::Null),
        ("set_by", json!("window")),
        ("over_on", json!("2026-11-30")),
        ("sets_earliest_screening", json!(true)),
        ("note", json!(NOBODY_STOPS)),
    ] {
        assert_eq!(ocrelizumab[key], value, "{key} of {ocrelizumab}");
    }
    let rituximab = &all[1];
    for (key, value) in [
        ("drug", json!("rituximab")),
        ("window", json!("30 days")),
        ("half_lives", json!(5)),
        ("half_life_days", json!(22.0)),
        ("set_by", json!("half_lives")),
        ("over_on", json!("2026-11-19")),
        ("sets_earliest_screening", json!(false)),
    ] {
        assert_eq!(rituximab[key], value, "{key} of {rituximab}");
    }
    let source = rituximab["half_life_source"].as_str().unwrap();
    assert!(source.contains("label"), "{source}");
}

#[test]
fn the_list_for_people_says_which_drug_sets_the_date_and_from_what() {
    for format in ["table", "markdown"] {
        let args = [
            "screen",
            "--format",
            format,
            "--ms-course",
            "rrms",
            "--age",
            "40",
            "--treatments",
            TAKEN,
        ];
        let text = unwrapped(&run(TWO, &args).stdout.replace('\\', ""));
        for part in [
            "Earliest screening 2026-11-30, set by ocrelizumab",
            "6 months",
            "5 half-lives",
            "22 days",
            "label",
            NOBODY_STOPS,
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
    }
}

#[test]
fn a_handout_says_it_to_both() {
    let (folder, file) = study(TWO);
    for format in ["html", "markdown"] {
        let out = folder.path().join("out");
        let args = [
            "brief",
            "--format",
            format,
            "-o",
            out.to_str().unwrap(),
            "--ms-course",
            "rrms",
            "--age",
            "40",
            "--treatments",
            TAKEN,
        ];
        on_file(&file, &args).done();
        let text = std::fs::read_to_string(&out).unwrap();
        let (first, of_study) = if format == "html" {
            let html = crate::html::Html::parse(&text);
            (html.text_of("neurologist"), html.text_of("study"))
        } else {
            let text = text.replace('\\', "");
            let heading = "](https://clinicaltrials.gov/study/NCT90000078): ";
            let cut = text.find(heading).unwrap_or_else(|| panic!("{text}"));
            let (first, of_study) = text.split_at(cut);
            (first.to_owned(), of_study.to_owned())
        };
        for (name, page) in [("neurologist", &first), ("patient", &of_study)] {
            let page = unwrapped(page);
            for part in [
                "6 months",
                "5 half-lives",
                "22 days",
                "label",
                "2026-11-19",
                NOBODY_STOPS,
            ] {
                assert!(page.contains(part), "{name}, {format}: {part} in {page}");
            }
        }
        assert!(
            unwrapped(&first).contains("set by ocrelizumab"),
            "the letter: {first}"
        );
    }
}

#[test]
fn a_table_of_washouts_is_promised_only_where_there_is_one() {
    let (folder, file) = study(TWO);
    let out = folder.path().join("out");
    let written = |taken: &str| {
        let args = [
            "brief",
            "--format",
            "markdown",
            "-o",
            out.to_str().unwrap(),
            "--ms-course",
            "rrms",
            "--treatments",
            taken,
        ];
        on_file(&file, &args).done();
        std::fs::read_to_string(&out).unwrap()
    };
    let promise = "table of their own";
    assert!(written(TAKEN).contains(promise));
    assert!(!written("natalizumab:2018:2020:other").contains(promise));
}

#[test]
fn a_washout_is_over_on_the_day_that_it_names() {
    // Nobody can be screened before today: what is over today is over.
    let of = |day: &str, taken: &str| {
        let more = [
            "--treatments",
            taken,
            "--treatments-complete",
            "true",
            "--sex",
            "female",
            "--today",
            day,
        ];
        screened(TWO, &more)
    };
    let one = "ocrelizumab:2022:2026-05-31:other";
    let before = of("2026-11-29", one);
    assert_eq!(before["earliest_screening"], "2026-11-30", "{before}");
    assert_eq!(before["verdict"], "check");
    let on_the_day = of("2026-11-30", one);
    assert_eq!(
        on_the_day["earliest_screening"],
        Value::Null,
        "{on_the_day}"
    );
    assert_eq!(on_the_day["washouts"], json!([]));
    let met = on_the_day["met"].as_array().unwrap();
    assert!(
        met.iter().any(|one| one["criterion"] == "E1"),
        "{on_the_day}"
    );
    let by_half_lives = "rituximab:2021:2026-08-01:other";
    assert_eq!(
        of("2026-11-18", by_half_lives)["earliest_screening"],
        "2026-11-19"
    );
    assert_eq!(
        of("2026-11-19", by_half_lives)["earliest_screening"],
        Value::Null
    );
}

#[test]
fn a_demand_for_a_treatment_within_a_time_keeps_its_last_day() {
    // Here the least favourable reading is that it is too long ago: the last day still counts as within.
    let asks =
        "Inclusion Criteria:\n\n* Treated with ocrelizumab within 6 months before screening\n";
    let more = [
        "--treatments",
        "ocrelizumab:2022:2026-05-30:other",
        "--treatments-complete",
        "true",
        "--today",
        "2026-11-30",
    ];
    let trial = screened(asks, &more);
    assert_ne!(trial["verdict"], "unlikely", "{trial}");
}
