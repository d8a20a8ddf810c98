//! Killed at any moment, nothing is lost: the store opens and is whole, each file is the old one
//! or the new one, and the next run comes to the same as one that nobody disturbed.
//!
//! `TRIALBRIEF_KILLS` says how often; a few times here, 200 before a release.

#![expect(
    clippy::print_stdout,
    reason = "where the kills struck is read from the output"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::Value;
use trialbrief::store::{Since, Store};

use crate::support::files_in;
use crate::sync::{FIRST, SECOND, World, holding, numbered};

/// Kills where nobody says how many.
const USUAL: u64 = 8;

const FILES: [&str; 4] = ["a.csv", "changes.csv", "a.json", "a.csv.meta.json"];

/// Enough studies that a run writes for a while.
fn studies(later: bool) -> Vec<Value> {
    let day = if later { "2026-08-08" } else { "2026-07-01" };
    let mut all: Vec<Value> = (1..=60).map(|one| numbered(one, "2026-07-01")).collect();
    if later {
        all.remove(40);
        for (one, number) in all.iter_mut().zip(1..=20) {
            *one = numbered(number, day);
            one["protocolSection"]["statusModule"]["overallStatus"] = "COMPLETED".into();
        }
        all.extend((61..=70).map(|one| numbered(one, day)));
    }
    all
}

/// A world and a folder of exports.
struct Job {
    world: World,
    out: PathBuf,
}

impl Job {
    fn new() -> Self {
        let world = World::new(holding(&studies(false), FIRST));
        let out = world.folder.path().join("out");
        std::fs::create_dir(&out).unwrap();
        Self { world, out }
    }

    fn command(&self) -> std::process::Command {
        let path = |name: &str| self.out.join(name).to_str().unwrap().to_owned();
        let [csv, changes, json, _] = FILES.map(path);
        let args = [
            "export",
            "--csv",
            &csv,
            "--changes",
            &changes,
            "--json",
            &json,
        ];
        let mut command = self.world.command(&args);
        command.args(["--sentinels", "none", "--today", "2026-08-25"]);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    fn run(&self) {
        assert!(self.command().status().unwrap().success());
    }

    fn files(&self) -> BTreeMap<&'static str, Vec<u8>> {
        FILES
            .map(|name| (name, std::fs::read(self.out.join(name)).unwrap()))
            .into()
    }

    fn save(&self, to: &Path) {
        copy(&self.world.data(), &to.join("data"));
        copy(&self.out, &to.join("out"));
    }

    fn restore(&self, from: &Path) {
        std::fs::remove_dir_all(self.world.data()).unwrap();
        std::fs::remove_dir_all(&self.out).unwrap();
        copy(&from.join("data"), &self.world.data());
        copy(&from.join("out"), &self.out);
    }

    /// What the store holds, without the names that numbers have by chance.
    fn held(&self) -> String {
        let store = Store::open(&self.world.data()).unwrap().unwrap();
        let checked = store.check().unwrap();
        assert_eq!(checked.problems, [""; 0]);
        let rows = store.rows().unwrap();
        let changes = store.changes(&Since::AfterRun(0)).unwrap();
        let gone = store.tombstones().unwrap();
        format!(
            "{rows:?} {changes:?} {gone:?} {} {}",
            checked.versions, checked.runs
        )
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for name in files_in(from) {
        std::fs::copy(from.join(&name), to.join(&name)).unwrap();
    }
}

/// Chance that comes out the same each time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: u128) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        u64::try_from(u128::from(self.0) % most.max(1)).unwrap()
    }
}

/// A run that nobody disturbed: how long it takes, when it has asked its last question, and what
/// it comes to.
struct Whole {
    time: Duration,
    asked: Duration,
    requests: usize,
    files: BTreeMap<&'static str, Vec<u8>>,
    held: String,
}

impl Whole {
    fn of(job: &Job) -> Self {
        let before = job.world.registry.requests().len();
        let begun = Instant::now();
        job.run();
        let time = begun.elapsed();
        let requests = job.world.registry.requests();
        Self {
            time,
            asked: requests.last().unwrap().at.saturating_duration_since(begun),
            requests: requests.len() - before,
            files: job.files(),
            held: job.held(),
        }
    }

