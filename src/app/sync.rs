//! Bringing the local store up to date: from the registry, or from downloaded records.
//!
//! What is read is held in memory, packed, until it is whole. Then one
//! transaction writes it, after the recall guard has looked at what the store
//! would hold. A run that ends before leaves the store as it was, and the next
//! one begins where the last good one ended.

mod apply;
mod receive;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{Days, NaiveDate};

use super::{App, AppError, Sentinels};
use crate::guard;
use crate::registry::archive::{self, ArchiveError};
use crate::registry::decode::FIELDS;
use crate::registry::http::Client;
use crate::registry::live::update::{self, Held, Step, Tracked};
use crate::registry::plan::{Condition, Query, Therapy, plan};
use crate::registry::{Problem, decode, files, fingerprint};
use crate::store::{Head, Lock, Run, RunKind, Store, StoreError, Writer};
use crate::study::NctNumber;
use apply::News;
use receive::Page;

pub use apply::Tally;

/// Days that are read again before the last good state: records are posted under days gone by.
const OVERLAP: Days = Days::new(3);

/// Days after which everything is read anew: places and markup may change without a new date.
const MONTH: i64 = 30;

/// What a sync is to do.
#[derive(Debug, Clone)]
pub struct Sync {
    /// Read everything, not only what was updated.
    pub full: bool,
    /// Take these records in place of the registry's answers.
    pub file: Option<PathBuf>,
    /// Which studies the store must hold afterwards.
    pub sentinels: Sentinels,
    /// Allow the number of studies to fall by more than a fifth.
    pub allow_shrink: bool,
    /// How long to wait for another run.
    pub wait: Duration,
}

/// What a sync came to.
#[derive(Debug)]
pub struct Synced {
    /// The run that the store stands at now.
    pub run: Run,
    /// True if the registry still had the same data, and nothing was written but that.
    pub same: bool,
    /// What was written.
    pub tally: Tally,
    /// Requests that were sent.
    pub requests: Vec<String>,
    /// Records and values that could not be used.
    pub problems: Vec<Problem>,
    /// What the user must know besides.
    pub warnings: Vec<String>,
}

impl App {
    /// Brings the store up to date.
    ///
    /// # Errors
    ///
    /// [`AppError`]; whatever goes wrong, the store stays as it was. [`StoreError::Locked`] if
    /// another run does not end in time.
    pub fn sync(&self, sync: &Sync) -> Result<Synced, AppError> {
        let lock = Lock::take(self.data_dir()?, &self.settings.now, sync.wait)?;
        self.sync_under(&lock, sync)
    }

    /// Brings the store up to date under a lock that is held already.
    pub(super) fn sync_under(&self, lock: &Lock, sync: &Sync) -> Result<Synced, AppError> {
        sentinel_list(&sync.sentinels)?;
        let (store, aside) = self.open_or_begin(lock)?;
        let head = store.head()?;
        let mut synced = match &sync.file {
            Some(path) => self.sync_file(&store, head.as_ref(), path, sync)?,
            None => self.sync_live(&store, head.as_ref(), sync)?,
        };
        synced.warnings.splice(0..0, aside);
        Ok(synced)
    }

    /// Opens the store to write; a damaged one is put aside, kept, and told.
    fn open_or_begin(&self, lock: &Lock) -> Result<(Store, Option<String>), AppError> {
        match Store::open_to_write(lock) {
            Ok(store) => Ok((store, None)),
            Err(StoreError::Damaged { what, .. }) => {
                let aside = Store::set_aside(lock, &self.settings.now)?;
                let told = format!(
                    "the store was damaged ({what}): it was put aside as `{}`, with its history, and everything is read anew",
                    aside.display()
                );
                Ok((Store::open_to_write(lock)?, Some(told)))
            }
            Err(error) => Err(error.into()),
        }
    }

