//! Filters in `screen`, `brief` and `profile check`: those that leave nothing, and those that count from where the patient lives.

use serde_json::{Value, json};

use crate::support::{Run, assert_fits, on_file, on_sample, records};

fn file(name: &str, text: &str) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    let path = path.to_str().unwrap().to_owned();
    (folder, path)
}

/// Lines that were wrapped, as one.
fn unwrapped(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_screen_without_studies_names_the_filter_that_left_none() {
    let none = [
        "screen",
        "--ms-course",
        "rrms",
        "--id",
        "P-01",
        "--phase",
        "4",
    ];
    for format in ["table", "markdown", "html"] {
        let run = on_sample(&[&none[..], &["--format", format]].concat()).done();
        let text = if format == "html" {
            crate::html::Html::parse(&run.stdout).text()
        } else {
            run.stdout
        };
        let text = unwrapped(&text.replace('\\', ""));
        for part in ["No study found", "--phase left none", "trialbrief search"] {
            assert!(text.contains(part), "{format}: {part} in {text}");
        }
        assert!(!text.contains("is missing"), "{text}");
    }
    for format in ["json", "csv"] {
        let run = on_sample(&[&none[..], &["--format", format]].concat()).done();
        assert!(
            run.stderr.contains("--phase left none"),
            "{format}: {}",
            run.stderr
        );
    }
    let found = on_sample(&[&none[..], &["--format", "json"]].concat())
        .done()
        .json();
    assert_eq!(found["patients"][0]["trials"], json!([]));
    let last = found["funnel"].as_array().unwrap().last().unwrap();
    assert_eq!(
        (&last["step"], &last["remaining"]),
        (&json!("phase"), &json!(0))
    );
}

#[test]
fn a_check_without_studies_says_so() {
    let (_folder, path) = file("p.toml", "id = \"P-01\"\nedss = 4.0\n");
    let only = records().join("dendritic.json");
    let run = on_file(&only, &["profile", "check", &path]).done();
    let text = unwrapped(&run.stdout);
    assert!(text.contains("No study found: --"), "{text}");
    assert!(!text.contains("is missing"), "{text}");
    let run = on_file(&only, &["profile", "check", "--format", "json", &path]).done();
    assert!(run.stderr.contains("No study found"), "{}", run.stderr);
    let last = run.json()["funnel"]
        .as_array()
        .unwrap()
        .last()
        .unwrap()
        .clone();
    assert_eq!(last["remaining"], 0);
}

#[test]
fn where_all_is_ruled_out_nothing_is_called_complete() {
    let args = [
        "screen",
        "--study",
        "NCT06617793",
        "--age",
        "90",
        "--id",
        "P",
    ];
    let text = unwrapped(&on_sample(&args).done().stdout);
    assert!(text.contains("Rules out, AGE"), "{text}");
    assert!(!text.contains("asks for a fact that is missing"), "{text}");
    assert!(text.contains("is both open and not ruled out"), "{text}");
}

fn numbers(run: &Run) -> Vec<String> {
    let found = run.json();
    let trials = found["patients"][0]["trials"].as_array().unwrap().clone();
    let mut all: Vec<String> = trials
        .iter()
        .map(|one| one["nct_id"].as_str().unwrap().to_owned())
        .collect();
    all.sort();
    all
}

#[test]
fn a_distance_counts_from_where_the_patient_lives() {
    let (folder, path) = file("p.toml", "id = \"P-01\"\nage = 40\nnear = \"Boston, MA\"\n");
    let common = ["screen", "--format", "json", "--within", "300"];
    let by_profile = on_sample(&[&common[..], &["--patient", &path]].concat()).done();
    let by_option =
        on_sample(&[&common[..], &["--age", "40", "--near", "Boston, MA"]].concat()).done();
    let all = on_sample(&["screen", "--format", "json", "--age", "40"]).done();
    assert_eq!(numbers(&by_profile), numbers(&by_option));
    assert!(numbers(&by_profile).len() < numbers(&all).len());
    assert!(
        !by_profile.stderr.contains("Boston"),
        "{}",
        by_profile.stderr
    );

    let out = folder.path().join("out");
    let out = out.to_str().unwrap();
    let mut pages = Vec::new();
    for place in [
        &["--patient", path.as_str()][..],
        &["--age", "40", "--id", "P-01", "--near", "Boston, MA"],
    ] {
        let run = on_sample(
            &[
                &[
                    "brief", "--format", "markdown", "-o", out, "--within", "300",
                ],
                place,
            ]
            .concat(),
        )
        .done();
        pages.push(std::fs::read_to_string(out).unwrap());
        assert!(
            place.len() > 2 || !run.stderr.contains("Boston"),
            "{}",
            run.stderr
        );
    }
    assert!(pages[0].contains("away"), "{}", pages[0]);
    assert_eq!(pages[0], pages[1]);
    on_sample(&[
        "brief",
        "--format",
        "markdown",
        "-o",
        out,
        "--sort",
        "distance",
        "--patient",
        &path,
    ])
    .done();
}

#[test]
fn what_is_far_from_a_profile_is_told_without_the_place() {
    let (_folder, path) = file("p.toml", "id = \"P-01\"\nnear = \"-45.0,-130.0\"\n");
    for format in ["json", "csv", "table"] {
        let run = on_sample(&[
            "screen",
            "--format",
            format,
            "--within",
            "1",
            "--phase",
            "4",
            "--patient",
            &path,
        ])
        .done();
        assert!(
            !run.stderr.contains("45") && !run.stderr.contains("130"),
            "{}",
            run.stderr
        );
    }
}

#[test]
fn a_distance_from_nowhere_is_wrong_usage() {
    let (_folder, path) = file("p.toml", "id = \"P-01\"\nage = 40\n");
    let (_folder2, table) = file("p.csv", "id,near\nP-01,Leeds\n");
    for args in [
        &["screen", "--within", "300", "--patient", &path][..],
        &["screen", "--within", "300", "--age", "40"],
        &[
            "brief",
            "--within",
            "300",
            "--patient",
            &path,
            "-o",
            "/dev/null",
        ],
        &["screen", "--within", "300", "--patients", &table],
        &["search", "--within", "300"],
    ] {
        let run = on_sample(args);
        assert_eq!(
            (run.code, run.stdout.as_str()),
            (Some(2), ""),
            "{args:?}: {}",
            run.stderr
        );
        assert!(
            run.stderr.contains("--within") && run.stderr.contains("--near"),
            "{}",
            run.stderr
        );
    }
}

#[test]
fn every_line_fits_the_terminal() {
    let (_folder, path) = file("p.toml", "id = \"P-01\"\nage = 40\n");
    for args in [
        &["screen", "--patient", &path][..],
        &["screen", "--study", "NCT06617793", "--patient", &path],
        &["profile", "check", &path],
    ] {
        assert_fits(&on_sample(args).done().stdout, 80);
    }
}

#[test]
fn studies_without_rules_stand_behind_those_with_rules_and_say_why() {
    let args = ["screen", "--age", "40", "--ms-course", "rrms", "--id", "P"];
    let found = on_sample(&[&args[..], &["--format", "json"]].concat())
        .done()
        .json();
    let trials = found["patients"][0]["trials"].as_array().unwrap();
    let unread = |one: &Value| {
        one["unknown"]
            .as_array()
            .unwrap()
            .iter()
            .any(|item| item["quote"] == "")
    };
    let open: Vec<bool> = (trials.iter())
        .filter(|one| one["verdict"] == "check")
        .map(unread)
        .collect();
    assert!(open.contains(&true) && open.contains(&false), "{open:?}");
    assert!(open.is_sorted(), "{open:?}");
    let text = on_sample(&args).done().stdout;
    assert!(!text.contains("“”"), "an empty quote: {text}");
    assert!(!text.contains(" 1 points"), "{text}");
    assert!(
        unwrapped(&text).contains("the record here holds no rules that can be read: ask"),
        "{text}"
    );
}

#[test]
fn a_list_where_a_table_belongs_is_an_error_with_its_field() {
    for (name, text, field) in [
        (
            "p.json",
            "{\"treatments\": [[\"Ocrevus\", \"2022\", \"ongoing\"]]}",
            "treatments[0]",
        ),
        (
            "p.json",
            "{\"conditions\": [{\"kind\": \"seizure\"}, [\"stroke\", \"2020\"]]}",
            "conditions[1]",
        ),
        (
            "p.toml",
            "treatments = [[\"Ocrevus\", \"2022\"]]\n",
            "treatments[0]",
        ),
        ("p.toml", "conditions = [[\"stroke\"]]\n", "conditions[0]"),
    ] {
        let (_folder, path) = file(name, text);
        let run = on_sample(&["screen", "--patient", &path]);
        assert_eq!(
            (run.code, run.stdout.as_str()),
            (Some(5), ""),
            "{text}: {}",
            run.stderr
        );
        for part in [&format!("field `{field}`"), "table"] {
            assert!(
                run.stderr.contains(part),
                "{part} for {text} in {}",
                run.stderr
            );
        }
    }
}

#[test]
fn help_says_that_facts_about_the_patient_hide_no_study() {
    for command in ["screen", "brief"] {
        let help = unwrapped(&crate::support::run(&[command, "--help"]).done().stdout);
        for (option, words) in [
            ("--age <N>", "hides no study"),
            ("--sex <SEX>", "hides no study"),
            ("--ms-course <COURSE>", "hides no study"),
        ] {
            let at = help
                .find(option)
                .unwrap_or_else(|| panic!("{option} in {help}"));
            let own: String = help[at..].chars().take(160).collect();
            assert!(own.contains(words), "{own}");
            assert!(!own.to_lowercase().contains("keep studies"), "{own}");
        }
    }
    let help = unwrapped(&crate::support::run(&["search", "--help"]).done().stdout);
    assert!(help.contains("Keep studies whose age bounds hold this age"));
}

#[test]
fn what_can_be_acted_on_comes_first_and_a_follow_up_says_for_whom_it_is() {
    let args = [
        "screen",
        "--age",
        "40",
        "--ms-course",
        "rrms",
        "--gd-lesions-last",
        "1",
        "--id",
        "P",
    ];
    let text = unwrapped(&on_sample(&args).done().stdout);
    let of = |number: &str| {
        let from = text.find(&format!("{number}: ")).unwrap();
        let rest = &text[from + 12..];
        rest[..rest.find(" NCT").unwrap_or(rest.len())].to_owned()
    };
    let follow_up = of("NCT07403188");
    assert!(
        follow_up.contains("For people who were treated in an earlier study."),
        "{follow_up}"
    );
    let relapsing = of("NCT06617793");
    let (asked, unread) = (relapsing.find("Not stated"), relapsing.find("Not read"));
    assert!(
        asked.is_some() && (unread.is_none() || asked < unread),
        "{relapsing}"
    );
    assert!(!text.contains("1 Gd lesions"), "{text}");
}
