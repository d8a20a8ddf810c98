//! Scores facts against what a person read from the same text.
//!
//! A fact matches when kind, polarity and all value keys agree: numbers within 1e-6, words without
//! regard to case, a missing key is null, a `min_count` of null is 1, sets have no order. Sets that
//! overlap by half or more while all else agrees are half a match. Facts are paired within a study so
//! that its points are as high as possible.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use serde_json::Value;

/// Kinds that decide most: who may join, and what was taken or had before.
pub(crate) const CORE: [&str; 18] = [
    "age",
    "sex",
    "ms_course",
    "edss",
    "disease_duration",
    "relapse",
    "mri_activity",
    "progression",
    "treatment_failure",
    "prior_treatment",
    "cell_or_gene_therapy",
    "transplant",
    "infection",
    "lab",
    "malignancy",
    "pregnancy",
    "pml",
    "antibody",
];

/// How strictly facts are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// By meaning alone.
    Values,
    /// Certainty and cohort must agree too.
    Everything,
}

/// What became of the facts of one kind.
#[derive(Debug, Default, Clone, Copy, PartialEq)]
pub(crate) struct Count {
    pub(crate) gold: f64,
    pub(crate) read: f64,
    pub(crate) hits: f64,
}

impl Count {
    /// The share of what was read that is right; 1 where nothing was read.
    pub(crate) fn precision(&self) -> f64 {
        if self.read == 0.0 {
            1.0
        } else {
            self.hits / self.read
        }
    }

    /// The share of what there is that was read; 1 where there is nothing.
    pub(crate) fn recall(&self) -> f64 {
        if self.gold == 0.0 {
            1.0
        } else {
            self.hits / self.gold
        }
    }

    fn add(&mut self, other: Self) {
        self.gold += other.gold;
        self.read += other.read;
        self.hits += other.hits;
    }
}

/// A pair that is no full match, or a fact without a partner.
#[derive(Debug)]
pub(crate) struct Miss {
    pub(crate) study: String,
    pub(crate) gold: Option<Value>,
    pub(crate) read: Option<Value>,
}

impl Miss {
    /// Says whether something was read, called exact, and is not right.
    pub(crate) fn is_wrong_and_exact(&self) -> bool {
        self.read
            .as_ref()
            .is_some_and(|fact| fact["certainty"] == "exact")
    }
}

/// The outcome over all studies.
#[derive(Debug, Default)]
pub(crate) struct Score {
    pub(crate) kinds: BTreeMap<String, Count>,
    pub(crate) misses: Vec<Miss>,
}

impl Score {
    /// Counts the facts of one study.
    pub(crate) fn add(&mut self, study: &str, gold: &[Value], read: &[Value], mode: Mode) {
        let kinds: BTreeSet<&str> = gold.iter().chain(read).map(kind).collect();
        for name in kinds {
            let of_kind = |facts: &'_ [Value]| -> Vec<Value> {
                let own = facts.iter().filter(|fact| kind(fact) == name);
                own.cloned().collect()
            };
            self.add_kind(study, name, &of_kind(gold), &of_kind(read), mode);
        }
    }

    fn add_kind(&mut self, study: &str, name: &str, gold: &[Value], read: &[Value], mode: Mode) {
        let table: Vec<Vec<f64>> = gold
            .iter()
            .map(|left| read.iter().map(|right| points(left, right, mode)).collect())
            .collect();
        let partners = assign(&table, read.len());
        let mut count = Count::default();
        let mut miss = |gold: Option<&Value>, read: Option<&Value>| {
            self.misses.push(Miss {
                study: study.to_owned(),
                gold: gold.cloned(),
                read: read.cloned(),
            });
        };
        let mut is_paired = vec![false; gold.len()];
        for (column, fact) in read.iter().enumerate() {
            count.read += 1.0;
            let partner = partners[column].filter(|row| table[*row][column] > 0.0);
            let worth = partner.map_or(0.0, |row| table[row][column]);
            count.hits += worth;
            if let Some(row) = partner {
                is_paired[row] = true;
            }
            if worth < 1.0 {
                miss(partner.map(|row| &gold[row]), Some(fact));
            }
        }
        for (fact, is_paired) in gold.iter().zip(is_paired) {
            count.gold += 1.0;
            if !is_paired {
                miss(Some(fact), None);
            }
        }
        self.kinds.entry(name.to_owned()).or_default().add(count);
    }

    /// Adds up the kinds that a condition keeps.
    pub(crate) fn total(&self, keeps: impl Fn(&str) -> bool) -> Count {
        let mut total = Count::default();
        for (_, count) in self.kinds.iter().filter(|(kind, _)| keeps(kind)) {
            total.add(*count);
        }
        total
    }

    /// Writes a table of all kinds, and what was missed.
    pub(crate) fn report(&self) -> String {
        let mut out = format!(
            "{:<22}{:>6}{:>6}{:>8}{:>8}\n",
            "kind", "gold", "read", "P", "R"
        );
        let mut row = |name: &str, count: Count| {
            let (gold, read) = (count.gold, count.read);
            let (precision, recall) = (count.precision(), count.recall());
            let _ = writeln!(
                out,
                "{name:<22}{gold:>6}{read:>6}{precision:>8.3}{recall:>8.3}"
            );
        };
        for (kind, count) in &self.kinds {
            row(kind, *count);
        }
        row("core", self.total(|kind| CORE.contains(&kind)));
        row("all", self.total(|_| true));
        for miss in &self.misses {
            let _ = writeln!(out, "{}", miss.study);
            for (what, fact) in [("expected", &miss.gold), ("read", &miss.read)] {
                if let Some(fact) = fact {
                    let _ = writeln!(out, "  {what:<9} {fact}");
                }
            }
        }
        out
    }
}

