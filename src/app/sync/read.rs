//! A run: what the registry or a file holds is read, and handed on to be written.

use std::collections::BTreeSet;
use std::path::Path;

use super::apply::{News, Tally};
use super::guarded::{check_sentinels, fell, shrunk, small};
use super::plan::{decide, tracked};
use super::receive::Page;
use super::{Sync, Synced};
use crate::app::progress::Answers;
use crate::app::{App, AppError, Progress, Sentinels};
use crate::classify::classify;
use crate::registry::archive::{self, ArchiveError};
use crate::registry::http::Client;
use crate::registry::live::update::{self, Held, Step};
use crate::registry::{decode, files};
use crate::store::{Head, Run, RunKind, Store};
use crate::study::NctNumber;

impl App {
    pub(super) fn sync_live(
        &self,
        store: &Store,
        head: Option<&Head>,
        sync: &Sync,
    ) -> Result<Synced, AppError> {
        let query = self.recall_query()?;
        let client = Client::new(self.settings.http.clone())?;
        let mut run = self.run(RunKind::Live, &query);
        run.api = Some(client.base().to_owned());
        let tracked = tracked(store)?;
        let known = Held {
            query: &query,
            tracked: &tracked,
            most_missing: if sync.allow_shrink {
                usize::MAX
            } else {
                tracked.len() / 5
            },
        };
        let terms = std::sync::Arc::clone(&self.terms);
        let answers = Answers::new(self.teller.clone());
        let updated = update::update(
            &client,
            &known,
            |now| decide(head, &run, sync.full, now),
            move |bytes, decoded, total| {
                answers.came(decoded.studies.len(), total);
                Page::of(bytes, decoded, &terms)
            },
        )?;
        if let Some(why) = updated.incomplete {
            return Err(AppError::Incomplete(why));
        }
        if let Some(missing) = updated.too_many_missing {
            return Err(shrunk(tracked.len(), tracked.len() - missing));
        }
        run.data_timestamp = updated.data_timestamp;
        run.requests.clone_from(&updated.requests);
        if updated.step == Step::Nothing {
            return self.same_again(store, head, sync, updated.requests);
        }
        run.is_full = updated.step == Step::Everything;
        run.found = run.is_full.then_some(updated.found as u64);
        if let Some(before) = head.and_then(|head| head.full.as_ref()?.found)
            && run.is_full
            && !sync.allow_shrink
            && fell(before, updated.found as u64)
        {
            return Err(shrunk(small(before), updated.found));
        }
        let mut news = News::of(updated.pages);
        news.gone = updated.gone;
        news.merged = updated.merged;
        self.write(store, head, sync, &sync.sentinels, &run, news)
    }

    /// The registry has the same data: they are only classified anew, where tables changed.
    fn same_again(
        &self,
        store: &Store,
        head: Option<&Head>,
        sync: &Sync,
        requests: Vec<String>,
    ) -> Result<Synced, AppError> {
        let Some((head, live)) = head.and_then(|head| Some((head, head.live.as_ref()?))) else {
            return Err(AppError::NoStore(store.path().to_owned()));
        };
        if head.last.classifier != self.classifier() {
            let run = Run {
                kind: RunKind::Labels,
                is_full: false,
                finished_at: self.settings.now.clone(),
                classifier: self.classifier(),
                requests: requests.clone(),
                found: None,
                ..live.clone()
            };
            let written = self.write(
                store,
                Some(head),
                sync,
                &sync.sentinels,
                &run,
                News::default(),
            );
            return Ok(Synced {
                requests,
                ..written?
            });
        }
        // Nothing is written by it: it only asks.
        check_sentinels(&store.begin(&self.settings.now, 0)?, &sync.sentinels)?;
        store.seen_again(live.id, &self.settings.now)?;
        let run = Run {
            checked_at: self.settings.now.clone(),
            ..live.clone()
        };
        Ok(Synced {
            run,
            same: true,
            tally: Tally::default(),
            requests,
            problems: Vec::new(),
            warnings: Vec::new(),
        })
    }

    pub(super) fn sync_file(
        &self,
        store: &Store,
        head: Option<&Head>,
        path: &Path,
        sync: &Sync,
    ) -> Result<Synced, AppError> {
        let mut pages = Vec::new();
        let mut incomplete = None;
        if archive::is_archive(path) {
            pages = self.read_archive(store, path)?;
        } else {
            incomplete = files::read_raw(path, &mut |bytes, decoded| {
                pages.push(Page::of(bytes, decoded, &self.terms));
            })?;
        }
        let news = News {
            keep_newer: true,
            ..News::of(pages)
        };
        let mut run = self.run(RunKind::File, &self.recall_query()?);
        run.path = Some(path.display().to_string());
        run.data_timestamp = news.data_date();
        // A file says nothing of studies that are not in it: only a list of one's own is a demand.
        let sentinels = match &sync.sentinels {
            Sentinels::File(list) => Sentinels::File(list.clone()),
            _ => Sentinels::None,
        };
        let mut synced = self.write(store, head, sync, &sentinels, &run, news)?;
        synced.warnings.extend(incomplete.map(|why| {
            format!("the files are a part only ({why}); what they do not hold stays as it was")
        }));
        Ok(synced)
    }

    /// Reads the registry's whole archive. Of its studies those are kept that give engineered cells,
    /// and those that the store holds already.
    fn read_archive(&self, store: &Store, path: &Path) -> Result<Vec<Page>, AppError> {
        let rows = store.rows()?;
        let tracked: BTreeSet<NctNumber> = rows.iter().map(|row| row.number).collect();
        let sieve = self.terms.sieve();
        let told = |read, of| self.teller.tell(Progress::Archive { read, of });
        let held = archive::read(path, &told, |name, record| {
            let number = Path::new(name).file_stem()?.to_str()?.parse().ok();
            let is_tracked = number.is_some_and(|number| tracked.contains(&number));
            let may_be = || {
                sieve
                    .as_ref()
                    .is_none_or(|sieve| sieve.lets_through(record))
            };
            if !is_tracked && !may_be() {
                return None;
            }
            // What cannot be decoded is told by the page.
            let mut decoded = decode::any(record).unwrap_or_default();
            decoded.problems.retain(|one| one.skipped);
            let mut studies = std::mem::take(&mut decoded.studies).into_iter();
            // To pack what is not kept would cost more than to look twice at what is.
            let mut gives_cells =
                || studies.any(|study| classify(study, &self.terms).cell_therapy.class.is_some());
            if !is_tracked && decoded.problems.is_empty() && !gives_cells() {
                return None;
            }
            let mut page = Page::of(record, decoded, &self.terms);
            page.got.retain(|one| is_tracked || one.labels.is_cell);
            Some(page)
        });
        let held = held.map_err(|source| AppError::Archive {
            path: path.to_owned(),
            source,
        })?;
        tracing::debug!(studies = held.entries, bytes = held.bytes, "archive read");
        if held.entries == 0 {
            let what = "it holds no study".to_owned();
            return Err(AppError::Archive {
                path: path.to_owned(),
                source: ArchiveError::NotWhole(what),
            });
        }
        Ok(held.kept)
    }
}
