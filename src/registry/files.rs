//! Records from files, as downloaded from the registry's site: a study, a list,
//! a page, or one a line (NDJSON, in bounded memory), also packed with gzip.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;

use super::decode::{self, DecodeError, Decoded, Problem};

/// Endings of files that a directory is searched for, each also with `.gz`.
const ENDINGS: &[&str] = &["json", "ndjson", "jsonl"];

/// Longest JSON value that is held in memory, in bytes. A longer list belongs into NDJSON.
const LONGEST_VALUE: u64 = 1 << 30;

/// What stops the reading of files.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The file or directory cannot be read.
    #[error("could not read `{}`", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The file is no whole JSON, or no study.
    #[error("`{}` {source}", path.display())]
    Malformed {
        /// Which.
        path: PathBuf,
        /// What is wrong.
        source: DecodeError,
    },
    /// A single JSON value beyond the limit.
    #[error("`{}` holds a JSON value of more than 1 GiB; save it as NDJSON, one study a line", path.display())]
    TooLong {
        /// Which.
        path: PathBuf,
    },
    /// A file of another kind, whatever it is called.
    #[error("`{}` is {kind}", path.display())]
    OtherKind {
        /// Which.
        path: PathBuf,
        /// What it is, and what to do.
        kind: &'static str,
    },
    /// A directory without a file to read.
    #[error("`{}` holds no file that ends in .json, .ndjson or .jsonl (or these with .gz)", path.display())]
    NoFiles {
        /// Which.
        path: PathBuf,
    },
    /// Files that hold no study that can be used.
    #[error("`{}` holds no study that can be used: {}", path.display(), passed_over(*skipped, first.as_deref()))]
    NoStudies {
        /// Which.
        path: PathBuf,
        /// How many records were there.
        skipped: usize,
        /// What is wrong with the first of them.
        first: Option<Box<Problem>>,
    },
}

fn passed_over(skipped: usize, first: Option<&Problem>) -> String {
    let Some(first) = first else {
        return "there is no record in it".to_owned();
    };
    let records = if skipped == 1 { "record" } else { "records" };
    format!("{skipped} {records} passed over, the first: {first}")
}

/// What the files held together.
#[derive(Debug, Default)]
struct Held {
    studies: usize,
    skipped: usize,
    first: Option<Box<Problem>>,
    pages: usize,
    leading_on: usize,
    total: Option<u64>,
    uncounted: usize,
    /// A folder in the folder that holds records, and is not read.
    below: Option<PathBuf>,
}

impl Held {
    fn count(&mut self, decoded: &Decoded) {
        self.studies += decoded.studies.len();
        self.skipped += decoded.skipped();
        if self.first.is_none() {
            let first = decoded.problems.iter().find(|problem| problem.skipped);
            self.first = first.cloned().map(Box::new);
        }
        if let Some(page) = decoded.part_of {
            self.pages += 1;
            self.leading_on += usize::from(page.leads_on);
            self.uncounted += usize::from(!page.is_counted);
            self.total = self.total.max(page.total);
        }
    }

    /// Says why saved pages are not all that their search found, as far as they tell.
    fn incomplete(&self) -> Option<String> {
        let held = self.studies + self.skipped;
        if let Some(below) = &self.below {
            return Some(format!(
                "the folder `{}` in it was not read; give it as a source of its own, or put its files beside the others",
                below.display()
            ));
        }
        if self.uncounted > 0 {
            return Some("a saved page has a `totalCount` that is no number".to_owned());
        }
        match self.total {
            Some(total) if total > held as u64 => Some(format!(
                "a saved page counts {total} studies, but the files hold {held}"
            )),
            None if self.pages > 0 && self.leading_on == self.pages => {
                Some("a saved page names a next page, which is not among the files".to_owned())
            }
            _ => None,
        }
    }
}

