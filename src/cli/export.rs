//! `export`: files for cron.

use super::args::{ExportArgs, Format};
use super::output::Output;
use super::{Failure, settings};
use crate::app::{App, Export, Settings};
use crate::render::csv::CsvStyle;
use crate::render::export as outcome;

/// What is said of rules that nothing would be told by.
const WATCH_TELLS_CHANGES: &str =
    "--watch says what concerns whom in --changes FILE or --digest FILE: name one of them";

pub(super) fn run(args: &ExportArgs, settings: Settings, output: &Output) -> Result<(), Failure> {
    let filters = settings::filters(&args.filters, "all").map_err(Failure::Usage)?;
    if args.watch.is_some() && args.changes.is_none() && args.digest.is_none() {
        return Err(Failure::Usage(WATCH_TELLS_CHANGES.to_owned()));
    }
    let export = Export {
        csv: args.csv.clone(),
        changes: args.changes.clone(),
        digest: args.digest.clone(),
        watch: args.watch.clone(),
        json: args.json.clone(),
        xlsx: args.xlsx.clone(),
        style: CsvStyle {
            crlf: args.crlf,
            bom: args.bom,
        },
        sentinels: args.guard.sentinels.choice(),
        allow_shrink: args.guard.allow_shrink,
        no_sync: args.no_sync,
        allow_stale: args.allow_stale,
        wait: args.wait.time(),
    };
    let app = output.telling(App::new(settings)?);
    let exported = app.export(filters, &export)?;
    if let Some(synced) = &exported.synced {
        output.tell_sync(synced);
    }
    output.tell(&app, &exported.search);
    for warning in &exported.warnings {
        output.warn(warning);
    }
    let outcome = outcome::Outcome {
        rows: exported.rows,
        changes: exported.changes,
        is_new: exported.is_new,
        csv: &args.csv,
        meta: &exported.meta,
        source: &exported.search.source,
    };
    if output.format == Format::Json {
        output.data(outcome.json().as_bytes())?;
    } else {
        output.note(&outcome.line());
    }
    if args.exit_code && exported.is_new {
        return Err(Failure::Changed);
    }
    Ok(())
}
