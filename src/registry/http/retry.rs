//! When to ask again, and how long to wait before. Pure.

use std::time::{Duration, SystemTime};

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};

use super::FetchError;

/// Longest wait that we choose ourselves.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// A registry that asks to slow down without saying for how long gets this many usual waits.
const BUSY_FACTOR: u32 = 5;

/// Says whether asking again may help, after so many tries (1 = the first has just failed).
///
/// What passes by itself is retried as long as the time budget lasts. A few
/// kinds look passing but mostly are not, and get fewer tries.
pub(super) fn is_transient(error: &FetchError, tries: u32) -> bool {
    match error {
        FetchError::Stalled { .. } | FetchError::Interrupted { .. } | FetchError::Busy { .. } => {
            true
        }
        // The registry also answers 500 to input that it does not understand.
        FetchError::Server { status, .. } => *status != 500 || tries <= 4,
        // Without a network, a person should not wait for minutes to hear of it.
        FetchError::Unreachable { .. }
        | FetchError::WebPage { .. }
        | FetchError::Unreadable { .. } => tries <= 2,
        _ => false,
    }
}

/// Returns the waits between tries: doubled each time, up to twice as long by
/// chance, so that clients that failed together do not come back together.
pub(super) fn waits(first: Duration) -> ExponentialBackoff {
    ExponentialBuilder::new()
        .with_min_delay(first)
        .with_max_delay(LONGEST_WAIT)
        .without_max_times()
        .with_jitter()
        .build()
}

/// Returns how long to wait after this error, where the usual wait would be `usual`: what the
/// registry asks for, but never less than usual, or a registry that asks for no wait would be hammered.
pub(super) fn wait_after(error: &FetchError, usual: Duration) -> Duration {
    match error {
        FetchError::Busy {
            retry_after: Some(asked),
            ..
        }
        | FetchError::Server {
            retry_after: Some(asked),
            ..
        } => (*asked).max(usual),
        FetchError::Busy { .. } => usual * BUSY_FACTOR,
        _ => usual,
    }
}

/// Reads `Retry-After`: seconds, or a date, which is compared with the server's
/// own `Date` where there is one, since clocks differ.
pub(super) fn retry_after(
    value: &str,
    server_date: Option<&str>,
    now: SystemTime,
) -> Option<Duration> {
    if let Ok(seconds) = value.trim().parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let until = httpdate::parse_http_date(value.trim()).ok()?;
    let now = server_date
        .and_then(|date| httpdate::parse_http_date(date).ok())
        .unwrap_or(now);
    // A date gone by means: now.
    Some(until.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url() -> String {
        "http://x".into()
    }

    fn server(status: u16) -> FetchError {
        FetchError::Server {
            url: url(),
            status,
            message: String::new(),
            retry_after: None,
        }
    }

    #[test]
    fn retries_what_passes_and_nothing_else() {
        assert!(is_transient(&FetchError::Stalled { url: url() }, 50));
        assert!(is_transient(&server(503), 50));
        assert!(is_transient(&server(500), 4) && !is_transient(&server(500), 5));
        let page = FetchError::WebPage { url: url() };
        assert!(is_transient(&page, 2) && !is_transient(&page, 3));
        assert!(!is_transient(&FetchError::Forbidden { url: url() }, 1));
        let first = FetchError::NoAnswer {
            url: url(),
            after: Duration::from_secs(5),
        };
        assert!(!is_transient(&first, 1));
        let refused = FetchError::Refused {
            url: url(),
            status: 404,
            message: String::new(),
        };
        assert!(!is_transient(&refused, 1));
    }

    #[test]
    fn waits_grow_to_a_bound() {
        let waits: Vec<_> = waits(Duration::from_secs(1)).take(20).collect();
        assert!(waits[0] >= Duration::from_secs(1) && waits[0] <= Duration::from_secs(2));
        assert!(waits[3] >= Duration::from_secs(8));
        assert!(waits.iter().all(|wait| *wait <= LONGEST_WAIT * 2));
    }

    #[test]
    fn does_what_the_registry_asks() {
        let busy = |retry_after| FetchError::Busy {
            url: url(),
            retry_after,
        };
        let second = Duration::from_secs(1);
        assert_eq!(wait_after(&busy(Some(second * 90)), second), second * 90);
        assert_eq!(wait_after(&busy(Some(Duration::ZERO)), second), second);
        assert_eq!(wait_after(&busy(None), second), second * 5);
        assert_eq!(wait_after(&server(502), second), second);
    }

    #[test]
    fn reads_both_forms_of_retry_after() {
        let now = httpdate::parse_http_date("Mon, 23 Nov 2026 10:00:00 GMT").unwrap();
        let read = |value, date| retry_after(value, date, now).map(|wait| wait.as_secs());
        assert_eq!(read(" 120 ", None), Some(120));
        assert_eq!(read("Mon, 23 Nov 2026 10:01:30 GMT", None), Some(90));
        assert_eq!(
            read(
                "Mon, 23 Nov 2026 12:00:10 GMT",
                Some("Mon, 23 Nov 2026 12:00:00 GMT")
            ),
            Some(10)
        );
        assert_eq!(read("Mon, 23 Nov 2026 09:00:00 GMT", None), Some(0));
        assert_eq!(read("soon", None), None);
    }
}
