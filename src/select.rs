//! Filters, and the funnel that tells where each study was lost.

pub mod asked;
mod collect;
mod sort;

pub use asked::{Asked, Misread, Near, near};
pub use collect::{Collected, Collector, FunnelStep};
pub use sort::Sort;

use crate::classify::Classified;
use crate::criteria::Wanted;
use crate::geo::{Found, GeoPoint};
use crate::place::{self, Place};
use crate::registry::plan::{Condition, Therapy};
use crate::study::{Age, NctNumber, OverallStatus, PartialDate, Phase, Sex, Site, Study};
use crate::terminology::{CellSource, Terminology};
use crate::text;

/// What is asked for. Facts that a record does not state never exclude it,
/// but for an absent phase, which fits no asked phase.
#[derive(Debug, Clone)]
pub struct Filters {
    /// Therapy.
    pub therapy: Therapy,
    /// Disease.
    pub condition: Condition,
    /// Status of the study.
    pub status: StatusFilter,
    /// Phases, any of them; empty asks for none.
    pub phases: Vec<Phase>,
    /// Regions and countries, any of them; empty asks for none.
    pub places: Vec<Place>,
    /// Only studies that are open in the places.
    pub open_here: bool,
    /// Antigens, any of them.
    pub targets: Vec<String>,
    /// Sources of the cells, any of them.
    pub sources: Vec<CellSource>,
    /// Courses of MS, any of them.
    pub courses: Vec<&'static str>,
    /// Age in years that must lie within the registered bounds.
    pub age: Option<u32>,
    /// Sex that must be able to join.
    pub sex: Option<Sex>,
    /// Where distances are counted from.
    pub near: Option<GeoPoint>,
    /// The place that `near` is the centre of, if it was given by name; only told, never compared.
    pub near_place: Option<Found>,
    /// Kilometres to the nearest site at most.
    pub within_km: Option<f64>,
    /// Last update posted on this day or later.
    pub updated_since: Option<PartialDate>,
    /// Only these studies, also under numbers that they had before.
    pub numbers: Option<Vec<NctNumber>>,
    /// Studies at most.
    pub limit: Option<usize>,
    /// Order.
    pub sort: Sort,
    /// What is read from the criteria of the studies that fit; it hides none.
    pub wanted: Wanted,
}

impl Default for Filters {
    /// CAR-T and its relatives, for MS, that are open.
    fn default() -> Self {
        Self {
            therapy: Therapy::CellTherapy,
            condition: Condition::Ms,
            status: StatusFilter::Open,
            phases: Vec::new(),
            places: Vec::new(),
            open_here: false,
            targets: Vec::new(),
            sources: Vec::new(),
            courses: Vec::new(),
            age: None,
            sex: None,
            near: None,
            near_place: None,
            within_km: None,
            updated_since: None,
            numbers: None,
            limit: None,
            sort: Sort::Relevance,
            wanted: Wanted::All,
        }
    }
}

/// Which statuses are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StatusFilter {
    /// Recruiting, about to, or by invitation.
    Open,
    /// Recruiting.
    Recruiting,
    /// All.
    All,
    /// These.
    Listed(Vec<OverallStatus>),
}

impl StatusFilter {
    /// Says whether a status fits. An absent status, and a word that this program
    /// does not know, fit always: unknown is not closed.
    pub fn fits(&self, status: Option<&OverallStatus>) -> bool {
        let Some(status) = status else { return true };
        match self {
            Self::All => true,
            _ if matches!(status, OverallStatus::Other(_)) => true,
            Self::Listed(listed) => listed.contains(status),
            Self::Open => status.is_open(),
            Self::Recruiting => *status == OverallStatus::Recruiting,
        }
    }
}

/// A step of the funnel: its name, and whether a study passes it.
type Step = (
    &'static str,
    fn(&Filters, &Terminology, &Classified) -> bool,
);

impl Filters {
    /// Returns the first step of the funnel that a study does not pass; `None` if it fits.
    pub fn lost_at(&self, terms: &Terminology, one: &Classified) -> Option<&'static str> {
        let mut steps = self.steps().into_iter();
        let failed = steps.find(|(_, passes)| !passes(self, terms, one));
        failed.map(|(step, _)| step)
    }

    /// Returns the same without what is told by time and place: status, places, distance, and how many at most.
    #[must_use]
    pub fn anywhere(&self) -> Self {
        Self {
            status: StatusFilter::All,
            places: Vec::new(),
            open_here: false,
            within_km: None,
            limit: None,
            ..self.clone()
        }
    }

    /// Says whether a study passes every filter. Its criteria must have been read if courses of MS
    /// are asked for.
    pub fn fits(&self, terms: &Terminology, one: &Classified) -> bool {
        self.steps().iter().all(|(_, fits)| fits(self, terms, one))
    }

    /// Returns the steps in the order in which they are taken; the first four always.
    fn steps(&self) -> Vec<Step> {
        let places = self
            .places
            .iter()
            .any(|place| matches!(place, Place::Region(_)));
        let place = if places { "region" } else { "country" };
        let all: [(bool, Step); 14] = [
            (self.numbers.is_some(), ("number", fits_number)),
            (true, ("therapy", fits_therapy)),
            (true, ("condition", fits_condition)),
            (
                true,
                ("status", |filters, _, one| {
                    filters.status.fits(one.study.status.overall.as_ref())
                }),
            ),
            (!self.phases.is_empty(), ("phase", fits_phase)),
            (
                !self.places.is_empty(),
                (place, |filters, _, one| {
                    fits_place(&filters.places, &one.study)
                }),
            ),
            (
                self.open_here,
                ("open_here", |filters, _, one| {
                    place::is_open_here(&one.study, &filters.places)
                }),
            ),
            (!self.targets.is_empty(), ("target", fits_target)),
            (!self.sources.is_empty(), ("cell_source", fits_source)),
            (
                !self.courses.is_empty(),
                ("ms_course", |filters, _, one| {
                    filters
                        .courses
                        .iter()
                        .any(|course| one.may_take_course(course))
                }),
            ),
            (self.age.is_some(), ("age", fits_age)),
            (self.sex.is_some(), ("sex", fits_sex)),
            (self.within_km.is_some(), ("within", fits_distance)),
            (self.updated_since.is_some(), ("updated_since", fits_update)),
        ];
        all.into_iter()
            .filter_map(|(asked, step)| asked.then_some(step))
            .collect()
    }
}

