//! Rows of a table of patients: which one is meant, and what of a row could not be used.

use std::path::Path;

use crate::support::{Run, program};

const SLIP: &str = "Ocrevuz";

fn screen(file: &Path, option: &str, format: &str) -> Run {
    let file = file.to_str().unwrap();
    let args = [
        "screen",
        "--source",
        "sample",
        "--study",
        "NCT07224373",
        option,
        file,
        "--format",
        format,
    ];
    program().args(args).output().unwrap().into()
}

fn written(folder: &Path, name: &str, text: &str) -> std::path::PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path
}

#[test]
fn a_drug_that_is_not_known_is_told_where_the_rows_have_no_place_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let table = format!(
        "id,age,treatments\nA,40,natalizumab:2019:2020:failure\nB,41,natalizumab:2019:2020:failure;{SLIP}:2020:2021:failure\n"
    );
    let table = written(folder.path(), "c.csv", &table);
    let run = screen(&table, "--patients", "csv").done();
    assert!(
        run.stderr
            .contains("c.csv, line 3, field `treatments[1].drug`: "),
        "{}",
        run.stderr
    );
    assert!(run.stderr.contains("`ocrevus`"), "{}", run.stderr);
    // It may be anything, also a name.
    assert!(!run.stderr.contains(SLIP), "{}", run.stderr);
    let file = format!("id = \"A\"\n[[treatments]]\ndrug = \"{SLIP}\"\n");
    let file = written(folder.path(), "p.toml", &file);
    let run = screen(&file, "--patient", "csv").done();
    assert!(
        run.stderr.contains("p.toml, field `treatments[0].drug`: "),
        "{}",
        run.stderr
    );
    // Where it stands in the output, it is told there.
    for format in ["json", "table", "markdown", "html"] {
        let run = screen(&table, "--patients", format).done();
        assert!(run.stdout.contains(SLIP), "{format}");
    }
}

#[test]
fn many_drugs_that_are_not_known_are_counted() {
    let folder = tempfile::tempdir().unwrap();
    let rows: Vec<String> = (0..30)
        .map(|at| format!("P{at},{SLIP}::ongoing\n"))
        .collect();
    let rows = rows.concat();
    let table = written(folder.path(), "c.csv", &format!("id,treatments\n{rows}"));
    let run = screen(&table, "--patients", "csv").done();
    let told = run
        .stderr
        .lines()
        .filter(|line| line.contains("field `treatments[0].drug`"))
        .count();
    assert_eq!(told, 20, "{}", run.stderr);
    assert!(
        run.stderr
            .contains("c.csv: and 10 more drugs that are not known"),
        "{}",
        run.stderr
    );
}

#[test]
fn patients_of_one_id_are_told_apart_by_their_lines() {
    let folder = tempfile::tempdir().unwrap();
    let table = written(folder.path(), "c.csv", "id,age\nP-01,40\nP-01,71\n");
    for format in ["table", "markdown", "html"] {
        let run = screen(&table, "--patients", format).done();
        let text = run.stdout.replace('\\', "");
        for line in ["P-01 (line 2 of the table)", "P-01 (line 3 of the table)"] {
            assert!(text.contains(line), "{format}: {line} in {text}");
        }
    }
    let json = screen(&table, "--patients", "json").done().json();
    assert_eq!(json["patients"][0]["line"], 2);
    assert_eq!(json["patients"][1]["line"], 3);
    let csv = screen(&table, "--patients", "csv").done().stdout;
    let mut lines = csv.lines();
    assert!(lines.next().unwrap().ends_with(",line"), "{csv}");
    assert!(lines.next().unwrap().ends_with(",2"), "{csv}");
}

#[test]
fn one_row_is_counted_as_one() {
    let folder = tempfile::tempdir().unwrap();
    let table = written(folder.path(), "c.csv", "id,age\nA,40\nB,four\n");
    let run = screen(&table, "--patients", "json");
    assert_eq!(run.code, Some(5));
    assert!(
        run.stderr.contains("1 row of patients could not be used"),
        "{}",
        run.stderr
    );
}
