//! Runs the binary as a user would, and reads records of our own.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use trialbrief::classify::{Classified, classify};
use trialbrief::registry::decode;
use trialbrief::terminology::Terminology;

/// The day on which every run takes place, three days behind the sample's.
pub(crate) const TODAY: &str = "2026-08-25";

/// What a run came to.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("output is UTF-8");
        Self {
            code: output.status.code(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }
}

impl Run {
    /// Asserts that the run did what it was asked, and returns it.
    pub(crate) fn done(self) -> Self {
        assert_eq!(self.code, Some(0), "{}", self.stderr);
        self
    }

    /// Reads the output as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).expect("stdout is JSON")
    }
}

/// The binary, in an environment that says nothing, on a fixed day, 80 columns wide.
pub(crate) fn program() -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_trialbrief"));
    for variable in ["TRIALBRIEF_API", "NO_COLOR"] {
        program.env_remove(variable);
    }
    program
        .env("TRIALBRIEF_TODAY", TODAY)
        // Nobody's own store: tests that want one name a folder of theirs.
        .env(
            "TRIALBRIEF_DATA_DIR",
            concat!(env!("CARGO_TARGET_TMPDIR"), "/no-store"),
        )
        .env("LC_ALL", "C")
        .env("COLUMNS", "80")
        .env("NO_PROXY", "127.0.0.1")
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdin(Stdio::null());
    program
}

/// Runs the binary.
pub(crate) fn run(args: &[&str]) -> Run {
    program()
        .args(args)
        .output()
        .expect("the binary runs")
        .into()
}

/// Runs the binary on the bundled sample.
pub(crate) fn on_sample(args: &[&str]) -> Run {
    run(&[args, &["--source", "sample"]].concat())
}

/// Runs the binary on a file or folder.
pub(crate) fn on_file(path: &Path, args: &[&str]) -> Run {
    let path = path.to_str().expect("the path is UTF-8");
    run(&[args, &["--source", path]].concat())
}

/// The folder of our own records.
pub(crate) fn records() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/records")
}

/// One of our own records, as JSON.
pub(crate) fn record(name: &str) -> Value {
    let path = records().join(name).with_extension("json");
    let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_slice(&bytes).expect("the record is JSON")
}

/// Decodes and classifies one record.
pub(crate) fn classified(record: &Value, terms: &Terminology) -> Classified {
    let decoded = decode::any(record.to_string().as_bytes()).expect("the record decodes");
    assert_eq!(decoded.problems, []);
    let [study] = <[_; 1]>::try_from(decoded.studies).expect("one study");
    classify(study, terms)
}

/// Columns that a line takes on a terminal: two for each wide character, none for what has no width.
pub(crate) fn columns(line: &str) -> usize {
    line.chars()
        .map(|c| match u32::from(c) {
            0x300..=0x36F | 0x200B..=0x200F | 0x2060 | 0xFE00..=0xFE0F | 0xFEFF => 0,
            0x1100..=0x115F
            | 0x2E80..=0xA4CF
            | 0xAC00..=0xD7A3
            | 0xF900..=0xFAFF
            | 0xFE30..=0xFE6F
            | 0xFF00..=0xFF60
            | 0xFFE0..=0xFFE6
            | 0x1F300..=0x1FAFF
            | 0x20000..=0x3FFFD => 2,
            _ => 1,
        })
        .sum()
}

/// Asserts that no line is wider than a terminal of so many columns.
pub(crate) fn assert_fits(text: &str, width: usize) {
    for line in text.lines() {
        assert!(columns(line) <= width, "{} columns: {line}", columns(line));
    }
}

/// An address on this machine where nobody listens.
pub(crate) fn closed_address() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    drop(listener);
    format!("http://127.0.0.1:{port}/api/v2")
}

/// An export of the weekly job into a folder: its table, and what changed.
pub(crate) fn weekly_export(folder: &Path) -> Vec<String> {
    let path = |name: &str| folder.join(name).to_str().expect("UTF-8").to_owned();
    let (csv, changes) = (path("a.csv"), path("changes.csv"));
    let words = ["export", "--csv", &csv, "--changes", &changes];
    let words = words.into_iter().chain(["--sentinels", "none"]);
    words.map(str::to_owned).collect()
}

/// Names of the files in a folder, hidden ones too.
pub(crate) fn files_in(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .expect("the folder is there")
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    names.sort();
    names
}
