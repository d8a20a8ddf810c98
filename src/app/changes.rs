//! The change log: what was seen to change, and which of it concerns a search.

use std::collections::BTreeSet;
use std::collections::btree_map::{BTreeMap, Entry};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use super::held::everything;
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
    /// What may be wrong with the rules.
    pub doubts: Vec<String>,
    /// Whether a patient may be named by it: then it is for its owner only.
    pub is_private: bool,
    /// Where the data came from.
    pub source: Source,
}

/// What changed in the studies of MS, read once from the store: it stays as it is with the data that are held.
///
/// The days that are asked for differ in nothing but the runs since them, so that there are no more answers than runs.
#[derive(Debug, Default)]
pub(super) struct Kept(Mutex<KeptNews>);

#[derive(Debug, Default)]
struct KeptNews {
    /// Every run that saw a change, and when.
    runs: Option<BTreeSet<(i64, String)>>,
    /// Answers, by the runs that they tell of.
    told: BTreeMap<Vec<i64>, Arc<Changes>>,
}

/// Answers that are kept: a store of many years has many runs.
const MOST_KEPT: usize = 64;

impl App {
    /// Returns what changed since a day (`YYYY-MM-DD`) in studies of engineered cells that concern MS. Where data are
    /// held it is read once and kept with them; [`Changes::since`] is then any day since which the same changed.
    ///
    /// # Errors
    ///
    /// As [`App::changes`].
    pub fn news_since(&self, day: &str) -> Result<Arc<Changes>, AppError> {
        let since = Since::Day(day.to_owned());
        let read = || self.changes(Some(since.clone()), Some(&everything()), None);
        let Some(held) = self.held() else {
            return read().map(Arc::new);
        };
        // What a panic left behind is whole: every change of it is one step.
        let mut kept = held.news.0.lock().unwrap_or_else(PoisonError::into_inner);
        let runs = match &kept.runs {
            Some(runs) => runs,
            None => kept.runs.insert(self.runs_with_changes()?),
        };
        let later = runs.iter().filter(|(_, seen)| seen.as_str() >= day);
        let later: Vec<i64> = later.map(|(run, _)| *run).collect();
        if let Some(found) = kept.told.get(&later) {
            return Ok(Arc::clone(found));
        }
        let found = Arc::new(read()?);
        if kept.told.len() >= MOST_KEPT {
            kept.told.clear();
        }
        kept.told.insert(later, Arc::clone(&found));
        Ok(found)
    }

    fn runs_with_changes(&self) -> Result<BTreeSet<(i64, String)>, AppError> {
        let (store, _) = self.open_store()?;
        let rows = store.changes(&Since::AfterRun(0))?.into_iter();
        Ok(rows.map(|row| (row.run, row.detected_at)).collect())
    }

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
            if let Entry::Vacant(place) = studies.entry(row.number) {
                place.insert(self.known(store, row.number, &since)?);
            }
        }
        let none = Filters::default();
        let nothing = Collector::new(&none, self.terms()).finish();
        Ok(Changes {
            since,
            rows,
            studies,
            watch: watched.transpose()?,
            doubts: rules.map_or(Vec::new(), |rules| rules.doubts(self.terms())),
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
