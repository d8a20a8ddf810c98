//! The weekly job: `export` from the store after a sync, week after week.

use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};
use trialbrief::store::{Lock, Store, file_in};

use crate::fake_registry::{Act, Script};
use crate::support::{Run, files_in, program, records, weekly_export};
use crate::sync::{FIRST, SECOND, World, holding, numbered, ten};

/// A registry, a data directory, and a folder for what is exported.
pub(crate) struct Weekly {
    pub(crate) world: World,
    pub(crate) out: PathBuf,
}

impl Weekly {
    pub(crate) fn new(script: Script) -> Self {
        let world = World::new(script);
        let out = world.folder.path().join("out");
        std::fs::create_dir(&out).unwrap();
        Self { world, out }
    }

    pub(crate) fn path(&self, name: &str) -> String {
        self.out.join(name).to_str().unwrap().to_owned()
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.out.join(name)).unwrap()
    }

    pub(crate) fn export(&self, more: &[&str]) -> Run {
        let usual = weekly_export(&self.out);
        let usual: Vec<&str> = usual.iter().map(String::as_str).collect();
        self.world.run(&[&usual[..], more].concat())
    }

    pub(crate) fn meta(&self) -> Value {
        serde_json::from_str(&self.read("a.csv.meta.json")).unwrap()
    }

    /// Everything that was exported, by name.
    pub(crate) fn files(&self) -> Vec<(String, String)> {
        let names = files_in(&self.out).into_iter();
        names.map(|name| (name.clone(), self.read(&name))).collect()
    }

    pub(crate) fn assert_refused(&self, code: i32, parts: &[&str], more: &[&str]) {
        let before = self.files();
        let run = self.export(more);
        assert_eq!(run.code, Some(code), "{}", run.stderr);
        for part in parts {
            assert!(
                run.stderr.contains(part),
                "{part} is not in: {}",
                run.stderr
            );
        }
        assert_eq!(self.files(), before);
    }
}

const HEADER: &str = "detected_at,nct_id,change,field,before,after,registry_last_update\n";

/// A week later: one study changed, one is new, one is gone, one is of no interest to a search for MS.
pub(crate) fn week_later() -> Vec<Value> {
    let mut later = ten();
    later.remove(6);
    later[1] = numbered(2, "2026-08-08");
    later[1]["protocolSection"]["statusModule"]["overallStatus"] = "COMPLETED".into();
    later.push(numbered(11, "2026-08-09"));
    later
}

#[test]
fn the_first_run_writes_the_table_and_no_changes() {
    let weekly = Weekly::new(holding(&ten(), FIRST));
    let json = weekly.path("a.json");
    let run = weekly
        .export(&["--json", &json, "--today", "2026-08-04"])
        .done();
    assert_eq!(run.stdout, "");
    assert!(!run.stderr.contains("warning"), "{}", run.stderr);
    assert!(run.stderr.contains("10 studies written"), "{}", run.stderr);
    assert_eq!(
        files_in(&weekly.out),
        ["a.csv", "a.csv.meta.json", "a.json", "changes.csv"]
    );
    assert_eq!(weekly.read("changes.csv"), HEADER);
    assert_eq!(weekly.read("a.csv").lines().count(), 11);
    let meta = weekly.meta();
    let store = Store::open(&weekly.world.data()).unwrap().unwrap();
    let head = store.head().unwrap().unwrap();
    assert_eq!(meta["cursor"], json!({"store": head.store, "run": 1}));
    assert_eq!(meta["source"]["kind"], "store");
    assert_eq!(meta["source"]["registry_timestamp"], FIRST);
    assert_eq!(
        meta["source"]["requests"].as_array().unwrap().len(),
        weekly.world.registry.requests().len()
    );
    let json: Value = serde_json::from_str(&weekly.read("a.json")).unwrap();
    assert_eq!(
        (&json["schema"], json["trials"].as_array().unwrap().len()),
        (&json!("trialbrief.search/1"), 10)
    );
}

