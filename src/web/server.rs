//! Connections: how many, how long, and how they end.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::{Extension, Router};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::time;
use tower_layer::Layer;

use super::ServeError;
use super::answer::Site;
use super::crowd::{Line, Seat};
use super::refresh::keep_fresh;

/// Requests that are worked on at a time; others wait.
const MOST_AT_WORK: usize = 8;

/// How long a client may take for the head of a request.
const FOR_HEAD: Duration = Duration::from_secs(10);

/// How long a connection may last in all.
const FOR_CONNECTION: Duration = Duration::from_mins(5);

/// How long what is under way may take when the server is told to end.
const FOR_END: Duration = Duration::from_secs(8);

/// Bytes of the head of a request.
const HEAD_BYTES: usize = 32 << 10;

/// Header fields of a request.
const HEAD_FIELDS: usize = 64;

/// Listens and answers until the process is told to end.
pub(super) fn run(
    site: &Arc<Site>,
    router: Router,
    ready: impl FnOnce(std::net::SocketAddr),
) -> Result<(), ServeError> {
    let address = site.options.bind;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .max_blocking_threads(MOST_AT_WORK)
        .build()
        .map_err(ServeError::Start)?;
    let served = runtime.block_on(async {
        let bound = |source| ServeError::Bind { address, source };
        let listener = TcpListener::bind(address).await.map_err(bound)?;
        // Signals are watched before anybody knows the address.
        let told = told_to_end().map_err(ServeError::Start)?;
        ready(listener.local_addr().map_err(bound)?);
        if let Some(every) = site.options.sync_every {
            tokio::spawn(keep_fresh(Arc::clone(site), every));
        }
        accept(site, listener, router, told).await;
        Ok(())
    });
    // What still runs does nothing that must be finished.
    runtime.shutdown_timeout(Duration::from_secs(1));
    served
}

async fn accept(
    site: &Arc<Site>,
    listener: TcpListener,
    router: Router,
    told: impl Future<Output = ()>,
) {
    let graceful = GracefulShutdown::new();
    let mut told = pin!(told);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut told => break,
        };
        let Ok((stream, peer)) = accepted else {
            // No file is left, most likely: one is given back soon.
            time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        // All others are being answered: who comes now must come again.
        let Some(seat) = site.crowd.admit(peer.ip()) else {
            continue;
        };
        // Answers are short, and written at once.
        let _ = stream.set_nodelay(true);
        let connection = connection(stream, Arc::clone(&seat.line), router.clone());
        tokio::spawn(attend(graceful.watch(connection), seat));
    }
    drop(listener);
    let _ = time::timeout(FOR_END, graceful.shutdown()).await;
}

/// Serves a connection until it ends, takes too long, or must make way. How a client goes away is its own matter.
async fn attend<E>(connection: impl Future<Output = Result<(), E>>, seat: Seat) {
    let ended = async {
        tokio::select! {
            _ = connection => {}
            () = seat.told_to_leave() => {}
        }
    };
    let _ = time::timeout(FOR_CONNECTION, ended).await;
}

type Service = TowerToHyperService<axum::middleware::AddExtension<Router, Arc<Line>>>;

fn connection(
    stream: TcpStream,
    line: Arc<Line>,
    router: Router,
) -> http1::Connection<TokioIo<TcpStream>, Service> {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(FOR_HEAD)
        .max_buf_size(HEAD_BYTES)
        .max_headers(HEAD_FIELDS);
    let service = Extension(line).layer(router);
    http.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service))
}

#[cfg(unix)]
fn told_to_end() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut end = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = end.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere it can fail")]
fn told_to_end() -> std::io::Result<impl Future<Output = ()>> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}
