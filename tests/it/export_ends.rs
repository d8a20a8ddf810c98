//! How an export ends: killed before its provenance, barred from a file, and what it says of itself.

use serde_json::json;

use crate::support::files_in;
use crate::sync::{FIRST, SECOND, holding, ten};
use crate::weekly::{Weekly, week_later};

#[test]
fn a_run_that_was_killed_before_the_provenance_is_new_the_next_time() {
    let weekly = Weekly::new(holding(&ten(), FIRST));
    let csv = weekly.path("a.csv");
    let export = || {
        let args = [
            "export",
            "--csv",
            &csv,
            "--sentinels",
            "none",
            "--exit-code",
        ];
        weekly.world.run(&args).code
    };
    assert_eq!((export(), export()), (Some(10), Some(0)));
    let old = weekly.read("a.csv.meta.json");
    weekly
        .world
        .registry
        .becomes(holding(&week_later(), SECOND));
    assert_eq!(export(), Some(10));
    // As if it had been ended behind the table.
    std::fs::write(weekly.out.join("a.csv.meta.json"), &old).unwrap();
    assert_eq!((export(), export()), (Some(10), Some(0)));
    // A provenance of an older version names no table: then the table itself is all there is.
    let mut meta = weekly.meta();
    meta.as_object_mut().unwrap().remove("csv_sha256").unwrap();
    std::fs::write(weekly.out.join("a.csv.meta.json"), meta.to_string()).unwrap();
    assert_eq!(export(), Some(0));
}

#[test]
fn the_one_line_can_be_json() {
    let weekly = Weekly::new(holding(&ten(), FIRST));
    let run = weekly.export(&["--format", "json"]).done();
    assert_eq!(run.stdout.lines().count(), 1, "{}", run.stdout);
    let told = run.json();
    assert_eq!(
        (
            &told["schema"],
            &told["studies"],
            &told["changes"],
            &told["new"]
        ),
        (
            &json!("trialbrief.export/1"),
            &json!(10),
            &json!(0),
            &json!(true)
        )
    );
    assert_eq!(told["csv"], weekly.path("a.csv"));
    assert_eq!(told["registry_timestamp"], FIRST);
    assert!(!run.stderr.contains("written to"), "{}", run.stderr);
    let files = ["a.csv", "a.csv.meta.json", "changes.csv"];
    assert_eq!(files_in(&weekly.out), files, "no file more or less");
    let out = weekly.path("x");
    weekly.assert_refused(2, &["--output"], &["-o", &out]);
    weekly.assert_refused(2, &["--format json"], &["--format", "markdown"]);
}

/// A file that nobody may change is seen before any other is replaced.
#[cfg(target_os = "linux")]
#[test]
#[expect(clippy::print_stdout, reason = "a test that is skipped says why")]
fn a_file_that_cannot_be_replaced_is_seen_before_the_others_are() {
    let weekly = Weekly::new(holding(&ten(), FIRST));
    weekly.export(&[]).done();
    let mark = |how: &str| {
        let mut chattr = std::process::Command::new("chattr");
        let done = chattr.args([how, &weekly.path("changes.csv")]).output();
        done.is_ok_and(|done| done.status.success())
    };
    if !mark("+i") {
        println!("skipped: no file can be marked as unchangeable here");
        return;
    }
    weekly
        .world
        .registry
        .becomes(holding(&week_later(), SECOND));
    let before = weekly.files();
    let run = weekly.export(&[]);
    let after = weekly.files();
    assert!(mark("-i"));
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert!(run.stderr.contains("changes.csv"), "{}", run.stderr);
    assert_eq!(after, before);
    weekly.export(&[]).done();
    assert_eq!(weekly.read("changes.csv").lines().count(), 5);
}
