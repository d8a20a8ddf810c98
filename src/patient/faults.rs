//! Every wrong field of a profile, not only the first: what is wrong is put
//! aside, and the rest is read again.

use std::fmt;

use serde_json::{Value, json};
use serde_path_to_error::{Path, Segment};

use super::home;
use super::{Agent, Analyte, Antibody, FIELDS, Profile};
use crate::text::nearest;

/// Faults of one profile that are told at most.
const MOST: usize = 100;

/// A step on the way to a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    Key(String),
    Index(usize),
}

/// The way to a value (`treatments[0].drug`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Steps(pub(crate) Vec<Step>);

impl Steps {
    /// Takes over the way that a reader kept.
    pub(crate) fn of(path: &Path) -> Self {
        let steps = path.iter().filter_map(|segment| match segment {
            Segment::Seq { index } => Some(Step::Index(*index)),
            Segment::Map { key } => Some(Step::Key(key.clone())),
            Segment::Enum { .. } | Segment::Unknown => None,
        });
        Self(steps.collect())
    }
}

impl fmt::Display for Steps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, step) in self.0.iter().enumerate() {
            match step {
                Step::Key(key) if at == 0 => f.write_str(key)?,
                Step::Key(key) => write!(f, ".{key}")?,
                Step::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

impl Steps {
    /// Writes the way as far as it is ours: known fields, and misspelt ones that are near to a known one. What else
    /// stands in the place of a name is the patient's.
    pub(super) fn named(&self) -> String {
        let mut own: Vec<Step> = Vec::new();
        for step in &self.0 {
            let is_ours = match step {
                Step::Index(_) => true,
                Step::Key(key) => is_ours(&own, key),
            };
            if !is_ours {
                break;
            }
            own.push(step.clone());
        }
        Self(own).to_string()
    }
}

/// Fields of a treatment.
const OF_TREATMENT: [&str; 5] = ["drug", "started", "stopped", "last_dose", "reason"];

/// Fields of a condition.
const OF_CONDITION: [&str; 2] = ["kind", "since"];

/// Says whether a key below these steps is a name of a field, or nearly one.
fn is_ours(above: &[Step], key: &str) -> bool {
    let Some(Step::Key(top)) = above.first() else {
        return is_field(key, &FIELDS);
    };
    let in_list = above.len() == 2;
    match (top.as_str(), in_list) {
        ("infections", false) => key.parse::<Agent>().is_ok(),
        ("antibodies", false) => key.parse::<Antibody>().is_ok(),
        ("labs", false) => key.parse::<Analyte>().is_ok(),
        ("treatments", true) => is_field(key, &OF_TREATMENT),
        ("conditions", true) => is_field(key, &OF_CONDITION),
        _ => false,
    }
}

/// A slip in the name of a field looks like one: small letters, and near to it.
fn is_field(key: &str, fields: &[&str]) -> bool {
    let looks_like_one = key.len() <= 40
        && key
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    fields.contains(&key) || looks_like_one && nearest(key, fields.iter().copied()).is_some()
}

/// Turns what a reader says of a wrong value into words that do not repeat it: errors are logged, and a value is a
/// fact about a patient.
pub(super) fn without_value(said: &str) -> String {
    let expected = || {
        said.rsplit_once(", expected ")
            .map(|(_, expected)| expected)
    };
    if let Some(rest) = said.strip_prefix("unknown field `") {
        let allowed: Vec<&str> = expected()
            .unwrap_or_default()
            .split('`')
            .skip(1)
            .step_by(2)
            .collect();
        let key = rest.split('`').next().unwrap_or_default();
        let near = nearest(key, allowed.iter().copied()).filter(|_| is_field(key, &allowed));
        let hint = near.map_or(String::new(), |near| format!("; did you mean `{near}`?"));
        return format!("no such field; allowed: {}{hint}", allowed.join(", "));
    }
    let repeats = [
        "invalid type: ",
        "invalid value: ",
        "invalid length ",
        "unknown variant `",
    ];
    if repeats.iter().any(|start| said.starts_with(start)) {
        return format!(
            "cannot be read; expected {}",
            expected().unwrap_or("another value")
        );
    }
    said.to_owned()
}

/// A wrong value: where, and what a reader said of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) path: Steps,
    /// What is wrong and what is allowed, without the value.
    pub(super) said: String,
    /// The same with the value and what it may mean, where that helps: for the screen of whoever wrote it only.
    pub(super) choices: Option<String>,
}

impl Fault {
    /// Builds it from what a reader says.
    pub(super) fn new(path: Steps, said: &str) -> Self {
        Self {
            path,
            said: without_value(said),
            choices: None,
        }
    }
}

/// Reads a profile, or finds all that is wrong with it, in the order of its fields.
pub(super) fn read(mut document: Value) -> Result<Profile, Vec<Fault>> {
    let mut faults: Vec<Fault> = Vec::new();
    loop {
        let error = match serde_path_to_error::deserialize(&document) {
            Ok(profile) if faults.is_empty() => return Ok(profile),
            Ok::<Profile, _>(_) => return Err(faults),
            Err(error) => error,
        };
        let path = Steps::of(error.path());
        let home = document.get("near").and_then(Value::as_str);
        let choices = home
            .filter(|_| path.named() == "near")
            .and_then(home::choices);
        let aside = put_aside(&mut document, &path.0);
        faults.push(Fault {
            choices,
            ..Fault::new(path, &error.inner().to_string())
        });
        if !aside || faults.len() >= MOST {
            return Err(faults);
        }
    }
}

/// Takes a wrong value out, or puts one that can be read in its place.
fn put_aside(document: &mut Value, path: &[Step]) -> bool {
    let ends = (1..=path.len()).rev();
    ends.filter_map(|end| path.get(..end))
        .any(|path| replaced(document, path))
}

fn replaced(document: &mut Value, path: &[Step]) -> bool {
    let Some((last, above)) = path.split_last() else {
        return false;
    };
    let mut holder = document;
    for step in above {
        let next = match step {
            Step::Key(key) => holder.get_mut(key),
            Step::Index(index) => holder.get_mut(index),
        };
        match next {
            Some(next) => holder = next,
            None => return false,
        }
    }
    let (place, right) = match last {
        // A disease without its kind would be wrong again.
        Step::Key(key) if key == "kind" => (holder.get_mut(key), json!("seizure")),
        Step::Key(key) => {
            let fields = holder.as_object_mut();
            return fields.is_some_and(|fields| fields.remove(key).is_some());
        }
        Step::Index(index) => (holder.get_mut(index), item(above.last())),
    };
    match place {
        Some(place) if *place != right => {
            *place = right;
            true
        }
        _ => false,
    }
}

/// An item of a list that is never wrong.
fn item(list: Option<&Step>) -> Value {
    match list {
        Some(Step::Key(name)) if name == "treatments" => json!({}),
        Some(Step::Key(name)) if name == "conditions" => json!({"kind": "seizure"}),
        _ => json!("seizure"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_is_wrong_is_found() {
        let document = json!({
            "edss": 11, "agee": 4, "labs": {"igg": "450", "anc": "3200 /uL", "foo": "1"},
            "treatments": [{"drug": "a", "stopped": "soon", "dose": 1}, "Ocrevus"],
            "conditions": [{"since": "2020"}, {"kind": "flu", "since": "once"}, 4],
            "absent": ["stroke", "strok", "seizures"], "infections": "hiv:negative",
        });
        let faults = read(document).unwrap_err();
        let paths: std::collections::BTreeSet<String> =
            faults.iter().map(|fault| fault.path.to_string()).collect();
        for path in [
            "edss",
            "agee",
            "labs.igg",
            "labs.foo",
            "treatments[0].stopped",
            "treatments[0].dose",
            "treatments[1]",
            "conditions[0]",
            "conditions[1].kind",
            "conditions[1].since",
            "conditions[2]",
            "absent[1]",
            "absent[2]",
            "infections",
        ] {
            assert!(paths.contains(path), "{path} in {paths:?}");
        }
        assert_eq!(paths.len(), 14, "{paths:?}");
        assert_eq!(faults.len(), 14, "{faults:?}");
    }
}
