//! Blood and oxygen values: what is measured, on which side of which value.

use std::ops::Range;

use super::Rule;
use crate::criteria::fact::{Certainty, Fact, Polarity, Value};
use crate::criteria::item::Item;
use crate::criteria::pattern::patterns;
use crate::criteria::time::number_word;

patterns! {
    ANALYTE = r"(?P<skip>HbA1c|h(?:a)?emoglobin A1c|glycated h(?:a)?emoglobin|creatine kinase|alkaline phosphatase|(?-u:\b)ALP(?-u:\b)|prothrombin time(?: \(PT\))?|(?-u:\b)A?PTT(?-u:\b)|(?-u:\b)PT(?-u:\b)|troponin|(?-u:\b)GGT(?-u:\b)|amylase|lipase|albumin(?:-creatinine)?|DLCO|reticulocyte|CD4|B[- ]?cells?|CD19|viral load|triglyceride|glucose|ferritin|conjugated bilirubin|NAB titre|MxA|proteinuria|protein)|(?P<hemoglobin>h(?:a)?emoglobin|(?-u:\b)Hgb?(?-u:\b)|(?-u:\b)Hb(?-u:\b))|(?P<platelets>platelets?(?: count)?|thrombocytes?|thrombocyto?penia|(?-u:\b)PLT(?-u:\b))|(?P<anc>absolute neutrophil count|neutrophils?(?: granulocytes?)?(?: count)?|neutropenia|(?-u:\b)ANC(?-u:\b))|(?P<alc>absolute lymphocyte count|lymphocytes?(?: count)?|lymphopenia|(?-u:\b)ALC(?-u:\b))|(?P<wbc>white (?:blood )?cells?(?: count)?|leu[ck]openia|leu[ck]ocytes?(?: count)?|(?-u:\b)WBC(?-u:\b))|(?P<igg>(?:serum |total )?(?-u:\b)IgG(?-u:\b)(?: levels?)?|immunoglobulin G)|(?P<alt>alanine amino-?\s*transferase|alanine transaminase|(?-u:\b)ALA?T(?-u:\b)|(?-u:\b)SGPT(?-u:\b))|(?P<ast>aspartate amino-?\s*transferase|aspartate transaminase|(?-u:\b)ASA?T(?-u:\b)|(?-u:\b)SGOT(?-u:\b))|(?P<both>transaminases?|liver enzymes|aminotransferases)|(?P<bilirubin>bilirubin|(?-u:\b)TBIL(?-u:\b))|(?P<clearance>creatinine clearance(?: rate)?|(?-u:\b)CrCl(?-u:\b)|(?-u:\b)CCr(?-u:\b)|clearance of creatinine)|(?P<egfr>estimated glomerular filtration rate|glomerular filtration rate|(?-u:\b)e?GFR(?-u:\b))|(?P<creatinine>creatinine|(?-i:(?-u:\b)S?Cr(?-u:\b)))|(?P<inr>international normali[sz]ed ratio|(?-u:\b)INR(?-u:\b))|(?P<spo2>oxygen saturation|(?-u:\b)SpO[2₂]|pulse oximetry|(?-u:\b)SaO[2₂])";
    COMPARISON = r"(?P<op>≥|⩾|>\s?=|=>|≦|≤|⩽|<\s?=|=<|not\s*>|not\s*<|>|<|＞|＜|greater than or equal to|more than or equal to|less than or equal to|not (?:greater|more|higher) than|no (?:greater|more|higher) than|not exceed(?:ing)?|does not exceed|not (?:less|lower) than|no (?:less|lower) than|at least|at most|up to|(?:a )?maximum of|(?:a )?minimum of|greater than|more than|higher than|above|exceeding|exceeds?|over|less than|lower than|below|under|at or above)?\s*(?:or equal to\s*)?(?:\(\s*[<>≤≥]=?\s*\)\s*)?(?:(?P<value>\d{1,3}(?:[,， \u{202f}\u{2009}]\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|(?-u:\b)(?:two|three|four|five))\s*(?P<unit>(?:[x×X*]|times|-?\s*fold)?\s*(?:the\s+|local\s+|institutional\s+)*(?:upper\s+limits?(?:\s+of)?(?:\s+the)?(?:\s+(?:normal|reference))?(?:\s+(?:range|value))?|upper\s+normal\s+(?:limit|range|value)|ULN|lower\s+limits?(?:\s+of)?(?:\s+the)?\s+normal|LLN)|[x×X*]?\s*10\s*(?:\^|\*|e|E|\*\*)?\s*\(?(?:9|⁹|3|³|6|⁶|12|¹²)\)?\s*(?:cells\s*)?(?:/|per)\s*(?:lit(?:er|re)|L|l|[µμu]\s?[Ll]|mm3|mm³)|[GgKk]\s*/\s*(?:L|[µμu]L)|g\s*/\s*d[lL]|g\s*/\s*[lL](?-u:\b)|mg\s*/\s*d[lL]|[µμu]mol\s*/\s*[lL]|mmol\s*/\s*[lL]|(?:cells\s*)?/\s*(?:[µμu]\s?[Ll]|mm\^?3|mm³|cmm)|(?:cells\s*)?per\s*(?:[µμu][Ll]|microlit(?:er|re)|mm3|mm³|cubic millimet(?:er|re))|mL\s*/\s*min(?:ute)?(?:\s*/\s*1\.73\s*m\^?[2²]?)?|%|percent)?|(?P<limit>(?:the\s+|local\s+|institutional\s+)*(?:upper\s+limits?(?:\s+of)?(?:\s+the)?\s+normal(?:\s+range)?|ULN|lower\s+limits?(?:\s+of)?(?:\s+the)?\s+normal|LLN)))(?:,?\s*(?:or|and) (?P<back>more|higher|greater|above|over|less|lower|below|fewer|under)(?-u:\b))?";
    DOUBT = r"without anti-?coag|in the absence of anti-?coag|except|unless|Gilbert|allowed|metasta|documented at|confirmed";
    ALTERNATIVE = r"(?-u:\b)OR(?-u:\b)|(?-u:\b)or(?-u:\b)";
}

