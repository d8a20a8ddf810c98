//! Patients from a CSV, one row each, read as a stream.

use std::io::Read;

use serde_json::{Map, Value, json};

use super::ends::Ends;
use super::faults;
use super::file::fault;
use super::{FIELDS, Profile, ProfileError, ProfileErrors};
use crate::text::nearest;

/// A patient of a table, or all that is wrong with the row.
pub type Row = Result<Profile, ProfileErrors>;

/// The rows of a table of patients; memory does not grow with their number.
pub struct Rows<R> {
    file: String,
    columns: Vec<String>,
    reader: csv::Reader<Ends<R>>,
    record: csv::StringRecord,
    count: u64,
}

impl<R: Read> Rows<R> {
    /// Reads the header.
    ///
    /// # Errors
    ///
    /// [`ProfileError`] names a column that no profile has, or one that stands twice.
    pub fn new(file: &str, source: R) -> Result<Self, ProfileError> {
        let mut reader = csv::ReaderBuilder::new()
            .flexible(true)
            .trim(csv::Trim::All)
            .from_reader(Ends::new(source));
        let error = |field: Option<&str>, what: String| ProfileError {
            file: file.to_owned(),
            line: Some(1),
            field: field.map(str::to_owned),
            what,
        };
        let header = reader
            .headers()
            .map_err(|fault| error(None, fault.to_string()))?;
        let columns: Vec<String> = (header.iter())
            .map(|name| name.trim_start_matches('\u{feff}').to_lowercase())
            .collect();
        for (at, name) in columns.iter().enumerate() {
            if !FIELDS.contains(&name.as_str()) {
                let hint = nearest(name, FIELDS)
                    .map_or(String::new(), |near| format!("; did you mean `{near}`?"));
                let what = format!("no such column; allowed: {}{hint}", FIELDS.join(", "));
                return Err(error(Some(name), what));
            }
            if columns[..at].contains(name) {
                return Err(error(Some(name), "the column stands twice".to_owned()));
            }
        }
        Ok(Self {
            file: file.to_owned(),
            columns,
            reader,
            record: csv::StringRecord::new(),
            count: 0,
        })
    }

    fn row(&self) -> Row {
        let line = self.record.position().map(csv::Position::line);
        if self.record.len() != self.columns.len() {
            let what = format!(
                "the row has {} cells, the header {}",
                self.record.len(),
                self.columns.len()
            );
            return Err(ProfileErrors::from(ProfileError {
                file: self.file.clone(),
                line,
                field: None,
                what,
            }));
        }
        let cells = (self.columns.iter().map(String::as_str)).zip(self.record.iter());
        let mut profile = from_cells(&self.file, line, cells)?;
        if profile.id.is_none() {
            profile.id = format!("row {}", self.count).parse().ok();
        }
        Ok(profile)
    }
}

impl<R: Read> Rows<R> {
    /// Reads a row, or finds all that is wrong with it; `None` behind the last.
    fn next_row(&mut self) -> Option<Row> {
        self.count += 1;
        match self.reader.read_record(&mut self.record) {
            Ok(true) => Some(self.row()),
            Ok(false) => None,
            Err(error) => Some(Err(ProfileErrors::from(ProfileError {
                file: self.file.clone(),
                line: error.position().map(csv::Position::line),
                field: None,
                what: match error.kind() {
                    csv::ErrorKind::Utf8 { .. } => {
                        "the row is not UTF-8; save the file as CSV UTF-8".to_owned()
                    }
                    _ => error.to_string(),
                },
            }))),
        }
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
                // Said twice is said wrong: both stand in the error.
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
