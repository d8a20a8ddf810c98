//! Plain words for readers: what the words of facts mean, and a glossary.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::phrases::{Hit, Phrases};
use super::table::{Table, TableError};

/// Plain words for the words of facts (`plain-words.tsv`), and the glossary (`glossary.tsv`).
#[derive(Debug, Default)]
pub struct PlainWords {
    /// Plain words by kind and key.
    words: HashMap<String, HashMap<String, String>>,
    /// Terms in the order of the file.
    glossary: Vec<Term>,
    /// Where terms stand; `None` only if the embedded table is damaged, which a test rules out.
    terms: Option<Phrases<usize>>,
}

/// A term of the field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// How it is written.
    pub term: String,
    /// What it means, in short.
    pub gloss: String,
    /// Where that can be checked.
    pub source: String,
}

/// Our own tables, which a test reads: damage cannot reach a user.
static EMBEDDED: LazyLock<PlainWords> = LazyLock::new(|| PlainWords::read().unwrap_or_default());

impl PlainWords {
    /// Returns the embedded tables.
    pub fn embedded() -> &'static Self {
        &EMBEDDED
    }

    fn read() -> Result<Self, TableError> {
        let table = Table::parse("plain-words.tsv", include_str!("../data/plain-words.tsv"))?;
        let mut words: HashMap<String, HashMap<String, String>> = HashMap::new();
        for row in table.rows() {
            let of_kind = words.entry(row.text("kind")?.to_owned()).or_default();
            let (key, plain) = (row.text("key")?.to_owned(), row.text("words")?.to_owned());
            if of_kind.insert(key, plain).is_some() {
                return Err(row.error("the key stands there twice".to_owned()));
            }
        }
        let table = Table::parse("glossary.tsv", include_str!("../data/glossary.tsv"))?;
        let (mut glossary, mut phrases) = (Vec::new(), Vec::new());
        for row in table.rows() {
            let spellings: Vec<&str> = row.text("term")?.split('|').collect();
            phrases.extend(spellings.iter().map(|spelling| {
                // "MS" is a name only as written; "Apheresis" may open a sentence.
                let exact = spelling.chars().skip(1).any(char::is_uppercase);
                ((*spelling).to_owned(), exact, glossary.len())
            }));
            glossary.push(Term {
                term: spellings.first().copied().unwrap_or_default().to_owned(),
                gloss: row.text("gloss")?.to_owned(),
                source: row.text("source")?.to_owned(),
            });
        }
        Ok(Self {
            words,
            glossary,
            terms: Some(Phrases::compile(phrases)?),
        })
    }

    /// Returns the plain words of a key; a key that the table lacks, as its own words.
    pub fn of(&self, kind: &str, key: &str) -> String {
        self.get(kind, key)
            .map_or_else(|| key.replace('_', " "), str::to_owned)
    }

    /// Returns the plain words of something that happens once, such as a stroke.
    pub fn event(&self, key: &str) -> Option<&str> {
        self.get("event", key)
    }

    /// Returns the plain words of a drug or a class of drugs; a drug without a row is told by its name.
    pub fn treatment(&self, key: &str) -> String {
        self.get("drug", key)
            .map_or_else(|| self.of("class", key), str::to_owned)
    }

    fn get(&self, kind: &str, key: &str) -> Option<&str> {
        Some(self.words.get(kind)?.get(key)?.as_str())
    }

    /// Returns the glossary.
    pub fn glossary(&self) -> &[Term] {
        &self.glossary
    }

    /// Returns the names of tests, and of drugs with a row of their own, as written.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let of = |kind| self.words.get(kind).into_iter().flat_map(HashMap::values);
        of("drug").chain(of("test")).map(String::as_str)
    }

    /// Returns the terms that stand in a text, each once, by the alphabet.
    pub fn terms_in(&self, text: &str) -> Vec<&Term> {
        let hits: Vec<_> = (self.terms.iter())
            .flat_map(|phrases| phrases.find(text))
            .collect();
        // "progressive MS" inside "secondary progressive MS" is not that term.
        let is_inside = |one: &Hit, other: &Hit| {
            other.start < one.end && one.start < other.end && other.len() > one.len()
        };
        let mut places: Vec<usize> = hits
            .iter()
            .filter(|(hit, _)| !hits.iter().any(|(other, _)| is_inside(hit, other)))
            .map(|(_, place)| **place)
            .collect();
        places.sort_unstable();
        places.dedup();
        let mut terms: Vec<&Term> = places
            .into_iter()
            .filter_map(|place| self.glossary.get(place))
            .collect();
        terms.sort_by_key(|one| one.term.to_lowercase());
        terms
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_whole() {
        let words = PlainWords::read().expect("the embedded tables are sound");
        assert!(words.glossary().len() >= 80);
        assert!(words.names().count() > 20);
        for one in words.glossary() {
            assert!(!one.gloss.ends_with('.'), "{}", one.term);
            assert!(one.gloss.split(' ').count() <= 30, "{}", one.term);
        }
    }

    #[test]
    fn every_group_of_treatments_has_plain_words() {
        let treatments = super::super::Treatments::embedded().expect("sound");
        let words = PlainWords::embedded();
        for one in treatments.list().iter().filter(|one| one.class == "class") {
            assert!(words.get("class", &one.name).is_some(), "{}", one.name);
        }
        assert_eq!(words.treatment("peginterferon_alpha"), "interferon alpha");
        assert_eq!(
            words.treatment("total_body_irradiation"),
            "X-rays of the whole body"
        );
        assert_eq!(words.treatment("dimethyl_fumarate"), "dimethyl fumarate");
    }

    #[test]
    fn terms_are_found_as_words() {
        let found = |text| -> Vec<&str> {
            let terms = PlainWords::embedded().terms_in(text);
            terms.into_iter().map(|one| one.term.as_str()).collect()
        };
        assert_eq!(found("EDSS of 3 and RRMS"), ["EDSS", "RRMS"]);
        assert_eq!(found("secondary progressive MS (SPMS)"), ["SPMS"]);
        assert_eq!(found("systems, terms, ms"), [""; 0]);
        assert_eq!(found("Leukapheresis"), ["leukapheresis"]);
    }
}
