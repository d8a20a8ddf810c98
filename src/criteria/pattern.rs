//! Patterns that are compiled when they are first needed.

use std::ops::Range;
use std::sync::LazyLock;

use regex::{Captures, Regex};

/// A regular expression of ours; letter case does not matter to it.
pub(super) struct Pattern(LazyLock<Option<Regex>>);

impl Pattern {
    pub(super) const fn new(compile: fn() -> Option<Regex>) -> Self {
        Self(LazyLock::new(compile))
    }

    pub(super) fn regex(&self) -> Option<&Regex> {
        let regex = self.0.as_ref();
        debug_assert!(regex.is_some(), "a pattern does not compile");
        regex
    }

    pub(super) fn is_in(&self, text: &str) -> bool {
        self.regex().is_some_and(|regex| regex.is_match(text))
    }

    pub(super) fn find(&self, text: &str) -> Option<Range<usize>> {
        Some(self.regex()?.find(text)?.range())
    }

    pub(super) fn all<'a>(&'a self, text: &'a str) -> impl Iterator<Item = Range<usize>> + 'a {
        self.regex()
            .into_iter()
            .flat_map(move |regex| regex.find_iter(text).map(|found| found.range()))
    }

    pub(super) fn parts<'a>(&self, text: &'a str) -> Option<Captures<'a>> {
        self.regex()?.captures(text)
    }

    pub(super) fn all_parts<'a>(
        &'a self,
        text: &'a str,
    ) -> impl Iterator<Item = Captures<'a>> + 'a {
        self.regex()
            .into_iter()
            .flat_map(move |regex| regex.captures_iter(text))
    }
}

/// White space within a line of criteria, and the no-break spaces that pasted text brings.
pub(super) const SPACE: &str = r"\t-\r \u{A0}\u{2000}-\u{200A}\u{202F}\u{3000}";

/// Compiles a pattern in which a space means white space: lines may be wrapped
/// in the middle of a phrase.
///
/// Letters, digits and word boundaries are those of ASCII, since the rules know English only:
/// the tables of all scripts cost a search more time than all its reading. What a class leaves
/// out is a whole character all the same.
pub(crate) fn compile(source: &str) -> Option<Regex> {
    let mut ours = String::from("(?i-u)");
    let mut rest = source;
    while let Some(mark) = rest.chars().next() {
        let token = match mark {
            '[' => &rest[..class_end(rest)],
            '\\' => &rest[..rest.char_indices().nth(2).map_or(rest.len(), |(at, _)| at)],
            _ => &rest[..mark.len_utf8()],
        };
        rest = &rest[token.len()..];
        match token {
            // In a group, for what may follow: "can ?not" is written in one word as well.
            " " => ours.extend(["(?:(?u:[", SPACE, "])+)"]),
            r"\s" => ours.extend(["(?u:[", SPACE, "])"]),
            r"\W" => ours.push_str("(?u:[^0-9A-Za-z_])"),
            r"\S" => ours.extend(["(?u:[^", SPACE, "])"]),
            "." => ours.push_str("(?u:.)"),
            class if class.starts_with('[') => {
                let class = class.replace(r"\s", SPACE_MARK).replace(' ', SPACE_MARK);
                let class = class.replace(r"\d", "0-9").replace(r"\w", "0-9A-Za-z_");
                ours.extend(["(?u:", &class.replace(SPACE_MARK, SPACE), ")"]);
            }
            other => ours.push_str(other),
        }
    }
    Regex::new(&ours).ok()
}

/// Stands for white space until a class is put together; no pattern holds it.
const SPACE_MARK: &str = "\u{1}";

/// Returns where the class ends that a pattern begins with.
fn class_end(pattern: &str) -> usize {
    let mut escaped = false;
    for (at, mark) in pattern.char_indices().skip(2) {
        if mark == ']' && !escaped {
            return at + 1;
        }
        escaped = mark == '\\' && !escaped;
    }
    pattern.len()
}

/// Declares patterns.
macro_rules! patterns {
    ($($(#[$doc:meta])* $name:ident = $pattern:literal;)+) => {
        $(
            $(#[$doc])*
            static $name: crate::criteria::pattern::Pattern =
                crate::criteria::pattern::Pattern::new(|| crate::criteria::pattern::compile($pattern));
        )+
    };
}
pub(super) use patterns;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_space_is_any_white_space_and_may_be_counted() {
        for (source, text, is_in) in [
            ("can not", "can\u{A0}\n not", true),
            ("can not", "cannot", false),
            ("can ?not", "cannot", true),
            ("can ?not", "can  not", true),
            ("a *b", "ab", true),
            ("^a {2}b$", "ab", false),
        ] {
            let found = compile(source).is_some_and(|regex| regex.is_match(text));
            assert_eq!(found, is_in, "{source:?} in {text:?}");
        }
    }
}
