//! How fast eligibility texts are read, in studies a second, on one core.
//!
//! The texts are our own, and those of the folder `shared` where it is there. Texts of a megabyte that
//! no person would write show that reading them takes time in proportion to their length.

use std::hint::black_box;
use std::path::Path;

use criterion::{Criterion, Throughput};
use trialbrief::criteria::{Wanted, read, segment};
use trialbrief::terminology::{TableError, Terminology};
use trialbrief::text::plain;

const MEGABYTE: usize = 1 << 20;

fn main() -> Result<(), TableError> {
    let mut criterion = Criterion::default().configure_from_args();
    let terms = Terminology::embedded()?;
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/criteria");
    studies(&mut criterion, "our own texts", &own_texts(&own), &terms);
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let shared = std::env::var_os("TRIALBRIEF_SHARED").map_or(beside, Into::into);
    let registry = registry_texts(&shared.join("registry/criteria-ms.jsonl"));
    if !registry.is_empty() {
        studies(&mut criterion, "registry texts", &registry, &terms);
    }
    hostile(&mut criterion, &terms);
    criterion.final_summary();
    Ok(())
}

/// Texts of our own, whose empty ones would make reading look faster than it is.
fn own_texts(folder: &Path) -> Vec<String> {
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let texts = files
        .map(|file| file.path())
        .filter(|path| path.extension().is_some_and(|end| end == "txt"))
        .filter_map(|path| std::fs::read_to_string(path).ok());
    texts.filter(|text| text.len() > 100).collect()
}

fn registry_texts(file: &Path) -> Vec<String> {
    let lines = std::fs::read_to_string(file).unwrap_or_default();
    let rows = lines
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok());
    let text = |row: serde_json::Value| row["eligibilityCriteria"].as_str().map(str::to_owned);
    rows.filter_map(text).collect()
}

/// Reads a text from the registry's words to facts, and counts these.
fn facts(text: &str, terms: &Terminology) -> usize {
    let text = plain(text);
    read(&text, segment(&text), terms.treatments(), Wanted::All)
        .facts()
        .count()
}

fn studies(criterion: &mut Criterion, name: &str, texts: &[String], terms: &Terminology) {
    let mut group = criterion.benchmark_group("criteria");
    group.sample_size(20);
    group.throughput(Throughput::Elements(texts.len() as u64));
    group.bench_function(name, |bencher| {
        bencher.iter(|| {
            texts
                .iter()
                .map(|text| facts(black_box(text), terms))
                .sum::<usize>()
        });
    });
    group.finish();
}

fn hostile(criterion: &mut Criterion, terms: &Terminology) {
    let mut group = criterion.benchmark_group("hostile");
    group.sample_size(10);
    for (name, text) in hostile_texts() {
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(name, |bencher| {
            bencher.iter(|| facts(black_box(&text), terms));
        });
    }
    group.finish();
}

fn hostile_texts() -> Vec<(&'static str, String)> {
    let filled = |piece: &str| piece.repeat(MEGABYTE / piece.len());
    let mut nested = String::new();
    for depth in 0..1_400 {
        nested.push_str(&" ".repeat(depth));
        nested.push_str("* relapsing MS\n");
    }
    vec![
        ("100,000 bullets", "* MS, EDSS 3\n".repeat(100_000)),
        ("nested bullets", nested),
        ("one word", filled("a")),
        (
            "no line end",
            filled("EDSS of 3 to 6 and no relapse within 3 months, "),
        ),
        (
            "one sentence of drugs",
            filled("rituximab within 6 months or "),
        ),
        (
            "sentences in one item",
            filled("No HIV infection within 5 years. "),
        ),
        ("analytes without values", filled("ALT and AST or ")),
        ("comparisons without analytes", filled("> 5 x ULN < 3 ")),
        (
            "headings in one line",
            filled("Inclusion Criteria: Exclusion Criteria: "),
        ),
        ("numbers in one line", filled("1. 2. 3. ")),
        ("brackets", filled("((((")),
        ("white space", filled(" \n\t")),
        ("letters of two bytes", filled("é≥")),
    ]
}
