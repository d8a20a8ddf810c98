//! What a study gives and whether it is about MS, each label with the words
//! that it was read from.
//!
//! Named products go before words. Exclusion criteria and co-medications never
//! classify: "prior autologous HSCT" says nothing about the product.

mod cell_therapy;
mod courses;
mod fields;
mod ms;
mod source;
mod target;

pub use cell_therapy::{CellTherapy, product_like_codes};
pub use courses::Titled;
pub use fields::Evidence;
pub use ms::{MsLabel, Relevance};
pub use source::SourceBasis;
pub use target::TargetBasis;

use crate::criteria::{Read, Segments, Wanted, read, read_of_ms, segment};
use crate::study::Study;
use crate::terminology::Terminology;
use crate::text::seems_english;

/// A study with what was read from it.
#[derive(Debug, Clone)]
pub struct Classified {
    /// The study as decoded.
    pub study: Study,
    /// Criteria and headings of its eligibility text.
    pub segments: Segments,
    /// The criteria with the facts read from them; empty until [`Classified::read_criteria`].
    pub criteria: Read,
    /// The cell therapy that it gives, if any.
    pub cell_therapy: CellTherapy,
    /// How it relates to MS.
    pub ms: MsLabel,
}

/// Classifies a study.
pub fn classify(study: Study, terms: &Terminology) -> Classified {
    let segments = study
        .eligibility
        .text
        .as_deref()
        .map(segment)
        .unwrap_or_default();
    let fields = fields::Fields::of(&study, &segments);
    let cell_therapy = cell_therapy::label(&fields, terms);
    let ms = ms::label(&fields, terms);
    Classified {
        study,
        segments,
        criteria: Read::default(),
        cell_therapy,
        ms,
    }
}

impl Classified {
    /// Reads the facts of the criteria. Done only for studies that are kept:
    /// a large file holds many that are not.
    pub fn read_criteria(&mut self, terms: &Terminology, wanted: Wanted) {
        if let Some(text) = self.study.eligibility.text.as_deref() {
            let read = if self.ms.relevance == Relevance::Primary {
                read_of_ms
            } else {
                read
            };
            self.criteria = read(text, self.segments.clone(), terms.treatments(), wanted);
            // The rules know English only: a number or a short form that they find in another
            // language may mean anything there.
            if !seems_english(text) {
                for one in &mut self.criteria.criteria {
                    one.facts.clear();
                    one.applies_to = None;
                }
            }
        }
    }

    /// Returns the courses that the study names or its criteria ask for, less
    /// those that its criteria bar, in the contract's order.
    pub fn courses(&self) -> Vec<&'static str> {
        let (asked, barred) = self.criteria.courses();
        let named = |course: &&str| self.ms.courses.contains(course) || asked.contains(course);
        ms::COURSES
            .into_iter()
            .filter(named)
            .filter(|course| !barred.contains(course) || asked.contains(course))
            .collect()
    }

    /// Says whether people with a course may be meant: the study names it or a
    /// group that holds it, or names no course at all.
    pub fn may_take_course(&self, course: &str) -> bool {
        let (asked, barred) = self.criteria.courses();
        if barred.contains(&course) && !asked.contains(&course) {
            return false;
        }
        let courses = self.courses();
        let holds = |named: &str| match named {
            // Relapsing forms: CIS, RRMS, active SPMS. Progressive forms: PPMS, SPMS.
            "rms" => ["rms", "rrms", "cis", "spms"].contains(&course),
            "pms" => ["pms", "ppms", "spms"].contains(&course),
            "rrms" | "cis" => course == named || course == "rms",
            "ppms" => course == named || course == "pms",
            "spms" => ["spms", "pms", "rms"].contains(&course),
            _ => false,
        };
        courses.is_empty() || courses.iter().any(|named| holds(named))
    }
}
