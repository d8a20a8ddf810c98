//! Studies that are read once and held, for a program that answers many times.

use std::sync::Arc;

use super::{App, AppError, SourceChoice, Sync};
use crate::classify::Classified;
use crate::provenance::Source;
use crate::registry::Problem;
use crate::select::{Collected, Collector, Filters, FunnelStep, StatusFilter};
use crate::study::PartialDate;

/// What a source held for the usual therapy and condition, with its criteria read.
///
/// A use case of an [`App`] that holds one asks it and nothing else: this is where a store takes its place.
#[derive(Debug)]
pub struct Held {
    source: Source,
    studies: Vec<Arc<Classified>>,
    /// What retrieval, therapy and condition left, which a search in here cannot count again.
    head: Vec<FunnelStep>,
    problems: Vec<Problem>,
    problems_left_out: usize,
    skipped: usize,
    data_date: Option<PartialDate>,
    /// What changed, by what was asked for.
    pub(super) news: super::changes::Kept,
}

impl Held {
    /// Returns how many studies are held.
    pub fn len(&self) -> usize {
        self.studies.len()
    }

    /// Says whether no study is held.
    pub fn is_empty(&self) -> bool {
        self.studies.is_empty()
    }

    /// Returns where they came from.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// Keeps of the studies what fits.
    pub(super) fn collect(&self, app: &App, filters: &Filters) -> (Source, Collected) {
        let mut collector = Collector::of_read(filters, &app.terms);
        for one in &self.studies {
            collector.take_shared(Arc::clone(one));
        }
        let mut collected = collector.finish();
        for step in &mut collected.funnel {
            if let Some(counted) = self.head.iter().find(|head| head.step == step.step) {
                *step = *counted;
            }
        }
        collected.problems.clone_from(&self.problems);
        collected.problems_left_out = self.problems_left_out;
        collected.skipped = self.skipped;
        collected.data_date = self.data_date;
        (self.source.clone(), collected)
    }
}

/// CAR-T and its relatives in MS, whatever their status.
pub(super) fn everything() -> Filters {
    Filters {
        status: StatusFilter::All,
        ..Filters::default()
    }
}

impl App {
    /// Reads the source once, whole, for CAR-T and its relatives in MS, whatever their status; every use case
    /// of the app that this returns answers from what was read.
    ///
    /// # Errors
    ///
    /// As [`App::search`].
    pub fn holding(self) -> Result<Self, AppError> {
        let search = self.search(everything())?;
        Ok(self.with(search.source, search.collected))
    }

    /// Holds what is on this machine, the store or else the sample, and asks the registry nothing.
    ///
    /// # Errors
    ///
    /// [`AppError::NoDataDir`] if there is no place for a store.
    pub fn holding_here(self) -> Result<Self, AppError> {
        self.data_dir()?;
        let filters = everything();
        let (source, collected) = match self.read_store(&filters) {
            Ok(read) => read,
            Err(AppError::NoStore(_)) => self.read_sample(
                &filters,
                Some("it is being read for the first time, and takes the place of the sample by itself".to_owned()),
            ),
            Err(error) => self.read_sample(&filters, Some(error.to_string())),
        };
        Ok(self.with(source, collected))
    }

    /// Brings the store up to date, and returns an app that holds what it says then.
    ///
    /// # Errors
    ///
    /// As [`App::sync`].
    pub fn refreshed(&self, sync: &Sync) -> Result<Self, AppError> {
        let mut fresh = Self {
            held: None,
            ..self.clone()
        };
        fresh.settings.source = SourceChoice::Store;
        fresh.sync(sync)?;
        fresh.holding()
    }

    fn with(self, source: Source, collected: Collected) -> Self {
        let counted = |step: &&FunnelStep| step.step != "status";
        let held = Held {
            source,
            head: collected.funnel.iter().filter(counted).copied().collect(),
            studies: collected.studies,
            problems: collected.problems,
            problems_left_out: collected.problems_left_out,
            skipped: collected.skipped,
            data_date: collected.data_date,
            news: super::changes::Kept::default(),
        };
        Self {
            held: Some(Arc::new(held)),
            ..self
        }
    }

    /// Returns what the app holds, if it reads its source no more.
    pub fn held(&self) -> Option<&Held> {
        self.held.as_deref()
    }

    /// Returns the same app at another time: `today`, and `now` (UTC, RFC 3339).
    #[must_use]
    pub fn at(&self, today: chrono::NaiveDate, now: String) -> Self {
        let mut later = self.clone();
        later.settings.today = today;
        later.settings.now = now;
        later
    }
}
