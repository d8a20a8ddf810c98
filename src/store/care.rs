//! Care of the store: examining, copying, forgetting, putting aside.

use std::path::{Path, PathBuf};

use rusqlite::params;

use super::read::number;
use super::{Lock, Store, StoreError, file_in, unpack};
use crate::registry::{decode, fingerprint};
use crate::study::NctNumber;
use crate::whole_file;

/// Problems that are told: a file of nothing else must not fill the screen.
const MOST: usize = 20;

/// What an examination found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checked {
    /// Current studies.
    pub studies: u64,
    /// Versions, old ones too.
    pub versions: u64,
    /// Runs.
    pub runs: u64,
    /// Studies that the registry no longer has.
    pub removed: u64,
    /// Rows of the change log.
    pub changes: u64,
    /// Size of the file in bytes.
    pub bytes: u64,
    /// What is wrong; empty if nothing is.
    pub problems: Vec<String>,
}

/// What was forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forgotten {
    /// Old versions.
    pub versions: usize,
    /// Rows of the change log.
    pub changes: usize,
    /// Last copies of studies that the registry no longer has.
    pub removed: usize,
}

impl Store {
    /// Looks for damage of the file, fast: its pages, not its content.
    pub(super) fn quick_check(&self) -> Result<(), StoreError> {
        let found: String = self.tried(
            self.db
                .query_row("PRAGMA quick_check(1)", [], |row| row.get(0)),
        )?;
        if found == "ok" {
            return Ok(());
        }
        Err(self.damaged(found))
    }

    /// Examines everything: the file, every record, and whether they belong together.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the store cannot be read at all. What is wrong with it is no error here.
    pub fn check(&self) -> Result<Checked, StoreError> {
        let mut problems = Vec::new();
        let integrity = format!("PRAGMA integrity_check({MOST})");
        let found: Vec<String> = self.listed(&integrity, [], |row| row.get(0))?;
        problems.extend(found.into_iter().filter(|line| line != "ok"));
        problems.extend(self.loose_ends()?);
        self.check_records(&mut problems)?;
        Ok(Checked {
            studies: self.count("studies")?,
            versions: self.count("versions")?,
            runs: self.count("runs")?,
            removed: self.count("tombstones")?,
            changes: self.count("changes")?,
            bytes: std::fs::metadata(&self.path).map_or(0, |file| file.len()),
            problems,
        })
    }

    fn count(&self, table: &'static str) -> Result<u64, StoreError> {
        let query = format!("SELECT count(*) FROM {table}");
        let count: i64 = self.tried(self.db.query_row(&query, [], |row| row.get(0)))?;
        Ok(u64::try_from(count).unwrap_or_default())
    }

    /// Looks for rows that name others which are not there.
    fn loose_ends(&self) -> Result<Vec<String>, StoreError> {
        const RULES: [(&str, &str); 4] = [
            (
                "is current without a version of its own",
                "SELECT s.nct FROM studies s LEFT JOIN versions v ON v.id = s.version AND v.nct = s.nct WHERE v.id IS NULL",
            ),
            (
                "is removed without a last copy",
                "SELECT t.nct FROM tombstones t LEFT JOIN versions v ON v.id = t.version AND v.nct = t.nct WHERE v.id IS NULL",
            ),
            (
                "is current and removed at once",
                "SELECT nct FROM studies INTERSECT SELECT nct FROM tombstones",
            ),
            (
                "is a version of a run that is not there",
                "SELECT nct FROM versions WHERE run NOT IN (SELECT id FROM runs)",
            ),
        ];
        let mut problems = Vec::new();
        for (what, query) in RULES {
            let found = self.listed(query, [], |row| row.get::<_, String>(0))?;
            problems.extend(
                found
                    .into_iter()
                    .take(MOST)
                    .map(|nct| format!("{nct} {what}")),
            );
        }
        Ok(problems)
    }

