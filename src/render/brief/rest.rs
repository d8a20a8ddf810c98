//! What is left to say: what rules out, what is closed or far, what next, where
//! it all comes from, and the words that were used.

use super::patient::{FIRST, listed};
use super::{Brief, Kept, LONG_QUOTE, Lost, lost_words, page_of, quote, short_title, title};
use crate::classify::Classified;
use crate::matching::Answer;
use crate::patient::Patient;
use crate::place;
use crate::provenance::{Source, SourceKind};
use crate::render::Listing;
use crate::render::paper::{Block, Line, ListKind, Mark, Page, PageKind, Paper, Span, text};
use crate::render::{reason, washout, words};
use crate::terminology::PlainWords;
use crate::text::one_line;

/// Studies of the short list that are named; the others are counted.
const NAMED: usize = 25;

/// Makes the page.
pub(super) fn page(brief: &Brief<'_>) -> Page {
    let mut page = page_of(
        "other-trials",
        PageKind::Rest,
        "Other trials, and what next",
    );
    let blocks = &mut page.blocks;
    more(blocks, brief);
    if let Some(patient) = brief.patient {
        ruled_out(blocks, brief, patient);
    }
    closed_or_far(blocks, brief);
    what_next(blocks, brief);
    origin(blocks, brief);
    page
}

/// The trials that may fit and did not find room on the first page.
fn more(blocks: &mut Vec<Block>, brief: &Brief<'_>) {
    let rest: Vec<&Kept<'_>> = brief.fitting().skip(FIRST).collect();
    if rest.is_empty() {
        return;
    }
    blocks.push(Block::Heading("More trials".to_owned()));
    listed(blocks, brief, rest);
}

fn ruled_out(blocks: &mut Vec<Block>, brief: &Brief<'_>, patient: &Patient) {
    let out = brief.ruled_out();
    if out.is_empty() {
        return;
    }
    blocks.push(Block::Heading(
        "Trials that seem to be ruled out".to_owned(),
    ));
    blocks.push(Block::Text(text(
        "A rule of each of these seems not to fit what you told. The program can be wrong, and rules can change: show your neurologist.",
    )));
    let items = out.into_iter().map(|one| against(brief, one, patient));
    blocks.push(Block::List(ListKind::RuledOut, items.collect()));
}

/// A study that seems to be ruled out, with the words of each rule that does.
fn against(brief: &Brief<'_>, one: &Kept<'_>, patient: &Patient) -> Vec<Line> {
    let mut lines = vec![vec![
        brief.number(one),
        Span::Text(" ".to_owned()),
        Span::Strong(title(one.study())),
    ]];
    for (point, demand) in one.points(|point| point.answer == Answer::NotMet) {
        let words = format!("{} ", reason::reason(point, demand, patient));
        let mut line = vec![Span::Mark(Mark::Against, words)];
        line.extend(quote(demand, LONG_QUOTE));
        lines.push(line);
    }
    let near = one
        .found
        .and_then(|found| Some((found, found.near_miss.as_ref()?)));
    if let Some((found, near)) = near {
        let date = near.date.map_or(String::new(), |date| format!(" ({date})"));
        lines.push(text(format!(
            "Only this one rule stands in the way; it may change: {}{}{date}.",
            near.change,
            washout::beside(found)
        )));
    }
    lines
}

fn closed_or_far(blocks: &mut Vec<Block>, brief: &Brief<'_>) {
    let all = brief.elsewhere.iter();
    let all: Vec<_> = all.filter(|(_, lost)| *lost != Lost::FollowUp).collect();
    if all.is_empty() {
        return;
    }
    let lost = lost_words(all.iter().map(|(_, lost)| *lost));
    let mut heading = lost.clone();
    // The first letter of the words is ASCII.
    if let Some(first) = heading.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    blocks.push(Block::Heading(heading));
    let items = all
        .iter()
        .take(NAMED)
        .map(|(one, lost)| vec![short(one, &why(brief, one, *lost))]);
    blocks.push(Block::List(ListKind::Plain, items.collect()));
    let more = all.len().saturating_sub(NAMED);
    if more > 0 {
        blocks.push(Block::Text(text(format!(
            "And {more} more that are {lost}."
        ))));
    }
}

/// A study in one line.
fn short(one: &Classified, why: &str) -> Line {
    vec![
        Span::Registry(one.study.nct_number),
        Span::Text(format!(" {} — {why}", short_title(one))),
    ]
}

