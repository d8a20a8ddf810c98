//! `sync` against a registry at the socket: what it asks, what it writes, what it refuses.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use trialbrief::store::{Cause, Lock, Logged, Since, Store, file_in};
use trialbrief::study::NctNumber;

use crate::fake_registry::{Act, Registry, Script};
use crate::support::{Run, files_in, program, record};

/// A record of our own under another number, updated on a day.
pub(crate) fn numbered(number: u32, updated: &str) -> Value {
    let mut record = record("primary");
    let protocol = &mut record["protocolSection"];
    protocol["identificationModule"]["nctId"] = format!("NCT{number:08}").into();
    protocol["statusModule"]["lastUpdatePostDateStruct"] = json!({"date": updated});
    record
}

/// A registry that holds records, three to a page.
pub(crate) fn holding(records: &[Value], timestamp: &'static str) -> Script {
    Script {
        studies: records.iter().map(|one| ("", one.to_string())).collect(),
        page_size: 3,
        timestamps: vec![timestamp],
        ..Script::default()
    }
}

pub(crate) const FIRST: &str = "2026-08-03T09:00:05";
pub(crate) const SECOND: &str = "2026-08-10T09:00:05";

/// Ten studies, all of the same day.
pub(crate) fn ten() -> Vec<Value> {
    (1..=10).map(|one| numbered(one, "2026-07-01")).collect()
}

/// A registry, and a data directory of one's own.
pub(crate) struct World {
    pub(crate) registry: Registry,
    pub(crate) folder: TempDir,
}

impl World {
    pub(crate) fn new(script: Script) -> Self {
        Self {
            registry: Registry::start(script),
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub(crate) fn command(&self, args: &[&str]) -> std::process::Command {
        let mut program = program();
        program.args(args);
        program.args(["--api", &self.registry.base(), "--min-interval", "0"]);
        program.arg("--data-dir").arg(self.data());
        program
    }

    pub(crate) fn run(&self, args: &[&str]) -> Run {
        self.command(args).output().unwrap().into()
    }

    /// Syncs without sentinels.
    pub(crate) fn sync(&self, more: &[&str]) -> Run {
        self.run(&[&["sync", "--sentinels", "none"], more].concat())
    }

    pub(crate) fn store(&self) -> Store {
        Store::open(&self.data()).unwrap().unwrap()
    }

    pub(crate) fn numbers(&self) -> Vec<String> {
        let rows = self.store().rows().unwrap();
        rows.iter().map(|row| row.number.to_string()).collect()
    }

    /// Runs, and returns the requests that it sent.
    pub(crate) fn asked(&self, run: impl FnOnce() -> Run) -> Vec<crate::fake_registry::Request> {
        let before = self.registry.requests().len();
        run().done();
        self.registry.requests().split_off(before)
    }

    fn logged(&self) -> Vec<Logged> {
        self.store().changes(&Since::AfterRun(0)).unwrap()
    }

    /// Asserts that a run fails, says each part, and leaves the store as it was.
    fn assert_refused(&self, code: i32, parts: &[&str], run: impl FnOnce() -> Run) {
        let before = (self.store().rows().unwrap(), self.store().runs().unwrap());
        let run = run();
        assert_eq!(run.code, Some(code), "{}", run.stderr);
        for part in parts {
            assert!(
                run.stderr.contains(part),
                "{part} is not in: {}",
                run.stderr
            );
        }
        let error = run.stderr.lines().find(|line| line.starts_with("error: "));
        assert!(error.is_some(), "{}", run.stderr);
        assert_eq!(
            (self.store().rows().unwrap(), self.store().runs().unwrap()),
            before
        );
    }
}

fn nct(number: u32) -> NctNumber {
    format!("NCT{number:08}").parse().unwrap()
}

#[test]
fn a_first_sync_reads_all_and_a_second_asks_once() {
    let world = World::new(holding(&ten(), FIRST));
    let run = world.sync(&[]).done();
    assert_eq!(run.stdout, "");
    assert!(
        run.stderr
            .contains("store up to date with data of 2026-08-03T09:00:05: 10 studies (10 added"),
        "{}",
        run.stderr
    );
    assert_eq!(run.stderr.lines().count(), 1, "{}", run.stderr);
    assert_eq!(world.numbers().len(), 10);
    // Nothing is news to an empty store.
    assert_eq!(world.logged(), []);
    let before = std::fs::read(file_in(&world.data())).unwrap();
    let asked = world.asked(|| world.sync(&[]));
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].path, "/api/v2/version");
    let run = world.sync(&["--today", "2026-08-26"]).done();
    assert!(
        run.stderr.contains("nothing new") && run.stderr.contains("1 request"),
        "{}",
        run.stderr
    );
    let head = world.store().head().unwrap().unwrap();
    assert_eq!(head.live.unwrap().checked_at, "2026-08-26T00:00:00Z");
    assert_eq!(
        std::fs::read(file_in(&world.data())).unwrap().len(),
        before.len()
    );
    let check = world.run(&["store", "check"]).done();
    assert!(check.stdout.ends_with("whole\n") && check.stdout.contains("10 studies, 10 versions"));
}

