//! One registered clinical study, in the registry's own words.
//!
//! Everything here is parsed once, when a record is decoded, into types that
//! cannot hold a wrong value. Every field is optional in the wild, so absent is
//! `None` or an empty list, and absent never means "no". Names follow the
//! ClinicalTrials.gov v2 data structure (`protocolSection`), but for *site*,
//! which the registry calls a location.

mod age;
mod date;
mod nct_number;
mod site;
mod words;

pub use age::{Age, AgeError, AgeUnit};
pub use date::{DateError, PartialDate};
pub use nct_number::{NctError, NctNumber};
pub use site::{Contact, Site};
pub use words::{OverallStatus, Phase, Sex, StudyType};

/// One registered study, as decoded from a record.
#[derive(Debug, Clone, PartialEq)]
pub struct Study {
    /// Registry number (`identificationModule.nctId`).
    pub nct_number: NctNumber,
    /// Numbers this record was known by before (`identificationModule.nctIdAliases`).
    pub aliases: Vec<NctNumber>,
    /// `identificationModule.briefTitle`.
    pub title: Option<String>,
    /// `identificationModule.officialTitle`.
    pub official_title: Option<String>,
    /// `identificationModule.acronym`.
    pub acronym: Option<String>,
    /// `descriptionModule.briefSummary`.
    pub summary: Option<String>,
    /// `descriptionModule.detailedDescription`.
    pub description: Option<String>,
    /// `statusModule`: status words and dates.
    pub status: StatusRecord,
    /// `sponsorCollaboratorsModule.leadSponsor`.
    pub sponsor: Option<Sponsor>,
    /// `conditionsModule.conditions`, in the registered order.
    pub conditions: Vec<String>,
    /// `conditionsModule.keywords`, in the registered order.
    pub keywords: Vec<String>,
    /// `designModule.studyType`.
    pub study_type: Option<StudyType>,
    /// `designModule.phases`; `None` is an absent phase, which differs from [`Phase::NotApplicable`].
    pub phases: Option<Vec<Phase>>,
    /// `designModule.enrollmentInfo`.
    pub enrollment: Option<Enrollment>,
    /// `armsInterventionsModule.armGroups`.
    pub arms: Vec<Arm>,
    /// `armsInterventionsModule.interventions`.
    pub interventions: Vec<Intervention>,
    /// `outcomesModule`: primary, secondary and other outcome measures.
    pub outcomes: Vec<Outcome>,
    /// `eligibilityModule`.
    pub eligibility: Eligibility,
    /// `contactsLocationsModule.centralContacts`.
    pub contacts: Vec<Contact>,
    /// `contactsLocationsModule.locations`.
    pub sites: Vec<Site>,
    /// `derivedSection.miscInfoModule.versionHolder`: the day the registry
    /// processed the data set that this copy came from. Not a change of the study.
    pub data_date: Option<PartialDate>,
}

/// `statusModule`: what the registry says about the state of a study, and its dates.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct StatusRecord {
    /// `overallStatus`; `None` where the record has none.
    pub overall: Option<OverallStatus>,
    /// `lastKnownStatus`, which exists only where `overall` is unknown.
    pub last_known: Option<OverallStatus>,
    /// `whyStopped`.
    pub why_stopped: Option<String>,
    /// `startDateStruct.date`.
    pub start: Option<PartialDate>,
    /// `primaryCompletionDateStruct.date`.
    pub primary_completion: Option<PartialDate>,
    /// `completionDateStruct.date`.
    pub completion: Option<PartialDate>,
    /// `studyFirstPostDateStruct.date`.
    pub first_posted: Option<PartialDate>,
    /// `lastUpdatePostDateStruct.date`.
    pub last_update_posted: Option<PartialDate>,
}

/// The lead sponsor.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sponsor {
    /// Registered name.
    pub name: Option<String>,
    /// Registry word for the kind of sponsor (`INDUSTRY`, `NIH`, `OTHER` …), as it came.
    pub class: Option<String>,
}

/// How many people the study takes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Enrollment {
    /// People; `None` where absent or the registry's 99999999 for "not known".
    pub count: Option<u64>,
    /// `ACTUAL` or `ESTIMATED`, as it came.
    pub kind: Option<String>,
}

/// An arm (`armGroups`).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Arm {
    /// Name of the arm.
    pub label: Option<String>,
    /// What happens in it.
    pub description: Option<String>,
}

/// An intervention (`interventions`).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Intervention {
    /// Registry word for its kind (`BIOLOGICAL`, `DRUG`, `GENETIC` …), as it came.
    pub kind: Option<String>,
    /// Registered name.
    pub name: Option<String>,
    /// What it is.
    pub description: Option<String>,
    /// Other names.
    pub other_names: Vec<String>,
}

/// Which list of outcome measures an [`Outcome`] stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutcomeKind {
    /// `primaryOutcomes`.
    Primary,
    /// `secondaryOutcomes`.
    Secondary,
    /// `otherOutcomes`.
    Other,
}

/// An outcome measure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Which list it stands in.
    pub kind: OutcomeKind,
    /// What is measured.
    pub measure: Option<String>,
    /// How.
    pub description: Option<String>,
    /// When ("Up to 24 months").
    pub time_frame: Option<String>,
}

/// `eligibilityModule`: who may join, as registered.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Eligibility {
    /// The criteria text, with Markdown escapes undone, HTML and entities
    /// turned to text and line ends made `\n`. Offsets of criteria count bytes of it.
    pub text: Option<String>,
    /// Youngest age; absent means no bound.
    pub min_age: Option<Age>,
    /// Oldest age; absent means no bound.
    pub max_age: Option<Age>,
    /// Sex that may join.
    pub sex: Option<Sex>,
}

impl Study {
    /// Returns the study's page in the registry.
    pub fn url(&self) -> String {
        format!("https://clinicaltrials.gov/study/{}", self.nct_number)
    }

    /// Returns the name to call the study by: the brief title, else the official
    /// one, else the acronym, else its number.
    pub fn name(&self) -> String {
        [&self.title, &self.official_title, &self.acronym]
            .into_iter()
            .flatten()
            .next()
            .cloned()
            .unwrap_or_else(|| self.nct_number.to_string())
    }
}
