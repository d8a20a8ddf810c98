//! The change log: what was seen to change, and which of it concerns a search.

use std::collections::BTreeMap;
use std::path::Path;

use super::{App, AppError};
use crate::provenance::Source;
use crate::render::changes::{Known, Log};
use crate::select::{Collector, Filters};
use crate::store::{Head, Logged, Since, Store};
use crate::study::NctNumber;
use crate::watch::{News, Rules};

/// What changed.
#[derive(Debug)]
pub struct Changes {
    /// Which changes these are.
    pub since: Since,
    /// The changes, in the order in which they were seen.
    pub rows: Vec<Logged>,
    /// What the studies are called, as of their last version, and their status after the last change.
    pub studies: BTreeMap<NctNumber, Known>,
    /// What they mean to each watch rule; `None` without rules.
    pub watch: Option<Vec<News>>,
    /// Whether a patient may be named by it: then it is for its owner only.
    pub is_private: bool,
    /// Where the data came from.
    pub source: Source,
}

impl App {
    /// Returns changes as what the renderers take.
    pub fn log<'a>(&'a self, changes: &'a Changes) -> Log<'a> {
        Log {
            since: &changes.since,
            rows: &changes.rows,
            studies: &changes.studies,
            source: &changes.source,
            warnings: changes.source.warnings(self.settings.today),
            watch: changes.watch.as_deref(),
            generated_at: &self.settings.now,
        }
    }

    /// Returns what changed, of all studies or of those that fit filters, and what it means to the
    /// watch rules of a file. Without `since`: what the last run brought.
    ///
    /// # Errors
    ///
    /// [`AppError::NoStore`] without a store, [`AppError::NoRun`] if there is no such run,
    /// [`AppError::Watch`] if the rules cannot be used.
    pub fn changes(
        &self,
        since: Option<Since>,
        filters: Option<&Filters>,
        watch: Option<&Path>,
    ) -> Result<Changes, AppError> {
        let rules = watch.map(Rules::from_file).transpose()?;
        let (store, head) = self.open_store()?;
        let last = head.last.id;
        let since = since.unwrap_or(Since::Run(last));
        if let Since::Run(run) = since
            && !(1..=last).contains(&run)
        {
            return Err(AppError::NoRun { run, last });
        }
        let rows = store.changes(&since)?;
        let rows = match filters {
            Some(filters) => self.concerning(&store, rows, filters)?,
            None => rows,
        };
        self.told(&store, &head, since, rows, rules.as_ref())
    }

    pub(super) fn told(
        &self,
        store: &Store,
        head: &Head,
        since: Since,
        rows: Vec<Logged>,
        rules: Option<&Rules>,
    ) -> Result<Changes, AppError> {
        let watched = rules.map(|rules| self.watched(store, &rows, &since, rules));
        let mut studies = BTreeMap::new();
        for row in &rows {
            if !studies.contains_key(&row.number) {
                studies.insert(row.number, self.known(store, row.number, &since)?);
            }
        }
        let none = Filters::default();
        let nothing = Collector::new(&none, self.terms()).finish();
        Ok(Changes {
            since,
            rows,
            studies,
            watch: watched.transpose()?,
            is_private: rules.is_some_and(Rules::name_patients),
            source: Source {
                incomplete: None,
                ..self.stored(head, &none, &nothing)
            },
        })
    }

    /// What the last version of a study says, but its status as of the last change that is told.
    fn known(&self, store: &Store, number: NctNumber, since: &Since) -> Result<Known, AppError> {
        let read = |run| -> Result<_, AppError> {
            let version = store.version_at(number, run)?;
            let one = version.map(|version| self.classified_version(store, version));
            Ok(one.transpose()?.flatten())
        };
        let Some(last) = read(i64::MAX)? else {
            return Ok(Known::default());
        };
        let title = last.study.name();
        let told = match since {
            Since::Run(run) => read(*run)?,
            Since::AfterRun(_) | Since::Day(_) => None,
        };
        Ok(Known {
            title,
            status: told.unwrap_or(last).study.status.overall,
        })
    }

    /// Keeps changes of studies that fit the filters now, or did before their first change. A
    /// study that a change takes out of a search must be told too.
    pub(super) fn concerning(
        &self,
        store: &Store,
        rows: Vec<Logged>,
        filters: &Filters,
    ) -> Result<Vec<Logged>, AppError> {
        let mut concerned: BTreeMap<NctNumber, bool> = BTreeMap::new();
        for row in &rows {
            if concerned.contains_key(&row.number) {
                continue;
            }
            let versions = [
                store.version_at(row.number, i64::MAX)?,
                store.version_at(row.number, row.run - 1)?,
            ];
            let mut fits = false;
            for version in versions.into_iter().flatten() {
                let one = self.classified_version(store, version)?;
                fits |= one.is_some_and(|one| filters.fits(self.terms(), &one));
            }
            concerned.insert(row.number, fits);
        }
        let kept = rows.into_iter();
        Ok(kept
            .filter(|row| concerned.get(&row.number) == Some(&true))
            .collect())
    }
}
