//! The `trialbrief` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    trialbrief::cli::run()
}
