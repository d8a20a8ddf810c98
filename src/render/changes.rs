//! The change log: for people on a terminal, as Markdown, and as a feed; for machines as CSV and JSON.
//!
//! People are told in the words of the other pages, study by study: when it was noticed and when the registry posted
//! it, its status first, its sites folded. Machines get every single change with the registry's words.

mod criteria;
mod data;
mod feed;
mod sites;
mod told;
mod words;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::markdown::escape;
use super::watch;
use super::words::wrapped;
use crate::provenance::Source;
use crate::store::{Logged, Since};
use crate::study::{NctNumber, OverallStatus};
use crate::text::counted;
use crate::watch::News;

pub use data::{COLUMNS, csv, json};
pub use feed::atom;
pub(super) use told::{BY_PROGRAM, Told, told};

/// What is known of a study besides its changes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// What it is called.
    pub title: String,
    /// Its status after the last change of the log; `None` where the record has none.
    pub status: Option<OverallStatus>,
}

/// The change log, ready to be shown.
#[derive(Debug)]
pub struct Log<'a> {
    /// Which changes.
    pub since: &'a Since,
    /// The changes.
    pub rows: &'a [Logged],
    /// The studies that they are of.
    pub studies: &'a BTreeMap<NctNumber, Known>,
    /// Where the data came from.
    pub source: &'a Source,
    /// What a reader must know of it.
    pub warnings: Vec<String>,
    /// What they mean to those who watch; `None` without rules.
    pub watch: Option<&'a [News]>,
    /// When this was made (UTC, RFC 3339).
    pub generated_at: &'a str,
}

impl Log<'_> {
    /// What a study is called; nothing where that is not known.
    pub(super) fn title(&self, number: NctNumber) -> &str {
        self.studies
            .get(&number)
            .map_or("", |known| known.title.as_str())
    }
}

/// How many changes there are, and since when they were noticed: the registry may have posted them long before.
pub(super) fn heading(log: &Log<'_>) -> String {
    let noticed = match log.since {
        Since::Run(run) => format!("noticed in run {run}"),
        Since::AfterRun(run) => format!("noticed after run {run}"),
        Since::Day(day) => format!("noticed since {day}"),
    };
    if log.rows.is_empty() {
        return format!("No changes {noticed}.");
    }
    let studies: std::collections::BTreeSet<NctNumber> =
        log.rows.iter().map(|row| row.number).collect();
    let of = if studies.len() == 1 {
        "study"
    } else {
        "studies"
    };
    format!(
        "{} in {} {of}, {noticed}.",
        counted(log.rows.len() as u64, "change"),
        studies.len()
    )
}

/// Renders changes for a terminal of a width in columns.
pub fn table(log: &Log<'_>, width: u16) -> String {
    let columns = usize::from(width.clamp(80, 400));
    let mut out = String::new();
    for warning in &log.warnings {
        out.push_str(&wrapped(warning, columns, "", ""));
    }
    if let Some(news) = log.watch {
        out.push_str(&watch::table(log, news, columns));
    }
    out.push_str(&wrapped(&heading(log), columns, "", ""));
    for one in told(log) {
        out.push('\n');
        let name = format!("{} {}", one.number, one.title);
        out.push_str(&wrapped(&name, columns, "", "  "));
        out.push_str(&wrapped(&one.noticed, columns, "  ", "  "));
        for words in &one.of_record {
            out.push_str(&wrapped(words, columns, "  · ", "    "));
        }
        if !one.of_program.is_empty() {
            out.push_str(&wrapped(&format!("{BY_PROGRAM}:"), columns, "  ", "  "));
        }
        for words in &one.of_program {
            out.push_str(&wrapped(words, columns, "    · ", "      "));
        }
    }
    out.push('\n');
    out.push_str(&wrapped(&log.source.attribution(), columns, "", ""));
    out
}

/// Renders changes as a digest in Markdown.
pub fn markdown(log: &Log<'_>) -> String {
    let mut out = String::from("# What changed\n\n");
    for warning in &log.warnings {
        // Writing to a string cannot fail.
        let _ = writeln!(out, "**{}**\n", escape(warning));
    }
    if let Some(news) = log.watch {
        out.push_str(&watch::markdown(log, news));
    }
    let _ = writeln!(out, "{}", heading(log));
    for one in told(log) {
        let number = one.number;
        let _ = writeln!(
            out,
            "\n## [{number}](https://clinicaltrials.gov/study/{number}) {}\n\n{}\n",
            escape(&one.title),
            escape(&one.noticed)
        );
        for words in &one.of_record {
            let _ = writeln!(out, "- {}", escape(words));
        }
        if !one.of_program.is_empty() {
            let _ = writeln!(out, "- {BY_PROGRAM}:");
        }
        for words in &one.of_program {
            let _ = writeln!(out, "  - {}", escape(words));
        }
    }
    let _ = writeln!(out, "\n{}", escape(&log.source.attribution()));
    out
}
