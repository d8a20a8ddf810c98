//! `store`: care of the local store.

use super::args::{Format, StoreCommand};
use super::output::Output;
use super::{Failure, settings};
use crate::app::{App, AppError, Settings};
use crate::render::store;

pub(super) fn run(
    command: &StoreCommand,
    settings: Settings,
    output: &Output,
) -> Result<(), Failure> {
    let app = App::new(settings)?;
    match command {
        StoreCommand::Path => output.data(format!("{}\n", app.store_path()?.display()).as_bytes()),
        StoreCommand::Check => check(&app, output),
        StoreCommand::Backup { file } => {
            let bytes = app.back_up_store(file)?;
            output.note(&format!("{bytes} bytes written to `{}`", file.display()));
            Ok(())
        }
        StoreCommand::Sentinels { sentinels } => {
            let numbers = sentinels.choice().numbers()?;
            let lines = numbers.iter().map(|number| format!("{number}\n"));
            output.data(lines.collect::<String>().as_bytes())
        }
        StoreCommand::Forget { older_than, wait } => {
            let before = settings::older_than(older_than, app.settings().today);
            let before = before.map_err(Failure::Usage)?;
            let gone = app.forget(before, wait.time())?;
            output.note(&format!(
                "forgotten from before {before}: {} old versions, {} rows of the change log, {} studies that the registry no longer has",
                gone.versions, gone.changes, gone.removed
            ));
            Ok(())
        }
    }
}

/// Prints what was found; a store that is not whole is an error.
fn check(app: &App, output: &Output) -> Result<(), Failure> {
    let (checked, head) = app.check_store()?;
    let path = app.store_path()?;
    let report = match output.format {
        Format::Json => store::check_json(&checked, &head, &path),
        _ => store::check(&checked, &head, &path),
    };
    output.data(report.as_bytes())?;
    match checked.problems.first() {
        None => Ok(()),
        Some(first) => Err(AppError::NotWhole {
            path,
            what: first.clone(),
        }
        .into()),
    }
}
