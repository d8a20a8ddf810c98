//! What a study gives and whether it is about MS, over records of our own.

use serde_json::Value;
use trialbrief::classify::{Classified, Evidence};
use trialbrief::terminology::Terminology;

use crate::support::{classified, on_file, record, records};

/// File, class, product, targets, source, what the source rests on.
const CELL_THERAPY: &[(&str, &str, &str, &str, &str, &str)] = &[
    (
        "therapy-words-only-in-exclusions",
        "none",
        "",
        "",
        "unknown",
        "",
    ),
    (
        "anti-cd20-co-medication",
        "car_t",
        "",
        "CD19",
        "autologous",
        "stated",
    ),
    ("cd70-is-not-cd7", "car_t", "", "CD70", "unknown", ""),
    ("cd7", "car_t", "", "CD7", "unknown", ""),
    (
        "mb-cart19",
        "car_t",
        "MB-CART19",
        "CD19",
        "autologous",
        "product",
    ),
    (
        "mb-cart2019",
        "car_t",
        "MB-CART2019.1",
        "CD19 CD20",
        "autologous",
        "product",
    ),
    (
        "triple-target",
        "car_t",
        "",
        "CD19 CD22 BCMA",
        "unknown",
        "",
    ),
    ("targets-by-number", "car_t", "", "CD19 CD20", "unknown", ""),
    ("car-nk", "car_nk", "", "CD19", "allogeneic", "assumed"),
    ("car-treg", "car_treg", "", "", "unknown", ""),
    ("caar-t", "caar_t", "", "", "unknown", ""),
    ("star-t", "car_like", "STAR-T", "", "allogeneic", "stated"),
    ("in-vivo", "car_t", "LX-77", "CD19", "in_vivo", "stated"),
    ("universal", "car_t", "", "BCMA", "allogeneic", "stated"),
    ("ucar-t", "car_t", "", "CD19 BCMA", "allogeneic", "stated"),
    (
        "unknown-autoleucel",
        "car_t",
        "zetocabtagene autoleucel",
        "",
        "autologous",
        "stated",
    ),
    (
        "apheresis-only",
        "car_t",
        "",
        "CD19",
        "autologous",
        "assumed",
    ),
    (
        "prior-autologous-beside-allogeneic",
        "car_t",
        "",
        "CD19",
        "allogeneic",
        "stated",
    ),
    (
        "undisclosed-cell",
        "undisclosed_cell",
        "ZQ451",
        "",
        "unknown",
        "",
    ),
    ("mesenchymal", "none", "", "", "unknown", ""),
    ("stem-cell-transplant", "none", "", "", "unknown", ""),
    ("dendritic", "none", "", "", "unknown", ""),
    ("t-cell-vaccine", "none", "", "", "unknown", ""),
    ("antiretroviral-cart", "none", "", "", "unknown", ""),
];

#[test]
fn cell_therapies_are_told_from_what_only_mentions_them() {
    let terms = Terminology::embedded().unwrap();
    for (file, class, product, targets, source, basis) in CELL_THERAPY {
        let label = classified(&record(file), &terms).cell_therapy;
        assert_eq!(
            label.class.map_or("none", |class| class.as_str()),
            *class,
            "{file}"
        );
        assert_eq!(
            label.product.as_deref().unwrap_or_default(),
            *product,
            "{file}"
        );
        assert_eq!(label.targets.join(" "), *targets, "{file}");
        assert_eq!(
            label.source.map_or("unknown", |source| source.as_str()),
            *source,
            "{file}"
        );
        assert_eq!(
            label.source_basis.map_or("", |basis| basis.as_str()),
            *basis,
            "{file}"
        );
        assert_eq!(label.evidence.is_empty(), label.class.is_none(), "{file}");
    }
}

/// File, relevance, courses.
const MS: &[(&str, &str, &str)] = &[
    ("therapy-words-only-in-exclusions", "primary", ""),
    ("ms-only-in-exclusions", "excluded", ""),
    ("ms-set-aside-in-inclusion", "excluded", ""),
    ("caar-t", "none", ""),
    ("condition-ms-alone", "primary", ""),
    ("mitral-stenosis", "none", ""),
    ("metabolic-syndrome", "none", ""),
    ("mass-spectrometry", "none", ""),
    ("group-open", "basket", ""),
    ("group-with-open-list", "basket", ""),
    ("group-closed-without-ms", "none", ""),
    ("group-closed-with-ms", "basket", ""),
    ("criteria-only", "criteria_only", "rrms"),
    ("basket", "basket", ""),
    ("primary", "primary", ""),
    ("keyword-only", "basket", ""),
    ("follow-up", "follow_up", ""),
    ("course-non-relapsing", "primary", ""),
    ("course-relapsed-refractory", "primary", ""),
    ("course-relapsing-remitting", "primary", "rrms"),
    ("course-progressive-both", "primary", "spms ppms"),
    ("course-progressive", "primary", "pms"),
    ("course-short-forms", "primary", "rrms spms ppms"),
];

