//! How far a long run is, for who waits at a terminal.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// How far a sync is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// The registry answers.
    Registry {
        /// Studies that came. A study may come twice.
        read: u64,
        /// Studies that the registry counts, of the questions asked so far; 0 where it does not say.
        of: u64,
    },
    /// The registry's archive is read.
    Archive {
        /// Studies read.
        read: u64,
        /// Studies in it.
        of: u64,
    },
    /// The sync is over, well or not.
    Ended,
}

/// Whom to tell. It is called from several threads, and must not keep them waiting.
#[derive(Clone)]
pub struct Teller(Arc<dyn Fn(Progress) + Send + Sync>);

impl Teller {
    /// Tells this function.
    pub fn new(tell: impl Fn(Progress) + Send + Sync + 'static) -> Self {
        Self(Arc::new(tell))
    }

    /// Tells nobody.
    pub(super) fn nobody() -> Self {
        Self::new(|_| ())
    }

    pub(super) fn tell(&self, progress: Progress) {
        (self.0)(progress);
    }
}

impl fmt::Debug for Teller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Teller")
    }
}

/// Counts what came from the registry.
#[derive(Debug)]
pub(super) struct Answers {
    teller: Teller,
    read: AtomicU64,
    of: AtomicU64,
}

impl Answers {
    pub(super) fn new(teller: Teller) -> Self {
        Self {
            teller,
            read: AtomicU64::new(0),
            of: AtomicU64::new(0),
        }
    }

    /// Takes an answer: its studies, and how many the registry counts, where it says so.
    pub(super) fn came(&self, studies: usize, total: Option<u64>) {
        let add = |sum: &AtomicU64, more: u64| sum.fetch_add(more, Ordering::Relaxed) + more;
        self.teller.tell(Progress::Registry {
            of: add(&self.of, total.unwrap_or_default()),
            read: add(&self.read, studies as u64),
        });
    }
}
