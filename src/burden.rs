//! What joining involves: cell collection, chemotherapy, days in hospital,
//! visits, follow-up. Each with the field and the words it was read from;
//! what is not stated is not listed.

use std::ops::Range;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use crate::classify::Classified;
use crate::criteria::{Value, compile};
use crate::study::Study;

/// One thing that joining involves (contract: burden).
#[derive(Debug, Clone, PartialEq)]
pub struct Burden {
    /// `leukapheresis`, `lymphodepletion`, `inpatient_days` …
    pub kind: &'static str,
    /// A number, a regimen, or nothing where only the thing is named.
    pub value: BurdenValue,
    /// Unit of a number.
    pub unit: Option<&'static str>,
    /// Path of the field in the registry record, without list positions.
    pub field: &'static str,
    /// The words, verbatim.
    pub quote: String,
}

/// Value of a [`Burden`].
#[derive(Debug, Clone, PartialEq)]
pub enum BurdenValue {
    /// Only the thing is named.
    Named,
    /// An amount.
    Number(f64),
    /// A drug with its dose, if stated.
    Regimen(String),
}

const SUMMARY: &str = "protocolSection.descriptionModule.briefSummary";
const DESCRIPTION: &str = "protocolSection.descriptionModule.detailedDescription";
const NAME: &str = "protocolSection.armsInterventionsModule.interventions.name";
const INTERVENTION: &str = "protocolSection.armsInterventionsModule.interventions.description";
const ARM: &str = "protocolSection.armsInterventionsModule.armGroups.description";
const CRITERIA: &str = "protocolSection.eligibilityModule.eligibilityCriteria";

/// A pattern of ours, in the manner of those for criteria, compiled when it is first needed.
macro_rules! pattern {
    ($name:ident = $pattern:literal) => {
        static $name: LazyLock<Option<Regex>> = LazyLock::new(|| compile($pattern));
    };
}

pattern!(APHERESIS = r"[^.;\n*]*(?P<what>leuk[ao]?pheresis|leukocytapheresis|apheresis)[^.;\n*]*");
pattern!(
    INPATIENT = r"(?P<a>\d{1,3})[- ]days?[- ](?:inpatient|hospital)[^.,;\n]{0,30}|hospitali[sz](?:ed|ation)[^.;\n]{0,40}?(?P<b>\d{1,3})\s*(?P<unit>days?|weeks?)|(?P<c>\d{1,3})\s*days?\s+(?:in (?:the )?hospital|as an? inpatient)"
);
pattern!(
    NEAR_SITE = r"(?:stay|remain|resid|live|lodg)\w*[^.;\n]{0,40}(?:near|close|within|proximity)[^.;\n]{0,80}?(?P<a>\d{1,3})\s*(?P<unit>days?|weeks?|months?)"
);
pattern!(VISITS = r"(?:attend\s+)?(?P<a>\d{1,3})\s+(?:\w+\s+){0,2}visits");
pattern!(
    FOLLOW_UP = r"(?:follow[- ]?up|followed (?:for|after|up|over|until|during)|will be followed|over the course of|observed for)[^.;\n]{0,60}?(?P<a>\d{1,3})[- ]*(?P<unit>weeks?|months?|years?)"
);
pattern!(LUMBAR = r"lumbar puncture|spinal tap|cerebrospinal fluid (?:collection|sampl\w+)");
pattern!(BIOPSY = r"(?:\w+ )?(?P<what>biops(?:y|ies))");
pattern!(
    WASHOUT = r"[^.;\n]*(?:(?-u:\b)wash-?out|unable to (?:interrupt|stop|discontinue)|(?:be |must )(?:discontinued?|stopp?e?d?|interrupt\w*)[^.;\n]{0,40}(?:by|prior|before|time))[^.;\n]*"
);
pattern!(
    LYMPHODEPLETION =
        r"lymphodeplet|precondition|conditioning|chemotherapy|fludarabine|cyclophosphamide"
);
pattern!(FLUDARABINE = r"fludarabine|(?-u:\b)FLU(?-u:\b)");
pattern!(CYCLOPHOSPHAMIDE = r"cyclophosphamide|(?-u:\b)CYC?(?-u:\b)");
pattern!(BENDAMUSTINE = r"bendamustine");
pattern!(DOSE = r"^[^.;\n]{0,30}?(?P<dose>\d+(?:\.\d+)?)\s*mg\s*/\s*(?P<per>m\^?2|m²|kg)");
pattern!(TIME_FRAME = r"(?P<a>\d{1,3})\s*(?P<unit>weeks?|months?|years?)");
pattern!(
    MONTHS_AFTER =
        r"(?:until|for)[^.;\n]{0,40}?\d+\s*(?:days?|weeks?|months?|years?)[^.;,\n]{0,60}"
);

