//! Many phrases found in one pass, each with its own meaning.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::OnceLock;

use regex::Regex;

use super::table::TableError;

/// Where a phrase stands: byte offsets into the text searched.
pub type Hit = Range<usize>;

/// Hyphens that registrants use, and white space: lines may be wrapped in the middle of a phrase.
const SEPARATOR: &str = r"(?u:[-‐‑‒–—\t-\r \u{A0}\u{202F}\u{3000}])";

/// A set of phrases with a meaning each.
///
/// A hyphen or space between two letters must stand in the text as one or the
/// other; beside a digit it may be missing ("KYV-101", "KYV101"). Names of
/// fewer than five letters and digits must stand as they are written. No letter
/// or digit may touch a phrase.
#[derive(Debug)]
pub struct Phrases<T> {
    /// Phrases that match in any case, and phrases that match only as written.
    folded: Alternatives,
    exact: Alternatives,
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
        Self::lazy(rows).compiled()
    }

    /// Takes phrases that are compiled when they are first looked for. For embedded tables that
    /// not every run needs: phrases that make no pattern would be found nowhere, without a word.
    pub(super) fn lazy(rows: Vec<(String, bool, T)>) -> Self {
        Self::new(rows, r"(?-u:\b)", false)
    }

    /// Compiles phrases that a digit may touch on the left.
    pub(super) fn compile_after_digits(rows: Vec<(String, bool, T)>) -> Result<Self, TableError> {
        Self::new(rows, r"(?:(?-u:\b)|(?-u:\b)[A-Za-z]{2,4}[0-9]{1,2})", true).compiled()
    }

    fn compiled(self) -> Result<Self, TableError> {
        for pattern in [&self.folded, &self.exact] {
            let compiled = pattern.compile().map_err(|why| TableError::phrases(&why))?;
            let _ = pattern.regex.set(compiled);
        }
        Ok(self)
    }

    fn new(mut rows: Vec<(String, bool, T)>, left: &str, is_part: bool) -> Self {
        // The longest first: the pattern takes the first alternative that fits.
        rows.sort_by_key(|(phrase, ..)| std::cmp::Reverse(phrase.len()));
        let pattern = |exact: bool| {
            let of_case = rows.iter().filter(|(_, is_exact, _)| *is_exact == exact);
            Alternatives::of(of_case.map(|(phrase, ..)| phrase.as_str()), left, !exact)
        };
        let (folded, exact) = (pattern(false), pattern(true));
        let meaning = rows
            .into_iter()
            .map(|(phrase, exact, meaning)| (key(&phrase, exact), meaning))
            .collect();
        Self {
            folded,
            exact,
            is_part,
            meaning,
        }
    }

    /// Finds the phrases in a text; those that match in any case come first.
    pub fn find<'a>(&'a self, text: &'a str) -> impl Iterator<Item = (Hit, &'a T)> {
        let of = |pattern: &'a Alternatives, exact: bool| {
            let pattern = pattern.regex();
            let found = pattern.into_iter();
            let found = found.flat_map(|pattern| pattern.find_iter(text));
            found.filter_map(move |found| {
                // Groups cost much more than the match: they are asked for only where they differ.
                let hit = if self.is_part {
                    pattern?.captures_at(text, found.start())?.get(1)?
                } else {
                    found
                };
                Some((hit.range(), self.meaning.get(&key(hit.as_str(), exact))?))
            })
        };
        of(&self.folded, false).chain(of(&self.exact, true))
    }
}

/// Phrases of one kind as one pattern; empty if there are none.
#[derive(Debug)]
struct Alternatives {
    source: String,
    fold: bool,
    regex: OnceLock<Option<Regex>>,
}

impl Alternatives {
    fn of<'a>(phrases: impl Iterator<Item = &'a str>, left: &str, fold: bool) -> Self {
        let alternatives: Vec<String> = phrases.map(pattern_of).collect();
        // Letter case by the tables of all scripts costs more than all else: only letters beyond
        // ASCII need it.
        let source = if alternatives.is_empty() {
            String::new()
        } else {
            format!("(?-u){left}({})", alternatives.join("|"))
        };
        Self {
            source,
            fold,
            regex: OnceLock::new(),
        }
    }

    fn compile(&self) -> Result<Option<Regex>, regex::Error> {
        if self.source.is_empty() {
            return Ok(None);
        }
        regex::RegexBuilder::new(&self.source)
            .case_insensitive(self.fold)
            .size_limit(64 << 20)
            .build()
            .map(Some)
    }

    fn regex(&self) -> Option<&Regex> {
        let compiled = self
            .regex
            .get_or_init(|| self.compile().unwrap_or_default());
        compiled.as_ref()
    }
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
        if mark.is_ascii() {
            pattern.push_str(&regex::escape(mark.encode_utf8(&mut [0; 4])));
        } else {
            pattern.extend(["(?u:", mark.encode_utf8(&mut [0; 4]), ")"]);
        }
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
