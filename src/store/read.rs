//! What can be asked of the store.

use std::collections::BTreeMap;
use std::str::FromStr;

use rusqlite::{OptionalExtension, Row as SqlRow, types::Type};

use super::{
    Cause, Change, ChangeKind, Labels, Logged, Row, Run, RunKind, Store, StoreError, Tombstone,
    unpack,
};
use crate::study::NctNumber;

/// The columns of `runs`, in the order in which [`run`] reads them.
const RUN: &str = "id, kind, is_full, finished_at, checked_at, data_timestamp, scope, classifier, api, path, found, studies, requests";

/// Where the store stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The store's own name.
    pub store: String,
    /// The last run.
    pub last: Run,
    /// The last run that asked the registry: the cursor of the next one.
    pub live: Option<Run>,
    /// The last of those that read everything.
    pub full: Option<Run>,
}

/// How many studies are current: a guard looks at each of these numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// All of them.
    pub all: u64,
    /// Those that give engineered cells.
    pub cells: u64,
    /// Those of them that are about MS: what users read.
    pub ms: u64,
}

/// Which changes are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Since {
    /// Those of one run.
    Run(i64),
    /// Those of later runs than this.
    AfterRun(i64),
    /// Those seen on this day (`YYYY-MM-DD`) or later.
    Day(String),
}

impl Store {
    /// Returns where the store stands; `None` before the first run.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the store cannot be read.
    pub fn head(&self) -> Result<Option<Head>, StoreError> {
        let Some(last) = self.last_run("1")? else {
            return Ok(None);
        };
        Ok(Some(Head {
            store: self.name()?,
            last,
            live: self.last_run("kind = 'live'")?,
            full: self.last_run("kind = 'live' AND is_full")?,
        }))
    }

    /// Counts the current studies; within a run, as they are on its way.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the store cannot be read.
    pub fn counts(&self) -> Result<Counts, StoreError> {
        let query = "SELECT count(*), coalesce(sum(is_cell), 0), coalesce(sum(is_cell AND is_ms), 0) FROM studies";
        self.tried(self.db.query_row(query, [], |row| {
            Ok(Counts {
                all: count(row, 0)?.unwrap_or_default(),
                cells: count(row, 1)?.unwrap_or_default(),
                ms: count(row, 2)?.unwrap_or_default(),
            })
        }))
    }

    fn name(&self) -> Result<String, StoreError> {
        let name = "SELECT value FROM facts WHERE key = 'store'";
        self.tried(self.db.query_row(name, [], |row| row.get(0)))
    }

    fn last_run(&self, which: &'static str) -> Result<Option<Run>, StoreError> {
        let query = format!("SELECT {RUN} FROM runs WHERE {which} ORDER BY id DESC LIMIT 1");
        self.tried(self.db.query_row(&query, [], run).optional())
    }

    /// Returns every run, the first one first.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the store cannot be read.
    pub fn runs(&self) -> Result<Vec<Run>, StoreError> {
        self.listed(&format!("SELECT {RUN} FROM runs ORDER BY id"), [], run)
    }

    /// Returns every current study, by number, without its record.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the store cannot be read.
    pub fn rows(&self) -> Result<Vec<Row>, StoreError> {
        let query =
            "SELECT nct, version, updated, status, is_cell, is_ms FROM studies ORDER BY nct";
        self.listed(query, [], |row| {
            Ok(Row {
                number: number(row, 0)?,
                version: row.get(1)?,
                updated: row.get(2)?,
                status: row.get(3)?,
                is_cell: row.get(4)?,
                is_ms: row.get(5)?,
            })
        })
    }

    /// Returns the record of a version, as the registry sent it.
    ///
    /// # Errors
    ///
    /// [`StoreError::Damaged`] if it is not whole.
    pub fn record(&self, version: i64) -> Result<Vec<u8>, StoreError> {
        unpack(&self.packed(version)?).ok_or_else(|| self.not_whole(version))
    }

    /// Returns the record of a version as the store keeps it, to be unpacked elsewhere.
    ///
    /// # Errors
    ///
    /// [`StoreError::Damaged`] if there is none.
    pub fn packed(&self, version: i64) -> Result<Vec<u8>, StoreError> {
        let query = "SELECT record FROM versions WHERE id = ?1";
        let mut query = self.tried(self.db.prepare_cached(query))?;
        let packed: Option<Vec<u8>> =
            self.tried(query.query_row([version], |row| row.get(0)).optional())?;
        packed.ok_or_else(|| self.not_whole(version))
    }

    /// What is wrong where the record of a version cannot be unpacked.
    pub fn not_whole(&self, version: i64) -> StoreError {
        self.damaged(format!("the record of version {version} is not whole"))
    }

    pub(super) fn damaged(&self, what: String) -> StoreError {
        StoreError::Damaged {
            path: self.path.clone(),
            what,
        }
    }

