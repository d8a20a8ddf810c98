//! A profile made ready for matching: drugs found in the table, and facts that
//! contradict each other put aside as unknown.

use chrono::{Datelike, Months, NaiveDate};

use super::procedures;
use super::{Agent, Antibody, Kind, Profile, Since, Stopped, TestResult, Text, Therapy, YesNo};
use crate::study::{PartialDate, Sex};
use crate::terminology::{HalfLife, Procedure, Treatments};
use crate::text::nearest;

/// A patient on a day.
#[derive(Debug, Clone, PartialEq)]
pub struct Patient {
    /// What was stated, less what contradicts itself.
    pub profile: Profile,
    /// The treatments, with their drugs found.
    pub taken: Vec<Taken>,
    /// The day that counts as today.
    pub today: NaiveDate,
    /// What was put aside.
    pub contradictions: Vec<Contradiction>,
}

/// A treatment that the patient had or has.
#[derive(Debug, Clone, PartialEq)]
pub struct Taken {
    /// Its name: of the table, else as it was written.
    pub name: String,
    /// Its place in the table; `None` where the drug is not known.
    pub drug: Option<usize>,
    /// What it is, where it is no drug.
    pub procedure: Option<Procedure>,
    /// Treatments of the table, by their places, that a procedure may come with or be counted among.
    pub may_be: Vec<usize>,
    /// Names of the table that look like one that is not known.
    pub nearest: Option<String>,
    /// When it was last given.
    pub last: Last,
    /// It was stopped because the disease went on.
    pub failed: Option<bool>,
    /// Its half-life; `None` where the table has none.
    pub half_life: Option<HalfLife>,
}

impl Taken {
    /// Says whether nothing is known of what was given.
    pub fn is_unknown(&self) -> bool {
        self.drug.is_none() && self.procedure.is_none()
    }
}

/// When a treatment was last given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Last {
    /// It is given now; the last dose so far, where that is known.
    Ongoing(Option<PartialDate>),
    /// It ended.
    On(PartialDate),
    /// Not stated.
    Unknown,
}

/// Facts of one profile that cannot all be true.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contradiction {
    /// The fields, which then count as unknown.
    pub fields: Vec<&'static str>,
    /// What is wrong with them.
    pub what: String,
}

impl Patient {
    /// Makes a profile ready.
    pub fn of(mut profile: Profile, treatments: &Treatments, today: NaiveDate) -> Self {
        procedures::answer(&mut profile, today);
        let mut contradictions = Vec::new();
        for find in CHECKS {
            while let Some(found) = find(&profile, today) {
                for field in &found.fields {
                    forget(&mut profile, field);
                }
                contradictions.push(found);
            }
        }
        let list = profile.treatments.as_deref().unwrap_or_default();
        let taken = list
            .iter()
            .filter_map(|one| taken(one, treatments, today, &mut contradictions))
            .collect();
        Self {
            profile,
            taken,
            today,
            contradictions,
        }
    }

    /// Returns what the clinic calls the patient.
    pub fn id(&self) -> &str {
        self.profile.id.as_ref().map_or("patient", |id| id.as_str())
    }

    /// Returns what the clinic calls the patient, and which line of a table is meant: an id may stand there twice.
    pub fn name(&self) -> String {
        let line = self
            .profile
            .line
            .map(|line| format!(" (line {line} of the table)"));
        format!("{}{}", self.id(), line.unwrap_or_default())
    }

    /// Returns the treatments of which nothing is known, each with its place in the profile's list.
    pub fn unknown_drugs(&self) -> Vec<(usize, &Taken)> {
        let listed = self.profile.treatments.iter().flatten().enumerate();
        let named = listed.filter(|(_, one)| one.drug.is_some());
        let both = named.map(|(at, _)| at).zip(&self.taken);
        both.filter(|(_, one)| one.is_unknown()).collect()
    }

