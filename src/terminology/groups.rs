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
    /// the treatment itself, its group, or another group.
    pub(super) fn holds(&self, name: &str, names_group: bool, one: &Treatment) -> Member {
        let is = |word: &String| *word == one.name || *word == one.class;
        if one.name == name || one.class == name {
            return Member::Yes;
        }
        // The table's word for one antibody more.
        if name == "high_efficacy" && one.high_efficacy {
            return Member::Yes;
        }
        match self.0.get(name) {
            Some(group) if group.members.contains(&one.name) => Member::Yes,
            Some(group) if group.unclear.contains(&one.name) => Member::Unclear,
            Some(group) if group.members.iter().any(is) => Member::Yes,
            Some(group) if group.unclear.iter().any(is) => Member::Unclear,
            Some(group) if group.closed => Member::No,
            // A patient's own group ("an oral drug") may hold what is named.
            _ if one.class == "class" => Member::Unclear,
            _ if names_group && one.class == "other" => Member::Unclear,
            _ => Member::No,
        }
    }

    /// Returns every name in the table, for a test that each is known.
    #[cfg(test)]
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        let lists = self.0.values();
        let listed = lists.flat_map(|group| group.members.iter().chain(&group.unclear));
        self.0.keys().chain(listed).map(String::as_str)
    }
}
