//! Patients from a CSV, one row each, read as a stream.

use std::io::Read;

use serde_json::{Map, Value, json};

use super::faults;
use super::file::fault;
use super::records::{Flaw, LONGEST_ROW, MOST_CELLS, Records};
use super::repeats::Repeats;
use super::{FIELDS, Profile, ProfileError, ProfileErrors};
use crate::text::nearest;

/// A patient of a table, or all that is wrong with the row.
pub type Row = Result<Profile, ProfileErrors>;

/// The rows of a table of patients; memory does not grow with their number or length.
pub struct Rows<R> {
    file: String,
    columns: Vec<String>,
    records: Records<R>,
    repeats: Repeats,
    count: u64,
}

impl<R: Read> Rows<R> {
    /// Reads the header.
    ///
    /// # Errors
    ///
    /// [`ProfileError`] tells a column that no profile has, or one that stands twice. What stands there is not
    /// repeated: without a header it is a patient.
    pub fn new(file: &str, source: R) -> Result<Self, ProfileError> {
        let mut records = Records::new(source);
        let columns: Vec<String> = match records.read() {
            None => Vec::new(),
            Some(Ok(cells)) => cells.iter().map(|name| name.to_lowercase()).collect(),
            Some(Err(flaw)) => return Err(ProfileError::new(file, Some(1), None, unusable(&flaw))),
        };
        let line = Some(records.line());
        for (at, name) in columns.iter().enumerate() {
            let place = format!("column {}", at + 1);
            if !FIELDS.contains(&name.as_str()) {
                let hint = nearest(name, FIELDS)
                    .map_or(String::new(), |near| format!("; did you mean `{near}`?"));
                let what = format!("{place} is no field; allowed: {}{hint}", FIELDS.join(", "));
                return Err(ProfileError::new(file, line, None, what));
            }
            if columns[..at].contains(name) {
                let what = format!("{place}: the column stands twice");
                return Err(ProfileError::new(file, line, Some(name), what));
            }
        }
        Ok(Self {
            file: file.to_owned(),
            columns,
            records,
            repeats: Repeats::default(),
            count: 0,
        })
    }

    /// Returns what is to be remarked of the rows so far: patients that stand there more than once, by their lines.
    pub fn remarks(&self) -> Vec<String> {
        self.repeats.told(&self.file)
    }

    /// Reads a row, or finds all that is wrong with it; `None` behind the last.
    fn next_row(&mut self) -> Option<Row> {
        let cells = self.records.read()?;
        self.count += 1;
        let row = match cells {
            Ok(cells) => Ok(cells.into_iter().map(str::to_owned).collect::<Vec<_>>()),
            Err(flaw) => Err(unusable(&flaw)),
        };
        let line = self.records.line();
        let wrong = |what: String| ProfileError::new(&self.file, Some(line), None, what).into();
        Some(row.map_err(wrong).and_then(|cells| self.row(line, &cells)))
    }

    fn row(&mut self, line: u64, cells: &[String]) -> Row {
        let (own, asked) = (cells.len(), self.columns.len());
        if own != asked {
            let what = format!("the row has {own} cells, the header {asked}");
            return Err(ProfileError::new(&self.file, Some(line), None, what).into());
        }
        let named = self.columns.iter().map(String::as_str);
        let named = named.zip(cells.iter().map(String::as_str));
        let mut profile = from_cells(&self.file, Some(line), named)?;
        match &profile.id {
            Some(id) => self.repeats.note(id.as_str(), line),
            None => profile.id = format!("row {}", self.count).parse().ok(),
        }
        profile.line = Some(line);
        Ok(profile)
    }
}

/// Why a row cannot be used, and what to do.
fn unusable(flaw: &Flaw) -> String {
    match flaw {
        Flaw::TooLong => format!(
            "the row is longer than {} MiB and was not read: look for a quotation mark that is never closed",
            LONGEST_ROW >> 20
        ),
        Flaw::TooManyCells => format!("the row has more than {MOST_CELLS} cells and was not read"),
        Flaw::NotUtf8 => "the row is not UTF-8; save the file as CSV UTF-8".to_owned(),
        Flaw::Unreadable(error) => format!("the file cannot be read on: {error}"),
    }
}

impl<R: Read> Iterator for Rows<R> {
    type Item = Row;

    fn next(&mut self) -> Option<Row> {
        self.next_row()
    }
}

/// Reads a profile from the text of its fields, as a CSV or flags hold it.
///
/// # Errors
///
/// [`ProfileErrors`]: every wrong field, and what is allowed.
pub fn from_cells<'a>(
    file: &str,
    line: Option<u64>,
    cells: impl Iterator<Item = (&'a str, &'a str)>,
) -> Row {
    let filled = cells.filter(|(_, cell)| !cell.trim().is_empty());
    let fields: Map<String, Value> = filled
        .map(|(name, cell)| (name.to_owned(), value(name, cell)))
        .collect();
    faults::read(Value::Object(fields)).map_err(|found| {
        let errors = found.iter().map(|found| fault(file, line, found));
        ProfileErrors(errors.collect())
    })
}

/// Lists in a cell: items parted by `;`, their parts by `:`.
fn value(name: &str, cell: &str) -> Value {
    let items = || {
        cell.split(';')
            .map(str::trim)
            .filter(|item| !item.is_empty())
    };
    let pair = |item: &str| {
        let (key, value) = item.split_once(':').unwrap_or((item, ""));
        (key.trim().to_owned(), value.trim().to_owned())
    };
    match name {
        "treatments" => items().map(treatment).collect(),
        "infections" | "antibodies" | "labs" => {
            let mut pairs: Map<String, Value> = Map::new();
            for (key, value) in items().map(pair) {
                // Said twice is said wrong: two values are none.
                let both = pairs.get(&key).and_then(Value::as_str);
                let both = both.map_or(value.clone(), |first| format!("{first} and {value}"));
                pairs.insert(key, json!(both));
            }
            Value::Object(pairs)
        }
        "conditions" => {
            let pairs = items().map(pair);
            pairs
                .map(|(kind, since)| json!({"kind": kind, "since": since}))
                .collect()
        }
        "absent" => items().map(|item| json!(item)).collect(),
        _ => json!(cell),
    }
}

/// `drug:started:stopped:reason`, and behind it the last dose of what is ongoing.
fn treatment(item: &str) -> Value {
    const PARTS: [&str; 5] = ["drug", "started", "stopped", "reason", "last_dose"];
    let mut parts: Map<String, Value> = Map::new();
    for (at, part) in item.split(':').enumerate() {
        let name = PARTS.get(at).copied().unwrap_or("too many parts");
        parts.insert(name.to_owned(), json!(part.trim()));
    }
    Value::Object(parts)
}
