//! Transplants and cell therapies that stand among the treatments: what the profile's own fields say of them.

use chrono::NaiveDate;

use super::check::{Contradiction, found};
use super::{Profile, Text, Therapy, YesNo};
use crate::terminology::Procedure;

/// Takes a procedure that is listed for the answer to its own field, where that is empty.
pub(super) fn answer(profile: &mut Profile, today: NaiveDate) {
    let yes = |had: bool| had.then_some(YesNo::Yes);
    let transplant = lists(profile, Procedure::Hsct, today);
    let cells = lists(profile, Procedure::CellTherapy, today);
    profile.prior_hsct = profile.prior_hsct.or(yes(transplant));
    profile.prior_cell_therapy = profile.prior_cell_therapy.or(yes(cells));
}

/// Listed, and denied.
pub(super) fn listed_and_denied(profile: &Profile, today: NaiveDate) -> Option<Contradiction> {
    let answers = [
        (
            Procedure::Hsct,
            profile.prior_hsct,
            "prior_hsct",
            "no, and a transplant of stem cells stands among the treatments",
        ),
        (
            Procedure::CellTherapy,
            profile.prior_cell_therapy,
            "prior_cell_therapy",
            "no, and a cell or gene therapy stands among the treatments",
        ),
    ];
    let (_, _, field, what) = answers.into_iter().find(|(procedure, answer, ..)| {
        *answer == Some(YesNo::No) && lists(profile, *procedure, today)
    })?;
    Some(found(&[field], what))
}

/// Says whether a procedure stands among the treatments, and does not lie ahead.
fn lists(profile: &Profile, procedure: Procedure, today: NaiveDate) -> bool {
    let is_past = |one: &Therapy| one.started.is_none_or(|start| start.earliest() <= today);
    let names = |one: &Therapy| {
        let words = one.drug.as_ref().map(Text::as_str);
        words.and_then(Procedure::named) == Some(procedure)
    };
    let mut listed = profile.treatments.iter().flatten();
    listed.any(|one| is_past(one) && names(one))
}
