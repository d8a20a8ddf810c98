//! The one thing that stands in the way, where it can change.

use chrono::NaiveDate;

use super::compare::{long_enough, window_over};
use super::demand::{Demand, Test};
use super::infection::may_pass;
use super::verdict::{Point, Why};
use crate::criteria::Value;
use crate::patient::{Kind, Patient};

/// A single blocker that can change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NearMiss {
    /// The demand, by its place in the study's list.
    pub demand: usize,
    /// How it could change.
    pub change: &'static str,
    /// When, if the calendar tells; not before every washout is over, and none where one has no date.
    pub date: Option<NaiveDate>,
}

const OLDER: &str = "the lowest age will be reached";

/// Returns how a blocker could change; `None` where it cannot. `points` are all answers for the study.
pub(super) fn near_miss(
    at: usize,
    demand: &Demand<'_>,
    points: &[Point],
    patient: &Patient,
) -> Option<NearMiss> {
    let (change, date) = change(demand, patient)?;
    Some(NearMiss {
        demand: at,
        change,
        date: date.and_then(|date| behind_washouts(date, points)),
    })
}

/// The first day on which neither the blocker nor a washout stands in the way.
fn behind_washouts(date: NaiveDate, points: &[Point]) -> Option<NaiveDate> {
    points.iter().try_fold(date, |date, point| match point.why {
        Why::Washout { until, .. } => until.map(|until| until.max(date)),
        _ => Some(date),
    })
}

fn change(demand: &Demand<'_>, patient: &Patient) -> Option<(&'static str, Option<NaiveDate>)> {
    let years = patient.profile.age.map(|age| f64::from(age.get()));
    let younger = |min: Option<f64>| min.is_some_and(|min| years.is_some_and(|years| years < min));
    match demand.test {
        Test::Age { min, .. } => younger(min).then_some((OLDER, None)),
        Test::Fact { fact, .. } => match &fact.value {
            Value::Age { min, .. } => (younger(*min) && !demand.bars()).then_some((OLDER, None)),
            value => with_time(value, demand, patient).or_else(|| state(value, demand, patient)),
        },
        _ => None,
    }
}

/// What the calendar changes.
fn with_time(
    value: &Value,
    demand: &Demand<'_>,
    patient: &Patient,
) -> Option<(&'static str, Option<NaiveDate>)> {
    Some(match value {
        Value::DiseaseDuration {
            min_years: Some(min),
            ..
        } if !demand.bars() => (
            "the disease will have lasted long enough",
            long_enough(*min, patient),
        ),
        Value::Malignancy {
            window_years: Some(_),
        } => (
            "the time since the cancer will have passed",
            window_over(Kind::Malignancy, demand, patient),
        ),
        Value::Windowed(kind, Some(_)) => (
            "the time since then will have passed",
            window_over(kind.parse().ok()?, demand, patient),
        ),
        Value::Relapse { .. } if demand.bars() => {
            let last = patient.profile.last_relapse.map(|last| last.latest());
            let over = last.and_then(|last| demand.window.as_ref()?.after(last));
            ("the time since the last relapse will have passed", over)
        }
        _ => return None,
    })
}

/// What another state of the patient changes; nobody can tell when.
fn state(
    value: &Value,
    demand: &Demand<'_>,
    patient: &Patient,
) -> Option<(&'static str, Option<NaiveDate>)> {
    let below = |min: f64| patient.profile.edss.is_some_and(|score| score.get() < min);
    let change = match value {
        Value::Lab { .. } => "a blood value can change: ask whether to repeat the test",
        Value::Plain("pregnancy") => "after the pregnancy",
        Value::Plain("breastfeeding") => "after breastfeeding",
        Value::Plain("mri" | "lumbar_puncture") => "ask whether another way of testing is accepted",
        Value::Cardiac {
            lvef_min: Some(_), ..
        } => "heart function can change: ask whether to repeat the test",
        Value::Infection(agents) if may_pass(agents, demand.words, patient) => {
            "after treatment, or with a newer test: ask"
        }
        Value::Relapse { .. } | Value::MriActivity { .. } | Value::Progression { .. } => {
            "the course of the disease can change"
        }
        Value::Edss { min: Some(min), .. } if !demand.bars() && below(*min) => {
            "the EDSS score can change"
        }
        Value::PriorTreatment { .. } | Value::TreatmentFailure { .. } if !demand.bars() => {
            "other treatments may come first: ask"
        }
        _ => return None,
    };
    Some((change, None))
}
