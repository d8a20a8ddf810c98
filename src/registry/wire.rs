//! The JSON of a v2 record, as far as the model uses it. Nothing else is read.
//!
//! Every field is optional. Texts borrow from the input where they hold no escape.
//! What was read can be written again, so that two records can be compared by
//! what the model reads of them.

#![expect(
    clippy::struct_field_names,
    reason = "the names are the registry's, not ours to shorten"
)]

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, Serializer};

/// A JSON string that borrows from the input where it can. (`Option<Cow<str>>`
/// would copy every string: serde borrows only in a bare `Cow`.)
#[derive(Debug)]
pub(super) struct Text<'a>(pub(super) Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextVisitor;
        impl<'de> Visitor<'de> for TextVisitor {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }

            fn visit_string<E>(self, text: String) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(text)))
            }
        }
        deserializer.deserialize_str(TextVisitor)
    }
}

impl Serialize for Text<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// A struct of the wire that is read from an object and nothing else: by itself
/// serde would also take a list, by position, and read `[]` as an object without a field.
trait FromObject<'de>: Sized {
    fn from_object<M: MapAccess<'de>>(fields: M) -> Result<Self, M::Error>;
}

struct ObjectVisitor<T>(PhantomData<T>);

impl<'de, T: FromObject<'de>> Visitor<'de> for ObjectVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<M: MapAccess<'de>>(self, fields: M) -> Result<T, M::Error> {
        T::from_object(fields)
    }
}

macro_rules! object_only {
    ($name:ident $(<$a:lifetime>)?) => {
        impl<'de $(: $a, $a)?> FromObject<'de> for $name $(<$a>)? {
            fn from_object<M: MapAccess<'de>>(fields: M) -> Result<Self, M::Error> {
                // The derived reading, which `remote` keeps apart from the trait's.
                $name::deserialize(MapAccessDeserializer::new(fields))
            }
        }

        impl<'de $(: $a, $a)?> Deserialize<'de> for $name $(<$a>)? {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_map(ObjectVisitor(PhantomData))
            }
        }

        impl $(<$a>)? Serialize for $name $(<$a>)? {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                $name::serialize(self, serializer)
            }
        }
    };
}

/// Declares the structs of the wire: camel case names, every field optional,
/// unknown fields passed over.
macro_rules! wire {
    ($($name:ident { $($field:ident: $kind:ty),* $(,)? })+) => {
        $(
            #[derive(Debug, Default, serde::Deserialize, serde::Serialize)]
            #[serde(rename_all = "camelCase", default, remote = "Self")]
            pub(super) struct $name<'a> {
                $(#[serde(bound(deserialize = "'de: 'a"))] pub(super) $field: Option<$kind>,)*
            }

            object_only!($name<'a>);
        )+
    };
}

wire! {
    Envelope {
        total_count: u64,
        next_page_token: Text<'a>,
        studies: Vec<Record<'a>>,
        protocol_section: Protocol<'a>,
        derived_section: Derived<'a>,
    }
    Record { protocol_section: Protocol<'a>, derived_section: Derived<'a> }
    Protocol {
        identification_module: Identification<'a>,
        status_module: Status<'a>,
        sponsor_collaborators_module: Sponsors<'a>,
        description_module: Description<'a>,
        conditions_module: Conditions<'a>,
        design_module: Design<'a>,
        arms_interventions_module: Arms<'a>,
        outcomes_module: Outcomes<'a>,
        eligibility_module: Eligibility<'a>,
        contacts_locations_module: Contacts<'a>,
    }
    Identification {
        nct_id: Text<'a>,
        nct_id_aliases: Vec<Text<'a>>,
        brief_title: Text<'a>,
        official_title: Text<'a>,
        acronym: Text<'a>,
    }
    Status {
        overall_status: Text<'a>,
        last_known_status: Text<'a>,
        why_stopped: Text<'a>,
        start_date_struct: Date<'a>,
        primary_completion_date_struct: Date<'a>,
        completion_date_struct: Date<'a>,
        study_first_post_date_struct: Date<'a>,
        last_update_post_date_struct: Date<'a>,
    }
    Date { date: Text<'a> }
    Sponsors { lead_sponsor: Sponsor<'a> }
    Sponsor { name: Text<'a>, class: Text<'a> }
    Description { brief_summary: Text<'a>, detailed_description: Text<'a> }
    Conditions { conditions: Vec<Text<'a>>, keywords: Vec<Text<'a>> }
    Design { study_type: Text<'a>, phases: Vec<Text<'a>>, enrollment_info: Enrollment<'a> }
    Enrollment { count: u64, r#type: Text<'a> }
    Arms { arm_groups: Vec<Arm<'a>>, interventions: Vec<Intervention<'a>> }
    Arm { label: Text<'a>, description: Text<'a> }
    Intervention { r#type: Text<'a>, name: Text<'a>, description: Text<'a>, other_names: Vec<Text<'a>> }
    Outcomes {
        primary_outcomes: Vec<Outcome<'a>>,
        secondary_outcomes: Vec<Outcome<'a>>,
        other_outcomes: Vec<Outcome<'a>>,
    }
    Outcome { measure: Text<'a>, description: Text<'a>, time_frame: Text<'a> }
    Eligibility {
        eligibility_criteria: Text<'a>,
        sex: Text<'a>,
        minimum_age: Text<'a>,
        maximum_age: Text<'a>,
    }
    Contacts { central_contacts: Vec<Contact<'a>>, locations: Vec<Location<'a>> }
    Contact { name: Text<'a>, role: Text<'a>, phone: Text<'a>, phone_ext: Text<'a>, email: Text<'a> }
    Location {
        facility: Text<'a>,
        status: Text<'a>,
        city: Text<'a>,
        state: Text<'a>,
        country: Text<'a>,
        contacts: Vec<Contact<'a>>,
        geo_point: Point,
    }
    Derived { misc_info_module: Misc<'a> }
    Misc { version_holder: Text<'a> }
}

/// A position, in degrees.
#[derive(Debug, Default, serde::Deserialize, serde::Serialize)]
#[serde(remote = "Self", default)]
pub(super) struct Point {
    pub(super) lat: Option<f64>,
    pub(super) lon: Option<f64>,
}

object_only!(Point);

/// A count, or something else in its place: a page is worth its studies all the same.
#[derive(Debug, serde::Deserialize)]
#[serde(untagged)]
pub(super) enum Total {
    Count(u64),
    Other(serde::de::IgnoredAny),
}

/// A page whose studies are looked at one by one, after the whole could not be decoded.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct RawEnvelope<'a> {
    pub(super) total_count: Option<Total>,
    pub(super) next_page_token: Option<String>,
    #[serde(borrow)]
    pub(super) studies: Option<Vec<&'a serde_json::value::RawValue>>,
}
