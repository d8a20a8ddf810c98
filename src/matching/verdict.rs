//! The verdict on one patient and one study, with what it rests on.

use chrono::NaiveDate;

use super::compare::{Held, held};
use super::course::Courses;
use super::demand::{Demand, Scope, Test, demands};
use super::nearly::{NearMiss, near_miss};
use super::treatment::washout;
use crate::classify::Classified;
use crate::patient::Patient;
use crate::place::{Place, SiteState, best_state};
use crate::study::Sex;
use crate::terminology::Terminology;

/// What is known of one demand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Answer {
    /// Certainly not met.
    NotMet,
    /// Not known.
    Unknown,
    /// What was read holds more than its values: a clinician must read it.
    Clinician,
    /// Settled with the site; it never decides.
    Site,
    /// Met.
    Met,
}

/// What an answer rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// A stated value.
    Stated,
    /// An empty field of the profile, and its key (`labs`, `igg`).
    Missing(&'static str, &'static str),
    /// What was stated does not settle it.
    Unclear,
    /// The line holds more than was read; what was read is met, not met, or not known.
    Approximate(Option<bool>),
    /// The line, or a part of it, was not read.
    Unread,
    /// The record has no criteria that can be read.
    NoText,
    /// The text is abridged by this program: it may hold less than the record.
    Abridged,
    /// Whether the patient belongs to the cohort is not known.
    Cohort,
    /// The title names another course than the patient's, and no rule speaks of courses.
    Title,
    /// The record's text and its own field disagree.
    Disagree,
    /// A washout that time will end.
    Washout {
        /// The treatment, by its place in the patient's list.
        drug: usize,
        /// The first day after it, where that is known.
        until: Option<NaiveDate>,
        /// Half-lives of the drug set that day, not the time in the words.
        by_half_lives: bool,
        /// The treatment is surely one of those that are named; else it may be.
        counts: bool,
    },
    /// It is settled with the site.
    Site,
}

/// The answer to one demand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Point {
    /// The demand, by its place in [`Matcher::demands`].
    pub demand: usize,
    /// The answer.
    pub answer: Answer,
    /// What it rests on.
    pub why: Why,
}

impl Point {
    /// Says whether it is a rule of the study that is not settled. That a text is abridged is none.
    pub fn is_open(&self) -> bool {
        matches!(self.answer, Answer::Unknown | Answer::Clinician) && self.why != Why::Abridged
    }
}

/// The verdict (contract: `verdict`). Never "eligible".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Verdict {
    /// Every criterion is fully read and met.
    Possible,
    /// Nothing rules out, something is not known.
    Check,
    /// Something is certainly not met.
    Unlikely,
}

impl Verdict {
    /// Returns the contract's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Possible => "possible",
            Self::Check => "check",
            Self::Unlikely => "unlikely",
        }
    }
}

/// A patient against a study.
#[derive(Debug, Clone, PartialEq)]
pub struct Assessment {
    /// The verdict.
    pub verdict: Verdict,
    /// The answers, in the order of the study's demands.
    pub points: Vec<Point>,
    /// The one blocker, where it can change.
    pub near_miss: Option<NearMiss>,
    /// The first day after every washout of a treatment that is surely named; `None` without one, or where a date
    /// is missing.
    pub earliest_screening: Option<NaiveDate>,
    /// Whether the study takes people in where the patient can go; `None` where that is not known.
    pub open_here: Option<bool>,
    /// Core demands that are met, and all of them.
    pub core: (usize, usize),
}

impl Assessment {
    /// Says whether the record holds no criteria that could be read: then nothing is known of how it fits.
    pub fn is_without_rules(&self) -> bool {
        self.points.iter().any(|point| point.why == Why::NoText)
    }
}

/// A study made ready for any number of patients.
#[derive(Debug)]
pub struct Matcher<'a> {
    one: &'a Classified,
    demands: Vec<Demand<'a>>,
    /// Cohorts that nobody can tell apart.
    cohorts: usize,
}

