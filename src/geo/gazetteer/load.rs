//! From the embedded tables to places and the keys that find them.

use std::collections::HashMap;
use std::io::Read;
use std::sync::LazyLock;

use super::{Gazetteer, NamedPlace, fold, key};
use crate::geo::{Country, GeoPoint, records};

/// Columns: `name`, `others`, `country`, `division`, `lat`, `lon`, `people`; packed by `build.rs`.
const PACKED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/gazetteer.tsv.gz"));
/// Columns: `country`, `code`, `name`, `others`.
const DIVISIONS: &str = include_str!("../../data/divisions.tsv");

/// The two letters that a German or a Scandinavian writes where a keyboard lacks the one.
const IN_TWO_LETTERS: [(char, &str); 5] = [
    ('ä', "ae"),
    ('ö', "oe"),
    ('ü', "ue"),
    ('ø', "oe"),
    ('å', "aa"),
];

/// By country and code.
static DIVISION_TABLE: LazyLock<HashMap<(&str, &str), Division>> =
    LazyLock::new(|| records(DIVISIONS).filter_map(Division::parse).collect());

/// A state, a province or another first-level division.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Division {
    /// Its name in English.
    pub(super) name: &'static str,
    /// Code, name and spellings, folded.
    keys: Vec<String>,
}

impl Division {
    /// The division of a country that a folded text names.
    pub(super) fn of(country: Country, folded: &str) -> Option<&'static Self> {
        let of_country = DIVISION_TABLE
            .iter()
            .filter(|((iso2, _), _)| *iso2 == country.iso2());
        let mut divisions = of_country.map(|(_, division)| division);
        divisions.find(|division| division.keys.iter().any(|key| key == folded))
    }

    /// Reads a line; `None` if it is not one of the table, which a test rules out for the embedded file.
    fn parse(line: &'static str) -> Option<((&'static str, &'static str), Self)> {
        let mut cells = line.split('\t');
        let (country, code) = (cells.next()?, cells.next()?);
        let name = cells.next()?;
        let mut keys: Vec<String> = [code, name]
            .into_iter()
            .chain(cells.next()?.split('|'))
            .map(fold)
            .collect();
        keys.retain(|key| !key.is_empty());
        Some(((country, code), Self { name, keys }))
    }
}

impl Gazetteer {
    /// Unpacks and reads the embedded table.
    pub(super) fn embedded() -> Self {
        let mut text = String::new();
        // Our own bytes: a test reads them whole, so damage cannot reach a user.
        let unpacked = flate2::read::GzDecoder::new(PACKED).read_to_string(&mut text);
        let mut gazetteer = Self::default();
        if unpacked.is_ok() {
            // Read once and kept as long as the program runs, as a constant would be.
            for line in records(text.leak()) {
                gazetteer.add(line);
            }
        }
        gazetteer.keys.sort_unstable();
        gazetteer
    }

    /// Adds a line; `None` if it is not one of the table, which a test rules out for the embedded file.
    fn add(&mut self, line: &'static str) -> Option<()> {
        let mut cells = line.split('\t');
        let (name, others) = (cells.next()?, cells.next()?);
        let (country, division) = (cells.next()?, cells.next()?);
        let mut degrees = || cells.next()?.parse().ok();
        let place = NamedPlace {
            name,
            country: Country::find(country)?,
            division: DIVISION_TABLE.get(&(country, division)),
            point: GeoPoint::new(degrees()?, degrees()?)?,
            thousands: cells.next()?.parse().ok()?,
        };
        let at = self.places.len();
        self.places.push(place);
        for name in [name].into_iter().chain(others.split('|')) {
            self.add_keys(name, at);
        }
        Some(())
    }

    fn add_keys(&mut self, name: &str, at: usize) {
        let usual = key(name);
        if usual.is_empty() {
            return;
        }
        let two = in_two_letters(name).map(|spelled| key(&spelled));
        self.keys.extend(two.map(|key| (key, at)));
        self.keys.push((usual, at));
    }
}

/// The name with its marked letters written in two; `None` if it has none.
fn in_two_letters(name: &str) -> Option<String> {
    if name.is_ascii() {
        return None;
    }
    let lower = name.to_lowercase();
    let mut spelled = lower.clone();
    for (marked, two) in IN_TWO_LETTERS {
        spelled = spelled.replace(marked, two);
    }
    (spelled != lower).then_some(spelled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_division_is_read_and_named_by_each_of_its_spellings() {
        assert!(DIVISIONS.contains("\ncountry\tcode\tname\tothers\n"));
        assert_eq!(DIVISION_TABLE.len(), records(DIVISIONS).count());
        for ((country, code), division) in &*DIVISION_TABLE {
            let country = Country::find(country).unwrap();
            for key in &division.keys {
                // No other division of the country bears the name.
                assert_eq!(Division::of(country, key), Some(division), "{code} {key}");
            }
        }
    }

    #[test]
    fn marked_letters_are_written_in_two() {
        assert_eq!(in_two_letters("Zürich").as_deref(), Some("zuerich"));
        assert_eq!(in_two_letters("Ålesund").as_deref(), Some("aalesund"));
        assert_eq!(in_two_letters("Orléans"), None);
        assert_eq!(in_two_letters("Leeds"), None);
    }
}
