//! What goes wrong with a machine: a disk that is full, one that may not be written, a machine that
//! sleeps while an answer is on its way.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use crate::fake_registry::{Act, Registry, Script};
use crate::support::{Run, files_in, program, weekly_export};
use crate::sync::{FIRST, SECOND, holding, numbered};

/// A file system in memory of a few megabytes, as only the superuser can make one.
pub(crate) struct Disk {
    folder: TempDir,
}

impl Disk {
    /// Returns `None`, and says why, where this machine does not allow it.
    #[expect(clippy::print_stdout, reason = "a test that is skipped says why")]
    pub(crate) fn mounted(megabytes: u32) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let size = format!("size={megabytes}m,mode=700");
        let mount = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &size, "tmpfs"])
            .arg(folder.path())
            .output();
        match mount {
            Ok(done) if done.status.success() => Some(Self { folder }),
            Ok(done) => {
                let why = String::from_utf8_lossy(&done.stderr).trim().to_owned();
                println!("skipped: no file system of its own can be mounted: {why}");
                None
            }
            Err(error) => {
                println!("skipped: no file system of its own can be mounted: {error}");
                None
            }
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Fills it up, but for so many bytes.
    fn fill(&self, but: u64) {
        let filler = self.path("filler");
        let _ = std::fs::remove_file(&filler);
        let mut file = std::fs::File::create(&filler).unwrap();
        let block = vec![1_u8; 4096];
        while std::io::Write::write_all(&mut file, &block).is_ok() {}
        let length = file.metadata().unwrap().len();
        file.set_len(length.saturating_sub(but)).unwrap();
    }

    pub(crate) fn remount(&self, how: &str) {
        let done = Command::new("mount")
            .args(["-o", &format!("remount,{how}")])
            .arg(self.folder.path())
            .status();
        assert!(done.unwrap().success());
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.folder.path()).status();
    }
}

/// A registry, and a job whose data and files lie on a disk of their own.
struct Job {
    registry: Registry,
    folder: PathBuf,
    out: PathBuf,
}

fn studies(later: bool) -> Vec<Value> {
    let mut all: Vec<Value> = (1..=40).map(|one| numbered(one, "2026-07-01")).collect();
    if later {
        for one in all.iter_mut().take(20) {
            one["protocolSection"]["statusModule"]["overallStatus"] = "COMPLETED".into();
            one["protocolSection"]["statusModule"]["lastUpdatePostDateStruct"]["date"] =
                "2026-08-08".into();
        }
    }
    all
}

impl Job {
    fn new(folder: &Path) -> Self {
        Self::with_files(folder, folder)
    }

    /// Its files lie elsewhere than its data.
    fn with_files(folder: &Path, files: &Path) -> Self {
        let out = files.join("out");
        std::fs::create_dir(&out).unwrap();
        Self {
            registry: Registry::start(holding(&studies(false), FIRST)),
            folder: folder.to_owned(),
            out,
        }
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut program = program();
        program
            .args(args)
            .arg("--data-dir")
            .arg(self.folder.join("data"));
        program.args(["--api", &self.registry.base(), "--min-interval", "0"]);
        program
    }

    fn export_with(&self, more: &[&str]) -> Command {
        let usual = weekly_export(&self.out);
        let usual: Vec<&str> = usual.iter().map(String::as_str).collect();
        self.command(&[&usual[..], more].concat())
    }

    fn export(&self) -> Run {
        self.export_with(&[]).output().unwrap().into()
    }

    fn files(&self) -> Vec<(String, Vec<u8>)> {
        let read = |name: String| (name.clone(), std::fs::read(self.out.join(name)).unwrap());
        files_in(&self.out).into_iter().map(read).collect()
    }

    fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.out.join(name)).unwrap()
    }

    fn check(&self) {
        let run: Run = self.command(&["store", "check"]).output().unwrap().into();
        assert!(run.done().stdout.ends_with("whole\n"));
    }

    /// Asserts that a run failed with a named error and left every file.
    fn assert_failed(&self, run: &Run, before: &[(String, Vec<u8>)], case: &str) {
        assert!(
            matches!(run.code, Some(1 | 3)),
            "{case}: {:?} {}",
            run.code,
            run.stderr
        );
        assert!(
            run.stderr.contains("error: ") && run.stderr.contains("hint: "),
            "{case}: {}",
            run.stderr
        );
        assert_eq!(self.files(), before, "{case}");
    }
}

#[test]
fn a_disk_that_is_really_full_leaves_the_store_and_the_files() {
    let Some(disk) = Disk::mounted(4) else { return };
    let job = Job::new(disk.folder.path());
    job.export().done();
    let before = job.files();
    job.registry.becomes(holding(&studies(true), SECOND));
    let mut failed = 0;
    for room in [0, 4, 8, 16, 32, 48, 64, 96, 128, 192] {
        disk.fill(room << 10);
        let run = job.export();
        // Where there was room enough, the next turn tries again from here.
        if run.code == Some(0) {
            break;
        }
        failed += 1;
        job.assert_failed(&run, &before, &format!("{room} kB"));
        std::fs::remove_file(disk.path("filler")).unwrap();
        job.check();
    }
    assert!(failed > 3, "{failed} of the disks were too small");
    let _ = std::fs::remove_file(disk.path("filler"));
    job.export().done();
    job.check();
    assert_eq!(job.text("a.csv").matches("COMPLETED").count(), 20);
}

/// The data have room enough; of the files, each in turn is the first that has none.
#[test]
fn a_disk_too_small_for_the_new_files_leaves_all_the_old_ones() {
    let Some(disk) = Disk::mounted(2) else { return };
    let home = tempfile::tempdir().unwrap();
    let job = Job::with_files(home.path(), disk.folder.path());
    job.registry.becomes(holding(&studies(false)[..5], FIRST));
    job.export().done();
    let before = job.files();
    let mut later = studies(false)[..5].to_vec();
    later.extend((6..=40).map(|one| numbered(one, "2026-08-08")));
    job.registry.becomes(holding(&later, SECOND));
    let mut failed = 0;
    for pages in 0..60 {
        disk.fill(pages << 12);
        let run = job.export();
        if run.code == Some(0) {
            break;
        }
        failed += 1;
        job.assert_failed(&run, &before, &format!("{pages} pages"));
    }
    assert!(
        (5..60).contains(&failed),
        "{failed} of the disks were too small"
    );
    assert_eq!(job.text("a.csv").lines().count(), 41);
    assert_eq!(job.text("changes.csv").matches(",added,").count(), 35);
    job.check();
}

/// A file that something else is mounted on is written beside its place, and cannot be moved into it.
#[test]
fn a_file_that_cannot_take_its_place_leaves_the_changes_to_be_told() {
    let Some(disk) = Disk::mounted(8) else { return };
    let job = Job::new(disk.folder.path());
    job.export().done();
    job.registry.becomes(holding(&studies(true), SECOND));
    let (other, place) = (disk.path("other"), job.out.join("changes.csv"));
    std::fs::write(&other, "").unwrap();
    let mount = |command: &mut Command| assert!(command.status().unwrap().success());
    mount(Command::new("mount").arg("--bind").arg(&other).arg(&place));
    let before = job.text("a.csv.meta.json");
    let run = job.export();
    mount(Command::new("umount").arg(&place));
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert!(run.stderr.contains("changes.csv"), "{}", run.stderr);
    assert_eq!(job.text("a.csv.meta.json"), before);
    job.export().done();
    assert_eq!(job.text("changes.csv").matches(",status,").count(), 20);
}

