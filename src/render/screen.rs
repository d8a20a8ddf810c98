//! Patients × studies: JSON as the contract names it, a CSV row a pair, a list for people.

mod rows;
pub mod turned;

pub use rows::{COLUMNS, csv_head, csv_rows};

use serde::Serialize;

use super::json::{SourceView, Step, funnel, source, written_compact};
use super::missing::{self, MissingView};
use super::reason;
use super::washout::{self, Washout, WashoutView};
use super::words::wrapped;
use super::{Listing, markdown};
use crate::classify::Relevance;
use crate::matching::{
    Answer, Assessment, Matcher, Point, Verdict, open_and_without_rules, wanted,
};
use crate::patient::Patient;
use crate::text::one_line;

#[derive(Serialize)]
struct Head<'a> {
    schema: &'static str,
    generated_at: &'a str,
    source: SourceView<'a>,
    funnel: Vec<Step>,
}

#[derive(Serialize)]
struct PatientView<'a> {
    id: &'a str,
    line: Option<u64>,
    contradictions: Vec<String>,
    unknown_drugs: Vec<UnknownDrug<'a>>,
    missing_tests: Vec<MissingView>,
    trials: Vec<TrialView<'a>>,
}

#[derive(Serialize)]
pub(super) struct UnknownDrug<'a> {
    drug: &'a str,
    nearest: Option<&'a str>,
}

#[derive(Serialize)]
struct TrialView<'a> {
    nct_id: String,
    title: Option<&'a str>,
    verdict: &'static str,
    blocking: Vec<ItemView<'a>>,
    unknown: Vec<ItemView<'a>>,
    met: Vec<ItemView<'a>>,
    to_settle: Vec<ItemView<'a>>,
    near_miss: Option<NearMissView<'a>>,
    earliest_screening: Option<String>,
    washouts: Vec<WashoutView<'a>>,
    open_here: Option<bool>,
    core_met: usize,
    core: usize,
}

#[derive(Serialize)]
struct ItemView<'a> {
    criterion: Option<&'a str>,
    kind: Option<&'static str>,
    quote: &'a str,
    patient_value: Option<String>,
    reason: String,
}

#[derive(Serialize)]
struct NearMissView<'a> {
    criterion: Option<&'a str>,
    change: &'static str,
    date: Option<String>,
    washout: bool,
}

/// Returns what stands before the patients of `trialbrief.screen/1`.
pub fn json_head(listing: &Listing<'_>) -> String {
    let head = Head {
        schema: "trialbrief.screen/1",
        generated_at: listing.generated_at,
        source: source(listing.source, listing),
        funnel: funnel(listing),
    };
    let object = written_compact(&head);
    let open = object.trim_end().strip_suffix('}').unwrap_or_default();
    format!("{open},\"patients\":[")
}

/// Returns what stands behind the patients.
pub const JSON_TAIL: &str = "]}\n";

/// Renders a patient with all studies.
pub fn json_patient(
    patient: &Patient,
    trials: &[(usize, Assessment)],
    matchers: &[Matcher<'_>],
) -> String {
    let found = trials.iter();
    let found = found.filter_map(|(at, found)| Some((found, matchers.get(*at)?)));
    let found: Vec<_> = found
        .map(|(found, matcher)| (found, matcher, Washout::all(found, matcher, patient)))
        .collect();
    let trials_shown = found.iter();
    let view = PatientView {
        id: patient.id(),
        line: patient.profile.line,
        contradictions: contradictions(patient),
        unknown_drugs: unknown_drugs(patient),
        missing_tests: missing::view(&wanted(patient, trials, matchers), matchers),
        trials: trials_shown
            .map(|(found, matcher, washouts)| trial(patient, found, matcher, washouts))
            .collect(),
    };
    written_compact(&view).trim_end().to_owned()
}

/// What contradicts itself, with its fields.
pub(super) fn contradictions(patient: &Patient) -> Vec<String> {
    (patient.contradictions.iter())
        .map(|one| format!("{}: {}", one.fields.join(", "), one.what))
        .collect()
}

/// Drugs that the table lacks, each with the nearest name.
pub(super) fn unknown_drugs(patient: &Patient) -> Vec<UnknownDrug<'_>> {
    let unknown = patient.unknown_drugs().into_iter();
    unknown
        .map(|(_, one)| UnknownDrug {
            drug: &one.name,
            nearest: one.nearest.as_deref(),
        })
        .collect()
}

