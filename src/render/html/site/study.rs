//! One study: everything that `show` tells.

use maud::{Markup, html};

use super::Frame;
use crate::classify::Classified;
use crate::render::Listing;
use crate::render::detail::{self, Piece};
use crate::render::html::shell::alarmed;
use crate::text::{one_line, safe, shorten};

/// Characters of a title: the registry takes no more than 300.
const TITLE: usize = 300;

/// Renders a study.
pub fn study(frame: &Frame<'_>, listing: &Listing<'_>, one: &Classified) -> String {
    let name = shorten(&one.study.name(), TITLE);
    let title = format!("{}: {name}", one.study.nct_number);
    // The frame tells the title and what must be seen first.
    let told = detail::page(listing, one);
    let warnings = listing.source.warnings(listing.today).len();
    let mut pieces = told.into_iter().skip(1 + warnings).peekable();
    let mut parts: Vec<Markup> = Vec::new();
    while let Some(piece) = pieces.next() {
        parts.push(match piece {
            Piece::Title(words) | Piece::Text(words) => html! { p { (safe(&words)) } },
            Piece::Heading(words) => html! { h2 { (one_line(&words)) } },
            Piece::Group(words) => html! { h3 { (one_line(&words)) } },
            Piece::Warning(words) => alarmed(&words),
            Piece::Fact(name, value) => {
                let mut facts = vec![(name, value)];
                while let Some(Piece::Fact(name, value)) =
                    pieces.next_if(|next| matches!(next, Piece::Fact(..)))
                {
                    facts.push((name, value));
                }
                pairs(&facts)
            }
            Piece::Item { depth, mark, text } => {
                let mut items = vec![(depth, mark, text)];
                while let Some(Piece::Item { depth, mark, text }) =
                    pieces.next_if(|next| matches!(next, Piece::Item { .. }))
                {
                    items.push((depth, mark, text));
                }
                list(&items)
            }
        });
    }
    let main = html! {
        @for part in &parts { (part) }
        p { "The whole record: " a href=(one.study.url()) { (one.study.url()) } }
    };
    frame.page(&title, Some("study"), &main)
}

fn pairs(facts: &[(&str, String)]) -> Markup {
    html! {
        dl {
            @for (name, value) in facts { div { dt { (name) } " " dd { (one_line(value)) } } }
        }
    }
}

/// A list; how deep an item lies is a class, for a list in a list needs an item around it.
fn list(items: &[(usize, String, String)]) -> Markup {
    html! {
        ul.pieces {
            @for (depth, mark, text) in items {
                li class={ "depth-" ((*depth).min(4)) } {
                    @if mark != "·" { span.mark { (one_line(mark)) } " " }
                    (one_line(text))
                }
            }
        }
    }
}
