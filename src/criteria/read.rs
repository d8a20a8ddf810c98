//! From criteria to facts: the rule families, and what holds between criteria.

mod ability;
mod activity;
mod cohort;
mod condition;
mod denial;
mod doubt;
mod group;
mod heart;
mod infection;
mod lab;
mod light;
mod population;
mod pregnancy;
mod quote;
mod rule;
mod treatment;

pub use lab::converted as lab_value;

use std::collections::HashMap;
use std::ops::Range;

use cohort::{Scope, cohort, heading_cohort};
use rule::{Found, OPENINGS, Reader, Rule, rules_on};

use super::fact::{Certainty, Fact, Polarity, Value};
use super::item::{Item, clauses};
use super::pattern::{Pattern, patterns};
use super::segment::{Criterion, CriterionKind, Segments};
use super::time::{Time, window};
use crate::terminology::Treatments;

patterns! {
    ABOUT_MS = r"multiple\s+sclerosis|(?-i:(?-u:\b)(?:MS|RRMS|SPMS|PPMS|NMOSD|MOGAD|NMO)(?-u:\b))|neuromyelitis|demyelinat|EDSS|isolated syndrome";
    EARLIER_STUDY = r"randomi[sz]ed in(?:to)?(?-u:\b)|(?:parent|previous|earlier|feeder|core) (?:\S+ ){0,3}(?:study|studies|trials?|protocol)(?-u:\b)|prior (?:[a-su-z0-9]\S* ){0,3}(?:study|studies|trials?|protocol)(?-u:\b)|(?:completed|participated in) (?:\S+ ){0,4}(?:study|trial|part [0-9])";
    VAGUE_HEAD = r"(?:judg|opinion|discretion|according to the investigator)[^:]*(?:such as|including|including but not limited to|e\.g\.)[^:]*:\s*$";
    /// A text that ends in the middle of a sentence.
    CUT_OFF = r"(?:[<>≤≥=,(]|(?-u:\b)(?:within|for|in|of|to|and|or|than|at|least|with|by|from|the|an?|is|are|must|prior|not))\s*$";
    /// What ties a line to the next one.
    TIE = r"\s*[,;]\s*(?:and/or|and|or)\s*$";
    TIED_BY_OR = r"[,;]\s*(?:and/or|or)\s*$";
    /// The same without a comma, where another line follows.
    BARE_TIE = r"\s(?:and/or|and|or)\s*$";
    BARE_OR = r"\s(?:and/or|or)\s*$";
    /// One sentence that bars, wherever it stands.
    BARRING = r"(?:cannot|can not|may not|must not|will not) (?:join|take part|participate|be (?:included|enrolled|admitted|entered))|(?:are|is|will be|were) (?:excluded|ineligible|not (?:eligible|included|enrolled))(?-u:\b)";
    /// "If the value is high, the patient will be excluded"; "to be excluded by a scan".
    BARS_IN_A_CASE = r"^\W*(?:if|when|in case|should)(?-u:\b)|excluded by";
    /// "Participants may not:" turns each line below into a bar.
    BARRING_HEAD = r"^\W*(?:\w+ ){0,4}(?:may not|must not|should not|shall not|can ?not)(?: (?:be|have)(?: (?:been|had))?)?\s*[:：]\s*$";
    /// "With the following heart conditions:" announces lines.
    LIST_HEAD = r"(?-u:\b)following(?-u:\b)[^:]{0,80}:\s*$";
    EXCEPTION_HEAD = r"(?:exceptions?|except(?: for)?|excluding|with the exception of)[^:]{0,40}:\s*$";
    ALTERNATIVE_HEAD = r"(?:one (?:or more )?of (?:the following|these)|any of the following|either of the following|at least (?:one|1)(?: out)? of|meet(?:ing|s)? (?:one|at least one|any) of)[^:]*:\s*$";
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
                        barred.extend(any_of);
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
            .is_none_or(|cohort| MS_COHORT.is_in(cohort) && !self.is_of_others())
    }
}

patterns! {
    MS_COHORT = r"MS(?-u:\b)|sclerosis|relapsing|progressive|^(?:cohort )?[0-9A-Z]{1,3}$";
}

/// What a reader is after.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Wanted {
    /// Every fact.
    #[default]
    All,
    /// What [`Read::courses`] and [`Read::edss`] rest on: only the criteria that may speak of
    /// courses or of the EDSS are read, and a list needs no more.
    CoursesAndEdss,
}

/// Bytes of a text that facts are read from. The registry takes 20,000
/// characters (data element "Eligibility Criteria"); what lies far behind is
/// no criterion, and stays as text.
const READ_LIMIT: usize = 100_000;