fn fits_number(filters: &Filters, _: &Terminology, one: &Classified) -> bool {
    let Some(numbers) = &filters.numbers else {
        return true;
    };
    numbers.contains(&one.study.nct_number)
        || one
            .study
            .aliases
            .iter()
            .any(|alias| numbers.contains(alias))
}

fn fits_therapy(filters: &Filters, terms: &Terminology, one: &Classified) -> bool {
    match &filters.therapy {
        Therapy::Any => true,
        Therapy::CellTherapy => one.cell_therapy.class.is_some(),
        Therapy::Text(text) => {
            let product = terms
                .find_products(text)
                .next()
                .and_then(|(_, index)| terms.products().get(index));
            product.is_some_and(|product| one.cell_therapy.product_names.contains(&product.name))
                || therapy_texts(&one.study).any(|field| contains_words(field, text))
        }
    }
}

fn therapy_texts(study: &Study) -> impl Iterator<Item = &str> {
    let names = study.interventions.iter().flat_map(|one| {
        one.name
            .iter()
            .chain(&one.other_names)
            .chain(&one.description)
    });
    let arms = study
        .arms
        .iter()
        .flat_map(|arm| arm.label.iter().chain(&arm.description));
    titles(study).chain(names.chain(arms).chain(&study.keywords).map(String::as_str))
}

fn titles(study: &Study) -> impl Iterator<Item = &str> {
    [
        &study.title,
        &study.official_title,
        &study.acronym,
        &study.summary,
    ]
    .into_iter()
    .flatten()
    .map(String::as_str)
}

fn fits_condition(filters: &Filters, _: &Terminology, one: &Classified) -> bool {
    match &filters.condition {
        Condition::Any => true,
        Condition::Ms => one.ms.relevance.is_about_ms(),
        Condition::Text(text) => {
            let lists = one
                .study
                .conditions
                .iter()
                .chain(&one.study.keywords)
                .map(String::as_str);
            titles(&one.study)
                .chain(lists)
                .any(|field| contains_words(field, text))
        }
    }
}

/// Says whether words stand in a text one behind the other, whatever case and hyphens.
fn contains_words(text: &str, words: &str) -> bool {
    let (text, words) = (text::words(text), text::words(words));
    !words.is_empty() && text.windows(words.len()).any(|window| window == words)
}

fn fits_phase(filters: &Filters, _: &Terminology, one: &Classified) -> bool {
    one.study
        .phases
        .as_ref()
        .is_some_and(|phases| phases.iter().any(|phase| filters.phases.contains(phase)))
}

/// A study without sites fits every place: its sites are not announced yet. So
/// does one with a site whose country is not known: it may lie there.
fn fits_place(places: &[Place], study: &Study) -> bool {
    study.sites.is_empty()
        || study.sites.iter().any(|site| {
            site.settled.country.is_none() || places.iter().any(|place| place.holds(site))
        })
}

fn fits_target(filters: &Filters, _: &Terminology, one: &Classified) -> bool {
    let targets = &one.cell_therapy.targets;
    let asked = |target: &String| {
        filters
            .targets
            .iter()
            .any(|asked| asked.eq_ignore_ascii_case(target))
    };
    targets.is_empty() || targets.iter().any(asked)
}

fn fits_source(filters: &Filters, _: &Terminology, one: &Classified) -> bool {
    one.cell_therapy
        .source
        .is_none_or(|source| filters.sources.contains(&source))
}

fn fits_age(filters: &Filters, _: &Terminology, one: &Classified) -> bool {
    let Some(age) = filters.age.map(f64::from) else {
        return true;
    };
    let bounds = &one.study.eligibility;
    // A person of 60 is 60 until the next birthday, and "60 Years" is within the bound until then.
    bounds
        .min_age
        .as_ref()
        .map(Age::years)
        .is_none_or(|min| age + 1.0 > min)
        && bounds
            .max_age
            .as_ref()
            .map(Age::years)
            .is_none_or(|max| age <= max)
}

fn fits_sex(filters: &Filters, _: &Terminology, one: &Classified) -> bool {
    !matches!(
        (&filters.sex, &one.study.eligibility.sex),
        (Some(Sex::Female), Some(Sex::Male)) | (Some(Sex::Male), Some(Sex::Female))
    )
}

/// Sites without a position may lie within: the study stays.
fn fits_distance(filters: &Filters, _: &Terminology, one: &Classified) -> bool {
    let (Some(from), Some(within)) = (filters.near, filters.within_km) else {
        return true;
    };
    let is_placed = |site: &Site| site.position().point().is_some();
    let unplaced = one.study.sites.is_empty() || !one.study.sites.iter().all(is_placed);
    unplaced || place::nearest_km(&one.study, from).is_some_and(|km| km <= within)
}

fn fits_update(filters: &Filters, _: &Terminology, one: &Classified) -> bool {
    let Some(since) = filters.updated_since else {
        return true;
    };
    one.study
        .status
        .last_update_posted
        .is_none_or(|posted| posted.latest() >= since.earliest())
}
