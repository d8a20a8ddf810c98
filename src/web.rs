//! The same use cases as a page and as JSON, over HTTP, for one machine or behind a proxy that ends TLS.
//!
//! Facts about a patient come by POST only, are never stored, logged or put into an address, and are taken
//! only where nobody on the way can read them.

mod answer;
mod api;
mod crowd;
mod door;
mod form;
mod guest;
mod meter;
mod pages;
mod problem;
mod refresh;
mod routes;
mod server;

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use crate::app::{App, Sentinels};

/// Where and for whom pages are served.
#[derive(Debug, Clone)]
pub struct Options {
    /// Address to listen on; port 0 takes a free one.
    pub bind: SocketAddr,
    /// Host name under which a proxy that ends TLS passes requests on.
    pub behind_tls: Option<String>,
    /// Addresses of that proxy; empty for one on the same machine.
    pub proxies: Vec<IpAddr>,
    /// How often the local store is brought up to date; `None` for never.
    pub sync_every: Option<Duration>,
    /// Which studies the store must hold after that.
    pub sentinels: Sentinels,
    /// Tells who started the server what goes wrong while it runs.
    pub warn: fn(&str),
    /// Whether today is the day of the clock; otherwise it stays the day of the settings.
    pub clock_runs: bool,
}

impl Options {
    /// Says whether only this machine can reach the pages.
    pub fn is_local(&self) -> bool {
        self.bind.ip().is_loopback()
    }

    /// Says whether others are served, be it by way of a proxy.
    pub fn is_hosted(&self) -> bool {
        !self.is_local() || self.behind_tls.is_some()
    }
}

/// What keeps pages from being served.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Bind {
        /// Which.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// The system gives no threads, or no signals.
    #[error("the server could not be started: {0}")]
    Start(io::Error),
}

impl ServeError {
    /// Returns what to do next.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Bind { .. } => {
                "another program may listen there: name another port with --bind 127.0.0.1:8788, or let the system choose one with --bind 127.0.0.1:0"
            }
            Self::Start(_) => "try again, or close other programs first",
        }
    }
}

/// Serves until the process is told to end (SIGTERM, Ctrl-C).
///
/// What is under way then is finished within ten seconds. `app` should hold its data ([`App::holding`]). `ready` is called with the address once requests are taken.
///
/// # Errors
///
/// [`ServeError`] if no request can be taken.
pub fn serve(app: App, options: Options, ready: impl FnOnce(SocketAddr)) -> Result<(), ServeError> {
    let site = answer::Site::new(app, options)?;
    server::run(&site, routes::router(&site), ready)
}
