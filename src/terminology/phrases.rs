//! Many phrases found in one pass, each with its own meaning.

use std::collections::HashMap;
use std::ops::{Range, RangeInclusive};

use aho_corasick::{AhoCorasick, BuildError};

use super::table::TableError;

/// Where a phrase stands: byte offsets into the text searched.
pub type Hit = Range<usize>;

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
    /// A word that ends in digits may touch a phrase on its left.
    after_digits: bool,
    meanings: Vec<T>,
}

impl<T> Phrases<T> {
    /// Compiles phrases: text, whether case matters, meaning.
    ///
    /// # Errors
    ///
    /// [`TableError`] if the phrases make no automaton (far too many of them).
    pub(super) fn compile(rows: Vec<(String, bool, T)>) -> Result<Self, TableError> {
        Self::new(rows, false)
    }

    /// Compiles phrases that a word of two to four letters and one or two digits may touch on the
    /// left ("CD19CAR").
    ///
    /// # Errors
    ///
    /// Those of [`Phrases::compile`].
    pub(super) fn compile_after_digits(rows: Vec<(String, bool, T)>) -> Result<Self, TableError> {
        Self::new(rows, true)
    }

    fn new(mut rows: Vec<(String, bool, T)>, after_digits: bool) -> Result<Self, TableError> {
        // The longest first: of several that begin at one place it is the one that is found.
        rows.sort_by_key(|(phrase, ..)| std::cmp::Reverse(phrase.len()));
        let alternatives = |exact: bool| {
            let all = rows.iter().enumerate();
            let of_case = all.filter(|(_, (_, is_exact, _))| *is_exact == exact);
            let phrases = of_case.map(|(at, (phrase, ..))| (phrase.as_str(), at));
            Alternatives::of(phrases, !exact).map_err(|why| TableError::phrases(&why))
        };
        Ok(Self {
            folded: alternatives(false)?,
            exact: alternatives(true)?,
            after_digits,
            meanings: rows.into_iter().map(|(.., meaning)| meaning).collect(),
        })
    }

    /// Finds the phrases in a text; those that match in any case come first.
    pub fn find<'a>(&'a self, text: &str) -> impl Iterator<Item = (Hit, &'a T)> + use<'a, T> {
        let small = Squeezed::of(text, true);
        let mut found = self.folded.find(text, &small, self.after_digits);
        if !self.exact.phrases.is_empty() {
            // Of ASCII nothing is made small.
            let as_written = (!text.is_ascii()).then(|| Squeezed::of(text, false));
            let as_written = as_written.as_ref().unwrap_or(&small);
            found.extend(self.exact.find(text, as_written, self.after_digits));
        }
        let meaning = |(hit, at): (Hit, usize)| Some((hit, self.meanings.get(at)?));
        found.into_iter().filter_map(meaning)
    }
}

/// Phrases of one kind, found in texts without hyphens and white space.
#[derive(Debug)]
struct Alternatives {
    phrases: Vec<Phrase>,
    /// `None` if there are no phrases.
    automaton: Option<AhoCorasick>,
}

/// How a phrase must stand, once its letters and digits are found.
#[derive(Debug)]
struct Phrase {
    /// How many hyphens and spaces stand before each of its bytes but the first.
    gaps: Vec<RangeInclusive<usize>>,
    /// Its first and its last sign are letters or digits, which no other may touch.
    bounds: (bool, bool),
    meaning: usize,
}

/// A phrase that stands in a text.
struct Found {
    /// With the word that touches it, if any.
    whole: Range<usize>,
    hit: Hit,
    phrase: usize,
}

impl Alternatives {
    fn of<'p>(
        rows: impl Iterator<Item = (&'p str, usize)>,
        fold: bool,
    ) -> Result<Self, BuildError> {
        let (mut keys, mut phrases) = (Vec::new(), Vec::new());
        let mut meanings: HashMap<Vec<u8>, usize> = HashMap::new();
        for (phrase, meaning) in rows {
            let key = Squeezed::of(phrase, fold).bytes;
            // Of two spellings of one phrase the later row tells the meaning.
            meanings.insert(key.clone(), meaning);
            phrases.push(Phrase::of(phrase));
            keys.push(key);
        }
        for (key, phrase) in keys.iter().zip(&mut phrases) {
            phrase.meaning = meanings.get(key).copied().unwrap_or_default();
        }
        let mut builder = AhoCorasick::builder();
        let automaton =
            (!keys.is_empty()).then(|| builder.ascii_case_insensitive(fold).build(&keys));
        Ok(Self {
            phrases,
            automaton: automaton.transpose()?,
        })
    }

