//! Studies that are read once and held, for a program that answers many times.

use std::sync::Arc;

use super::{App, AppError};
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
    studies: Vec<Classified>,
    /// What retrieval, therapy and condition left, which a search in here cannot count again.
    head: Vec<FunnelStep>,
    problems: Vec<Problem>,
    problems_left_out: usize,
    skipped: usize,
    data_date: Option<PartialDate>,
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
            collector.take_classified(one.clone());
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

impl App {
    /// Reads the source once, whole, for CAR-T and its relatives in MS, whatever their status; every use case
    /// of the app that this returns answers from what was read.
    ///
    /// # Errors
    ///
    /// As [`App::search`].
    pub fn holding(self) -> Result<Self, AppError> {
        let filters = Filters {
            status: StatusFilter::All,
            ..Filters::default()
        };
        let search = self.search(filters)?;
        let collected = search.collected;
        let counted = |step: &&FunnelStep| step.step != "status";
        let held = Held {
            source: search.source,
            head: collected.funnel.iter().filter(counted).copied().collect(),
            studies: collected.studies,
            problems: collected.problems,
            problems_left_out: collected.problems_left_out,
            skipped: collected.skipped,
            data_date: collected.data_date,
        };
        Ok(Self {
            held: Some(Arc::new(held)),
            ..self
        })
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
