//! Examining the store: the file, every record, and whether they belong together.

use rusqlite::params;

use super::read::{labels, number};
use super::{Since, Store, StoreError, unpack};
use crate::registry::{decode, fingerprint};
use crate::study::NctNumber;

/// Problems that are told: a file of nothing else must not fill the screen.
const MOST: usize = 20;

/// What an examination found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checked {
    /// Current studies.
    pub studies: u64,
    /// Versions, old ones too.
    pub versions: u64,
    /// Runs.
    pub runs: u64,
    /// Studies that the registry no longer has.
    pub removed: u64,
    /// Rows of the change log.
    pub changes: u64,
    /// Size of the file in bytes.
    pub bytes: u64,
    /// What is wrong; empty if nothing is.
    pub problems: Vec<String>,
}

impl Store {
    /// Looks for damage of the file, fast: its pages, not its content.
    pub(super) fn quick_check(&self) -> Result<(), StoreError> {
        let found: String = self.tried(
            self.db
                .query_row("PRAGMA quick_check(1)", [], |row| row.get(0)),
        )?;
        if found == "ok" {
            return Ok(());
        }
        Err(self.damaged(found))
    }

    /// Examines everything: the file, every record, and whether they belong together.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the store cannot be read at all. What is wrong with it is no error here.
    pub fn check(&self) -> Result<Checked, StoreError> {
        let found = self.examined()?;
        let stale = found.stale.iter();
        let stale = stale.map(|one| format!("{}: version {} {}", one.of, one.version, one.what));
        let problems = found.damage.into_iter().chain(stale).take(MOST).collect();
        Ok(Checked {
            studies: self.count("studies")?,
            versions: self.count("versions")?,
            runs: self.count("runs")?,
            removed: self.count("tombstones")?,
            changes: self.count("changes")?,
            bytes: std::fs::metadata(&self.path).map_or(0, |file| file.len()),
            problems,
        })
    }

    fn examined(&self) -> Result<Found, StoreError> {
        let integrity = format!("PRAGMA integrity_check({MOST})");
        let mut damage: Vec<String> = self.listed(&integrity, [], |row| row.get(0))?;
        damage.retain(|line| line != "ok");
        damage.extend(self.loose_ends()?);
        self.check_values()?;
        let mut found = self.check_records()?;
        damage.append(&mut found.damage);
        Ok(Found { damage, ..found })
    }

    fn count(&self, table: &'static str) -> Result<u64, StoreError> {
        let query = format!("SELECT count(*) FROM {table}");
        let count: i64 = self.tried(self.db.query_row(&query, [], |row| row.get(0)))?;
        Ok(u64::try_from(count).unwrap_or_default())
    }

    /// Looks for rows that name others which are not there.
    fn loose_ends(&self) -> Result<Vec<String>, StoreError> {
        const RULES: [(&str, &str); 4] = [
            (
                "is current without a version of its own",
                "SELECT s.nct FROM studies s LEFT JOIN versions v ON v.id = s.version AND v.nct = s.nct WHERE v.id IS NULL",
            ),
            (
                "is removed without a last copy",
                "SELECT t.nct FROM tombstones t LEFT JOIN versions v ON v.id = t.version AND v.nct = t.nct WHERE v.id IS NULL",
            ),
            (
                "is current and removed at once",
                "SELECT nct FROM studies INTERSECT SELECT nct FROM tombstones",
            ),
            (
                "is a version of a run that is not there",
                "SELECT nct FROM versions WHERE run NOT IN (SELECT id FROM runs)",
            ),
        ];
        let mut problems = Vec::new();
        for (what, query) in RULES {
            let found = self.listed(query, [], |row| row.get::<_, String>(0))?;
            problems.extend(
                found
                    .into_iter()
                    .take(MOST)
                    .map(|nct| format!("{nct} {what}")),
            );
        }
        Ok(problems)
    }

