//! Profiles from TOML and JSON, with errors that name the line and the field.

use std::fmt;

use super::{FIELDS, Profile};
use crate::text::{nearest, one_line, safe};

/// A profile, or a row of one, that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct ProfileError {
    /// The file, or what stands in its place.
    pub file: String,
    /// Line, from 1.
    pub line: Option<u64>,
    /// Field, as a path (`labs.igg`).
    pub field: Option<String>,
    /// What is wrong, and what is allowed.
    pub what: String,
}

impl fmt::Display for ProfileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&safe(&self.file))?;
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        if let Some(field) = &self.field {
            write!(f, ", field `{}`", safe(field))?;
        }
        write!(f, ": {}", safe(&self.what))
    }
}

/// Reads a profile in TOML.
///
/// # Errors
///
/// [`ProfileError`] names line and field, and the allowed values.
pub fn from_toml(file: &str, text: &str) -> Result<Profile, ProfileError> {
    let text = text.trim_start_matches('\u{feff}');
    let line_of = |error: &toml::de::Error| {
        let at = error.span()?.start.min(text.len());
        u64::try_from(text.get(..at)?.matches('\n').count() + 1).ok()
    };
    let source = toml::Deserializer::parse(text).map_err(|error| ProfileError {
        file: file.to_owned(),
        line: line_of(&error),
        field: None,
        what: one_line(error.message()),
    })?;
    serde_path_to_error::deserialize(source).map_err(|error| {
        let line = line_of(error.inner());
        fault(
            file,
            line,
            &error.path().to_string(),
            error.inner().message(),
        )
    })
}

/// Reads a profile in JSON.
///
/// # Errors
///
/// [`ProfileError`] names line and field, and the allowed values.
pub fn from_json(file: &str, text: &str) -> Result<Profile, ProfileError> {
    let mut source = serde_json::Deserializer::from_str(text.trim_start_matches('\u{feff}'));
    let read: Result<Profile, _> = serde_path_to_error::deserialize(&mut source);
    let profile = read.map_err(|error| {
        let line = u64::try_from(error.inner().line()).ok();
        fault(
            file,
            line,
            &error.path().to_string(),
            &error.inner().to_string(),
        )
    })?;
    source.end().map_err(|error| ProfileError {
        file: file.to_owned(),
        line: u64::try_from(error.line()).ok(),
        field: None,
        what: "more text stands behind the profile; a file holds one patient".to_owned(),
    })?;
    Ok(profile)
}

/// Builds an error from what a reader says, with the nearest field where one is misspelt.
pub(super) fn fault(file: &str, line: Option<u64>, path: &str, said: &str) -> ProfileError {
    // A reader of JSON adds the place, which we name ourselves.
    let said = said.split(" at line ").next().unwrap_or(said);
    let misspelt = said
        .strip_prefix("unknown field `")
        .and_then(|rest| rest.split('`').next());
    let near = misspelt.and_then(|word| nearest(word, FIELDS));
    let hint = near.map_or(String::new(), |near| format!("; did you mean `{near}`?"));
    let field = Some(path.to_owned()).filter(|path| path != "." && path != "?");
    ProfileError {
        file: file.to_owned(),
        line,
        field,
        what: format!("{}{hint}", one_line(said)),
    }
}
