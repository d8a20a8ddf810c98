//! `screen --format html`: patients by studies on one page, through the binary.

use std::path::PathBuf;

use serde_json::json;
use tempfile::TempDir;

use crate::html::Html;
use crate::support::{Run, files_in, on_file, on_sample, record};

const TABLE: &str = "id,age,edss,ms_course,country,treatments\n\
                     P-01,40,4.5,rrms,UK,ocrelizumab:2022:ongoing::2026-05-31\n\
                     P-02,40,8,rrms,UK,\n\
                     SECRET-3,40,,,,natalizumap:2018:2021\n";

/// A folder with two studies and a table of patients.
fn desk(table: &str) -> (TempDir, PathBuf, String) {
    let study = |number: &str, criteria: &str| {
        json!({"protocolSection": {
            "identificationModule": {"nctId": number, "briefTitle": format!("CD19 CAR-T cells in multiple sclerosis {number}")},
            "conditionsModule": {"conditions": ["Multiple Sclerosis"]},
            "statusModule": {"overallStatus": "RECRUITING"},
            "armsInterventionsModule": {"interventions": [{"type": "BIOLOGICAL", "name": "CD19 CAR-T cells"}]},
            "eligibilityModule": {"eligibilityCriteria": criteria, "sex": "ALL", "minimumAge": "18 Years"},
            "contactsLocationsModule": {"locations": [{"facility": "Clinic", "city": "Leeds", "country": "United Kingdom", "status": "RECRUITING"}]},
        }})
    };
    let studies = [
        study(
            "NCT90000011",
            "Inclusion Criteria:\n\n* Relapsing MS (RMS)\n* EDSS 3.0 to 6.5\n",
        ),
        study(
            "NCT90000012",
            "Exclusion Criteria:\n\n* Ocrelizumab within 6 months before screening\n* HIV infection\n",
        ),
    ];
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("studies.ndjson");
    std::fs::write(&file, studies.map(|one| one.to_string()).join("\n")).unwrap();
    let patients = folder.path().join("patients.csv");
    std::fs::write(&patients, table).unwrap();
    let patients = patients.to_str().unwrap().to_owned();
    (folder, file, patients)
}

fn screened(table: &str, args: &[&str]) -> Run {
    let (_folder, file, patients) = desk(table);
    let usual = ["screen", "--format", "html", "--patients", &patients];
    on_file(&file, &[&usual, args].concat())
}

#[test]
fn every_patient_stands_against_every_study() {
    let run = screened(TABLE, &[]).done();
    let html = Html::parse(&run.stdout);
    html.assert_sound();
    let cells = html.of_class("cell");
    assert_eq!(cells.len(), 6);
    let words: Vec<String> = (cells.iter())
        .map(|one| {
            let line = one.text.trim().lines().next().unwrap();
            line.split_whitespace().collect::<Vec<_>>().join(" ")
        })
        .collect();
    let expected = [
        "✔ seems to fit (open here)",
        "? nothing rules it out so far, 2 points to clarify (open here)",
        "✖ unlikely: 1 rule out (open here)",
        "? nothing rules it out so far, 2 points to clarify (open here)",
        "? nothing rules it out so far, 2 points to clarify",
        "? nothing rules it out so far, 2 points to clarify",
    ];
    assert_eq!(words, expected);
    let heads: Vec<String> = html.named("th").into_iter().map(|one| one.text).collect();
    for word in ["NCT90000011", "NCT90000012", "P-01", "P-02", "SECRET-3"] {
        assert!(heads.iter().any(|head| head.contains(word)), "{word}");
    }
    assert!(heads[1].contains("· recruiting"), "{heads:?}");
    assert!(!run.stdout.to_lowercase().contains("eligible"));
}

#[test]
fn every_cell_gives_its_reasons_with_their_quotes() {
    let html = Html::parse(&screened(TABLE, &[]).done().stdout);
    let details = html.named("details");
    assert!(details.len() >= 6);
    let ruled_out = details
        .iter()
        .find(|one| one.text.contains("Rules out"))
        .unwrap();
    assert!(ruled_out.text.contains("EDSS 3.0 to 6.5"), "{ruled_out:?}");
    let washout = details
        .iter()
        .find(|one| one.text.contains("2026-11-30"))
        .unwrap();
    assert!(
        washout.text.contains("without their neurologist"),
        "{washout:?}"
    );
    let slip = html
        .named("th")
        .into_iter()
        .find(|one| one.text.contains("SECRET-3"));
    let slip = slip.unwrap().text;
    assert!(
        slip.contains("natalizumap") && slip.contains("natalizumab"),
        "{slip}"
    );
}

