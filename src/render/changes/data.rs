//! The change log for machines: CSV and JSON, in the registry's and the contract's words.

use serde::Serialize;

use super::Log;
use crate::render::csv::{CsvStyle, disarmed, writer};
use crate::render::{json, watch};
use crate::store::{Cause, Logged, Since};
use crate::watch::News;

/// The columns, in order (contract: changes).
pub const COLUMNS: [&str; 7] = [
    "detected_at",
    "nct_id",
    "change",
    "field",
    "before",
    "after",
    "registry_last_update",
];

/// Columns behind the others where there are watch rules: the names of those that a study concerns,
/// and the patients for whom it changed anything.
const WATCH_COLUMNS: [&str; 2] = ["watch", "watch_patients"];

/// Renders changes as CSV. A change of this program's reading alone is marked behind its field.
///
/// # Errors
///
/// None in practice: the writer fills memory. The error is passed on, not hidden.
pub fn csv(rows: &[Logged], news: Option<&[News]>, style: CsvStyle) -> Result<Vec<u8>, csv::Error> {
    let mut writer = writer(style);
    let watch_columns = news.map(|_| WATCH_COLUMNS);
    writer.write_record(COLUMNS.iter().chain(watch_columns.iter().flatten()))?;
    for row in rows {
        let change = &row.change;
        let marked = match change.cause {
            Cause::Registry => change.field.clone(),
            Cause::Program => format!("{} (program)", change.field),
        };
        let cells = [
            row.detected_at.clone(),
            row.number.to_string(),
            change.kind.as_str().to_owned(),
            marked,
            change.before.clone(),
            change.after.clone(),
            row.updated.clone().unwrap_or_default(),
        ];
        let concerned = news.map(|news| watch::concerned(news, row.number));
        let cells = cells.iter().chain(concerned.iter().flatten());
        writer.write_record(cells.map(|cell| disarmed(cell)))?;
    }
    writer
        .into_inner()
        .map_err(|error| error.into_error().into())
}

#[derive(Serialize)]
struct LogView<'a> {
    schema: &'static str,
    generated_at: &'a str,
    registry_timestamp: Option<&'a str>,
    synced_at: &'a str,
    warnings: &'a [String],
    attribution: String,
    since: SinceView<'a>,
    changes: Vec<ChangeView<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    watch: Option<Vec<watch::NewsView<'a>>>,
}

#[derive(Serialize)]
struct SinceView<'a> {
    run: Option<i64>,
    after_run: Option<i64>,
    date: Option<&'a str>,
}

#[derive(Serialize)]
struct ChangeView<'a> {
    run: i64,
    detected_at: &'a str,
    nct_id: String,
    title: Option<&'a str>,
    change: &'static str,
    field: &'a str,
    before: &'a str,
    after: &'a str,
    cause: &'static str,
    registry_last_update: Option<&'a str>,
}

/// Renders changes as JSON: `trialbrief.changes/1`.
pub fn json(log: &Log<'_>) -> String {
    let since = match log.since {
        Since::Run(run) => (Some(*run), None, None),
        Since::AfterRun(run) => (None, Some(*run), None),
        Since::Day(day) => (None, None, Some(day.as_str())),
    };
    json::written(&LogView {
        schema: "trialbrief.changes/1",
        generated_at: log.generated_at,
        registry_timestamp: log.source.registry_timestamp.as_deref(),
        synced_at: &log.source.retrieved_at,
        warnings: &log.warnings,
        attribution: log.source.attribution(),
        since: SinceView {
            run: since.0,
            after_run: since.1,
            date: since.2,
        },
        changes: log.rows.iter().map(|row| view(log, row)).collect(),
        watch: log.watch.map(watch::view),
    })
}

fn view<'a>(log: &'a Log<'_>, row: &'a Logged) -> ChangeView<'a> {
    ChangeView {
        run: row.run,
        detected_at: &row.detected_at,
        nct_id: row.number.to_string(),
        title: (log.studies.get(&row.number)).map(|known| known.title.as_str()),
        change: row.change.kind.as_str(),
        field: &row.change.field,
        before: &row.change.before,
        after: &row.change.after,
        cause: row.change.cause.as_str(),
        registry_last_update: row.updated.as_deref(),
    }
}
