//! What was found: a card a trial, and what each choice left.

use maud::{Markup, html};

use super::way::{self, Way};
use super::{funnel, query_of};
use crate::classify::{Classified, Relevance};
use crate::place;
use crate::render::html::site::{Fields, Frame, badges, words_used};
use crate::render::{Listing, explain, plain, words};
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
                @if frame.reach.takes_facts() {
                    p { a href="/me" { "Tell your situation" } " to see what seems to fit, and what to ask." }
                }
                p { a href={ "/map" (query_of(asked)) } { "See where they are, on a map" } }
                ul.cards { @for one in listing.studies { (card(asked, listing, one)) } }
            }
            @if let Some(words) = words::distances(listing.filters) { p { (one_line(&words)) } }
            (funnel::list(listing))
            (words_used(&terms_of(listing)))
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
                div { dt { "Cells" } " " dd { (cells(one)) } }
                div { dt { "Is it about MS?" } " " dd { (about_ms(one.ms.relevance)) } }
                div { dt { "Kind of MS" } " " dd { (courses(one)) } }
                div { dt { "EDSS limit" } " " dd { (edss(one)) } }
                div { dt { "Record last changed" } " " dd { (updated.map_or("not stated".to_owned(), |date| date.to_string())) } }
            }
        }
    }
}

/// What is given, and what it aims at.
fn cells(one: &Classified) -> String {
    let label = &one.cell_therapy;
    let class = label
        .class
        .map_or("engineered cells", |class| class.label());
    let name = label.product.as_deref().unwrap_or(class);
    let aim = if label.targets.is_empty() {
        "the record does not say what they aim at".to_owned()
    } else {
        format!("they aim at cells with {}", label.targets.join(" and "))
    };
    one_line(&format!("{name}: {aim}"))
}

/// What the study has to do with MS, in words that stand alone.
fn about_ms(relevance: Relevance) -> &'static str {
    match relevance {
        Relevance::Primary => "yes, MS is its main disease",
        Relevance::Basket => "MS is one of several diseases",
        Relevance::CriteriaOnly => "MS is named in its rules only",
        Relevance::FollowUp => "it follows people who were treated in a trial before",
        Relevance::Excluded => "no, it rules out people with MS",
        Relevance::None => "no",
    }
}

/// Kinds of MS in full words; a record that names none may take any.
fn courses(one: &Classified) -> String {
    match one.courses().as_slice() {
        [] => "none is named: ask".to_owned(),
        named => plain::courses(named),
    }
}

fn edss(one: &Classified) -> String {
    match one.criteria.edss() {
        (None, None) => "not read: see the rules".to_owned(),
        _ => words::edss(one),
    }
}

/// The words of all cards in which terms of the field stand.
fn terms_of(listing: &Listing<'_>) -> String {
    let of = |one: &Classified| {
        [
            cells(one),
            courses(one),
            "EDSS".to_owned(),
            explain::phases(&one.study),
        ]
        .join("; ")
    };
    listing
        .studies
        .iter()
        .map(|one| of(one))
        .collect::<Vec<_>>()
        .join("\n")
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
