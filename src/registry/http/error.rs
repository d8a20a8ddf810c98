//! What can go wrong between us and the registry, and what to do about it.

use std::error::Error;
use std::time::Duration;

use crate::registry::DecodeError;
use crate::text;

/// A cause from the libraries below.
type Cause = Box<dyn Error + Send + Sync>;

/// A fetch that failed. [`FetchError::hint`] says what to do next.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// `--api` cannot be used as an address.
    #[error("the address `{base}` cannot be used: {why}")]
    Base {
        /// The address as given.
        base: String,
        /// What is wrong with it.
        why: String,
    },
    /// `--ca` cannot be used.
    #[error("the certificate file `{path}` cannot be used: {why}")]
    CaFile {
        /// The file as given.
        path: String,
        /// What is wrong with it.
        why: String,
    },
    /// The client could not be set up, for instance because `--user-agent` is no header text.
    #[error("the HTTP client cannot be set up")]
    Setup(#[source] Cause),
    /// The name was not found, or no connection came about.
    #[error("no connection for {}", short(url))]
    Unreachable {
        /// Address of the request.
        url: String,
        /// What the network says.
        #[source]
        source: Cause,
    },
    /// TLS failed: mostly a certificate of an authority that is not known here.
    #[error("no trusted connection for {}", short(url))]
    Tls {
        /// Address of the request.
        url: String,
        /// What TLS says.
        #[source]
        source: Cause,
    },
    /// Nothing came within the time given to the first answer.
    #[error("no answer within {} s from {}", seconds(*after), short(url))]
    NoAnswer {
        /// Address of the request.
        url: String,
        /// The time given.
        after: Duration,
    },
    /// The answer stopped coming.
    #[error("the answer stalled: {}", short(url))]
    Stalled {
        /// Address of the request.
        url: String,
    },
    /// The connection broke, or the body was cut short or damaged.
    #[error("the answer was cut off: {}", short(url))]
    Interrupted {
        /// Address of the request.
        url: String,
        /// What the network says.
        #[source]
        source: Cause,
    },
    /// Status 403: the edge of the registry's site refuses this client.
    #[error(
        "the registry's site refuses this program or this network (403): {}",
        short(url)
    )]
    Forbidden {
        /// Address of the request.
        url: String,
    },
    /// Status 429: too many requests.
    #[error("the registry asks to slow down (429{}): {}", asked_wait(*retry_after), short(url))]
    Busy {
        /// Address of the request.
        url: String,
        /// How long the registry asks to wait (`Retry-After`).
        retry_after: Option<Duration>,
    },
    /// Status 408 or 5xx.
    #[error("the registry has a fault ({status}{}): {}", said(message), short(url))]
    Server {
        /// Address of the request.
        url: String,
        /// HTTP status.
        status: u16,
        /// Start of the answer, as one line.
        message: String,
        /// How long the registry asks to wait (`Retry-After`).
        retry_after: Option<Duration>,
    },
    /// The expression is too long for the registry; half of it may pass.
    #[error(
        "the registry finds the query too complicated{}: {}",
        said(message),
        short(url)
    )]
    TooComplicated {
        /// Address of the request.
        url: String,
        /// Start of the answer, as one line.
        message: String,
    },
    /// Any other status that refuses the request.
    #[error(
        "the registry refuses the request ({status}{}): {}",
        said(message),
        short(url)
    )]
    Refused {
        /// Address of the request.
        url: String,
        /// HTTP status.
        status: u16,
        /// Start of the answer, as one line.
        message: String,
    },
    /// A redirect that leads away from the registry, or in circles.
    #[error("the answer leads elsewhere, to `{to}`: {}", short(url))]
    Redirected {
        /// Address of the request.
        url: String,
        /// Where it leads (`Location`).
        to: String,
    },
    /// Status 200 with a web page: mostly the login of a guest network, or a shell page.
    #[error("a web page came in place of data: {}", short(url))]
    WebPage {
        /// Address of the request.
        url: String,
    },
    /// Status 200 with a body that is not what was asked for.
    #[error("the answer cannot be read: {}", short(url))]
    Unreadable {
        /// Address of the request.
        url: String,
        /// What is wrong with it.
        #[source]
        source: DecodeError,
    },
    /// The body is larger than any true answer.
    #[error("the answer is larger than {} MiB: {}", cap >> 20, short(url))]
    TooLarge {
        /// Address of the request.
        url: String,
        /// The cap, in bytes after decompression.
        cap: usize,
    },
    /// The pages do not come to an end as they should.
    #[error("{what}: {}", short(url))]
    Paging {
        /// Address of the last request.
        url: String,
        /// What is wrong.
        what: String,
    },
    /// The time for the whole fetch is used up, or a wait would use it up.
    #[error("not done within {} s: {}", seconds(*budget), short(url))]
    OutOfTime {
        /// Address of the last request.
        url: String,
        /// Time for the whole fetch.
        budget: Duration,
        /// What went wrong last, if anything did.
        #[source]
        last: Option<Box<Self>>,
    },
}

