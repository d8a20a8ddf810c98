//! A sieve for whole records: what it holds back gives no engineered cells, what
//! it lets through must be looked at.
//!
//! Most of a million studies name no word that could make them one. To find
//! that out from the bytes is many times faster than to decode and classify
//! them. Only the modules that classify a study are looked at: criteria,
//! outcomes, sites and results make up most of a record, and name treatments
//! that it does not give.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use memchr::memmem;
use regex::bytes::Regex;

use super::Terminology;

/// Stems of the patterns in `classify` that stand in no table: names of products, and what only
/// the preparation for engineered cells calls for.
const STEMS: [&str; 13] = [
    "cabtagene",
    "cart",
    "leucel",
    "lymphodeplet",
    "pheresis",
    "cellular kinetic",
    "cellular pharmacokinetic",
    "cells/kg",
    "lentivir",
    "gene-modified",
    "gene modified",
    "vivo lv",
    "vivo gene",
];

/// Cells, in the name of an intervention.
static CELLS: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i-u)(?:\b|\\[nrt])cells?(?:\b|_)").ok());

/// Whether a letter or digit may touch a part of a phrase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Edges {
    left: bool,
    right: bool,
}

/// How a part of a phrase must stand.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Stand {
    edges: Edges,
    /// The parts that stand beside it where its edges are open: "ALLO-329" is not named by the word
    /// "allocation".
    before: Option<String>,
    after: Option<String>,
}

/// Bytes in which the next part of a phrase begins or ends: what parts them may be written as an
/// escape of JSON or Markdown, or as an entity.
const NEAR: usize = 32;

impl Stand {
    fn fits(&self, record: &[u8], found: aho_corasick::Match) -> bool {
        let (before, after) = record.split_at(found.start().min(record.len()));
        let after = after.get(found.len()..).unwrap_or_default();
        let is_free = (self.edges.left || !touched_left(record, found.start()))
            && (self.edges.right || !after.first().is_some_and(u8::is_ascii_alphanumeric));
        is_free
            && holds(
                &before[before.len().saturating_sub(NEAR)..],
                self.before.as_deref(),
            )
            && holds(&after[..after.len().min(NEAR)], self.after.as_deref())
    }
}

/// Says whether a part, if one is asked for, stands in bytes.
fn holds(bytes: &[u8], part: Option<&str>) -> bool {
    let Some(part) = part.map(str::as_bytes) else {
        return true;
    };
    let mut windows = bytes.windows(part.len().max(1));
    windows.any(|window| window.eq_ignore_ascii_case(part))
}

/// Finds parts of phrases in bytes.
#[derive(Debug)]
pub struct Sieve {
    parts: AhoCorasick,
    stands: Vec<Stand>,
}

impl Sieve {
    pub(super) fn of<'p>(phrases: impl Iterator<Item = &'p str>) -> Option<Self> {
        let mut rows: Vec<(String, Stand)> = phrases.filter_map(longest_part).collect();
        let open = Stand {
            edges: Edges {
                left: true,
                right: true,
            },
            before: None,
            after: None,
        };
        rows.extend(STEMS.map(|stem| (stem.to_owned(), open.clone())));
        rows.sort();
        rows.dedup();
        let parts = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::Standard)
            // Far faster than the smaller kinds, and a few megabytes.
            .kind(Some(AhoCorasickKind::DFA))
            .build(rows.iter().map(|(part, _)| part));
        Some(Self {
            parts: parts.ok()?,
            stands: rows.into_iter().map(|(_, stand)| stand).collect(),
        })
    }

    /// Says whether a record, as the registry sends it, may give engineered cells.
    pub fn lets_through(&self, record: &[u8]) -> bool {
        let record = classifying(record);
        let hit = |found: aho_corasick::Match| {
            let stand = self.stands.get(found.pattern().as_usize());
            stand.is_none_or(|stand| stand.fits(record, found))
        };
        if self.parts.find_overlapping_iter(record).any(hit) {
            return true;
        }
        // A cell product by code, whose record discloses nothing else.
        let section = interventions(record);
        CELLS.as_ref().is_none_or(|cells| cells.is_match(section))
    }
}

/// Modules whose texts give a study its class.
const CLASSIFYING: [&[u8]; 4] = [
    b"\"identificationModule\"",
    b"\"descriptionModule\"",
    b"\"conditionsModule\"",
    INTERVENTIONS,
];

