//! What was found: a card a trial, and what each choice left.

use maud::{Markup, html};

use super::way::{self, Way};
use super::{funnel, query_of};
use crate::classify::Classified;
use crate::place;
use crate::render::html::site::{Fields, Frame, badges};
use crate::render::{Listing, explain, words};
use crate::text::{one_line, shorten};

/// Characters of a title on a card.
const TITLE: usize = 200;

/// Renders cards, or why there are none.
pub(super) fn section(
    frame: &Frame<'_>,
    asked: &Fields,
    listing: &Listing<'_>,
    ways: &[Way],
) -> Markup {
    let count = listing.studies.len();
    html! {
        section aria-labelledby="found" {
            @if count == 0 {
                (way::nothing(asked, listing, ways))
            } @else {
                h2 id="found" { (count) @if count == 1 { " trial" } @else { " trials" } }
                @if frame.takes_facts {
                    p { a href="/me" { "Tell your situation" } " to see what seems to fit, and what to ask." }
                }
                p { a href={ "/map" (query_of(asked)) } { "See where they are, on a map" } }
                ul.cards { @for one in listing.studies { (card(asked, listing, one)) } }
            }
            @if let Some(words) = words::distances(listing.filters) { p { (one_line(&words)) } }
            (funnel::list(listing))
        }
    }
}

fn card(asked: &Fields, listing: &Listing<'_>, one: &Classified) -> Markup {
    let study = &one.study;
    let km = (listing.filters.near).and_then(|from| place::nearest_km(study, from));
    let updated = study.status.last_update_posted;
    html! {
        li.card {
            h3 { a href=(link(asked, one)) { (shorten(&study.name(), TITLE)) } }
            p { span.number { (study.nct_number) } }
            (badges(study, &listing.filters.places))
            @if let Some(km) = km { p { "Nearest site: about " (listing.unit.distance(km)) } }
            ul.meanings {
                li { (words::study_status(study)) ": " (explain::status(study)) }
                li { (explain::phases(study)) }
            }
            dl {
                div { dt { "Cells" } " " dd { (words::product(one)) } }
                div { dt { "About MS" } " " dd { (one.ms.relevance.label()) } }
                div { dt { "Course" } " " dd { (words::courses(one)) } }
                div { dt { "EDSS" } " " dd { (words::edss(one)) } }
                div { dt { "Last news" } " " dd { (updated.map_or("not stated".to_owned(), |date| date.to_string())) } }
            }
        }
    }
}

/// The page of a study, with distances from where they are counted here.
fn link(asked: &Fields, one: &Classified) -> String {
    let mut link = format!("/study/{}", one.study.nct_number);
    let near = asked.iter().rev().find(|(name, _)| name == "near");
    if let Some((name, near)) = near.filter(|(_, near)| !near.is_empty()) {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair(name, near);
        link.push('?');
        link.push_str(&query.finish());
    }
    link
}
