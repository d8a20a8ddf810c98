//! From the bytes of an answer to what the store takes.

use crate::classify::{Classified, classify};
use crate::criteria::Wanted;
use crate::history;
use crate::registry::{Decoded, Problem, decode, fingerprint};
use crate::store::{Labels, pack};
use crate::study::{NctNumber, PartialDate};
use crate::terminology::Terminology;

/// A record that came.
#[derive(Debug)]
pub(super) struct Got {
    pub(super) number: NctNumber,
    pub(super) aliases: Vec<NctNumber>,
    pub(super) hash: Vec<u8>,
    pub(super) packed: Vec<u8>,
    pub(super) updated: Option<PartialDate>,
    pub(super) data_date: Option<PartialDate>,
    pub(super) status: Option<String>,
    pub(super) labels: Labels,
}

/// What a page, a file or a single record held.
#[derive(Debug, Default)]
pub(super) struct Page {
    pub(super) got: Vec<Got>,
    pub(super) problems: Vec<Problem>,
}

impl Page {
    /// Takes a page apart. `decoded` is what it holds as a whole: its problems name their origin.
    pub(super) fn of(bytes: &[u8], decoded: Decoded, terms: &Terminology) -> Self {
        let records = decode::records(bytes).unwrap_or_default();
        Self {
            got: records
                .into_iter()
                .filter_map(|record| Got::of(record, terms))
                .collect(),
            problems: decoded.problems,
        }
    }
}

impl Got {
    /// Returns `None` for what is no usable record; that is told among the problems.
    fn of(record: &[u8], terms: &Terminology) -> Option<Self> {
        let record = record.trim_ascii();
        let one = read(record, terms)?;
        let study = &one.study;
        Some(Self {
            number: study.nct_number,
            aliases: study.aliases.clone(),
            hash: fingerprint::of(record)?,
            packed: pack(record),
            updated: study.status.last_update_posted,
            data_date: study.data_date,
            status: study.status.overall.as_ref().map(ToString::to_string),
            labels: history::labels(&one),
        })
    }
}

/// Decodes and classifies a record.
pub(super) fn read(record: &[u8], terms: &Terminology) -> Option<Classified> {
    let decoded = decode::any(record).ok()?;
    let mut one = classify(decoded.studies.into_iter().next()?, terms);
    // Courses of MS stand in the criteria; for other studies nobody asks for them.
    if one.ms.relevance.is_about_ms() && one.cell_therapy.class.is_some() {
        one.read_criteria(terms, Wanted::CoursesAndEdss);
    }
    Some(one)
}
