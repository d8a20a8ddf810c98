//! Reading a query's studies from the live registry, page by page.
//!
//! Pages come one after another, since each names the next. To lose no time,
//! the token is read from the raw bytes, and the next page is asked for while
//! this one is decoded on another thread. That token is a guess: the decoded
//! page has the last word.
//!
//! The registry sorts nothing by default, so a refresh between two pages may
//! shift studies from one to another. What proves that nothing was missed: the
//! state of the data before and after is the same, and as many different
//! studies came as the registry counted.

pub mod update;

use std::collections::HashSet;
use std::future::Future;
use std::sync::Arc;

use memchr::memmem;
use tokio::task::JoinHandle;

use super::decode::{self, DecodeError, Decoded};
use super::http::{Client, FetchError, Run};
use super::plan::{Query, RequestPlan};
use crate::study::NctNumber;

/// Pages in a row that may bring no new study. The registry may send empty
/// pages that lead on, and one after the last study was seen; nobody reports
/// more than one at a time. A page that brings something new is always fine,
/// and there cannot be more of those than studies counted.
const FRUITLESS_PAGES: usize = 5;

/// Times that a page is asked for again which came whole but cannot be read.
const UNREADABLE_TRIES: usize = 2;

/// What was read.
#[derive(Debug)]
pub struct Fetched<T> {
    /// What the caller made of each page, in the order of the pages.
    pub pages: Vec<T>,
    /// Different studies received, with those whose record could not be used.
    pub unique: usize,
    /// Studies that the registry counted. If the query had to be cut, studies
    /// seen in several parts are counted once.
    pub total: u64,
    /// Why this may not be all there is; `None` if it is all.
    pub incomplete: Option<String>,
    /// What to do about that, where something failed ([`FetchError::hint`]).
    pub hint: Option<&'static str>,
    /// The registry's `dataTimestamp`, as it came: when its data were processed,
    /// UTC without a zone.
    pub data_timestamp: Option<String>,
    /// Addresses asked for, in order, with those asked for again.
    pub requests: Vec<String>,
}

/// Reads every study that a query finds.
///
/// `per_page` is called for each page, on another thread, while the next page
/// is on its way. It may be called for pages that are dropped later, when the
/// registry's data change meanwhile and all is read anew. A study may stand in
/// several pages; the caller keeps one of them.
///
/// A fetch that fails after a page was read is `Ok`, with the reason in
/// [`Fetched::incomplete`].
///
/// It blocks the thread, and must not be called from asynchronous code.
///
/// # Errors
///
/// [`FetchError`] if nothing could be read.
pub fn fetch<T, F>(client: &Client, query: &Query, per_page: F) -> Result<Fetched<T>, FetchError>
where
    T: Send + 'static,
    F: Fn(Decoded) -> T + Send + Sync + 'static,
{
    blocking(async {
        let run = client.begin();
        let fetch = Fetch {
            run: &run,
            query,
            per_page: Arc::new(move |_: &[u8], decoded, _: Option<u64>| per_page(decoded)),
            ends_here: true,
        };
        let fetched = fetch.all().await;
        fetched.map(|fetched| Fetched {
            requests: run.into_sent(),
            ..fetched
        })
    })
}

/// Runs what is asynchronous to its end on this thread.
fn blocking<T>(work: impl Future<Output = Result<T, FetchError>>) -> Result<T, FetchError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|cause| FetchError::Setup(Box::new(cause)))?;
    let done = runtime.block_on(work);
    // A look-up of a name cannot be stopped, and may outlast every deadline here.
    runtime.shutdown_background();
    done
}

/// `dataTimestamp` of `/version`: absent where the registry gives none.
type Timestamp = Option<String>;

/// The answer of `/version`.
#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Version {
    data_timestamp: Timestamp,
}

/// Asks for the state of the data.
async fn version(run: &Run<'_>) -> Result<Timestamp, FetchError> {
    let plan = RequestPlan::version();
    let mut body = run.get(&plan).await?;
    for tries in 0.. {
        let error = match serde_json::from_slice::<Version>(&body) {
            Ok(version) => return Ok(version.data_timestamp),
            Err(error) => unreadable(run, &plan, error.into()),
        };
        if tries == UNREADABLE_TRIES {
            return Err(error);
        }
        body = run.get_again(&plan, error).await?;
    }
    Ok(None)
}

