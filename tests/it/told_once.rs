//! A handout that does not contradict itself, and takes no words of its own for those of a study.

use crate::support::program;
use crate::washout::{run, screened, study};

const WHY: &str = "why each treatment was stopped";

fn handout(criteria: &str, more: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out.md");
    let args = [
        "brief",
        "--format",
        "markdown",
        "-o",
        out.to_str().unwrap(),
        "--ms-course",
        "rrms",
        "--today",
        "2026-11-25",
    ];
    run(criteria, &[&args[..], more].concat()).done();
    std::fs::read_to_string(&out).unwrap().replace('\\', "")
}

fn letter(text: &str) -> &str {
    text.split("Dear colleague").nth(1).unwrap()
}

const FAILED: &str =
    "Inclusion Criteria:\n\n* Failure of at least two disease-modifying therapies\n";

#[test]
fn nobody_is_asked_why_a_treatment_that_goes_on_was_stopped() {
    let one = "Inclusion Criteria:\n\n* Failure of at least one disease-modifying therapy\n";
    let of = |taken: &str| {
        handout(
            one,
            &["--treatments", taken, "--treatments-complete", "true"],
        )
    };
    // Nor of one that the rule does not name.
    let text = of("ocrelizumab:2021:ongoing;baclofen:2021:2022");
    assert!(!text.contains(WHY), "{text}");
    assert!(of("ocrelizumab:2021:2025").contains(WHY));
}

#[test]
fn the_letter_and_the_table_name_the_same_missing_facts() {
    let two = "glatiramer:2018:2020;ocrelizumab:2021:2025";
    let text = handout(
        FAILED,
        &[
            "--treatments",
            two,
            "--treatments-complete",
            "true",
            "--age",
            "40",
            "--sex",
            "female",
        ],
    );
    assert!(text.contains("the only missing fact in 1"), "{text}");
    assert!(letter(&text).contains(WHY), "{}", letter(&text));
    assert!(
        !text.contains("No fact that the rules read here ask for is missing"),
        "{text}"
    );
}

const NOTE: &str = "Abridged by trialbrief from the registered criteria; the registry page holds the full text.\n\nInclusion Criteria:\n\n* EDSS from 3.0 to 6.0\n";

#[test]
fn a_note_of_the_program_is_no_rule_of_a_study() {
    let known = ["--edss", "4", "--sex", "female"];
    let trial = screened(NOTE, &known);
    // What is abridged may hold more: it never seems to fit every rule.
    assert_eq!(trial["verdict"], "check", "{trial}");
    let args = ["screen", "--ms-course", "rrms", "--age", "40"];
    let list = |more: &[&str]| {
        run(NOTE, &[&args[..], more].concat())
            .stdout
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    };
    let all = list(&known);
    assert!(!all.contains("Abridged by trialbrief"), "{all}");
    assert!(
        all.contains("nothing rules it out so far, but the rules here are abridged"),
        "{all}"
    );
    let open = list(&["--sex", "female"]);
    assert!(open.contains("1 point to clarify"), "{open}");
    let text = handout(NOTE, &["--age", "40", "--sex", "female"]);
    assert!(!text.contains("Abridged by trialbrief"), "{text}");
    assert!(text.contains("1 point to clarify"), "{text}");
    assert!(!text.to_lowercase().contains("word for word"), "{text}");
    assert!(text.contains("Rule, abridged in our own words"), "{text}");
    let whole = handout(FAILED, &["--age", "40"]);
    assert!(whole.contains("Rule, word for word"), "{whole}");
}

#[test]
fn every_abridged_text_of_the_sample_says_so() {
    let found = program()
        .args([
            "search",
            "--source",
            "sample",
            "--status",
            "all",
            "--therapy",
            "any",
            "--condition",
            "any",
            "--format",
            "json",
        ])
        .output()
        .unwrap();
    let found: serde_json::Value = serde_json::from_slice(&found.stdout).unwrap();
    let trials = found["trials"].as_array().unwrap();
    let texts: Vec<&str> = trials
        .iter()
        .filter_map(|one| one["eligibility"]["text"].as_str())
        .filter(|text| !text.is_empty())
        .collect();
    assert!(texts.len() > 5);
    for text in texts {
        assert!(trialbrief::registry::sample::is_abridged(text), "{text}");
    }
}

#[test]
fn trials_whose_rules_cannot_be_read_stand_behind_the_others() {
    let (folder, file) = study("Inclusion Criteria:\n\n* EDSS from 3.0 to 6.0\n");
    let text = std::fs::read_to_string(&file).unwrap();
    let mut record: serde_json::Value = serde_json::from_str(&text).unwrap();
    record["protocolSection"]["identificationModule"]["nctId"] = "NCT90000001".into();
    record["protocolSection"]["eligibilityModule"]["eligibilityCriteria"] = "".into();
    std::fs::write(folder.path().join("other.json"), record.to_string()).unwrap();
    let out = folder.path().join("out.txt");
    let args = [
        "brief",
        "--format",
        "markdown",
        "-o",
        out.to_str().unwrap(),
        "--source",
        folder.path().to_str().unwrap(),
        "--living-in",
        "UK",
    ];
    let written = |more: &[&str]| {
        program().args(args).args(more).output().unwrap();
        std::fs::read_to_string(&out).unwrap()
    };
    let heading = "Rules not readable here: ask";
    let text = written(&["--ms-course", "rrms"]);
    let at = |words: &str| {
        text.find(words)
            .unwrap_or_else(|| panic!("{words} in {text}"))
    };
    assert!(
        at("NCT90000078") < at(heading) && at(heading) < at("NCT90000001"),
        "{text}"
    );
    assert!(!written(&[]).contains(heading));
}