/// The module of arms and interventions.
const INTERVENTIONS: &[u8] = b"\"armsInterventionsModule\"";

/// Modules that the registry puts right behind those.
const BEHIND: [&[u8]; 2] = [b"\"outcomesModule\"", b"\"eligibilityModule\""];

/// Returns the part of a record that gives a study its class; all of it unless its modules stand in
/// the registry's order.
fn classifying(record: &[u8]) -> &[u8] {
    let cut = BEHIND.iter().find_map(|name| key(record, name));
    let Some((head, rest)) = cut.and_then(|at| record.split_at_checked(at)) else {
        return record;
    };
    let is_before = |name: &&[u8]| key(head, name).is_some() || key(rest, name).is_none();
    if CLASSIFYING.iter().all(is_before) {
        head
    } else {
        record
    }
}

/// Finds a key of an object: a text that reads the same is not followed by a colon.
fn key(record: &[u8], name: &[u8]) -> Option<usize> {
    memmem::find_iter(record, name).find(|at| {
        let rest = record.get(at + name.len()..).unwrap_or_default();
        rest.trim_ascii_start().starts_with(b":")
    })
}

/// Returns the part of a record that names its arms and interventions; an empty one if it has none.
fn interventions(record: &[u8]) -> &[u8] {
    let Some(start) = key(record, INTERVENTIONS) else {
        return &[];
    };
    let rest = record
        .get(start + INTERVENTIONS.len()..)
        .unwrap_or_default();
    let end = memmem::find(rest, b"Module\"").unwrap_or(rest.len());
    rest.get(..end).unwrap_or_default()
}

/// A digit may stand before a word for cells ("CD19CAR"), and a letter that belongs to an escape
/// of JSON touches nothing.
fn touched_left(record: &[u8], start: usize) -> bool {
    let before = &record[..start];
    let is_letter = before.last().is_some_and(u8::is_ascii_alphabetic);
    let is_escape = before.len() >= 2 && before[before.len() - 2] == b'\\'
        || before.len() >= 6 && before[before.len() - 6..].starts_with(b"\\u");
    is_letter && !is_escape
}

/// Words that stand in phrases for cells and in records of every kind.
const COMMON: [&str; 10] = [
    "antigen",
    "cell",
    "cells",
    "killer",
    "natural",
    "receptor",
    "regulatory",
    "therapy",
    "universal",
    "vivo",
];

/// Returns the longest run of ASCII letters and digits of a phrase that is no common word; if all
/// are, the longest.
fn longest_part(phrase: &str) -> Option<(String, Stand)> {
    let parts = phrase.split(|c: char| !c.is_ascii_alphanumeric());
    let rank = |part: &&str| {
        (
            !COMMON.contains(&part.to_ascii_lowercase().as_str()),
            // Numbers stand in every record.
            part.contains(|c: char| c.is_ascii_alphabetic()),
            part.len(),
        )
    };
    let part = parts.filter(|part| part.len() > 1).max_by_key(rank)?;
    let start = phrase.find(part)?;
    let (before, after) = (&phrase[..start], &phrase[start + part.len()..]);
    // Beside a digit a separator may be missing, and the parts touch.
    let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    let beside_digit = |own: Option<char>, other: Option<char>| digit(own) || digit(other);
    let parts_them = |c: char| !c.is_ascii_alphanumeric();
    let other_left = before.rsplit(parts_them).find(|part| !part.is_empty());
    let other_right = after.split(parts_them).find(|part| !part.is_empty());
    let left = other_left.filter(|left| beside_digit(part.chars().next(), left.chars().last()));
    let right = other_right.filter(|right| beside_digit(part.chars().last(), right.chars().next()));
    Some((
        part.to_ascii_lowercase(),
        Stand {
            edges: Edges {
                left: left.is_some(),
                right: right.is_some(),
            },
            before: left.map(str::to_owned),
            after: right.map(str::to_owned),
        },
    ))
}

impl Terminology {
    /// Returns a sieve for whole records; `None` if it cannot be built, and every record must be
    /// looked at.
    pub fn sieve(&self) -> Option<Sieve> {
        let products = self.products().iter().flat_map(super::Product::names);
        let modality = super::modality_phrases();
        Sieve::of(products.chain(modality.iter().map(String::as_str)))
    }
}
