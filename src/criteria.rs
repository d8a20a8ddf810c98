//! Eligibility text: its parts, and the facts that rules read from it.

mod comparison;
mod fact;
mod item;
mod pattern;
mod read;
mod segment;
mod time;
mod window;

pub use comparison::{bars_up_to, is_strictly_above, is_strictly_below};
pub use fact::{Certainty, Fact, Polarity, Value};
pub(crate) use pattern::compile;
pub use read::{Read, ReadCriterion, Wanted, lab_value, read, read_of_ms};
pub use segment::{Criterion, CriterionKind, Segments, segment};
pub use window::Window;