pattern!(
    DENIED_BEFORE = r"(?-u:\b)(?:no|not|without|never|neither|nor|avoid\w*|eliminat\w*|omit\w*|instead of|free of)(?-u:\b)(?:[^\w.;]+[\w-]+){0,5}[^\w.;]*$"
);
pattern!(COUNTED = r"(?:not|no) (?:only|more|less|fewer|later|longer than)(?-u:\b)");
pattern!(
    DENIED_BEHIND =
        r"^[^.;,]{0,30}?(?-u:\b)(?:is|are|was|were|will be)\s+(?:not|no longer|never)(?-u:\b)"
);

/// Says whether a sentence denies what stands at a place in it: "no leukapheresis is needed".
fn is_denied(text: &str, at: Range<usize>) -> bool {
    let ends = ['.', ';', '\n'];
    let start = text[..at.start].rfind(ends).map_or(0, |end| end + 1);
    let before = &text[start..at.start];
    let has = |pattern: &LazyLock<Option<Regex>>, words: &str| {
        pattern.as_ref().is_some_and(|one| one.is_match(words))
    };
    has(&DENIED_BEFORE, before) && !has(&COUNTED, before) || has(&DENIED_BEHIND, &text[at.end..])
}

/// A text of a study with its field.
type Source<'a> = (&'static str, &'a str);

/// Reads what joining involves.
pub fn read(one: &Classified) -> Vec<Burden> {
    let study = &one.study;
    let texts = texts(study);
    let mut found = Vec::new();
    found.extend(
        first(&texts, &APHERESIS).map(|(field, parts)| named("leukapheresis", field, &parts)),
    );
    if one.cell_therapy.class.is_some() {
        found.extend(lymphodepletion(study, &texts));
    }
    found.extend(amount("inpatient_days", "days", &texts, &INPATIENT));
    found.extend(amount("stay_near_site_days", "days", &texts, &NEAR_SITE));
    found.extend(amount("visits", "visits", &texts, &VISITS));
    found.extend(follow_up(study, &texts));
    found.extend(
        first(&texts, &LUMBAR).map(|(field, parts)| named("lumbar_puncture", field, &parts)),
    );
    found.extend(first(&texts, &BIOPSY).map(|(field, parts)| named("biopsy", field, &parts)));
    found.extend(from_criteria(one));
    found
}

/// The texts that tell what happens, in the order in which they are trusted.
fn texts(study: &Study) -> Vec<Source<'_>> {
    let mut texts: Vec<Source<'_>> = Vec::new();
    texts.extend(study.summary.as_deref().map(|text| (SUMMARY, text)));
    texts.extend(
        study
            .interventions
            .iter()
            .filter_map(|one| Some((INTERVENTION, one.description.as_deref()?))),
    );
    texts.extend(
        study
            .arms
            .iter()
            .filter_map(|one| Some((ARM, one.description.as_deref()?))),
    );
    texts.extend(study.description.as_deref().map(|text| (DESCRIPTION, text)));
    texts
}

fn first<'a>(
    texts: &[Source<'a>],
    pattern: &LazyLock<Option<Regex>>,
) -> Option<(&'static str, Captures<'a>)> {
    let pattern = pattern.as_ref()?;
    let told = |(field, text): &Source<'a>| {
        let parts = pattern.captures_iter(text).find(|parts| {
            let what = parts.name("what").or_else(|| parts.get(0));
            what.is_some_and(|what| !is_denied(text, what.range()))
        });
        Some((*field, parts?))
    };
    texts.iter().find_map(told)
}

fn quoted(parts: &Captures<'_>) -> String {
    parts
        .get(0)
        .map_or("", |all| all.as_str())
        .trim()
        .to_owned()
}

fn named(kind: &'static str, field: &'static str, parts: &Captures<'_>) -> Burden {
    Burden {
        kind,
        value: BurdenValue::Named,
        unit: None,
        field,
        quote: quoted(parts),
    }
}

fn number_of(parts: &Captures<'_>) -> Option<f64> {
    ["a", "b", "c"]
        .into_iter()
        .find_map(|name| parts.name(name)?.as_str().parse().ok())
}

