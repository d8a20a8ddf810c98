//! From the registry's bytes to studies. Pure: nothing is read or sent here.
//!
//! A record that cannot be used is reported by number and JSON path and passed
//! over; a value that cannot be read (an impossible date) is reported and left
//! out, and the study stays.

use std::fmt;

use serde_json::value::RawValue;

use super::wire::{self, Text};
use crate::geo::{GeoPoint, country};
use crate::study::{
    Arm, Contact, Eligibility, Enrollment, Intervention, NctNumber, Outcome, OutcomeKind, Site,
    Sponsor, StatusRecord, Study,
};
use crate::text;

/// What to ask of the registry: every branch that the model uses, and no other.
/// Names are the registry's piece names (`/studies/metadata`).
pub const FIELDS: &[&str] = &[
    "NCTId",
    "NCTIdAlias",
    "BriefTitle",
    "OfficialTitle",
    "Acronym",
    "OverallStatus",
    "LastKnownStatus",
    "WhyStopped",
    "StartDateStruct",
    "PrimaryCompletionDateStruct",
    "CompletionDateStruct",
    "StudyFirstPostDateStruct",
    "LastUpdatePostDateStruct",
    "LeadSponsor",
    "DescriptionModule",
    "ConditionsModule",
    "StudyType",
    "Phase",
    "EnrollmentInfo",
    "ArmGroup",
    "Intervention",
    "OutcomesModule",
    "EligibilityCriteria",
    "Sex",
    "MinimumAge",
    "MaximumAge",
    "CentralContact",
    "Location",
    "VersionHolder",
];

/// The registry's way to say that the number of people is not known.
const ENROLLMENT_NOT_KNOWN: u64 = 99_999_999;

/// Studies, and what could not be used.
#[derive(Debug, Default)]
pub struct Decoded {
    /// Studies in the order of the input.
    pub studies: Vec<Study>,
    /// Records and values that could not be used, in the order of the input.
    pub problems: Vec<Problem>,
    /// What a saved page says of the search that it is a part of; `None` if the input was no page.
    pub part_of: Option<PartOf>,
}

/// What a page of search results says of the whole search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartOf {
    /// Studies that the whole search finds, where the page says so.
    pub total: Option<u64>,
    /// Whether that count, if it is there, could be read.
    pub is_counted: bool,
    /// Whether the page names a next one.
    pub leads_on: bool,
}

/// Where a page counts the studies that its search finds.
const TOTAL: &str = "totalCount";

/// A page of search results.
#[derive(Debug, Default)]
pub struct Page {
    /// `totalCount`: studies that the whole search finds; on the first page only.
    pub total: Option<u64>,
    /// `nextPageToken`: opaque; absent on the last page.
    pub next_token: Option<String>,
    /// The studies of this page.
    pub decoded: Decoded,
}

/// A record or a value that could not be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The registry number, as far as it could be read.
    pub nct: Option<String>,
    /// Path in the record's JSON.
    pub path: String,
    /// What is wrong there.
    pub what: String,
    /// True if the whole record was passed over, false if only the value was.
    pub skipped: bool,
    /// The file and line that it came from, in words; `None` for what came from the registry itself.
    pub origin: Option<String>,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nct = self.nct.as_deref().unwrap_or(if self.path == TOTAL {
            "a page"
        } else {
            "a record without a readable number"
        });
        let fate = if self.skipped {
            "record passed over"
        } else {
            "value left out"
        };
        write!(
            f,
            "{nct}: {}: {} ({fate}{})",
            text::shorten(&self.path, 120),
            text::shorten(&self.what, 160),
            self.origin
                .as_ref()
                .map_or(String::new(), |origin| format!("; in {origin}"))
        )
    }
}

