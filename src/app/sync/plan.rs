//! What a run reads: the query behind the store, and where to begin.

use chrono::{Days, NaiveDate};

use crate::app::{App, AppError};
use crate::registry::decode::FIELDS;
use crate::registry::fingerprint;
use crate::registry::live::update::{Step, Tracked};
use crate::registry::plan::{Condition, Query, Therapy, plan};
use crate::store::{Head, Run, RunKind, Store};

/// Days that are read again before the last good state: records are posted under days gone by.
const OVERLAP: Days = Days::new(3);

/// Days after which everything is read anew: places and markup may change without a new date.
const MONTH: i64 = 30;

impl App {
    /// The query behind the store: every engineered cell therapy, and what concerns MS and may be one.
    pub(super) fn recall_query(&self) -> Result<Query, AppError> {
        let (therapy, condition) = (Therapy::CellTherapy, Condition::Ms);
        Ok(plan(&therapy, &condition, &self.terms.codes(), &[])?)
    }

    pub(super) fn run(&self, kind: RunKind, query: &Query) -> Run {
        let fields = FIELDS.join(",");
        Run {
            id: 0,
            kind,
            is_full: false,
            finished_at: self.settings.now.clone(),
            checked_at: self.settings.now.clone(),
            data_timestamp: None,
            scope: fingerprint::of_texts([query.to_string().as_str(), &fields]),
            classifier: self.classifier(),
            api: None,
            path: None,
            found: None,
            studies: 0,
            requests: Vec::new(),
        }
    }

    /// By what studies are classified here: this program with its tables, and added products.
    pub(in crate::app) fn classifier(&self) -> String {
        let products = format!("{:?}", self.terms.products());
        fingerprint::of_texts([env!("CARGO_PKG_VERSION"), &products])
    }
}

/// Decides what to read at a state of the registry's data. Only the registry's own clock counts:
/// that of this machine may be wrong.
pub(super) fn decide(head: Option<&Head>, run: &Run, full: bool, now: Option<&str>) -> Step {
    let Some(live) = head.and_then(|head| head.live.as_ref()) else {
        return Step::Everything;
    };
    if full || live.scope != run.scope || live.api != run.api {
        return Step::Everything;
    }
    if now.is_some() && now == live.data_timestamp.as_deref() {
        return Step::Nothing;
    }
    let last_full = head.and_then(|head| day(head.full.as_ref()?.data_timestamp.as_deref()));
    match (last_full, day(live.data_timestamp.as_deref()), day(now)) {
        (Some(full), Some(last), Some(now)) if (now - full).num_days() < MONTH => last
            .min(now)
            .checked_sub_days(OVERLAP)
            .map_or(Step::Everything, Step::Since),
        _ => Step::Everything,
    }
}

/// Returns the day of a time stamp.
pub(in crate::app) fn day(timestamp: Option<&str>) -> Option<NaiveDate> {
    timestamp?.get(..10)?.parse().ok()
}

pub(super) fn tracked(store: &Store) -> Result<Vec<Tracked>, AppError> {
    let rows = store.rows()?.into_iter().map(|row| Tracked {
        number: row.number,
        updated: row.updated.and_then(|day| day.parse().ok()),
    });
    let mut tracked: Vec<Tracked> = rows.collect();
    // What could not be read is asked for again: it may have been mended.
    for (number, _) in store.unread()? {
        if !tracked.iter().any(|one| one.number == number) {
            tracked.push(Tracked {
                number,
                updated: None,
            });
        }
    }
    Ok(tracked)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(timestamp: Option<&str>, is_full: bool) -> Run {
        Run {
            id: 1,
            kind: RunKind::Live,
            is_full,
            finished_at: String::new(),
            checked_at: String::new(),
            data_timestamp: timestamp.map(str::to_owned),
            scope: "all".into(),
            classifier: String::new(),
            api: None,
            path: None,
            found: None,
            studies: 0,
            requests: Vec::new(),
        }
    }

    fn head(live: Option<&str>, full: Option<&str>) -> Head {
        Head {
            store: String::new(),
            last: run(live, false),
            live: Some(run(live, false)),
            full: Some(run(full, true)),
        }
    }

    #[test]
    fn only_the_registrys_clock_decides() {
        let asked = run(None, false);
        let at = |live, full, now| decide(Some(&head(live, full)), &asked, false, now);
        let (first, week) = (Some("2026-08-03T09:00:05"), Some("2026-08-10T09:00:05"));
        let since = |day: &str| Step::Since(day.parse().unwrap());
        assert_eq!(decide(None, &asked, false, week), Step::Everything);
        assert_eq!(at(week, first, week), Step::Nothing);
        assert_eq!(at(first, first, week), since("2026-07-31"));
        // The registry went back: from the earlier day on.
        assert_eq!(at(week, first, first), since("2026-07-31"));
        // A month after the last full read.
        assert_eq!(
            at(week, first, Some("2026-09-02T09:00:05")),
            Step::Everything
        );
        // Without a stamp nothing is known to be the same.
        assert_eq!(at(week, first, None), Step::Everything);
        assert_eq!(at(None, None, week), Step::Everything);
        assert_eq!(at(Some("tomorrow"), first, week), Step::Everything);
        assert_eq!(
            decide(Some(&head(week, first)), &asked, true, week),
            Step::Everything
        );
        let other = Run {
            scope: "more".into(),
            ..asked.clone()
        };
        assert_eq!(
            decide(Some(&head(week, first)), &other, false, week),
            Step::Everything
        );
        let other = Run {
            api: Some("http://mirror".into()),
            ..asked
        };
        assert_eq!(
            decide(Some(&head(week, first)), &other, false, week),
            Step::Everything
        );
    }
}