    /// Finds phrases that do not overlap, from the left, each with its meaning.
    fn find(&self, text: &str, squeezed: &Squeezed, after_digits: bool) -> Vec<(Hit, usize)> {
        let Some(automaton) = &self.automaton else {
            return Vec::new();
        };
        let mut found: Vec<Found> = automaton
            .find_overlapping_iter(&squeezed.bytes)
            .filter_map(|one| {
                let phrase = one.pattern().as_usize();
                let at = squeezed.at.get(one.range())?;
                let hit = self.phrases.get(phrase)?.stands(text, at)?;
                let start = self
                    .phrases
                    .get(phrase)?
                    .begins(text, hit.start, after_digits)?;
                let whole = start..hit.end;
                Some(Found { whole, hit, phrase })
            })
            .collect();
        found.sort_by_key(|one| (one.whole.start, one.hit.start, one.phrase));
        let mut free = 0;
        found.retain(|one| {
            let is_free = one.whole.start >= free;
            free = if is_free { one.whole.end } else { free };
            is_free
        });
        let meaning = |one: Found| Some((one.hit, self.phrases.get(one.phrase)?.meaning));
        found.into_iter().filter_map(meaning).collect()
    }
}

impl Phrase {
    /// Works out how a phrase must stand; its meaning is still to be told.
    fn of(phrase: &str) -> Self {
        let marks: Vec<char> = phrase.trim_matches(is_separator).chars().collect();
        let loose = marks.iter().filter(|mark| mark.is_alphanumeric()).count() >= 5;
        let is_digit = |at: Option<usize>| {
            at.and_then(|at| marks.get(at))
                .is_some_and(char::is_ascii_digit)
        };
        let (mut gaps, mut gap) = (Vec::new(), 0..=0);
        for (at, mark) in marks.iter().enumerate() {
            if is_separator(*mark) {
                let may_miss = loose && (is_digit(at.checked_sub(1)) || is_digit(Some(at + 1)));
                gap = gap.start() + usize::from(!may_miss)..=usize::MAX;
                continue;
            }
            gaps.push(std::mem::replace(&mut gap, 0..=0));
            gaps.extend(std::iter::repeat_n(0..=0, mark.len_utf8() - 1));
            if loose && mark.is_ascii_alphabetic() && is_digit(Some(at + 1)) {
                gap = 0..=1;
            }
        }
        let is_word = |mark: Option<&char>| mark.is_some_and(|mark| mark.is_alphanumeric());
        Self {
            gaps,
            bounds: (is_word(marks.first()), is_word(marks.last())),
            meaning: 0,
        }
    }

    /// Returns where it stands whose bytes are at these places, if with its hyphens and spaces, and
    /// if nothing touches its end.
    fn stands(&self, text: &str, at: &[usize]) -> Option<Hit> {
        let pairs = at.windows(2).zip(self.gaps.iter().skip(1));
        for (pair, gap) in pairs {
            let between = text.get(pair[0] + 1..pair[1]);
            // Within a character there is no gap.
            let marks = between.map_or(0, |between| between.chars().count());
            if !gap.contains(&marks) {
                return None;
            }
        }
        let (start, end) = (*at.first()?, at.last()? + 1);
        let is_touched =
            self.bounds.1 && text.as_bytes().get(end).is_some_and(|byte| is_word(*byte));
        (!is_touched).then_some(start..end)
    }

