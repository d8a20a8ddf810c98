//! Windows and numbers, as a reader says them.

/// A span that is looked back.
#[derive(Debug, Clone, Copy)]
pub(super) enum Window {
    /// Ever, or not stated.
    Open,
    /// Now only.
    Now,
    /// A number of days, months or years.
    Last(f64, Unit),
}

/// What a span is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Days,
    Months,
    Years,
}

impl Window {
    pub(super) fn of(amount: Option<f64>, unit: Unit) -> Self {
        match amount {
            None => Self::Open,
            Some(amount) if amount <= 0.0 => Self::Now,
            Some(amount) => Self::Last(amount, unit),
        }
    }

    /// Returns ` in the last 6 months`, ` now`, or nothing; the quote tells in which
    /// unit the text counts, and so whether the value was converted.
    pub(super) fn words(self, quote: &str) -> String {
        match self {
            Self::Open => String::new(),
            Self::Now => " now".to_owned(),
            Self::Last(amount, unit) => {
                let span = span(amount, unit, quote);
                // "The last year", not "the last 1 year".
                let span = span.strip_prefix("1 ").unwrap_or(&span);
                format!(" in the last {span}")
            }
        }
    }
}

/// Returns `6 months`; with `or so` behind it where the text counts in another unit.
pub(super) fn span(amount: f64, unit: Unit, quote: &str) -> String {
    let quote = quote.to_lowercase();
    let whole = |divisor: f64| (amount % divisor == 0.0).then_some(amount / divisor);
    match unit {
        // Days were counted as weeks × 7, months × 30, years × 365: back to what the text says.
        Unit::Days => {
            let said = [("year", 365.0), ("month", 30.0), ("week", 7.0)];
            said.into_iter()
                .filter(|(word, _)| quote.contains(word))
                .find_map(|(word, days)| Some(counted(whole(days)?, word)))
                .unwrap_or_else(|| counted(amount, "day"))
        }
        Unit::Months => {
            let years = whole(12.0).filter(|_| quote.contains("year"));
            let words = years.map_or_else(|| counted(amount, "month"), |one| counted(one, "year"));
            let converted = ["day", "week"].iter().any(|word| quote.contains(word))
                && !quote.contains("month")
                && !quote.contains("year");
            if converted || amount.fract() != 0.0 && !quote.is_empty() {
                format!("{words} or so")
            } else {
                words
            }
        }
        Unit::Years => {
            // Half a year and the like are told in months.
            let months = (amount * 12.0).round();
            if amount < 2.0 && amount.fract() != 0.0 && (months / 12.0 - amount).abs() < 0.01 {
                counted(months, "month")
            } else {
                counted(amount, "year")
            }
        }
    }
}

pub(super) fn counted(amount: f64, unit: &str) -> String {
    let plural = if (amount - 1.0).abs() < f64::EPSILON {
        ""
    } else {
        "s"
    };
    format!("{} {unit}{plural}", number(amount))
}

/// Returns `100,000`, `5.5`: thousands are parted.
pub(super) fn number(value: f64) -> String {
    let plain = value.to_string();
    let (whole, fraction) = plain.split_once('.').unwrap_or((&plain, ""));
    let mut out = String::new();
    for (at, digit) in whole.chars().enumerate() {
        let left = whole.len() - at;
        if at > 0 && left.is_multiple_of(3) && whole.len() > 3 && digit.is_ascii_digit() {
            out.push(',');
        }
        out.push(digit);
    }
    if !fraction.is_empty() {
        out.extend([".", fraction]);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_told_as_the_text_counts_them() {
        let last = |amount, unit, quote| Window::of(Some(amount), unit).words(quote);
        assert_eq!(last(180.0, Unit::Days, "6 months"), " in the last 6 months");
        assert_eq!(last(28.0, Unit::Days, "4 weeks"), " in the last 4 weeks");
        assert_eq!(last(30.0, Unit::Days, "30 days"), " in the last 30 days");
        assert_eq!(last(24.0, Unit::Months, "2 years"), " in the last 2 years");
        assert_eq!(
            last(1.0, Unit::Months, "28 days"),
            " in the last month or so"
        );
        assert_eq!(last(0.5, Unit::Years, ""), " in the last 6 months");
        assert_eq!(last(0.0, Unit::Months, ""), " now");
        assert_eq!(Window::of(None, Unit::Days).words("6 months"), "");
    }

    #[test]
    fn thousands_are_parted() {
        assert_eq!(number(100_000.0), "100,000");
        assert_eq!(number(1_500.0), "1,500");
        assert_eq!(number(5.5), "5.5");
        assert_eq!(number(600.0), "600");
    }
}
