//! Many phrases found in one pass, each with its own meaning.

use std::collections::HashMap;
use std::ops::Range;

use regex::Regex;

use super::table::TableError;

/// Where a phrase stands: byte offsets into the text searched.
pub type Hit = Range<usize>;

/// Hyphens that registrants use, and white space: lines may be wrapped in the middle of a phrase.
const SEPARATOR: &str = r"[-‐‑‒–—\s]";

/// A set of phrases with a meaning each.
///
/// A hyphen or space between two letters must stand in the text as one or the
/// other; beside a digit it may be missing ("KYV-101", "KYV101"). Names of
/// fewer than five letters and digits must stand as they are written. No letter
/// or digit may touch a phrase.
#[derive(Debug)]
pub struct Phrases<T> {
    /// Phrases that match in any case, and phrases that match only as written.
    folded: Option<Regex>,
    exact: Option<Regex>,
    /// Letters and digits may stand before a phrase, so that it is only a part of what matches.
    is_part: bool,
    meaning: HashMap<String, T>,
}

impl<T> Phrases<T> {
    /// Compiles phrases: text, whether case matters, meaning.
    ///
    /// # Errors
    ///
    /// [`TableError`] if the phrases make no pattern (far too many of them).
    pub(super) fn compile(rows: Vec<(String, bool, T)>) -> Result<Self, TableError> {
        Self::build(rows, r"(?-u:\b)", false)
    }

    /// Compiles phrases that a digit may touch on the left.
    pub(super) fn compile_after_digits(rows: Vec<(String, bool, T)>) -> Result<Self, TableError> {
        Self::build(rows, r"(?:(?-u:\b)|(?-u:\b)[A-Za-z]{2,4}[0-9]{1,2})", true)
    }

    fn build(
        mut rows: Vec<(String, bool, T)>,
        left: &str,
        is_part: bool,
    ) -> Result<Self, TableError> {
        // The longest first: the pattern takes the first alternative that fits.
        rows.sort_by_key(|(phrase, ..)| std::cmp::Reverse(phrase.len()));
        let pattern = |exact: bool| {
            let of_case = rows.iter().filter(|(_, is_exact, _)| *is_exact == exact);
            alternatives(of_case.map(|(phrase, ..)| phrase.as_str()), left, !exact)
        };
        let (folded, exact) = (pattern(false)?, pattern(true)?);
        let meaning = rows
            .into_iter()
            .map(|(phrase, exact, meaning)| (key(&phrase, exact), meaning))
            .collect();
        Ok(Self {
            folded,
            exact,
            is_part,
            meaning,
        })
    }

    /// Finds the phrases in a text; those that match in any case come first.
    pub fn find<'a>(&'a self, text: &'a str) -> impl Iterator<Item = (Hit, &'a T)> {
        let of = |pattern: &'a Option<Regex>, exact: bool| {
            let found = pattern.iter().flat_map(|pattern| pattern.find_iter(text));
            found.filter_map(move |found| {
                // Groups cost much more than the match: they are asked for only where they differ.
                let hit = if self.is_part {
                    pattern.as_ref()?.captures_at(text, found.start())?.get(1)?
                } else {
                    found
                };
                Some((hit.range(), self.meaning.get(&key(hit.as_str(), exact))?))
            })
        };
        of(&self.folded, false).chain(of(&self.exact, true))
    }
}

fn alternatives<'a>(
    phrases: impl Iterator<Item = &'a str>,
    left: &str,
    fold: bool,
) -> Result<Option<Regex>, TableError> {
    let alternatives: Vec<String> = phrases.map(pattern_of).collect();
    if alternatives.is_empty() {
        return Ok(None);
    }
    let pattern = format!("{left}({})", alternatives.join("|"));
    regex::RegexBuilder::new(&pattern)
        .case_insensitive(fold)
        .size_limit(64 << 20)
        .build()
        .map(Some)
        .map_err(|reason| TableError::phrases(&reason))
}

/// Returns the pattern of one phrase.
fn pattern_of(phrase: &str) -> String {
    let marks: Vec<char> = phrase.chars().collect();
    let loose = marks.iter().filter(|c| c.is_alphanumeric()).count() >= 5;
    let digit = |at: Option<&char>| at.is_some_and(char::is_ascii_digit);
    let mut pattern = String::new();
    for (at, mark) in marks.iter().enumerate() {
        if *mark == '-' || *mark == ' ' {
            let beside_digit = digit(marks.get(at + 1))
                || at.checked_sub(1).is_some_and(|one| digit(marks.get(one)));
            pattern.push_str(SEPARATOR);
            pattern.push(if beside_digit && loose { '*' } else { '+' });
            continue;
        }
        pattern.push_str(&regex::escape(mark.encode_utf8(&mut [0; 4])));
        let joint = mark.is_ascii_alphabetic() && digit(marks.get(at + 1));
        if joint && loose {
            pattern.push_str(SEPARATOR);
            pattern.push('?');
        }
    }
    // A bracket at the end is a boundary by itself.
    if marks.last().is_some_and(|mark| mark.is_alphanumeric()) {
        pattern.push_str(r"(?-u:(?:\b|$))");
    }
    pattern
}

/// Returns what all spellings of a phrase have in common.
fn key(phrase: &str, exact: bool) -> String {
    let joined: String = phrase
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '‐' | '‑' | '‒' | '–' | '—'))
        .collect();
    if exact {
        format!("={joined}")
    } else {
        joined.to_lowercase()
    }
}
