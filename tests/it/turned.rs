//! `screen --study NCT… --patients FILE`: all patients for one study.

use std::path::PathBuf;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{Run, assert_fits, on_file, run};

const CRITERIA: &str = "Inclusion Criteria:\n\n* Age 18 to 60 years\n* Relapsing MS (RMS)\n* EDSS 3.0 to 6.5\n\nExclusion Criteria:\n\n* HIV infection\n* Pregnant\n";

/// Patients in the order of the clinic's table. `LEEDS` and `EXETER` are as well known as each other.
const TABLE: &str = "\
id,age,sex,ms_course,edss,infections,pregnant,near
TWO-BARS,70,male,ppms,4,hiv:negative,,
ONE-BAR,40,male,ppms,4,hiv:negative,,\"53.80,-1.55\"
NOTHING,,,,,,,
EXETER,40,female,rrms,4.5,hiv:negative,,\"50.72,-3.53\"
FITS,40,male,rrms,4,hiv:negative,,
LEEDS,40,female,rrms,4.5,hiv:negative,,\"53.80,-1.55\"
";

/// The best first: verdict, then what is met of the core, then the way to the next site.
const ORDER: [&str; 6] = ["FITS", "LEEDS", "EXETER", "NOTHING", "ONE-BAR", "TWO-BARS"];

fn record(number: &str) -> Value {
    json!({"protocolSection": {
        "identificationModule": {"nctId": number, "briefTitle": "CD19 CAR-T cells in multiple sclerosis"},
        "conditionsModule": {"conditions": ["Multiple Sclerosis"]},
        "statusModule": {"overallStatus": "RECRUITING"},
        "armsInterventionsModule": {"interventions": [{"type": "BIOLOGICAL", "name": "CD19 CAR-T cells"}]},
        "eligibilityModule": {
            "eligibilityCriteria": CRITERIA, "sex": "ALL", "minimumAge": "18 Years", "maximumAge": "60 Years"
        },
        "contactsLocationsModule": {"locations": [
            {"facility": "Clinic", "city": "Leeds", "country": "United Kingdom", "status": "RECRUITING",
             "geoPoint": {"lat": 53.79, "lon": -1.55}}
        ]},
    }})
}

/// Two studies and the table of patients, in a folder.
fn folder(table: &str) -> (TempDir, PathBuf, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let studies = folder.path().join("studies");
    std::fs::create_dir(&studies).unwrap();
    for number in ["NCT90000077", "NCT90000079"] {
        let file = studies.join(number).with_extension("json");
        std::fs::write(file, record(number).to_string()).unwrap();
    }
    let patients = folder.path().join("patients.csv");
    std::fs::write(&patients, table).unwrap();
    (folder, studies, patients)
}

fn turned(table: &str, args: &[&str]) -> Run {
    let (_folder, studies, patients) = folder(table);
    let common = ["screen", "--patients", patients.to_str().unwrap()];
    on_file(&studies, &[&common[..], args].concat())
}

fn for_one_study(format: &str) -> String {
    let args = ["--study", "NCT90000077", "--format", format];
    turned(TABLE, &args).done().stdout
}

/// The order in which the patients are named first.
fn order_in(text: &str) -> Vec<&'static str> {
    let mut places: Vec<(usize, &str)> = ORDER
        .iter()
        .map(|id| {
            (
                text.find(id).unwrap_or_else(|| panic!("{id} in {text}")),
                *id,
            )
        })
        .collect();
    places.sort_unstable();
    places.into_iter().map(|(_, id)| id).collect()
}

#[test]
fn all_patients_of_one_study_come_the_best_first() {
    for format in ["csv", "json", "table", "markdown"] {
        let text = for_one_study(format);
        assert_eq!(order_in(&text), ORDER, "{format}: {text}");
    }
}

#[test]
fn the_json_keeps_its_shape() {
    let found: Value = serde_json::from_str(&for_one_study("json")).unwrap();
    assert_eq!(found["schema"], "trialbrief.screen/1");
    let patients = found["patients"].as_array().unwrap();
    let verdicts: Vec<&str> = patients
        .iter()
        .map(|one| {
            let trials = one["trials"].as_array().unwrap();
            assert_eq!(
                (trials.len(), &trials[0]["nct_id"]),
                (1, &json!("NCT90000077"))
            );
            trials[0]["verdict"].as_str().unwrap()
        })
        .collect();
    let expected = [
        "possible", "check", "check", "check", "unlikely", "unlikely",
    ];
    assert_eq!(verdicts, expected);
}

#[test]
fn people_read_the_study_once_and_then_its_patients() {
    for format in ["table", "markdown"] {
        let text = for_one_study(format);
        // In Markdown the number is a link, which holds it twice.
        let once = if format == "table" { 1 } else { 2 };
        assert_eq!(text.matches("NCT90000077").count(), once, "{text}");
        assert!(text.find("NCT90000077") < text.find("FITS"), "{text}");
        for part in [
            "6 patients",
            "seems to fit",
            "Rules out, I2",
            "not medical advice",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert!(!text.to_lowercase().contains("eligible"), "{text}");
        if format == "table" {
            assert_fits(text.split("\nSource:").next().unwrap(), 80);
        }
    }
}

#[test]
fn several_studies_stay_with_each_patient_in_the_order_of_the_table() {
    let args = [
        "--study",
        "NCT90000077",
        "--study",
        "NCT90000079",
        "--format",
        "json",
    ];
    let found = turned(TABLE, &args).done().json();
    let ids: Vec<&str> = found["patients"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["id"].as_str().unwrap())
        .collect();
    assert_eq!(
        ids,
        ["TWO-BARS", "ONE-BAR", "NOTHING", "EXETER", "FITS", "LEEDS"]
    );
}

#[test]
fn a_wrong_row_is_named_and_the_others_are_put_in_order() {
    let table = format!("{TABLE}WRONG,400,,,,,,\n");
    let args = ["--study", "NCT90000077", "--format", "csv"];
    let run = turned(&table, &args);
    assert_eq!(run.code, Some(5), "{}", run.stderr);
    assert!(run.stderr.contains("line 8"), "{}", run.stderr);
    assert_eq!(order_in(&run.stdout), ORDER);
    let run = turned(&table, &[&args[..], &["--strict"]].concat());
    assert_eq!(run.code, Some(5), "{}", run.stderr);
    assert!(!run.stdout.contains("FITS"), "{}", run.stdout);
}

#[test]
fn nobody_is_no_order() {
    let head = TABLE.lines().next().unwrap();
    let args = ["--study", "NCT90000077", "--format", "json"];
    let run = turned(&format!("{head}\n"), &args);
    assert_eq!((run.code, run.stdout.as_str()), (Some(5), ""));
    assert!(run.stderr.contains("holds no patient"), "{}", run.stderr);
}

#[test]
fn the_help_says_what_is_held() {
    let help = run(&["screen", "--help"]).done().stdout;
    let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(help.contains("all patients for one study"), "{help}");
    assert!(help.contains("held in memory"), "{help}");
}
