//! The rows of a CSV as cells, each row within bounds: what is longer is passed over to its end, never held.

use std::io::{self, BufRead, BufReader, Read};

use csv_core::{ReadRecordResult, Reader};

/// Bytes of one row at most. A patient's facts take a few hundred.
pub(super) const LONGEST_ROW: usize = 1 << 20;

/// Cells of one row at most. A profile has 31 fields.
pub(super) const MOST_CELLS: usize = 10_000;

/// What keeps a row from being used.
#[derive(Debug)]
pub(super) enum Flaw {
    /// It is longer than [`LONGEST_ROW`].
    TooLong,
    /// It has more cells than [`MOST_CELLS`].
    TooManyCells,
    /// It is not UTF-8.
    NotUtf8,
    /// The file could not be read on; there is no next row.
    Unreadable(io::Error),
}

/// The rows of a CSV (RFC 4180, any line end), one at a time.
pub(super) struct Records<R> {
    source: BufReader<R>,
    core: Reader,
    /// The bytes of the row, without quotes and commas.
    bytes: Vec<u8>,
    /// Where each cell ends in them.
    ends: Vec<usize>,
    line: u64,
    is_over: bool,
}

/// What was read of a row.
#[derive(Default)]
struct Taken {
    bytes: usize,
    cells: usize,
    too_long: bool,
    too_many: bool,
}

impl<R: Read> Records<R> {
    pub(super) fn new(source: R) -> Self {
        Self {
            source: BufReader::new(source),
            core: Reader::new(),
            bytes: vec![0; 4 << 10],
            ends: vec![0; 64],
            line: 1,
            is_over: false,
        }
    }

    /// The line on which the row that was read last begins, from 1.
    pub(super) fn line(&self) -> u64 {
        self.line
    }

    /// Reads the cells of the next row, without white space around them; `None` behind the last row.
    pub(super) fn read(&mut self) -> Option<Result<Vec<&str>, Flaw>> {
        if self.is_over {
            return None;
        }
        let taken = match self.take() {
            Ok(Some(taken)) => taken,
            Ok(None) => {
                self.is_over = true;
                return None;
            }
            Err(error) => {
                self.is_over = true;
                return Some(Err(Flaw::Unreadable(error)));
            }
        };
        Some(match taken {
            Taken { too_long: true, .. } => Err(Flaw::TooLong),
            Taken { too_many: true, .. } => Err(Flaw::TooManyCells),
            taken => self.cells(&taken),
        })
    }

    fn cells(&self, taken: &Taken) -> Result<Vec<&str>, Flaw> {
        let ends = self.ends.get(..taken.cells).unwrap_or_default();
        let mut start = 0;
        let cells = ends.iter().map(|end| {
            let cell = self.bytes.get(start..*end).unwrap_or_default();
            start = *end;
            str::from_utf8(cell).map(str::trim)
        });
        cells.collect::<Result<_, _>>().map_err(|_| Flaw::NotUtf8)
    }