/// Bytes that are not the JSON of studies.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// Not JSON, or cut off.
    #[error("is not whole JSON: line {line}, column {column}: {what}")]
    Syntax {
        /// Line, from 1.
        line: usize,
        /// Column in bytes, from 1.
        column: usize,
        /// What the parser says, without the position.
        what: String,
        /// True where the input ended too early.
        cut_off: bool,
    },
    /// JSON, but no study, page or list of studies.
    #[error("holds no study: expected a study record, a page with `studies`, or a list of records")]
    NoStudy,
}

impl From<serde_json::Error> for DecodeError {
    fn from(source: serde_json::Error) -> Self {
        let what = source.to_string();
        Self::Syntax {
            line: source.line(),
            column: source.column(),
            what: what
                .split(" at line ")
                .next()
                .unwrap_or_default()
                .to_owned(),
            cut_off: source.is_eof(),
        }
    }
}

impl DecodeError {
    /// Counts lines from further up: the value begins so many lines into its file.
    pub(super) fn behind_lines(mut self, before: usize) -> Self {
        if let Self::Syntax { line, .. } = &mut self {
            *line += before;
        }
        self
    }
}

/// Decodes a page of search results (`PagedStudies`).
///
/// # Errors
///
/// [`DecodeError`] if the bytes are no whole JSON or hold no `studies`.
pub fn page(bytes: &[u8]) -> Result<Page, DecodeError> {
    match serde_json::from_slice::<wire::Envelope<'_>>(bytes) {
        Ok(envelope) => {
            let records = envelope.studies.ok_or(DecodeError::NoStudy)?;
            let next_token = envelope.next_page_token.map(|token| token.0.into_owned());
            Ok(Page {
                total: envelope.total_count,
                next_token,
                decoded: Decoded::of(records),
            })
        }
        Err(error) if error.is_data() => page_one_by_one(bytes),
        Err(error) => Err(error.into()),
    }
}

/// Decodes a study record, a page, or a list of records: whatever was saved from the registry.
///
/// # Errors
///
/// [`DecodeError`] if the bytes are no whole JSON or no such thing.
pub fn any(bytes: &[u8]) -> Result<Decoded, DecodeError> {
    if bytes.trim_ascii_start().first() == Some(&b'[') {
        return list(bytes);
    }
    match serde_json::from_slice::<wire::Envelope<'_>>(bytes) {
        Ok(wire::Envelope {
            studies: Some(records),
            total_count,
            next_page_token,
            protocol_section,
            derived_section,
        }) => {
            // A study that holds a list of studies is both.
            let own = protocol_section.map(|section| wire::Record {
                protocol_section: Some(section),
                derived_section,
            });
            Ok(Decoded {
                part_of: Some(PartOf {
                    total: total_count,
                    is_counted: true,
                    leads_on: next_page_token.is_some(),
                }),
                ..Decoded::of(records.into_iter().chain(own))
            })
        }
        Ok(wire::Envelope {
            protocol_section: None,
            ..
        }) => Err(DecodeError::NoStudy),
        Ok(wire::Envelope {
            protocol_section,
            derived_section,
            ..
        }) => Ok(Decoded::of([wire::Record {
            protocol_section,
            derived_section,
        }])),
        Err(error) if error.is_data() => {
            Ok(page_one_by_one(bytes).map_or_else(|_| one_by_one(&[bytes]), saved))
        }
        Err(error) => Err(error.into()),
    }
}

/// Returns the bytes of each record in a study record, a page, or a list of records.
///
/// # Errors
///
/// [`DecodeError`] if the bytes are no whole JSON or no such thing.
pub fn records(bytes: &[u8]) -> Result<Vec<&[u8]>, DecodeError> {
    let raw = if bytes.trim_ascii_start().first() == Some(&b'[') {
        serde_json::from_slice::<Vec<&RawValue>>(bytes)?
    } else {
        match serde_json::from_slice::<wire::RawEnvelope<'_>>(bytes)?.studies {
            Some(records) => records,
            None => return Ok(vec![bytes]),
        }
    };
    Ok(raw.into_iter().map(|one| one.get().as_bytes()).collect())
}

