//! `sync`: one line about what the store holds now.

use super::Failure;
use super::args::{Format, SyncArgs};
use super::output::Output;
use crate::app::{App, Settings, Sync};
use crate::render::store;

pub(super) fn run(args: &SyncArgs, settings: Settings, output: &Output) -> Result<(), Failure> {
    let app = output.telling(App::new(settings)?);
    let sync = Sync {
        full: args.full,
        file: args.file.clone(),
        sentinels: args.guard.sentinels.choice(),
        allow_shrink: args.guard.allow_shrink,
        wait: args.wait.time(),
    };
    let synced = app.sync(&sync)?;
    output.tell_sync(&synced);
    let outcome = store::Outcome {
        run: &synced.run,
        same: synced.same,
        requests: synced.requests.len(),
        counts: synced.tally.counts(),
    };
    if output.format == Format::Json {
        return output.data(outcome.json().as_bytes());
    }
    output.note(&outcome.line());
    Ok(())
}