fn kind(fact: &Value) -> &str {
    fact["kind"].as_str().unwrap_or_default()
}

/// Value keys that decide, by kind; a kind that is not here has a window in months, or nothing.
fn keys(kind: &str) -> &'static [&'static str] {
    match kind {
        "age" | "edss" => &["min", "max"],
        "sex" => &["value"],
        "ms_course" => &["activity"],
        "disease_duration" => &["min_years", "max_years"],
        "relapse" => &["min_count", "window_months"],
        "mri_activity" => &["lesion", "window_months"],
        "treatment_failure" => &["min_count"],
        "prior_treatment" | "cell_or_gene_therapy" => &["window_days"],
        "lab" => &["analyte", "op", "value", "unit"],
        "cardiac" => &["lvef_min", "nyha_min", "window_months"],
        "malignancy" => &["window_years"],
        "contraception" => &["months", "sex"],
        "vaccination" => &["live", "window_days"],
        "csf" => &["oligoclonal_bands", "igg_index"],
        _ => &["window_months"],
    }
}

/// The key that holds a set, by kind.
fn set_key(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "ms_course" => "any_of",
        "treatment_failure" => "classes",
        "prior_treatment" => "treatments",
        "transplant" => "types",
        "infection" | "antibody" => "agents",
        "cardiac" => "event",
        _ => return None,
    })
}

fn points(gold: &Value, read: &Value, mode: Mode) -> f64 {
    let name = kind(gold);
    let extra: &[&str] = match mode {
        Mode::Values => &["polarity"],
        Mode::Everything => &["polarity", "certainty", "applies_to"],
    };
    let agrees = |key: &&str| same(key, &gold[*key], &read[*key]);
    if kind(read) != name || !extra.iter().chain(keys(name)).all(agrees) {
        return 0.0;
    }
    let Some(key) = set_key(name) else { return 1.0 };
    let (left, right) = (set(&gold[key]), set(&read[key]));
    let (shared, all) = (
        left.intersection(&right).count(),
        left.union(&right).count(),
    );
    if shared == all {
        1.0
    } else if shared * 2 >= all {
        0.5
    } else {
        0.0
    }
}

fn same(key: &str, left: &Value, right: &Value) -> bool {
    let number = |value: &Value| match value {
        Value::Null if key == "min_count" => Some(1.0),
        other => other.as_f64(),
    };
    match (number(left), number(right)) {
        (Some(left), Some(right)) => (left - right).abs() <= 1e-6,
        (None, None) => match (left.as_str(), right.as_str()) {
            (Some(left), Some(right)) => word(left) == word(right),
            _ => left == right,
        },
        _ => false,
    }
}

fn set(value: &Value) -> BTreeSet<String> {
    match value {
        Value::Array(list) => list.iter().filter_map(Value::as_str).map(word).collect(),
        Value::String(one) => BTreeSet::from([word(one)]),
        _ => BTreeSet::new(),
    }
}