#[test]
fn a_disk_that_may_not_be_written_is_named_and_can_be_read() {
    let Some(disk) = Disk::mounted(8) else { return };
    let job = Job::new(disk.folder.path());
    job.export().done();
    let before = job.files();
    job.registry.becomes(holding(&studies(true), SECOND));
    disk.remount("ro");
    let run = job.export();
    job.assert_failed(&run, &before, "read-only");
    assert!(
        run.stderr.to_lowercase().contains("read-only"),
        "{}",
        run.stderr
    );
    let search = job.command(&["search", "--source", "store", "--format", "csv"]);
    let search: Run = { search }.output().unwrap().into();
    assert_eq!(search.done().stdout.lines().count(), 41);
    job.check();
    disk.remount("rw");
    job.export().done();
    job.check();
}

/// Another file system on the place of a file keeps it from being replaced, and nothing tells so before.
#[test]
fn an_export_that_ends_halfway_says_what_is_new() {
    let Some(disk) = Disk::mounted(4) else { return };
    let job = Job::new(disk.folder.path());
    job.export().done();
    let place = disk.path("out/changes.csv");
    let bound = |args: &[&str]| Command::new("mount").args(args).arg(&place).status();
    std::fs::write(disk.path("other"), "").unwrap();
    let other = disk.path("other");
    assert!(
        bound(&["--bind", other.to_str().unwrap()])
            .unwrap()
            .success()
    );
    let meta = || std::fs::read(disk.path("out/a.csv.meta.json")).unwrap();
    let before = meta();
    job.registry.becomes(holding(&studies(true), SECOND));
    let run = job.export();
    let done = Command::new("umount").arg(&place).status();
    assert!(done.unwrap().success());
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    let (told, new) = run.stderr.split_once("new already").unwrap();
    assert!(told.contains("changes.csv"), "{told}");
    let new = new.lines().next().unwrap();
    assert!(
        new.contains("a.csv`") && !new.contains("changes.csv"),
        "{new}"
    );
    assert_eq!(meta(), before, "the provenance goes last");
    // Nothing is lost: the next run tells all of it.
    job.export().done();
    let changes = std::fs::read_to_string(&place).unwrap();
    assert_eq!(changes.matches(",status,").count(), 20, "{changes}");
}

fn signal(run: &Child, name: &str) {
    let sent = Command::new("kill")
        .args([&format!("-{name}"), &run.id().to_string()])
        .status();
    assert!(sent.unwrap().success());
}

/// Runs an export that is put to sleep, as a machine is, while an answer is on its way, for longer
/// than the whole read may take.
fn asleep(job: &Job, more: &[&str]) -> Run {
    let before = job.registry.requests().len();
    let run = job
        .export_with(&[&["--timeout", "1"], more].concat())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let begun = Instant::now();
    while job.registry.requests().len() < before + 2 {
        assert!(begun.elapsed() < Duration::from_mins(1), "it asked nothing");
        std::thread::sleep(Duration::from_millis(1));
    }
    signal(&run, "STOP");
    std::thread::sleep(Duration::from_millis(1_400));
    signal(&run, "CONT");
    run.wait_with_output().unwrap().into()
}

#[test]
fn a_machine_that_sleeps_in_the_middle_of_a_request_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let job = Job::new(folder.path());
    job.export().done();
    let before = job.files();
    let later = Script {
        latency: Duration::from_millis(60),
        ..holding(&studies(true), SECOND)
    };
    // The registry went silent meanwhile, cut the answer short, closed the connection.
    for then in [Act::Silence, Act::Stall, Act::CutShort, Act::Reset] {
        let case = format!("{then:?}");
        job.registry.becomes(Script {
            then,
            ..later.clone()
        });
        let run = asleep(&job, &[]);
        assert_eq!(run.code, Some(3), "{case}: {}", run.stderr);
        job.assert_failed(&run, &before, &case);
        job.check();
    }
    // It answered, and the answer waited: that it is used or given up, but never in part.
    job.registry.becomes(later);
    let run = asleep(&job, &[]);
    if run.code != Some(0) {
        job.assert_failed(&run, &before, "answered");
        job.export().done();
    }
    job.check();
    assert_eq!(job.text("a.csv").matches("COMPLETED").count(), 20);
}
