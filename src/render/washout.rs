//! When a washout is over, which drug sets the date, and where the time comes from.

use chrono::NaiveDate;
use serde::Serialize;

use super::reason::{NOBODY_STOPS, treatment};
use crate::matching::{Assessment, Demand, Matcher, Point, Why};
use crate::patient::{Last, Patient, Taken};
use crate::terminology::HalfLife;

/// A washout that still runs, with all that its date rests on.
#[derive(Debug)]
pub struct Washout<'a> {
    demand: &'a Demand<'a>,
    taken: &'a Taken,
    /// The first day after it; `None` where that cannot be told.
    pub until: Option<NaiveDate>,
    by_half_lives: bool,
    /// The treatment is surely one of those that are named.
    pub counts: bool,
    /// Treatments that may be named as well.
    others: Vec<&'a Taken>,
}

/// A washout as `trialbrief.screen/1` holds it.
#[derive(Debug, Serialize)]
pub(super) struct WashoutView<'a> {
    criterion: Option<&'a str>,
    drug: &'a str,
    counts: &'static str,
    last_dose: Option<String>,
    window: Option<String>,
    half_lives: Option<u32>,
    half_life_days: Option<f64>,
    half_life_source: Option<&'a str>,
    set_by: Option<&'static str>,
    over_on: Option<String>,
    sets_earliest_screening: bool,
    note: &'static str,
}

impl<'a> Washout<'a> {
    /// Returns the washout behind an answer; `None` where the answer rests on something else.
    pub fn of(point: &Point, demand: &'a Demand<'a>, patient: &'a Patient) -> Option<Self> {
        let Why::Washout {
            drug,
            until,
            by_half_lives,
            counts,
        } = point.why
        else {
            return None;
        };
        let taken = patient.taken.get(drug)?;
        let mut others = demand.may_count(patient);
        others.retain(|one| !std::ptr::eq(*one, taken));
        Some(Self {
            demand,
            taken,
            until,
            by_half_lives,
            counts,
            others,
        })
    }

    /// Returns every washout that runs, in the order of the study's text.
    pub fn all(found: &Assessment, matcher: &'a Matcher<'a>, patient: &'a Patient) -> Vec<Self> {
        let of = |point: &Point| Self::of(point, matcher.demands().get(point.demand)?, patient);
        found.points.iter().filter_map(of).collect()
    }

    /// Returns the washout that sets the earliest day of screening.
    pub fn setting(
        found: &Assessment,
        matcher: &'a Matcher<'a>,
        patient: &'a Patient,
    ) -> Option<Self> {
        let day = found.earliest_screening?;
        let mut all = Self::all(found, matcher, patient).into_iter();
        all.find(|one| one.until == Some(day))
    }

    /// Names the drug, with its last dose; all of them, where each only may be meant.
    pub fn drug(&self) -> String {
        if self.counts {
            return treatment(self.taken);
        }
        let all = std::iter::once(self.taken).chain(self.others.iter().copied());
        named(all)
    }

    /// Says how long the study asks for, in its own unit; where half-lives count, how long one is and who says so.
    pub fn time(&self) -> String {
        let window = (self.demand.window_words()).unwrap_or_else(|| "some time".to_owned());
        let Some(lives) = self.lives() else {
            return window;
        };
        let half_lives = if lives == 1 {
            "half-life"
        } else {
            "half-lives"
        };
        if !self.counts {
            return format!("{window} or {lives} {half_lives}");
        }
        match self.half_life() {
            None => format!(
                "{window} or {lives} {half_lives}, and its half-life is not in the program's table of drugs"
            ),
            Some(HalfLife { days, source }) => {
                let each = format!("{lives} {half_lives} of {days} days each (by the {source})");
                if self.by_half_lives {
                    format!("{each}, which is longer than {window}")
                } else {
                    format!("{window}, which is not shorter than {each}")
                }
            }
        }
    }

