//! Who asks: the proxy that ends TLS or somebody else, and whether he asks too much.

use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::Arc;

use axum::http::header::HeaderName;
use axum::http::{HeaderMap, Request, StatusCode};
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota};

use super::Options;
use super::crowd::Line;
use super::door::name_of;
use super::problem::Problem;
use crate::render::html::site::Reach;

/// Requests a second that a client may go on asking; a clinic has one address for many people.
const EACH_SECOND: NonZeroU32 = NonZeroU32::new(20).expect("20 is more than 0");

/// Requests that a client may ask at once.
const AT_ONCE: NonZeroU32 = NonZeroU32::new(200).expect("200 is more than 0");

/// Clients that are remembered before those that stopped asking are forgotten.
const MOST_REMEMBERED: usize = 10_000;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// What is known of clients of a server that others can reach.
#[derive(Debug)]
pub(super) struct Guests {
    pace: DefaultKeyedRateLimiter<IpAddr>,
    clock: DefaultClock,
}

impl Guests {
    pub(super) fn new() -> Self {
        Self {
            pace: DefaultKeyedRateLimiter::keyed(
                Quota::per_second(EACH_SECOND).allow_burst(AT_ONCE),
            ),
            clock: DefaultClock::default(),
        }
    }

    /// Refuses a client that asks too much.
    pub(super) fn admit<B>(&self, options: &Options, request: &Request<B>) -> Result<(), Problem> {
        let Some(client) = client(options, request) else {
            return Ok(());
        };
        if self.pace.len() > MOST_REMEMBERED {
            self.pace.retain_recent();
        }
        self.pace.check_key(&household(client)).map_err(|until| {
            let wait = until.wait_time_from(self.clock.now()).as_secs() + 1;
            Problem {
                retry_after: Some(wait),
                ..Problem::new(
                    StatusCode::TOO_MANY_REQUESTS,
                    format!("Too many requests came from your address. Wait {wait} seconds, and ask more slowly."),
                )
            }
        })
    }
}

/// Says who can read what comes with a request on its way: nobody on the machine itself, and nobody behind the proxy
/// that is named, if it says that it ended TLS.
///
/// With such a proxy no other name will do, the machine's own neither: a proxy that is set up by halves asks by it, and
/// what it was told stood open on the way.
pub(super) fn reach<B>(options: &Options, host: &str, request: &Request<B>) -> Reach {
    let is_safe = match &options.behind_tls {
        None if options.is_local() => return Reach::Machine,
        None => false,
        Some(own) => {
            own.eq_ignore_ascii_case(name_of(host))
                && comes_from_proxy(options, request)
                && is_encrypted(request.headers())
        }
    };
    if is_safe {
        Reach::Encrypted
    } else {
        Reach::Open
    }
}

/// Where a request comes from; behind the proxy, whom the proxy names.
fn client<B>(options: &Options, request: &Request<B>) -> Option<IpAddr> {
    let peer = peer(request)?;
    if !comes_from_proxy(options, request) {
        return Some(peer);
    }
    // The proxy adds the one who asked it at the end; what stands before is that one's own word.
    let all = request.headers().get_all(FORWARDED_FOR);
    let last = all.iter().next_back().and_then(|value| value.to_str().ok());
    let last = last.and_then(|value| value.rsplit(',').next());
    let named = last.and_then(|value| value.trim().parse().ok());
    Some(named.unwrap_or(peer))
}

fn peer<B>(request: &Request<B>) -> Option<IpAddr> {
    let line = request.extensions().get::<Arc<Line>>()?;
    Some(line.peer.to_canonical())
}

fn comes_from_proxy<B>(options: &Options, request: &Request<B>) -> bool {
    let Some(peer) = peer(request).filter(|_| options.behind_tls.is_some()) else {
        return false;
    };
    if options.proxies.is_empty() {
        return peer.is_loopback();
    }
    options.proxies.iter().any(|own| own.to_canonical() == peer)
}

fn is_encrypted(headers: &HeaderMap) -> bool {
    let mut all = headers.get_all(FORWARDED_PROTO).iter().peekable();
    let is_https = |one: &str| one.trim().eq_ignore_ascii_case("https");
    all.peek().is_some()
        && all.all(|value| {
            value
                .to_str()
                .is_ok_and(|value| value.split(',').all(is_https))
        })
}

/// One client for all addresses of a connection: a house is given at least a `/64` (RFC 6177).
fn household(client: IpAddr) -> IpAddr {
    match client.to_canonical() {
        IpAddr::V6(address) => {
            let network = address.to_bits() & (u128::MAX << 64);
            IpAddr::V6(Ipv6Addr::from_bits(network))
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}
