//! Any bytes as a profile: TOML, JSON, CSV, cells, FHIR.
#![no_main]

#[expect(dead_code, reason = "a target runs one body, not all")]
#[path = "../bodies.rs"]
mod bodies;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| bodies::profile(bytes));
