//! What `show` tells a reader without medical training.

#![expect(clippy::print_stdout, reason = "grades are read from the output")]

use std::path::PathBuf;
use std::sync::LazyLock;

use insta::assert_snapshot;
use regex::Regex;
use serde_json::{Value, json};
use trialbrief::classify::{Classified, classify};
use trialbrief::criteria::Wanted;
use trialbrief::registry::{decode, files, sample};
use trialbrief::render::plain::{Reading, Summary};
use trialbrief::terminology::{PlainWords, Terminology};

use crate::grade::{Count, count};
use crate::shared::shared;
use crate::support::{assert_fits, on_file, on_sample};

/// The grade of school that the text must not ask for more than.
const GRADE: f64 = 8.0;

fn read(studies: impl IntoIterator<Item = trialbrief::study::Study>) -> Vec<Classified> {
    let terms = Terminology::embedded().unwrap();
    let of = |study| {
        let mut one = classify(study, &terms);
        one.read_criteria(&terms, Wanted::All);
        one
    };
    studies.into_iter().map(of).collect()
}

/// A record that holds these criteria, and nothing else of weight.
fn record(number: &str, criteria: Option<&str>) -> Value {
    json!({"protocolSection": {
        "identificationModule": {"nctId": number, "briefTitle": "CAR-T cells in multiple sclerosis"},
        "conditionsModule": {"conditions": ["Multiple Sclerosis"]},
        "statusModule": {"overallStatus": "RECRUITING"},
        "eligibilityModule": {"eligibilityCriteria": criteria},
    }})
}

fn with_criteria(number: &str, criteria: &str) -> Classified {
    let record = record(number, Some(criteria)).to_string();
    let decoded = decode::any(record.as_bytes()).unwrap();
    read(decoded.studies).remove(0)
}

/// The studies of the gold set, where the real records are there: those of full records, and the
/// texts that are named.
fn gold(test: &str) -> Option<Vec<Classified>> {
    let shared = shared(test)?.join("registry");
    let lines = |name: &str| -> Vec<Value> {
        let whole = std::fs::read_to_string(shared.join(name)).unwrap();
        let lines = whole.lines().filter(|line| !line.trim().is_empty());
        lines
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    };
    let gold = lines("gold-dev.jsonl");
    let is_gold = |one: &Value| gold.iter().any(|other| other["nctId"] == one["nctId"]);
    let mut all = Vec::new();
    for one in lines("criteria-ms.jsonl").iter().filter(|one| is_gold(one)) {
        let number = one["nctId"].as_str().unwrap();
        all.push(with_criteria(
            number,
            one["eligibilityCriteria"].as_str().unwrap(),
        ));
    }
    let folder: PathBuf = shared.join("studies");
    let mut studies = Vec::new();
    files::read(&folder, &mut |decoded| studies.extend(decoded.studies)).unwrap();
    all.extend(read(studies));
    Some(all)
}

fn words_of(summary: &Summary) -> String {
    let told: Vec<&str> = summary.told().map(|told| told.words.as_str()).collect();
    told.join("\n")
}

/// Measures all summaries of a set together, and prints the hardest single ones.
fn grade(name: &str, all: &Summed) -> f64 {
    let mut sum = Count::default();
    let mut single = Vec::new();
    for (one, summary) in all {
        let own = count(&words_of(summary));
        if own.sentences > 0 {
            single.push((own.grade(), one.study.nct_number.to_string()));
        }
        sum += own;
    }
    single.sort_by(|a, b| b.0.total_cmp(&a.0));
    single.truncate(3);
    println!(
        "{name}: grade {:.1} ({} sentences, {:.1} words each, {:.2} syllables a word); hardest {single:.1?}",
        sum.grade(),
        sum.sentences,
        sum.words_a_sentence(),
        sum.syllables_a_word()
    );
    sum.grade()
}

#[test]
fn the_sample_reads_easily() {
    let grade = grade("sample", &SAMPLE);
    assert!(grade <= GRADE, "{grade}");
}

#[test]
fn the_gold_set_reads_easily() {
    let grade = grade("gold set", &GOLD);
    assert!(grade <= GRADE, "{grade}");
}

#[test]
fn the_glossary_reads_easily() {
    let glosses: Vec<String> = (PlainWords::embedded().glossary().iter())
        .map(|one| format!("{}.", one.gloss))
        .collect();
    let count = count(&glosses.join("\n"));
    println!(
        "glossary: {} terms, grade {:.1}",
        glosses.len(),
        count.grade()
    );
    assert!(count.grade() <= GRADE, "{}", count.grade());
}

type Summed = Vec<(Classified, Summary)>;

fn summed(all: Vec<Classified>) -> Summed {
    let with_summary = all.into_iter().map(|one| {
        let summary = Summary::of(&one);
        (one, summary)
    });
    with_summary.collect()
}

static SAMPLE: LazyLock<Summed> = LazyLock::new(|| summed(read(sample::read().studies)));
static GOLD: LazyLock<Summed> = LazyLock::new(|| {
    gold("plain words of the gold set")
        .map(summed)
        .unwrap_or_default()
});

