//! Blood values and the heart. What must be reached is told as what bars, so
//! that all such rules read alike.

use super::said::{Said, Topic};
use super::time::{Unit, Window, number};
use crate::criteria::{Polarity, Value, bars_up_to, is_strictly_above};
use crate::terminology::PlainWords;

/// Returns the rule in plain words; `None` for a fact of another family.
pub(super) fn said(
    value: &Value,
    polarity: Polarity,
    quote: &str,
    words: &PlainWords,
) -> Option<Said> {
    match value {
        Value::Lab {
            analyte,
            op,
            value,
            unit,
        } => {
            let op = match polarity {
                Polarity::Exclude => op,
                Polarity::Require => opposite(op),
            };
            let name = words.of("lab", analyte);
            let bound = bound(op, &amount(*value, *unit, words));
            Some(Said::bar(Topic::Blood, format!("whose {name} is {bound}")))
        }
        Value::Cardiac {
            lvef_min,
            nyha_min,
            event,
            window_months,
        } => {
            let window = Window::of(*window_months, Unit::Months);
            Some(heart(
                *lvef_min,
                *nyha_min,
                *event,
                (window, quote),
                polarity,
                words,
            ))
        }
        _ => None,
    }
}

/// What bars where this must hold.
fn opposite(op: &str) -> &'static str {
    match op {
        ">" => "<=",
        ">=" => "<",
        "<" => ">=",
        _ => ">",
    }
}

fn bound(op: &str, amount: &str) -> String {
    match op {
        "<" => format!("below {amount}"),
        "<=" => format!("{amount} or less"),
        ">=" => format!("{amount} or more"),
        _ => format!("above {amount}"),
    }
}

/// Returns `100,000 per microliter`, `3 times the upper end of normal`.
fn amount(value: f64, unit: Option<&str>, words: &PlainWords) -> String {
    let is_one = (value - 1.0).abs() < f64::EPSILON;
    match unit {
        Some("xULN") if is_one => "the upper end of normal".to_owned(),
        Some("xLLN") if is_one => "the lower end of normal".to_owned(),
        Some("%") => format!("{}%", number(value)),
        Some(unit) => format!("{} {}", number(value), words.of("unit", unit)),
        None => number(value),
    }
}

fn heart(
    lvef_min: Option<f64>,
    nyha_min: Option<u32>,
    event: Option<&str>,
    (window, quote): (Window, &str),
    polarity: Polarity,
    words: &PlainWords,
) -> Said {
    if let Some(percent) = lvef_min {
        let percent = number(percent);
        // "More than 50%" bars 50% itself, and so does an exclusion of "50% or less".
        let is_strict = is_strictly_above(quote) || bars_up_to(quote);
        let what = match (polarity, is_strict) {
            (Polarity::Require, false) => {
                format!("whose heart pumps too weakly (LVEF below {percent}%)")
            }
            (Polarity::Require, true) => {
                format!("whose heart pumps too weakly (LVEF of {percent}% or less)")
            }
            (Polarity::Exclude, false) => {
                format!("whose heart pump value (LVEF) is {percent}% or more")
            }
            (Polarity::Exclude, true) => {
                format!("whose heart pump value (LVEF) is more than {percent}%")
            }
        };
        return Said::bar(Topic::Heart, what);
    }
    let what = match (nyha_min, event) {
        (Some(class), _) => had(
            &format!("heart failure of NYHA class {class} or worse"),
            window,
            quote,
        ),
        (None, Some(event)) => had_one("heart", event, window, quote, words),
        (None, None) => had("heart disease", window, quote),
    };
    match polarity {
        Polarity::Require => Said::need(Topic::Asked, what),
        Polarity::Exclude => Said::bar(Topic::Heart, format!("who {what}")),
    }
}

/// Words that make a rule look back, however long.
const BEFORE: [&str; 6] = ["histor", "prior", "previous", "ever", "past", "any time"];

/// Returns what a person has, or had where the text looks back: `have or have had …`,
/// `have … now`, `have had … in the last 6 months`.
pub(super) fn had(what: &str, window: Window, quote: &str) -> String {
    let quote_lower = quote.to_lowercase();
    match window {
        Window::Open if BEFORE.iter().any(|word| quote_lower.contains(word)) => {
            format!("have or have had {what}")
        }
        Window::Open => format!("have {what}"),
        Window::Now => format!("have {what} now"),
        Window::Last(..) => format!("have had {what}{}", window.words(quote)),
    }
}

/// The same for a key of the data: what happens once, a person has had.
pub(super) fn had_one(
    kind: &str,
    key: &str,
    window: Window,
    quote: &str,
    words: &PlainWords,
) -> String {
    match (words.event(key), window) {
        (Some(event), Window::Now) => format!("have {event} now"),
        (Some(event), _) => format!("have had {event}{}", window.words(quote)),
        (None, _) => had(&words.of(kind, key), window, quote),
    }
}
