//! A criterion as the rules see it: its words, the part of the text it stands
//! in, and what stands above it.

use std::ops::Range;

use super::fact::{Certainty, Fact, Polarity, Value};
use super::pattern::patterns;
use super::segment::CriterionKind;

patterns! {
    NEGATION = r"(?:^|(?-u:\b))(?:no|not|without|never|free of|free from|absence of|negative for|lack of|neither|nor|none of|naive to|naïve to|rule out|exclude|excluding|cannot)(?:\W+[\w/-]+){0,6}\W*$";
    /// Not a negation of what follows.
    NOT_ONLY = r"(?:not limited to|not only|no more than|not more than|no less than|not less than|not >|not <|no later than|no restrictions?|whether or not)";
    OTHER_THAN = r"(?:other than|apart from|aside from|except|except for|exception of|excluding|unlike|mimick?(?:ing)?)(?:\W+[\w/()-]+){0,3}\W*$";
    SENTENCE_END = r"(?:;|•|。|；|\n\s*\n|[a-z0-9)\]%]\.(?:\s+)(?:[A-Z\d(]))";
}

/// A criterion under reading.
#[derive(Debug, Clone, Copy)]
pub(super) struct Item<'a> {
    /// Its words, without bullet or number.
    pub(super) text: &'a str,
    /// Where they begin in the eligibility text.
    pub(super) start: usize,
    /// Which part it stands in.
    pub(super) kind: CriterionKind,
    /// The words of the criterion above it.
    pub(super) head: Option<&'a str>,
    /// The text is about MS or a kin of it: relapses, scans and worsening are of that disease.
    pub(super) about_ms: bool,
    /// The criterion above leaves it to the investigator, or is one of several alternatives.
    pub(super) loose: bool,
}

impl Item<'_> {
    /// Says whether it stands among the exclusion criteria.
    pub(super) fn bars(&self) -> bool {
        self.kind == CriterionKind::Exclusion
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

    /// Builds a fact that bars: by the part it stands in, or by its negation among the inclusion criteria.
    pub(super) fn whole(&self) -> Range<usize> {
        0..self.text.len()
    }

    /// Returns the sentences and clauses of the criterion.
    pub(super) fn clauses(&self) -> Vec<Range<usize>> {
        clauses(self.text)
    }

    /// Returns the clause around an offset.
    pub(super) fn clause(&self, at: usize) -> Range<usize> {
        self.clauses()
            .into_iter()
            .find(|clause| clause.contains(&at))
            .unwrap_or(self.whole())
    }

    /// Says whether the words before an offset turn it into its opposite.
    pub(super) fn negated(&self, at: usize) -> bool {
        let clause = self.clause(at);
        let before = &self.text[clause.start..at];
        NEGATION
            .find(before)
            .is_some_and(|negation| !NOT_ONLY.is_in(&before[negation.start..]))
    }

    /// Says whether the words before an offset set it apart ("other than").
    pub(super) fn set_apart(&self, at: usize) -> bool {
        OTHER_THAN.is_in(&self.text[self.clause(at).start..at])
    }
}

/// Splits a text at sentence ends and semicolons.
pub(super) fn clauses(text: &str) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let mut start = 0;
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
        parts.push(start..cut);
        start = cut;
    }
    parts.push(start..text.len());
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
