//! The order of all patients for one study.

use super::{Panel, Screened, blockers, share_not_met, whole_km};
use crate::matching::Verdict;
use crate::patient::Home;
use crate::place;

/// Where a patient stands among all patients for one study; the most promising is the least.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rank {
    verdict: Verdict,
    /// The title names another course than the patient's.
    titled_otherwise: bool,
    /// Thousandths of the core demands.
    not_met: usize,
    blockers: usize,
    /// Kilometres to the nearest site; who gave no place stands behind.
    km: i64,
}

impl Panel<'_> {
    /// Ranks a patient by the first study: by verdict, then by the share of the core
    /// demands that is met, then by the way to the nearest site. `None` without a study.
    pub fn rank(&self, found: &Screened) -> Option<Rank> {
        let (at, assessment) = found.trials.first()?;
        let study = &self.matchers.get(*at)?.study().study;
        let home = found.patient.profile.near.as_ref();
        let near = self.search.filters.near.or(home.map(Home::point));
        let km = near.and_then(|near| place::nearest_km(study, near));
        Some(Rank {
            verdict: assessment.verdict,
            titled_otherwise: assessment.is_titled_otherwise(),
            not_met: share_not_met(assessment),
            blockers: blockers(assessment),
            km: km.map_or(i64::MAX, whole_km),
        })
    }
}
