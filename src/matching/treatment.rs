//! Treatments against what a study asks of them, and when a washout is over.

use chrono::{Days, NaiveDate};

use super::compare::Held;
use super::demand::Demand;
use super::verdict::Why;
use crate::criteria::Value;
use crate::patient::{Last, Patient, Taken, YesNo};
use crate::study::PartialDate;
use crate::terminology::Member;

/// Looks for the named treatments in the window: ever (`None`), now (0), or so many days.
pub(super) fn exposure(demand: &Demand<'_>, days: Option<f64>, patient: &Patient) -> Held {
    let mut known = Some(false);
    for one in &patient.taken {
        let inside = || in_window(demand, days, one.last, patient.today);
        let this = match demand.names(one) {
            Member::No => continue,
            Member::Yes => inside(),
            Member::Unclear => inside().filter(|is| !is),
        };
        match this {
            Some(true) => return Held::stated(true),
            None => known = None,
            Some(false) => {}
        }
    }
    let complete = patient.profile.treatments_complete == Some(YesNo::Yes);
    match known {
        // What is not in the list may have been taken all the same.
        Some(false) if !complete => Held::missing(if patient.profile.treatments.is_some() {
            "treatments_complete"
        } else {
            "treatments"
        }),
        Some(false) if demand.by_example => Held::unclear(),
        known => Held::settled(known),
    }
}

fn in_window(demand: &Demand<'_>, days: Option<f64>, last: Last, today: NaiveDate) -> Option<bool> {
    let Some(window) = days else {
        return Some(true);
    };
    if window <= 0.0 {
        return match last {
            Last::Ongoing(_) => Some(true),
            Last::On(date) if date.latest() < today => Some(false),
            _ => None,
        };
    }
    match last {
        Last::Ongoing(None) => Some(true),
        Last::Unknown => None,
        Last::Ongoing(Some(date)) | Last::On(date) => {
            // The day least favourable counts: until then the washout runs.
            let dose = date.latest().min(today);
            let window = demand.window.as_ref()?;
            // A washout that is over on day D leaves the patient free from day D on: D is the first day of
            // screening that the contract's `earliest_screening` names. A treatment that is asked for in a time
            // is still within it on its last day, for to say "too long ago" there would rule out.
            let inside = if demand.bars() {
                window.after(dose)? > today
            } else {
                dose >= window.before(today)?
            };
            // What goes on may be given again before the first visit.
            let goes_on = matches!(last, Last::Ongoing(_));
            (inside || !goes_on).then_some(inside)
        }
    }
}

/// When a washout is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Washout {
    /// The treatment, by its place in the list.
    pub(super) drug: usize,
    /// The first day after it; `None` where the last dose or the half-life is not known, and for a treatment
    /// that may not be meant.
    pub(super) until: Option<NaiveDate>,
    /// Half-lives set that day, not the time in the words.
    pub(super) by_half_lives: bool,
    /// The treatment is surely one of those that are named.
    pub(super) counts: bool,
}

/// Returns the washout that a barred treatment asks for: of those that are surely named one without a
/// date, else the latest; else one that may be named.
pub(super) fn washout(demand: &Demand<'_>, patient: &Patient) -> Option<Washout> {
    let order = |one: &Washout| (one.counts, one.until.is_none(), one.until);
    washouts(demand, patient).reduce(|first, next| {
        if order(&next) > order(&first) {
            next
        } else {
            first
        }
    })
}

/// Every washout of a barred treatment that runs, or may run, in the order of the patient's list.
pub(super) fn washouts(demand: &Demand<'_>, patient: &Patient) -> impl Iterator<Item = Washout> {
    let days = barred_days(demand);
    let all = patient.taken.iter().enumerate();
    all.filter_map(move |(drug, one)| running(demand, days?, drug, one, patient.today))
}

/// The days without a treatment that a demand asks for.
fn barred_days(demand: &Demand<'_>) -> Option<f64> {
    let fact = demand.fact().filter(|_| demand.bars())?;
    match &fact.value {
        Value::PriorTreatment { window_days, .. } => *window_days,
        _ => None,
    }
}

fn running(
    demand: &Demand<'_>,
    days: f64,
    drug: usize,
    one: &Taken,
    today: NaiveDate,
) -> Option<Washout> {
    let member = demand.names(one);
    if member == Member::No {
        return None;
    }
    let (until, by_half_lives) = match over(demand, one, today) {
        Some((until, by_half_lives)) => (Some(until), by_half_lives),
        None => (None, false),
    };
    // No date for what goes on and whose next dose is due.
    let goes_on = matches!(one.last, Last::Ongoing(_));
    let until = until.filter(|until| !(goes_on && *until <= today));
    // A half-life may reach further than the days that are stated.
    let by_days = in_window(demand, Some(days), one.last, today) != Some(false);
    let runs = by_days || until.is_some_and(|until| until > today);
    let counts = member == Member::Yes;
    runs.then_some(Washout {
        drug,
        until: until.filter(|_| counts),
        by_half_lives,
        counts,
    })
}

/// The first day after a washout, and whether half-lives set it.
fn over(demand: &Demand<'_>, one: &Taken, today: NaiveDate) -> Option<(NaiveDate, bool)> {
    let last = last_dose(one.last, today)?;
    let window = demand.window.as_ref()?;
    let by_time = window.after(last)?;
    let Some(lives) = window.half_lives else {
        return Some((by_time, false));
    };
    let by_half_lives = after_half_lives(last, lives, one)?;
    // The later date counts (contract: `earliest_screening`).
    Some((by_time.max(by_half_lives), by_half_lives > by_time))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "half-lives are days to weeks"
)]
fn after_half_lives(last: NaiveDate, lives: u32, one: &Taken) -> Option<NaiveDate> {
    let days = one.half_life.as_ref()?.days * f64::from(lives);
    last.checked_add_days(Days::new(days.ceil().max(0.0) as u64))
}

/// The latest day of the last dose so far; "2026" ends today, not in December.
fn last_dose(last: Last, today: NaiveDate) -> Option<NaiveDate> {
    let latest = match last {
        Last::Ongoing(date) => date.as_ref().map(PartialDate::latest),
        Last::On(date) => Some(date.latest()),
        Last::Unknown => None,
    };
    latest.map(|latest| latest.min(today))
}

/// Counts treatments that failed among those that are named.
pub(super) fn failed(demand: &Demand<'_>, asked: u32, patient: &Patient) -> Held {
    if patient.profile.treatments.is_none() {
        return Held::missing("treatments");
    }
    let mut sure = 0;
    let mut maybe = 0;
    for one in &patient.taken {
        match (demand.names(one), one.failed) {
            (Member::No, _) | (_, Some(false)) => {}
            (Member::Yes, Some(true)) => sure += 1,
            _ => maybe += 1,
        }
    }
    let complete = patient.profile.treatments_complete == Some(YesNo::Yes);
    if sure >= asked {
        Held::stated(true)
    } else if sure + maybe < asked && complete {
        Held::stated(false)
    } else {
        Held {
            is: None,
            why: if maybe == 0 && !complete {
                Why::Missing("treatments_complete", "")
            } else {
                Why::Unclear
            },
        }
    }
}
