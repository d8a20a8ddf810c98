//! From a choice of source to the studies that fit.

use std::sync::Arc;

use super::{AUTO_FIRST_ANSWER, AUTO_TOTAL, App, AppError, SourceChoice};
use crate::classify::{Classified, classify};
use crate::provenance::{Source, SourceKind};
use crate::registry::http::{Client, FetchError};
use crate::registry::live::{self, Fetched};
use crate::registry::plan::{Query, Therapy, plan};
use crate::registry::{Decoded, Problem, files, sample};
use crate::select::{Collected, Collector, Filters};
use crate::study::PartialDate;
use crate::terminology::Product;

/// What a page of the registry came to, on its own thread.
type Read = (Vec<Classified>, Vec<Problem>);

impl App {
    /// Reads the chosen source and keeps what fits.
    pub(super) fn collect(&self, filters: &Filters) -> Result<(Source, Collected), AppError> {
        if let Some(held) = &self.held {
            return Ok(held.collect(self, filters));
        }
        match &self.settings.source {
            SourceChoice::Sample => Ok(self.read_sample(filters, None)),
            SourceChoice::Path(path) => {
                let mut collector = Collector::new(filters, &self.terms);
                let incomplete = files::read(path, &mut |decoded| collector.take(decoded))?;
                let collected = collector.finish();
                let source = Source {
                    path: Some(path.display().to_string()),
                    incomplete,
                    ..self.source(SourceKind::Files, &collected)
                };
                Ok((source, collected))
            }
            SourceChoice::Store => self.read_store(filters),
            SourceChoice::Live => self.read_registry(filters, &self.query(filters)?, false),
            SourceChoice::Auto => self.read_anywhere(filters, &self.query(filters)?),
        }
    }

    /// Live; if that fails in any way, the store; without one, the sample; with the reason.
    pub(super) fn read_anywhere(
        &self,
        filters: &Filters,
        query: &Query,
    ) -> Result<(Source, Collected), AppError> {
        match self.read_registry(filters, query, true) {
            Ok((source, collected)) if source.is_complete() => Ok((source, collected)),
            Ok((source, _)) => Ok(self.read_held(filters, source.incomplete)),
            // What the user must mend is no reason to fall back.
            Err(
                error @ AppError::Fetch(
                    FetchError::Base { .. } | FetchError::CaFile { .. } | FetchError::Setup(_),
                ),
            ) => Err(error),
            Err(AppError::Fetch(error)) => Ok(self.read_held(filters, Some(error.to_string()))),
            Err(error) => Err(error),
        }
    }

    /// What is held here: the store, else the sample. A store that cannot be used is told.
    fn read_held(&self, filters: &Filters, why: Option<String>) -> (Source, Collected) {
        match self.read_store(filters) {
            Ok((source, collected)) => (
                Source {
                    fallback: why,
                    ..source
                },
                collected,
            ),
            Err(AppError::NoStore(_) | AppError::NoDataDir) => self.read_sample(filters, why),
            Err(error) => {
                let why = why.map_or(String::new(), |why| format!("{why}; "));
                self.read_sample(filters, Some(format!("{why}{error}")))
            }
        }
    }

    fn read_sample(&self, filters: &Filters, why: Option<String>) -> (Source, Collected) {
        let mut collector = Collector::new(filters, &self.terms);
        collector.take(sample::read());
        let collected = collector.finish();
        let source = Source {
            registry_timestamp: Some(sample::SNAPSHOT.to_owned()),
            oldest_record: None,
            fallback: why,
            ..self.source(SourceKind::Sample, &collected)
        };
        (source, collected)
    }

    pub(super) fn read_registry(
        &self,
        filters: &Filters,
        query: &Query,
        auto: bool,
    ) -> Result<(Source, Collected), AppError> {
        let mut options = self.settings.http.clone();
        if auto {
            options.first_answer = Some(AUTO_FIRST_ANSWER);
            options.timeout_total = options.timeout_total.min(AUTO_TOTAL);
        }
        let client = Client::new(options)?;
        let terms = Arc::clone(&self.terms);
        // Classified on the thread that decodes, while the next page is on its way.
        let read = move |decoded: Decoded| -> Read {
            let studies = decoded
                .studies
                .into_iter()
                .map(|study| classify(study, &terms))
                .collect();
            (studies, decoded.problems)
        };
        let fetched: Fetched<Read> = live::fetch(&client, query, read)?;
        let mut collector = Collector::new(filters, &self.terms);
        for (studies, problems) in fetched.pages {
            collector.take(Decoded {
                problems,
                ..Decoded::default()
            });
            for one in studies {
                collector.take_classified(one);
            }
        }
        let collected = collector.finish();
        let source = Source {
            api: Some(client.base().to_owned()),
            registry_timestamp: fetched.data_timestamp,
            oldest_record: None,
            requests: fetched.requests,
            incomplete: fetched.incomplete.map(|why| match fetched.hint {
                Some(hint) => format!("{why} ({hint})"),
                None => why,
            }),
            ..self.source(SourceKind::Live, &collected)
        };
        Ok((source, collected))
    }

    fn query(&self, filters: &Filters) -> Result<Query, AppError> {
        let names: Vec<String> = match &filters.therapy {
            Therapy::Text(text) => {
                let known = self
                    .terms
                    .find_products(text)
                    .filter_map(|(_, index)| self.terms.products().get(index));
                let known = known.flat_map(Product::names);
                known
                    .filter(|name| !name.eq_ignore_ascii_case(text))
                    .map(str::to_owned)
                    .collect()
            }
            _ => Vec::new(),
        };
        Ok(plan(
            &filters.therapy,
            &filters.condition,
            &self.terms.codes(),
            &names,
        )?)
    }

    pub(super) fn source(&self, kind: SourceKind, collected: &Collected) -> Source {
        Source {
            kind,
            api: None,
            registry_timestamp: collected.data_date.map(|date| date.to_string()),
            oldest_record: oldest_record(kind, collected),
            retrieved_at: self.settings.now.clone(),
            requests: Vec::new(),
            path: None,
            incomplete: None,
            fallback: None,
            just_synced: false,
        }
    }
}

/// The sample says of each of its records how old it is; live data are of one day.
fn oldest_record(kind: SourceKind, collected: &Collected) -> Option<PartialDate> {
    let dates = collected.studies.iter().map(|one| one.study.data_date);
    dates.flatten().min().filter(|_| kind == SourceKind::Files)
}
