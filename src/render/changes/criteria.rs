//! Rules that came, went, or were reworded.

use super::words::{LONGEST, apart};
use crate::store::{ChangeKind, Logged};
use crate::text;

/// How like two lines are, of 1, from which one is the other reworded.
const ALIKE: f64 = 0.6;

/// Most pairs of lines that are put side by side: a record of nothing but lines must not keep a page waiting.
const MOST_PAIRS: usize = 2_500;

/// A rule as it stands in the log: its part, and its words.
#[derive(Clone, Copy)]
struct Rule<'a> {
    part: &'a str,
    words: &'a str,
    run: i64,
}

impl<'a> Rule<'a> {
    fn of(row: &'a Logged) -> Self {
        let field = &row.change.field;
        let (part, words) = field.split_once(": ").unwrap_or(("", field));
        Self {
            part,
            words,
            run: row.run,
        }
    }

    /// Of which part it is, as people call it.
    fn kind(self) -> &'static str {
        match self.part {
            "inclusion" => "who may join",
            "exclusion" => "who may not",
            _ => "about joining",
        }
    }
}

/// Tells rules: the reworded ones with both texts, then what is new, then what is gone.
pub(super) fn told(rows: &[&Logged]) -> Vec<String> {
    let of = |kind| -> Vec<Rule<'_>> {
        let rows = rows.iter().filter(|row| row.change.kind == kind);
        rows.map(|row| Rule::of(row)).collect()
    };
    let mut gone = of(ChangeKind::CriterionRemoved);
    let mut new = of(ChangeKind::CriterionAdded);
    let mut out = Vec::new();
    for (before, after) in reworded(&mut gone, &mut new) {
        let [old, now] = apart(before.words, after.words);
        out.push(format!(
            "rule reworded ({}): “{old}” → “{now}”",
            after.kind()
        ));
    }
    for (rules, what) in [(&new, "new rule"), (&gone, "rule gone")] {
        let told = rules.iter().map(|rule| {
            let words = text::shorten(&text::one_line(rule.words), LONGEST);
            format!("{what} ({}): “{words}”", rule.kind())
        });
        out.extend(told);
    }
    out
}

/// Takes out of both lists the pairs of which one is the other reworded, the likest first. Only lines of one part and
/// of one run are: what rules out is never told as a rewording of what is asked for.
fn reworded<'a>(gone: &mut Vec<Rule<'a>>, new: &mut Vec<Rule<'a>>) -> Vec<(Rule<'a>, Rule<'a>)> {
    if gone.len().saturating_mul(new.len()) > MOST_PAIRS {
        return Vec::new();
    }
    let mut pairs: Vec<(f64, usize, usize)> = Vec::new();
    for (at, old) in gone.iter().enumerate() {
        for (to, now) in new.iter().enumerate() {
            if (old.part, old.run) == (now.part, now.run) && may_be_alike(old, now) {
                let alike = strsim::sorensen_dice(old.words, now.words);
                pairs.push((alike, at, to));
            }
        }
    }
    pairs.retain(|(alike, ..)| *alike >= ALIKE);
    // A stable sort: of two that are as like the first ones are taken.
    pairs.sort_by(|one, other| other.0.total_cmp(&one.0));
    let (mut from, mut into) = (vec![None; gone.len()], vec![false; new.len()]);
    for (_, at, to) in pairs {
        if let (Some(old @ None), Some(now @ false)) = (from.get_mut(at), into.get_mut(to)) {
            (*old, *now) = (Some(to), true);
        }
    }
    let found = gone.iter().zip(&from);
    let found = found.filter_map(|(old, to)| Some((*old, *new.get((*to)?)?)));
    let found: Vec<_> = found.collect();
    let mut taken = from.iter();
    gone.retain(|_| taken.next().is_some_and(Option::is_none));
    let mut taken = into.iter();
    new.retain(|_| taken.next().is_some_and(|taken| !taken));
    found
}

/// Says whether the lengths allow what is asked for: most pairs need no closer look.
fn may_be_alike(old: &Rule<'_>, now: &Rule<'_>) -> bool {
    let (old, now) = (old.words.len(), now.words.len());
    old.min(now) * 3 >= old.max(now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Cause, Change};

    fn row(kind: ChangeKind, field: &str, run: i64) -> Logged {
        Logged {
            run,
            detected_at: "2026-08-26T00:00:00Z".into(),
            number: "NCT00000001".parse().unwrap(),
            updated: None,
            change: Change {
                kind,
                field: field.into(),
                before: String::new(),
                after: String::new(),
                cause: Cause::Registry,
            },
        }
    }

    fn of(rows: &[Logged]) -> Vec<String> {
        told(&rows.iter().collect::<Vec<_>>())
    }

    #[test]
    fn a_line_that_is_nearly_the_same_is_reworded() {
        use ChangeKind::{CriterionAdded as Added, CriterionRemoved as Removed};
        let rows = [
            row(Removed, "inclusion: EDSS of 3.0 to 6.5 at screening", 2),
            row(Removed, "inclusion: Age 18 to 60", 2),
            row(Added, "inclusion: EDSS of 3.0 to 4.0 at screening", 2),
            row(Added, "exclusion: Active hepatitis B", 2),
        ];
        assert_eq!(
            of(&rows),
            [
                "rule reworded (who may join): “EDSS of 3.0 to 6.5 at screening” → “EDSS of 3.0 to 4.0 at screening”",
                "new rule (who may not): “Active hepatitis B”",
                "rule gone (who may join): “Age 18 to 60”",
            ]
        );
    }

    #[test]
    fn a_rule_that_changes_sides_or_runs_is_two() {
        use ChangeKind::{CriterionAdded as Added, CriterionRemoved as Removed};
        let words = "Relapse within 12 months";
        let sides = [
            row(Removed, &format!("inclusion: {words}"), 2),
            row(Added, &format!("exclusion: {words}"), 2),
        ];
        let runs = [
            row(Removed, &format!("inclusion: {words}"), 2),
            row(Added, &format!("inclusion: {words}"), 3),
        ];
        for rows in [sides, runs] {
            assert_eq!(of(&rows).len(), 2);
        }
    }

    #[test]
    fn each_line_is_of_one_pair_and_the_likest_is_taken() {
        use ChangeKind::{CriterionAdded as Added, CriterionRemoved as Removed};
        let rows = [
            row(Removed, "inclusion: EDSS of 3.0 to 6.5", 2),
            row(Added, "inclusion: EDSS score of 2.0 to 6.5 now", 2),
            row(Added, "inclusion: EDSS of 3.0 to 6.0", 2),
        ];
        let told = of(&rows);
        assert!(told[0].ends_with("→ “EDSS of 3.0 to 6.0”"), "{told:?}");
        assert_eq!(told.len(), 2);
    }
}