fn unreadable(run: &Run<'_>, plan: &RequestPlan, source: DecodeError) -> FetchError {
    FetchError::Unreadable {
        url: run.url(plan),
        source,
    }
}

/// A fetch under way.
struct Fetch<'f, 'c, F> {
    run: &'f Run<'c>,
    query: &'f Query,
    per_page: Arc<F>,
    /// Whether nothing else is asked for behind it, but for the state of the data.
    ends_here: bool,
}

/// What one pass over a query and its parts brought.
struct Pass<T> {
    pages: Vec<T>,
    seen: Seen,
    /// Studies that the parts counted, with those of several parts.
    counted: u64,
    /// Studies received, part by part.
    received: u64,
    mismatch: Option<String>,
    failed: Option<FetchError>,
    after: Option<Result<Timestamp, FetchError>>,
}

/// Different studies.
#[derive(Default)]
struct Seen {
    numbers: HashSet<NctNumber>,
    /// Records without a readable number; each counts as a study of its own.
    nameless: usize,
}

impl Seen {
    fn add(&mut self, numbers: &[NctNumber], nameless: usize) {
        self.numbers.extend(numbers);
        self.nameless += nameless;
    }

    fn len(&self) -> usize {
        self.numbers.len() + self.nameless
    }
}

/// A decoded page.
struct Read<T> {
    value: T,
    numbers: Vec<NctNumber>,
    nameless: usize,
    total: Option<u64>,
    token: Option<String>,
}

/// One part of a query on its way from page to page.
#[derive(Default)]
struct Walk {
    total: Option<u64>,
    seen: Seen,
    tokens: HashSet<String>,
    fruitless: usize,
}

/// What was asked for while a page was being decoded.
enum Early {
    Nothing,
    Page(String, Result<Vec<u8>, FetchError>),
    Version(Result<Timestamp, FetchError>),
}