#[test]
fn one_study_may_be_turned_to() {
    let run = screened(TABLE, &["--study", "NCT90000012"]).done();
    let html = Html::parse(&run.stdout);
    html.assert_sound();
    assert_eq!(html.of_class("cell").len(), 3);
}

#[test]
fn one_patient_and_no_study_give_a_page_too() {
    let one = on_sample(&["screen", "--format", "html", "--edss", "4"]).done();
    Html::parse(&one.stdout).assert_sound();
    assert!(one.stdout.contains("SAMPLE, NOT LIVE"));
    let no_study = screened(TABLE, &["--phase", "4"]).done();
    Html::parse(&no_study.stdout).assert_sound();
}

#[test]
fn a_wrong_row_is_named_on_stderr_and_the_page_is_whole() {
    let run = screened("id,edss\nP-01,4\nP-02,4.7\n", &[]);
    assert_eq!(run.code, Some(5));
    assert!(run.stderr.contains("line 3"), "{}", run.stderr);
    let html = Html::parse(&run.stdout);
    html.assert_sound();
    assert_eq!(html.of_class("cell").len(), 2);
}

#[test]
fn a_file_is_whole_for_its_owner_or_not_at_all() {
    let (folder, file, patients) = desk("id,edss\nP-01,4\nP-02,4.7\n");
    let out = folder.path().join("panel.html");
    std::fs::write(&out, "old").unwrap();
    let to = out.to_str().unwrap();
    let args = [
        "screen",
        "--format",
        "html",
        "--patients",
        &patients,
        "-o",
        to,
    ];
    let run = on_file(&file, &[&args[..], &["--strict"]].concat());
    assert_eq!(run.code, Some(5), "{}", run.stderr);
    assert_eq!(std::fs::read(&out).unwrap(), b"old");
    assert_eq!(files_in(folder.path()).len(), 3);
    assert_eq!(on_file(&file, &args).code, Some(5));
    let page = std::fs::read_to_string(&out).unwrap();
    Html::parse(&page).assert_sound();
    assert_eq!(files_in(folder.path()).len(), 3);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&out).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[test]
fn hostile_text_does_not_act() {
    let mut hostile = record("hostile");
    hostile["protocolSection"]["eligibilityModule"]["eligibilityCriteria"] =
        "Inclusion Criteria:\n\n* EDSS 5.0 to 6.5</td></table><script>alert(1)</script>\u{202e}\n"
            .into();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("hostile.json");
    std::fs::write(&file, hostile.to_string()).unwrap();
    let args = [
        "screen",
        "--format",
        "html",
        "--id",
        "<b onclick=x>\"P",
        "--edss",
        "4",
    ];
    let run = on_file(&file, &args).done();
    let html = Html::parse(&run.stdout);
    html.assert_sound();
    assert_eq!(html.of_class("cell").len(), 1);
    assert!(!run.stdout.contains('\u{202e}'));
}

#[test]
fn nothing_of_a_patient_is_told_on_stderr() {
    let run = screened(TABLE, &["--verbose"]).done();
    for word in ["SECRET-3", "natalizumap", "4.5"] {
        assert!(!run.stderr.contains(word), "{word} in {}", run.stderr);
    }
}

#[expect(clippy::print_stdout, reason = "a test that is skipped says why")]
#[test]
fn a_real_validator_finds_no_fault() {
    let Some(jar) = std::env::var_os("TRIALBRIEF_VNU") else {
        println!("skipped: TRIALBRIEF_VNU names no Nu HTML validator (vnu.jar)");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("panel.html");
    std::fs::write(&page, screened(TABLE, &[]).done().stdout).unwrap();
    let mut java = std::process::Command::new("java");
    let java = java.arg("-jar").arg(jar).args(["--Werror", "--stdout"]);
    let found = java.arg(page).output().unwrap();
    assert!(
        found.status.success(),
        "{}",
        String::from_utf8_lossy(&found.stdout)
    );
}

#[test]
fn what_seems_met_is_named_and_is_no_verdict() {
    let run = screened("id,age,sex\nP-01,40,female\n", &[]).done();
    let html = Html::parse(&run.stdout);
    let cells = html.of_class("cell");
    assert!(!cells.is_empty());
    for cell in cells {
        assert!(
            cell.text
                .contains("2 of the rules that were read seem met (age, sex)"),
            "{}",
            cell.text
        );
        assert!(!cell.text.contains("seem to fit"), "{}", cell.text);
    }
    let words = html.text();
    assert!(
        words.contains(": 1 study") && !words.contains(": 1 studies"),
        "{words}"
    );
}
