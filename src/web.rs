//! The same use cases as a page and as JSON, over HTTP, for one machine or behind a proxy that ends TLS.
//!
//! Facts about a patient come by POST only, are never stored, logged or put into an address, and are taken
//! only where nobody on the way can read them.

mod answer;
mod api;
mod door;
mod form;
mod pages;
mod problem;
mod routes;
mod server;

use std::io;
use std::net::SocketAddr;

use crate::app::App;

/// Where and for whom pages are served.
#[derive(Debug, Clone)]
pub struct Options {
    /// Address to listen on; port 0 takes a free one.
    pub bind: SocketAddr,
    /// Host name under which a proxy that ends TLS passes requests on.
    pub behind_tls: Option<String>,
    /// Whether today is the day of the clock; otherwise it stays the day of the settings.
    pub clock_runs: bool,
}

impl Options {
    /// Says whether only this machine can reach the pages.
    pub fn is_local(&self) -> bool {
        self.bind.ip().is_loopback()
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
    let bind = options.bind;
    server::run(routes::router(app, options), bind, ready)
}
