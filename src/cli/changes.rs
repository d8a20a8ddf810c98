//! `changes`: the change log.

use super::args::{ChangesArgs, Format};
use super::output::Output;
use super::{Failure, settings};
use crate::app::{App, AppError, Settings};
use crate::render::changes;
use crate::render::csv::CsvStyle;
use crate::select::{Filters, StatusFilter};
use crate::store::Since;

pub(super) fn run(args: &ChangesArgs, settings: Settings, output: &Output) -> Result<(), Failure> {
    let day = args.since.as_deref().map(settings::since).transpose();
    let day = day.map_err(Failure::Usage)?;
    let since = day
        .map(|day| Since::Day(day.to_string()))
        .or(args.run.map(Since::Run));
    let about_ms = Filters {
        status: StatusFilter::All,
        ..Filters::default()
    };
    let app = App::new(settings)?;
    let found = app.changes(since, args.ms.then_some(&about_ms), args.watch.as_deref())?;
    for doubt in &found.doubts {
        output.warn(doubt);
    }
    let log = app.log(&found);
    if args.atom || output.format != Format::Table {
        for warning in &log.warnings {
            output.warn(warning);
        }
    }
    let bytes = match output.format {
        _ if args.atom => changes::atom(&log).into_bytes(),
        Format::Table | Format::Html => changes::table(&log, output.width).into_bytes(),
        Format::Json => changes::json(&log).into_bytes(),
        Format::Markdown => changes::markdown(&log).into_bytes(),
        Format::Csv => {
            output.note(&log.source.attribution());
            let style = CsvStyle {
                crlf: args.crlf,
                bom: args.bom,
            };
            changes::csv(log.rows, log.watch, style).map_err(AppError::Csv)?
        }
    };
    if found.is_private {
        return output.private(&bytes);
    }
    output.data(&bytes)
}
