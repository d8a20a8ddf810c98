//! Whether what is to be written lies apart from everything else that a run needs.
//!
//! Two outputs with one path would overwrite each other, and an output in the place of an input or of the store
//! would destroy it. Paths are compared as the system resolves them, through links and `..`, also where the file
//! is not there yet.

use std::path::{Component, Path, PathBuf};

/// A path, and what it was named for (`--csv`, `the store`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// What it was named for, as a user knows it.
    pub what: String,
    /// The path, as it was named.
    pub path: PathBuf,
}

/// A file that would be written in the place of another.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{output} would be written over {other}: both are `{}`; nothing was written", path.display())]
pub struct Clash {
    /// What would be written.
    pub output: String,
    /// What stands there.
    pub other: String,
    /// Where, as it was named for the output.
    pub path: PathBuf,
}

impl Named {
    /// Names a path.
    pub fn new(what: impl Into<String>, path: impl Into<PathBuf>) -> Self {
        Self {
            what: what.into(),
            path: path.into(),
        }
    }
}

/// Demands that no output has the place of another output, or of a file that is to stay.
///
/// # Errors
///
/// [`Clash`] names the first two that are one.
pub fn apart(outputs: &[Named], stays: &[Named]) -> Result<(), Clash> {
    let resolved = |list: &[Named]| -> Vec<PathBuf> {
        let paths = list.iter().map(|one| resolved(&one.path));
        paths.collect()
    };
    let (own, others) = (resolved(outputs), resolved(stays));
    for (at, (output, path)) in outputs.iter().zip(&own).enumerate() {
        let before = outputs.iter().zip(&own).take(at);
        let mut against = before.chain(stays.iter().zip(&others));
        if let Some((other, _)) = against.find(|(_, other)| *other == path) {
            return Err(Clash {
                output: output.what.clone(),
                other: other.what.clone(),
                path: output.path.clone(),
            });
        }
    }
    Ok(())
}

/// Returns where a path leads: what is there of it as the system resolves it, and the rest by its words.
fn resolved(path: &Path) -> PathBuf {
    let mut there = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut rest: Vec<PathBuf> = Vec::new();
    let mut whole = loop {
        if let Ok(found) = there.canonicalize() {
            break found;
        }
        let Some(last) = there.components().next_back() else {
            break there;
        };
        rest.push(Path::new(&last).to_owned());
        // `pop` would not take `..` for a part.
        there = without_last(&there);
    };
    for part in rest.iter().rev() {
        if part.components().next() == Some(Component::ParentDir) {
            whole.pop();
        } else {
            whole.push(part);
        }
    }
    whole
}

fn without_last(path: &Path) -> PathBuf {
    let mut parts = path.components();
    parts.next_back();
    parts.as_path().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_the_same_however_it_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir(at("a")).unwrap();
        std::fs::write(at("there"), "").unwrap();
        let own = resolved(&at("new"));
        for name in [
            "a/../new",
            "./new",
            "not/there/../../new",
            "a/.././a/../new",
        ] {
            assert_eq!(resolved(&at(name)), own, "{name}");
        }
        assert_ne!(resolved(&at("a/new")), own);
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink("a", at("link")).unwrap();
            std::os::unix::fs::symlink("../there", at("a/file")).unwrap();
            assert_eq!(resolved(&at("link/../new")), own);
            assert_eq!(resolved(&at("link/x")), resolved(&at("a/x")));
            assert_eq!(resolved(&at("link/file")), resolved(&at("there")));
        }
    }

    #[test]
    fn the_first_two_that_are_one_are_named() {
        let outputs = [Named::new("--csv", "a"), Named::new("--json", "b")];
        assert_eq!(apart(&outputs, &[Named::new("--watch", "c")]), Ok(()));
        let clash = apart(&outputs, &[Named::new("--watch", "./b")]).unwrap_err();
        assert_eq!(
            (clash.output.as_str(), clash.other.as_str()),
            ("--json", "--watch")
        );
        // Two inputs may be one.
        let inputs = [Named::new("--watch", "c"), Named::new("--ca", "c")];
        assert_eq!(apart(&outputs, &inputs), Ok(()));
    }
}
