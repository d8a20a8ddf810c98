//! Amounts of time in criteria: "within 6 months before screening".

use std::ops::Range;

use super::pattern::patterns;

patterns! {
    AMOUNT = r"(?:(?P<from>\d+(?:\.\d+)?)\s*(?:-|–|—|−|～|~|to)\s*)?(?:(?P<number>\d+(?:\.\d+)?)|(?-u:\b)(?P<word>one|two|three|four|five|six|seven|eight|nine|ten|twelve|eighteen|a|an))(?:\s*\(\d+\))?[\s-]*(?:consecutive |calendar |full |complete |additional )?(?P<unit>days?|weeks?|wks?|months?|mos?|years?|yrs?|yr)(?-u:\b)";
    ONE_PERIOD = r"(?:(?:past|last|previous|prior|preceding|the)\s+)year(?-u:\b)|(?:past|last|previous|preceding)\s+(?P<unit>month|week)(?-u:\b)";
    BEFORE_OR_AFTER = r"^\W*(?:before|prior to) (?:or|and) after";
    BACK_BEFORE = r"within\W+(?:\d+|five)\W+half[- ]li(?:fe|ves)\W+(?:or|and)\W+$|(?:within|during|in|over|past|last|previous|prior|preceding)\W+(?:the\W+)?(?:(?:period of|last|past|previous|prior|preceding|at least)\W+)*$";
    BEFORE_WHAT = r"^\W*(?:(?:or|and)\s+(?:\w+\s+)?(?:five|5|\d+)\W+half[- ]li(?:fe|ves)\W*)?(?:(?:immediately\s+)?(?:prior|before|befor|preceding|ago|earlier)(?-u:\b)|of (?:the |study |first |informed )?(?:screening|enrol|randomi|inclusion|study|baseline|entry|consent|visit|treatment|infusion|apheresis|leukapheresis|dosing|ocrelizumab|\w+ treatment)|from (?:the )?(?:screening|enrol|randomi|first|baseline)|(?:since|after) )";
    HALF_LIVES = r"half[- ]?li(?:fe|ves)";
}

/// Unit of an amount of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Day,
    Week,
    Month,
    Year,
}

/// An amount of time.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Time {
    pub(super) span: Range<usize>,
    pub(super) amount: f64,
    pub(super) unit: Unit,
    /// It is looked back over, before screening or the like.
    pub(super) is_window: bool,
}

impl Time {
    /// Days: weeks × 7, months × 30, years × 365.
    pub(super) fn days(&self) -> f64 {
        self.amount
            * match self.unit {
                Unit::Day => 1.0,
                Unit::Week => 7.0,
                Unit::Month => 30.0,
                Unit::Year => 365.0,
            }
    }

    /// Months, to the nearest half: days ÷ 30, weeks × 12 ÷ 52, years × 12.
    pub(super) fn months(&self) -> f64 {
        let months = match self.unit {
            Unit::Day => self.amount / 30.0,
            Unit::Week => self.amount * 12.0 / 52.0,
            Unit::Month => self.amount,
            Unit::Year => self.amount * 12.0,
        };
        (months * 2.0).round() / 2.0
    }

    /// Years, to two places: months ÷ 12, days ÷ 365.
    pub(super) fn years(&self) -> f64 {
        let years = match self.unit {
            Unit::Day => self.amount / 365.0,
            Unit::Week => self.amount * 7.0 / 365.0,
            Unit::Month => self.amount / 12.0,
            Unit::Year => self.amount,
        };
        (years * 100.0).round() / 100.0
    }
}

/// Finds the amounts of time in a text.
pub(super) fn times(text: &str) -> Vec<Time> {
    let mut found: Vec<Time> = AMOUNT
        .all_parts(text)
        .filter_map(|parts| amount(text, &parts))
        .collect();
    for parts in ONE_PERIOD.all_parts(text) {
        let Some(span) = parts.get(0).map(|all| all.range()) else {
            continue;
        };
        let within = |time: &Time| time.span.start < span.end && span.start < time.span.end;
        if !found.iter().any(within) {
            found.push(Time {
                span,
                amount: 1.0,
                unit: unit(parts.name("unit").map_or("year", |unit| unit.as_str())),
                is_window: true,
            });
        }
    }
    found.sort_by_key(|time| time.span.start);
    found
}

