//! What is not known of a patient, by how many studies it would decide.

use super::demand::{Demand, Scope};
use super::infection;
use super::verdict::{Answer, Assessment, Matcher, Point, Verdict, Why};
use crate::criteria::Value;
use crate::patient::{Agent, Analyte, Antibody, Course, FIELDS, Last, Patient, Taken};
use crate::study::OverallStatus;
use crate::terminology::Member;

/// A fact or test that is not known, and the open studies that ask for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Field of the profile ([`FIELDS`]).
    pub field: &'static str,
    /// Key in it (`igg` of `labs`); empty where the field has none.
    pub key: &'static str,
    /// The studies, in their order; never none.
    pub studies: Vec<Asking>,
}

/// A study that asks for a missing fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asking {
    /// The study, by its place in the matchers.
    pub study: usize,
    /// It is the only fact that this study still lacks. Lines that a clinician must read may remain.
    pub only: bool,
}

impl Wanted {
    /// Returns the path of the field (`labs.igg`).
    pub fn path(&self) -> String {
        let joint = if self.key.is_empty() { "" } else { "." };
        format!("{}{joint}{}", self.field, self.key)
    }
}

/// Ranks what is not known of a patient: first what most open studies ask for
/// that nothing else rules out, then what is the only missing fact in most.
///
/// `trials` are assessments of the patient with the place of each study in
/// `matchers`, as a screen gives them. A study whose status is absent or not
/// known counts as open.
pub fn wanted(
    patient: &Patient,
    trials: &[(usize, Assessment)],
    matchers: &[Matcher<'_>],
) -> Vec<Wanted> {
    let mut all: Vec<Wanted> = Vec::new();
    for (at, found) in trials {
        let Some(matcher) = matchers.get(*at) else {
            continue;
        };
        if found.verdict == Verdict::Unlikely || !may_be_open(matcher) {
            continue;
        }
        let facts = facts_of(patient, found, matcher);
        let only = facts.len() == 1;
        for (field, key) in facts {
            let asking = Asking { study: *at, only };
            match all
                .iter_mut()
                .find(|one| (one.field, one.key) == (field, key))
            {
                Some(known) => known.studies.push(asking),
                None => all.push(Wanted {
                    field,
                    key,
                    studies: vec![asking],
                }),
            }
        }
    }
    let number = |asking: &Asking| Some(matchers.get(asking.study)?.study().study.nct_number);
    for one in &mut all {
        one.studies.sort_by_key(number);
    }
    all.sort_by_key(|one| {
        let only = one.studies.iter().filter(|asking| asking.only).count();
        let place = FIELDS.iter().position(|field| *field == one.field);
        let most_first = std::cmp::Reverse((one.studies.len(), only));
        (most_first, place, one.key)
    });
    all
}

/// Counts the open studies that nothing rules out so far, and those of them that carry no rules to be read: what
/// these ask for is not known, so that a short ranking says little.
pub fn open_and_without_rules(
    trials: &[(usize, Assessment)],
    matchers: &[Matcher<'_>],
) -> (usize, usize) {
    let open = trials.iter().filter(|(at, found)| {
        found.verdict != Verdict::Unlikely && matchers.get(*at).is_some_and(may_be_open)
    });
    open.fold((0, 0), |(all, without), (_, found)| {
        (all + 1, without + usize::from(found.is_without_rules()))
    })
}

fn may_be_open(matcher: &Matcher<'_>) -> bool {
    match &matcher.study().study.status.overall {
        None | Some(OverallStatus::Other(_)) => true,
        Some(status) => status.is_open(),
    }
}

/// Returns the facts that a study still lacks, each once, in the order of its rules: a field and its key.
pub fn facts_of(
    patient: &Patient,
    found: &Assessment,
    matcher: &Matcher<'_>,
) -> Vec<(&'static str, &'static str)> {
    let open = |one: &&Point| matches!(one.answer, Answer::Unknown | Answer::Clinician);
    let mut facts = Vec::new();
    for point in found.points.iter().filter(open) {
        let demand = matcher.demands().get(point.demand);
        for fact in demand.map_or(Vec::new(), |demand| settling(point, demand, patient)) {
            if !facts.contains(&fact) {
                facts.push(fact);
            }
        }
    }
    facts
}

/// The fields whose values could settle a point; none where only a clinician or the site can.
fn settling(
    point: &Point,
    demand: &Demand<'_>,
    patient: &Patient,
) -> Vec<(&'static str, &'static str)> {
    let mut fields = match point.why {
        Why::Missing(field, key) => missing(field, key, demand, patient),
        Why::Unclear | Why::Approximate(None) => finer(demand, patient).into_iter().collect(),
        Why::Washout {
            drug, until: None, ..
        } => {
            let taken = patient.taken.get(drug);
            taken.and_then(lacking).into_iter().collect()
        }
        _ => Vec::new(),
    };
    if let Scope::Courses(courses) = demand.scope
        && courses.hold(patient.profile.ms_course).is_none()
    {
        fields.push(("ms_course", ""));
    }
    fields
}

/// What of a treatment is not known: which drug it is, or when it was last given.
fn lacking(one: &Taken) -> Option<(&'static str, &'static str)> {
    let undated = matches!(one.last, Last::Unknown | Last::Ongoing(None));
    if one.is_unknown() {
        return Some(("treatments", "drug"));
    }
    undated.then_some(("treatments", "last_dose"))
}

/// A line may ask for several tests at once: all that are missing.
fn missing(
    field: &'static str,
    key: &'static str,
    demand: &Demand<'_>,
    patient: &Patient,
) -> Vec<(&'static str, &'static str)> {
    let profile = &patient.profile;
    match demand.fact().map(|fact| &fact.value) {
        Some(Value::Infection(agents)) => agents
            .iter()
            .filter_map(|word| word.parse::<Agent>().ok())
            .filter(|agent| !infection::is_stated(*agent, patient))
            .map(|agent| ("infections", agent.as_str()))
            .collect(),
        Some(Value::Antibody(agents)) => agents
            .iter()
            .filter_map(|word| word.parse::<Antibody>().ok())
            .filter(|agent| !profile.antibodies.contains_key(agent))
            .map(|agent| ("antibodies", agent.as_str()))
            .collect(),
        Some(Value::Lab { .. }) => (key.parse::<Analyte>().ok())
            .map(|analyte| ("labs", analyte.as_str()))
            .into_iter()
            .collect(),
        Some(Value::Transplant(_)) if field == "absent" => vec![("absent", "transplant")],
        Some(Value::MriActivity { lesion, .. }) if *lesion == "any" => {
            let counts = [
                ("gd_lesions_last", profile.gd_lesions_last),
                ("new_t2_last", profile.new_t2_last),
            ];
            let empty = counts.into_iter().filter(|(_, count)| count.is_none());
            let mut empty: Vec<_> = empty.map(|(field, _)| (field, "")).collect();
            if field == "last_mri" {
                empty = vec![(field, "")];
            }
            empty
        }
        _ => vec![(field, key)],
    }
}

/// The field in which more, or a finer value, would settle what was stated.
fn finer(demand: &Demand<'_>, patient: &Patient) -> Option<(&'static str, &'static str)> {
    let profile = &patient.profile;
    match &demand.fact()?.value {
        Value::Infection(agents) => {
            infection::unstated_test(agents, patient).map(|test| ("infections", test))
        }
        Value::MsCourse { activity: None, .. } => {
            let vague = matches!(
                profile.ms_course,
                Some(Course::Ms | Course::Rms | Course::Pms)
            );
            vague.then_some(("ms_course", ""))
        }
        Value::Relapse { .. } => [
            (profile.last_relapse.is_none(), "last_relapse"),
            (profile.relapses_24_months.is_none(), "relapses_24_months"),
            (profile.relapses_12_months.is_none(), "relapses_12_months"),
        ]
        .into_iter()
        .find_map(|(empty, field)| empty.then_some((field, ""))),
        Value::MriActivity { lesion: "any", .. } => {
            profile.new_t2_last.is_none().then_some(("new_t2_last", ""))
        }
        Value::PriorTreatment { .. } => {
            let named = |one: &&Taken| demand.names(one) != Member::No;
            patient.taken.iter().filter(named).find_map(lacking)
        }
        Value::TreatmentFailure { .. } => {
            // Of what goes on nobody can say why it was stopped.
            let unsaid = |one: &Taken| {
                let goes_on = matches!(one.last, Last::Ongoing(_));
                one.failed.is_none() && !goes_on && demand.names(one) != Member::No
            };
            (patient.taken.iter())
                .any(unsaid)
                .then_some(("treatments", "reason"))
        }
        _ => None,
    }
}
