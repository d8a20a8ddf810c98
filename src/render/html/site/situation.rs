//! The profile of a patient as a form, and the handout that it makes.

use maud::{Markup, html};

use super::form::Form;
use super::{Fields, Frame, Wrong, words_used};
use crate::patient::{Agent, Analyte, Antibody, Kind, Question, questions};
use crate::render::html::paper;
use crate::render::html::shell::alarmed;
use crate::render::missing::what;
use crate::render::paper::{Paper, plain};
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

/// Steps of the form: the question that begins each, and what it is about.
const STEPS: [(&str, &str); 5] = [
    ("id", "The patient"),
    ("ms_course", "MS"),
    ("treatments", "Treatments"),
    ("pregnant", "Health"),
    ("mri_possible", "Tests that can be made"),
];

/// Renders the form with what was told so far.
pub fn situation(frame: &Frame<'_>, told: &Fields, wrong: &[Wrong]) -> String {
    let form = Form { told, wrong };
    let main = html! {
        (form.errors(label))
        p { "Answer what you know. Every question may stay open. What you do not answer counts as not known, never as “no”." }
        p { "Your answers go to this program only. They are not stored, and not sent on. “The patient” is you, or whom you fill this in for." }
        form.situation method="post" action="/brief" {
            @let steps = steps();
            @for (at, (name, asked)) in steps.iter().enumerate() {
                section aria-labelledby={ "step-" (at + 1) } {
                    h2 id={ "step-" (at + 1) } { "Step " (at + 1) " of " (steps.len()) ": " (name) }
                    @for one in asked { (question(form, one)) }
                }
            }
            p {
                button type="submit" { "Make my brief" }
                " " button type="submit" name="download" value="html" { "Save it as a file" }
            }
        }
    };
    frame.page(
        "My situation",
        None,
        &html! { (main) (words_used(&asked_words())) },
    )
}

/// The words of all questions in which terms of the field stand.
fn asked_words() -> String {
    let asked = questions()
        .into_iter()
        .map(|one| format!("{} {} {}", one.ask, one.why, one.allowed));
    let courses = COURSES.iter().map(|(_, words)| (*words).to_owned());
    asked.chain(courses).collect::<Vec<_>>().join("\n")
}

/// Every question, by step; one that no step begins with belongs to the step before it.
fn steps() -> Vec<(&'static str, Vec<Question>)> {
    let mut steps: Vec<(&'static str, Vec<Question>)> = Vec::new();
    for one in questions() {
        let begun = STEPS.iter().find(|(first, _)| *first == one.field);
        match (begun, steps.last_mut()) {
            (None, Some((_, asked))) => asked.push(one),
            (begun, _) => steps.push((begun.map_or("More", |(_, name)| *name), vec![one])),
        }
    }
    steps
}

/// What a field of the form is called; nothing for what is no field of it.
fn label(field: &str) -> Option<String> {
    let parts: Vec<&str> = field.split('.').collect();
    match parts[..] {
        ["treatments", at, part] => Some(format!("Treatment {at}, {}", part_of_treatment(part)?)),
        ["since", kind] => {
            let known = Kind::ALL.iter().any(|one| one.as_str() == kind);
            known.then(|| format!("{}: since when", what("conditions", kind)))
        }
        [
            name @ ("labs" | "infections" | "antibodies" | "conditions"),
            key,
        ] => is_key(name, key).then(|| what(name, key).to_owned()),
        [name] => {
            let mut all = questions().into_iter();
            let asked = all.find(|one| one.field == name && one.form == "one")?;
            Some(asked.ask.to_owned())
        }
        _ => None,
    }
}

fn part_of_treatment(part: &str) -> Option<&'static str> {
    Some(match part {
        "drug" => "drug",
        "started" => "first dose",
        "stopped" => "last dose",
        "last_dose" => "last dose so far",
        "reason" => "reason",
        _ => return None,
    })
}

/// Says whether the form has a field for a key.
fn is_key(name: &str, key: &str) -> bool {
    match name {
        "labs" => Analyte::ALL.iter().any(|one| one.as_str() == key),
        "infections" => Agent::ALL.iter().any(|one| one.as_str() == key),
        "antibodies" => Antibody::ALL.iter().any(|one| one.as_str() == key),
        _ => Kind::ALL
            .iter()
            .filter(|kind| is_asked(**kind))
            .any(|one| one.as_str() == key),
    }
}

fn question(form: Form<'_>, one: &Question) -> Markup {
    let many = match one.field {
        "treatments" => Some(treatments(form)),
        "infections" => Some(html! {
            @for agent in Agent::ALL { (keyed(form, one.field, agent.as_str())) }
        }),
        "antibodies" => Some(html! {
            @for antibody in Antibody::ALL { (keyed(form, one.field, antibody.as_str())) }
        }),
        "labs" => Some(html! {
            @for analyte in Analyte::ALL {
                (form.input(&format!("labs.{}", analyte.as_str()), what("labs", analyte.as_str()), ""))
            }
        }),
        "conditions" => Some(conditions(form)),
        // Asked beside `conditions`.
        "absent" => return html! {},
        _ => None,
    };
    html! {
        @match many {
            Some(fields) => {
                fieldset {
                    legend { (one.ask) }
                    p.hint { (why(one)) }
                    details open[is_open(form, one.field)] { summary { "Answer" } (fields) }
                }
            }
            None => (single(form, one)),
        }
    }
}

