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

/// Declares patterns.
macro_rules! patterns {
    ($($(#[$doc:meta])* $name:ident = $pattern:literal;)+) => {
        $(
            $(#[$doc])*
            static $name: crate::criteria::pattern::Pattern = crate::criteria::pattern::Pattern::new(|| {
                regex::Regex::new(concat!("(?i)", $pattern)).ok()
            });
        )+
    };
}
pub(super) use patterns;