#[test]
fn a_later_sync_asks_for_what_was_updated_and_looks_the_others_up() {
    let world = World::new(holding(&ten(), FIRST));
    world.sync(&[]).done();
    let mut later = ten();
    later[1] = numbered(2, "2026-08-08");
    later[1]["protocolSection"]["statusModule"]["overallStatus"] = "COMPLETED".into();
    later.push(numbered(11, "2026-08-09"));
    world.registry.becomes(holding(&later, SECOND));
    let asked = world.asked(|| world.sync(&[]));
    let ranged: Vec<_> = asked
        .iter()
        .filter_map(|one| one.param("filter.advanced"))
        .collect();
    // Three days before the last good state.
    assert_eq!(ranged, ["AREA[LastUpdatePostDate]RANGE[2026-07-31,MAX]"]);
    let looked_up: Vec<_> = asked
        .iter()
        .filter(|one| one.param("filter.ids").is_some())
        .collect();
    assert_eq!(looked_up.len(), 3, "nine studies, three to a page");
    assert_eq!(
        looked_up[0].param("fields"),
        Some("NCTId,NCTIdAlias,LastUpdatePostDateStruct")
    );
    assert_eq!(world.numbers().len(), 11);
    let changes: Vec<_> = world
        .logged()
        .into_iter()
        .map(|one| (one.number, one.change.field, one.change.after))
        .collect();
    assert_eq!(
        changes,
        [
            (nct(2), "status".to_owned(), "COMPLETED".to_owned()),
            (
                nct(2),
                "dates.last_update_posted".to_owned(),
                "2026-08-08".to_owned()
            ),
            (
                nct(11),
                String::new(),
                world.logged()[2].change.after.clone()
            ),
        ]
    );
    assert_eq!(world.store().check().unwrap().versions, 12);
}

#[test]
fn a_study_that_the_query_no_longer_finds_is_still_followed() {
    let world = World::new(holding(&ten(), FIRST));
    world.sync(&[]).done();
    let mut script = holding(&ten(), SECOND);
    let mut changed = numbered(4, "2026-08-08");
    changed["protocolSection"]["statusModule"]["overallStatus"] = "TERMINATED".into();
    // Words that no query of ours holds.
    script.studies[3] = ("no such words", changed.to_string());
    // It is found by number only.
    script.studies[3].0 = "";
    world.registry.becomes(Script {
        hidden: vec!["NCT00000004"],
        ..script
    });
    world.sync(&[]).done();
    let status = world.store().rows().unwrap()[3].status.clone();
    assert_eq!(status.as_deref(), Some("TERMINATED"));
}

#[test]
fn what_is_gone_is_kept_as_its_last_copy() {
    let world = World::new(holding(&ten(), FIRST));
    world.sync(&[]).done();
    let mut later = ten();
    later.remove(6);
    world.registry.becomes(holding(&later, SECOND));
    let run = world.sync(&[]).done();
    assert!(
        run.stderr
            .contains("9 studies (0 added, 0 changed, 1 removed"),
        "{}",
        run.stderr
    );
    let gone = world.store().tombstones().unwrap();
    assert_eq!(gone[0].number, nct(7));
    let last: Value =
        serde_json::from_slice(&world.store().record(gone[0].version).unwrap()).unwrap();
    assert_eq!(
        last["protocolSection"]["identificationModule"]["nctId"],
        "NCT00000007"
    );
    let logged = world.logged();
    assert_eq!(
        (logged.len(), logged[0].change.kind.as_str()),
        (1, "removed")
    );
    // Back again: it is news again.
    world
        .registry
        .becomes(holding(&ten(), "2026-08-11T09:00:05"));
    world.sync(&["--full"]).done();
    assert_eq!(world.store().tombstones().unwrap(), []);
    assert_eq!(world.logged()[1].change.kind.as_str(), "added");
}

