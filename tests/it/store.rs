//! The store as a library: what is written stays, what is not finished leaves nothing.

use std::path::Path;
use std::time::Duration;

use trialbrief::registry::{decode, fingerprint};
use trialbrief::store::{
    Cause, Change, ChangeKind, Labels, Lock, Put, Run, RunKind, Since, Store, StoreError, Writer,
    backup, file_in, pack,
};
use trialbrief::study::NctNumber;

use crate::fake_registry::study;
use crate::support::files_in;

const NOW: &str = "2026-08-25T00:00:00Z";

fn lock(folder: &Path) -> Lock {
    Lock::take(folder, NOW, Duration::ZERO).unwrap()
}

fn number(number: u32) -> NctNumber {
    format!("NCT{number:08}").parse().unwrap()
}

fn run_at(finished_at: &str) -> Run {
    Run {
        id: 0,
        kind: RunKind::Live,
        is_full: true,
        finished_at: finished_at.to_owned(),
        checked_at: finished_at.to_owned(),
        data_timestamp: Some("2026-08-24T09:00:05".to_owned()),
        scope: "all".to_owned(),
        classifier: "1".to_owned(),
        api: None,
        path: None,
        found: Some(2),
        studies: 0,
        requests: vec!["http://x/version".to_owned()],
    }
}

fn labels() -> Labels {
    Labels {
        is_cell: true,
        is_ms: false,
        words: [("cell_therapy.class".to_owned(), "car_t".to_owned())].into(),
    }
}

fn put(writer: &Writer<'_>, of: u32, record: &str) {
    let decoded = decode::any(record.as_bytes()).unwrap();
    let status = &decoded.studies[0].status;
    let word = status.overall.as_ref().map(ToString::to_string);
    writer
        .put(&Put {
            number: number(of),
            hash: &fingerprint::of(record.as_bytes()).unwrap(),
            packed: &pack(record.as_bytes()),
            updated: status.last_update_posted.map(|day| day.to_string()),
            data_date: None,
            status: word.as_deref(),
            labels: &labels(),
        })
        .unwrap();
}

/// A store with the studies 1 and 2, made by one run.
fn made(folder: &Path) -> Store {
    let store = Store::open_to_write(&lock(folder)).unwrap();
    let writer = store.begin(NOW, 1000).unwrap();
    put(&writer, 1, &study(1));
    put(&writer, 2, &study(2));
    writer.finish(&run_at(NOW)).unwrap();
    store
}

#[test]
fn what_was_written_is_read_again() {
    let folder = tempfile::tempdir().unwrap();
    assert!(Store::open(folder.path()).unwrap().is_none());
    drop(made(folder.path()));
    let store = Store::open(folder.path()).unwrap().unwrap();
    let head = store.head().unwrap().unwrap();
    assert_eq!((head.last.id, head.last.studies), (1, 2));
    assert_eq!(head.last.requests, ["http://x/version"]);
    assert_eq!(head.store.len(), 16);
    let rows = store.rows().unwrap();
    assert_eq!(rows.len(), 2);
    assert!(rows[0].is_cell && !rows[0].is_ms);
    assert_eq!(
        store.record(rows[1].version).unwrap(),
        study(2).into_bytes()
    );
    let checked = store.check().unwrap();
    assert_eq!(checked.problems, [""; 0]);
    assert_eq!((checked.studies, checked.versions, checked.runs), (2, 2, 1));
}

#[test]
fn a_run_that_is_not_finished_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = made(folder.path());
    let writer = store.begin(NOW, 1000).unwrap();
    put(&writer, 3, &study(3));
    writer.bury(number(1)).unwrap();
    writer.alias(number(2), number(3)).unwrap();
    assert_eq!(store.counts().unwrap().all, 1);
    drop(writer);
    assert_eq!(store.rows().unwrap().len(), 2);
    assert_eq!(store.tombstones().unwrap(), []);
    assert_eq!(store.aliases().unwrap(), []);
    assert_eq!(store.head().unwrap().unwrap().last.id, 1);
}

