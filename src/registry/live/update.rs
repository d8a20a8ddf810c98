//! Bringing a copy of the registry's studies up to date.
//!
//! What the recall query finds anew is not all that may have changed: a study
//! may have lost the words that it was found by, may have been merged into
//! another, or may be gone. So every study that is held already and did not
//! come is looked up by number, many at a time, and those that are not even
//! found so, one by one: only then does the registry say what became of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::NaiveDate;

use super::{Fetch, Pass, blocking, unreadable, version};
use crate::registry::decode::{self, Decoded};
use crate::registry::http::{Client, FetchError, Run};
use crate::registry::plan::{Query, RequestPlan};
use crate::study::{NctNumber, PartialDate};

/// Numbers in one request; longer addresses are refused on the way.
const BATCH: usize = 200;

/// What to do at a state of the registry's data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Nothing: these data are held already.
    Nothing,
    /// Read what was updated on this day or later.
    Since(NaiveDate),
    /// Read everything.
    Everything,
}

/// A study that is held already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tracked {
    /// Registry number.
    pub number: NctNumber,
    /// `lastUpdatePostDate` of the copy; `None` if there is no usable copy.
    pub updated: Option<PartialDate>,
}

/// What is held, and what to ask for.
#[derive(Debug)]
pub struct Held<'h> {
    /// The query that finds new studies.
    pub query: &'h Query,
    /// Studies that are held.
    pub tracked: &'h [Tracked],
    /// Most of them that may be missing before it is taken for a fault of the registry.
    pub most_missing: usize,
}

/// What was read.
#[derive(Debug)]
pub struct Updated<T> {
    /// What was done.
    pub step: Step,
    /// What the caller made of each page and each single record.
    pub pages: Vec<T>,
    /// Different studies that the query found.
    pub found: usize,
    /// Studies that the registry no longer has.
    pub gone: Vec<NctNumber>,
    /// Numbers that lead to another study now: the old one, the new one.
    pub merged: Vec<(NctNumber, NctNumber)>,
    /// Why this may not be all there is; `None` if it is all.
    pub incomplete: Option<String>,
    /// How many studies that are held did not come, if they were more than may be.
    pub too_many_missing: Option<usize>,
    /// The registry's `dataTimestamp`, as it came.
    pub data_timestamp: Option<String>,
    /// Addresses asked for, in order.
    pub requests: Vec<String>,
}

impl<T> Updated<T> {
    fn new(step: Step) -> Self {
        Self {
            step,
            pages: Vec::new(),
            found: 0,
            gone: Vec::new(),
            merged: Vec::new(),
            incomplete: None,
            too_many_missing: None,
            data_timestamp: None,
            requests: Vec::new(),
        }
    }
}

/// Reads what brings a copy up to date. `decide` is told the registry's `dataTimestamp`, and says
/// what to do; if nothing, that one request was all.
///
/// `per_page` is called for each page and each single record with its bytes, and with how many studies
/// the registry counts where it says so, on another thread.
/// It may be called for what is dropped later, when the registry's data change meanwhile.
///
/// It blocks the thread, and must not be called from asynchronous code.
///
/// # Errors
///
/// [`FetchError`] if anything could not be read.
pub fn update<T, F, D>(
    client: &Client,
    held: &Held<'_>,
    decide: D,
    per_page: F,
) -> Result<Updated<T>, FetchError>
where
    T: Send + 'static,
    F: Fn(&[u8], Decoded, Option<u64>) -> T + Send + Sync + 'static,
    D: Fn(Option<&str>) -> Step,
{
    blocking(async {
        let run = client.begin();
        let update = Update {
            run: &run,
            held,
            per_page: Arc::new(per_page),
        };
        let updated = update.all(&decide).await?;
        Ok(Updated {
            requests: run.into_sent(),
            ..updated
        })
    })
}

/// What a slim answer says of a study.
struct Slim {
    number: NctNumber,
    aliases: Vec<NctNumber>,
    updated: Option<PartialDate>,
}

struct Update<'u, 'c, F> {
    run: &'u Run<'c>,
    held: &'u Held<'u>,
    per_page: Arc<F>,
}