/// Values of analytes.
pub(super) static RULES: [Rule; 1] = [Rule::many(
    "globin|hg|hb|platelet|thrombocyt|plt|neutrophil|anc|lymphocyt|lymphop|neutrop|leukop|leucop|alc|white|leucocyt|leukocyt|wbc|igg|immunoglobulin|alanine|alt|alat|sgpt|aspartate|ast|asat|sgot|transaminase|enzymes|aminotransferase|bilirubin|tbil|creatinine|crcl|ccr|cr|filtration|gfr|inr|ratio|saturation|spo|sao|oximetry",
    &ANALYTE,
    labs,
)];

/// Reads values. Analytes that stand together share the comparison behind them.
fn labs(item: &Item<'_>) -> Vec<Fact> {
    let analytes: Vec<(Range<usize>, &'static str)> = ANALYTE
        .all_parts(item.text)
        .filter_map(|parts| Some((parts.get(0)?.range(), name(&parts)?)))
        .collect();
    let mut read: Vec<Fact> = Vec::new();
    let mut behind = 0;
    for parts in COMPARISON.all_parts(item.text) {
        let Some(all) = parts.get(0).map(|all| all.range()) else {
            continue;
        };
        if parts.name("op").is_none() && parts.name("back").is_none() {
            continue;
        }
        let named: Vec<&(Range<usize>, &'static str)> = analytes
            .iter()
            .filter(|(span, _)| span.start >= behind && span.end <= all.start)
            .collect();
        let group = nearest_group(item, &named, all.start);
        if group.is_empty() {
            continue;
        }
        behind = all.end;
        for (span, analyte) in &group {
            let Some(value) = value(analyte, &parts) else {
                continue;
            };
            let start = group.first().map_or(span.start, |(first, _)| first.start);
            let fact = lab_fact(item, value, start..all.end);
            if !read
                .iter()
                .any(|one| one.value == fact.value && one.polarity == fact.polarity)
            {
                read.push(fact);
            }
        }
    }
    alternatives(item, &mut read);
    read
}

fn name(parts: &regex::Captures<'_>) -> Option<&'static str> {
    [
        "skip",
        "hemoglobin",
        "platelets",
        "anc",
        "alc",
        "wbc",
        "igg",
        "alt",
        "ast",
        "both",
        "bilirubin",
        "clearance",
        "egfr",
        "creatinine",
        "inr",
        "spo2",
    ]
    .into_iter()
    .find(|name| parts.name(name).is_some())
}

/// Analytes that belong to a comparison: the last one in front of it, and those joined to it.
fn nearest_group<'a>(
    item: &Item<'_>,
    named: &[&'a (Range<usize>, &'static str)],
    at: usize,
) -> Vec<(&'a Range<usize>, &'static str)> {
    let mut group: Vec<(&Range<usize>, &'static str)> = Vec::new();
    let mut edge = at;
    for (span, name) in named.iter().rev().copied() {
        let between = item.part(span.end..edge);
        let fits = if group.is_empty() {
            fills(between)
        } else {
            joins(between) || same(&group, name) && joins_loosely(between)
        };
        if !fits {
            break;
        }
        edge = span.start;
        group.push((span, name));
    }
    group.reverse();
    // "Alanine aminotransferase (ALT)" is one analyte.
    let mut seen: Vec<&'static str> = Vec::new();
    let mut unique = Vec::new();
    for (span, name) in group {
        if name == "both" {
            unique.push((span, "alt"));
            unique.push((span, "ast"));
        } else if !seen.contains(&name) {
            seen.push(name);
            unique.push((span, name));
        }
    }
    unique.retain(|(_, name)| *name != "skip");
    unique
}

fn same(group: &[(&Range<usize>, &'static str)], name: &str) -> bool {
    group.iter().any(|(_, one)| *one == name)
}

patterns! {
    FILLER = r"^(?:\s*\([^()]{0,40}\))*[\s:,=)\]]*(?:\(|serum|plasma|level|levels|count|counts|value|values|of|is|are|must be|must|should be|be|has|at|room air|in room air|on room air|screening|baseline|defined as|total|elevated|rate|by|the|a|an|normal|with|to|and|adequate|function|concentration|measured|estimated|direct|[\s:,()])*$";
    JOINT = r"^[\s)]*(?:\([^()]{0,30}\)\s*)?(?:,|/|;)?\s*(?:and/or|and|or|&|plus)?\s*(?:(?:serum|total|direct|conjugated) )?\(?$";
    LOOSE_JOINT = r"^\s*\(?$";
}

patterns! {
    LOW_COUNT = r"^\w+penia(?-u:\b)";
}

fn fills(between: &str) -> bool {
    between.len() <= 70 && FILLER.is_in(between)
}

fn joins(between: &str) -> bool {
    JOINT.is_in(between)
}

fn joins_loosely(between: &str) -> bool {
    LOOSE_JOINT.is_in(between)
}

fn value(analyte: &'static str, parts: &regex::Captures<'_>) -> Option<Value> {
    let op = match parts.name("op") {
        Some(op) => operator(&op.as_str().to_lowercase()),
        None => operator_behind(parts.name("back")?.as_str()),
    };
    if let Some(limit) = parts.name("limit") {
        let unit = if is_lower_limit(limit.as_str()) {
            "xLLN"
        } else {
            "xULN"
        };
        return Some(Value::Lab {
            analyte: of(analyte),
            op,
            value: 1.0,
            unit: Some(unit),
        });
    }
    let digits: String = (parts.name("value")?.as_str().chars())
        .filter(|c| !c.is_whitespace() && !matches!(c, ',' | '，'))
        .collect();
    let number = number_word(&digits)?;
    let unit = parts.name("unit").map_or("", |unit| unit.as_str());
    let (value, unit) = converted(analyte, number, unit)?;
    Some(Value::Lab {
        analyte: of(analyte),
        op,
        value,
        unit,
    })
}

/// Creatinine clearance stands in for the filtration rate.
fn of(analyte: &'static str) -> &'static str {
    if analyte == "clearance" {
        "egfr"
    } else {
        analyte
    }
}

fn is_lower_limit(words: &str) -> bool {
    let lower = words.to_lowercase();
    lower.contains("lower") || lower.contains("lln")
}

/// "40 mL/min or more".
fn operator_behind(word: &str) -> &'static str {
    let less = ["less", "lower", "below", "fewer", "under"];
    if less.iter().any(|one| word.eq_ignore_ascii_case(one)) {
        "<="
    } else {
        ">="
    }
}

fn operator(words: &str) -> &'static str {
    let compact: String = words.chars().filter(|c| !c.is_whitespace()).collect();
    match compact.as_str() {
        "≥"
        | "⩾"
        | ">="
        | "=>"
        | "not<"
        | "greaterthanorequalto"
        | "morethanorequalto"
        | "atleast"
        | "notlessthan"
        | "notlowerthan"
        | "nolessthan"
        | "nolowerthan"
        | "minimumof"
        | "aminimumof"
        | "atorabove" => ">=",
        "atmost" | "upto" | "maximumof" | "amaximumof" | "≤" | "⩽" | "≦" | "<=" | "=<" | "not>"
        | "lessthanorequalto" | "notgreaterthan" | "notmorethan" | "nothigherthan"
        | "nogreaterthan" | "nomorethan" | "nohigherthan" | "notexceed" | "notexceeding"
        | "doesnotexceed" => "<=",
        "<" | "＜" | "lessthan" | "lowerthan" | "below" | "under" => "<",
        _ => ">",
    }
}

/// Turns a number of an analyte (contract: fact `lab`) into the unit that facts
/// use; `None` where the unit does not fit the analyte.
pub fn converted(analyte: &str, number: f64, unit: &str) -> Option<(f64, Option<&'static str>)> {
    let compact: String = unit
        .to_lowercase()
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| if matches!(c, 'µ' | 'μ') { 'u' } else { c })
        .collect();
    let is_limit = compact.contains("uln")
        || compact.contains("upper")
        || compact.contains("lln")
        || compact.contains("lower");
    if is_limit {
        return Some((
            number,
            Some(if is_lower_limit(unit) { "xLLN" } else { "xULN" }),
        ));
    }
    let neat = |value: f64, places: f64| (value * places).round() / places;
    match (analyte, compact.as_str()) {
        ("platelets" | "anc" | "alc" | "wbc", unit) => {
            per_microlitre(number, unit).map(|value| (neat(value, 1e6), Some("/uL")))
        }
        ("egfr", unit) if unit.starts_with("ml/min") => {
            let indexed = unit.contains("1.73") || !unit.contains("/1");
            Some((
                number,
                Some(if indexed { "mL/min/1.73m2" } else { "mL/min" }),
            ))
        }
        ("clearance", unit) if unit.starts_with("ml/min") => Some((number, Some("mL/min"))),
        ("inr", "") => (number < 10.0).then_some((number, None)),
        (analyte, unit) => UNITS
            .iter()
            .find(|(of, from, ..)| *of == analyte && *from == unit)
            .map(|(.., factor, to, places)| (neat(number * factor, *places), Some(*to))),
    }
}

/// Analyte, unit as written, factor, unit of the contract, and what the result
/// is rounded to. Molar masses: haemoglobin 16,114 g/mol as the monomer,
/// creatinine 113.1 g/mol, bilirubin 584.7 g/mol.
const UNITS: [(&str, &str, f64, &str, f64); 12] = [
    ("hemoglobin", "g/dl", 1.0, "g/dL", 1e6),
    ("hemoglobin", "g/l", 0.1, "g/dL", 1e6),
    ("hemoglobin", "mmol/l", 1.6113, "g/dL", 1e6),
    ("igg", "mg/dl", 1.0, "mg/dL", 1e6),
    ("igg", "g/l", 100.0, "mg/dL", 1e6),
    ("igg", "g/dl", 1000.0, "mg/dL", 1e6),
    ("creatinine", "mg/dl", 1.0, "mg/dL", 1e6),
    ("creatinine", "umol/l", 1.0 / 88.4, "mg/dL", 100.0),
    ("bilirubin", "mg/dl", 1.0, "mg/dL", 1e6),
    ("bilirubin", "umol/l", 1.0 / 17.1, "mg/dL", 100.0),
    ("spo2", "%", 1.0, "%", 1e6),
    ("spo2", "percent", 1.0, "%", 1e6),
];

fn per_microlitre(number: f64, unit: &str) -> Option<f64> {
    let per_litre = ["/l", "perl", "liter", "litre"]
        .iter()
        .any(|end| unit.ends_with(end));
    let powers = [
        ("12", 1e12),
        ("¹²", 1e12),
        ("9", 1e9),
        ("⁹", 1e9),
        ("6", 1e6),
        ("⁶", 1e6),
        ("3", 1e3),
        ("³", 1e3),
    ];
    if let Some(power) = unit.find("10") {
        let exponent = &unit[power + 2..];
        let exponent = exponent.split('/').next().unwrap_or_default();
        let (_, factor) = powers
            .iter()
            .find(|(digits, _)| exponent.contains(digits))?;
        return Some(if per_litre {
            number * factor / 1e6
        } else {
            number * factor
        });
    }
    if unit.starts_with("g/l")
        || unit.starts_with("k/ul")
        || unit.starts_with("k/u")
        || unit.starts_with("g/u")
    {
        return Some(number * 1000.0);
    }
    let plain = unit.contains("/ul")
        || unit.contains("/mm")
        || unit.contains("/cmm")
        || unit.starts_with("cellsper")
        || unit.starts_with("per");
    plain.then_some(number)
}

fn lab_fact(item: &Item<'_>, value: Value, quote: Range<usize>) -> Fact {
    // "No neutropenia < 1000/µL" among the demands bars low counts.
    let denied = LOW_COUNT.is_in(item.part(quote.clone())) && item.negated(quote.start);
    let polarity = Polarity::exclude_if(item.bars() || denied);
    let tail_end =
        crate::criteria::time::floor_boundary(item.text, (quote.end + 60).min(item.text.len()));
    let tail = item.part(quote.end..tail_end);
    let tail = tail.split([';', '.']).next().unwrap_or_default();
    let next = ANALYTE.find(tail).map_or(tail.len(), |next| next.start);
    let clearance = matches!(
        value,
        Value::Lab {
            unit: Some("mL/min"),
            ..
        }
    );
    let doubtful = clearance || DOUBT.is_in(&tail[..next]);
    let certainty = Certainty::approximate_if(doubtful);
    let end = if doubtful && !clearance {
        quote.end + tail[..next].trim_end().len()
    } else {
        quote.end
    };
    item.fact(value, polarity, quote.start..end, certainty)
}

/// "Creatinine ≤ 1.5 × ULN or clearance ≥ 40": each is only an alternative.
fn alternatives(item: &Item<'_>, read: &mut [Fact]) {
    for at in 0..read.len() {
        let end = read[at].quote.end - item.start;
        let rest = item.part(end..);
        let Some(or) = ALTERNATIVE.find(rest) else {
            continue;
        };
        let joined = rest[..or.start]
            .trim_matches([' ', ',', ';', '\n'])
            .is_empty();
        let next_measured = ANALYTE
            .find(&rest[or.end..])
            .is_some_and(|next| next.start <= 20);
        if joined && next_measured && read[at].polarity == Polarity::Require {
            read[at].certainty = Certainty::Approximate;
            if let Some(next) = read.get_mut(at + 1) {
                next.certainty = Certainty::Approximate;
            }
        }
    }
}