#[test]
fn a_workbook_is_frozen_filtered_linked_and_runs_nothing() {
    let mut studies = ten();
    studies[0]["protocolSection"]["identificationModule"]["briefTitle"] =
        "=HYPERLINK(\"http://x\")".into();
    let weekly = Weekly::new(holding(&studies, FIRST));
    let book = weekly.path("a.xlsx");
    weekly.export(&["--xlsx", &book]).done();
    let bytes = std::fs::read(&book).unwrap();
    weekly.export(&["--xlsx", &book]).done();
    assert_eq!(
        std::fs::read(&book).unwrap(),
        bytes,
        "the same data give the same bytes"
    );
    let archive = rawzip::ZipArchive::from_slice(&bytes).unwrap();
    let mut parts = std::collections::BTreeMap::new();
    let mut entries = archive.entries();
    while let Some(entry) = entries.next_entry().unwrap() {
        let found = archive.get_entry(entry.wayfinder()).unwrap();
        let plain = flate2::bufread::DeflateDecoder::new(found.data());
        let mut text = String::new();
        std::io::Read::read_to_string(&mut found.verifying_reader(plain), &mut text).unwrap();
        parts.insert(
            String::from_utf8_lossy(entry.file_path().as_ref()).into_owned(),
            text,
        );
    }
    let sheet = &parts["xl/worksheets/sheet1.xml"];
    for part in [
        "state=\"frozen\"",
        "<autoFilter ref=\"A1:AM11\"",
        "<hyperlink ",
    ] {
        assert!(sheet.contains(part), "{part}");
    }
    assert!(!sheet.contains("<f>"), "a formula");
    assert!(parts["xl/sharedStrings.xml"].contains("=HYPERLINK"));
    assert!(parts["xl/sharedStrings.xml"].contains("NLM does not endorse this"));
    let links = &parts["xl/worksheets/_rels/sheet1.xml.rels"];
    assert_eq!(
        links
            .matches("https://clinicaltrials.gov/study/NCT")
            .count(),
        10
    );
}

#[test]
fn the_same_data_give_the_same_bytes_no_changes_and_one_request() {
    let weekly = Weekly::new(holding(&ten(), FIRST));
    weekly.export(&[]).done();
    let before = weekly.read("a.csv");
    let asked = weekly
        .world
        .asked(|| weekly.export(&["--today", "2026-09-01", "--exit-code"]));
    assert_eq!(asked.len(), 1);
    assert_eq!(weekly.read("a.csv"), before);
    assert_eq!(weekly.read("changes.csv"), HEADER);
}

#[test]
fn changes_are_told_once_and_those_of_a_killed_run_again() {
    let weekly = Weekly::new(holding(&ten(), FIRST));
    let code = |run: Run| run.code;
    assert_eq!(
        code(weekly.export(&["--exit-code"])),
        Some(10),
        "a new table"
    );
    let old_meta = weekly.read("a.csv.meta.json");
    weekly
        .world
        .registry
        .becomes(holding(&week_later(), SECOND));
    assert_eq!(code(weekly.export(&["--exit-code"])), Some(10));
    let told = weekly.read("changes.csv");
    let rows: Vec<Vec<&str>> = told
        .lines()
        .skip(1)
        .map(|line| line.split(',').skip(1).collect())
        .collect();
    assert_eq!(
        rows[0],
        [
            "NCT00000002",
            "changed",
            "status",
            "RECRUITING",
            "COMPLETED",
            "2026-08-08"
        ]
    );
    let kinds: Vec<&str> = rows.iter().map(|row| row[1]).collect();
    assert_eq!(kinds, ["changed", "changed", "added", "removed"]);
    // The cursor moves last: as if killed before it did.
    std::fs::write(weekly.out.join("a.csv.meta.json"), &old_meta).unwrap();
    weekly.export(&[]).done();
    assert_eq!(weekly.read("changes.csv"), told);
    assert_eq!(code(weekly.export(&["--exit-code"])), Some(0));
    assert_eq!(weekly.read("changes.csv"), HEADER);
}

