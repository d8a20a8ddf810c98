//! Nothing is written over anything else that a run needs: another output, an input, the store.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::support::{Run, files_in, program, records};

const OUTPUTS: [&str; 5] = ["--csv", "--changes", "--digest", "--json", "--xlsx"];

/// A folder with a data directory, inputs, and a link to itself.
struct Place {
    folder: TempDir,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let place = Self { folder };
        for name in ["data", "sub"] {
            std::fs::create_dir(place.at(name)).unwrap();
        }
        for (name, text) in [
            (
                "watch.toml",
                "[[rule]]\nname = \"a\"\npatients = [\"p.toml\"]\n",
            ),
            ("p.toml", "id = \"P-1\"\n"),
            ("list.txt", "NCT00000001\n"),
            ("lexicon.tsv", "no table\n"),
            ("ca.pem", "no certificate\n"),
            ("records.json", "[]"),
            ("clinic.csv", "id\nP-1\n"),
            ("data/store.sqlite3", "kept"),
            ("data/lock", ""),
        ] {
            std::fs::write(place.at(name), text).unwrap();
        }
        #[cfg(unix)]
        std::os::unix::fs::symlink(".", place.at("link")).unwrap();
        place
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn path(&self, name: &str) -> String {
        self.at(name).to_str().unwrap().to_owned()
    }

    /// The same file by other words.
    fn other(&self, name: &str) -> String {
        let way = if cfg!(unix) { "link/sub/.." } else { "sub/.." };
        self.path(&format!("{way}/{name}"))
    }

    fn run(&self, args: &[&str]) -> Run {
        let mut program = program();
        program
            .args(args)
            .args(["--data-dir", &self.path("data")])
            // Nobody answers there.
            .args(["--api", "http://127.0.0.1:9/api/v2"]);
        program.output().unwrap().into()
    }

    fn files(&self) -> Vec<(String, Vec<u8>)> {
        let read = |folder: &Path| -> Vec<(String, Vec<u8>)> {
            let names = files_in(folder).into_iter();
            let files = names.map(|name| (name.clone(), folder.join(name)));
            files
                .filter(|(_, path)| path.is_file())
                .map(|(name, path)| (name, std::fs::read(path).unwrap()))
                .collect()
        };
        [read(self.folder.path()), read(&self.at("data"))].concat()
    }

    /// Asserts that a run is wrong usage, says both names, and leaves everything.
    fn assert_refused(&self, args: &[&str], names: [&str; 2]) {
        let before = self.files();
        let run = self.run(args);
        assert_eq!(run.code, Some(2), "{args:?}: {}", run.stderr);
        for name in names {
            assert!(run.stderr.contains(name), "{name}: {}", run.stderr);
        }
        assert!(run.stderr.contains("hint: "), "{}", run.stderr);
        assert_eq!(self.files(), before, "{args:?}");
    }
}

/// An export whose table goes elsewhere, if nothing else is said of it.
fn export<'a>(csv: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let named: &[&str] = if more.contains(&"--csv") {
        &[]
    } else {
        &["--csv", csv]
    };
    [&["export"], named, more].concat()
}

#[test]
fn no_two_outputs_are_one_file() {
    let place = Place::new();
    let (csv, same, other) = (
        place.path("z.csv"),
        place.path("a.out"),
        place.other("a.out"),
    );
    for (at, first) in OUTPUTS.iter().enumerate() {
        for second in &OUTPUTS[at + 1..] {
            let args = export(&csv, &[first, &same, second, &other]);
            place.assert_refused(&args, [first, second]);
        }
    }
    let meta = place.other("z.csv.meta.json");
    for one in &OUTPUTS[1..] {
        place.assert_refused(&export(&csv, &[one, &meta]), [one, "provenance"]);
    }
}

