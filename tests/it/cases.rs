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
use trialbrief::classify::Classified;
use trialbrief::criteria::{Certainty, Fact};
use trialbrief::matching::Matcher;
use trialbrief::patient::from_toml;
use trialbrief::render::screen;

use crate::rules::{TERMS, on_the_day, ready};
use crate::shared::shared;
use crate::support::on_file;

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
    files.retain(|name| {
        Path::new(name)
            .extension()
            .is_some_and(|ending| ending == "toml")
    });
    // Profiles of other tests have no number.
    files.retain(|name| name.starts_with(|c: char| c.is_ascii_digit()));
    files
        .iter()
        .map(|name| (format!("P{}", &name[..2]), fixtures("patients").join(name)))
        .collect()
}

/// The records of a source of the tables; `None` where the real ones are not here.
fn records(source: &str, studies: &[String]) -> Option<Vec<Value>> {
    let read = |folder: &Path, number: &String| -> Option<Value> {
        let file = folder.join(number).with_extension("json");
        serde_json::from_slice(&std::fs::read(file).ok()?).unwrap()
    };
    if source != "shared" {
        let folder = fixtures(source);
        return Some(
            studies
                .iter()
                .map(|one| read(&folder, one).unwrap())
                .collect(),
        );
    }
    let registry = shared("real texts against made-up patients")?.join("registry");
    let rows = std::fs::read_to_string(registry.join("criteria-ms.jsonl")).unwrap();
    let rows: Vec<Value> = rows
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let of = |number: &String| {
        let row = || rows.iter().find(|row| row["nctId"] == **number);
        let whole = read(&registry.join("studies"), number);
        whole.or_else(|| row().map(minimal)).unwrap()
    };
    Some(studies.iter().map(of).collect())
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

/// Studies that are ready for patients.
fn ready_ones(records: &[Value]) -> Vec<Classified> {
    records.iter().map(ready).collect()
}

/// A patient with all studies, as `screen --format json` writes it.
fn screened(file: &Path, matchers: &[Matcher<'_>]) -> Value {
    let name = file.to_str().unwrap();
    let profile = from_toml(name, &std::fs::read_to_string(file).unwrap()).unwrap();
    let patient = on_the_day(profile);
    let trials: Vec<_> = (matchers.iter().enumerate())
        .map(|(at, matcher)| (at, matcher.assess(&patient, &[])))
        .collect();
    serde_json::from_str(&screen::json_patient(&patient, &trials, matchers)).unwrap()
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
fn assert_reasons(trial: &Value, matcher: &Matcher<'_>, place: &str) {
    let blocking = trial["blocking"].as_array().unwrap();
    let unlikely = trial["verdict"] == "unlikely";
    assert_eq!(unlikely, !blocking.is_empty(), "{place}");
    let study = &matcher.study().study;
    let text = study.eligibility.text.as_deref().unwrap_or_default();
    for item in blocking {
        let quote = item["quote"].as_str().unwrap();
        assert!(item["patient_value"].is_string(), "{place}: {item}");
        let id = item["criterion"].as_str().unwrap();
        if id == "AGE" {
            let ages = [&study.eligibility.min_age, &study.eligibility.max_age];
            let stated = ages
                .into_iter()
                .flatten()
                .any(|age| quote.contains(&age.to_string()));
            assert!(stated, "{place}: {item}");
            continue;
        }
        assert!(!quote.is_empty() && text.contains(quote), "{place}: {item}");
        let read = matcher.study().criteria.criteria.iter();
        let criterion = read.clone().find(|one| one.criterion.id == id).unwrap();
        let exact = |fact: &Fact| {
            text.get(criterion.shown(text, fact)) == Some(quote)
                && fact.value.kind() == item["kind"]
                && fact.certainty == Certainty::Exact
        };
        assert!(criterion.facts.iter().any(exact), "{place}: {item}");
        assert!(
            criterion.criterion.body(text).contains(quote),
            "{place}: {item}"
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
    let Some(records) = records(source, &studies) else {
        return false;
    };
    let ready = ready_ones(&records);
    let matchers: Vec<_> = ready.iter().map(|one| Matcher::new(one, &TERMS)).collect();
    let said: BTreeMap<String, Value> = (patients().into_iter())
        .map(|(id, file)| (id, screened(&file, &matchers)))
        .collect();
    let place_of = |study: &String| studies.iter().position(|one| one == study).unwrap();
    let (mut by_study, mut by_criterion) = (Tally::default(), Tally::default());
    let mut unsafe_ones = Vec::new();
    for row in &verdicts {
        for (patient, expected) in head.iter().zip(row).skip(2) {
            let at = place_of(&row[0]);
            let trial = &said[patient]["trials"][at];
            let place = format!("{} {patient}", row[0]);
            assert_reasons(trial, &matchers[at], &place);
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
            let trial = &said[patient]["trials"][place_of(&row[0])];
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
    assert!(compare("shared") || shared("real texts").is_none());
}

#[test]
fn the_binary_says_the_same() {
    let folder = fixtures("cases");
    let numbers = [1, 2, 3, 4].map(|number| format!("NCT9910000{number}"));
    let ready = ready_ones(&records("cases", &numbers).unwrap());
    let matchers: Vec<_> = ready.iter().map(|one| Matcher::new(one, &TERMS)).collect();
    for id in ["P02", "P06"] {
        let file = &patients()[id];
        let mut args = vec!["screen", "--format", "json", "--today", DAY];
        args.extend(["--patient", file.to_str().unwrap()]);
        let told = on_file(&folder, &args).done().json()["patients"][0].clone();
        let mut ours = screened(file, &matchers);
        let order = |one: &Value| one["nct_id"].as_str().unwrap().to_owned();
        let mut told = told["trials"].as_array().unwrap().clone();
        told.sort_by_key(order);
        assert_eq!(ours["trials"].take(), Value::Array(told));
    }
}
