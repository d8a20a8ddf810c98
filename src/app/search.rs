//! Which studies fit the filters.

use super::{App, AppError};
use crate::provenance::{Source, SourceKind};
use crate::registry::http::DEFAULT_BASE;
use crate::render::Listing;
use crate::select::{Collected, Filters};

/// The outcome of a search.
#[derive(Debug)]
pub struct Search {
    /// What was asked.
    pub filters: Filters,
    /// Where the data came from.
    pub source: Source,
    /// What fits, and where the others were lost.
    pub collected: Collected,
}

impl App {
    /// Searches.
    ///
    /// # Errors
    ///
    /// [`AppError`]; a live read that is not complete is an error unless the
    /// settings allow a part.
    pub fn search(&self, filters: Filters) -> Result<Search, AppError> {
        let (source, collected) = self.collect(&filters)?;
        if let Some(why) = &source.incomplete
            && source.kind == SourceKind::Live
            && !self.settings.partial
        {
            return Err(AppError::Incomplete(why.clone()));
        }
        Ok(Search {
            filters,
            source,
            collected,
        })
    }

    /// Returns a search as what the renderers take.
    pub fn listing<'a>(&'a self, search: &'a Search) -> Listing<'a> {
        Listing {
            source: &search.source,
            filters: &search.filters,
            funnel: &search.collected.funnel,
            way_out: &search.collected.way_out,
            studies: &search.collected.studies,
            api: Some(self.settings.http.base.as_str()).filter(|base| *base != DEFAULT_BASE),
            lexicon: self.settings.lexicon.as_deref(),
            unit: self.settings.unit,
            today: self.settings.today,
            generated_at: &self.settings.now,
        }
    }
}
