//! The command line: what was typed becomes settings and filters, a use case
//! runs, its outcome is written. Data go to stdout or a file, all else to stderr.

mod apart;
mod args;
mod brief;
mod changes;
mod check;
mod cron;
mod export;
mod interview;
mod locale;
mod output;
mod profile;
mod progress;
mod reference;
mod screen;
mod serve;
mod settings;
mod store;
mod sync;
mod typed;
mod unknown;

use std::process::ExitCode;

use crate::app::{App, AppError, Settings};
use crate::classify::Classified;
use crate::criteria::Wanted;
use crate::render::csv::CsvStyle;
use crate::render::{csv, detail, json, list};
use crate::select::Filters;
use crate::web::ServeError;
use args::{Cli, Command, Format, SearchArgs, ShowArgs};
use output::Output;
use profile::ProfileCommand;

/// Wrong usage that clap cannot see.
const USAGE: u8 = 2;

/// Done, and something changed.
const CHANGED: u8 = 10;

/// What `export` says of options that are not for it.
const EXPORT_WRITES_CSV: &str = "`export` writes CSV to the file that --csv names, not to --output, and tells what it did in words or with --format json; --json FILE writes the studies as JSON";

/// Runs the program on its arguments.
pub fn run() -> ExitCode {
    let cli = match typed::parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are no errors; a closed pipe is nobody's fault.
            if error.use_stderr() {
                output::usage(&typed::told(&error));
            } else {
                let _ = error.print();
            }
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(USAGE));
        }
    };
    let outcome = format(&cli).and_then(|format| {
        let output = Output::new(&cli.global, format);
        execute(&cli, &output)
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Usage(message)) => {
            output::error(&message, None);
            ExitCode::from(USAGE)
        }
        Err(Failure::App(error)) => {
            output::error(&output::chain(&error), error.hint().as_deref());
            ExitCode::from(error.exit_code())
        }
        Err(Failure::Serve(error)) => {
            output::error(&error.to_string(), Some(error.hint()));
            ExitCode::FAILURE
        }
        Err(Failure::Changed) => ExitCode::from(CHANGED),
        Err(Failure::Write(message)) => {
            output::error(&message, None);
            ExitCode::FAILURE
        }
    }
}

/// What ends a command early.
#[derive(Debug)]
enum Failure {
    Usage(String),
    /// No failure: all was done, and something changed.
    Changed,
    App(AppError),
    Serve(ServeError),
    Write(String),
}

impl From<AppError> for Failure {
    fn from(error: AppError) -> Self {
        Self::App(error)
    }
}

/// The form of the output: what was asked, else what suits the command.
fn format(cli: &Cli) -> Result<Format, Failure> {
    let (command, usual, others): (_, _, &[Format]) = match &cli.command {
        Command::Brief(_) => ("brief", Format::Html, &[Format::Markdown]),
        Command::Serve(_) => ("serve", Format::Html, &[]),
        Command::Profile(_) => ("profile", Format::Table, &[Format::Json, Format::Markdown]),
        Command::Screen(_) => return Ok(cli.global.format.unwrap_or(Format::Table)),
        _ => (
            "this command",
            Format::Table,
            &[Format::Json, Format::Csv, Format::Markdown],
        ),
    };
    let asked = cli.global.format.unwrap_or(usual);
    if asked == usual || others.contains(&asked) {
        return Ok(asked);
    }
    let allowed = std::iter::once(&usual).chain(others).map(|one| one.word());
    Err(Failure::Usage(format!(
        "--format: `{}` is no form of {command}; allowed: {}",
        asked.word(),
        allowed.collect::<Vec<_>>().join(", ")
    )))
}

