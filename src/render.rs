//! From results to what users read: terminal, Markdown, HTML, CSV, JSON. Foreign text
//! is made safe here for the place where it goes.

pub mod brief;
pub mod changes;
mod columns;
pub mod cron;
pub mod csv;
pub mod detail;
mod explain;
pub mod export;
mod facts;
pub mod html;
pub mod json;
pub mod list;
mod markdown;
pub mod missing;
pub mod paper;
pub mod plain;
pub mod profile;
pub mod reason;
pub mod screen;
pub mod store;
pub mod washout;
mod watch;
mod words;
pub mod xlsx;

use std::path::Path;
use std::sync::Arc;

use crate::classify::Classified;
use crate::geo::Unit;
use crate::provenance::Source;
use crate::select::{Filters, FunnelStep};
use chrono::NaiveDate;

/// The outcome of a search, ready to be shown.
#[derive(Debug)]
pub struct Listing<'a> {
    /// Where the data came from.
    pub source: &'a Source,
    /// What was asked.
    pub filters: &'a Filters,
    /// What each filter left.
    pub funnel: &'a [FunnelStep],
    /// Filters to drop so that a study is found, if none is.
    pub way_out: &'a [&'static str],
    /// The studies, in order.
    pub studies: &'a [Arc<Classified>],
    /// Address of the registry's service, where it is not the usual one.
    pub api: Option<&'a str>,
    /// Product rows that were added.
    pub lexicon: Option<&'a Path>,
    /// In what distances are told, on pages for people.
    pub unit: Unit,
    /// The day that counts as today.
    pub today: NaiveDate,
    /// When this was made (UTC, RFC 3339).
    pub generated_at: &'a str,
}

/// What a field takes, without the patterns that computers are told by.
pub fn in_everyday_words(allowed: &str) -> String {
    const WORDS: [(&str, &str); 3] = [
        (
            "YYYY, YYYY-MM or YYYY-MM-DD",
            "a year, a month or a day, such as 2024, 2024-03 or 2024-03-15",
        ),
        (
            "whole years from 0 to 120",
            "a whole number from 0 to 120, such as 47",
        ),
        (
            "up to 200 characters, none of them invisible",
            "one line of up to 200 letters",
        ),
    ];
    let mut plain = allowed.to_owned();
    for (pattern, words) in WORDS {
        plain = plain.replace(pattern, words);
    }
    plain
}