fn trial<'a>(
    patient: &Patient,
    found: &Assessment,
    matcher: &'a Matcher<'_>,
    washouts: &'a [Washout<'_>],
) -> TrialView<'a> {
    let items = |answers: &[Answer]| {
        let points = found
            .points
            .iter()
            .filter(|one| answers.contains(&one.answer));
        points
            .filter_map(|one| item(one, patient, matcher))
            .collect()
    };
    let study = &matcher.study().study;
    TrialView {
        nct_id: study.nct_number.to_string(),
        title: study.title.as_deref(),
        verdict: found.verdict.as_str(),
        blocking: items(&[Answer::NotMet]),
        unknown: items(&[Answer::Unknown, Answer::Clinician]),
        met: items(&[Answer::Met]),
        to_settle: items(&[Answer::Site]),
        near_miss: found.near_miss.as_ref().map(|near| NearMissView {
            criterion: matcher
                .demands()
                .get(near.demand)
                .and_then(|one| one.criterion),
            change: near.change,
            date: near.date.map(|date| date.to_string()),
            washout: !washout::beside(found).is_empty(),
        }),
        earliest_screening: found.earliest_screening.map(|date| date.to_string()),
        washouts: washouts.iter().map(|one| one.view(found)).collect(),
        open_here: found.open_here,
        core_met: found.core.0,
        core: found.core.1,
    }
}

fn item<'a>(point: &Point, patient: &Patient, matcher: &'a Matcher<'_>) -> Option<ItemView<'a>> {
    let demand = matcher.demands().get(point.demand)?;
    Some(ItemView {
        criterion: demand.criterion,
        kind: demand.kind(),
        quote: &demand.quote,
        patient_value: reason::patient_value(demand, patient),
        reason: reason::reason(point, demand, patient),
    })
}

/// Points that a list shows of each study; the JSON holds them all.
const POINTS_SHOWN: usize = 4;

/// Lines for people, as text of a width or as Markdown.
pub(super) struct Page {
    pub(super) out: String,
    pub(super) width: Option<usize>,
}

impl Page {
    pub(super) fn line(&mut self, words: &str, first: &str, rest: &str) {
        let line = match self.width {
            Some(width) => wrapped(words, width, first, rest),
            None => [first, &markdown::linked(&markdown::escape(words)), "\n"].concat(),
        };
        self.out.push_str(&line);
    }

    pub(super) fn heading(&mut self, words: &str, mark: &str) {
        let mark = if self.width.is_some() { "\n" } else { mark };
        self.line(words, mark, "");
    }

    pub(super) fn item(&mut self, words: &str) {
        let mark = if self.width.is_some() { "  - " } else { "- " };
        self.line(words, mark, "    ");
    }
}

/// Renders a patient for people: a paragraph a study, as text of a width or as Markdown.
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
    doubts(&mut page, patient);
    decisive(&mut page, patient, trials, matchers, missing::SHOWN);
    for (at, found) in trials {
        if let Some(matcher) = matchers.get(*at) {
            study(&mut page, patient, found, matcher);
        }
    }
    page.out
}

/// What was stated and does not count, and which place was taken.
pub(super) fn doubts(page: &mut Page, patient: &Patient) {
    for one in &patient.contradictions {
        page.item(&format!(
            "Contradiction, counted as unknown: {}: {}.",
            one.fields.join(", "),
            one.what
        ));
    }
    for one in patient.taken.iter().filter(|one| one.is_unknown()) {
        let near = (one.nearest.as_ref())
            .map_or(String::new(), |near| format!("; did you mean `{near}`?"));
        page.item(&format!(
            "Drug not known, counted as unknown: {}{near}",
            one.name
        ));
    }
    let home = patient.profile.near.as_ref();
    if let Some(found) = home.and_then(|home| home.place()) {
        let others: Vec<String> = found.passed_over.iter().map(ToString::to_string).collect();
        let others = if others.is_empty() {
            String::new()
        } else {
            format!("; places of that name passed over: {}", others.join("; "))
        };
        page.item(&format!(
            "Distances are counted from the city centre of {}{others}.",
            found.place
        ));
    }
}

