//! What goes wrong with a machine: a disk that is full, one that may not be written, a machine that
//! sleeps while an answer is on its way.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use crate::fake_registry::{Act, Registry, Script};
use crate::support::{Run, files_in, program};
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
        std::fs::create_dir(folder.join("out")).unwrap();
        Self {
            registry: Registry::start(holding(&studies(false), FIRST)),
            folder: folder.to_owned(),
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
        let path = |name: &str| {
            self.folder
                .join("out")
                .join(name)
                .to_str()
                .unwrap()
                .to_owned()
        };
        let (csv, changes) = (path("a.csv"), path("changes.csv"));
        let usual = [
            "export",
            "--csv",
            &csv,
            "--changes",
            &changes,
            "--sentinels",
            "none",
        ];
        self.command(&[&usual, more].concat())
    }

    fn export(&self) -> Run {
        self.export_with(&[]).output().unwrap().into()
    }

    fn files(&self) -> Vec<(String, Vec<u8>)> {
        let out = self.folder.join("out");
        let read = |name: String| (name.clone(), std::fs::read(out.join(name)).unwrap());
        files_in(&out).into_iter().map(read).collect()
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
    let table = std::fs::read_to_string(job.folder.join("out/a.csv")).unwrap();
    assert_eq!(table.matches("COMPLETED").count(), 20);
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
    let table = std::fs::read_to_string(job.folder.join("out/a.csv")).unwrap();
    assert_eq!(table.matches("COMPLETED").count(), 20);
}
