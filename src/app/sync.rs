//! Bringing the local store up to date: from the registry, or from downloaded records.
//!
//! What is read is held in memory, packed, until it is whole. Then one
//! transaction writes it, after the recall guard has looked at what the store
//! would hold. A run that ends before leaves the store as it was, and the next
//! one begins where the last good one ended.

mod apply;
mod damage;
mod guarded;
mod plan;
mod read;
mod receive;
mod standing;
mod times;

use std::path::PathBuf;
use std::time::Duration;

use super::{App, AppError, Progress, Sentinels};
use crate::registry::Problem;
use crate::store::{Counts, Head, Lock, Run, Store};
use apply::News;
use damage::Found;
use guarded::{check_sentinels, refuse_shrunk};

pub use apply::Tally;
pub(super) use guarded::{STUDIES, check, gone, refuse_fall};
pub(super) use plan::day;

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

/// What a run stands on.
struct Base<'a> {
    store: &'a Store,
    head: Option<&'a Head>,
    /// What the store held that this one takes the place of.
    baseline: Option<Counts>,
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
    /// [`AppError`]; whatever goes wrong, the store stays as it was. [`StoreError::Locked`](crate::store::StoreError::Locked) if
    /// another run does not end in time.
    pub fn sync(&self, sync: &Sync) -> Result<Synced, AppError> {
        let lock = Lock::take(self.data_dir()?, &self.settings.now, sync.wait)?;
        self.sync_under(&lock, sync)
    }

    /// Brings the store up to date under a lock that is held already.
    pub(super) fn sync_under(&self, lock: &Lock, sync: &Sync) -> Result<Synced, AppError> {
        let synced = self.sync_now(lock, sync);
        // Before anything else is told: the line would stand in its way.
        self.teller.tell(Progress::Ended);
        synced
    }

    fn sync_now(&self, lock: &Lock, sync: &Sync) -> Result<Synced, AppError> {
        // A list that cannot be read is told before anything is asked or read.
        sync.sentinels.numbers()?;
        let Found { store, aside } = self.open_or_begin(lock)?;
        let synced = store.head().map_err(AppError::from).and_then(|head| {
            let base = Base {
                store: &store,
                head: head.as_ref(),
                baseline: aside.as_ref().and_then(|aside| aside.counts),
            };
            match &sync.file {
                Some(path) => self.sync_file(&base, path, sync),
                None => self.sync_live(&base, sync),
            }
        });
        if synced.is_err() {
            // What was begun and given up takes no room.
            store.settle();
        }
        drop(store);
        damage::told(lock, aside, synced)
    }

    /// Writes what came, after the guard has looked at what the store would hold.
    fn write(
        &self,
        base: &Base<'_>,
        sync: &Sync,
        sentinels: &Sentinels,
        run: &Run,
        news: News,
    ) -> Result<Synced, AppError> {
        let Base { store, head, .. } = *base;
        let (run, clock) = self.timed(run, head);
        let writer = store.begin(&run.finished_at, news.bytes())?;
        let before = base.baseline.map_or_else(|| store.counts(), Ok)?;
        let relabel =
            head.is_some_and(|head| run.is_full || head.last.classifier != run.classifier);
        let apply = apply::Apply {
            store,
            writer: &writer,
            terms: &self.terms,
            is_first: head.is_none(),
        };
        let tally = apply.news(&news, relabel)?;
        if !sync.allow_shrink {
            refuse_shrunk(before, store.counts()?)?;
        }
        check_sentinels(store, &writer, sentinels)?;
        let run = writer.finish(&run)?;
        Ok(Synced {
            requests: run.requests.clone(),
            run,
            same: false,
            tally,
            problems: news.problems,
            warnings: clock.into_iter().collect(),
        })
    }
}
