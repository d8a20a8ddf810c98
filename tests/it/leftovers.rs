//! What a killed run leaves in the folder of its files goes with the next run, and what a run that is
//! under way has there stays.

use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::{files_in, on_sample, program};

/// A run that has begun to write into a folder and waits for more rows of patients.
struct UnderWay {
    run: Child,
    /// Open as long as more rows may come.
    rows: std::fs::File,
}

impl UnderWay {
    fn in_folder(folder: &Path, pipe: &Path) -> Self {
        assert!(Command::new("mkfifo").arg(pipe).status().unwrap().success());
        let run = program()
            .args([
                "screen",
                "--source",
                "sample",
                "--format",
                "csv",
                "--patients",
            ])
            .arg(pipe)
            .arg("-o")
            .arg(folder.join("verdicts.csv"))
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut rows = std::fs::File::options().write(true).open(pipe).unwrap();
        rows.write_all(b"id,age\nP-01,47\n").unwrap();
        let begun = Instant::now();
        while hidden(folder).is_empty() {
            assert!(
                begun.elapsed() < Duration::from_mins(1),
                "nothing was begun"
            );
            std::thread::sleep(Duration::from_millis(5));
        }
        Self { run, rows }
    }

    fn kill(mut self) {
        self.run.kill().unwrap();
        self.run.wait().unwrap();
        drop(self.rows);
    }

    fn end(mut self) {
        drop(self.rows);
        assert!(self.run.wait().unwrap().success());
    }
}

fn hidden(folder: &Path) -> Vec<String> {
    let names = files_in(folder).into_iter();
    names.filter(|name| name.starts_with('.')).collect()
}

fn write_another(folder: &Path) {
    let file = folder.join("other.csv");
    on_sample(&["search", "--format", "csv", "-o", file.to_str().unwrap()]).done();
}

/// A file under way is spared for each of two reasons: its lock is held, as by a run in another container whose
/// process id says nothing here; or its process is there, as where a file system knows no locks.
#[test]
fn a_lock_alone_keeps_a_file_under_way_and_so_does_a_process() {
    let pipes = tempfile::tempdir().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let live = UnderWay::in_folder(folder, &pipes.path().join("one"));
    let [own] = <[String; 1]>::try_from(hidden(folder)).unwrap();
    let mut gone = Command::new("true").spawn().unwrap();
    gone.wait().unwrap();
    let of_nobody = format!(".trialbrief-{}-locked", gone.id());
    std::fs::rename(folder.join(&own), folder.join(&of_nobody)).unwrap();
    write_another(folder);
    assert_eq!(hidden(folder), [of_nobody.as_str()], "it is locked");
    std::fs::rename(folder.join(&of_nobody), folder.join(&own)).unwrap();
    live.end();
    assert_eq!(files_in(folder), ["other.csv", "verdicts.csv"]);
    let of_this = format!(".trialbrief-{}-open", std::process::id());
    std::fs::write(folder.join(&of_this), "").unwrap();
    write_another(folder);
    assert_eq!(hidden(folder), [of_this.as_str()], "its process is there");
}

#[test]
fn the_next_run_removes_what_a_killed_one_left_and_nothing_of_a_live_one() {
    let pipes = tempfile::tempdir().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let killed = UnderWay::in_folder(folder, &pipes.path().join("one"));
    let left = hidden(folder);
    assert_eq!(left.len(), 1);
    write_another(folder);
    assert_eq!(hidden(folder), left, "it is still written");
    killed.kill();
    assert_eq!(hidden(folder), left);
    write_another(folder);
    assert_eq!(files_in(folder), ["other.csv"]);
    let live = UnderWay::in_folder(folder, &pipes.path().join("two"));
    write_another(folder);
    live.end();
    assert_eq!(files_in(folder), ["other.csv", "verdicts.csv"]);
    let table = std::fs::read_to_string(folder.join("verdicts.csv")).unwrap();
    assert!(table.contains("P-01"), "{table}");
}