#[test]
fn an_export_without_changes_does_not_swallow_them() {
    let weekly = Weekly::new(holding(&ten(), FIRST));
    weekly.export(&[]).done();
    weekly
        .world
        .registry
        .becomes(holding(&week_later(), SECOND));
    let csv = weekly.path("a.csv");
    weekly
        .world
        .run(&["export", "--csv", &csv, "--sentinels", "none"])
        .done();
    assert_eq!(weekly.meta()["cursor"]["run"], 1);
    weekly.export(&[]).done();
    assert_eq!(weekly.read("changes.csv").lines().count(), 5);
    assert_eq!(weekly.meta()["cursor"]["run"], 2);
}

#[test]
fn changes_that_take_a_study_out_of_the_filter_are_told_and_others_are_not() {
    let mut studies = ten();
    studies[8]["protocolSection"]["conditionsModule"]["conditions"] = json!(["Lymphoma"]);
    studies[8]["protocolSection"]["identificationModule"]["briefTitle"] =
        "CAR-T cells in lymphoma".into();
    studies[8]["protocolSection"]["identificationModule"]["officialTitle"] =
        "CAR-T cells in lymphoma".into();
    studies[8]["protocolSection"]["descriptionModule"] =
        json!({"briefSummary": "CAR-T cells in lymphoma"});
    studies[8]["protocolSection"]["eligibilityModule"]["eligibilityCriteria"] =
        "Inclusion Criteria:\n\n* Lymphoma".into();
    studies[8]["protocolSection"]["conditionsModule"]["keywords"] = json!([]);
    let weekly = Weekly::new(holding(&studies, FIRST));
    weekly.export(&["--status", "open"]).done();
    let mut later = studies.clone();
    later[1] = numbered(2, "2026-08-08");
    later[1]["protocolSection"]["statusModule"]["overallStatus"] = "COMPLETED".into();
    later[8]["protocolSection"]["statusModule"] =
        json!({"overallStatus": "COMPLETED", "lastUpdatePostDateStruct": {"date": "2026-08-08"}});
    weekly.world.registry.becomes(holding(&later, SECOND));
    weekly.export(&["--status", "open"]).done();
    let told = weekly.read("changes.csv");
    assert!(
        told.contains("NCT00000002,changed,status,RECRUITING,COMPLETED"),
        "{told}"
    );
    assert!(
        !told.contains(",removed,"),
        "filtered is not removed: {told}"
    );
    assert!(
        !told.contains("NCT00000009"),
        "lymphoma is not asked for: {told}"
    );
    assert!(
        weekly
            .world
            .run(&["changes", "--format", "csv"])
            .done()
            .stdout
            .contains("NCT00000009")
    );
    assert!(
        !weekly
            .world
            .run(&["changes", "--ms", "--format", "csv"])
            .done()
            .stdout
            .contains("NCT00000009")
    );
}

#[test]
fn a_run_that_fails_leaves_every_file() {
    let weekly = Weekly::new(holding(&ten(), FIRST));
    weekly.export(&[]).done();
    let later = holding(&week_later(), SECOND);
    weekly.world.registry.becomes(Script {
        total: Some(14),
        ..later.clone()
    });
    weekly.assert_refused(3, &["could not be read completely"], &[]);
    weekly.world.registry.becomes(Script {
        then: Act::Status(500, "", "no"),
        ..later.clone()
    });
    weekly.assert_refused(3, &["500"], &["--timeout", "1"]);
    weekly.world.registry.becomes(holding(&ten()[..5], SECOND));
    weekly.assert_refused(4, &["from 10 to 5", "--allow-shrink"], &[]);
    weekly.world.registry.becomes(later);
    let list = weekly.world.folder.path().join("list.txt");
    std::fs::write(&list, "NCT00000007\n").unwrap();
    let list = ["--sentinels", list.to_str().unwrap()];
    let csv = weekly.path("a.csv");
    let before = weekly.files();
    for more in [&[][..], &["--no-sync"]] {
        let run = weekly
            .world
            .run(&[&["export", "--csv", &csv], &list[..], more].concat());
        // Not synced, the store still holds it.
        assert_eq!(
            run.code,
            Some(if more.is_empty() { 4 } else { 0 }),
            "{}",
            run.stderr
        );
    }
    assert_eq!(weekly.read("a.csv"), before[0].1);
    weekly.assert_refused(2, &["engineered cell therapies"], &["--therapy", "any"]);
    let lock = Lock::take(&weekly.world.data(), "2026-08-25T06:00:00Z", Duration::ZERO).unwrap();
    weekly.assert_refused(6, &["another run holds"], &[]);
    drop(lock);
    std::fs::write(weekly.out.join("a.csv.meta.json"), "{\"cursor\":").unwrap();
    weekly.assert_refused(
        5,
        &["a.csv.meta.json", "provenance of the last export"],
        &[],
    );
}

