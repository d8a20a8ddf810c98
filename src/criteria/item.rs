//! A criterion as the rules see it: its words, the part of the text it stands
//! in, and what stands above it.

use std::ops::Range;
use std::slice::SliceIndex;

use super::fact::{Certainty, Fact, Polarity, Value};
use super::pattern::patterns;
use super::read::Wanted;
use super::segment::CriterionKind;
use super::time::floor_boundary;
use crate::terminology::Treatments;

patterns! {
    NEGATION = r"(?:^|(?-u:\b))(?:no|not|(?:has|have|had|did|do|does|is|are|was|were|ca|could|must|should)n['’]t|yet to|without|never|free of|free from|absence of|negative for|lack of|neither|nor|none of|naive to|naïve to|rule out|exclude|excluding|cannot)(?:\W+[\w/-]+){0,6}\W*$";
    /// Not a negation of what follows.
    NOT_ONLY = r"(?:not limited to|not only|no more than|not more than|(?:no|not) (?:less|fewer) than|not >|not <|no later than|no restrictions?|whether or not)";
    OTHER_THAN = r"(?:other than|apart from|aside from|except|except for|exception of|excluding|unlike|mimick?(?:ing)?)(?:\W+[\w/()-]+){0,3}\W*$";
    SENTENCE_END = r"(?:;|•|。|；|\n\s*\n|[a-z0-9)\]%]\.(?:\s+)(?:[A-Z\d(]))";
}

/// A criterion under reading.
#[derive(Clone, Copy)]
pub(super) struct Item<'a> {
    /// Its words, without bullet or number.
    pub(super) text: &'a str,
    /// Where they begin in the eligibility text.
    pub(super) start: usize,
    /// Its sentences and clauses, in order; they cover it.
    pub(super) clauses: &'a [Range<usize>],
    /// Drugs and classes by name.
    pub(super) treatments: &'a Treatments,
    /// Which part it stands in.
    pub(super) kind: CriterionKind,
    /// The words of the criterion above it.
    pub(super) head: Option<&'a str>,
    /// The text is about MS or a kin of it: relapses, scans and worsening are of that disease.
    pub(super) about_ms: bool,
    /// The criterion above leaves it to the investigator, or is one of several alternatives.
    pub(super) loose: bool,
    /// It is limited to a cohort that is named, so that it holds for no other.
    pub(super) of_cohort: bool,
    /// What is read of it.
    pub(super) wanted: Wanted,
}

impl<'a> Item<'a> {
    /// Says whether it stands among the exclusion criteria.
    pub(super) fn bars(&self) -> bool {
        self.kind == CriterionKind::Exclusion
    }

    /// Says whether a mention bars: it stands among exclusions, or is denied among inclusions.
    pub(super) fn bars_at(&self, at: usize) -> bool {
        self.bars() || self.negated(at)
    }

    /// Builds a fact whose quote is a part of this criterion.
    pub(super) fn fact(
        &self,
        value: Value,
        polarity: Polarity,
        quote: Range<usize>,
        certainty: Certainty,
    ) -> Fact {
        let certainty = if self.loose {
            Certainty::Approximate
        } else {
            certainty
        };
        let quote = trimmed(self.text, quote);
        Fact {
            value,
            polarity,
            quote: self.start + quote.start..self.start + quote.end,
            certainty,
        }
    }

    /// Returns the span of all of it.
    pub(super) fn whole(&self) -> Range<usize> {
        0..self.text.len()
    }

    /// Returns the words of a span; none where it ends before it starts, as
    /// where a phrase runs over the end of its clause.
    pub(super) fn part(&self, span: impl SliceIndex<str, Output = str>) -> &'a str {
        self.text.get(span).unwrap_or_default()
    }

    /// Returns the words before an offset, no more than a clause can hold.
    pub(super) fn before(&self, at: usize) -> &'a str {
        self.part(floor_boundary(self.text, at.saturating_sub(LONGEST))..at)
    }

    /// Returns the clause around an offset.
    pub(super) fn clause(&self, at: usize) -> Range<usize> {
        let next = self.clauses.partition_point(|clause| clause.end <= at);
        self.clauses.get(next).cloned().unwrap_or(self.whole())
    }

    /// Says whether the words before an offset turn it into its opposite.
    pub(super) fn negated(&self, at: usize) -> bool {
        self.negation(at).is_some()
    }

    /// Returns the words from a negation to what it turns into its opposite at an offset.
    pub(super) fn negation(&self, at: usize) -> Option<&'a str> {
        let before = self.part(self.clause(at).start..at);
        let words = &before[NEGATION.find(before)?.start..];
        (!NOT_ONLY.is_in(words)).then_some(words)
    }

    /// Says whether the words before an offset set it apart ("other than").
    pub(super) fn set_apart(&self, at: usize) -> bool {
        OTHER_THAN.is_in(self.part(self.clause(at).start..at))
    }
}

/// Bytes of a clause, at most. What is longer is no sentence; rules look at
/// the clause around each word, and their time must not grow with its square.
const LONGEST: usize = 2_000;

/// Splits a text at sentence ends and semicolons.
pub(super) fn clauses(text: &str) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let mut start = 0;
    let mut close = |mut start: usize, end: usize| {
        while end - start > LONGEST {
            let cut = floor_boundary(text, start + LONGEST);
            parts.push(start..cut);
            start = cut;
        }
        parts.push(start..end);
    };
    for end in SENTENCE_END.all(text) {
        // A sentence end is found with the first letter of the next sentence.
        let cut = text[end.clone()]
            .char_indices()
            .last()
            .map_or(end.end, |(index, c)| {
                if c.is_alphanumeric() || c == '(' {
                    end.start + index
                } else {
                    end.end
                }
            });
        if is_abbreviation(&text[..cut]) {
            continue;
        }
        close(start, cut);
        start = cut;
    }
    close(start, text.len());
    parts
}

fn is_abbreviation(before: &str) -> bool {
    let word = before.trim_end().trim_end_matches('.');
    let last = word
        .rsplit(|c: char| !c.is_alphanumeric() && c != '.')
        .next()
        .unwrap_or_default();
    matches!(
        last,
        "e.g" | "i.e" | "vs" | "approx" | "Dr" | "No" | "al" | "etc"
    )
}

/// Shrinks a span so that it neither begins nor ends with white space or a comma.
fn trimmed(text: &str, span: Range<usize>) -> Range<usize> {
    let words = text.get(span.clone()).unwrap_or_default();
    let front = words.len()
        - words
            .trim_start_matches(|c: char| c.is_whitespace() || ",;:•".contains(c))
            .len();
    let back = words
        .trim_end_matches(|c: char| c.is_whitespace() || ",;•".contains(c))
        .len();
    if back <= front {
        span
    } else {
        span.start + front..span.start + back
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_sentences_not_abbreviations() {
        let text = "Use of X (e.g. Y) in 0.5 years. No Z; nor W.";
        let parts: Vec<&str> = clauses(text)
            .into_iter()
            .map(|part| text[part].trim())
            .collect();
        assert_eq!(
            parts,
            ["Use of X (e.g. Y) in 0.5 years.", "No Z;", "nor W."]
        );
    }
}
