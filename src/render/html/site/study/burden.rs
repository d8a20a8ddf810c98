//! What joining involves, as a card: each thing with the words that it was read from.

use maud::{Markup, html};

use crate::burden;
use crate::classify::Classified;
use crate::render::detail::criteria::NEVER_STOP;
use crate::render::html::shell::alarmed;
use crate::render::plain::Summary;
use crate::text::one_line;

/// What a reader will look for, by the kind that tells it.
const LOOKED_FOR: [(&str, &str); 8] = [
    ("leukapheresis", "how cells are taken"),
    ("lymphodepletion", "chemotherapy before the cells"),
    ("inpatient_days", "days in hospital"),
    ("stay_near_site_days", "a stay near the site"),
    ("visits", "how many visits"),
    ("follow_up_months", "how long people are followed"),
    ("lumbar_puncture", "a lumbar puncture"),
    ("washout", "drugs to be stopped first"),
];

/// Renders the card.
pub(super) fn card(one: &Classified, summary: &Summary) -> Markup {
    let found = burden::read(one);
    let missing: Vec<&str> = (LOOKED_FOR.iter())
        .filter(|(kind, _)| !found.iter().any(|one| one.kind == *kind))
        .map(|(_, words)| *words)
        .collect();
    html! {
        section.burden aria-labelledby="joining" {
            h2 id="joining" { "What joining involves" }
            @if summary.joining.is_empty() {
                p { "The parts of the record that this program reads do not say. Ask the study team." }
            } @else {
                ul {
                    @for told in &summary.joining {
                        li { (one_line(&told.words)) " " span.read-from { "Read from: " (one_line(&told.sources.join(", "))) } }
                    }
                }
            }
            @if !missing.is_empty() {
                p { "Not found by this program (the trial may still ask it): " (missing.join("; ")) ". Ask the study team." }
            }
            @if summary.stops_treatment { (alarmed(NEVER_STOP)) }
        }
    }
}
