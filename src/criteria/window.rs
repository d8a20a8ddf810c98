//! Windows on the calendar: "6 months" ends on the same day of another month.

use std::sync::LazyLock;

use chrono::{Days, Months, NaiveDate};
use regex::Regex;

use super::time::{Time, Unit, times};

/// An amount of time as it was written, and half-lives that stand beside it.
#[derive(Debug, Clone, PartialEq)]
pub struct Window {
    time: Time,
    /// Half-lives of the drug, where the words name them too.
    pub half_lives: Option<u32>,
}

static HALF_LIVES: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)(?P<n>\d{1,2}|two|three|four|five|six|seven|ten)\s*(?:\(\d{1,2}\)\s*)?(?:drug |plasma |elimination |terminal |times (?:the |its )?)*half[-\s]?li(?:fe|ves)").ok()
});

impl Window {
    /// Returns the time in a quote that comes to a number of days (weeks × 7,
    /// months × 30, years × 365), in the unit of the quote.
    pub fn of_days(quote: &str, days: f64) -> Self {
        let same = |time: &Time| (time.days() - days).abs() < 1e-6;
        Self::find(quote, same, days)
    }

    /// Returns the time in a quote that comes to a number of months.
    pub fn of_months(quote: &str, months: f64) -> Self {
        let same = |time: &Time| (time.months() - months).abs() < 1e-6;
        Self::find(quote, same, months * 30.0)
    }

    /// Returns the time in a quote that comes to a number of years.
    pub fn of_years(quote: &str, years: f64) -> Self {
        let same = |time: &Time| (time.years() - years).abs() < 1e-6;
        Self::find(quote, same, years * 365.0)
    }

    fn find(quote: &str, same: impl Fn(&Time) -> bool, days: f64) -> Self {
        let stated = times(quote).into_iter().find(same);
        let half_lives = HALF_LIVES.iter().find_map(|pattern| {
            let number = pattern.captures(quote)?.name("n")?.as_str().to_owned();
            super::time::small_count(&number)
        });
        Self {
            time: stated.unwrap_or(Time {
                span: 0..0,
                amount: days,
                unit: Unit::Day,
                is_window: true,
            }),
            half_lives,
        }
    }

    /// Returns the time in words, in the unit of the quote: "6 months".
    pub fn words(&self) -> String {
        let amount = self.time.amount;
        let unit = match self.time.unit {
            Unit::Day => "day",
            Unit::Week => "week",
            Unit::Month => "month",
            Unit::Year => "year",
        };
        let many = if (amount - 1.0).abs() < 1e-9 { "" } else { "s" };
        format!("{amount} {unit}{many}")
    }

    /// Returns the day on which a window that ends on `day` begins.
    pub fn before(&self, day: NaiveDate) -> Option<NaiveDate> {
        match self.calendar() {
            (months, 0) => day.checked_sub_months(Months::new(months)),
            (months, days) => day
                .checked_sub_months(Months::new(months))?
                .checked_sub_days(Days::new(days)),
        }
    }

    /// Returns the day on which a window that begins on `day` is over.
    pub fn after(&self, day: NaiveDate) -> Option<NaiveDate> {
        let (months, days) = self.calendar();
        day.checked_add_months(Months::new(months))?
            .checked_add_days(Days::new(days))
    }

    /// Whole months and days; parts of a month or year come to 30.44 days a month.
    fn calendar(&self) -> (u32, u64) {
        let amount = self.time.amount;
        let months = match self.time.unit {
            Unit::Day => return (0, whole(amount)),
            Unit::Week => return (0, whole(amount * 7.0)),
            Unit::Month => amount,
            Unit::Year => amount * 12.0,
        };
        let full = months.floor();
        let rest = whole((months - full) * 30.44);
        (u32::try_from(whole(full)).unwrap_or(u32::MAX), rest)
    }
}

/// Rounds up: a window is never told shorter than it is.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "amounts are small and positive; what is not saturates"
)]
fn whole(amount: f64) -> u64 {
    (amount - 1e-9).ceil().max(0.0) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn counts_in_the_unit_of_the_quote() {
        for (quote, days, end) in [
            ("within 6 months before screening", 180.0, "2026-11-30"),
            ("within 24 weeks before screening", 168.0, "2026-11-15"),
            ("within 1 year", 365.0, "2027-05-31"),
            ("within 30 days or 5 half-lives", 30.0, "2026-06-30"),
            ("no time at all", 30.0, "2026-06-30"),
            ("within 1.5 years", 547.5, "2027-11-30"),
        ] {
            let window = Window::of_days(quote, days);
            assert_eq!(window.after(day("2026-05-31")), Some(day(end)), "{quote}");
        }
        for (quote, days, words) in [
            ("within 6 months", 180.0, "6 months"),
            ("within 1 year", 365.0, "1 year"),
            ("within 1.5 years", 547.5, "1.5 years"),
            ("no time at all", 30.0, "30 days"),
        ] {
            assert_eq!(Window::of_days(quote, days).words(), words);
        }
    }

    #[test]
    fn looks_back_as_far() {
        let window = Window::of_months("in the 12 months before", 12.0);
        assert_eq!(window.before(day("2026-05-31")), Some(day("2025-05-31")));
    }

    #[test]
    fn knows_half_lives() {
        let lives = |quote| Window::of_days(quote, 30.0).half_lives;
        assert_eq!(
            lives("30 days or 5 half-lives, whichever is longer"),
            Some(5)
        );
        assert_eq!(lives("five half lives or 30 days"), Some(5));
        assert_eq!(lives("30 days"), None);
    }
}
