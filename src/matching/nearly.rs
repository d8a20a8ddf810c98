//! The one thing that stands in the way, where it can change.

use chrono::NaiveDate;

use super::compare::{long_enough, window_over};
use super::demand::{Demand, Test};
use crate::criteria::Value;
use crate::patient::{Kind, Patient};

/// A single blocker that can change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NearMiss {
    /// The demand, by its place in the study's list.
    pub demand: usize,
    /// How it could change.
    pub change: &'static str,
    /// When, if the calendar tells.
    pub date: Option<NaiveDate>,
}

/// Returns how a blocker could change; `None` where it cannot.
pub(super) fn near_miss(at: usize, demand: &Demand<'_>, patient: &Patient) -> Option<NearMiss> {
    let (change, date) = change(demand, patient)?;
    Some(NearMiss {
        demand: at,
        change,
        date,
    })
}

fn change(demand: &Demand<'_>, patient: &Patient) -> Option<(&'static str, Option<NaiveDate>)> {
    let years = patient.profile.age.map(|age| f64::from(age.get()));
    let younger = |min: Option<f64>| min.is_some_and(|min| years.is_some_and(|years| years < min));
    if let Test::Age { min, .. } = demand.test {
        return younger(min).then_some(("the lowest age will be reached", None));
    }
    let fact = demand.fact()?;
    Some(match &fact.value {
        Value::Age { min, .. } if younger(*min) && !demand.bars() => {
            ("the lowest age will be reached", None)
        }
        Value::Lab { .. } => (
            "a blood value can change: ask whether to repeat the test",
            None,
        ),
        Value::Plain("pregnancy") => ("after the pregnancy", None),
        Value::Plain("breastfeeding") => ("after breastfeeding", None),
        Value::Plain("mri" | "lumbar_puncture") => {
            ("ask whether another way of testing is accepted", None)
        }
        Value::Cardiac {
            lvef_min: Some(_), ..
        } => (
            "heart function can change: ask whether to repeat the test",
            None,
        ),
        Value::Infection(_) => ("after treatment, or with a newer test: ask", None),
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
        Value::Windowed(kind, Some(_)) => {
            let kind: Kind = kind.parse().ok()?;
            (
                "the time since then will have passed",
                window_over(kind, demand, patient),
            )
        }
        Value::Relapse { .. } if demand.bars() => {
            let last = patient.profile.last_relapse.map(|last| last.latest());
            let over = last.and_then(|last| demand.window.as_ref()?.after(last));
            ("the time since the last relapse will have passed", over)
        }
        Value::Relapse { .. } | Value::MriActivity { .. } | Value::Progression { .. } => {
            ("the course of the disease can change", None)
        }
        Value::Edss { min: Some(min), .. }
            if !demand.bars() && patient.profile.edss.is_some_and(|score| score.get() < *min) =>
        {
            ("the EDSS score can change", None)
        }
        Value::PriorTreatment { .. } | Value::TreatmentFailure { .. } if !demand.bars() => {
            ("other treatments may come first: ask", None)
        }
        _ => return None,
    })
}
