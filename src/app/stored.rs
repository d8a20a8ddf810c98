//! Reading the local store: most studies are counted out by what the store
//! knows of them, and only the others are decoded.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::{App, AppError};
use crate::classify::Classified;
use crate::criteria::Wanted;
use crate::provenance::{Source, SourceKind};
use crate::registry::plan::{Condition, Therapy};
use crate::registry::{Decoded, decode};
use crate::select::{Collected, Collector, Filters};
use crate::store::{Head, Row, Store, unpack};
use crate::study::{NctNumber, OverallStatus};

/// Why a search for other therapies cannot be whole.
const SCOPE: &str = "the store holds engineered cell therapies, and what may be one for MS; other therapies are known to the registry only";

impl App {
    /// Reads the store.
    ///
    /// # Errors
    ///
    /// [`AppError::NoStore`] if there is none, [`AppError::Store`] if it cannot be used.
    pub(super) fn read_store(&self, filters: &Filters) -> Result<(Source, Collected), AppError> {
        let (store, head) = self.open_store()?;
        self.read_from(&store, &head, filters)
    }

    pub(super) fn read_from(
        &self,
        store: &Store,
        head: &Head,
        filters: &Filters,
    ) -> Result<(Source, Collected), AppError> {
        let aliases = store.aliases()?;
        let filters = &with_present_numbers(filters, &aliases);
        let knows_labels = head.last.classifier == self.classifier();
        let mut collected = self.sift(store, filters, &aliases, knows_labels)?;
        if collected.studies.is_empty() && filters.numbers.is_none() {
            // What to drop so that something is found needs every filter of every study.
            collected = self.sift_all(store, filters, &aliases)?;
        }
        // An old number of what is gone is no study that is held.
        let numbers = &collected.retrieved;
        let known = aliases
            .iter()
            .filter(|(_, now)| numbers.binary_search(now).is_ok());
        let known: Vec<NctNumber> = known.map(|(alias, _)| *alias).collect();
        collected.retrieved.extend(known);
        collected.retrieved.sort_unstable();
        let source = self.stored(head, filters, &collected);
        Ok((source, collected))
    }

    fn sift(
        &self,
        store: &Store,
        filters: &Filters,
        aliases: &[(NctNumber, NctNumber)],
        knows_labels: bool,
    ) -> Result<Collected, AppError> {
        let aliases = by_number(aliases);
        let mut collector = Collector::new(filters, self.terms());
        let rows = store.rows()?;
        let mut kept = Vec::new();
        for row in &rows {
            match fails(row, filters, knows_labels) {
                Some(step) => {
                    let updated = row.updated.as_deref().and_then(|day| day.parse().ok());
                    collector.take_failed(row.number, updated, step);
                }
                None => kept.push(row),
            }
        }
        take(store, &kept, &aliases, &mut collector)?;
        Ok(collector.finish())
    }

    fn sift_all(
        &self,
        store: &Store,
        filters: &Filters,
        aliases: &[(NctNumber, NctNumber)],
    ) -> Result<Collected, AppError> {
        let aliases = by_number(aliases);
        let mut collector = Collector::new(filters, self.terms());
        let rows = store.rows()?;
        let rows: Vec<&Row> = rows.iter().collect();
        take(store, &rows, &aliases, &mut collector)?;
        Ok(collector.finish())
    }

    pub(super) fn stored(&self, head: &Head, filters: &Filters, collected: &Collected) -> Source {
        let last = &head.last;
        let is_covered = self.covers(filters);
        let live = head.live.as_ref();
        Source {
            api: live.and_then(|run| run.api.clone()),
            registry_timestamp: stamp(head),
            oldest_record: None,
            retrieved_at: last_contact(head).to_owned(),
            requests: last.requests.clone(),
            incomplete: (!is_covered).then(|| SCOPE.to_owned()),
            ..self.source(SourceKind::Store, collected)
        }
    }

    /// Says whether the store holds all that the registry has for these filters: every product
    /// that is known stands in the query behind it.
    pub(super) fn covers(&self, filters: &Filters) -> bool {
        let is_known = match &filters.therapy {
            Therapy::CellTherapy => true,
            Therapy::Any => false,
            Therapy::Text(text) => self.terms.find_products(text).next().is_some(),
        };
        is_known || filters.numbers.is_some()
    }

