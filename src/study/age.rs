//! Ages as the registry writes them: a number and a unit.

use std::fmt;
use std::str::FromStr;

/// An age bound with the unit it was registered in (`18 Years`, `6 Months`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Age {
    count: u32,
    unit: AgeUnit,
}

/// Unit of an [`Age`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AgeUnit {
    /// Years.
    Years,
    /// Months.
    Months,
    /// Weeks.
    Weeks,
    /// Days.
    Days,
    /// Hours.
    Hours,
    /// Minutes.
    Minutes,
}

/// A text that is no age.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an age: expected a number and Years, Months, Weeks, Days, Hours or Minutes")]
pub struct AgeError(String);

impl Age {
    /// Returns the age in years of 365.25 days; whole years stay whole.
    pub fn years(&self) -> f64 {
        let count = f64::from(self.count);
        match self.unit {
            AgeUnit::Years => count,
            AgeUnit::Months => count / 12.0,
            AgeUnit::Weeks => count * 7.0 / 365.25,
            AgeUnit::Days => count / 365.25,
            AgeUnit::Hours => count / 24.0 / 365.25,
            AgeUnit::Minutes => count / 1440.0 / 365.25,
        }
    }
}

impl FromStr for Age {
    type Err = AgeError;

    /// Reads the registry's form, `^\d+ (Year|Years|Month|…)$`.
    fn from_str(text: &str) -> Result<Self, AgeError> {
        let error = || AgeError(crate::text::shorten(text, 40));
        let (count, unit) = text.trim().split_once(' ').ok_or_else(error)?;
        let unit = match unit.strip_suffix('s').unwrap_or(unit) {
            "Year" => AgeUnit::Years,
            "Month" => AgeUnit::Months,
            "Week" => AgeUnit::Weeks,
            "Day" => AgeUnit::Days,
            "Hour" => AgeUnit::Hours,
            "Minute" => AgeUnit::Minutes,
            _ => return Err(error()),
        };
        Ok(Self {
            count: count.parse().map_err(|_| error())?,
            unit,
        })
    }
}

impl fmt::Display for Age {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = match self.unit {
            AgeUnit::Years => "year",
            AgeUnit::Months => "month",
            AgeUnit::Weeks => "week",
            AgeUnit::Days => "day",
            AgeUnit::Hours => "hour",
            AgeUnit::Minutes => "minute",
        };
        write!(
            f,
            "{} {unit}{}",
            self.count,
            if self.count == 1 { "" } else { "s" }
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_unit() {
        let years = |text: &str| text.parse::<Age>().unwrap().years();
        assert!((years("18 Years") - 18.0).abs() < 1e-9);
        assert!((years("1 Year") - 1.0).abs() < 1e-9);
        assert!((years("6 Months") - 0.5).abs() < 1e-9);
        assert!(years("90 Days") < years("6 Months"));
        assert!(years("59 Minutes") < years("1 Hour"));
    }

    #[test]
    fn refuses_garbage() {
        for text in [
            "",
            "18",
            "N/A",
            "18 Jahre",
            "-3 Years",
            "1.5 Years",
            "99999999999 Years",
        ] {
            assert!(text.parse::<Age>().is_err(), "{text}");
        }
    }
}
