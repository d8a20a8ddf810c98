//! `profile check` and `profile new`, and places by name in profiles, through the binary.

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Run, files_in, on_file, on_sample, records};

fn file(name: &str, text: &str) -> (TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    let path = path.to_str().unwrap().to_owned();
    (folder, path)
}

fn check(name: &str, text: &str, more: &[&str]) -> Run {
    let (_folder, path) = file(name, text);
    on_sample(&[&["profile", "check", &path], more].concat())
}

const WRONG_TOML: &str = "id = \"P-01\"\nedss = 11\nagee = 40\n\n[labs]\nanc = \"3200 /uL\"\nigg = \"450\"\n\n[[treatments]]\ndrug = \"Ocrevus\"\nstopped = \"soon\"\n\n[[conditions]]\nkind = \"siezure\"\n";

#[test]
fn every_wrong_field_is_told_on_its_line() {
    let run = check("p.toml", WRONG_TOML, &[]);
    assert_eq!(
        (run.code, run.stdout.as_str()),
        (Some(5), ""),
        "{}",
        run.stderr
    );
    for (line, parts) in [
        (2, &["`edss`", "0 to 10"][..]),
        (3, &["agee", "did you mean `age`"]),
        (7, &["`labs.igg`", "mg/dL"]),
        (11, &["`treatments[0].stopped`", "ongoing"]),
        (
            14,
            &["`conditions[0].kind`", "allowed: malignancy", "seizure"],
        ),
    ] {
        let place = format!("p.toml, line {line},");
        let told: Vec<&str> = run
            .stderr
            .lines()
            .filter(|one| one.contains(&place))
            .collect();
        assert_eq!(told.len(), 1, "line {line} in {}", run.stderr);
        for part in parts {
            assert!(told[0].contains(part), "{part} in {}", told[0]);
        }
    }
    let json = "{\n\"edss\": 11,\n\"labs\": {\n\"igg\": \"450\"},\n\"infections\": {\"flu\": \"positive\"},\n\"treatments\": [{\"drug\": \"a\"},\n{\"stopped\": \"soon\"}]}";
    let run = check("p.json", json, &[]);
    assert_eq!(run.code, Some(5));
    for part in [
        "line 2, field `edss`",
        "line 4, field `labs.igg`",
        "line 5, field `infections`",
        "line 7, field `treatments[1].stopped`",
    ] {
        assert!(run.stderr.contains(part), "{part} in {}", run.stderr);
    }
    let table = "id,edss,labs\nP-01,4.5,igg:8 g/L\nP-02,11,igg:450\nP-03,4\nP-04,12,\n";
    let run = check("p.csv", table, &[]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(5), ""));
    for part in [
        "line 3, field `edss`",
        "line 3, field `labs.igg`",
        "line 4: the row has 2 cells",
        "line 5, field `edss`",
    ] {
        assert!(run.stderr.contains(part), "{part} in {}", run.stderr);
    }
}

#[test]
fn what_is_no_profile_is_told() {
    for (name, text, part) in [
        ("p.toml", "id = \n", "line 1"),
        ("p.toml", "edss = 4\nedss = 5\n", "line 2"),
        ("p.json", "{\"edss\": 4, \"edss\": 5}", "edss"),
        ("p.json", "{\"edss\": 4} {}", "one patient"),
        ("p.json", "[]", "one patient"),
        (
            "p.json",
            "[\"trialbrief.patient/1\", \"P-01\", 40]",
            "one patient",
        ),
        ("p.csv", "id,edss,edss\n", "stands twice"),
        ("p.csv", "id,eddss\n", "did you mean `edss`"),
        ("p.csv", "", "no patient"),
        ("p.csv", "id,edss\n", "no patient"),
    ] {
        let run = check(name, text, &[]);
        assert_eq!(run.code, Some(5), "{text:?}: {}", run.stderr);
        assert!(
            run.stderr.contains(part),
            "{part} for {text:?} in {}",
            run.stderr
        );
    }
    let long = format!("id = \"P\"\n# {}\n", "x".repeat(1 << 20));
    let run = check("p.toml", &long, &[]);
    assert_eq!(run.code, Some(5));
    assert!(run.stderr.contains("too long"), "{}", run.stderr);
}

