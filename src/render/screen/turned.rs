//! All patients for one study, for people: the study once, then a paragraph a patient.

use super::{Page, answers, doubts, place_said, said};
use crate::matching::{Assessment, Matcher};
use crate::patient::Patient;
use crate::text::one_line;

/// Renders what stands above the patients, as text of a width or as Markdown.
pub fn head(matcher: &Matcher<'_>, patients: usize, width: Option<usize>) -> String {
    let mut page = Page {
        out: String::new(),
        width,
    };
    let study = &matcher.study().study;
    let title = one_line(study.title.as_deref().unwrap_or_default());
    let counted = match patients {
        1 => "1 patient".to_owned(),
        more => format!("{more} patients, the most promising first"),
    };
    let words = format!("{}: {title}. {counted}", study.nct_number);
    page.heading(&words, "\n## ");
    page.out
}

/// Renders a patient under the study.
pub fn patient(
    patient: &Patient,
    found: &Assessment,
    matcher: &Matcher<'_>,
    width: Option<usize>,
) -> String {
    let mut page = Page {
        out: String::new(),
        width,
    };
    let words = format!(
        "Patient {}: {}{}",
        patient.name(),
        said(found),
        place_said(found.open_here)
    );
    page.heading(&words, "\n### ");
    doubts(&mut page, patient);
    answers(&mut page, patient, found, matcher);
    page.out
}