/// The sample and, where it is there, the gold set.
fn all_summaries() -> impl Iterator<Item = &'static (Classified, Summary)> {
    SAMPLE.iter().chain(GOLD.iter())
}

#[test]
fn every_sentence_names_lines_that_exist() {
    for (one, summary) in all_summaries() {
        let ids: Vec<&str> = (one.criteria.criteria.iter())
            .map(|read| read.criterion.id.as_str())
            .collect();
        let rules = summary
            .who
            .iter()
            .chain(summary.bars.iter().flat_map(|(_, told)| told));
        for told in rules {
            assert!(!told.sources.is_empty(), "{}", told.words);
            for source in &told.sources {
                let is_known =
                    ["AGE", "SEX"].contains(&source.as_str()) || ids.contains(&source.as_str());
                assert!(is_known, "{} of {}", source, one.study.nct_number);
            }
        }
        for told in &summary.joining {
            assert!(
                told.sources.iter().all(|source| source.contains('“')),
                "{told:?}"
            );
        }
    }
}

#[test]
fn every_fact_is_told() {
    for (one, summary) in all_summaries() {
        let told: Vec<&str> = summary
            .told()
            .flat_map(|told| &told.sources)
            .map(String::as_str)
            .collect();
        for (criterion, fact) in one.criteria.facts() {
            let id = criterion.criterion.id.as_str();
            assert!(
                told.contains(&id),
                "{id} of {}: {fact:?}",
                one.study.nct_number
            );
        }
    }
}

#[test]
fn every_term_used_is_glossed() {
    let groups = Regex::new("“[^”]*”").unwrap();
    for (_, summary) in all_summaries() {
        let terms = summary.terms();
        let words = words_of(summary);
        // Names of groups are the record's own.
        let own_words = groups.replace_all(&words, "");
        // What is written as a short form needs a gloss: all capitals, or a mix.
        for word in own_words.split(|c: char| !(c.is_alphanumeric() || c == '-')) {
            if word.chars().filter(char::is_ascii_uppercase).count() < 2 {
                continue;
            }
            let own = PlainWords::embedded().terms_in(word);
            let is_known = terms
                .iter()
                .any(|one| own.contains(one) || one.term.contains(word));
            assert!(
                is_known || ["COVID-19", "MALE", "FEMALE"].contains(&word),
                "{word} in {words}"
            );
        }
        // And nothing is glossed that is not there.
        for one in &terms {
            assert!(
                PlainWords::embedded().terms_in(&words).contains(one),
                "{}",
                one.term
            );
        }
    }
}

#[test]
fn nothing_promises() {
    for (_, summary) in all_summaries() {
        for told in summary.told() {
            let lower = told.words.to_lowercase();
            for word in ["eligible", "you ", "your ", "qualif", "_"] {
                assert!(!lower.contains(word), "{}", told.words);
            }
        }
    }
}

#[test]
fn alternatives_are_told_as_such() {
    let one = with_criteria(
        "NCT90000001",
        "Inclusion Criteria:\n\n1. At least 1 relapse in the last 12 months or 2 relapses in the last 24 months, or at least 1 Gd-enhancing lesion on MRI in the last 12 months.\n2. EDSS 3 to 6.",
    );
    let words = words_of(&Summary::of(&one));
    let line = words.lines().find(|line| line.contains("relapse")).unwrap();
    assert!(line.contains(", or to have"), "{words}");
    assert!(
        line.contains("may need to") && line.contains("(ask)"),
        "{line}"
    );
    assert_eq!(
        words.matches("relapse").count(),
        line.matches("relapse").count(),
        "{words}"
    );
}

#[test]
fn a_group_is_told() {
    let one = with_criteria(
        "NCT90000002",
        "Inclusion Criteria:\n\n1. For participants with relapsing MS (RMS cohort): EDSS of 3 to 5.5.\n2. Age 18 to 60 years.",
    );
    let words = words_of(&Summary::of(&one));
    assert!(words.contains("Only for the group “"), "{words}");
}

#[test]
fn what_cannot_be_read_is_said() {
    let gibberish = "asdf qwer zxcv. Lorem ipsum dolor sit amet, foo bar.";
    let chinese = "纳入标准：\n1. 年龄18-60岁；\n2. EDSS评分3-6分；\n3. HIV阴性，血小板>100×10^9/L";
    let german = "Einschlusskriterien:\n- Alter von 18 bis 60 Jahren\n- EDSS 3 bis 6 und RRMS\n- HIV negativ, nicht mit Natalizumab oder Alemtuzumab behandelt";
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("study.json");
    for (text, says) in [
        (None, "does not give the rules"),
        (Some(""), "does not give the rules"),
        (Some("  \n "), "does not give the rules"),
        (Some(gibberish), "could not read the rules"),
        (Some(chinese), "could not read the rules"),
        (Some(german), "could not read the rules"),
    ] {
        let number = "NCT90000003";
        std::fs::write(&file, record(number, text).to_string()).unwrap();
        for format in ["table", "markdown"] {
            let shown = on_file(&file, &["show", number, "--format", format])
                .done()
                .stdout;
            let shown = shown.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(shown.contains(says), "{text:?}: {shown}");
            let link = format!("https://clinicaltrials.gov/study/{number}");
            assert!(shown.contains(&link), "{shown}");
            assert!(!shown.contains("cannot join"), "{shown}");
        }
        let json = on_file(&file, &["show", number, "--format", "json"])
            .done()
            .json();
        let trial = &json["trial"]["eligibility"];
        assert_eq!(trial["parsed_share"].as_f64(), Some(0.0), "{trial}");
        let criteria = trial["criteria"].as_array().cloned().unwrap_or_default();
        assert!(
            criteria.iter().all(|one| one["facts"] == json!([])),
            "{trial}"
        );
    }
}

