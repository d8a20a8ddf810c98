//! The sentence behind each answer, and the patient's value that it rests on.

use super::plain;
use super::washout::Washout;
use crate::criteria::Value;
use crate::matching::{Answer, Demand, Point, Test, Why};
use crate::patient::{Analyte, Kind, Last, Patient, Since, Taken};
use crate::terminology::Member;
use crate::text::{counted, one_line};

/// Said wherever a washout is shown.
pub const NOBODY_STOPS: &str =
    "Nobody stops or delays a treatment for a trial without their neurologist.";

/// How soon an answer can be acted on: the lowest first.
pub(super) fn urgency(point: &Point) -> u8 {
    match point.why {
        Why::Washout { .. } => 0,
        Why::Approximate(Some(false)) => 1,
        Why::Missing(..) => 2,
        Why::Disagree | Why::Cohort | Why::Unclear | Why::Title => 3,
        Why::NoText | Why::Abridged => 4,
        _ => 5,
    }
}

/// Returns what the patient stated about a demand.
pub fn patient_value(demand: &Demand<'_>, patient: &Patient) -> Option<String> {
    let profile = &patient.profile;
    let kind = demand.kind()?;
    let yes_no = |answer: Option<crate::patient::YesNo>| {
        answer.map(|answer| if answer.is_yes() { "yes" } else { "no" }.to_owned())
    };
    match kind {
        "age" => profile.age.map(|age| age.get().to_string()),
        "sex" => profile.sex.as_ref().map(|sex| sex.as_str().to_lowercase()),
        "ms_course" => profile.ms_course.map(|course| course.to_string()),
        "edss" => profile.edss.map(|score| score.get().to_string()),
        "disease_duration" => profile.diagnosed.map(|date| format!("diagnosed {date}")),
        "relapse" => relapses(patient),
        "mri_activity" => scan(patient),
        "progression" => yes_no(profile.progression_24_months),
        "prior_treatment" | "treatment_failure" => treatments(demand, patient),
        "cell_or_gene_therapy" => yes_no(profile.prior_cell_therapy),
        "transplant" => yes_no(profile.prior_hsct),
        "pregnancy" => yes_no(profile.pregnant),
        "breastfeeding" => yes_no(profile.breastfeeding),
        "mri" => yes_no(profile.mri_possible),
        "lumbar_puncture" => yes_no(profile.lumbar_puncture_possible),
        _ => of_health(demand, patient),
    }
}

fn of_health(demand: &Demand<'_>, patient: &Patient) -> Option<String> {
    let profile = &patient.profile;
    let joined = |words: Vec<String>| (!words.is_empty()).then(|| words.join(", "));
    match &demand.fact()?.value {
        Value::Infection(agents) => joined(
            (profile.infections.iter())
                .filter(|(agent, _)| agents.contains(&agent.of().as_str()))
                .map(|(agent, result)| format!("{agent} {result}"))
                .collect(),
        ),
        Value::Antibody(agents) => joined(
            (profile.antibodies.iter())
                .filter(|(agent, _)| agents.contains(&agent.as_str()))
                .map(|(agent, result)| format!("{agent} {result}"))
                .collect(),
        ),
        Value::Lab { analyte, .. } => {
            let analyte: Analyte = analyte.parse().ok()?;
            Some(profile.labs.get(&analyte)?.words.clone())
        }
        Value::Cardiac {
            lvef_min: Some(_), ..
        } => profile.lvef.map(|share| format!("{} %", share.get())),
        value => condition(value.kind().parse().ok()?, patient),
    }
}

fn condition(kind: Kind, patient: &Patient) -> Option<String> {
    let listed = patient.profile.conditions.iter().flatten();
    let mut found = listed.filter(|one| one.kind == kind);
    if let Some(one) = found.next() {
        return Some(match one.since {
            Some(Since::Never) => "never".to_owned(),
            Some(Since::Date(date)) => format!("since {date}"),
            None => "yes".to_owned(),
        });
    }
    (patient.has(kind) == Some(false)).then(|| "never".to_owned())
}

fn relapses(patient: &Patient) -> Option<String> {
    let profile = &patient.profile;
    let said = [
        profile
            .relapses_12_months
            .map(|count| format!("{} in 12 months", count.get())),
        profile
            .relapses_24_months
            .map(|count| format!("{} in 24 months", count.get())),
        profile.last_relapse.map(|date| format!("last {date}")),
    ];
    let said: Vec<String> = said.into_iter().flatten().collect();
    (!said.is_empty()).then(|| said.join(", "))
}

fn scan(patient: &Patient) -> Option<String> {
    let profile = &patient.profile;
    let said = [
        profile
            .gd_lesions_last
            .map(|count| counted(count.get(), "Gd lesion")),
        profile
            .new_t2_last
            .map(|count| counted(count.get(), "new T2 lesion")),
        profile.last_mri.map(|date| format!("MRI of {date}")),
    ];
    let said: Vec<String> = said.into_iter().flatten().collect();
    (!said.is_empty()).then(|| said.join(", "))
}

