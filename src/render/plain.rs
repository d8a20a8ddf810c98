//! A study in plain words: who it is for, what rules people out, what joining
//! involves. Each sentence is made from facts and names the lines it was read
//! from; what was not read is never told as "no".

mod choice;
mod health;
mod joining;
mod measures;
mod ms;
mod said;
mod time;
mod treatment;

use crate::classify::Classified;
use crate::criteria::{Certainty, Fact, Polarity, ReadCriterion, Value};
use crate::terminology::{PlainWords, Term};
use crate::text;

use said::Said;
pub use said::Topic;

/// A sentence with the lines that it was read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The sentence.
    pub words: String,
    /// Ids of criteria, `AGE`, `SEX`, or a field of the record.
    pub sources: Vec<String>,
}

/// What became of the criteria.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// The record gives none.
    Missing,
    /// There is text, but nothing in it was understood.
    Unread,
    /// So many were understood fully, partly, and not.
    Read {
        /// Every word of weight.
        full: usize,
        /// Something.
        partly: usize,
        /// Nothing.
        not: usize,
    },
}

/// A study in plain words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// What became of the criteria.
    pub reading: Reading,
    /// What people must have or be able to do.
    pub who: Vec<Told>,
    /// What a reader will look for and these sentences do not hold.
    pub not_told: Vec<&'static str>,
    /// What bars, by group.
    pub bars: Vec<(&'static str, Vec<Told>)>,
    /// What joining involves.
    pub joining: Vec<Told>,
    /// Some treatment may have to be stopped first.
    pub stops_treatment: bool,
}

/// A rule on its way to a sentence.
struct Item<'a> {
    said: Said,
    certainty: Certainty,
    cohort: Option<String>,
    /// The cohort, if any, is one of people with MS.
    for_ms: bool,
    source: String,
    /// Rules with the same choice are alternatives of each other.
    choice: Option<(&'a str, bool)>,
}

/// A sentence on its way to its place.
struct Sentence {
    topic: Topic,
    /// It holds for people with MS, not for a group with another illness.
    for_ms: bool,
    told: Told,
    certainty: Certainty,
    /// The rule without its certainty, by which repeats are found.
    key: String,
}

impl Summary {
    /// Tells a study in plain words.
    pub fn of(one: &Classified) -> Self {
        let words = PlainWords::embedded();
        let text = one.study.eligibility.text.as_deref().unwrap_or_default();
        let items = items(one, text, words);
        let mut sentences = registered(one);
        sentences.extend(choice::sentences(items));
        let sentences = merged(sentences);
        let joining = joining::told(one, words);
        let stops_treatment =
            joining.washout || (one.criteria.facts()).any(|(_, fact)| is_recent_treatment(fact));
        let (who, barring): (Vec<_>, Vec<_>) = sentences
            .into_iter()
            .partition(|one| one.topic.heading().is_none());
        Self {
            reading: reading(one, text),
            not_told: not_told(&who),
            who: who.into_iter().map(|one| one.told).collect(),
            bars: grouped(barring),
            joining: joining.told,
            stops_treatment,
        }
    }

    /// Returns every sentence.
    pub fn told(&self) -> impl Iterator<Item = &Told> {
        let bars = self.bars.iter().flat_map(|(_, told)| told);
        self.who.iter().chain(bars).chain(&self.joining)
    }

    /// Returns the terms that the sentences use, with a gloss each.
    pub fn terms(&self) -> Vec<&'static Term> {
        let all: Vec<&str> = self.told().map(|told| told.words.as_str()).collect();
        PlainWords::embedded().terms_in(&all.join("\n"))
    }
}

fn is_recent_treatment(fact: &Fact) -> bool {
    fact.polarity == Polarity::Exclude
        && matches!(
            fact.value,
            Value::PriorTreatment {
                window_days: Some(_),
                ..
            }
        )
}

fn reading(one: &Classified, text: &str) -> Reading {
    if text.trim().is_empty() {
        return Reading::Missing;
    }
    let read = &one.criteria.criteria;
    let with_facts = read.iter().filter(|one| !one.facts.is_empty()).count();
    let full = read.iter().filter(|one| one.is_fully_read(text)).count();
    if with_facts == 0 {
        return Reading::Unread;
    }
    Reading::Read {
        full,
        partly: with_facts - full,
        not: read.len() - with_facts,
    }
}