#[test]
fn the_rules_are_marked() {
    let one = with_criteria(
        "NCT90000004",
        "Inclusion Criteria:\n\n1. EDSS 3 to 6.\n2. Good general condition and mood.",
    );
    assert_eq!(
        Summary::of(&one).reading,
        Reading::Read {
            full: 1,
            partly: 0,
            not: 1
        }
    );
}

#[test]
fn foreign_text_does_not_act() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("study.json");
    let criteria = "Inclusion Criteria:\n\n1. For participants with <b>relapsing</b> MS (R*S cohort): EDSS 3 to 6 \u{1b}[31m[x](javascript:1)\n2. Age 18-60";
    std::fs::write(&file, record("NCT90000005", Some(criteria)).to_string()).unwrap();
    for format in ["table", "markdown"] {
        let shown = on_file(&file, &["show", "NCT90000005", "--format", format])
            .done()
            .stdout;
        assert!(!shown.contains('\u{1b}'), "{shown}");
        assert!(
            format == "table" || !shown.contains("](javascript"),
            "{shown}"
        );
    }
}

/// From the summary to the end of the rules.
fn summary_part(shown: &str, from: &str, to: &str) -> String {
    let start = shown.find(from).unwrap();
    let end = start + shown[start..].find(to).unwrap();
    shown[start..end].to_owned()
}

#[test]
fn a_summary_for_the_terminal() {
    let shown = on_sample(&["show", "NCT06617793"]).done().stdout;
    assert_fits(&shown, 80);
    assert_snapshot!(summary_part(&shown, "WHO IT IS FOR", "\nWHERE\n"));
}

#[test]
fn a_summary_in_markdown() {
    let shown = on_sample(&["show", "NCT06617793", "--format", "markdown"])
        .done()
        .stdout;
    assert_snapshot!(summary_part(&shown, "## Who it is for", "## Where\n"));
}

/// Criteria in other languages: full sentences, and no more than words and codes.
const FOREIGN: [&str; 12] = [
    "Critères d'inclusion :\n- Âge de 18 à 60 ans\n- SEP rémittente, EDSS de 2 à 6\n- VIH négatif, pas de natalizumab dans les 6 mois",
    "Criterios de inclusión:\n- Edad de 18 a 60 años\n- EMRR, EDSS de 2 a 6\n- VIH negativo, sin rituximab en los últimos 6 meses",
    "Критерии включения:\n1. Возраст 18-60 лет\n2. EDSS 3,0-6,5\n3. ВИЧ и гепатит B отрицательны, без natalizumab",
    "選択基準：\n1. 18歳以上60歳以下\n2. EDSS 3.0～6.5\n3. HIV陰性、血小板100×10^9/L以上",
    "Criteri di inclusione:\n- Età da 18 a 60 anni\n- EDSS da 2 a 6 con una ricaduta nell'ultimo anno\n- HIV negativo",
    "Critérios de inclusão:\n- Idade de 18 a 60 anos\n- EDSS de 2 a 6 com um surto no último ano\n- HIV negativo",
    "Inclusiecriteria:\n- Leeftijd van 18 tot 60 jaar\n- EDSS van 2 tot 6 met een relapse in het laatste jaar\n- HIV negatief",
    "Einschluss:\n- Alter 18-60\n- RRMS\n- EDSS 3-6\nAusschluss:\n- HIV, HBV, HCV\n- Schwangerschaft\n- Alemtuzumab",
    "Inclusion :\n- 18-60 ans\n- SEP-RR\n- EDSS 3-6\nExclusion :\n- VIH, VHB, VHC\n- Grossesse\n- Alemtuzumab",
    "Inclusión:\n- 18-60 años\n- EMRR\n- EDSS 3-6\nExclusión:\n- VIH, VHB, VHC\n- Embarazo\n- Alemtuzumab",
    "Kriteria:\n- Wiek 18-60 lat\n- EDSS 3-6\n- Ujemny wynik HIV, bez leczenia natalizumab w ciągu 6 miesięcy",
    "Dahil edilme:\n- 18-60 yaş\n- EDSS 3-6\n- HIV negatif, son 6 ay içinde natalizumab almamış",
];

#[test]
fn other_languages_are_not_read() {
    for text in FOREIGN {
        let one = with_criteria("NCT90000006", text);
        let facts: Vec<_> = one.criteria.facts().map(|(_, fact)| fact).collect();
        assert!(facts.is_empty(), "{text}: {facts:?}");
    }
}
