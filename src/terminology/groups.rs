//! Which treatments belong to a group that criteria name.

use std::collections::HashMap;

use super::table::{Table, TableError};
use super::treatments::Treatment;

/// Whether a treatment belongs to a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Member {
    /// It does.
    Yes,
    /// By some usage: only the study team can tell.
    Unclear,
    /// It does not.
    No,
}

/// The table of groups.
#[derive(Debug)]
pub(super) struct Groups(HashMap<String, Group>);

#[derive(Debug)]
struct Group {
    members: Vec<String>,
    unclear: Vec<String>,
    closed: bool,
}

impl Groups {
    /// Parses the embedded table.
    pub(super) fn embedded() -> Result<Self, TableError> {
        let text = include_str!("../data/treatment-groups.tsv");
        let table = Table::parse("treatment-groups.tsv", text)?;
        let mut groups = HashMap::new();
        for row in table.rows() {
            let list = |column| {
                let cell = row.optional(column).unwrap_or_default();
                cell.split('|')
                    .filter(|name| !name.is_empty())
                    .map(str::to_owned)
                    .collect()
            };
            let group = Group {
                members: list("members"),
                unclear: list("unclear"),
                closed: row.optional("closed") == Some("yes"),
            };
            groups.insert(row.text("group")?.to_owned(), group);
        }
        Ok(Self(groups))
    }

    /// Says whether a treatment of the table belongs to what criteria call `name`:
    /// the treatment itself, its group, or another group. `None` where the table does not tell.
    pub(super) fn tells(&self, name: &str, one: &Treatment) -> Option<Member> {
        let is = |word: &String| *word == one.name || *word == one.class;
        if one.name == name || one.class == name {
            return Some(Member::Yes);
        }
        // The table's word for one antibody more.
        if name == "high_efficacy" && one.high_efficacy {
            return Some(Member::Yes);
        }
        match self.0.get(name) {
            Some(group) if group.members.contains(&one.name) => Some(Member::Yes),
            Some(group) if group.unclear.contains(&one.name) => Some(Member::Unclear),
            Some(group) if group.members.iter().any(is) => Some(Member::Yes),
            Some(group) if group.unclear.iter().any(is) => Some(Member::Unclear),
            Some(group) if group.closed => Some(Member::No),
            _ => None,
        }
    }

    /// Says whether a group may hold what the table does not list under it.
    pub(super) fn is_open(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(|group| !group.closed)
    }

    /// Returns every name in the table, for a test that each is known.
    #[cfg(test)]
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        let lists = self.0.values();
        let listed = lists.flat_map(|group| group.members.iter().chain(&group.unclear));
        self.0.keys().chain(listed).map(String::as_str)
    }
}
