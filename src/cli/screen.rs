//! `screen`: one patient, or a table of them, against the studies.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::Path;

use super::args::{Format, ScreenArgs};
use super::output::{self, Output};
use super::{Failure, settings};
use crate::app::{App, AppError, Panel, Rank, Screened, Search, Settings};
use crate::patient::{Profile, ProfileError, Row, Rows, from_cells, from_json, from_toml};
use crate::render::{Listing, screen};
use crate::select::Filters;

/// Profiles are short: what is longer is none.
const LONGEST_PROFILE: u64 = 1 << 20;

/// Runs the command.
pub(super) fn run(args: &ScreenArgs, settings: Settings, output: &Output) -> Result<(), Failure> {
    let filters = filters(args)?;
    // Who is to be screened is read before anything else: a slip in it costs no fetch.
    let one = match &args.patients {
        Some(_) => None,
        None => Some(patient(args)?),
    };
    let rows = (args.patients.as_deref()).map(open).transpose()?;
    let app = App::new(settings)?;
    let search = search(&app, args, filters)?;
    output.tell(&app, &search);
    let panel = app.panel(&search);
    let listing = app.listing(&search);
    let rows: Box<dyn Iterator<Item = Row>> = match (one, rows) {
        (_, Some(rows)) => Box::new(rows),
        (Some(one), None) => Box::new(std::iter::once(Ok(one))),
        (None, None) => Box::new(std::iter::empty()),
    };
    write(args, &panel, &listing, rows, output)
}

fn filters(args: &ScreenArgs) -> Result<Filters, Failure> {
    let mut filters = settings::filters(&args.filters, "open").map_err(Failure::Usage)?;
    (filters.age, filters.sex, filters.courses) = (None, None, Vec::new());
    Ok(filters)
}

fn search(app: &App, args: &ScreenArgs, filters: Filters) -> Result<Search, Failure> {
    if args.study.is_empty() {
        return Ok(app.search(filters)?);
    }
    Ok(app.show(&args.study, filters)?)
}

fn wrong(error: ProfileError) -> Failure {
    Failure::App(AppError::Profile(error))
}

/// Reads the profile of a file, and the flags over it.
fn patient(args: &ScreenArgs) -> Result<Profile, Failure> {
    let cells = cells(args);
    let flags = from_cells(
        "the options",
        None,
        cells.iter().map(|(name, cell)| (*name, cell.as_str())),
    );
    let Some(path) = &args.patient else {
        return flags.map_err(wrong);
    };
    if let Some((name, _)) = cells.first() {
        return Err(Failure::Usage(format!(
            "`{name}` is given as an option beside --patient: write it into the file, or leave the file out"
        )));
    }
    let name = path.display().to_string();
    let text = text_of(path).map_err(|error| wrong(unreadable(&name, &error)))?;
    let is_json = path
        .extension()
        .is_some_and(|end| end.eq_ignore_ascii_case("json"))
        || text.trim_start().starts_with('{');
    if is_json {
        from_json(&name, &text)
    } else {
        from_toml(&name, &text)
    }
    .map_err(wrong)
}

fn text_of(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    File::open(path)?
        .take(LONGEST_PROFILE)
        .read_to_string(&mut text)?;
    Ok(text)
}

fn open(path: &Path) -> Result<Rows<BufReader<File>>, Failure> {
    let name = path.display().to_string();
    let file = File::open(path).map_err(|error| wrong(unreadable(&name, &error)))?;
    Rows::new(&name, BufReader::new(file)).map_err(wrong)
}

fn unreadable(name: &str, error: &io::Error) -> ProfileError {
    ProfileError {
        file: name.to_owned(),
        line: None,
        field: None,
        what: format!("could not be read: {error}; check the name and the rights"),
    }
}

/// The fields that were given as options, by their names in a profile.
fn cells(args: &ScreenArgs) -> Vec<(&'static str, String)> {
    let (flags, filters) = (&args.profile, &args.filters);
    let age = filters.age.map(|age| age.to_string());
    let course = (!filters.ms_course.is_empty()).then(|| filters.ms_course.join(","));
    let shared = [
        ("age", &age),
        ("sex", &filters.sex),
        ("near", &filters.near),
        ("ms_course", &course),
    ];
    let own = [
        ("id", &flags.id),
        ("country", &flags.living_in),
        ("diagnosed", &flags.diagnosed),
        ("edss", &flags.edss),
        ("relapses_12_months", &flags.relapses_12_months),
        ("relapses_24_months", &flags.relapses_24_months),
        ("last_relapse", &flags.last_relapse),
        ("last_mri", &flags.last_mri),
        ("gd_lesions_last", &flags.gd_lesions_last),
        ("new_t2_last", &flags.new_t2_last),
        ("progression_24_months", &flags.progression_24_months),
        ("treatments", &flags.treatments),
        ("treatments_complete", &flags.treatments_complete),
        ("prior_hsct", &flags.prior_hsct),
        ("prior_cell_therapy", &flags.prior_cell_therapy),
        ("pregnant", &flags.pregnant),
        ("breastfeeding", &flags.breastfeeding),
        ("infections", &flags.infections),
        ("antibodies", &flags.antibodies),
        ("labs", &flags.labs),
        ("lvef", &flags.lvef),
        ("conditions", &flags.conditions),
        ("absent", &flags.absent),
        ("mri_possible", &flags.mri_possible),
        ("lumbar_puncture_possible", &flags.lumbar_puncture_possible),
        ("weight_kg", &flags.weight_kg),
    ];
    let all = shared.into_iter().chain(own);
    all.filter_map(|(name, cell)| Some((name, cell.clone()?)))
        .collect()
}