#[test]
fn a_merged_study_is_known_under_both_numbers() {
    // The registry tells an old number in the record, or only by leading on from it.
    for told in [true, false] {
        let world = World::new(holding(&ten(), FIRST));
        world.sync(&[]).done();
        let mut later = ten();
        later.remove(6);
        later[2]["protocolSection"]["identificationModule"]["nctIdAliases"] =
            json!(["NCT00000007"]);
        let mut script = holding(&later, SECOND);
        script.aliases_untold = !told;
        world.registry.becomes(script);
        let run = world.sync(&[]).done();
        assert!(run.stderr.contains("1 merged"), "{}", run.stderr);
        assert_eq!(world.numbers().len(), 9);
        assert_eq!(world.store().aliases().unwrap(), [(nct(7), nct(3))]);
        assert_eq!(world.store().tombstones().unwrap(), []);
        let logged = world.logged();
        assert_eq!(logged[0].change.field, "nct_id");
        assert_eq!(
            (
                logged[0].change.before.as_str(),
                logged[0].change.after.as_str()
            ),
            ("NCT00000007", "NCT00000003")
        );
        assert_eq!(world.store().check().unwrap().problems, [""; 0]);
    }
}

#[test]
fn without_a_known_study_nothing_is_written() {
    let world = World::new(holding(&ten(), FIRST));
    world.sync(&[]).done();
    world.registry.becomes(holding(
        &[&ten()[..], &[numbered(11, "2026-08-09")]].concat(),
        SECOND,
    ));
    let list = world.folder.path().join("list.txt");
    std::fs::write(&list, "NCT00000003\nNCT00000012\n").unwrap();
    let list = list.to_str().unwrap();
    world.assert_refused(4, &["1 of 2 known studies", "NCT00000012"], || {
        world.run(&["sync", "--sentinels", list])
    });
    world.assert_refused(4, &["38 of 38 known studies"], || world.run(&["sync"]));
    world.sync(&[]).done();
    assert_eq!(world.numbers().len(), 11);
    // Also where the registry has nothing new.
    world.assert_refused(4, &["NCT00000012"], || {
        world.run(&["sync", "--sentinels", list])
    });
}

#[test]
fn a_fall_by_more_than_a_fifth_is_not_believed() {
    let world = World::new(holding(&ten(), FIRST));
    world.sync(&[]).done();
    world.registry.becomes(holding(&ten()[..7], SECOND));
    for more in [&[][..], &["--full"]] {
        world.assert_refused(4, &["from 10 to 7", "--allow-shrink"], || world.sync(more));
    }
    world.sync(&["--allow-shrink"]).done();
    assert_eq!(world.numbers().len(), 7);
    assert_eq!(world.store().tombstones().unwrap().len(), 3);
    // Two of ten are within what may be.
    let world = World::new(holding(&ten(), FIRST));
    world.sync(&[]).done();
    world.registry.becomes(holding(&ten()[..8], SECOND));
    world.sync(&[]).done();
    // A query that finds far less is a fault, though every study is there by its number.
    let world = World::new(holding(&ten(), FIRST));
    world.sync(&[]).done();
    world.registry.becomes(Script {
        hidden: vec!["NCT00000001", "NCT00000002", "NCT00000003"],
        ..holding(&ten(), SECOND)
    });
    world.assert_refused(4, &["from 10 to 7"], || world.sync(&["--full"]));
}

#[test]
fn what_cannot_be_read_whole_changes_nothing() {
    let world = World::new(holding(&ten(), FIRST));
    world.sync(&[]).done();
    let more = [&ten()[..], &[numbered(11, "2026-08-09")]].concat();
    let script = holding(&more, SECOND);
    world.registry.becomes(Script {
        total: Some(12),
        ..script.clone()
    });
    world.assert_refused(
        3,
        &["could not be read completely", "nothing was written"],
        || world.sync(&[]),
    );
    world.registry.becomes(Script {
        then: Act::Status(403, "", "no"),
        ..script.clone()
    });
    world.assert_refused(3, &["(403)"], || world.sync(&[]));
    world.registry.becomes(Script {
        then: Act::Stall,
        ..script.clone()
    });
    world.assert_refused(3, &["not done within 2 s"], || {
        world.sync(&["--timeout", "2"])
    });
    let stopped = world.registry.base();
    let closed = crate::support::closed_address();
    world.assert_refused(3, &["no connection"], || {
        let mut command = world.command(&["sync", "--sentinels", "none", "--timeout", "2"]);
        command.args(["--api", &closed]);
        // The flag may be given once only.
        let args: Vec<_> = command
            .get_args()
            .map(std::ffi::OsStr::to_owned)
            .filter(|arg| *arg != *stopped)
            .collect();
        let at = args.iter().position(|arg| arg == "--api").unwrap();
        let mut args = args;
        args.remove(at);
        program().args(args).output().unwrap().into()
    });
    world.registry.becomes(script);
    world.sync(&[]).done();
    assert_eq!(world.numbers().len(), 11);
}

