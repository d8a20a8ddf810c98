//! Who is connected. When there is no room, the oldest connection that waits for its client makes way: many slow
//! clients take room from one another, and never from who asks and goes.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// Files that the program needs besides its connections: the store, the registry, threads.
const OTHER_FILES: u64 = 48;

/// Connections at a time, however many files there may be: each takes some kilobytes.
const MOST: u64 = 4096;

/// A connection, as its requests know it.
#[derive(Debug)]
pub(super) struct Line {
    /// Where it comes from.
    pub(super) peer: IpAddr,
    /// Whether a request of it is worked on, so that it must not be cut off.
    at_work: AtomicBool,
    leave: Notify,
}

impl Line {
    /// Marks it as worked on until the mark is dropped.
    pub(super) fn at_work(self: &Arc<Self>) -> AtWork {
        self.at_work.store(true, Ordering::Relaxed);
        AtWork(Arc::clone(self))
    }
}

/// A request is worked on while this lives.
#[derive(Debug)]
pub(super) struct AtWork(Arc<Line>);

impl Drop for AtWork {
    fn drop(&mut self) {
        self.0.at_work.store(false, Ordering::Relaxed);
    }
}

/// All connections, by the order in which they came.
#[derive(Debug)]
pub(super) struct Crowd {
    most: usize,
    seated: Mutex<Seated>,
}

#[derive(Debug, Default)]
struct Seated {
    next: u64,
    lines: BTreeMap<u64, Arc<Line>>,
}

impl Crowd {
    /// As many as the files that the process may open leave room for.
    pub(super) fn new() -> Arc<Self> {
        Self::of(open_files().saturating_sub(OTHER_FILES).clamp(16, MOST))
    }

    fn of(most: u64) -> Arc<Self> {
        Arc::new(Self {
            most: usize::try_from(most).unwrap_or(usize::MAX),
            seated: Mutex::default(),
        })
    }

    fn seated(&self) -> MutexGuard<'_, Seated> {
        // Nothing is left half done where somebody could panic.
        self.seated.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns how many there are.
    pub(super) fn len(&self) -> usize {
        self.seated().lines.len()
    }

    /// Takes a connection in. Of a full house the oldest that waits is told to leave; `None` if all are at work.
    pub(super) fn admit(self: &Arc<Self>, peer: IpAddr) -> Option<Seat> {
        let mut seated = self.seated();
        if seated.lines.len() >= self.most {
            let mut lines = seated.lines.iter();
            let waits = |(_, line): &(&u64, &Arc<Line>)| !line.at_work.load(Ordering::Relaxed);
            let (number, _) = lines.find(waits)?;
            let number = *number;
            if let Some(line) = seated.lines.remove(&number) {
                line.leave.notify_one();
            }
        }
        let line = Arc::new(Line {
            peer,
            at_work: AtomicBool::new(false),
            leave: Notify::new(),
        });
        let number = seated.next;
        seated.next += 1;
        seated.lines.insert(number, Arc::clone(&line));
        drop(seated);
        Some(Seat {
            crowd: Arc::clone(self),
            number,
            line,
        })
    }
}

/// The place of a connection, given back when it ends.
#[derive(Debug)]
pub(super) struct Seat {
    crowd: Arc<Crowd>,
    number: u64,
    pub(super) line: Arc<Line>,
}

impl Seat {
    /// Waits until the place is needed.
    pub(super) async fn told_to_leave(&self) {
        self.line.leave.notified().await;
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.crowd.seated().lines.remove(&self.number);
    }
}

#[cfg(unix)]
fn open_files() -> u64 {
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile);
    limit.current.unwrap_or(u64::MAX)
}

#[cfg(not(unix))]
fn open_files() -> u64 {
    1024
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    const PEER: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    fn is_told(seat: &Seat) -> bool {
        use std::pin::pin;
        use std::task::{Context, Waker};
        let told = pin!(seat.told_to_leave());
        told.poll(&mut Context::from_waker(Waker::noop()))
            .is_ready()
    }

    #[test]
    fn the_oldest_that_waits_makes_way() {
        let crowd = Crowd::of(3);
        let mut seats: Vec<Seat> = (0..3).filter_map(|_| crowd.admit(PEER)).collect();
        let at_work = seats[0].line.at_work();
        let fourth = crowd.admit(PEER).unwrap();
        assert_eq!(
            seats.iter().map(is_told).collect::<Vec<_>>(),
            [false, true, false]
        );
        assert_eq!(crowd.len(), 3);
        drop(at_work);
        let fifth = crowd.admit(PEER).unwrap();
        assert_eq!(
            seats.iter().map(is_told).collect::<Vec<_>>(),
            [true, false, false]
        );
        // Who was told to leave gives back nobody else's place.
        seats.clear();
        assert_eq!(crowd.len(), 2);
        drop((fourth, fifth));
        assert_eq!(crowd.len(), 0);
    }

    #[test]
    fn nobody_at_work_is_cut_off() {
        let crowd = Crowd::of(2);
        let seats: Vec<Seat> = (0..2).filter_map(|_| crowd.admit(PEER)).collect();
        let _work: Vec<AtWork> = seats.iter().map(|seat| seat.line.at_work()).collect();
        assert!(crowd.admit(PEER).is_none());
        assert!(!seats.iter().any(is_told));
    }
}
