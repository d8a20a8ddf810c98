//! What is known of one patient (contract: patient profile).
//!
//! Every fact is optional, and what is not stated is unknown, never "no". A
//! profile has no field for a name, an address or a date of birth. It is read
//! from TOML, JSON, the rows of a CSV, or flags, all on one path: the words of
//! a field become a value, or an error that names the field and what is allowed.

mod check;
mod faults;
mod fhir;
mod field;
mod file;
mod home;
mod interview;
mod lines;
mod measured;
mod moments;
mod on_disk;
mod procedures;
mod records;
mod repeats;
mod stated;
mod table;
mod words;
mod write;

use std::collections::BTreeMap;

use serde::Deserialize;

pub use check::{Contradiction, Last, Patient, Taken};
pub use fhir::{FromFhir, LONGEST_BUNDLE, LeftOut, from_fhir};
pub use file::{ProfileError, ProfileErrors, from_json, from_toml};
pub use home::Home;
pub use interview::{Interview, Prompt, Question, questions};
pub use measured::Measured;
pub use moments::{Since, Stopped};
pub use on_disk::{from_file, text_of, unreadable};
pub use table::{Row, Rows, from_cells};
pub use words::{
    Agent, Analyte, Antibody, Count, Course, Edss, Kilograms, Kind, PatientId, Percent, Reason,
    Residence, Schema, SexWord, TestResult, Text, Whole, YesNo,
};
pub use write::to_toml;

pub(crate) use faults::{Step, Steps};
pub(crate) use lines::{in_toml, line_at};

use crate::study::{PartialDate, Sex};
use field::{Fields, closed_map, date, known, list, measured, tables};

/// The fields of a profile, in the contract's order.
pub const FIELDS: [&str; 31] = [
    "schema",
    "id",
    "age",
    "sex",
    "country",
    "near",
    "ms_course",
    "diagnosed",
    "edss",
    "relapses_12_months",
    "relapses_24_months",
    "last_relapse",
    "last_mri",
    "gd_lesions_last",
    "new_t2_last",
    "progression_24_months",
    "treatments",
    "treatments_complete",
    "prior_hsct",
    "prior_cell_therapy",
    "pregnant",
    "breastfeeding",
    "infections",
    "antibodies",
    "labs",
    "lvef",
    "conditions",
    "absent",
    "mri_possible",
    "lumbar_puncture_possible",
    "weight_kg",
];

