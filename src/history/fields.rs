//! Values of a study, by their paths in its JSON.

use super::changed;
use crate::store::{Cause, Change};
use crate::study::{Age, Contact, Intervention, Study};
use crate::text::one_line;

/// What a value is compared by and shown as.
struct Value {
    /// Equal where nothing changed.
    key: String,
    shown: String,
}

impl Value {
    fn text(value: Option<impl ToString>) -> Self {
        let shown = value.map_or(String::new(), |value| one_line(&value.to_string()));
        Self {
            key: shown.clone(),
            shown,
        }
    }

    /// A list in its own order; another order is no change.
    fn list<T: ToString>(items: impl IntoIterator<Item = T>) -> Self {
        let items = items
            .into_iter()
            .map(|item| one_line(&item.to_string()).replace('|', "/"));
        let mut items: Vec<String> = items.collect();
        let shown = items.join("|");
        items.sort_unstable();
        Self {
            key: items.join("|"),
            shown,
        }
    }
}

/// Returns the values that differ, in the order of the JSON study.
pub(super) fn compare(before: &Study, after: &Study) -> Vec<Change> {
    let pairs = values(before).into_iter().zip(values(after));
    pairs
        .filter(|((_, old), (_, new))| old.key != new.key)
        .filter_map(|((path, old), (_, new))| {
            changed(path, &old.shown, &new.shown, Cause::Registry)
        })
        .collect()
}

fn values(study: &Study) -> Vec<(&'static str, Value)> {
    let mut values = words(study);
    values.extend(dates(study));
    values.extend(people(study));
    values
}

fn words(study: &Study) -> Vec<(&'static str, Value)> {
    let status = &study.status;
    let sponsor = study.sponsor.as_ref();
    let enrollment = study.enrollment.as_ref();
    vec![
        ("title", Value::text(study.title.as_ref())),
        ("official_title", Value::text(study.official_title.as_ref())),
        ("acronym", Value::text(study.acronym.as_ref())),
        ("summary", Value::text(study.summary.as_ref())),
        ("status", Value::text(status.overall.as_ref())),
        ("why_stopped", Value::text(status.why_stopped.as_ref())),
        ("last_known_status", Value::text(status.last_known.as_ref())),
        ("phases", Value::list(study.phases.iter().flatten())),
        ("study_type", Value::text(study.study_type.as_ref())),
        (
            "sponsor.name",
            Value::text(sponsor.and_then(|one| one.name.as_ref())),
        ),
        (
            "sponsor.class",
            Value::text(sponsor.and_then(|one| one.class.as_ref())),
        ),
        (
            "enrollment.count",
            Value::text(enrollment.and_then(|one| one.count)),
        ),
        (
            "enrollment.type",
            Value::text(enrollment.and_then(|one| one.kind.as_ref())),
        ),
        ("conditions", Value::list(&study.conditions)),
        ("keywords", Value::list(&study.keywords)),
        (
            "interventions",
            Value::list(study.interventions.iter().map(intervention)),
        ),
    ]
}

fn dates(study: &Study) -> Vec<(&'static str, Value)> {
    let status = &study.status;
    [
        ("dates.start", status.start),
        ("dates.primary_completion", status.primary_completion),
        ("dates.completion", status.completion),
        ("dates.first_posted", status.first_posted),
        ("dates.last_update_posted", status.last_update_posted),
    ]
    .map(|(path, date)| (path, Value::text(date)))
    .into()
}

fn people(study: &Study) -> Vec<(&'static str, Value)> {
    let eligibility = &study.eligibility;
    vec![
        ("age.min_years", Value::text(years(eligibility.min_age))),
        ("age.max_years", Value::text(years(eligibility.max_age))),
        ("sex", Value::text(eligibility.sex.as_ref())),
        ("contacts", Value::list(study.contacts.iter().map(contact))),
    ]
}

/// Whole years stay whole; months become a fraction of two places.
fn years(age: Option<Age>) -> Option<f64> {
    age.map(|age| (age.years() * 100.0).round() / 100.0)
}

fn intervention(one: &Intervention) -> String {
    parts([&one.kind, &one.name], ": ")
}

fn contact(one: &Contact) -> String {
    parts([&one.name, &one.phone, &one.email], ", ")
}

fn parts<const N: usize>(parts: [&Option<String>; N], joint: &str) -> String {
    let parts: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
    parts.join(joint)
}
