//! Text that would act on a terminal, a page or a spreadsheet reaches none of them.

use std::path::Path;

use serde_json::Value;

use crate::support::{assert_fits, on_file, record};

/// The hostile record with a title of one megabyte.
fn hostile() -> (tempfile::TempDir, std::path::PathBuf, Value) {
    let mut record = record("hostile");
    let identification = &mut record["protocolSection"]["identificationModule"];
    let title = identification["briefTitle"].as_str().unwrap().to_owned();
    identification["briefTitle"] = format!("{title} {}", "very long words ".repeat(1 << 16)).into();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("hostile.json");
    std::fs::write(&file, record.to_string()).unwrap();
    (folder, file, record)
}

fn outputs(file: &Path, format: &str) -> [String; 4] {
    [
        &["search", "--verbose"][..],
        &["search", "--region", "us"],
        &["search", "--phase", "4"],
        &["show", "NCT99000054"],
    ]
    .map(|args| {
        let run = on_file(file, &[args, &["--format", format]].concat()).done();
        assert_harmless(&run.stderr);
        run.stdout
    })
}

/// Asserts that nothing moves the cursor, hides text or turns its direction.
fn assert_harmless(text: &str) {
    let bad = text.chars().find(|c| {
        c.is_control() && *c != '\n'
            || matches!(*c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
    });
    assert_eq!(bad, None);
}

#[test]
fn nothing_acts_on_a_terminal() {
    let (_folder, file, _) = hostile();
    for seen in outputs(&file, "table") {
        assert_harmless(&seen);
        assert_fits(&seen, 80);
    }
}

#[test]
fn nothing_acts_in_markdown() {
    let (_folder, file, _) = hostile();
    for page in outputs(&file, "markdown") {
        assert_harmless(&page);
        for tag in ["<script", "<img", "[click](", "<="] {
            assert!(!page.contains(tag), "{tag}");
        }
        assert!(!page.lines().any(|line| line.starts_with("# heading")
            || line.starts_with("1. item")
            || line == "---"));
        for line in page.lines() {
            // A backtick or a bar that is not escaped would open code or a cell.
            let unescaped = line
                .replace("\\\\", "")
                .replace("\\`", "")
                .replace("\\|", "");
            assert!(!unescaped.contains('`'), "{line:.80}");
            let bars = unescaped.matches('|').count();
            assert!(bars == 0 || bars == 11, "{bars} bars: {line:.80}");
        }
    }
}

#[test]
fn nothing_acts_in_csv() {
    let (_folder, file, _) = hostile();
    for csv in outputs(&file, "csv") {
        assert_harmless(&csv);
        for row in csv::Reader::from_reader(csv.as_bytes()).records() {
            for cell in &row.unwrap() {
                assert!(
                    !cell.starts_with(['=', '+', '-', '@', '\t', '\r']),
                    "{cell:.80}"
                );
                assert!(!cell.contains('\n'));
            }
        }
    }
}

#[test]
fn json_carries_the_same_data_and_shows_none_of_it_bare() {
    let (_folder, file, record) = hostile();
    let run = on_file(&file, &["show", "NCT99000054", "--format", "json"]).done();
    assert_harmless(&run.stdout);
    let (trial, protocol) = (&run.json()["trial"], &record["protocolSection"]);
    for (ours, theirs) in [
        (
            &trial["title"],
            &protocol["identificationModule"]["briefTitle"],
        ),
        (
            &trial["acronym"],
            &protocol["identificationModule"]["acronym"],
        ),
        (
            &trial["summary"],
            &protocol["descriptionModule"]["briefSummary"],
        ),
        (
            &trial["sponsor"]["name"],
            &protocol["sponsorCollaboratorsModule"]["leadSponsor"]["name"],
        ),
        (
            &trial["conditions"][1],
            &protocol["conditionsModule"]["conditions"][1],
        ),
        (
            &trial["sites"][0]["city"],
            &protocol["contactsLocationsModule"]["locations"][0]["city"],
        ),
        (
            &trial["contacts"][0]["email"],
            &protocol["contactsLocationsModule"]["centralContacts"][0]["email"],
        ),
        (
            &trial["eligibility"]["text"],
            &protocol["eligibilityModule"]["eligibilityCriteria"],
        ),
    ] {
        assert!(
            ours.is_string() && ours == theirs,
            "{:.80}",
            ours.to_string()
        );
    }
}

#[test]
fn messages_about_hostile_input_are_harmless_too() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("odd\u{1b}[2J\u{202e}name.json");
    std::fs::write(&file, "{").unwrap();
    let run = on_file(&file, &["search"]);
    assert_eq!(run.code, Some(5));
    assert_harmless(&run.stderr);
    let run = on_file(
        &file,
        &[
            "search",
            "--region",
            "u\u{1b}[2Jk",
            "--country",
            "\u{202e}x",
        ],
    );
    assert_eq!(run.code, Some(2));
    assert_harmless(&run.stderr);
}

#[test]
fn numbers_in_messages_are_harmless_too() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("records.ndjson");
    let good = record("primary");
    let mut bad = good.clone();
    bad["protocolSection"]["identificationModule"]["nctId"] = "NCT\u{1b}[2J\u{202e}".into();
    std::fs::write(&file, format!("{good}\n{bad}\n")).unwrap();
    for flag in ["--verbose", "--quiet"] {
        let run = on_file(&file, &["search", flag]).done();
        assert!(run.stderr.contains("passed over"), "{}", run.stderr);
        assert_harmless(&run.stderr);
    }
}
