//! Writing a run: one transaction, with the cursor in it.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::{OptionalExtension, Transaction, TransactionBehavior, params};

use super::read::{labels, number};
use super::{Change, Labels, Run, Store, StoreError};
use crate::study::NctNumber;
use crate::whole_file;

/// What the pages of the store take besides the records, as a share of them:
/// asked for before a run is written, not to be ended by a limit in the middle.
const BESIDES: u64 = 4;

/// What the journal of the smallest change may take.
const LEAST: u64 = 1 << 18;

/// A limit on the size of files (`ulimit -f`) would end the program on the spot, in the middle of
/// a write: it is asked for before.
pub(super) fn refuse_beyond_limit(file: &Path, bytes: u64) -> Result<(), StoreError> {
    let now = std::fs::metadata(file).map_or(0, |file| file.len());
    let most = now
        .saturating_add(bytes.saturating_mul(BESIDES))
        .saturating_add(LEAST);
    whole_file::refuse_beyond_limit(most).map_err(|source| StoreError::Folder {
        path: file.to_owned(),
        source,
    })
}

/// A record to be written.
#[derive(Debug)]
pub struct Put<'a> {
    /// Registry number.
    pub number: NctNumber,
    /// Fingerprint of what the record says.
    pub hash: &'a [u8],
    /// The record, packed.
    pub packed: &'a [u8],
    /// `lastUpdatePostDate`.
    pub updated: Option<String>,
    /// `versionHolder`.
    pub data_date: Option<String>,
    /// `overallStatus` as it came.
    pub status: Option<&'a str>,
    /// What it was classified as.
    pub labels: &'a Labels,
}

/// What the store holds of a study now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Current {
    /// Its version.
    pub version: i64,
    /// Fingerprint of what the record says.
    pub hash: Vec<u8>,
    /// `lastUpdatePostDate`.
    pub updated: Option<String>,
    /// `versionHolder`.
    pub data_date: Option<String>,
    /// What it was classified as.
    pub labels: Labels,
}

/// A run on its way into the store. Dropped before [`Writer::finish`], it leaves nothing.
#[derive(Debug)]
pub struct Writer<'s> {
    store: &'s Store,
    step: Transaction<'s>,
    run: i64,
    now: String,
}

impl Store {
    /// Begins to write a run. `bytes` is how much its records take, packed.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the store cannot be written, or may not become that large.
    pub fn begin(&self, now: &str, bytes: u64) -> Result<Writer<'_>, StoreError> {
        self.refuse_beyond_limit(bytes)?;
        let step = self.tried(Transaction::new_unchecked(
            &self.db,
            TransactionBehavior::Immediate,
        ))?;
        let next = "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'runs'), 0) + 1";
        let run = self.tried(step.query_row(next, [], |row| row.get(0)))?;
        Ok(Writer {
            store: self,
            step,
            run,
            now: now.to_owned(),
        })
    }

    fn refuse_beyond_limit(&self, bytes: u64) -> Result<(), StoreError> {
        refuse_beyond_limit(&self.path, bytes)
    }

    /// Notes that the registry still holds the same data.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the store cannot be written.
    pub fn seen_again(&self, run: i64, now: &str) -> Result<(), StoreError> {
        self.refuse_beyond_limit(0)?;
        let note = "UPDATE runs SET checked_at = ?2 WHERE id = ?1";
        self.tried(self.db.execute(note, params![run, now]))
            .map(drop)
    }
}

