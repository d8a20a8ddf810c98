//! Which cohort a criterion is limited to: named by itself, by what stands above it, or by a line
//! that opens a list.

use regex::Captures;

use super::group::{other_group, other_heading};
use crate::criteria::pattern::patterns;
use crate::criteria::segment::{Criterion, CriterionKind, Segments};

patterns! {
    COHORT = r"for\s+(?:participants|patients|subjects|people|persons|individuals|those)\s+with\s+(?P<who>[^:]{2,60}?)(?:\s+only)?(?:\s*\((?P<label>[^)]{2,20}?)(?:\s+cohort)?\))?\s*:";
    COHORT_LABEL = r"\(\s*(?P<label>[A-Z][A-Za-z0-9+-]{1,14})\s+cohort\s*\)|cohort\s+(?P<number>[A-Z0-9]{1,3})\b|(?-i:(?P<arm>(?-u:\b)[A-Z]{2,6}) cohort(?-u:\b))";
    DISEASE_HEAD = r"^(?P<name>[A-Z][A-Za-z' -]{4,60}?)\s*\((?P<label>[A-Z][A-Za-z]{1,6})\)\s*:";
    /// "NMOSD cohort: AQP4-IgG positive".
    COHORT_FIRST = r"^(?-i:(?P<label>[A-Z][A-Z0-9-]{1,9})) cohort\s*[:：]";
    HEALTHY_COHORT = r"for healthy (?:volunteers|controls|subjects|participants|people)(?:\s+only)?\s*:";
    HEALTHY_HEADING = r"healthy (?:volunteers?|controls?|subjects?|participants?|people|donors?)";
    ILL = r"patient|sclerosis|(?-i:(?-u:\b)MS(?-u:\b))|disease";
    /// "Cohort 1: multiple sclerosis", without a bullet, above a list of its own.
    COHORT_LINE = r"^(?P<what>cohort|group|part|stage|arm) (?P<number>[A-Z0-9]{1,3})\s*[:：]";
    /// "Healthy volunteers:", "Caregivers", "Donors must": people who are not the patients.
    OTHERS = r"^\W*(?:for |all |the |only )*(?P<who>(?:study |primary |family |adult )?care-?\s?givers?|carers?|care partners?|study partners?|(?:healthy|normal) (?:volunteers?|controls?|subjects?|participants?|people|persons|individuals|donors?)|(?:control )(?:subjects?|group|participants?)|controls|(?:(?:stem )?cell |allogeneic |related )?donors?)(?: only)?(?:\s*\([^)]{1,40}\))?\s*(?:$|[:：]|[-–—] |(?:must|should|shall|need to|have to|are|is|of any)(?-u:\b)|aged?(?-u:\b)|between \d|(?:with|without) (?:an? )?(?:age|EDSS))";
    /// The same above a list.
    OTHERS_ALONE = r"^\W*(?:for |the )*(?P<who>(?:primary |family )?care-?\s?givers?|carers?|care partners?|study partners?|(?:healthy|normal) (?:volunteers?|controls?|subjects?|participants?|people|persons|individuals|donors?)|control (?:subjects?|group|participants?)|controls|(?:(?:stem )?cell |allogeneic |related )?donors?)(?: only)?\s*[:：]\W*$";
    /// Relatives of the staff are no group of the study, and partners of patients answer for them.
    OF_PATIENTS = r"contracepti|pregnan|staff|personnel|employ|sponsor";
}

/// A cohort that a line without a bullet opens for the list behind it.
#[derive(Clone)]
pub(super) struct Scope<'a> {
    pub(super) label: String,
    kind: CriterionKind,
    /// How the list is marked in which the line stands, and how its own list is.
    outer: Option<Marks<'a>>,
    own: Option<Marks<'a>>,
}

/// What stands around the number of a list: "(", ")" of "(1)".
type Marks<'a> = (&'a str, &'a str);

fn marks<'a>(text: &'a str, criterion: &Criterion) -> Option<Marks<'a>> {
    let marker = text.get(criterion.span.start..criterion.span.start + criterion.marker)?;
    let marker = marker.trim();
    let start = marker.find(char::is_alphanumeric).unwrap_or(marker.len());
    let behind = marker[start..].trim_start_matches(char::is_alphanumeric);
    (!marker.is_empty()).then_some((&marker[..start], behind))
}

