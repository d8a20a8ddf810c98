//! The recall guard: what a run must come up to before it replaces the last good one.

use crate::app::{AppError, Sentinels};
use crate::guard;
use crate::store::Writer;
use crate::study::NctNumber;

/// Says whether a number fell by more than a fifth.
pub(super) fn fell(before: u64, after: u64) -> bool {
    after.saturating_mul(5) < before.saturating_mul(4)
}

pub(super) fn shrunk(before: usize, after: usize) -> AppError {
    AppError::Shrunk { before, after }
}

pub(super) fn small(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

/// The recall guard: known studies must be there.
pub(super) fn check_sentinels(writer: &Writer<'_>, sentinels: &Sentinels) -> Result<(), AppError> {
    check(&writer.numbers()?, sentinels)
}

/// Returns the sentinels. A list that cannot be read is told before anything is asked or read.
pub(in crate::app) fn sentinel_list(sentinels: &Sentinels) -> Result<Vec<NctNumber>, AppError> {
    Ok(match sentinels {
        Sentinels::None => Vec::new(),
        Sentinels::BuiltIn => guard::built_in(),
        Sentinels::File(path) => guard::from_file(path)?,
    })
}

/// Looks for the sentinels among sorted numbers.
pub(in crate::app) fn check(numbers: &[NctNumber], sentinels: &Sentinels) -> Result<(), AppError> {
    let sentinels = sentinel_list(sentinels)?;
    let missing = guard::missing(&sentinels, numbers);
    if missing.is_empty() {
        return Ok(());
    }
    Err(AppError::Guard {
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
