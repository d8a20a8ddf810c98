//! What a run that was killed leaves beside the files that it wrote.
//!
//! A file under way bears the process id of its owner in its name, and its owner holds a lock on it.
//! The operating system ends the lock with its process, however that ends. Only a file whose owner
//! is not there, and whose lock nobody holds, is removed: a run in another container may bear an
//! id that is not known here, but the lock is seen.

use std::path::Path;

/// What the names of files under way begin with.
const PREFIX: &str = ".trialbrief-";

/// Name of the file in a folder under way that its owner holds the lock of.
const LOCK: &str = "lock";

/// Returns what the name of a file under way begins with, if it is of this process.
pub(super) fn prefix() -> String {
    format!("{PREFIX}{}-", std::process::id())
}

/// A folder under way, for what makes several files; nothing is left of it if it is dropped.
#[derive(Debug)]
pub struct Scratch {
    folder: tempfile::TempDir,
    _lock: std::fs::File,
}

impl Scratch {
    /// Makes one in a folder.
    ///
    /// # Errors
    ///
    /// An [`std::io::Error`] if the folder is missing or not writable.
    pub fn in_folder(folder: &Path) -> std::io::Result<Self> {
        sweep(folder);
        let folder = tempfile::Builder::new()
            .prefix(&prefix())
            .tempdir_in(folder)?;
        let lock = std::fs::File::create(folder.path().join(LOCK))?;
        hold(&lock);
        Ok(Self {
            folder,
            _lock: lock,
        })
    }

    /// Returns its path.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }
}

/// Holds the lock of a file under way. A file system without locks has none to look for either.
pub(super) fn hold(file: &std::fs::File) {
    let _ = file.try_lock();
}

/// Removes what runs that are no more left in a folder. That it cannot be removed is no reason to
/// write nothing.
#[cfg(unix)]
pub(super) fn sweep(folder: &Path) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let Some(owner) = name.to_str().and_then(owner) else {
            continue;
        };
        if is_there(owner) {
            continue;
        }
        let path = entry.path();
        // A link is neither.
        match entry.file_type() {
            Ok(kind) if kind.is_file() && is_free(&path) => drop(std::fs::remove_file(&path)),
            Ok(kind) if kind.is_dir() && is_free(&path.join(LOCK)) => {
                drop(std::fs::remove_dir_all(&path));
            }
            _ => {}
        }
    }
}

/// Without locks and process ids of this kind nothing is removed.
#[cfg(not(unix))]
pub(super) fn sweep(_: &Path) {}

/// The process id in the name of a file under way.
#[cfg(unix)]
fn owner(name: &str) -> Option<rustix::process::Pid> {
    let (id, chance) = name.strip_prefix(PREFIX)?.split_once('-')?;
    let is_number = !chance.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
    let id: i32 = id.parse().ok().filter(|_| is_number)?;
    rustix::process::Pid::from_raw(id)
}

#[cfg(unix)]
fn is_there(owner: rustix::process::Pid) -> bool {
    // Only "no such process" says that it is not there; another user's process may not be asked.
    rustix::process::test_kill_process(owner) != Err(rustix::io::Errno::SRCH)
}

#[cfg(unix)]
fn is_free(path: &Path) -> bool {
    let file = std::fs::File::options().read(true).write(true).open(path);
    file.is_ok_and(|file| file.try_lock().is_ok())
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;

    /// The id of a process that has ended.
    fn gone() -> u32 {
        let mut child = std::process::Command::new("true").spawn().unwrap();
        child.wait().unwrap();
        child.id()
    }

    #[test]
    fn only_what_nobody_owns_any_more_goes() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let (here, gone) = (std::process::id(), gone());
        let stays = [
            format!(".trialbrief-{here}-abc"),
            format!(".trialbrief-{gone}-locked"),
            format!(".trialbrief-{gone}"),
            format!("trialbrief-{gone}-abc"),
            ".trialbrief-abc".to_owned(),
            ".trialbrief--1-abc".to_owned(),
            ".trialbrief-0-abc".to_owned(),
            "a.csv".to_owned(),
        ];
        for name in &stays {
            std::fs::write(path(name), "x").unwrap();
        }
        let locked = std::fs::File::open(path(&stays[1])).unwrap();
        locked.try_lock().unwrap();
        std::os::unix::fs::symlink("a.csv", path(&format!(".trialbrief-{gone}-link"))).unwrap();
        std::fs::write(path(&format!(".trialbrief-{gone}-abc")), "x").unwrap();
        let scratch = path(&format!(".trialbrief-{gone}-folder"));
        std::fs::create_dir(&scratch).unwrap();
        std::fs::write(scratch.join(LOCK), "").unwrap();
        std::fs::write(scratch.join("copy"), "x").unwrap();
        sweep(folder.path());
        let mut left: Vec<String> = std::fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| !name.ends_with("-link"))
            .collect();
        left.sort();
        let mut stays = stays.to_vec();
        stays.sort();
        assert_eq!(left, stays);
        assert!(path("a.csv").exists());
    }
}
