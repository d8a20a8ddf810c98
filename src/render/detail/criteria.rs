//! Who may join: first in plain words, then the lines of the record with marks
//! for what of them was understood.

use super::Piece;
use crate::classify::Classified;
use crate::criteria::{CriterionKind, ReadCriterion};
use crate::registry::sample::is_abridged;
use crate::render::plain::{Reading, Summary, Told};
use crate::terminology::{PlainWords, Term};
use crate::text;

/// Wherever a treatment may have to be stopped.
pub(in crate::render) const NEVER_STOP: &str = "Never stop or delay a treatment for a study without your neurologist: MS can come back strongly.";

const FULLY: &str = "●";
const PARTLY: &str = "◐";
const NOT: &str = "○";

/// Adds the summary, the words that it uses, and the criteria as they stand.
pub(super) fn add(page: &mut Vec<Piece>, one: &Classified) {
    let summary = Summary::of(one);
    in_plain_words(page, one, &summary);
    joining(page, &summary);
    glossary(page, "Words used here", &summary.terms());
    if verbatim(page, one) {
        let more = more_terms(one, &summary.terms());
        glossary(page, "More words from the rules", &more);
    }
}

/// Who it is for, and what rules people out.
pub(in crate::render) fn in_plain_words(
    page: &mut Vec<Piece>,
    one: &Classified,
    summary: &Summary,
) {
    page.push(Piece::Heading("Who it is for, in plain words".into()));
    match summary.reading {
        Reading::Missing => page.push(Piece::Warning(format!(
            "The record here does not give the rules for joining. Read them in the registry: {}",
            one.study.url()
        ))),
        Reading::Unread => page.push(Piece::Warning(format!(
            "This program could not read the rules of this study. They stand below as the record gives them, and in the registry: {}",
            one.study.url()
        ))),
        Reading::Read { full, partly, not } => page.push(Piece::Text(format!(
            "A computer read this from the rules below, so it can be wrong: {full} {} read in full, {partly} in part and {not} not at all. \
             A mark such as [I1] names the rule; [AGE] and [SEX] are fields of the record. “(ask)” means that the rule says more than is told here: read it, and ask the study team. \
             “In the last 6 months” means before the study; the rule says from which day.",
            if full == 1 { "rule was" } else { "rules were" },
        ))),
    }
    page.extend(summary.who.iter().map(item));
    if matches!(summary.reading, Reading::Read { .. }) {
        if !summary.not_told.is_empty() {
            page.push(Piece::Text(format!(
                "Not found by this program (the rules may still say it): {}.",
                summary.not_told.join("; ")
            )));
        }
        page.push(Piece::Heading("What rules people out".into()));
        if summary.bars.is_empty() {
            page.push(Piece::Text(
                "Nothing was found by this program. That does not mean that there is nothing: read the rules below.".into(),
            ));
        }
    }
    for (group, told) in &summary.bars {
        page.push(Piece::Group((*group).to_owned()));
        page.extend(told.iter().map(item));
    }
}

fn joining(page: &mut Vec<Piece>, summary: &Summary) {
    page.push(Piece::Heading("What joining involves".into()));
    if summary.joining.is_empty() {
        page.push(Piece::Text(
            "The parts of the record that this program reads do not say. Ask the study team."
                .into(),
        ));
    }
    page.extend(summary.joining.iter().map(item));
    if summary.stops_treatment {
        page.push(Piece::Warning(NEVER_STOP.into()));
    }
}

fn item(told: &Told) -> Piece {
    Piece::Item {
        depth: 0,
        mark: "·".into(),
        text: format!("{} [{}]", told.words, told.sources.join(", ")),
    }
}

fn glossary(page: &mut Vec<Piece>, heading: &str, terms: &[&Term]) {
    if terms.is_empty() {
        return;
    }
    page.push(Piece::Heading(heading.to_owned()));
    page.extend(terms.iter().map(|one| Piece::Item {
        depth: 0,
        mark: "·".into(),
        text: format!("{}: {}", one.term, one.gloss),
    }));
}

/// The criteria as they stand, each with what of it was understood; says whether there are any.
pub(in crate::render) fn verbatim(page: &mut Vec<Piece>, one: &Classified) -> bool {
    let Some(text) = one.study.eligibility.text.as_deref() else {
        return false;
    };
    let read = &one.criteria.criteria;
    if read.is_empty() {
        return false;
    }
    page.push(Piece::Heading(if is_abridged(text) {
        "The rules, abridged in our own words".into()
    } else {
        "The rules, word for word".into()
    }));
    page.push(Piece::Text(format!(
        "{FULLY} read in full · {PARTLY} read in part · {NOT} not read by this program. The mark tells how well a rule was read, not whether anyone fits it."
    )));
    for (kind, heading) in [
        (CriterionKind::Other, "Before or between the lists"),
        (
            CriterionKind::Inclusion,
            "What people must fit (inclusion criteria)",
        ),
        (
            CriterionKind::Exclusion,
            "What rules people out (exclusion criteria)",
        ),
    ] {
        let mut of_kind = read
            .iter()
            .filter(|one| one.criterion.kind == kind)
            .peekable();
        if of_kind.peek().is_some() {
            page.push(Piece::Group(heading.to_owned()));
        }
        page.extend(of_kind.map(|one| Piece::Item {
            depth: one.criterion.depth(),
            mark: format!("{} {}", understood(one, text), one.criterion.id),
            text: text::one_line(one.criterion.body(text)),
        }));
    }
    true
}

/// Terms of the rules that the summary does not use.
pub(in crate::render) fn more_terms(one: &Classified, told: &[&Term]) -> Vec<&'static Term> {
    let text = one.study.eligibility.text.as_deref().unwrap_or_default();
    let mut more = PlainWords::embedded().terms_in(text);
    more.retain(|term| !told.contains(term));
    more
}

fn understood(one: &ReadCriterion, text: &str) -> &'static str {
    if one.facts.is_empty() {
        NOT
    } else if one.is_fully_read(text) {
        FULLY
    } else {
        PARTLY
    }
}
