//! Care of the local store.

use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::NaiveDate;

use super::{App, AppError};
use crate::store::{self, Checked, Forgotten, Head, Lock, Store};

impl App {
    /// Returns the directory of the store.
    ///
    /// # Errors
    ///
    /// [`AppError::NoDataDir`] if neither the user nor the platform names one.
    pub fn data_dir(&self) -> Result<&Path, AppError> {
        self.settings.data_dir.as_deref().ok_or(AppError::NoDataDir)
    }

    /// Returns the path of the store's file, whether or not it is there.
    ///
    /// # Errors
    ///
    /// As [`App::data_dir`].
    pub fn store_path(&self) -> Result<PathBuf, AppError> {
        Ok(store::file_in(self.data_dir()?))
    }

    /// Opens the store for reading.
    ///
    /// # Errors
    ///
    /// [`AppError::NoStore`] if there is none, [`AppError::Store`] if it cannot be used.
    pub(super) fn open_store(&self) -> Result<(Store, Head), AppError> {
        let folder = self.data_dir()?;
        let none = || AppError::NoStore(folder.to_owned());
        let store = Store::open(folder)?.ok_or_else(none)?;
        let head = store.head()?.ok_or_else(none)?;
        Ok((store, head))
    }

    /// Examines the store.
    ///
    /// # Errors
    ///
    /// As for reading it. What is wrong with its content is in the result.
    pub fn check_store(&self) -> Result<(Checked, Head), AppError> {
        let (store, head) = self.open_store()?;
        Ok((store.check()?, head))
    }

    /// Copies the store into a file, whole or not at all. Returns its bytes.
    ///
    /// # Errors
    ///
    /// [`AppError::Store`] if the store cannot be read or the copy cannot be written.
    pub fn back_up_store(&self, to: &Path) -> Result<u64, AppError> {
        let (store, _) = self.open_store()?;
        Ok(store::backup(&store, to)?)
    }

    /// Forgets what is older than a day, but for current studies.
    ///
    /// # Errors
    ///
    /// [`AppError::Store`] if another run holds the store, or it cannot be written.
    pub fn forget(&self, before: NaiveDate, wait: Duration) -> Result<Forgotten, AppError> {
        drop(self.open_store()?);
        let lock = Lock::take(self.data_dir()?, &self.settings.now, wait)?;
        let mut store = Store::open_to_write(&lock)?;
        Ok(store.forget(&before.to_string())?)
    }
}
