//! `screen`: one patient, or a table of them, against the studies.

use std::io::{self, BufWriter, Read, Write};
use std::path::Path;

use super::args::{Format, ScreenArgs};
use super::output::{self, Output};
use super::profile::{self, wrong};
use super::unknown::Unknown;
use super::{Failure, settings};
use crate::app::{App, AppError, Panel, Rank, Screened, Search, Settings};
use crate::patient::{Home, LeftOut, Profile, ProfileErrors, Row, Rows};
use crate::render::{Listing, html, list, profile as profile_page, screen};
use crate::select::Filters;
use crate::whole_file::{self, Access, Draft, WriteError};

/// Runs the command.
pub(super) fn run(args: &ScreenArgs, settings: Settings, output: &Output) -> Result<(), Failure> {
    let mut filters = settings::filters_for_patient(&args.filters).map_err(Failure::Usage)?;
    // Who is to be screened is read before anything else: a slip in it costs no fetch.
    let app = App::new(settings)?;
    let (one, left_out) = given(args, &app)?;
    let home = one.as_ref().and_then(|one| one.near.as_ref());
    settings::needs_place(&filters, home.is_some()).map_err(Failure::Usage)?;
    let counts_from_home = filters.near.is_none() && home.is_some();
    filters.near = filters.near.or(home.map(Home::point));
    let mut table = (args.patients.as_deref())
        .map(profile::of_table)
        .transpose()?;
    let first = match (&mut table, args.patients.as_deref()) {
        (Some(table), Some(path)) => Some(first_of(table, path)?),
        _ => one.map(Ok),
    };
    let search = search(&app, args, filters)?;
    output.tell(&app, &search);
    let panel = app.panel(&search);
    let shown = shown(&search.filters, counts_from_home);
    let listing = Listing {
        filters: &shown,
        ..app.listing(&search)
    };
    let rows = first.into_iter().chain(table.iter_mut().flatten());
    let written = write(args, &panel, &listing, &left_out, rows, output);
    for remark in table.iter().flat_map(Rows::remarks) {
        output.warn(&remark);
    }
    written
}

/// The first row of a table. One without a row is told before anything is fetched or written.
fn first_of<R: Read>(table: &mut Rows<R>, path: &Path) -> Result<Row, Failure> {
    let none = || wrong(profile::no_patient(&path.display().to_string()));
    table.next().ok_or_else(none)
}

/// The filters as they are told. A place that the profile holds is a fact about the patient and stays out.
fn shown(filters: &Filters, counts_from_home: bool) -> Filters {
    let mut shown = filters.clone();
    if counts_from_home {
        (shown.near, shown.within_km) = (None, None);
    }
    shown
}

/// The one patient, and what of a bundle could not be read; none where a table is given.
fn given(args: &ScreenArgs, app: &App) -> Result<(Option<Profile>, Vec<LeftOut>), Failure> {
    if args.patients.is_some() {
        return Ok((None, Vec::new()));
    }
    let files = (args.patient.as_deref(), args.fhir.as_deref());
    let (one, left_out) = profile::given(files, &args.profile, &args.filters, app)?;
    Ok((Some(one), left_out))
}

fn search(app: &App, args: &ScreenArgs, filters: Filters) -> Result<Search, Failure> {
    if args.study.is_empty() {
        return Ok(app.search(filters)?);
    }
    Ok(app.show(&args.study, filters)?)
}

/// What a row came to: bytes to write, where they stand among others, and what is told beside; or why it cannot be used.
type Made = Result<(Option<Rank>, Vec<u8>, Vec<String>), ProfileErrors>;

/// What ends the writing early.
enum Stop {
    Row(ProfileErrors),
    Write(Failure),
}

impl Stop {
    fn failure(self) -> Failure {
        match self {
            Self::Row(error) => wrong(error),
            Self::Write(failure) => failure,
        }
    }
}

