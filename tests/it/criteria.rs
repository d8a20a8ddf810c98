//! What is read from eligibility texts: our own in `fixtures/criteria`, whose facts a person wrote
//! down, and the annotated records of the folder `shared`, where it is there.

#![expect(
    clippy::print_stdout,
    reason = "what was measured, or why not, is read from the output"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::score::{CORE, Mode, Score};
use crate::shared::shared;
use crate::support::{on_file, record};

/// A text, and the facts that it holds.
#[derive(Debug)]
struct Fixture {
    name: String,
    text: String,
    facts: Vec<Value>,
}

pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/criteria")
}

/// The names of all texts, in order.
pub(crate) fn names() -> Vec<String> {
    crate::support::files_in(&folder())
        .iter()
        .filter_map(|file| Some(file.strip_suffix(".txt")?.to_owned()))
        .collect()
}

/// One of our own texts.
pub(crate) fn text(name: &str) -> String {
    std::fs::read_to_string(folder().join(format!("{name}.txt"))).unwrap()
}

fn json_lines(path: &Path) -> Vec<Value> {
    let text =
        std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.lines()
        .enumerate()
        .map(|(at, line)| {
            serde_json::from_str(line)
                .unwrap_or_else(|error| panic!("{}, line {}: {error}", path.display(), at + 1))
        })
        .collect()
}

fn fixtures() -> Vec<Fixture> {
    let fixture = |name: String| Fixture {
        text: text(&name),
        facts: json_lines(&folder().join(format!("{name}.expected.jsonl"))),
        name,
    };
    names().into_iter().map(fixture).collect()
}

/// Has the program read records, and returns its studies by number.
fn read(records: &[Value]) -> BTreeMap<String, Value> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("records.ndjson");
    let lines: Vec<String> = records.iter().map(Value::to_string).collect();
    std::fs::write(&file, lines.join("\n")).unwrap();
    let everything = ["--therapy", "any", "--condition", "any", "--status", "all"];
    let args = [&["search", "--format", "json"], &everything[..]].concat();
    let found = on_file(&file, &args).done().json();
    let trials = found["trials"].as_array().unwrap();
    let number = |trial: &Value| trial["nct_id"].as_str().unwrap().to_owned();
    trials
        .iter()
        .map(|trial| (number(trial), trial.clone()))
        .collect()
}

/// One of our own records with this number and this text.
fn record_with(number: &str, text: &str) -> Value {
    let mut record = record("primary");
    record["protocolSection"]["identificationModule"]["nctId"] = json!(number);
    record["protocolSection"]["eligibilityModule"]["eligibilityCriteria"] = json!(text);
    record
}

/// The facts of a study, each with its cohort. Asserts that each quote stands in its criterion.
fn facts_of(trial: &Value) -> Vec<Value> {
    let mut facts = Vec::new();
    for criterion in trial["eligibility"]["criteria"].as_array().unwrap() {
        let text = criterion["text"].as_str().unwrap();
        for fact in criterion["facts"].as_array().unwrap() {
            let quote = fact["quote"].as_str().unwrap();
            assert!(
                !quote.is_empty() && text.contains(quote),
                "{quote:?} in {text:?}"
            );
            let mut fact = fact.clone();
            fact["applies_to"] = criterion["applies_to"].clone();
            facts.push(fact);
        }
    }
    facts
}

#[test]
fn our_own_texts_are_read_as_a_person_reads_them() {
    let fixtures = fixtures();
    let number = |at: usize| format!("NCT{:08}", at + 1);
    let records: Vec<Value> = fixtures
        .iter()
        .enumerate()
        .map(|(at, fixture)| record_with(&number(at), &fixture.text))
        .collect();
    let trials = read(&records);
    let mut score = Score::default();
    for (at, fixture) in fixtures.iter().enumerate() {
        let facts = facts_of(&trials[&number(at)]);
        score.add(&fixture.name, &fixture.facts, &facts, Mode::Everything);
    }
    let report = score.report();
    println!("{} texts\n{report}", fixtures.len());
    let total = score.total(|_| true);
    assert_eq!(
        (total.precision(), total.recall()),
        (1.0, 1.0),
        "\n{report}"
    );
}

