//! Writing what came into the store, with what changed.

use std::collections::{BTreeMap, BTreeSet};

use super::receive::{Got, Page, read};
use crate::app::AppError;
use crate::classify::Classified;
use crate::history;
use crate::registry::Problem;
use crate::store::{Cause, Change, Put, Store, Writer};
use crate::study::{NctNumber, PartialDate};
use crate::terminology::Terminology;

/// What came, and what became of what did not.
#[derive(Debug, Default)]
pub(super) struct News {
    /// One record a study, the newest.
    pub(super) got: BTreeMap<NctNumber, Got>,
    pub(super) gone: Vec<NctNumber>,
    /// Old number, new number.
    pub(super) merged: Vec<(NctNumber, NctNumber)>,
    pub(super) problems: Vec<Problem>,
    /// A record does not replace one that was updated later.
    pub(super) keep_newer: bool,
}

/// What was written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Studies that came.
    pub came: usize,
    /// New studies.
    pub added: usize,
    /// Studies whose record says something else.
    pub changed: usize,
    /// Studies that the registry no longer has.
    pub removed: usize,
    /// Studies that were merged into others.
    pub merged: usize,
    /// Studies that only this program classifies otherwise.
    pub relabelled: usize,
    /// Records passed over for newer ones that the store holds.
    pub older: usize,
    /// Records that could not be read.
    pub unread: usize,
    /// Rows of the change log.
    pub changes: usize,
}

impl Tally {
    /// Returns each count with its name; those of nothing too.
    pub fn counts(&self) -> [(&'static str, usize); 9] {
        [
            ("came", self.came),
            ("added", self.added),
            ("changed", self.changed),
            ("removed", self.removed),
            ("merged", self.merged),
            ("reclassified", self.relabelled),
            ("older", self.older),
            ("unread", self.unread),
            ("changes", self.changes),
        ]
    }
}

impl News {
    pub(super) fn of(pages: Vec<Page>) -> Self {
        let mut news = Self::default();
        for page in pages {
            news.problems.extend(page.problems);
            for one in page.got {
                let newer = news
                    .got
                    .get(&one.number)
                    .is_none_or(|there| there.updated <= one.updated);
                if newer {
                    news.got.insert(one.number, one);
                }
            }
        }
        news
    }

    /// Returns how many bytes the records take, packed.
    pub(super) fn bytes(&self) -> u64 {
        self.got.values().map(|one| one.packed.len() as u64).sum()
    }

    /// Returns the newest day that the records tell: when the registry processed one of them, or
    /// at least posted it.
    pub(super) fn data_date(&self) -> Option<String> {
        let day = |date: fn(&Got) -> Option<PartialDate>| self.got.values().filter_map(date).max();
        let day = day(|one| one.data_date).or_else(|| day(|one| one.updated));
        day.map(|day| day.to_string())
    }
}

/// The store that takes the news.
pub(super) struct Apply<'a> {
    pub(super) store: &'a Store,
    pub(super) writer: &'a Writer<'a>,
    pub(super) terms: &'a Terminology,
    /// Nothing is news to an empty store.
    pub(super) is_first: bool,
}