fn execute(cli: &Cli, output: &Output) -> Result<(), Failure> {
    apart::check(cli)?;
    let settings = || settings::settings(&cli.global).map_err(Failure::Usage);
    match &cli.command {
        Command::Search(args) => search(args, settings()?, output),
        Command::Show(args) => show(args, settings()?, output),
        Command::Brief(args) => brief::run(args, settings()?, output),
        Command::Screen(args) => screen::run(args, settings()?, output),
        Command::Serve(args) => serve::run(args, settings()?, cli.global.today.is_none(), output),
        Command::Profile(ProfileCommand::New { fhir }) => {
            interview::run(fhir.as_deref(), settings()?, output)
        }
        Command::Profile(ProfileCommand::Check { file, fhir }) => {
            check::run(file, *fhir, settings()?, output)
        }
        Command::Export(args) => {
            if output.file().is_some()
                || !matches!(output.format, Format::Table | Format::Csv | Format::Json)
            {
                return Err(Failure::Usage(EXPORT_WRITES_CSV.to_owned()));
            }
            export::run(args, settings()?, output)
        }
        Command::Changes(args) => changes::run(args, settings()?, output),
        Command::Sync(args) => sync::run(args, settings()?, output),
        Command::Store { command } => store::run(command, settings()?, output),
        Command::Cron { command } => cron::run(command, &cli.global, output),
        Command::Completions { shell } => output.data(&reference::completions(*shell)),
        Command::Man => {
            let page = reference::man().map_err(|error| Failure::Write(error.to_string()))?;
            output.data(&page)
        }
    }
}

fn search(args: &SearchArgs, mut settings: Settings, output: &Output) -> Result<(), Failure> {
    let mut filters = settings::filters(&args.filters, "open").map_err(Failure::Usage)?;
    if matches!(output.format, Format::Table | Format::Markdown) {
        filters.wanted = Wanted::CoursesAndEdss;
    }
    settings.partial = args.partial;
    let app = App::new(settings)?;
    let found = app.search(filters)?;
    output.tell(&app, &found);
    let listing = app.listing(&found);
    let bytes = match output.format {
        Format::Table | Format::Html => list::table(&listing, output.width).into_bytes(),
        Format::Json => json::search(&listing).into_bytes(),
        Format::Markdown => list::markdown(&listing).into_bytes(),
        Format::Csv => {
            output.note(&listing.source.attribution());
            if found.collected.studies.is_empty() {
                output.note(list::nothing_found(&listing).trim_end());
            }
            csv::studies(
                listing.studies,
                CsvStyle {
                    crlf: args.crlf,
                    bom: args.bom,
                },
            )
            .map_err(AppError::Csv)?
        }
    };
    if found.collected.studies.is_empty() && matches!(output.format, Format::Json) {
        output.note(list::nothing_found(&listing).trim_end());
    }
    output.data(&bytes)
}

fn show(args: &ShowArgs, settings: Settings, output: &Output) -> Result<(), Failure> {
    let near = args.near.as_deref().map(settings::near).transpose();
    let near = near.map_err(Failure::Usage)?;
    let filters = Filters {
        near: near.as_ref().map(|near| near.point),
        near_place: near.and_then(|near| near.place),
        ..Filters::default()
    };
    let app = App::new(settings)?;
    let shown = app.show(&args.numbers, filters)?;
    output.tell(&app, &shown);
    let listing = app.listing(&shown);
    let each = |render: &dyn Fn(&Classified) -> String, joint: &str| {
        listing
            .studies
            .iter()
            .map(|one| render(one))
            .collect::<Vec<_>>()
            .join(joint)
            .into_bytes()
    };
    let bytes = match output.format {
        Format::Table | Format::Html => {
            each(&|one| detail::terminal(&listing, one, output.width), "\n\n")
        }
        Format::Markdown => each(&|one| detail::markdown(&listing, one), "\n---\n\n"),
        Format::Json => each(&|one| json::show(&listing, one), ""),
        Format::Csv => {
            output.note(&listing.source.attribution());
            csv::studies(listing.studies, CsvStyle::default()).map_err(AppError::Csv)?
        }
    };
    output.data(&bytes)
}
