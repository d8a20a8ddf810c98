//! The values of one record: from the registry's words to the model's types.

use super::Problem;
use crate::geo::{GeoPoint, country};
use crate::registry::wire::{self, Text};
use crate::study::{
    Arm, Contact, Eligibility, Enrollment, Intervention, NctNumber, Outcome, OutcomeKind, Site,
    Sponsor, StatusRecord, Study,
};
use crate::text;

/// The registry's way to say that the number of people is not known.
const ENROLLMENT_NOT_KNOWN: u64 = 99_999_999;

/// Turns the values of one record into the model's, and notes those that cannot be.
pub(super) struct Values<'p> {
    number: NctNumber,
    problems: &'p mut Vec<Problem>,
}

impl<'p> Values<'p> {
    pub(super) fn of(number: NctNumber, problems: &'p mut Vec<Problem>) -> Self {
        Self { number, problems }
    }

    pub(super) fn study(&mut self, protocol: wire::Protocol<'_>) -> Study {
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
    pub(super) fn parsed<T>(&mut self, path: &str, value: Option<Text<'_>>) -> Option<T>
    where
        T: std::str::FromStr<Err: std::fmt::Display>,
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
