//! Two versions of a record of our own, and what differs.

use serde_json::{Value, json};

use super::*;
use crate::classify::classify;
use crate::criteria::Wanted;
use crate::registry::decode;
use crate::terminology::Terminology;

fn record() -> Value {
    json!({"protocolSection": {
        "identificationModule": {"nctId": "NCT00000001", "briefTitle": "CAR-T cells in MS"},
        "statusModule": {
            "overallStatus": "NOT_YET_RECRUITING",
            "startDateStruct": {"date": "2026-06"},
            "lastUpdatePostDateStruct": {"date": "2026-05-02"}
        },
        "conditionsModule": {"conditions": ["Multiple Sclerosis", "NMOSD"]},
        "designModule": {"phases": ["PHASE1"], "enrollmentInfo": {"count": 12, "type": "ESTIMATED"}},
        "armsInterventionsModule": {"interventions": [{"type": "BIOLOGICAL", "name": "CD19 CAR-T cells"}]},
        "eligibilityModule": {
            "eligibilityCriteria": "Inclusion Criteria:\n\n* EDSS 3 to 6\n* Age above 18\n\nExclusion Criteria:\n\n* Seizures",
            "minimumAge": "18 Years"
        },
        "contactsLocationsModule": {"locations": [
            {"facility": "A", "city": "Leeds", "country": "United Kingdom", "status": "NOT_YET_RECRUITING"},
            {"facility": "Research Site", "city": "York", "country": "United Kingdom", "status": "RECRUITING"},
            {"facility": "Research Site", "city": "York", "country": "United Kingdom", "status": "COMPLETED"},
            {"facility": "B", "city": "Ankara", "country": "Turkey"}
        ]}
    }})
}

fn read(record: &Value) -> Classified {
    let terms = Terminology::embedded().unwrap();
    let decoded = decode::any(record.to_string().as_bytes()).unwrap();
    let mut one = classify(decoded.studies.into_iter().next().unwrap(), &terms);
    one.read_criteria(&terms, Wanted::All);
    one
}

/// Kind, field, before and after of each change.
fn rows(old: &Value, new: &Value) -> Vec<[String; 4]> {
    differences(&read(old), &read(new))
        .into_iter()
        .map(|one| {
            [
                one.kind.as_str().to_owned(),
                one.field,
                one.before,
                one.after,
            ]
        })
        .collect()
}

fn with(path: &str, value: Value) -> Value {
    let mut record = record();
    let (parent, key) = path.rsplit_once('/').unwrap();
    record["protocolSection"].pointer_mut(parent).unwrap()[key] = value;
    record
}

#[test]
fn order_and_white_space_are_no_change() {
    let mut other = with(
        "/conditionsModule/conditions",
        json!(["NMOSD", "Multiple  Sclerosis"]),
    );
    let sites = &mut other["protocolSection"]["contactsLocationsModule"]["locations"];
    sites.as_array_mut().unwrap().reverse();
    let criteria = &mut other["protocolSection"]["eligibilityModule"]["eligibilityCriteria"];
    *criteria = "Inclusion Criteria:\r\n\r\n* Age above 18\r\n* EDSS  3 to 6\r\n\r\nExclusion Criteria:\r\n\r\n* Seizures".into();
    other["derivedSection"] = json!({"miscInfoModule": {"versionHolder": "2026-08-22"}});
    assert_eq!(rows(&record(), &other), [[""; 4]; 0]);
}

#[test]
fn values_are_named_by_their_path() {
    for (path, value, expected) in [
        (
            "/statusModule/overallStatus",
            json!("RECRUITING"),
            ["status", "NOT_YET_RECRUITING", "RECRUITING"],
        ),
        (
            "/statusModule/startDateStruct",
            json!({}),
            ["dates.start", "2026-06", ""],
        ),
        (
            "/designModule/phases",
            json!(["PHASE1", "PHASE2"]),
            ["phases", "PHASE1", "PHASE1|PHASE2"],
        ),
        (
            "/designModule/enrollmentInfo",
            json!({"count": 20, "type": "ESTIMATED"}),
            ["enrollment.count", "12", "20"],
        ),
        (
            "/eligibilityModule/maximumAge",
            json!("60 Years"),
            ["age.max_years", "", "60"],
        ),
        (
            "/identificationModule/briefTitle",
            json!("CAR-T cells in MS, again"),
            ["title", "CAR-T cells in MS", "CAR-T cells in MS, again"],
        ),
    ] {
        let found = rows(&record(), &with(path, value));
        let [field, before, after] = expected;
        assert_eq!(found, [["changed", field, before, after]], "{path}");
    }
}

#[test]
fn sites_come_go_and_change() {
    let sites = json!([
        {"facility": "A", "city": "Leeds", "country": "United Kingdom", "status": "RECRUITING"},
        {"facility": "Research Site", "city": "York", "country": "United Kingdom", "status": "COMPLETED"},
        {"facility": "Research Site", "city": "York", "country": "United Kingdom", "status": "WITHDRAWN"},
        {"facility": "B", "city": "Ankara", "country": "Turkey (Türkiye)"},
        {"facility": "C", "city": "Bonn", "country": "Germany"}
    ]);
    let found = rows(
        &record(),
        &with("/contactsLocationsModule/locations", sites),
    );
    assert_eq!(
        found,
        [
            [
                "site_status",
                "A | Leeds | United Kingdom",
                "NOT_YET_RECRUITING",
                "RECRUITING"
            ],
            ["site_added", "C | Bonn | Germany", "", ""],
            [
                "site_status",
                "Research Site | York | United Kingdom",
                "RECRUITING",
                "WITHDRAWN"
            ],
        ]
    );
    let found = rows(
        &record(),
        &with("/contactsLocationsModule/locations", json!([])),
    );
    assert_eq!(found.len(), 4);
    assert!(found.iter().all(|row| row[0] == "site_removed"));
}

#[test]
fn criteria_are_compared_line_by_line() {
    let text = "Inclusion Criteria:\n\n* EDSS 3 to 6.5\n* Age above 18\n\nExclusion Criteria:\n\n* Seizures\n* Stroke";
    let found = rows(
        &record(),
        &with("/eligibilityModule/eligibilityCriteria", text.into()),
    );
    assert_eq!(
        found,
        [
            ["criterion_removed", "inclusion: EDSS 3 to 6", "", ""],
            ["criterion_added", "inclusion: EDSS 3 to 6.5", "", ""],
            ["criterion_added", "exclusion: Stroke", "", ""],
        ]
    );
}

#[test]
fn what_a_record_is_classified_as_follows_it() {
    let found = rows(
        &record(),
        &with("/conditionsModule/conditions", json!(["NMOSD"])),
    );
    let fields: Vec<&str> = found.iter().map(|row| row[1].as_str()).collect();
    assert!(fields.contains(&"conditions"), "{fields:?}");
    let (old, new) = (labels(&read(&record())), Labels::default());
    let changes = relabelled(&old, &new, Cause::Program);
    assert!(
        changes
            .iter()
            .all(|one| one.cause == Cause::Program && one.after.is_empty())
    );
    let targets = changes
        .iter()
        .find(|one| one.field == "cell_therapy.targets");
    assert_eq!(targets.unwrap().before, "CD19");
    assert_eq!(relabelled(&old, &old, Cause::Program), []);
}
