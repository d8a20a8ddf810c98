//! The export: whole or not at all.

use std::path::Path;

use serde_json::Value;

use crate::support::{Run, files_in, on_file, on_sample, program, records};

fn export(csv: &Path, more: &[&str]) -> Run {
    on_sample(&[&["export", "--csv", csv.to_str().unwrap()], more].concat())
}

#[test]
fn writes_the_table_and_its_provenance() {
    let folder = tempfile::tempdir().unwrap();
    let csv = folder.path().join("studies.csv");
    let run = export(&csv, &["--region", "uk"]).done();
    assert_eq!(run.stdout, "");
    assert!(
        run.stderr.contains("studies.csv.meta.json") && run.stderr.contains("SAMPLE, NOT LIVE")
    );
    assert_eq!(
        files_in(folder.path()),
        ["studies.csv", "studies.csv.meta.json"]
    );

    let rows = csv::Reader::from_path(&csv).unwrap().into_records().count();
    let meta: Value = serde_json::from_slice(
        &std::fs::read(folder.path().join("studies.csv.meta.json")).unwrap(),
    )
    .unwrap();
    assert_eq!(meta["tool_version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(meta["rows"], rows);
    assert_eq!(meta["file"], "studies.csv");
    assert_eq!(meta["source"]["kind"], "sample");
    assert_eq!(meta["source"]["complete"], true);
    assert!(meta["source"]["requests"].is_array());
    // Cron wants all studies, whatever their status.
    assert_eq!(meta["filters"]["status"], "all");
    assert_eq!(meta["filters"]["places"], serde_json::json!(["uk"]));
    assert_eq!(
        meta["funnel"][0],
        serde_json::json!({"step": "retrieved", "remaining": 38})
    );
    // What changes from run to run stands in the provenance only.
    assert!(
        !std::fs::read_to_string(&csv)
            .unwrap()
            .contains(crate::support::TODAY)
    );
}

#[test]
fn the_same_data_give_the_same_bytes_on_another_day() {
    let folder = tempfile::tempdir().unwrap();
    let csv = folder.path().join("studies.csv");
    export(&csv, &[]).done();
    let first = std::fs::read(&csv).unwrap();
    let mut later = program();
    let args = [
        "export",
        "--source",
        "sample",
        "--csv",
        csv.to_str().unwrap(),
        "--today",
        "2027-01-01",
    ];
    Run::from(later.args(args).output().unwrap()).done();
    assert_eq!(std::fs::read(&csv).unwrap(), first);
}

#[test]
fn line_ends_and_byte_order_mark_are_as_asked() {
    let folder = tempfile::tempdir().unwrap();
    let csv = folder.path().join("studies.csv");
    export(&csv, &[]).done();
    let plain = std::fs::read_to_string(&csv).unwrap();
    assert!(!plain.contains('\r') && plain.starts_with("nct_id,") && plain.ends_with('\n'));
    export(&csv, &["--crlf", "--bom"]).done();
    let excel = std::fs::read_to_string(&csv).unwrap();
    assert_eq!(excel, format!("\u{FEFF}{}", plain.replace('\n', "\r\n")));
    let shown = on_sample(&[
        "search", "--status", "all", "--format", "csv", "--crlf", "--bom",
    ])
    .done()
    .stdout;
    assert_eq!(shown, excel);
}

#[test]
fn cells_that_a_spreadsheet_would_run_are_disarmed() {
    let folder = tempfile::tempdir().unwrap();
    let csv = folder.path().join("hostile.csv");
    let hostile = records().join("hostile.json");
    on_file(&hostile, &["export", "--csv", csv.to_str().unwrap()]).done();
    let mut reader = csv::Reader::from_path(&csv).unwrap();
    let header = reader.headers().unwrap().clone();
    let row = reader.records().next().unwrap().unwrap();
    let mut armed = 0;
    for (name, cell) in header.iter().zip(&row) {
        assert!(
            !cell.starts_with(['=', '+', '-', '@', '\t', '\r']),
            "{name}: {cell}"
        );
        armed += usize::from(cell.starts_with('\''));
    }
    // Title, acronym, sponsor, and the contact's name, telephone and e-mail.
    assert_eq!(armed, 6);
}

/// Puts a file where the table goes, lets a run fail, and asserts that nothing changed.
fn assert_untouched(folder: &Path, code: i32, fail: impl FnOnce(&Path) -> Run) {
    let csv = folder.join("studies.csv");
    std::fs::write(&csv, "the last good run").unwrap();
    let before = files_in(folder);
    let run = fail(&csv);
    assert_eq!(run.code, Some(code), "{}", run.stderr);
    assert!(run.stderr.contains("error: "), "{}", run.stderr);
    assert_eq!(run.stdout, "");
    assert_eq!(std::fs::read(&csv).unwrap(), b"the last good run");
    assert_eq!(files_in(folder), before);
}

#[test]
fn a_bad_source_leaves_the_old_file() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("broken.ndjson");
    let good = crate::support::record("primary").to_string();
    std::fs::write(&source, format!("{good}\n{good}\n{{\"protocolSection\"")).unwrap();
    assert_untouched(folder.path(), 5, |csv| {
        on_file(&source, &["export", "--csv", csv.to_str().unwrap()])
    });
}

#[test]
fn a_wrong_flag_leaves_the_old_file() {
    let folder = tempfile::tempdir().unwrap();
    assert_untouched(folder.path(), 2, |csv| export(csv, &["--region", "ukk"]));
}

#[test]
fn places_that_cannot_be_written_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing/studies.csv");
    let target = folder.path().join("a folder.csv");
    std::fs::create_dir(&target).unwrap();
    // A folder in the place of the provenance stops the table too.
    let blocked = folder.path().join("blocked.csv");
    std::fs::create_dir(folder.path().join("blocked.csv.meta.json")).unwrap();
    let before = files_in(folder.path());
    for path in [&missing, &target, &blocked] {
        let run = export(path, &[]);
        assert_eq!(run.code, Some(1), "{}", run.stderr);
        let name = path.file_name().unwrap().to_str().unwrap();
        assert!(
            run.stderr.contains(name) && run.stderr.contains("hint:"),
            "{}",
            run.stderr
        );
        assert_eq!(files_in(folder.path()), before);
    }
}