/// Returns what a saved page holds, with what it says of the whole search.
fn saved(page: Page) -> Decoded {
    let is_counted = !page.decoded.problems.iter().any(|one| one.path == TOTAL);
    Decoded {
        part_of: Some(PartOf {
            is_counted,
            total: page.total,
            leads_on: page.next_token.is_some(),
        }),
        ..page.decoded
    }
}

fn list(bytes: &[u8]) -> Result<Decoded, DecodeError> {
    match serde_json::from_slice::<Vec<wire::Record<'_>>>(bytes) {
        Ok(records) => Ok(Decoded::of(records)),
        Err(error) if error.is_data() => {
            let raw: Vec<&RawValue> = serde_json::from_slice(bytes)?;
            Ok(one_by_one(
                &raw.iter()
                    .map(|record| record.get().as_bytes())
                    .collect::<Vec<_>>(),
            ))
        }
        Err(error) => Err(error.into()),
    }
}

/// The second pass over a page that holds a wrong type somewhere.
fn page_one_by_one(bytes: &[u8]) -> Result<Page, DecodeError> {
    let raw: wire::RawEnvelope<'_> = serde_json::from_slice(bytes)?;
    let records = raw.studies.ok_or(DecodeError::NoStudy)?;
    let records: Vec<&[u8]> = records
        .iter()
        .map(|record| record.get().as_bytes())
        .collect();
    let mut decoded = one_by_one(&records);
    Ok(Page {
        total: decoded.total(raw.total_count),
        next_token: raw.next_page_token,
        decoded,
    })
}

/// Decodes records one by one, and names path and number of each that fails.
fn one_by_one(records: &[&[u8]]) -> Decoded {
    let mut decoded = Decoded::default();
    for bytes in records {
        let mut json = serde_json::Deserializer::from_slice(bytes);
        match serde_path_to_error::deserialize::<_, wire::Record<'_>>(&mut json) {
            Ok(record) => decoded.take(record),
            Err(error) => decoded.problems.push(Problem {
                nct: number_in(bytes),
                path: error.path().to_string(),
                what: error.inner().to_string(),
                skipped: true,
                origin: None,
            }),
        }
    }
    decoded
}

/// Reads only the number of a record whose other parts could not be read.
fn number_in(bytes: &[u8]) -> Option<String> {
    let record: serde_json::Value = serde_json::from_slice(bytes).ok()?;
    let number = record.pointer("/protocolSection/identificationModule/nctId")?;
    Some(text::shorten(number.as_str()?, 20))
}

impl Decoded {
    /// Adds what another part of the input held.
    pub fn extend(&mut self, other: Self) {
        self.studies.extend(other.studies);
        self.problems.extend(other.problems);
    }

    /// Returns how many records were passed over.
    pub fn skipped(&self) -> usize {
        self.problems
            .iter()
            .filter(|problem| problem.skipped)
            .count()
    }

    /// Returns how many studies a page counts, and notes a count that is none.
    fn total(&mut self, total: Option<wire::Total>) -> Option<u64> {
        match total? {
            wire::Total::Count(count) => Some(count),
            wire::Total::Other(_) => {
                self.problems.push(Problem {
                    nct: None,
                    path: TOTAL.to_owned(),
                    what: "is no whole number".to_owned(),
                    skipped: false,
                    origin: None,
                });
                None
            }
        }
    }

