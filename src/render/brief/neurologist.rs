//! The page for the neurologist: the rules that are not settled, with their
//! words; missing tests; washouts; whom to call; a referral to fill in.

use std::collections::HashSet;

use super::letter::letter;
use super::sites::{may_be_open, nearest, rank, whom_to_ask};
use super::{Brief, Kept, QUOTE, page_of, quote, title};
use crate::matching::{Answer, Demand, Point, Why};
use crate::patient::Patient;
use crate::render::paper::{Block, Line, Mark, Page, PageKind, RowGroup, Span, Table, text};
use crate::render::reason::{self, NOBODY_STOPS};
use crate::render::washout::Washout;
use crate::render::{missing, words};
use crate::study::{NctNumber, Study};
use crate::text::one_line;

/// Studies that the tables tell of; the list on the first page holds all.
const STUDIES: usize = 5;

/// Rules of a study that the table shows.
const RULES: usize = 6;

/// Missing tests that are listed.
const TESTS: usize = 8;

/// Makes the page.
pub(super) fn page(brief: &Brief<'_>) -> Page {
    let mut page = page_of(
        "for-your-neurologist",
        PageKind::Neurologist,
        "For your neurologist",
    );
    let blocks = &mut page.blocks;
    let studies: Vec<&Kept<'_>> = brief.fitting().take(brief.pages.max(STUDIES)).collect();
    if studies.is_empty() {
        blocks.push(Block::Text(text(
            "No study that may fit was found; the last part lists the others, with the reason.",
        )));
    } else {
        match brief.patient {
            Some(patient) => {
                blocks.push(Block::Table(unsettled(brief, patient, &studies)));
                tests(blocks, brief);
                washouts(blocks, brief, patient, &studies);
            }
            None => blocks.push(Block::Table(at_a_glance(brief, &studies))),
        }
        blocks.push(Block::Table(contacts(brief, &studies)));
    }
    blocks.push(Block::Heading("Draft of a referral".to_owned()));
    blocks.push(Block::Text(text(
        "For you to complete and to answer for. The program does not know the patient's name or date of birth.",
    )));
    // A letter begins with a study whose rules are known and that is near, or leaves the study to be filled in.
    let near = |one: &Kept<'_>| brief.here.is_empty() || rank(brief, &one.study().study) <= 2;
    let best = studies
        .iter()
        .find(|one| may_be_open(&one.study().study) && !one.is_without_rules() && near(one));
    blocks.push(Block::Letter(letter(brief, best.copied())));
    page
}

/// The rules that are not settled, by study.
fn unsettled(brief: &Brief<'_>, patient: &Patient, studies: &[&Kept<'_>]) -> Table {
    let has_washouts = studies.iter().any(|one| !one.washouts().is_empty());
    let washouts = if has_washouts {
        " (washouts have a table of their own)"
    } else {
        ""
    };
    let (unread, read): (Vec<&Kept<'_>>, Vec<&Kept<'_>>) =
        studies.iter().partition(|one| one.is_without_rules());
    let groups = read.iter().map(|one| {
        let mut heading = vec![
            brief.number(one),
            Span::Text(format!(" {} · ", title(one.study()))),
        ];
        heading.extend(one.verdict());
        if let Some(found) = one.found {
            heading.push(Span::Text(format!(
                " {} of {} core rules met.",
                found.core.0, found.core.1
            )));
        }
        RowGroup {
            heading,
            rows: rules(one, patient),
        }
    });
    Table {
        caption: format!(
            "Rules that are not settled{washouts}. A computer read them: read the record before you act on it."
        ),
        head: vec![rule_head(studies), "Stated", "What that comes to"],
        groups: groups.chain(without_rules(brief, &unread)).collect(),
    }
}

