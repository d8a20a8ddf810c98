//! The order of studies.

use std::cmp::{Ordering, Reverse};
use std::str::FromStr;

use super::Filters;
use crate::classify::Classified;
use crate::place;

/// The order of studies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// MS first, then where it is open in the asked places, then the newest update.
    Relevance,
    /// The newest update first.
    Updated,
    /// The nearest site first; unknown last.
    Distance,
    /// The highest phase first.
    Phase,
}

impl Sort {
    /// Every order.
    pub const ALL: [Self; 4] = [Self::Relevance, Self::Updated, Self::Distance, Self::Phase];

    /// Returns the word for it on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Relevance => "relevance",
            Self::Updated => "updated",
            Self::Distance => "distance",
            Self::Phase => "phase",
        }
    }

    /// Compares two studies; the number settles what else is equal.
    pub fn compare(self, filters: &Filters, a: &Classified, b: &Classified) -> Ordering {
        let updated = |one: &Classified| Reverse(one.study.status.last_update_posted);
        let first = match self {
            Self::Relevance => {
                let key = |one: &Classified| (one.ms.relevance, openness(filters, one));
                key(a).cmp(&key(b))
            }
            Self::Updated => Ordering::Equal,
            Self::Distance => distance(filters, a).total_cmp(&distance(filters, b)),
            Self::Phase => {
                let phase = |one: &Classified| Reverse(highest_phase(one));
                phase(a).cmp(&phase(b))
            }
        };
        first
            .then_with(|| updated(a).cmp(&updated(b)))
            .then_with(|| a.study.nct_number.cmp(&b.study.nct_number))
    }
}

impl FromStr for Sort {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        Self::ALL
            .into_iter()
            .find(|sort| sort.as_str() == word)
            .ok_or(())
    }
}

/// Open here, opening, not known, closed, and last those without a site.
fn openness(filters: &Filters, one: &Classified) -> u8 {
    place::best_state(&one.study, &filters.places).map_or(4, |state| state as u8)
}

fn distance(filters: &Filters, one: &Classified) -> f64 {
    filters
        .near
        .and_then(|from| place::nearest_km(&one.study, from))
        .unwrap_or(f64::INFINITY)
}

fn highest_phase(one: &Classified) -> Option<usize> {
    let rank = |phase| {
        crate::study::Phase::KNOWN
            .iter()
            .take(5)
            .position(|known| known == phase)
    };
    one.study.phases.iter().flatten().filter_map(rank).max()
}