#[test]
fn data_that_move_while_they_are_read_are_read_anew() {
    let world = World::new(Script {
        timestamps: vec![FIRST, SECOND],
        ..holding(&ten(), FIRST)
    });
    world.sync(&[]).done();
    let head = world.store().head().unwrap().unwrap();
    assert_eq!(head.last.data_timestamp.as_deref(), Some(SECOND));
    let world = World::new(Script {
        timestamps: vec![FIRST, SECOND, "2026-08-11T09:00:05"],
        ..holding(&ten(), FIRST)
    });
    let run = world.sync(&[]);
    assert_eq!(run.code, Some(3), "{}", run.stderr);
    assert!(run.stderr.contains("twice in a row"), "{}", run.stderr);
    assert_eq!(world.store_or_none(), None);
}

impl World {
    fn store_or_none(&self) -> Option<usize> {
        let store = Store::open(&self.data()).unwrap()?;
        store.head().unwrap().map(|_| store.rows().unwrap().len())
    }
}

#[test]
fn everything_is_read_again_after_a_month() {
    let world = World::new(holding(&ten(), FIRST));
    world.sync(&[]).done();
    let ranged = |asked: &[crate::fake_registry::Request]| {
        asked
            .iter()
            .any(|one| one.param("filter.advanced").is_some())
    };
    world
        .registry
        .becomes(holding(&ten(), "2026-09-01T09:00:05"));
    assert!(ranged(&world.asked(|| world.sync(&[]))));
    world
        .registry
        .becomes(holding(&ten(), "2026-09-02T09:00:05"));
    assert!(!ranged(&world.asked(|| world.sync(&[]))));
    world
        .registry
        .becomes(holding(&ten(), "2026-09-03T09:00:05"));
    assert!(ranged(&world.asked(|| world.sync(&[]))));
    assert!(!ranged(&world.asked(|| world.sync(&["--full"]))));
    // None of it was a change of a study.
    assert_eq!(world.logged(), []);
    assert_eq!(world.store().check().unwrap().versions, 10);
}

#[test]
fn two_runs_at_once_do_not_meet() {
    let world = World::new(holding(&ten(), FIRST));
    world.sync(&[]).done();
    let lock = Lock::take(&world.data(), "2026-08-25T06:00:00Z", Duration::ZERO).unwrap();
    let before = world.registry.requests().len();
    world.assert_refused(
        6,
        &["another run holds", "since 2026-08-25T06:00:00Z", "--wait"],
        || world.sync(&["--full"]),
    );
    assert_eq!(world.registry.requests().len(), before);
    world.assert_refused(6, &["another run holds"], || world.sync(&["--wait", "1"]));
    let waiting = world
        .command(&["sync", "--sentinels", "none", "--full", "--wait"])
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_millis(300));
    // Who only reads does not wait.
    world.run(&["store", "check"]).done();
    drop(lock);
    let run = Run::from(waiting.wait_with_output().unwrap()).done();
    assert!(run.stderr.contains("up to date"), "{}", run.stderr);
}

#[test]
fn a_damaged_store_is_put_aside_and_begun_anew() {
    let world = World::new(holding(&ten(), FIRST));
    world.sync(&[]).done();
    let path = file_in(&world.data());
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[4096..middle].fill(0xAA);
    std::fs::write(&path, &bytes).unwrap();
    for command in [
        &["store", "check"][..],
        &["store", "backup", "copy"],
        &["search", "--source", "store"],
    ] {
        let run = world.run(command);
        assert_eq!(run.code, Some(5), "{command:?} {}", run.stderr);
        assert!(
            run.stderr.contains("damaged") && run.stderr.contains("trialbrief sync"),
            "{command:?} {}",
            run.stderr
        );
    }
    let run = world.sync(&[]).done();
    assert!(
        run.stderr.contains("warning: the store was damaged"),
        "{}",
        run.stderr
    );
    assert_eq!(world.numbers().len(), 10);
    let aside = files_in(&world.data())
        .into_iter()
        .find(|name| name.contains(".damaged-"))
        .unwrap();
    assert_eq!(std::fs::read(world.data().join(aside)).unwrap(), bytes);
    world.run(&["store", "check"]).done();
}