impl<T, F> Fetch<'_, '_, F>
where
    T: Send + 'static,
    F: Fn(&[u8], Decoded, Option<u64>) -> T + Send + Sync + 'static,
{
    /// Reads all, and reads it once more if the registry's data moved meanwhile.
    async fn all(self) -> Result<Fetched<T>, FetchError> {
        let mut before = self.version().await?;
        let mut pass = self.pass().await;
        let mut after = self.after(&mut pass).await;
        let mut moved = has_moved(&before, after.as_ref());
        if moved || is_stale(&pass) {
            tracing::debug!("the registry's data moved: reading all anew");
            let again = self.pass().await;
            if again.pages.is_empty() {
                pass.failed = again.failed;
            } else {
                pass = again;
                if let Some(Ok(timestamp)) = after {
                    before = timestamp;
                }
                after = self.after(&mut pass).await;
                moved = has_moved(&before, after.as_ref());
            }
        }
        let mut fetched = finish(pass, moved, after.as_ref())?;
        fetched.data_timestamp = match after {
            Some(Ok(timestamp)) => timestamp,
            _ => before,
        };
        Ok(fetched)
    }

    /// Asks for the state of the data.
    async fn version(&self) -> Result<Timestamp, FetchError> {
        version(self.run).await
    }

    /// Returns the state of the data after a pass, which may have been asked
    /// for already. After a failure that it cannot explain it is not worth a request.
    async fn after(&self, pass: &mut Pass<T>) -> Option<Result<Timestamp, FetchError>> {
        if let Some(after) = pass.after.take() {
            return Some(after);
        }
        let explains = match pass.failed {
            None | Some(FetchError::Paging { .. }) => true,
            Some(_) => is_stale(pass),
        };
        if explains {
            Some(self.version().await)
        } else {
            None
        }
    }

    /// Reads a query, cut into parts if the registry finds it too complicated.
    async fn pass(&self) -> Pass<T> {
        let mut pass = Pass {
            pages: Vec::new(),
            seen: Seen::default(),
            counted: 0,
            received: 0,
            mismatch: None,
            failed: None,
            after: None,
        };
        let mut parts = vec![self.query.clone()];
        while let Some(part) = parts.pop() {
            let known = pass.pages.len();
            match self
                .walk(&part, self.ends_here && parts.is_empty(), &mut pass)
                .await
            {
                Ok(()) => {}
                Err(error @ FetchError::TooComplicated { .. }) if pass.pages.len() == known => {
                    let Some((first, second)) = part.halves() else {
                        pass.failed = Some(error);
                        break;
                    };
                    tracing::debug!("the query is too complicated: asking for its halves");
                    parts.extend([second, first]);
                }
                Err(error) => {
                    pass.failed = Some(error);
                    break;
                }
            }
        }
        pass
    }

    /// Reads the pages of one part.
    async fn walk(
        &self,
        part: &Query,
        is_last: bool,
        pass: &mut Pass<T>,
    ) -> Result<(), FetchError> {
        let first = RequestPlan::studies(part);
        let mut walk = Walk::default();
        let mut request = first.clone();
        let mut body = self.run.get(&request).await?;
        let mut bad = 0;
        loop {
            let peek = Peek::at(&body);
            let decoding = self.decode(body);
            let early = self.ahead(&first, &walk, peek, is_last).await;
            let page = match joined(decoding).await {
                Ok(page) => page,
                Err(error) => {
                    let error = unreadable(self.run, &request, error);
                    bad += 1;
                    if bad > UNREADABLE_TRIES {
                        pass.count(&walk);
                        return Err(error);
                    }
                    body = self.run.get_again(&request, error).await?;
                    continue;
                }
            };
            bad = 0;
            let token = walk.take(pass, page);
            let token = token.map_err(|what| FetchError::Paging {
                url: self.run.url(&request),
                what,
            });
            let Some(token) = token.inspect_err(|_| pass.count(&walk))? else {
                if let Early::Version(after) = early {
                    pass.after = Some(after);
                }
                pass.count(&walk);
                pass.compare(&walk);
                return Ok(());
            };
            request = first.next_page(&token);
            let next = match early {
                Early::Page(guess, next) if guess == token => next,
                _ => self.run.get(&request).await,
            };
            body = next.inspect_err(|_| pass.count(&walk))?;
        }
    }

    /// Decodes on another thread.
    fn decode(&self, body: Vec<u8>) -> JoinHandle<Result<Read<T>, DecodeError>> {
        let per_page = Arc::clone(&self.per_page);
        tokio::task::spawn_blocking(move || {
            let page = decode::page(&body)?;
            let (mut numbers, mut nameless) = (Vec::new(), 0);
            numbers.extend(page.decoded.studies.iter().map(|study| study.nct_number));
            for problem in page.decoded.problems.iter().filter(|one| one.skipped) {
                match problem.nct.as_deref().map(str::parse) {
                    Some(Ok(number)) => numbers.push(number),
                    _ => nameless += 1,
                }
            }
            Ok(Read {
                value: per_page(&body, page.decoded, page.total),
                numbers,
                nameless,
                total: page.total,
                token: page.next_token,
            })
        })
    }

    /// Asks for what most likely comes after a page that is still being decoded.
    async fn ahead(&self, first: &RequestPlan, walk: &Walk, peek: Peek, is_last: bool) -> Early {
        let total = walk.total.or(peek.total);
        let may_be_all = total.is_some_and(|total| count(walk.seen.len() + peek.records) >= total);
        match peek.token {
            Some(token) if !may_be_all && !walk.tokens.contains(&token) => {
                let body = self.run.get(&first.next_page(&token)).await;
                Early::Page(token, body)
            }
            None if is_last && may_be_all => Early::Version(self.version().await),
            // Whether to follow a token is known when the studies are counted.
            _ => Early::Nothing,
        }
    }
}

impl<T> Pass<T> {
    fn count(&mut self, walk: &Walk) {
        self.received += count(walk.seen.len());
        self.counted += walk.total.unwrap_or_default();
    }