    /// Returns which version of a study was current when a run ended; `None` if there was none.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the store cannot be read.
    pub fn version_at(&self, number: NctNumber, run: i64) -> Result<Option<i64>, StoreError> {
        let query = "SELECT max(id) FROM versions WHERE nct = ?1 AND run <= ?2";
        let id = |row: &SqlRow<'_>| row.get::<_, Option<i64>>(0);
        self.tried(self.db.query_row(query, (number.to_string(), run), id))
    }

    /// Returns numbers that studies had before, with the one that each has now.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the store cannot be read.
    pub fn aliases(&self) -> Result<Vec<(NctNumber, NctNumber)>, StoreError> {
        let query = "SELECT alias, nct FROM aliases ORDER BY alias";
        self.listed(query, [], |row| Ok((number(row, 0)?, number(row, 1)?)))
    }

    /// Returns the studies that the registry no longer has.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the store cannot be read.
    pub fn tombstones(&self) -> Result<Vec<Tombstone>, StoreError> {
        let query = "SELECT nct, removed_at, version FROM tombstones ORDER BY nct";
        self.listed(query, [], |row| {
            Ok(Tombstone {
                number: number(row, 0)?,
                removed_at: row.get(1)?,
                version: row.get(2)?,
            })
        })
    }

    /// Returns records that came and could not be read, with what is wrong with them.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the store cannot be read.
    pub fn unread(&self) -> Result<Vec<(NctNumber, String)>, StoreError> {
        let query = "SELECT nct, what FROM unread ORDER BY nct";
        self.listed(query, [], |row| Ok((number(row, 0)?, row.get(1)?)))
    }

    /// Returns what changed, in the order in which it was seen.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the store cannot be read.
    pub fn changes(&self, since: &Since) -> Result<Vec<Logged>, StoreError> {
        let select = "SELECT run, detected_at, nct, change, field, before, after, updated, cause FROM changes";
        let ordered = |which: &str| format!("{select} WHERE {which} ORDER BY id");
        match since {
            Since::Run(run) => self.listed(&ordered("run = ?1"), [run], logged),
            Since::AfterRun(run) => self.listed(&ordered("run > ?1"), [run], logged),
            Since::Day(day) => self.listed(&ordered("detected_at >= ?1"), [day], logged),
        }
    }

    pub(super) fn listed<T>(
        &self,
        query: &str,
        params: impl rusqlite::Params,
        each: impl FnMut(&SqlRow<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StoreError> {
        let list = || {
            let mut query = self.db.prepare(query)?;
            query.query_map(params, each)?.collect()
        };
        self.tried(list())
    }
}

fn run(row: &SqlRow<'_>) -> rusqlite::Result<Run> {
    let requests: String = row.get(12)?;
    Ok(Run {
        id: row.get(0)?,
        kind: RunKind::of(&row.get::<_, String>(1)?),
        is_full: row.get(2)?,
        finished_at: row.get(3)?,
        checked_at: row.get(4)?,
        data_timestamp: row.get(5)?,
        scope: row.get(6)?,
        classifier: row.get(7)?,
        api: row.get(8)?,
        path: row.get(9)?,
        found: count(row, 10)?,
        studies: count(row, 11)?.unwrap_or_default(),
        requests: serde_json::from_str(&requests).map_err(|error| wrong(12, error))?,
    })
}

fn count(row: &SqlRow<'_>, column: usize) -> rusqlite::Result<Option<u64>> {
    let count: Option<i64> = row.get(column)?;
    Ok(count.and_then(|count| u64::try_from(count).ok()))
}

fn wrong(column: usize, error: impl std::error::Error + Send + Sync + 'static) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(error))
}

pub(super) fn number(row: &SqlRow<'_>, column: usize) -> rusqlite::Result<NctNumber> {
    let text: String = row.get(column)?;
    NctNumber::from_str(&text).map_err(|error| wrong(column, error))
}

/// Reads labels as they were stored.
pub(super) fn labels(row: &SqlRow<'_>, column: usize) -> rusqlite::Result<Labels> {
    let words: String = row.get(column + 2)?;
    let words: BTreeMap<String, String> =
        serde_json::from_str(&words).map_err(|error| wrong(column + 2, error))?;
    Ok(Labels {
        is_cell: row.get(column)?,
        is_ms: row.get(column + 1)?,
        words,
    })
}

fn logged(row: &SqlRow<'_>) -> rusqlite::Result<Logged> {
    let kind: String = row.get(3)?;
    let cause: String = row.get(8)?;
    Ok(Logged {
        run: row.get(0)?,
        detected_at: row.get(1)?,
        number: number(row, 2)?,
        updated: row.get(7)?,
        change: Change {
            // An unknown word can only be of a newer program, whose store is refused.
            kind: ChangeKind::of(&kind).unwrap_or(ChangeKind::Changed),
            field: row.get(4)?,
            before: row.get(5)?,
            after: row.get(6)?,
            cause: if cause == "program" {
                Cause::Program
            } else {
                Cause::Registry
            },
        },
    })
}
