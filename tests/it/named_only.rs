//! A title is no rule: where only it names another course of MS, the list asks, and says why.

use serde_json::{Value, json};
use trialbrief::patient::from_toml;

use crate::rules::on_the_day;
use crate::support::on_file;

fn record(number: &str, title: &str, conditions: &[&str], criteria: Option<&str>) -> Value {
    json!({"protocolSection": {
        "identificationModule": {"nctId": number, "briefTitle": title},
        "statusModule": {"overallStatus": "RECRUITING"},
        "conditionsModule": {"conditions": conditions},
        "armsInterventionsModule": {"interventions": [{"type": "BIOLOGICAL", "name": "CD19 CAR-T cells"}]},
        "eligibilityModule": {"eligibilityCriteria": criteria, "sex": "ALL", "minimumAge": "18 Years", "maximumAge": "60 Years"},
    }})
}

/// What a screen says to a person of 40 with a course, study by study in its order.
fn screened(records: &[Value], course: &str) -> Vec<Value> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("studies.json");
    std::fs::write(&file, Value::from(records.to_vec()).to_string()).unwrap();
    let mut args = vec![
        "screen", "--format", "json", "--age", "40", "--sex", "female", "--edss", "4",
    ];
    if !course.is_empty() {
        args.extend(["--ms-course", course]);
    }
    let told = on_file(&file, &args).done().json();
    told["patients"][0]["trials"].as_array().unwrap().clone()
}

/// What is said of the title.
fn of_title(trial: &Value) -> Option<&Value> {
    let unknown = trial["unknown"].as_array().unwrap();
    unknown.iter().find(|one| one["criterion"] == "TITLE")
}

const PROGRESSIVE: &str = "CD19 CAR-T cells in progressive multiple sclerosis";

#[test]
fn a_title_of_another_course_is_asked_about() {
    let silent = "Inclusion Criteria:\n\n* Age 18 to 60 years\n* EDSS 3.0 to 6.5\n";
    let of_any = "Inclusion Criteria:\n\n* Diagnosis of MS by the McDonald criteria\n";
    for criteria in [None, Some(silent), Some(of_any)] {
        let one = record(
            "NCT90000101",
            PROGRESSIVE,
            &["Multiple Sclerosis"],
            criteria,
        );
        let [trial] = &screened(std::slice::from_ref(&one), "rrms")[..] else {
            panic!()
        };
        assert_eq!(trial["verdict"], "check", "{criteria:?}");
        let said = of_title(trial).unwrap();
        assert_eq!(said["kind"], "ms_course");
        assert_eq!(said["quote"], PROGRESSIVE);
        assert_eq!(said["patient_value"], "rrms");
        let reason = said["reason"].as_str().unwrap();
        assert!(
            reason.contains("title names progressive MS (PMS)") && reason.contains("Ask whether"),
            "{reason}"
        );
        // Whose course it is has nothing to ask; who states none is asked for it.
        assert!(of_title(&screened(std::slice::from_ref(&one), "ppms")[0]).is_none());
        let nobody = screened(&[one], "");
        let said = of_title(&nobody[0]).unwrap()["reason"].to_string();
        assert!(said.contains("Not stated: ms_course"), "{said}");
    }
    // Conditions name it as well.
    let one = record(
        "NCT90000102",
        "CD19 CAR-T cells",
        &["Multiple Sclerosis, Primary Progressive"],
        None,
    );
    let said = screened(&[one], "rrms");
    let said = of_title(&said[0]).unwrap();
    assert_eq!(said["quote"], "Multiple Sclerosis, Primary Progressive");
    assert!(
        said["reason"]
            .as_str()
            .unwrap()
            .contains("list of conditions names"),
        "{said}"
    );
}

#[test]
fn rules_on_the_course_go_before_the_title() {
    let rules = "Inclusion Criteria:\n\n* Relapsing remitting MS or secondary progressive MS\n";
    for (title, conditions, criteria) in [
        (PROGRESSIVE, &["Multiple Sclerosis"][..], Some(rules)),
        (
            "CAR-T cells in multiple sclerosis",
            &["Multiple Sclerosis"],
            None,
        ),
        (
            PROGRESSIVE,
            &["Relapsing Remitting Multiple Sclerosis"],
            None,
        ),
        (
            "CAR-T cells in relapsing and progressive multiple sclerosis",
            &["Multiple Sclerosis"],
            None,
        ),
    ] {
        let one = record("NCT90000103", title, conditions, criteria);
        let said = screened(&[one], "rrms");
        assert!(of_title(&said[0]).is_none(), "{title}: {said:?}");
    }
}

#[test]
fn a_study_of_another_course_by_its_title_stands_behind_those_that_fit() {
    let open = "Inclusion Criteria:\n\n* Age 18 to 60 years\n* Relapsing remitting MS\n* EDSS 3.0 to 6.5\n\nExclusion Criteria:\n\n* HIV infection\n* Pregnant\n* Ocrelizumab in the last 6 months\n* Earlier CAR-T or gene therapy\n* ANC < 1,500/µL\n";
    let barred = "Inclusion Criteria:\n\n* EDSS 5.0 to 6.5\n";
    let records = [
        record("NCT90000101", PROGRESSIVE, &["Multiple Sclerosis"], None),
        record(
            "NCT90000102",
            "CD19 CAR-T cells in multiple sclerosis",
            &["Multiple Sclerosis"],
            Some(open),
        ),
        record(
            "NCT90000103",
            "CD19 CAR-T cells in multiple sclerosis",
            &["Multiple Sclerosis"],
            Some(barred),
        ),
    ];
    let order: Vec<String> = (screened(&records, "rrms").iter())
        .map(|trial| trial["nct_id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(order, ["NCT90000102", "NCT90000101", "NCT90000103"]);
}

#[test]
fn an_antibody_of_another_disease_contradicts_a_course_of_ms() {
    for antibody in ["aqp4", "mog"] {
        let profile =
            format!("age = 40\nms_course = \"rrms\"\n[antibodies]\n{antibody} = \"positive\"\n");
        let patient = on_the_day(from_toml("profile", &profile).unwrap());
        let [found] = &patient.contradictions[..] else {
            panic!("{:?}", patient.contradictions)
        };
        assert!(
            found.what.contains(&antibody.to_uppercase()) && found.what.contains("rrms"),
            "{}",
            found.what
        );
        // What is in doubt is the course; the test said what it said.
        assert_eq!(patient.profile.ms_course, None);
        assert_eq!(patient.profile.antibodies.len(), 1);
    }
    let negative = "ms_course = \"rrms\"\n[antibodies]\naqp4 = \"negative\"\nmog = \"negative\"\n";
    assert!(
        on_the_day(from_toml("profile", negative).unwrap())
            .contradictions
            .is_empty()
    );
}
