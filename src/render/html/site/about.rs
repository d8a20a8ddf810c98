//! What the pages are, and what they are not.

use maud::{Markup, html};

use super::{Frame, Reach};
use crate::provenance::day;
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
                div { dt { "Processed by the registry" } " " dd { (source.registry_timestamp.as_deref().map_or("not stated".to_owned(), |at| one_line(day(at)))) } }
                div { dt { "Read" } " " dd { (one_line(day(&source.retrieved_at))) } }
                div { dt { "Read whole" } " " dd { (if source.is_complete() { "yes" } else { "no: trials may be missing" }) } }
            }
            p { (frame.freshness.words()) }
            p {
                "Trial records: " a href="https://clinicaltrials.gov" { "ClinicalTrials.gov" }
                ". Places: " a href="https://www.geonames.org" { "GeoNames" } " ("
                a href="https://creativecommons.org/licenses/by/4.0/" { "CC BY 4.0" } ")."
            }
        }
        section aria-labelledby="method" {
            h2 id="method" { "How rules are read" }
            p { "Each line of a trial's rules is looked through for things that trials ask: age, kind of MS, EDSS, relapses, treatments, infections, blood values, and more. What is found becomes a fact with its number, and the words that it was read from." }
            p { "A patient's answers are then put against those facts. A trial is called unlikely only where a whole line is understood and an answer certainly does not fit it. Everything else is a question to ask." }
            h3 { "What is not read" }
            p { "Lines that hold something else, or that are put in a way that the program does not know, stay as text and count as “ask”. Rules in another language than English are not read. Papers, leaflets and web pages of hospitals are not read: only the registry's record is." }
        }
        (measured())
        section aria-labelledby="privacy" {
            h2 id="privacy" { "Your facts" }
            (privacy(frame.reach))
            p { "If you tick “Remember my answers”, they are kept in this browser, on your device, until you forget them there. Others who use this browser can read them." }
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

/// What becomes of what somebody tells, as these pages are served.
fn privacy(reach: Reach) -> Markup {
    html! {
        @if reach.takes_facts() {
            p { "What you tell about a patient goes to this program only. It is not stored, not logged, not sent on, and never part of an address." }
            p { "The city that you search from is another matter: " (reach.of_city()) }
        } @else {
            p { "This page is not encrypted: others could read on the way what you send. So it asks for no facts about a patient, and for no city of yours." }
            p { "What you choose in the search (regions, countries, phases) stands in the address of the page." }
        }
    }
}

/// A figure of `accuracy.tsv`: how often the program agreed with a person.
#[derive(Debug, PartialEq)]
struct Figure {
    /// What was compared.
    what: &'static str,
    /// Answers that agree, and all.
    right: u32,
    all: u32,
    /// When it was last measured.
    date: &'static str,
    /// By what.
    how: &'static str,
}

/// The figures of the table; a row that cannot be read is left out, which a test rules out.
fn figures() -> Vec<Figure> {
    let rows = include_str!("../../../data/accuracy.tsv").lines();
    let rows = rows.filter(|row| !row.starts_with('#')).skip(1);
    let figures = rows.filter_map(|row| {
        let cells: Vec<&'static str> = row.split('\t').collect();
        let [what, right, all, date, how] = cells.try_into().ok()?;
        Some(Figure {
            what,
            right: right.parse().ok()?,
            all: all.parse().ok()?,
            date,
            how,
        })
    });
    figures.collect()
}

/// Figures in a table, with what they were measured on.
fn measured() -> Markup {
    html! {
        section.accuracy aria-labelledby="accuracy" {
            h2 id="accuracy" { "How often it was right" }
            p { "A person read trials and made-up patients, and wrote the answers down before the program was asked." }
            div.scroll role="region" tabindex="0" aria-label="Answers that agree with a person's" {
                table {
                    caption { "Answers that agree with a person's" }
                    thead { tr { th scope="col" { "What was compared" } th scope="col" { "Agree" } th scope="col" { "Measured" } th scope="col" { "How" } } }
                    tbody {
                        @for one in figures() {
                            tr {
                                th scope="row" { (one.what) }
                                td { (parted(one.right)) " of " (parted(one.all)) " (" (format!("{:.1}", share(&one))) " %)" }
                                td { span.day { (one.date) } }
                                td { (one.how) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn share(one: &Figure) -> f64 {
    f64::from(one.right) / f64::from(one.all.max(1)) * 100.0
}

/// A number with its thousands parted.
fn parted(number: u32) -> String {
    match number {
        0..=999 => number.to_string(),
        _ => format!("{},{:03}", parted(number / 1000), number % 1000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_a_figure() {
        let rows = include_str!("../../../data/accuracy.tsv").lines();
        let rows = rows.filter(|row| !row.starts_with('#')).count() - 1;
        assert_eq!(figures().len(), rows);
        for one in figures() {
            assert!(one.right <= one.all && one.all > 0);
            assert!(one.date.parse::<crate::study::PartialDate>().is_ok());
        }
        assert_eq!(parted(1_004_621), "1,004,621");
    }
}
