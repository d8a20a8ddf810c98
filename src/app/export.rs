//! The files for cron: each whole or not at all, with their provenance beside them.
//!
//! They are made from the store after a sync. The provenance file also says up
//! to which run changes were written. It is moved into its place last: a run
//! that is ended before writes the same changes again, never loses them.

mod cursor;
mod write;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::sync::{STUDIES, check, day, gone, refuse_fall};
use super::{App, AppError, Changes, Search, Sentinels, SourceChoice, Sync, Synced};
use crate::provenance::Source;
use crate::render::csv;
use crate::select::Filters;
use crate::store::{Head, Lock, Since, Store};
use crate::watch::Rules;
use crate::whole_file;
use cursor::{Cursor, Previous};

/// Days after which a store is not exported as if it were news.
const TOO_OLD: i64 = 30;

/// What is exported, and where to.
#[derive(Debug, Clone)]
pub struct Export {
    /// The CSV file.
    pub csv: PathBuf,
    /// A CSV of what changed since the last export to the same file.
    pub changes: Option<PathBuf>,
    /// A digest of the same in Markdown.
    pub digest: Option<PathBuf>,
    /// Watch rules for both.
    pub watch: Option<PathBuf>,
    /// A JSON file of the studies.
    pub json: Option<PathBuf>,
    /// A workbook of the studies.
    pub xlsx: Option<PathBuf>,
    /// How the CSV files are written.
    pub style: csv::CsvStyle,
    /// Sentinel list in place of the built-in one.
    pub sentinels: Sentinels,
    /// Allow the number of studies to fall by more than a fifth.
    pub allow_shrink: bool,
    /// Take the store as it is.
    pub no_sync: bool,
    /// Take it although it is old.
    pub allow_stale: bool,
    /// How long to wait for another run.
    pub wait: Duration,
}

/// What was exported.
#[derive(Debug)]
pub struct Exported {
    /// Rows of the CSV.
    pub rows: usize,
    /// Rows of the changes, if they were asked for.
    pub changes: Option<usize>,
    /// Whether the CSV differs from the one before, or anything was told to have changed.
    pub is_new: bool,
    /// The provenance file.
    pub meta: PathBuf,
    /// The search behind it.
    pub search: Search,
    /// The sync before it, if there was one.
    pub synced: Option<Synced>,
    /// What the user must know besides.
    pub warnings: Vec<String>,
}

/// What changed, and up to where it was told.
#[derive(Default)]
struct Told {
    changes: Option<Changes>,
    cursor: Option<Cursor>,
    /// Fingerprint of the table that the provenance before was written with; `None` where there is none.
    table: Option<String>,
    warnings: Vec<String>,
}

impl App {
    /// Writes the studies that fit as CSV, `FILE.meta.json` beside it, and what else is asked for.
    ///
    /// # Errors
    ///
    /// [`AppError`]; whatever goes wrong, files that were there stay as they were.
    pub fn export(&self, filters: Filters, export: &Export) -> Result<Exported, AppError> {
        export.sentinels.numbers()?;
        let rules = export.watch.as_deref().map(Rules::from_file).transpose()?;
        let no_sync = match self.settings.source {
            SourceChoice::Sample | SourceChoice::Path(_) => {
                return self.export_at_once(filters, export);
            }
            SourceChoice::Store => true,
            SourceChoice::Auto | SourceChoice::Live => export.no_sync,
        };
        if !self.covers(&filters) {
            return Err(AppError::NotHeld);
        }
        // Places that cannot be written are named before the registry is asked.
        for file in export.files() {
            drop(whole_file::prepare(file, b"")?);
        }
        if no_sync {
            drop(self.open_store()?);
        }
        let lock = Lock::take(self.data_dir()?, &self.settings.now, export.wait)?;
        let synced = if no_sync {
            None
        } else {
            Some(self.sync_under(&lock, &export.sync())?)
        };
        let (store, head) = self.open_store()?;
        if no_sync && !export.allow_stale {
            self.refuse_stale(&head)?;
        }
        let (source, collected) = self.read_from(&store, &head, &filters)?;
        check(&collected.retrieved, &export.sentinels, &gone(&store)?)?;
        let previous = cursor::of(&meta_path(&export.csv))?;
        if let Some(before) = previous.held()
            && !export.allow_shrink
        {
            // The store may have been lost meanwhile, and with it what guarded it.
            refuse_fall(STUDIES, before, head.last.studies)?;
        }
        let told = self.told_since(&store, &head, &filters, export, rules.as_ref(), previous)?;
        let search = Search {
            source: Source {
                just_synced: synced.is_some(),
                ..source
            },
            filters,
            collected,
        };
        self.write_files(export, search, told, synced)
    }