/// What is worth finding out first.
pub(super) fn decisive(
    page: &mut Page,
    patient: &Patient,
    trials: &[(usize, Assessment)],
    matchers: &[Matcher<'_>],
    most: usize,
) {
    if trials.is_empty() {
        // What left none is told above; here, nothing would seem to be missing.
        return;
    }
    let all = wanted(patient, trials, matchers);
    let (open, without) = open_and_without_rules(trials, matchers);
    if !all.is_empty() {
        page.heading(missing::HEADING, "\n### ");
    }
    for one in all.iter().take(most) {
        page.item(&missing::line(one, matchers));
    }
    let more = all.len().saturating_sub(most);
    if more > 0 {
        page.item(&format!("and {more} more facts"));
    }
    let words = missing::unknown_rules(&all, open, without);
    if !words.is_empty() {
        page.item(&words);
    }
}

fn study(page: &mut Page, patient: &Patient, found: &Assessment, matcher: &Matcher<'_>) {
    let study = &matcher.study().study;
    let follow_up = if matcher.study().ms.relevance == Relevance::FollowUp {
        " For people who were treated in an earlier study."
    } else {
        ""
    };
    let head = format!(
        "{}: {}. {}{}{follow_up}",
        study.nct_number,
        said(found),
        one_line(study.title.as_deref().unwrap_or_default()),
        place_said(found.open_here)
    );
    page.heading(&head, "\n### ");
    answers(page, patient, found, matcher);
}

/// What an answer rests on, the worst first; the JSON holds them all.
fn answers(page: &mut Page, patient: &Patient, found: &Assessment, matcher: &Matcher<'_>) {
    if let Some(words) = washout::earliest(found, matcher, patient) {
        page.item(&format!("Earliest screening {words}"));
    }
    if let Some(near) = &found.near_miss {
        let date = near.date.map_or(String::new(), |date| format!(" ({date})"));
        page.item(&format!(
            "Only one thing stands in the way: {}{}{date}.",
            near.change,
            washout::beside(found)
        ));
    }
    let mut shown: Vec<&Point> = (found.points.iter())
        .filter(|one| one.is_open() || one.answer == Answer::NotMet)
        .collect();
    // What rules out first, then what can be acted on; lines that nobody read last.
    shown.sort_by_key(|one| (one.answer != Answer::NotMet, reason::urgency(one)));
    for point in shown.iter().take(POINTS_SHOWN) {
        if let Some(demand) = matcher.demands().get(point.demand) {
            let quote = one_line(&demand.quote);
            let quote = if quote.is_empty() {
                quote
            } else {
                format!(" “{quote}”")
            };
            page.item(&format!(
                "{} {}: {}{quote}",
                answer(point.answer),
                demand.criterion.unwrap_or("record"),
                reason::reason(point, demand, patient),
            ));
        }
    }
    let more = shown.len().saturating_sub(POINTS_SHOWN);
    if more > 0 {
        page.item(&format!("and {more} more to clarify"));
    }
}

/// What an answer comes to, before the rule that it is about.
pub(super) fn answer(answer: Answer) -> &'static str {
    match answer {
        Answer::NotMet => "Rules out,",
        Answer::Unknown => "Ask,",
        Answer::Clinician => "To be read by a clinician,",
        Answer::Site => "With the site,",
        Answer::Met => "Seems to fit,",
    }
}

/// The verdict in words for a clinician.
pub(super) fn said(found: &Assessment) -> String {
    let count = |answers: &[Answer]| {
        let points = found.points.iter();
        points.filter(|one| answers.contains(&one.answer)).count()
    };
    let open = found.points.iter().filter(|one| one.is_open()).count();
    // A record without rules rules nobody out, and says nothing for it either.
    if found.is_without_rules() && count(&[Answer::NotMet]) == 0 {
        return "the record here holds no rules that can be read: ask".to_owned();
    }
    let blocking = count(&[Answer::NotMet]);
    if open + blocking == 0 && found.verdict == Verdict::Check {
        return format!("nothing rules it out so far, {ABRIDGED}");
    }
    said_of(blocking, open)
}

/// Said where all that stands here fits, and more may stand in the registry.
pub(super) const ABRIDGED: &str = "but the rules here are abridged: read all of them";

/// The verdict in words, from how many points rule out and how many are not known.
pub(super) fn said_of(blocking: usize, open: usize) -> String {
    match blocking {
        0 if open == 0 => "seems to fit".to_owned(),
        0 if open == 1 => "nothing rules it out so far, 1 point to clarify".to_owned(),
        0 => format!("nothing rules it out so far, {open} points to clarify"),
        blocking => format!("unlikely: {blocking} rule out"),
    }
}

/// Whether a study is open here, in words behind the verdict.
pub(super) fn place_said(open_here: Option<bool>) -> &'static str {
    match open_here {
        Some(true) => " (open here)",
        Some(false) => " (not open here)",
        None => "",
    }
}

/// What a reader must know before the first patient.
pub fn preface(listing: &Listing<'_>, width: Option<usize>) -> String {
    let mut page = Page {
        out: String::new(),
        width,
    };
    let mark = if width.is_some() { "" } else { "> " };
    for words in listing.source.warnings(listing.today) {
        page.line(&words, mark, "");
    }
    page.line(NOT_ADVICE, mark, "");
    page.out
}

/// Says which filter left no study; empty where there are studies.
pub fn nothing(listing: &Listing<'_>, width: Option<usize>) -> String {
    let mut page = Page {
        out: String::new(),
        width,
    };
    if listing.studies.is_empty() {
        for words in super::list::nothing_found(listing).lines() {
            page.heading(words, "\n");
        }
    }
    page.out
}

/// Returns what stands at the end of a page: whose data these are.
pub fn foot(listing: &Listing<'_>, width: Option<usize>) -> String {
    let mut page = Page {
        out: String::new(),
        width,
    };
    page.heading(&listing.source.attribution(), "\n");
    page.out
}

/// Said wherever a verdict is shown.
pub const NOT_ADVICE: &str =
    "Information to discuss, not medical advice; only the study team can decide who may join.";
