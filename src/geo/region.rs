//! The regions of the world between which people choose.

use std::{fmt, str::FromStr};

use super::Country;

/// How alike a misspelling must be (Jaro-Winkler, 0 to 1) before a region is suggested for it.
const SUGGEST_FROM: f64 = 0.75;

/// Other words people write for a region, folded to lower case and without dots.
const SYNONYMS: [(&str, Region); 16] = [
    ("usa", Region::Us),
    ("united states", Region::Us),
    ("united states of america", Region::Us),
    ("america", Region::Us),
    ("eu", Region::Europe),
    ("european union", Region::Europe),
    ("gb", Region::Uk),
    ("united kingdom", Region::Uk),
    ("great britain", Region::Uk),
    ("britain", Region::Uk),
    ("cn", Region::China),
    ("prc", Region::China),
    ("au", Region::Australia),
    ("aus", Region::Australia),
    ("other countries", Region::Other),
    ("others", Region::Other),
];

/// A region of the world; which countries belong to each stands in `data/countries.tsv`.
///
/// The order is that of the variants: the one in which regions are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Region {
    /// The United States and its territories.
    Us,
    /// EU, EEA, Switzerland and the other countries of the continent except the UK and Russia.
    Europe,
    /// The United Kingdom, Jersey, Guernsey and the Isle of Man.
    Uk,
    /// China with Hong Kong and Macau.
    China,
    /// Australia and its external territories.
    Australia,
    /// Every other country, and countries that are not known.
    Other,
}

impl Region {
    /// All regions, in their order.
    pub const ALL: [Self; 6] = [
        Self::Us,
        Self::Europe,
        Self::Uk,
        Self::China,
        Self::Australia,
        Self::Other,
    ];

    /// The word that flags, JSON keys and CSV columns use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Us => "us",
            Self::Europe => "europe",
            Self::Uk => "uk",
            Self::China => "china",
            Self::Australia => "australia",
            Self::Other => "other",
        }
    }

    /// The word for people to read.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Us => "US",
            Self::Europe => "Europe",
            Self::Uk => "UK",
            Self::China => "China",
            Self::Australia => "Australia",
            Self::Other => "other countries",
        }
    }

    /// Every word that is read as a region.
    fn words() -> impl Iterator<Item = (&'static str, Self)> {
        Self::ALL
            .into_iter()
            .map(|region| (region.as_str(), region))
            .chain(SYNONYMS)
    }

    /// The region that `text` most likely meant: that of the country it names, else the one it nearly spells.
    fn nearest(text: &str) -> Option<Self> {
        let folded = fold(text);
        Country::find(text).map(Country::region).or_else(|| {
            Self::words()
                .map(|(word, region)| (strsim::jaro_winkler(word, &folded), region))
                .filter(|(likeness, _)| *likeness >= SUGGEST_FROM)
                .max_by(|a, b| a.0.total_cmp(&b.0))
                .map(|(_, region)| region)
        })
    }
}

/// Folds what does not matter in a region's name: case, dots, spaces around.
fn fold(text: &str) -> String {
    text.trim().to_lowercase().replace('.', "")
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The error of reading a [`Region`] from text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no region: use one of {}{}", allowed(), suggestion(*.nearest))]
pub struct ParseRegionError {
    text: String,
    nearest: Option<Region>,
}

fn allowed() -> String {
    Region::ALL.map(Region::as_str).join(", ")
}

fn suggestion(nearest: Option<Region>) -> String {
    nearest.map_or_else(String::new, |region| format!("; did you mean `{region}`?"))
}

impl FromStr for Region {
    type Err = ParseRegionError;

    /// Reads a region's word or one of its usual synonyms, in any case.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let folded = fold(text);
        Self::words()
            .find(|(word, _)| *word == folded)
            .map(|(_, region)| region)
            .ok_or_else(|| ParseRegionError {
                text: text.to_owned(),
                nearest: Self::nearest(text),
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_is_in_order_and_complete() {
        assert!(Region::ALL.is_sorted());
        assert_eq!(
            Region::ALL.map(Region::as_str),
            ["us", "europe", "uk", "china", "australia", "other"]
        );
    }

    #[test]
    fn label_is_for_people() {
        assert_eq!(
            Region::ALL.map(Region::label),
            [
                "US",
                "Europe",
                "UK",
                "China",
                "Australia",
                "other countries"
            ]
        );
    }

    #[test]
    fn from_str_reads_what_display_writes() {
        for region in Region::ALL {
            assert_eq!(region.to_string().parse(), Ok(region));
            assert_eq!(region.label().parse(), Ok(region));
        }
    }

    #[test]
    fn from_str_reads_synonyms_in_any_case() {
        for (text, region) in [
            ("USA", Region::Us),
            ("u.s.", Region::Us),
            (" Europe ", Region::Europe),
            ("EU", Region::Europe),
            ("gb", Region::Uk),
            ("United Kingdom", Region::Uk),
            ("U.K.", Region::Uk),
            ("CHINA", Region::China),
        ] {
            assert_eq!(text.parse(), Ok(region), "{text}");
        }
    }

    #[test]
    fn display_keeps_the_width() {
        assert_eq!(format!("{:<7}|", Region::Uk), "uk     |");
    }

    #[test]
    fn error_names_value_allowed_words_and_the_nearest() {
        let message = |text: &str| text.parse::<Region>().unwrap_err().to_string();
        assert_eq!(
            message("eurpe"),
            "`eurpe` is no region: use one of us, europe, uk, china, australia, other; did you mean `europe`?"
        );
        assert!(message("Austrlia").ends_with("did you mean `australia`?"));
        assert!(message("Germany").ends_with("did you mean `europe`?"));
        assert!(message("qqq").ends_with("australia, other"));
        assert!(message("").ends_with("australia, other"));
    }
}
