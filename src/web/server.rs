//! Connections: how many, how long, and how they end.

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time;

use super::ServeError;

/// Connections at a time: fewer than the 1,024 files that a process may usually open.
const MOST_CONNECTIONS: usize = 900;

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
    router: Router,
    address: SocketAddr,
    ready: impl FnOnce(SocketAddr),
) -> Result<(), ServeError> {
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
        accept(listener, router, told).await;
        Ok(())
    });
    // What still runs does nothing that must be finished.
    runtime.shutdown_timeout(Duration::from_secs(1));
    served
}

async fn accept(listener: TcpListener, router: Router, told: impl Future<Output = ()>) {
    let room = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    let graceful = GracefulShutdown::new();
    let mut told = pin!(told);
    loop {
        let next = async {
            let permit = Arc::clone(&room).acquire_owned().await;
            (permit, listener.accept().await)
        };
        let (permit, accepted) = tokio::select! {
            next = next => next,
            () = &mut told => break,
        };
        let Ok((stream, _)) = accepted else {
            // No file is left, most likely: one is given back soon.
            time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let connection = graceful.watch(connection(stream, router.clone()));
        tokio::spawn(async move {
            // How a client goes away is its own matter.
            let _ = time::timeout(FOR_CONNECTION, connection).await;
            drop(permit);
        });
    }
    drop(listener);
    let _ = time::timeout(FOR_END, graceful.shutdown()).await;
}

fn connection(
    stream: TcpStream,
    router: Router,
) -> http1::Connection<TokioIo<TcpStream>, TowerToHyperService<Router>> {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(FOR_HEAD)
        .max_buf_size(HEAD_BYTES)
        .max_headers(HEAD_FIELDS);
    http.serve_connection(TokioIo::new(stream), TowerToHyperService::new(router))
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
