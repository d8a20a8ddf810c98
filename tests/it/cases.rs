//! What a person answered for made-up patients and real texts, against what the program says.
//!
//! The answers were written by reading (`fixtures/cases/README.md`), before the program was run on them.

#![expect(
    clippy::print_stdout,
    reason = "how often they agree is read from the output"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::shared::shared;
use crate::support::run;

/// The day that the profiles are meant for.
const DAY: &str = "2026-11-25";

fn fixtures(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join(name)
}

/// A table of tabs: its header and its rows.
fn table(name: &str) -> (Vec<String>, Vec<Vec<String>>) {
    let text = std::fs::read_to_string(fixtures("cases").join(name)).unwrap();
    let mut rows = text
        .lines()
        .map(|line| line.split('\t').map(str::to_owned).collect());
    (rows.next().unwrap(), rows.collect())
}

/// The profiles, by their ids.
pub(crate) fn patients() -> BTreeMap<String, PathBuf> {
    let mut files = crate::support::files_in(&fixtures("patients"));
    files.retain(|name| name.ends_with(".toml"));
    files
        .iter()
        .map(|name| (format!("P{}", &name[..2]), fixtures("patients").join(name)))
        .collect()
}

/// Where the texts of a source lie: an argument for `--source`, and the folder while it is needed.
struct Texts {
    source: String,
    _folder: Option<TempDir>,
}

/// The records of a source of the tables; `None` where the real ones are not here.
fn texts(source: &str, studies: &[String]) -> Option<Texts> {
    match source {
        "sample" => Some(Texts {
            source: "sample".to_owned(),
            _folder: None,
        }),
        "cases" => Some(Texts {
            source: fixtures("cases").to_str().unwrap().to_owned(),
            _folder: None,
        }),
        _ => {
            let registry = shared("real texts against made-up patients")?.join("registry");
            let folder = tempfile::tempdir().unwrap();
            let lines = std::fs::read_to_string(registry.join("criteria-ms.jsonl")).unwrap();
            for line in lines.lines() {
                let row: Value = serde_json::from_str(line).unwrap();
                let number = row["nctId"].as_str().unwrap();
                if studies.iter().any(|one| one == number) {
                    let file = folder.path().join(number).with_extension("json");
                    std::fs::write(file, minimal(&row).to_string()).unwrap();
                }
            }
            for file in crate::support::files_in(&registry.join("studies")) {
                let record = std::fs::read(registry.join("studies").join(&file)).unwrap();
                std::fs::write(folder.path().join(file), record).unwrap();
            }
            Some(Texts {
                source: folder.path().to_str().unwrap().to_owned(),
                _folder: Some(folder),
            })
        }
    }
}

/// The least record around a text.
fn minimal(row: &Value) -> Value {
    json!({"protocolSection": {
        "identificationModule": {"nctId": row["nctId"], "briefTitle": "A study in multiple sclerosis"},
        "statusModule": {"overallStatus": "RECRUITING"},
        "conditionsModule": {"conditions": ["Multiple Sclerosis"]},
        "eligibilityModule": {"eligibilityCriteria": row["eligibilityCriteria"]},
    }})
}

/// Studies of a patient, by their numbers.
type Screened = BTreeMap<String, Value>;

/// What the program says of all patients and the studies of one source.
struct Said {
    by_patient: BTreeMap<String, Screened>,
    shown: BTreeMap<String, Value>,
}

fn asked(source: &str, studies: &[String]) -> Option<Said> {
    let texts = texts(source, studies)?;
    let mut common = vec![
        "--format",
        "json",
        "--today",
        DAY,
        "--source",
        &texts.source,
    ];
    for study in studies {
        common.extend(["--study", study]);
    }
    let by_patient = patients()
        .into_iter()
        .map(|(id, file)| {
            let profile = ["screen", "--patient", file.to_str().unwrap()];
            let found = run(&[&profile[..], &common].concat()).done().json();
            assert_eq!(found["patients"][0]["id"], id);
            let trials = found["patients"][0]["trials"].as_array().unwrap();
            let trials = trials
                .iter()
                .map(|one| (one["nct_id"].as_str().unwrap().to_owned(), one.clone()));
            (id, trials.collect())
        })
        .collect();
    let shown = studies
        .iter()
        .map(|study| {
            let args = ["show", study, "--format", "json", "--source", &texts.source];
            (study.clone(), run(&args).done().json()["trial"].clone())
        })
        .collect();
    Some(Said { by_patient, shown })
}

/// The answer to a whole criterion: the worst of its parts; what is for the site does not count.
fn answer(trial: &Value, criterion: &str) -> &'static str {
    let among = |key: &str| {
        let items = trial[key].as_array().unwrap();
        items.iter().any(|one| one["criterion"] == criterion)
    };
    [
        ("blocking", "not_met"),
        ("unknown", "unknown"),
        ("met", "met"),
    ]
    .into_iter()
    .find(|(key, _)| among(key))
    .map_or("nothing", |(_, answer)| answer)
}

