//! Closed lists of registry words, each with a place for words the registry may add.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

/// Declares an enum over registry words that keeps unknown words as they came.
macro_rules! registry_words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
            /// A word that this program does not know, as it came.
            Other(String),
        }

        impl $name {
            /// The known values, in the registry's order.
            pub const KNOWN: &'static [Self] = &[$(Self::$variant),+];

            /// Returns the registry's word.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $word,)+
                    Self::Other(word) => word,
                }
            }
        }

        impl From<&str> for $name {
            fn from(word: &str) -> Self {
                match word {
                    $($word => Self::$variant,)+
                    other => Self::Other(other.to_owned()),
                }
            }
        }

        impl FromStr for $name {
            type Err = Infallible;

            fn from_str(word: &str) -> Result<Self, Infallible> {
                Ok(word.into())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }
    };
}

registry_words! {
    /// State of a study, or of one of its sites (registry types `Status` and `RecruitmentStatus`).
    OverallStatus {
        /// People are being taken in.
        Recruiting = "RECRUITING",
        /// Announced; nobody is taken in yet.
        NotYetRecruiting = "NOT_YET_RECRUITING",
        /// Only people whom the team asks.
        EnrollingByInvitation = "ENROLLING_BY_INVITATION",
        /// Going on; nobody new is taken in.
        ActiveNotRecruiting = "ACTIVE_NOT_RECRUITING",
        /// Stopped for a time.
        Suspended = "SUSPENDED",
        /// Stopped early.
        Terminated = "TERMINATED",
        /// Ended as planned.
        Completed = "COMPLETED",
        /// Stopped before anyone joined.
        Withdrawn = "WITHDRAWN",
        /// Not verified for two years past its planned end.
        Unknown = "UNKNOWN",
        /// Expanded access: open.
        Available = "AVAILABLE",
        /// Expanded access: ended.
        NoLongerAvailable = "NO_LONGER_AVAILABLE",
        /// Expanded access: paused.
        TemporarilyNotAvailable = "TEMPORARILY_NOT_AVAILABLE",
        /// Expanded access ended by approval.
        ApprovedForMarketing = "APPROVED_FOR_MARKETING",
        /// Details held back.
        Withheld = "WITHHELD",
    }
}

registry_words! {
    /// Phase of a study. A study may carry two.
    Phase {
        /// First use in people, very small.
        Early1 = "EARLY_PHASE1",
        /// Safety and dose.
        Phase1 = "PHASE1",
        /// First look at effect.
        Phase2 = "PHASE2",
        /// Comparison for approval.
        Phase3 = "PHASE3",
        /// After approval.
        Phase4 = "PHASE4",
        /// The registry's word for a study that has no phase by its kind.
        NotApplicable = "NA",
    }
}

registry_words! {
    /// Kind of study.
    StudyType {
        /// People get what the study assigns.
        Interventional = "INTERVENTIONAL",
        /// People are followed.
        Observational = "OBSERVATIONAL",
        /// Treatment outside a trial.
        ExpandedAccess = "EXPANDED_ACCESS",
    }
}

registry_words! {
    /// Sex that may join.
    Sex {
        /// Everyone.
        All = "ALL",
        /// Women only.
        Female = "FEMALE",
        /// Men only.
        Male = "MALE",
    }
}

impl OverallStatus {
    /// Says whether the registry counts it as open for new people: recruiting,
    /// about to, or by invitation.
    pub fn is_open(&self) -> bool {
        matches!(
            self,
            Self::Recruiting | Self::NotYetRecruiting | Self::EnrollingByInvitation
        )
    }

    /// Says whether people are being taken in now, with or without an invitation.
    pub fn recruits(&self) -> bool {
        matches!(self, Self::Recruiting | Self::EnrollingByInvitation)
    }

    /// Returns the status in words for people; an unknown word as it came.
    pub fn label(&self) -> String {
        match self {
            Self::NotYetRecruiting => "not yet recruiting".into(),
            Self::EnrollingByInvitation => "by invitation".into(),
            Self::ActiveNotRecruiting => "active, not recruiting".into(),
            Self::Other(word) => word.clone(),
            known => known.as_str().to_lowercase().replace('_', " "),
        }
    }
}

impl Phase {
    /// Returns the short form used in tables: `1`, `early 1`, `n/a`; an unknown word as it came.
    pub fn label(&self) -> &str {
        match self {
            Self::Early1 => "early 1",
            Self::Phase1 => "1",
            Self::Phase2 => "2",
            Self::Phase3 => "3",
            Self::Phase4 => "4",
            Self::NotApplicable => "n/a",
            Self::Other(word) => word,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_words_come_back() {
        for status in OverallStatus::KNOWN {
            assert_eq!(&OverallStatus::from(status.as_str()), status);
        }
    }

    #[test]
    fn unknown_words_survive() {
        let status = OverallStatus::from("PAUSED_FOR_REVIEW");
        assert_eq!(status.as_str(), "PAUSED_FOR_REVIEW");
        assert!(!status.is_open());
        assert_eq!(status.label(), "PAUSED_FOR_REVIEW");
    }

    #[test]
    fn open_is_not_recruiting() {
        assert!(OverallStatus::NotYetRecruiting.is_open());
        assert!(!OverallStatus::NotYetRecruiting.recruits());
    }
}