    /// Says whether the patient has or had a disease: stated, denied, or unknown.
    pub fn has(&self, kind: Kind) -> Option<bool> {
        let listed = self.profile.conditions.iter().flatten();
        let mut known = None;
        for one in listed.filter(|one| one.kind == kind) {
            known = known.max(Some(one.since != Some(Since::Never)));
        }
        let denied = self.profile.absent.iter().flatten().any(|one| *one == kind);
        known.or(denied.then_some(false))
    }

    /// Returns since when the patient has a disease; the latest date that is stated.
    pub fn since(&self, kind: Kind) -> Option<PartialDate> {
        let listed = self.profile.conditions.iter().flatten();
        listed
            .filter(|one| one.kind == kind)
            .filter_map(|one| match one.since {
                Some(Since::Date(date)) => Some(date),
                _ => None,
            })
            .max()
    }
}

/// Finds one contradiction, until there is none.
type Check = fn(&Profile, NaiveDate) -> Option<Contradiction>;

const CHECKS: [Check; 13] = [
    procedures::listed_and_denied,
    future,
    male_and_pregnant,
    fewer_in_longer_time,
    relapse_and_count,
    diagnosed_before_birth,
    had_and_never,
    transplant_and_never,
    cells_and_never,
    no_cells_and_had,
    infected_and_never,
    tests_of_one_virus,
    course_and_other_antibody,
];

