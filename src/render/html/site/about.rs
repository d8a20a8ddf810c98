//! What the pages are, and what they are not.

use maud::html;

use super::Frame;
use crate::text::one_line;

/// Renders what the pages are, where the data come from, and how far to trust them. `studies` are held.
pub fn about(frame: &Frame<'_>, studies: usize) -> String {
    let source = frame.source;
    let main = html! {
        section aria-labelledby="what" {
            h2 id="what" { "What this is" }
            p { "It finds clinical trials of CAR-T cell therapy for multiple sclerosis (MS), tells where each one is open, and reads what it asks of a patient." }
            p { "It is information to discuss with a neurologist. It is not medical advice. Only a trial's team can decide who may join." }
            p { "It never says that somebody can join. What is not known stays not known, and is never taken for a “no”." }
        }
        section aria-labelledby="data" {
            h2 id="data" { "The data" }
            dl {
                div { dt { "Trials held" } " " dd { (studies) } }
                div { dt { "Kind of source" } " " dd { (source.kind.as_str()) } }
                div { dt { "Processed by the registry" } " " dd { (source.registry_timestamp.as_deref().map_or("not stated".to_owned(), one_line)) } }
                div { dt { "Read" } " " dd { (one_line(&source.retrieved_at)) } }
                div { dt { "Read whole" } " " dd { (if source.is_complete() { "yes" } else { "no: trials may be missing" }) } }
            }
            p { "The data were read when the program was started. To read them again, start it again." }
            p {
                "Trial records: " a href="https://clinicaltrials.gov" { "ClinicalTrials.gov" }
                ". Places: " a href="https://www.geonames.org" { "GeoNames" } " ("
                a href="https://creativecommons.org/licenses/by/4.0/" { "CC BY 4.0" } ")."
            }
        }
        section aria-labelledby="privacy" {
            h2 id="privacy" { "Your facts" }
            p { "What you tell about a patient goes to this program only. It is not stored, not logged, not sent on, and never part of an address." }
            p { "The program asks no name, no address and no date of birth." }
        }
        section aria-labelledby="limits" {
            h2 id="limits" { "How far to trust it" }
            p { "A program reads the rules of the trials. It can be wrong. Every statement about a rule shows the words of that rule." }
            p { "Where a rule is not understood, it says so, and you must read it. A trial can open or close a site before its record says so: call the site." }
            p { "No doctor has gone through what it says about patients." }
        }
    };
    frame.page("About", None, &main)
}
