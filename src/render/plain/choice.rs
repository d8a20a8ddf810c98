//! Alternatives: rules of which one is enough must not read as if all were asked for.

use super::said::{Rule, Said, Topic, for_cohort};
use super::{Item, Sentence, Told};
use crate::classify::Classified;
use crate::criteria::{Certainty, Criterion, Fact, Polarity, ReadCriterion};

/// Words by which a line opens a choice.
const CHOICE: [&str; 7] = [
    "one of",
    "any of",
    "either",
    "at least one",
    "one or more",
    " or ",
    "/or",
];

/// Returns the choice that a fact belongs to, if it does: the criterion that offers it, and
/// whether its own words are the choices or the lines below it.
///
/// Facts of one criterion, or of the lines under one, are a choice where they
/// are asked for, hold only in part, and the words offer a choice.
pub(super) fn of<'a>(
    one: &'a Classified,
    read: &'a ReadCriterion,
    fact: &Fact,
    text: &str,
) -> Option<(&'a str, bool)> {
    if fact.polarity != Polarity::Require || fact.certainty != Certainty::Approximate {
        return None;
    }
    let offers = |criterion: &Criterion, words: &[&str]| {
        let body = criterion.body(text).to_lowercase();
        words.iter().any(|word| body.contains(word))
    };
    let parent = read.criterion.parent.as_deref().and_then(|parent| {
        let mut all = one.criteria.criteria.iter();
        all.find(|other| other.criterion.id == parent)
    });
    match parent {
        // "or" alone in a heading joins its own words, not the lines below.
        Some(parent) if offers(&parent.criterion, &CHOICE[..5]) => {
            Some((parent.criterion.id.as_str(), true))
        }
        _ if offers(&read.criterion, &CHOICE) => Some((read.criterion.id.as_str(), false)),
        _ => None,
    }
}

/// Makes sentences; rules that are choices of each other make one.
pub(super) fn sentences(items: Vec<Item<'_>>) -> Vec<Sentence> {
    let mut out: Vec<Sentence> = Vec::new();
    let mut rest = items.into_iter().peekable();
    while let Some(first) = rest.next() {
        let mut choices = vec![first];
        while let Some(next) = rest.next_if(|next| is_other_choice(&choices[0], next)) {
            choices.push(next);
        }
        out.push(sentence(&choices));
    }
    out
}

fn is_other_choice(first: &Item<'_>, next: &Item<'_>) -> bool {
    // A treatment that failed and the attacks that show it are both asked for; which type of MS
    // it is, too. So only rules about the same thing are choices of each other.
    first.choice.is_some()
        && first.said.topic == next.said.topic
        && first.choice == next.choice
        && first.cohort == next.cohort
        && first.said.subject == next.said.subject
        && may_be_choice(&first.said)
}

/// What is about limits, time, activity or treatment may be left to choice. The other topics,
/// such as age and what people must be able to do, never are.
fn may_be_choice(said: &Said) -> bool {
    let is_open = matches!(
        said.topic,
        Topic::Edss | Topic::Duration | Topic::Activity | Topic::Failed | Topic::Asked
    );
    is_open && matches!(said.rule, Rule::Need(_))
}

fn sentence(choices: &[Item<'_>]) -> Sentence {
    let first = &choices[0];
    let cohort = first.cohort.as_deref();
    let mut needs: Vec<&str> = Vec::new();
    let mut sources: Vec<String> = Vec::new();
    for one in choices {
        if let Rule::Need(need) = &one.said.rule
            && !needs.contains(&need.as_str())
        {
            needs.push(need);
        }
        if !sources.contains(&one.source) {
            sources.push(one.source.clone());
        }
    }
    let (words, key) = match needs.as_slice() {
        [_, _, ..] => {
            let joined = needs.join(", or to ");
            let words = format!("{} may need to {joined} (ask).", first.said.subject);
            let words = for_cohort(&words, cohort);
            (words.clone(), words)
        }
        _ => (
            first.said.sentence(cohort, first.certainty),
            first.said.sentence(cohort, Certainty::Exact),
        ),
    };
    Sentence {
        topic: first.said.topic,
        for_ms: first.for_ms,
        told: Told { words, sources },
        certainty: first.certainty,
        key,
    }
}