/// What a row came to: bytes to write and where they stand among others, or why it cannot be used.
type Made = Result<(Option<Rank>, Vec<u8>), ProfileError>;

/// What ends the writing early.
enum Stop {
    Row(ProfileError),
    Write(Failure),
}

fn write(
    args: &ScreenArgs,
    panel: &Panel<'_>,
    listing: &Listing<'_>,
    rows: Box<dyn Iterator<Item = Row>>,
    output: &Output,
) -> Result<(), Failure> {
    let format = output.format;
    let width = usize::from(output.width);
    let is_turned = is_turned(args, panel);
    let make = move |panel: &Panel<'_>, row: Row| -> Made {
        row.map(|profile| {
            let found = panel.screen(profile);
            let rank = is_turned.then(|| panel.rank(&found)).flatten();
            (rank, rendered(format, width, is_turned, panel, &found))
        })
    };
    let mut sink = Sink::new(output);
    sink.write(head(format, width, listing).as_bytes())?;
    let (mut first, mut wrong_rows) = (true, 0_u64);
    let mut put = |sink: &mut Sink<'_>, bytes: &[u8]| {
        if format == Format::Json && !std::mem::take(&mut first) {
            sink.write(b",")?;
        }
        sink.write(bytes)
    };
    // All patients for one study stand in an order that only the last row decides.
    let mut held: Vec<(Option<Rank>, Vec<u8>)> = Vec::new();
    let streamed = panel.stream(rows, make, |made| {
        let (rank, bytes) = match made {
            Err(error) if args.strict || args.patients.is_none() => return Err(Stop::Row(error)),
            Err(error) => {
                wrong_rows += 1;
                output::error(&error.to_string(), None);
                return Ok(());
            }
            Ok(row) => row,
        };
        if is_turned {
            held.push((rank, bytes));
            return Ok(());
        }
        put(&mut sink, &bytes).map_err(Stop::Write)
    });
    match streamed {
        Err(Stop::Row(error)) => return Err(wrong(error)),
        Err(Stop::Write(failure)) => return Err(failure),
        Ok(()) => {}
    }
    if is_turned {
        sink.write(turned_head(format, width, panel, held.len()).as_bytes())?;
    }
    held.sort_by_key(|(rank, _)| *rank);
    for (_, bytes) in &held {
        put(&mut sink, bytes)?;
    }
    sink.write(tail(format, listing).as_bytes())?;
    sink.finish()?;
    if wrong_rows > 0 {
        return Err(Failure::App(AppError::Rows(wrong_rows)));
    }
    Ok(())
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

fn head(format: Format, width: usize, listing: &Listing<'_>) -> String {
    match format {
        Format::Json => screen::json_head(listing),
        Format::Csv => screen::csv_head(),
        Format::Table | Format::Markdown => {
            screen::preface(listing, (format == Format::Table).then_some(width))
        }
    }
}

fn tail(format: Format, listing: &Listing<'_>) -> String {
    match format {
        Format::Json => screen::JSON_TAIL.to_owned(),
        Format::Csv => String::new(),
        Format::Table | Format::Markdown => format!("\n{}\n", listing.source.attribution()),
    }
}

/// Where the rows go: to stdout as they come, or into a file that is written whole.
struct Sink<'a> {
    output: &'a Output,
    file: Option<Vec<u8>>,
    stdout: BufWriter<io::Stdout>,
}

impl<'a> Sink<'a> {
    fn new(output: &'a Output) -> Self {
        Self {
            output,
            file: output.to_file().then(Vec::new),
            stdout: BufWriter::new(io::stdout()),
        }
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        match &mut self.file {
            Some(file) => {
                file.extend_from_slice(bytes);
                Ok(())
            }
            None => told(self.stdout.write_all(bytes)),
        }
    }

    fn finish(mut self) -> Result<(), Failure> {
        match self.file.take() {
            Some(file) => self.output.data(&file),
            None => told(self.stdout.flush()),
        }
    }
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
