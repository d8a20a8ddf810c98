//! The sender: one request at a time, spaced, within a budget of time. The only
//! file that names the HTTP library.
//!
//! The registry asks nobody to register and publishes no limits, so good manners
//! are ours: an honest name, one connection, a pause between requests, and no
//! second try where the first answer was a clear no.

mod error;
mod retry;

use std::cell::{Cell, RefCell};
use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use reqwest::header::{CONTENT_TYPE, DATE, HeaderMap, HeaderName, LOCATION, RETRY_AFTER};
use reqwest::{Certificate, Response, StatusCode, Url, redirect, tls};
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep, sleep_until, timeout, timeout_at};

pub use error::FetchError;

use super::plan::RequestPlan;
use crate::text;

/// Address of the registry's interface (`servers` in its specification, 2.0.5).
pub const DEFAULT_BASE: &str = "https://clinicaltrials.gov/api/v2";

/// Who we are. An edge filter compares this name with the TLS handshake: a
/// program that calls itself a browser is refused.
const USER_AGENT: &str = concat!(
    "trialbrief/",
    env!("CARGO_PKG_VERSION"),
    " (+https://github.com/trialbrief/trialbrief)"
);

/// How to reach the registry: what the global options of the command line say.
#[derive(Debug, Clone)]
pub struct HttpOptions {
    /// Address of the interface (`--api`).
    pub base: String,
    /// Least time from the start of one request to the start of the next (`--min-interval`).
    pub min_interval: Duration,
    /// Time for a whole fetch with its retries (`--timeout`).
    pub timeout_total: Duration,
    /// Certificates of a further authority, PEM or DER (`--ca`).
    pub ca: Option<PathBuf>,
    /// Speak HTTP/1.1 only (`--http1`).
    pub http1: bool,
    /// Speak TLS 1.2 at most (`--tls-max 1.2`).
    pub tls_max_12: bool,
    /// Name to give in place of our own (`--user-agent`).
    pub user_agent: Option<String>,
    /// If set, the registry must begin its first answer within this time, and
    /// is not asked twice for it.
    pub first_answer: Option<Duration>,
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self {
            base: DEFAULT_BASE.to_owned(),
            min_interval: Duration::from_secs(1),
            timeout_total: Duration::from_mins(5),
            ca: None,
            http1: false,
            tls_max_12: false,
            user_agent: None,
            first_answer: None,
        }
    }
}

/// Bounds of a single request. No option of the command line changes them.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Time to connect.
    pub connect: Duration,
    /// Time for a whole request. A full page took others up to a few seconds.
    pub request: Duration,
    /// Time without a byte after which an answer counts as stalled.
    pub idle: Duration,
    /// Most bytes of an answer, after decompression. A page of 1000 whole
    /// studies has about 17 MB.
    pub body: usize,
    /// Wait before the second try; it doubles from there.
    pub backoff: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            request: Duration::from_mins(2),
            idle: Duration::from_secs(30),
            body: 256 << 20,
            backoff: Duration::from_secs(1),
        }
    }
}

/// Most bytes that are read of an answer which refuses. The registry's are one line.
const ERROR_BODY: usize = 4096;

/// A client of the registry. Requests of all its fetches wait for one another.
#[derive(Debug)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    options: HttpOptions,
    limits: Limits,
    /// Held during a request; when the last one started.
    gate: Mutex<Option<Instant>>,
}

impl Client {
    /// Makes a client. Nothing is sent.
    ///
    /// # Errors
    ///
    /// [`FetchError`] if the address, the certificate file or the name cannot be used.
    pub fn new(options: HttpOptions) -> Result<Self, FetchError> {
        Self::with_limits(options, Limits::default())
    }

    /// Makes a client with other bounds than the usual ones.
    ///
    /// # Errors
    ///
    /// As [`Client::new`].
    pub fn with_limits(options: HttpOptions, limits: Limits) -> Result<Self, FetchError> {
        Ok(Self {
            base: checked_base(&options.base)?,
            http: build(&options, &limits)?,
            options,
            limits,
            gate: Mutex::new(None),
        })
    }

    /// Returns the address of the interface, without a slash at its end.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Starts the clock of a fetch.
    pub(super) fn begin(&self) -> Run<'_> {
        Run {
            client: self,
            deadline: Instant::now() + self.options.timeout_total,
            answered: Cell::new(false),
            sent: RefCell::new(Vec::new()),
        }
    }
}

