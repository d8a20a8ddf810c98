//! The first page: what to ask for, and the trials that fit, a card each.

use maud::{Markup, html};

use super::{Fields, Frame, Wrong, choice, errors, input, value};
use crate::classify::Classified;
use crate::geo::Region;
use crate::place;
use crate::render::{Listing, words};
use crate::text::{one_line, shorten};

/// Phases as they are asked for, and what they are.
const PHASES: [(&str, &str); 5] = [
    ("early1", "Early phase 1: the very first people"),
    ("1", "Phase 1: is it safe, and at which dose?"),
    ("2", "Phase 2: does it seem to work?"),
    ("3", "Phase 3: does it work better than what there is?"),
    ("4", "Phase 4: after approval"),
];

const STATUSES: [(&str, &str); 3] = [
    ("open", "Open, or about to open"),
    ("recruiting", "Taking people in now"),
    ("all", "All, closed ones too"),
];

const ORDERS: [(&str, &str); 4] = [
    ("relevance", "MS first, then where it is open"),
    ("distance", "The nearest first"),
    ("updated", "The newest news first"),
    ("phase", "The highest phase first"),
];

/// Characters of a title on a card.
const TITLE: usize = 200;

/// Renders the form with what was asked, and under it what was found; nothing is found where something is wrong.
pub fn find(
    frame: &Frame<'_>,
    asked: &Fields,
    listing: Option<&Listing<'_>>,
    wrong: &[Wrong],
) -> String {
    let main = html! {
        (errors(wrong))
        (form(asked))
        @if let Some(listing) = listing { (results(frame, asked, listing)) }
    };
    frame.page("CAR-T trials for multiple sclerosis", None, &main)
}

fn form(asked: &Fields) -> Markup {
    html! {
        form.find method="get" action="/" {
            h2 { "What are you looking for?" }
            fieldset {
                legend { "Where can you travel?" }
                p.hint { "Choose none to see all. Trials that have not named a place yet are always shown." }
                @for region in Region::ALL {
                    (tick(asked, "region", region.as_str(), region.label()))
                }
                (tick(asked, "open-here", "true", "Only trials that take people in there now, or whose site does not say"))
            }
            (input(asked, "near", "Your city", "For example Leeds. To tell how far each trial is. It goes to this program and no further."))
            (input(asked, "within", "How far, in kilometres?", "Needs your city. Leave it empty to see all."))
            details open[is_filled(asked)] {
                summary { "More choices" }
                (input(asked, "country", "Countries", "For example Germany, France"))
                fieldset {
                    legend { "Phase" }
                    p.hint { "A trial with two phases fits both. A trial that names none fits no phase." }
                    @for (phase, words) in PHASES { (tick(asked, "phase", phase, words)) }
                }
                (choice(asked, "status", "Is the trial open?", "", &STATUSES))
                (input(asked, "target", "Target of the cells", "For example CD19. Trials that do not say stay."))
                (choice(asked, "sort", "Order", "", &ORDERS))
            }
            button type="submit" { "Find trials" }
        }
    }
}

/// Says whether something was asked for that stands behind "More choices".
fn is_filled(asked: &Fields) -> bool {
    let hidden = ["country", "phase", "target"];
    let usual = |name: &str, usual: &str| [usual, ""].contains(&value(asked, name));
    hidden.iter().any(|name| !value(asked, name).is_empty())
        || !usual("status", "open")
        || !usual("sort", "relevance")
}

/// A box to tick.
fn tick(asked: &Fields, name: &str, own: &str, label: &str) -> Markup {
    let id = format!("f-{name}-{own}");
    let given = asked.iter().filter(|(asked, _)| asked == name);
    let mut given = given.flat_map(|(_, value)| value.split(','));
    html! {
        div.tick {
            input type="checkbox" id=(id) name=(name) value=(own) checked[given.any(|value| value.trim() == own)];
            " " label for=(id) { (label) }
        }
    }
}

fn results(frame: &Frame<'_>, asked: &Fields, listing: &Listing<'_>) -> Markup {
    let count = listing.studies.len();
    html! {
        section aria-labelledby="found" {
            @if count == 0 {
                (nothing(asked, listing))
            } @else {
                h2 id="found" { (count) @if count == 1 { " trial" } @else { " trials" } }
                @if frame.takes_facts {
                    p { a href="/me" { "Tell your situation" } " to see what seems to fit, and what to ask." }
                }
                ul.cards { @for one in listing.studies { (card(asked, listing, one)) } }
            }
            @if let Some(words) = words::distances(listing.filters) { p { (one_line(&words)) } }
            (funnel(listing))
        }
    }
}

/// How many each filter left, so that nothing disappears unseen.
fn funnel(listing: &Listing<'_>) -> Markup {
    html! {
        h3 { "What each choice left" }
        ol.funnel {
            @for step in listing.funnel { li { (step.step.replace('_', " ")) " " (step.remaining) } }
        }
        p.hint { "Open: a site there takes people in now. “Ask the site”: the record does not say." }
    }
}

fn nothing(asked: &Fields, listing: &Listing<'_>) -> Markup {
    let emptied = listing.funnel.iter().position(|step| step.remaining == 0);
    let before = emptied.and_then(|at| listing.funnel.get(at.checked_sub(1)?));
    html! {
        h2 id="found" { "No trial fits" }
        @if let (Some(step), Some(before)) = (emptied.and_then(|at| listing.funnel.get(at)), before) {
            p { "The choice “" (step.step.replace('_', " ")) "” left none of the " (before.remaining) " that were there before it." }
        } @else {
            p { "The data hold no trial at all." }
        }
        ul {
            @if !listing.way_out.is_empty() {
                li {
                    a href=(without(asked, listing.way_out)) {
                        "Search again without: " (listing.way_out.join(", ").replace('_', " "))
                    }
                }
            }
            li { a href="/" { "Start again" } }
        }
    }
}

/// The address that asks the same but for the filters of some steps of the funnel.
fn without(asked: &Fields, steps: &[&str]) -> String {
    let is_dropped = |name: &str| {
        steps.iter().any(|step| match *step {
            "region" | "country" => ["region", "country"].contains(&name),
            step => step.replace('_', "-") == name,
        })
    };
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in asked {
        if !value.is_empty() && !is_dropped(name) {
            query.append_pair(name, value);
        }
    }
    if steps.contains(&"status") {
        query.append_pair("status", "all");
    }
    format!("/?{}", query.finish())
}

fn card(asked: &Fields, listing: &Listing<'_>, one: &Classified) -> Markup {
    let study = &one.study;
    let near = value(asked, "near");
    let mut link = format!("/study/{}", study.nct_number);
    if !near.is_empty() {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("near", near);
        link.push('?');
        link.push_str(&query.finish());
    }
    let km = (listing.filters.near).and_then(|from| place::nearest_km(study, from));
    let updated = study.status.last_update_posted;
    html! {
        li.card {
            h3 { a href=(link) { (shorten(&study.name(), TITLE)) } }
            p { span.number { (study.nct_number) } " · phase " (words::phases(study)) " · " (words::study_status(study)) }
            ul.where {
                @for line in words::where_open(study, &listing.filters.places) { li { (one_line(&line)) } }
                @if let Some(km) = km { li { "nearest site: about " (listing.unit.distance(km)) } }
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
