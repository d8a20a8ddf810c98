//! What joining involves, read from every field that may tell it.

use serde_json::{Value, json};

use crate::support::on_file;

const SUMMARY: &str = "protocolSection.descriptionModule.briefSummary";
const DESCRIPTION: &str = "protocolSection.descriptionModule.detailedDescription";
const ARM: &str = "protocolSection.armsInterventionsModule.armGroups.description";
const INTERVENTION: &str = "protocolSection.armsInterventionsModule.interventions.description";
const NAME: &str = "protocolSection.armsInterventionsModule.interventions.name";
const FRAME: &str = "protocolSection.outcomesModule.primaryOutcomes.timeFrame";
const CRITERIA: &str = "protocolSection.eligibilityModule.eligibilityCriteria";

/// A record about CAR-T cells that says nothing of what joining involves.
fn silent() -> Value {
    json!({"protocolSection": {
        "identificationModule": {"nctId": "NCT90000011", "briefTitle": "CD19 CAR-T cells in multiple sclerosis"},
        "conditionsModule": {"conditions": ["Multiple Sclerosis"]},
        "statusModule": {"overallStatus": "RECRUITING"},
        "descriptionModule": {},
        "armsInterventionsModule": {
            "armGroups": [{"label": "Cells"}],
            "interventions": [{"type": "BIOLOGICAL", "name": "CD19 CAR-T cells"}],
        },
        "outcomesModule": {"primaryOutcomes": [{"measure": "Safety"}]},
        "eligibilityModule": {},
    }})
}

/// The same with these words in a field.
fn telling(field: &str, words: &str) -> Value {
    let mut record = silent();
    let protocol = &mut record["protocolSection"];
    let arms = "armsInterventionsModule";
    match field {
        SUMMARY => protocol["descriptionModule"]["briefSummary"] = json!(words),
        DESCRIPTION => protocol["descriptionModule"]["detailedDescription"] = json!(words),
        ARM => protocol[arms]["armGroups"][0]["description"] = json!(words),
        INTERVENTION => protocol[arms]["interventions"][0]["description"] = json!(words),
        NAME => protocol[arms]["interventions"][0]["name"] = json!(words),
        FRAME => protocol["outcomesModule"]["primaryOutcomes"][0]["timeFrame"] = json!(words),
        CRITERIA => protocol["eligibilityModule"]["eligibilityCriteria"] = json!(words),
        other => panic!("{other}"),
    }
    record
}

fn burden(record: &Value) -> Vec<Value> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("study.json");
    std::fs::write(&file, record.to_string()).unwrap();
    let shown = on_file(&file, &["show", "NCT90000011", "--format", "json"]).done();
    shown.json()["trial"]["burden"].as_array().unwrap().clone()
}