    fn of<'a>(records: impl IntoIterator<Item = wire::Record<'a>>) -> Self {
        let mut decoded = Self::default();
        for record in records {
            decoded.take(record);
        }
        decoded
    }

    fn take(&mut self, record: wire::Record<'_>) {
        let protocol = record.protocol_section.unwrap_or_default();
        let identification = protocol.identification_module.as_ref();
        let number = identification
            .and_then(|module| module.nct_id.as_ref())
            .map(|id| id.0.as_ref());
        match number.map(str::parse::<NctNumber>) {
            Some(Ok(number)) => {
                let data_date = record
                    .derived_section
                    .and_then(|derived| derived.misc_info_module);
                let mut values = Values {
                    number,
                    problems: &mut self.problems,
                };
                let data_date = values.parsed(
                    "derivedSection.miscInfoModule.versionHolder",
                    data_date.and_then(|misc| misc.version_holder),
                );
                let mut study = values.study(protocol);
                study.data_date = data_date;
                self.studies.push(study);
            }
            other => self.problems.push(Problem {
                nct: number.map(|text| text::shorten(text, 20)),
                path: "protocolSection.identificationModule.nctId".into(),
                what: other
                    .and_then(Result::err)
                    .map_or("is missing".into(), |error| error.to_string()),
                skipped: true,
                origin: None,
            }),
        }
    }
}

/// Turns the values of one record into the model's, and notes those that cannot be.
struct Values<'p> {
    number: NctNumber,
    problems: &'p mut Vec<Problem>,
}

impl Values<'_> {
    fn study(&mut self, protocol: wire::Protocol<'_>) -> Study {
        let identification = protocol.identification_module.unwrap_or_default();
        let description = protocol.description_module.unwrap_or_default();
        let conditions = protocol.conditions_module.unwrap_or_default();
        let design = protocol.design_module.unwrap_or_default();
        let arms = protocol.arms_interventions_module.unwrap_or_default();
        let contacts = protocol.contacts_locations_module.unwrap_or_default();
        let sponsor = protocol
            .sponsor_collaborators_module
            .and_then(|module| module.lead_sponsor);
        let aliases = identification
            .nct_id_aliases
            .unwrap_or_default()
            .into_iter();
        Study {
            nct_number: self.number,
            aliases: aliases.filter_map(|alias| alias.0.parse().ok()).collect(),
            title: cleaned(identification.brief_title),
            official_title: cleaned(identification.official_title),
            acronym: cleaned(identification.acronym),
            summary: cleaned(description.brief_summary),
            description: cleaned(description.detailed_description),
            status: self.status(protocol.status_module.unwrap_or_default()),
            sponsor: sponsor.map(|sponsor| Sponsor {
                name: cleaned(sponsor.name),
                class: cleaned(sponsor.class),
            }),
            conditions: list_of(conditions.conditions),
            keywords: list_of(conditions.keywords),
            study_type: design.study_type.map(|word| word.0.as_ref().into()),
            phases: design
                .phases
                .map(|phases| phases.iter().map(|word| word.0.as_ref().into()).collect()),
            enrollment: design.enrollment_info.map(|info| Enrollment {
                count: info.count.filter(|count| *count != ENROLLMENT_NOT_KNOWN),
                kind: cleaned(info.r#type),
            }),
            arms: each(arms.arm_groups, arm),
            interventions: each(arms.interventions, intervention),
            outcomes: outcomes(protocol.outcomes_module.unwrap_or_default()),
            eligibility: self.eligibility(protocol.eligibility_module.unwrap_or_default()),
            contacts: each(contacts.central_contacts, contact),
            sites: each(contacts.locations, site),
            data_date: None,
        }
    }

    fn status(&mut self, module: wire::Status<'_>) -> StatusRecord {
        let mut date = |name: &str, date: Option<wire::Date<'_>>| {
            self.parsed(
                &format!("protocolSection.statusModule.{name}.date"),
                date.and_then(|date| date.date),
            )
        };
        StatusRecord {
            start: date("startDateStruct", module.start_date_struct),
            primary_completion: date(
                "primaryCompletionDateStruct",
                module.primary_completion_date_struct,
            ),
            completion: date("completionDateStruct", module.completion_date_struct),
            first_posted: date(
                "studyFirstPostDateStruct",
                module.study_first_post_date_struct,
            ),
            last_update_posted: date(
                "lastUpdatePostDateStruct",
                module.last_update_post_date_struct,
            ),
            overall: module.overall_status.map(|word| word.0.as_ref().into()),
            last_known: module.last_known_status.map(|word| word.0.as_ref().into()),
            why_stopped: cleaned(module.why_stopped),
        }
    }

    fn eligibility(&mut self, module: wire::Eligibility<'_>) -> Eligibility {
        Eligibility {
            text: cleaned(module.eligibility_criteria),
            min_age: self.parsed(
                "protocolSection.eligibilityModule.minimumAge",
                module.minimum_age,
            ),
            max_age: self.parsed(
                "protocolSection.eligibilityModule.maximumAge",
                module.maximum_age,
            ),
            sex: module.sex.map(|word| word.0.as_ref().into()),
        }
    }

    /// Reads a value; one that cannot be read is noted and left out.
    fn parsed<T>(&mut self, path: &str, value: Option<Text<'_>>) -> Option<T>
    where
        T: std::str::FromStr<Err: fmt::Display>,
    {
        match value?.0.parse() {
            Ok(value) => Some(value),
            Err(error) => {
                self.problems.push(Problem {
                    nct: Some(self.number.to_string()),
                    path: path.to_owned(),
                    what: error.to_string(),
                    skipped: false,
                    origin: None,
                });
                None
            }
        }
    }
}

