//! What an examination of the store found, and what a sync came to.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use serde::Serialize;

use crate::store::{Checked, Head, Run};
use crate::text;

#[derive(Serialize)]
struct CheckView<'a> {
    schema: &'static str,
    path: String,
    whole: bool,
    problems: &'a [String],
    studies: u64,
    versions: u64,
    removed: u64,
    runs: u64,
    changes: u64,
    bytes: u64,
    registry_timestamp: Option<&'a str>,
    synced_at: &'a str,
}

/// Renders it for people.
pub fn check(checked: &Checked, head: &Head, path: &Path) -> String {
    let mut out = format!("Store: {}\n", text::safe(&path.display().to_string()));
    let data = head.last.data_timestamp.as_deref().unwrap_or("not known");
    // Writing to a string cannot fail.
    let _ = writeln!(
        out,
        "Data of {}, last checked {}",
        text::safe(data),
        text::safe(&head.last.checked_at)
    );
    let _ = writeln!(
        out,
        "{} studies, {} versions of them, {} that the registry no longer has, {} runs, {} changes, {} bytes",
        checked.studies,
        checked.versions,
        checked.removed,
        checked.runs,
        checked.changes,
        checked.bytes
    );
    for problem in &checked.problems {
        let _ = writeln!(out, "problem: {}", text::one_line(&text::safe(problem)));
    }
    out.push_str(if checked.problems.is_empty() {
        "whole\n"
    } else {
        "NOT WHOLE\n"
    });
    out
}

/// Renders it for machines: `trialbrief.store-check/1`.
pub fn check_json(checked: &Checked, head: &Head, path: &Path) -> String {
    super::json::written(&CheckView {
        schema: "trialbrief.store-check/1",
        path: path.display().to_string(),
        whole: checked.problems.is_empty(),
        problems: &checked.problems,
        studies: checked.studies,
        versions: checked.versions,
        removed: checked.removed,
        runs: checked.runs,
        changes: checked.changes,
        bytes: checked.bytes,
        registry_timestamp: head.last.data_timestamp.as_deref(),
        synced_at: &head.last.checked_at,
    })
}

/// What a sync came to.
#[derive(Debug)]
pub struct Outcome<'a> {
    /// The run that the store stands at.
    pub run: &'a Run,
    /// Whether the registry still had the same data.
    pub same: bool,
    /// Requests that were sent.
    pub requests: usize,
    /// What was written, by name.
    pub counts: [(&'static str, usize); 9],
}

#[derive(Serialize)]
struct OutcomeView<'a> {
    schema: &'static str,
    run: i64,
    kind: &'static str,
    full: bool,
    same: bool,
    registry_timestamp: Option<&'a str>,
    synced_at: &'a str,
    studies: u64,
    requests: usize,
    #[serde(flatten)]
    counts: BTreeMap<&'static str, usize>,
}

impl Outcome<'_> {
    /// Renders it as one line.
    pub fn line(&self) -> String {
        let data = self
            .run
            .data_timestamp
            .as_deref()
            .unwrap_or("an unknown day");
        let many = if self.requests == 1 { "" } else { "s" };
        let requests = format!("{} request{many}", self.requests);
        let studies = self.run.studies;
        if self.same {
            return format!(
                "nothing new: the registry still has its data of {data}; {studies} studies, {requests}"
            );
        }
        let [_, rest @ ..] = self.counts;
        let told = rest
            .iter()
            .filter(|(name, count)| *count > 0 || ["added", "changed", "removed"].contains(name));
        let told: Vec<String> = told
            .map(|(name, count)| format!("{count} {name}"))
            .collect();
        format!(
            "store up to date with data of {data}: {studies} studies ({}), run {}, {requests}",
            told.join(", "),
            self.run.id
        )
    }

    /// Renders it as one line of JSON: `trialbrief.sync/1`.
    pub fn json(&self) -> String {
        super::json::written_compact(&OutcomeView {
            schema: "trialbrief.sync/1",
            run: self.run.id,
            kind: self.run.kind.as_str(),
            full: self.run.is_full,
            same: self.same,
            registry_timestamp: self.run.data_timestamp.as_deref(),
            synced_at: &self.run.checked_at,
            studies: self.run.studies,
            requests: self.requests,
            counts: self.counts.into(),
        })
    }
}
