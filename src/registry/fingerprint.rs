//! What a record says, as a fingerprint: two records with the same one say the
//! same, as far as the model reads them.
//!
//! The registry stamps every record anew with each refresh of its data
//! (`versionHolder`), gives lists in any order, and changes white space when its
//! intake changes. None of that is a change of a study.

use std::fmt::Write as _;

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::wire;

/// Returns the fingerprint of a record (SHA-256); `None` if the record cannot be read.
pub fn of(record: &[u8]) -> Option<Vec<u8>> {
    let mut record: wire::Record<'_> = serde_json::from_slice(record).ok()?;
    record.derived_section = None;
    let value = serde_json::to_value(&record).ok()?;
    let mut hasher = Sha256::new();
    hasher.update(canonical(&value).unwrap_or_default().as_bytes());
    Some(hasher.finalize().to_vec())
}

/// Returns a short fingerprint of texts, in hexadecimal digits. Where one ends and the next
/// begins counts.
pub fn of_texts<'t>(texts: impl IntoIterator<Item = &'t str>) -> String {
    let mut hasher = Sha256::new();
    for text in texts {
        hasher.update((text.len() as u64).to_le_bytes());
        hasher.update(text.as_bytes());
    }
    let digest = hasher.finalize();
    let number = digest
        .iter()
        .take(8)
        .fold(0, |sum: u64, byte| sum << 8 | u64::from(*byte));
    format!("{number:016x}")
}

/// Returns the fingerprint of a file (SHA-256), in hexadecimal digits as other programs write it.
pub fn of_bytes(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().fold(String::new(), |mut out, byte| {
        // Writing to a string cannot fail.
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// Writes a value in the one way in which equal things look equal; `None` for nothing: absent,
/// null and empty are the same in the registry.
fn canonical(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => {
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            (!text.is_empty()).then(|| Value::String(text).to_string())
        }
        Value::Array(items) => {
            let mut items: Vec<String> = items.iter().filter_map(canonical).collect();
            items.sort_unstable();
            (!items.is_empty()).then(|| format!("[{}]", items.join(",")))
        }
        Value::Object(fields) => {
            let mut fields: Vec<String> = fields
                .iter()
                .filter_map(|(name, value)| Some(format!("{name}:{}", canonical(value)?)))
                .collect();
            fields.sort_unstable();
            (!fields.is_empty()).then(|| format!("{{{}}}", fields.join(",")))
        }
        other => Some(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fingerprint(value: &Value) -> Vec<u8> {
        of(value.to_string().as_bytes()).unwrap()
    }

    fn record() -> Value {
        json!({
            "protocolSection": {
                "identificationModule": {"nctId": "NCT00000001", "briefTitle": "A study\nof cells"},
                "conditionsModule": {"conditions": ["MS", "NMOSD"]},
                "contactsLocationsModule": {"locations": [
                    {"facility": "A", "city": "Leeds"}, {"facility": "B", "city": "York"}
                ]}
            },
            "derivedSection": {"miscInfoModule": {"versionHolder": "2026-08-01"}}
        })
    }

    #[test]
    fn stamp_order_space_and_emptiness_are_no_change() {
        let mut other = record();
        other["derivedSection"]["miscInfoModule"]["versionHolder"] = "2026-08-22".into();
        let protocol = &mut other["protocolSection"];
        protocol["identificationModule"]["briefTitle"] = " A  study of\tcells ".into();
        protocol["identificationModule"]["acronym"] = "".into();
        protocol["conditionsModule"]["conditions"] = json!(["NMOSD", "MS"]);
        protocol["conditionsModule"]["keywords"] = json!([]);
        protocol["statusModule"] = json!({"startDateStruct": {}});
        protocol["moreInfoModule"] = json!({"notRead": "by the model"});
        let sites = &mut protocol["contactsLocationsModule"]["locations"];
        sites.as_array_mut().unwrap().reverse();
        other["resultsSection"] = json!({});
        assert_eq!(fingerprint(&record()), fingerprint(&other));
    }

    #[test]
    fn everything_that_is_read_is_a_change() {
        let first = fingerprint(&record());
        for (path, value) in [
            (
                "/protocolSection/identificationModule/briefTitle",
                json!("A study of cell s"),
            ),
            (
                "/protocolSection/identificationModule/nctId",
                json!("NCT00000002"),
            ),
            (
                "/protocolSection/conditionsModule/conditions",
                json!(["MS"]),
            ),
            (
                "/protocolSection/conditionsModule/conditions",
                json!(["MS", "NMOSD", "NMOSD"]),
            ),
            (
                "/protocolSection/contactsLocationsModule/locations/0/status",
                json!("RECRUITING"),
            ),
        ] {
            let mut other = record();
            let (parent, key) = path.rsplit_once('/').unwrap();
            other.pointer_mut(parent).unwrap()[key] = value;
            assert_ne!(first, fingerprint(&other), "{path}");
        }
    }

    #[test]
    fn texts_are_told_apart_by_their_ends() {
        assert_ne!(of_texts(["ab", "c"]), of_texts(["a", "bc"]));
        assert_eq!(of_texts(["a"]).len(), 16);
    }
}