/// Whose words the rules are.
fn rule_head(studies: &[&Kept<'_>]) -> &'static str {
    if studies.iter().any(|one| one.is_abridged()) {
        "Rule, abridged in our own words"
    } else {
        "Rule, word for word"
    }
}

/// Studies whose rules the record here does not hold.
fn without_rules(brief: &Brief<'_>, unread: &[&Kept<'_>]) -> Option<RowGroup> {
    let mut heading = text("The record here holds no rules that could be read: ");
    for (at, one) in unread.iter().enumerate() {
        if at > 0 {
            heading.push(Span::Text(", ".to_owned()));
        }
        heading.push(brief.number(one));
    }
    heading.push(Span::Text(". Read them in the registry.".to_owned()));
    (!unread.is_empty()).then_some(RowGroup {
        heading,
        rows: Vec::new(),
    })
}

fn rules(one: &Kept<'_>, patient: &Patient) -> Vec<Vec<Line>> {
    let mut open = one
        .points(|point| point.is_open() && !matches!(point.why, Why::Unread | Why::Washout { .. }));
    open.sort_by_key(|(point, _)| reason::urgency(point));
    let shown = open.iter().take(RULES);
    let mut rows: Vec<Vec<Line>> = shown
        .map(|(point, demand)| row(point, demand, patient))
        .collect();
    let more = open.len().saturating_sub(RULES);
    let unread = one.points(|point| point.why == Why::Unread);
    let ids: Vec<&str> = unread.iter().filter_map(|(_, one)| one.criterion).collect();
    let mut rest = Vec::new();
    if more > 0 {
        let ids: Vec<&str> = (open.iter().skip(RULES))
            .filter_map(|(_, one)| one.criterion)
            .collect();
        rest.push(format!("Also to clarify: {}.", listed(&ids)));
    }
    if !ids.is_empty() {
        rest.push(format!(
            "Not read, or not in full, by the program: {}.",
            listed(&ids)
        ));
    }
    if !rest.is_empty() {
        rows.push(vec![
            text(rest.join(" ")),
            Vec::new(),
            text("A clinician must read these in the record."),
        ]);
    }
    rows
}

/// Rules named in one sentence; the record has the others.
const NAMED: usize = 60;

/// Names of rules, each once, and how many more there are.
fn listed(ids: &[&str]) -> String {
    let mut seen = HashSet::new();
    let names: Vec<&str> = ids.iter().copied().filter(|id| seen.insert(*id)).collect();
    let more = names.len().saturating_sub(NAMED);
    let names = names[..names.len() - more].join(", ");
    match more {
        0 => names,
        _ => format!("{names} and {more} more"),
    }
}

fn row(point: &Point, demand: &Demand<'_>, patient: &Patient) -> Vec<Line> {
    let value = reason::patient_value(demand, patient).map(|value| one_line(&value));
    vec![
        quote(demand, QUOTE),
        text(value.unwrap_or_else(|| "not stated".to_owned())),
        vec![Span::Mark(mark(point), comes_to(point, demand, patient))],
    ]
}

/// The mark of an answer.
pub(super) fn mark(point: &Point) -> Mark {
    match (point.answer, point.why) {
        (Answer::Met, _) => Mark::Fits,
        (Answer::NotMet, _) | (_, Why::Approximate(Some(false))) => Mark::Against,
        _ => Mark::Ask,
    }
}

/// An answer without the words of the rule, which stand beside it.
fn comes_to(point: &Point, demand: &Demand<'_>, patient: &Patient) -> String {
    match point.why {
        Why::Missing(field, key) => format!("ask for: {}", missing::what(field, key)),
        Why::Unclear => "what is stated does not settle it".to_owned(),
        Why::Approximate(Some(true)) => "seems to fit; the line says more".to_owned(),
        Why::Approximate(Some(false)) => "may not fit; the line says more".to_owned(),
        Why::Approximate(None) => "the line says more than was read".to_owned(),
        Why::Title => "only the title speaks of a course: ask".to_owned(),
        Why::Cohort => "may be meant for another cohort".to_owned(),
        _ => reason::reason(point, demand, patient),
    }
}

fn tests(blocks: &mut Vec<Block>, brief: &Brief<'_>) {
    if brief.missing.is_empty() {
        return;
    }
    let rows = brief.missing.iter().take(TESTS).map(|one| {
        let studies = one.studies.iter();
        let numbers = studies
            .filter_map(|asking| Some(brief.matchers.get(asking.study)?.study().study.nct_number));
        let numbers: Vec<NctNumber> = numbers.collect();
        let only = one.studies.iter().filter(|asking| asking.only).count();
        let only = if only == 0 {
            String::new()
        } else {
            format!(" (the only missing fact in {only})")
        };
        vec![
            text(missing::what(one.field, one.key)),
            text(format!("{}{only}", one.studies.len())),
            few(brief, &numbers),
        ]
    });
    let mut rows: Vec<Vec<Line>> = rows.collect();
    let more = brief.missing.len().saturating_sub(TESTS);
    if more > 0 {
        rows.push(vec![
            text(format!("and {more} more")),
            Vec::new(),
            Vec::new(),
        ]);
    }
    blocks.push(Block::Table(Table {
        caption: "Missing tests and facts, the most decisive first".to_owned(),
        head: vec!["Test or fact", "Studies that ask", "Which"],
        groups: vec![RowGroup {
            heading: Vec::new(),
            rows,
        }],
    }));
}

/// The first few of a list, and how many more.
fn few(brief: &Brief<'_>, all: &[NctNumber]) -> Line {
    const FEW: usize = 4;
    let mut line = Vec::new();
    for (at, number) in all.iter().take(FEW).enumerate() {
        if at > 0 {
            line.push(Span::Text(", ".to_owned()));
        }
        line.push(brief.link(*number));
    }
    let more = all.len().saturating_sub(FEW);
    if more > 0 {
        line.push(Span::Text(format!(" and {more} more")));
    }
    line
}

fn washouts(blocks: &mut Vec<Block>, brief: &Brief<'_>, patient: &Patient, studies: &[&Kept<'_>]) {
    let mut rows: Vec<Vec<Line>> = Vec::new();
    for one in studies {
        for (point, demand) in one.washouts() {
            let Some(found) = Washout::of(point, demand, patient) else {
                continue;
            };
            let until = match found.until {
                Some(until) => Span::Day(until.to_string()),
                None if !found.counts => Span::Text("may count: ask".to_owned()),
                None => {
                    Span::Text("cannot be told: the date of the last dose is missing".to_owned())
                }
            };
            rows.push(vec![
                vec![brief.number(one)],
                text(found.drug()),
                quote(demand, QUOTE),
                text(found.time()),
                vec![until],
            ]);
        }
    }
    if rows.is_empty() {
        return;
    }
    blocks.push(Block::Table(Table {
        caption: "Washouts: the first day on which the time that a study asks for would be over"
            .to_owned(),
        head: vec![
            "Study",
            "Treatment",
            rule_head(studies),
            "Time without it",
            "Over on",
        ],
        groups: vec![RowGroup {
            heading: Vec::new(),
            rows,
        }],
    }));
    blocks.push(Block::Alarm(NOBODY_STOPS.to_owned()));
}