/// Returns a text cleaned once for all users; empty counts as absent.
fn cleaned(value: Option<Text<'_>>) -> Option<String> {
    let value = value?.0;
    let clean = text::plain(&value);
    if clean.trim().is_empty() {
        return None;
    }
    Some(clean.into_owned())
}

/// Turns every item of a list; an absent list is an empty one.
fn each<W, M>(list: Option<Vec<W>>, turn: impl Fn(W) -> M) -> Vec<M> {
    list.unwrap_or_default().into_iter().map(turn).collect()
}

fn list_of(values: Option<Vec<Text<'_>>>) -> Vec<String> {
    values
        .unwrap_or_default()
        .into_iter()
        .filter_map(|value| cleaned(Some(value)))
        .collect()
}

fn arm(arm: wire::Arm<'_>) -> Arm {
    Arm {
        label: cleaned(arm.label),
        description: cleaned(arm.description),
    }
}

fn intervention(one: wire::Intervention<'_>) -> Intervention {
    Intervention {
        kind: cleaned(one.r#type),
        name: cleaned(one.name),
        description: cleaned(one.description),
        other_names: list_of(one.other_names),
    }
}

fn site(location: wire::Location<'_>) -> Site {
    let point = location
        .geo_point
        .and_then(|point| GeoPoint::new(point.lat?, point.lon?));
    let (country, city, state) = (
        cleaned(location.country),
        cleaned(location.city),
        cleaned(location.state),
    );
    Site {
        facility: cleaned(location.facility),
        settled: country::settle(country.as_deref(), city.as_deref(), state.as_deref(), point),
        country,
        city,
        state,
        status: location.status.map(|word| word.0.as_ref().into()),
        registered_point: point,
        contacts: each(location.contacts, contact),
    }
}

fn outcomes(module: wire::Outcomes<'_>) -> Vec<Outcome> {
    let of = |kind, list| {
        each(list, |one: wire::Outcome<'_>| Outcome {
            kind,
            measure: cleaned(one.measure),
            description: cleaned(one.description),
            time_frame: cleaned(one.time_frame),
        })
    };
    let mut all = of(OutcomeKind::Primary, module.primary_outcomes);
    all.extend(of(OutcomeKind::Secondary, module.secondary_outcomes));
    all.extend(of(OutcomeKind::Other, module.other_outcomes));
    all
}

fn contact(contact: wire::Contact<'_>) -> Contact {
    let phone = match (cleaned(contact.phone), cleaned(contact.phone_ext)) {
        (Some(phone), Some(extension)) => Some(format!("{phone} ext. {extension}")),
        (phone, _) => phone,
    };
    Contact {
        name: cleaned(contact.name),
        role: cleaned(contact.role),
        phone,
        email: cleaned(contact.email),
    }
}
