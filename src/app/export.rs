//! The CSV for cron: whole or not at all, with its provenance beside it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::{App, AppError, Search, SourceChoice};
use crate::guard;
use crate::provenance::SourceKind;
use crate::render::{csv, json};
use crate::select::Filters;
use crate::whole_file;

/// What is exported, and where to.
#[derive(Debug, Clone)]
pub struct Export {
    /// The CSV file.
    pub csv: PathBuf,
    /// How it is written.
    pub style: csv::CsvStyle,
    /// Sentinel list in place of the built-in one.
    pub sentinels: Sentinels,
}

/// Which studies a complete read must hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sentinels {
    /// The built-in list.
    BuiltIn,
    /// None.
    None,
    /// A file.
    File(PathBuf),
}

/// What was exported.
#[derive(Debug)]
pub struct Exported {
    /// Rows of the CSV.
    pub rows: usize,
    /// The provenance file.
    pub meta: PathBuf,
    /// The search behind it.
    pub search: Search,
}

impl App {
    /// Writes the studies that fit as CSV, and `FILE.meta.json` beside it.
    ///
    /// # Errors
    ///
    /// [`AppError`]; whatever goes wrong, files that were there stay as they were.
    pub fn export(&self, filters: Filters, export: &Export) -> Result<Exported, AppError> {
        let search = self.search_for_export(filters)?;
        check_recall(&search, &export.sentinels)?;
        let listing = self.listing(&search);
        let table = csv::studies(listing.studies, export.style)?;
        let name = export
            .csv
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let rows = listing.studies.len();
        let provenance = json::meta(&listing, &name, rows);
        let meta = meta_path(&export.csv);
        // Both are on the disk before the first is moved into its place.
        let table = whole_file::prepare(&export.csv, &table)?;
        let provenance = whole_file::prepare(&meta, provenance.as_bytes())?;
        table.commit()?;
        provenance.commit()?;
        Ok(Exported { rows, meta, search })
    }

    /// `export` never falls back: for it, `auto` is live.
    fn search_for_export(&self, filters: Filters) -> Result<Search, AppError> {
        let mut settings = self.settings.clone();
        settings.partial = false;
        if settings.source == SourceChoice::Auto {
            settings.source = SourceChoice::Live;
        }
        Self {
            settings,
            ..self.clone()
        }
        .search(filters)
    }
}

/// The guard looks at what was retrieved, before filters, and only at live data.
fn check_recall(search: &Search, sentinels: &Sentinels) -> Result<(), AppError> {
    let sentinels = match sentinels {
        Sentinels::None => return Ok(()),
        Sentinels::BuiltIn => guard::built_in(),
        Sentinels::File(path) => guard::from_file(path)?,
    };
    if search.source.kind != SourceKind::Live {
        return Ok(());
    }
    let missing = guard::missing(&sentinels, &search.collected.retrieved);
    if missing.is_empty() {
        return Ok(());
    }
    Err(AppError::Guard {
        missing,
        sentinels: sentinels.len(),
    })
}

fn meta_path(csv: &Path) -> PathBuf {
    let mut name: OsString = csv.as_os_str().to_owned();
    name.push(".meta.json");
    name.into()
}
