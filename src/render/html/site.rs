//! Pages of the server: the same words as on paper and in a terminal, with forms and links between them.
//! They need no script, and fetch one stylesheet.

mod about;
mod clinic;
mod find;
mod situation;
mod study;

pub use about::about;
pub use clinic::{clinic, screened};
pub use find::find;
pub use situation::{MOST_TREATMENTS, brief, situation};
pub use study::study;

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::LazyLock;

use maud::{DOCTYPE, Markup, html};

use super::shell::{STYLE, alarmed};
use crate::provenance::Source;
use crate::render::detail::DISCLAIMER;
use crate::text::{one_line, safe};

/// Where the stylesheet is. What stands behind `?` changes with it, so that a browser may keep it.
static STYLE_URL: LazyLock<String> = LazyLock::new(|| {
    let mut hash = DefaultHasher::new();
    stylesheet().hash(&mut hash);
    format!("/style.css?{:x}", hash.finish())
});

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
    /// Whether pages that take facts about a patient are offered.
    pub takes_facts: bool,
}

/// Something that is wrong with what was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// The field, if it is known, by its name in the form.
    pub field: Option<String>,
    /// What is wrong, and what is allowed.
    pub what: String,
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
                        p { (DISCLAIMER) " This is not medical advice." }
                        p { (one_line(&self.source.attribution())) }
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
                    @if self.takes_facts {
                        li { a href="/me" { "My situation" } }
                        li { a href="/clinic" { "For a clinic" } }
                    }
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

/// A list of what is wrong, before a form.
fn errors(wrong: &[Wrong]) -> Markup {
    html! {
        @if !wrong.is_empty() {
            section.errors aria-labelledby="errors" {
                h2 id="errors" { "Please look at this again" }
                ul {
                    @for one in wrong {
                        li {
                            @if let Some(field) = &one.field { strong { (one_line(field)) ": " } }
                            (safe(&one.what))
                        }
                    }
                }
            }
        }
    }
}

/// The last value that a form gave to a field; empty where none.
fn value<'a>(fields: &'a Fields, name: &str) -> &'a str {
    let found = fields.iter().rev().find(|(own, _)| own == name);
    found.map_or("", |(_, value)| value.as_str())
}

/// A name as an id: letters, digits and hyphens.
fn id(name: &str) -> String {
    format!("f-{}", name.replace(['.', '_'], "-"))
}

/// A line to fill in.
fn input(fields: &Fields, name: &str, label: &str, hint: &str) -> Markup {
    let (id, hint_id) = (id(name), format!("{}-hint", id(name)));
    html! {
        div.field {
            label for=(id) { (label) }
            @if !hint.is_empty() { p.hint id=(hint_id) { (hint) } }
            input type="text" id=(id) name=(name) value=(safe(value(fields, name))) autocomplete="off"
                aria-describedby=[(!hint.is_empty()).then_some(hint_id)];
        }
    }
}

/// A choice of one; the first choice is the usual one.
fn choice(fields: &Fields, name: &str, label: &str, hint: &str, all: &[(&str, &str)]) -> Markup {
    let (id, hint_id) = (id(name), format!("{}-hint", id(name)));
    let chosen = value(fields, name);
    html! {
        div.field {
            label for=(id) { (label) }
            @if !hint.is_empty() { p.hint id=(hint_id) { (hint) } }
            select id=(id) name=(name) aria-describedby=[(!hint.is_empty()).then_some(hint_id)] {
                @for (value, words) in all {
                    option value=(value) selected[*value == chosen] { (words) }
                }
            }
        }
    }
}
