//! The parts of FHIR R4 resources that are read. All is optional: what a system
//! leaves out is unknown.

use serde::Deserialize;
use serde_json::Number;
use serde_json::value::RawValue;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Bundle<'a> {
    pub(super) resource_type: Option<String>,
    #[serde(default, borrow)]
    pub(super) entry: Vec<Entry<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Entry<'a> {
    pub(super) full_url: Option<String>,
    #[serde(borrow)]
    pub(super) resource: Option<&'a RawValue>,
}

/// What every resource has.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Head {
    pub(super) resource_type: Option<String>,
    pub(super) id: Option<String>,
    pub(super) subject: Option<Reference>,
}

impl Head {
    pub(super) fn name(&self) -> &str {
        self.resource_type.as_deref().unwrap_or_default()
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Reference {
    pub(super) reference: Option<String>,
    pub(super) display: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Coding {
    pub(super) system: Option<String>,
    pub(super) code: Option<String>,
    pub(super) display: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Concept {
    pub(super) coding: Vec<Coding>,
    pub(super) text: Option<String>,
}

impl Concept {
    /// Says whether one of its codings has a code, in any case.
    pub(super) fn is(&self, code: &str) -> bool {
        let codes = self.coding.iter().filter_map(|one| one.code.as_deref());
        codes.into_iter().any(|one| one.eq_ignore_ascii_case(code))
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Quantity {
    pub(super) value: Option<Number>,
    pub(super) comparator: Option<String>,
    pub(super) unit: Option<String>,
    pub(super) system: Option<String>,
    pub(super) code: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Period {
    pub(super) start: Option<String>,
    pub(super) end: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Extension {
    pub(super) url: Option<String>,
    pub(super) value_date_time: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Person {
    pub(super) gender: Option<String>,
    pub(super) birth_date: Option<String>,
    pub(super) deceased_boolean: Option<bool>,
    pub(super) deceased_date_time: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Disease {
    pub(super) extension: Vec<Extension>,
    pub(super) clinical_status: Concept,
    pub(super) verification_status: Concept,
    pub(super) code: Concept,
    pub(super) onset_date_time: Option<String>,
    pub(super) onset_period: Option<Period>,
    pub(super) recorded_date: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Finding {
    pub(super) status: Option<String>,
    pub(super) code: Concept,
    pub(super) value_quantity: Option<Quantity>,
    pub(super) value_integer: Option<i64>,
    pub(super) value_codeable_concept: Option<Concept>,
    pub(super) value_string: Option<String>,
    pub(super) interpretation: Vec<Concept>,
    pub(super) effective_date_time: Option<String>,
    pub(super) effective_instant: Option<String>,
    pub(super) effective_period: Option<Period>,
    pub(super) issued: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Dosing {
    pub(super) status: Option<String>,
    pub(super) intent: Option<String>,
    pub(super) do_not_perform: bool,
    pub(super) medication_codeable_concept: Option<Concept>,
    pub(super) medication_reference: Option<Reference>,
    pub(super) contained: Vec<Medication>,
    pub(super) effective_period: Option<Period>,
    pub(super) effective_date_time: Option<String>,
}

/// A medicine that others refer to.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Medication {
    pub(super) id: Option<String>,
    pub(super) code: Concept,
}