    /// Unpacks every version, and looks whether it still says what it said.
    fn check_records(&self, problems: &mut Vec<String>) -> Result<(), StoreError> {
        let mut check = |id: i64, of: NctNumber, hash: &[u8], packed: &[u8]| {
            let what = match unpack(packed) {
                None => Some("is not whole"),
                Some(record) if fingerprint::of(&record).as_deref() != Some(hash) => {
                    Some("is not what was stored")
                }
                Some(record) => {
                    let decoded = decode::any(&record).unwrap_or_default();
                    let is_own = decoded.studies.iter().any(|study| study.nct_number == of);
                    (!is_own).then_some("is no record of it")
                }
            };
            if let Some(what) = what
                && problems.len() < MOST
            {
                problems.push(format!("{of}: version {id} {what}"));
            }
        };
        let query = "SELECT id, nct, hash, record FROM versions ORDER BY id";
        self.listed(query, [], |row| {
            let (hash, packed): (Vec<u8>, Vec<u8>) = (row.get(2)?, row.get(3)?);
            check(row.get(0)?, number(row, 1)?, &hash, &packed);
            Ok(())
        })
        .map(drop)
    }

    /// Forgets old versions, rows of the change log, and last copies of removed studies that are
    /// older than a day (`YYYY-MM-DD`). Current records stay, however old.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the store cannot be written; then nothing is forgotten.
    pub fn forget(&mut self, before: &str) -> Result<Forgotten, StoreError> {
        let path = self.path.clone();
        let forget = || -> rusqlite::Result<Forgotten> {
            let step = self.db.transaction()?;
            let changes = step.execute(
                "DELETE FROM changes WHERE detected_at < ?1",
                params![before],
            )?;
            let removed = step.execute(
                "DELETE FROM tombstones WHERE removed_at < ?1",
                params![before],
            )?;
            let versions = step.execute(
                "DELETE FROM versions WHERE id NOT IN (SELECT version FROM studies) \
                 AND id NOT IN (SELECT version FROM tombstones) \
                 AND run IN (SELECT id FROM runs WHERE finished_at < ?1)",
                params![before],
            )?;
            step.commit()?;
            Ok(Forgotten {
                versions,
                changes,
                removed,
            })
        };
        let mut forget = forget;
        let forgotten = forget().map_err(|source| StoreError::sql(&path, source))?;
        // Room is given back; without it the store is none the worse.
        let _ = self.db.execute_batch("VACUUM");
        Ok(forgotten)
    }

    /// Puts the store of a data directory aside under another name, and returns that name.
    /// Nothing is deleted.
    ///
    /// # Errors
    ///
    /// [`StoreError::Folder`] if a file cannot be renamed.
    pub fn set_aside(lock: &Lock, now: &str) -> Result<PathBuf, StoreError> {
        let path = file_in(lock.folder());
        let stamp: String = now.chars().filter(char::is_ascii_alphanumeric).collect();
        let aside = (0..u16::MAX)
            .map(|turn| {
                let turn = if turn == 0 {
                    String::new()
                } else {
                    format!("-{turn}")
                };
                with_ending(&path, &format!(".damaged-{stamp}{turn}"))
            })
            .find(|name| !name.exists())
            .unwrap_or_else(|| with_ending(&path, ".damaged"));
        // The journal goes first: without its file it would be taken for that of a new one.
        for ending in ["-wal", "-shm", ""] {
            let (from, to) = (with_ending(&path, ending), with_ending(&aside, ending));
            if from.exists() {
                std::fs::rename(&from, &to)
                    .map_err(|source| StoreError::Folder { path: from, source })?;
            }
        }
        Ok(aside)
    }
}

/// Copies the store of a data directory into a file, whole or not at all.
///
/// # Errors
///
/// [`StoreError`] if the store cannot be read, or the copy cannot be written.
pub fn backup(store: &Store, to: &Path) -> Result<u64, StoreError> {
    let folder = to
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let at = |source| StoreError::Folder {
        path: to.to_owned(),
        source,
    };
    let own = std::fs::canonicalize(&store.path).map_err(at)?;
    if std::fs::canonicalize(to).is_ok_and(|to| to == own) {
        return Err(at(std::io::Error::other("it is the store itself")));
    }
    let length = std::fs::metadata(&store.path).map_err(at)?.len();
    whole_file::refuse_beyond_limit(length).map_err(at)?;
    // Beside its place, so that the last step is a rename.
    let scratch = whole_file::Scratch::in_folder(folder).map_err(at)?;
    let copy = scratch.path().join("copy");
    store.tried(
        store
            .db
            .execute("VACUUM INTO ?1", [copy.to_string_lossy().as_ref()]),
    )?;
    let file = std::fs::File::open(&copy).map_err(at)?;
    file.sync_all().map_err(at)?;
    let length = file.metadata().map_err(at)?.len();
    whole_file::move_into_place(&copy, to)?;
    Ok(length)
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}