fn amount(text: &str, parts: &regex::Captures<'_>) -> Option<Time> {
    let span = parts.get(0)?.range();
    let own = match (parts.name("number"), parts.name("word")) {
        (Some(number), _) => number.as_str().parse().ok()?,
        (_, Some(word)) => number_word(word.as_str())?,
        _ => return None,
    };
    // "12 to 1 months before": the far end.
    let from: Option<f64> = parts
        .name("from")
        .and_then(|from| from.as_str().parse().ok());
    let amount = from.map_or(own, |from: f64| from.max(own));
    let unit = unit(&parts["unit"]);
    // Ages are no times.
    let rest = text[span.end..].trim_start();
    if unit == Unit::Year && (rest.starts_with("of age") || rest.starts_with("old")) {
        return None;
    }
    let before = &text[..span.start];
    let near = &before[floor_boundary(before, before.len().saturating_sub(40))..];
    let behind = &text[span.end..];
    let is_window =
        !BEFORE_OR_AFTER.is_in(behind) && (BEFORE_WHAT.is_in(behind) || BACK_BEFORE.is_in(near));
    Some(Time {
        span,
        amount,
        unit,
        is_window,
    })
}

fn unit(word: &str) -> Unit {
    match word.to_ascii_lowercase().as_bytes() {
        [b'd', ..] => Unit::Day,
        [b'w', ..] => Unit::Week,
        [b'm', ..] => Unit::Month,
        _ => Unit::Year,
    }
}

/// Returns the nearest character boundary at or below an offset.
pub(super) fn floor_boundary(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// Reads a number written as a word, or as digits.
pub(super) fn number_word(word: &str) -> Option<f64> {
    Some(match word.to_ascii_lowercase().as_str() {
        "a" | "an" | "one" | "single" => 1.0,
        "two" | "both" | "twice" => 2.0,
        "three" => 3.0,
        "four" => 4.0,
        "five" => 5.0,
        "six" => 6.0,
        "seven" => 7.0,
        "eight" => 8.0,
        "nine" => 9.0,
        "ten" => 10.0,
        "twelve" => 12.0,
        "eighteen" => 18.0,
        digits => digits.parse().ok()?,
    })
}

/// Reads a count of at most two digits, written as a word or as digits.
pub(super) fn small_count(word: &str) -> Option<u32> {
    let number = number_word(word.trim_start_matches("a "))?;
    (0..100).find(|count| f64::from(*count).total_cmp(&number).is_eq())
}

/// Says whether a text bounds a window by half-lives too.
pub(super) fn has_half_lives(text: &str) -> bool {
    HALF_LIVES.is_in(text)
}

/// Returns the last time in a text that is looked back over; where several
/// alternatives stand, the longest.
pub(super) fn window(text: &str) -> Option<Time> {
    longest(times(text).iter().filter(|time| time.is_window))
}

/// Returns the longest of several times, the last of those that are equal.
pub(super) fn longest<'a>(found: impl Iterator<Item = &'a Time>) -> Option<Time> {
    found.max_by(|a, b| a.days().total_cmp(&b.days())).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_windows() {
        for (text, months) in [
            ("within 6 months prior to screening", 6.0),
            ("in the two years prior to study entry", 24.0),
            ("within the 30 days prior to randomization", 1.0),
            ("in the preceding 60 days prior to randomization", 2.0),
            ("over the 1 year preceding the trial", 12.0),
            (
                "within the period of 12 to 1 months prior to randomization",
                12.0,
            ),
            ("within the year prior to the study", 12.0),
            ("28 days before randomisation", 1.0),
            ("in the past 30 days", 1.0),
            ("within 4 weeks of Screening", 1.0),
        ] {
            assert_eq!(
                window(text).map(|time| time.months()),
                Some(months),
                "{text}"
            );
        }
    }

    #[test]
    fn durations_are_no_windows() {
        for text in [
            "for at least 6 months",
            "more than 30 consecutive days",
            "aged 18 years or older",
        ] {
            assert_eq!(window(text), None, "{text}");
        }
    }
}