/// What is known of a patient, as it was written down.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Profile {
    /// The line of the table that it was read from; `None` of a file of one patient.
    #[serde(skip)]
    pub line: Option<u64>,
    /// `trialbrief.patient/1`.
    #[serde(deserialize_with = "known")]
    pub schema: Option<Schema>,
    /// What the clinic calls the patient; no name.
    #[serde(deserialize_with = "known")]
    pub id: Option<PatientId>,
    /// Age in whole years.
    #[serde(deserialize_with = "known")]
    pub age: Option<Whole>,
    /// Sex, as studies ask for it.
    #[serde(deserialize_with = "sex")]
    pub sex: Option<Sex>,
    /// Where the patient lives.
    #[serde(deserialize_with = "known")]
    pub country: Option<Residence>,
    /// Where distances are counted from: a place, or `LAT,LON`.
    #[serde(deserialize_with = "known")]
    pub near: Option<Home>,
    /// Course of MS.
    #[serde(deserialize_with = "known")]
    pub ms_course: Option<Course>,
    /// When MS was diagnosed.
    #[serde(deserialize_with = "date")]
    pub diagnosed: Option<PartialDate>,
    /// Expanded Disability Status Scale (Kurtzke 1983), 0 to 10 in half steps.
    #[serde(deserialize_with = "known")]
    pub edss: Option<Edss>,
    /// Relapses in the last 12 months.
    #[serde(deserialize_with = "known")]
    pub relapses_12_months: Option<Count>,
    /// Relapses in the last 24 months.
    #[serde(deserialize_with = "known")]
    pub relapses_24_months: Option<Count>,
    /// When the last relapse began.
    #[serde(deserialize_with = "date")]
    pub last_relapse: Option<PartialDate>,
    /// When the last MRI was made.
    #[serde(deserialize_with = "date")]
    pub last_mri: Option<PartialDate>,
    /// Lesions that took up gadolinium on that MRI.
    #[serde(deserialize_with = "known")]
    pub gd_lesions_last: Option<Count>,
    /// New or larger T2 lesions on that MRI.
    #[serde(deserialize_with = "known")]
    pub new_t2_last: Option<Count>,
    /// Disability worsened in the last 24 months.
    #[serde(deserialize_with = "known")]
    pub progression_24_months: Option<YesNo>,
    /// Treatments, earlier and present.
    #[serde(deserialize_with = "tables")]
    pub treatments: Option<Vec<Therapy>>,
    /// What is not in the list was never taken.
    #[serde(deserialize_with = "known")]
    pub treatments_complete: Option<YesNo>,
    /// Had a transplant of blood stem cells.
    #[serde(deserialize_with = "known")]
    pub prior_hsct: Option<YesNo>,
    /// Had engineered cells or gene therapy.
    #[serde(deserialize_with = "known")]
    pub prior_cell_therapy: Option<YesNo>,
    /// Is pregnant.
    #[serde(deserialize_with = "known")]
    pub pregnant: Option<YesNo>,
    /// Is breastfeeding.
    #[serde(deserialize_with = "known")]
    pub breastfeeding: Option<YesNo>,
    /// Infections and their tests.
    #[serde(deserialize_with = "closed_map")]
    pub infections: BTreeMap<Agent, TestResult>,
    /// Antibodies of other diseases.
    #[serde(deserialize_with = "closed_map")]
    pub antibodies: BTreeMap<Antibody, TestResult>,
    /// Blood values, each in the unit that criteria use.
    #[serde(deserialize_with = "measured")]
    pub labs: BTreeMap<Analyte, Measured>,
    /// Ejection fraction of the left ventricle, per cent.
    #[serde(deserialize_with = "known")]
    pub lvef: Option<Percent>,
    /// Diseases and events that the patient has or had.
    #[serde(deserialize_with = "tables")]
    pub conditions: Option<Vec<Condition>>,
    /// Diseases and events that the patient never had.
    #[serde(deserialize_with = "list")]
    pub absent: Option<Vec<Kind>>,
    /// An MRI can be made.
    #[serde(deserialize_with = "known")]
    pub mri_possible: Option<YesNo>,
    /// A lumbar puncture can be made.
    #[serde(deserialize_with = "known")]
    pub lumbar_puncture_possible: Option<YesNo>,
    /// Weight in kilograms.
    #[serde(deserialize_with = "known")]
    pub weight_kg: Option<Kilograms>,
}

/// One treatment, from its start to its last dose.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Therapy {
    /// Generic name or brand.
    #[serde(deserialize_with = "known")]
    pub drug: Option<Text>,
    /// First dose.
    #[serde(deserialize_with = "date")]
    pub started: Option<PartialDate>,
    /// Last dose, or `ongoing`.
    #[serde(deserialize_with = "known")]
    pub stopped: Option<Stopped>,
    /// Last dose so far of what is ongoing.
    #[serde(deserialize_with = "date")]
    pub last_dose: Option<PartialDate>,
    /// Why it was stopped.
    #[serde(deserialize_with = "known")]
    pub reason: Option<Reason>,
}

/// A disease or event, and since when.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// Which.
    pub kind: Kind,
    /// Since when; `never` says that the patient never had it.
    #[serde(default, deserialize_with = "known")]
    pub since: Option<Since>,
}

impl Fields for Therapy {
    const EXPECTED: &'static str =
        "a table with the fields drug, started, stopped, last_dose, reason";
}

impl Fields for Condition {
    const EXPECTED: &'static str = "a table with the fields kind, since";
}

fn sex<'de, D: serde::Deserializer<'de>>(source: D) -> Result<Option<Sex>, D::Error> {
    let word: Option<words::SexWord> = known(source)?;
    Ok(word.map(|word| match word {
        words::SexWord::Female => Sex::Female,
        words::SexWord::Male => Sex::Male,
    }))
}