/// Every fact as a rule in plain words, in the order of the text.
fn items<'a>(one: &'a Classified, text: &'a str, words: &PlainWords) -> Vec<Item<'a>> {
    let facts = one.criteria.facts();
    facts
        .map(|(criterion, fact)| {
            let quote = text.get(fact.quote.clone()).unwrap_or_default();
            Item {
                said: said(&fact.value, fact.polarity, quote, words),
                certainty: certainty(criterion, fact, text),
                cohort: criterion.applies_to.as_deref().map(text::one_line),
                for_ms: criterion.is_for_ms(),
                source: criterion.criterion.id.clone(),
                choice: choice::of(one, criterion, fact, text),
            }
        })
        .collect()
}

/// How firmly a fact is told. A barred type of MS is told firmly only where nothing
/// else stands in its line: "progressive MS that is active" does not bar all of it.
fn certainty(criterion: &ReadCriterion, fact: &Fact, text: &str) -> Certainty {
    let is_barred_course =
        fact.polarity == Polarity::Exclude && matches!(fact.value, Value::MsCourse { .. });
    if is_barred_course && !criterion.is_fully_read(text) {
        Certainty::Approximate
    } else {
        fact.certainty
    }
}

/// Tells one fact in a sentence; `exact` where it may be told firmly.
pub(super) fn sentence(fact: &Fact, exact: bool, quote: &str) -> String {
    let certainty = if exact {
        Certainty::Exact
    } else {
        Certainty::Approximate
    };
    said(&fact.value, fact.polarity, quote, PlainWords::embedded()).sentence(None, certainty)
}

/// Names courses of MS ("progressive MS or secondary progressive MS").
pub(super) fn courses(courses: &[&str]) -> String {
    ms::course(courses, None, PlainWords::embedded())
}

/// One fact in plain words.
fn said(value: &Value, polarity: Polarity, quote: &str, words: &PlainWords) -> Said {
    ms::said(value, polarity, quote, words)
        .or_else(|| treatment::said(value, polarity, quote, words))
        .or_else(|| measures::said(value, polarity, quote, words))
        .unwrap_or_else(|| health::said(value, polarity, quote, words))
}

/// Age and sex as the record's own fields give them.
fn registered(one: &Classified) -> Vec<Sentence> {
    let eligibility = &one.study.eligibility;
    let years = |age: Option<crate::study::Age>| age.map(|age| age.years());
    let age = ms::bounds(
        "years old",
        years(eligibility.min_age),
        years(eligibility.max_age),
    );
    let age = age.map(|age| {
        let said = Said::need(Topic::Age, format!("be {age}"));
        (Topic::Age, said.sentence(None, Certainty::Exact), "AGE")
    });
    let sex = eligibility.sex.as_ref().map(|sex| {
        let words = match sex.as_str() {
            "ALL" => "The study takes women and men.".to_owned(),
            one => format!("People must be {}.", text::one_line(one).to_lowercase()),
        };
        (Topic::Sex, words, "SEX")
    });
    let found = [age, sex].into_iter().flatten();
    found
        .map(|(topic, words, source)| Sentence {
            topic,
            for_ms: true,
            key: words.clone(),
            told: Told {
                words,
                sources: vec![source.to_owned()],
            },
            certainty: Certainty::Exact,
        })
        .collect()
}

/// Puts repeats together with all their lines; the firm one of two stays.
fn merged(sentences: Vec<Sentence>) -> Vec<Sentence> {
    let mut out: Vec<Sentence> = Vec::new();
    for one in sentences {
        let Some(same) = out.iter_mut().find(|other| other.key == one.key) else {
            out.push(one);
            continue;
        };
        for source in one.told.sources {
            if !same.told.sources.contains(&source) {
                same.told.sources.push(source);
            }
        }
        if one.certainty < same.certainty {
            same.told.words = one.told.words;
            same.certainty = one.certainty;
        }
    }
    out.sort_by_key(|one| one.topic);
    out
}

fn grouped(sentences: Vec<Sentence>) -> Vec<(&'static str, Vec<Told>)> {
    let mut groups: Vec<(&'static str, Vec<Told>)> = Vec::new();
    for one in sentences {
        let heading = one.topic.heading().unwrap_or("Other");
        match groups.last_mut() {
            Some((last, told)) if *last == heading => told.push(one.told),
            _ => groups.push((heading, vec![one.told])),
        }
    }
    groups
}

/// Core points that no sentence tells: unknown, which is not "no".
fn not_told(who: &[Sentence]) -> Vec<&'static str> {
    let points = [
        ("age", Topic::Age),
        ("type of MS", Topic::Course),
        ("EDSS score", Topic::Edss),
        ("attacks, new spots or worsening", Topic::Activity),
        ("treatments that failed before", Topic::Failed),
    ];
    let is_told = |topic| who.iter().any(|one| one.for_ms && one.topic == topic);
    let missing = points.into_iter().filter(|(_, topic)| !is_told(*topic));
    missing.map(|(name, _)| name).collect()
}

#[cfg(test)]
mod tests;