/// Reads facts from the criteria of a text.
///
/// A line that no rule understands yields no fact and stays as text.
pub fn read(text: &str, segments: Segments, treatments: &Treatments, wanted: Wanted) -> Read {
    read_all(
        segments,
        Context {
            text,
            treatments,
            about_ms: ABOUT_MS.is_in(text),
            wanted,
        },
    )
}

/// Reads the criteria of a study of which it is known that MS is its only or main disease: its
/// relapses are those of MS, though its text never names it.
pub fn read_of_ms(text: &str, segments: Segments, treatments: &Treatments, wanted: Wanted) -> Read {
    read_all(
        segments,
        Context {
            text,
            treatments,
            about_ms: true,
            wanted,
        },
    )
}

fn read_all(segments: Segments, context: Context<'_>) -> Read {
    let text = context.text;
    let mut criteria: Vec<ReadCriterion> = Vec::new();
    let mut consented = false;
    let places: HashMap<&str, usize> = (segments.criteria.iter().enumerate())
        .map(|(at, one)| (one.id.as_str(), at))
        .collect();
    let mut scope = None;
    for (at, criterion) in segments.criteria.iter().enumerate() {
        scope = Scope::next(scope, text, &segments.criteria[..=at]);
        let above = (criterion.parent.as_deref())
            .and_then(|parent| places.get(parent))
            .and_then(|place| criteria.get(*place));
        let head = above.map(|one| one.criterion.body(text));
        let above = above.and_then(|one| one.applies_to.clone());
        let applies_to = cohort(criterion.body(text), criterion.kind)
            .or(above)
            .or_else(|| Some(scope.as_ref()?.label.clone()))
            .or_else(|| heading_cohort(text, &segments, criterion));
        // What follows "with the following exceptions" is no demand of its own.
        let is_exception = head.is_some_and(|head| announces(head, &EXCEPTION_HEAD));
        let facts = if is_exception || criterion.span.end > READ_LIMIT {
            Vec::new()
        } else {
            facts_of(
                context,
                &segments.criteria,
                at,
                (head, applies_to.is_some()),
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

/// What all criteria of a text share.
#[derive(Clone, Copy)]
struct Context<'a> {
    text: &'a str,
    treatments: &'a Treatments,
    /// The text is about MS or a kin of it.
    about_ms: bool,
    wanted: Wanted,
}

fn facts_of(
    context: Context<'_>,
    criteria: &[Criterion],
    at: usize,
    (head, of_cohort): (Option<&str>, bool),
    consented: &mut bool,
) -> Vec<Fact> {
    let Context {
        text, treatments, ..
    } = context;
    let (criterion, below) = (&criteria[at], &criteria[at + 1..]);
    let earlier = at.checked_sub(1).map(|before| &criteria[before]);
    let before = earlier.filter(|one| one.parent == criterion.parent && one.kind == criterion.kind);
    let start = criterion.span.start + criterion.marker;
    let (body, is_choice) = words_of(text, criterion, below);
    if context.wanted == Wanted::CoursesAndEdss && !OPENINGS.may_be_listed(body) {
        return Vec::new();
    }
    let gives_choice = |one: &Criterion| TIED_BY_OR.is_in(one.body(text));
    // Each of several exclusions bars by itself; of several demands, one may be enough.
    let alternative =
        |head| criterion.kind != CriterionKind::Exclusion && announces(head, &ALTERNATIVE_HEAD);
    let one_of_lines = criterion.kind != CriterionKind::Exclusion
        && (is_choice || gives_choice(criterion) || before.is_some_and(gives_choice));
    // What was so when an earlier study began may have changed.
    let of_earlier_study = criterion.kind != CriterionKind::Exclusion && EARLIER_STUDY.is_in(body);
    let loose = one_of_lines
        || of_earlier_study
        || head.is_some_and(|head| announces(head, &VAGUE_HEAD) || alternative(head));
    let bars_below = head.is_some_and(|head| announces(head, &BARRING_HEAD));
    let clauses = clauses(body);
    let item = Item {
        text: body,
        start,
        clauses: &clauses,
        treatments,
        kind: if clauses.len() == 1 && BARRING.is_in(body) || bars_below {
            CriterionKind::Exclusion
        } else {
            criterion.kind
        },
        head,
        about_ms: context.about_ms,
        loose,
        of_cohort,
        wanted: context.wanted,
    };
    let mut facts = facts_by_sentence(&item, consented);
    // An EDSS that bars counts only where nothing else is said with it.
    if item.wanted != Wanted::All && facts.iter().any(bars_edss) {
        let wanted = Wanted::All;
        facts = facts_by_sentence(&Item { wanted, ..item }, consented);
    }
    // A quote stays within its criterion, also where the exceptions below were read with it.
    for fact in &mut facts {
        fact.quote.end = fact.quote.end.min(criterion.span.end);
    }
    facts.retain(|fact| fact.quote.start < fact.quote.end);
    facts.sort_by_key(|fact| fact.quote.start);
    facts
}

/// The words of a criterion that are read: with the exceptions that stand below it, and without what
/// ties it to the next line; and whether that is a bare "or".
fn words_of<'a>(text: &'a str, criterion: &Criterion, below: &[Criterion]) -> (&'a str, bool) {
    let body = criterion.body(text);
    let start = criterion.span.start + criterion.marker;
    // Exceptions that stand below belong to the meaning of the criterion.
    let with_exceptions = announces(body, &EXCEPTION_HEAD).then(|| {
        let end = below
            .iter()
            .take_while(|one| one.id.starts_with(&format!("{}.", criterion.id)))
            .map(|one| one.span.end)
            .max();
        end.and_then(|end| text.get(start..end))
    });
    let body = with_exceptions.flatten().unwrap_or(body);
    // "…; and" ties lines together; what stands before it is whole.
    let body = TIE.find(body).map_or(body, |tie| &body[..tie.start]);
    let next = below.first();
    let goes_on =
        next.is_some_and(|one| one.parent == criterion.parent && one.kind == criterion.kind);
    let is_choice = goes_on && BARE_OR.is_in(body);
    let bare = BARE_TIE.find(body).filter(|_| goes_on);
    (bare.map_or(body, |tie| &body[..tie.start]), is_choice)
}

/// Where one of several sentences bars ("Age 18 to 60. People with cancer are excluded."),
/// each is read for itself.
fn facts_by_sentence(item: &Item<'_>, consented: &mut bool) -> Vec<Fact> {
    let bars = |clause: &Range<usize>| {
        let words = item.part(clause.clone());
        BARRING.is_in(words) && !BARS_IN_A_CASE.is_in(words)
    };
    if item.bars() || item.clauses.len() < 2 || !item.clauses.iter().any(bars) {
        return facts_of_item(item, consented);
    }
    let mut facts = Vec::new();
    for clause in item.clauses {
        let own = [Range {
            start: 0,
            end: clause.len(),
        }];
        let sentence = Item {
            text: item.part(clause.clone()),
            start: item.start + clause.start,
            clauses: &own,
            kind: if bars(clause) {
                CriterionKind::Exclusion
            } else {
                item.kind
            },
            ..*item
        };
        facts.extend(facts_of_item(&sentence, consented));
    }
    facts
}

fn facts_of_item(item: &Item<'_>, consented: &mut bool) -> Vec<Fact> {
    let body = item.text;
    let mut facts = rules_on(item);
    if !*consented
        && item.wanted == Wanted::All
        && let Some(fact) = ability::consent(item)
    {
        *consented = true;
        facts.push(fact);
    }
    activity::alternatives(item, &mut facts);
    if CUT_OFF.is_in(body) {
        let end = item.start + body.trim_end().len();
        facts.retain(|fact| fact.quote.end < end);
        doubt::cut_off(item, &mut facts);
    }
    if announces(body, &LIST_HEAD) {
        // What a list is about is no demand of its own; its lines are.
        facts.retain(|fact| !is_general(&fact.value));
    }
    doubt::without_systems(item, &mut facts);
    doubt::weaken(item, &mut facts);
    facts
}

/// The window that stands above a list ("Any of the following in the past 6 months:").
fn window_above(item: &Item<'_>) -> Option<Time> {
    let head = item.head.filter(|_| item.bars())?;
    let is_list = announces(head, &LIST_HEAD) || announces(head, &ALTERNATIVE_HEAD);
    is_list.then(|| window(head)).flatten()
}

/// Says whether words announce a list in some manner. All such patterns end in
/// a colon, and few criteria do.
fn announces(words: &str, manner: &Pattern) -> bool {
    words.trim_end().ends_with([':', '：']) && manner.is_in(words)
}

fn bars_edss(fact: &Fact) -> bool {
    fact.polarity == Polarity::Exclude && fact.value.kind() == "edss"
}

/// Kinds that name a field of medicine more than a disease.
fn is_general(value: &Value) -> bool {
    let event = matches!(
        value,
        Value::Cardiac {
            event: Some("heart_disease"),
            ..
        }
    );
    event
        || matches!(
            value.kind(),
            "cns_disorder" | "psychiatric" | "other_autoimmune"
        )
}
