//! What changes mean to those who watch.

use std::collections::BTreeMap;

use super::{App, AppError};
use crate::classify::{Classified, classify};
use crate::criteria::Wanted;
use crate::registry::decode;
use crate::store::{ChangeKind, Logged, Since, Store};
use crate::study::NctNumber;
use crate::watch::{News, Rules, Versions, Watcher};

impl App {
    /// Tells what the changes of the log mean to each rule: a study as it was before its first
    /// change is put beside what it was after its last.
    pub(super) fn watched(
        &self,
        store: &Store,
        rows: &[Logged],
        since: &Since,
        rules: &Rules,
    ) -> Result<Vec<News>, AppError> {
        let mut watcher = Watcher::new(rules, self.terms(), self.settings().today);
        let mut seen: BTreeMap<NctNumber, Vec<&Logged>> = BTreeMap::new();
        let mut order = Vec::new();
        for row in rows {
            let of_study = seen.entry(row.number).or_default();
            if of_study.is_empty() {
                order.push(row.number);
            }
            of_study.push(row);
        }
        let last = match since {
            Since::Run(run) => *run,
            Since::AfterRun(_) | Since::Day(_) => i64::MAX,
        };
        for number in order {
            let of_study = seen.remove(&number).unwrap_or_default();
            let first = of_study.first().map_or(0, |row| row.run);
            let mut lives = of_study.iter().filter_map(|row| lives(row));
            let was_there = lives.clone().next() != Some(true);
            let is_there = lives.next_back() != Some(false);
            let (old, new) = (
                store.version_at(number, first - 1)?,
                store.version_at(number, last)?,
            );
            let before = self.whole(store, old.filter(|_| was_there))?;
            let after = self.whole(store, new.filter(|_| is_there))?;
            watcher.take(Versions {
                number,
                is_new: !was_there,
                before: before.as_ref(),
                after: after.as_ref(),
            });
        }
        Ok(watcher.finish())
    }

    /// Classifies the record of a version and reads its criteria whole.
    fn whole(&self, store: &Store, version: Option<i64>) -> Result<Option<Classified>, AppError> {
        let Some(version) = version else {
            return Ok(None);
        };
        let decoded = decode::any(&store.record(version)?).unwrap_or_default();
        let study = decoded.studies.into_iter().next();
        Ok(study.map(|study| {
            let mut one = classify(study, self.terms());
            one.read_criteria(self.terms(), Wanted::All);
            one
        }))
    }
}

/// Whether a study is there after a change; `None` where the change does not decide it.
fn lives(row: &Logged) -> Option<bool> {
    match row.change.kind {
        ChangeKind::Added => Some(true),
        ChangeKind::Removed => Some(false),
        // Merged into another.
        ChangeKind::Changed if row.change.field == "nct_id" => Some(false),
        _ => None,
    }
}