#[test]
fn an_old_store_is_not_exported_as_news() {
    let weekly = Weekly::new(holding(&ten(), FIRST));
    weekly.world.sync(&["--today", "2026-08-04"]).done();
    let at = |today: &'static str| ["--no-sync", "--today", today];
    weekly.assert_refused(
        3,
        &["too old", "31 days before 2026-09-04", "--allow-stale"],
        &at("2026-09-04"),
    );
    weekly.assert_refused(3, &["clock of this machine"], &at("2026-08-01"));
    let run = weekly.export(&at("2026-09-03")).done();
    assert!(
        run.stderr.contains("OLD DATA") && run.stderr.contains("NOT LIVE"),
        "{}",
        run.stderr
    );
    weekly
        .export(&[&at("2026-09-04")[..], &["--allow-stale"]].concat())
        .done();
    assert_eq!(
        weekly
            .world
            .registry
            .requests()
            .iter()
            .filter(|one| one.path.ends_with("version"))
            .count(),
        2
    );
    // A registry that stands still is no old store: it was asked today.
    let run = weekly.export(&["--today", "2026-11-01"]).done();
    assert!(run.stderr.contains("OLD DATA"), "{}", run.stderr);
}

#[test]
fn files_and_the_sample_remember_nothing() {
    let weekly = Weekly::new(holding(&ten(), FIRST));
    let files = records();
    for source in ["sample", files.to_str().unwrap()] {
        weekly.assert_refused(2, &["--changes", "local store"], &["--source", source]);
        let csv = weekly.path("b.csv");
        weekly
            .world
            .run(&["export", "--csv", &csv, "--source", source])
            .done();
        assert!(!weekly.world.data().exists());
    }
    let missing = weekly.out.join("missing/a.csv");
    let run = weekly
        .world
        .run(&["export", "--csv", missing.to_str().unwrap()]);
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert_eq!(
        weekly.world.registry.requests().len(),
        0,
        "told before the registry is asked"
    );
}

#[test]
fn a_store_that_was_begun_anew_is_told() {
    let weekly = Weekly::new(holding(&ten(), FIRST));
    weekly.export(&[]).done();
    std::fs::write(
        file_in(&weekly.world.data()),
        "this is no database, whatever its name may say",
    )
    .unwrap();
    weekly
        .world
        .registry
        .becomes(holding(&week_later(), SECOND));
    let run = weekly.export(&[]).done();
    assert!(
        run.stderr.contains("warning: the store was damaged")
            && run.stderr.contains("warning: the store was begun anew"),
        "{}",
        run.stderr
    );
    assert_eq!(weekly.read("changes.csv"), HEADER);
    assert_eq!(weekly.read("a.csv").lines().count(), 11);
}

/// Runs an export under a limit on the size of files, as on a full disk.
#[cfg(unix)]
fn export_within(weekly: &Weekly, blocks: u32, trap: &str) -> Run {
    let args = weekly_export(&weekly.out);
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let command = weekly.world.command(&args);
    let mut sh = std::process::Command::new("sh");
    sh.args([
        "-c",
        &format!("{trap}ulimit -f {blocks}; exec \"$0\" \"$@\""),
    ]);
    sh.arg(command.get_program()).args(command.get_args());
    sh.envs(
        program()
            .get_envs()
            .filter_map(|(key, value)| Some((key, value?))),
    );
    sh.output().unwrap().into()
}

