//! The recall guard: what a run must come up to before it replaces the last good one.

use crate::app::{AppError, Sentinels};
use crate::guard;
use crate::store::{Counts, Store, Writer};
use crate::study::NctNumber;

/// What is counted where a number is of all studies.
pub(in crate::app) const STUDIES: &str = "studies";

/// Says whether a number fell by more than a fifth.
pub(super) fn fell(before: u64, after: u64) -> bool {
    after.saturating_mul(5) < before.saturating_mul(4)
}

/// Refuses a number that fell by more than a fifth.
pub(in crate::app) fn refuse_fall(
    what: &'static str,
    before: u64,
    after: u64,
) -> Result<(), AppError> {
    if fell(before, after) {
        return Err(shrunk(what, before, after));
    }
    Ok(())
}

pub(super) fn shrunk(what: &'static str, before: u64, after: u64) -> AppError {
    AppError::Shrunk {
        what,
        before: small(before),
        after: small(after),
    }
}

/// Refuses a store of which far fewer studies would be left, or far fewer of those that users read:
/// among many others their going would not show. One study of a few may go.
pub(super) fn refuse_shrunk(before: Counts, after: Counts) -> Result<(), AppError> {
    refuse_fall(STUDIES, before.all, after.all)?;
    for (what, before, after) in [
        ("cell therapy studies", before.cells, after.cells),
        ("cell therapy studies in MS", before.ms, after.ms),
    ] {
        if before.saturating_sub(after) > 1 {
            refuse_fall(what, before, after)?;
        }
    }
    Ok(())
}

fn small(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

/// The recall guard: known studies must be there.
pub(super) fn check_sentinels(
    store: &Store,
    writer: &Writer<'_>,
    sentinels: &Sentinels,
) -> Result<(), AppError> {
    check(&writer.numbers()?, sentinels, &gone(store)?)
}

/// Studies of which the registry said that it has them no more; within a run, also those of the run.
pub(in crate::app) fn gone(store: &Store) -> Result<Vec<NctNumber>, AppError> {
    let gone = store.tombstones()?;
    Ok(gone.into_iter().map(|one| one.number).collect())
}

/// Looks for the sentinels among sorted numbers.
pub(in crate::app) fn check(
    numbers: &[NctNumber],
    sentinels: &Sentinels,
    gone: &[NctNumber],
) -> Result<(), AppError> {
    let sentinels = sentinels.numbers()?;
    let missing = guard::missing(&sentinels, numbers);
    if missing.is_empty() {
        return Ok(());
    }
    let of_these = missing.iter().filter(|one| gone.contains(one));
    Err(AppError::Guard {
        gone: of_these.copied().collect(),
        missing,
        sentinels: sentinels.len(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fall_is_more_than_a_fifth() {
        assert!(!fell(0, 0) && !fell(10, 8) && !fell(3, 9));
        assert!(fell(10, 7) && fell(1, 0) && fell(u64::MAX, 0));
    }
}