fn amount(
    kind: &'static str,
    unit: &'static str,
    texts: &[Source<'_>],
    pattern: &LazyLock<Option<Regex>>,
) -> Option<Burden> {
    let (field, parts) = first(texts, pattern)?;
    let number = number_of(&parts)?;
    // Days are days; weeks × 7, months × 30.
    let days = match parts.name("unit").map(|unit| unit.as_str().to_lowercase()) {
        Some(unit) if unit.starts_with("week") => number * 7.0,
        Some(unit) if unit.starts_with("month") => number * 30.0,
        _ => number,
    };
    Some(Burden {
        kind,
        value: BurdenValue::Number(days),
        unit: Some(unit),
        field,
        quote: quoted(&parts),
    })
}

/// Months, to the nearest half: weeks × 12 ÷ 52, years × 12.
fn months(parts: &Captures<'_>) -> Option<f64> {
    let number = number_of(parts)?;
    let unit = parts.name("unit")?.as_str().to_lowercase();
    let months = match unit.as_bytes() {
        [b'w', ..] => number * 12.0 / 52.0,
        [b'y', ..] => number * 12.0,
        _ => number,
    };
    Some((months * 2.0).round() / 2.0)
}

/// The stated follow-up, else the longest time frame of an outcome measure.
fn follow_up(study: &Study, texts: &[Source<'_>]) -> Option<Burden> {
    let stated = texts
        .iter()
        .flat_map(|(field, text)| {
            FOLLOW_UP
                .iter()
                .flat_map(|pattern| pattern.captures_iter(text))
                .map(|parts| (*field, parts))
        })
        .filter_map(|(field, parts)| Some((months(&parts)?, field, quoted(&parts))));
    let longest =
        |a: &(f64, &'static str, String), b: &(f64, &'static str, String)| a.0.total_cmp(&b.0);
    let (value, field, quote) = stated.max_by(longest).or_else(|| {
        const FRAME: &str = "protocolSection.outcomesModule.primaryOutcomes.timeFrame";
        let frames = study
            .outcomes
            .iter()
            .filter_map(|one| one.time_frame.as_deref());
        let times = frames.flat_map(|frame| {
            TIME_FRAME
                .iter()
                .flat_map(|pattern| pattern.captures_iter(frame))
                .map(move |parts| (frame, parts))
        });
        times
            .filter_map(|(frame, parts)| Some((months(&parts)?, FRAME, frame.to_owned())))
            .max_by(longest)
    })?;
    Some(Burden {
        kind: "follow_up_months",
        value: BurdenValue::Number(value),
        unit: Some("months"),
        field,
        quote,
    })
}

/// One entry a drug: with its dose where a text states one, else as an intervention names it.
fn lymphodepletion(study: &Study, texts: &[Source<'_>]) -> Vec<Burden> {
    let drugs = [
        ("fludarabine", &FLUDARABINE),
        ("cyclophosphamide", &CYCLOPHOSPHAMIDE),
        ("bendamustine", &BENDAMUSTINE),
    ];
    drugs
        .into_iter()
        .filter_map(|(drug, pattern)| drug_of(drug, pattern, study, texts))
        .collect()
}

fn drug_of(
    drug: &str,
    pattern: &LazyLock<Option<Regex>>,
    study: &Study,
    texts: &[Source<'_>],
) -> Option<Burden> {
    let pattern = pattern.as_ref()?;
    let entry = |value: String, field, quote: &str| Burden {
        kind: "lymphodepletion",
        value: BurdenValue::Regimen(value),
        unit: None,
        field,
        quote: quote.trim().to_owned(),
    };
    let mut plain = None;
    for (field, text) in texts {
        for clause in text.split(['\n', ';']).flat_map(|line| line.split(". ")) {
            let Some(hit) = pattern
                .find(clause)
                .filter(|hit| !is_denied(clause, hit.range()))
            else {
                continue;
            };
            if !LYMPHODEPLETION.iter().any(|words| words.is_match(clause)) {
                continue;
            }
            if let Some(dose) = DOSE
                .as_ref()
                .and_then(|dose| dose.captures(&clause[hit.end()..]))
            {
                let per = if dose["per"].starts_with('k') {
                    "kg"
                } else {
                    "m2"
                };
                let end = hit.end() + dose.get(0).map_or(0, |all| all.end());
                return Some(entry(
                    format!("{drug} {} mg/{per}", &dose["dose"]),
                    field,
                    &clause[..end],
                ));
            }
            plain.get_or_insert_with(|| entry(drug.to_owned(), *field, clause));
        }
    }
    plain.or_else(|| {
        let names = study
            .interventions
            .iter()
            .filter_map(|one| one.name.as_deref());
        let name = names.into_iter().find(|name| pattern.is_match(name))?;
        Some(entry(drug.to_owned(), NAME, name))
    })
}

/// Washouts and contraception, from the criteria.
fn from_criteria(one: &Classified) -> Vec<Burden> {
    let Some(text) = one.study.eligibility.text.as_deref() else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let bodies = one
        .criteria
        .criteria
        .iter()
        .map(|read| read.criterion.body(text));
    let washout = bodies
        .into_iter()
        .find_map(|body| WASHOUT.as_ref()?.captures(body));
    found.extend(washout.map(|parts| named("washout", CRITERIA, &parts)));
    for (_, fact) in one.criteria.facts() {
        let Value::Contraception {
            months: Some(months),
            ..
        } = fact.value
        else {
            continue;
        };
        let words = text.get(fact.quote.clone()).unwrap_or_default();
        let quote = MONTHS_AFTER
            .as_ref()
            .and_then(|pattern| pattern.find(words))
            .map_or(words, |found| found.as_str());
        found.push(Burden {
            kind: "contraception_months",
            value: BurdenValue::Number(months),
            unit: Some("months"),
            field: CRITERIA,
            quote: quote.trim().to_owned(),
        });
    }
    found
}
