//! What concerns whom, in words and for machines.

use serde::Serialize;

use super::changes::Log;
use super::markdown::escape;
use super::screen::{place_said, said_of};
use super::words::wrapped;
use crate::matching::{Answer, Shift, Side};
use crate::place::SiteState;
use crate::study::NctNumber;
use crate::text;
use crate::watch::{Fate, News, PatientNews, PlaceNews, Standing, StudyNews};

/// Longest quote that is told.
const LONGEST: usize = 160;

/// Stands above what concerns whom.
pub(super) const HEADING: &str = "What concerns whom";

/// Stands there where nothing does.
const NOTHING: &str = "No change concerns a rule.";

/// Said below the answers of patients.
const CAUTION: &str = "Read from the record by a program: what seems to fit must be asked about, and only a study's team can decide who may join.";

/// A line, and how deep it stands.
struct Line {
    depth: usize,
    words: String,
}

/// Renders for a terminal of a width in columns.
pub(super) fn table(log: &Log<'_>, news: &[News], columns: usize) -> String {
    let mut out = format!("{HEADING}\n");
    for line in lines(log, news) {
        let (first, rest) = match line.depth {
            0 => ("", "  "),
            1 => ("  ", "    "),
            _ => ("    · ", "      "),
        };
        out.push_str(&wrapped(&line.words, columns, first, rest));
    }
    out.push('\n');
    out
}

/// Renders as Markdown.
pub(super) fn markdown(log: &Log<'_>, news: &[News]) -> String {
    let mut out = format!("## {HEADING}\n");
    for line in lines(log, news) {
        let mark = match line.depth {
            0 => "\n",
            1 => "- ",
            _ => "  - ",
        };
        let words = escape(&line.words);
        let end = if line.depth == 0 { "\n\n" } else { "\n" };
        out.extend([mark, &words, end]);
    }
    out.push('\n');
    out
}

fn lines(log: &Log<'_>, news: &[News]) -> Vec<Line> {
    let mut lines = Vec::new();
    let told = news.iter().filter(|one| !one.studies.is_empty());
    let (mut any, mut patients) = (false, false);
    for one in told {
        any = true;
        lines.push(Line {
            depth: 0,
            words: text::one_line(&one.rule),
        });
        for study in &one.studies {
            patients |= !study.patients.is_empty();
            self::study(log, study, &mut lines);
        }
    }
    for (is_told, words) in [(!any, NOTHING), (patients, CAUTION)] {
        if is_told {
            let words = words.to_owned();
            lines.push(Line { depth: 0, words });
        }
    }
    lines
}

fn study(log: &Log<'_>, study: &StudyNews, lines: &mut Vec<Line>) {
    let number = study.number;
    let title = text::shorten(&text::one_line(log.title(number)), LONGEST);
    lines.push(Line {
        depth: 1,
        words: format!("{number} {title}: {}", fate(study)),
    });
    let places = (study.fate == Fate::Changed).then_some(&study.places);
    let places = places.into_iter().flatten().map(place);
    let patients = study.patients.iter().flat_map(patient);
    lines.extend(places.chain(patients).map(|words| Line { depth: 2, words }));
}

/// What became of a study, with what is new at its rule's places.
fn fate(study: &StudyNews) -> String {
    match study.fate {
        Fate::Changed => "changed, see below".to_owned(),
        Fate::Gone => "no longer in the registry under this number".to_owned(),
        Fate::New => {
            let place =
                |one: &PlaceNews| format!(", {} in {}", state(one.after), one.place.label());
            let places: Vec<String> = study.places.iter().map(place).collect();
            format!("new study{}", places.concat())
        }
    }
}

fn state(state: Option<SiteState>) -> &'static str {
    match state {
        Some(SiteState::Open) => "open",
        Some(SiteState::Opening) => "opening",
        Some(SiteState::Unknown) => "ask the site",
        Some(SiteState::Closed) => "listed, closed",
        None => "no site there",
    }
}

fn place(one: &PlaceNews) -> String {
    let (before, after, place) = (state(one.before), state(one.after), one.place.label());
    match (one.before, one.after) {
        (_, Some(SiteState::Open)) => format!("now open in {place} (was: {before})"),
        (Some(SiteState::Open), _) => format!("no longer open in {place} (now: {after})"),
        _ => format!("in {place}: {before} → {after}"),
    }
}

fn patient(one: &PatientNews) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let now = said(&one.after);
    match &one.before {
        None => lines.push(format!("{now}{}", place_said(one.after.open_here))),
        Some(before) => {
            lines.extend(one.places.iter().map(place));
            let then = said(before);
            if then != now {
                lines.push(format!("{then} → {now}"));
            }
        }
    }
    let is_new = one.before.is_none();
    let answers = one.answers.iter();
    lines.extend(answers.filter_map(|shift| {
        if is_new {
            blocker(shift)
        } else {
            Some(answer(shift))
        }
    }));
    let id = text::one_line(&one.id);
    lines
        .into_iter()
        .map(|line| format!("{id}: {line}"))
        .collect()
}

fn said(one: &Standing) -> String {
    said_of(one.blocking, one.unknown)
}

/// Of a new study only what rules out is told; the rest is told by `screen`.
fn blocker(shift: &Shift) -> Option<String> {
    let after = shift.after.as_ref()?;
    (after.answer == Answer::NotMet).then(|| format!("rules out: {}", named(shift, after)))
}