    /// Waits for a moment: any of the run, or, mostly, any after its last question, when it writes.
    fn wait(&self, job: &Job, turn: u64, chance: &mut Chance) {
        let mut span = self.time;
        if !turn.is_multiple_of(4) {
            let (before, begun) = (job.world.registry.requests().len(), Instant::now());
            let all = before + self.requests;
            while job.world.registry.requests().len() < all && begun.elapsed() < self.time * 20 {
                std::thread::sleep(Duration::from_micros(200));
            }
            span = self.time.saturating_sub(self.asked);
        }
        std::thread::sleep(Duration::from_micros(chance.below(span.as_micros())));
    }

    /// Says where a run was struck, from what it left. Files ahead of the store would be a lie.
    fn moment(&self, after: &BTreeMap<&'static str, Vec<u8>>, held: &str) -> &'static str {
        let is_new = |name: &str| after[name] == self.files[name];
        let [table, .., cursor] = FILES.map(is_new);
        match (held == self.held, table, cursor) {
            (false, false, false) => "before the store was written",
            (false, ..) => panic!("files are ahead of the store"),
            (true, false, false) => "between store and table",
            (true, false, true) => panic!("the cursor is ahead of the table"),
            (true, true, false) => "between table and cursor",
            (true, true, true) => "behind the cursor",
        }
    }
}

#[test]
fn a_killed_run_loses_nothing() {
    let job = Job::new();
    job.run();
    let (old, saved) = (job.files(), tempfile::tempdir().unwrap());
    job.save(saved.path());
    job.world.registry.becomes(holding(&studies(true), SECOND));
    let whole = Whole::of(&job);
    let kills = std::env::var("TRIALBRIEF_KILLS").ok();
    let kills = kills.map_or(USUAL, |kills| kills.parse().unwrap());
    let mut chance = Chance(0x2026_1125);
    let mut struck = BTreeMap::<&str, u32>::new();
    for turn in 0..kills {
        job.restore(saved.path());
        let mut run = job.command().spawn().unwrap();
        whole.wait(&job, turn, &mut chance);
        run.kill().unwrap();
        run.wait().unwrap();
        let after = job.files();
        for (name, bytes) in &after {
            let is_whole = *bytes == old[name] || *bytes == whole.files[name];
            assert!(is_whole, "turn {turn}: {name} is neither old nor new");
        }
        let moment = whole.moment(&after, &job.held());
        *struck.entry(moment).or_default() += 1;
        job.run();
        let again = job.files();
        assert_eq!(again["a.csv"], whole.files["a.csv"], "turn {turn}");
        let changes = String::from_utf8(again["changes.csv"].clone()).unwrap();
        if moment == "behind the cursor" {
            assert_eq!(changes.lines().count(), 1, "what was told is told once");
        } else {
            assert_eq!(
                changes.into_bytes(),
                whole.files["changes.csv"],
                "turn {turn}"
            );
        }
        assert_eq!(job.held(), whole.held, "turn {turn}");
    }
    println!("{kills} kills: {struck:?}");
}

/// The first run makes the store: killed at any moment, it leaves none, or one that is whole.
#[test]
fn a_killed_first_run_leaves_nothing_in_the_way() {
    let job = Job::new();
    job.run();
    let (whole, files) = (Whole::of(&job), job.files());
    let empty = tempfile::tempdir().unwrap();
    for folder in ["data", "out"] {
        std::fs::create_dir(empty.path().join(folder)).unwrap();
    }
    let mut chance = Chance(0x2026_1126);
    let kills = std::env::var("TRIALBRIEF_KILLS").ok();
    let kills = kills.map_or(USUAL, |kills| kills.parse().unwrap()) / 2;
    for turn in 0..kills {
        job.restore(empty.path());
        let mut run = job.command().spawn().unwrap();
        std::thread::sleep(Duration::from_micros(
            chance.below(whole.time.as_micros() * 2),
        ));
        run.kill().unwrap();
        run.wait().unwrap();
        if let Some(store) = Store::open(&job.world.data()).unwrap() {
            assert_eq!(store.check().unwrap().problems, [""; 0], "turn {turn}");
        }
        job.run();
        assert_eq!(job.files()["a.csv"], files["a.csv"], "turn {turn}");
        job.held();
    }
}

/// The calls by which a run changes what is on a disk.
#[cfg(target_os = "linux")]
const CHANGES: &str =
    "write,pwrite64,ftruncate,fsync,fdatasync,rename,renameat,renameat2,unlink,unlinkat";

/// Pages of the store that a run is killed before; they are many, and much alike.
#[cfg(target_os = "linux")]
const PAGES: usize = 10;

#[cfg(target_os = "linux")]
impl Job {
    /// Runs under `strace`, which writes down each change of the store and the files, or kills the run before one.
    fn traced(&self, more: &[&str], log: &Path) -> std::process::ExitStatus {
        let command = self.command();
        let mut strace = std::process::Command::new("strace");
        strace.args(["-f", "-qq", "-e", &format!("trace={CHANGES}"), "-o"]);
        strace.arg(log).args(more);
        let store = trialbrief::store::file_in(&self.world.data());
        let journal = store.with_extension("sqlite3-wal");
        let files = FILES.map(|name| self.out.join(name));
        for path in files.iter().chain([&store, &journal]) {
            strace.arg("-P").arg(path);
        }
        strace.arg(command.get_program()).args(command.get_args());
        strace.envs((command.get_envs()).filter_map(|(key, value)| Some((key, value?))));
        strace.current_dir(env!("CARGO_MANIFEST_DIR"));
        strace.stdin(Stdio::null()).stdout(Stdio::null());
        strace.stderr(Stdio::null()).status().unwrap()
    }

