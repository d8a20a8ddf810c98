//! The summary of a screen as CSV: a row a patient and study.

use crate::matching::{Answer, Assessment, Matcher};
use crate::patient::Patient;
use crate::render::csv::disarmed;
use crate::render::{washout, words};
use crate::text::one_line;

/// Columns of the summary, one row for each patient and study.
pub const COLUMNS: [&str; 14] = [
    "patient",
    "nct_id",
    "verdict",
    "open_here",
    "blocking",
    "unknown",
    "met",
    "core_met",
    "core",
    "first_blocker",
    "first_blocker_quote",
    "near_miss",
    "earliest_screening",
    "line",
];

/// Renders the summary rows of a patient.
///
/// # Errors
///
/// None in practice: the writer fills memory. The error is passed on, not hidden.
pub fn csv_rows(
    patient: &Patient,
    trials: &[(usize, Assessment)],
    matchers: &[Matcher<'_>],
) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::Any(b'\n'))
        .from_writer(Vec::new());
    let id = disarmed(patient.id());
    for (at, found) in trials {
        let Some(matcher) = matchers.get(*at) else {
            continue;
        };
        writer.write_record(row(&id, patient.profile.line, found, matcher))?;
    }
    writer
        .into_inner()
        .map_err(|error| error.into_error().into())
}

/// Renders the header of the summary.
pub fn csv_head() -> String {
    format!("{}\n", COLUMNS.join(","))
}

fn row(id: &str, line: Option<u64>, found: &Assessment, matcher: &Matcher<'_>) -> [String; 14] {
    let count = |answers: &[Answer]| {
        let points = found.points.iter();
        points
            .filter(|one| answers.contains(&one.answer))
            .count()
            .to_string()
    };
    let blocker = found.points.iter().find(|one| one.answer == Answer::NotMet);
    let blocker = blocker.and_then(|one| matcher.demands().get(one.demand));
    [
        id.to_owned(),
        matcher.study().study.nct_number.to_string(),
        found.verdict.as_str().to_owned(),
        open_here(found.open_here).to_owned(),
        count(&[Answer::NotMet]),
        count(&[Answer::Unknown, Answer::Clinician]),
        count(&[Answer::Met]),
        found.core.0.to_string(),
        found.core.1.to_string(),
        words::shown(blocker.and_then(|one| one.criterion)),
        blocker.map_or(String::new(), |one| disarmed(&one_line(&one.quote))),
        found.near_miss.as_ref().map_or(String::new(), |near| {
            format!("{}{}", near.change, washout::beside(found))
        }),
        words::shown(found.earliest_screening),
        words::shown(line),
    ]
}

fn open_here(state: Option<bool>) -> &'static str {
    match state {
        Some(true) => "true",
        Some(false) => "false",
        None => "",
    }
}
