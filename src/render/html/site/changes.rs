//! What changed since a day, as the digest tells it.

use maud::{Markup, html};

use super::form::Form;
use super::{Fields, Frame, Wrong};
use crate::render::changes::{BY_PROGRAM, Log, Told, heading, told};

/// Studies that are shown at most.
const MOST: usize = 200;

const TITLE: &str = "What changed";

/// Renders what changed. `since` is the first day (`YYYY-MM-DD`); without a log only the form is shown, with what
/// is wrong with it.
pub fn changes(
    frame: &Frame<'_>,
    asked: &Fields,
    log: Option<(&str, &Log<'_>)>,
    wrong: &[Wrong],
) -> String {
    let form = Form { told: asked, wrong };
    let main = html! {
        (form.errors(|name| (name == "since").then(|| "Since which day?".to_owned())))
        p { "What changed in CAR-T trials that concern MS: new trials, sites that opened or closed, new rules, new dates." }
        form method="get" action="/changes" {
            (form.input("since", "Since which day?", "For example 2026-06-20, or 2026-06 for a month. Left empty: the last 30 days."))
            button type="submit" { "Show" }
        }
        @if let Some((since, log)) = log { (found(since, log)) }
    };
    frame.page(TITLE, None, &main)
}

fn found(since: &str, log: &Log<'_>) -> Markup {
    let all = told(log);
    let more = all.len().saturating_sub(MOST);
    html! {
        section.changes aria-labelledby="found" {
            h2 id="found" { (heading(log)) }
            @if all.is_empty() {
                p { "Nothing was seen to change. What changed before the first day that is kept here, or after the data were last read, is not known." }
            }
            @for one in all.iter().take(MOST) { (study(one)) }
            @if more > 0 { p { "And " (more) " trials more: ask for a later day." } }
            p { "To be told of changes by a feed reader: " a href={ "/changes.atom?since=" (since) } { "these changes as a feed (Atom)" } "." }
        }
    }
}

fn study(one: &Told) -> Markup {
    let link = if one.is_gone {
        format!("https://clinicaltrials.gov/study/{}", one.number)
    } else {
        format!("/study/{}", one.number)
    };
    html! {
        h3 { a href=(link) { span.number { (one.number) } } " " (one.title) }
        p.noticed { (one.noticed) }
        ul {
            @for words in &one.of_record { li { (words) } }
            @if !one.of_program.is_empty() {
                li {
                    (BY_PROGRAM) ":"
                    ul { @for words in &one.of_program { li { (words) } } }
                }
            }
        }
    }
}

/// Renders that no changes are kept here, and how to have them.
pub fn no_changes(frame: &Frame<'_>) -> String {
    let main = html! {
        p { "There is no record of changes here. The program can only tell what changed between two days on which it read the whole registry and kept what it read." }
        p { "Each trial's page tells when its record was last updated, and the registry keeps the history of each record." }
        h2 { "For who runs this page" }
        p { "Run " code { "trialbrief sync" } " now and then, for example once a week: the second run is the first that can see a change. Then start the page again." }
        p { a href="/" { "Find trials" } }
    };
    frame.page(TITLE, None, &main)
}
