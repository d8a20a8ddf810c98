//! `brief`: the handout for the appointment, into a file for its owner only.

use std::path::PathBuf;

use super::args::{BriefArgs, Format};
use super::output::Output;
use super::{Failure, profile, settings};
use crate::app::{App, AppError, Settings};
use crate::render::{html, paper};
use crate::whole_file;

/// Runs the command.
pub(super) fn run(args: &BriefArgs, settings: Settings, output: &Output) -> Result<(), Failure> {
    let filters = settings::filters_for_patient(&args.filters).map_err(Failure::Usage)?;
    let app = App::new(settings)?;
    // Who it is for is read before any study: a slip in it costs no fetch.
    let files = (args.patient.as_deref(), args.fhir.as_deref());
    let (profile, left_out) = profile::given(files, &args.profile, &args.filters, &app)?;
    settings::needs_place(&filters, profile.near.is_some()).map_err(Failure::Usage)?;
    let gathered = app.gather(filters, &profile)?;
    output.tell(&app, gathered.search());
    let pages = usize::try_from(args.pages).unwrap_or(usize::MAX);
    let paper = app.brief(&gathered, profile, &left_out, pages);
    let (bytes, ending) = match output.format {
        Format::Markdown => (paper::markdown(&paper), "md"),
        _ => (html::paper(&paper), "html"),
    };
    let path = output.file().map_or_else(
        || PathBuf::from(format!("trialbrief-{}.{ending}", app.settings().today)),
        PathBuf::from,
    );
    whole_file::prepare_private(&path, bytes.as_bytes())
        .and_then(whole_file::Prepared::commit)
        .map_err(|error| Failure::App(AppError::Write(error)))?;
    output.note(&format!(
        "written to `{}`, which only you can read",
        path.display()
    ));
    Ok(())
}
