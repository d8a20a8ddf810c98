//! What the patient told the program, in words, and what of it was put aside.

use crate::patient::{Condition, Course, LeftOut, Patient, Profile, Since, YesNo};
use crate::render::missing::what;
use crate::render::paper::{Block, Line, ListKind, Span, text};
use crate::render::reason;
use crate::text::{one_line, shorten};

/// Adds what was told.
pub(super) fn add(blocks: &mut Vec<Block>, patient: Option<&Patient>) {
    let Some(patient) = patient else {
        blocks.push(Block::Text(text(
            "Nothing about your health. So this paper tells what each trial asks, and not what you meet.",
        )));
        return;
    };
    blocks.push(Block::Text(text(
        "Check this list. What is not in it counts as not known, never as “no”.",
    )));
    blocks.push(Block::Pairs(facts(patient)));
    for one in &patient.contradictions {
        let fields = one.fields.join(", ");
        let words = if one.fields.len() == 1 {
            format!(
                "This cannot be, so it counts as not known: {fields} ({}).",
                one.what
            )
        } else {
            format!(
                "These cannot all be true, so they count as not known: {fields} ({}).",
                one.what
            )
        };
        blocks.push(Block::Alarm(words));
    }
    for one in patient.taken.iter().filter(|one| one.is_unknown()) {
        let near = (one.nearest.as_ref())
            .map_or(String::new(), |near| format!("; did you mean “{near}”?"));
        blocks.push(Block::Alarm(format!(
            "This drug is not known to the program, so it counts as not known: {}{near}",
            shorten(&one.name, 80)
        )));
    }
}

/// Parts of a bundle that are listed; the others are counted.
const LEFT_OUT: usize = 12;

/// Adds what of a bundle is to be checked or was not read.
pub(super) fn add_left_out(blocks: &mut Vec<Block>, left_out: &[LeftOut]) {
    if left_out.is_empty() {
        return;
    }
    blocks.push(Block::Text(text(
        "These parts of the record from the clinic were not read, or are to be checked:",
    )));
    let items = left_out.iter().take(LEFT_OUT);
    let items = items.map(|one| vec![text(shorten(&one.to_string(), 200))]);
    blocks.push(Block::List(ListKind::Plain, items.collect()));
    let more = left_out.len().saturating_sub(LEFT_OUT);
    if more > 0 {
        blocks.push(Block::Text(text(format!(
            "And {more} more: `profile check --fhir` lists them."
        ))));
    }
}

/// Everything that was stated, with its name.
pub(super) fn facts(patient: &Patient) -> Vec<(String, Line)> {
    let profile = &patient.profile;
    let mut facts: Vec<(String, Line)> = Vec::new();
    let mut add = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            facts.push((capitalised(name), text(one_line(&value))));
        }
    };
    for (field, value) in single(profile) {
        add(name(field), value);
    }
    let taken: Vec<String> = patient.taken.iter().map(reason::treatment).collect();
    add("treatments", (!taken.is_empty()).then(|| taken.join("; ")));
    for (agent, result) in &profile.infections {
        add(what("infections", agent.as_str()), Some(result.to_string()));
    }
    for (agent, result) in &profile.antibodies {
        add(what("antibodies", agent.as_str()), Some(result.to_string()));
    }
    for (analyte, measured) in &profile.labs {
        add(what("labs", analyte.as_str()), Some(measured.words.clone()));
    }
    let conditions: Vec<String> = profile.conditions.iter().flatten().map(condition).collect();
    add(
        "other diseases",
        (!conditions.is_empty()).then(|| conditions.join("; ")),
    );
    let absent: Vec<String> = (profile.absent.iter().flatten())
        .map(|kind| kind.as_str().replace('_', " "))
        .collect();
    add("never had", (!absent.is_empty()).then(|| absent.join("; ")));
    facts
}

