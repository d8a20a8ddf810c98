//! Dates that may be a word: a treatment that goes on, a disease that never was.

use std::str::FromStr;

use crate::study::PartialDate;

/// When a treatment ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stopped {
    /// It goes on.
    Ongoing,
    /// Date of the last dose.
    On(PartialDate),
}

impl FromStr for Stopped {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.trim().eq_ignore_ascii_case("ongoing") {
            return Ok(Self::Ongoing);
        }
        let date = super::field::day(text).map(Self::On);
        date.map_err(|said| format!("{said}, or `ongoing`"))
    }
}

/// Since when a patient has a disease.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    /// The patient never had it.
    Never,
    /// Since this date, or at it.
    Date(PartialDate),
}

impl FromStr for Since {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.trim().eq_ignore_ascii_case("never") {
            return Ok(Self::Never);
        }
        let date = super::field::day(text).map(Self::Date);
        date.map_err(|said| format!("{said}, or `never`"))
    }
}
