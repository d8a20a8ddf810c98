//! Nothing fits: which choice left nothing, and the same search without it.

use maud::{Markup, html};

use crate::render::Listing;
use crate::render::html::site::Fields;

/// Choices that can be taken back one by one, each by the fields that make it.
pub const DROPPABLE: [&[&str]; 8] = [
    &["region", "country"],
    &["open-here"],
    &["phase"],
    &["status"],
    &["target"],
    &["cell-source"],
    &["within"],
    &["updated-since"],
];

/// A search that finds something: the same without some fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// The fields that are left out.
    pub dropped: &'static [&'static str],
    /// Trials that it finds.
    pub count: usize,
}

/// Returns what was asked, without some fields and without what is empty. Without a status, closed trials are
/// asked for too.
pub fn without(asked: &Fields, dropped: &[&str]) -> Vec<(String, String)> {
    let kept = asked.iter();
    let kept =
        kept.filter(|(name, value)| !value.trim().is_empty() && !dropped.contains(&name.as_str()));
    let mut kept: Vec<(String, String)> = kept.cloned().collect();
    if dropped.contains(&"status") {
        kept.push(("status".to_owned(), "all".to_owned()));
    }
    kept
}

/// Says what left nothing, and leads on.
pub(super) fn nothing(asked: &Fields, listing: &Listing<'_>, ways: &[Way]) -> Markup {
    let emptied = listing.funnel.iter().position(|step| step.remaining == 0);
    let before = emptied.and_then(|at| listing.funnel.get(at.checked_sub(1)?));
    let emptied = emptied.and_then(|at| listing.funnel.get(at));
    html! {
        h2 id="found" { "No trial fits" }
        @match (emptied, before) {
            (Some(step), Some(before)) => p {
                "The choice of " strong { (choice(step.step)) } " left none of the " (before.remaining) " trials that were there before it."
            },
            _ => p { "The data hold no trial at all." },
        }
        ul.ways {
            @for way in ways {
                li {
                    a href=(address(asked, way.dropped)) {
                        "Without the choice of " (choice(way.dropped.first().copied().unwrap_or_default()))
                        ": " (way.count) @if way.count == 1 { " trial" } @else { " trials" }
                    }
                }
            }
            @if ways.is_empty() && !listing.way_out.is_empty() {
                li { a href=(address(asked, &fields(listing.way_out))) { "Without the choices of " (all(listing.way_out)) } }
            }
            li { a href="/" { "Start again" } }
        }
    }
}

/// A step of the funnel, or a field, as the choice that somebody made.
fn choice(name: &str) -> &'static str {
    match name {
        "region" | "country" => "place",
        "open_here" | "open-here" => "open there now",
        "phase" => "phase",
        "status" => "open trials only",
        "target" => "target",
        "cell_source" | "cell-source" => "source of the cells",
        "within" => "distance",
        "updated_since" | "updated-since" => "news since a day",
        "limit" => "how many",
        "therapy" => "CAR-T cells",
        "condition" => "MS",
        _ => "that kind",
    }
}

fn all(steps: &[&str]) -> String {
    steps
        .iter()
        .map(|step| choice(step))
        .collect::<Vec<_>>()
        .join(" and ")
}

/// The fields that make steps of the funnel.
fn fields(steps: &[&'static str]) -> Vec<&'static str> {
    let made = steps.iter().flat_map(|step| {
        let own = step.replace('_', "-");
        let group = DROPPABLE.iter().find(|group| group.contains(&own.as_str()));
        group.copied().unwrap_or_default()
    });
    made.copied().collect()
}

fn address(asked: &Fields, dropped: &[&str]) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(without(asked, dropped));
    format!("/?{}", query.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_dropped_and_what_is_empty_goes() {
        let asked = [
            ("region", "uk"),
            ("phase", "4"),
            ("near", " "),
            ("country", "France"),
        ];
        let asked: Vec<(String, String)> = asked
            .iter()
            .map(|(a, b)| ((*a).to_owned(), (*b).to_owned()))
            .collect();
        assert_eq!(address(&asked, &["region", "country"]), "/?phase=4");
        assert_eq!(
            address(&asked, &["status"]),
            "/?region=uk&phase=4&country=France&status=all"
        );
        assert_eq!(
            fields(&["open_here", "region"]),
            ["open-here", "region", "country"]
        );
    }
}