#[test]
fn ms_is_told_from_what_only_looks_like_it() {
    let terms = Terminology::embedded().unwrap();
    for (file, relevance, courses) in MS {
        let label = classified(&record(file), &terms).ms;
        assert_eq!(label.relevance.as_str(), *relevance, "{file}");
        assert_eq!(label.courses.join(" "), *courses, "{file}");
        assert_eq!(label.evidence.is_empty(), *relevance == "none", "{file}");
    }
}

#[test]
fn a_group_of_diseases_says_why_it_counts() {
    let terms = Terminology::embedded().unwrap();
    let label = classified(&record("group-open"), &terms).ms;
    let note = label.evidence[0].note.as_deref().unwrap();
    assert!(note.contains("no diseases without MS"), "{note}");
}

#[test]
fn a_search_for_ms_leaves_out_what_only_excludes_it() {
    let args = [
        "search",
        "--status",
        "all",
        "--therapy",
        "any",
        "--format",
        "csv",
    ];
    let csv = on_file(&records(), &args).done().stdout;
    let found = |name: &str| csv.contains(&format!("\n{},", number(&record(name))));
    for (file, relevance, _) in MS {
        assert_eq!(
            found(file),
            !["none", "excluded"].contains(relevance),
            "{file}"
        );
    }
}

#[test]
fn a_search_for_car_t_leaves_out_what_only_mentions_it() {
    let args = [
        "search",
        "--status",
        "all",
        "--condition",
        "any",
        "--format",
        "csv",
    ];
    let csv = on_file(&records(), &args).done().stdout;
    for (file, class, ..) in CELL_THERAPY {
        let row = format!("\n{},", number(&record(file)));
        assert_eq!(csv.contains(&row), *class != "none", "{file}");
    }
}

fn number(record: &Value) -> &str {
    record["protocolSection"]["identificationModule"]["nctId"]
        .as_str()
        .unwrap()
}

/// Every quote stands verbatim in the field that it names, once the registry's escapes are undone.
#[test]
fn every_quote_is_verbatim() {
    let terms = Terminology::embedded().unwrap();
    let sample = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/sample");
    let mut quotes = 0;
    for folder in [records(), sample] {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|ending| ending == "json") {
                let record: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
                quotes += assert_quotes(&record, &classified(&record, &terms));
            }
        }
    }
    assert!(quotes > 300, "{quotes}");
}

/// Asserts that every quote of a study is verbatim, and returns how many there are.
pub(crate) fn assert_quotes(record: &Value, one: &Classified) -> usize {
    let evidence: Vec<&Evidence> = one
        .cell_therapy
        .evidence
        .iter()
        .chain(&one.ms.evidence)
        .collect();
    for evidence in &evidence {
        let texts = texts_at(record, evidence.field);
        let found = texts
            .iter()
            .any(|text| trialbrief::text::plain(text).contains(&evidence.quote));
        assert!(
            found && !evidence.quote.is_empty(),
            "{}: {evidence:?}",
            number(record)
        );
    }
    evidence.len()
}

/// Every text at a path; lists on the way are gone through.
fn texts_at<'a>(record: &'a Value, path: &str) -> Vec<&'a str> {
    let mut at = vec![record];
    for key in path.split('.') {
        at = at
            .into_iter()
            .filter_map(|value| value.get(key))
            .flat_map(items)
            .collect();
    }
    at.into_iter().filter_map(Value::as_str).collect()
}

fn items(value: &Value) -> Vec<&Value> {
    value
        .as_array()
        .map_or_else(|| vec![value], |list| list.iter().collect())
}

#[test]
fn words_that_no_program_knows_survive() {
    let file = records().join("unknown-words.json");
    let trial = on_file(&file, &["search", "--status", "open", "--format", "json"])
        .done()
        .json()["trials"][0]
        .clone();
    assert_eq!(trial["status"], "PAUSED_FOR_REVIEW");
    assert_eq!(trial["phases"], serde_json::json!(["PHASE1B"]));
    assert_eq!(trial["study_type"], "PLATFORM");
    assert_eq!(trial["sex"], "ANY");
    assert_eq!(trial["sites"][0]["status"], "HIBERNATING");
    assert_eq!(trial["interventions"][0]["type"], "LIVING_DRUG");
    // What is not known is not called closed.
    assert_eq!(trial["regions"]["europe"]["state"], "unknown");
    let csv = on_file(&file, &["search", "--format", "csv", "--sex", "female"])
        .done()
        .stdout;
    assert!(
        csv.contains(",PAUSED_FOR_REVIEW,PHASE1B,PLATFORM,"),
        "{csv}"
    );
    let shown = on_file(&file, &["show", "NCT99000046"]).done().stdout;
    for word in ["PAUSED_FOR_REVIEW", "PHASE1B", "HIBERNATING"] {
        assert!(shown.contains(word), "{word}");
    }
}

#[test]
fn codes_that_are_not_in_the_lexicon_are_listed() {
    let file = records().join("undisclosed-cell.json");
    let run = on_file(&file, &["search", "--verbose"]).done();
    assert!(
        run.stderr.contains("`ZQ451` looks like a product"),
        "{}",
        run.stderr
    );
}
