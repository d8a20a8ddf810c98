//! Writing what came into the store, with what changed.

use std::collections::{BTreeMap, BTreeSet};

use super::receive::{Got, Page, read};
use super::standing::Standing;
use crate::app::AppError;
use crate::classify::Classified;
use crate::history;
use crate::registry::Problem;
use crate::store::{Cause, Change, Put, Store, Writer};
use crate::study::{NctNumber, PartialDate};
use crate::terminology::Terminology;

/// Most problems that are held: a file of nothing else must not fill the memory.
const MOST_PROBLEMS: usize = 10_000;

/// What came, and what became of what did not.
#[derive(Debug, Default)]
pub(super) struct News {
    /// One record a study, the newest.
    pub(super) got: BTreeMap<NctNumber, Got>,
    pub(super) gone: Vec<NctNumber>,
    /// Old number, new number.
    pub(super) merged: Vec<(NctNumber, NctNumber)>,
    pub(super) problems: Vec<Problem>,
    /// Records that could not be read, also those that are not among the problems any more.
    pub(super) unread: usize,
    /// How well the records stand against those that are held.
    pub(super) standing: Standing,
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
    /// Records passed over for newer or fuller ones that the store holds.
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
            news.take(page);
        }
        news
    }

    /// Takes a page in. Of several copies of a study one is held, and of what is wrong so much as can be told.
    pub(super) fn take(&mut self, page: Page) {
        self.unread += page.problems.iter().filter(|one| one.skipped).count();
        let room = MOST_PROBLEMS.saturating_sub(self.problems.len());
        self.problems.extend(page.problems.into_iter().take(room));
        for one in page.got {
            let there = self.got.get(&one.number);
            if there.is_none_or(|there| there.updated <= one.updated) {
                self.got.insert(one.number, one);
            }
        }
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
            self.take(one, &news.standing, &mut tally)?;
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

    fn take(&self, got: &Got, standing: &Standing, tally: &mut Tally) -> Result<(), AppError> {
        let updated = got.updated.map(|day| day.to_string());
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
        let old = self.store.record(current.version)?;
        if !standing.is_passed(got, &current, &old) {
            tally.older += 1;
            return Ok(());
        }
        let new = self.unpacked(&got.packed);
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
        tally.unread = news.unread;
        for problem in news.problems.iter().filter(|problem| problem.skipped) {
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