impl Assessment {
    /// Says whether only the title speaks of a course, and of another than the patient's. Such a study
    /// stands behind those whose rules seem to fit.
    pub fn is_titled_otherwise(&self) -> bool {
        self.points.iter().any(|point| point.why == Why::Title)
    }
}

impl<'a> Matcher<'a> {
    /// Makes a study ready. Its criteria must have been read.
    pub fn new(one: &'a Classified, terms: &'a Terminology) -> Self {
        let (demands, cohorts) = demands(one, terms);
        Self {
            one,
            demands,
            cohorts,
        }
    }

    /// Returns the study.
    pub fn study(&self) -> &'a Classified {
        self.one
    }

    /// Returns what it asks, in the order of its text.
    pub fn demands(&self) -> &[Demand<'a>] {
        &self.demands
    }

    /// Puts a patient against it. Without places, the patient's country says what is open here.
    pub fn assess(&self, patient: &Patient, places: &[Place]) -> Assessment {
        let mut points: Vec<Point> = (self.demands.iter().enumerate())
            .filter_map(|(at, demand)| Self::point(at, demand, patient))
            .collect();
        self.note_no_cohort(&mut points, patient);
        self.settle_disagreement(&mut points, patient);
        self.settle_cohorts(&mut points, patient);
        let verdict = verdict(&points);
        Assessment {
            verdict,
            near_miss: self.nearly(&points, patient),
            earliest_screening: earliest_screening(&points),
            open_here: self.open_here(patient, places),
            core: self.core(&points),
            points,
        }
    }

    /// The answer to one demand; `None` where it does not concern the patient.
    fn point(at: usize, demand: &Demand<'_>, patient: &Patient) -> Option<Point> {
        if matches!(demand.test, Test::Unread { of_women: true, .. })
            && patient.profile.sex == Some(Sex::Male)
        {
            return None;
        }
        if let Test::Title { courses, .. } = demand.test {
            return Some(Point {
                demand: at,
                answer: Answer::Unknown,
                why: titled(courses, patient)?,
            });
        }
        let in_cohort = match demand.scope {
            Scope::Everyone => Some(true),
            Scope::Courses(courses) => courses.hold(patient.profile.ms_course),
            Scope::Unclear(_) => None,
        };
        let (answer, why) = match in_cohort {
            Some(false) => return None,
            Some(true) => Self::answer(demand, patient),
            None => match Self::answer(demand, patient) {
                (Answer::NotMet, _) => (Answer::Unknown, Why::Cohort),
                other => other,
            },
        };
        Some(Point {
            demand: at,
            answer,
            why,
        })
    }

    /// A study whose cohorts are all of other courses must not seem to fit: whether there is a place
    /// for the patient is to be asked.
    fn note_no_cohort(&self, points: &mut Vec<Point>, patient: &Patient) {
        let course = patient.profile.ms_course;
        let mut of_cohorts =
            (self.demands.iter().enumerate()).filter_map(|(at, demand)| match demand.scope {
                Scope::Everyone => None,
                Scope::Courses(courses) => Some((at, courses.hold(course) == Some(false))),
                Scope::Unclear(_) => Some((at, false)),
            });
        let Some((first, true)) = of_cohorts.next() else {
            return;
        };
        if of_cohorts.any(|(_, is_of_others)| !is_of_others) {
            return;
        }
        let behind = points.partition_point(|point| point.demand < first);
        points.insert(
            behind,
            Point {
                demand: first,
                answer: Answer::Unknown,
                why: Why::Cohort,
            },
        );
    }

    fn answer(demand: &Demand<'_>, patient: &Patient) -> (Answer, Why) {
        if demand.is_for_site() {
            return (Answer::Site, Why::Site);
        }
        let (exact, held) = match demand.test {
            Test::NoText => return (Answer::Unknown, Why::NoText),
            Test::Abridged => return (Answer::Unknown, Why::Abridged),
            Test::Unread { .. } => return (Answer::Unknown, Why::Unread),
            Test::Title { .. } => return (Answer::Unknown, Why::Title),
            Test::Age { min, max } => (true, registered_age(min, max, patient)),
            Test::Sex(sex) => (true, registered_sex(sex, patient)),
            Test::Fact { fact, exact } => (exact, held(demand, &fact.value, patient)),
        };
        let met = held.is.map(|is| is != demand.bars());
        if let Some(found) = washout(demand, patient) {
            let why = Why::Washout {
                drug: found.drug,
                until: found.until,
                by_half_lives: found.by_half_lives,
                counts: found.counts,
            };
            return (Answer::Unknown, why);
        }
        match met {
            // Nobody with MS must have the antibody of another disease: that line is for others.
            Some(false) | None if demand.kind() == Some("antibody") && !demand.bars() => {
                (Answer::Unknown, Why::Cohort)
            }
            Some(true) if exact => (Answer::Met, held.why),
            Some(false) if exact => (Answer::NotMet, held.why),
            None if exact => (Answer::Unknown, held.why),
            None if matches!(held.why, Why::Missing(..)) => (Answer::Unknown, held.why),
            _ => (Answer::Clinician, Why::Approximate(met)),
        }
    }

    /// Where the text and the record's own field disagree on age or sex, neither decides.
    fn settle_disagreement(&self, points: &mut [Point], patient: &Patient) {
        for kind in ["age", "sex"] {
            let of_kind = |point: &Point| self.demands[point.demand].kind() == Some(kind);
            let raw = |point: &Point| self.raw(point, patient);
            let bars = |point: &&Point| self.demands[point.demand].bars();
            // "Under 18" and "over 65" bar together: who meets one of them is barred by the text.
            let (barring, asking): (Vec<&Point>, Vec<&Point>) =
                points.iter().filter(|one| of_kind(one)).partition(bars);
            let mut found: Vec<Option<bool>> = asking.into_iter().map(raw).collect();
            if !barring.is_empty() {
                found.push(all_met(barring.into_iter().map(raw)));
            }
            if found.contains(&Some(true)) && found.contains(&Some(false)) {
                for point in points.iter_mut().filter(|one| of_kind(one)) {
                    (point.answer, point.why) = (Answer::Unknown, Why::Disagree);
                }
            }
        }
    }

    /// Whether a demand is met as its values stand, whatever else its line holds.
    fn raw(&self, point: &Point, patient: &Patient) -> Option<bool> {
        let demand = &self.demands[point.demand];
        let is = match demand.test {
            Test::Age { .. } | Test::Sex(_) if self.registers_nobody() => None,
            Test::Age { min, max } => registered_age(min, max, patient).is,
            Test::Sex(sex) => registered_sex(sex, patient).is,
            Test::Fact { fact, .. } => held(demand, &fact.value, patient).is,
            Test::Unread { .. } | Test::NoText | Test::Abridged | Test::Title { .. } => None,
        };
        is.map(|is| is != demand.bars())
    }

    /// A record without any field of age and sex says nothing of them; one that
    /// takes any sex and gives no bound says that there is none.
    fn registers_nobody(&self) -> bool {
        let registered = &self.one.study.eligibility;
        registered.min_age.is_none() && registered.max_age.is_none() && registered.sex.is_none()
    }

    /// Of cohorts that nobody can tell apart, each may be the patient's: only
    /// what stands in the way of all of them stands in the way.
    fn settle_cohorts(&self, points: &mut [Point], patient: &Patient) {
        let mut blocked = vec![false; self.cohorts];
        let blocks = |point: &Point| {
            let Scope::Unclear(cohort) = self.demands[point.demand].scope else {
                return None;
            };
            let decided = point.why == Why::Cohort
                && matches!(
                    Self::answer(&self.demands[point.demand], patient),
                    (Answer::NotMet, _)
                );
            decided.then_some(cohort)
        };
        for point in points.iter() {
            if let Some(cohort) = blocks(point) {
                blocked[cohort] = true;
            }
        }
        if self.cohorts < 2 || blocked.contains(&false) {
            return;
        }
        for point in points.iter_mut() {
            if blocks(point).is_some() {
                (point.answer, point.why) = (Answer::NotMet, Why::Stated);
            }
        }
    }

    fn nearly(&self, points: &[Point], patient: &Patient) -> Option<NearMiss> {
        let mut blocking = points.iter().filter(|one| one.answer == Answer::NotMet);
        let only = blocking.next()?;
        // The record's field and its text may both give the age: that is one blocker.
        let kind = |point: &Point| self.demands[point.demand].kind();
        if blocking.any(|one| kind(one) != Some("age") || kind(only) != Some("age")) {
            return None;
        }
        near_miss(only.demand, &self.demands[only.demand], points, patient)
    }

    fn core(&self, points: &[Point]) -> (usize, usize) {
        let core = points
            .iter()
            .filter(|one| self.demands[one.demand].is_core());
        core.fold((0, 0), |(met, all), one| {
            (met + usize::from(one.answer == Answer::Met), all + 1)
        })
    }

    fn open_here(&self, patient: &Patient, places: &[Place]) -> Option<bool> {
        let home = patient.profile.country.map(|home| Place::Country(home.0));
        let home: Vec<Place> = home.into_iter().collect();
        let places = if places.is_empty() { &home } else { places };
        let study = &self.one.study;
        if study.sites.is_empty() || places.is_empty() {
            return None;
        }
        match best_state(study, places) {
            Some(SiteState::Open) => Some(true),
            Some(SiteState::Unknown) => None,
            _ => Some(false),
        }
    }
}

