//! What differs between two versions of a study, as typed changes.
//!
//! The order of lists and white space are no change, nor is the stamp that the
//! registry puts on every record with each refresh. What this program makes of
//! a record (the cell therapy, the relevance for MS) is compared apart, so that
//! a better table never looks like news from the registry.

mod fields;
mod sites;

use std::collections::{BTreeMap, BTreeSet};

use crate::classify::Classified;
use crate::store::{Cause, Change, ChangeKind, Labels};
use crate::text::one_line;

/// Returns what a study was classified as. Its criteria must have been read where courses of MS
/// are to be among it.
pub fn labels(one: &Classified) -> Labels {
    let cells = &one.cell_therapy;
    let words = [
        (
            "cell_therapy.class",
            cells
                .class
                .map_or("none", |class| class.as_str())
                .to_owned(),
        ),
        (
            "cell_therapy.product",
            cells.product.clone().unwrap_or_default(),
        ),
        ("cell_therapy.targets", cells.targets.join("|")),
        (
            "cell_therapy.source",
            cells
                .source
                .map_or("unknown", |source| source.as_str())
                .to_owned(),
        ),
        ("ms.relevance", one.ms.relevance.as_str().to_owned()),
        ("ms.courses", one.courses().join("|")),
    ];
    Labels {
        is_cell: cells.class.is_some(),
        is_ms: one.ms.relevance.is_about_ms(),
        words: words.map(|(path, value)| (path.to_owned(), value)).into(),
    }
}

/// Returns what differs between two labels of a study.
pub fn relabelled(before: &Labels, after: &Labels, cause: Cause) -> Vec<Change> {
    let empty = String::new();
    let paths = after.words.keys().chain(before.words.keys());
    let paths: BTreeSet<&String> = paths.collect();
    paths
        .into_iter()
        .filter_map(|path| {
            let old = before.words.get(path).unwrap_or(&empty);
            let new = after.words.get(path).unwrap_or(&empty);
            changed(path, old, new, cause)
        })
        .collect()
}

/// Returns what differs between two versions of a record, both classified by the same tables:
/// values, what they are classified as, sites, criteria.
pub fn differences(before: &Classified, after: &Classified) -> Vec<Change> {
    let mut changes = fields::compare(&before.study, &after.study);
    changes.extend(relabelled(&labels(before), &labels(after), Cause::Registry));
    changes.extend(sites::compare(&before.study.sites, &after.study.sites));
    changes.extend(criteria(before, after));
    changes
}

/// Returns the change that a study is new.
pub fn added(after: &Classified) -> Change {
    whole(ChangeKind::Added, "", &after.study.name())
}

/// Returns the change that the registry no longer has a study.
pub fn removed(before: &Classified) -> Change {
    whole(ChangeKind::Removed, &before.study.name(), "")
}

fn whole(kind: ChangeKind, before: &str, after: &str) -> Change {
    Change {
        kind,
        field: String::new(),
        before: one_line(before),
        after: one_line(after),
        cause: Cause::Registry,
    }
}

/// Returns the change that two records were merged into one.
pub fn merged(old: &str, new: &str) -> Change {
    Change {
        kind: ChangeKind::Changed,
        field: "nct_id".to_owned(),
        before: old.to_owned(),
        after: new.to_owned(),
        cause: Cause::Registry,
    }
}

fn changed(path: &str, before: &str, after: &str, cause: Cause) -> Option<Change> {
    (before != after).then(|| Change {
        kind: ChangeKind::Changed,
        field: path.to_owned(),
        before: before.to_owned(),
        after: after.to_owned(),
        cause,
    })
}

/// Compares criteria line by line, by kind and text; where a line stands is no change.
fn criteria(before: &Classified, after: &Classified) -> Vec<Change> {
    let (old, new) = (lines(before), lines(after));
    let gone = less(&old, &new).into_iter();
    let come = less(&new, &old).into_iter();
    let change = |kind| {
        move |field: &String| Change {
            kind,
            field: field.clone(),
            before: String::new(),
            after: String::new(),
            cause: Cause::Registry,
        }
    };
    gone.map(change(ChangeKind::CriterionRemoved))
        .chain(come.map(change(ChangeKind::CriterionAdded)))
        .collect()
}

/// Kind and text of each criterion.
fn lines(one: &Classified) -> Vec<String> {
    let text = one.study.eligibility.text.as_deref().unwrap_or_default();
    let line = |criterion: &crate::criteria::Criterion| {
        let words = one_line(criterion.body(text));
        format!("{}: {words}", criterion.kind.as_str())
    };
    one.segments.criteria.iter().map(line).collect()
}

/// Returns what the first list holds more often than the second, in its order.
fn less<'l>(list: &'l [String], other: &[String]) -> Vec<&'l String> {
    let mut there: BTreeMap<&String, usize> = BTreeMap::new();
    for one in other {
        *there.entry(one).or_default() += 1;
    }
    list.iter()
        .filter(|one| match there.get_mut(*one) {
            Some(count) if *count > 0 => {
                *count -= 1;
                false
            }
            _ => true,
        })
        .collect()
}

#[cfg(test)]
mod tests;
