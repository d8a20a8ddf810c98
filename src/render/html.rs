//! Pages that stand alone: one file, no script, nothing fetched. Everything foreign is escaped by its type
//! (maud) and made safe to show.

mod paper;
mod qr;
mod shell;

pub use paper::paper;
