//! Dates as the registry writes them: a year, a month or a day.

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, NaiveDate};

/// A date known to the year, the month or the day (registry type `PartialDate`).
///
/// Sorts by the earliest day it can mean; it prints as it was registered, so
/// `2026-06` stays `2026-06`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PartialDate {
    earliest: NaiveDate,
    precision: Precision,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Precision {
    Year,
    Month,
    Day,
}

/// A text that is no date.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a date: write YYYY, YYYY-MM or YYYY-MM-DD, for example 2026-06-20")]
pub struct DateError(String);

impl PartialDate {
    /// Returns the first day that the date can mean.
    pub fn earliest(&self) -> NaiveDate {
        self.earliest
    }

    /// Returns the last day that the date can mean.
    pub fn latest(&self) -> NaiveDate {
        let day = self.earliest;
        let next = match self.precision {
            Precision::Day => return day,
            Precision::Month if day.month() == 12 => (day.year() + 1, 1),
            Precision::Month => (day.year(), day.month() + 1),
            Precision::Year => (day.year() + 1, 1),
        };
        NaiveDate::from_ymd_opt(next.0, next.1, 1)
            .and_then(|first| first.pred_opt())
            .unwrap_or(day)
    }

    /// Says whether the date is known to the day.
    pub fn is_day(&self) -> bool {
        self.precision == Precision::Day
    }
}

impl From<NaiveDate> for PartialDate {
    fn from(day: NaiveDate) -> Self {
        Self {
            earliest: day,
            precision: Precision::Day,
        }
    }
}

impl FromStr for PartialDate {
    type Err = DateError;

    fn from_str(text: &str) -> Result<Self, DateError> {
        parse(text).ok_or_else(|| DateError(crate::text::shorten(text, 40)))
    }
}

fn parse(text: &str) -> Option<PartialDate> {
    let mut parts = text.split('-');
    let year = digits(parts.next()?, 4)?;
    let month = parts
        .next()
        .map(|part| digits(part, 2))
        .map_or(Some(None), |part| part.map(Some))?;
    let day = parts
        .next()
        .map(|part| digits(part, 2))
        .map_or(Some(None), |part| part.map(Some))?;
    if parts.next().is_some() {
        return None;
    }
    let precision = match (month, day) {
        (None, _) => Precision::Year,
        (_, None) => Precision::Month,
        _ => Precision::Day,
    };
    let earliest = NaiveDate::from_ymd_opt(
        i32::try_from(year).ok()?,
        month.unwrap_or(1),
        day.unwrap_or(1),
    )?;
    Some(PartialDate {
        earliest,
        precision,
    })
}

fn digits(part: &str, width: usize) -> Option<u32> {
    let is_number = part.len() == width && part.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| part.parse().ok()).flatten()
}

impl fmt::Display for PartialDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let form = match self.precision {
            Precision::Year => "%Y",
            Precision::Month => "%Y-%m",
            Precision::Day => "%Y-%m-%d",
        };
        f.pad(&self.earliest.format(form).to_string())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn keeps_its_precision() {
        for text in ["2026", "2026-06", "2026-06-20", "1900-01", "2099-01-01"] {
            assert_eq!(text.parse::<PartialDate>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn knows_its_last_day() {
        let last = |text: &str| text.parse::<PartialDate>().unwrap().latest().to_string();
        assert_eq!(last("2026"), "2026-12-31");
        assert_eq!(last("2024-02"), "2024-02-29");
        assert_eq!(last("2026-12"), "2026-12-31");
        assert_eq!(last("2026-06-20"), "2026-06-20");
    }

    #[test]
    fn refuses_garbage() {
        for text in [
            "",
            "26",
            "2026-13",
            "2026-02-30",
            "2026-6",
            "2026-06-20T09",
            "2026-06-20-1",
            "June 2026",
            "+026",
        ] {
            assert!(text.parse::<PartialDate>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in ".{0,20}") {
            if let Ok(date) = text.parse::<PartialDate>() {
                prop_assert_eq!(date.to_string(), text);
            }
        }
    }
}
