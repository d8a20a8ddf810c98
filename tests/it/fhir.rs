//! FHIR R4 bundles as profiles, through the binary. Bundles are made up.

use serde_json::{Value, json};

use crate::support::{Run, on_sample};

/// Codes that look like what systems send; names that must never come out again.
fn bundle() -> Value {
    let loinc = |code: &str| json!({"coding": [{"system": "http://loinc.org", "code": code}]});
    let quantity = |value: f64, unit: &str| json!({"value": value, "unit": unit, "system": "http://unitsofmeasure.org", "code": unit});
    let result = |code: &str, date: &str, more: Value| {
        let mut one = json!({"resourceType": "Observation", "status": "final", "code": loinc(code),
            "subject": {"reference": "Patient/p1"}, "effectiveDateTime": date});
        one.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        one
    };
    let negative = json!({"coding": [{"system": "http://snomed.info/sct", "code": "260385009"}]});
    let resources = [
        json!({"resourceType": "Patient", "id": "p1", "name": [{"family": "Nameless", "given": ["Zoe"]}],
            "identifier": [{"value": "MRN-777"}], "address": [{"city": "Secretville"}],
            "gender": "female", "birthDate": "1986-08-26"}),
        json!({"resourceType": "Condition", "subject": {"reference": "Patient/p1"},
            "verificationStatus": {"coding": [{"code": "confirmed"}]},
            "extension": [{"url": "http://hl7.org/fhir/StructureDefinition/condition-assertedDate", "valueDateTime": "2015-03"}],
            "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "G35.A"},
                                {"system": "http://snomed.info/sct", "code": "24700007"}]}}),
        json!({"resourceType": "Condition", "onsetDateTime": "2019-02-03T00:00:00Z",
            "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10", "code": "G40.2"}]}}),
        json!({"resourceType": "Condition", "verificationStatus": {"coding": [{"code": "refuted"}]},
            "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10", "code": "C50.9"}]}}),
        json!({"resourceType": "Condition",
            "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10", "code": "H46"}], "text": "Optic neuritis"}}),
        json!({"resourceType": "MedicationStatement", "status": "active",
            "effectivePeriod": {"start": "2022-01-10"},
            "medicationCodeableConcept": {"text": "Ocrelizumab 300 mg concentrate (Ocrevus)"}}),
        json!({"resourceType": "MedicationStatement", "status": "completed",
            "effectivePeriod": {"start": "2018-05", "end": "2021-11-30"},
            "medicationCodeableConcept": {"coding": [{"system": "http://www.whocc.no/atc", "code": "L04AA31"}]}}),
        json!({"resourceType": "MedicationStatement", "status": "not-taken",
            "medicationCodeableConcept": {"text": "natalizumab"}}),
        json!({"resourceType": "MedicationRequest", "status": "active", "intent": "order",
            "medicationReference": {"reference": "Medication/m1"}}),
        json!({"resourceType": "MedicationRequest", "status": "active", "intent": "proposal",
            "medicationCodeableConcept": {"text": "alemtuzumab"}}),
        json!({"resourceType": "Medication", "id": "m1", "code": {"coding": [{"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "1373478"}]}}),
        result(
            "2465-3",
            "2026-01-05",
            json!({"valueQuantity": quantity(350.0, "mg/dL")}),
        ),
        result(
            "2465-3",
            "2026-07-05T08:00:00+02:00",
            json!({"valueQuantity": quantity(8.2, "g/L")}),
        ),
        result(
            "751-8",
            "2026-07-05",
            json!({"valueQuantity": quantity(3.2, "10*3/uL")}),
        ),
        result(
            "98979-8",
            "2026-07-05",
            json!({"valueQuantity": quantity(92.0, "mL/min/{1.73_m2}")}),
        ),
        result(
            "6301-6",
            "2026-07-05",
            json!({"valueQuantity": quantity(1.1, "{INR}")}),
        ),
        result(
            "718-7",
            "2026-07-05",
            json!({"valueQuantity": {"value": 5.0, "comparator": "<", "unit": "g/dL"}}),
        ),
        result(
            "777-3",
            "2026-07-05",
            json!({"valueQuantity": quantity(180.0, "Thousand/uL")}),
        ),
        result(
            "1742-6",
            "2027-01-01",
            json!({"valueQuantity": quantity(30.0, "U/L")}),
        ),
        result(
            "56888-1",
            "2026-06-01",
            json!({"valueCodeableConcept": negative}),
        ),
        result(
            "5196-1",
            "2026-06-01",
            json!({"valueCodeableConcept": negative}),
        ),
        result(
            "13955-0",
            "2026-06-01",
            json!({"valueString": "Not detected"}),
        ),
        result(
            "63439-4",
            "2026-06-01",
            json!({"valueString": "see comment"}),
        ),
        result(
            "99999-9",
            "2026-06-01",
            json!({"valueQuantity": quantity(1.0, "1")}),
        ),
        json!({"resourceType": "Observation", "status": "preliminary", "code": loinc("6690-2"), "valueQuantity": quantity(5.0, "10*9/L")}),
        json!({"resourceType": "Observation", "status": "final", "code": {"text": "EDSS"}, "valueQuantity": {"value": 4.5}}),
        json!({"resourceType": "Observation", "status": "final", "code": loinc("2160-0"), "subject": {"reference": "Patient/p2"},
            "valueQuantity": quantity(0.9, "mg/dL")}),
        json!({"resourceType": "AllergyIntolerance"}),
        json!({"resourceType": "Condition", "code": "broken"}),
    ];
    let entries: Vec<Value> = resources
        .into_iter()
        .map(|one| json!({"resource": one}))
        .collect();
    json!({"resourceType": "Bundle", "type": "collection", "entry": entries})
}

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
    let (run, text) = written(&bundle().to_string());
    run.done();
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
infections.hcv = "negative"
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
    let run = run(
        &bundle().to_string(),
        &["profile", "check", "--format", "json", "--fhir"],
    )
    .done()
    .json();
    let listed = run["not_read"].as_array().unwrap();
    for (what, why) in [
        ("Condition icd10 C50.9", "not confirmed"),
        ("Condition icd10 H46 (Optic neuritis)", "no field"),
        ("MedicationStatement natalizumab", "taken"),
        ("MedicationRequest alemtuzumab", "taken"),
        ("MedicationRequest rxnorm 1373478", "prescribed"),
        ("Observation loinc 718-7", "below or above"),
        ("Observation loinc 777-3", "cannot be used"),
        ("Observation loinc 1742-6", "future"),
        ("Observation loinc 5196-1", "alone"),
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
    assert_eq!(listed.len(), 15, "{listed:#?}");
}

#[test]
fn a_screen_takes_a_bundle_and_keeps_no_name() {
    let text = bundle().to_string();
    for format in ["table", "json", "csv", "markdown"] {
        let run = run(
            &text,
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
    let ran = run(&text, &["screen", "--edss", "4", "--fhir"]);
    assert_eq!(ran.code, Some(2), "{}", ran.stderr);
    let (_, text) = written(&text);
    for word in ["Nameless", "Zoe", "MRN-777", "Secretville", "1986"] {
        assert!(!text.contains(word), "{word} in {text}");
    }
}

#[test]
fn two_negative_tests_make_hepatitis_b_negative_and_one_positive_makes_it_positive() {
    let of = |tests: &[(&str, &str)]| {
        let entries: Vec<Value> = tests
            .iter()
            .map(|(code, word)| json!({"resource": {"resourceType": "Observation", "status": "final",
                "code": {"coding": [{"system": "http://loinc.org", "code": code}]}, "valueString": word}}))
            .collect();
        let (run, text) = written(&json!({"resourceType": "Bundle", "entry": entries}).to_string());
        run.done();
        let line = text.lines().find(|line| line.starts_with("infections.hbv"));
        line.unwrap_or_default().replace("infections.hbv = ", "")
    };
    assert_eq!(of(&[("5196-1", "negative")]), "");
    assert_eq!(of(&[("13952-7", "negative")]), "");
    assert_eq!(
        of(&[("5196-1", "negative"), ("13952-7", "Non-reactive")]),
        "\"negative\""
    );
    assert_eq!(
        of(&[("5196-1", "negative"), ("13952-7", "positive")]),
        "\"positive\""
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