fn word(text: &str) -> String {
    text.trim().to_lowercase().replace([' ', '-'], "_")
}

/// Pairs rows and columns so that the sum of the table is highest (Kuhn 1955, with potentials);
/// returns the row of each column.
fn assign(table: &[Vec<f64>], columns: usize) -> Vec<Option<usize>> {
    let size = table.len().max(columns);
    let cost = |row: usize, column: usize| {
        let cell = table.get(row).and_then(|row| row.get(column));
        -cell.copied().unwrap_or_default()
    };
    let (mut of_row, mut of_column) = (vec![0.0; size + 1], vec![0.0; size + 1]);
    // Column 0 is a start that stands for no column; rows count from 1.
    let mut row_at = vec![0; size + 1];
    for row in 1..=size {
        let mut from = vec![0; size + 1];
        let mut least = vec![f64::INFINITY; size + 1];
        let mut is_used = vec![false; size + 1];
        row_at[0] = row;
        let mut column = 0;
        while row_at[column] != 0 {
            is_used[column] = true;
            let here = row_at[column];
            let (mut step, mut next) = (f64::INFINITY, 0);
            for other in (1..=size).filter(|other| !is_used[*other]) {
                let reduced = cost(here - 1, other - 1) - of_row[here] - of_column[other];
                if reduced < least[other] {
                    (least[other], from[other]) = (reduced, column);
                }
                if least[other] < step {
                    (step, next) = (least[other], other);
                }
            }
            for other in 0..=size {
                if is_used[other] {
                    of_row[row_at[other]] += step;
                    of_column[other] -= step;
                } else {
                    least[other] -= step;
                }
            }
            column = next;
        }
        while column != 0 {
            row_at[column] = row_at[from[column]];
            column = from[column];
        }
    }
    let real = |row: usize| row.checked_sub(1).filter(|row| *row < table.len());
    row_at[1..=columns].iter().map(|row| real(*row)).collect()
}

mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn sets_that_overlap_by_half_are_half_a_match() {
        let fact = |names: &[&str]| json!({"kind": "prior_treatment", "polarity": "exclude", "treatments": names, "window_days": 30});
        let gold = fact(&["a", "b"]);
        for (names, worth) in [
            (&["b", "a"][..], 1.0),
            (&["a"], 0.5),
            (&["a", "c", "d"], 0.0),
        ] {
            let given = points(&gold, &fact(names), Mode::Values);
            assert!((given - worth).abs() < 1e-9, "{names:?}");
        }
    }

    #[test]
    fn absent_keys_are_null_and_a_count_of_null_is_one() {
        let gold = json!({"kind": "relapse", "polarity": "exclude", "window_months": 2});
        let read =
            json!({"kind": "relapse", "polarity": "exclude", "min_count": 1, "window_months": 2.0});
        assert!((points(&gold, &read, Mode::Values) - 1.0).abs() < 1e-9);
        let other =
            json!({"kind": "relapse", "polarity": "exclude", "min_count": 2, "window_months": 2});
        assert!((points(&gold, &other, Mode::Values) - 0.0).abs() < 1e-9);
    }

    #[test]
    fn certainty_and_cohort_count_where_everything_does() {
        let gold = json!({"kind": "pml", "polarity": "exclude", "certainty": "exact"});
        let read = json!({"kind": "pml", "polarity": "exclude", "certainty": "approximate"});
        assert!((points(&gold, &read, Mode::Values) - 1.0).abs() < 1e-9);
        assert!((points(&gold, &read, Mode::Everything) - 0.0).abs() < 1e-9);
    }

    #[test]
    fn facts_are_paired_for_the_most_points() {
        let fact = |names: &[&str]| json!({"kind": "infection", "polarity": "exclude", "agents": names, "certainty": "exact"});
        let mut score = Score::default();
        let gold = [fact(&["hiv", "hbv"]), fact(&["hiv"])];
        let read = [fact(&["hiv"]), fact(&["hiv", "hbv"]), fact(&["tb"])];
        score.add("S", &gold, &read, Mode::Values);
        let count = score.kinds["infection"];
        assert_eq!((count.gold, count.read, count.hits), (2.0, 3.0, 2.0));
        assert_eq!(score.misses.len(), 1);
        assert!(score.misses[0].is_wrong_and_exact());
    }
}