/// How far back the list is looked for that a cohort's line stands in.
const LISTED: usize = 20;

impl<'a> Scope<'a> {
    /// The scope of the last of these criteria. It ends where the list is marked in another way.
    pub(super) fn next(open: Option<Self>, text: &'a str, criteria: &[Criterion]) -> Option<Self> {
        let (criterion, earlier) = criteria.split_last()?;
        let is_bare = criterion.marker == 0;
        let opens = is_bare.then(|| opened(criterion.body(text)));
        if let Some(label) = opens.flatten() {
            let mut near = earlier.iter().rev().take(LISTED);
            let outer = (open.and_then(|open| open.outer))
                .or_else(|| near.find_map(|one| marks(text, one)));
            return Some(Self {
                label,
                kind: criterion.kind,
                outer,
                own: None,
            });
        }
        let open = open.filter(|open| open.kind == criterion.kind)?;
        let own = marks(text, criterion).filter(|own| Some(*own) != open.outer)?;
        let goes_on = open.own.is_none_or(|first| first == own);
        goes_on.then_some(Self {
            own: Some(own),
            ..open
        })
    }
}

/// The label of the cohort that a line opens.
fn opened(body: &str) -> Option<String> {
    let numbered = |parts: Captures<'_>| format!("{} {}", &parts["what"], &parts["number"]);
    let others = || Some(OTHERS_ALONE.parts(body)?["who"].to_owned());
    COHORT_LINE.parts(body).map(numbered).or_else(others)
}

/// The cohort that a criterion names for itself and what stands under it.
pub(super) fn cohort(body: &str, kind: CriterionKind) -> Option<String> {
    (named_cohort(body).or_else(|| other_people(body))).or_else(|| other_group(body, kind))
}

/// Others than patients that a line speaks of.
fn other_people(body: &str) -> Option<String> {
    let parts = OTHERS.parts(body)?;
    (!OF_PATIENTS.is_in(body)).then(|| parts["who"].to_owned())
}

fn named_cohort(body: &str) -> Option<String> {
    // A cohort that is named stands before a colon.
    if !body.contains(':') {
        return None;
    }
    if let Some(parts) = COHORT.parts(body) {
        let label = parts.name("label").or_else(|| parts.name("who"))?;
        return Some(label.as_str().trim().to_owned());
    }
    if let Some(parts) = COHORT_FIRST.parts(body) {
        return Some(parts["label"].to_owned());
    }
    if HEALTHY_COHORT.is_in(body) {
        return Some("HV".to_owned());
    }
    if let Some(parts) = DISEASE_HEAD.parts(body) {
        return Some(parts["label"].to_owned());
    }
    let head: String = body.chars().take(80).collect();
    let parts = COHORT_LABEL
        .parts(&head)
        .filter(|_| head.trim_end().ends_with(':') && head.len() < 78)?;
    cohort_label(&parts)
}

/// What a cohort is called: its own name, or "Cohort" with its number.
fn cohort_label(parts: &Captures<'_>) -> Option<String> {
    let named = parts.name("label").or_else(|| parts.name("arm"));
    let numbered = || Some(format!("Cohort {}", parts.name("number")?.as_str()));
    named
        .map(|label| label.as_str().to_owned())
        .or_else(numbered)
}

/// The cohort that the heading above a criterion names.
pub(super) fn heading_cohort(
    text: &str,
    segments: &Segments,
    criterion: &Criterion,
) -> Option<String> {
    let above = (segments.headings).partition_point(|heading| heading.end <= criterion.span.start);
    let heading = segments.headings.get(above.checked_sub(1)?)?;
    let words = &text[heading.clone()];
    if HEALTHY_HEADING.is_in(words) && !ILL.is_in(words) {
        return Some("HV".to_owned());
    }
    let own = COHORT_LABEL.parts(words);
    own.and_then(|parts| cohort_label(&parts))
        .or_else(|| other_heading(words))
}