/// A short name for a field.
fn name(field: &'static str) -> &'static str {
    match field {
        "id" => "what the clinic calls you",
        "country" => "you live in",
        "near" => "distances are counted from",
        "ms_course" => "type of MS",
        "diagnosed" => "MS was diagnosed",
        "last_relapse" => "last relapse",
        "last_mri" => "last MRI",
        "treatments_complete" => "all treatments are listed",
        "progression_24_months" => "got worse in the last 24 months",
        "prior_hsct" => "had a stem cell transplant",
        "prior_cell_therapy" => "had a cell or gene therapy",
        "pregnant" => "pregnant",
        "breastfeeding" => "breastfeeding",
        "mri_possible" => "an MRI can be made",
        "lumbar_puncture_possible" => "a lumbar puncture can be made",
        _ => what(field, ""),
    }
}

/// Fields of one value, in the contract's order.
fn single(profile: &Profile) -> Vec<(&'static str, Option<String>)> {
    let number = |count: Option<crate::patient::Count>| count.map(|one| one.get().to_string());
    vec![
        ("id", profile.id.as_ref().map(|id| id.as_str().to_owned())),
        ("age", profile.age.map(|age| age.get().to_string())),
        (
            "sex",
            profile.sex.as_ref().map(|sex| sex.as_str().to_lowercase()),
        ),
        (
            "country",
            profile.country.map(|home| home.0.name().to_owned()),
        ),
        (
            "near",
            profile.near.as_ref().map(|near| near.as_str().to_owned()),
        ),
        (
            "ms_course",
            profile.ms_course.map(|one| course(one).to_owned()),
        ),
        ("diagnosed", profile.diagnosed.map(|date| date.to_string())),
        ("edss", profile.edss.map(|score| score.get().to_string())),
        ("relapses_12_months", number(profile.relapses_12_months)),
        ("relapses_24_months", number(profile.relapses_24_months)),
        (
            "last_relapse",
            profile.last_relapse.map(|date| date.to_string()),
        ),
        ("last_mri", profile.last_mri.map(|date| date.to_string())),
        ("gd_lesions_last", number(profile.gd_lesions_last)),
        ("new_t2_last", number(profile.new_t2_last)),
        (
            "progression_24_months",
            yes_no(profile.progression_24_months),
        ),
        ("treatments_complete", yes_no(profile.treatments_complete)),
        ("prior_hsct", yes_no(profile.prior_hsct)),
        ("prior_cell_therapy", yes_no(profile.prior_cell_therapy)),
        ("pregnant", yes_no(profile.pregnant)),
        ("breastfeeding", yes_no(profile.breastfeeding)),
        (
            "lvef",
            profile.lvef.map(|share| format!("{} %", share.get())),
        ),
        ("mri_possible", yes_no(profile.mri_possible)),
        (
            "lumbar_puncture_possible",
            yes_no(profile.lumbar_puncture_possible),
        ),
        (
            "weight_kg",
            profile.weight_kg.map(|kg| format!("{} kg", kg.get())),
        ),
    ]
}

fn yes_no(answer: Option<YesNo>) -> Option<String> {
    answer.map(|answer| if answer.is_yes() { "yes" } else { "no" }.to_owned())
}

/// A course of MS in words.
pub(super) fn course(course: Course) -> &'static str {
    match course {
        Course::Cis => "clinically isolated syndrome (CIS)",
        Course::Rrms => "relapsing-remitting MS (RRMS)",
        Course::Spms => "secondary progressive MS (SPMS)",
        Course::Ppms => "primary progressive MS (PPMS)",
        Course::Rms => "relapsing MS (RMS)",
        Course::Pms => "progressive MS (PMS)",
        Course::Ms => "MS, type not told",
    }
}

fn condition(one: &Condition) -> String {
    let kind = one.kind.as_str().replace('_', " ");
    match one.since {
        Some(Since::Never) => format!("{kind}: never"),
        Some(Since::Date(date)) => format!("{kind}, since {date}"),
        None => kind,
    }
}

fn capitalised(words: &str) -> String {
    let mut chars = words.chars();
    let first = chars.next().map(|c| c.to_uppercase().to_string());
    first.unwrap_or_default() + chars.as_str()
}

/// A place to write, where nothing is known.
pub(super) fn or_blank(value: Option<String>) -> Span {
    value.map_or(Span::Blank, Span::Text)
}
