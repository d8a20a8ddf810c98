//! One study: first what it is and whom it is for in plain words, then the days, the places, the rules as they stand.

mod burden;
mod pieces;
mod places;
mod timeline;

use maud::{Markup, html};

use super::{Frame, badges, explained};
use crate::classify::Classified;
use crate::render::Listing;
use crate::render::detail::{self, Piece, criteria};
use crate::render::explain;
use crate::render::plain::Summary;
use crate::study::Study;
use crate::terminology::Term;
use crate::text::{safe, shorten};

/// Characters of a title: the registry takes no more than 300.
const TITLE: usize = 300;

/// Renders a study.
pub fn study(frame: &Frame<'_>, listing: &Listing<'_>, one: &Classified) -> String {
    let study = &one.study;
    let name = shorten(&study.name(), TITLE);
    let title = format!("{}: {name}", study.nct_number);
    let summary = Summary::of(one);
    let main = html! {
        (in_short(listing, one))
        (part(|page| criteria::in_plain_words(page, one, &summary)))
        (burden::card(one, &summary))
        (timeline::section(one, listing.today))
        (places::section(frame.reach, listing, study))
        (part(|page| detail::contacts(page, study)))
        (part(|page| { criteria::verbatim(page, one); }))
        (glossary(one, &summary))
        @if let Some(words) = &study.summary {
            section aria-labelledby="about" {
                h2 id="about" { "In the words of the record" }
                p { (safe(words)) }
            }
        }
        details {
            summary { "What the labels were read from" }
            (part_below(|page| detail::labels(page, one)))
        }
        section aria-labelledby="source" {
            h2 id="source" { "Where this comes from" }
            p { "The whole record: " a href=(study.url()) { (study.url()) } }
            @if let Some(words) = detail::copied(listing.source, study) { p { "This copy is the record as of " (words) "." } }
        }
    };
    frame.page(&title, Some("study"), &main)
}

/// Pieces that the terminal shows too.
fn part(add: impl FnOnce(&mut Vec<Piece>)) -> Markup {
    let mut page = Vec::new();
    add(&mut page);
    pieces::all(page)
}

/// The same without its heading, which stands around it.
fn part_below(add: impl FnOnce(&mut Vec<Piece>)) -> Markup {
    let mut page = Vec::new();
    add(&mut page);
    page.retain(|piece| !matches!(piece, Piece::Heading(_)));
    pieces::all(page)
}

/// What somebody wants to know first: where it is open, what stage it is at, what is given.
fn in_short(listing: &Listing<'_>, one: &Classified) -> Markup {
    let study = &one.study;
    html! {
        section aria-labelledby="short" {
            h2 id="short" { "In short" }
            (badges(study, &listing.filters.places))
            ul.meanings {
                li { (status(study)) }
                li { (explain::phases(study)) }
            }
            (part(|page| detail::overview(page, listing.source, one)))
        }
    }
}

/// The status and what it means.
fn status(study: &Study) -> String {
    format!(
        "{}: {}",
        crate::render::words::study_status(study),
        explain::status(study)
    )
}

/// The terms of the field that stand on the page, for whom they are new.
fn glossary(one: &Classified, summary: &Summary) -> Markup {
    let mut terms: Vec<&Term> = summary.terms();
    terms.extend(criteria::more_terms(one, &terms));
    terms.sort_by_key(|term| term.term.to_lowercase());
    explained(&terms)
}
