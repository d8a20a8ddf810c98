//! Sites that came, went or changed, a line for each thing that became of them.

use std::collections::BTreeMap;

use super::told::Statuses;
use super::words::{label, status_of};
use crate::place::SiteState;
use crate::store::{ChangeKind, Logged};
use crate::study::OverallStatus;
use crate::text;

/// Sites that are named one by one; of more only the countries are.
const NAMED: usize = 3;

/// Countries that are named.
const COUNTRIES: usize = 6;

/// Longest name of a site.
const LONGEST: usize = 100;

/// How a site stands: what it counts as, and its own status in words.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Standing {
    state: SiteState,
    own: String,
}

/// What became of a site; `None` where it is not listed.
struct Fate<'a> {
    field: &'a str,
    before: Option<Standing>,
    after: Option<Standing>,
}

/// Tells what became of sites: what opened first, what closed behind it.
pub(super) fn told(rows: &[&Logged], statuses: &Statuses<'_>) -> Vec<String> {
    let mut lines: Vec<(u8, String, Vec<&str>)> = Vec::new();
    for fate in fates(rows, statuses) {
        let Some((rank, words)) = became(&fate) else {
            continue;
        };
        match lines.iter_mut().find(|(_, other, _)| *other == words) {
            Some((_, _, sites)) => sites.push(fate.field),
            None => lines.push((rank, words, vec![fate.field])),
        }
    }
    lines.sort_by_key(|(rank, ..)| *rank);
    let told = lines.into_iter();
    told.map(|(_, words, sites)| line(&words, &sites)).collect()
}

/// What became of each site over all changes. Twins are told apart by their order in a run.
fn fates<'a>(rows: &[&'a Logged], statuses: &Statuses<'_>) -> Vec<Fate<'a>> {
    let mut fates: Vec<Fate<'a>> = Vec::new();
    let mut places: BTreeMap<(&str, usize), usize> = BTreeMap::new();
    let mut turns: BTreeMap<(i64, &str), usize> = BTreeMap::new();
    for row in rows {
        let change = &row.change;
        let (was, is) = match change.kind {
            ChangeKind::SiteAdded => (false, true),
            ChangeKind::SiteRemoved => (true, false),
            ChangeKind::SiteStatus => (true, true),
            _ => continue,
        };
        let [old, new] = statuses.around(row.run);
        let before = was.then(|| Standing::of(&change.before, old.as_ref()));
        let after = is.then(|| Standing::of(&change.after, new.as_ref()));
        let turn = turns.entry((row.run, &change.field)).or_default();
        let place = *places.entry((&change.field, *turn)).or_insert(fates.len());
        *turn += 1;
        match fates.get_mut(place) {
            Some(fate) => fate.after = after,
            None => fates.push(Fate {
                field: &change.field,
                before,
                after,
            }),
        }
    }
    fates
}

impl Standing {
    fn of(word: &str, overall: Option<&OverallStatus>) -> Self {
        let own = status_of(word);
        Self {
            state: SiteState::settled(own.as_ref(), overall),
            own: label(own.as_ref()),
        }
    }
}

/// What became of a site, and how high that stands; nothing where it is as it was.
fn became(fate: &Fate<'_>) -> Option<(u8, String)> {
    Some(match (&fate.before, &fate.after) {
        (None, None) => return None,
        (old, new) if old == new => return None,
        (None, Some(new)) => (1, format!("listed anew, {}", state(new.state))),
        (Some(old), None) => (3, format!("no longer listed (was: {})", state(old.state))),
        (Some(old), Some(new)) if old.state == new.state => (
            4,
            format!(
                "now “{}” (was “{}”), {} as before",
                new.own,
                old.own,
                state(new.state)
            ),
        ),
        (Some(old), Some(new)) => {
            let rank = if new.state == SiteState::Open { 0 } else { 2 };
            let now = match new.state {
                SiteState::Open => "now open",
                SiteState::Opening => "to open",
                SiteState::Unknown => "now not stated, ask the site",
                SiteState::Closed => "now counted as closed",
            };
            (rank, format!("{now} (was: {})", state(old.state)))
        }
    })
}

/// The words of the cards.
fn state(state: SiteState) -> &'static str {
    match state {
        SiteState::Open => "open",
        SiteState::Opening => "opening",
        SiteState::Unknown => "ask the site",
        SiteState::Closed => "closed",
    }
}

fn line(words: &str, sites: &[&str]) -> String {
    let count = text::counted(sites.len() as u64, "site");
    let names = if sites.len() <= NAMED {
        let names: Vec<String> = sites.iter().map(|field| name(field)).collect();
        names.join("; ")
    } else {
        countries(sites)
    };
    format!("{count} {words}: {names}")
}

/// Facility, city and country of a site.
fn name(field: &str) -> String {
    let parts = field.split(" | ").map(str::trim);
    let parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
    text::shorten(&text::one_line(&parts.join(", ")), LONGEST)
}

/// How many sites lie in which country, most first.
fn countries(sites: &[&str]) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for field in sites {
        let country = field.rsplit('|').next().unwrap_or_default().trim();
        let country = if country.is_empty() {
            "country not stated"
        } else {
            country
        };
        *counts.entry(country).or_default() += 1;
    }
    let mut counts: Vec<(&str, usize)> = counts.into_iter().collect();
    counts.sort_by_key(|(country, count)| (std::cmp::Reverse(*count), *country));
    let told = counts.iter().take(COUNTRIES);
    let told = told.map(|(country, count)| {
        format!(
            "{} {count}",
            text::shorten(&text::one_line(country), LONGEST)
        )
    });
    let mut told: Vec<String> = told.collect();
    if counts.len() > COUNTRIES {
        let rest: usize = counts.iter().skip(COUNTRIES).map(|(_, count)| count).sum();
        told.push(format!("elsewhere {rest}"));
    }
    told.join(", ")
}