fn write(
    args: &ScreenArgs,
    panel: &Panel<'_>,
    listing: &Listing<'_>,
    left_out: &[LeftOut],
    rows: impl Iterator<Item = Row>,
    output: &Output,
) -> Result<(), Failure> {
    let format = output.format;
    let width = usize::from(output.width);
    let is_turned = is_turned(args, panel);
    let mut unknown = Unknown::new(args);
    let drugs = Unknown::new(args);
    let make =
        move |panel: &Panel<'_>, row: Row| made(panel, row, format, width, is_turned, &drugs);
    if matches!(format, Format::Json | Format::Csv) && listing.studies.is_empty() {
        output.warn(list::nothing_found(listing).trim_end());
    }
    let mut sink = Sink::new(output)?;
    sink.write(head(format, width, panel, listing).as_bytes())?;
    sink.write(not_read(format, width, left_out, output).as_bytes())?;
    let (mut first, mut wrong_rows) = (true, 0_u64);
    let mut put = |sink: &mut Sink, bytes: &[u8]| {
        if format == Format::Json && !std::mem::take(&mut first) {
            sink.write(b",")?;
        }
        sink.write(bytes)
    };
    // All patients for one study stand in an order that only the last row decides.
    let mut held: Vec<(Option<Rank>, Vec<u8>)> = Vec::new();
    let streamed = panel.stream(rows, make, |made| {
        let (rank, bytes, told) = match made {
            Err(error) if args.strict || args.patients.is_none() => return Err(Stop::Row(error)),
            Err(error) => {
                wrong_rows += 1;
                output::error(&error.to_string(), None);
                return Ok(());
            }
            Ok(row) => row,
        };
        unknown.tell(&told, output);
        if is_turned {
            held.push((rank, bytes));
            return Ok(());
        }
        put(&mut sink, &bytes).map_err(Stop::Write)
    });
    streamed.map_err(Stop::failure)?;
    unknown.tell_rest(output);
    if is_turned {
        sink.write(turned_head(format, width, panel, held.len()).as_bytes())?;
    }
    held.sort_by_key(|(rank, _)| *rank);
    for (_, bytes) in &held {
        put(&mut sink, bytes)?;
    }
    sink.write(tail(format, width, listing, left_out).as_bytes())?;
    sink.finish()?;
    match wrong_rows {
        0 => Ok(()),
        rows => Err(Failure::App(AppError::Rows(rows))),
    }
}

/// Puts a row against the studies and renders it.
fn made(
    panel: &Panel<'_>,
    row: Row,
    format: Format,
    width: usize,
    is_turned: bool,
    drugs: &Unknown,
) -> Made {
    row.map(|profile| {
        let found = panel.screen(profile);
        let rank = is_turned.then(|| panel.rank(&found)).flatten();
        // The other formats have a place for drugs that are not known.
        let told = if format == Format::Csv {
            drugs.of(&found.patient)
        } else {
            Vec::new()
        };
        let bytes = rendered(format, width, is_turned, panel, &found);
        (rank, bytes, told)
    })
}

/// Says whether a table of patients is put against one study: then the study is the head.
fn is_turned(args: &ScreenArgs, panel: &Panel<'_>) -> bool {
    args.patients.is_some() && !args.study.is_empty() && panel.matchers().len() == 1
}

fn turned_head(format: Format, width: usize, panel: &Panel<'_>, patients: usize) -> String {
    let width = match format {
        Format::Table => Some(width),
        Format::Markdown => None,
        _ => return String::new(),
    };
    let study = panel.matchers().first();
    study.map_or(String::new(), |study| {
        screen::turned::head(study, patients, width)
    })
}

/// Renders a patient under the one study, where people read it.
fn under_study(width: Option<usize>, panel: &Panel<'_>, found: &Screened) -> Vec<u8> {
    let study = (found.trials.first())
        .and_then(|(at, assessment)| Some((panel.matchers().get(*at)?, assessment)));
    study.map_or(Vec::new(), |(matcher, assessment)| {
        screen::turned::patient(&found.patient, assessment, matcher, width).into_bytes()
    })
}

