//! The printed handout, through the binary: what stands on it, for whom, and what never does.

mod file;
mod markdown;
mod neurologist;
mod page;
mod patient;
mod studies;

use std::path::PathBuf;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{Run, program};

/// Somebody with relapsing MS in Leeds who was given drugs, with one slip in a drug's name.
const PATIENT: &str = r#"
schema = "trialbrief.patient/1"
id = "SECRET-77"
age = 41
sex = "female"
country = "UK"
near = "53.80,-1.55"
ms_course = "rrms"
diagnosed = "2014-05"
edss = 4.5
relapses_12_months = 1
last_relapse = "2026-03"
treatments_complete = true
prior_hsct = false
pregnant = false
infections.hiv = "negative"
labs.igg = "451 mg/dL"

[[treatments]]
drug = "Ocrevus"
started = "2022-01-10"
stopped = "ongoing"
last_dose = "2026-05-31"

[[treatments]]
drug = "natalizumap"
started = "2018"
stopped = "2021-11-20"
reason = "failure"
"#;

fn criteria(edss: &str) -> String {
    format!(
        "Inclusion Criteria:\n\n* Age 18 to 60 years\n* Relapsing MS (RMS)\n* EDSS {edss}\n\nExclusion Criteria:\n\n* HIV infection\n* \
         Hepatitis B infection\n* Ocrelizumab within 6 months before screening\n* A wish that no rule can read\n"
    )
}

/// A study of our own.
fn study(number: u32, changes: &Value) -> Value {
    let mut record = json!({"protocolSection": {
        "identificationModule": {"nctId": format!("NCT9000{number:04}"), "briefTitle": format!("CD19 CAR-T cells in multiple sclerosis, part {number}")},
        "conditionsModule": {"conditions": ["Multiple Sclerosis"]},
        "statusModule": {
            "overallStatus": "RECRUITING", "startDateStruct": {"date": "2026-01"},
            "primaryCompletionDateStruct": {"date": "2028-06"}, "lastUpdatePostDateStruct": {"date": "2026-07-30"}
        },
        "designModule": {"studyType": "INTERVENTIONAL", "phases": ["PHASE1"], "enrollmentInfo": {"count": 24, "type": "ESTIMATED"}},
        "descriptionModule": {"briefSummary": "People with MS get cells of their own that were changed in a lab. Leukapheresis comes first, then fludarabine and cyclophosphamide."},
        "armsInterventionsModule": {"interventions": [{"type": "BIOLOGICAL", "name": "CD19 CAR-T cells"}]},
        "eligibilityModule": {
            "eligibilityCriteria": criteria("3.0 to 6.5"), "sex": "ALL", "minimumAge": "18 Years", "maximumAge": "60 Years"
        },
        "contactsLocationsModule": {
            "centralContacts": [{"name": "Study Desk", "phone": "+44 113 496 0000", "email": "desk@example.org"}],
            "locations": [
                {"facility": "Leeds Clinic", "city": "Leeds", "country": "United Kingdom", "status": "RECRUITING",
                 "geoPoint": {"lat": 53.79648, "lon": -1.54785},
                 "contacts": [{"name": "Nurse One", "role": "CONTACT", "phone": "0113 496 0001", "email": "nurse@example.org"}]},
                {"facility": "Bonn Clinic", "city": "Bonn", "country": "Germany", "status": "NOT_YET_RECRUITING",
                 "geoPoint": {"lat": 50.73438, "lon": 7.09549}}
            ]
        },
    }});
    record["derivedSection"] = json!({"miscInfoModule": {"versionHolder": "2026-08-21"}});
    merge(&mut record["protocolSection"], changes);
    record
}

fn merge(into: &mut Value, changes: &Value) {
    match (into, changes) {
        (Value::Object(into), Value::Object(changes)) => {
            for (key, value) in changes {
                merge(into.entry(key.clone()).or_insert(Value::Null), value);
            }
        }
        (into, changes) => *into = changes.clone(),
    }
}

/// Studies of every kind that a brief has a place for.
fn studies() -> Vec<Value> {
    let place = |city: &str, country: &str, status: &str| json!([{"facility": format!("{city} Clinic"), "city": city, "country": country, "status": status}]);
    vec![
        study(1, &json!({})),
        study(
            2,
            &json!({
                "eligibilityModule": {"eligibilityCriteria": criteria("5.0 to 6.5")},
                "contactsLocationsModule": {"locations": place("Boston", "United States", "RECRUITING")}
            }),
        ),
        study(
            3,
            &json!({
                "identificationModule": {"briefTitle": "Cells from a donor for relapsing multiple sclerosis"},
                "contactsLocationsModule": {"locations": place("Boston", "United States", "RECRUITING"), "centralContacts": []}
            }),
        ),
        study(
            4,
            &json!({"contactsLocationsModule": {"locations": [], "centralContacts": []}}),
        ),
        study(
            5,
            &json!({"statusModule": {"overallStatus": "COMPLETED"}, "contactsLocationsModule": {"locations": place("Leeds", "United Kingdom", "COMPLETED")}}),
        ),
        study(
            6,
            &json!({"contactsLocationsModule": {"locations": place("Leeds", "United Kingdom", "WITHDRAWN")}}),
        ),
        study(
            7,
            &json!({
                "identificationModule": {"briefTitle": "Long-term follow-up of people with multiple sclerosis who received CAR-T cells before"},
                "statusModule": {"overallStatus": "ENROLLING_BY_INVITATION"},
                "contactsLocationsModule": {"locations": place("Leeds", "United Kingdom", "ENROLLING_BY_INVITATION")}
            }),
        ),
    ]
}

/// A folder to work in, with a file of studies and a profile.
struct Desk {
    folder: TempDir,
}

impl Desk {
    fn with(studies: &[Value]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("patient.toml"), PATIENT).unwrap();
        let lines: Vec<String> = studies.iter().map(Value::to_string).collect();
        std::fs::write(folder.path().join("studies.ndjson"), lines.join("\n")).unwrap();
        Self { folder }
    }

    fn usual() -> Self {
        Self::with(&studies())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs `brief` here.
    fn run(&self, args: &[&str]) -> Run {
        let mut program = program();
        program
            .current_dir(self.folder.path())
            .arg("brief")
            .args(args);
        program.output().unwrap().into()
    }

    /// What a run on the studies here wrote, with the profile.
    fn written(&self, args: &[&str]) -> String {
        self.read(
            &[
                &["--source", "./studies.ndjson", "--patient", "patient.toml"],
                args,
            ]
            .concat(),
        )
    }

    /// The same without a profile.
    fn without_profile(&self, args: &[&str]) -> String {
        self.read(&[&["--source", "./studies.ndjson"], args].concat())
    }

    fn read(&self, args: &[&str]) -> String {
        self.run(&[args, &["-o", "out"]].concat()).done();
        std::fs::read_to_string(self.path("out")).unwrap()
    }
}
