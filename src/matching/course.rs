//! Courses of MS as sets: what a word surely means, and what it may mean.

use crate::patient::Course;

const CIS: u8 = 1;
const RRMS: u8 = 2;
const SPMS: u8 = 4;
const PPMS: u8 = 8;
/// Secondary progressive MS with relapses or new lesions: one of the relapsing forms (EMA 2015).
const ACTIVE_SPMS: u8 = 16;

/// Courses that a demand takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Courses {
    sure: u8,
    maybe: u8,
}

impl Courses {
    /// The courses that words of the contract name (`cis rrms spms ppms rms pms ms`).
    pub(super) fn of(words: &[&str]) -> Self {
        let mut all = Self::default();
        for word in words {
            let (sure, maybe) = match *word {
                "cis" => (CIS, 0),
                "rrms" => (RRMS, 0),
                "spms" => (SPMS | ACTIVE_SPMS, 0),
                "ppms" => (PPMS, 0),
                // Labels count an isolated syndrome among the relapsing forms, studies often do not.
                "rms" => (RRMS | ACTIVE_SPMS, CIS),
                "pms" => (SPMS | ACTIVE_SPMS | PPMS, 0),
                "ms" => (RRMS | SPMS | ACTIVE_SPMS | PPMS, CIS),
                _ => (0, u8::MAX),
            };
            all.sure |= sure;
            all.maybe |= maybe;
        }
        all
    }

    /// Says whether a patient's course is among them; `None` where that depends on what is not known.
    pub(super) fn hold(self, course: Option<Course>) -> Option<bool> {
        let may_be = match course? {
            Course::Cis => CIS,
            Course::Rrms => RRMS,
            Course::Spms => SPMS | ACTIVE_SPMS,
            Course::Ppms => PPMS,
            Course::Rms => RRMS | ACTIVE_SPMS | CIS,
            Course::Pms => SPMS | ACTIVE_SPMS | PPMS,
            Course::Ms => RRMS | SPMS | ACTIVE_SPMS | PPMS,
        };
        if may_be & !self.sure == 0 {
            Some(true)
        } else if may_be & (self.sure | self.maybe) == 0 {
            Some(false)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_course_is_in_a_set_out_of_it_or_neither() {
        for (asked, course, expected) in [
            (&["rrms"][..], Course::Rrms, Some(true)),
            (&["rrms"], Course::Ppms, Some(false)),
            (&["rms"], Course::Rrms, Some(true)),
            (&["rms"], Course::Spms, None),
            (&["rms"], Course::Cis, None),
            (&["rms"], Course::Ppms, Some(false)),
            (&["pms"], Course::Spms, Some(true)),
            (&["pms"], Course::Rrms, Some(false)),
            (&["spms", "ppms"], Course::Pms, Some(true)),
            (&["ppms"], Course::Pms, None),
            (&["ms"], Course::Ppms, Some(true)),
            (&["rrms"], Course::Ms, None),
        ] {
            assert_eq!(
                Courses::of(asked).hold(Some(course)),
                expected,
                "{asked:?} {course}"
            );
        }
        assert_eq!(Courses::of(&["ms"]).hold(None), None);
    }
}
