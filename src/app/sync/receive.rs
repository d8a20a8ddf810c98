//! From the bytes of an answer to what the store takes.

use std::collections::BTreeSet;

use crate::classify::{Classified, classify};
use crate::criteria::Wanted;
use crate::history;
use crate::registry::{Decoded, Problem, decode, fingerprint};
use crate::store::{Labels, Store, StoreError, pack};
use crate::study::{NctNumber, PartialDate, Study};
use crate::terminology::{Sieve, Terminology};

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
        Self::relevant(bytes, decoded, terms, |_, _| true)
    }

    /// Takes a page apart, and keeps of it what is to be kept by its number and labels.
    fn relevant(
        bytes: &[u8],
        decoded: Decoded,
        terms: &Terminology,
        keep: impl Fn(NctNumber, &Labels) -> bool,
    ) -> Self {
        let records = decode::records(bytes).unwrap_or_default();
        Self {
            got: records
                .into_iter()
                .filter_map(|record| Got::of(record, terms, &keep))
                .collect(),
            problems: decoded.problems,
        }
    }
}

/// What is kept of records that nobody asked for by a query: studies that give engineered cells, and
/// those that the store holds already.
pub(super) struct Relevance<'a> {
    tracked: BTreeSet<NctNumber>,
    sieve: Option<Sieve>,
    terms: &'a Terminology,
}

impl<'a> Relevance<'a> {
    pub(super) fn of(store: &Store, terms: &'a Terminology) -> Result<Self, StoreError> {
        let rows = store.rows()?.into_iter();
        Ok(Self {
            tracked: rows.map(|row| row.number).collect(),
            sieve: terms.sieve(),
            terms,
        })
    }

    pub(super) fn holds(&self, number: NctNumber) -> bool {
        self.tracked.contains(&number)
    }

    /// Says whether the bytes of records may hold a study that gives engineered cells.
    pub(super) fn may_be(&self, bytes: &[u8]) -> bool {
        (self.sieve.as_ref()).is_none_or(|sieve| sieve.lets_through(bytes))
    }

    /// Takes what is relevant from a page, with what is wrong with it. A record that cannot be read is
    /// always told.
    pub(super) fn page(&self, bytes: &[u8], decoded: Decoded) -> Page {
        let is_held = |one: &Study| self.holds(one.nct_number);
        let mut page = if self.may_be(bytes) || decoded.studies.iter().any(is_held) {
            Page::relevant(bytes, decoded, self.terms, |number, labels| {
                labels.is_cell || self.holds(number)
            })
        } else {
            Page {
                got: Vec::new(),
                problems: decoded.problems,
            }
        };
        let came: BTreeSet<String> = page.got.iter().map(|one| one.number.to_string()).collect();
        let is_of_it = |nct: &String| came.contains(nct);
        page.problems
            .retain(|one| one.skipped || one.nct.as_ref().is_some_and(is_of_it));
        page
    }
}

impl Got {
    /// Returns `None` for what is not to be kept, and for what is no usable record; the latter is told
    /// among the problems.
    fn of(
        record: &[u8],
        terms: &Terminology,
        keep: impl Fn(NctNumber, &Labels) -> bool,
    ) -> Option<Self> {
        let record = record.trim_ascii();
        let one = read(record, terms)?;
        let labels = history::labels(&one);
        let study = &one.study;
        // To pack what is not kept would take most of the time.
        if !keep(study.nct_number, &labels) {
            return None;
        }
        Some(Self {
            number: study.nct_number,
            aliases: study.aliases.clone(),
            hash: fingerprint::of(record)?,
            packed: pack(record),
            updated: study.status.last_update_posted,
            data_date: study.data_date,
            status: study.status.overall.as_ref().map(ToString::to_string),
            labels,
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
