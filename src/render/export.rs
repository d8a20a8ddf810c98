//! What an export came to, as one line: in words, or for the log of a machine.

use std::path::Path;

use serde::Serialize;

use crate::provenance::Source;
use crate::text::counted;

/// What was written.
#[derive(Debug)]
pub struct Outcome<'a> {
    /// Rows of the table.
    pub rows: usize,
    /// Rows of the changes, if they were asked for.
    pub changes: Option<usize>,
    /// Whether anything differs from the export before.
    pub is_new: bool,
    /// The table.
    pub csv: &'a Path,
    /// Its provenance.
    pub meta: &'a Path,
    /// Where the data came from.
    pub source: &'a Source,
}

#[derive(Serialize)]
struct OutcomeView<'a> {
    schema: &'static str,
    studies: usize,
    changes: Option<usize>,
    new: bool,
    csv: String,
    meta: String,
    source: &'static str,
    registry_timestamp: Option<&'a str>,
    retrieved_at: &'a str,
}

impl Outcome<'_> {
    /// Renders it in words.
    pub fn line(&self) -> String {
        let changes = self.changes.map_or(String::new(), |rows| {
            format!(", {}", counted(rows as u64, "change"))
        });
        let studies = if self.rows == 1 { "study" } else { "studies" };
        format!(
            "{} {studies} written to `{}`{changes}, their provenance to `{}`",
            self.rows,
            self.csv.display(),
            self.meta.display()
        )
    }

    /// Renders it as one line of JSON: `trialbrief.export/1`.
    pub fn json(&self) -> String {
        super::json::written_compact(&OutcomeView {
            schema: "trialbrief.export/1",
            studies: self.rows,
            changes: self.changes,
            new: self.is_new,
            csv: self.csv.display().to_string(),
            meta: self.meta.display().to_string(),
            source: self.source.kind.as_str(),
            registry_timestamp: self.source.registry_timestamp.as_deref(),
            retrieved_at: &self.source.retrieved_at,
        })
    }
}