const GOOD: &str = "id = \"P-01\"\nage = 40\nsex = \"male\"\npregnant = true\nms_course = \"rrms\"\n[[treatments]]\ndrug = \"ocrelizumap\"\nstopped = \"ongoing\"\n";

#[test]
fn a_valid_profile_is_told_with_what_is_missing() {
    let run = check("p.toml", GOOD, &[]).done();
    let text = run.stdout.replace("\n    ", " ");
    for part in [
        "every field can be read",
        "Patient P-01",
        "Contradiction, counted as unknown: sex, pregnant",
        "did you mean `ocrelizumab`?",
        "worth finding out first",
        ": 1 trial (NCT",
        "Not stated: ",
        "EDSS score",
        "not medical advice",
        "SAMPLE, NOT LIVE",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(!text.to_lowercase().contains("eligible"), "{text}");
    let run = check("p.toml", GOOD, &["--format", "json"]).done().json();
    assert_eq!(run["schema"], "trialbrief.profile/1");
    assert_eq!(run["valid"], true);
    assert_eq!(run["source"]["kind"], "sample");
    let patient = &run["patients"][0];
    assert_eq!(patient["id"], "P-01");
    assert_eq!(patient["unknown_drugs"][0]["nearest"], "ocrelizumab");
    let fields: Vec<&str> = patient["not_stated"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .collect();
    assert!(
        fields.contains(&"edss") && !fields.contains(&"age"),
        "{fields:?}"
    );
    // What contradicts itself is missing too.
    let missing = patient["missing_tests"].as_array().unwrap();
    assert!(!missing.is_empty());
    let counts: Vec<usize> = missing
        .iter()
        .map(|one| one["studies"].as_array().unwrap().len())
        .collect();
    assert!(counts.is_sorted_by(|a, b| a >= b), "{counts:?}");
}

#[test]
fn every_patient_of_a_table_is_checked() {
    let table = "id,age,edss\nP-01,40,4.5\nP-02,50,\n";
    let run = check("p.csv", table, &["--format", "json"]).done().json();
    assert_eq!(run["patients"].as_array().unwrap().len(), 2);
    let run = check("p.csv", table, &[]).done();
    assert!(run.stdout.contains("Patient P-01") && run.stdout.contains("Patient P-02"));
    let run = check("p.csv", table, &["--format", "csv"]);
    assert_eq!(run.code, Some(2), "{}", run.stderr);
}

#[cfg(unix)]
#[test]
fn what_is_told_of_a_patient_is_for_the_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("told.txt");
    check("p.toml", GOOD, &["-o", path.to_str().unwrap()]).done();
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_place_by_name_is_found_or_asked_for() {
    let sorted = |args: &[&str]| {
        let run = on_sample(&[&["screen", "--format", "csv"], args].concat()).done();
        run.stdout
    };
    let (_folder, named) = file("p.toml", "near = \"Leeds\"\n");
    let (_folder2, point) = file("p.toml", "near = \"53.80,-1.55\"\n");
    let (_folder3, table) = file("p.csv", "near\n\"Leeds, UK\"\n");
    let by_name = sorted(&["--patient", &named]);
    assert_eq!(by_name, sorted(&["--patient", &point]));
    assert_eq!(by_name, sorted(&["--near", "Leeds"]));
    assert_eq!(
        by_name
            .replace("patient,", "row 1,")
            .replacen("row 1,nct", "patient,nct", 1),
        // Only a table has lines.
        sorted(&["--patients", &table]).replace(",2\n", ",\n")
    );
    assert_ne!(by_name, sorted(&["--near", "Beijing"]));

    let (_folder, path) = file("p.toml", "id = \"P\"\nnear = \"Springfield\"\n");
    let run = on_sample(&["screen", "--patient", &path]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(5), ""));
    for part in ["line 2, field `near`", "several places", "LAT,LON"] {
        assert!(run.stderr.contains(part), "{part} in {}", run.stderr);
    }
    let (_folder, path) = file(
        "p.csv",
        "id,near\nP-01,Leeds\nP-02,Springfield\nP-03,Leedz\n",
    );
    let run = on_sample(&["screen", "--format", "csv", "--patients", &path]);
    assert_eq!(run.code, Some(5));
    assert!(run.stdout.contains("P-01,") && !run.stdout.contains("P-02,"));
    for part in ["line 3, field `near`", "line 4, field `near`", "not known"] {
        assert!(run.stderr.contains(part), "{part} in {}", run.stderr);
    }
}

#[test]
fn the_place_that_was_taken_is_told() {
    let (_folder, path) = file("p.toml", "near = \"London\"\n");
    let run = on_file(&records(), &["screen", "--patient", &path]).done();
    let text = run.stdout.replace("\n    ", " ");
    assert!(text.contains("city centre of London, England"), "{text}");
    assert!(text.contains("passed over: London, Ontario"), "{text}");
}

#[test]
fn questions_need_a_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("p.toml");
    let run = crate::support::run(&["profile", "new", "-o", path.to_str().unwrap()]);
    assert_eq!(run.code, Some(2));
    assert!(run.stderr.contains("terminal"), "{}", run.stderr);
    assert!(files_in(folder.path()).is_empty());
}