impl Apply<'_> {
    /// Writes everything; `relabel`: classifies also what did not come.
    pub(super) fn news(&self, news: &News, relabel: bool) -> Result<Tally, AppError> {
        let mut tally = Tally {
            came: news.got.len(),
            ..Tally::default()
        };
        for (old, new) in &news.merged {
            self.merge(*old, *new, &mut tally)?;
        }
        for one in news.got.values() {
            self.take(one, news.keep_newer, &mut tally)?;
        }
        for one in news.got.values() {
            for alias in one
                .aliases
                .iter()
                .filter(|alias| !news.got.contains_key(alias))
            {
                if self.writer.current(*alias)?.is_some() {
                    self.merge(*alias, one.number, &mut tally)?;
                } else {
                    self.writer.alias(*alias, one.number)?;
                }
            }
        }
        for gone in &news.gone {
            self.bury(*gone, &mut tally)?;
        }
        self.note_unread(news, &mut tally)?;
        if relabel {
            self.relabel(news, &mut tally)?;
        }
        Ok(tally)
    }

    fn take(&self, got: &Got, keep_newer: bool, tally: &mut Tally) -> Result<(), AppError> {
        let updated = got.updated.map(|day| day.to_string());
        let data_date = got.data_date.map(|day| day.to_string());
        let Some(current) = self.writer.current(got.number)? else {
            self.put(got)?;
            tally.added += 1;
            let one = self.unpacked(&got.packed);
            let change = one.as_ref().map(history::added);
            return self.log(got.number, updated.as_deref(), change.as_slice(), tally);
        };
        if current.hash == got.hash {
            if current.labels != got.labels {
                let changes = history::relabelled(&current.labels, &got.labels, Cause::Program);
                self.writer.relabel(got.number, &got.labels)?;
                tally.relabelled += 1;
                return self.log(got.number, updated.as_deref(), &changes, tally);
            }
            return Ok(());
        }
        let is_older = updated < current.updated
            || (updated == current.updated && data_date.is_some() && data_date < current.data_date);
        if keep_newer && is_older {
            tally.older += 1;
            return Ok(());
        }
        let (old, new) = (
            self.store.record(current.version)?,
            self.unpacked(&got.packed),
        );
        self.put(got)?;
        tally.changed += 1;
        let mut changes = Vec::new();
        if let (Some(old), Some(new)) = (read(&old, self.terms), new) {
            // What other tables would have said of the old record is no news from the registry.
            let then = history::labels(&old);
            changes = history::relabelled(&current.labels, &then, Cause::Program);
            changes.extend(history::differences(&old, &new));
        }
        self.log(got.number, updated.as_deref(), &changes, tally)
    }

    fn unpacked(&self, packed: &[u8]) -> Option<Classified> {
        read(&crate::store::unpack(packed)?, self.terms)
    }

    fn put(&self, got: &Got) -> Result<(), AppError> {
        self.writer.put(&Put {
            number: got.number,
            hash: &got.hash,
            packed: &got.packed,
            updated: got.updated.map(|day| day.to_string()),
            data_date: got.data_date.map(|day| day.to_string()),
            status: got.status.as_deref(),
            labels: &got.labels,
        })?;
        Ok(())
    }

    fn log(
        &self,
        number: NctNumber,
        updated: Option<&str>,
        changes: &[Change],
        tally: &mut Tally,
    ) -> Result<(), AppError> {
        if !self.is_first {
            tally.changes += changes.len();
            self.writer.log(number, updated, changes)?;
        }
        Ok(())
    }

    fn merge(&self, old: NctNumber, new: NctNumber, tally: &mut Tally) -> Result<(), AppError> {
        if let Some(current) = self.writer.current(old)? {
            tally.merged += 1;
            let change = history::merged(&old.to_string(), &new.to_string());
            self.log(old, current.updated.as_deref(), &[change], tally)?;
        }
        Ok(self.writer.alias(old, new)?)
    }

    fn bury(&self, gone: NctNumber, tally: &mut Tally) -> Result<(), AppError> {
        if let Some(current) = self.writer.current(gone)? {
            tally.removed += 1;
            let last = read(&self.store.record(current.version)?, self.terms);
            let change = last.as_ref().map(history::removed);
            self.log(gone, current.updated.as_deref(), change.as_slice(), tally)?;
        }
        Ok(self.writer.bury(gone)?)
    }

    /// Records that could not be read keep their old copy, if there is one, and are asked for again.
    fn note_unread(&self, news: &News, tally: &mut Tally) -> Result<(), AppError> {
        for problem in news.problems.iter().filter(|problem| problem.skipped) {
            tally.unread += 1;
            let number = problem.nct.as_deref().map(str::parse);
            if let Some(Ok(number)) = number
                && !news.got.contains_key(&number)
            {
                self.writer.unread(number, &problem.to_string())?;
            }
        }
        Ok(())
    }

    /// Classifies anew what did not come.
    fn relabel(&self, news: &News, tally: &mut Tally) -> Result<(), AppError> {
        let came: BTreeSet<&NctNumber> = news.got.keys().collect();
        for row in self.store.rows()? {
            if came.contains(&row.number) {
                continue;
            }
            let Some(one) = read(&self.store.record(row.version)?, self.terms) else {
                continue;
            };
            let labels = history::labels(&one);
            if let Some(current) = self.writer.current(row.number)?
                && current.labels != labels
            {
                tally.relabelled += 1;
                self.writer.relabel(row.number, &labels)?;
                let changes = history::relabelled(&current.labels, &labels, Cause::Program);
                self.log(row.number, row.updated.as_deref(), &changes, tally)?;
            }
        }
        Ok(())
    }
}