    /// Returns where it begins with the word that touches it, if none does that may not.
    fn begins(&self, text: &str, start: usize, after_digits: bool) -> Option<usize> {
        let before = text.as_bytes().get(..start)?;
        if !self.bounds.0 || !before.last().is_some_and(|byte| is_word(*byte)) {
            return Some(start);
        }
        let run = |bytes: &[u8], is: fn(&u8) -> bool| {
            bytes.iter().rev().take_while(|byte| is(byte)).count()
        };
        let digits = run(before, u8::is_ascii_digit);
        let before = before.get(..start - digits)?;
        let letters = run(before, u8::is_ascii_alphabetic);
        let is_free = !before
            .get(..before.len() - letters)?
            .last()
            .is_some_and(|byte| is_word(*byte));
        let fits = (1..=2).contains(&digits) && (2..=4).contains(&letters) && is_free;
        (after_digits && fits).then(|| start - digits - letters)
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Hyphens that registrants use, and white space: lines may be wrapped in the middle of a phrase.
fn is_separator(mark: char) -> bool {
    matches!(
        mark,
        '-' | '‐' | '‑' | '‒' | '–' | '—' | '\t'..='\r' | ' ' | '\u{A0}' | '\u{202F}' | '\u{3000}'
    )
}

/// A text without hyphens and white space.
struct Squeezed {
    bytes: Vec<u8>,
    /// Where each byte stands in the text.
    at: Vec<usize>,
}

impl Squeezed {
    /// Takes them out. Letters beyond ASCII are made small where case does not matter: the
    /// automaton folds those of ASCII.
    fn of(text: &str, fold: bool) -> Self {
        let (mut bytes, mut at) = (
            Vec::with_capacity(text.len()),
            Vec::with_capacity(text.len()),
        );
        for (start, mark) in text.char_indices() {
            if is_separator(mark) {
                continue;
            }
            if let Ok(byte) = u8::try_from(mark)
                && byte.is_ascii()
            {
                bytes.push(byte);
                at.push(start);
                continue;
            }
            let small = fold.then(|| mark.to_lowercase().next()).flatten();
            let mark = small
                .filter(|small| small.len_utf8() == mark.len_utf8())
                .unwrap_or(mark);
            bytes.extend_from_slice(mark.encode_utf8(&mut [0; 4]).as_bytes());
            at.extend(start..start + mark.len_utf8());
        }
        Self { bytes, at }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rule of a phrase as a regular expression.
    fn pattern_of(phrase: &str) -> String {
        const SEPARATOR: &str = r"[-‐‑‒–—\t-\r \u{A0}\u{202F}\u{3000}]";
        let marks: Vec<char> = phrase.chars().collect();
        let loose = marks.iter().filter(|mark| mark.is_alphanumeric()).count() >= 5;
        let digit = |at: Option<&char>| at.is_some_and(char::is_ascii_digit);
        let mut pattern = String::new();
        for (at, mark) in marks.iter().enumerate() {
            if *mark == '-' || *mark == ' ' {
                let beside_digit = digit(marks.get(at + 1)) || digit(marks.get(at - 1));
                pattern += SEPARATOR;
                pattern.push(if beside_digit && loose { '*' } else { '+' });
                continue;
            }
            pattern += &regex::escape(&mark.to_string());
            if mark.is_ascii_alphabetic() && digit(marks.get(at + 1)) && loose {
                pattern += SEPARATOR;
                pattern.push('?');
            }
        }
        let end = if marks.last().unwrap().is_alphanumeric() {
            r"(?-u:\b)"
        } else {
            ""
        };
        pattern + end
    }

    const PHRASES: [&str; 12] = [
        "CAR-T",
        "CAR T cell",
        "KYV-101",
        "KYV101 CAR",
        "S103",
        "MB-CART2019.1",
        "CD19 CAR",
        "CAR",
        "T cell",
        "(CAR)",
        "UCAR-T",
        "CART",
    ];

    /// The patterns of all phrases, the longest first.
    fn patterns(fold: bool, after_digits: bool) -> Vec<(regex::Regex, &'static str)> {
        let mut phrases = PHRASES.to_vec();
        phrases.sort_by_key(|phrase| std::cmp::Reverse(phrase.len()));
        let left = if after_digits {
            r"(?:(?-u:\b)|(?-u:\b)[A-Za-z]{2,4}[0-9]{1,2})"
        } else {
            r"(?-u:\b)"
        };
        let compiled = |phrase: &'static str| {
            // A bracket is no end of a word.
            let left = if phrase.starts_with('(') { "" } else { left };
            let pattern = format!("{left}(?P<hit>{})", pattern_of(phrase));
            let mut builder = regex::RegexBuilder::new(&pattern);
            (builder.case_insensitive(fold).build().unwrap(), phrase)
        };
        phrases.into_iter().map(compiled).collect()
    }

    /// What the phrases find, worked out by their patterns.
    fn by_patterns(text: &str, patterns: &[(regex::Regex, &str)]) -> Vec<(Hit, String)> {
        let (mut found, mut from) = (Vec::new(), 0);
        loop {
            let next = patterns.iter().filter_map(|(pattern, phrase)| {
                let parts = pattern.captures_at(text, from)?;
                Some((parts.get(0)?.start(), parts.name("hit")?.range(), phrase))
            });
            // The first of those that begin together.
            let Some((_, hit, phrase)) = next.min_by_key(|(start, hit, _)| (*start, hit.start))
            else {
                return found;
            };
            from = hit.end;
            found.push((hit, squeezed_small(phrase)));
        }
    }

    fn squeezed_small(phrase: &str) -> String {
        phrase
            .chars()
            .filter(|mark| !is_separator(*mark))
            .collect::<String>()
            .to_lowercase()
    }

    #[test]
    fn phrases_are_found_as_their_rule_says() {
        use proptest::prelude::*;
        const TEXT: &str = "((CAR|KYV|S|MB|CD|UCAR|car|[é1(_a])[-– ]{0,2}(T|101|103|19|CART2019[.]1)?[-( \u{A0}]{0,2}(cell|CAR|T)?[ )_]?){0,5}";
        for (fold, after_digits) in [(true, true), (true, false), (false, true), (false, false)] {
            let patterns = patterns(fold, after_digits);
            let row = |phrase: &&str| (phrase.to_string(), !fold, squeezed_small(phrase));
            let rows = PHRASES.iter().map(row).collect();
            let phrases = Phrases::new(rows, after_digits).unwrap();
            proptest!(|(text in TEXT)| {
                let found = phrases.find(&text).map(|(hit, phrase)| (hit, phrase.clone()));
                prop_assert_eq!(found.collect::<Vec<_>>(), by_patterns(&text, &patterns));
            });
        }
    }

    #[test]
    fn letters_beyond_ascii_fold_and_end_a_phrase() {
        let rows = ["guillain-barré", "CAR-γδ"].map(|phrase| (phrase.to_owned(), false, ()));
        let phrases = Phrases::compile(rows.into()).unwrap();
        for text in [
            "GUILLAIN-BARRÉ",
            "Guillain Barré syndrome",
            "car-ΓΔ T cells",
        ] {
            assert_eq!(phrases.find(text).count(), 1, "{text}");
        }
    }
}
