//! From criteria to facts: the rule families, and what holds between criteria.

mod activity;
mod health;
mod lab;
mod population;
mod treatment;

use std::ops::Range;

use super::fact::{Certainty, Fact, Polarity, Value};
use super::item::Item;
use super::pattern::patterns;
use super::segment::{Criterion, Segments};
use crate::terminology::Treatments;

patterns! {
    ABOUT_MS = r"multiple\s+sclerosis|(?-i:(?-u:\b)(?:MS|RRMS|SPMS|PPMS|NMOSD|MOGAD|NMO)(?-u:\b))|neuromyelitis|demyelinat|EDSS|isolated syndrome";
    COHORT = r"for\s+(?:participants|patients|subjects|those)\s+with\s+(?P<who>[^:]{3,60}?)(?:\s+only)?(?:\s*\((?P<label>[^)]{2,20}?)(?:\s+cohort)?\))?\s*:";
    COHORT_LABEL = r"\(\s*(?P<label>[A-Z][A-Za-z0-9+-]{1,14})\s+cohort\s*\)|cohort\s+(?P<number>[A-Z0-9]{1,3})\b|(?P<arm>[A-Z]{2,6}) cohort";
    DISEASE_HEAD = r"^(?P<name>[A-Z][A-Za-z' -]{4,60}?)\s*\((?P<label>[A-Z][A-Za-z]{1,6})\)\s*:";
    VAGUE_HEAD = r"(?:judg|opinion|discretion|according to the investigator)[^:]*(?:such as|including|including but not limited to|e\.g\.)[^:]*:\s*$";
    EXCEPTION_HEAD = r"(?:exceptions?|except(?: for)?|excluding|with the exception of)[^:]{0,40}:\s*$";
    ALTERNATIVE_HEAD = r"(?:one (?:or more )?of the following|any of the following|either of the following|at least (?:one|1) of the following|meet(?:ing|s)? (?:one|at least one|any) of)[^:]*:\s*$";
    ORGANS = r"cardi(?:ac|ovascular)|hepatic|liver|renal|kidney|pulmonary|respiratory|neurolog\w*|endocrin\w*|h(?:a)?ematolog\w*|gastrointestinal|(?-u:\b)GI(?-u:\b)|metabolic|immunolog\w*|psychiatric|dermatolog\w*|urolog\w*|ophthalmolog\w*|genitourinary|rheumatolog\w*|musculoskeletal|bone marrow|biliary|vascular";
    ONE_NOUN = r"diseases?|disorders?|conditions?|dysfunction|illness|impairment|symptoms|abnormalit";
}

/// A criterion with the facts that were read from it.
#[derive(Debug, Clone, PartialEq)]
pub struct ReadCriterion {
    /// The criterion.
    pub criterion: Criterion,
    /// The cohort that it is limited to.
    pub applies_to: Option<String>,
    /// What was understood.
    pub facts: Vec<Fact>,
}

/// An eligibility text, read.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Read {
    /// Criteria in the order of the text.
    pub criteria: Vec<ReadCriterion>,
    /// Byte offsets of the headings.
    pub headings: Vec<Range<usize>>,
}

impl Read {
    /// Returns every fact with its criterion.
    pub fn facts(&self) -> impl Iterator<Item = (&ReadCriterion, &Fact)> {
        self.criteria
            .iter()
            .flat_map(|one| one.facts.iter().map(move |fact| (one, fact)))
    }

    /// Returns the lowest and the highest EDSS that any MS cohort takes.
    pub fn edss(&self) -> (Option<f64>, Option<f64>) {
        let (mut min, mut max): (Option<f64>, Option<f64>) = (None, None);
        let mut widen = |low: Option<f64>, high: Option<f64>| {
            min = low.map_or(min, |low| Some(min.map_or(low, |one: f64| one.min(low))));
            max = high.map_or(max, |high| Some(max.map_or(high, |one: f64| one.max(high))));
        };
        for (criterion, fact) in self.facts().filter(|(criterion, _)| criterion.is_for_ms()) {
            match (&fact.value, fact.polarity) {
                (Value::Edss { min, max }, Polarity::Require) => widen(*min, *max),
                // "EDSS > 6.5" among the exclusions bars 7 and above.
                (
                    Value::Edss {
                        min: Some(barred),
                        max: None,
                    },
                    Polarity::Exclude,
                ) if criterion.facts.len() == 1 => {
                    widen(None, Some(barred - 0.5));
                }
                _ => {}
            }
        }
        (min, max)
    }

    /// Returns the courses that are asked for, and those that are barred.
    pub fn courses(&self) -> (Vec<&'static str>, Vec<&'static str>) {
        let (mut asked, mut barred) = (Vec::new(), Vec::new());
        for (_, fact) in self.facts() {
            if let Value::MsCourse { any_of, .. } = &fact.value {
                match fact.polarity {
                    Polarity::Require => asked.extend(any_of),
                    Polarity::Exclude if fact.certainty == Certainty::Exact => {
                        barred.extend(any_of)
                    }
                    Polarity::Exclude => {}
                }
            }
        }
        (asked, barred)
    }

