//! Pages that stand alone: one file, no script, nothing fetched. Everything foreign is escaped by its type
//! (maud) and made safe to show.

mod paper;
mod qr;
pub mod screen;
mod shell;
pub mod site;

pub use paper::paper;