#[cfg(unix)]
#[test]
#[expect(clippy::print_stdout, reason = "a test that is skipped says why")]
fn a_folder_without_rights_leaves_the_old_file() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let set = |mode| {
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(mode)).unwrap();
    };
    set(0o555);
    let barred = std::fs::write(folder.path().join("probe"), "").is_err();
    set(0o755);
    if !barred {
        println!("skipped: this user may write everywhere");
        return;
    }
    assert_untouched(folder.path(), 1, |csv| {
        set(0o555);
        let run = export(csv, &[]);
        set(0o755);
        run
    });
}

/// A device or a pipe must not be replaced by a file of its name.
#[cfg(unix)]
#[test]
fn what_is_no_file_is_not_replaced() {
    use std::os::unix::fs::FileTypeExt;
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe.csv");
    assert!(
        std::process::Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    for run in [
        export(&pipe, &[]),
        on_sample(&["search", "-o", pipe.to_str().unwrap()]),
    ] {
        assert_eq!(run.code, Some(1), "{}", run.stderr);
        assert!(
            run.stderr.contains("pipe.csv") && run.stderr.contains("not a regular file"),
            "{}",
            run.stderr
        );
    }
    assert!(std::fs::metadata(&pipe).unwrap().file_type().is_fifo());
    assert_eq!(files_in(folder.path()), ["pipe.csv"]);
}

/// A link stays a link, and the file that it names is the one that is written.
#[cfg(unix)]
#[test]
fn a_link_stays_a_link() {
    let folder = tempfile::tempdir().unwrap();
    let (real, link) = (
        folder.path().join("real.csv"),
        folder.path().join("link.csv"),
    );
    std::fs::write(&real, "old").unwrap();
    std::os::unix::fs::symlink("real.csv", &link).unwrap();
    export(&link, &[]).done();
    assert!(link.is_symlink());
    assert!(
        std::fs::read_to_string(&real)
            .unwrap()
            .starts_with("nct_id,")
    );
}

/// As a full disk: files may not grow beyond one block.
#[cfg(unix)]
#[test]
fn a_full_disk_leaves_the_old_file_and_no_rest() {
    for shell in [
        "ulimit -f 1; exec \"$0\" \"$@\"",
        "trap '' XFSZ; ulimit -f 1; exec \"$0\" \"$@\"",
    ] {
        let folder = tempfile::tempdir().unwrap();
        assert_untouched(folder.path(), 1, |csv| {
            let program = program();
            let mut sh = std::process::Command::new("sh");
            sh.args(["-c", shell]).arg(program.get_program());
            sh.args([
                "export",
                "--source",
                "sample",
                "--csv",
                csv.to_str().unwrap(),
            ]);
            sh.env("TRIALBRIEF_TODAY", crate::support::TODAY);
            Run::from(sh.output().unwrap())
        });
    }
}
