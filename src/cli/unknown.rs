//! Drugs that are not known, told on stderr where the output has no place for them.

use std::path::Path;

use super::args::ScreenArgs;
use super::output::Output;
use crate::patient::{Patient, ProfileError};

/// Drugs that are told one by one; the others are counted.
const NAMED: usize = 20;

/// What is told of the drugs that are not known. What stands there is not repeated: it may be anything.
#[derive(Debug)]
pub(super) struct Unknown {
    file: String,
    found: usize,
}

impl Unknown {
    /// Nothing is told yet. The drugs stand in the file that holds the patients, or in the options.
    pub(super) fn new(args: &ScreenArgs) -> Self {
        let files = [&args.patients, &args.patient, &args.fhir];
        let file = files.into_iter().flatten().next();
        Self {
            file: file.map_or("the options".to_owned(), |path| {
                Path::display(path).to_string()
            }),
            found: 0,
        }
    }

    /// Returns one line a drug: where it stands, and the nearest name.
    pub(super) fn of(&self, patient: &Patient) -> Vec<String> {
        let line = patient.profile.line;
        let told = patient.unknown_drugs().into_iter().map(|(at, one)| {
            let near = (one.nearest.as_ref())
                .map_or(String::new(), |near| format!("; nearest name: `{near}`"));
            let field = format!("treatments[{at}].drug");
            let what = format!("the drug is not known and counts as unknown{near}");
            ProfileError::new(&self.file, line, Some(&field), what).to_string()
        });
        told.collect()
    }

    /// Tells the lines of a patient, as long as they are few.
    pub(super) fn tell(&mut self, lines: &[String], output: &Output) {
        for line in lines {
            self.found += 1;
            if self.found <= NAMED {
                output.warn(line);
            }
        }
    }

    /// Tells how many more there were.
    pub(super) fn tell_rest(&self, output: &Output) {
        let more = self.found.saturating_sub(NAMED);
        if more > 0 {
            let drugs = if more == 1 {
                "drug that is"
            } else {
                "drugs that are"
            };
            output.warn(&format!("{}: and {more} more {drugs} not known", self.file));
        }
    }
}