/// Reads every study of a file or a directory, and gives them away as they come. Returns why that is
/// not all that the search found whose pages were saved; `None` as far as nothing tells so.
///
/// # Errors
///
/// [`FileError`] names the file and the position. Records that are JSON but
/// cannot be used are no error: they come as [`Problem`]s.
pub fn read(path: &Path, take: &mut dyn FnMut(Decoded)) -> Result<Option<String>, FileError> {
    read_raw(path, &mut |_, decoded| take(decoded))
}

/// Reads as [`read`] does, and gives away the bytes too in which the studies stood: a record, a
/// list or a page, see [`decode::records`].
///
/// # Errors
///
/// As [`read`].
pub fn read_raw(
    path: &Path,
    take: &mut dyn FnMut(&[u8], Decoded),
) -> Result<Option<String>, FileError> {
    let found = files_at(path)?;
    let mut held = Held {
        below: found.below,
        ..Held::default()
    };
    let mut count = |bytes: &[u8], decoded: Decoded| {
        held.count(&decoded);
        take(bytes, decoded);
    };
    for file in found.files {
        read_file(&file, &mut count)?;
    }
    if held.studies == 0 {
        return Err(FileError::NoStudies {
            path: path.to_owned(),
            skipped: held.skipped,
            first: held.first,
        });
    }
    Ok(held.incomplete())
}

/// The files of a source, and a folder in it that holds more.
#[derive(Default)]
struct Found {
    files: Vec<PathBuf>,
    below: Option<PathBuf>,
}

fn files_at(path: &Path) -> Result<Found, FileError> {
    let unreadable = |source| FileError::Unreadable {
        path: path.to_owned(),
        source,
    };
    if !std::fs::metadata(path).map_err(unreadable)?.is_dir() {
        return Ok(Found {
            files: vec![path.to_owned()],
            below: None,
        });
    }
    let Found {
        mut files,
        mut below,
    } = Found::default();
    for entry in std::fs::read_dir(path).map_err(unreadable)? {
        let file = entry.map_err(unreadable)?.path();
        if below.is_none() && holds_records(&file) {
            below = Some(file.clone());
        }
        if !has_ending(&file) {
            continue;
        }
        // A link that leads nowhere is named: what it should hold must not be missing in silence.
        let found = std::fs::metadata(&file).map_err(|source| FileError::Unreadable {
            path: file.clone(),
            source,
        })?;
        if found.is_file() {
            files.push(file);
        }
    }
    if files.is_empty() {
        return Err(FileError::NoFiles {
            path: path.to_owned(),
        });
    }
    files.sort();
    Ok(Found { files, below })
}

/// Returns the files that the reading of a folder would take; none if it is no folder, or cannot be read.
pub fn files_in(folder: &Path) -> Vec<PathBuf> {
    if !folder.is_dir() {
        return Vec::new();
    }
    files_at(folder).map_or_else(|_| Vec::new(), |found| found.files)
}

/// Says whether this is a folder with files that could be records.
fn holds_records(folder: &Path) -> bool {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.into_iter().any(|entry| has_ending(&entry.path()))
}

fn has_ending(file: &Path) -> bool {
    let name = file
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .to_lowercase();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    ENDINGS
        .iter()
        .any(|ending| name.rsplit_once('.').is_some_and(|(_, own)| own == *ending))
}

fn read_file(path: &Path, take: &mut dyn FnMut(&[u8], Decoded)) -> Result<(), FileError> {
    let unreadable = |source| FileError::Unreadable {
        path: path.to_owned(),
        source,
    };
    let mut reader = BufReader::with_capacity(1 << 20, File::open(path).map_err(unreadable)?);
    let head = reader.fill_buf().map_err(unreadable)?;
    if let Some(kind) = other_kind(head) {
        let path = path.to_owned();
        return Err(FileError::OtherKind { path, kind });
    }
    let packed = head.starts_with(&[0x1f, 0x8b]);
    let mut reader: Box<dyn BufRead> = if packed {
        Box::new(BufReader::with_capacity(
            1 << 20,
            MultiGzDecoder::new(reader),
        ))
    } else {
        Box::new(reader)
    };
    read_values(path, &mut *reader, take)
}