#[test]
fn a_record_that_cannot_be_read_is_told_and_asked_for_again() {
    let mut damaged = ten();
    damaged[4]["protocolSection"]["statusModule"] = json!(["RECRUITING"]);
    let world = World::new(holding(&damaged, FIRST));
    let run = world.sync(&[]).done();
    assert!(
        run.stderr
            .contains("warning: 1 records could not be read, the first: NCT00000005"),
        "{}",
        run.stderr
    );
    assert_eq!(world.numbers().len(), 9);
    assert_eq!(world.store().unread().unwrap()[0].0, nct(5));
    // Mended without a new date: the query for what was updated does not find it.
    world.registry.becomes(holding(&ten(), SECOND));
    world.sync(&[]).done();
    assert_eq!(world.numbers().len(), 10);
    assert_eq!(world.store().unread().unwrap(), []);
    // Damaged again: the copy that is held stays.
    damaged[4] = numbered(5, "2026-08-12");
    damaged[4]["protocolSection"]["conditionsModule"]["conditions"] = json!("MS");
    world
        .registry
        .becomes(holding(&damaged, "2026-08-13T09:00:05"));
    let run = world.sync(&[]).done();
    assert!(run.stderr.contains("NCT00000005"), "{}", run.stderr);
    assert_eq!(world.numbers().len(), 10);
}