    /// Returns drugs and classes that a participant must have had, or that must have failed.
    pub fn required_treatments(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for (_, fact) in self
            .facts()
            .filter(|(_, fact)| fact.polarity == Polarity::Require)
        {
            if let Value::PriorTreatment {
                treatments: list, ..
            }
            | Value::TreatmentFailure { classes: list, .. } = &fact.value
            {
                names.extend(list.iter().map(String::as_str));
            }
        }
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Returns the share of the bytes of all criteria that stand in criteria
    /// whose meaning is fully in exact facts, from 0 to 1.
    pub fn parsed_share(&self, text: &str) -> f64 {
        let bytes = |one: &ReadCriterion| one.criterion.span.len();
        let all: usize = self.criteria.iter().map(bytes).sum();
        let read: usize = self
            .criteria
            .iter()
            .filter(|one| one.is_fully_read(text))
            .map(bytes)
            .sum();
        #[expect(
            clippy::cast_precision_loss,
            reason = "texts are far shorter than 2^52 bytes"
        )]
        let share = if all == 0 {
            0.0
        } else {
            read as f64 / all as f64
        };
        share
    }
}

impl ReadCriterion {
    /// Says whether it holds for people with MS: for everyone, or for a cohort that is named so.
    pub fn is_for_ms(&self) -> bool {
        self.applies_to
            .as_deref()
            .is_none_or(|cohort| MS_COHORT.is_in(cohort))
    }

    /// Says whether its whole meaning is in exact facts: every word of weight
    /// lies in a quote of one.
    pub fn is_fully_read(&self, text: &str) -> bool {
        let exact = |fact: &&Fact| fact.certainty == Certainty::Exact;
        if self.facts.is_empty() || !self.facts.iter().all(|fact| exact(&fact)) {
            return false;
        }
        let start = self.criterion.span.start + self.criterion.marker;
        let mut left = self.criterion.body(text).to_owned();
        for fact in &self.facts {
            let from = fact.quote.start.saturating_sub(start).min(left.len());
            let to = fact.quote.end.saturating_sub(start).min(left.len());
            if left.is_char_boundary(from) && left.is_char_boundary(to) {
                let blank = " ".repeat(to - from);
                left.replace_range(from..to, &blank);
            }
        }
        !left
            .split(|c: char| !c.is_alphanumeric())
            .any(|word| word.len() > 3 && !LIGHT.is_in(word))
    }
}

patterns! {
    MS_COHORT = r"MS(?-u:\b)|sclerosis|relapsing|progressive|^(?:cohort )?[0-9]+$";
    LIGHT = r"^(?:participants?|patients?|subjects?|must|have|with|inclusive|female|male|women|adults?|years?|documented|diagnosis|confirmed|screening|time|visit|baseline|able|score|being|only|that|this|from|have|been|criteria|according|revised|mcdonald|2005|2010|2017|2024)$";
}

/// Reads facts from the criteria of a text.
///
/// A line that no rule understands yields no fact and stays as text.
pub fn read(text: &str, segments: Segments, treatments: &Treatments) -> Read {
    let mut criteria: Vec<ReadCriterion> = Vec::new();
    let mut consented = false;
    let context = Context {
        text,
        treatments,
        about_ms: ABOUT_MS.is_in(text),
    };
    let heads: Vec<Option<usize>> = segments
        .criteria
        .iter()
        .map(|one| head_of(&segments.criteria, one))
        .collect();
    for (at, criterion) in segments.criteria.iter().enumerate() {
        let head = heads[at].map(|index| segments.criteria[index].body(text));
        let above = heads[at]
            .and_then(|index| criteria.get(index))
            .and_then(|one| one.applies_to.clone());
        let applies_to = cohort(criterion.body(text))
            .or(above)
            .or_else(|| heading_cohort(text, &segments, criterion));
        // What follows "with the following exceptions" is no demand of its own.
        let facts = if head.is_some_and(|head| EXCEPTION_HEAD.is_in(head)) {
            Vec::new()
        } else {
            facts_of(
                context,
                criterion,
                &segments.criteria[at + 1..],
                head,
                &mut consented,
            )
        };
        criteria.push(ReadCriterion {
            criterion: criterion.clone(),
            applies_to,
            facts,
        });
    }
    Read {
        criteria,
        headings: segments.headings,
    }
}

fn head_of(criteria: &[Criterion], one: &Criterion) -> Option<usize> {
    let parent = one.parent.as_ref()?;
    criteria.iter().position(|other| other.id == *parent)
}

