//! The rules as a table, and the one pass that tells which of them are worth trying.

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use super::{
    Wanted, ability, activity, condition, heart, infection, lab, population, pregnancy, treatment,
};
use crate::criteria::fact::Fact;
use crate::criteria::item::Item;
use crate::criteria::pattern::Pattern;

/// What rules found in a criterion.
#[derive(Default)]
pub(super) struct Found {
    pub(super) facts: Vec<Fact>,
    /// The part that a failed treatment was read from: its drugs are no others.
    pub(super) failed: Option<Range<usize>>,
}

/// A rule, and what must stand in a criterion for it to hold.
pub(super) struct Rule {
    /// Parts of words, joined with `|`: where none stands, the opening cannot. Empty: always tried.
    pub(super) words: &'static str,
    /// The words that the rule begins at.
    pub(super) opening: &'static Pattern,
    /// It holds in texts about MS only: an exacerbation of the lungs is another matter.
    pub(super) about_ms: bool,
    /// Courses or the EDSS are read by it.
    pub(super) listed: bool,
    pub(super) reader: Reader,
}

/// How a rule reads a criterion.
pub(super) enum Reader {
    One(fn(&Item<'_>) -> Option<Fact>),
    Many(fn(&Item<'_>) -> Vec<Fact>),
    More(fn(&Item<'_>, &mut Found)),
    Condition(condition::Condition),
}

impl Rule {
    pub(super) const fn new(
        words: &'static str,
        opening: &'static Pattern,
        reader: Reader,
    ) -> Self {
        Self {
            words,
            opening,
            about_ms: false,
            listed: false,
            reader,
        }
    }

    pub(super) const fn one(
        words: &'static str,
        opening: &'static Pattern,
        read: fn(&Item<'_>) -> Option<Fact>,
    ) -> Self {
        Self::new(words, opening, Reader::One(read))
    }

    pub(super) const fn many(
        words: &'static str,
        opening: &'static Pattern,
        read: fn(&Item<'_>) -> Vec<Fact>,
    ) -> Self {
        Self::new(words, opening, Reader::Many(read))
    }

    pub(super) const fn more(
        words: &'static str,
        opening: &'static Pattern,
        read: fn(&Item<'_>, &mut Found),
    ) -> Self {
        Self::new(words, opening, Reader::More(read))
    }

    pub(super) const fn about_ms(self) -> Self {
        Self {
            about_ms: true,
            ..self
        }
    }

    pub(super) const fn listed(self) -> Self {
        Self {
            listed: true,
            ..self
        }
    }

    fn read(&self, item: &Item<'_>, found: &mut Found) {
        match &self.reader {
            Reader::One(read) => found.facts.extend(read(item)),
            Reader::Many(read) => found.facts.extend(read(item)),
            Reader::More(read) => read(item, found),
            Reader::Condition(condition) => {
                found.facts.extend(condition.read(item, self.opening));
            }
        }
    }
}

/// Every rule. A failed treatment is read before treatments, trials after them.
fn rules() -> impl Iterator<Item = &'static Rule> {
    population::RULES
        .iter()
        .chain(&activity::RULES)
        .chain(&treatment::RULES)
        .chain(&lab::RULES)
        .chain(&infection::RULES)
        .chain(&pregnancy::RULES)
        .chain(&heart::RULES)
        .chain(&ability::RULES)
        .chain(&condition::RULES)
}

/// Parts of words of all rules: one pass over a criterion tells which rules are worth trying.
pub(super) struct Openings {
    parts: Option<AhoCorasick>,
    /// The rule of each part.
    rules: Vec<usize>,
}

pub(super) static OPENINGS: LazyLock<Openings> = LazyLock::new(|| {
    let parts = || {
        let split =
            |(at, rule): (usize, &'static Rule)| rule.words.split('|').map(move |part| (at, part));
        let parts = rules().enumerate().flat_map(split);
        parts.filter(|(_, part)| !part.is_empty())
    };
    Openings {
        parts: AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .build(parts().map(|(_, part)| part))
            .ok(),
        rules: parts().map(|(at, _)| at).collect(),
    }
});

impl Openings {
    /// Says for each rule whether it may hold in a text.
    fn of(&self, text: &str) -> Vec<bool> {
        let mut open: Vec<bool> = rules().map(|rule| rule.words.is_empty()).collect();
        let Some(parts) = &self.parts else {
            return vec![true; open.len()];
        };
        for hit in parts.find_overlapping_iter(text) {
            open[self.rules[hit.pattern().as_usize()]] = true;
        }
        open
    }

    /// Says whether a text may speak of courses or of the EDSS.
    pub(super) fn may_be_listed(&self, text: &str) -> bool {
        let open = self.of(text);
        rules().zip(open).any(|(rule, opens)| rule.listed && opens)
    }
}

pub(super) fn rules_on(item: &Item<'_>) -> Vec<Fact> {
    let mut found = Found::default();
    for (rule, opens) in rules().zip(OPENINGS.of(item.text)) {
        let wanted = rule.listed || item.wanted == Wanted::All;
        if opens && wanted && (item.about_ms || !rule.about_ms) {
            rule.read(item, &mut found);
        }
    }
    found.facts
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::string::string_regex;
    use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

    use super::*;
    use crate::criteria::pattern::SPACE;

    /// Strings that an opening matches, but for word boundaries and ends of lines.
    fn matching(opening: &Pattern) -> impl Strategy<Value = String> {
        let mut source = opening.regex().unwrap().as_str().to_owned();
        for boundary in ["(?i-u)", r"(?-u:\b|^)", r"(?-u:\b)", r"\b", "^", "$"] {
            source = source.replace(boundary, "");
        }
        let space = format!("(?u:[{SPACE}])");
        source = source
            .replace(&format!("{space}+"), " ")
            .replace(&space, " ");
        // Analytes without a code are no facts; they only keep "HbA1c" from being haemoglobin.
        if let Some(coded) = source.strip_prefix("(?P<skip>") {
            source = coded[coded.find("|(?P<hemoglobin>").unwrap() + 1..].to_owned();
        }
        let source = source.replace("(?-i:", "(?:").replace(r"\w", "[a-z]");
        string_regex(&source).unwrap()
    }

    #[test]
    fn no_opening_stands_without_one_of_its_words() {
        let config = Config {
            failure_persistence: None,
            ..Config::default()
        };
        for (at, rule) in rules()
            .enumerate()
            .filter(|(_, rule)| !rule.words.is_empty())
        {
            let check = |text: String| {
                prop_assert!(OPENINGS.of(&text)[at], "{:?} lacks {}", text, rule.words);
                Ok(())
            };
            // A runner counts its cases over all that it runs.
            TestRunner::new_with_rng(
                config.clone(),
                TestRng::deterministic_rng(RngAlgorithm::ChaCha),
            )
            .run(&matching(rule.opening), check)
            .unwrap();
        }
    }
}