pub(crate) fn file(world: &World, name: &str, records: &[Value]) -> String {
    let path = world.folder.path().join(name);
    let lines: Vec<String> = records.iter().map(ToString::to_string).collect();
    std::fs::write(&path, lines.join("\n")).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn downloaded_records_are_taken_too_and_never_replace_newer_ones() {
    let world = World::new(holding(&ten(), FIRST));
    let old = file(
        &world,
        "old.ndjson",
        &[numbered(1, "2026-06-01"), numbered(2, "2026-06-01")],
    );
    let mut changed = numbered(1, "2026-07-01");
    changed["protocolSection"]["statusModule"]["overallStatus"] = "COMPLETED".into();
    let new = file(&world, "new.ndjson", &[changed, numbered(3, "2026-07-01")]);
    let asked = world.asked(|| world.run(&["sync", "--file", &old]));
    assert_eq!(asked.len(), 0);
    let run = world.run(&["sync", "--file", &new]).done();
    assert!(
        run.stderr
            .contains("3 studies (1 added, 1 changed, 0 removed"),
        "{}",
        run.stderr
    );
    let rows = world.store().rows().unwrap();
    let run = world.run(&["sync", "--file", &old]).done();
    assert!(run.stderr.contains("1 older"), "{}", run.stderr);
    assert_eq!(world.store().rows().unwrap(), rows);
    // What a file does not hold is not gone, and the registry is read in full all the same.
    let ranged = world.asked(|| world.sync(&[]));
    assert!(
        ranged
            .iter()
            .all(|one| one.param("filter.advanced").is_none())
    );
    let missing = world.run(&["sync", "--file", "no/such/file.ndjson"]);
    assert_eq!(missing.code, Some(5), "{}", missing.stderr);
    let list = world.folder.path().join("list.txt");
    std::fs::write(&list, "NCT00000099\n").unwrap();
    world.assert_refused(4, &["NCT00000099"], || {
        world.run(&[
            "sync",
            "--file",
            &new,
            "--sentinels",
            list.to_str().unwrap(),
        ])
    });
}

#[test]
fn other_tables_are_no_news_from_the_registry() {
    let mut studies = ten();
    studies[0]["protocolSection"]["armsInterventionsModule"] =
        json!({"interventions": [{"type": "BIOLOGICAL", "name": "XQ-77 cells"}]});
    let world = World::new(holding(&studies, FIRST));
    let head = include_str!("../../src/data/products.tsv")
        .lines()
        .find(|line| line.starts_with("name\t"))
        .unwrap();
    let lexicon = |target: &str| {
        let path = world.folder.path().join(format!("{target}.tsv"));
        let row = format!("XQ-77\t\tcar_t\t{target}\tautologous\tstated\ttest\t");
        std::fs::write(&path, format!("{head}\n{row}\n")).unwrap();
        path.to_str().unwrap().to_owned()
    };
    world.sync(&["--lexicon", &lexicon("CD70")]).done();
    let asked = world.asked(|| world.sync(&["--lexicon", &lexicon("CD22")]));
    assert_eq!(asked.len(), 1);
    let logged = world.logged();
    assert!(!logged.is_empty());
    for one in &logged {
        assert_eq!(
            (one.number, one.change.cause),
            (nct(1), Cause::Program),
            "{one:?}"
        );
    }
    // The record changes while the tables change back: both are told, apart.
    let mut later = studies.clone();
    later[0] = numbered(1, "2026-08-08");
    later[0]["protocolSection"]["armsInterventionsModule"] =
        studies[0]["protocolSection"]["armsInterventionsModule"].clone();
    later[0]["protocolSection"]["statusModule"]["overallStatus"] = "COMPLETED".into();
    world.registry.becomes(holding(&later, SECOND));
    let known = logged.len();
    world.sync(&[]).done();
    let logged = world.logged().split_off(known);
    let of = |cause| -> Vec<&str> {
        let those = logged.iter().filter(|one| one.change.cause == cause);
        those.map(|one| one.change.field.as_str()).collect()
    };
    assert_eq!(of(Cause::Registry), ["status", "dates.last_update_posted"]);
    assert!(
        of(Cause::Program).contains(&"cell_therapy.targets"),
        "{logged:?}"
    );
}

#[test]
fn the_clock_of_this_machine_decides_nothing() {
    let world = World::new(holding(&ten(), FIRST));
    world.sync(&["--today", "2031-01-01"]).done();
    let later = [&ten()[..], &[numbered(11, "2026-08-09")]].concat();
    world.registry.becomes(holding(&later, SECOND));
    let asked = world.asked(|| world.sync(&["--today", "2020-01-01"]));
    assert!(
        asked.iter().any(|one| one.param("filter.advanced")
            == Some("AREA[LastUpdatePostDate]RANGE[2026-07-31,MAX]"))
    );
    assert_eq!(world.numbers().len(), 11);
    assert_eq!(world.store().check().unwrap().problems, [""; 0]);
}

#[test]
fn a_place_that_cannot_hold_a_store_is_named() {
    let world = World::new(holding(&ten(), FIRST));
    std::fs::write(world.data(), "a file").unwrap();
    let run = world.sync(&[]);
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert!(
        run.stderr.contains("could not use") && run.stderr.contains("--data-dir"),
        "{}",
        run.stderr
    );
    assert_eq!(world.registry.requests().len(), 0);
    assert_eq!(std::fs::read(world.data()).unwrap(), b"a file");
}

#[test]
fn the_care_commands_do_what_they_say() {
    let world = World::new(holding(&ten(), FIRST));
    let run = world.run(&["store", "check"]);
    assert_eq!(run.code, Some(5), "{}", run.stderr);
    assert!(
        run.stderr.contains("no synced store") && run.stderr.contains("trialbrief sync"),
        "{}",
        run.stderr
    );
    let path = world.run(&["store", "path"]).done().stdout;
    assert_eq!(Path::new(path.trim_end()), file_in(&world.data()));
    assert!(!world.data().exists(), "asking makes nothing");
    world.sync(&[]).done();
    let copy = world.folder.path().join("copy.sqlite3");
    world
        .run(&["store", "backup", copy.to_str().unwrap()])
        .done();
    assert!(copy.metadata().unwrap().len() > 10_000);
    for (bad, part) in [
        ("soon", "--older-than"),
        ("2026-13-01", "--older-than"),
        ("99999999999", "calendar"),
    ] {
        let run = world.run(&["store", "forget", "--older-than", bad]);
        assert_eq!(run.code, Some(2), "{}", run.stderr);
        assert!(run.stderr.contains(part), "{}", run.stderr);
    }
    let run = world.run(&["store", "forget", "--older-than", "30"]).done();
    assert!(
        run.stderr
            .contains("from before 2026-07-26: 0 old versions"),
        "{}",
        run.stderr
    );
    assert_eq!(world.numbers().len(), 10);
    let json = world
        .run(&["store", "check", "--format", "json"])
        .done()
        .json();
    assert_eq!(
        (&json["whole"], &json["studies"]),
        (&json!(true), &json!(10))
    );
    let line = world
        .run(&["sync", "--sentinels", "none", "--full", "--format", "json"])
        .done();
    assert_eq!(line.stdout.lines().count(), 1);
    assert_eq!(line.json()["studies"], 10);
}
