//! Tab-separated tables: a header line, `#` comments, and errors that name file, line and field.

use std::path::Path;

/// A table that cannot be used: which file, which line, which field, and what is allowed.
#[derive(Debug, thiserror::Error)]
#[error("{file}{}: {what}", line.map_or(String::new(), |line| format!(", line {line}")))]
pub struct TableError {
    file: String,
    line: Option<usize>,
    what: String,
    #[source]
    source: Option<std::io::Error>,
}

impl TableError {
    /// A file that could not be read at all.
    pub(super) fn unreadable(path: &Path, source: std::io::Error) -> Self {
        let what = "could not be read; check the name and the rights".to_owned();
        Self {
            file: path.display().to_string(),
            line: None,
            what,
            source: Some(source),
        }
    }

    /// A list of phrases that could not be compiled.
    pub(super) fn phrases(reason: &aho_corasick::BuildError) -> Self {
        Self {
            file: "phrase table".into(),
            line: None,
            what: reason.to_string(),
            source: None,
        }
    }
}

/// A parsed table.
#[derive(Debug)]
pub(super) struct Table<'a> {
    file: &'a str,
    columns: Vec<&'a str>,
    rows: Vec<(usize, Vec<&'a str>)>,
}

/// One row of a table.
#[derive(Debug)]
pub(super) struct Row<'a> {
    table: &'a Table<'a>,
    line: usize,
    cells: &'a [&'a str],
}

impl<'a> Table<'a> {
    /// Splits a text into rows under the header.
    ///
    /// # Errors
    ///
    /// A text without a header, or a row with too many cells.
    pub(super) fn parse(file: &'a str, text: &'a str) -> Result<Self, TableError> {
        let mut lines = text
            .lines()
            .enumerate()
            .map(|(index, line)| (index + 1, line.trim_end_matches('\r')))
            .filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'))
            .map(|(number, line)| (number, line.split('\t').collect::<Vec<_>>()));
        let error = |line, what: String| TableError {
            file: file.to_owned(),
            line,
            what,
            source: None,
        };
        let (_, columns) = lines
            .next()
            .ok_or_else(|| error(None, "has no header line".into()))?;
        let mut rows = Vec::new();
        for (number, cells) in lines {
            if cells.len() > columns.len() {
                let what = format!(
                    "has {} cells; the header names {}",
                    cells.len(),
                    columns.len()
                );
                return Err(error(Some(number), what));
            }
            rows.push((number, cells));
        }
        Ok(Self {
            file,
            columns,
            rows,
        })
    }

    /// Returns the rows in the order of the file.
    pub(super) fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.rows.iter().map(|(line, cells)| Row {
            table: self,
            line: *line,
            cells,
        })
    }
}

impl Row<'_> {
    /// Returns a cell that must not be empty.
    pub(super) fn text(&self, column: &str) -> Result<&str, TableError> {
        match self.optional(column) {
            Some("") | None => Err(self.error(format!("field `{column}` is missing or empty"))),
            Some(text) => Ok(text),
        }
    }

    /// Returns a cell that may be empty or missing.
    pub(super) fn optional(&self, column: &str) -> Option<&str> {
        let index = self.table.columns.iter().position(|name| *name == column)?;
        self.cells.get(index).map(|cell| cell.trim())
    }

    /// Returns a cell as one of a list of words, or says which words are allowed.
    pub(super) fn word<T: Clone>(
        &self,
        column: &str,
        allowed: &[T],
        name: impl Fn(&T) -> &str,
    ) -> Result<T, TableError> {
        let text = self.text(column)?;
        allowed
            .iter()
            .find(|one| name(one) == text)
            .cloned()
            .ok_or_else(|| {
                let words: Vec<&str> = allowed.iter().map(&name).collect();
                let words = words.join(", ");
                self.error(format!(
                    "`{}` is no {column}; allowed: {words}",
                    crate::text::shorten(text, 40)
                ))
            })
    }

    /// Builds an error that names this row.
    pub(super) fn error(&self, what: String) -> TableError {
        TableError {
            file: self.table.file.to_owned(),
            line: Some(self.line),
            what,
            source: None,
        }
    }
}
