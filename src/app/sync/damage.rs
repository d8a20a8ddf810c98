//! What a run does about a store that is damaged: it is put aside, kept and told, and stays where it was
//! if the run fails.

use std::path::PathBuf;

use super::Synced;
use crate::app::{App, AppError};
use crate::store::{Counts, Lock, Store, StoreError};

/// A store to write to, and the one that lies aside if it was begun anew.
pub(super) struct Found {
    pub(super) store: Store,
    pub(super) aside: Option<Aside>,
}

/// A damaged store that was put aside.
pub(super) struct Aside {
    path: PathBuf,
    /// What is wrong with it; `None` if a run before put it aside, and was ended.
    what: Option<String>,
    /// What it held, as far as that can be read.
    pub(super) counts: Option<Counts>,
}

impl App {
    /// Opens the store to write, examines it, and mends what follows from its records; one that is
    /// damaged is put aside.
    pub(super) fn open_or_begin(&self, lock: &Lock) -> Result<Found, AppError> {
        let opened = Store::open_to_write(lock).and_then(|store| store.mend().map(|()| store));
        let (store, what) = match opened {
            Ok(store) if store.head()?.is_some() => return Ok(Found { store, aside: None }),
            Ok(store) => (store, None),
            Err(StoreError::Damaged { what, .. }) => {
                Store::set_aside(lock, &self.settings.now)?;
                (Store::open_to_write(lock)?, Some(what))
            }
            Err(error) => return Err(error.into()),
        };
        let aside = Store::last_aside(lock).map(|path| Aside {
            counts: Store::counts_of(&path),
            what,
            path,
        });
        Ok(Found { store, aside })
    }
}

/// Tells of the store that lies aside. One that this run put there goes back into its place if the run failed.
pub(super) fn told(
    lock: &Lock,
    aside: Option<Aside>,
    synced: Result<Synced, AppError>,
) -> Result<Synced, AppError> {
    let Some(aside) = aside else {
        return synced;
    };
    let lies = aside.path.display();
    match (synced, aside.what) {
        (Ok(mut synced), what) => {
            let what = what.map_or(String::new(), |what| format!(" ({what})"));
            let told = format!(
                "the store was damaged{what}: it was put aside as `{lies}`, with its history, and everything is read anew"
            );
            synced.warnings.insert(0, told);
            Ok(synced)
        }
        (Err(failed), Some(what)) => {
            let told = match Store::put_back(lock, &aside.path) {
                Ok(()) => format!(
                    "the store is damaged ({what}); it was left where it was, and a run that succeeds puts it aside"
                ),
                Err(_) => format!("the store is damaged ({what}); it was put aside as `{lies}`"),
            };
            let failed = Box::new(failed);
            Err(AppError::Besides { told, failed })
        }
        (Err(failed), None) => Err(failed),
    }
}
