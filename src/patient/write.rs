//! A profile as TOML, which reads back to the same profile.

use std::fmt::Write as _;

use super::{Condition, Profile, Since, Stopped, Therapy};
use crate::study::Sex;

/// The form of a profile that this version writes.
const SCHEMA: &str = "trialbrief.patient/1";

/// Lines under construction.
struct Lines(String);

impl Lines {
    fn text(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.raw(name, Some(quoted(value)));
        }
    }

    fn raw<T: std::fmt::Display>(&mut self, name: &str, value: Option<T>) {
        if let Some(value) = value {
            // Writing to memory cannot fail.
            let _ = writeln!(self.0, "{name} = {value}");
        }
    }
}

/// Writes a profile in TOML. What is not stated has no line.
pub fn to_toml(profile: &Profile) -> String {
    let mut lines = Lines(String::new());
    lines.text("schema", Some(SCHEMA));
    person(&mut lines, profile);
    disease(&mut lines, profile);
    health(&mut lines, profile);
    // Tables come last: what stands behind one would belong to it.
    for one in profile.treatments.iter().flatten() {
        treatment(&mut lines, one);
    }
    for one in profile.conditions.iter().flatten() {
        condition(&mut lines, one);
    }
    lines.0
}

fn person(lines: &mut Lines, profile: &Profile) {
    lines.text(
        "id",
        profile.id.as_ref().map(super::words::PatientId::as_str),
    );
    lines.raw("age", profile.age.map(super::words::Whole::get));
    let sex = match &profile.sex {
        Some(Sex::Female) => Some("female"),
        Some(Sex::Male) => Some("male"),
        _ => None,
    };
    lines.text("sex", sex);
    lines.text("country", profile.country.map(|home| home.0.name()));
    lines.text("near", profile.near.as_ref().map(super::home::Home::as_str));
    lines.raw(
        "weight_kg",
        profile.weight_kg.map(super::words::Kilograms::get),
    );
}

fn disease(lines: &mut Lines, profile: &Profile) {
    lines.text(
        "ms_course",
        profile.ms_course.map(super::words::Course::as_str),
    );
    let dates = [
        ("diagnosed", profile.diagnosed),
        ("last_relapse", profile.last_relapse),
        ("last_mri", profile.last_mri),
    ];
    for (name, date) in dates {
        lines.text(name, date.map(|date| date.to_string()).as_deref());
    }
    lines.raw("edss", profile.edss.map(super::words::Edss::get));
    let counts = [
        ("relapses_12_months", profile.relapses_12_months),
        ("relapses_24_months", profile.relapses_24_months),
        ("gd_lesions_last", profile.gd_lesions_last),
        ("new_t2_last", profile.new_t2_last),
    ];
    for (name, count) in counts {
        lines.raw(name, count.map(super::words::Count::get));
    }
    lines.raw("progression_24_months", profile.progression_24_months);
}

fn health(lines: &mut Lines, profile: &Profile) {
    let answers = [
        ("treatments_complete", profile.treatments_complete),
        ("prior_hsct", profile.prior_hsct),
        ("prior_cell_therapy", profile.prior_cell_therapy),
        ("pregnant", profile.pregnant),
        ("breastfeeding", profile.breastfeeding),
        ("mri_possible", profile.mri_possible),
        ("lumbar_puncture_possible", profile.lumbar_puncture_possible),
    ];
    for (name, answer) in answers {
        lines.raw(name, answer);
    }
    lines.raw("lvef", profile.lvef.map(super::words::Percent::get));
    for (agent, result) in &profile.infections {
        lines.text(&format!("infections.{agent}"), Some(result.as_str()));
    }
    for (agent, result) in &profile.antibodies {
        lines.text(&format!("antibodies.{agent}"), Some(result.as_str()));
    }
    for (analyte, value) in &profile.labs {
        lines.text(&format!("labs.{analyte}"), Some(&value.words));
    }
    let absent = profile.absent.as_ref().map(|kinds| {
        let words: Vec<String> = kinds.iter().map(|kind| quoted(kind.as_str())).collect();
        format!("[{}]", words.join(", "))
    });
    lines.raw("absent", absent);
    // An empty list says more than none: nothing was taken.
    let empty = |is: Option<bool>| is.filter(|is| *is).map(|_| "[]");
    let none = profile.treatments.as_ref().map(Vec::is_empty);
    lines.raw("treatments", empty(none));
    let none = profile.conditions.as_ref().map(Vec::is_empty);
    lines.raw("conditions", empty(none));
}

fn treatment(lines: &mut Lines, one: &Therapy) {
    lines.0.push_str("\n[[treatments]]\n");
    lines.text("drug", one.drug.as_ref().map(super::words::Text::as_str));
    let started = one.started.map(|date| date.to_string());
    lines.text("started", started.as_deref());
    let stopped = one.stopped.map(|stopped| match stopped {
        Stopped::Ongoing => "ongoing".to_owned(),
        Stopped::On(date) => date.to_string(),
    });
    lines.text("stopped", stopped.as_deref());
    let last = one.last_dose.map(|date| date.to_string());
    lines.text("last_dose", last.as_deref());
    lines.text("reason", one.reason.map(super::words::Reason::as_str));
}

fn condition(lines: &mut Lines, one: &Condition) {
    lines.0.push_str("\n[[conditions]]\n");
    lines.text("kind", Some(one.kind.as_str()));
    let since = one.since.map(|since| match since {
        Since::Never => "never".to_owned(),
        Since::Date(date) => date.to_string(),
    });
    lines.text("since", since.as_deref());
}

/// A basic string of TOML.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
