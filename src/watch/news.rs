//! What a change of a study means to those who watch.

use chrono::NaiveDate;

use super::{Rule, Rules};
use crate::classify::Classified;
use crate::matching::{Answer, Assessment, Matcher, Shift, Verdict, shifts};
use crate::patient::Patient;
use crate::place::{Place, SiteState, best_state};
use crate::select::{Filters, StatusFilter};
use crate::study::NctNumber;
use crate::terminology::Terminology;

/// What a rule is told: its name, and the studies that changed and concern it.
#[derive(Debug, Clone, PartialEq)]
pub struct News {
    /// The name of the rule.
    pub rule: String,
    /// The studies, in the order in which they were first seen to change.
    pub studies: Vec<StudyNews>,
}

/// What became of a study.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is new.
    New,
    /// Its record, or what this program reads in it, changed.
    Changed,
    /// The registry no longer has it, or has it under another number.
    Gone,
}

/// A study that changed.
#[derive(Debug, Clone, PartialEq)]
pub struct StudyNews {
    /// Its number.
    pub number: NctNumber,
    /// What became of it.
    pub fate: Fate,
    /// Places of the rule in which its state changed.
    pub places: Vec<PlaceNews>,
    /// Patients for whom anything changed, in the order of the rule.
    pub patients: Vec<PatientNews>,
}

/// The state of a study in a place, before and after; `None` without a site there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlaceNews {
    /// The place.
    pub place: Place,
    /// The state before.
    pub before: Option<SiteState>,
    /// The state now.
    pub after: Option<SiteState>,
}

/// What a study changed for a patient.
#[derive(Debug, Clone, PartialEq)]
pub struct PatientNews {
    /// What the clinic calls the patient.
    pub id: String,
    /// How they stood before; `None` for a new study.
    pub before: Option<Standing>,
    /// How they stand now.
    pub after: Standing,
    /// Places of the rule, else where the patient lives, in which the state changed.
    pub places: Vec<PlaceNews>,
    /// Answers that changed.
    pub answers: Vec<Shift>,
}

/// How a patient stands to a study.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// The verdict.
    pub verdict: Verdict,
    /// Points that rule out.
    pub blocking: usize,
    /// Points that are not known.
    pub unknown: usize,
    /// Whether it is open where the patient can go.
    pub open_here: Option<bool>,
}

/// A study before and after what changed. Their criteria must have been read whole.
#[derive(Debug, Clone, Copy)]
pub struct Versions<'a> {
    /// The number under which it changed.
    pub number: NctNumber,
    /// Whether the change log says that it is new.
    pub is_new: bool,
    /// `None` for a new study, or if what it was is not known.
    pub before: Option<&'a Classified>,
    /// `None` for one that is gone.
    pub after: Option<&'a Classified>,
}

/// A rule made ready.
struct Ready<'a> {
    rule: &'a Rule,
    filters: Filters,
    patients: Vec<Patient>,
}

/// Rules made ready for any number of studies.
pub struct Watcher<'a> {
    rules: Vec<Ready<'a>>,
    terms: &'a Terminology,
    news: Vec<News>,
}

impl<'a> Watcher<'a> {
    /// Makes rules ready; times are counted from `today`.
    pub fn new(rules: &'a Rules, terms: &'a Terminology, today: NaiveDate) -> Self {
        let ready = |rule: &'a Rule| Ready {
            rule,
            filters: filters(rule),
            patients: (rule.patients.iter())
                .map(|one| Patient::of(one.clone(), terms.treatments(), today))
                .collect(),
        };
        let news = |rule: &Rule| News {
            rule: rule.name.clone(),
            studies: Vec::new(),
        };
        Self {
            rules: rules.rules.iter().map(ready).collect(),
            terms,
            news: rules.rules.iter().map(news).collect(),
        }
    }

    /// Takes a study that changed.
    pub fn take(&mut self, versions: Versions<'_>) {
        let matcher = |one| Matcher::new(one, self.terms);
        let (before, after) = (versions.before.map(matcher), versions.after.map(matcher));
        for (ready, news) in self.rules.iter().zip(&mut self.news) {
            let fits = |one: &Classified| ready.filters.fits(self.terms, one);
            if versions.before.is_some_and(fits) || versions.after.is_some_and(fits) {
                news.studies
                    .push(ready.study(versions, before.as_ref(), after.as_ref()));
            }
        }
    }

    /// Returns what each rule is told, in the order of the rules.
    pub fn finish(self) -> Vec<News> {
        self.news
    }
}

/// Engineered cells for MS, whatever their status, that may be what the rule names.
fn filters(rule: &Rule) -> Filters {
    Filters {
        status: StatusFilter::All,
        places: rule.places.clone(),
        targets: rule.targets.clone(),
        courses: rule.courses.clone(),
        phases: rule.phases.clone(),
        ..Filters::default()
    }
}

impl Ready<'_> {
    fn study(
        &self,
        versions: Versions<'_>,
        before: Option<&Matcher<'_>>,
        after: Option<&Matcher<'_>>,
    ) -> StudyNews {
        let news = |patient: &Patient| self.patient(patient, versions, before, after?);
        StudyNews {
            number: versions.number,
            fate: match (versions.before, versions.after) {
                (_, None) => Fate::Gone,
                (None, _) if versions.is_new => Fate::New,
                _ => Fate::Changed,
            },
            places: places(&self.rule.places, versions),
            patients: self.patients.iter().filter_map(news).collect(),
        }
    }

    /// What changed for a patient; `None` if nothing did.
    fn patient(
        &self,
        patient: &Patient,
        versions: Versions<'_>,
        before: Option<&Matcher<'_>>,
        after: &Matcher<'_>,
    ) -> Option<PatientNews> {
        let own = &self.rule.places;
        let old = before.map(|matcher| (matcher, matcher.assess(patient, own)));
        let new = after.assess(patient, own);
        let home = patient.profile.country.map(|home| Place::Country(home.0));
        let home: Vec<Place> = home.into_iter().collect();
        let news = PatientNews {
            id: patient.id().to_owned(),
            before: old.as_ref().map(|(_, found)| standing(found)),
            after: standing(&new),
            places: places(if own.is_empty() { &home } else { own }, versions),
            answers: shifts(
                old.as_ref().map(|(matcher, found)| (*matcher, found)),
                Some((after, &new)),
            ),
        };
        let is_news =
            news.before != Some(news.after) || !news.places.is_empty() || !news.answers.is_empty();
        is_news.then_some(news)
    }
}

fn standing(found: &Assessment) -> Standing {
    let count = |answers: &[Answer]| {
        let points = found.points.iter();
        points.filter(|one| answers.contains(&one.answer)).count()
    };
    Standing {
        verdict: found.verdict,
        blocking: count(&[Answer::NotMet]),
        unknown: count(&[Answer::Unknown, Answer::Clinician]),
        open_here: found.open_here,
    }
}

fn places(places: &[Place], versions: Versions<'_>) -> Vec<PlaceNews> {
    let state = |one: Option<&Classified>, place| best_state(&one?.study, &[place]);
    let news = places.iter().map(|place| PlaceNews {
        place: *place,
        before: state(versions.before, *place),
        after: state(versions.after, *place),
    });
    news.filter(|one| one.before != one.after).collect()
}
