//! Takes studies as they come, keeps those that fit, and counts where the others were lost.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Filters, Step};
use crate::classify::{Classified, classify};
use crate::criteria::Wanted;
use crate::registry::{Decoded, Problem};
use crate::study::{NctNumber, PartialDate};
use crate::terminology::Terminology;

/// Problems that are kept: a file of nothing else must not fill the memory.
const MOST_PROBLEMS: usize = 1000;

/// A step of the funnel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FunnelStep {
    /// The filter.
    pub step: &'static str,
    /// Studies left behind it.
    pub remaining: usize,
}

/// Everything that was collected.
#[derive(Debug)]
pub struct Collected {
    /// The studies that fit, in the asked order; shared with whoever holds them for the next search.
    pub studies: Vec<Arc<Classified>>,
    /// How many studies each filter left.
    pub funnel: Vec<FunnelStep>,
    /// If no study fits: the fewest filters to drop so that one does, the one that left none among them.
    pub way_out: Vec<&'static str>,
    /// Records and values that could not be used, the first of them.
    pub problems: Vec<Problem>,
    /// How many more there were.
    pub problems_left_out: usize,
    /// How many records could not be used in all.
    pub skipped: usize,
    /// Numbers of every study that was retrieved, before filters, with those that it had before; sorted.
    pub retrieved: Vec<NctNumber>,
    /// Copies of studies that were passed over for newer ones.
    pub older_copies: usize,
    /// The newest day on which the registry processed a record.
    pub data_date: Option<PartialDate>,
}

/// Takes studies in any number; memory grows only with those that fit.
#[derive(Debug)]
pub struct Collector<'a> {
    filters: &'a Filters,
    terms: &'a Terminology,
    is_read: bool,
    steps: Vec<Step>,
    seen: HashMap<NctNumber, Seen>,
    kept: HashMap<NctNumber, Arc<Classified>>,
    aliases: Vec<NctNumber>,
    problems: Vec<Problem>,
    problems_left_out: usize,
    skipped: usize,
    older_copies: usize,
    data_date: Option<PartialDate>,
}

/// What is remembered of a study: how new its copy is, and which filters it fails, a bit for each step.
#[derive(Debug, Clone, Copy)]
struct Seen {
    updated: Option<PartialDate>,
    failed: u32,
}

impl Seen {
    /// Says how many filters it passes before it fails one.
    fn passed(self) -> usize {
        self.failed.trailing_zeros() as usize
    }
}

impl<'a> Collector<'a> {
    /// Begins with nothing.
    pub fn new(filters: &'a Filters, terms: &'a Terminology) -> Self {
        Self {
            filters,
            terms,
            is_read: false,
            steps: filters.steps(),
            seen: HashMap::new(),
            kept: HashMap::new(),
            aliases: Vec::new(),
            problems: Vec::new(),
            problems_left_out: 0,
            skipped: 0,
            older_copies: 0,
            data_date: None,
        }
    }

    /// Begins with nothing, for studies whose criteria were read before: they are not read again.
    pub fn of_read(filters: &'a Filters, terms: &'a Terminology) -> Self {
        Self {
            is_read: true,
            ..Self::new(filters, terms)
        }
    }

    /// Takes what a part of a source held.
    pub fn take(&mut self, decoded: Decoded) {
        self.note(decoded.problems);
        for study in decoded.studies {
            self.take_classified(classify(study, self.terms));
        }
    }

    /// Takes parts of a source in their order; they are decoded and classified on every core.
    pub fn take_all<P: Sync>(&mut self, parts: &[P], decode: impl Fn(&P) -> Decoded + Sync) {
        let terms = self.terms;
        let classified = |part: &P| {
            let decoded = decode(part);
            let studies = decoded.studies.into_iter();
            let studies = studies.map(|study| classify(study, terms));
            (decoded.problems, studies.collect::<Vec<_>>())
        };
        for (problems, studies) in on_every_core(parts, classified) {
            self.note(problems);
            for one in studies {
                self.take_classified(one);
            }
        }
    }

    fn note(&mut self, problems: Vec<Problem>) {
        self.skipped += problems.iter().filter(|problem| problem.skipped).count();
        let room = MOST_PROBLEMS.saturating_sub(self.problems.len());
        self.problems_left_out += problems.len().saturating_sub(room);
        self.problems.extend(problems.into_iter().take(room));
    }

    /// Takes a study; of two copies the one updated later stays, of equals the later one.
    pub fn take_classified(&mut self, mut one: Classified) {
        // Courses stand in the criteria; other filters do without reading them.
        if !self.is_read && !self.filters.courses.is_empty() && one.ms.relevance.is_about_ms() {
            one.read_criteria(self.terms, Wanted::CoursesAndEdss);
        }
        self.take_shared(Arc::new(one));
    }

