//! Which of two copies of a record is to be kept: what is held is replaced by what is newer, never by what
//! is older or poorer.

use std::collections::BTreeSet;

use serde_json::Value;

use super::receive::Got;
use crate::store::{Current, unpack};

/// How well the records of a run stand against those that are held.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) enum Standing {
    /// They are what the registry says now: where the dates are the same, they are believed.
    #[default]
    Answers,
    /// They were downloaded at some time, perhaps by another program that kept a part of them.
    Copies {
        /// The registry's stamp when it was last asked: what is held was its word then.
        asked: Option<String>,
    },
}

impl Standing {
    /// Says whether a record that came may replace the one that is held. `old` is the latter.
    pub(super) fn is_passed(&self, got: &Got, current: &Current, old: &[u8]) -> bool {
        let updated = got.updated.map(|day| day.to_string());
        let stamp = got.data_date.map(|day| day.to_string());
        let is_known_older = |new: &Option<String>, held: &Option<String>| matches!((new, held), (Some(new), Some(held)) if new < held);
        if is_known_older(&updated, &current.updated) {
            return false;
        }
        let is_same_day = updated == current.updated;
        match self {
            Self::Answers => !(is_same_day && is_known_older(&stamp, &current.data_date)),
            Self::Copies { .. } if !is_same_day => updated.is_some(),
            Self::Copies { asked } => {
                let asked = asked.as_deref().and_then(|stamp| stamp.get(..10));
                let held = current.data_date.as_deref().max(asked);
                stamp.is_some() && stamp.as_deref() > held && !is_poorer(got, old)
            }
        }
    }
}

/// Says whether a record lacks any field that another one has.
fn is_poorer(got: &Got, old: &[u8]) -> bool {
    let new = unpack(&got.packed).unwrap_or_default();
    fields(old).difference(&fields(&new)).next().is_some()
}

/// The paths of the fields of a record that hold anything; those of a list's members are one path.
fn fields(record: &[u8]) -> BTreeSet<String> {
    let record: Value = serde_json::from_slice(record).unwrap_or_default();
    let mut found = BTreeSet::new();
    if let Some(protocol) = record.get("protocolSection") {
        collect(protocol, &mut String::new(), &mut found);
    }
    found
}

fn collect(value: &Value, path: &mut String, found: &mut BTreeSet<String>) {
    match value {
        Value::Null => {}
        Value::Array(items) => items.iter().for_each(|one| collect(one, path, found)),
        Value::Object(fields) => {
            let above = path.len();
            for (name, value) in fields {
                path.push('.');
                path.push_str(name);
                collect(value, path, found);
                path.truncate(above);
            }
        }
        _ => {
            found.insert(path.clone());
        }
    }
}
