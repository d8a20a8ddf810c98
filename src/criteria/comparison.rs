//! Whether the words of a bound take the bound itself in: "less than 5" does not, "at most 5" does.

use super::pattern::{Pattern, patterns};

patterns! {
    BELOW = r"(?P<not>(?:no|not) )?(?:less|shorter|lower|fewer|smaller) than(?P<eq>(?: or|,)? equals?)?|(?P<under>(?-u:\b)(?:under|below)(?-u:\b))|[<＜](?P<is>=)?";
    ABOVE = r"(?P<not>(?:no|not) )?(?:more|longer|greater|higher|larger) than(?P<eq>(?: or|,)? equals?)?|(?P<under>(?-u:\b)(?:over|above)(?-u:\b))|[>＞](?P<is>=)?";
    AT_MOST = r"≤|<=|(?:no|not) (?:more|longer|greater|higher) than|or (?:less|lower|below|under)(?-u:\b)|at most|up to|less than or equal|lower than or equal";
}

fn is_strict(pattern: &Pattern, quote: &str) -> bool {
    let mut found = pattern.all_parts(quote).peekable();
    let includes = ["not", "eq", "is"];
    found.peek().is_some()
        && found.all(|parts| includes.iter().all(|name| parts.name(name).is_none()))
}

/// Says whether an upper bound leaves itself out ("less than", "<").
pub fn is_strictly_below(quote: &str) -> bool {
    is_strict(&BELOW, quote)
}

/// Says whether a lower bound leaves itself out ("more than", ">").
pub fn is_strictly_above(quote: &str) -> bool {
    is_strict(&ABOVE, quote)
}

/// Says whether a quote bars a value and all below it ("≤ 40 %"), so that more must be reached.
pub fn bars_up_to(quote: &str) -> bool {
    AT_MOST.is_in(quote)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_is_strict_or_not() {
        for strict in [
            "less than 15 years",
            "< 15",
            "under 5 years",
            "shorter than 2 years",
        ] {
            assert!(
                is_strictly_below(strict) && !is_strictly_above(strict),
                "{strict}"
            );
        }
        for strict in ["more than 1 year", "> 1", "over 2 years"] {
            assert!(
                is_strictly_above(strict) && !is_strictly_below(strict),
                "{strict}"
            );
        }
        for other in [
            "≤ 15",
            "<= 15",
            "no more than 15",
            "at most 15",
            "less than or equal to 15",
            "≥ 1",
            ">= 1",
            "not less than 1",
            "at least 1",
            "more than or equal to 1",
        ] {
            assert!(
                !is_strictly_below(other) && !is_strictly_above(other),
                "{other}"
            );
        }
    }
}
