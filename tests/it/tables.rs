//! Tables of patients that are odd: rows without end, no rows, the same patient twice.

use std::io::Write;
use std::path::PathBuf;

use tempfile::TempDir;

use crate::support::{Run, on_sample};

fn table(text: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("p.csv");
    std::fs::write(&path, text).unwrap();
    (folder, path)
}

fn screen(text: &str, more: &[&str]) -> Run {
    let (_folder, path) = table(text);
    let common = [
        "screen",
        "--study",
        "NCT06617793",
        "--format",
        "csv",
        "--patients",
    ];
    on_sample(&[&common[..], &[path.to_str().unwrap()], more].concat())
}

/// A table with a cell of so many bytes in its second row.
fn with_long_cell(bytes: usize, quoted: bool) -> (TempDir, PathBuf) {
    let (folder, path) = table("");
    let mut file = std::fs::File::create(&path).unwrap();
    let quote = if quoted { "\"" } else { "" };
    write!(file, "id,edss\nP-01,4\nP-02,{quote}").unwrap();
    let part = if quoted {
        "x\n".repeat(1 << 15)
    } else {
        "x".repeat(1 << 16)
    };
    for _ in 0..bytes.div_ceil(part.len()) {
        file.write_all(part.as_bytes()).unwrap();
    }
    write!(file, "{quote}\nP-03,5\n").unwrap();
    (folder, path)
}

#[test]
fn a_row_without_end_is_named_and_the_rest_is_screened() {
    for quoted in [false, true] {
        let (_folder, path) = with_long_cell(3 << 20, quoted);
        let args = [
            "screen",
            "--study",
            "NCT06617793",
            "--format",
            "csv",
            "--patients",
            path.to_str().unwrap(),
        ];
        let run = on_sample(&args);
        assert_eq!(run.code, Some(5), "{:.2000}", run.stderr);
        assert!(
            run.stdout.contains("P-01,") && run.stdout.contains("P-03,"),
            "{}",
            run.stdout
        );
        assert!(!run.stdout.contains("P-02"), "{}", run.stdout);
        for part in ["line 3", "longer than 1 MiB"] {
            assert!(run.stderr.contains(part), "{part} in {:.2000}", run.stderr);
        }
        assert!(!run.stderr.contains("xx"), "{:.2000}", run.stderr);
        let strict = on_sample(&[&args[..], &["--strict"]].concat());
        assert_eq!(strict.code, Some(5));
        assert!(!strict.stdout.contains("P-03,"), "{}", strict.stdout);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_cell_of_100_mb_takes_bounded_memory() {
    let (_folder, path) = with_long_cell(100 << 20, true);
    let args = [
        "screen",
        "--source",
        "sample",
        "--study",
        "NCT06617793",
        "--format",
        "csv",
        "--patients",
        path.to_str().unwrap(),
    ];
    // 200 MB of data at most: twice the cell, and less than a reader would take that holds it.
    let mut command = std::process::Command::new("sh");
    command
        .args([
            "-c",
            "ulimit -d 200000; exec \"$0\" \"$@\"",
            env!("CARGO_BIN_EXE_trialbrief"),
        ])
        .args(args)
        .env("TRIALBRIEF_TODAY", crate::support::TODAY);
    let run: Run = command.output().unwrap().into();
    assert_eq!(run.code, Some(5), "{:.2000}", run.stderr);
    assert!(run.stdout.contains("P-03,"), "{:.2000}", run.stdout);
}

#[test]
fn a_row_of_too_many_cells_is_named() {
    let text = format!("id,edss\nP-01,4\nP-02{}\nP-03,5\n", ",".repeat(20_000));
    let run = screen(&text, &[]);
    assert_eq!(run.code, Some(5), "{}", run.stderr);
    assert!(
        run.stderr.contains("line 3") && run.stderr.contains("cells"),
        "{}",
        run.stderr
    );
    assert!(run.stdout.contains("P-03,"), "{}", run.stdout);
    let run = screen(&format!("id{}\nP\n", ",edss".repeat(20_000)), &[]);
    assert_eq!(run.code, Some(5), "{:.500}", run.stderr);
    assert!(run.stderr.contains("line 1"), "{:.500}", run.stderr);
}

#[test]
fn a_table_without_a_patient_is_told() {
    for text in ["", "\u{feff}", "\n\n", "id,edss\n", "id,edss"] {
        for format in ["csv", "json", "table", "html"] {
            let (_folder, path) = table(text);
            let out = path.with_extension("out");
            let args = [
                "screen",
                "--format",
                format,
                "-o",
                out.to_str().unwrap(),
                "--patients",
                path.to_str().unwrap(),
            ];
            let run = on_sample(&args);
            assert_eq!(
                (run.code, run.stdout.as_str()),
                (Some(5), ""),
                "{text:?} {format}: {}",
                run.stderr
            );
            assert!(
                run.stderr.contains("holds no patient"),
                "{text:?}: {}",
                run.stderr
            );
            assert!(!out.exists(), "nothing is written");
        }
    }
}

#[test]
fn the_same_patient_twice_is_remarked_by_lines() {
    let text = "id,edss\nSECRET-1,4\nP-02,4\n\nSECRET-1,5\n,5\n,5\nSECRET-1,6\n";
    let run = screen(text, &[]).done();
    for part in ["line 5", "line 8", "as in line 2"] {
        assert!(run.stderr.contains(part), "{part} in {}", run.stderr);
    }
    assert!(!run.stderr.contains("SECRET"), "{}", run.stderr);
    assert_eq!(
        run.stdout.matches("SECRET-1,").count(),
        3,
        "all of them are screened"
    );
    assert!(
        !run.stderr.contains("line 7"),
        "who has no id is nobody twice: {}",
        run.stderr
    );
    let (_folder, path) = table(text);
    let run = on_sample(&["profile", "check", path.to_str().unwrap()]).done();
    assert!(
        run.stderr.contains("line 5") && !run.stderr.contains("SECRET"),
        "{}",
        run.stderr
    );
}

#[test]
fn rows_are_read_as_before() {
    let text = "\u{feff}id , edss,labs\r\n\r\n\"P-01\" ,4.5,\"igg:8 g/L;\nanc:3200 /uL\"\r\nP-02,\"4\"\"\",\r\nP-03,5,\r\n";
    let run = screen(text, &[]);
    assert_eq!(run.code, Some(5), "{}", run.stderr);
    assert!(
        run.stderr.contains("line 5, field `edss`"),
        "{}",
        run.stderr
    );
    assert!(
        run.stdout.contains("P-01,") && run.stdout.contains("P-03,"),
        "{}",
        run.stdout
    );
    // A row that is no UTF-8.
    let (_folder, path) = table("");
    std::fs::write(&path, b"id,edss\nP-01,4\nP\xff,4\nP-03,4\n").unwrap();
    let args = [
        "screen",
        "--study",
        "NCT06617793",
        "--format",
        "csv",
        "--patients",
        path.to_str().unwrap(),
    ];
    let run = on_sample(&args);
    assert_eq!(run.code, Some(5));
    assert!(
        run.stderr.contains("line 3: the row is not UTF-8"),
        "{}",
        run.stderr
    );
    assert!(run.stdout.contains("P-03,"), "{}", run.stdout);
}
