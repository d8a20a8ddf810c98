//! Where output goes: data to stdout or a file, words about them to stderr.

use std::error::Error;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use super::Failure;
use super::args::{Format, GlobalArgs};
use super::progress;
use crate::app::{App, AppError, Search, Synced};
use crate::classify::product_like_codes;
use crate::geo::Found;
use crate::select::Collected;
use crate::text;
use crate::whole_file;

/// Columns where the terminal does not say how many it has.
const USUAL_WIDTH: u16 = 80;

/// Where output goes, and how much is told.
#[derive(Debug)]
pub(super) struct Output {
    pub(super) format: Format,
    pub(super) width: u16,
    file: Option<PathBuf>,
    quiet: bool,
    verbose: bool,
}

impl Output {
    pub(super) fn new(args: &GlobalArgs, format: Format) -> Self {
        if args.verbose {
            let log = tracing_subscriber::fmt()
                .with_writer(io::stderr)
                .with_max_level(tracing::Level::DEBUG);
            // Only the first call can set it; a second is no harm.
            let _ = log
                .with_ansi(false)
                .without_time()
                .with_target(false)
                .try_init();
        }
        Self {
            format,
            width: width(),
            file: args.output.clone(),
            quiet: args.quiet,
            verbose: args.verbose,
        }
    }

    /// The file that was named.
    pub(super) fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// Writes the data, to stdout or whole into a file.
    pub(super) fn data(&self, bytes: &[u8]) -> Result<(), Failure> {
        if let Some(path) = &self.file {
            let written = whole_file::prepare(path, bytes).and_then(whole_file::Prepared::commit);
            return written.map_err(|error| Failure::App(AppError::Write(error)));
        }
        let mut stdout = io::stdout().lock();
        match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
            // Who closes the pipe has read enough.
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::Write(
                format!("could not write to stdout: {error}"),
            )),
            _ => Ok(()),
        }
    }

    /// Writes what tells of a patient, to stdout or whole into a file that only its owner can read.
    pub(super) fn private(&self, bytes: &[u8]) -> Result<(), Failure> {
        let Some(path) = &self.file else {
            return self.data(bytes);
        };
        let written = whole_file::prepare_private(path, bytes);
        let written = written.and_then(whole_file::Prepared::commit);
        written.map_err(|error| Failure::App(AppError::Write(error)))
    }

    /// Tells what a reader must know of the data, and with --verbose what could not be used.
    pub(super) fn tell(&self, app: &App, search: &Search) {
        // On a terminal the list itself begins with them: once is enough.
        let seen = self.format == Format::Table
            && self.file.is_none()
            && io::stdout().is_terminal()
            && io::stderr().is_terminal();
        for warning in search
            .source
            .warnings(app.settings().today)
            .iter()
            .filter(|_| !seen)
        {
            line(&format!("warning: {warning}"));
        }
        if let Some(found) = &search.filters.near_place {
            self.tell_place(found);
        }
        if self.verbose {
            for problem in &search.collected.problems {
                line(&format!("note: {problem}"));
            }
            if search.collected.problems_left_out > 0 {
                line(&format!(
                    "note: and {} more problems",
                    search.collected.problems_left_out
                ));
            }
            self.tell_codes(app, search);
        } else {
            tell_problems(&search.collected);
        }
    }

    /// A table says it too, but not a file for a machine, and a wrong place must be seen.
    fn tell_place(&self, found: &Found) {
        let others: Vec<String> = found.passed_over.iter().map(ToString::to_string).collect();
        let others = if others.is_empty() {
            String::new()
        } else {
            format!("; places of that name passed over: {}", others.join("; "))
        };
        self.note(&format!(
            "distances are counted from the city centre of {}{others}",
            found.place
        ));
    }

    fn tell_codes(&self, app: &App, search: &Search) {
        for one in search
            .collected
            .studies
            .iter()
            .filter(|one| one.cell_therapy.class.is_some())
        {
            for code in product_like_codes(&one.study, app.terms()) {
                self.note(&format!(
                    "{}: `{code}` looks like a product and is not in the lexicon",
                    one.study.nct_number
                ));
            }
        }
    }

    /// Draws how far a sync is, where that can be seen and does not break the log of --verbose.
    pub(super) fn telling(&self, app: App) -> App {
        let teller = if self.quiet || self.verbose {
            None
        } else {
            progress::on_stderr()
        };
        match teller {
            Some(teller) => app.telling(teller),
            None => app,
        }
    }

    /// Warns of what a sync met, and with --verbose of each problem.
    pub(super) fn tell_sync(&self, synced: &Synced) {
        for warning in &synced.warnings {
            line(&format!("warning: {warning}"));
        }
        let unread = synced.problems.iter().filter(|one| one.skipped);
        if let Some(first) = unread.clone().next() {
            line(&format!(
                "warning: {} records could not be read, the first: {first}; what the store held of them stays, and they are asked for again",
                unread.count()
            ));
        }
        for problem in synced.problems.iter().filter(|_| self.verbose) {
            line(&format!("note: {problem}"));
        }
    }

    /// Says what makes data untrustworthy.
    #[expect(clippy::unused_self, reason = "no option silences it")]
    pub(super) fn warn(&self, warning: &str) {
        line(&format!("warning: {warning}"));
    }

    /// Says something that is no warning.
    pub(super) fn note(&self, words: &str) {
        if !self.quiet {
            words.lines().for_each(line);
        }
    }
}

/// Says how many records, and how many values of records, could not be used. A value counts too:
/// an age bound that is left out looks like none.
fn tell_problems(collected: &Collected) {
    let values = collected.problems.iter().filter(|one| !one.skipped).count();
    for (count, whole, things, fate) in [
        (collected.skipped, true, "record", "used"),
        (values, false, "value", "read"),
    ] {
        let first = collected.problems.iter().find(|one| one.skipped == whole);
        if let Some(first) = first {
            let many = if count == 1 { "" } else { "s" };
            line(&format!(
                "warning: {count} {things}{many} could not be {fate}, the first: {first}; --verbose lists all"
            ));
        }
    }
}

/// Says what is wrong with what was typed, in the words of the parser.
pub(super) fn usage(words: &str) {
    words.lines().for_each(line);
}

/// Says what went wrong and what to do next.
pub(super) fn error(message: &str, hint: Option<&str>) {
    line(&format!("error: {message}"));
    if let Some(hint) = hint {
        line(&format!("\nhint: {hint}"));
    }
}

/// Says what must be seen, also under --quiet.
pub(super) fn warning(words: &str) {
    line(&format!("warning: {words}"));
}

/// Writes a safe line to stderr. A stderr that is closed is nobody's fault.
fn line(words: &str) {
    let mut stderr = io::stderr().lock();
    let _ = writeln!(stderr, "{}", text::safe(words));
}

/// Returns an error with its causes, on one line, none repeated.
pub(super) fn chain(error: &dyn Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !words.contains(&more) {
            words.push_str(": ");
            words.push_str(&more);
        }
        cause = error.source();
    }
    words
}

fn width() -> u16 {
    let set = std::env::var("COLUMNS")
        .ok()
        .and_then(|columns| columns.parse().ok());
    let seen = || {
        terminal_size::terminal_size()
            .filter(|_| io::stdout().is_terminal())
            .map(|(width, _)| width.0)
    };
    set.or_else(seen).unwrap_or(USUAL_WIDTH)
}
