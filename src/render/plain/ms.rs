//! Age, sex, and MS itself: type, limits, time, attacks, spots, worsening.

use super::said::{Said, Topic, any_of};
use super::time::{Unit, Window, number, span};
use crate::criteria::{Polarity, Value, is_strictly_above, is_strictly_below};
use crate::terminology::PlainWords;

/// Returns the rule in plain words; `None` for a fact of another family.
pub(super) fn said(
    value: &Value,
    polarity: Polarity,
    quote: &str,
    words: &PlainWords,
) -> Option<Said> {
    let (topic, need, who) = match value {
        Value::Age { min, max } => {
            let years = bounds("years old", *min, *max).unwrap_or_else(|| "of a set age".into());
            (
                Topic::Age,
                format!("be {years}"),
                format!("who are {years}"),
            )
        }
        Value::Sex(sex) => {
            let sex = sex.to_lowercase();
            (Topic::Sex, format!("be {sex}"), format!("who are {sex}"))
        }
        Value::MsCourse { any_of, activity } => {
            have(Topic::Course, &course(any_of, *activity, words))
        }
        Value::Edss { min, max } => edss(*min, *max),
        Value::DiseaseDuration {
            min_years,
            max_years,
        } => {
            let years = duration(*min_years, *max_years, quote);
            have_had(Topic::Duration, &format!("the illness for {years}"))
        }
        _ => activity(value, polarity, quote, words)?,
    };
    Some(match polarity {
        Polarity::Require => Said::need(topic, need),
        Polarity::Exclude => Said::bar(Topic::Ms, who),
    })
}

/// Topic, infinitive, relative clause.
type Words = (Topic, String, String);

fn have(topic: Topic, what: &str) -> Words {
    (topic, format!("have {what}"), format!("who have {what}"))
}

fn have_had(topic: Topic, what: &str) -> Words {
    have(topic, &format!("had {what}"))
}

/// Returns `1 year or more and less than 15 years`: a bound that leaves itself out says so.
fn duration(min: Option<f64>, max: Option<f64>, quote: &str) -> String {
    let years = |years: f64| span(years, Unit::Years, quote);
    let (above, below) = (is_strictly_above(quote), is_strictly_below(quote));
    let least = |min: f64| {
        if above {
            format!("more than {}", years(min))
        } else {
            format!("{} or more", years(min))
        }
    };
    let most = |max: f64| {
        if below {
            format!("less than {}", years(max))
        } else {
            format!("{} or less", years(max))
        }
    };
    match (min, max) {
        (Some(min), Some(max)) if !above && !below => format!("{} to {}", years(min), years(max)),
        (Some(min), Some(max)) => format!("{} and {}", least(min), most(max)),
        (Some(min), None) => least(min),
        (None, Some(max)) => most(max),
        (None, None) => "a set time".to_owned(),
    }
}

fn edss(min: Option<f64>, max: Option<f64>) -> Words {
    let score = match (min, max) {
        (Some(min), Some(max)) => format!("from {} to {}", number(min), number(max)),
        (Some(min), None) => format!("of {} or more", number(min)),
        (None, Some(max)) => format!("of {} or less", number(max)),
        (None, None) => "that the text sets".to_owned(),
    };
    have(Topic::Edss, &format!("an EDSS score {score}"))
}

/// Returns `18 to 60 years old`; `None` without a bound.
pub(super) fn bounds(unit: &str, min: Option<f64>, max: Option<f64>) -> Option<String> {
    Some(match (min, max) {
        (Some(min), Some(max)) => format!("{} to {} {unit}", number(min), number(max)),
        (Some(min), None) => format!("at least {} {unit}", number(min)),
        (None, Some(max)) => format!("at most {} {unit}", number(max)),
        (None, None) => return None,
    })
}

pub(super) fn course(courses: &[&str], activity: Option<&str>, words: &PlainWords) -> String {
    let names: Vec<String> = courses.iter().map(|one| words.of("course", one)).collect();
    let names = if names.is_empty() {
        "a type of MS that the text names".to_owned()
    } else {
        any_of(&names)
    };
    match activity {
        Some("not_active") => format!("{names} that is not active"),
        Some(_) => format!("{names} that is active"),
        None => names,
    }
}

fn activity(value: &Value, polarity: Polarity, quote: &str, words: &PlainWords) -> Option<Words> {
    Some(match value {
        Value::Relapse {
            min_count,
            window_months,
        } => {
            let window = Window::of(*window_months, Unit::Months).words(quote);
            // As a bar without a number, any relapse counts.
            let count = match (min_count, polarity) {
                (None | Some(0 | 1), Polarity::Exclude) => "a relapse".to_owned(),
                (None | Some(0 | 1), Polarity::Require) => "at least 1 relapse".to_owned(),
                (Some(count), _) => format!("at least {count} relapses"),
            };
            if matches!(window_months, Some(0.0)) {
                have(Topic::Activity, "a relapse now")
            } else {
                have_had(Topic::Activity, &format!("{count}{window}"))
            }
        }
        Value::MriActivity {
            lesion,
            window_months,
        } => {
            let window = Window::of(*window_months, Unit::Months).words(quote);
            let what = words.of("lesion", lesion);
            if matches!(window_months, Some(months) if *months > 0.0) {
                have_had(Topic::Activity, &format!("{what}{window}"))
            } else {
                have(Topic::Activity, &format!("{what}{window}"))
            }
        }
        Value::Progression { window_months } => {
            let window = Window::of(*window_months, Unit::Months).words(quote);
            have_had(Topic::Activity, &format!("MS that got worse{window}"))
        }
        Value::Csf {
            oligoclonal_bands,
            igg_index,
        } => {
            let signs = [
                (*oligoclonal_bands, "OCB"),
                (*igg_index, "a high IgG index"),
            ];
            let named: Vec<&str> = (signs.iter())
                .filter(|(named, _)| *named == Some(true))
                .map(|(_, sign)| *sign)
                .collect();
            let what = if named.is_empty() {
                "signs of MS".to_owned()
            } else {
                any_of(&named)
            };
            have(Topic::Asked, &format!("{what} in the spinal fluid"))
        }
        _ => return None,
    })
}
