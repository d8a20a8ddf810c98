//! Which patients of a table stand there more than once.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

/// Patients that are remembered: a few megabytes, whatever the length of the table.
const REMEMBERED: usize = 200_000;

/// Repeated rows that are named one by one.
const NAMED: usize = 20;

/// The rows on which a patient stood before. Of an id only a hash is kept, and it is never told: lines are.
#[derive(Debug, Default)]
pub(super) struct Repeats {
    hash: RandomState,
    first: HashMap<u64, u64>,
    /// The line of a repeated row, and of the first with its id.
    found: Vec<(u64, u64)>,
    more: u64,
    is_full: bool,
}

impl Repeats {
    /// Notes the id of a row.
    pub(super) fn note(&mut self, id: &str, line: u64) {
        let key = self.hash.hash_one(id);
        if let Some(first) = self.first.get(&key) {
            if self.found.len() < NAMED {
                self.found.push((line, *first));
            } else {
                self.more += 1;
            }
        } else if self.first.len() < REMEMBERED {
            self.first.insert(key, line);
        } else {
            self.is_full = true;
        }
    }

    /// Says which rows repeat the id of an earlier one.
    pub(super) fn told(&self, file: &str) -> Vec<String> {
        let each = self.found.iter();
        let mut told: Vec<String> = each
            .map(|(line, first)| {
                format!("{file}, line {line}: the id is the same as in line {first}; both rows are taken, as two patients")
            })
            .collect();
        if self.more > 0 {
            told.push(format!(
                "{file}: and {} more rows with an id that stands above",
                self.more
            ));
        }
        if self.is_full {
            told.push(format!(
                "{file}: ids were compared with those of the first {REMEMBERED} patients only"
            ));
        }
        told
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_bounded_and_that_is_told() {
        let mut repeats = Repeats::default();
        for line in 0..(REMEMBERED as u64 + 10) {
            repeats.note(&line.to_string(), line);
        }
        assert_eq!(repeats.first.len(), REMEMBERED);
        for line in 0..50 {
            repeats.note("7", line);
        }
        let told = repeats.told("p.csv");
        assert_eq!(told.len(), NAMED + 2);
        assert!(told[0].contains("line 7"), "{}", told[0]);
    }
}