/// The treatments that an answer rests on: of a rule that bars, those that it names; where it names none of them, all.
fn treatments(demand: &Demand<'_>, patient: &Patient) -> Option<String> {
    patient.profile.treatments.as_ref()?;
    let of = |members: &[Member]| -> Vec<String> {
        let named = patient.taken.iter();
        let named = named.filter(|one| demand.bars() && members.contains(&demand.names(one)));
        named.map(treatment).collect()
    };
    let all = || patient.taken.iter().map(treatment).collect();
    let sure = of(&[Member::Yes]);
    // What was given at any time rules out by itself; in a time, what may be named counts beside it.
    let said = if sure.is_empty() || demand.window_words().is_some() {
        [of(&[Member::Yes, Member::Unclear]), all()]
    } else {
        [sure, Vec::new()]
    };
    let said = said.into_iter().find(|said| !said.is_empty());
    Some(said.map_or("none stated".to_owned(), |said| said.join(", ")))
}

/// A treatment with its last dose.
pub(super) fn treatment(one: &Taken) -> String {
    let name = one.name.replace('_', " ");
    match one.last {
        Last::Ongoing(Some(date)) => format!("{name} (ongoing, last dose {date})"),
        Last::Ongoing(None) => format!("{name} (ongoing)"),
        Last::On(date) => format!("{name} (last dose {date})"),
        Last::Unknown => name,
    }
}

/// Returns the sentence behind an answer.
pub fn reason(point: &Point, demand: &Demand<'_>, patient: &Patient) -> String {
    let asked = asked(demand);
    let value = patient_value(demand, patient).map(|value| one_line(&value));
    let stated = || {
        value
            .as_deref()
            .map_or("Nothing is stated.".to_owned(), |value| {
                format!("Stated: {value}.")
            })
    };
    match point.why {
        Why::Stated if point.answer == Answer::Met => format!("{asked} {} That fits.", stated()),
        Why::Stated => format!("{asked} {} That does not fit.", stated()),
        Why::Missing(field, key) => {
            let joint = if key.is_empty() { "" } else { "." };
            format!("{asked} Not stated: {field}{joint}{key}.")
        }
        Why::Unclear => format!("{asked} {} That does not settle it: ask.", stated()),
        Why::Approximate(Some(true)) => {
            format!(
                "{asked} {} So far that seems to fit; the line says more: a clinician must read it.",
                stated()
            )
        }
        Why::Approximate(Some(false)) => {
            format!(
                "{asked} {} That may not fit; the line says more: a clinician must read it.",
                stated()
            )
        }
        Why::Approximate(None) => {
            format!("{asked} The line says more than was read: a clinician must read it.")
        }
        Why::Unread => "Not read, or not all of it: a clinician must read this line.".to_owned(),
        Why::Abridged => {
            "These rules are abridged by this program: the registry page holds them all.".to_owned()
        }
        Why::NoText => {
            "The record carries no criteria that this program can read: see the registry page."
                .to_owned()
        }
        Why::Cohort => {
            format!("{asked} Whether this line is meant for the patient is not known: ask.")
        }
        Why::Title => format!("{asked} {} Ask whether that course is taken.", stated()),
        Why::Disagree => {
            "The record's text and its own field disagree: ask the study team.".to_owned()
        }
        Why::Washout { .. } => washout(point, demand, patient),
        Why::Site => "To be settled with the site.".to_owned(),
    }
}

fn washout(point: &Point, demand: &Demand<'_>, patient: &Patient) -> String {
    let Some(found) = Washout::of(point, demand, patient) else {
        return NOBODY_STOPS.to_owned();
    };
    match found.when() {
        Some(when) => format!("{}. {when} {NOBODY_STOPS}", found.basis()),
        None => format!("{}. {NOBODY_STOPS}", found.basis()),
    }
}

/// What is asked, in plain words.
pub(super) fn asked(demand: &Demand<'_>) -> String {
    match demand.test {
        Test::Age { .. } => format!(
            "The record takes people of {}.",
            demand.quote.replace(" to no limit", " or more")
        ),
        Test::Sex(_) => format!(
            "The record takes: {}.",
            one_line(&demand.quote).to_lowercase()
        ),
        Test::Fact { fact, exact } => plain::sentence(fact, exact, demand.words),
        Test::Title { courses, in_title } => format!(
            "The {} {}, and no rule that was read speaks of a course.",
            if in_title {
                "title names"
            } else {
                "list of conditions names"
            },
            plain::courses(courses)
        ),
        Test::Unread { .. } | Test::NoText | Test::Abridged => String::new(),
    }
}
