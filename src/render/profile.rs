//! What a profile lacks, and what of a FHIR bundle was not read.

use serde::Serialize;

use super::Listing;
use super::json::{SourceView, Step, funnel, source, written_compact};
use super::missing::{self, MissingView};
use super::screen::{self, Page, UnknownDrug};
use super::words::wrapped;
use crate::matching::{Assessment, Matcher, open_and_without_rules, wanted};
use crate::patient::{LeftOut, Patient};

#[derive(Serialize)]
struct Head<'a> {
    schema: &'static str,
    generated_at: &'a str,
    source: SourceView<'a>,
    file: &'a str,
    valid: bool,
    funnel: Vec<Step>,
}

#[derive(Serialize)]
struct PatientView<'a> {
    id: &'a str,
    contradictions: Vec<String>,
    unknown_drugs: Vec<UnknownDrug<'a>>,
    not_stated: Vec<&'static str>,
    missing_tests: Vec<MissingView>,
    /// Open studies that nothing rules out so far, and those of them without rules to be read.
    open_studies: usize,
    without_rules: usize,
}

#[derive(Serialize)]
struct LeftOutView<'a> {
    what: &'a str,
    why: &'a str,
}

/// Returns what stands before the patients of `trialbrief.profile/1`.
pub fn json_head(listing: &Listing<'_>, file: &str) -> String {
    let head = Head {
        schema: "trialbrief.profile/1",
        generated_at: listing.generated_at,
        source: source(listing.source, listing),
        file,
        valid: true,
        funnel: funnel(listing),
    };
    let object = written_compact(&head);
    let open = object.trim_end().strip_suffix('}').unwrap_or_default();
    format!("{open},\"patients\":[")
}

/// Renders what a patient's profile lacks.
pub fn json_patient(
    patient: &Patient,
    trials: &[(usize, Assessment)],
    matchers: &[Matcher<'_>],
) -> String {
    let (open_studies, without_rules) = open_and_without_rules(trials, matchers);
    let view = PatientView {
        id: patient.id(),
        contradictions: screen::contradictions(patient),
        unknown_drugs: screen::unknown_drugs(patient),
        not_stated: patient.profile.not_stated(),
        missing_tests: missing::view(&wanted(patient, trials, matchers), matchers),
        open_studies,
        without_rules,
    };
    written_compact(&view).trim_end().to_owned()
}

/// Returns what stands behind the patients: what of a bundle was not read, or is to be checked.
pub fn json_tail(left_out: &[LeftOut]) -> String {
    let views = left_out.iter().map(|one| LeftOutView {
        what: &one.what,
        why: &one.why,
    });
    let list = written_compact(&views.collect::<Vec<_>>());
    format!("],\"not_read\":{}}}\n", list.trim_end())
}

/// Returns what a reader must know first.
pub fn preface(listing: &Listing<'_>, file: &str, width: Option<usize>) -> String {
    let mut page = Page {
        out: screen::preface(listing, width),
        width,
    };
    page.heading(&format!("{file}: every field can be read."), "\n");
    page.out
}

/// Renders for people what a patient's profile lacks, as text of a width or as Markdown.
pub fn list(
    patient: &Patient,
    trials: &[(usize, Assessment)],
    matchers: &[Matcher<'_>],
    width: Option<usize>,
) -> String {
    let mut page = Page {
        out: String::new(),
        width,
    };
    page.heading(&format!("Patient {}", patient.name()), "\n## ");
    screen::doubts(&mut page, patient);
    screen::decisive(&mut page, patient, trials, matchers, usize::MAX);
    let empty = patient.profile.not_stated();
    if !empty.is_empty() {
        let words: Vec<&str> = empty.iter().map(|field| missing::what(field, "")).collect();
        page.heading(&format!("Not stated: {}.", words.join("; ")), "\n");
    }
    page.out
}

/// Renders for people what of a bundle was not read, or is to be checked.
pub fn left_out(left_out: &[LeftOut], width: Option<usize>) -> String {
    let mut page = Page {
        out: String::new(),
        width,
    };
    if left_out.is_empty() {
        return page.out;
    }
    page.heading("In the bundle, and not read or to be checked:", "\n## ");
    for one in left_out {
        page.item(&format!("{one}."));
    }
    page.out
}

/// Breaks words into lines of a width: `first` stands before the first line, `rest` before the others.
pub fn lines(words: &str, width: usize, first: &str, rest: &str) -> String {
    wrapped(words, width, first, rest)
}