    fn sync_live(
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
        let updated = update::update(
            &client,
            &known,
            |now| decide(head, &run, sync.full, now),
            move |bytes, decoded| Page::of(bytes, decoded, &terms),
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

    fn sync_file(
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
        let held = archive::read(path, |name, record| {
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
            let decoded = decode::any(record).unwrap_or_default();
            let mut page = Page::of(record, decoded, &self.terms);
            page.got.retain(|one| is_tracked || one.labels.is_cell);
            page.problems.retain(|one| one.skipped);
            let is_empty = page.got.is_empty() && page.problems.is_empty();
            (!is_empty).then_some(page)
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

    /// Writes what came, after the guard has looked at what the store would hold.
    fn write(
        &self,
        store: &Store,
        head: Option<&Head>,
        sync: &Sync,
        sentinels: &Sentinels,
        run: &Run,
        news: News,
    ) -> Result<Synced, AppError> {
        let writer = store.begin(&self.settings.now, news.bytes())?;
        let before = writer.count()?;
        let relabel =
            head.is_some_and(|head| run.is_full || head.last.classifier != run.classifier);
        let apply = apply::Apply {
            store,
            writer: &writer,
            terms: &self.terms,
            is_first: head.is_none(),
        };
        let tally = apply.news(&news, relabel)?;
        let after = writer.count()?;
        if !sync.allow_shrink && fell(before, after) {
            return Err(shrunk(small(before), small(after)));
        }
        check_sentinels(&writer, sentinels)?;
        let run = writer.finish(run)?;
        Ok(Synced {
            requests: run.requests.clone(),
            run,
            same: false,
            tally,
            problems: news.problems,
            warnings: Vec::new(),
        })
    }

    /// The query behind the store: every engineered cell therapy, and what concerns MS and may be one.
    fn recall_query(&self) -> Result<Query, AppError> {
        let (therapy, condition) = (Therapy::CellTherapy, Condition::Ms);
        Ok(plan(&therapy, &condition, &self.terms.codes(), &[])?)
    }

    fn run(&self, kind: RunKind, query: &Query) -> Run {
        let fields = FIELDS.join(",");
        Run {
            id: 0,
            kind,
            is_full: false,
            finished_at: self.settings.now.clone(),
            checked_at: self.settings.now.clone(),
            data_timestamp: None,
            scope: fingerprint::of_texts([query.to_string().as_str(), &fields]),
            classifier: self.classifier(),
            api: None,
            path: None,
            found: None,
            studies: 0,
            requests: Vec::new(),
        }
    }

    /// By what studies are classified here: this program with its tables, and added products.
    pub(super) fn classifier(&self) -> String {
        let products = format!("{:?}", self.terms.products());
        fingerprint::of_texts([env!("CARGO_PKG_VERSION"), &products])
    }
}

/// Decides what to read at a state of the registry's data. Only the registry's own clock counts:
/// that of this machine may be wrong.
fn decide(head: Option<&Head>, run: &Run, full: bool, now: Option<&str>) -> Step {
    let Some(live) = head.and_then(|head| head.live.as_ref()) else {
        return Step::Everything;
    };
    if full || live.scope != run.scope || live.api != run.api {
        return Step::Everything;
    }
    if now.is_some() && now == live.data_timestamp.as_deref() {
        return Step::Nothing;
    }
    let last_full = head.and_then(|head| day(head.full.as_ref()?.data_timestamp.as_deref()));
    match (last_full, day(live.data_timestamp.as_deref()), day(now)) {
        (Some(full), Some(last), Some(now)) if (now - full).num_days() < MONTH => last
            .min(now)
            .checked_sub_days(OVERLAP)
            .map_or(Step::Everything, Step::Since),
        _ => Step::Everything,
    }
}

/// Returns the day of a time stamp.
pub(super) fn day(timestamp: Option<&str>) -> Option<NaiveDate> {
    timestamp?.get(..10)?.parse().ok()
}

fn tracked(store: &Store) -> Result<Vec<Tracked>, AppError> {
    let rows = store.rows()?.into_iter().map(|row| Tracked {
        number: row.number,
        updated: row.updated.and_then(|day| day.parse().ok()),
    });
    let mut tracked: Vec<Tracked> = rows.collect();
    // What could not be read is asked for again: it may have been mended.
    for (number, _) in store.unread()? {
        if !tracked.iter().any(|one| one.number == number) {
            tracked.push(Tracked {
                number,
                updated: None,
            });
        }
    }
    Ok(tracked)
}

fn fell(before: u64, after: u64) -> bool {
    after.saturating_mul(5) < before.saturating_mul(4)
}

fn shrunk(before: usize, after: usize) -> AppError {
    AppError::Shrunk { before, after }
}

fn small(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

/// The recall guard: known studies must be there.
fn check_sentinels(writer: &Writer<'_>, sentinels: &Sentinels) -> Result<(), AppError> {
    check(&writer.numbers()?, sentinels)
}

/// Returns the sentinels. A list that cannot be read is told before anything is asked or read.
pub(super) fn sentinel_list(sentinels: &Sentinels) -> Result<Vec<NctNumber>, AppError> {
    Ok(match sentinels {
        Sentinels::None => Vec::new(),
        Sentinels::BuiltIn => guard::built_in(),
        Sentinels::File(path) => guard::from_file(path)?,
    })
}

/// Looks for the sentinels among sorted numbers.
pub(super) fn check(numbers: &[NctNumber], sentinels: &Sentinels) -> Result<(), AppError> {
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

    fn run(timestamp: Option<&str>, is_full: bool) -> Run {
        Run {
            id: 1,
            kind: RunKind::Live,
            is_full,
            finished_at: String::new(),
            checked_at: String::new(),
            data_timestamp: timestamp.map(str::to_owned),
            scope: "all".into(),
            classifier: String::new(),
            api: None,
            path: None,
            found: None,
            studies: 0,
            requests: Vec::new(),
        }
    }

    fn head(live: Option<&str>, full: Option<&str>) -> Head {
        Head {
            store: String::new(),
            last: run(live, false),
            live: Some(run(live, false)),
            full: Some(run(full, true)),
        }
    }

    #[test]
    fn only_the_registrys_clock_decides() {
        let asked = run(None, false);
        let at = |live, full, now| decide(Some(&head(live, full)), &asked, false, now);
        let (first, week) = (Some("2026-08-03T09:00:05"), Some("2026-08-10T09:00:05"));
        let since = |day: &str| Step::Since(day.parse().unwrap());
        assert_eq!(decide(None, &asked, false, week), Step::Everything);
        assert_eq!(at(week, first, week), Step::Nothing);
        assert_eq!(at(first, first, week), since("2026-07-31"));
        // The registry went back: from the earlier day on.
        assert_eq!(at(week, first, first), since("2026-07-31"));
        // A month after the last full read.
        assert_eq!(
            at(week, first, Some("2026-09-02T09:00:05")),
            Step::Everything
        );
        // Without a stamp nothing is known to be the same.
        assert_eq!(at(week, first, None), Step::Everything);
        assert_eq!(at(None, None, week), Step::Everything);
        assert_eq!(at(Some("tomorrow"), first, week), Step::Everything);
        assert_eq!(
            decide(Some(&head(week, first)), &asked, true, week),
            Step::Everything
        );
        let other = Run {
            scope: "more".into(),
            ..asked.clone()
        };
        assert_eq!(
            decide(Some(&head(week, first)), &other, false, week),
            Step::Everything
        );
        let other = Run {
            api: Some("http://mirror".into()),
            ..asked
        };
        assert_eq!(
            decide(Some(&head(week, first)), &other, false, week),
            Step::Everything
        );
    }

    #[test]
    fn a_fall_is_more_than_a_fifth() {
        assert!(!fell(0, 0) && !fell(10, 8) && !fell(3, 9));
        assert!(fell(10, 7) && fell(1, 0) && fell(u64::MAX, 0));
    }
}
