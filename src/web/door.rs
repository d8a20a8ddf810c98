//! Who is let in: only requests that name this server, only forms of its own pages, and facts about a patient
//! only where nobody on the way can read them. What goes out carries what keeps a browser from doing more.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HOST, HeaderName, ORIGIN, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;

use super::answer::Site;
use super::guest::reach;
use super::problem::Problem;

/// Pages and services that take facts about a patient.
const FACTS: [&str; 4] = ["/me", "/brief", "/clinic", "/api/screen"];

/// How long a request may take in all.
const FOR_REQUEST: Duration = Duration::from_secs(30);

/// Nothing but our own stylesheet, our own script, which may ask for nothing, and our own forms (Content Security Policy Level 3).
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const HEADERS: [(HeaderName, &str); 7] = [
    (CONTENT_SECURITY_POLICY, POLICY),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (REFERRER_POLICY, "no-referrer"),
    (X_FRAME_OPTIONS, "DENY"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=()",
    ),
];

/// Lets a request in or not, and makes every answer safe.
pub(super) async fn guard(State(site): State<Arc<Site>>, request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let path = request.uri().path().to_owned();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let mut response = match site.admit(&request) {
        Err(problem) => site.refused(&path, &problem),
        Ok(()) => match tokio::time::timeout(FOR_REQUEST, next.run(request)).await {
            Ok(response) => response,
            Err(_) => site.refused(&path, &slow()),
        },
    };
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    // Pages may hold facts about a patient, and data that were read again: none is kept.
    (headers.entry(CACHE_CONTROL)).or_insert(HeaderValue::from_static("no-store"));
    let route = route.as_ref().map_or("none", MatchedPath::as_str);
    (site.meter).answered(route, &method, response.status(), begun.elapsed());
    response
}

fn slow() -> Problem {
    Problem::new(
        StatusCode::REQUEST_TIMEOUT,
        "The request took more than 30 seconds. Try again, with less at a time.",
    )
}

impl Site {
    fn admit(&self, request: &Request) -> Result<(), Problem> {
        let host = asked_host(request)?;
        if !self.answers_to(&host) {
            return Err(Problem::new(
                StatusCode::MISDIRECTED_REQUEST,
                "This server does not answer to that name. Use the address that it told when it was started; behind a proxy, name the host with --behind-tls.",
            ));
        }
        if self.options.is_hosted() {
            self.guests.admit(&self.options, request)?;
        }
        if request.method() == Method::POST {
            check_origin(request.headers(), &host)?;
        }
        let path = request.uri().path();
        let is_about_facts = FACTS.contains(&path.trim_end_matches('/'));
        if is_about_facts && !reach(&self.options, &host, request).takes_facts() {
            return Err(Problem::new(
                StatusCode::FORBIDDEN,
                "Facts about a patient are not taken here: others could read them on their way. Start the program on your own machine, or behind a proxy that ends TLS (--behind-tls, --proxy) and says so with X-Forwarded-Proto: https.",
            ));
        }
        Ok(())
    }

    /// Says whether a name is one of this server. A page of another site can make its own name lead here (DNS
    /// rebinding), but not an address or `localhost`.
    fn answers_to(&self, host: &str) -> bool {
        let name = name_of(host);
        let own = |own: &String| own.eq_ignore_ascii_case(name);
        name.eq_ignore_ascii_case("localhost")
            || address(name).is_some_and(|ip| ip.is_loopback() || !self.options.is_local())
            || self.options.behind_tls.as_ref().is_some_and(own)
    }
}

/// The host that a request names: in its address, else in the one header for it.
pub(super) fn asked_host(request: &Request) -> Result<String, Problem> {
    let wrong = || {
        Problem::new(
            StatusCode::BAD_REQUEST,
            "The request does not name one host.",
        )
    };
    let mut given = request.headers().get_all(HOST).iter();
    let (first, second) = (given.next(), given.next());
    if second.is_some() {
        return Err(wrong());
    }
    let header = first.and_then(|host| host.to_str().ok());
    let authority = request.uri().authority().map(ToString::to_string);
    (authority.or(header.map(str::to_owned)))
        .filter(|host| !host.is_empty())
        .ok_or_else(wrong)
}

/// The name in `name:port`; brackets of an address stay.
pub(super) fn name_of(host: &str) -> &str {
    if host.starts_with('[') {
        let end = host.find(']').map_or(host.len(), |at| at + 1);
        return host.get(..end).unwrap_or_default();
    }
    host.rsplit_once(':').map_or(host, |(name, _)| name)
}

fn address(name: &str) -> Option<IpAddr> {
    let inner = name
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    match inner {
        Some(inner) => inner.parse::<Ipv6Addr>().ok().map(IpAddr::V6),
        None => name.parse::<Ipv4Addr>().ok().map(IpAddr::V4),
    }
}

/// A form of another page is refused. A browser that sends no referrer says `null` for its origin, but tells whether
/// the form stood on a page of the same server (Fetch Metadata); a program that is no browser says neither.
fn check_origin(headers: &HeaderMap, host: &str) -> Result<(), Problem> {
    let text = |name: &HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let is_own = match text(&HeaderName::from_static("sec-fetch-site")) {
        Some(site) => matches!(site, "same-origin" | "none"),
        None => text(&ORIGIN).is_none_or(|origin| {
            let own = origin
                .strip_prefix("http://")
                .or(origin.strip_prefix("https://"));
            own.is_some_and(|own| own.eq_ignore_ascii_case(host))
        }),
    };
    if is_own {
        return Ok(());
    }
    Err(Problem::new(
        StatusCode::FORBIDDEN,
        "The form did not come from a page of this server. Open the page here and fill it in again; an old browser may have to be renewed.",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_told_from_its_port() {
        for (host, name) in [
            ("localhost:8787", "localhost"),
            ("127.0.0.1", "127.0.0.1"),
            ("[::1]:80", "[::1]"),
            ("[::1", "[::1"),
            ("", ""),
        ] {
            assert_eq!(name_of(host), name);
        }
        assert!(address("[::1]").is_some() && address("127.0.0.1").is_some());
        for none in [
            "::1",
            "127.1",
            "0x7f.0.0.1",
            "a@127.0.0.1",
            "[127.0.0.1]",
            "",
        ] {
            assert_eq!(address(none), None, "{none}");
        }
    }
}
