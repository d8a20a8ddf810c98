//! What can go wrong with the store.

use std::io;
use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

use crate::whole_file::WriteError;

/// A store that cannot be used. [`StoreError::hint`] says what to do next.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The data directory or a file in it cannot be used.
    #[error("could not use `{}`", path.display())]
    Folder {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Another run is writing.
    #[error("another run holds the store `{}` ({holder})", path.display())]
    Locked {
        /// The data directory.
        path: PathBuf,
        /// Who, and since when, as far as the lock says.
        holder: String,
    },
    /// The store was written by a newer program.
    #[error("the store `{}` was written by a newer trialbrief (its form is {found}, this one knows {known}); it was left as it is", path.display())]
    Newer {
        /// The store's file.
        path: PathBuf,
        /// Its schema number.
        found: i64,
        /// The newest that this program knows.
        known: i64,
    },
    /// The store was written by an older program, and is open for reading only.
    #[error("the store `{}` was written by an older trialbrief (its form is {found}, this one wants {known})", path.display())]
    Older {
        /// The store's file.
        path: PathBuf,
        /// Its schema number.
        found: i64,
        /// The one that is needed.
        known: i64,
    },
    /// The file is no store, or its content is not whole.
    #[error("the store `{}` is damaged: {what}", path.display())]
    Damaged {
        /// The store's file.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// The store cannot be read or written.
    #[error("could not use the store `{}`", path.display())]
    Sql {
        /// The store's file.
        path: PathBuf,
        /// Why.
        #[source]
        source: rusqlite::Error,
    },
    /// A copy could not be written.
    #[error(transparent)]
    Write(#[from] WriteError),
}

impl StoreError {
    /// Tells damage from what another place, more room or a later try would mend.
    pub(super) fn sql(path: &Path, source: rusqlite::Error) -> Self {
        let path = path.to_owned();
        if is_of_content(&source) {
            let what = source.to_string();
            return Self::Damaged { path, what };
        }
        Self::Sql { path, source }
    }

    /// Says whether the place where the store lies takes no writes.
    pub(super) fn is_of_the_medium(&self) -> bool {
        let Self::Sql { source, .. } = self else {
            return false;
        };
        matches!(
            source.sqlite_error_code(),
            Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly)
        )
    }

    /// Returns what to do next.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Folder { .. } | Self::Sql { .. } | Self::Write(_) => {
                "check that the folder exists, that you may write there, and that the disk has room; `--data-dir DIR` takes another place"
            }
            Self::Locked { .. } => {
                "wait for it to end, or let this run wait with `--wait`; a run that crashed holds nothing"
            }
            Self::Newer { .. } => "update trialbrief, or use another place with `--data-dir DIR`",
            Self::Older { .. } => "run `trialbrief sync`: it brings the store up to date",
            Self::Damaged { .. } => {
                "run `trialbrief sync`: it puts the damaged file aside, keeps it, and reads everything anew"
            }
        }
    }
}

/// Says whether an error is of what the file holds. What we ask is always the same: where a table,
/// a row or a value is not what it must be, it was not we who wrote it so.
fn is_of_content(error: &rusqlite::Error) -> bool {
    use rusqlite::Error as E;
    let code = error.sqlite_error_code();
    matches!(
        code,
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt | ErrorCode::Unknown)
    ) || matches!(
        error,
        E::FromSqlConversionFailure(..)
            | E::IntegralValueOutOfRange(..)
            | E::InvalidColumnType(..)
            | E::Utf8Error(..)
            | E::SqlInputError { .. }
            | E::QueryReturnedNoRows
    )
}
