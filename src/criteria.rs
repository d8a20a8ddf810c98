//! Eligibility text: its parts, and the facts that rules read from it.

mod fact;
mod item;
mod pattern;
mod read;
mod segment;
mod time;
mod window;

pub use fact::{Certainty, Fact, Polarity, Value};
pub use read::{Read, ReadCriterion, Wanted, lab_value, read};
pub use segment::{Criterion, CriterionKind, Segments, segment};
pub use window::Window;
