//! Treatments that criteria name: drugs with brands and codes, classes, procedures.

use std::borrow::Cow;
use std::sync::{Arc, LazyLock};

use regex::Regex;

use super::groups::{Groups, Member};
use super::phrases::{Hit, Phrases};
use super::table::{Row, Table, TableError};

/// A treatment of the table.
#[derive(Debug, Clone, PartialEq)]
pub struct Treatment {
    /// Generic name, lower case, words joined by `_`; or the name of a class.
    pub name: String,
    /// Group of a drug, or `class` for a group itself, or `other`.
    pub class: String,
    /// Usually called highly effective in MS.
    pub high_efficacy: bool,
    /// Half-life; `None` where it is a matter of hours, or not needed.
    pub half_life: Option<HalfLife>,
}

/// How long it takes until half of a drug is gone.
#[derive(Debug, Clone, PartialEq)]
pub struct HalfLife {
    /// In days.
    pub days: f64,
    /// Where that stands, in a few words ("drug label").
    pub source: Arc<str>,
}

/// The table of treatments, compiled for matching.
#[derive(Debug)]
pub struct Treatments {
    list: Vec<Treatment>,
    /// Every name, brand and code, as the table writes it.
    spellings: Vec<String>,
    names: Phrases<usize>,
    groups: Groups,
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

/// A half-life without its source is an error of the table: nobody could check it.
fn half_life(row: &Row<'_>) -> Result<Option<HalfLife>, TableError> {
    let Some(days) = row
        .optional("half_life_days")
        .filter(|days| !days.is_empty())
    else {
        return Ok(None);
    };
    let days: f64 =
        (days.parse()).map_err(|_| row.error(format!("`{days}` is no number of days")))?;
    let source = row.text("half_life_source")?.into();
    Ok(Some(HalfLife { days, source }))
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
                half_life: half_life(&row)?,
            });
        }
        Ok(Self {
            list,
            spellings: words.iter().map(|(word, ..)| word.clone()).collect(),
            names: Phrases::compile(words)?,
            groups: Groups::embedded()?,
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

    /// Returns the place in the table of what a word names: a drug by its name,
    /// brand or code, or a group. `None` where more or less than that is said.
    pub fn named(&self, word: &str) -> Option<usize> {
        let spelled = word.trim().to_lowercase().replace([' ', '-'], "_");
        if let Some(at) = self.list.iter().position(|one| one.name == spelled) {
            return Some(at);
        }
        let (hit, at) = self.names.find(word.trim()).next()?;
        (hit == (0..word.trim().len())).then_some(*at)
    }

    /// Says whether a treatment of the table belongs to what criteria call `name`.
    pub fn belongs(&self, name: &str, one: &Treatment) -> Member {
        if let Some(told) = self.groups.tells(name, one) {
            return told;
        }
        let may_be = if one.class == "class" {
            self.may_be(one, name)
        } else {
            self.is_group(name) && one.class == "other"
        };
        if may_be { Member::Unclear } else { Member::No }
    }

    /// Says whether what a patient had, known only by its class ("an oral drug"), may be what is named: if the class
    /// holds it. A steroid is no other drug, though the table has it as a class.
    fn may_be(&self, class: &Treatment, name: &str) -> bool {
        // What an earlier study gave may be any drug.
        if class.name == "investigational" {
            return true;
        }
        let surely_holds =
            |row: &Treatment| self.groups.tells(&class.name, row) == Some(Member::Yes);
        let Some(named) = self.list.iter().find(|row| row.name == name) else {
            // A drug that the table lacks: where the class is one of several drugs.
            let mut drugs = self.list.iter().filter(|row| row.class != "class");
            return drugs.any(surely_holds);
        };
        match self.groups.tells(&class.name, named) {
            Some(member) => member != Member::No,
            None => named.class == "other" && self.groups.is_open(&class.name),
        }
    }

    /// Says whether a name of the table is that of a group of drugs.
    pub fn is_group(&self, name: &str) -> bool {
        let row = self.list.iter().find(|row| row.name == name);
        row.is_some_and(|row| row.class == "class")
    }

    /// Returns every name, brand and code of every treatment.
    pub fn spellings(&self) -> impl Iterator<Item = &str> {
        self.spellings.iter().map(String::as_str)
    }

    /// Returns every treatment.
    pub fn list(&self) -> &[Treatment] {
        &self.list
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_of_a_group_is_known() {
        let all = Treatments::embedded().unwrap();
        for name in all.groups.names() {
            let known = |one: &Treatment| one.name == name || one.class == name;
            assert!(all.list.iter().any(known), "{name}");
        }
    }

    #[test]
    fn groups_hold_their_drugs() {
        let all = Treatments::embedded().unwrap();
        let holds =
            |group: &str, drug: &str| all.belongs(group, &all.list[all.named(drug).unwrap()]);
        for (group, drug, expected) in [
            ("anti_cd20", "Ocrevus", Member::Yes),
            ("ocrelizumab", "Ocrevus", Member::Yes),
            ("ocrelizumab", "rituximab", Member::No),
            ("ocrelizumab", "anti-CD20", Member::Unclear),
            ("high_efficacy", "natalizumab", Member::Yes),
            ("high_efficacy", "fingolimod", Member::Unclear),
            ("high_efficacy", "Copaxone", Member::No),
            ("oral", "Aubagio", Member::Yes),
            ("oral", "ocrelizumab", Member::No),
            ("immunosuppressant", "fingolimod", Member::Unclear),
            ("immunosuppressant", "azathioprine", Member::Yes),
            ("monoclonal_antibody", "Tysabri", Member::Yes),
            ("monoclonal_antibody", "glatiramer", Member::No),
            ("dmt", "interferon", Member::Yes),
            ("frexalimab", "ocrelizumab", Member::No),
            ("fingolimod", "prednisone", Member::No),
            ("cladribine", "oral therapy", Member::Unclear),
            ("natalizumab", "oral therapy", Member::No),
            ("natalizumab", "experimental", Member::Unclear),
            ("simvastatin", "statins", Member::Unclear),
            ("natalizumab", "statins", Member::No),
            ("frexalimab", "monoclonal antibodies", Member::Unclear),
            ("frexalimab", "prednisone", Member::No),
            ("statin", "prednisone", Member::No),
        ] {
            assert_eq!(holds(group, drug), expected, "{drug} in {group}");
        }
    }
}
