//! From what stands in a field to a value: text, numbers and truth values are
//! read alike, so that TOML, JSON and CSV cells need no path of their own.

use std::collections::BTreeMap;
use std::fmt::{self, Display};
use std::marker::PhantomData;
use std::str::FromStr;

use serde::de::value::MapAccessDeserializer;
use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, de::Error as _};

use super::words::refused;
use super::{Analyte, Measured};
use crate::study::PartialDate;

/// Reads a field; empty and null are unknown.
pub(super) fn known<'de, D, T>(source: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err: Display>,
{
    match source.deserialize_any(Words)? {
        Some(words) => words.parse().map(Some).map_err(D::Error::custom),
        None => Ok(None),
    }
}

/// Reads a date as it is written in a profile. What is no date is not repeated: it is a fact about a patient.
pub(super) fn day(text: &str) -> Result<PartialDate, String> {
    let allowed = "YYYY, YYYY-MM or YYYY-MM-DD, for example 2026-06-20";
    let date = text.trim().parse::<PartialDate>();
    date.map_err(|_| refused("date", allowed))
}

/// Reads a field that holds a date; empty and null are unknown.
pub(super) fn date<'de, D>(source: D) -> Result<Option<PartialDate>, D::Error>
where
    D: Deserializer<'de>,
{
    let words = source.deserialize_any(Words)?;
    let date = words.map(|words| day(&words)).transpose();
    date.map_err(D::Error::custom)
}

/// An item of a list that is a table of fields. The derived reader alone would take a list too, by position.
pub(super) trait Fields: Sized {
    /// What is expected in its place.
    const EXPECTED: &'static str;
}

/// An item that was read from a table.
struct Table<T>(T);

impl<'de, T: Fields + Deserialize<'de>> Deserialize<'de> for Table<T> {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        source.deserialize_map(Tabled(PhantomData))
    }
}

struct Tabled<T>(PhantomData<T>);

impl<'de, T: Fields + Deserialize<'de>> Visitor<'de> for Tabled<T> {
    type Value = Table<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::EXPECTED)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Table)
    }
}

/// Reads a list of tables; null is unknown, an empty list is no unknown.
pub(super) fn tables<'de, D, T>(source: D) -> Result<Option<Vec<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Fields + Deserialize<'de>,
{
    let list: Option<Vec<Table<T>>> = Option::deserialize(source)?;
    Ok(list.map(|list| list.into_iter().map(|one| one.0).collect()))
}

/// Reads a list; null is unknown, an empty list is no unknown.
pub(super) fn list<'de, D, T>(source: D) -> Result<Option<Vec<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::deserialize(source)
}

/// Reads a map from one closed list of words to another; null and empty values are unknown.
pub(super) fn closed_map<'de, D, K, V>(source: D) -> Result<BTreeMap<K, V>, D::Error>
where
    D: Deserializer<'de>,
    K: FromStr<Err: Display> + Ord,
    V: FromStr<Err: Display>,
{
    source.deserialize_map(Pairs(|_: &K, words: &str| words.parse(), PhantomData))
}

/// Reads a map from analytes to numbers with units.
pub(super) fn measured<'de, D>(source: D) -> Result<BTreeMap<Analyte, Measured>, D::Error>
where
    D: Deserializer<'de>,
{
    let read = |analyte: &Analyte, words: &str| Measured::read(*analyte, words);
    source.deserialize_map(Pairs(read, PhantomData))
}

/// The words of one field, whatever its form.
struct Words;

impl<'de> Visitor<'de> for Words {
    type Value = Option<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a single value")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        let text = text.trim();
        Ok((!text.is_empty()).then(|| text.to_owned()))
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Some(value.to_string()))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Self::Value, E> {
        Ok(Some(value.to_string()))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Self::Value, E> {
        Ok(Some(value.to_string()))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Self::Value, E> {
        Ok(Some(value.to_string()))
    }

    fn visit_none<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, source: D) -> Result<Self::Value, D::Error> {
        source.deserialize_any(self)
    }

    /// A date of TOML without quotes comes as a map with one text.
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let first = map.next_entry::<String, String>();
        let rest = map.next_key::<IgnoredAny>();
        match (first, rest) {
            (Ok(Some((name, text))), Ok(None)) if name.starts_with("$__toml") => Ok(Some(text)),
            _ => Err(A::Error::custom("expected a single value")),
        }
    }
}

/// A map whose values are read with their key at hand.
struct Pairs<F, K, V, E>(F, PhantomData<(K, V, E)>);

impl<'de, F, K, V, E> Visitor<'de> for Pairs<F, K, V, E>
where
    F: Fn(&K, &str) -> Result<V, E>,
    K: FromStr<Err: Display> + Ord,
    E: Display,
{
    type Value = BTreeMap<K, V>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a table of names and values")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut pairs = BTreeMap::new();
        while let Some(key) = map.next_key_seed(Name(PhantomData))? {
            let read = Paired(&key, &self.0, PhantomData);
            if let Some(value) = map.next_value_seed(read)? {
                pairs.insert(key, value);
            }
        }
        Ok(pairs)
    }
}

/// A key of a closed list. What is wrong with it is said while it is read, so that the error names its place.
struct Name<K>(PhantomData<K>);

impl<'de, K: FromStr<Err: Display>> DeserializeSeed<'de> for Name<K> {
    type Value = K;

    fn deserialize<D: Deserializer<'de>>(self, source: D) -> Result<K, D::Error> {
        let name = String::deserialize(source)?;
        name.parse().map_err(D::Error::custom)
    }
}

/// A value that is read with its key at hand.
struct Paired<'a, F, K, V, E>(&'a K, &'a F, PhantomData<(V, E)>);

impl<'de, F, K, V, E> DeserializeSeed<'de> for Paired<'_, F, K, V, E>
where
    F: Fn(&K, &str) -> Result<V, E>,
    E: Display,
{
    type Value = Option<V>;

    fn deserialize<D: Deserializer<'de>>(self, source: D) -> Result<Option<V>, D::Error> {
        let words = source.deserialize_any(Words)?;
        let value = words.map(|words| (self.1)(self.0, &words));
        value.transpose().map_err(D::Error::custom)
    }
}