impl Writer<'_> {
    fn tried<T>(&self, result: rusqlite::Result<T>) -> Result<T, StoreError> {
        self.store.tried(result)
    }

    fn execute(&self, query: &str, params: impl rusqlite::Params) -> Result<usize, StoreError> {
        let done = self
            .step
            .prepare_cached(query)
            .and_then(|mut query| query.execute(params));
        self.tried(done)
    }

    /// Returns the number of this run.
    pub fn run(&self) -> i64 {
        self.run
    }

    /// Returns what the store holds of a study.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the store cannot be read.
    pub fn current(&self, of: NctNumber) -> Result<Option<Current>, StoreError> {
        let query = "SELECT version, hash, studies.updated, data_date, is_cell, is_ms, labels \
                     FROM studies JOIN versions ON versions.id = version WHERE studies.nct = ?1";
        let found = self.step.prepare_cached(query).and_then(|mut query| {
            let current = query.query_row([of.to_string()], |row| {
                Ok(Current {
                    version: row.get(0)?,
                    hash: row.get(1)?,
                    updated: row.get(2)?,
                    data_date: row.get(3)?,
                    labels: labels(row, 4)?,
                })
            });
            current.optional()
        });
        self.tried(found)
    }

    /// Writes a new version of a study, and makes it the current one.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the store cannot be written.
    pub fn put(&self, put: &Put<'_>) -> Result<(), StoreError> {
        let nct = put.number.to_string();
        self.execute(
            "INSERT INTO versions (nct, run, hash, updated, record) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![nct, self.run, put.hash, put.updated, put.packed],
        )?;
        let version = self.step.last_insert_rowid();
        self.execute(
            "INSERT OR REPLACE INTO studies VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            params![
                nct,
                version,
                put.updated,
                put.data_date,
                put.status,
                put.labels.is_cell,
                put.labels.is_ms,
                words(put.labels)
            ],
        )?;
        self.execute("DELETE FROM tombstones WHERE nct = ?1", [&nct])?;
        self.execute("DELETE FROM aliases WHERE alias = ?1", [&nct])?;
        self.execute("DELETE FROM unread WHERE nct = ?1", [&nct])?;
        Ok(())
    }

    /// Writes anew what a study was classified as.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the store cannot be written.
    pub fn relabel(&self, of: NctNumber, labels: &Labels) -> Result<(), StoreError> {
        self.execute(
            "UPDATE studies SET is_cell = ?2, is_ms = ?3, labels = ?4 WHERE nct = ?1",
            params![of.to_string(), labels.is_cell, labels.is_ms, words(labels)],
        )
        .map(drop)
    }

    /// Notes that the registry no longer has a study; its last copy stays.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the store cannot be written.
    pub fn bury(&self, gone: NctNumber) -> Result<(), StoreError> {
        let nct = gone.to_string();
        self.execute(
            "INSERT OR REPLACE INTO tombstones SELECT nct, version, ?2, ?3 FROM studies WHERE nct = ?1",
            params![nct, self.run, self.now],
        )?;
        self.execute("DELETE FROM studies WHERE nct = ?1", [&nct])?;
        self.execute("DELETE FROM unread WHERE nct = ?1", [&nct])?;
        Ok(())
    }

    /// Notes a number that a study had before. A study that stood under it is one with it now;
    /// its versions stay.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the store cannot be written.
    pub fn alias(&self, alias: NctNumber, of: NctNumber) -> Result<(), StoreError> {
        let old = alias.to_string();
        self.execute(
            "INSERT OR REPLACE INTO aliases VALUES (?1, ?2)",
            params![old, of.to_string()],
        )?;
        self.execute("DELETE FROM studies WHERE nct = ?1", [&old])?;
        self.execute("DELETE FROM tombstones WHERE nct = ?1", [&old])?;
        self.execute("DELETE FROM unread WHERE nct = ?1", [&old])?;
        Ok(())
    }

    /// Notes a record that came and could not be read.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the store cannot be written.
    pub fn unread(&self, number: NctNumber, what: &str) -> Result<(), StoreError> {
        self.execute(
            "INSERT OR REPLACE INTO unread VALUES (?1, ?2)",
            params![number.to_string(), what],
        )
        .map(drop)
    }

    /// Writes down what changed in a study.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the store cannot be written.
    pub fn log(
        &self,
        number: NctNumber,
        updated: Option<&str>,
        changes: &[Change],
    ) -> Result<(), StoreError> {
        for one in changes {
            self.execute(
                "INSERT INTO changes (run, detected_at, nct, change, field, before, after, updated, cause) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                params![
                    self.run,
                    self.now,
                    number.to_string(),
                    one.kind.as_str(),
                    one.field,
                    one.before,
                    one.after,
                    updated,
                    one.cause.as_str()
                ],
            )?;
        }
        Ok(())
    }

    /// Returns every current study and every number that one had before, sorted: what the
    /// recall guard looks at.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the store cannot be read.
    pub fn numbers(&self) -> Result<Vec<NctNumber>, StoreError> {
        let query = "SELECT nct FROM studies UNION SELECT alias FROM aliases \
                     WHERE nct IN (SELECT nct FROM studies) ORDER BY 1";
        self.store.listed(query, [], |row| number(row, 0))
    }

    /// Writes the run itself, and with it all that it brought.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the store cannot be written; then nothing was.
    pub fn finish(self, run: &Run) -> Result<Run, StoreError> {
        let run = Run {
            id: self.run,
            studies: self.store.counts()?.all,
            ..run.clone()
        };
        let requests = serde_json::to_string(&run.requests).unwrap_or_else(|_| "[]".to_owned());
        let small = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        self.execute(
            "INSERT INTO runs VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
            params![
                run.id,
                run.kind.as_str(),
                run.is_full,
                run.finished_at,
                run.checked_at,
                run.data_timestamp,
                run.scope,
                run.classifier,
                run.api,
                run.path,
                run.found.map(small),
                small(run.studies),
                requests
            ],
        )?;
        let Self { store, step, .. } = self;
        store.tried(step.commit())?;
        Ok(run)
    }
}

/// Maps with string keys can always be written.
fn words(labels: &Labels) -> String {
    let words: &BTreeMap<String, String> = &labels.words;
    serde_json::to_string(words).unwrap_or_else(|_| "{}".to_owned())
}
