//! Observation: blood values, tests for infections and antibodies, EDSS.

use serde_json::{Value, json};

use super::codes::{Row, named, rows};
use super::draft::{Draft, Result};
use super::resource::{Concept, Finding, Quantity};
use crate::study::PartialDate;

/// Reads a result that is final.
pub(super) fn read(draft: &mut Draft<'_>, one: &Finding) {
    let what = named("Observation", &one.code);
    if !matches!(
        one.status.as_deref(),
        Some("final" | "amended" | "corrected")
    ) {
        draft.leave(&what, "is not a final result");
        return;
    }
    let found = rows("observation", &one.code);
    let [row, others @ ..] = &found[..] else {
        draft.leave(&what, "no field of a profile is known for this code");
        return;
    };
    if others
        .iter()
        .any(|other| (other.field, other.key) != (row.field, row.key))
    {
        draft.leave(&what, "its codes say different things");
        return;
    }
    let date = date(one);
    if date.is_some_and(|date| date.earliest() > draft.today) {
        draft.leave(&what, "its date lies in the future");
        return;
    }
    match value(row, one) {
        Ok(value) => draft.result(Result {
            row: *row,
            what,
            date,
            value,
        }),
        Err(why) => draft.leave(&what, why),
    }
}

/// The day of a FHIR date or time; a year or month stays one.
pub(super) fn day(text: &str) -> Option<PartialDate> {
    let date = text.split('T').next().unwrap_or_default();
    date.trim().parse().ok()
}

fn date(one: &Finding) -> Option<PartialDate> {
    let period = one.effective_period.as_ref();
    let period = period.and_then(|period| period.end.as_deref().or(period.start.as_deref()));
    let dates = [
        one.effective_date_time.as_deref(),
        one.effective_instant.as_deref(),
        period,
        one.issued.as_deref(),
    ];
    dates.into_iter().flatten().find_map(day)
}

fn value(row: &Row, one: &Finding) -> std::result::Result<Value, &'static str> {
    match row.field {
        "infections" | "antibodies" => answer(one)
            .map(|word| json!(word))
            .ok_or("says neither positive nor negative"),
        _ => {
            let integer = one
                .value_integer
                .map(|number| (number.to_string(), String::new()));
            let measured = match &one.value_quantity {
                Some(quantity) => measured(quantity)?,
                None => integer.ok_or("has no number")?,
            };
            let (number, unit) = measured;
            match (row.field, row.extra) {
                ("labs", _) => Ok(json!(format!("{number} {unit}").trim())),
                // A score has no unit, or one in braces that says its name.
                (_, "") if unit.is_empty() => Ok(json!(number)),
                (_, extra) if unit.eq_ignore_ascii_case(extra) => Ok(json!(number)),
                _ => Err("its unit is not the one of the field"),
            }
        }
    }
}

/// Number and unit, as the parser of profiles reads them.
fn measured(one: &Quantity) -> std::result::Result<(String, String), &'static str> {
    if one.comparator.is_some() {
        return Err("is only known to lie below or above a value");
    }
    let number = one.value.as_ref().ok_or("has no number")?;
    let ucum = one.system.as_deref() == Some("http://unitsofmeasure.org");
    let coded = one.code.as_deref().filter(|_| ucum);
    let unit = coded.or(one.unit.as_deref()).or(one.code.as_deref());
    Ok((number.to_string(), plain(unit.unwrap_or_default())))
}

/// Units of UCUM in the spelling of profiles: `10*3/uL`, `mL/min/{1.73_m2}`, `{INR}`.
fn plain(unit: &str) -> String {
    let unit = unit
        .trim()
        .replace("{1.73_m2}", "1.73m2")
        .replace("10*", "10^")
        .replace("[IU]", "IU")
        .replace("[iU]", "IU");
    if unit == "1" || unit.starts_with('{') && unit.ends_with('}') {
        return String::new();
    }
    // `{cells}/uL`: what is counted is known.
    match (unit.find('{'), unit.find('}')) {
        (Some(start), Some(end)) if start < end => [&unit[..start], &unit[end + 1..]].concat(),
        _ => unit,
    }
}

/// The answer of a test, from its value, else from its interpretation.
fn answer(one: &Finding) -> Option<&'static str> {
    let text = one.value_string.as_ref().map(|text| Concept {
        coding: Vec::new(),
        text: Some(text.clone()),
    });
    let values = one
        .value_codeable_concept
        .iter()
        .chain(&text)
        .chain(&one.interpretation);
    let mut found = values
        .flat_map(|concept| rows("result", concept))
        .map(|row| row.field);
    let first = found.next()?;
    found.all(|other| other == first).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_spelled_as_in_profiles() {
        for (unit, expected) in [
            ("10*3/uL", "10^3/uL"),
            ("mL/min/{1.73_m2}", "mL/min/1.73m2"),
            ("{INR}", ""),
            ("1", ""),
            ("{cells}/uL", "/uL"),
            ("[IU]/L", "IU/L"),
            ("}{", "}{"),
            ("g/L", "g/L"),
        ] {
            assert_eq!(plain(unit), expected);
        }
    }
}
