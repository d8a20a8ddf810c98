//! Every wrong field of a profile, not only the first: what is wrong is put
//! aside, and the rest is read again.

use std::fmt;

use serde_json::{Value, json};
use serde_path_to_error::{Path, Segment};

use super::Profile;

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

/// A wrong value: where, and what a reader said of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) path: Steps,
    pub(super) said: String,
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
        let aside = put_aside(&mut document, &path.0);
        let said = error.inner().to_string();
        faults.push(Fault { path, said });
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
