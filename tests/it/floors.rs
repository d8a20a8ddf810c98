//! Which module may know which: a module imports from lower floors and from its own subtree.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The floor of each module directly under `src`.
const FLOORS: &[(u8, &[&str])] = &[
    (0, &["text", "geo", "whole_file"]),
    (1, &["study", "terminology"]),
    (2, &["criteria", "registry", "guard"]),
    (3, &["classify", "patient", "place", "provenance", "store"]),
    (4, &["burden", "history", "matching", "select"]),
    (5, &["render"]),
    (6, &["app"]),
    (7, &["web"]),
    (8, &["cli"]),
];

/// Imports that cross a floor all the same: from, to, why.
const ALLOWED: &[(&str, &str, &str)] = &[];

/// Words that only some files may hold, and those files (a path begins with one of them).
const RESERVED: &[(&str, &[&str])] = &[
    ("reqwest", &["registry/http"]),
    ("rusqlite", &["store"]),
    ("clap", &["cli"]),
    ("maud", &["render/html"]),
    ("axum", &["web"]),
    ("hyper::", &["web"]),
    ("hyper_util", &["web"]),
    ("qrcodegen", &["render/html"]),
    ("tracing_subscriber", &["cli"]),
    ("terminal_size", &["cli"]),
    ("println!", &["cli"]),
    ("eprintln!", &["cli"]),
    ("print!", &["cli"]),
    ("eprint!", &["cli"]),
    ("stdout()", &["cli"]),
    ("stderr()", &["cli"]),
    ("env::var", &["cli"]),
    ("async fn", &["registry/http", "registry/live", "web"]),
    ("async move", &["registry/http", "registry/live", "web"]),
    (".await", &["registry/http", "registry/live", "web"]),
];

/// A file of the crate: its path under `src` without ending, and its code without comments and tests.
struct Source {
    path: String,
    code: String,
}

impl Source {
    fn module(&self) -> &str {
        self.path.split('/').next().unwrap_or_default()
    }
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    walk(&root, &mut files);
    files
        .into_iter()
        .map(|file| {
            let text = std::fs::read_to_string(&file).unwrap();
            let path = file.strip_prefix(&root).unwrap().with_extension("");
            Source {
                path: path.to_str().unwrap().replace('\\', "/"),
                code: code_of(&text),
            }
        })
        // The packing of the sample runs before the crate is there; `lib` and `main` only name the others.
        .filter(|source| !["build", "lib", "main"].contains(&source.path.as_str()))
        .collect()
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, files);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            files.push(path);
        }
    }
}

/// Leaves out comments, and the tests at the end of a file.
fn code_of(text: &str) -> String {
    let code = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    let lines = code
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

/// Modules that a code names by a `crate::` path.
fn imports(code: &str) -> BTreeSet<&str> {
    code.split("crate::")
        .skip(1)
        .flat_map(heads)
        .filter(|name| !name.is_empty())
        .collect()
}

/// The first names behind `crate::`: one, or those of a list in braces.
fn heads(rest: &str) -> Vec<&str> {
    let Some(list) = rest.strip_prefix('{') else {
        return vec![head(rest)];
    };
    let mut depth = 0;
    let mut parts = vec![0];
    for (at, c) in list.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => parts.push(at + 1),
            _ => {}
        }
    }
    parts
        .into_iter()
        .map(|at| head(list[at..].trim_start()))
        .collect()
}

fn head(path: &str) -> &str {
    path.split(|c: char| !(c.is_alphanumeric() || c == '_'))
        .next()
        .unwrap_or_default()
}

fn floor(module: &str) -> Option<u8> {
    FLOORS
        .iter()
        .find(|(_, modules)| modules.contains(&module))
        .map(|(floor, _)| *floor)
}

#[test]
fn every_module_has_a_floor() {
    for source in sources() {
        assert!(
            floor(source.module()).is_some(),
            "{} stands on no floor",
            source.path
        );
    }
}

#[test]
fn modules_import_from_lower_floors_only() {
    let (mut crossings, mut used) = (Vec::new(), BTreeSet::<&(&str, &str, &str)>::new());
    for source in sources() {
        let own = source.module();
        for other in imports(&source.code) {
            let is_lower = floor(other) < floor(own) && floor(other).is_some();
            let allowed = ALLOWED
                .iter()
                .find(|(from, to, _)| (*from, *to) == (own, other));
            used.extend(allowed);
            if other != own && !is_lower && allowed.is_none() {
                crossings.push(format!("{} imports {other}", source.path));
            }
        }
    }
    assert_eq!(crossings, [""; 0]);
    // A permission that nobody needs goes.
    assert_eq!(used.len(), ALLOWED.len(), "{used:?}");
}

#[test]
fn some_words_have_their_place() {
    let mut strays = Vec::new();
    for source in sources() {
        for (word, places) in RESERVED {
            let at_home = places.iter().any(|place| source.path.starts_with(place));
            if !at_home && names(&source.code, word) {
                strays.push(format!("{} names {word}", source.path));
            }
        }
    }
    assert_eq!(strays, [""; 0]);
}

/// Says whether a code holds a word that is not part of a longer one.
fn names(code: &str, word: &str) -> bool {
    code.match_indices(word).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        word.starts_with('.') || !before.is_some_and(|c| c.is_alphanumeric() || c == '_')
    })
}

#[test]
fn the_reader_of_imports_reads_them() {
    let code = "use crate::text;\nuse crate::{study::{Study, Site}, geo};\nlet a = crate::place::regions(b);";
    assert_eq!(
        imports(code).into_iter().collect::<Vec<_>>(),
        ["geo", "place", "study", "text"]
    );
    assert!(names("a println!(b)", "println!") && !names("eprintln!(b)", "println!"));
}
