//! Which missing facts and tests would decide most, through the binary. What is
//! expected was counted by reading the texts.

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{Run, on_file};

/// Open studies of our own: number, status, criteria.
const STUDIES: [(&str, &str, &str); 5] = [
    (
        "NCT90000001",
        "RECRUITING",
        "Inclusion Criteria:\n\n* EDSS 3.0 to 6.5\n\nExclusion Criteria:\n\n* IgG < 400 mg/dL\n* HIV infection\n",
    ),
    (
        "NCT90000002",
        "RECRUITING",
        "Exclusion Criteria:\n\n* IgG < 500 mg/dL\n",
    ),
    (
        "NCT90000003",
        "NOT_YET_RECRUITING",
        "Inclusion Criteria:\n\n* Relapsing MS (RMS)\n\nExclusion Criteria:\n\n* IgG < 400 mg/dL\n* HIV infection\n",
    ),
    // Closed: what it asks decides nothing.
    (
        "NCT90000004",
        "COMPLETED",
        "Exclusion Criteria:\n\n* HIV infection\n",
    ),
    // Rules the patient out anyway.
    (
        "NCT90000005",
        "RECRUITING",
        "Inclusion Criteria:\n\n* Primary progressive MS (PPMS)\n\nExclusion Criteria:\n\n* HIV infection\n",
    ),
];

fn panel() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (number, status, criteria) in STUDIES {
        let record = json!({"protocolSection": {
            "identificationModule": {"nctId": number, "briefTitle": "CD19 CAR-T cells in multiple sclerosis"},
            "conditionsModule": {"conditions": ["Multiple Sclerosis"]},
            "statusModule": {"overallStatus": status},
            "armsInterventionsModule": {"interventions": [{"type": "BIOLOGICAL", "name": "CD19 CAR-T cells"}]},
            "eligibilityModule": {"eligibilityCriteria": criteria, "sex": "ALL"},
        }});
        let file = folder.path().join(number).with_extension("json");
        std::fs::write(file, record.to_string()).unwrap();
    }
    folder
}

fn screen(args: &[&str]) -> Run {
    let all = [&["screen", "--status", "all", "--ms-course", "rrms"], args].concat();
    on_file(panel().path(), &all).done()
}

fn missing(args: &[&str]) -> Vec<Value> {
    let run = screen(&[&["--format", "json"], args].concat()).json();
    run["patients"][0]["missing_tests"]
        .as_array()
        .unwrap()
        .clone()
}

#[test]
fn what_most_open_studies_ask_comes_first() {
    let found = missing(&[]);
    let fields: Vec<&str> = found
        .iter()
        .filter_map(|one| one["field"].as_str())
        .collect();
    // Three ask for IgG, two for HIV, one for the EDSS; age and sex are asked by none.
    assert_eq!(fields, ["labs.igg", "infections.hiv", "edss"]);
    assert_eq!(
        found[0],
        json!({
            "field": "labs.igg",
            "what": "IgG in the blood",
            "studies": ["NCT90000001", "NCT90000002", "NCT90000003"],
            "only_missing_in": ["NCT90000002"],
        })
    );
    assert_eq!(
        found[1]["studies"],
        json!(["NCT90000001", "NCT90000003"]),
        "neither the closed one nor the one that rules out"
    );
    assert_eq!(found[1]["only_missing_in"], json!([]));
}

#[test]
fn what_is_stated_is_not_missing() {
    let found = missing(&["--labs", "igg:8 g/L", "--edss", "4"]);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0]["field"], "infections.hiv");
    assert_eq!(
        found[0]["only_missing_in"],
        json!(["NCT90000001", "NCT90000003"])
    );
    let found = missing(&[
        "--labs",
        "igg:8 g/L",
        "--edss",
        "4",
        "--infections",
        "hiv:negative",
    ]);
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn people_read_it_in_plain_words_with_the_numbers() {
    for format in ["table", "markdown"] {
        let run = screen(&["--format", format]);
        let text = run.stdout.replace("\n    ", " ");
        for part in [
            "worth finding out first",
            "IgG in the blood: 3 trials",
            "NCT90000002",
            "HIV test: 2 trials",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
    }
}

/// A record without rules says nothing of what is missing.
#[test]
fn rules_that_cannot_be_read_are_counted() {
    let folder = panel();
    let silent = json!({"protocolSection": {
        "identificationModule": {"nctId": "NCT90000006", "briefTitle": "CD19 CAR-T cells in multiple sclerosis"},
        "conditionsModule": {"conditions": ["Multiple Sclerosis"]},
        "statusModule": {"overallStatus": "RECRUITING"},
    }});
    std::fs::write(folder.path().join("silent.json"), silent.to_string()).unwrap();
    let nothing = [
        "--labs",
        "igg:8 g/L",
        "--edss",
        "4",
        "--infections",
        "hiv:negative",
    ];
    for (args, parts) in [
        (
            &nothing[..],
            &[
                "No open trial whose rules could be read",
                "1 carry no rules",
            ][..],
        ),
        (
            &[],
            &["Of 4 open trials that nothing rules out, 1 carry no rules"],
        ),
    ] {
        let all = [&["screen", "--ms-course", "rrms"], args].concat();
        let run = on_file(folder.path(), &all).done();
        let text = run.stdout.replace("\n    ", " ");
        for part in parts {
            assert!(text.contains(part), "{part} in {text}");
        }
    }
}

#[test]
fn of_an_unknown_drug_its_name_is_missing_and_of_a_known_one_its_last_dose() {
    let folder = tempfile::tempdir().unwrap();
    let record = json!({"protocolSection": {
        "identificationModule": {"nctId": "NCT90000007", "briefTitle": "CD19 CAR-T cells in multiple sclerosis"},
        "conditionsModule": {"conditions": ["Multiple Sclerosis"]},
        "statusModule": {"overallStatus": "RECRUITING"},
        "eligibilityModule": {"eligibilityCriteria": "Exclusion Criteria:\n\n* Ocrelizumab within 6 months before screening\n"},
    }});
    let file = folder.path().join("study.json");
    std::fs::write(&file, record.to_string()).unwrap();
    for (drug, field) in [
        ("ocrelizumap", "treatments.drug"),
        ("Ocrevus", "treatments.last_dose"),
    ] {
        let treatment = format!("{drug}:2022:ongoing");
        let args = ["screen", "--format", "json", "--treatments", &treatment];
        let run = on_file(&file, &args).done().json();
        let missing = &run["patients"][0]["missing_tests"];
        assert_eq!(missing[0]["field"], field, "{missing}");
    }
}
