//! Infections, cancer, pregnancy, other illness, and what people must be able to do.

use super::measures::{had, had_one};
use super::said::{Said, Topic, any_of};
use super::time::{Unit, Window, span};
use crate::criteria::{Polarity, Value};
use crate::terminology::PlainWords;

/// Returns the rule in plain words. What no other family told is told here.
pub(super) fn said(value: &Value, polarity: Polarity, quote: &str, words: &PlainWords) -> Said {
    match value {
        Value::Contraception { months, sex } => birth_control(*months, *sex, polarity, quote),
        Value::Plain(kind) => plain(kind, polarity, words),
        Value::Vaccination { live, window_days } => vaccine(*live, *window_days, polarity, quote),
        _ => {
            let (topic, what) = illness(value, quote, words);
            match polarity {
                Polarity::Require => Said::need(Topic::Asked, what),
                Polarity::Exclude => Said::bar(topic, format!("who {what}")),
            }
        }
    }
}

/// What a person has or had.
fn illness(value: &Value, quote: &str, words: &PlainWords) -> (Topic, String) {
    let listed = |kind: &str, keys: &[&str]| {
        let names: Vec<String> = keys.iter().map(|key| words.of(kind, key)).collect();
        if names.is_empty() {
            format!("an {kind} that the text names")
        } else {
            any_of(&names)
        }
    };
    match value {
        Value::Infection(agents) if agents.as_slice() == ["any_active"] => {
            (Topic::Infections, "have an active infection".to_owned())
        }
        Value::Infection(agents) => {
            let names = listed("infection", agents);
            (
                Topic::Infections,
                format!("have, or test positive for, {names}"),
            )
        }
        Value::Antibody(agents) => (Topic::Other, format!("have {}", listed("antibody", agents))),
        Value::Malignancy { window_years } => {
            let window = Window::of(*window_years, Unit::Years);
            (Topic::Cancer, had("cancer", window, quote))
        }
        Value::Windowed(kind, months) => {
            let topic = match *kind {
                "pml" | "immunodeficiency" => Topic::Infections,
                "anticoagulation" => Topic::Treatments,
                _ => Topic::Other,
            };
            let window = Window::of(*months, Unit::Months);
            let told = had_one("condition", kind, window, quote, words);
            (topic, told)
        }
        other => {
            let kind = other.kind().replace('_', " ");
            (
                Topic::Other,
                format!("have what the text says about {kind}"),
            )
        }
    }
}

fn plain(kind: &str, polarity: Polarity, words: &PlainWords) -> Said {
    let is_pregnancy = matches!(kind, "pregnancy" | "breastfeeding");
    match (is_pregnancy, polarity) {
        (true, Polarity::Exclude) => {
            Said::bar(Topic::Pregnancy, format!("who {}", words.of("am", kind)))
        }
        (true, Polarity::Require) => Said::need(
            Topic::Asked,
            match kind {
                "pregnancy" => "be pregnant".to_owned(),
                _ => words.of("am", kind),
            },
        ),
        (false, Polarity::Require) if kind == "consent" => {
            Said::need(Topic::Able, words.of("able", kind))
        }
        (false, Polarity::Require) => Said::need(
            Topic::Able,
            format!("be able to {}", words.of("able", kind)),
        ),
        // These always mean that it must be possible.
        (false, Polarity::Exclude) => Said::bar(
            Topic::Other,
            format!("who cannot {}", words.of("able", kind)),
        ),
    }
}

fn birth_control(months: Option<f64>, sex: Option<&str>, polarity: Polarity, quote: &str) -> Said {
    let time = months.map_or(String::new(), |months| {
        format!(" for {} after treatment", span(months, Unit::Months, quote))
    });
    let mut said = match polarity {
        Polarity::Require => Said::need(Topic::Pregnancy, format!("use birth control{time}")),
        Polarity::Exclude => Said::bar(Topic::Pregnancy, format!("who use birth control{time}")),
    };
    // Most texts mean only those who can have a child; some say so.
    let quote = quote.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| quote.contains(word));
    said.subject = match sex {
        Some("FEMALE") if says(&["childbear", "child-bear", "fertile", "reproductive"]) => {
            "women who can get pregnant"
        }
        Some("FEMALE") => "women",
        Some("MALE") if says(&["fertile", "steril", "reproductive"]) => {
            "men who can father a child"
        }
        Some("MALE") => "men",
        _ => "people",
    };
    said
}

fn vaccine(live: bool, days: Option<f64>, polarity: Polarity, quote: &str) -> Said {
    let window = Window::of(days, Unit::Days).words(quote);
    match (polarity, live) {
        (Polarity::Require, false) => Said::need(
            Topic::Asked,
            format!("have had the vaccines that the text names{window}"),
        ),
        (Polarity::Require, true) => {
            Said::need(Topic::Asked, format!("have had a live vaccine{window}"))
        }
        (Polarity::Exclude, live) => {
            let what = if live { "a live vaccine" } else { "a vaccine" };
            let who = match days {
                Some(days) if days > 0.0 => format!("who have had {what}{window}"),
                // Without a time, often a plan is meant.
                _ => format!("who get {what}"),
            };
            Said::bar(Topic::Infections, who)
        }
    }
}