/// The store is small then, or large already; a limit ends the program, or is an error to it.
#[cfg(unix)]
#[test]
fn a_full_disk_leaves_the_store_and_the_files() {
    for (synced, blocks) in [
        (false, 1),
        (false, 40),
        (false, 400),
        (true, 1),
        (true, 40),
        (true, 500),
    ] {
        for trap in ["", "trap '' XFSZ; "] {
            let weekly = Weekly::new(holding(&ten(), FIRST));
            if synced {
                weekly.export(&[]).done();
            }
            weekly
                .world
                .registry
                .becomes(holding(&week_later(), SECOND));
            let before = weekly.files();
            let run = export_within(&weekly, blocks, trap);
            let case = format!("{synced} {blocks} {trap:?}: {:?} {}", run.code, run.stderr);
            assert_eq!(run.code, Some(1), "{case}");
            assert!(
                run.stderr.contains("error: ") && run.stderr.contains("hint: "),
                "{case}"
            );
            assert_eq!(weekly.files(), before, "{case}");
            if synced {
                weekly.world.run(&["store", "check"]).done();
            }
            // With room again all is as if nothing had been.
            weekly.export(&[]).done();
            weekly.world.run(&["store", "check"]).done();
            assert_eq!(weekly.read("a.csv").lines().count(), 11, "{case}");
            if synced {
                assert_eq!(weekly.read("changes.csv").lines().count(), 5, "{case}");
            }
        }
    }
}

/// The table has room, the JSON has none: neither is written.
#[cfg(unix)]
#[test]
fn a_file_too_large_for_its_place_leaves_those_before_it() {
    let weekly = Weekly::new(holding(&ten(), FIRST));
    let (csv, json) = (weekly.path("a.csv"), weekly.path("a.json"));
    let args = ["export", "--no-sync", "--csv", &csv, "--json", &json];
    let args = [&args[..], &["--sentinels", "none"]].concat();
    weekly.world.sync(&[]).done();
    weekly.world.run(&args).done();
    let before = weekly.files();
    let later: Vec<Value> = (1..=60).map(|one| numbered(one, "2026-08-08")).collect();
    weekly.world.registry.becomes(holding(&later, SECOND));
    weekly.world.sync(&[]).done();
    // Blocks of 512 bytes.
    let command = weekly.world.command(&args);
    let mut sh = std::process::Command::new("sh");
    sh.args(["-c", "ulimit -f 160; exec \"$0\" \"$@\""]);
    sh.arg(command.get_program()).args(command.get_args());
    sh.envs(
        command
            .get_envs()
            .filter_map(|(key, value)| Some((key, value?))),
    );
    let run: Run = sh.output().unwrap().into();
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert!(run.stderr.contains("a.json"), "{}", run.stderr);
    assert_eq!(weekly.files(), before);
    weekly.world.run(&args).done();
    assert_eq!(weekly.read("a.csv").lines().count(), 61);
}

#[cfg(unix)]
#[test]
#[expect(clippy::print_stdout, reason = "a test that is skipped says why")]
fn a_directory_without_rights_is_named() {
    use std::os::unix::fs::PermissionsExt;
    let weekly = Weekly::new(holding(&ten(), FIRST));
    weekly.export(&[]).done();
    let set = |mode| {
        std::fs::set_permissions(weekly.world.data(), std::fs::Permissions::from_mode(mode))
            .unwrap();
    };
    set(0o555);
    let barred = std::fs::write(weekly.world.data().join("probe"), "").is_err();
    set(0o755);
    if !barred {
        println!("skipped: this user may write everywhere");
        return;
    }
    weekly
        .world
        .registry
        .becomes(holding(&week_later(), SECOND));
    set(0o555);
    weekly.assert_refused(1, &["could not use", "--data-dir"], &[]);
    // Who only reads may still do so.
    weekly.world.run(&["search", "--source", "store"]).done();
    set(0o755);
    weekly.export(&[]).done();
}
