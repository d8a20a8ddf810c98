//! Ends of lines, made alike before a table is read.

use std::cell::Cell;
use std::io::{Read, Result};

/// A source in which every line ends with LF alone, whether it ended with CR LF, LF or CR. The reader of tables counts
/// a line at its LF, and takes a CR for the end of a row: between the two its count is one short.
pub(super) struct Ends<R> {
    source: R,
    /// Whether the last byte was a CR, so that an LF behind it ends no further line.
    after_return: bool,
}

impl<R> Ends<R> {
    pub(super) fn new(source: R) -> Self {
        Self {
            source,
            after_return: false,
        }
    }
}

impl<R: Read> Read for Ends<R> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        loop {
            let count = self.source.read(buffer)?;
            let bytes = Cell::from_mut(&mut *buffer).as_slice_of_cells();
            let (mut kept, mut slots) = (0, bytes.iter());
            for byte in bytes.iter().take(count).map(Cell::get) {
                let follows = std::mem::replace(&mut self.after_return, byte == b'\r');
                if follows && byte == b'\n' {
                    continue;
                }
                if let Some(slot) = slots.next() {
                    slot.set(if byte == b'\r' { b'\n' } else { byte });
                    kept += 1;
                }
            }
            // Nothing kept of something read is not the end.
            if kept > 0 || count == 0 {
                return Ok(kept);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads so many bytes at a time.
    fn read_by(size: usize, text: &str) -> String {
        let (mut source, mut bytes) = (Ends::new(text.as_bytes()), Vec::new());
        let mut buffer = vec![0; size];
        loop {
            let count = source.read(&mut buffer).unwrap();
            bytes.extend(buffer.iter().take(count));
            if count == 0 {
                return String::from_utf8(bytes).unwrap();
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn ends_are_alike_however_they_are_read(text in "[ab\r\n]{0,40}", size in 1_usize..9) {
            let expected = text.replace("\r\n", "\n").replace('\r', "\n");
            proptest::prop_assert_eq!(read_by(size, &text), expected);
        }
    }
}