fn rendered(
    format: Format,
    width: usize,
    is_turned: bool,
    panel: &Panel<'_>,
    found: &Screened,
) -> Vec<u8> {
    let (patient, trials, matchers) = (&found.patient, &found.trials, panel.matchers());
    match format {
        Format::Json => screen::json_patient(patient, trials, matchers).into_bytes(),
        // Writing to memory cannot fail.
        Format::Csv => screen::csv_rows(patient, trials, matchers).unwrap_or_default(),
        Format::Html => html::screen::row(patient, trials, matchers).into_bytes(),
        Format::Table if is_turned => under_study(Some(width), panel, found),
        Format::Markdown if is_turned => under_study(None, panel, found),
        Format::Table => {
            let mut text = screen::list(patient, trials, matchers, Some(width));
            text.push('\n');
            text.into_bytes()
        }
        Format::Markdown => screen::list(patient, trials, matchers, None).into_bytes(),
    }
}

fn head(format: Format, width: usize, panel: &Panel<'_>, listing: &Listing<'_>) -> String {
    match format {
        Format::Json => screen::json_head(listing),
        Format::Csv => screen::csv_head(),
        Format::Html => html::screen::head(listing, panel.matchers()),
        Format::Table | Format::Markdown => {
            let width = (format == Format::Table).then_some(width);
            screen::preface(listing, width) + &screen::nothing(listing, width)
        }
    }
}

/// What of a bundle was not read: before the studies, in JSON behind them, for CSV only how much.
fn not_read(format: Format, width: usize, left_out: &[LeftOut], output: &Output) -> String {
    match format {
        Format::Table => profile_page::left_out(left_out, Some(width)),
        Format::Markdown => profile_page::left_out(left_out, None),
        _ => {
            if !left_out.is_empty() {
                output.note(&format!(
                    "{} parts of the bundle are to be checked or were not read; `profile check --fhir` lists them",
                    left_out.len()
                ));
            }
            String::new()
        }
    }
}

fn tail(format: Format, width: usize, listing: &Listing<'_>, left_out: &[LeftOut]) -> String {
    match format {
        Format::Json if left_out.is_empty() => screen::JSON_TAIL.to_owned(),
        Format::Json => profile_page::json_tail(left_out),
        Format::Csv => String::new(),
        Format::Html => html::screen::tail(listing),
        Format::Table => screen::foot(listing, Some(width)),
        Format::Markdown => screen::foot(listing, None),
    }
}

/// Where the rows go as they come: to stdout, or into a file for its owner only, which takes its
/// place when it is whole.
enum Sink {
    File(BufWriter<Draft>),
    Stdout(BufWriter<io::Stdout>),
}

impl Sink {
    fn new(output: &Output) -> Result<Self, Failure> {
        Ok(match output.file() {
            Some(path) => {
                let draft = Draft::new(path, Access::OwnerOnly).map_err(unwritten)?;
                Self::File(BufWriter::new(draft))
            }
            None => Self::Stdout(BufWriter::new(io::stdout())),
        })
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        match self {
            Self::File(file) => file
                .write_all(bytes)
                .map_err(|error| unwritten(file.get_ref().failed(error))),
            Self::Stdout(stdout) => told(stdout.write_all(bytes)),
        }
    }

    fn finish(self) -> Result<(), Failure> {
        match self {
            Self::File(mut file) => {
                if let Err(error) = file.flush() {
                    return Err(unwritten(file.get_ref().failed(error)));
                }
                let (draft, _) = file.into_parts();
                draft
                    .finish()
                    .and_then(whole_file::Prepared::commit)
                    .map_err(unwritten)
            }
            Self::Stdout(mut stdout) => told(stdout.flush()),
        }
    }
}

fn unwritten(error: WriteError) -> Failure {
    Failure::App(AppError::Write(error))
}

/// Who closes the pipe has read enough.
fn told(result: io::Result<()>) -> Result<(), Failure> {
    match result {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::Write(format!(
            "could not write to stdout: {error}"
        ))),
        _ => Ok(()),
    }
}
