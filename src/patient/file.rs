//! Profiles from TOML and JSON, with errors that name the line and the field.

use std::fmt;

use serde_json::Value;

use super::Profile;
use super::faults::{self, Fault, Step, Steps, without_value};
use super::lines::{in_json, in_toml, line_at};
use crate::text::{one_line, safe, shorten};

/// Characters of what is told of one fault at most: the choices of a place are many.
const LONGEST_WORDS: usize = 3_000;

/// A profile, or a row of one, that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct ProfileError {
    /// The file, or what stands in its place.
    pub file: String,
    /// Line, from 1.
    pub line: Option<u64>,
    /// Field, as a path (`labs.igg`).
    pub field: Option<String>,
    /// What is wrong, and what is allowed. It never repeats what was written: that is a fact about a patient, and
    /// errors are logged.
    pub what: String,
    /// What the written word may mean, where that helps, with the word: for the screen of whoever wrote it, never for a log.
    pub choices: Option<String>,
}

impl ProfileError {
    /// Tells what is wrong with a file, or with a line or field of it.
    pub fn new(
        file: &str,
        line: Option<u64>,
        field: Option<&str>,
        what: impl Into<String>,
    ) -> Self {
        Self {
            file: file.to_owned(),
            line,
            field: field.map(str::to_owned),
            what: what.into(),
            choices: None,
        }
    }
}

/// All that is wrong with a profile or a row; at least one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileErrors(pub Vec<ProfileError>);

impl From<ProfileError> for ProfileErrors {
    fn from(one: ProfileError) -> Self {
        Self(vec![one])
    }
}

impl std::error::Error for ProfileErrors {}

impl fmt::Display for ProfileErrors {
    /// One line for each.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, one) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{one}")?;
        }
        Ok(())
    }
}

impl fmt::Display for ProfileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A name may hold a line break, and must not begin a line of its own.
        f.write_str(&safe(&self.file).replace(['\n', '\t'], " "))?;
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        if let Some(field) = &self.field {
            write!(f, ", field `{}`", shorten(field, 80))?;
        }
        write!(f, ": {}", shorten(&self.what, LONGEST_WORDS))
    }
}

/// Reads a profile in TOML.
///
/// # Errors
///
/// [`ProfileErrors`]: every wrong field, with line and allowed values.
pub fn from_toml(file: &str, text: &str) -> Result<Profile, ProfileErrors> {
    let text = text.trim_start_matches('\u{feff}');
    let source = toml::Deserializer::parse(text).map_err(|error| {
        let line = (error.span()).and_then(|span| line_at(text, span.start));
        let said = without_value(&one_line(error.message()));
        ProfileErrors::from(ProfileError::new(file, line, None, said))
    })?;
    let first = match serde_path_to_error::deserialize(source) {
        Ok(profile) => return Ok(profile),
        Err(error) => Fault::new(Steps::of(error.path()), error.inner().message()),
    };
    let document: Option<Value> = toml::from_str(text).ok();
    Err(told(file, first, document, |path| in_toml(text, path)))
}

/// Reads a profile in JSON.
///
/// # Errors
///
/// [`ProfileErrors`]: every wrong field, with line and allowed values.
pub fn from_json(file: &str, text: &str) -> Result<Profile, ProfileErrors> {
    let text = text.trim_start_matches('\u{feff}');
    // A list would be read as the fields in their order.
    if text.trim_start().starts_with('[') {
        let what = "is a list; a file holds one patient, in braces";
        return Err(ProfileError::new(file, Some(1), None, what).into());
    }
    // Anything else but fields in braces would be told in words of the reader's own making.
    if is_json_without_braces(text) {
        let what = "holds no fields; a profile stands in braces, for example {\"age\": 47}";
        return Err(ProfileError::new(file, Some(1), None, what).into());
    }
    let mut source = serde_json::Deserializer::from_str(text);
    let read: Result<Profile, _> = serde_path_to_error::deserialize(&mut source);
    let alone = |line: usize, what: String| {
        ProfileErrors::from(ProfileError::new(
            file,
            u64::try_from(line).ok(),
            None,
            what,
        ))
    };
    match read {
        Ok(profile) => match source.end() {
            Ok(()) => Ok(profile),
            Err(error) => {
                let what = "more text stands behind the profile; a file holds one patient";
                Err(alone(error.line(), what.to_owned()))
            }
        },
        Err(error) if !error.inner().is_data() => {
            Err(alone(error.inner().line(), without_place(error.inner())))
        }
        Err(error) => {
            let first = Fault::new(Steps::of(error.path()), &without_place(error.inner()));
            let document = serde_json::from_str(text).ok();
            let line = u64::try_from(error.inner().line()).ok();
            let place = |path: &[Step]| in_json(text, path).or(line);
            Err(told(file, first, document, place))
        }
    }
}

/// Says whether a text is a whole value of JSON, and no fields in braces.
fn is_json_without_braces(text: &str) -> bool {
    !text.trim_start().starts_with('{') && serde_json::from_str::<Value>(text).is_ok()
}

/// What a reader of JSON says, without the place, which we name ourselves, and without the value.
pub(super) fn without_place(error: &serde_json::Error) -> String {
    let said = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    without_value(said.strip_suffix(&place).unwrap_or(&said))
}

/// Every fault, in the order of lines. The first that the reader of the file met stands among them
/// in any case: it may see what a document no longer shows, such as a key that stands twice.
fn told(
    file: &str,
    first: Fault,
    document: Option<Value>,
    line: impl Fn(&[Step]) -> Option<u64>,
) -> ProfileErrors {
    let mut faults = document
        .and_then(|document| faults::read(document).err())
        .unwrap_or_default();
    if !faults.iter().any(|fault| fault.path == first.path) {
        faults.insert(0, first);
    }
    let mut errors: Vec<ProfileError> = (faults.into_iter())
        .map(|found| fault(file, line(&found.path.0), &found))
        .collect();
    errors.sort_by_key(|error| error.line);
    ProfileErrors(errors)
}

/// Builds an error from what a reader says.
pub(super) fn fault(file: &str, line: Option<u64>, found: &Fault) -> ProfileError {
    let field = Some(found.path.named()).filter(|path| !path.is_empty());
    let listed = |said: &str| one_line(&said.replace("\n  ", "; "));
    ProfileError {
        // Choices that stand on lines of their own become a list.
        choices: found.choices.as_deref().map(listed),
        ..ProfileError::new(file, line, field.as_deref(), listed(&found.said))
    }
}