/// Checks an address and returns it without a slash at its end.
fn checked_base(base: &str) -> Result<String, FetchError> {
    let error = |why: &str| FetchError::Base {
        base: text::shorten(base, 100),
        why: why.to_owned(),
    };
    let url = Url::parse(base.trim()).map_err(|cause| error(&cause.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(error("it must begin with https:// or http://"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(error("it must not hold a user name or password"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(error("it must not hold `?` or `#`"));
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

fn build(options: &HttpOptions, limits: &Limits) -> Result<reqwest::Client, FetchError> {
    let mut builder = reqwest::Client::builder()
        .user_agent(options.user_agent.as_deref().unwrap_or(USER_AGENT))
        .connect_timeout(limits.connect)
        .timeout(limits.request)
        .read_timeout(limits.idle)
        .redirect(redirect::Policy::custom(same_host))
        .referer(false)
        // Tries are counted and spaced here, not below.
        .retry(reqwest::retry::never());
    if options.http1 {
        builder = builder.http1_only();
    }
    if options.tls_max_12 {
        builder = builder.tls_version_max(tls::Version::TLS_1_2);
    }
    if let Some(path) = &options.ca {
        builder = builder.tls_certs_merge(certificates(path)?);
    }
    builder
        .build()
        .map_err(|cause| FetchError::Setup(Box::new(cause)))
}

fn certificates(path: &Path) -> Result<Vec<Certificate>, FetchError> {
    let error = |why: String| FetchError::CaFile {
        path: path.display().to_string(),
        why,
    };
    let bytes = std::fs::read(path).map_err(|cause| error(cause.to_string()))?;
    let is_pem = memchr::memmem::find(&bytes, b"-----BEGIN").is_some();
    let found = if is_pem {
        Certificate::from_pem_bundle(&bytes)
    } else {
        Certificate::from_der(&bytes).map(|one| vec![one])
    };
    match found {
        Ok(list) if list.is_empty() => Err(error("it holds no certificate".into())),
        // DER is looked at only when a client is built, so that a wrong file must be told apart here.
        Ok(_) if !is_pem && bytes.first() != Some(&0x30) => {
            Err(error("it is neither PEM nor DER".into()))
        }
        Ok(list) => Ok(list),
        Err(cause) => Err(error(cause.to_string())),
    }
}

/// Follows redirects within the host, as for a merged study, never from TLS to plain text.
fn same_host(attempt: redirect::Attempt<'_>) -> redirect::Action {
    let Some(from) = attempt.previous().last() else {
        return attempt.stop();
    };
    let to = attempt.url();
    let downgraded = from.scheme() == "https" && to.scheme() != "https";
    if from.host_str() != to.host_str() || downgraded || attempt.previous().len() > 5 {
        attempt.stop()
    } else {
        attempt.follow()
    }
}

/// One fetch: its clock, and what it has sent.
#[derive(Debug)]
pub(super) struct Run<'c> {
    client: &'c Client,
    deadline: Instant,
    answered: Cell<bool>,
    sent: RefCell<Vec<String>>,
}

impl Run<'_> {
    /// Returns the addresses asked for, in order.
    pub(super) fn into_sent(self) -> Vec<String> {
        self.sent.into_inner()
    }

    /// Returns the address of a request.
    pub(super) fn url(&self, plan: &RequestPlan) -> String {
        plan.url(&self.client.base)
    }

    /// Sends a request until it is answered, and returns the body.
    pub(super) async fn get(&self, plan: &RequestPlan) -> Result<Vec<u8>, FetchError> {
        self.get_after(plan, None).await
    }

    /// Sends a request again whose answer, though whole, was `bad`.
    pub(super) async fn get_again(
        &self,
        plan: &RequestPlan,
        bad: FetchError,
    ) -> Result<Vec<u8>, FetchError> {
        self.get_after(plan, Some(bad)).await
    }

    async fn get_after(
        &self,
        plan: &RequestPlan,
        bad: Option<FetchError>,
    ) -> Result<Vec<u8>, FetchError> {
        let url = self.url(plan);
        let mut waits = retry::waits(self.client.limits.backoff);
        if let Some(bad) = bad {
            self.pause(bad, waits.next().unwrap_or_default()).await?;
        }
        let mut tries = 0;
        loop {
            tries += 1;
            let must_answer = self.must_answer();
            let error = match timeout_at(self.deadline, self.send(&url)).await {
                Ok(Ok(body)) => return Ok(body),
                Ok(Err(error)) => error,
                Err(_) => return Err(self.out_of_time(url, None)),
            };
            // A first answer that did not come is not waited for again.
            if (must_answer && !self.answered.get()) || !retry::is_transient(&error, tries) {
                return Err(error);
            }
            self.pause(error, waits.next().unwrap_or_default()).await?;
        }
    }

    /// Says whether the first answer is still due, and within a time of its own.
    fn must_answer(&self) -> bool {
        self.client.options.first_answer.is_some() && !self.answered.get()
    }

    fn out_of_time(&self, url: String, last: Option<FetchError>) -> FetchError {
        FetchError::OutOfTime {
            url,
            budget: self.client.options.timeout_total,
            last: last.map(Box::new),
        }
    }

    /// Waits before another try, unless the wait would outlast the budget.
    async fn pause(&self, error: FetchError, usual: Duration) -> Result<(), FetchError> {
        let wait = retry::wait_after(&error, usual);
        // A wait asked for may be too long for the clock to add.
        let end = Instant::now().checked_add(wait);
        if end.is_none_or(|end| end >= self.deadline) {
            let url = self.sent.borrow().last().cloned().unwrap_or_default();
            return Err(self.out_of_time(url, Some(error)));
        }
        tracing::debug!(
            error = error.chain(),
            wait_ms = wait.as_millis(),
            "trying again"
        );
        sleep(wait).await;
        Ok(())
    }

    /// Sends a request once, when its turn has come.
    async fn send(&self, url: &str) -> Result<Vec<u8>, FetchError> {
        let mut last = self.client.gate.lock().await;
        if let Some(last) = *last {
            sleep_until(last + self.client.options.min_interval).await;
        }
        *last = Some(Instant::now());
        tracing::debug!(%url, "GET");
        self.sent.borrow_mut().push(url.to_owned());
        let response = self.first_part(url).await?;
        self.answered.set(true);
        if response.status() == StatusCode::OK {
            self.body(url, response).await
        } else {
            Err(refusal(url, response).await)
        }
    }

    /// Sends, and waits for the head of the answer.
    async fn first_part(&self, url: &str) -> Result<Response, FetchError> {
        let head = self.client.http.get(url).send();
        let head = match self.client.options.first_answer {
            Some(after) if !self.answered.get() => {
                timeout(after, head)
                    .await
                    .map_err(|_| FetchError::NoAnswer {
                        url: url.to_owned(),
                        after,
                    })?
            }
            _ => head.await,
        };
        head.map_err(|cause| broken(url, cause))
    }

    /// Reads a body, up to the cap.
    async fn body(&self, url: &str, mut response: Response) -> Result<Vec<u8>, FetchError> {
        let cap = self.client.limits.body;
        let too_large = || FetchError::TooLarge {
            url: url.to_owned(),
            cap,
        };
        let is_page = header(response.headers(), &CONTENT_TYPE)
            .is_some_and(|kind| kind.to_ascii_lowercase().contains("html"));
        // Absent for a compressed body.
        let length = response.content_length().unwrap_or_default();
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        if length > cap {
            return Err(too_large());
        }
        let mut body = Vec::with_capacity(length);
        while let Some(chunk) = response.chunk().await.map_err(|cause| broken(url, cause))? {
            if body.len() + chunk.len() > cap {
                return Err(too_large());
            }
            body.extend_from_slice(&chunk);
        }
        if is_page || body.trim_ascii_start().first() == Some(&b'<') {
            return Err(FetchError::WebPage {
                url: url.to_owned(),
            });
        }
        Ok(body)
    }
}

fn header<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

/// Names what broke a connection.
fn broken(url: &str, cause: reqwest::Error) -> FetchError {
    let url = url.to_owned();
    let (connect, timed_out) = (cause.is_connect(), cause.is_timeout());
    // The error of the library repeats the address, which may be long.
    let source = Box::new(cause.without_url());
    if is_tls(source.as_ref()) {
        FetchError::Tls { url, source }
    } else if connect {
        FetchError::Unreachable { url, source }
    } else if timed_out {
        FetchError::Stalled { url }
    } else {
        FetchError::Interrupted { url, source }
    }
}

/// Says whether TLS itself refused: known only by its words, since its type is
/// not within reach.
fn is_tls(error: &(dyn Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        let words = error.to_string();
        if words.starts_with("invalid peer certificate")
            || words.starts_with("received fatal alert")
        {
            return true;
        }
        next = error.source();
    }
    false
}

/// Reads why a request was refused. The registry's answers are text of one line.
async fn refusal(url: &str, mut response: Response) -> FetchError {
    let status = response.status();
    let headers = response.headers().clone();
    let mut body = Vec::new();
    while body.len() < ERROR_BODY
        && let Ok(Some(chunk)) = response.chunk().await
    {
        body.extend_from_slice(&chunk);
    }
    body.truncate(ERROR_BODY);
    classify(url, status, &headers, &body)
}

fn classify(url: &str, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> FetchError {
    let url = url.to_owned();
    let body = String::from_utf8_lossy(body);
    let message = if body.trim_start().starts_with('<') {
        "a web page".to_owned()
    } else {
        text::shorten(&body, 200)
    };
    let retry_after = header(headers, &RETRY_AFTER)
        .and_then(|value| retry::retry_after(value, header(headers, &DATE), SystemTime::now()));
    match status.as_u16() {
        300..=399 => FetchError::Redirected {
            url,
            to: text::shorten(header(headers, &LOCATION).unwrap_or("nowhere"), 100),
        },
        400 if body.contains("Too complicated query") => {
            FetchError::TooComplicated { url, message }
        }
        // The address is too long for something on the way: fewer words help too.
        414 | 431 => FetchError::TooComplicated { url, message },
        403 => FetchError::Forbidden { url },
        429 => FetchError::Busy { url, retry_after },
        status @ (408 | 500..=599) => FetchError::Server {
            url,
            status,
            message,
            retry_after,
        },
        status => FetchError::Refused {
            url,
            status,
            message,
        },
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn classified(status: u16, body: &str) -> FetchError {
        let status = StatusCode::from_u16(status).unwrap();
        classify(
            "http://x/studies",
            status,
            &HeaderMap::new(),
            body.as_bytes(),
        )
    }

    #[test]
    fn checks_the_address() {
        assert_eq!(checked_base(DEFAULT_BASE).unwrap(), DEFAULT_BASE);
        assert_eq!(
            checked_base(" http://127.0.0.1:8080/api/v2/ ").unwrap(),
            "http://127.0.0.1:8080/api/v2"
        );
        for base in [
            "",
            "clinicaltrials.gov",
            "ftp://x",
            "file:///etc/passwd",
            "https://me:secret@x/",
            "https://me@x/",
            "https://x/?a=b",
            "https://x/#a",
        ] {
            assert!(
                matches!(checked_base(base), Err(FetchError::Base { .. })),
                "{base}"
            );
        }
    }

    #[test]
    fn names_what_a_status_means() {
        assert!(matches!(
            classified(
                400,
                "Error parsing query in Other terms: Too complicated query"
            ),
            FetchError::TooComplicated { .. }
        ));
        assert!(matches!(
            classified(414, ""),
            FetchError::TooComplicated { .. }
        ));
        assert!(matches!(classified(403, ""), FetchError::Forbidden { .. }));
        assert!(matches!(
            classified(302, ""),
            FetchError::Redirected { to, .. } if to == "nowhere"
        ));
        assert!(matches!(
            classified(502, "<html>"),
            FetchError::Server { message, .. } if message == "a web page"
        ));
        assert_eq!(
            classified(400, "`query.bogus` is unknown parameter\n").to_string(),
            "the registry refuses the request (400: `query.bogus` is unknown parameter): http://x/studies"
        );
    }

    #[test]
    fn refuses_a_file_without_certificates() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        let why = |path: &Path| certificates(path).unwrap_err().to_string();
        assert!(why(Path::new("/no/such/file")).contains("`/no/such/file`"));
        file.write_all(b"hello").unwrap();
        assert!(why(file.path()).contains("neither PEM nor DER"));
        std::fs::write(file.path(), "-----BEGIN NOTHING-----\n").unwrap();
        assert!(certificates(file.path()).is_err());
    }

    #[test]
    fn refuses_a_name_that_is_no_header() {
        let options = HttpOptions {
            user_agent: Some("a\nb".into()),
            ..HttpOptions::default()
        };
        assert!(matches!(Client::new(options), Err(FetchError::Setup(_))));
    }
}