    /// Files and the sample are read as they are, and nothing is remembered.
    fn export_at_once(&self, filters: Filters, export: &Export) -> Result<Exported, AppError> {
        if export.tells_changes() {
            return Err(AppError::NoChanges);
        }
        let search = self.search(filters)?;
        let Previous {
            cursor, csv_sha256, ..
        } = cursor::of(&meta_path(&export.csv))?;
        let told = Told {
            cursor,
            table: csv_sha256,
            ..Told::default()
        };
        self.write_files(export, search, told, None)
    }

    /// A store that nobody asked the registry about for a month is no news.
    fn refuse_stale(&self, head: &Head) -> Result<(), AppError> {
        let today = self.settings.today;
        let asked = match &head.live {
            Some(live) => day(Some(&live.checked_at)),
            None => day(head.last.data_timestamp.as_deref()),
        };
        let Some(asked) = asked else {
            return Err(AppError::Stale("the day of its data is not known".into()));
        };
        match (today - asked).num_days() {
            0..=TOO_OLD => Ok(()),
            days if days > TOO_OLD => Err(AppError::Stale(format!(
                "it was good on {asked}, {days} days before {today}"
            ))),
            _ => Err(AppError::Stale(format!(
                "it was good on {asked}, but the clock of this machine says {today}, so that its age is not known"
            ))),
        }
    }

    /// Returns what changed since the last export to the same file.
    fn told_since(
        &self,
        store: &Store,
        head: &Head,
        filters: &Filters,
        export: &Export,
        rules: Option<&Rules>,
        previous: Previous,
    ) -> Result<Told, AppError> {
        if !export.tells_changes() {
            // Who asks for them next time gets them from where they ended.
            return Ok(Told {
                cursor: previous.cursor,
                table: previous.csv_sha256,
                ..Told::default()
            });
        }
        let now = Cursor {
            store: head.store.clone(),
            run: head.last.id,
        };
        let mut warnings = Vec::new();
        let since = match previous.cursor {
            Some(then) if then.store == now.store && then.run <= now.run => then.run,
            Some(_) => {
                warnings.push(
                    "the store was begun anew since the last export: what changed meanwhile is not known, and no changes are told".to_owned(),
                );
                now.run
            }
            None => now.run,
        };
        let since = Since::AfterRun(since);
        let rows = self.concerning(store, store.changes(&since)?, filters)?;
        let changes = self.told(store, head, since, rows, rules)?;
        warnings.extend(changes.doubts.iter().cloned());
        Ok(Told {
            changes: Some(changes),
            cursor: Some(now),
            table: previous.csv_sha256,
            warnings,
        })
    }
}

impl Export {
    /// Says whether it tells what changed.
    fn tells_changes(&self) -> bool {
        self.changes.is_some() || self.digest.is_some()
    }

    fn sync(&self) -> Sync {
        Sync {
            full: false,
            file: None,
            sentinels: self.sentinels.clone(),
            allow_shrink: self.allow_shrink,
            wait: self.wait,
        }
    }

    fn files(&self) -> impl Iterator<Item = &Path> {
        let others = [&self.changes, &self.digest, &self.json, &self.xlsx]
            .into_iter()
            .flatten();
        std::iter::once(&self.csv)
            .chain(others)
            .map(PathBuf::as_path)
    }
}

/// Returns where the provenance of a table lies: beside it.
pub fn meta_path(csv: &Path) -> PathBuf {
    let mut name: OsString = csv.as_os_str().to_owned();
    name.push(".meta.json");
    name.into()
}
