//! A patient against a study: what is met, what is not, what is not known.
//!
//! Three answers, never two. Only an exact fact and a stated value rule out; a
//! line that was not read, a fact that holds more than its values, and all that
//! the patient did not state are unknown. All demands must hold, any bar is one, and
//! cohorts are alternatives.

mod cells;
mod compare;
mod course;
mod demand;
mod infection;
mod listed;
mod nearly;
mod shift;
mod treatment;
mod verdict;
mod wanted;

pub use demand::{Demand, Test};
pub use nearly::NearMiss;
pub use shift::{Shift, Side, shifts};
pub use verdict::{Answer, Assessment, Matcher, Point, Verdict, Why};
pub use wanted::{Asking, Wanted, facts_of, open_and_without_rules, wanted};
