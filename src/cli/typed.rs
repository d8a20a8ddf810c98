//! The command line as it is defined, with what is different in commands about a patient.

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Command, CommandFactory, FromArgMatches};

use super::args::Cli;

/// Commands whose options hold facts about a patient.
const ABOUT_A_PATIENT: [&str; 2] = ["screen", "brief"];

/// Returns the definition. In commands about a patient, age, sex and course of MS are facts and hide nothing.
pub(super) fn definition() -> Command {
    let about = |command: Command| {
        let fact =
            |words: &'static str| move |option: Arg| option.help(words).help_heading("Patient");
        command
            .mut_arg("age", fact("Age in whole years, 0 to 120. A fact about the patient here: it hides no study"))
            .mut_arg("sex", fact("Sex: female or male. A fact about the patient here: it hides no study"))
            .mut_arg(
                "ms_course",
                fact("Course of MS: rrms, spms, ppms, rms, pms, cis. A fact about the patient here: it hides no study"),
            )
            .mut_arg("within", |option| {
                option.help("Keep studies with a site within so many kilometres of --near, else of `near` in the profile")
            })
    };
    let commands = ABOUT_A_PATIENT.into_iter();
    commands.fold(Cli::command(), |all, name| all.mut_subcommand(name, about))
}

/// Reads what was typed.
///
/// # Errors
///
/// As clap: help and version too.
pub(super) fn parse() -> Result<Cli, clap::Error> {
    let matches = definition().try_get_matches()?;
    Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut definition()))
}

/// Says what is wrong with what was typed. Behind the name of a command about a patient no word is repeated that may
/// be a fact: a clinic logs errors.
pub(super) fn told(error: &clap::Error) -> String {
    let mut words = std::env::args_os().skip(1);
    if !words.any(|word| ABOUT_A_PATIENT.iter().any(|name| word == *name)) {
        return error.render().to_string();
    }
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.as_str()),
        _ => None,
    };
    let option = text(ContextKind::InvalidArg).unwrap_or_default();
    match error.kind() {
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            let allowed = match (error.get(ContextKind::ValidValue), option) {
                (Some(ContextValue::Strings(words)), _) if !words.is_empty() => words.join(", "),
                (_, option) if option.starts_with("--age ") => "whole years from 0 to 120".to_owned(),
                _ => "what `--help` says".to_owned(),
            };
            format!("error: the value of {option} cannot be used; allowed: {allowed}")
        }
        ErrorKind::UnknownArgument if !option.starts_with("--") => {
            "error: a word stands where an option is expected; put quotation marks around a value with spaces, and see `--help`".to_owned()
        }
        _ => error.render().to_string(),
    }
}
