//! Patients against studies. Nothing is stored, and of a patient nothing is
//! sent: the registry is asked what a search asks.

mod rank;

pub use rank::Rank;

use super::{App, Search};
use crate::matching::{Answer, Assessment, Matcher, Verdict};
use crate::patient::{Home, Patient, Profile, Row};
use crate::place;

/// Studies made ready for any number of patients.
#[derive(Debug)]
pub struct Panel<'a> {
    app: &'a App,
    search: &'a Search,
    matchers: Vec<Matcher<'a>>,
}

/// A patient against every study of a panel.
#[derive(Debug)]
pub struct Screened {
    /// The patient, as matched.
    pub patient: Patient,
    /// Studies by their place in the panel, the most promising first.
    pub trials: Vec<(usize, Assessment)>,
}

/// Rows that are matched at a time: enough for every core, and no more memory than that.
const ROWS_AT_A_TIME: usize = 256;

impl App {
    /// Makes the studies of a search ready for patients.
    pub fn panel<'a>(&'a self, search: &'a Search) -> Panel<'a> {
        let studies = search.collected.studies.iter();
        Panel {
            app: self,
            search,
            matchers: studies.map(|one| Matcher::new(one, &self.terms)).collect(),
        }
    }
}

impl<'a> Panel<'a> {
    /// Returns the studies, made ready.
    pub fn matchers(&self) -> &[Matcher<'a>] {
        &self.matchers
    }

    /// Returns the search behind the panel.
    pub fn search(&self) -> &'a Search {
        self.search
    }

    /// Puts a patient against every study.
    pub fn screen(&self, profile: Profile) -> Screened {
        let today = self.app.settings.today;
        let patient = Patient::of(profile, self.app.terms.treatments(), today);
        let home = patient.profile.near.as_ref();
        let near = self.search.filters.near.or(home.map(Home::point));
        let places = &self.search.filters.places;
        let mut trials: Vec<(usize, Assessment)> = (self.matchers.iter().enumerate())
            .map(|(at, matcher)| (at, matcher.assess(&patient, places)))
            .collect();
        trials.sort_by_cached_key(|(at, found)| {
            let study = &self.matchers[*at].study().study;
            let km = near.and_then(|near| place::nearest_km(study, near));
            (
                found.verdict,
                found.is_titled_otherwise(),
                share_not_met(found),
                blockers(found),
                found.open_here != Some(true),
                km.map_or(i64::MAX, whole_km),
                study.nct_number,
            )
        });
        Screened { patient, trials }
    }

    /// Matches rows as they come, on every core, and gives what each came to in their order.
    /// Returns the first failure of `give`, which ends the reading.
    ///
    /// # Errors
    ///
    /// Whatever `give` returns.
    pub fn stream<T: Send, E>(
        &self,
        rows: impl Iterator<Item = Row>,
        make: impl Fn(&Panel<'_>, Row) -> T + Sync,
        mut give: impl FnMut(T) -> Result<(), E>,
    ) -> Result<(), E> {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let mut rows = rows.peekable();
        while rows.peek().is_some() {
            let mut shares: Vec<Vec<Row>> = Vec::new();
            let taken: Vec<Row> = rows.by_ref().take(ROWS_AT_A_TIME).collect();
            let size = taken.len().div_ceil(cores).max(1);
            let mut taken = taken.into_iter().peekable();
            while taken.peek().is_some() {
                shares.push(taken.by_ref().take(size).collect());
            }
            let results: Vec<Vec<T>> = std::thread::scope(|scope| {
                let running: Vec<_> = shares
                    .into_iter()
                    .map(|share| {
                        let make = &make;
                        scope.spawn(move || share.into_iter().map(|row| make(self, row)).collect())
                    })
                    .collect();
                // A thread ends without a result only if it panicked, which nothing here does.
                running
                    .into_iter()
                    .map(|one| one.join().unwrap_or_default())
                    .collect()
            });
            for one in results.into_iter().flatten() {
                give(one)?;
            }
        }
        Ok(())
    }
}

/// Thousandths of the core demands that are not met: nothing to clarify comes first.
fn share_not_met(found: &Assessment) -> usize {
    let (met, all) = found.core;
    if found.is_without_rules() {
        // Age and sex of the record alone say nothing of how it fits.
        return 1_000;
    }
    1_000 - (1_000 * met).checked_div(all).unwrap_or(0)
}

fn blockers(found: &Assessment) -> usize {
    let unlikely = found.verdict == Verdict::Unlikely;
    let blocking = found
        .points
        .iter()
        .filter(|one| one.answer == Answer::NotMet);
    if unlikely { blocking.count() } else { 0 }
}

#[expect(clippy::cast_possible_truncation, reason = "distances on the Earth")]
fn whole_km(km: f64) -> i64 {
    km.round() as i64
}
