//! A profile from a FHIR R4 bundle (HL7 FHIR 4.0.1). What no row of the code
//! table knows is left out and listed: nothing is guessed from a name.
//!
//! The date of birth becomes an age and is dropped; names, addresses and
//! identifiers are never read.

mod codes;
mod diseases;
mod draft;
mod drugs;
mod person;
mod resource;
mod results;

use std::collections::BTreeSet;
use std::fmt;

use chrono::NaiveDate;
use serde_json::value::RawValue;

use super::file::without_place;
use super::{Profile, ProfileError, ProfileErrors};
use crate::terminology::Treatments;
use draft::Draft;
use drugs::Medicines;
use resource::{Bundle, Head};

/// Longest bundle that is read, in bytes.
pub const LONGEST_BUNDLE: u64 = 16 << 20;

/// What a bundle came to.
#[derive(Debug, Clone, PartialEq)]
pub struct FromFhir {
    /// What could be read.
    pub profile: Profile,
    /// What could not, in the order of the bundle.
    pub left_out: Vec<LeftOut>,
}

/// A resource, or a part of one, that did not become a fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// Type of the resource, and its code.
    pub what: String,
    /// Why it was left out, or what to check.
    pub why: String,
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.what, self.why)
    }
}

/// Reads a bundle of one patient.
///
/// # Errors
///
/// [`ProfileErrors`] if the text is no bundle, or holds several patients.
pub fn from_fhir(
    file: &str,
    text: &str,
    treatments: &Treatments,
    today: NaiveDate,
) -> Result<FromFhir, ProfileErrors> {
    let wrong = |line: Option<usize>, what: String| {
        let line = line.and_then(|line| u64::try_from(line).ok());
        ProfileErrors::from(ProfileError::new(file, line, None, what))
    };
    let text = text.trim_start_matches('\u{feff}');
    let bundle: Bundle<'_> = serde_json::from_str(text)
        .map_err(|error| wrong(Some(error.line()), without_place(&error)))?;
    if bundle.resource_type.as_deref() != Some("Bundle") {
        let what = "is no FHIR bundle: give one with `\"resourceType\": \"Bundle\"`";
        return Err(wrong(None, what.to_owned()));
    }
    let resources: Vec<(Head, &RawValue)> = (bundle.entry.iter())
        .filter_map(|entry| {
            let raw = entry.resource?;
            Some((serde_json::from_str(raw.get()).unwrap_or_default(), raw))
        })
        .collect();
    let owners = owners(&bundle, &resources)
        .map_err(|count| wrong(None, format!("holds {count} patients: give one at a time")))?;
    let medicines: Medicines<'_> = (resources.iter())
        .filter(|(head, _)| head.name() == "Medication")
        .filter_map(|(head, raw)| Some((head.id.clone()?, *raw)))
        .collect();
    let mut draft = Draft::new(treatments, today);
    for (head, raw) in &resources {
        let stranger = (head.subject.as_ref())
            .and_then(|subject| subject.reference.as_deref())
            .is_some_and(|whose| !owners.is_empty() && !owners.contains(whose));
        if stranger {
            draft.leave(head.name(), "is about somebody else");
        } else {
            one(&mut draft, head, raw, &medicines);
        }
    }
    Ok(draft.finish())
}

fn one(draft: &mut Draft<'_>, head: &Head, raw: &RawValue, medicines: &Medicines<'_>) {
    let text = raw.get();
    let read = match head.name() {
        "Patient" => serde_json::from_str(text).map(|one| person::read(draft, &one)),
        "Condition" => serde_json::from_str(text).map(|one| diseases::read(draft, &one)),
        "Observation" => serde_json::from_str(text).map(|one| results::read(draft, &one)),
        "MedicationStatement" | "MedicationRequest" => {
            serde_json::from_str(text).map(|one| drugs::read(draft, head.name(), &one, medicines))
        }
        // It is read where a treatment refers to it.
        "Medication" => Ok(()),
        "" => {
            draft.leave("entry", "has no `resourceType`");
            Ok(())
        }
        other => {
            draft.leave(other, "resources of this type are not read");
            Ok(())
        }
    };
    if read.is_err() {
        draft.leave(head.name(), "has not the form of FHIR R4");
    }
}

/// The references that mean the patient; none where the bundle names no patient
/// and speaks of one only. An error holds how many patients there are.
fn owners(bundle: &Bundle<'_>, resources: &[(Head, &RawValue)]) -> Result<BTreeSet<String>, usize> {
    let is_patient = |head: &Head| head.name() == "Patient";
    let count = resources
        .iter()
        .filter(|(head, _)| is_patient(head))
        .count();
    if count > 1 {
        return Err(count);
    }
    let mut owners = BTreeSet::new();
    for entry in &bundle.entry {
        let head: Option<Head> =
            (entry.resource).and_then(|raw| serde_json::from_str(raw.get()).ok());
        if let Some(head) = head.filter(is_patient) {
            owners.extend(head.id.map(|id| format!("Patient/{id}")));
            owners.extend(entry.full_url.clone());
        }
    }
    if count == 0 {
        let subjects = resources
            .iter()
            .filter_map(|(head, _)| head.subject.as_ref());
        let named: BTreeSet<&str> = subjects
            .filter_map(|one| one.reference.as_deref())
            .collect();
        if named.len() > 1 {
            return Err(named.len());
        }
    }
    Ok(owners)
}