    /// Notes if not as many studies came as the registry counted.
    fn compare(&mut self, walk: &Walk) {
        let came = count(walk.seen.len());
        let reason = match walk.total {
            Some(total) if total == came => return,
            Some(total) => format!("the registry counted {total} studies, but {came} came"),
            None => "the registry did not say how many studies there are".to_owned(),
        };
        self.mismatch.get_or_insert(reason);
    }
}

impl Walk {
    /// Takes in a page, and returns the token of the next one, if one is needed.
    ///
    /// The error says in what way the pages do not come to an end.
    fn take<T>(&mut self, pass: &mut Pass<T>, page: Read<T>) -> Result<Option<String>, String> {
        let known = self.seen.len();
        self.seen.add(&page.numbers, page.nameless);
        pass.seen.add(&page.numbers, page.nameless);
        pass.pages.push(page.value);
        self.total = self.total.or(page.total);
        if self.seen.len() > known {
            self.fruitless = 0;
        } else {
            self.fruitless += 1;
        }
        let came = count(self.seen.len());
        let Some(token) = page.token else {
            return Ok(None);
        };
        match self.total {
            // The registry may send a token although everything has come.
            Some(total) if came == total => return Ok(None),
            Some(total) if came > total => {
                return Err(format!(
                    "more pages than the {total} studies counted: {came} came, and a further page is named"
                ));
            }
            _ => {}
        }
        if self.fruitless > FRUITLESS_PAGES {
            return Err(format!(
                "{} pages in a row brought no new study, and a further page is named",
                self.fruitless
            ));
        }
        if !self.tokens.insert(token.clone()) {
            return Err("a page names a next page that was read already".to_owned());
        }
        Ok(Some(token))
    }
}

/// Studies as the registry counts them.
fn count(studies: usize) -> u64 {
    studies as u64
}

/// Waits for a page. A panic of the caller's function goes on to the caller.
async fn joined<T>(
    decoding: JoinHandle<Result<Read<T>, DecodeError>>,
) -> Result<Read<T>, DecodeError> {
    match decoding.await {
        Ok(page) => page,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

fn has_moved(before: &Timestamp, after: Option<&Result<Timestamp, FetchError>>) -> bool {
    matches!(after, Some(Ok(after)) if after != before)
}

/// Says whether a pass ended because the registry no longer knew a token: they
/// are said to die when the data are refreshed.
fn is_stale<T>(pass: &Pass<T>) -> bool {
    !pass.pages.is_empty() && matches!(pass.failed, Some(FetchError::Refused { .. }))
}

/// Sums up. A failure before the first page is an error, a later one a reason for doubt.
fn finish<T>(
    pass: Pass<T>,
    moved: bool,
    after: Option<&Result<Timestamp, FetchError>>,
) -> Result<Fetched<T>, FetchError> {
    let unique = pass.seen.len();
    let twice = pass.received.saturating_sub(count(unique));
    let mut doubts = Vec::new();
    let failure = pass.failed.as_ref();
    let failure = failure.or_else(|| after.and_then(|after| after.as_ref().err()));
    let hint = failure.map(FetchError::hint);
    match pass.failed {
        Some(error) if pass.pages.is_empty() => return Err(error),
        Some(error) => doubts.push(error.chain()),
        None => doubts.extend(pass.mismatch),
    }
    if moved {
        doubts.push("the registry's data changed while they were read, twice in a row".to_owned());
    }
    if let Some(Err(error)) = after {
        doubts.push(format!(
            "whether the registry's data changed meanwhile is not known: {}",
            error.chain()
        ));
    }
    Ok(Fetched {
        pages: pass.pages,
        unique,
        total: pass.counted.saturating_sub(twice),
        incomplete: (!doubts.is_empty()).then(|| doubts.join("; ")),
        hint,
        data_timestamp: None,
        requests: Vec::new(),
    })
}

/// What the raw bytes of a page show at a glance. Guesses all, each checked
/// against the decoded page.
#[derive(Debug, Default, PartialEq, Eq)]
struct Peek {
    token: Option<String>,
    total: Option<u64>,
    records: usize,
}

impl Peek {
    /// Bytes looked at from either end: far more than a token and a number take.
    const REACH: usize = 4096;

    fn at(body: &[u8]) -> Self {
        let head = &body[..body.len().min(Self::REACH)];
        let tail = &body[body.len().saturating_sub(Self::REACH)..];
        Self {
            token: token_in(tail).or_else(|| token_in(head)),
            total: total_in(head),
            records: memmem::find_iter(body, b"\"nctId\"").count(),
        }
    }
}

/// Returns what follows the last `key` and a colon.
fn value_of<'b>(bytes: &'b [u8], key: &str) -> Option<&'b [u8]> {
    let at = memmem::rfind(bytes, key.as_bytes())? + key.len();
    let rest = bytes[at..].trim_ascii_start().strip_prefix(b":")?;
    Some(rest.trim_ascii_start())
}