/// Whether all of several demands are met.
fn all_met(mut answers: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    answers
        .try_fold(Some(true), |all, one| match one {
            Some(false) => Err(Some(false)),
            one => Ok(all.and(one)),
        })
        .unwrap_or_else(|barred| barred)
}

/// What there is to ask about a title that names courses; `None` where the patient's is one of them.
fn titled(courses: &[&'static str], patient: &Patient) -> Option<Why> {
    let course = patient.profile.ms_course;
    match Courses::of(courses).hold(course) {
        Some(true) => None,
        None if course.is_none() => Some(Why::Missing("ms_course", "")),
        _ => Some(Why::Title),
    }
}

fn registered_age(min: Option<f64>, max: Option<f64>, patient: &Patient) -> Held {
    let Some(age) = patient.profile.age.map(|age| f64::from(age.get())) else {
        return if min.is_none() && max.is_none() {
            Held::stated(true)
        } else {
            Held::missing("age")
        };
    };
    // Nobody younger than a whole year more: "6 months" is met at the age of 0 or not.
    let old_enough = min.is_none_or(|min| age >= min || min < 1.0);
    Held::stated(old_enough && max.is_none_or(|max| age <= max))
}

fn registered_sex(sex: Option<&Sex>, patient: &Patient) -> Held {
    match (sex, &patient.profile.sex) {
        (None | Some(Sex::All), _) => Held::stated(true),
        (Some(_), None) => Held::missing("sex"),
        (Some(asked @ (Sex::Female | Sex::Male)), Some(sex)) => Held::stated(asked == sex),
        (Some(_), Some(_)) => Held::unclear(),
    }
}

/// Something certainly not met rules out; something not known leaves it open.
fn verdict(points: &[Point]) -> Verdict {
    let any = |answer| points.iter().any(|one| one.answer == answer);
    if any(Answer::NotMet) {
        Verdict::Unlikely
    } else if any(Answer::Unknown) || any(Answer::Clinician) {
        Verdict::Check
    } else {
        Verdict::Possible
    }
}

/// The latest end of all washouts of treatments that are surely named; none where one of these has no date.
fn earliest_screening(points: &[Point]) -> Option<NaiveDate> {
    let washouts = points.iter().filter_map(|one| match one.why {
        Why::Washout {
            until,
            counts: true,
            ..
        } => Some(until),
        _ => None,
    });
    let ends: Option<Vec<NaiveDate>> = washouts.collect();
    ends?.into_iter().max()
}
