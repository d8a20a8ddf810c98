//! The profile of a patient as a form, and the handout that it makes.

use maud::{Markup, html};

use super::{Fields, Frame, Wrong, choice, errors, id, input, value};
use crate::patient::{Agent, Analyte, Antibody, Kind, Question, questions};
use crate::render::html::paper;
use crate::render::missing::what;
use crate::render::paper::Paper;
use crate::text::safe;

/// Treatments that the form has room for.
pub const MOST_TREATMENTS: usize = 8;

const YES_NO: [(&str, &str); 3] = [("", "Not known"), ("true", "Yes"), ("false", "No")];

const SEXES: [(&str, &str); 3] = [("", "Not said"), ("female", "Female"), ("male", "Male")];

const COURSES: [(&str, &str); 8] = [
    ("", "Not known"),
    ("rrms", "Relapsing-remitting (RRMS)"),
    ("spms", "Secondary progressive (SPMS)"),
    ("ppms", "Primary progressive (PPMS)"),
    ("rms", "Relapsing, not known which"),
    ("pms", "Progressive, not known which"),
    ("cis", "Clinically isolated syndrome (CIS)"),
    ("ms", "MS, not known which"),
];

const RESULTS: [(&str, &str); 3] = [
    ("", "Not known"),
    ("negative", "Negative"),
    ("positive", "Positive"),
];

const HAD: [(&str, &str); 3] = [("", "Not known"), ("never", "No, never"), ("yes", "Yes")];

const REASONS: [(&str, &str); 5] = [
    ("", "Not known"),
    ("failure", "MS went on"),
    ("intolerance", "It was not borne"),
    ("safety", "A risk became too large"),
    ("other", "Another reason"),
];

/// Renders the form with what was told so far.
pub fn situation(frame: &Frame<'_>, told: &Fields, wrong: &[Wrong]) -> String {
    let main = html! {
        (errors(wrong))
        p { "Answer what you know. Every question may stay open. What you do not answer counts as not known, never as “no”." }
        p { "Your answers go to this program only. They are not stored, and not sent on. “The patient” is you, or whom you fill this in for." }
        form.situation method="post" action="/brief" {
            @for one in &questions() { (question(told, one)) }
            p {
                button type="submit" { "Make my brief" }
                " " button type="submit" name="download" value="html" { "Save it as a file" }
            }
        }
    };
    frame.page("My situation", None, &main)
}

fn question(told: &Fields, one: &Question) -> Markup {
    let many = match one.field {
        "treatments" => Some(treatments(told)),
        "infections" => Some(html! {
            @for agent in Agent::ALL { (keyed(told, one.field, agent.as_str())) }
        }),
        "antibodies" => Some(html! {
            @for antibody in Antibody::ALL { (keyed(told, one.field, antibody.as_str())) }
        }),
        "labs" => Some(html! {
            @for analyte in Analyte::ALL {
                (input(told, &format!("labs.{}", analyte.as_str()), what("labs", analyte.as_str()), ""))
            }
        }),
        "conditions" => Some(conditions(told)),
        // Asked beside `conditions`.
        "absent" => return html! {},
        _ => None,
    };
    html! {
        @match many {
            Some(fields) => {
                @let is_open = told.iter().any(|(name, value)| {
                    !value.is_empty() && name.split('.').next() == Some(one.field)
                });
                fieldset {
                    legend { (one.ask) }
                    p.hint { (why(one)) }
                    details open[is_open] { summary { "Answer" } (fields) }
                }
            }
            None => (single(told, one)),
        }
    }
}

fn why(one: &Question) -> String {
    match one.field {
        "labs" => format!("{} Write number and unit, for example 8.2 g/L.", one.why),
        _ => one.why.to_owned(),
    }
}

fn single(told: &Fields, one: &Question) -> Markup {
    let choices: &[(&str, &str)] = match one.field {
        "sex" => &SEXES,
        "ms_course" => &COURSES,
        _ if one.allowed == "yes, no" => &YES_NO,
        _ => {
            let hint = format!("{} Allowed: {}.", one.why, one.allowed);
            return input(told, one.field, one.ask, &hint);
        }
    };
    choice(told, one.field, one.ask, one.why, choices)
}

fn keyed(told: &Fields, field: &str, key: &str) -> Markup {
    choice(
        told,
        &format!("{field}.{key}"),
        what(field, key),
        "",
        &RESULTS,
    )
}

fn conditions(told: &Fields) -> Markup {
    // The other two kinds are asked by themselves.
    let asked = |kind: &&Kind| !matches!(kind, Kind::CellOrGeneTherapy | Kind::Infection);
    html! {
        @for kind in Kind::ALL.iter().filter(asked) {
            @let label = what("conditions", kind.as_str());
            div.row {
                (choice(told, &format!("conditions.{kind}"), label, "", &HAD))
                (small(told, &format!("since.{kind}"), "Since when, if yes", label))
            }
        }
    }
}

fn treatments(told: &Fields) -> Markup {
    html! {
        p.hint { "Write the name as you know it, generic or brand. Dates may be 2024, 2024-03 or 2024-03-15. Still taken: write ongoing as the last dose." }
        @for at in 1..=MOST_TREATMENTS {
            @let about = format!("treatment {at}");
            div.row role="group" aria-label=(about) {
                (small(told, &format!("treatments.{at}.drug"), "Drug", &about))
                (small(told, &format!("treatments.{at}.started"), "First dose", &about))
                (small(told, &format!("treatments.{at}.stopped"), "Last dose, or ongoing", &about))
                (small(told, &format!("treatments.{at}.last_dose"), "Last dose so far, if ongoing", &about))
                (choice(told, &format!("treatments.{at}.reason"), "Why was it stopped?", "", &REASONS))
            }
        }
    }
}

/// A short line to fill in; its label says less than what it is about.
fn small(told: &Fields, name: &str, label: &str, about: &str) -> Markup {
    let id = id(name);
    html! {
        div.field {
            label for=(id) { (label) }
            input type="text" id=(id) name=(name) value=(safe(value(told, name))) autocomplete="off"
                aria-label={ (label) ": " (about) };
        }
    }
}

/// Renders a handout with a way back to the answers, and one to the file.
pub fn brief(frame: &Frame<'_>, paper: &Paper, told: &Fields) -> String {
    let (pages, contents) = paper::parts(paper);
    let kept = html! {
        @for (name, value) in told {
            @if !value.is_empty() { input type="hidden" name=(safe(name)) value=(safe(value)); }
        }
    };
    let main = html! {
        div.tools {
            form method="post" action="/brief" {
                (kept)
                button type="submit" name="download" value="html" { "Save as a file" }
                " " button type="submit" formaction="/me" { "Change my answers" }
            }
            p { "To print it, use your browser. These buttons are not printed." }
        }
        (pages)
        (contents)
    };
    frame.page(&paper.title, Some("paper"), &main)
}
