//! Condition: the course of MS, other diseases, infections, a transplant.

use serde_json::json;

use super::codes::{named, rows};
use super::draft::Draft;
use super::resource::Disease;
use super::results::day;

/// Extension for the date on which a disease was first stated (HL7 FHIR extensions, Condition).
const ASSERTED: &str = "http://hl7.org/fhir/StructureDefinition/condition-assertedDate";

/// Reads a condition that is confirmed, or of which nobody says that it is not.
pub(super) fn read(draft: &mut Draft<'_>, one: &Disease) {
    let what = named("Condition", &one.code);
    let verified = &one.verification_status;
    if !verified.coding.is_empty() && !verified.is("confirmed") {
        draft.leave(&what, "is not confirmed");
        return;
    }
    let found = rows("condition", &one.code);
    let Some(row) = found.first().copied() else {
        draft.leave(&what, "no field of a profile is known for this code");
        return;
    };
    if found.iter().any(|other| other.field != row.field) {
        draft.leave(&what, "its codes say different things");
        return;
    }
    let over = ["inactive", "remission", "resolved"];
    let is_over = over.iter().any(|word| one.clinical_status.is(word));
    match row.field {
        "ms_course" => {
            for row in &found {
                draft.course(row.key, what.clone());
            }
            diagnosed(draft, &what, one);
        }
        "infections" if is_over => {
            draft.leave(&what, "is over: fill in the newest test of `infections`");
        }
        "infections" => draft.keep(&what, "infections", &json!({row.key: "positive"})),
        "conditions" => {
            let period = one
                .onset_period
                .as_ref()
                .and_then(|period| period.start.as_deref());
            let onset = one.onset_date_time.as_deref().or(period);
            let mut item = json!({"kind": row.key});
            if let (Some(since), Some(item)) = (onset.and_then(day), item.as_object_mut()) {
                item.insert("since".to_owned(), json!(since.to_string()));
            }
            draft.keep(&what, "conditions", &json!([item]));
        }
        field => draft.keep(&what, field, &json!(row.key)),
    }
}

/// The onset of MS lies before its diagnosis, and the day of a record may lie long behind it.
fn diagnosed(draft: &mut Draft<'_>, what: &str, one: &Disease) {
    let asserted = one
        .extension
        .iter()
        .find(|part| part.url.as_deref() == Some(ASSERTED));
    let asserted = asserted.and_then(|part| day(part.value_date_time.as_deref()?));
    if let Some(date) = asserted {
        draft.keep(what, "diagnosed", &json!(date.to_string()));
    } else if one.onset_date_time.is_some()
        || one.onset_period.is_some()
        || one.recorded_date.is_some()
    {
        draft.leave(
            what,
            "its date is not that of the diagnosis: fill in `diagnosed`",
        );
    }
}