#[test]
fn our_own_texts_show_every_kind_and_key() {
    let mut missing: Vec<String> = Vec::new();
    let fixtures = fixtures();
    let facts: Vec<&Value> = fixtures.iter().flat_map(|one| &one.facts).collect();
    for (kind, keys) in KINDS {
        let own: Vec<&&Value> = facts.iter().filter(|fact| fact["kind"] == *kind).collect();
        if own.is_empty() {
            missing.push((*kind).to_owned());
        }
        for key in *keys {
            if own.iter().all(|fact| fact[*key].is_null()) {
                missing.push(format!("{kind}.{key}"));
            }
        }
    }
    assert_eq!(missing, [""; 0]);
    let known = |fact: &&&Value| KINDS.iter().any(|(kind, _)| fact["kind"] == *kind);
    assert_eq!(facts.iter().filter(known).count(), facts.len());
    let silent = fixtures.iter().filter(|one| one.facts.is_empty()).count();
    println!(
        "{} texts, {} facts, {silent} texts without facts",
        fixtures.len(),
        facts.len()
    );
    assert!(fixtures.len() >= 50 && silent >= 10);
}

/// Kinds of the contract with their value keys.
const KINDS: &[(&str, &[&str])] = &[
    ("age", &["min", "max"]),
    ("sex", &["value"]),
    ("ms_course", &["any_of", "activity"]),
    ("edss", &["min", "max"]),
    ("disease_duration", &["min_years", "max_years"]),
    ("relapse", &["min_count", "window_months"]),
    ("mri_activity", &["lesion", "window_months"]),
    ("progression", &["window_months"]),
    ("treatment_failure", &["min_count", "classes"]),
    ("prior_treatment", &["treatments", "window_days"]),
    ("cell_or_gene_therapy", &["window_days"]),
    ("transplant", &["types"]),
    ("infection", &["agents"]),
    ("antibody", &["agents"]),
    ("lab", &["analyte", "op", "value", "unit"]),
    (
        "cardiac",
        &["lvef_min", "nyha_min", "event", "window_months"],
    ),
    ("malignancy", &["window_years"]),
    ("pregnancy", &[]),
    ("breastfeeding", &[]),
    ("contraception", &["months", "sex"]),
    ("vaccination", &["live", "window_days"]),
    ("mri", &[]),
    ("lumbar_puncture", &[]),
    ("venous_access", &[]),
    ("consent", &[]),
    ("seizure", &["window_months"]),
    ("stroke", &["window_months"]),
    ("pml", &[]),
    ("cns_disorder", &[]),
    ("psychiatric", &[]),
    ("suicidality", &["window_months"]),
    ("immunodeficiency", &[]),
    ("splenectomy", &[]),
    ("anticoagulation", &[]),
    ("other_autoimmune", &["window_months"]),
    ("substance_use", &["window_months"]),
    ("hypersensitivity", &[]),
    ("csf", &["oligoclonal_bands", "igg_index"]),
];

#[test]
fn annotated_records_are_read_well() {
    let Some(shared) = shared("annotated records") else {
        return;
    };
    let gold = json_lines(&shared.join("registry/gold-dev.jsonl"));
    let mut records: Vec<Value> = json_lines(&shared.join("registry/criteria-ms.jsonl"))
        .iter()
        .map(|row| {
            let text = |key: &str| row[key].as_str().unwrap().to_owned();
            record_with(&text("nctId"), &text("eligibilityCriteria"))
        })
        .collect();
    for file in crate::support::files_in(&shared.join("registry/studies")) {
        let text = std::fs::read_to_string(shared.join("registry/studies").join(file)).unwrap();
        records.push(serde_json::from_str(&text).unwrap());
    }
    let trials = read(&records);
    let mut score = Score::default();
    for study in &gold {
        let number = study["nctId"].as_str().unwrap();
        let facts = study["facts"].as_array().unwrap();
        score.add(number, facts, &facts_of(&trials[number]), Mode::Values);
    }
    let report = score.report();
    println!("{} annotated records\n{report}", gold.len());
    let core = score.total(|kind| CORE.contains(&kind));
    assert!(core.precision() >= 0.97, "\n{report}");
    assert!(core.recall() >= 0.92, "\n{report}");
    let wrong = score.misses.iter().filter(|miss| miss.is_wrong_and_exact());
    assert_eq!(wrong.count(), 0, "\n{report}");
}
