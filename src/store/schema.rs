//! The form of the store, by number. An older store is brought up to date in
//! one transaction, a newer one is left alone.

use rusqlite::Connection;

use super::{Store, StoreError};

/// The migrations in order; the first makes form 1.
const MIGRATIONS: [&str; 1] = [include_str!("migrations/1.sql")];

/// The form that this program knows.
const KNOWN: i64 = 1;

/// Marks the file as ours (`PRAGMA application_id`): "trib".
const APPLICATION: i64 = 0x7472_6962;

/// Returns the form of a store; 0 for a file that holds nothing yet.
pub(super) fn version(store: &Store) -> Result<i64, StoreError> {
    pragma(store, "user_version")
}

fn pragma(store: &Store, name: &str) -> Result<i64, StoreError> {
    store.tried(store.db.pragma_query_value(None, name, |row| row.get(0)))
}

/// Refuses a store that a newer program wrote, and a database that is none of ours.
pub(super) fn refuse_newer(store: &Store) -> Result<(), StoreError> {
    let found = version(store)?;
    let tables: i64 = store.tried(store.db.query_row(
        "SELECT count(*) FROM sqlite_schema",
        [],
        |row| row.get(0),
    ))?;
    if (tables > 0 || found > 0) && pragma(store, "application_id")? != APPLICATION {
        return Err(StoreError::Damaged {
            path: store.path.clone(),
            what: "it is a database of another program".to_owned(),
        });
    }
    if found > KNOWN {
        return Err(StoreError::Newer {
            path: store.path.clone(),
            found,
            known: KNOWN,
        });
    }
    Ok(())
}

/// Demands the form that this program knows.
pub(super) fn require(store: &Store) -> Result<(), StoreError> {
    refuse_newer(store)?;
    let found = version(store)?;
    if found < KNOWN {
        return Err(StoreError::Older {
            path: store.path.clone(),
            found,
            known: KNOWN,
        });
    }
    Ok(())
}

/// Brings a store up to date.
pub(super) fn migrate(store: &mut Store) -> Result<(), StoreError> {
    let found = version(store)?;
    if found == KNOWN {
        return Ok(());
    }
    let done = usize::try_from(found).unwrap_or_default();
    let path = store.path.clone();
    migrate_from(&mut store.db, done).map_err(|source| StoreError::sql(&path, source))
}

fn migrate_from(db: &mut Connection, done: usize) -> rusqlite::Result<()> {
    let step = db.transaction()?;
    for migration in MIGRATIONS.iter().skip(done) {
        step.execute_batch(migration)?;
    }
    step.pragma_update(None, "application_id", APPLICATION)?;
    step.pragma_update(None, "user_version", KNOWN)?;
    if done == 0 {
        // By this name an export knows that its cursor is of this store.
        step.execute(
            "INSERT INTO facts VALUES ('store', lower(hex(randomblob(8))))",
            [],
        )?;
    }
    step.commit()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_is_the_number_of_migrations() {
        assert_eq!(usize::try_from(KNOWN), Ok(MIGRATIONS.len()));
    }
}
