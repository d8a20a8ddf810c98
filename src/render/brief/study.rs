//! A page on one study: what it is, who it is for, which of its rules seem to
//! fit, what joining involves, where to go, and its page in the registry.

use super::neurologist::mark;
use super::sites::{self, contact, ranked, where_it_is};
use super::{Brief, Kept, page_of, quote, title};
use crate::matching::{Answer, Demand, Point, Test, Why};
use crate::patient::Patient;
use crate::place::SiteState;
use crate::provenance::Source;
use crate::render::paper::{Block, Line, ListKind, Page, PageKind, Span, text};
use crate::render::plain::{Reading, Summary, Told};
use crate::render::reason::{self, NOBODY_STOPS};
use crate::render::{detail, missing, words};
use crate::study::{PartialDate, Sex, Study};
use crate::text::{one_line, shorten};

/// Characters of a study's own summary.
const SUMMARY: usize = 500;

/// Rules of a kind that the page shows; the neurologist's page names the others.
const RULES: usize = 8;

/// Sentences on whom it is for that stand before the patient's own rules: age, sex, course, score.
const WHO: usize = 4;

/// Characters of a quote.
const QUOTE: usize = 150;

/// Sites that the page shows.
const SITES: usize = 3;

/// Makes the page.
pub(super) fn page(brief: &Brief<'_>, one: &Kept<'_>) -> Page {
    let study = &one.study().study;
    let mut page = page_of(
        &Page::id_of(study.nct_number),
        PageKind::Study,
        format!("{}: {}", study.nct_number, title(one.study())),
    );
    let summary = one.summary();
    let blocks = &mut page.blocks;
    blocks.push(Block::Address(study.nct_number));
    if !sites::may_be_open(study) {
        blocks.push(Block::Alarm(format!(
            "This study takes nobody in now: {}.",
            words::study_status(study)
        )));
    }
    if let Some(verdict) = one.verdict() {
        blocks.push(Block::Text(vec![verdict]));
    }
    what_it_is(blocks, brief.listing.source, one);
    let most = brief.patient.map_or(usize::MAX, |_| WHO);
    who(blocks, summary, study, most);
    match brief.patient {
        Some(patient) => my_rules(blocks, one, patient),
        None => bars(blocks, summary),
    }
    joining(blocks, summary);
    places(blocks, brief, study);
    page
}

fn heading(blocks: &mut Vec<Block>, words: &str) {
    blocks.push(Block::Heading(words.to_owned()));
}

fn what_it_is(blocks: &mut Vec<Block>, source: &Source, one: &Kept<'_>) {
    let (study, classified) = (&one.study().study, one.study());
    heading(blocks, "What it is");
    if let Some(summary) = &study.summary {
        blocks.push(Block::Text(vec![Span::Quote(shorten(summary, SUMMARY))]));
    }
    let sponsor = study.sponsor.as_ref().and_then(|one| one.name.as_deref());
    let people = study.enrollment.as_ref().and_then(|info| info.count);
    let facts = [
        ("Status", words::study_status(study)),
        ("Phase", words::phases(study)),
        ("Product and target", words::product(classified)),
        ("Cells", detail::cells(classified)),
        ("Disease", classified.ms.relevance.label().to_owned()),
        (
            "Sponsor",
            sponsor.map_or("not stated".to_owned(), |name| shorten(name, 100)),
        ),
        (
            "People in all",
            people.map_or("not stated".to_owned(), |count| count.to_string()),
        ),
    ];
    let facts = facts.map(|(name, value)| (name.to_owned(), text(shorten(&value, 200))));
    blocks.push(Block::Pairs(
        facts.into_iter().chain(dates(source, study)).collect(),
    ));
}

fn told(all: &[Told]) -> Block {
    let items = all
        .iter()
        .map(|one| vec![text(format!("{} [{}]", one.words, one.sources.join(", ")))]);
    Block::List(ListKind::Plain, items.collect())
}

fn who(blocks: &mut Vec<Block>, summary: &Summary, study: &Study, most: usize) {
    heading(blocks, "Who it is for");
    match summary.reading {
        Reading::Missing => blocks.push(Block::Alarm(
            "The record here does not give the rules for joining. Read them in the registry.".to_owned(),
        )),
        Reading::Unread => blocks.push(Block::Alarm(
            "This program could not read the rules of this study. Read them in the registry."
                .to_owned(),
        )),
        Reading::Read { full, partly, not } => blocks.push(Block::Text(text(format!(
            "A computer read the rules: {full} in full, {partly} in part, {not} not at all. A mark such as [I1] names the rule. “(ask)” means that the rule says more."
        )))),
    }
    if !summary.who.is_empty() {
        blocks.push(told(summary.who.get(..most).unwrap_or(&summary.who)));
    }
    if !summary.not_told.is_empty() && matches!(summary.reading, Reading::Read { .. }) {
        blocks.push(Block::Text(text(format!(
            "Not found by this program (the rules may still say it): {}.",
            summary.not_told.join("; ")
        ))));
    }
    if study.eligibility.text.is_none() && summary.who.is_empty() {
        blocks.push(Block::Text(text("Ask the study team who can join.")));
    }
}

/// Without a profile: what rules people out.
fn bars(blocks: &mut Vec<Block>, summary: &Summary) {
    if !matches!(summary.reading, Reading::Read { .. }) {
        return;
    }
    heading(blocks, "What rules people out");
    if summary.bars.is_empty() {
        blocks.push(Block::Text(text(
            "Nothing was found by this program. That does not mean that there is nothing.",
        )));
    }
    for (group, all) in &summary.bars {
        blocks.push(Block::Group((*group).to_owned()));
        blocks.push(told(all));
    }
}

