//! What was read from the criteria, where a search shows it: columns, filter, CSV.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::support::{assert_fits, on_sample, program};

/// The CSV of the sample: studies by number, cells by column.
fn rows() -> BTreeMap<String, BTreeMap<String, String>> {
    let csv = on_sample(&["search", "--status", "all", "--format", "csv"])
        .done()
        .stdout;
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let header = reader.headers().unwrap().clone();
    let of_row = |row: csv::StringRecord| {
        let cells: BTreeMap<String, String> = (header.iter().zip(row.iter()))
            .map(|(column, cell)| (column.to_owned(), cell.to_owned()))
            .collect();
        (cells["nct_id"].clone(), cells)
    };
    reader.records().map(|row| of_row(row.unwrap())).collect()
}

#[test]
fn the_csv_holds_what_was_read() {
    let rows = rows();
    let cells = |number: &str| {
        let columns = [
            "ms_courses",
            "edss_min",
            "edss_max",
            "prior_treatment_required",
        ];
        columns.map(|column| rows[number][column].clone())
    };
    assert_eq!(
        cells("NCT06617793"),
        [
            "rms",
            "3",
            "6",
            "alemtuzumab|natalizumab|ocrelizumab|ofatumumab|rituximab|ublituximab"
        ]
    );
    assert_eq!(cells("NCT06675864"), ["spms|ppms", "3", "6.5", ""]);
    assert_eq!(
        cells("NCT06451159"),
        ["spms|ppms|pms", "3", "7", "anti_cd20|siponimod"]
    );
    // What was not read stays empty.
    assert_eq!(cells("NCT07224373"), ["", "", "", ""]);
}

#[test]
fn a_wide_terminal_has_columns_for_course_and_edss() {
    let run = program()
        .args(["search", "--source", "sample"])
        .env("COLUMNS", "120")
        .output()
        .unwrap();
    let shown = String::from_utf8(run.stdout).unwrap();
    assert_fits(&shown, 120);
    let header = shown.lines().find(|line| line.starts_with("NCT ")).unwrap();
    assert!(
        header.contains(" Course ") && header.contains(" EDSS "),
        "{header}"
    );
    let study = shown
        .lines()
        .find(|line| line.starts_with("NCT06617793"))
        .unwrap();
    assert!(
        study.contains(" rms ") && study.contains(" 3–6 "),
        "{study}"
    );
}

/// Studies that a filter for a course keeps, and what its step of the funnel left.
fn of_course(course: &str) -> (Vec<String>, Value) {
    let args = [
        "search",
        "--status",
        "all",
        "--format",
        "json",
        "--ms-course",
        course,
    ];
    let found = on_sample(&args).done().json();
    let trials = found["trials"].as_array().unwrap().iter();
    let numbers = trials.map(|trial| trial["nct_id"].as_str().unwrap().to_owned());
    let steps = found["funnel"].as_array().unwrap();
    let step = steps
        .iter()
        .find(|step| step["step"] == "ms_course")
        .unwrap();
    (numbers.collect(), step["remaining"].clone())
}

#[test]
fn the_course_filter_keeps_what_may_fit_and_counts_the_rest() {
    let rows = rows();
    for (course, keeps, drops) in [
        ("rrms", "NCT06617793", "NCT06675864"),
        ("ppms", "NCT06675864", "NCT06617793"),
        ("rms", "NCT06617793", "NCT06675864"),
        ("pms", "NCT06451159", "NCT06617793"),
    ] {
        let (numbers, remaining) = of_course(course);
        assert!(numbers.iter().any(|one| one == keeps), "{course}: {keeps}");
        assert!(!numbers.iter().any(|one| one == drops), "{course}: {drops}");
        assert_eq!(remaining, numbers.len(), "{course}");
        // A study whose course is not known is never dropped.
        let unknown = rows.values().filter(|cells| cells["ms_courses"].is_empty());
        for cells in unknown {
            assert!(
                numbers.contains(&cells["nct_id"]),
                "{course}: {}",
                cells["nct_id"]
            );
        }
    }
    let (both, _) = of_course("rrms,ppms");
    for number in ["NCT06617793", "NCT06675864"] {
        assert!(both.iter().any(|one| one == number), "{number}");
    }
    // SPMS may be among relapsing and among progressive forms.
    let (spms, _) = of_course("spms");
    assert!(spms.len() >= both.len(), "{spms:?}");
}

#[test]
fn a_course_that_is_none_is_wrong_usage() {
    let run = on_sample(&["search", "--ms-course", "xyz"]);
    assert_eq!(run.code, Some(2), "{}", run.stderr);
    assert!(run.stderr.contains("rrms"), "{}", run.stderr);
}
