//! Quotes as a reader is shown them: cut between words, and with both halves of their brackets.

use std::ops::Range;

use super::{Fact, ReadCriterion};

impl ReadCriterion {
    /// Returns the byte offsets in the eligibility text of what a reader is shown of a fact of this
    /// criterion: its quote, widened to whole words and to the other halves of its brackets, as far
    /// as the criterion has them.
    pub fn shown(&self, text: &str, fact: &Fact) -> Range<usize> {
        let start = self.criterion.span.start + self.criterion.marker;
        let line = self.criterion.body(text);
        let within = |at: usize| at.saturating_sub(start).min(line.len());
        let span = widened(line, within(fact.quote.start)..within(fact.quote.end));
        // A span that does not lie in its criterion stays as it is.
        if fact.quote.start < start || fact.quote.end > start + line.len() {
            return fact.quote.clone();
        }
        start + span.start..start + span.end
    }
}

/// Widens a span of a line until it cuts no word, and no bracket in two.
fn widened(line: &str, span: Range<usize>) -> Range<usize> {
    let pairs = pairs(line);
    let mut span = whole_words(line, span);
    // Pairs lie in each other or apart, so that few rounds take in all that were cut.
    loop {
        let cut = pairs.iter().filter(|pair| is_cut(pair, &span));
        let wide = cut.fold(span.clone(), |wide, pair| {
            wide.start.min(pair.start)..wide.end.max(pair.end)
        });
        if wide == span {
            return span;
        }
        span = whole_words(line, wide);
    }
}

/// One half of a pair of brackets lies inside, the other does not.
fn is_cut(pair: &Range<usize>, span: &Range<usize>) -> bool {
    let (opens, closes) = (span.contains(&pair.start), span.contains(&(pair.end - 1)));
    opens != closes
}

/// Brackets of a line that belong together, each with all between them.
fn pairs(line: &str) -> Vec<Range<usize>> {
    let mut open: Vec<(usize, char)> = Vec::new();
    let mut pairs = Vec::new();
    for (at, mark) in line.char_indices() {
        match mark {
            '(' => open.push((at, ')')),
            '[' => open.push((at, ']')),
            '（' => open.push((at, '）')),
            ')' | ']' | '）' => {
                if let Some((start, _)) = open.pop_if(|(_, closing)| *closing == mark) {
                    pairs.push(start..at + mark.len_utf8());
                }
            }
            _ => {}
        }
    }
    pairs
}

fn whole_words(line: &str, span: Range<usize>) -> Range<usize> {
    let letter = |c: &char| c.is_alphanumeric();
    let (before, inside) = line.split_at_checked(span.start).unwrap_or((line, ""));
    let starts_inside = inside.chars().next().is_some_and(char::is_alphanumeric);
    let cut = before.chars().rev().take_while(letter);
    let start = span.start
        - if starts_inside {
            cut.map(char::len_utf8).sum()
        } else {
            0
        };
    let (before, behind) = line.split_at_checked(span.end).unwrap_or((line, ""));
    let ends_inside = before
        .chars()
        .next_back()
        .is_some_and(char::is_alphanumeric);
    let cut = behind.chars().take_while(letter);
    let end = span.end
        + if ends_inside {
            cut.map(char::len_utf8).sum()
        } else {
            0
        };
    start..end
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_cut_bracket_is_made_whole() {
        let line = "Secondary (SPMS) or primary progressive MS (PPMS) by (the) criteria";
        let cut = line.find("SPMS").unwrap()..line.find("PPMS)").unwrap() + 3;
        assert_eq!(
            &line[widened(line, cut)],
            "(SPMS) or primary progressive MS (PPMS)"
        );
        let open = "a) EDSS 3 to 5";
        assert_eq!(&open[widened(open, 3..9)], "EDSS 3");
    }

    proptest! {
        #[test]
        fn no_quote_cuts_a_word_or_a_bracket(line in r"[a-c()\[\] é（）]{0,40}", a in 0usize..60, b in 0usize..60) {
            let places: Vec<usize> = line.char_indices().map(|(at, _)| at).chain([line.len()]).collect();
            let (a, b) = (places[a % places.len()], places[b % places.len()]);
            let span = a.min(b)..a.max(b);
            let wide = widened(&line, span.clone());
            prop_assert!(wide.start <= span.start && span.end <= wide.end && line.get(wide.clone()).is_some());
            prop_assert!(pairs(&line).iter().all(|pair| !is_cut(pair, &wide)));
        }
    }
}