/// Kinds of files that are saved by mistake, by their first bytes.
fn other_kind(head: &[u8]) -> Option<&'static str> {
    match head.trim_ascii_start() {
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => {
            Some("text in UTF-16, which JSON is not written in; save it as UTF-8")
        }
        [b'P', b'K', 3, 4, ..] => Some("a ZIP archive; unpack it, and give the folder"),
        [b'<', ..] => Some("an HTML page or XML, not JSON; download the record as JSON"),
        _ => None,
    }
}

/// Reads one value a line; a first line that is not whole JSON begins a value that fills the file.
fn read_values(
    path: &Path,
    reader: &mut dyn BufRead,
    take: &mut dyn FnMut(&[u8], Decoded),
) -> Result<(), FileError> {
    let unreadable = |source| FileError::Unreadable {
        path: path.to_owned(),
        source,
    };
    let (mut value, mut number, mut first) = (Vec::new(), 0, true);
    loop {
        value.clear();
        let length = reader
            .take(LONGEST_VALUE)
            .read_until(b'\n', &mut value)
            .map_err(unreadable)?;
        if length == 0 {
            return Ok(());
        }
        number += 1;
        let line = value
            .strip_prefix(b"\xEF\xBB\xBF")
            .unwrap_or(&value)
            .trim_ascii();
        if line.is_empty() {
            continue;
        }
        match decode::any(line) {
            Ok(decoded) => take(line, placed(decoded, path, Some(number))),
            Err(DecodeError::NoStudy) => {
                take(line, placed(not_a_study(), path, Some(number)));
            }
            Err(DecodeError::Syntax { cut_off: true, .. }) if first => {
                // Blank lines before it count, so that positions are those of the file.
                let mut whole = vec![b'\n'; number - 1];
                whole.extend_from_slice(line_without_mark(&value));
                return read_whole(path, reader, whole, take);
            }
            Err(source) => {
                return Err(FileError::Malformed {
                    path: path.to_owned(),
                    source: source.behind_lines(number - 1),
                });
            }
        }
        first = false;
    }
}

fn line_without_mark(line: &[u8]) -> &[u8] {
    line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(line)
}

fn read_whole(
    path: &Path,
    reader: &mut dyn BufRead,
    mut value: Vec<u8>,
    take: &mut dyn FnMut(&[u8], Decoded),
) -> Result<(), FileError> {
    let read = reader.take(LONGEST_VALUE).read_to_end(&mut value);
    let read = read.map_err(|source| FileError::Unreadable {
        path: path.to_owned(),
        source,
    })?;
    if read as u64 == LONGEST_VALUE {
        return Err(FileError::TooLong {
            path: path.to_owned(),
        });
    }
    let decoded = match decode::any(&value) {
        Err(DecodeError::NoStudy) => Ok(not_a_study()),
        decoded => decoded,
    };
    let decoded = decoded.map_err(|source| FileError::Malformed {
        path: path.to_owned(),
        source,
    })?;
    take(&value, placed(decoded, path, None));
    Ok(())
}

/// Notes for each problem where it was met: in a folder, a path inside a record finds nothing.
fn placed(mut decoded: Decoded, path: &Path, line: Option<usize>) -> Decoded {
    for problem in &mut decoded.problems {
        let line = line.map_or(String::new(), |line| format!(", line {line}"));
        problem.origin = Some(format!("`{}`{line}", path.display()));
    }
    decoded
}

fn not_a_study() -> Decoded {
    let problem = Problem {
        nct: None,
        path: "protocolSection".into(),
        what: "is missing, so it is no study record".into(),
        skipped: true,
        origin: None,
    };
    Decoded {
        problems: vec![problem],
        ..Decoded::default()
    }
}
