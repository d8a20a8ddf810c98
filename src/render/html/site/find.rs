//! The first page: what to ask for, and the trials that fit, a card each.

mod funnel;
mod results;
mod way;

pub use way::{DROPPABLE, Way, without};

use maud::{Markup, html};

use super::form::Form;
use super::{Fields, Frame, Reach, Wrong};
use crate::geo::Region;
use crate::render::{Listing, explain};
use crate::study::Phase;
use crate::text::one_line;

/// Phases as they are asked for.
const PHASES: [(&str, Phase); 6] = [
    ("early1", Phase::Early1),
    ("1", Phase::Phase1),
    ("2", Phase::Phase2),
    ("3", Phase::Phase3),
    ("4", Phase::Phase4),
    ("na", Phase::NotApplicable),
];

const SOURCES: [(&str, &str); 4] = [
    ("", "Any"),
    ("autologous", "The patient's own cells"),
    ("allogeneic", "A donor's cells"),
    ("in-vivo", "Cells that are made in the body"),
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

/// Fields that stand in the form, by what they are called there.
const LABELS: [(&str, &str); 11] = [
    ("region", "Where can you travel?"),
    ("open-here", "Only trials that take people in there now"),
    ("near", "Your city"),
    ("within", "How far?"),
    ("country", "Countries"),
    ("phase", "Phase"),
    ("status", "Is the trial open?"),
    ("target", "Target of the cells"),
    ("cell-source", "Whose cells?"),
    ("updated-since", "News since"),
    ("sort", "Order"),
];

/// Renders the form with what was asked, and under it what was found; nothing is found where something is wrong.
/// `ways` lead on where nothing fits.
pub fn find(
    frame: &Frame<'_>,
    asked: &Fields,
    listing: Option<&Listing<'_>>,
    ways: &[Way],
    wrong: &[Wrong],
) -> String {
    let main = html! {
        (filters_of(frame.reach, "/", asked, wrong))
        @if let Some(listing) = listing { (results::section(frame, asked, listing, ways)) }
    };
    frame.page("CAR-T trials for multiple sclerosis", None, &main)
}

/// The form with what was asked, and before it what is wrong; `action` is the page that answers.
pub(super) fn filters_of(reach: Reach, action: &str, asked: &Fields, wrong: &[Wrong]) -> Markup {
    let form = Form { told: asked, wrong };
    let label = |name: &str| {
        let found = LABELS.iter().find(|(own, _)| *own == name);
        found.map(|(_, label)| (*label).to_owned())
    };
    html! {
        (form.errors(label))
        @for one in wrong { (choices(action, asked, one)) }
        (fields(reach, action, form))
    }
}

/// Links that ask the same with one of the words that can be used in place of a wrong one.
fn choices(action: &str, asked: &Fields, wrong: &Wrong) -> Markup {
    let Some(field) = wrong.field.as_deref().filter(|_| !wrong.choices.is_empty()) else {
        return html! {};
    };
    let with = |choice: &String| {
        let mut all = without(asked, &[field]);
        all.push((field.to_owned(), choice.clone()));
        format!("{action}{}", query_of(&all))
    };
    html! {
        section.choices aria-labelledby="choices" {
            h2 id="choices" { "Which one do you mean?" }
            ul { @for choice in &wrong.choices { li { a href=(with(choice)) { (one_line(choice)) } } } }
        }
    }
}

/// What was asked, as the end of an address: nothing where nothing was.
pub(super) fn query_of(asked: &Fields) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(without(asked, &[]));
    let query = query.finish();
    if query.is_empty() {
        query
    } else {
        format!("?{query}")
    }
}

fn fields(reach: Reach, action: &str, form: Form<'_>) -> Markup {
    html! {
        form.find method="get" action=(action) {
            h2 { "What are you looking for?" }
            (group(form, "region", "Where can you travel?", "Choose none to see all. Trials that have not named a place yet are always shown.", &html! {
                @for region in Region::ALL {
                    (tick(form, "region", region.as_str(), region.label()))
                }
                (tick(form, "open-here", "true", "Only trials that take people in there now, or whose site does not say"))
            }))
            // A home is a fact about somebody: it is asked for only where nobody on the way reads it.
            @if reach.takes_facts() {
                (form.input("near", "Your city", &format!("For example Leeds. To tell how far each trial is. {}", reach.of_city())))
                (form.input("within", "How far, in kilometres?", "Needs your city. Leave it empty to see all."))
            }
            details open[is_filled(form)] {
                summary { "More choices" }
                (form.input("country", "Countries", "For example Germany, France"))
                (group(form, "phase", "Phase", "A trial with two phases fits both. A trial that names none fits no phase.", &html! {
                    @for (word, phase) in &PHASES { (tick(form, "phase", word, explain::phase(phase))) }
                }))
                (form.choice("status", "Is the trial open?", "", &STATUSES))
                (form.input("target", "Target of the cells", "For example CD19. Trials that do not say stay."))
                (form.choice("cell-source", "Whose cells?", "Trials that do not say stay.", &SOURCES))
                (form.input("updated-since", "News since", "A year, a month or a day, such as 2026 or 2026-06-01. Trials without a date stay."))
                (form.choice("sort", "Order", "", &ORDERS))
            }
            button type="submit" { "Find trials" }
        }
    }
}

/// Boxes that belong together.
fn group(form: Form<'_>, name: &str, legend: &str, hint: &str, boxes: &Markup) -> Markup {
    html! {
        fieldset id=(super::form::id(name)) {
            legend { (legend) }
            p.hint { (hint) }
            (form.fault(name))
            (boxes)
        }
    }
}

/// Says whether something behind "More choices" was asked for, or is wrong.
fn is_filled(form: Form<'_>) -> bool {
    let hidden = ["country", "phase", "target", "cell-source", "updated-since"];
    let usual = |name: &str, usual: &str| [usual, ""].contains(&form.value(name));
    hidden.iter().any(|name| !form.value(name).is_empty())
        || !usual("status", "open")
        || !usual("sort", "relevance")
}

/// A box to tick.
fn tick(form: Form<'_>, name: &str, own: &str, label: &str) -> Markup {
    let id = format!("f-{name}-{own}");
    let given = form.told.iter().filter(|(asked, _)| asked == name);
    let mut given = given.flat_map(|(_, value)| value.split(','));
    html! {
        div.tick {
            input type="checkbox" id=(id) name=(name) value=(own) checked[given.any(|value| value.trim() == own)];
            " " label for=(id) { (label) }
        }
    }
}
