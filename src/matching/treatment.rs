//! Treatments against what a study asks of them, and when a washout is over.

use chrono::{Days, NaiveDate};

use super::compare::Held;
use super::demand::Demand;
use super::verdict::Why;
use crate::criteria::Polarity;
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
    /// The first day after it; `None` where the last dose or the half-life is not known.
    pub(super) until: Option<NaiveDate>,
    /// Half-lives set that day, not the time in the words.
    pub(super) by_half_lives: bool,
}

/// Returns the washout that a barred treatment asks for: the latest of all that
/// are named, or one without a date.
pub(super) fn washout(
    demand: &Demand<'_>,
    days: Option<f64>,
    patient: &Patient,
) -> Option<Washout> {
    if demand.fact()?.polarity != Polarity::Exclude {
        return None;
    }
    let days = days?;
    let mut longest: Option<Washout> = None;
    for (drug, one) in patient.taken.iter().enumerate() {
        let may = demand.names(one) != Member::No
            && in_window(demand, Some(days), one.last, patient.today) != Some(false);
        let lives = demand.window.as_ref().and_then(|window| window.half_lives);
        let over = last_dose(one.last, patient.today).and_then(|last| {
            let by_time = demand.window.as_ref()?.after(last)?;
            let Some(lives) = lives else {
                return Some((by_time, false));
            };
            let by_half_lives = after_half_lives(last, lives, one)?;
            // The later date counts (contract: `earliest_screening`).
            Some((by_time.max(by_half_lives), by_half_lives > by_time))
        });
        let by_half_lives = over.is_some_and(|(_, by_half_lives)| by_half_lives);
        let until = over.map(|(until, _)| until);
        // No date for a drug that may not be meant, nor for one whose next dose is due.
        let is_meant = demand.names(one) == Member::Yes;
        let goes_on = matches!(one.last, Last::Ongoing(_));
        let until = until.filter(|until| is_meant && !(goes_on && *until <= patient.today));
        // A half-life may reach further than the days that are stated.
        let runs = may
            || demand.names(one) != Member::No
                && lives.is_some()
                && until.is_some_and(|until| until > patient.today);
        if !runs {
            continue;
        }
        let this = Washout {
            drug,
            until,
            by_half_lives,
        };
        longest = Some(match longest {
            Some(other) if other.until.is_none() || other.until >= until && until.is_some() => {
                other
            }
            _ => this,
        });
    }
    longest
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