fn why(brief: &Brief<'_>, one: &Classified, lost: Lost) -> String {
    let study = &one.study;
    match lost {
        Lost::Status => words::study_status(study),
        Lost::NoSiteHere => {
            let there: Vec<&str> = place::regions(study)
                .keys()
                .map(|one| one.label())
                .collect();
            format!("no site where you asked; sites: {}", there.join(", "))
        }
        Lost::NotOpenHere => "no site there takes people in now".to_owned(),
        Lost::TooFar => {
            let near = brief.listing.filters.near;
            let km = near.and_then(|near| place::nearest_km(study, near));
            km.map_or("farther than you asked".to_owned(), |km| {
                format!(
                    "the nearest site is about {} away",
                    brief.listing.unit.distance(km)
                )
            })
        }
        Lost::Closed => "all its sites are closed".to_owned(),
        Lost::FollowUp => one.ms.relevance.label().to_owned(),
        Lost::TooMany => "beyond the number of studies that you asked for".to_owned(),
    }
}

fn what_next(blocks: &mut Vec<Block>, brief: &Brief<'_>) {
    blocks.push(Block::Heading("What next".to_owned()));
    let follow_up: Vec<Vec<Line>> = (brief.elsewhere.iter())
        .filter(|(_, lost)| *lost == Lost::FollowUp)
        .map(|(one, _)| vec![short(one, &words::study_status(&one.study))])
        .collect();
    if !follow_up.is_empty() {
        blocks.push(Block::Group(
            "Long-term follow-up, for people who were treated in a trial before".to_owned(),
        ));
        blocks.push(Block::List(ListKind::Plain, follow_up));
    }
    let sisters = sisters(brief);
    if !sisters.is_empty() {
        blocks.push(Block::Group("Other trials of the same product".to_owned()));
        blocks.push(Block::List(ListKind::Plain, sisters));
    }
    blocks.push(Block::Group("Look again".to_owned()));
    blocks.push(Block::Text(text(
        "Trials open and close each month. This command lists what was changed since today:",
    )));
    // Where distances are counted from is a fact about the patient: it stays out of what is typed.
    // The registry is asked, whatever this paper was made from: a snapshot never changes.
    let live = Source {
        kind: SourceKind::Live,
        ..brief.listing.source.clone()
    };
    let listing = Listing {
        source: &live,
        ..*brief.listing
    };
    let command = words::command_without(&listing, &["within"]);
    blocks.push(Block::Command(format!(
        "{command} --updated-since {}",
        brief.listing.today
    )));
}

/// For each study with a page, the other studies of its product.
fn sisters(brief: &Brief<'_>) -> Vec<Vec<Line>> {
    let everything: Vec<&Classified> = (brief.kept.iter().map(Kept::study))
        .chain(brief.elsewhere.iter().map(|(one, _)| *one))
        .collect();
    let mut seen: Vec<&str> = Vec::new();
    let mut lines = Vec::new();
    for one in brief.with_page().map(Kept::study) {
        let Some(product) = name(one).filter(|product| !seen.contains(product)) else {
            continue;
        };
        seen.push(product);
        let mut line = text(format!("{}: ", one_line(product)));
        let others = everything
            .iter()
            .filter(|other| name(other) == Some(product));
        let others: Vec<_> = others.map(|one| one.study.nct_number).collect();
        if others.len() < 2 {
            continue;
        }
        for (at, number) in others.into_iter().enumerate() {
            if at > 0 {
                line.push(Span::Text(", ".to_owned()));
            }
            line.push(Span::Registry(number));
        }
        lines.push(vec![line]);
    }
    lines
}

/// The usual name of a study's product.
fn name(one: &Classified) -> Option<&str> {
    let label = &one.cell_therapy;
    label.product_names.first().map(String::as_str)
}

fn origin(blocks: &mut Vec<Block>, brief: &Brief<'_>) {
    blocks.push(Block::Heading("Where this comes from".to_owned()));
    let steps: Vec<String> = (brief.listing.funnel.iter())
        .map(|step| format!("{} {}", step.step, step.remaining))
        .collect();
    blocks.push(Block::Text(text(format!(
        "Studies left by each step: {}. Of these, {} are only listed, and {} were looked at.",
        steps.join(" > "),
        brief.elsewhere.len(),
        brief.kept.len()
    ))));
    blocks.push(Block::Text(text(one_line(
        &brief.listing.source.attribution(),
    ))));
}

/// The page that explains the words of the others, if they use any.
pub(super) fn glossary(pages: &[Page]) -> Option<Page> {
    let words = Paper::own_words(pages);
    let terms = PlainWords::embedded().terms_in(&words);
    if terms.is_empty() {
        return None;
    }
    let items = terms.into_iter().map(|one| {
        vec![vec![
            Span::Strong(one.term.clone()),
            Span::Text(format!(": {}", one.gloss)),
        ]]
    });
    let mut page = page_of("words", PageKind::Rest, "Words used here");
    page.blocks
        .push(Block::List(ListKind::Terms, items.collect()));
    Some(page)
}
