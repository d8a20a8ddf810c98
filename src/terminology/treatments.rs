//! Treatments that criteria name: drugs with brands and codes, classes, procedures.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;

use super::phrases::{Hit, Phrases};
use super::table::{Table, TableError};

/// A treatment of the table.
#[derive(Debug, Clone, PartialEq)]
pub struct Treatment {
    /// Generic name, lower case, words joined by `_`; or the name of a class.
    pub name: String,
    /// Group of a drug, or `class` for a group itself, or `other`.
    pub class: String,
    /// Usually called highly effective in MS.
    pub high_efficacy: bool,
    /// Half-life in days, from the label; `None` where hours or not needed.
    pub half_life_days: Option<f64>,
}

/// The table of treatments, compiled for matching.
#[derive(Debug)]
pub struct Treatments {
    list: Vec<Treatment>,
    names: Phrases<usize>,
}

/// Stems of international nonproprietary names of drugs that act on the immune
/// system (WHO, "The use of stems in the selection of INN", 2024): antibodies,
/// kinase inhibitors, immunomodulators, immunosuppressants.
static STEMS: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)(?-u:\b)[a-z]{4,}(?:mab|tinib|imod|limus)(?-u:\b)").ok());

/// Abbreviations count only as written.
fn is_as_written(word: &str) -> bool {
    word.chars()
        .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '-')
}

impl Treatments {
    /// Compiles the embedded table.
    pub(super) fn embedded() -> Result<Self, TableError> {
        let table = Table::parse("treatments.tsv", include_str!("../data/treatments.tsv"))?;
        let (mut list, mut words) = (Vec::new(), Vec::new());
        for row in table.rows() {
            let name = row.text("name")?;
            let of_row = row
                .optional("words")
                .unwrap_or_default()
                .split('|')
                .filter(|word| !word.is_empty());
            // "Oral" alone is a route, not a group of drugs.
            let own = Some(name.replace('_', " ")).filter(|own| own != "oral");
            words.extend(
                of_row
                    .map(str::to_owned)
                    .chain(own)
                    .map(|word| (word.clone(), is_as_written(&word), list.len())),
            );
            list.push(Treatment {
                name: name.to_owned(),
                class: row.text("class")?.to_owned(),
                high_efficacy: row.optional("high_efficacy") == Some("yes"),
                half_life_days: row
                    .optional("half_life_days")
                    .and_then(|days| days.parse().ok()),
            });
        }
        Ok(Self {
            list,
            names: Phrases::compile(words)?,
        })
    }

    /// Finds treatments in a text, each by its name in the table, in the order
    /// of the text. A drug that the table lacks is found by the stem of its
    /// international name, and is called by that.
    pub fn find<'a>(&'a self, text: &'a str) -> Vec<(Hit, Cow<'a, str>)> {
        let mut found: Vec<(Hit, Cow<'a, str>)> = self
            .names
            .find(text)
            .filter_map(|(hit, index)| Some((hit, self.list.get(*index)?.name.as_str().into())))
            .collect();
        for drug in STEMS.iter().flat_map(|stems| stems.find_iter(text)) {
            let hit = drug.range();
            if !found
                .iter()
                .any(|(one, _)| one.start < hit.end && hit.start < one.end)
            {
                found.push((hit, drug.as_str().to_lowercase().into()));
            }
        }
        found.sort_by_key(|(hit, _)| hit.start);
        found
    }

    /// Returns every treatment.
    pub fn list(&self) -> &[Treatment] {
        &self.list
    }
}
