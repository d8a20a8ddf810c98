//! Bringing the data up to date while pages are served: the new take the place of the old at once, and only when
//! they are whole.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::spawn_blocking;
use tokio::time::sleep;

use super::answer::Site;
use crate::app::Sync;
use crate::render::html::site::Freshness;

/// How long to wait after a first failure; twice as long after each further one.
const FIRST_WAIT: Duration = Duration::from_mins(5);

/// How long to wait for another run to let go of the store.
const FOR_OTHERS: Duration = Duration::from_mins(1);

/// Brings the data up to date, now and again and again.
pub(super) async fn keep_fresh(site: Arc<Site>, every: Duration) {
    let mut failures = 0;
    loop {
        let site = Arc::clone(&site);
        let is_done = spawn_blocking(move || site.refresh())
            .await
            .unwrap_or(false);
        failures = if is_done { 0 } else { failures + 1 };
        sleep(pause(every, failures)).await;
    }
}

/// A registry that is down is not asked more often than it may bear, nor later than it would be anyway.
fn pause(every: Duration, failures: u32) -> Duration {
    match failures.checked_sub(1) {
        None => every,
        Some(before) => every.min(FIRST_WAIT.saturating_mul(2_u32.saturating_pow(before))),
    }
}

impl Site {
    /// Says whether the data are up to date now. If not, what was held stays.
    fn refresh(&self) -> bool {
        let sync = Sync {
            full: false,
            file: None,
            sentinels: self.options.sentinels.clone(),
            allow_shrink: false,
            wait: FOR_OTHERS,
        };
        let outcome = self.app_now().refreshed(&sync);
        self.meter.synced(outcome.is_ok());
        match outcome {
            Ok(app) => {
                self.hold(app);
                self.is_as_fresh_as(Freshness::UpToDate);
                true
            }
            Err(error) => {
                self.is_as_fresh_as(Freshness::LastTryFailed);
                (self.options.warn)(&format!(
                    "the data could not be brought up to date: {error}; what was held before is shown, with its date"
                ));
                false
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_are_tried_again_ever_more_seldom() {
        let day = Duration::from_hours(24);
        let minutes = |failures| pause(day, failures).as_secs() / 60;
        assert_eq!(
            [0, 1, 2, 3, 8, 9, 10, u32::MAX].map(minutes),
            [1440, 5, 10, 20, 640, 1280, 1440, 1440]
        );
        assert_eq!(pause(Duration::from_mins(1), 1), Duration::from_mins(1));
    }
}
