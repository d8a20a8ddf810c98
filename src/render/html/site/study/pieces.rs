//! Pieces of a page as HTML.

use maud::{Markup, html};

use crate::render::detail::Piece;
use crate::render::html::shell::alarmed;
use crate::text::{one_line, safe};

/// Renders pieces; those of a kind that stand together make one list.
pub(super) fn all(pieces: Vec<Piece>) -> Markup {
    let mut pieces = pieces.into_iter().peekable();
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
    html! { @for part in &parts { (part) } }
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
