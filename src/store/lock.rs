//! The lock of the one writer.
//!
//! The operating system holds it, so that it ends with its process, however
//! that ends. The text in the file only says who holds it; what a crashed run
//! left there does no harm.

use std::fs::File;
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::StoreError;
use crate::text;

/// Name of the lock's file in the data directory.
pub(super) const FILE: &str = "lock";

/// Time from one look to the next while waiting for the other run.
const LOOK: Duration = Duration::from_millis(100);

/// The right to write to the store of a data directory. It ends when dropped.
#[derive(Debug)]
pub struct Lock {
    _file: File,
    folder: PathBuf,
}

impl Lock {
    /// Takes the lock of a data directory, and makes the directory if need be.
    /// Another run is waited for so long. `now` is told to those who come later.
    ///
    /// # Errors
    ///
    /// [`StoreError::Locked`] names who holds it; [`StoreError::Folder`] if the directory cannot be used.
    pub fn take(folder: &Path, now: &str, wait: Duration) -> Result<Self, StoreError> {
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |source| StoreError::Folder { path, source }
        };
        std::fs::create_dir_all(folder).map_err(failed(folder))?;
        let path = folder.join(FILE);
        let mut options = File::options();
        options.read(true).write(true).create(true).truncate(false);
        let mut file = options.open(&path).map_err(failed(&path))?;
        let begun = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(std::fs::TryLockError::WouldBlock) if begun.elapsed() < wait => {
                    std::thread::sleep(LOOK);
                }
                Err(std::fs::TryLockError::WouldBlock) => {
                    return Err(StoreError::Locked {
                        path: folder.to_owned(),
                        holder: holder(&mut file),
                    });
                }
                Err(std::fs::TryLockError::Error(source)) => return Err(failed(&path)(source)),
            }
        }
        // The lock is held whether or not its text can be written.
        let words = format!("process {}, since {now}\n", std::process::id());
        let _ = file
            .set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| file.write_all(words.as_bytes()));
        Ok(Self {
            _file: file,
            folder: folder.to_owned(),
        })
    }

    /// Returns the data directory.
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

/// Reads who holds the lock, as far as the file says.
fn holder(file: &mut File) -> String {
    let mut words = String::new();
    let read = file.take(200).read_to_string(&mut words);
    match read {
        Ok(_) if !words.trim().is_empty() => text::shorten(words.trim(), 120),
        _ => "who it is does not stand in its lock".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_holds_it_and_the_other_learns_who() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("made for it");
        let first = Lock::take(&folder, "2026-08-25T00:00:00Z", Duration::ZERO).unwrap();
        let error = Lock::take(&folder, "later", Duration::ZERO).unwrap_err();
        let words = error.to_string();
        assert!(
            words.contains(&format!("process {}", std::process::id()))
                && words.contains("since 2026-08-25T00:00:00Z"),
            "{words}"
        );
        drop(first);
        Lock::take(&folder, "later", Duration::ZERO).unwrap();
    }

    #[test]
    fn what_a_crashed_run_left_does_no_harm() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(
            folder.path().join(FILE),
            "process 1, since 1970\n".repeat(9),
        )
        .unwrap();
        let lock = Lock::take(folder.path(), "now", Duration::ZERO).unwrap();
        let text = std::fs::read_to_string(lock.folder().join(FILE)).unwrap();
        assert!(
            text.ends_with("since now\n") && text.lines().count() == 1,
            "{text}"
        );
    }

    #[test]
    fn waits_for_the_other() {
        let folder = tempfile::tempdir().unwrap();
        let first = Lock::take(folder.path(), "now", Duration::ZERO).unwrap();
        std::thread::scope(|scope| {
            let second = scope.spawn(|| Lock::take(folder.path(), "then", Duration::from_mins(1)));
            std::thread::sleep(Duration::from_millis(50));
            drop(first);
            assert!(second.join().unwrap().is_ok());
        });
    }

    #[test]
    fn a_place_that_cannot_be_used_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a file");
        std::fs::write(&file, "").unwrap();
        let error = Lock::take(&file, "now", Duration::ZERO).unwrap_err();
        assert!(error.to_string().contains("a file"), "{error}");
    }
}