#[cfg(unix)]
mod on_a_terminal {
    use std::fs::File;
    use std::io::Write;
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;
    use std::process::Stdio;

    use rustix::pty;

    use super::*;
    use crate::support::program;

    /// Runs the questions on a terminal of their own, with these lines typed.
    fn typed(lines: &[&str], path: &Path) -> Run {
        let terminal = pty::openpt(pty::OpenptFlags::RDWR | pty::OpenptFlags::NOCTTY).unwrap();
        pty::grantpt(&terminal).unwrap();
        pty::unlockpt(&terminal).unwrap();
        let name = pty::ptsname(&terminal, Vec::new()).unwrap();
        let mut options = File::options();
        let inside = options
            .read(true)
            .write(true)
            .open(name.to_str().unwrap())
            .unwrap();
        let mut keyboard = File::from(terminal);
        let child = program()
            .args(["profile", "new", "-o", path.to_str().unwrap()])
            .stdin(inside.try_clone().unwrap())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let text = [&lines.join("\n"), "\n"].concat();
        keyboard.write_all(text.as_bytes()).unwrap();
        // End of input, for what asks more than was typed.
        keyboard.write_all(&[4]).unwrap();
        let run = child.wait_with_output().unwrap().into();
        drop(inside);
        run
    }

    fn enter(count: usize) -> Vec<&'static str> {
        vec![""; count]
    }

    #[test]
    fn answers_are_written_for_the_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("p.toml");
        let lines = [
            vec!["P-07", "400", "47", "female", "UK", "Springfield", "Leeds"],
            enter(60),
        ]
        .concat();
        let run = typed(&lines, &path).done();
        assert_eq!(run.stdout, "");
        for part in [
            "Why: ",
            "Allowed: ",
            "0 to 120",
            "may be any of",
            "profile check",
            "p.toml",
        ] {
            assert!(run.stderr.contains(part), "{part} in {}", run.stderr);
        }
        for word in ["your name", "birth?", "address?"] {
            assert!(!run.stderr.contains(word), "{word} in {}", run.stderr);
        }
        let mode = path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600);
        let text = std::fs::read_to_string(&path).unwrap();
        for part in [
            "id = \"P-07\"",
            "age = 47",
            "near = \"Leeds\"",
            "country = \"United Kingdom\"",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert_eq!(files_in(folder.path()), ["p.toml"]);
        let run = on_sample(&["profile", "check", path.to_str().unwrap()]).done();
        assert!(run.stdout.contains("Patient P-07"), "{}", run.stdout);
    }

    #[test]
    fn broken_off_nothing_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("p.toml");
        let run = typed(&["P-07", "47"], &path);
        assert_eq!(run.code, Some(2), "{}", run.stderr);
        assert!(run.stderr.contains("nothing was written"), "{}", run.stderr);
        assert!(files_in(folder.path()).is_empty());
    }

    #[test]
    fn a_file_that_is_there_stays_without_a_yes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("p.toml");
        std::fs::write(&path, "id = \"old\"\n").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        for word in ["", "no", "y es"] {
            let run = typed(&[&[word][..], &enter(60)].concat(), &path);
            assert_eq!(run.code, Some(2), "{}", run.stderr);
            assert!(run.stderr.contains("stays as it is"), "{}", run.stderr);
            assert_eq!(std::fs::read_to_string(&path).unwrap(), "id = \"old\"\n");
        }
        let run = typed(&[vec!["yes", "new"], enter(60)].concat(), &path).done();
        assert!(run.stderr.contains("there already"), "{}", run.stderr);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains("id = \"new\""), "{text}");
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
}
