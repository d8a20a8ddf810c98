//! The antigens that the receptor binds.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::cell_therapy::CellTherapy;
use super::fields::{Evidence, Field, Fields, Place};
use crate::terminology::{Product, Terminology};

/// What the targets rest on (contract: `target_basis`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TargetBasis {
    /// The record says it.
    Stated,
    /// Known of the product.
    Product,
    /// Not known.
    #[default]
    Unknown,
}

impl TargetBasis {
    /// Returns the contract's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stated => "stated",
            Self::Product => "product",
            Self::Unknown => "unknown",
        }
    }
}

/// Words behind an antigen that make it a co-medication's target, or a marker of cells.
static NOT_THE_RECEPTOR: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i)^[\s\])]*(?:\+|⁺|-?positive|-?expressing|(?:directed |targeted |targeting |depleting )?(?:m(?:onoclonal )?abs?(?-u:\b)|monoclonal|antibod|biologic|agents?(?-u:\b)|therap(?:y|ies)(?-u:\b)|treatments?(?-u:\b)|drugs?(?-u:\b)|medication|depleti)|(?:\+|⁺|positive|-)?\s*b[- ](?:cells?|lymphocytes?)(?-u:\b)|counts?(?-u:\b)|levels?(?-u:\b)|receptor antagonist)",
    )
    .ok()
});

/// A number that goes on a list of CD antigens: "CD19/20", "CD19 / 20".
static MORE_NUMBERS: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^\s?[/+&]\s?([0-9]{1,3})(?-u:\b)").ok());

pub(super) fn read_targets(
    label: &mut CellTherapy,
    product: Option<&Product>,
    fields: &Fields<'_>,
    terms: &Terminology,
) {
    let (stated, evidence) = stated(fields, terms);
    let known = product
        .map(|product| product.targets.clone())
        .unwrap_or_default();
    let all_stated = known.iter().all(|target| stated.contains(target.as_str()));
    if known.is_empty() && stated.is_empty() {
        return;
    }
    if known.is_empty() || all_stated {
        label.target_basis = TargetBasis::Stated;
        label.evidence.extend(evidence);
    } else {
        label.target_basis = TargetBasis::Product;
    }
    label.targets = if known.is_empty() {
        stated.into_iter().collect()
    } else {
        known
    };
    label
        .targets
        .sort_by_key(|target| terms.antigen_rank(target));
}

/// Returns the antigens that the record gives the receptor: from the places of
/// weight together, else from the summary, else from descriptions.
fn stated(fields: &Fields<'_>, terms: &Terminology) -> (BTreeSet<String>, Vec<Evidence>) {
    let mut targets = BTreeSet::new();
    let mut evidence = Vec::new();
    for places in [
        [Place::Intervention, Place::Title],
        [Place::Arm, Place::Keyword],
        [Place::Summary, Place::Summary],
        [Place::Detail, Place::Detail],
    ] {
        for field in places
            .iter()
            .take(if places[0] == places[1] { 1 } else { 2 })
            .flat_map(|place| fields.at(*place))
        {
            for (span, target) in in_field(field, terms) {
                if targets.insert(target) {
                    evidence.push(field.evidence(span));
                }
            }
        }
        if !targets.is_empty() {
            break;
        }
    }
    (targets, evidence)
}

/// Finds the receptor's antigens in one text: in a clause that speaks of
/// engineered cells or names the product, and not of an antibody or a marker.
fn in_field(field: Field<'_>, terms: &Terminology) -> Vec<(Range<usize>, String)> {
    let mut found = Vec::new();
    for (hit, antigen) in terms.find_antigens(field.text) {
        let clause = field.clause(hit.start);
        let words = &field.text[clause.clone()];
        let is_about_receptor = terms.find_modality(words).next().is_some()
            || terms.find_products(words).next().is_some()
            || ["targeted", "targeting", "-CART", "CART", "CAR "]
                .iter()
                .any(|word| words.contains(word))
                && field.place <= Place::Keyword;
        let end = end_of_list(field.text, &hit, terms);
        let aside = NOT_THE_RECEPTOR
            .iter()
            .any(|pattern| pattern.is_match(&field.text[end..]))
            && !next_is_receptor(&field.text[end..], terms);
        if !is_about_receptor || aside {
            continue;
        }
        found.push((clause.start..clause.end.max(end), antigen.to_owned()));
        let numbers = MORE_NUMBERS
            .iter()
            .filter_map(|pattern| pattern.captures(&field.text[hit.end..]));
        for number in numbers {
            if let Some(antigen) = terms.antigen(&format!("CD{}", &number[1])) {
                found.push((clause.clone(), antigen.to_owned()));
            }
        }
    }
    found
}

/// Returns where a list of antigens ends ("CD19/BCMA", "CD19 and CD20").
fn end_of_list(text: &str, first: &Range<usize>, terms: &Terminology) -> usize {
    let mut end = first.end;
    loop {
        let rest = &text[end..];
        let joint = rest.len()
            - rest
                .trim_start_matches(|c: char| " /+&,-".contains(c))
                .len();
        let joint = joint
            + if rest[joint..].starts_with("and ") {
                4
            } else {
                0
            };
        let next = terms
            .find_antigens(&rest[joint..])
            .find(|(hit, _)| hit.start == 0);
        match next {
            Some((hit, _)) if joint > 0 => end += joint + hit.end,
            _ => return end,
        }
    }
}

/// Says whether engineered cells follow at once ("CD19 targeted therapy CAR-T" is about the receptor).
fn next_is_receptor(rest: &str, terms: &Terminology) -> bool {
    let near: String = rest.chars().take(24).collect();
    terms.find_modality(&near).next().is_some()
}
