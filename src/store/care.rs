//! Care of the store: copying, forgetting, putting aside.

use std::path::{Path, PathBuf};

use rusqlite::params;

use super::{Counts, Lock, Store, StoreError, file_in};
use crate::whole_file;

/// What follows the store's name where it was put aside.
const ASIDE: &str = ".damaged-";

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
    /// Forgets old versions, rows of the change log, and last copies of removed studies that are
    /// older than a day (`YYYY-MM-DD`). Current records stay, however old, and so does the version that
    /// was current before a change that stays: without it the change could not be told.
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
                 AND run IN (SELECT id FROM runs WHERE finished_at < ?1) \
                 AND NOT EXISTS (SELECT 1 FROM changes AS kept WHERE kept.nct = versions.nct \
                 AND kept.run > versions.run AND NOT EXISTS (SELECT 1 FROM versions AS later \
                 WHERE later.nct = versions.nct AND later.id > versions.id AND later.run < kept.run))",
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
                with_ending(&path, &format!("{ASIDE}{stamp}{turn}"))
            })
            .find(|name| !name.exists())
            .unwrap_or_else(|| with_ending(&path, ASIDE));
        move_files(&path, &aside)?;
        Ok(aside)
    }

    /// Puts what was put aside back into its place, over what was begun there meanwhile.
    ///
    /// # Errors
    ///
    /// [`StoreError::Folder`] if a file cannot be removed or renamed.
    pub fn put_back(lock: &Lock, aside: &Path) -> Result<(), StoreError> {
        let path = file_in(lock.folder());
        for ending in ["-wal", "-shm"] {
            let begun = with_ending(&path, ending);
            match std::fs::remove_file(&begun) {
                Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                    return Err(StoreError::Folder {
                        path: begun,
                        source,
                    });
                }
                _ => {}
            }
        }
        move_files(aside, &path)
    }

    /// Returns the store of a data directory that was put aside last, if there is one.
    pub fn last_aside(lock: &Lock) -> Option<PathBuf> {
        let path = file_in(lock.folder());
        let begins = format!("{}{ASIDE}", path.file_name()?.to_string_lossy());
        let entries = std::fs::read_dir(lock.folder()).ok()?.flatten();
        let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
        let stores = names.filter(|name| {
            name.starts_with(&begins) && !name.ends_with("-wal") && !name.ends_with("-shm")
        });
        stores.max().map(|name| lock.folder().join(name))
    }

    /// Returns what a damaged store counted, as far as that can still be read of it. It is not changed by that.
    pub fn counts_of(damaged: &Path) -> Option<Counts> {
        let store = Self::connect_unchanging(damaged.to_owned()).ok()?;
        store.counts().ok().filter(|counts| counts.all > 0)
    }
}

/// Renames a store's files. The journal goes first: without its file it would be taken for that of a new one.
fn move_files(from: &Path, to: &Path) -> Result<(), StoreError> {
    for ending in ["-wal", "-shm", ""] {
        let (from, to) = (with_ending(from, ending), with_ending(to, ending));
        if from.exists() {
            std::fs::rename(&from, &to)
                .map_err(|source| StoreError::Folder { path: from, source })?;
        }
    }
    Ok(())
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