/// Kind, value and unit, from the field and the words that stand in it.
type Told = (&'static str, Value, Value, &'static str, &'static str);

/// Every kind of the contract, from each field that may tell it.
#[expect(clippy::too_many_lines, reason = "a table, three lines an entry")]
fn told() -> Vec<Told> {
    let days = || json!("days");
    let months = || json!("months");
    let nothing = || Value::Null;
    vec![
        (
            "leukapheresis",
            nothing(),
            nothing(),
            SUMMARY,
            "White cells are collected by leukapheresis",
        ),
        (
            "leukapheresis",
            nothing(),
            nothing(),
            ARM,
            "Leukapheresis, then cells",
        ),
        (
            "leukapheresis",
            nothing(),
            nothing(),
            DESCRIPTION,
            "Participants undergo apheresis",
        ),
        (
            "lymphodepletion",
            json!("fludarabine 30 mg/m2"),
            nothing(),
            INTERVENTION,
            "Lymphodepletion with fludarabine 30 mg/m2 for 3 days",
        ),
        (
            "lymphodepletion",
            json!("cyclophosphamide"),
            nothing(),
            SUMMARY,
            "Conditioning with cyclophosphamide",
        ),
        (
            "lymphodepletion",
            json!("bendamustine"),
            nothing(),
            ARM,
            "Chemotherapy with bendamustine",
        ),
        (
            "lymphodepletion",
            json!("fludarabine"),
            nothing(),
            NAME,
            "Fludarabine",
        ),
        (
            "inpatient_days",
            json!(14),
            days(),
            SUMMARY,
            "People stay for 14 days in the hospital",
        ),
        (
            "inpatient_days",
            json!(10),
            days(),
            ARM,
            "Hospitalization for at least 10 days",
        ),
        (
            "stay_near_site_days",
            json!(28),
            days(),
            DESCRIPTION,
            "People live close to the site for 4 weeks",
        ),
        (
            "stay_near_site_days",
            json!(30),
            days(),
            SUMMARY,
            "They remain within one hour of the clinic for 30 days",
        ),
        (
            "visits",
            json!(12),
            json!("visits"),
            SUMMARY,
            "People attend 12 clinic visits",
        ),
        (
            "follow_up_months",
            json!(24),
            months(),
            SUMMARY,
            "Participants are followed for 24 months",
        ),
        (
            "follow_up_months",
            json!(180),
            months(),
            INTERVENTION,
            "Long-term follow-up lasts 15 years",
        ),
        (
            "follow_up_months",
            json!(12),
            months(),
            FRAME,
            "Up to 52 weeks",
        ),
        (
            "lumbar_puncture",
            nothing(),
            nothing(),
            DESCRIPTION,
            "A lumbar puncture is done twice",
        ),
        (
            "biopsy",
            nothing(),
            nothing(),
            SUMMARY,
            "A lymph node biopsy is optional",
        ),
        (
            "washout",
            nothing(),
            nothing(),
            CRITERIA,
            "Exclusion Criteria:\n\n* Unable to stop ocrelizumab before screening",
        ),
        (
            "contraception_months",
            json!(12),
            months(),
            CRITERIA,
            "Inclusion Criteria:\n\n* Women must use contraception until 12 months after the infusion",
        ),
    ]
}

#[test]
fn a_record_that_says_nothing_involves_nothing() {
    assert_eq!(burden(&silent()), [Value::Null; 0]);
}

#[test]
fn each_kind_is_read_from_each_field_with_its_words() {
    for (kind, value, unit, field, words) in told() {
        let all = burden(&telling(field, words));
        let one = (all.iter().find(|one| one["kind"] == kind))
            .unwrap_or_else(|| panic!("no {kind} in {words:?}: {all:?}"));
        let same = |a: &Value, b: &Value| match (a.as_f64(), b.as_f64()) {
            (Some(a), Some(b)) => (a - b).abs() < 1e-9,
            _ => a == b,
        };
        assert!(same(&one["value"], &value), "{one} of {words:?}");
        assert_eq!(one["unit"], unit, "{one} of {words:?}");
        assert_eq!(one["field"], field, "{one} of {words:?}");
        let quote = one["quote"].as_str().unwrap();
        assert!(
            !quote.is_empty() && words.contains(quote),
            "{one} of {words:?}"
        );
    }
}

#[test]
fn what_is_not_asked_for_is_not_told() {
    for (field, words) in [
        (SUMMARY, "Leukapheresis is not required"),
        (SUMMARY, "No lumbar puncture is done"),
        (DESCRIPTION, "No biopsy is needed"),
        (
            SUMMARY,
            "The cells are given without lymphodepletion, so no fludarabine is used",
        ),
        (SUMMARY, "No hospitalization of 14 days is needed"),
        (
            CRITERIA,
            "Exclusion Criteria:\n\n* Treatment with cyclophosphamide within 3 months",
        ),
    ] {
        let all = burden(&telling(field, words));
        assert_eq!(all, [Value::Null; 0], "{words}");
    }
}

#[test]
fn the_stated_follow_up_wins_over_outcomes_and_the_longest_wins() {
    let mut record = telling(
        SUMMARY,
        "Follow-up visits over 6 months, and follow-up by phone for 2 years",
    );
    record["protocolSection"]["outcomesModule"]["primaryOutcomes"][0]["timeFrame"] =
        json!("5 years");
    let all = burden(&record);
    let one = all
        .iter()
        .find(|one| one["kind"] == "follow_up_months")
        .unwrap();
    assert_eq!(one["value"].as_f64(), Some(24.0), "{all:?}");
    assert_eq!(one["field"], SUMMARY);
}

#[test]
fn chemotherapy_of_a_study_without_cells_is_no_preparation() {
    let mut record = telling(
        SUMMARY,
        "Conditioning with cyclophosphamide and fludarabine",
    );
    let protocol = &mut record["protocolSection"];
    protocol["identificationModule"]["briefTitle"] = json!("Walking in multiple sclerosis");
    protocol["armsInterventionsModule"]["interventions"][0]["name"] = json!("Walking");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("study.json");
    std::fs::write(&file, record.to_string()).unwrap();
    let shown = on_file(&file, &["show", "NCT90000011", "--format", "json"]).done();
    let all = shown.json()["trial"]["burden"].clone();
    let any = |kind: &str| {
        all.as_array()
            .unwrap()
            .iter()
            .any(|one| one["kind"] == kind)
    };
    assert!(!any("lymphodepletion"), "{all}");
}
