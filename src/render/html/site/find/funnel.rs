//! How many each filter left, in words, so that nothing disappears unseen.

use maud::{Markup, html};

use crate::geo::Region;
use crate::place::Place;
use crate::render::{Listing, words};
use crate::select::{Filters, FunnelStep, StatusFilter};
use crate::text::{one_line, shorten};

/// Renders the steps, each with what it left.
pub(super) fn list(listing: &Listing<'_>) -> Markup {
    html! {
        h3 { "What each choice left" }
        ol.funnel {
            @for (at, step) in listing.funnel.iter().enumerate() {
                li {
                    @if at > 0 { span aria-hidden="true" { "→ " } }
                    (step.remaining) " " (one_line(&left(listing.filters, step)))
                }
            }
        }
        p.hint { "“Open” means: a site there takes people in now. “Ask the site”: the record does not say." }
    }
}

/// What the studies that a step left have in common.
fn left(filters: &Filters, step: &FunnelStep) -> String {
    match step.step {
        "retrieved" => "trials read".to_owned(),
        "therapy" => "of CAR-T cells or the like".to_owned(),
        "condition" => "that concern MS".to_owned(),
        "status" => status(&filters.status),
        "phase" => "of the phase".to_owned(),
        "region" | "country" => format!("with a site in {}, or no site named yet", places(filters)),
        "open_here" => "that take people in there now, or do not say".to_owned(),
        "target" => format!(
            "that aim at {}, or do not say",
            shorten(&filters.targets.join(" or "), 60)
        ),
        "cell_source" => "of that source of cells, or that do not say".to_owned(),
        "within" => format!(
            "within {} km, or with a place that is not known",
            words::shown(filters.within_km)
        ),
        "updated_since" => format!(
            "with news since {}, or without a date",
            words::shown(filters.updated_since)
        ),
        "limit" => "shown, the first of them".to_owned(),
        other => other.replace('_', " "),
    }
}

fn status(asked: &StatusFilter) -> String {
    match asked {
        StatusFilter::Open => "open or about to open, or of a status that is not known".to_owned(),
        StatusFilter::Recruiting => "taking people in, or of a status that is not known".to_owned(),
        StatusFilter::All => "open or closed".to_owned(),
        StatusFilter::Listed(_) => "of the status".to_owned(),
    }
}

/// The asked places in words.
pub(super) fn places(filters: &Filters) -> String {
    let names = filters.places.iter().map(|place| match place {
        Place::Region(Region::Us) => "the US",
        Place::Region(Region::Uk) => "the UK",
        Place::Region(region) => region.label(),
        Place::Country(country) => country.name(),
    });
    names.collect::<Vec<_>>().join(" or ")
}