    /// Classifies the record of a version.
    pub(super) fn classified_version(
        &self,
        store: &Store,
        version: i64,
    ) -> Result<Option<Classified>, AppError> {
        let decoded = decode::any(&store.record(version)?).unwrap_or_default();
        let study = decoded.studies.into_iter().next();
        Ok(study.map(|study| {
            let mut one = crate::classify::classify(study, self.terms());
            one.read_criteria(self.terms(), Wanted::CoursesAndEdss);
            one
        }))
    }
}

/// The registry's stamp of what the store holds: that of the last live run, or of newer files.
fn stamp(head: &Head) -> Option<String> {
    let live = head
        .live
        .as_ref()
        .and_then(|run| run.data_timestamp.clone());
    if live.is_some() {
        return live;
    }
    head.last.data_timestamp.clone()
}

/// When the registry was last asked, or files were read if it never was.
pub(super) fn last_contact(head: &Head) -> &str {
    let live = head.live.as_ref().map(|run| run.checked_at.as_str());
    live.unwrap_or(&head.last.checked_at)
}

/// Returns filters that ask for a merged study by the number that it has now too.
fn with_present_numbers(filters: &Filters, aliases: &[(NctNumber, NctNumber)]) -> Filters {
    let mut filters = filters.clone();
    if let Some(numbers) = &mut filters.numbers {
        let present = aliases.iter().filter(|(alias, _)| numbers.contains(alias));
        let present: Vec<NctNumber> = present.map(|(_, now)| *now).collect();
        numbers.extend(present);
    }
    filters
}

fn by_number(aliases: &[(NctNumber, NctNumber)]) -> BTreeMap<NctNumber, Vec<NctNumber>> {
    let mut by_number: BTreeMap<NctNumber, Vec<NctNumber>> = BTreeMap::new();
    for (alias, now) in aliases {
        by_number.entry(*now).or_default().push(*alias);
    }
    by_number
}

/// Returns the first step of the funnel that a study fails for certain, as far as the store knows
/// it without its record. The steps stand in the funnel's order: a step may be told only if every
/// one before it is passed for certain.
fn fails(row: &Row, filters: &Filters, knows_labels: bool) -> Option<&'static str> {
    if let Some(numbers) = &filters.numbers
        && !numbers.contains(&row.number)
    {
        return Some("number");
    }
    if !knows_labels {
        return None;
    }
    match filters.therapy {
        Therapy::CellTherapy if !row.is_cell => return Some("therapy"),
        Therapy::Text(_) => return None,
        _ => {}
    }
    match filters.condition {
        Condition::Ms if !row.is_ms => return Some("condition"),
        Condition::Text(_) => return None,
        _ => {}
    }
    let status: Option<OverallStatus> = row.status.as_deref().map(Into::into);
    (!filters.status.fits(status.as_ref())).then_some("status")
}

/// Records that are decoded at a time: enough for every core, and not the whole store.
const AT_A_TIME: usize = 256;

/// Takes the studies of rows.
fn take(
    store: &Store,
    rows: &[&Row],
    aliases: &BTreeMap<NctNumber, Vec<NctNumber>>,
    collector: &mut Collector<'_>,
) -> Result<(), AppError> {
    for rows in rows.chunks(AT_A_TIME) {
        let packed = rows.iter().map(|row| store.packed(row.version));
        let packed: Vec<Vec<u8>> = packed.collect::<Result<_, _>>()?;
        let damaged = AtomicUsize::new(usize::MAX);
        let parts: Vec<(usize, Vec<u8>)> = packed.into_iter().enumerate().collect();
        collector.take_all(&parts, |(at, packed)| {
            let Some(record) = unpack(packed) else {
                damaged.fetch_min(*at, Ordering::Relaxed);
                return Decoded::default();
            };
            known_as(aliases, decode::any(&record).unwrap_or_default())
        });
        if let Some(row) = rows.get(damaged.into_inner()) {
            return Err(store.not_whole(row.version).into());
        }
    }
    Ok(())
}

/// Adds the numbers that studies had before.
fn known_as(aliases: &BTreeMap<NctNumber, Vec<NctNumber>>, mut decoded: Decoded) -> Decoded {
    for study in &mut decoded.studies {
        let known = aliases.get(&study.nct_number).into_iter().flatten();
        for alias in known {
            if !study.aliases.contains(alias) {
                study.aliases.push(*alias);
            }
        }
    }
    decoded
}
