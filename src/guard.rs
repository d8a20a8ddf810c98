//! The recall guard: studies that a complete read of the registry must hold.

use std::path::Path;

use crate::study::NctNumber;
use crate::text;
use crate::whole_file;

/// Known CAR-T studies that concern MS, one a line.
const BUILT_IN: &str = include_str!("data/sentinels.txt");

/// A sentinel list that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum GuardError {
    /// The file cannot be read.
    #[error("could not read the sentinel list `{path}`")]
    Unreadable {
        /// Which.
        path: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A list that would guard nothing.
    #[error("`{path}` holds no registry number; to do without the guard, say `--sentinels none`")]
    Empty {
        /// Which file.
        path: String,
    },
    /// A line holds no registry number.
    #[error("`{path}`, line {line}: {source}")]
    Line {
        /// Which file.
        path: String,
        /// Line, from 1.
        line: usize,
        /// What is wrong.
        source: crate::study::NctError,
    },
}

/// Returns the built-in list.
pub fn built_in() -> Vec<NctNumber> {
    parse(BUILT_IN)
        .filter_map(|(_, number)| number.ok())
        .collect()
}

/// Reads a list of one number a line; `#` begins a comment, words behind a number are a note.
///
/// # Errors
///
/// [`GuardError`] names the file and the line.
pub fn from_file(path: &Path) -> Result<Vec<NctNumber>, GuardError> {
    let name = path.display().to_string();
    let text = whole_file::read_text(path).map_err(|source| GuardError::Unreadable {
        path: name.clone(),
        source,
    })?;
    let numbers: Vec<NctNumber> = parse(&text)
        .map(|(line, number)| {
            number.map_err(|source| GuardError::Line {
                path: name.clone(),
                line,
                source,
            })
        })
        .collect::<Result<_, _>>()?;
    if numbers.is_empty() {
        return Err(GuardError::Empty { path: name });
    }
    Ok(numbers)
}

fn parse(
    text: &str,
) -> impl Iterator<Item = (usize, Result<NctNumber, crate::study::NctError>)> + '_ {
    text.lines().enumerate().filter_map(|(index, line)| {
        let line = line.split('#').next().unwrap_or_default().trim();
        let word = line.split_whitespace().next()?;
        Some((index + 1, text::one_line(word).parse()))
    })
}

/// Returns the sentinels that a read does not hold. `retrieved` must be sorted.
pub fn missing(sentinels: &[NctNumber], retrieved: &[NctNumber]) -> Vec<NctNumber> {
    sentinels
        .iter()
        .copied()
        .filter(|number| retrieved.binary_search(number).is_err())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_list_is_whole() {
        assert_eq!(built_in().len(), 38);
        assert!(parse(BUILT_IN).all(|(_, number)| number.is_ok()));
    }

    #[test]
    fn names_what_is_missing() {
        let number = |text: &str| text.parse::<NctNumber>().unwrap();
        let [a, b] = [number("NCT00000001"), number("NCT00000002")];
        assert_eq!(missing(&[a, b], &[b]), [a]);
    }
}
