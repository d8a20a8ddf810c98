//! What the store gives and takes, as values.

use std::collections::BTreeMap;

use crate::study::NctNumber;

/// How a run came by its records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunKind {
    /// From the registry.
    Live,
    /// From downloaded records.
    File,
    /// Nothing was read; studies were only classified anew.
    Labels,
}

impl RunKind {
    /// Returns the store's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::File => "file",
            Self::Labels => "labels",
        }
    }

    pub(super) fn of(word: &str) -> Self {
        match word {
            "live" => Self::Live,
            "file" => Self::File,
            _ => Self::Labels,
        }
    }
}

/// A run that brought the store up to date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Number, counted up; 0 until it is written.
    pub id: i64,
    /// How it came by its records.
    pub kind: RunKind,
    /// Whether everything was read, not only what was updated lately.
    pub is_full: bool,
    /// When it was written (UTC, RFC 3339).
    pub finished_at: String,
    /// When the registry was last seen to hold the same data.
    pub checked_at: String,
    /// The registry's `dataTimestamp`; for files the newest day of their records.
    pub data_timestamp: Option<String>,
    /// What was asked for: a fingerprint of query and fields.
    pub scope: String,
    /// By what the studies were labelled.
    pub classifier: String,
    /// Address of the registry's service.
    pub api: Option<String>,
    /// The files that were read.
    pub path: Option<String>,
    /// Studies that the recall query found, in a full run.
    pub found: Option<u64>,
    /// Studies in the store afterwards; filled in by the store.
    pub studies: u64,
    /// Addresses asked for, in order.
    pub requests: Vec<String>,
}

/// What a study was classified as.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Labels {
    /// Whether it gives engineered cells (`--therapy car-t`).
    pub is_cell: bool,
    /// Whether it is about MS (`--condition ms`).
    pub is_ms: bool,
    /// Paths in the JSON study, and their values as text.
    pub words: BTreeMap<String, String>,
}

/// What a search needs to know of a study before its record is decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Registry number.
    pub number: NctNumber,
    /// Version that is current.
    pub version: i64,
    /// `lastUpdatePostDate`.
    pub updated: Option<String>,
    /// `overallStatus` as it came.
    pub status: Option<String>,
    /// Whether it gives engineered cells.
    pub is_cell: bool,
    /// Whether it is about MS.
    pub is_ms: bool,
}

/// A study that the registry no longer has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tombstone {
    /// Registry number.
    pub number: NctNumber,
    /// When it was found to be gone (UTC, RFC 3339).
    pub removed_at: String,
    /// Its last copy.
    pub version: i64,
}

/// Kind of a change (contract: changes).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChangeKind {
    /// The study is new.
    Added,
    /// The registry no longer has the study.
    Removed,
    /// A value changed.
    Changed,
    /// A site is new.
    SiteAdded,
    /// A site is gone.
    SiteRemoved,
    /// The status of a site changed.
    SiteStatus,
    /// A criterion is new.
    CriterionAdded,
    /// A criterion is gone.
    CriterionRemoved,
}

impl ChangeKind {
    const ALL: [Self; 8] = [
        Self::Added,
        Self::Removed,
        Self::Changed,
        Self::SiteAdded,
        Self::SiteRemoved,
        Self::SiteStatus,
        Self::CriterionAdded,
        Self::CriterionRemoved,
    ];

    /// Returns the contract's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Changed => "changed",
            Self::SiteAdded => "site_added",
            Self::SiteRemoved => "site_removed",
            Self::SiteStatus => "site_status",
            Self::CriterionAdded => "criterion_added",
            Self::CriterionRemoved => "criterion_removed",
        }
    }

    pub(super) fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// Why a change is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// The record changed.
    Registry,
    /// Only this program's reading of it did: other tables, or another version.
    Program,
}

impl Cause {
    /// Returns the store's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Registry => "registry",
            Self::Program => "program",
        }
    }
}

/// A difference between two versions of a study.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Kind.
    pub kind: ChangeKind,
    /// Path in the JSON study; `facility | city | country` of a site; kind and text of a criterion.
    pub field: String,
    /// Value before; empty if there was none.
    pub before: String,
    /// Value after; empty if there is none.
    pub after: String,
    /// Why.
    pub cause: Cause,
}

/// A change as it was written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logged {
    /// The run that saw it.
    pub run: i64,
    /// When it was seen (UTC, RFC 3339).
    pub detected_at: String,
    /// The study.
    pub number: NctNumber,
    /// `lastUpdatePostDate` of the record that brought it.
    pub updated: Option<String>,
    /// What changed.
    pub change: Change,
}
