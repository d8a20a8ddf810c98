//! The file of a handout: its name, who may read it, and what a run that fails leaves.

use std::path::Path;

use super::{Desk, PATIENT};
use crate::html::Html;
use crate::support::{TODAY, files_in};

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_file_of_the_day_is_written_for_its_owner_only_and_named() {
    let desk = Desk::with(&[]);
    for (format, name) in [
        (&[][..], format!("trialbrief-{TODAY}.html")),
        (
            &["--format", "markdown"][..],
            format!("trialbrief-{TODAY}.md"),
        ),
    ] {
        let args = [format, &["--source", "sample", "--patient", "patient.toml"]].concat();
        let run = desk.run(&args).done();
        assert_eq!(run.stdout, "");
        assert!(run.stderr.contains(&name), "{}", run.stderr);
        let path = desk.path(&name);
        assert!(path.is_file());
        #[cfg(unix)]
        assert_eq!(mode(&path), 0o600);
    }
    assert_eq!(
        files_in(desk.folder.path()).len(),
        4,
        "nothing else is left"
    );
}

#[cfg(unix)]
#[test]
fn a_file_that_others_could_read_is_replaced_by_one_that_they_cannot() {
    use std::os::unix::fs::PermissionsExt;
    let desk = Desk::usual();
    let path = desk.path("out");
    std::fs::write(&path, "old").unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o666)).unwrap();
    assert!(desk.written(&[]).starts_with("<!DOCTYPE html>"));
    assert_eq!(mode(&path), 0o600);
}

#[test]
fn a_run_that_fails_leaves_the_old_file() {
    let desk = Desk::usual();
    let name = format!("trialbrief-{TODAY}.html");
    std::fs::write(desk.path(&name), "old").unwrap();
    std::fs::write(desk.path("wrong.toml"), "edss = 11\n").unwrap();
    for (args, code) in [
        (&["--source", "sample", "--patient", "wrong.toml"][..], 5),
        (&["--source", "./no-such-file.json"], 5),
        (&["--source", "sample", "--edss", "4.7"], 2),
        (&["--source", "sample", "--format", "csv"], 2),
        (&["--source", "sample", "--pages", "x"], 2),
        (&["--source", "sample", "-o", "no-such-folder/a.html"], 1),
    ] {
        let run = desk.run(args);
        assert_eq!(run.code, Some(code), "{args:?}: {}", run.stderr);
        assert_eq!(run.stdout, "");
        assert_eq!(std::fs::read(desk.path(&name)).unwrap(), b"old", "{args:?}");
        assert_eq!(files_in(desk.folder.path()).len(), 4, "{args:?}");
    }
}

#[test]
fn nothing_of_a_patient_is_told_on_stderr() {
    let desk = Desk::usual();
    for near in ["53.80,-1.55", "Leeds"] {
        let profile = PATIENT.replace("53.80,-1.55", near);
        std::fs::write(desk.path("patient.toml"), profile).unwrap();
        let usual = ["--source", "./studies.ndjson", "--patient", "patient.toml"];
        let run = desk.run(&[&usual[..], &["--verbose"]].concat()).done();
        for word in [
            "SECRET-77",
            "451",
            "natalizumap",
            "4.5",
            "53.8",
            "Leeds",
            "rrms",
        ] {
            assert!(!run.stderr.contains(word), "{word} in {}", run.stderr);
        }
        let page = Html::parse(&desk.written(&[])).text_of("patient");
        assert!(page.contains("Distances are in a straight line"), "{page}");
    }
}

#[test]
fn twenty_studies_fit_into_400_kb_and_the_same_data_give_the_same_bytes() {
    let desk = Desk::usual();
    let args = [
        "--source",
        "sample",
        "--status",
        "all",
        "--limit",
        "20",
        "--pages",
        "20",
        "--patient",
        "patient.toml",
    ];
    let source = desk.read(&args);
    assert!(source.len() <= 400_000, "{} bytes", source.len());
    assert_eq!(
        Html::parse(&source).of_class("study").len(),
        20 - ruled_out(&source)
    );
    assert_eq!(desk.read(&args), source);
}

fn ruled_out(source: &str) -> usize {
    Html::parse(source).of_class("out").len()
}
