//! Treatment before and now: what failed, what was taken, cells, transplants.

use super::said::{Said, Topic, any_of};
use super::time::{Unit, Window, span};
use crate::criteria::{Polarity, Value};
use crate::terminology::PlainWords;

/// Returns the rule in plain words; `None` for a fact of another family.
pub(super) fn said(
    value: &Value,
    polarity: Polarity,
    quote: &str,
    words: &PlainWords,
) -> Option<Said> {
    let what = match value {
        Value::TreatmentFailure { min_count, classes } => {
            format!(
                "had their illness stay active or get worse in spite of {}",
                failed(*min_count, classes, words)
            )
        }
        Value::PriorTreatment {
            treatments,
            window_days,
        } => {
            let names = names(treatments, words);
            taken(&names, *window_days, polarity, quote)
        }
        Value::CellOrGeneTherapy { window_days } => {
            let window = Window::of(*window_days, Unit::Days).words(quote);
            format!("had cell therapy or gene therapy{window}")
        }
        Value::Transplant(types) => {
            let names: Vec<String> = types
                .iter()
                .map(|one| words.of("transplant", one))
                .collect();
            let names = if names.is_empty() {
                "a transplant".to_owned()
            } else {
                any_of(&names)
            };
            format!("had {names}")
        }
        _ => return None,
    };
    let topic = match (polarity, value) {
        (Polarity::Exclude, _) => Topic::Treatments,
        (Polarity::Require, Value::TreatmentFailure { .. }) => Topic::Failed,
        (Polarity::Require, _) => Topic::Asked,
    };
    Some(match polarity {
        Polarity::Require => Said::need(topic, format!("have {what}")),
        Polarity::Exclude => Said::bar(topic, format!("who have {what}")),
    })
}

fn names(keys: &[String], words: &PlainWords) -> Vec<String> {
    let mut names: Vec<String> = keys.iter().map(|one| words.treatment(one)).collect();
    let mut seen = Vec::new();
    names.retain(|name| {
        let is_new = !seen.contains(name);
        seen.push(name.clone());
        is_new
    });
    names
}

/// What did not help: `at least 2 of these: …`.
fn failed(min_count: u32, classes: &[String], words: &PlainWords) -> String {
    let names = names(classes, words);
    let is_any = classes.is_empty() || classes.iter().any(|one| one == "any");
    match (names.as_slice(), min_count) {
        (_, 0 | 1) if is_any => "treatment".to_owned(),
        (_, count) if is_any => format!("at least {count} treatments"),
        (names, 0 | 1) => any_of(names),
        ([one], count) => format!("at least {count} treatments of this kind: {one}"),
        (names, count) => format!("at least {count} of these: {}", any_of(names)),
    }
}

fn taken(names: &[String], days: Option<f64>, polarity: Polarity, quote: &str) -> String {
    let names = if names.is_empty() {
        "a treatment that the text names".to_owned()
    } else {
        any_of(names)
    };
    match (polarity, days) {
        // A length of use that is asked for stands in the same value as a window:
        // which of the two it is, the text tells.
        (Polarity::Require, Some(days)) if days > 0.0 => format!(
            "been treated with {names} (time named in the text: {})",
            span(days, Unit::Days, quote)
        ),
        (_, Some(days)) if days <= 0.0 => format!("treatment with {names} now"),
        _ => format!(
            "been treated with {names}{}",
            Window::of(days, Unit::Days).words(quote)
        ),
    }
}
