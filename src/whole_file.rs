//! Files that are written whole or not at all.

mod apart;
mod leftovers;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

pub use apart::{Clash, Named, apart};
pub use leftovers::Scratch;

/// A file that could not be written; what was there before is untouched.
#[derive(Debug, thiserror::Error)]
#[error("could not write `{}`; what was there before is untouched", path.display())]
pub struct WriteError {
    path: PathBuf,
    #[source]
    source: io::Error,
}

/// A file that is written and on the disk, but not yet in its place.
#[derive(Debug)]
pub struct Prepared {
    temporary: NamedTempFile,
    target: PathBuf,
}

/// Who may read what is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// A new file gets the rights that the user's mask leaves; an old one keeps its own.
    Usual,
    /// Only the owner may read and write it (mode 0600), also where it replaces a file that others could read.
    OwnerOnly,
}

/// A file that is being written beside its place; nothing is left of it if it is dropped.
#[derive(Debug)]
pub struct Draft {
    temporary: NamedTempFile,
    target: PathBuf,
    written: u64,
}

/// Writes a file beside its place, down to the disk.
///
/// # Errors
///
/// [`WriteError`] if the folder is missing, not writable, or full.
pub fn prepare(path: &Path, bytes: &[u8]) -> Result<Prepared, WriteError> {
    written(path, bytes, Access::Usual)
}

/// Writes a file beside its place, down to the disk, that only its owner may read.
///
/// # Errors
///
/// [`WriteError`] if the folder is missing, not writable, or full.
pub fn prepare_private(path: &Path, bytes: &[u8]) -> Result<Prepared, WriteError> {
    written(path, bytes, Access::OwnerOnly)
}

fn written(path: &Path, bytes: &[u8], access: Access) -> Result<Prepared, WriteError> {
    let mut draft = Draft::new(path, access)?;
    if let Err(error) = draft.write_all(bytes) {
        return Err(draft.failed(error));
    }
    draft.finish()
}

impl Draft {
    /// Begins a file beside its place.
    ///
    /// # Errors
    ///
    /// [`WriteError`] if the folder is missing or not writable, or something else than a file has the name.
    pub fn new(path: &Path, access: Access) -> Result<Self, WriteError> {
        begin(path, access).map_err(|source| WriteError {
            path: path.to_owned(),
            source,
        })
    }

    /// Brings what was written down to the disk.
    ///
    /// # Errors
    ///
    /// [`WriteError`] if the disk does not take it.
    pub fn finish(self) -> Result<Prepared, WriteError> {
        match self.temporary.as_file().sync_all() {
            Ok(()) => Ok(Prepared {
                temporary: self.temporary,
                target: self.target,
            }),
            Err(source) => Err(WriteError {
                path: self.target,
                source,
            }),
        }
    }

    /// Names the file in an error of writing to it.
    pub fn failed(&self, source: io::Error) -> WriteError {
        WriteError {
            path: self.target.clone(),
            source,
        }
    }
}

impl Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        refuse_beyond_limit(self.written + bytes.len() as u64)?;
        let count = self.temporary.write(bytes)?;
        self.written += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.temporary.flush()
    }
}

/// Returns the file that stands, or will stand, at a path.
fn target_of(path: &Path) -> io::Result<PathBuf> {
    // A link stays a link: the file that it names is replaced.
    let target = if path.is_symlink() {
        path.canonicalize()?
    } else {
        path.to_owned()
    };
    if target.is_dir() {
        return Err(io::Error::new(
            io::ErrorKind::IsADirectory,
            "it is a directory",
        ));
    }
    if target.metadata().is_ok_and(|old| !old.is_file()) {
        // A device or a pipe would be replaced by a file of its name.
        return Err(io::Error::other("it is not a regular file"));
    }
    Ok(target)
}