fn answer(shift: &Shift) -> String {
    let before = shift
        .before
        .as_ref()
        .map_or("not asked", |side| word(side.answer));
    match (&shift.after, &shift.before) {
        (Some(after), _) => {
            let because = if after.answer == Answer::NotMet {
                ", rules out"
            } else {
                ""
            };
            format!(
                "{before} → {}{because}: {}",
                word(after.answer),
                named(shift, after)
            )
        }
        (None, Some(old)) => format!("{before} → no longer asked: {}", named(shift, old)),
        (None, None) => String::new(),
    }
}

fn word(answer: Answer) -> &'static str {
    match answer {
        Answer::NotMet => "not met",
        Answer::Unknown | Answer::Clinician | Answer::Site => "unknown",
        Answer::Met => "met",
    }
}

/// What is asked, with its words.
fn named(shift: &Shift, side: &Side) -> String {
    let kind = match shift.kind {
        None if side.quote.is_empty() => {
            return "the record's criteria, which cannot be read".to_owned();
        }
        None => "a line that was not read".to_owned(),
        Some("edss") => "EDSS".to_owned(),
        Some("ms_course") => "MS course".to_owned(),
        Some("mri") => "MRI".to_owned(),
        Some("mri_activity") => "MRI activity".to_owned(),
        Some("pml") => "PML".to_owned(),
        Some("csf") => "CSF".to_owned(),
        Some(kind) => kind.replace('_', " "),
    };
    let quote = text::shorten(&text::one_line(&side.quote), LONGEST);
    format!("{kind}: “{quote}”")
}

/// Returns the rules that a study concerns, and the patients for whom anything changed.
pub(super) fn concerned(news: &[News], number: NctNumber) -> [String; 2] {
    let of_study = |one: &'_ News| one.studies.iter().position(|study| study.number == number);
    let (mut rules, mut patients) = (Vec::new(), Vec::new());
    for one in news {
        let Some(study) = of_study(one).and_then(|at| one.studies.get(at)) else {
            continue;
        };
        rules.push(text::one_line(&one.rule).replace('|', "/"));
        for patient in &study.patients {
            let id = text::one_line(&patient.id).replace('|', "/");
            if !patients.contains(&id) {
                patients.push(id);
            }
        }
    }
    [rules.join("|"), patients.join("|")]
}

#[derive(Serialize)]
pub(super) struct NewsView<'a> {
    rule: &'a str,
    studies: Vec<StudyView<'a>>,
}

#[derive(Serialize)]
struct StudyView<'a> {
    nct_id: String,
    became: &'static str,
    places: Vec<PlaceView>,
    patients: Vec<PatientView<'a>>,
}

#[derive(Serialize)]
struct PlaceView {
    place: &'static str,
    before: Option<&'static str>,
    after: Option<&'static str>,
}

#[derive(Serialize)]
struct PatientView<'a> {
    id: &'a str,
    verdict: Pair<&'static str>,
    open_here: Pair<bool>,
    places: Vec<PlaceView>,
    answers: Vec<AnswerView<'a>>,
}

#[derive(Serialize)]
struct Pair<T> {
    before: Option<T>,
    after: Option<T>,
}

#[derive(Serialize)]
struct AnswerView<'a> {
    kind: Option<&'static str>,
    before: Option<&'static str>,
    after: Option<&'static str>,
    quote_before: Option<&'a str>,
    quote_after: Option<&'a str>,
}

/// Returns what the JSON holds.
pub(super) fn view(news: &[News]) -> Vec<NewsView<'_>> {
    news.iter().map(rule_view).collect()
}

fn rule_view(one: &News) -> NewsView<'_> {
    NewsView {
        rule: &one.rule,
        studies: one.studies.iter().map(study_view).collect(),
    }
}

fn study_view(one: &StudyNews) -> StudyView<'_> {
    StudyView {
        nct_id: one.number.to_string(),
        became: match one.fate {
            Fate::New => "new",
            Fate::Changed => "changed",
            Fate::Gone => "gone",
        },
        places: place_views(&one.places),
        patients: one.patients.iter().map(patient_view).collect(),
    }
}

fn place_views(places: &[PlaceNews]) -> Vec<PlaceView> {
    let view = |one: &PlaceNews| PlaceView {
        place: one.place.as_str(),
        before: one.before.map(SiteState::as_str),
        after: one.after.map(SiteState::as_str),
    };
    places.iter().map(view).collect()
}

fn patient_view(one: &PatientNews) -> PatientView<'_> {
    PatientView {
        id: &one.id,
        verdict: Pair {
            before: one.before.map(|one| one.verdict.as_str()),
            after: Some(one.after.verdict.as_str()),
        },
        open_here: Pair {
            before: one.before.and_then(|one| one.open_here),
            after: one.after.open_here,
        },
        places: place_views(&one.places),
        answers: one.answers.iter().map(answer_view).collect(),
    }
}

fn answer_view(shift: &Shift) -> AnswerView<'_> {
    let (before, after) = (shift.before.as_ref(), shift.after.as_ref());
    AnswerView {
        kind: shift.kind,
        before: before.map(|side| word(side.answer)),
        after: after.map(|side| word(side.answer)),
        quote_before: before.map(|side| side.quote.as_str()),
        quote_after: after.map(|side| side.quote.as_str()),
    }
}
