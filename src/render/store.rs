//! What an examination of the store found.

use std::fmt::Write as _;
use std::path::Path;

use serde::Serialize;

use crate::store::{Checked, Head};
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