/// With a profile: the rules by what they come to.
fn my_rules(blocks: &mut Vec<Block>, one: &Kept<'_>, patient: &Patient) {
    let mut met = one.points(|point| point.answer == Answer::Met);
    forget_fields(&mut met);
    let against = one.points(|point| {
        point.answer == Answer::NotMet
            || matches!(
                point.why,
                Why::Washout { counts: true, .. } | Why::Approximate(Some(false))
            )
    });
    let is_against = |point: &Point| against.iter().any(|(other, _)| *other == point);
    let mut open = one.points(|point| {
        point.is_open()
            && !is_against(point)
            // Said above, once.
            && point.why != Why::NoText
    });
    open.sort_by_key(|(point, _)| reason::urgency(point));
    for (name, points) in [
        ("Rules you may not meet", &against),
        ("Ask about these rules", &open),
        ("Rules you seem to meet", &met),
    ] {
        if points.is_empty() {
            continue;
        }
        heading(blocks, name);
        let items = points
            .iter()
            .take(RULES)
            .map(|(point, demand)| vec![rule(point, demand, patient)]);
        blocks.push(Block::List(ListKind::Plain, items.collect()));
        let more = points.len().saturating_sub(RULES);
        if more > 0 {
            blocks.push(Block::Text(text(format!(
                "And {more} more: read the rules in the registry."
            ))));
        }
    }
    let with_site = one.points(|point| point.answer == Answer::Site);
    if !with_site.is_empty() {
        blocks.push(Block::Text(text(
            "The site will also talk with you about consent, birth control, veins or vaccines.",
        )));
    }
}

/// A field of the record that says what a rule in the text says too, or nothing, is no line of its own.
fn forget_fields(met: &mut Vec<(&Point, &Demand<'_>)>) {
    let said = |kind: &str| {
        met.iter()
            .any(|(_, demand)| demand.fact().is_some() && demand.kind() == Some(kind))
    };
    let (age, sex) = (said("age"), said("sex"));
    met.retain(|(_, demand)| match demand.test {
        Test::Age { min, max } => !age && (min.is_some() || max.is_some()),
        Test::Sex(asked) => !sex && !matches!(asked, None | Some(Sex::All)),
        _ => true,
    });
}

/// A rule in plain words, what was told about it, and its own words.
fn rule(point: &Point, demand: &Demand<'_>, patient: &Patient) -> Line {
    let words = match point.why {
        Why::Missing(field, key) => {
            format!(
                "{} You did not tell: {}. ",
                reason::asked(demand),
                missing::what(field, key)
            )
        }
        Why::Unread => "The program could not read this line, or not all of it. ".to_owned(),
        _ => format!("{} ", reason::reason(point, demand, patient)),
    };
    let mut line = vec![Span::Mark(mark(point), words)];
    line.extend(quote(demand, QUOTE));
    line
}

fn joining(blocks: &mut Vec<Block>, summary: &Summary) {
    heading(blocks, "What joining involves");
    if summary.joining.is_empty() {
        blocks.push(Block::Text(text(
            "The parts of the record that this program reads do not say. Ask the study team.",
        )));
    } else {
        blocks.push(told(&summary.joining));
    }
    if summary.stops_treatment {
        blocks.push(Block::Alarm(NOBODY_STOPS.to_owned()));
    }
}

fn places(blocks: &mut Vec<Block>, brief: &Brief<'_>, study: &Study) {
    heading(blocks, "Where, and whom to ask");
    let all = ranked(brief, study);
    let (open, closed): (Vec<_>, Vec<_>) =
        all.iter().partition(|one| one.state != SiteState::Closed);
    if all.is_empty() {
        blocks.push(Block::Text(text("Sites are not announced.")));
    }
    let mut items: Vec<Vec<Line>> = Vec::new();
    for one in open.iter().take(SITES) {
        let mut line = text(where_it_is(brief, one));
        for person in one.site.contacts.iter().take(2) {
            line.push(Span::Text("; ".to_owned()));
            line.extend(contact(person));
        }
        items.push(vec![line]);
    }
    for person in study.contacts.iter().take(2) {
        let mut line = vec![Span::Text("Central contact: ".to_owned())];
        line.extend(contact(person));
        items.push(vec![line]);
    }
    if !items.is_empty() {
        blocks.push(Block::List(ListKind::Plain, items));
    }
    let more = open.len().saturating_sub(SITES);
    if more + closed.len() > 0 {
        blocks.push(Block::Text(text(format!(
            "Other sites: {more} that are open, may be or will be; {} closed.",
            closed.len()
        ))));
    }
}

fn dates(source: &Source, study: &Study) -> Vec<(String, Line)> {
    let date = |date: Option<PartialDate>| {
        vec![date.map_or(Span::Text("not stated".to_owned()), |date| {
            Span::Day(date.to_string())
        })]
    };
    let mut pairs = vec![
        ("Start".to_owned(), date(study.status.start)),
        (
            "Main results expected".to_owned(),
            date(study.status.primary_completion),
        ),
        (
            "Last update".to_owned(),
            date(study.status.last_update_posted),
        ),
    ];
    if let Some(words) = detail::copied(source, study) {
        pairs.push(("Record as of".to_owned(), text(words)));
    }
    if let Some(why) = &study.status.why_stopped {
        pairs.push(("Why stopped".to_owned(), text(shorten(&one_line(why), 200))));
    }
    pairs
}
