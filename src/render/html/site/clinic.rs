//! A table of patients against the trials.

use maud::html;

use super::form::Form;
use super::{Frame, Wrong};
use crate::matching::Matcher;
use crate::render::html::screen;

/// Renders the form for a table of patients; at most `most` of them.
pub fn clinic(frame: &Frame<'_>, most: usize, wrong: &[Wrong]) -> String {
    let main = html! {
        (Form { told: &[], wrong }.errors(|_| None))
        p { "Give a table of patients. You get each patient against each open trial: what fits, what to ask, what seems to rule a trial out, with the words of the rule." }
        p { "The table is a CSV with a header. Its columns are the fields of a patient, all of them optional: "
            code { (crate::patient::FIELDS.join(",")) } ". At most " (most) " patients." }
        p { strong { "Use a code for each patient, never a name." } " Nothing is stored, logged or sent on." }
        form method="post" action="/clinic" enctype="multipart/form-data" {
            div.field {
                label for="f-file" { "A CSV file" }
                input type="file" id="f-file" name="file" accept=".csv,text/csv";
            }
            div.field {
                label for="f-table" { "Or paste the rows" }
                p.hint id="f-table-hint" { "For example: id,age,edss,ms_course on the first line, then P-07,47,6,spms" }
                textarea id="f-table" name="table" rows="8" autocomplete="off" aria-describedby="f-table-hint" {}
            }
            button type="submit" { "Put them against the trials" }
        }
    };
    frame.page("Patients and trials", None, &main)
}

/// Renders patients by studies, or where `turned` studies by patients. `table` is what was sent, to be sent again;
/// `wrong` are rows that could not be used.
pub fn screened(
    frame: &Frame<'_>,
    matchers: &[Matcher<'_>],
    all: &[screen::Found<'_>],
    (table, turned): (&str, bool),
    wrong: &[Wrong],
) -> String {
    let main = html! {
        (Form { told: &[], wrong }.errors(|_| None))
        @if !wrong.is_empty() { p { "These rows were left out. The others are below." } }
        form.tools method="post" action="/clinic" {
            input type="hidden" name="table" value=(table);
            button type="submit" name="as" value="csv" { "Save as a CSV" }
            @if turned {
                " " button type="submit" { "Show a row for each patient" }
            } @else {
                " " button type="submit" name="as" value="turned" { "Show the patients of each trial" }
            }
        }
        @if turned { (screen::by_study(matchers, all)) } @else { (screen::table(matchers, all)) }
        p { a href="/clinic" { "Another table" } }
    };
    frame.page("Patients and trials", Some("panel"), &main)
}
