//! Studies that must be there: the recall guard's list.

use std::path::PathBuf;

use super::AppError;
use crate::guard;
use crate::study::NctNumber;

/// Which studies a complete read must hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentinels {
    /// The list.
    pub list: SentinelList,
    /// Those of it that need not be there.
    pub without: Vec<NctNumber>,
}

/// A list of studies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SentinelList {
    /// The built-in one.
    BuiltIn,
    /// None.
    None,
    /// A file.
    File(PathBuf),
}

impl Sentinels {
    /// No study must be there.
    pub const NONE: Self = Self {
        list: SentinelList::None,
        without: Vec::new(),
    };

    /// Returns the studies that must be there, in the order of the list.
    ///
    /// # Errors
    ///
    /// [`AppError::Sentinels`] if the list cannot be read.
    pub fn numbers(&self) -> Result<Vec<NctNumber>, AppError> {
        let mut numbers = match &self.list {
            SentinelList::None => Vec::new(),
            SentinelList::BuiltIn => guard::built_in(),
            SentinelList::File(path) => guard::from_file(path)?,
        };
        numbers.retain(|one| !self.without.contains(one));
        Ok(numbers)
    }
}
