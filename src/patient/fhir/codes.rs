//! The table of codes, and which of its rows a resource's codes find.

use std::sync::LazyLock;

use super::resource::{Coding, Concept};
use crate::text::shorten;

/// A row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Row {
    resource: &'static str,
    system: &'static str,
    code: &'static str,
    prefix: bool,
    pub(super) field: &'static str,
    pub(super) key: &'static str,
    pub(super) extra: &'static str,
}

static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| {
    let lines = include_str!("../../data/fhir-codes.tsv").lines();
    let rows = lines.filter(|line| !line.starts_with('#')).skip(1);
    let cells = rows.map(|line| line.split('\t').collect::<Vec<&'static str>>());
    let read = cells.filter_map(|cells| {
        let [resource, system, code, how, field, key, extra, _source] = cells.try_into().ok()?;
        Some(Row {
            resource,
            system,
            code,
            prefix: how == "prefix",
            field,
            key,
            extra,
        })
    });
    read.collect()
});

/// The short name of a code system, by its address in FHIR; national editions of ICD-10 count as it.
fn system(address: &str) -> Option<&'static str> {
    let address = address.trim().trim_end_matches('/').to_lowercase();
    Some(match address.as_str() {
        "http://loinc.org" | "urn:oid:2.16.840.1.113883.6.1" => "loinc",
        "http://snomed.info/sct" | "urn:oid:2.16.840.1.113883.6.96" => "snomed",
        "http://hl7.org/fhir/sid/icd-10"
        | "http://hl7.org/fhir/sid/icd-10-cm"
        | "http://fhir.de/codesystem/bfarm/icd-10-gm"
        | "http://fhir.de/codesystem/dimdi/icd-10-gm"
        | "urn:oid:2.16.840.1.113883.6.3"
        | "urn:oid:2.16.840.1.113883.6.90" => "icd10",
        "http://www.nlm.nih.gov/research/umls/rxnorm" => "rxnorm",
        "http://www.whocc.no/atc" | "http://fhir.de/codesystem/bfarm/atc" => "atc",
        "http://terminology.hl7.org/codesystem/v3-observationinterpretation" => "interpretation",
        _ => return None,
    })
}

/// Finds the row of one code; of prefixes the longest.
fn of_code(resource: &str, system: &str, code: &str) -> Option<Row> {
    let code = code.trim();
    let fits = |row: &&Row| {
        let head = row.resource == resource && row.system == system;
        let begins = || {
            let start = code.get(..row.code.len());
            start.is_some_and(|start| start.eq_ignore_ascii_case(row.code))
        };
        head && (row.code.eq_ignore_ascii_case(code) || row.prefix && begins())
    };
    ROWS.iter()
        .filter(fits)
        .max_by_key(|row| row.code.len())
        .copied()
}

/// Finds the rows of a concept: of its codes, else of its text. Codes of several
/// systems say the same in other words, so that several rows may be found.
pub(super) fn rows(resource: &str, concept: &Concept) -> Vec<Row> {
    let of_coding = |one: &Coding| {
        let system = system(one.system.as_deref()?)?;
        of_code(resource, system, one.code.as_deref()?)
    };
    let mut found: Vec<Row> = concept.coding.iter().filter_map(of_coding).collect();
    if found.is_empty() {
        let displays = concept
            .coding
            .iter()
            .filter_map(|one| one.display.as_deref());
        let texts = concept.text.as_deref().into_iter().chain(displays);
        found.extend(texts.filter_map(|text| of_code(resource, "text", text)));
    }
    found.dedup();
    found
}

/// Systems of codes write no sentences; whoever does wrote free text into the field.
fn looks_like_a_code(code: &str) -> bool {
    let is_of_code = |c: char| c.is_ascii_alphanumeric() || ".-_/:^".contains(c);
    !code.is_empty() && code.len() <= 40 && code.chars().all(is_of_code)
}

/// Names a concept in a list of what was left out: its codes, else its text.
pub(super) fn named(resource: &str, concept: &Concept) -> String {
    let coded = concept.coding.iter().filter_map(|one| {
        let code = one.code.as_deref().filter(|code| looks_like_a_code(code))?;
        let address = one
            .system
            .as_deref()
            .filter(|address| !address.contains(' '));
        let address = address.unwrap_or("code");
        Some(format!("{} {code}", system(address).unwrap_or(address)))
    });
    let coded: Vec<String> = coded.take(3).collect();
    let display = || concept.coding.iter().find_map(|one| one.display.clone());
    // What a doctor wrote beside a disease in words of their own is nobody's to show.
    let is_free = resource == "Condition";
    let text = (concept.text.clone()).or_else(display);
    let text = text.filter(|_| !is_free).unwrap_or_default();
    let name = match (coded.is_empty(), text.is_empty()) {
        (true, true) => "without a code".to_owned(),
        (true, false) => text,
        (false, true) => coded.join(", "),
        (false, false) => format!("{} ({text})", coded.join(", ")),
    };
    format!("{resource} {}", shorten(&name, 120))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::patient::{FIELDS, faults};
    use crate::terminology::Terminology;
    use serde_json::json;

    #[test]
    fn every_row_fills_a_field() {
        let terms = Terminology::embedded().unwrap();
        let mut seen = std::collections::BTreeSet::new();
        for row in ROWS.iter() {
            assert!(
                seen.insert((row.resource, row.system, row.code)),
                "{row:?} stands twice"
            );
            if row.resource == "result" {
                assert!(["positive", "negative"].contains(&row.field), "{row:?}");
                continue;
            }
            assert!(FIELDS.contains(&row.field), "{row:?}");
            let value = match row.field {
                // Of the others the unit is not known here.
                "labs" if row.key == "inr" => json!({"inr": "1"}),
                "infections" | "antibodies" => json!({row.key: "positive"}),
                "conditions" => json!([{"kind": row.key}]),
                "ms_course" | "prior_hsct" => json!(row.key),
                "treatments" => {
                    assert!(terms.treatments().named(row.key).is_some(), "{row:?}");
                    continue;
                }
                _ => continue,
            };
            faults::read(json!({row.field: value})).unwrap();
        }
        assert!(seen.len() > 120);
        let lines = include_str!("../../data/fhir-codes.tsv").lines();
        assert_eq!(
            seen.len() + 1,
            lines.filter(|line| !line.starts_with('#')).count()
        );
    }

    #[test]
    fn the_longest_prefix_counts() {
        for (code, course) in [
            ("G35", "ms"),
            ("G35.9", "ms"),
            ("g35.a", "rrms"),
            ("G35.B1", "ppms"),
            ("G35.30", "spms"),
        ] {
            assert_eq!(of_code("condition", "icd10", code).unwrap().key, course);
        }
        assert_eq!(of_code("condition", "icd10", "G36.1"), None);
        assert_eq!(of_code("condition", "icd10", "Gé"), None);
    }
}
