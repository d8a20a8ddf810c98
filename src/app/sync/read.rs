//! A run: what the registry or a file holds is read, and handed on to be written.

use std::path::Path;

use super::apply::{News, Tally};
use super::guarded::{STUDIES, check_sentinels, refuse_fall, shrunk};
use super::plan::{decide, tracked};
use super::receive::{Page, Relevance};
use super::standing::Standing;
use super::times::gone_back;
use super::{Base, Sync, Synced};
use crate::app::progress::Answers;
use crate::app::{App, AppError, Progress, SentinelList, Sentinels};
use crate::registry::archive::{self, ArchiveError};
use crate::registry::http::Client;
use crate::registry::live::update::{self, Held, Step};
use crate::registry::{decode, files};
use crate::store::{Run, RunKind};

impl App {
    pub(super) fn sync_live(&self, base: &Base<'_>, sync: &Sync) -> Result<Synced, AppError> {
        let Base { store, head, .. } = *base;
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
            let held = tracked.len() as u64;
            return Err(shrunk(STUDIES, held, held.saturating_sub(missing as u64)));
        }
        run.data_timestamp = updated.data_timestamp;
        run.requests.clone_from(&updated.requests);
        if updated.step == Step::Nothing {
            return self.same_again(base, sync, updated.requests);
        }
        run.is_full = updated.step == Step::Everything;
        run.found = run.is_full.then_some(updated.found as u64);
        if let Some(before) = head.and_then(|head| head.full.as_ref()?.found)
            && run.is_full
            && !sync.allow_shrink
        {
            refuse_fall(STUDIES, before, updated.found as u64)?;
        }
        let mut news = News::of(updated.pages);
        let back = gone_back(
            &store.runs()?,
            run.data_timestamp.as_deref(),
            &self.settings.now,
        );
        if back.is_none() {
            // What an older state of the registry does not hold yet is not gone.
            news.gone = updated.gone;
            news.merged = updated.merged;
        }
        let mut synced = self.write(base, sync, &sync.sentinels, &run, news)?;
        synced.warnings.extend(back);
        Ok(synced)
    }

    /// The registry has the same data: they are only classified anew, where tables changed.
    fn same_again(
        &self,
        base: &Base<'_>,
        sync: &Sync,
        requests: Vec<String>,
    ) -> Result<Synced, AppError> {
        let store = base.store;
        let Some((head, live)) = base.head.and_then(|head| Some((head, head.live.as_ref()?)))
        else {
            return Err(AppError::NoStore(store.path().to_owned()));
        };
        if head.last.classifier != self.classifier() {
            let run = Run {
                kind: RunKind::Labels,
                is_full: false,
                classifier: self.classifier(),
                requests: requests.clone(),
                found: None,
                ..live.clone()
            };
            let written = self.write(base, sync, &sync.sentinels, &run, News::default());
            return Ok(Synced {
                requests,
                ..written?
            });
        }
        // Nothing is written by it: it only asks.
        check_sentinels(store, &store.begin(&self.settings.now, 0)?, &sync.sentinels)?;
        let checked_at = self.checked_at(live.data_timestamp.as_deref());
        store.seen_again(live.id, &checked_at)?;
        let run = Run {
            checked_at,
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
        base: &Base<'_>,
        path: &Path,
        sync: &Sync,
    ) -> Result<Synced, AppError> {
        let relevance = Relevance::of(base.store, &self.terms)?;
        let (mut news, mut incomplete, mut came) = (News::default(), None, 0);
        if archive::is_archive(path) {
            for page in self.read_archive(&relevance, path)? {
                news.take(page);
            }
        } else {
            incomplete = files::read_raw(path, &mut |bytes, decoded| {
                came += decoded.studies.len();
                news.take(relevance.page(bytes, decoded));
            })?;
        }
        let live = base.head.and_then(|head| head.live.as_ref());
        let asked = live.and_then(|run| run.data_timestamp.clone());
        news.standing = Standing::Copies { asked };
        let nothing = (came > 0 && news.got.is_empty()).then(|| {
            format!("none of the {came} studies in the files gives engineered cells: nothing of them was kept")
        });
        let mut run = self.run(RunKind::File, &self.recall_query()?);
        run.path = Some(path.display().to_string());
        run.data_timestamp = news.data_date();
        // A file says nothing of studies that are not in it: only a list of one's own is a demand.
        let sentinels = match sync.sentinels.list {
            SentinelList::File(_) => sync.sentinels.clone(),
            SentinelList::BuiltIn | SentinelList::None => Sentinels::NONE,
        };
        let mut synced = self.write(base, sync, &sentinels, &run, news)?;
        synced.warnings.extend(nothing);
        synced.warnings.extend(incomplete.map(|why| {
            format!("the files are a part only ({why}); what they do not hold stays as it was")
        }));
        Ok(synced)
    }

    /// Reads the registry's whole archive. Of its studies those are kept that give engineered cells,
    /// and those that the store holds already.
    fn read_archive(&self, relevance: &Relevance<'_>, path: &Path) -> Result<Vec<Page>, AppError> {
        let told = |read, of| self.teller.tell(Progress::Archive { read, of });
        let held = archive::read(path, &told, |name, record| {
            let number = Path::new(name).file_stem()?.to_str()?.parse().ok();
            let is_tracked = number.is_some_and(|number| relevance.holds(number));
            if !is_tracked && !relevance.may_be(record) {
                return None;
            }
            // What cannot be decoded is told by the page.
            let page = relevance.page(record, decode::any(record).unwrap_or_default());
            (!page.got.is_empty() || !page.problems.is_empty()).then_some(page)
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