#[test]
fn no_output_is_an_input() {
    let place = Place::new();
    let csv = place.path("z.csv");
    let rules = place.path("watch.toml");
    let digest = place.path("z.md");
    for (input, file) in [
        ("--watch", "watch.toml"),
        ("--sentinels", "list.txt"),
        ("--lexicon", "lexicon.tsv"),
        ("--ca", "ca.pem"),
        ("--source", "records.json"),
    ] {
        let (path, other) = (place.path(file), place.other(file));
        for output in OUTPUTS {
            let mut args = export(&csv, &[output, &other, input, &path]);
            if input == "--watch" && !["--changes", "--digest"].contains(&output) {
                args.extend(["--digest", &digest]);
            }
            place.assert_refused(&args, [output, input]);
        }
    }
    let patient = place.other("p.toml");
    for output in OUTPUTS {
        let mut args = export(&csv, &[output, &patient, "--watch", &rules]);
        if !["--changes", "--digest"].contains(&output) {
            args.extend(["--digest", &digest]);
        }
        place.assert_refused(&args, [output, "profile"]);
    }
}

#[test]
fn no_output_is_of_the_store() {
    let place = Place::new();
    let csv = place.path("z.csv");
    for file in [
        "store.sqlite3",
        "store.sqlite3-wal",
        "store.sqlite3-shm",
        "store.sqlite3-journal",
        "lock",
    ] {
        let path = place.other(&format!("data/{file}"));
        for output in OUTPUTS {
            place.assert_refused(&export(&csv, &[output, &path]), [output, "store"]);
        }
        let search = ["search", "--source", "sample", "-o", &path];
        place.assert_refused(&search, ["-o", "store"]);
    }
    // What was put aside is history too.
    std::fs::write(place.at("data/store.sqlite3.damaged-1"), "kept").unwrap();
    let aside = place.path("data/store.sqlite3.damaged-1");
    place.assert_refused(&export(&aside, &[]), ["--csv", "store"]);
    // Beside it is a place like any other.
    let beside = place.path("data/a.csv");
    place
        .run(&["search", "--source", "sample", "-o", &beside])
        .done();
}

#[test]
fn no_answer_replaces_what_it_was_read_from() {
    let place = Place::new();
    let sample = ["--source", "sample"];
    for (command, file, name) in [
        (&["screen", "--patients"][..], "clinic.csv", "--patients"),
        (&["screen", "--patient"], "p.toml", "--patient"),
        (&["screen", "--fhir"], "p.toml", "--fhir"),
        (&["brief", "--patient"], "p.toml", "--patient"),
        (&["brief", "--fhir"], "p.toml", "--fhir"),
        (&["profile", "check"], "p.toml", "profile"),
        (&["changes", "--watch"], "watch.toml", "--watch"),
        (&["sync", "--file"], "records.json", "--file"),
    ] {
        let (path, other) = (place.path(file), place.other(file));
        let args = [command, &[path.as_str(), "-o", &other][..], &sample].concat();
        place.assert_refused(&args, ["-o", name]);
    }
    let (rules, profile) = (place.path("watch.toml"), place.other("p.toml"));
    place.assert_refused(
        &["changes", "--watch", &rules, "-o", &profile],
        ["-o", "profile"],
    );
}

#[test]
fn a_folder_of_records_keeps_its_records() {
    let place = Place::new();
    let folder = place.path("records");
    std::fs::create_dir(&folder).unwrap();
    std::fs::copy(records().join("primary.json"), place.at("records/a.json")).unwrap();
    let (csv, json) = (place.path("records/a.csv"), place.path("records/a.json"));
    let kept = std::fs::read(&json).unwrap();
    place.assert_refused(
        &export(&csv, &["--source", &folder, "--json", &json]),
        ["--json", "--source"],
    );
    // A table beside them is none of them, also the second time.
    for _ in 0..2 {
        place.run(&export(&csv, &["--source", &folder])).done();
    }
    assert_eq!(std::fs::read(&json).unwrap(), kept);
}