    /// Reads to the end of a row; `None` at the end of the file.
    fn take(&mut self) -> io::Result<Option<Taken>> {
        self.pass_over_empty_lines()?;
        self.line = self.core.line();
        let mut taken = Taken::default();
        loop {
            let input = self.source.fill_buf()?;
            let bytes = self.bytes.get_mut(taken.bytes..).unwrap_or_default();
            let ends = self.ends.get_mut(taken.cells..).unwrap_or_default();
            let (result, read, bytes, ends) = self.core.read_record(input, bytes, ends);
            self.source.consume(read);
            taken.bytes += bytes;
            taken.cells += ends;
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull => self.room_for_bytes(&mut taken),
                ReadRecordResult::OutputEndsFull => self.room_for_cells(&mut taken),
                ReadRecordResult::Record => return Ok(Some(taken)),
                ReadRecordResult::End => return Ok(None),
            }
        }
    }

    /// Empty lines are no rows, but they count as lines.
    fn pass_over_empty_lines(&mut self) -> io::Result<()> {
        while let Some(byte @ (b'\n' | b'\r')) = self.source.fill_buf()?.first().copied() {
            // Between two rows a line end gives nothing out.
            self.core.read_record(&[byte], &mut [0], &mut [0]);
            self.source.consume(1);
        }
        Ok(())
    }

    /// Doubles the room, or begins to forget what was read.
    fn room_for_bytes(&mut self, taken: &mut Taken) {
        if self.bytes.len() < LONGEST_ROW {
            self.bytes.resize(self.bytes.len() * 2, 0);
        } else {
            taken.too_long = true;
            taken.bytes = 0;
        }
    }

    fn room_for_cells(&mut self, taken: &mut Taken) {
        if self.ends.len() < MOST_CELLS {
            self.ends.resize((self.ends.len() * 2).min(MOST_CELLS), 0);
        } else {
            taken.too_many = true;
            taken.cells = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Every row with its line; a flaw as one word.
    fn rows(text: &[u8]) -> Vec<(u64, Vec<String>)> {
        let mut records = Records::new(text);
        let mut all = Vec::new();
        loop {
            let cells = match records.read() {
                None => return all,
                Some(Ok(cells)) => cells.into_iter().map(str::to_owned).collect(),
                Some(Err(flaw)) => vec![format!("{flaw:?}")],
            };
            all.push((records.line(), cells));
        }
    }

    #[test]
    fn rows_have_their_cells_and_lines() {
        let text = b"a, b \r\n\r\n\n\"x\ny\",\"q\"\"\"\n1,2,3\n\xff,2\nlast";
        let expected: Vec<(u64, Vec<&str>)> = vec![
            (1, vec!["a", "b"]),
            (4, vec!["x\ny", "q\""]),
            (6, vec!["1", "2", "3"]),
            (7, vec!["NotUtf8"]),
            (8, vec!["last"]),
        ];
        let found = rows(text);
        let found: Vec<(u64, Vec<&str>)> = (found.iter())
            .map(|(line, cells)| (*line, cells.iter().map(String::as_str).collect()))
            .collect();
        assert_eq!(found, expected);
        assert!(rows(b"").is_empty() && rows(b"\n\r\n").is_empty());
    }

    #[test]
    fn a_row_at_the_bound_is_read_and_one_beyond_it_is_passed_over() {
        for (length, flaw) in [(LONGEST_ROW - 1, false), (LONGEST_ROW * 3 + 7, true)] {
            let text = format!("a\n{}\nb\n", "x".repeat(length));
            let found = rows(text.as_bytes());
            assert_eq!(found.len(), 3);
            assert_eq!(found[1].1 == ["TooLong"], flaw, "{length}");
            assert_eq!(found[2], (3, vec!["b".to_owned()]));
        }
        for (cells, flaw) in [
            (MOST_CELLS, false),
            (MOST_CELLS + 1, true),
            (MOST_CELLS * 5, true),
        ] {
            let text = format!("a\n{}\nb\n", ",".repeat(cells - 1));
            let found = rows(text.as_bytes());
            assert_eq!(found[1].1 == ["TooManyCells"], flaw, "{cells}");
            assert_eq!(found[2], (3, vec!["b".to_owned()]));
        }
    }

    proptest! {
        /// The same as the well-known reader of whole rows gives.
        #[test]
        fn cells_are_those_of_the_csv_crate(text in "([a ,\"\r\n]|é){0,60}") {
            let mut reader = csv::ReaderBuilder::new().flexible(true).has_headers(false).trim(csv::Trim::All).from_reader(text.as_bytes());
            let expected: Vec<Vec<String>> = reader.records()
                .map(|row| row.unwrap().iter().map(str::to_owned).collect())
                .collect();
            let found: Vec<Vec<String>> = rows(text.as_bytes()).into_iter().map(|(_, cells)| cells).collect();
            prop_assert_eq!(found, expected);
        }
    }
}