/// What all criteria of a text share.
#[derive(Clone, Copy)]
struct Context<'a> {
    text: &'a str,
    treatments: &'a Treatments,
    /// The text is about MS or a kin of it.
    about_ms: bool,
}

fn facts_of(
    context: Context<'_>,
    criterion: &Criterion,
    below: &[Criterion],
    head: Option<&str>,
    consented: &mut bool,
) -> Vec<Fact> {
    let Context {
        text, treatments, ..
    } = context;
    let body = criterion.body(text);
    let start = criterion.span.start + criterion.marker;
    // Exceptions that stand below belong to the meaning of the criterion.
    let with_exceptions = EXCEPTION_HEAD.is_in(body).then(|| {
        let end = below
            .iter()
            .take_while(|one| one.id.starts_with(&format!("{}.", criterion.id)))
            .map(|one| one.span.end)
            .max();
        end.and_then(|end| text.get(start..end))
    });
    let body = with_exceptions.flatten().unwrap_or(body);
    let loose = head.is_some_and(|head| VAGUE_HEAD.is_in(head) || ALTERNATIVE_HEAD.is_in(head));
    let item = Item {
        text: body,
        start,
        kind: criterion.kind,
        head,
        about_ms: context.about_ms,
        loose,
    };
    let mut facts = Vec::new();
    if !*consented && let Some(fact) = health::consent(&item) {
        *consented = true;
        facts.push(fact);
    }
    population::read(&item, &mut facts);
    let failed: Vec<Range<usize>> = activity::read(&item, treatments, &mut facts)
        .into_iter()
        .collect();
    treatment::read(&item, treatments, &failed, &mut facts);
    lab::read(&item, &mut facts);
    health::read(&item, &mut facts);
    without_systems(&item, &mut facts);
    // A quote stays within its criterion, also where the exceptions below were read with it.
    for fact in &mut facts {
        fact.quote.end = fact.quote.end.min(criterion.span.end);
    }
    facts.retain(|fact| fact.quote.start < fact.quote.end);
    facts.sort_by_key(|fact| fact.quote.start);
    facts
}

/// Of three or more organ systems before one noun, only infection, PML and cancer count, loosely.
fn without_systems(item: &Item<'_>, facts: &mut Vec<Fact>) {
    let lists: Vec<Range<usize>> = item
        .clauses()
        .into_iter()
        .filter(|clause| {
            let words = &item.text[clause.clone()];
            let mut organs: Vec<String> = ORGANS
                .all(words)
                .map(|span| words[span].to_lowercase())
                .collect();
            organs.sort();
            organs.dedup();
            organs.len() >= 3 && ONE_NOUN.is_in(words)
        })
        .collect();
    if lists.is_empty() {
        return;
    }
    let inside = |fact: &Fact| {
        let at = fact.quote.start.saturating_sub(item.start);
        lists.iter().any(|list| list.contains(&at))
    };
    facts.retain_mut(|fact| {
        if !inside(fact) {
            return true;
        }
        match fact.value.kind() {
            "infection" | "pml" | "malignancy" | "pregnancy" | "breastfeeding" | "lab" => {
                if !matches!(fact.value.kind(), "pregnancy" | "breastfeeding" | "lab") {
                    fact.certainty = Certainty::Approximate;
                }
                true
            }
            "cardiac" => matches!(fact.value, Value::Cardiac { event: None, .. }),
            "cns_disorder" | "psychiatric" | "immunodeficiency" | "other_autoimmune"
            | "hypersensitivity" | "mri_activity" | "progression" => false,
            _ => true,
        }
    });
}

/// The cohort that a criterion names for itself and what stands under it.
fn cohort(body: &str) -> Option<String> {
    if let Some(parts) = COHORT.parts(body) {
        let label = parts.name("label").or_else(|| parts.name("who"))?;
        return Some(label.as_str().trim().to_owned());
    }
    if let Some(parts) = DISEASE_HEAD.parts(body) {
        return Some(parts["label"].to_owned());
    }
    let head: String = body.chars().take(80).collect();
    let parts = COHORT_LABEL
        .parts(&head)
        .filter(|_| head.trim_end().ends_with(':') && head.len() < 78)?;
    let label = parts
        .name("label")
        .or_else(|| parts.name("arm"))
        .or_else(|| parts.name("number"))?;
    Some(label.as_str().to_owned())
}

/// The cohort that the heading above a criterion names.
fn heading_cohort(text: &str, segments: &Segments, criterion: &Criterion) -> Option<String> {
    let heading = segments
        .headings
        .iter()
        .rfind(|heading| heading.end <= criterion.span.start)?;
    let parts = COHORT_LABEL.parts(&text[heading.clone()])?;
    let label = parts
        .name("label")
        .or_else(|| parts.name("arm"))
        .or_else(|| parts.name("number"))?;
    Some(label.as_str().to_owned())
}
