//! Bringing the local store up to date: from the registry, or from downloaded records.
//!
//! What is read is held in memory, packed, until it is whole. Then one
//! transaction writes it, after the recall guard has looked at what the store
//! would hold. A run that ends before leaves the store as it was, and the next
//! one begins where the last good one ended.

mod apply;
mod guarded;
mod plan;
mod read;
mod receive;

use std::path::PathBuf;
use std::time::Duration;

use super::{App, AppError, Progress, Sentinels};
use crate::registry::Problem;
use crate::store::{Head, Lock, Run, Store, StoreError};
use apply::News;
use guarded::{check_sentinels, fell, shrunk, small};

pub use apply::Tally;
pub(super) use guarded::{check, sentinel_list};
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
        let synced = self.sync_now(lock, sync);
        // Before anything else is told: the line would stand in its way.
        self.teller.tell(Progress::Ended);
        synced
    }

    fn sync_now(&self, lock: &Lock, sync: &Sync) -> Result<Synced, AppError> {
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
}
