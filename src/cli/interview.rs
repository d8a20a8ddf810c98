//! `profile new`: the questions on a terminal, and the file they make.

use std::io::{self, BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};

use super::output::Output;
use super::{Failure, profile};
use crate::app::{App, AppError, Settings};
use crate::patient::{Interview, LeftOut, Profile, Prompt, to_toml};
use crate::render::profile::lines as wrapped;
use crate::text::{one_line, safe};
use crate::whole_file::{self, Prepared};

/// Where a profile goes if no file is named.
const USUAL_FILE: &str = "patient.toml";

/// Longest answer that is read, in bytes.
const LONGEST_ANSWER: u64 = 64 << 10;

const BROKEN_OFF: &str =
    "the questions were broken off: nothing was written. Start again with `trialbrief profile new`";

/// Runs the command.
pub(super) fn run(
    bundle: Option<&Path>,
    settings: Settings,
    output: &Output,
) -> Result<(), Failure> {
    let path = output
        .file()
        .map_or_else(|| PathBuf::from(USUAL_FILE), Path::to_owned);
    let app = App::new(settings)?;
    let asks = bundle.is_none();
    if (asks || path.exists()) && !io::stdin().is_terminal() {
        return Err(Failure::Usage(if asks {
            "`profile new` asks its questions in a terminal, and this is none; write the file by hand, or give --fhir BUNDLE".to_owned()
        } else {
            format!(
                "`{}` is there already, and stays as it is: name another file with -o",
                path.display()
            )
        }));
    }
    if path.exists() {
        replace(&path, output)?;
    }
    let (profile, left_out) = match bundle {
        Some(bundle) => {
            let read = profile::of_bundle(bundle, &app)?;
            (read.profile, read.left_out)
        }
        None => (asked(&app, output)?, Vec::new()),
    };
    let day = app.settings().today;
    let text = format!(
        "# What is known of one patient, for trialbrief. Written on {day}. What has no line is unknown.\n{}{}",
        notes(&left_out),
        to_toml(&profile)
    );
    write(&path, &text)?;
    if !left_out.is_empty() {
        say(&format!(
            "{} parts of the bundle were not read or are to be checked: they are listed at the head of the file.\n",
            left_out.len()
        ));
    }
    say(&format!(
        "Written to `{0}`; only you can read it.\nWhat is still missing: trialbrief profile check {0}\nWhich trials may fit: trialbrief screen --patient {0}\n",
        path.display()
    ));
    Ok(())
}

/// What of a bundle was not read stands in the file, which only its owner can read, and nowhere else.
fn notes(left_out: &[LeftOut]) -> String {
    let lines = left_out.iter().map(|one| {
        [
            "# Not read, or to be checked: ",
            &one_line(&one.to_string()),
            "\n",
        ]
        .concat()
    });
    lines.collect()
}

/// Replaces an older file only after a yes.
fn replace(path: &Path, output: &Output) -> Result<(), Failure> {
    let ask = format!(
        "`{}` is there already. Replace it? Write yes, or anything else to leave it.",
        path.display()
    );
    say(&wrapped(&ask, usize::from(output.width), "", ""));
    let yes = line()?.is_some_and(|word| word.trim().eq_ignore_ascii_case("yes"));
    if yes {
        return Ok(());
    }
    Err(Failure::Usage(format!(
        "`{}` stays as it is: nothing was written. Name another file with -o",
        path.display()
    )))
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let written = whole_file::prepare_private(path, text.as_bytes()).and_then(Prepared::commit);
    written.map_err(|error| Failure::App(AppError::Write(error)))
}

const WELCOME: &str = "These are the facts that trials ask for. Every question may stay open: Enter means that it is not known. \
No name, address or date of birth is asked, and nothing is sent anywhere. Ctrl-C ends without a file.";

fn asked(app: &App, output: &Output) -> Result<Profile, Failure> {
    let width = usize::from(output.width);
    say(&wrapped(WELCOME, width, "", ""));
    let mut interview = Interview::new(app.terms().treatments());
    while let Some(prompt) = interview.next() {
        say(&shown(&prompt, width));
        while let Err(wrong) = interview.answer(&given()?) {
            let hint = format!("{wrong}. Try again, or Enter if it is not known.");
            say(&wrapped(&hint, width, "  ", "  "));
            say("> ");
        }
    }
    Ok(interview.finish())
}

fn shown(prompt: &Prompt, width: usize) -> String {
    let (at, all) = prompt.number;
    let mut text = wrapped(&prompt.ask, width, &format!("\n{at}/{all} "), "  ");
    if !prompt.why.is_empty() {
        text.push_str(&wrapped(prompt.why, width, "  Why: ", "  "));
    }
    text.push_str(&wrapped(prompt.allowed, width, "  Allowed: ", "  "));
    text.push_str("> ");
    text
}

fn given() -> Result<String, Failure> {
    line()?.ok_or_else(|| Failure::Usage(BROKEN_OFF.to_owned()))
}

/// A line from the terminal; none at the end of the input.
fn line() -> Result<Option<String>, Failure> {
    use std::io::Read as _;
    let mut bytes = Vec::new();
    let mut input = io::stdin().lock().take(LONGEST_ANSWER);
    match input.read_until(b'\n', &mut bytes) {
        Ok(0) => Ok(None),
        Ok(_) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(error) => Err(Failure::Usage(format!(
            "the terminal could not be read: {error}. {BROKEN_OFF}"
        ))),
    }
}

/// Says something on the terminal. A stderr that is closed is nobody's fault.
fn say(text: &str) {
    let mut stderr = io::stderr().lock();
    let _ = stderr.write_all(safe(text).as_bytes());
    let _ = stderr.flush();
}
