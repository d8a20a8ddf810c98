//! Single studies, by number.

use super::{App, AppError, Search, SourceChoice};
use crate::registry::plan::{Condition, Query, Therapy};
use crate::select::{Filters, StatusFilter};
use crate::study::NctNumber;

/// Studies by number, in the order in which they were asked for.
pub type Shown = Search;

impl App {
    /// Finds studies by number, also by a number that a record had before.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] names those that are not in the source.
    pub fn show(&self, numbers: &[NctNumber], mut filters: Filters) -> Result<Shown, AppError> {
        filters.therapy = Therapy::Any;
        filters.condition = Condition::Any;
        filters.status = StatusFilter::All;
        filters.numbers = Some(numbers.to_vec());
        let (source, mut collected) = match &self.settings.source {
            SourceChoice::Live => self.read_registry(&filters, &Query::numbers(numbers), false)?,
            SourceChoice::Auto => self.read_anywhere(&filters, &Query::numbers(numbers))?,
            SourceChoice::Sample | SourceChoice::Path(_) => self.collect(&filters)?,
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
            let source_name = source.kind.as_str().to_owned();
            return Err(AppError::NotFound {
                missing,
                source_name,
            });
        }
        collected.studies.sort_by_key(|one| place(&one.study));
        Ok(Search {
            filters,
            source,
            collected,
        })
    }
}
