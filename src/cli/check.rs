//! `profile check`: is a profile right, and what does it lack.

use std::path::Path;

use super::Failure;
use super::args::Format;
use super::output::Output;
use super::profile::{self, wrong};
use crate::app::{App, Panel, Settings};
use crate::patient::{LeftOut, Profile, ProfileError, ProfileErrors};
use crate::render::{Listing, list, profile as page, screen};
use crate::select::Filters;

/// Wrong fields that are told of a table at most.
const MOST_ERRORS: usize = 200;

/// Runs the command.
pub(super) fn run(
    file: &Path,
    fhir: bool,
    settings: Settings,
    output: &Output,
) -> Result<(), Failure> {
    let app = App::new(settings)?;
    let name = file.display().to_string();
    let is_table = !fhir && profile::ends(file, "csv");
    // What is wrong is told before anything is fetched.
    let (one, left_out) = if is_table {
        whole(file, &name, output)?;
        (None, Vec::new())
    } else if fhir {
        let read = profile::of_bundle(file, &app)?;
        (Some(read.profile), read.left_out)
    } else {
        (Some(profile::of_file(file)?), Vec::new())
    };
    let search = app.search(Filters::default())?;
    output.tell(&app, &search);
    let (panel, listing) = (app.panel(&search), app.listing(&search));
    let mut text = head(output, &listing, &name, &left_out);
    if let Some(one) = one {
        text.push_str(&rendered(output, &panel, one));
    } else {
        for (at, row) in profile::of_table(file)?.enumerate() {
            if at > 0 && output.format == Format::Json {
                text.push(',');
            }
            text.push_str(&rendered(output, &panel, row.map_err(wrong)?));
        }
    }
    match output.format {
        Format::Json => text.push_str(&page::json_tail(&left_out)),
        _ => text.push_str(&screen::foot(&listing, width(output))),
    }
    output.private(text.as_bytes())
}

/// Reads a table to its end: every wrong row is told.
fn whole(file: &Path, name: &str, output: &Output) -> Result<(), Failure> {
    let mut errors: Vec<ProfileError> = Vec::new();
    let mut rows = 0_usize;
    let mut table = profile::of_table(file)?;
    for row in table.by_ref() {
        rows += 1;
        if let Err(more) = row {
            errors.extend(more.0);
        }
        if errors.len() >= MOST_ERRORS {
            break;
        }
    }
    if rows == 0 {
        errors.push(profile::no_patient(name));
    }
    for remark in table.remarks() {
        output.warn(&remark);
    }
    if errors.is_empty() {
        return Ok(());
    }
    Err(wrong(ProfileErrors(errors)))
}

fn width(output: &Output) -> Option<usize> {
    (output.format == Format::Table).then_some(usize::from(output.width))
}

fn head(output: &Output, listing: &Listing<'_>, name: &str, left_out: &[LeftOut]) -> String {
    if output.format == Format::Json {
        if listing.studies.is_empty() {
            output.warn(list::nothing_found(listing).trim_end());
        }
        return page::json_head(listing, name);
    }
    let preface = page::preface(listing, name, width(output));
    preface + &page::left_out(left_out, width(output)) + &screen::nothing(listing, width(output))
}

fn rendered(output: &Output, panel: &Panel<'_>, one: Profile) -> String {
    let found = panel.screen(one);
    let (patient, trials, matchers) = (&found.patient, &found.trials, panel.matchers());
    match output.format {
        Format::Json => page::json_patient(patient, trials, matchers),
        _ => page::list(patient, trials, matchers, width(output)),
    }
}
