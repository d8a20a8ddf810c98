//! One rule in plain words, before it becomes a sentence.

use crate::criteria::Certainty;

/// What a rule is about: the order in which rules are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Topic {
    /// Age.
    Age,
    /// Sex.
    Sex,
    /// Type of MS.
    Course,
    /// Limits from MS.
    Edss,
    /// Time since MS began.
    Duration,
    /// Attacks, spots, worsening.
    Activity,
    /// Treatment that did not help.
    Failed,
    /// Treatment and tests that are asked for.
    Asked,
    /// What people must be able to do.
    Able,
    /// MS itself, as a bar.
    Ms,
    /// Earlier treatments.
    Treatments,
    /// Infections and vaccines.
    Infections,
    /// Blood values.
    Blood,
    /// Heart.
    Heart,
    /// Cancer.
    Cancer,
    /// Pregnancy and birth control.
    Pregnancy,
    /// What is left.
    Other,
}

impl Topic {
    /// Returns the heading of a group of bars; `None` for what people must have.
    pub fn heading(self) -> Option<&'static str> {
        Some(match self {
            Self::Ms => "MS and age",
            Self::Treatments => "Earlier treatments",
            Self::Infections => "Infections and vaccines",
            Self::Blood => "Blood values",
            Self::Heart => "Heart",
            Self::Cancer => "Cancer",
            Self::Pregnancy => "Pregnancy and birth control",
            Self::Other => "Other",
            _ => return None,
        })
    }
}

/// A rule in plain words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) topic: Topic,
    /// `people`, `women` or `men`.
    pub(super) subject: &'static str,
    pub(super) rule: Rule,
}

/// What a rule demands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Rule {
    /// What must be: an infinitive (`have had 2 relapses`).
    Need(String),
    /// What bars: a relative clause (`who have had a stroke`).
    Bar(String),
}

impl Said {
    pub(super) fn need(topic: Topic, words: String) -> Self {
        Self {
            topic,
            subject: "people",
            rule: Rule::Need(words),
        }
    }

    pub(super) fn bar(topic: Topic, words: String) -> Self {
        Self {
            topic,
            subject: "people",
            rule: Rule::Bar(words),
        }
    }

    /// Builds the sentence. What is only partly told is no firm rule and says so.
    pub(super) fn sentence(&self, cohort: Option<&str>, certainty: Certainty) -> String {
        let subject = self.subject;
        let words = match (&self.rule, certainty) {
            (Rule::Need(need), Certainty::Exact) => format!("{subject} must {need}."),
            (Rule::Need(need), Certainty::Approximate) => {
                format!("{subject} may need to {need} (ask).")
            }
            (Rule::Bar(who), Certainty::Exact) => format!("{subject} {who} cannot join."),
            (Rule::Bar(who), Certainty::Approximate) => {
                format!("{subject} {who} may not be able to join (ask).")
            }
        };
        for_cohort(&words, cohort)
    }
}

/// Puts the group in front that a sentence is limited to, or a capital at its start.
pub(super) fn for_cohort(words: &str, cohort: Option<&str>) -> String {
    if let Some(cohort) = cohort {
        return format!("Only for the group “{cohort}”: {words}");
    }
    let mut letters = words.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).collect()
}

/// Joins words: `a`, `a or b`, `a, b or c`.
pub(super) fn any_of<T: AsRef<str>>(words: &[T]) -> String {
    match words {
        [] => String::new(),
        [one] => one.as_ref().to_owned(),
        [front @ .., last] => {
            let front: Vec<&str> = front.iter().map(AsRef::as_ref).collect();
            format!("{} or {}", front.join(", "), last.as_ref())
        }
    }
}
