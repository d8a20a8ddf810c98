//! The first page, for the patient: the trials that may fit, by place; what
//! was told; what to ask.

use super::sites::{group, nearest_city, ranked};
use super::{Brief, Kept, Lost, lost_words, page_of, short_title, told};
use crate::geo::Region;
use crate::place::SiteState;
use crate::render::paper::{Block, Line, ListKind, Page, PageKind, Span, text};
use crate::render::words;
use crate::terminology::{Occasion, questions};

/// Trials on this page: what a person reads in one go. The others stand in the last part.
pub(super) const FIRST: usize = 8;

/// Makes the page.
pub(super) fn page(brief: &Brief<'_>) -> Page {
    let mut page = page_of("for-you", PageKind::Patient, "For you");
    page.blocks.push(Block::Text(text(
        "Take this paper to your neurologist. A computer read the records, so it can be wrong. Nothing here says that you can join: only a study team can say that.",
    )));
    trials(&mut page.blocks, brief);
    page.blocks
        .push(Block::Heading("What you told the program".to_owned()));
    told::add(&mut page.blocks, brief.patient);
    told::add_left_out(&mut page.blocks, brief.left_out);
    page.blocks
        .push(Block::Heading("Questions to ask".to_owned()));
    page.blocks
        .push(Block::List(ListKind::Questions, to_ask(brief)));
    page
}

fn trials(blocks: &mut Vec<Block>, brief: &Brief<'_>) {
    let heading = if brief.patient.is_some() {
        "Trials that may fit you"
    } else {
        "Trials for MS"
    };
    blocks.push(Block::Heading(heading.to_owned()));
    let first: Vec<&Kept<'_>> = brief.fitting().take(FIRST).collect();
    if first.is_empty() {
        blocks.push(Block::Alarm(
            "No trial was found that may fit and is open. The last part of this paper lists the others, with the reason.".to_owned(),
        ));
    }
    listed(blocks, brief, first);
    blocks.extend(words::distances(brief.listing.filters).map(|words| Block::Text(text(words))));
    let others = others(brief);
    if !others.is_empty() {
        blocks.push(Block::Text(text(others)));
    }
}

/// Trials by place. Those that a patient could not be put against stand behind the others, under a heading of their own.
pub(super) fn listed(blocks: &mut Vec<Block>, brief: &Brief<'_>, trials: Vec<&Kept<'_>>) {
    let is_unread = |one: &&Kept<'_>| brief.patient.is_some() && one.is_without_rules();
    let (unread, read): (Vec<_>, Vec<_>) = trials.into_iter().partition(is_unread);
    for (heading, items) in by_place(brief, &read) {
        blocks.push(Block::Group(heading));
        blocks.push(Block::List(ListKind::Trials, items));
    }
    if unread.is_empty() {
        return;
    }
    blocks.push(Block::Heading("Rules not readable here: ask".to_owned()));
    for (heading, items) in by_place(brief, &unread) {
        blocks.push(Block::Group(heading));
        blocks.push(Block::List(ListKind::Trials, items));
    }
}

/// Trials in two lines each, under the place where they are open: here first, then the nearest.
fn by_place(brief: &Brief<'_>, trials: &[&Kept<'_>]) -> Vec<(String, Vec<Vec<Line>>)> {
    struct Place {
        key: (u8, Option<Region>, String),
        km: f64,
        items: Vec<Vec<Line>>,
    }
    let mut places: Vec<Place> = Vec::new();
    for one in trials {
        let study = &one.study().study;
        let key = group(brief, study);
        let km = ranked(brief, study).first().and_then(|best| best.km);
        let km = km.unwrap_or(f64::INFINITY);
        let item = item(brief, one);
        match places.iter_mut().find(|own| own.key == key) {
            Some(place) => {
                place.items.push(item);
                place.km = place.km.min(km);
            }
            None => places.push(Place {
                key,
                km,
                items: vec![item],
            }),
        }
    }
    places.sort_by(|a, b| {
        (a.key.0.cmp(&b.key.0))
            .then(a.km.total_cmp(&b.km))
            .then(a.key.1.cmp(&b.key.1))
    });
    places
        .into_iter()
        .map(|one| (one.key.2, one.items))
        .collect()
}

/// A trial in two lines.
fn item(brief: &Brief<'_>, one: &Kept<'_>) -> Vec<Line> {
    let study = &one.study().study;
    let mut second: Line = Vec::new();
    match one.verdict() {
        Some(verdict) => second.push(verdict),
        None => second.push(Span::Text(format!(
            "Phase {}; {}.",
            words::phases(study),
            words::product(one.study())
        ))),
    }
    second.push(Span::Text(format!(" {}", nearest_city(brief, study))));
    vec![
        vec![
            brief.number(one),
            Span::Text(" ".to_owned()),
            Span::Strong(short_title(one.study())),
        ],
        second,
    ]
}

/// How many trials stand in the last part, and why.
fn others(brief: &Brief<'_>) -> String {
    let mut sentences = Vec::new();
    let more = brief.fitting().skip(FIRST).count();
    if more > 0 {
        let trials = if more == 1 { "trial" } else { "trials" };
        sentences.push(format!(
            "{more} more {trials} may fit: see “More trials” in the last part."
        ));
    }
    let out = brief.ruled_out();
    let words = if out.iter().any(|one| one.is_abridged()) {
        "abridged in our own words"
    } else {
        "word for word"
    };
    match out.len() {
        0 => {}
        1 => sentences.push(format!(
            "1 trial seems to be ruled out: the last part gives the rule, {words}."
        )),
        count => sentences.push(format!(
            "{count} trials seem to be ruled out: the last part gives the rules, {words}."
        )),
    }
    let lost = brief.elsewhere.iter().map(|(_, lost)| *lost);
    let lost: Vec<Lost> = lost.filter(|lost| *lost != Lost::FollowUp).collect();
    let why = lost_words(lost.iter().copied());
    match lost.len() {
        0 => {}
        1 => sentences.push(format!("1 more trial is {why}: see the last part.")),
        count => sentences.push(format!("{count} more trials are {why}: see the last part.")),
    }
    sentences.join(" ")
}

fn to_ask(brief: &Brief<'_>) -> Vec<Vec<Line>> {
    let washout = brief
        .fitting()
        .any(|one| !one.washouts().is_empty() || one.summary().stops_treatment);
    let open_here = brief.fitting().any(|one| {
        crate::place::best_state(&one.study().study, brief.here) == Some(SiteState::Open)
    });
    let fits = |when| match when {
        Occasion::Always => true,
        Occasion::Washout => washout,
        Occasion::Away => !open_here || brief.here.is_empty(),
    };
    questions()
        .iter()
        .filter(|one| fits(one.when))
        .map(|one| vec![text(one.words.clone())])
        .collect()
}
