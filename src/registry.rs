//! The registry, ClinicalTrials.gov: decoding its records, and reading them from
//! files, from the bundled sample and from the live service.

pub mod archive;
pub mod decode;
pub mod files;
pub mod fingerprint;
pub mod http;
pub mod live;
pub mod plan;
pub mod sample;
mod wire;

pub use decode::{DecodeError, Decoded, Page, PartOf, Problem};