fn token_in(bytes: &[u8]) -> Option<String> {
    let rest = value_of(bytes, "\"nextPageToken\"")?.strip_prefix(b"\"")?;
    let token = &rest[..memchr::memchr(b'"', rest)?];
    // With an escape in it, only the decoder knows its value.
    let plain = !token.is_empty() && memchr::memchr(b'\\', token).is_none();
    plain
        .then(|| String::from_utf8(token.to_vec()).ok())
        .flatten()
}

fn total_in(bytes: &[u8]) -> Option<u64> {
    let rest = value_of(bytes, "\"totalCount\"")?;
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    std::str::from_utf8(&rest[..digits]).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn peeks_at_both_ends() {
        let page =
            br#"{"totalCount":3,"studies":[{"nctId":"NCT00000001"}, {"nctId":"NCT00000002"}],
            "nextPageToken" : "aB-_9" }"#;
        let peek = Peek {
            token: Some("aB-_9".into()),
            total: Some(3),
            records: 2,
        };
        assert_eq!(Peek::at(page), peek);
        let turned = br#"{"nextPageToken":"x","studies":[]}"#;
        assert_eq!(Peek::at(turned).token.as_deref(), Some("x"));
    }

    #[test]
    fn peeks_at_nothing_that_is_not_there() {
        assert_eq!(Peek::at(b""), Peek::default());
        for body in [
            &b"{\"nextPageToken\":null}"[..],
            b"{\"nextPageToken\":\"a\\u0062\"}",
            b"{\"nextPageToken\":\"cut",
            b"{\"nextPageToken\"",
        ] {
            assert_eq!(Peek::at(body).token, None);
        }
    }

    fn page(numbers: &[&str], total: Option<u64>, token: Option<&str>) -> Read<()> {
        Read {
            value: (),
            numbers: numbers
                .iter()
                .map(|number| number.parse().unwrap())
                .collect(),
            nameless: 0,
            total,
            token: token.map(str::to_owned),
        }
    }

    fn empty_pass() -> Pass<()> {
        Pass {
            pages: Vec::new(),
            seen: Seen::default(),
            counted: 0,
            received: 0,
            mismatch: None,
            failed: None,
            after: None,
        }
    }

    #[test]
    fn follows_tokens_until_all_has_come() {
        let (mut walk, mut pass) = (Walk::default(), empty_pass());
        let mut take = |page| walk.take(&mut pass, page);
        assert_eq!(
            take(page(&["NCT00000001"], Some(2), Some("a"))),
            Ok(Some("a".into()))
        );
        assert_eq!(take(page(&[], None, Some("b"))), Ok(Some("b".into())));
        assert!(
            take(page(&[], None, Some("a")))
                .unwrap_err()
                .contains("read already")
        );
        assert_eq!(take(page(&["NCT00000002"], None, Some("c"))), Ok(None));
        assert!(
            take(page(&["NCT00000003"], None, Some("d")))
                .unwrap_err()
                .contains("more pages")
        );
    }

    #[test]
    fn gives_up_on_pages_that_bring_nothing() {
        let (mut walk, mut pass) = (Walk::default(), empty_pass());
        let mut last = Ok(None);
        for index in 0..=FRUITLESS_PAGES {
            assert!(last.is_ok());
            last = walk.take(&mut pass, page(&[], Some(9), Some(&index.to_string())));
        }
        assert!(last.unwrap_err().contains("6 pages in a row"));
    }
}
