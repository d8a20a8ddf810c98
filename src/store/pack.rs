//! Records in fewer bytes.

use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;

/// Most bytes of a record; the registry's largest has 3.6 MB.
const LARGEST: u64 = 64 << 20;

/// Packs a record with zlib.
pub fn pack(record: &[u8]) -> Vec<u8> {
    let mut encoder =
        ZlibEncoder::new(Vec::with_capacity(record.len() / 4), Compression::default());
    // Memory takes all that is written.
    let written = encoder.write_all(record);
    debug_assert!(written.is_ok());
    encoder.finish().unwrap_or_default()
}

/// Unpacks a record; `None` if it is damaged.
pub fn unpack(packed: &[u8]) -> Option<Vec<u8>> {
    let mut record = Vec::new();
    let mut decoder = ZlibDecoder::new(packed).take(LARGEST);
    decoder.read_to_end(&mut record).ok()?;
    ((record.len() as u64) < LARGEST && !record.is_empty()).then_some(record)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn damage_is_seen() {
        let mut packed = pack(b"{\"a\":1}");
        assert_eq!(unpack(&packed).unwrap(), b"{\"a\":1}");
        assert_eq!(unpack(&packed[..packed.len() - 5]), None);
        let middle = packed.len() / 2;
        packed[middle] ^= 0x55;
        assert_eq!(unpack(&packed), None);
        assert_eq!(unpack(b""), None);
    }

    proptest! {
        #[test]
        fn unpacking_undoes_packing(record in proptest::collection::vec(any::<u8>(), 1..2000)) {
            prop_assert_eq!(unpack(&pack(&record)), Some(record));
        }

        #[test]
        fn no_bytes_stop_the_program(packed in proptest::collection::vec(any::<u8>(), 0..200)) {
            unpack(&packed);
        }
    }
}