    /// The same for a study whose criteria were read, if a filter needs them.
    pub fn take_shared(&mut self, one: Arc<Classified>) {
        let (number, updated) = (one.study.nct_number, one.study.status.last_update_posted);
        self.data_date = self.data_date.max(one.study.data_date);
        self.aliases.extend(&one.study.aliases);
        if let Some(seen) = self.seen.get(&number) {
            self.older_copies += 1;
            if seen.updated > updated {
                return;
            }
        }
        let failed = self.failed(&one);
        self.seen.insert(number, Seen { updated, failed });
        if failed == 0 {
            self.kept.insert(number, one);
        } else {
            self.kept.remove(&number);
        }
    }

    /// Counts a study that is known to fail a filter, without looking at it. It does not stand in
    /// [`Collected::retrieved`] under numbers that it had before, and of the filters behind the one
    /// that it fails nothing is known: see [`Collected::way_out`].
    pub fn take_failed(&mut self, number: NctNumber, updated: Option<PartialDate>, step: &str) {
        let at = self.steps.iter().position(|(name, _)| *name == step);
        let failed = 1 << at.unwrap_or_default();
        self.seen.insert(number, Seen { updated, failed });
    }

    /// Returns the steps that a study fails, the first as the lowest bit.
    fn failed(&self, one: &Classified) -> u32 {
        let steps = self.steps.iter().enumerate();
        let failed = steps.filter(|(_, (_, fits))| !fits(self.filters, self.terms, one));
        failed.fold(0, |bits, (at, _)| bits | 1 << at)
    }

    /// Returns the fewest steps that keep a study out which came as far as any did.
    fn way_out(&self) -> Vec<&'static str> {
        let furthest = self.seen.values().map(|seen| seen.passed()).max();
        let came_furthest = |seen: &&Seen| Some(seen.passed()) == furthest;
        let nearest = self.seen.values().filter(came_furthest);
        let nearest = nearest.map(|seen| (seen.failed.count_ones(), seen.failed));
        let bits = nearest.min().map_or(0, |(_, bits)| bits);
        let steps = self.steps.iter().enumerate();
        let dropped = steps.filter(|(at, _)| bits & 1 << at != 0);
        dropped.map(|(_, (step, _))| *step).collect()
    }

    /// Sorts, limits and counts.
    pub fn finish(self) -> Collected {
        let mut funnel = vec![FunnelStep {
            step: "retrieved",
            remaining: self.seen.len(),
        }];
        for (at, (step, _)) in self.steps.iter().enumerate() {
            let remaining = self.seen.values().filter(|seen| seen.passed() > at);
            let remaining = remaining.count();
            funnel.push(FunnelStep { step, remaining });
        }
        let way_out = if self.kept.is_empty() {
            self.way_out()
        } else {
            Vec::new()
        };
        let mut studies: Vec<Arc<Classified>> = self.kept.into_values().collect();
        studies.sort_by(|a, b| self.filters.sort.compare(self.filters, a, b));
        if let Some(limit) = self.filters.limit {
            studies.truncate(limit);
            funnel.push(FunnelStep {
                step: "limit",
                remaining: studies.len(),
            });
        }
        if !self.is_read {
            read_criteria(&mut studies, self.terms, self.filters.wanted);
        }
        // The registry merges records: a study that is found under a new number is not lost.
        let mut retrieved: Vec<NctNumber> = self.seen.into_keys().chain(self.aliases).collect();
        retrieved.sort_unstable();
        Collected {
            studies,
            funnel,
            way_out,
            problems: self.problems,
            problems_left_out: self.problems_left_out,
            skipped: self.skipped,
            retrieved,
            older_copies: self.older_copies,
            data_date: self.data_date,
        }
    }
}

/// Works on each of several items, and keeps their order.
fn on_every_core<I: Sync, O: Send>(items: &[I], work: impl Fn(&I) -> O + Sync) -> Vec<O> {
    let share = items.len().div_ceil(cores()).max(1);
    let work = &work;
    std::thread::scope(|scope| {
        let shares = items.chunks(share);
        let threads: Vec<_> = shares
            .map(|share| scope.spawn(move || share.iter().map(work).collect::<Vec<O>>()))
            .collect();
        let done = threads.into_iter().flat_map(|thread| {
            thread
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        });
        done.collect()
    })
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// Reads the criteria on every core: the rules are compiled while they are first used, which takes
/// longer than the reading itself.
fn read_criteria(studies: &mut [Arc<Classified>], terms: &Terminology, wanted: Wanted) {
    let share = studies.len().div_ceil(cores()).max(1);
    std::thread::scope(|scope| {
        for share in studies.chunks_mut(share) {
            scope.spawn(move || {
                for one in share {
                    // Nobody else has them yet, so none is copied.
                    Arc::make_mut(one).read_criteria(terms, wanted);
                }
            });
        }
    });
}