    /// Reads every value that a reader may ask for: what cannot be one is an error.
    fn check_values(&self) -> Result<(), StoreError> {
        self.head()?;
        self.runs()?;
        self.rows()?;
        self.aliases()?;
        self.tombstones()?;
        self.unread()?;
        self.changes(&Since::AfterRun(0))?;
        let query = "SELECT is_cell, is_ms, labels FROM studies";
        self.listed(query, [], |row| labels(row, 0)).map(drop)
    }

    /// Unpacks every version, and looks whether it still says what it said, and whether what the
    /// store notes of it beside is what it says.
    fn check_records(&self) -> Result<Found, StoreError> {
        let mut found = Found::default();
        let query = "SELECT v.id, v.nct, v.hash, v.record, s.nct IS NOT NULL, s.updated, s.status \
                     FROM versions v LEFT JOIN studies s ON s.version = v.id ORDER BY v.id";
        self.listed(query, [], |row| {
            let of = number(row, 1)?;
            let noted = Noted {
                version: row.get(0)?,
                of,
                hash: row.get(2)?,
                current: row.get::<_, bool>(4)?.then_some((row.get(5)?, row.get(6)?)),
            };
            let packed: Vec<u8> = row.get(3)?;
            found.look(&noted, &packed);
            Ok(())
        })?;
        Ok(found)
    }

    /// Examines everything. What only stands beside a record, and says something else than it, is
    /// written anew from the record; this is also how the fingerprints of an older program become
    /// those of this one.
    ///
    /// # Errors
    ///
    /// [`StoreError::Damaged`] if anything else is wrong.
    pub fn mend(&self) -> Result<(), StoreError> {
        let found = self.examined()?;
        if let Some(first) = found.damage.into_iter().next() {
            return Err(self.damaged(first));
        }
        if found.stale.is_empty() {
            return Ok(());
        }
        let step = self.tried(self.db.unchecked_transaction())?;
        for one in found.stale {
            let (version, hash) = (one.version, one.hash);
            let fingerprint = "UPDATE versions SET hash = ?2 WHERE id = ?1";
            self.tried(step.execute(fingerprint, params![version, hash]))?;
            let row = "UPDATE studies SET updated = ?2, status = ?3 WHERE version = ?1";
            self.tried(step.execute(row, params![version, one.updated, one.status]))?;
        }
        self.tried(step.commit())
    }
}

/// What the store notes of a version beside its record.
struct Noted {
    version: i64,
    of: NctNumber,
    hash: Vec<u8>,
    /// Date and status of a current study.
    current: Option<(Option<String>, Option<String>)>,
}

/// A record beside which something else is noted than it says.
struct Stale {
    version: i64,
    of: NctNumber,
    what: &'static str,
    hash: Vec<u8>,
    updated: Option<String>,
    status: Option<String>,
}

/// What is wrong with records.
#[derive(Default)]
struct Found {
    damage: Vec<String>,
    stale: Vec<Stale>,
}

impl Found {
    fn look(&mut self, noted: &Noted, packed: &[u8]) {
        let &Noted { version, of, .. } = noted;
        let mut damage = |what: &str| {
            if self.damage.len() < MOST {
                self.damage.push(format!("{of}: version {version} {what}"));
            }
        };
        let Some(record) = unpack(packed) else {
            return damage("is not whole");
        };
        let decoded = decode::any(&record).unwrap_or_default();
        let own = decoded.studies.iter().find(|one| one.nct_number == of);
        let (Some(study), Some(hash)) = (own, fingerprint::of(&record)) else {
            return damage("is no record of it");
        };
        let updated = study.status.last_update_posted.map(|day| day.to_string());
        let status = study.status.overall.as_ref().map(ToString::to_string);
        let is_noted =
            |(day, word): &(Option<String>, Option<String>)| (day, word) == (&updated, &status);
        let what = if hash != noted.hash {
            "is not what was stored"
        } else if !noted.current.as_ref().is_none_or(is_noted) {
            "says something else than its row"
        } else {
            return;
        };
        self.stale.push(Stale {
            version,
            of,
            what,
            hash,
            updated,
            status,
        });
    }
}
