//! Sites: which came, which went, and which changed their status.

use std::collections::BTreeMap;

use crate::geo::Country;
use crate::store::{Cause, Change, ChangeKind};
use crate::study::Site;
use crate::text::one_line;

/// Sites of one identity: how it is shown, and the status of each, in the registered order.
#[derive(Default)]
struct Twins {
    shown: String,
    statuses: Vec<String>,
}

/// Facility, city and country make the identity of a site. A country is the same under its old
/// and its new spelling.
fn grouped(sites: &[Site]) -> BTreeMap<String, Twins> {
    let mut groups: BTreeMap<String, Twins> = BTreeMap::new();
    for site in sites {
        let part = |part: Option<&str>| one_line(part.unwrap_or_default());
        let (facility, city) = (part(site.facility.as_deref()), part(site.city.as_deref()));
        let country = part(site.country.as_deref());
        let known = Country::find(&country).map(Country::name);
        let key = format!("{facility} | {city} | {}", known.unwrap_or(&country));
        let twins = groups.entry(key).or_default();
        twins.shown = format!("{facility} | {city} | {country}");
        let status = site.status.as_ref().map(ToString::to_string);
        twins.statuses.push(status.unwrap_or_default());
    }
    groups
}

/// Returns what differs between two lists of sites, by identity.
pub(super) fn compare(before: &[Site], after: &[Site]) -> Vec<Change> {
    let (old, new) = (grouped(before), grouped(after));
    let mut identities: Vec<&String> = old.keys().chain(new.keys()).collect();
    identities.sort_unstable();
    identities.dedup();
    let none = Twins::default();
    let pairs = identities.into_iter().map(|identity| {
        (
            old.get(identity).unwrap_or(&none),
            new.get(identity).unwrap_or(&none),
        )
    });
    pairs.flat_map(|(old, new)| twins(old, new)).collect()
}

/// Twins whose status is the same on both sides are the same; the others are told apart by order.
fn twins(old: &Twins, new: &Twins) -> Vec<Change> {
    let mut before = old.statuses.clone();
    let mut after = Vec::new();
    for status in &new.statuses {
        match before.iter().position(|one| one == status) {
            Some(at) => {
                before.remove(at);
            }
            None => after.push(status.clone()),
        }
    }
    let shown = if new.shown.is_empty() {
        &old.shown
    } else {
        &new.shown
    };
    let pairs = before.len().max(after.len());
    let change = |at: usize| {
        let (before, after) = (before.get(at), after.get(at));
        Change {
            kind: match (before, after) {
                (_, None) => ChangeKind::SiteRemoved,
                (None, _) => ChangeKind::SiteAdded,
                _ => ChangeKind::SiteStatus,
            },
            field: shown.clone(),
            before: before.cloned().unwrap_or_default(),
            after: after.cloned().unwrap_or_default(),
            cause: Cause::Registry,
        }
    };
    (0..pairs).map(change).collect()
}
