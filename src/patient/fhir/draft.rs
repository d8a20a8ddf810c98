//! The profile under construction. Every value passes the parser of profiles.

use std::collections::{BTreeMap, HashSet};

use chrono::NaiveDate;
use serde_json::{Map, Value, json};

use super::codes::Row;
use super::{FromFhir, LeftOut};
use crate::patient::faults;
use crate::study::PartialDate;
use crate::terminology::Treatments;
use crate::text::{one_line, shorten};

/// Treatments or diseases of one patient at most; no record that is real has so many.
const MOST_ITEMS: usize = 1_000;

/// A result of a test that waits for a newer one of its kind.
#[derive(Debug, Clone)]
pub(super) struct Result {
    pub(super) row: Row,
    pub(super) what: String,
    pub(super) date: Option<PartialDate>,
    pub(super) value: Value,
}

#[derive(Debug)]
pub(super) struct Draft<'a> {
    pub(super) treatments: &'a Treatments,
    pub(super) today: NaiveDate,
    fields: Map<String, Value>,
    left_out: Vec<LeftOut>,
    /// What was listed, so that nothing is listed twice.
    told: HashSet<(String, String)>,
    results: Vec<Result>,
    /// Courses of MS that are stated, with the resource that states each.
    courses: Vec<(&'static str, String)>,
}

impl<'a> Draft<'a> {
    pub(super) fn new(treatments: &'a Treatments, today: NaiveDate) -> Self {
        Self {
            treatments,
            today,
            fields: Map::new(),
            left_out: Vec::new(),
            told: HashSet::new(),
            results: Vec::new(),
            courses: Vec::new(),
        }
    }

    /// Lists what did not become a fact.
    pub(super) fn leave(&mut self, what: &str, why: &str) {
        let one = LeftOut {
            what: shorten(what, 160),
            why: one_line(why),
        };
        if self.told.insert((one.what.clone(), one.why.clone())) {
            self.left_out.push(one);
        }
    }

    /// Keeps a value, if the parser of profiles takes it; else lists it.
    pub(super) fn keep(&mut self, what: &str, field: &str, value: &Value) {
        let alone = json!({field: value});
        if let Err(wrong) = faults::read(alone) {
            let said = wrong.first().map_or("", |fault| fault.said.as_str());
            self.leave(what, &format!("its value cannot be used: {said}"));
            return;
        }
        let count = self.fields.get(field).and_then(Value::as_array);
        if count.is_some_and(|all| all.len() >= MOST_ITEMS) {
            self.leave(what, "there are too many of its kind: not read");
            return;
        }
        match (self.fields.get_mut(field), value) {
            (Some(Value::Object(all)), Value::Object(more)) => all.extend(more.clone()),
            (Some(Value::Array(all)), Value::Array(more)) => {
                let new = more.iter().filter(|one| !all.contains(one)).cloned();
                let new: Vec<Value> = new.collect();
                all.extend(new);
            }
            _ => {
                self.fields.insert(field.to_owned(), value.clone());
            }
        }
    }

    pub(super) fn course(&mut self, course: &'static str, what: String) {
        self.courses.push((course, what));
    }

    pub(super) fn result(&mut self, one: Result) {
        self.results.push(one);
    }

    pub(super) fn finish(mut self) -> FromFhir {
        self.settle_course();
        self.settle_results();
        let left_out = self.left_out;
        // Every value was read before it was kept.
        let profile = faults::read(Value::Object(self.fields)).unwrap_or_default();
        FromFhir { profile, left_out }
    }

    /// A course that is told beats MS that is not; two that are told leave it open.
    fn settle_course(&mut self) {
        let told: Vec<&'static str> = self.courses.iter().map(|(course, _)| *course).collect();
        let mut exact: Vec<&'static str> =
            told.iter().copied().filter(|one| *one != "ms").collect();
        exact.sort_unstable();
        exact.dedup();
        match exact[..] {
            [] if told.is_empty() => {}
            [] => self.keep("Condition", "ms_course", &json!("ms")),
            [one] => self.keep("Condition", "ms_course", &json!(one)),
            _ => {
                for (_, what) in std::mem::take(&mut self.courses) {
                    self.leave(
                        &what,
                        "several courses of MS are stated: fill in `ms_course`",
                    );
                }
                self.keep("Condition", "ms_course", &json!("ms"));
            }
        }
    }

    /// Of each kind of test the newest counts.
    fn settle_results(&mut self) {
        let mut groups: BTreeMap<(&str, &str, &str), Vec<Result>> = BTreeMap::new();
        for one in std::mem::take(&mut self.results) {
            // Tests of infections stand for themselves; all codes of a blood value are one.
            let kind = if one.row.field == "labs" {
                ""
            } else {
                one.row.extra
            };
            let group = groups
                .entry((one.row.field, one.row.key, kind))
                .or_default();
            group.push(one);
        }
        let mut newest: Vec<Result> = Vec::new();
        for (_, group) in groups {
            newest.extend(self.newest(group));
        }
        let (tests, values): (Vec<Result>, Vec<Result>) = (newest.into_iter())
            .partition(|one| ["infections", "antibodies"].contains(&one.row.field));
        for one in values {
            let value = if one.row.key.is_empty() {
                one.value
            } else {
                json!({one.row.key: one.value})
            };
            self.keep(&one.what, one.row.field, &value);
        }
        self.settle_tests(&tests);
    }

    fn newest(&mut self, mut group: Vec<Result>) -> Option<Result> {
        let undated = group.iter().filter(|one| one.date.is_none()).count();
        if undated > 0 && group.len() > 1 {
            for one in group.iter().filter(|one| one.date.is_none()) {
                self.leave(&one.what, "has no date, and there are others of its kind");
            }
            group.retain(|one| one.date.is_some());
        }
        // Of two on one day the least favourable is not known: the later entry counts, as in a record.
        group
            .into_iter()
            .max_by_key(|one| one.date.map(|date| date.latest()))
    }

    /// A positive test counts; a negative one only as far as the table says.
    fn settle_tests(&mut self, tests: &[Result]) {
        let mut agents: Vec<(&'static str, &'static str)> = tests
            .iter()
            .map(|one| (one.row.field, one.row.key))
            .collect();
        agents.sort_unstable();
        agents.dedup();
        for (field, key) in agents {
            let of_agent = || {
                tests
                    .iter()
                    .filter(|one| (one.row.field, one.row.key) == (field, key))
            };
            let Some(first) = of_agent().next() else {
                continue;
            };
            let positive = of_agent().find(|one| one.value == json!("positive"));
            // A test that says nothing when it is negative takes nothing from another one.
            let parts: Vec<&str> = of_agent().map(|one| one.row.extra).collect();
            if let Some(one) = positive {
                self.keep(&one.what, field, &json!({key: "positive"}));
            } else if parts.contains(&"alone") {
                self.keep(&first.what, field, &json!({key: "negative"}));
            } else {
                for one in of_agent() {
                    self.leave(
                        &one.what,
                        "this test alone does not say that the infection is absent",
                    );
                }
            }
        }
    }
}
