//! The snapshot bundled in the program: the known CAR-T studies that concern MS,
//! abridged, in our own sentences. For use without a network, never for a decision.

use std::io::Read;

use super::decode::{self, Decoded};

/// The day that most records of the snapshot were current.
pub const SNAPSHOT: &str = "2026-08-22";

/// What the criteria of the snapshot begin with: they are ours, and not all.
const ABRIDGED: &str = "Abridged by trialbrief";

/// Says whether a text of criteria, or a line of it, is a note of this program that the text is abridged.
pub fn is_abridged(text: &str) -> bool {
    text.trim_start().starts_with(ABRIDGED)
}

/// One study a line, compressed; built from `fixtures/sample`.
const PACKED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/sample.ndjson.gz"));

/// Decodes the bundled snapshot.
pub fn read() -> Decoded {
    let mut json = Vec::new();
    let mut decoded = Decoded::default();
    // Our own bytes: a test reads them whole, so damage cannot reach a user.
    if flate2::read::GzDecoder::new(PACKED)
        .read_to_end(&mut json)
        .is_ok()
    {
        for line in json
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
        {
            decoded.extend(decode::any(line).unwrap_or_default());
        }
    }
    decoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_is_whole() {
        let sample = read();
        assert_eq!(sample.studies.len(), 38);
        assert_eq!(sample.problems, []);
        let with_criteria = sample
            .studies
            .iter()
            .filter(|study| study.eligibility.text.is_some());
        assert_eq!(with_criteria.count(), 8);
    }

    #[test]
    fn the_sample_names_nobody() {
        for study in read().studies {
            assert!(study.contacts.is_empty(), "{}", study.nct_number);
            assert!(
                study.sites.iter().all(|site| site.contacts.is_empty()),
                "{}",
                study.nct_number
            );
        }
    }
}
