//! Pages of the server: the same words as on paper and in a terminal, with forms and links between them.
//! They are whole without their script, and show themselves with one stylesheet.

mod about;
mod changes;
mod clinic;
mod find;
mod form;
mod frame;
mod map;
mod situation;
mod study;

pub use about::about;
pub use changes::{changes, no_changes};
pub use clinic::{clinic, screened};
pub use find::{DROPPABLE, Way, find, without};
pub use frame::{Freshness, Reach};
pub use map::map;
pub use situation::{MOST_TREATMENTS, brief, brief_as_text, situation};
pub use study::study;

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::LazyLock;

use maud::{DOCTYPE, Markup, html};

use super::shell::{STYLE, alarmed};
use crate::place::{Place, SiteState};
use crate::provenance::Source;
use crate::render::detail::DISCLAIMER;
use crate::render::{explain, words};
use crate::study::Study;
use crate::terminology::{PlainWords, Term};
use crate::text::{one_line, safe};

/// Where the stylesheet is. What stands behind `?` changes with it, so that a browser may keep it.
static STYLE_URL: LazyLock<String> = LazyLock::new(|| {
    let mut hash = DefaultHasher::new();
    stylesheet().hash(&mut hash);
    format!("/style.css?{:x}", hash.finish())
});

/// Where the script is; it may be kept as the stylesheet is.
static SCRIPT_URL: LazyLock<String> = LazyLock::new(|| {
    let mut hash = DefaultHasher::new();
    SCRIPT.hash(&mut hash);
    format!("/site.js?{:x}", hash.finish())
});

/// The script of every page. It only adds: narrowing a list, copying, remembering what somebody asks it to.
pub const SCRIPT: &str = include_str!("site/site.js");

/// Returns the stylesheet of every page.
pub fn stylesheet() -> String {
    format!("{STYLE}{}", include_str!("site/site.css"))
}

/// Names and values as a form sent them, in order.
pub type Fields = [(String, String)];

/// What stands around every page.
#[derive(Debug)]
pub struct Frame<'a> {
    /// What must be seen first: that data are not live, not complete, or old.
    pub alarms: &'a [String],
    /// Where the data come from.
    pub source: &'a Source,
    /// Who can read what is sent; pages that take facts about a patient are offered where nobody can.
    pub reach: Reach,
    /// How the data come to be fresh.
    pub freshness: Freshness,
}

/// Something that is wrong with what was sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wrong {
    /// The field, if it is known, by its name in the form.
    pub field: Option<String>,
    /// What is wrong, and what is allowed.
    pub what: String,
    /// Words of which each could be used in its place; may be empty.
    pub choices: Vec<String>,
}

impl Frame<'_> {
    fn page(&self, title: &str, class: Option<&str>, main: &Markup) -> String {
        let page = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="robots" content="noindex";
                    meta name="color-scheme" content="light dark";
                    title { (safe(title)) " · trialbrief" }
                    link rel="stylesheet" href=(*STYLE_URL);
                    script src=(*SCRIPT_URL) defer {}
                }
                body class=[class] {
                    a.skip href="#main" { "Skip to the contents" }
                    (self.links())
                    header {
                        h1 { (safe(title)) }
                        @for alarm in self.alarms { (alarmed(alarm)) }
                    }
                    main id="main" { (main) }
                    footer.foot {
                        p { (DISCLAIMER) }
                        p { (one_line(&self.source.attribution_in_days())) }
                    }
                }
            }
        };
        page.into_string()
    }

    fn links(&self) -> Markup {
        html! {
            nav.site aria-label="Site" {
                ul {
                    li { a href="/" { "Find trials" } }
                    @if self.reach.takes_facts() {
                        li { a href="/me" { "My situation" } }
                        li { a href="/clinic" { "For a clinic" } }
                    }
                    li { a href="/map" { "Map" } }
                    li { a href="/changes" { "What changed" } }
                    li { a href="/about" { "About" } }
                }
            }
        }
    }
}

/// Renders a page that says why there is no other.
pub fn sorry(frame: &Frame<'_>, title: &str, words: &[String], link: Option<&str>) -> String {
    let main = html! {
        @for line in words { p { (safe(line)) } }
        @if let Some(link) = link { p { a href=(link) { (link) } } }
        p { a href="/" { "Find trials" } }
    };
    frame.page(title, None, &main)
}

/// Where a study is open, a sign and words for each state.
fn badges(study: &Study, places: &[Place]) -> Markup {
    html! {
        ul.where {
            @for (state, words) in words::states(study, places) { li { (badge(state, &one_line(&words))) } }
        }
    }
}

/// The terms of the field that stand in a text, for whom they are new.
fn words_used(text: &str) -> Markup {
    let mut terms = PlainWords::embedded().terms_in(text);
    terms.sort_by_key(|term| term.term.to_lowercase());
    explained(&terms)
}

/// Terms and what they mean, on demand.
fn explained(terms: &[&Term]) -> Markup {
    html! {
        @if !terms.is_empty() {
            h2 { "Words used here" }
            details.glossary {
                summary { (terms.len()) @if terms.len() == 1 { " word and what it means" } @else { " words and what they mean" } }
                dl.terms-explained {
                    @for term in terms { div { dt { (one_line(&term.term)) } " " dd { (one_line(&term.gloss)) } } }
                }
            }
        }
    }
}

/// A state: a sign whose shape tells it, a frame, and words.
fn badge(state: Option<SiteState>, words: &str) -> Markup {
    html! {
        span class=(explain::class(state)) {
            span aria-hidden="true" { (explain::sign(state)) } " " (words)
        }
    }
}