#[test]
fn versions_tombstones_and_old_numbers_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let store = made(folder.path());
    let writer = store.begin("2026-09-01T00:00:00Z", 1000).unwrap();
    let newer = study(1).replace("RECRUITING", "COMPLETED");
    put(&writer, 1, &newer);
    writer.alias(number(2), number(1)).unwrap();
    writer
        .log(
            number(1),
            Some("2026-08-30"),
            &[Change {
                kind: ChangeKind::Changed,
                field: "status".into(),
                before: "RECRUITING".into(),
                after: "COMPLETED".into(),
                cause: Cause::Registry,
            }],
        )
        .unwrap();
    assert_eq!(writer.numbers().unwrap(), [number(1), number(2)]);
    writer.finish(&run_at("2026-09-01T00:00:00Z")).unwrap();

    let now = store.version_at(number(1), 2).unwrap().unwrap();
    let then = store.version_at(number(1), 1).unwrap().unwrap();
    assert_eq!(store.record(now).unwrap(), newer.into_bytes());
    assert_eq!(store.record(then).unwrap(), study(1).into_bytes());
    assert_eq!(store.version_at(number(9), 2).unwrap(), None);
    assert_eq!(store.aliases().unwrap(), [(number(2), number(1))]);
    for since in [
        Since::Run(2),
        Since::AfterRun(1),
        Since::Day("2026-08-26".into()),
    ] {
        let logged = store.changes(&since).unwrap();
        assert_eq!(logged.len(), 1, "{since:?}");
        assert_eq!(logged[0].updated.as_deref(), Some("2026-08-30"));
    }
    for since in [
        Since::Run(1),
        Since::AfterRun(2),
        Since::Day("2026-09-02".into()),
    ] {
        assert_eq!(store.changes(&since).unwrap(), [], "{since:?}");
    }

    let writer = store.begin("2026-09-08T00:00:00Z", 0).unwrap();
    writer.bury(number(1)).unwrap();
    writer.finish(&run_at("2026-09-08T00:00:00Z")).unwrap();
    let gone = store.tombstones().unwrap();
    assert_eq!((gone[0].number, gone[0].version), (number(1), now));
    assert_eq!(store.check().unwrap().problems, [""; 0]);
    // Numbers of what is gone are no studies that are held.
    let writer = store.begin(NOW, 0).unwrap();
    assert_eq!(writer.numbers().unwrap(), []);
}

#[test]
fn forgetting_spares_what_is_current() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = made(folder.path());
    let writer = store.begin("2026-09-01T00:00:00Z", 1000).unwrap();
    put(&writer, 1, &study(1).replace("RECRUITING", "COMPLETED"));
    writer.bury(number(2)).unwrap();
    writer.finish(&run_at("2026-09-01T00:00:00Z")).unwrap();
    let forgotten = store.forget("2026-08-01").unwrap();
    assert_eq!((forgotten.versions, forgotten.removed), (0, 0));
    let forgotten = store.forget("2026-08-31").unwrap();
    assert_eq!((forgotten.versions, forgotten.removed), (1, 0));
    let forgotten = store.forget("2027-01-01").unwrap();
    assert_eq!((forgotten.versions, forgotten.removed), (1, 1));
    assert_eq!(store.rows().unwrap().len(), 1);
    assert_eq!(store.check().unwrap().problems, [""; 0]);
}

#[test]
fn a_newer_store_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    drop(made(folder.path()));
    set_pragma(folder.path(), "user_version = 99");
    let before = std::fs::read(file_in(folder.path())).unwrap();
    for error in [
        Store::open(folder.path()).map(drop).unwrap_err(),
        Store::open_to_write(&lock(folder.path()))
            .map(drop)
            .unwrap_err(),
    ] {
        assert!(
            matches!(error, StoreError::Newer { found: 99, .. }),
            "{error}"
        );
        assert!(error.hint().contains("update trialbrief"));
    }
    assert_eq!(std::fs::read(file_in(folder.path())).unwrap(), before);
}

/// Changes a number in the head of the file: `SQLite` itself would do it by a transaction.
fn set_pragma(folder: &Path, what: &str) {
    let (name, value) = what.split_once(" = ").unwrap();
    let offset = match name {
        "user_version" => 60,
        _ => 68,
    };
    let mut bytes = std::fs::read(file_in(folder)).unwrap();
    let value: u32 = value.parse().unwrap();
    bytes[offset..offset + 4].copy_from_slice(&value.to_be_bytes());
    std::fs::write(file_in(folder), bytes).unwrap();
}

