//! Single studies, by number.

use super::{App, AppError, Search, SourceChoice};
use crate::provenance::{Source, SourceKind};
use crate::registry::Problem;
use crate::registry::plan::{Condition, Query, Therapy};
use crate::select::{Collected, Filters, StatusFilter};
use crate::study::NctNumber;

/// Studies by number, in the order in which they were asked for.
pub type Shown = Search;

impl App {
    /// Finds studies by number, also by a number that a record had before.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] names those that are not in the source, [`AppError::Unusable`] one that
    /// is there and cannot be read, [`AppError::Incomplete`] what kept the source from being read whole.
    pub fn show(&self, numbers: &[NctNumber], mut filters: Filters) -> Result<Shown, AppError> {
        filters.therapy = Therapy::Any;
        filters.condition = Condition::Any;
        filters.status = StatusFilter::All;
        filters.numbers = Some(numbers.to_vec());
        let (source, mut collected) = match &self.settings.source {
            _ if self.held.is_some() => self.collect(&filters)?,
            SourceChoice::Live => self.read_registry(&filters, &Query::numbers(numbers), false)?,
            SourceChoice::Auto => self.read_anywhere(&filters, &Query::numbers(numbers))?,
            SourceChoice::Store | SourceChoice::Sample | SourceChoice::Path(_) => {
                self.collect(&filters)?
            }
        };
        let place = |study: &crate::study::Study| {
            numbers
                .iter()
                .position(|number| *number == study.nct_number || study.aliases.contains(number))
        };
        let missing: Vec<NctNumber> = numbers
            .iter()
            .copied()
            .filter(|number| {
                !collected.studies.iter().any(|one| {
                    one.study.nct_number == *number || one.study.aliases.contains(number)
                })
            })
            .collect();
        if !missing.is_empty() {
            let gone = self.told_gone(&source, &missing);
            return Err(absent(missing, source, &collected, &gone));
        }
        collected.studies.sort_by_key(|one| place(&one.study));
        Ok(Search {
            filters,
            source,
            collected,
        })
    }
}

impl App {
    /// Says which of the missing studies the registry itself took out, as far as the store knows.
    fn told_gone(&self, source: &Source, missing: &[NctNumber]) -> String {
        let known = self
            .open_store()
            .and_then(|(store, _)| Ok(store.tombstones()?));
        let tombstones = match known {
            Ok(tombstones) if source.kind == SourceKind::Store => tombstones,
            _ => Vec::new(),
        };
        let gone = tombstones
            .iter()
            .filter(|one| missing.contains(&one.number));
        let words = gone.map(|one| {
            let day = one.removed_at.get(..10).unwrap_or_default();
            format!(
                "; {} is no longer in the registry: found gone on {day}",
                one.number
            )
        });
        words.collect()
    }
}

/// Says why studies are not among what was read. Only a source that was read whole, and holds no
/// damaged record of theirs, can be said not to hold them: a wrong "gone" may end a search for good.
fn absent(missing: Vec<NctNumber>, source: Source, collected: &Collected, gone: &str) -> AppError {
    if source.kind == SourceKind::Live
        && let Some(why) = source.incomplete
    {
        return AppError::Incomplete(why);
    }
    let is_asked = |problem: &&Problem| {
        let number = problem.nct.as_deref().map(str::parse);
        problem.skipped && matches!(number, Some(Ok(number)) if missing.contains(&number))
    };
    if let Some(problem) = collected.problems.iter().find(is_asked) {
        return AppError::Unusable(problem.clone());
    }
    let kind = format!("{}{gone}", source.kind.as_str());
    let source_name = source.fallback.map_or(kind.clone(), |why| {
        format!("{kind}; the registry could not be used: {why}")
    });
    AppError::NotFound {
        missing,
        source_name,
    }
}