impl<T, F> Update<'_, '_, F>
where
    T: Send + 'static,
    F: Fn(&[u8], Decoded, Option<u64>) -> T + Send + Sync + 'static,
{
    /// Reads all, and reads it once more if the registry's data moved meanwhile.
    async fn all(&self, decide: impl Fn(Option<&str>) -> Step) -> Result<Updated<T>, FetchError> {
        let mut before = version(self.run).await?;
        for last in [false, true] {
            let step = decide(before.as_deref());
            if step == Step::Nothing {
                return Ok(Updated {
                    data_timestamp: before,
                    ..Updated::new(step)
                });
            }
            let mut updated = self.once(step).await?;
            let after = version(self.run).await?;
            if after == before || last {
                if after != before {
                    let moved = "the registry's data changed while they were read, twice in a row";
                    updated.incomplete.get_or_insert_with(|| moved.to_owned());
                }
                updated.data_timestamp = after;
                return Ok(updated);
            }
            tracing::debug!("the registry's data moved: reading all anew");
            before = after;
        }
        // Not reached: the second turn returns.
        Ok(Updated::new(Step::Nothing))
    }

    async fn once(&self, step: Step) -> Result<Updated<T>, FetchError> {
        let mut updated = Updated::new(step);
        let query = match step {
            Step::Since(day) => self.held.query.updated_since(day),
            _ => self.held.query.clone(),
        };
        let mut came = BTreeSet::new();
        self.read(&query, &mut updated, &mut came).await?;
        updated.found = came.len();
        let others = self.held.tracked.iter();
        let others: Vec<&Tracked> = others.filter(|one| !came.contains(&one.number)).collect();
        let (stale, missing) = self.look_up(&others, &mut updated, &came).await?;
        for numbers in stale.chunks(BATCH) {
            self.read(&Query::numbers(numbers), &mut updated, &mut came)
                .await?;
        }
        if missing.len() > self.held.most_missing {
            updated.too_many_missing = Some(missing.len());
            return Ok(updated);
        }
        for number in missing {
            self.single(number, &mut updated).await?;
        }
        Ok(updated)
    }

    /// Reads whole records.
    async fn read(
        &self,
        query: &Query,
        updated: &mut Updated<T>,
        came: &mut BTreeSet<NctNumber>,
    ) -> Result<(), FetchError> {
        let fetch = Fetch {
            run: self.run,
            query,
            per_page: Arc::clone(&self.per_page),
            ends_here: false,
        };
        let pass = checked(fetch.pass().await, updated)?;
        came.extend(pass.seen.numbers);
        updated.pages.extend(pass.pages);
        Ok(())
    }

    /// Looks up studies that are held. Returns those whose copy is no longer that of the
    /// registry, and those that it did not send.
    async fn look_up<U>(
        &self,
        others: &[&Tracked],
        updated: &mut Updated<U>,
        came: &BTreeSet<NctNumber>,
    ) -> Result<(Vec<NctNumber>, Vec<NctNumber>), FetchError> {
        let (mut stale, mut missing) = (BTreeSet::new(), Vec::new());
        let held: BTreeSet<NctNumber> = self.held.tracked.iter().map(|one| one.number).collect();
        for batch in others.chunks(BATCH) {
            let numbers: Vec<NctNumber> = batch.iter().map(|one| one.number).collect();
            let query = Query::numbers(&numbers).slim();
            let fetch = Fetch {
                run: self.run,
                query: &query,
                per_page: Arc::new(|_: &[u8], decoded: Decoded, _: Option<u64>| slim(decoded)),
                ends_here: false,
            };
            let pass = checked(fetch.pass().await, updated)?;
            let answers: Vec<Slim> = pass.pages.into_iter().flatten().collect();
            let by_number: BTreeMap<NctNumber, &Slim> =
                answers.iter().map(|one| (one.number, one)).collect();
            for one in batch {
                if let Some(answer) = by_number.get(&one.number) {
                    if answer.updated != one.updated || one.updated.is_none() {
                        stale.insert(one.number);
                    }
                } else if let Some(now) = answers
                    .iter()
                    .find(|answer| answer.aliases.contains(&one.number))
                {
                    updated.merged.push((one.number, now.number));
                    if !held.contains(&now.number) && !came.contains(&now.number) {
                        stale.insert(now.number);
                    }
                } else {
                    missing.push(one.number);
                }
            }
        }
        Ok((stale.into_iter().collect(), missing))
    }

    /// Asks what became of a study.
    async fn single(&self, number: NctNumber, updated: &mut Updated<T>) -> Result<(), FetchError> {
        let plan = RequestPlan::study(number);
        let body = match self.run.get(&plan).await {
            Ok(body) => body,
            Err(error) if says_it_has_none(&error, number) => {
                updated.gone.push(number);
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        let decoded = decode::any(&body).map_err(|source| unreadable(self.run, &plan, source))?;
        let now = decoded.studies.first().map(|study| study.nct_number);
        if let Some(now) = now.filter(|now| *now != number) {
            updated.merged.push((number, now));
        }
        updated.pages.push((self.per_page)(&body, decoded, None));
        Ok(())
    }
}

/// Says whether an answer is the registry's own word that it has no such study: a line of text with
/// the number. Anything on the way there can answer that a page is not found.
fn says_it_has_none(error: &FetchError, number: NctNumber) -> bool {
    let FetchError::Refused {
        status: 404,
        message,
        ..
    } = error
    else {
        return false;
    };
    let words = message.to_lowercase();
    let number = number.to_string().to_lowercase();
    words.contains(&number) && words.contains("not found")
}

fn slim(decoded: Decoded) -> Vec<Slim> {
    let each = |study: crate::study::Study| Slim {
        number: study.nct_number,
        aliases: study.aliases,
        updated: study.status.last_update_posted,
    };
    decoded.studies.into_iter().map(each).collect()
}

/// Passes a failure on, and notes a count that does not fit.
fn checked<T, U>(pass: Pass<T>, updated: &mut Updated<U>) -> Result<Pass<T>, FetchError> {
    if let Some(error) = pass.failed {
        return Err(error);
    }
    if updated.incomplete.is_none() {
        updated.incomplete.clone_from(&pass.mismatch);
    }
    Ok(pass)
}
