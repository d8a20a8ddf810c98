//! The registry number of a study.

use std::fmt;
use std::str::FromStr;

/// A registry number: `NCT` and eight digits, not all of them zero.
///
/// # Examples
///
/// ```
/// use trialbrief::study::NctNumber;
///
/// let number: NctNumber = "nct07224373".parse()?;
/// assert_eq!(number.to_string(), "NCT07224373");
/// # Ok::<(), trialbrief::study::NctError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NctNumber(u32);

/// A text that is no registry number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a registry number: write NCT and eight digits, for example NCT07224373")]
pub struct NctError(String);

impl FromStr for NctNumber {
    type Err = NctError;

    fn from_str(text: &str) -> Result<Self, NctError> {
        let error = || NctError(crate::text::shorten(text, 40));
        let bytes = text.trim().as_bytes();
        let (head, digits) = bytes.split_at_checked(3).ok_or_else(error)?;
        let is_number = head.eq_ignore_ascii_case(b"NCT")
            && digits.len() == 8
            && digits.iter().all(u8::is_ascii_digit);
        if !is_number {
            return Err(error());
        }
        match digits
            .iter()
            .fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0'))
        {
            0 => Err(error()),
            number => Ok(Self(number)),
        }
    }
}

impl fmt::Display for NctNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format!("NCT{:08}", self.0);
        f.pad(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_prints() {
        let number: NctNumber = " nct00001975 ".parse().unwrap();
        assert_eq!(number.to_string(), "NCT00001975");
    }

    #[test]
    fn refuses_what_is_no_number() {
        for text in [
            "",
            "NCT",
            "NCT0000000",
            "NCT000000000",
            "NCT00000000",
            "NCT0722437x",
            "ÑCT07224373",
            "07224373",
        ] {
            assert!(text.parse::<NctNumber>().is_err(), "{text}");
        }
    }
}