/// Reads a file; `None` if there is none, or what is there is no regular file: a pipe would be
/// waited for without end.
///
/// # Errors
///
/// An [`io::Error`] if there is a file and it cannot be read.
pub fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match std::fs::metadata(path) {
        Ok(there) if there.is_file() => std::fs::read(path).map(Some),
        Ok(_) => Ok(None),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Reads a text that must be there, and a regular file.
///
/// # Errors
///
/// An [`io::Error`] if it is not there, is something else, cannot be read, or is not UTF-8.
pub fn read_text(path: &Path) -> io::Result<String> {
    require_regular(path)?;
    String::from_utf8(std::fs::read(path)?)
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}

/// Refuses what is not there or no regular file: at a pipe a job that nobody watches would wait without end.
///
/// # Errors
///
/// An [`io::Error`] that says so.
pub fn require_regular(path: &Path) -> io::Result<()> {
    if std::fs::metadata(path)?.is_file() {
        return Ok(());
    }
    Err(io::Error::other("it is not a regular file"))
}

/// Moves a file that is whole and on the disk to another place of the same file
/// system, in one step.
///
/// # Errors
///
/// [`WriteError`] if the move fails; what was there before is untouched.
pub fn move_into_place(from: &Path, to: &Path) -> Result<(), WriteError> {
    let moved = target_of(to).and_then(|target| {
        std::fs::rename(from, &target)?;
        sync_folder_of(&target);
        Ok(())
    });
    moved.map_err(|source| WriteError {
        path: to.to_owned(),
        source,
    })
}

/// The name of a file is on the disk only when its folder is.
fn sync_folder_of(file: &Path) {
    let folder = file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    if let Ok(folder) = std::fs::File::open(folder) {
        let _ = folder.sync_all();
    }
}

fn begin(path: &Path, access: Access) -> io::Result<Draft> {
    let target = target_of(path)?;
    let folder = target
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    leftovers::sweep(folder);
    let prefix = leftovers::prefix();
    let mut builder = tempfile::Builder::new();
    builder.prefix(&prefix);
    set_permissions(&mut builder, &target, access);
    let temporary = builder.tempfile_in(folder)?;
    leftovers::hold(temporary.as_file());
    Ok(Draft {
        temporary,
        target,
        written: 0,
    })
}

/// Refuses what is more than a file may hold (`ulimit -f`): to write it would end
/// the program on the spot, and leave the temporary file behind.
///
/// # Errors
///
/// [`io::ErrorKind::FileTooLarge`] if so many bytes are more than that.
#[cfg(unix)]
pub fn refuse_beyond_limit(bytes: u64) -> io::Result<()> {
    let limit = rustix::process::getrlimit(rustix::process::Resource::Fsize).current;
    if limit.is_some_and(|limit| bytes > limit) {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    Ok(())
}

/// Nothing limits the size of files here.
///
/// # Errors
///
/// None.
#[cfg(not(unix))]
pub fn refuse_beyond_limit(_: u64) -> io::Result<()> {
    Ok(())
}

/// Says whether a file cannot be written by whoever it is: a file that is marked as unchangeable.
#[cfg(unix)]
fn is_barred(error: &io::Error) -> bool {
    error.raw_os_error() == Some(rustix::io::Errno::PERM.raw_os_error())
}

#[cfg(not(unix))]
fn is_barred(_: &io::Error) -> bool {
    false
}

#[cfg(unix)]
fn set_permissions(builder: &mut tempfile::Builder<'_, '_>, target: &Path, access: Access) {
    use std::os::unix::fs::PermissionsExt;
    // A new file made with `Usual` rights is still cut down by the mask.
    let old = || std::fs::metadata(target).map(|old| old.permissions().mode() & 0o777);
    let mode = match access {
        Access::OwnerOnly => 0o600,
        Access::Usual => old().unwrap_or(0o666),
    };
    builder.permissions(std::fs::Permissions::from_mode(mode));
}

#[cfg(not(unix))]
fn set_permissions(_: &mut tempfile::Builder<'_, '_>, _: &Path, _: Access) {}

impl Prepared {
    /// Returns where the file goes.
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// Says whether the move is known to fail: what is there may be barred from being replaced.
    ///
    /// # Errors
    ///
    /// [`WriteError`] if so.
    pub fn probe(&self) -> Result<(), WriteError> {
        match std::fs::File::options().write(true).open(&self.target) {
            Err(source) if is_barred(&source) => Err(WriteError {
                path: self.target.clone(),
                source,
            }),
            // A file that may only be read can still be replaced by another.
            _ => Ok(()),
        }
    }

    /// Moves the file into its place in one step.
    ///
    /// # Errors
    ///
    /// [`WriteError`] if the move fails; what was there before is untouched.
    pub fn commit(self) -> Result<(), WriteError> {
        let target = self.target;
        let failed = |source| WriteError {
            path: target.clone(),
            source,
        };
        self.temporary
            .persist(&target)
            .map_err(|error| failed(error.error))?;
        sync_folder_of(&target);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_there_before_the_commit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        std::fs::write(&path, "old").unwrap();
        let prepared = prepare(&path, b"new").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"old");
        prepared.commit().unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"new");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_dropped_file_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        drop(prepare(&folder.path().join("a.csv"), b"new").unwrap());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_missing_folder_is_named() {
        let error = prepare(Path::new("no-such-folder/a.csv"), b"").unwrap_err();
        assert!(error.to_string().contains("no-such-folder/a.csv"));
    }
}
