//! FHIR R4 bundles as profiles, through the binary. Bundles are made up.

use serde_json::{Value, json};

use crate::support::{Run, on_sample};

/// A made-up bundle: codes as systems send them, and names that must never come out again.
const BUNDLE: &str = include_str!("../../fixtures/patients/bundle.json");

fn run(bundle: &str, args: &[&str]) -> Run {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bundle.json");
    std::fs::write(&path, bundle).unwrap();
    let mut all: Vec<&str> = args.to_vec();
    all.push(path.to_str().unwrap());
    on_sample(&all)
}

fn written(bundle: &str) -> (Run, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("p.toml");
    let run = run(
        bundle,
        &["profile", "new", "-o", path.to_str().unwrap(), "--fhir"],
    );
    (run, std::fs::read_to_string(&path).unwrap_or_default())
}

#[test]
fn a_bundle_becomes_a_profile() {
    let (run, text) = written(BUNDLE);
    let run = run.done();
    assert!(
        text.contains("# Not read, or to be checked: Condition icd10 C50.9: is not confirmed\n")
    );
    assert!(
        run.stderr.contains("14 parts of the bundle"),
        "{}",
        run.stderr
    );
    assert!(!run.stderr.contains("C50.9"), "{}", run.stderr);
    let body: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    assert_eq!(
        body.join("\n"),
        r#"schema = "trialbrief.patient/1"
age = 39
sex = "female"
ms_course = "rrms"
diagnosed = "2015-03"
edss = 4.5
infections.hiv = "negative"
infections.hbsag = "negative"
infections.hcv_antibody = "negative"
labs.anc = "3.2 10^3/uL"
labs.igg = "8.2 g/L"
labs.egfr = "92.0 mL/min/1.73m2"
labs.inr = "1.1"

[[treatments]]
drug = "ocrelizumab"
started = "2022-01-10"
stopped = "ongoing"

[[treatments]]
drug = "teriflunomide"
started = "2018-05"
stopped = "2021-11-30"

[[treatments]]
drug = "dimethyl_fumarate"
stopped = "ongoing"

[[conditions]]
kind = "seizure"
since = "2019-02-03""#
    );
}

#[test]
fn what_was_not_read_is_listed() {
    let run = run(BUNDLE, &["profile", "check", "--format", "json", "--fhir"])
        .done()
        .json();
    let listed = run["not_read"].as_array().unwrap();
    for (what, why) in [
        ("Condition icd10 C50.9", "not confirmed"),
        ("Condition icd10 H46", "no field"),
        ("MedicationStatement natalizumab", "taken"),
        ("MedicationRequest alemtuzumab", "taken"),
        ("MedicationRequest rxnorm 1373478", "prescribed"),
        ("Observation loinc 718-7", "below or above"),
        ("Observation loinc 777-3", "cannot be used"),
        ("Observation loinc 1742-6", "future"),
        ("Observation loinc 63439-4", "neither"),
        ("Observation loinc 99999-9", "no field"),
        ("Observation loinc 6690-2", "final"),
        ("Observation", "somebody else"),
        ("AllergyIntolerance", "not read"),
        ("Condition", "form of FHIR"),
    ] {
        let found = listed.iter().any(|one| {
            one["what"].as_str().unwrap() == what && one["why"].as_str().unwrap().contains(why)
        });
        assert!(found, "{what}: {why} in {listed:#?}");
    }
    assert_eq!(listed.len(), 14, "{listed:#?}");
}

#[test]
fn a_screen_takes_a_bundle_and_keeps_no_name() {
    for format in ["table", "json", "csv", "markdown"] {
        let run = run(
            BUNDLE,
            &["screen", "--verbose", "--format", format, "--fhir"],
        )
        .done();
        for word in ["Nameless", "Zoe", "MRN-777", "Secretville", "1986"] {
            assert!(
                !run.stdout.contains(word) && !run.stderr.contains(word),
                "{word}"
            );
        }
        let told = if format == "csv" {
            &run.stderr
        } else {
            &run.stdout
        };
        assert!(
            told.contains("not read") || told.contains("not_read"),
            "{told}"
        );
    }
    let ran = run(BUNDLE, &["screen", "--edss", "4", "--fhir"]);
    assert_eq!(ran.code, Some(2), "{}", ran.stderr);
    let (_, text) = written(BUNDLE);
    for word in ["Nameless", "Zoe", "MRN-777", "Secretville", "1986"] {
        assert!(!text.contains(word), "{word} in {text}");
    }
}

#[test]
fn tests_of_hepatitis_keep_their_names() {
    let of = |tests: &[(&str, &str)]| {
        let entries: Vec<Value> = tests
            .iter()
            .map(|(code, word)| json!({"resource": {"resourceType": "Observation", "status": "final",
                "code": {"coding": [{"system": "http://loinc.org", "code": code}]}, "valueString": word}}))
            .collect();
        let (run, text) = written(&json!({"resourceType": "Bundle", "entry": entries}).to_string());
        run.done();
        let lines = text
            .lines()
            .filter_map(|line| line.strip_prefix("infections."));
        lines.collect::<Vec<_>>().join(", ").replace(" = ", " ")
    };
    let (antigen, core, antibody_of_c) = ("5196-1", "13952-7", "13955-0");
    // What a single test is worth, the rule of a study decides, not the bundle.
    assert_eq!(of(&[(antigen, "negative")]), "hbsag \"negative\"");
    assert_eq!(of(&[(core, "positive")]), "hbv_core \"positive\"");
    assert_eq!(
        of(&[(antigen, "Non-reactive"), (core, "positive")]),
        "hbsag \"negative\", hbv_core \"positive\""
    );
    assert_eq!(
        of(&[(antibody_of_c, "positive")]),
        "hcv_antibody \"positive\""
    );
}

#[test]
fn what_is_no_bundle_of_one_patient_is_refused() {
    for (text, part) in [
        ("", "line 1"),
        ("{}", "no FHIR bundle"),
        ("[]", "line 1"),
        ("{\"resourceType\": \"Patient\"}", "no FHIR bundle"),
        ("{\"resourceType\": \"Bundle\", \"entry\": 4}", "line 1"),
        ("{\"resourceType\": \"Bundle\",\n\"entry\": [", "line 2"),
    ] {
        let run = run(text, &["profile", "check", "--fhir"]);
        assert_eq!(
            (run.code, run.stdout.as_str()),
            (Some(5), ""),
            "{text}: {}",
            run.stderr
        );
        assert!(
            run.stderr.contains(part),
            "{part} for {text} in {}",
            run.stderr
        );
    }
    let two = json!({"resourceType": "Bundle", "entry": [
        {"resource": {"resourceType": "Patient", "id": "a"}}, {"resource": {"resourceType": "Patient", "id": "b"}}]});
    let ran = run(&two.to_string(), &["profile", "check", "--fhir"]);
    assert_eq!(ran.code, Some(5));
    assert!(ran.stderr.contains("2 patients"), "{}", ran.stderr);
    let long = format!(
        "{{\"resourceType\": \"Bundle\", \"entry\": [], \"x\": \"{}\"}}",
        "y".repeat(16 << 20)
    );
    let ran = run(&long, &["profile", "check", "--fhir"]);
    assert_eq!(ran.code, Some(5));
    assert!(ran.stderr.contains("too long: 16 MiB"), "{}", ran.stderr);
}
