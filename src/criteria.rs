//! Eligibility text: its parts, and the facts that rules read from it.

mod fact;
mod item;
mod pattern;
mod read;
mod segment;
mod time;

pub use fact::{Certainty, Fact, Polarity, Value};
pub use read::{Read, ReadCriterion, read};
pub use segment::{Criterion, CriterionKind, Segments, segment};
