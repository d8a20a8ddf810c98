//! What joining involves, in plain words.

use super::Told;
use super::said::any_of;
use super::time::{Unit, counted, span};
use crate::burden::{self, Burden, BurdenValue};
use crate::classify::Classified;
use crate::terminology::PlainWords;
use crate::text;

/// What joining involves.
pub(super) struct Joining {
    pub(super) told: Vec<Told>,
    /// Some treatment must be stopped first.
    pub(super) washout: bool,
}

/// Tells what joining involves, each with the field and the words it was read from.
pub(super) fn told(one: &Classified, words: &PlainWords) -> Joining {
    let burdens = burden::read(one);
    let mut told: Vec<Told> = Vec::new();
    let drugs: Vec<&Burden> = of_kind(&burdens, "lymphodepletion");
    for burden in &burdens {
        let sentence = match burden.kind {
            // One sentence for all drugs, at the place of the first.
            "lymphodepletion" if drugs.first() != Some(&burden) => continue,
            "lymphodepletion" => chemotherapy(&drugs, words),
            // Women and men differ; the rules on pregnancy tell both.
            "contraception_months" if longest(&burdens) != Some(burden) => continue,
            _ => sentence(burden),
        };
        let one = Told {
            words: sentence,
            sources: vec![source(burden)],
        };
        if !told.iter().any(|other| other.words == one.words) {
            told.push(one);
        }
    }
    Joining {
        told,
        washout: !of_kind(&burdens, "washout").is_empty(),
    }
}

fn of_kind<'a>(burdens: &'a [Burden], kind: &str) -> Vec<&'a Burden> {
    burdens.iter().filter(|one| one.kind == kind).collect()
}

/// The longest time of birth control.
fn longest(burdens: &[Burden]) -> Option<&Burden> {
    let months = |one: &Burden| match one.value {
        BurdenValue::Number(months) => months,
        BurdenValue::Named | BurdenValue::Regimen(_) => 0.0,
    };
    of_kind(burdens, "contraception_months")
        .into_iter()
        .reduce(|a, b| if months(b) > months(a) { b } else { a })
}

/// The part of the record, and the words.
fn source(burden: &Burden) -> String {
    let field = match burden.field.rsplit('.').next() {
        Some("briefSummary") => "summary",
        Some("detailedDescription") => "long description",
        Some("eligibilityCriteria") => "rules",
        Some("timeFrame") => "time frame of a result",
        _ => "treatment",
    };
    format!(
        "{field}: “{}”",
        text::shorten(&text::one_line(&burden.quote), 80)
    )
}

fn chemotherapy(drugs: &[&Burden], words: &PlainWords) -> String {
    let names: Vec<String> = (drugs.iter())
        .filter_map(|one| match &one.value {
            BurdenValue::Regimen(regimen) => Some(with_plain_name(regimen, words)),
            _ => None,
        })
        .collect();
    let names = match names.as_slice() {
        [front @ .., last] if !front.is_empty() => format!("{} and {last}", front.join(", ")),
        names => any_of(names),
    };
    format!("Before the new cells comes chemotherapy to make room for them: {names}.")
}

fn with_plain_name(regimen: &str, words: &PlainWords) -> String {
    match regimen.split_once(' ') {
        Some((drug, dose)) => format!("{} {dose}", words.treatment(drug)),
        None => words.treatment(regimen),
    }
}

fn sentence(burden: &Burden) -> String {
    let amount = match burden.value {
        BurdenValue::Number(amount) => Some(amount),
        BurdenValue::Named | BurdenValue::Regimen(_) => None,
    };
    let time = |unit| amount.map_or("a time".to_owned(), |one| span(one, unit, &burden.quote));
    match burden.kind {
        "leukapheresis" => {
            "A machine takes white blood cells from the blood (leukapheresis).".to_owned()
        }
        "inpatient_days" => format!("People stay in the hospital for {}.", time(Unit::Days)),
        "stay_near_site_days" => {
            format!(
                "People stay close to the study site for {}.",
                time(Unit::Days)
            )
        }
        "visits" => match amount {
            Some(count) => format!("The record names {}.", counted(count, "visit")),
            None => "There are visits to the study site.".to_owned(),
        },
        "follow_up_months" => {
            let months = amount.unwrap_or_default();
            let time = if months >= 24.0 && months % 12.0 == 0.0 {
                span(months / 12.0, Unit::Years, &burden.quote)
            } else {
                time(Unit::Months)
            };
            format!("The study team follows people up for as long as {time}.")
        }
        "lumbar_puncture" => "The record names a lumbar puncture (spinal tap).".to_owned(),
        "biopsy" => "The record names a biopsy.".to_owned(),
        "washout" => "Some drugs may have to be stopped first (washout).".to_owned(),
        "contraception_months" => {
            format!(
                "Birth control goes on for up to {} after treatment.",
                time(Unit::Months)
            )
        }
        other => format!("The record names this: {}.", other.replace('_', " ")),
    }
}