pub(super) fn found(fields: &[&'static str], what: &str) -> Contradiction {
    Contradiction {
        fields: fields.to_vec(),
        what: what.to_owned(),
    }
}

fn future(profile: &Profile, today: NaiveDate) -> Option<Contradiction> {
    let dates = [
        ("diagnosed", profile.diagnosed),
        ("last_relapse", profile.last_relapse),
        ("last_mri", profile.last_mri),
    ];
    let ahead = |date: PartialDate| date.earliest() > today;
    let (field, date) = dates
        .into_iter()
        .find_map(|(field, date)| Some((field, date.filter(|date| ahead(*date))?)))?;
    Some(found(&[field], &format!("{date} lies in the future")))
}

fn male_and_pregnant(profile: &Profile, _: NaiveDate) -> Option<Contradiction> {
    let yes = |answer: Option<YesNo>| answer == Some(YesNo::Yes);
    let field = [
        ("pregnant", profile.pregnant),
        ("breastfeeding", profile.breastfeeding),
    ]
    .into_iter()
    .find(|(_, answer)| yes(*answer))?
    .0;
    (profile.sex == Some(Sex::Male)).then(|| found(&["sex", field], &format!("male, and {field}")))
}

fn fewer_in_longer_time(profile: &Profile, _: NaiveDate) -> Option<Contradiction> {
    let (year, two) = (profile.relapses_12_months?, profile.relapses_24_months?);
    (year > two).then(|| {
        found(
            &["relapses_12_months", "relapses_24_months"],
            "more relapses in 12 months than in 24",
        )
    })
}

fn relapse_and_count(profile: &Profile, today: NaiveDate) -> Option<Contradiction> {
    let last = profile.last_relapse?;
    let back = |months| today.checked_sub_months(Months::new(months));
    let of = |count: Option<super::Count>| count.map(super::Count::get);
    for (field, months, count) in [
        ("relapses_12_months", 12, of(profile.relapses_12_months)),
        ("relapses_24_months", 24, of(profile.relapses_24_months)),
    ] {
        let (Some(count), Some(from)) = (count, back(months)) else {
            continue;
        };
        if count == 0 && last.earliest() > from {
            return Some(found(
                &["last_relapse", field],
                &format!("a relapse at {last}, and none in {months} months"),
            ));
        }
        if count > 0 && last.latest() < from {
            return Some(found(
                &["last_relapse", field],
                &format!("relapses in the last {months} months, and the last one at {last}"),
            ));
        }
    }
    None
}

fn diagnosed_before_birth(profile: &Profile, today: NaiveDate) -> Option<Contradiction> {
    let (age, date) = (profile.age?.get(), profile.diagnosed?);
    let born = today.year() - i32::try_from(age).ok()? - 1;
    (date.latest().year() < born).then(|| {
        found(
            &["age", "diagnosed"],
            &format!("diagnosed at {date}, before birth by an age of {age}"),
        )
    })
}

fn had_and_never(profile: &Profile, _: NaiveDate) -> Option<Contradiction> {
    let listed = profile.conditions.iter().flatten();
    let has = listed
        .filter(|one| one.since != Some(Since::Never))
        .find(|one| {
            profile
                .absent
                .iter()
                .flatten()
                .any(|kind| *kind == one.kind)
        })?;
    let what = format!("{} stands among both", has.kind);
    Some(found(&["conditions", "absent"], &what))
}

fn never(profile: &Profile, kind: Kind) -> bool {
    profile.absent.iter().flatten().any(|one| *one == kind)
}

fn transplant_and_never(profile: &Profile, _: NaiveDate) -> Option<Contradiction> {
    let had = profile.prior_hsct == Some(YesNo::Yes);
    (had && never(profile, Kind::Transplant)).then(|| {
        found(
            &["prior_hsct", "absent"],
            "a transplant of stem cells, and never a transplant",
        )
    })
}

fn cells_and_never(profile: &Profile, _: NaiveDate) -> Option<Contradiction> {
    let had = profile.prior_cell_therapy == Some(YesNo::Yes);
    (had && never(profile, Kind::CellOrGeneTherapy)).then(|| {
        found(
            &["prior_cell_therapy", "absent"],
            "a cell therapy, and never one",
        )
    })
}

fn no_cells_and_had(profile: &Profile, _: NaiveDate) -> Option<Contradiction> {
    let none = profile.prior_cell_therapy == Some(YesNo::No);
    let mut listed = profile.conditions.iter().flatten();
    let had =
        listed.any(|one| one.kind == Kind::CellOrGeneTherapy && one.since != Some(Since::Never));
    (none && had).then(|| {
        found(
            &["prior_cell_therapy", "conditions"],
            "no cell therapy, and one among the conditions",
        )
    })
}

fn infected_and_never(profile: &Profile, _: NaiveDate) -> Option<Contradiction> {
    let mut results = profile.infections.values();
    let positive = results.any(|result| *result == TestResult::Positive);
    (positive && never(profile, Kind::Infection)).then(|| {
        found(
            &["infections", "absent"],
            "a positive test, and never an infection",
        )
    })
}

/// No test of a virus is positive, and one by its name is.
fn tests_of_one_virus(profile: &Profile, _: NaiveDate) -> Option<Contradiction> {
    let positive = |one: &(&Agent, &TestResult)| *one.1 == TestResult::Positive;
    let (test, virus) = profile
        .infections
        .iter()
        .filter(positive)
        .find_map(|(test, _)| {
            let virus = test.of();
            let denied = profile.infections.get(&virus) == Some(&TestResult::Negative);
            denied.then_some((*test, virus))
        })?;
    let field = if virus == Agent::Hbv {
        "infections.hbv"
    } else {
        "infections.hcv"
    };
    Some(found(
        &[field],
        &format!("{virus} negative, and {test} positive"),
    ))
}

/// These antibodies are signs of other diseases than MS (Wingerchuk 2015 for AQP4, Banwell 2023 for
/// MOG). The test said what it said; what is in doubt is the course.
fn course_and_other_antibody(profile: &Profile, _: NaiveDate) -> Option<Contradiction> {
    let course = profile.ms_course?;
    let mut positive = (profile.antibodies.iter())
        .filter(|(_, result)| **result == TestResult::Positive)
        .map(|(antibody, _)| antibody);
    let (name, disease) = match positive.next()? {
        Antibody::Aqp4 => ("AQP4", "NMOSD"),
        Antibody::Mog => ("MOG", "MOGAD"),
    };
    Some(found(
        &["ms_course"],
        &format!(
            "{course}, and a positive test for {name} antibodies, a sign of another disease ({disease})"
        ),
    ))
}

/// Makes a field unknown.
fn forget(profile: &mut Profile, field: &str) {
    match field {
        "age" => profile.age = None,
        "sex" => profile.sex = None,
        "diagnosed" => profile.diagnosed = None,
        "last_relapse" => profile.last_relapse = None,
        "last_mri" => profile.last_mri = None,
        "relapses_12_months" => profile.relapses_12_months = None,
        "relapses_24_months" => profile.relapses_24_months = None,
        "pregnant" => profile.pregnant = None,
        "breastfeeding" => profile.breastfeeding = None,
        "conditions" => profile.conditions = None,
        "absent" => profile.absent = None,
        "infections" => profile.infections.clear(),
        "infections.hbv" => profile.infections.retain(|test, _| test.of() != Agent::Hbv),
        "infections.hcv" => profile.infections.retain(|test, _| test.of() != Agent::Hcv),
        "ms_course" => profile.ms_course = None,
        "prior_hsct" => profile.prior_hsct = None,
        "prior_cell_therapy" => profile.prior_cell_therapy = None,
        _ => {}
    }
}

/// Finds the drug of a treatment; what names none is passed over, and told.
fn taken(
    one: &Therapy,
    treatments: &Treatments,
    today: NaiveDate,
    contradictions: &mut Vec<Contradiction>,
) -> Option<Taken> {
    let Some(written) = one.drug.as_ref().map(Text::as_str) else {
        contradictions.push(found(&["treatments"], "an item names no drug"));
        return None;
    };
    let drug = treatments.named(written);
    let known = drug.and_then(|at| treatments.list().get(at));
    let name = known.map_or_else(|| written.to_owned(), |known| known.name.clone());
    let procedure = Procedure::named(written).filter(|_| drug.is_none());
    let is_unknown = drug.is_none() && procedure.is_none();
    let near = || nearest(written, treatments.spellings());
    let nearest = is_unknown.then(near).flatten();
    Some(Taken {
        last: last(one, &name, today, contradictions),
        name,
        drug,
        procedure,
        may_be: may_be(procedure, treatments),
        nearest: nearest.map(str::to_owned),
        failed: one.reason.map(|reason| reason == super::Reason::Failure),
        half_life: known.and_then(|known| known.half_life.clone()),
    })
}

/// The treatments of the table that a procedure may come with or be counted among.
fn may_be(procedure: Option<Procedure>, treatments: &Treatments) -> Vec<usize> {
    let words = procedure.map_or(&[][..], Procedure::may_be);
    let place = |word: &String| treatments.list().iter().position(|one| one.name == *word);
    words.iter().filter_map(place).collect()
}

/// Dates of a treatment that cannot be are unknown.
fn last(
    one: &Therapy,
    name: &str,
    today: NaiveDate,
    contradictions: &mut Vec<Contradiction>,
) -> Last {
    let dose = one.last_dose;
    let last = match one.stopped {
        Some(Stopped::Ongoing) => Last::Ongoing(dose),
        Some(Stopped::On(date)) => Last::On(dose.map_or(date, |dose| dose.max(date))),
        None => dose.map_or(Last::Unknown, Last::On),
    };
    let date = match last {
        Last::Ongoing(date) => date,
        Last::On(date) => Some(date),
        Last::Unknown => None,
    };
    let started = one.started.map(|start| start.earliest());
    let wrong = if started.is_some_and(|start| start > today) {
        Some(format!("{name}: its start lies in the future"))
    } else if date.is_some_and(|date| date.earliest() > today) {
        Some(format!("{name}: its last dose lies in the future"))
    } else if date.is_some_and(|date| started.is_some_and(|start| date.latest() < start)) {
        Some(format!("{name}: its last dose lies before its start"))
    } else {
        None
    };
    match wrong {
        Some(what) => {
            contradictions.push(found(&["treatments"], &what));
            Last::Unknown
        }
        None => last,
    }
}
