//! The local store: the last good sync, every version of a record that
//! differed, and what changed. One `SQLite` file in the data directory.
//!
//! Records are stored as the registry sent them, so that decoding stays the one
//! way from a record to a study. Whatever a run brings is written in one
//! transaction, with the cursor that says how far it came: a run that is ended
//! at any moment leaves the store as it was. One writer at a time holds the
//! [`Lock`]; readers need none.

mod care;
mod check;
mod error;
mod files;
mod lock;
mod pack;
mod read;
mod row;
mod schema;
mod write;

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

pub use care::{Forgotten, backup};
pub use check::Checked;
pub use error::StoreError;
pub use files::own_files;
pub use lock::Lock;
pub use pack::{pack, unpack};
pub use read::{Counts, Head, Since};
pub use row::{Cause, Change, ChangeKind, Labels, Logged, Row, Run, RunKind, Tombstone};
pub use write::{Current, Put, Writer};

/// Name of the store's file in the data directory.
const FILE: &str = "store.sqlite3";

/// Longest wait for another process that is in the middle of a write.
const BUSY: Duration = Duration::from_secs(10);

/// An open store.
#[derive(Debug)]
pub struct Store {
    db: Connection,
    path: PathBuf,
}

/// Returns the path of the store's file in a data directory.
pub fn file_in(folder: &Path) -> PathBuf {
    folder.join(FILE)
}

impl Store {
    /// Opens the store of a data directory for reading; `None` if there is none yet.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if it is damaged, of a newer program, or cannot be read.
    pub fn open(folder: &Path) -> Result<Option<Self>, StoreError> {
        let path = file_in(folder);
        // An empty file is what a run leaves that was ended before it wrote anything.
        match std::fs::metadata(&path) {
            Ok(file) if file.len() == 0 => return Ok(None),
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(StoreError::Folder { path, source }),
        }
        // A reader too has an index of the journal made, of 32 kB.
        if let Err(source) = crate::whole_file::refuse_beyond_limit(1 << 16) {
            return Err(StoreError::Folder { path, source });
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut store = Self::connect(path, flags)?;
        let version = match schema::version(&store) {
            Err(error) if error.is_of_the_medium() && !has_journal(&store.path) => {
                // On a medium that takes no writes the files of a journal cannot be made, and nobody changes it.
                store = Self::connect_unchanging(store.path)?;
                schema::version(&store)
            }
            found => found,
        };
        if version? == 0 {
            return Ok(None);
        }
        schema::require(&store)?;
        Ok(Some(store))
    }

    /// Opens the store for writing, makes it if there is none, and brings an older one up to date.
    ///
    /// # Errors
    ///
    /// As [`Store::open`], or if the data directory cannot be written.
    pub fn open_to_write(lock: &Lock) -> Result<Self, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let path = file_in(lock.folder());
        write::refuse_beyond_limit(&path, 0)?;
        let mut store = Self::connect(path, flags)?;
        schema::refuse_newer(&store)?;
        if claims_to_be_unwritable(&store.path) {
            return Err(store.damaged("its head is of a form that nobody wrote".to_owned()));
        }
        store.set_up()?;
        store.quick_check()?;
        schema::migrate(&mut store)?;
        Ok(store)
    }

    fn connect(path: PathBuf, flags: OpenFlags) -> Result<Self, StoreError> {
        let connected = Connection::open_with_flags(&path, flags).and_then(|db| {
            db.busy_timeout(BUSY)?;
            // A file that someone else made must not run code of its own.
            db.execute_batch("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;")?;
            Ok(db)
        });
        match connected {
            Ok(db) => Ok(Self { db, path }),
            Err(source) => Err(StoreError::sql(&path, source)),
        }
    }

    /// Opens a file that nobody changes meanwhile, without its journal, and changes nothing itself.
    fn connect_unchanging(path: PathBuf) -> Result<Self, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
            | OpenFlags::SQLITE_OPEN_NO_MUTEX
            | OpenFlags::SQLITE_OPEN_URI;
        let address = PathBuf::from(unchanging(&path));
        let store = Self::connect(address, flags)?;
        Ok(Self { path, ..store })
    }

    /// What only a writer sets: the kind of journal stays in the file. Each
    /// transaction is on the disk before the next begins.
    fn set_up(&self) -> Result<(), StoreError> {
        self.tried(self.db.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
             PRAGMA journal_size_limit = 0;",
        ))
    }

    /// Gives back the room of the journal: what a run leaves there that was given up would stay. Nothing is lost
    /// if it cannot be.
    pub fn settle(&self) {
        let _ = self
            .db
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
    }

    /// Names the store's file in an error.
    fn tried<T>(&self, result: rusqlite::Result<T>) -> Result<T, StoreError> {
        result.map_err(|source| StoreError::sql(&self.path, source))
    }

    /// Returns the path of the store's file.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Says whether the head of a file is of a later form of `SQLite`'s files than there is: it would be
/// taken for one that may only be read.
fn claims_to_be_unwritable(path: &Path) -> bool {
    use std::io::Read as _;
    let mut head = [0; 20];
    let read = std::fs::File::open(path).and_then(|mut file| file.read_exact(&mut head));
    read.is_ok() && head[18] > 2
}

/// Says whether a journal lies beside a store that holds anything.
fn has_journal(path: &Path) -> bool {
    let mut journal = path.as_os_str().to_owned();
    journal.push("-wal");
    std::fs::metadata(journal).is_ok_and(|file| file.len() > 0)
}

/// The address by which `SQLite` opens a file as one that nobody changes.
fn unchanging(path: &Path) -> String {
    use std::fmt::Write as _;
    // What would begin with two strokes is taken for the name of a machine.
    let mut address = String::from(if path.is_absolute() {
        "file://"
    } else {
        "file:"
    });
    for byte in path.as_os_str().as_encoded_bytes() {
        if byte.is_ascii_alphanumeric() || b"/._-".contains(byte) {
            address.push(char::from(*byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(address, "%{byte:02X}");
        }
    }
    address + "?immutable=1"
}
