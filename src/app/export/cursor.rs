//! Up to where changes were told: it stands in the provenance of the last export.

use std::path::Path;

use crate::app::AppError;
use crate::whole_file;

/// A run of a store.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
pub(super) struct Cursor {
    /// The store's own name.
    pub(super) store: String,
    /// The run.
    pub(super) run: i64,
}

/// What is needed of the last provenance file.
#[derive(Debug, Default, serde::Deserialize)]
pub(super) struct Previous {
    /// Absent where no changes were ever asked for.
    pub(super) cursor: Option<Cursor>,
    /// Fingerprint of the table that it was written with; absent in those of older versions.
    pub(super) csv_sha256: Option<String>,
    #[serde(default)]
    funnel: Vec<Step>,
    source: Option<Source>,
}

#[derive(Debug, serde::Deserialize)]
struct Step {
    step: String,
    remaining: u64,
}

#[derive(Debug, serde::Deserialize)]
struct Source {
    kind: String,
}

impl Previous {
    /// Returns how many studies the store held then; `None` if they came from elsewhere.
    pub(super) fn held(&self) -> Option<u64> {
        let source = self.source.as_ref()?;
        let retrieved = self.funnel.iter().find(|one| one.step == "retrieved")?;
        (source.kind == "store").then_some(retrieved.remaining)
    }
}

/// Reads the cursor of the last export; none where there was no export.
pub(super) fn of(meta: &Path) -> Result<Previous, AppError> {
    let wrong = |what: String| AppError::Meta {
        path: meta.to_owned(),
        what,
    };
    match whole_file::read(meta) {
        Ok(Some(bytes)) => serde_json::from_slice(&bytes).map_err(|error| wrong(error.to_string())),
        // What is no file in its place is told when it is to be written.
        Ok(None) => Ok(Previous::default()),
        Err(error) => Err(wrong(error.to_string())),
    }
}