/// Long queries make long addresses; the start tells which request it was.
fn short(url: &str) -> String {
    text::shorten(url, 90)
}

fn seconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 10.0).round() / 10.0
}

fn said(message: &str) -> String {
    if message.is_empty() {
        return String::new();
    }
    format!(": {message}")
}

fn asked_wait(wait: Option<Duration>) -> String {
    wait.map_or_else(String::new, |wait| format!(", wait {} s", seconds(wait)))
}

const BLOCKED: &str = "the site's edge judges program, network and TLS together, so asking again does not help. Try, one at a time: \
another network (no VPN, no cloud machine) · `--http1` · `--tls-max 1.2` · `--user-agent \"NAME/VERSION (+ADDRESS)\"` with an honest name. \
Or search at https://clinicaltrials.gov, download the studies as JSON, and read the file with `--source PATH`";
const NETWORK: &str =
    "check the network and the proxy variables (HTTPS_PROXY, NO_PROXY), or use `--source sample`";
const LATER: &str = "try again later, or give it more time with `--timeout S`";
const ELSEWHERE: &str = "a guest network may want a login in the browser first; else check `--api`";

impl FetchError {
    /// Returns what to do next, as one or more sentences without a full stop at the end.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Base { .. } => {
                "write it like https://clinicaltrials.gov/api/v2, without user name, `?` or `#`"
            }
            Self::CaFile { .. } => {
                "`--ca` takes the certificate of your network's own authority, PEM or DER; ask its administrators"
            }
            Self::Setup(_) => "check `--user-agent`, `--tls-max` and the proxy variables",
            Self::Unreachable { .. } => NETWORK,
            Self::Tls { .. } => {
                "a hospital or company may inspect TLS: give its certificate with `--ca FILE`. If the site ends the handshake, try `--tls-max 1.2`"
            }
            Self::NoAnswer { .. }
            | Self::Stalled { .. }
            | Self::Interrupted { .. }
            | Self::Server { .. }
            | Self::OutOfTime { .. } => LATER,
            Self::Forbidden { .. } => BLOCKED,
            Self::Busy { .. } => "wait, or raise `--min-interval MS`",
            Self::TooComplicated { .. } => "use fewer words",
            Self::Refused { status: 407, .. } => {
                "the proxy wants a login: write it into HTTPS_PROXY, as http://NAME:PASSWORD@HOST:PORT"
            }
            Self::Refused { .. } => {
                "the registry may have changed; check `--api`, and report this if it stays"
            }
            Self::Redirected { .. } | Self::WebPage { .. } => ELSEWHERE,
            Self::Unreadable { .. } | Self::TooLarge { .. } | Self::Paging { .. } => {
                "try again; if it stays, report it"
            }
        }
    }

    /// Returns the error and its causes as one line.
    pub fn chain(&self) -> String {
        let mut line = self.to_string();
        let mut source = self.source();
        while let Some(cause) = source {
            line.push_str(": ");
            line.push_str(&cause.to_string());
            source = cause.source();
        }
        text::one_line(&line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_what_and_where_and_what_next() {
        let url = "https://clinicaltrials.gov/api/v2/version".to_owned();
        let error = FetchError::Forbidden { url };
        assert_eq!(
            error.to_string(),
            "the registry's site refuses this program or this network (403): https://clinicaltrials.gov/api/v2/version"
        );
        for word in [
            "another network",
            "--http1",
            "--tls-max 1.2",
            "--user-agent",
            "--source PATH",
        ] {
            assert!(error.hint().contains(word), "{word}");
        }
    }

    #[test]
    fn shows_the_chain_on_one_line() {
        let busy = FetchError::Busy {
            url: "http://x/studies".into(),
            retry_after: Some(Duration::from_secs(90)),
        };
        let error = FetchError::OutOfTime {
            url: "http://x/studies".into(),
            budget: Duration::from_mins(1),
            last: Some(Box::new(busy)),
        };
        assert_eq!(
            error.chain(),
            "not done within 60 s: http://x/studies: the registry asks to slow down (429, wait 90 s): http://x/studies"
        );
    }
}