/// Says whether something in a long list was told, or is wrong.
fn is_open(form: Form<'_>, field: &str) -> bool {
    let own = |name: &str| {
        let group = name.split('.').next();
        group == Some(field) || field == "conditions" && group == Some("since")
    };
    let is_told = |(name, value): &(String, String)| !value.is_empty() && own(name);
    form.told.iter().any(is_told)
        || form
            .wrong
            .iter()
            .filter_map(|one| one.field.as_deref())
            .any(own)
}

fn why(one: &Question) -> String {
    match one.field {
        "labs" => format!("{} Write number and unit, for example 8.2 g/L.", one.why),
        _ => one.why.to_owned(),
    }
}

fn single(form: Form<'_>, one: &Question) -> Markup {
    let choices: &[(&str, &str)] = match one.field {
        "sex" => &SEXES,
        "ms_course" => &COURSES,
        _ if one.allowed == "yes, no" => &YES_NO,
        _ => {
            let hint = format!(
                "{} You can write: {}.",
                one.why,
                crate::render::in_everyday_words(one.allowed)
            );
            return form.input(one.field, one.ask, &hint);
        }
    };
    form.choice(one.field, one.ask, one.why, choices)
}

fn keyed(form: Form<'_>, field: &str, key: &str) -> Markup {
    form.choice(&format!("{field}.{key}"), what(field, key), "", &RESULTS)
}

/// The other two kinds are asked by themselves.
fn is_asked(kind: Kind) -> bool {
    !matches!(kind, Kind::CellOrGeneTherapy | Kind::Infection)
}

fn conditions(form: Form<'_>) -> Markup {
    html! {
        @for kind in Kind::ALL.iter().filter(|kind| is_asked(**kind)) {
            @let label = what("conditions", kind.as_str());
            div.row {
                (form.choice(&format!("conditions.{kind}"), label, "", &HAD))
                (form.small(&format!("since.{kind}"), "Since when, if yes", label))
            }
        }
    }
}

fn treatments(form: Form<'_>) -> Markup {
    html! {
        p.hint { "Write the name as you know it, generic or brand. Dates may be 2024, 2024-03 or 2024-03-15. Still taken: write ongoing as the last dose." }
        @for at in 1..=MOST_TREATMENTS {
            @let about = format!("treatment {at}");
            div.row role="group" aria-label=(about) {
                (form.small(&format!("treatments.{at}.drug"), "Drug", &about))
                (form.small(&format!("treatments.{at}.started"), "First dose", &about))
                (form.small(&format!("treatments.{at}.stopped"), "Last dose, or ongoing", &about))
                (form.small(&format!("treatments.{at}.last_dose"), "Last dose so far, if ongoing", &about))
                (form.choice(&format!("treatments.{at}.reason"), "Why was it stopped?", "", &REASONS))
            }
        }
    }
}

/// Renders a handout with a way back to the answers, and one to the file.
pub fn brief(frame: &Frame<'_>, paper: &Paper, told: &Fields) -> String {
    let (pages, contents) = paper::parts(paper);
    let main = html! {
        div.tools {
            form method="post" action="/brief" {
                (kept(told))
                button type="submit" name="download" value="html" { "Save as a file" }
                " " button type="submit" name="as" value="text" { "Copy for e-mail" }
                " " button type="submit" formaction="/me" { "Change my answers" }
            }
            p { "To print it, use your browser. These buttons are not printed." }
        }
        (pages)
        (contents)
    };
    frame.page(&paper.title, Some("paper"), &main)
}

/// Renders a handout as text that can be copied by hand.
pub fn brief_as_text(frame: &Frame<'_>, paper: &Paper, told: &Fields) -> String {
    let main = html! {
        (alarmed("This text holds facts about health. E-mail is not private: it is copied on its way, and kept where it arrives. Send it only to whom you want to have it, and take out what they need not know."))
        div.field {
            label for="text" { "My brief as text" }
            p.hint id="text-hint" { "Go into the field, mark all of it, and copy it." }
            textarea.copy id="text" rows="20" readonly aria-describedby="text-hint" { (plain(paper)) }
        }
        form method="post" action="/brief" {
            (kept(told))
            button type="submit" { "Back to my brief" }
            " " button type="submit" formaction="/me" { "Change my answers" }
        }
    };
    frame.page("My brief, to be copied", None, &main)
}

/// The answers, to be sent again: they are kept nowhere else.
fn kept(told: &Fields) -> Markup {
    html! {
        @for (name, value) in told {
            @if !value.is_empty() { input type="hidden" name=(safe(name)) value=(safe(value)); }
        }
    }
}
