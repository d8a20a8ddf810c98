//! `MedicationStatement` and `MedicationRequest`: treatments with their dates.

use std::collections::HashMap;

use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::codes::{named, rows};
use super::draft::Draft;
use super::resource::{Concept, Dosing, Medication};
use super::results::day;

/// The medicines of a bundle, by their id.
pub(super) type Medicines<'a> = HashMap<String, &'a RawValue>;

/// Reads a treatment whose drug the table of treatments knows.
pub(super) fn read(draft: &mut Draft<'_>, kind: &str, one: &Dosing, medicines: &Medicines<'_>) {
    let concept = concept(one, medicines);
    let what = named(kind, &concept);
    if one.do_not_perform {
        draft.leave(&what, "asks not to give it");
        return;
    }
    let status = one.status.as_deref().unwrap_or_default();
    let orders = [
        "order",
        "original-order",
        "reflex-order",
        "filler-order",
        "instance-order",
    ];
    let ordered = orders.contains(&one.intent.as_deref().unwrap_or_default());
    let is_taken = match kind {
        "MedicationRequest" => ordered && ["active", "completed", "stopped"].contains(&status),
        _ => ["active", "completed", "stopped", "on-hold", "unknown"].contains(&status),
    };
    if !is_taken {
        draft.leave(&what, "does not say that it was taken");
        return;
    }
    let Some(drug) = drug(draft, &concept) else {
        draft.leave(
            &what,
            "its drug is not in the table of treatments, or more than one is",
        );
        return;
    };
    let mut therapy: Map<String, Value> = [("drug".to_owned(), json!(drug))].into_iter().collect();
    dates(&mut therapy, status, one, draft.today);
    draft.keep(&what, "treatments", &json!([therapy]));
    if kind == "MedicationRequest" {
        draft.leave(
            &what,
            "counts as taken, but only says that it was prescribed: check it",
        );
    }
}

/// Start and end. Who takes it still has no last dose; a stop without a date stays unknown.
fn dates(therapy: &mut Map<String, Value>, status: &str, one: &Dosing, today: chrono::NaiveDate) {
    let period = one.effective_period.as_ref();
    let start = period.and_then(|period| period.start.as_deref());
    if let Some(start) = start.and_then(day) {
        therapy.insert("started".to_owned(), json!(start.to_string()));
    }
    let end = period.and_then(|period| day(period.end.as_deref()?));
    let past = end.filter(|end| end.latest() <= today);
    let stopped = match (past, status) {
        (Some(end), _) => Some(end.to_string()),
        (None, "active") => Some("ongoing".to_owned()),
        _ => None,
    };
    if let Some(stopped) = stopped {
        therapy.insert("stopped".to_owned(), json!(stopped));
    }
    // One moment at which it was taken: at least that.
    let moment = one.effective_date_time.as_deref().and_then(day);
    if let Some(moment) = moment.filter(|moment| moment.earliest() <= today) {
        therapy.insert("last_dose".to_owned(), json!(moment.to_string()));
    }
}

/// What the medicine is called: here, in a contained resource, or in another one of the bundle.
fn concept(one: &Dosing, medicines: &Medicines<'_>) -> Concept {
    if let Some(concept) = &one.medication_codeable_concept {
        return Concept {
            coding: concept.coding.iter().map(copied).collect(),
            text: concept.text.clone(),
        };
    }
    let Some(reference) = &one.medication_reference else {
        return Concept::default();
    };
    let path = reference.reference.as_deref().unwrap_or_default();
    let inside = path.strip_prefix('#').and_then(|id| {
        let found = one
            .contained
            .iter()
            .find(|one| one.id.as_deref() == Some(id))?;
        Some(Concept {
            coding: found.code.coding.iter().map(copied).collect(),
            text: found.code.text.clone(),
        })
    });
    let beside = || {
        let raw = medicines.get(path.strip_prefix("Medication/")?)?;
        let found: Medication = serde_json::from_str(raw.get()).ok()?;
        Some(found.code)
    };
    inside.or_else(beside).unwrap_or_else(|| Concept {
        coding: Vec::new(),
        text: reference.display.clone(),
    })
}

fn copied(one: &super::resource::Coding) -> super::resource::Coding {
    super::resource::Coding {
        system: one.system.clone(),
        code: one.code.clone(),
        display: one.display.clone(),
    }
}

/// The drug by its code, else the one drug that its texts name.
fn drug(draft: &Draft<'_>, concept: &Concept) -> Option<String> {
    let mut coded: Vec<&str> = rows("medication", concept)
        .iter()
        .map(|row| row.key)
        .collect();
    coded.dedup();
    match coded[..] {
        [] => {}
        [one] => return Some(one.to_owned()),
        _ => return None,
    }
    let displays = concept
        .coding
        .iter()
        .filter_map(|one| one.display.as_deref());
    let texts = concept.text.as_deref().into_iter().chain(displays);
    let list = draft.treatments.list();
    let is_drug = |name: &str| {
        list.iter()
            .any(|one| one.name == name && one.class != "class")
    };
    let mut found: Vec<String> = texts
        .flat_map(|text| draft.treatments.find(text))
        .map(|(_, name)| name.into_owned())
        .collect();
    found.sort_unstable();
    found.dedup();
    let [one] = <[String; 1]>::try_from(found).ok()?;
    Some(one).filter(|name| is_drug(name))
}
