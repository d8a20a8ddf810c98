//! A line on the terminal that tells how far a sync is, and is gone when it ends.

use std::io::{self, IsTerminal, Write};
use std::sync::{Mutex, TryLockError};
use std::time::{Duration, Instant};

use crate::app::{Progress, Teller};

/// Takes the line away: to its start, then everything up to its end.
const ERASE: &str = "\r\u{1b}[K";

/// How long a line stands at least.
const STANDS: Duration = Duration::from_millis(100);

/// Columns of a terminal that does not say how many it has.
const USUAL_WIDTH: usize = 80;

/// Returns who draws on stderr; `None` if it is no terminal, or one that cannot take a line away.
pub(super) fn on_stderr() -> Option<Teller> {
    let is_dumb = std::env::var_os("TERM").is_none_or(|term| term == "dumb");
    if is_dumb || !io::stderr().is_terminal() {
        return None;
    }
    let drawn: Mutex<Option<Instant>> = Mutex::new(None);
    Some(Teller::new(move |progress| {
        let mut drawn = match drawn.try_lock() {
            Ok(drawn) => drawn,
            Err(TryLockError::Poisoned(drawn)) => drawn.into_inner(),
            // Another thread draws; this one has work to do.
            Err(TryLockError::WouldBlock) => return,
        };
        let Some(words) = words(progress) else {
            if drawn.take().is_some() {
                draw("");
            }
            return;
        };
        if drawn.is_none_or(|since| since.elapsed() >= STANDS) {
            draw(&words);
            *drawn = Some(Instant::now());
        }
    }))
}

/// A line that is longer than the terminal is wide could not be taken away.
fn draw(words: &str) {
    let size = terminal_size::terminal_size_of(io::stderr());
    let width = size.map_or(USUAL_WIDTH, |(width, _)| usize::from(width.0));
    let width = if width == 0 { USUAL_WIDTH } else { width };
    let words: String = words.chars().take(width.saturating_sub(1)).collect();
    let mut stderr = io::stderr().lock();
    let _ = write!(stderr, "{ERASE}{words}");
    let _ = stderr.flush();
}

/// What is drawn; `None` at the end.
fn words(progress: Progress) -> Option<String> {
    match progress {
        Progress::Registry { read, of } if of >= read => {
            Some(format!("asking the registry: {read} of {of} studies"))
        }
        Progress::Registry { read, .. } => Some(format!("asking the registry: {read} studies")),
        Progress::Archive { read, of } => {
            let share = (read * 100).checked_div(of).unwrap_or_default().min(100);
            Some(format!("reading the archive: {share} % of {of} studies"))
        }
        Progress::Ended => None,
    }
}