#[test]
fn a_database_of_another_program_is_not_taken_for_ours() {
    let folder = tempfile::tempdir().unwrap();
    drop(made(folder.path()));
    set_pragma(folder.path(), "application_id = 7");
    let error = Store::open(folder.path()).map(drop).unwrap_err();
    assert!(error.to_string().contains("another program"), "{error}");
}

#[test]
fn damage_is_named_and_the_file_kept() {
    let folder = tempfile::tempdir().unwrap();
    for damage in [
        &|bytes: &mut Vec<u8>| bytes[..100].fill(0x55) as (),
        &(|bytes: &mut Vec<u8>| bytes.truncate(bytes.len() / 2)) as &dyn Fn(&mut Vec<u8>),
        &|bytes: &mut Vec<u8>| {
            let middle = bytes.len() / 2;
            bytes[4096..middle].fill(0xAA);
        },
    ] {
        let folder = folder.path().join("store");
        drop(made(&folder));
        let path = file_in(&folder);
        let mut bytes = std::fs::read(&path).unwrap();
        damage(&mut bytes);
        std::fs::write(&path, &bytes).unwrap();
        let lock = lock(&folder);
        let error = Store::open_to_write(&lock).map(drop).unwrap_err();
        assert!(matches!(error, StoreError::Damaged { .. }), "{error:?}");
        assert!(error.hint().contains("trialbrief sync"));
        let aside = Store::set_aside(&lock, NOW).unwrap();
        assert_eq!(std::fs::read(&aside).unwrap(), bytes);
        assert!(
            aside
                .to_str()
                .unwrap()
                .ends_with(".damaged-20260825T000000Z")
        );
        assert!(!path.exists());
        Store::open_to_write(&lock).unwrap();
        // A second one of the same second gets a name of its own.
        let again = Store::set_aside(&lock, NOW).unwrap();
        assert_ne!(again, aside);
        std::fs::remove_dir_all(&folder).unwrap();
    }
}

#[test]
fn a_record_that_was_tampered_with_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open_to_write(&lock(folder.path())).unwrap();
    let writer = store.begin(NOW, 1000).unwrap();
    writer
        .put(&Put {
            number: number(1),
            hash: &fingerprint::of(study(1).as_bytes()).unwrap(),
            packed: &pack(study(1).replace("RECRUITING", "COMPLETED").as_bytes()),
            updated: None,
            data_date: None,
            status: None,
            labels: &labels(),
        })
        .unwrap();
    put(&writer, 2, &study(3));
    writer.finish(&run_at(NOW)).unwrap();
    let mut problems = store.check().unwrap().problems;
    problems.sort();
    assert_eq!(problems.len(), 2, "{problems:?}");
    assert!(
        problems[0].contains("NCT00000001: version 1 is not what was stored"),
        "{problems:?}"
    );
    assert!(
        problems[1].contains("NCT00000002: version 2 is no record of it"),
        "{problems:?}"
    );
}

#[test]
fn a_backup_is_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let store = made(&folder.path().join("data"));
    let copy = folder.path().join("copy.sqlite3");
    std::fs::write(&copy, "an older one").unwrap();
    backup(&store, &copy).unwrap();
    assert_eq!(files_in(folder.path()), ["copy.sqlite3", "data"]);
    let other = folder.path().join("other");
    std::fs::create_dir(&other).unwrap();
    std::fs::copy(&copy, file_in(&other)).unwrap();
    let restored = Store::open(&other).unwrap().unwrap();
    assert_eq!(restored.rows().unwrap(), store.rows().unwrap());
    assert_eq!(restored.check().unwrap().problems, [""; 0]);

    let missing = folder.path().join("missing/copy.sqlite3");
    assert!(
        backup(&store, &missing)
            .unwrap_err()
            .to_string()
            .contains("missing")
    );
    let own = backup(&store, store.path()).unwrap_err();
    assert!(format!("{own:?}").contains("the store itself"), "{own:?}");
}

#[test]
fn a_reader_sees_the_last_good_run_while_another_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let store = made(folder.path());
    let writer = store.begin(NOW, 1000).unwrap();
    put(&writer, 3, &study(3));
    let reader = Store::open(folder.path()).unwrap().unwrap();
    assert_eq!(reader.rows().unwrap().len(), 2);
    writer.finish(&run_at(NOW)).unwrap();
    assert_eq!(reader.rows().unwrap().len(), 3);
}
