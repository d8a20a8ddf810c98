//! Watch rules: who wants to know of which changes, and what a change means to them.
//!
//! A rule names places, targets, courses, phases, and files of patient profiles. The files are read
//! where they lie, and nothing of them is stored. What a study does not state never keeps it from
//! a rule.

mod news;
mod rules;

pub use news::{Fate, News, PatientNews, PlaceNews, Standing, StudyNews, Versions, Watcher};
pub use rules::{Rule, Rules, WatchError};