    /// Names each change that a run makes, by its call and how often that call came.
    fn moments(&self, log: &Path) -> Vec<(String, usize)> {
        assert!(self.traced(&[], log).success());
        let told = std::fs::read_to_string(log).unwrap();
        let mut count = BTreeMap::<&str, usize>::new();
        let calls = told.lines().filter_map(|line| line.split_once('('));
        let moments: Vec<(String, usize)> = calls
            .map(|(call, _)| {
                let call = call.rsplit(' ').next().unwrap();
                let at = count.entry(call).or_default();
                *at += 1;
                (call.to_owned(), *at)
            })
            .collect();
        let step = count["pwrite64"].div_ceil(PAGES);
        let is_one = |(call, at): &(String, usize)| call != "pwrite64" || at % step == 0;
        moments.into_iter().filter(is_one).collect()
    }
}

/// Not by chance: killed before each change on the disk, but for most pages of the store.
#[cfg(target_os = "linux")]
#[test]
fn a_run_killed_before_any_change_on_the_disk_loses_nothing() {
    let job = Job::new();
    let home = tempfile::tempdir().unwrap();
    let (saved, log) = (home.path().join("saved"), home.path().join("log"));
    let is_there = std::process::Command::new("strace")
        .args(["-qq", "-o"])
        .arg(&log)
        .arg("true")
        .status();
    if !is_there.is_ok_and(|status| status.success()) {
        println!("skipped: strace is not here, or may not trace");
        return;
    }
    job.run();
    let old = job.files();
    job.save(&saved);
    job.world.registry.becomes(holding(&studies(true), SECOND));
    let whole = Whole::of(&job);
    job.restore(&saved);
    let moments = job.moments(&log);
    let mut struck = BTreeMap::<&str, u32>::new();
    for (call, at) in &moments {
        job.restore(&saved);
        let case = format!("{call} {at}");
        let kill = format!("inject={call}:signal=KILL:when={at}");
        assert!(!job.traced(&["-e", &kill], &log).success(), "{case}");
        let after = job.files();
        for (name, bytes) in &after {
            let is_whole = *bytes == old[name] || *bytes == whole.files[name];
            assert!(is_whole, "{case}: {name} is neither old nor new");
        }
        let moment = whole.moment(&after, &job.held());
        *struck.entry(moment).or_default() += 1;
        job.run();
        assert_eq!(job.files()["a.csv"], whole.files["a.csv"], "{case}");
        if moment != "behind the cursor" {
            assert_eq!(
                job.files()["changes.csv"],
                whole.files["changes.csv"],
                "{case}"
            );
        }
        assert_eq!(job.held(), whole.held, "{case}");
    }
    println!("{} kills: {struck:?}", moments.len());
    for moment in [
        "before the store was written",
        "between store and table",
        "between table and cursor",
    ] {
        assert!(struck.contains_key(moment), "{struck:?}");
    }
}
