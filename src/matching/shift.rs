//! What a new version of a study changes in the answers to a patient.

use super::demand::Demand;
use super::verdict::{Answer, Assessment, Matcher, Point};
use crate::criteria::Value;

/// An answer that a new version of a study changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shift {
    /// The contract's word for what is asked; `None` for a line that was not read.
    pub kind: Option<&'static str>,
    /// The answer before; `None` where it was not asked.
    pub before: Option<Side>,
    /// The answer now; `None` where it is no longer asked.
    pub after: Option<Side>,
}

/// An answer, and the words that it rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Side {
    /// The answer. What a clinician must read counts as not known.
    pub answer: Answer,
    /// The words of the record; empty where it has none.
    pub quote: String,
}

/// Kinds of which one line never stands for another: a blood value is no other one.
const DISTINCT: [&str; 3] = ["lab", "infection", "antibody"];

/// A point with its demand.
type Asked<'a> = (&'a Demand<'a>, Answer);

/// Returns the answers that differ between two versions of a study for the same patient.
///
/// Lines are taken for the same by their words, else by what they ask for, else by their kind. A
/// line that is new or gone differs too.
pub fn shifts(
    before: Option<(&Matcher<'_>, &Assessment)>,
    after: Option<(&Matcher<'_>, &Assessment)>,
) -> Vec<Shift> {
    let mut old = before.map_or(Vec::new(), |(matcher, found)| asked(matcher, found));
    let mut pairs: Vec<(Option<Asked<'_>>, Option<Asked<'_>>)> = Vec::new();
    let new = after.map_or(Vec::new(), |(matcher, found)| asked(matcher, found));
    let mut partners: Vec<Option<Asked<'_>>> = vec![None; new.len()];
    let same: [fn(&Demand<'_>, &Demand<'_>) -> bool; 3] = [
        |old, new| old.quote == new.quote,
        |old, new| old.kind().is_some() && detail(old) == detail(new),
        |old, _| old.kind().is_some_and(|kind| !DISTINCT.contains(&kind)),
    ];
    for is_same in same {
        for ((demand, _), partner) in new.iter().zip(&mut partners) {
            if partner.is_none() {
                let found = old.iter().position(|(old, _)| {
                    old.kind() == demand.kind()
                        && old.bars() == demand.bars()
                        && is_same(old, demand)
                });
                *partner = found.map(|at| old.remove(at));
            }
        }
    }
    pairs.extend(
        partners
            .into_iter()
            .zip(new)
            .map(|(old, new)| (old, Some(new))),
    );
    pairs.extend(old.into_iter().map(|old| (Some(old), None)));
    pairs
        .into_iter()
        .filter(|(old, new)| old.map(|one| one.1) != new.map(|one| one.1))
        .filter_map(|(old, new)| {
            Some(Shift {
                kind: new.or(old)?.0.kind(),
                before: old.map(side),
                after: new.map(side),
            })
        })
        .collect()
}

/// What decides: not what is settled with the site.
fn asked<'a>(matcher: &'a Matcher<'_>, found: &Assessment) -> Vec<Asked<'a>> {
    let decides = |point: &&Point| point.answer != Answer::Site;
    (found.points.iter().filter(decides))
        .filter_map(|point| {
            let answer = match point.answer {
                Answer::Clinician => Answer::Unknown,
                other => other,
            };
            Some((matcher.demands().get(point.demand)?, answer))
        })
        .collect()
}

fn side((demand, answer): Asked<'_>) -> Side {
    Side {
        answer,
        quote: demand.quote.clone().into_owned(),
    }
}

/// What of its kind is asked for.
fn detail(demand: &Demand<'_>) -> Vec<String> {
    let owned = |words: &[&'static str]| words.iter().map(|word| (*word).to_owned()).collect();
    match demand.fact().map(|fact| &fact.value) {
        Some(Value::Lab { analyte, op, .. }) => vec![(*analyte).to_owned(), (*op).to_owned()],
        Some(Value::Infection(words) | Value::Antibody(words) | Value::Transplant(words)) => {
            owned(words)
        }
        Some(Value::PriorTreatment { treatments, .. }) => treatments.clone(),
        Some(Value::TreatmentFailure { classes, .. }) => classes.clone(),
        _ => Vec::new(),
    }
}
