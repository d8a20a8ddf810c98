//! When a run was: by the clock of this machine, but never before what is known to lie behind it.

use chrono::NaiveDateTime;

use crate::app::App;
use crate::store::{Head, Run, RunKind};

impl App {
    /// When the registry was asked: now, and not before it processed the data that it sent.
    pub(super) fn checked_at(&self, data_timestamp: Option<&str>) -> String {
        let now = self.settings.now.clone();
        data_timestamp
            .and_then(utc)
            .map_or_else(|| now.clone(), |stamp| stamp.max(now.clone()))
    }

    /// Returns a run with its times, and a warning if the clock of this machine stands before them.
    /// Changes are asked for, and forgotten, by day: a clock that was set back must not hide them.
    pub(super) fn timed(&self, run: &Run, head: Option<&Head>) -> (Run, Option<String>) {
        let now = &self.settings.now;
        let stamp = run.data_timestamp.as_deref();
        // The day of a file's records is what its maker wrote there.
        let checked_at = self.checked_at(stamp.filter(|_| run.kind == RunKind::Live));
        let before = head.map(|head| head.last.finished_at.as_str());
        let finished_at = before
            .unwrap_or_default()
            .max(checked_at.as_str())
            .to_owned();
        let day = |time: &str| time.get(..10).unwrap_or_default().to_owned();
        let warning = (day(&finished_at) > day(now)).then(|| {
            format!(
                "the clock of this machine says {}, which is before the last run or the registry's own data: this run is noted as of {}",
                day(now),
                day(&finished_at)
            )
        });
        let run = Run {
            finished_at,
            checked_at,
            ..run.clone()
        };
        (run, warning)
    }
}

/// Says so if the registry's data are older than those that it sent before. `runs` is every run so far.
pub(super) fn gone_back(runs: &[Run], now: Option<&str>, clock: &str) -> Option<String> {
    let live = runs.iter().filter(|run| run.kind == RunKind::Live);
    let stamps: Vec<String> = live
        .filter_map(|run| utc(run.data_timestamp.as_deref()?))
        .collect();
    // A stamp that was of days to come was a fault, and must not count for years.
    let past = stamps.iter().filter(|stamp| stamp.as_str() <= clock);
    let before = past.max().or(stamps.last())?;
    let stamp = now.and_then(utc)?;
    (stamp < *before).then(|| {
        format!(
            "the registry went back in time: it sent data of {stamp}, and data of {before} before; no study was taken for gone, and no record for a newer one"
        )
    })
}

/// Writes a time of the registry (UTC without a zone) as ours are; `None` if it is none.
fn utc(stamp: &str) -> Option<String> {
    let plain = stamp.trim_end_matches('Z');
    let time: NaiveDateTime = plain.parse().ok()?;
    Some(time.format("%Y-%m-%dT%H:%M:%SZ").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_the_registry_are_read_with_and_without_a_zone() {
        for stamp in [
            "2026-08-03T09:00:05",
            "2026-08-03T09:00:05Z",
            "2026-08-03T09:00:05.125",
        ] {
            assert_eq!(utc(stamp).as_deref(), Some("2026-08-03T09:00:05Z"));
        }
        assert_eq!(utc("soon"), None);
        assert_eq!(utc("2026-08-03"), None);
    }
}