    /// Names the drug and the time: "ocrelizumab (last dose 2026-05-31): the study asks for 6 months without it".
    /// Of what only may be meant nothing is claimed.
    pub fn basis(&self) -> String {
        let (drug, time) = (self.drug(), self.time());
        if self.counts {
            format!("{drug}: the study asks for {time} without it")
        } else {
            format!(
                "{drug} may count as a treatment that this rule names. If so, {time} without it are asked for: ask the study team"
            )
        }
    }

    /// Says on which day the washout is over, and what may change that.
    pub fn when(&self) -> Option<String> {
        if !self.counts {
            return None;
        }
        let day = self.until.map_or_else(
            || "When the time would be over cannot be told from what is stated.".to_owned(),
            |until| format!("The time that the study asks for would be over on {until}."),
        );
        Some(match self.doubt() {
            Some(doubt) => format!("{day} {doubt}"),
            None => day,
        })
    }

    /// What may be named beside the treatment that is.
    fn doubt(&self) -> Option<String> {
        (self.counts && !self.others.is_empty()).then(|| {
            format!(
                "{} may count as well, and may move that day: ask.",
                named(self.others.iter().copied())
            )
        })
    }

    fn lives(&self) -> Option<u32> {
        self.demand.half_lives()
    }

    fn half_life(&self) -> Option<&HalfLife> {
        self.taken
            .half_life
            .as_ref()
            .filter(|_| self.lives().is_some())
    }

    pub(super) fn view(&self, found: &Assessment) -> WashoutView<'_> {
        let half_life = self.half_life();
        WashoutView {
            criterion: self.demand.criterion,
            drug: &self.taken.name,
            counts: if self.counts { "yes" } else { "unclear" },
            last_dose: match self.taken.last {
                Last::Ongoing(date) => date.map(|date| date.to_string()),
                Last::On(date) => Some(date.to_string()),
                Last::Unknown => None,
            },
            window: self.demand.window_words(),
            half_lives: self.lives(),
            half_life_days: half_life.map(|one| one.days),
            half_life_source: half_life.map(|one| &*one.source),
            set_by: (self.until.is_some()).then_some(if self.by_half_lives {
                "half_lives"
            } else {
                "window"
            }),
            over_on: self.until.map(|day| day.to_string()),
            sets_earliest_screening: self.until.is_some() && self.until == found.earliest_screening,
            note: NOBODY_STOPS,
        }
    }
}

/// What a washout adds to the one thing that stands in the way; empty without one.
pub(super) fn beside(found: &Assessment) -> &'static str {
    let counts = |point: &Point| match point.why {
        Why::Washout { counts, .. } => Some(counts),
        _ => None,
    };
    match found.points.iter().filter_map(counts).max() {
        Some(true) => "; a washout must be over as well",
        Some(false) => "; a washout may have to be over as well",
        None => "",
    }
}

/// Treatments with their last doses, as a list.
fn named<'a>(all: impl Iterator<Item = &'a Taken>) -> String {
    all.map(treatment).collect::<Vec<_>>().join(", ")
}

/// Says on which day the last washout is over, what sets that day, and what may move it; `None` where no day can be told.
pub fn earliest(found: &Assessment, matcher: &Matcher<'_>, patient: &Patient) -> Option<String> {
    let day = found.earliest_screening?;
    let by = Washout::setting(found, matcher, patient);
    let by = by.map_or(String::new(), |one| format!(", set by {}", one.basis()));
    let later = later(found, matcher, patient);
    Some(format!("{day}{by}. {later}{NOBODY_STOPS}"))
}

/// Treatments that may be named somewhere, so that screening may have to wait for them too.
fn later(found: &Assessment, matcher: &Matcher<'_>, patient: &Patient) -> String {
    let mut names: Vec<String> = Vec::new();
    for point in &found.points {
        let demand = (matcher.demands().get(point.demand))
            .filter(|_| matches!(point.why, Why::Washout { .. }));
        for one in demand.iter().flat_map(|demand| demand.may_count(patient)) {
            let name = treatment(one);
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    if names.is_empty() {
        return String::new();
    }
    format!(
        "It may be later: {} may count as a treatment that a rule names; ask. ",
        names.join(", ")
    )
}
