//! The writing of an export: all of it is on the disk before the first file is moved into its place.

use std::path::PathBuf;

use super::{Export, Exported, Told, meta_path};
use crate::app::{App, AppError, Changes, Search, Synced};
use crate::registry::fingerprint::of_bytes;
use crate::render::{Listing, changes, csv, json, xlsx};
use crate::whole_file::{self, Prepared};

impl App {
    /// Writes what is asked for; the provenance goes last. `table` of the provenance before says which table that
    /// was written with: a run that was ended between the two is seen by it.
    pub(super) fn write_files(
        &self,
        export: &Export,
        search: Search,
        told: Told,
        synced: Option<Synced>,
    ) -> Result<Exported, AppError> {
        let listing = self.listing(&search);
        let table = csv::studies(listing.studies, export.style)?;
        let rows = listing.studies.len();
        let print = of_bytes(&table);
        let before = whole_file::read(&export.csv).ok().flatten();
        let is_same = before.is_some_and(|before| before == table)
            && told.table.as_ref().is_none_or(|old| *old == print);
        let meta = meta_path(&export.csv);
        let mut prepared = vec![whole_file::prepare(&export.csv, &table)?];
        if let Some(told) = &told.changes {
            self.prepare_changes(export, &search, told, &mut prepared)?;
        }
        prepare_others(export, &listing, &mut prepared)?;
        let name = export.csv.file_name().unwrap_or_default();
        let written = json::Written {
            file: &name.to_string_lossy(),
            rows,
            fingerprint: &print,
            cursor: told
                .cursor
                .as_ref()
                .map(|one| (one.store.as_str(), one.run)),
        };
        let provenance = json::meta(&listing, &written);
        prepared.push(whole_file::prepare(&meta, provenance.as_bytes())?);
        commit(prepared)?;
        let changes = told.changes.map(|told| told.rows.len());
        Ok(Exported {
            rows,
            changes,
            is_new: !is_same || changes.is_some_and(|rows| rows > 0),
            meta,
            search,
            synced,
            warnings: told.warnings,
        })
    }

    /// The files that tell what changed. What may name a patient is for its owner only.
    fn prepare_changes(
        &self,
        export: &Export,
        search: &Search,
        told: &Changes,
        prepared: &mut Vec<Prepared>,
    ) -> Result<(), AppError> {
        let prepare = if told.is_private {
            whole_file::prepare_private
        } else {
            whole_file::prepare
        };
        if let Some(path) = &export.changes {
            let table = changes::csv(&told.rows, told.watch.as_deref(), export.style)?;
            prepared.push(prepare(path, &table)?);
        }
        if let Some(path) = &export.digest {
            let log = changes::Log {
                source: &search.source,
                warnings: search.source.warnings(self.settings.today),
                ..self.log(told)
            };
            prepared.push(prepare(path, changes::markdown(&log).as_bytes())?);
        }
        Ok(())
    }
}

/// The other forms of the table.
fn prepare_others(
    export: &Export,
    listing: &Listing<'_>,
    prepared: &mut Vec<Prepared>,
) -> Result<(), AppError> {
    if let Some(path) = &export.json {
        let bytes = json::search(listing);
        prepared.push(whole_file::prepare(path, bytes.as_bytes())?);
    }
    if let Some(path) = &export.xlsx {
        prepared.push(whole_file::prepare(path, &xlsx::workbook(listing)?)?);
    }
    Ok(())
}

/// Moves all into their places, in order. Whatever can be known to fail is found out before the first is moved.
fn commit(prepared: Vec<Prepared>) -> Result<(), AppError> {
    for file in &prepared {
        file.probe()?;
    }
    let mut new: Vec<PathBuf> = Vec::new();
    for file in prepared {
        let place = file.target().to_owned();
        match file.commit() {
            Ok(()) => new.push(place),
            Err(error) if new.is_empty() => return Err(error.into()),
            Err(error) => return Err(AppError::Halfway { new, source: error }),
        }
    }
    Ok(())
}