/// Without a patient: what the studies are.
fn at_a_glance(brief: &Brief<'_>, studies: &[&Kept<'_>]) -> Table {
    let rows = studies.iter().map(|kept| {
        let one = kept.study();
        vec![
            vec![brief.number(kept)],
            text(format!(
                "{}, phase {}",
                words::product(one),
                words::phases(&one.study)
            )),
            text(ages(&one.study)),
            text(format!(
                "{}; EDSS {}",
                words::courses(one),
                words::edss(one)
            )),
            text(words::where_open(&one.study, brief.here).join("; ")),
        ]
    });
    Table {
        caption: "The studies at a glance".to_owned(),
        head: vec![
            "Study",
            "Product, target, phase",
            "Age",
            "Course, EDSS",
            "Where",
        ],
        groups: vec![RowGroup {
            heading: Vec::new(),
            rows: rows.collect(),
        }],
    }
}

fn ages(study: &Study) -> String {
    let bounds = &study.eligibility;
    match (&bounds.min_age, &bounds.max_age) {
        (Some(min), Some(max)) => format!("{min} to {max}"),
        (Some(min), None) => format!("from {min}"),
        (None, Some(max)) => format!("up to {max}"),
        (None, None) => "no bounds".to_owned(),
    }
}

fn contacts(brief: &Brief<'_>, studies: &[&Kept<'_>]) -> Table {
    let rows = studies.iter().map(|one| {
        let study = &one.study().study;
        let mut whom: Line = Vec::new();
        for line in whom_to_ask(brief, study) {
            if !whom.is_empty() {
                whom.push(Span::Text("; ".to_owned()));
            }
            whom.extend(line);
        }
        if whom.is_empty() {
            whom = text("Nobody is named here: see the registry.");
        }
        vec![vec![brief.number(one)], text(nearest(brief, study)), whom]
    });
    Table {
        caption: "Whom to call".to_owned(),
        head: vec!["Study", "Nearest site, by what the record says", "Contact"],
        groups: vec![RowGroup {
            heading: Vec::new(),
            rows: rows.collect(),
        }],
    }
}
