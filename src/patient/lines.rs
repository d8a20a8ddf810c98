//! On which line of a file a value stands.

use std::collections::BTreeMap;

use serde_json::value::RawValue;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::faults::Step;

/// Line of a place in a text, from 1.
pub(crate) fn line_at(text: &str, at: usize) -> Option<u64> {
    let before = text.as_bytes().get(..at.min(text.len()))?;
    let breaks = memchr::memchr_iter(b'\n', before).count();
    u64::try_from(breaks + 1).ok()
}

/// Line of the key that a way through a TOML text ends at, or of the last one that is there.
pub(crate) fn in_toml(text: &str, path: &[Step]) -> Option<u64> {
    let root = DeTable::parse(text).ok()?;
    let mut table: Option<&DeTable<'_>> = Some(root.get_ref());
    let mut value: Option<&Spanned<DeValue<'_>>> = None;
    let mut at = None;
    for step in path {
        let next = match step {
            Step::Key(name) => {
                let found =
                    table.and_then(|table| table.iter().find(|(key, _)| key.get_ref() == name));
                found.map(|(key, value)| (key.span().start, value))
            }
            Step::Index(index) => {
                let items = value.and_then(|value| value.get_ref().as_array());
                let item = items.and_then(|items| items.get(*index));
                item.map(|item| (item.span().start, item))
            }
        };
        let Some((start, found)) = next else { break };
        at = Some(start);
        value = Some(found);
        table = found.get_ref().as_table();
    }
    line_at(text, at?)
}

/// Line of the value that a way through a JSON text ends at, or of the last one that is there.
pub(super) fn in_json(text: &str, path: &[Step]) -> Option<u64> {
    let mut part: &RawValue = serde_json::from_str(text).ok()?;
    for step in path {
        let next = match step {
            Step::Key(name) => {
                let fields: Option<BTreeMap<String, &RawValue>> =
                    serde_json::from_str(part.get()).ok();
                fields.and_then(|fields| fields.get(name).copied())
            }
            Step::Index(index) => {
                let items: Option<Vec<&RawValue>> = serde_json::from_str(part.get()).ok();
                items.and_then(|items| items.get(*index).copied())
            }
        };
        let Some(next) = next else { break };
        part = next;
    }
    // The part is a slice of the text: where it begins is how far its address lies behind.
    let at = part
        .get()
        .as_ptr()
        .addr()
        .checked_sub(text.as_ptr().addr())?;
    line_at(text, at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path() -> Vec<Step> {
        vec![
            Step::Key("treatments".into()),
            Step::Index(1),
            Step::Key("drug".into()),
        ]
    }

    #[test]
    fn a_key_is_found_on_its_line() {
        let text = "id = 1\n[labs]\nanc = 1\nigg = 2\n[[treatments]]\ndrug = 1\n[[treatments]]\nstopped = 2\ndrug = 2\n";
        let igg = [Step::Key("labs".into()), Step::Key("igg".into())];
        assert_eq!(in_toml(text, &igg), Some(4));
        assert_eq!(in_toml(text, &path()), Some(9));
        assert_eq!(in_toml("labs.igg = 2", &igg), Some(1));
    }

    #[test]
    fn a_value_is_found_on_its_line() {
        let text =
            "{\n\"id\": 1,\n\"treatments\": [\n{\"drug\": 1},\n{\"stopped\": 1,\n\"drug\": 2}]}";
        assert_eq!(in_json(text, &path()), Some(6));
        assert_eq!(in_json(text, &[]), Some(1));
    }
}