/// How often two agree.
#[derive(Default)]
struct Tally {
    same: usize,
    all: usize,
    differences: Vec<String>,
}

impl Tally {
    fn count(&mut self, expected: &str, found: &str, place: &str) {
        if expected == "-" {
            return;
        }
        self.all += 1;
        if expected == found {
            self.same += 1;
        } else {
            self.differences.push(format!(
                "{place}: a person says {expected}, the program {found}"
            ));
        }
    }

    fn share(&self) -> f64 {
        let count = |number| f64::from(u32::try_from(number).unwrap());
        count(self.same) / count(self.all).max(1.0)
    }

    fn told(&self, what: &str) -> String {
        let lines = self.differences.join("\n");
        format!("{} of {} {what} agree\n{lines}", self.same, self.all)
    }
}

/// Asserts that what rules out is an exact fact, quoted from the text or the field, against a stated value.
fn assert_reasons(trial: &Value, shown: &Value, place: &str) {
    let blocking = trial["blocking"].as_array().unwrap();
    let unlikely = trial["verdict"] == "unlikely";
    assert_eq!(unlikely, !blocking.is_empty(), "{place}");
    for item in blocking {
        let quote = item["quote"].as_str().unwrap();
        assert!(
            !quote.is_empty() && item["patient_value"].is_string(),
            "{place}: {item}"
        );
        let id = item["criterion"].as_str().unwrap();
        if id == "AGE" || id == "SEX" {
            continue;
        }
        let criteria = shown["eligibility"]["criteria"].as_array().unwrap();
        let criterion = criteria.iter().find(|one| one["id"] == id).unwrap();
        let facts = criterion["facts"].as_array().unwrap();
        let exact = |fact: &&Value| {
            fact["quote"] == quote && fact["kind"] == item["kind"] && fact["certainty"] == "exact"
        };
        assert!(facts.iter().any(|fact| exact(&fact)), "{place}: {item}");
        assert!(
            criterion["text"].as_str().unwrap().contains(quote),
            "{place}: {item}"
        );
        assert!(
            shown["eligibility"]["text"]
                .as_str()
                .unwrap()
                .contains(quote)
        );
    }
}

/// Compares the tables with what the program says of one source; `false` where its texts are not here.
fn compare(source: &str) -> bool {
    let (head, verdicts) = table("verdicts.tsv");
    let verdicts: Vec<_> = verdicts
        .into_iter()
        .filter(|row| row[1] == source)
        .collect();
    let studies: Vec<String> = verdicts.iter().map(|row| row[0].clone()).collect();
    let Some(said) = asked(source, &studies) else {
        return false;
    };
    let (mut by_study, mut by_criterion) = (Tally::default(), Tally::default());
    let mut unsafe_ones = Vec::new();
    for row in &verdicts {
        for (patient, expected) in head.iter().zip(row).skip(2) {
            let trial = &said.by_patient[patient][&row[0]];
            let place = format!("{} {patient}", row[0]);
            assert_reasons(trial, &said.shown[&row[0]], &place);
            let found = trial["verdict"].as_str().unwrap();
            if found == "unlikely" && expected != "unlikely" && expected != "-" {
                unsafe_ones.push(format!("{place}: {}", trial["blocking"]));
            }
            by_study.count(expected, found, &place);
        }
    }
    let (head, answers) = table("answers.tsv");
    for row in answers.iter().filter(|row| row[1] == source) {
        for (patient, expected) in head.iter().zip(row).skip(4).take(18) {
            let trial = &said.by_patient[patient][&row[0]];
            let found = answer(trial, &row[2]);
            let place = format!("{} {patient} {} {} ({})", row[0], row[2], row[3], row[22]);
            if found == "not_met" && expected != "not_met" && expected != "-" {
                unsafe_ones.push(format!("{place}: {}", trial["blocking"]));
            }
            by_criterion.count(expected, found, &place);
        }
    }
    let told = format!(
        "{source}: {}\n{}",
        by_criterion.told("answers"),
        by_study.told("verdicts")
    );
    println!("{told}");
    assert!(
        unsafe_ones.is_empty(),
        "ruled out without a reason:\n{}",
        unsafe_ones.join("\n")
    );
    assert!(by_criterion.share() >= 0.97, "{told}");
    assert!(by_study.share() >= 0.97, "{told}");
    true
}

#[test]
fn own_studies_are_answered_as_a_person_answers_them() {
    assert!(compare("cases"));
}

#[test]
fn the_sample_is_answered_as_a_person_answers_it() {
    assert!(compare("sample"));
}

#[test]
fn real_texts_are_answered_as_a_person_answers_them() {
    compare("shared");
}
