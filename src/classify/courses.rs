//! Courses of MS that a text names.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::fields::{Evidence, Fields, Place};
use super::ms::COURSES;
use crate::terminology::{DiseaseKind, Terminology};
use crate::text::words;

/// Courses that the titles and conditions of a study name: no rule, but a hint whom it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Titled {
    /// The courses, in the contract's order.
    pub courses: Vec<&'static str>,
    /// The whole title or condition that names the first of them.
    pub evidence: Evidence,
}

/// Returns the courses that titles and conditions name; `None` where they name none.
pub(super) fn titled(fields: &Fields<'_>, terms: &Terminology) -> Option<Titled> {
    let (mut found, mut evidence) = (Vec::new(), None);
    for field in [Place::Title, Place::Condition]
        .into_iter()
        .flat_map(|place| fields.at(place))
    {
        let named = courses_in(field.text, terms);
        if !named.is_empty() && evidence.is_none() {
            evidence = Some(field.evidence(0..field.text.len()));
        }
        found.extend(named);
    }
    Some(Titled {
        courses: (COURSES.into_iter().filter(|course| found.contains(course))).collect(),
        evidence: evidence?,
    })
}

static SHORT_COURSE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?-u:\b)(RMS|PMS|pRMS)(?-u:\b)").ok());

/// Returns the courses that a text names, each as often as it does.
pub(super) fn courses_in(text: &str, terms: &Terminology) -> Vec<&'static str> {
    let mut found = Vec::new();
    for (hit, kind) in terms.find_diseases(text) {
        match kind {
            DiseaseKind::Ms(Some(course)) => found.push(course),
            DiseaseKind::Ms(None) | DiseaseKind::MsInList => {
                found.extend(courses_around(text, &hit));
            }
            _ => {}
        }
    }
    let short = SHORT_COURSE
        .iter()
        .flat_map(|pattern| pattern.find_iter(text));
    found.extend(short.map(|short| {
        if short.as_str() == "PMS" {
            "pms"
        } else {
            "rms"
        }
    }));
    found
}

/// Reads the words for a course that stand before a mention of MS ("primary and
/// secondary progressive MS") or behind it ("Multiple Sclerosis, Relapsing-Remitting").
fn courses_around(text: &str, hit: &Range<usize>) -> Vec<&'static str> {
    const BETWEEN: &[&str] = &[
        "relapsing",
        "remitting",
        "relapse",
        "primary",
        "secondary",
        "progressive",
        "active",
        "inactive",
        "non",
        "nonactive",
        "forms",
        "form",
        "of",
        "and",
        "or",
        "chronic",
        "the",
        "relapsed",
        "refractory",
        "r",
        "treatment",
        "highly",
        "early",
    ];
    let mut before: Vec<String> = words(&text[..hit.start])
        .into_iter()
        .rev()
        .take_while(|word| BETWEEN.contains(&word.as_str()))
        .collect();
    before.reverse();
    let mut courses = courses_of(&before);
    let rest = text[hit.end..]
        .trim_start_matches("(MS)")
        .trim_start_matches(" (MS)")
        .trim_start();
    if rest.starts_with(['-', ',', '(', ':', '–'])
        || text[hit.end..].trim_start().starts_with("(MS)")
    {
        let behind: Vec<String> = words(rest.split([';', '.', ')']).next().unwrap_or_default())
            .into_iter()
            .take_while(|word| BETWEEN.contains(&word.as_str()))
            .collect();
        courses.extend(courses_of(&behind));
    }
    courses
}

fn courses_of(words: &[String]) -> Vec<&'static str> {
    let mut courses = Vec::new();
    let has = |word: &str| words.iter().any(|one| one == word);
    let mut kinds = false;
    for (at, word) in words.iter().enumerate() {
        let next = words.get(at + 1).map_or("", String::as_str);
        let previous = at
            .checked_sub(1)
            .and_then(|one| words.get(one))
            .map_or("", String::as_str);
        match word.as_str() {
            "relapsing" | "relapse"
                if next == "remitting"
                    || next == "and"
                        && words.get(at + 2).is_some_and(|word| word == "remitting") =>
            {
                courses.push("rrms");
            }
            "remitting" if next == "relapsing" => courses.push("rrms"),
            // "Relapsing/refractory" speaks of failed treatment, "non-relapsing" of its opposite.
            "relapsing" if previous != "non" && previous != "remitting" && !has("refractory") => {
                courses.push("rms");
            }
            "primary" if has("progressive") => {
                courses.push("ppms");
                kinds = true;
            }
            "secondary" if has("progressive") => {
                courses.push("spms");
                kinds = true;
            }
            "progressive" if !kinds => courses.push("pms"),
            "progressive" => kinds = false,
            _ => {}
        }
    }
    courses
}
