//! The handout as Markdown.

use insta::assert_snapshot;

use super::Desk;

#[test]
fn a_brief_in_markdown() {
    assert_snapshot!(Desk::usual().written(&["--format", "markdown", "--pages", "1"]));
}

#[test]
fn a_brief_without_a_profile_in_markdown() {
    assert_snapshot!(Desk::usual().without_profile(&["--format", "markdown", "--pages", "1"]));
}

#[test]
fn every_number_of_a_study_is_a_link_of_one_form() {
    let desk = Desk::usual();
    for text in [
        desk.written(&["--format", "markdown"]),
        desk.without_profile(&["--format", "markdown"]),
        desk.read(&[
            "--source",
            "sample",
            "--patient",
            "patient.toml",
            "--format",
            "markdown",
        ]),
    ] {
        let mut count = 0;
        for (at, _) in text.match_indices("NCT") {
            let number: String = text[at..].chars().take(11).collect();
            if !number[3..].bytes().all(|byte| byte.is_ascii_digit()) {
                continue;
            }
            let link = format!("[{number}](https://clinicaltrials.gov/study/{number})");
            let inside = text[..at].ends_with('[') && text[at - 1..].starts_with(&link);
            let address = text[..at].ends_with("](https://clinicaltrials.gov/study/");
            let before = text[..at].rsplit('\n').next().unwrap();
            // A command is code, which holds no link.
            assert!(
                inside || address || before.starts_with("    "),
                "{before}{number}"
            );
            count += 1;
        }
        assert!(count > 10);
    }
}

#[test]
fn titles_are_cut_between_words() {
    let desk = Desk::usual();
    for text in [
        desk.read(&[
            "--source",
            "sample",
            "--patient",
            "patient.toml",
            "--format",
            "markdown",
        ]),
        desk.read(&[
            "--source", "sample", "--status", "all", "--format", "markdown",
        ]),
    ] {
        assert!(text.contains('…'));
        for part in [
            "Cellula…",
            "Relap…",
            "Neurol…",
            "Ant…",
            "Ne…",
            "Autoim…",
            "Ref…",
            " CAR-T\\)…",
        ] {
            assert!(!text.contains(part) || part.starts_with(' '), "{part}");
        }
    }
}
