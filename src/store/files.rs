//! Which files of a data directory are the store's own.

use std::path::{Path, PathBuf};

use super::{FILE, lock};

/// What `SQLite` puts beside its file, whether or not it is there now.
const BESIDE: [&str; 4] = ["", "-wal", "-shm", "-journal"];

/// Returns the files in a data directory that nothing else may be written over: the store with its journals, its
/// lock, and stores that were put aside.
pub fn own_files(folder: &Path) -> Vec<PathBuf> {
    let named = BESIDE.map(|ending| format!("{FILE}{ending}"));
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let there = entries
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| name.starts_with(FILE));
    let own = named.into_iter().chain([lock::FILE.to_owned()]);
    own.chain(there).map(|name| folder.join(name)).collect()
}
