//! A profile in a file of its own.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use super::{Profile, ProfileError, ProfileErrors, from_json, from_toml};

/// Profiles are short: what is longer is none.
const LONGEST: u64 = 1 << 20;

/// Reads the profile of a file in TOML or JSON.
///
/// # Errors
///
/// [`ProfileErrors`] if the file cannot be read, or every wrong field of it. They may repeat what
/// was written: they are for the eyes of who wrote it.
pub fn from_file(path: &Path) -> Result<Profile, ProfileErrors> {
    let text = text_of(path, LONGEST)?;
    let name = path.display().to_string();
    let ending = path.extension();
    let is_json = ending.is_some_and(|ending| ending.eq_ignore_ascii_case("json"))
        || text.trim_start().starts_with('{');
    if is_json {
        from_json(&name, &text)
    } else {
        from_toml(&name, &text)
    }
}

/// Reads the text of a file of so many bytes at most. One that is longer is refused: what is cut off
/// would be lost unseen.
///
/// # Errors
///
/// [`ProfileErrors`] that name the file and what is wrong with it.
pub fn text_of(path: &Path, longest: u64) -> Result<String, ProfileErrors> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(longest + 1).read_to_end(&mut bytes))
        .map_err(|error| unreadable(path, &error))?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length > longest) {
        let what = format!("is too long: {} MiB at most", longest >> 20);
        return Err(refused(path, what).into());
    }
    let what = "is not UTF-8: save it as UTF-8";
    String::from_utf8(bytes).map_err(|_| refused(path, what.to_owned()).into())
}

/// Names a file that could not be read.
pub fn unreadable(path: &Path, error: &io::Error) -> ProfileError {
    let what = format!("could not be read: {error}; check the name and the rights");
    refused(path, what)
}

fn refused(path: &Path, what: String) -> ProfileError {
    ProfileError::new(&path.display().to_string(), None, None, what)
}
