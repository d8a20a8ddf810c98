//! What changed in a study, as people are told it: the news first, values in plain words, sites folded.

use std::collections::BTreeMap;

use super::{Known, Log, criteria, sites, words};
use crate::store::{Cause, Change, ChangeKind, Logged};
use crate::study::{NctNumber, OverallStatus};
use crate::text;

/// Longest title that is told.
const LONGEST: usize = 160;

/// The field that every other change moves too: it is told as a date, not as news.
const UPDATED: &str = "dates.last_update_posted";

const STATUS: &str = "status";

pub(in crate::render) const BY_PROGRAM: &str =
    "read anew by trialbrief (the record did not change)";

/// Changes of one study, in words.
#[derive(Debug)]
pub(in crate::render) struct Told {
    pub(in crate::render) number: NctNumber,
    pub(in crate::render) title: String,
    /// Whether the registry holds it no more.
    pub(in crate::render) is_gone: bool,
    /// When this was noticed, and when the registry posted it.
    pub(in crate::render) noticed: String,
    pub(in crate::render) of_record: Vec<String>,
    /// Read anew by this program; the record did not change.
    pub(in crate::render) of_program: Vec<String>,
}

/// Tells changes by study, in the order in which the studies are first named.
pub(in crate::render) fn told(log: &Log<'_>) -> Vec<Told> {
    let mut places: BTreeMap<NctNumber, usize> = BTreeMap::new();
    let mut groups: Vec<Vec<&Logged>> = Vec::new();
    for row in log.rows {
        let place = *places.entry(row.number).or_insert_with(|| {
            groups.push(Vec::new());
            groups.len() - 1
        });
        if let Some(group) = groups.get_mut(place) {
            group.push(row);
        }
    }
    let groups = groups.iter();
    groups.filter_map(|rows| tell(log, rows, rows)).collect()
}

/// Tells some changes of one study; `all` are those of the log, from which follows what its status was at the time.
pub(super) fn tell(log: &Log<'_>, rows: &[&Logged], all: &[&Logged]) -> Option<Told> {
    let number = rows.first()?.number;
    let of = |cause| -> Vec<&Logged> {
        let rows = rows.iter().filter(|row| row.change.cause == cause);
        rows.copied().collect()
    };
    let (record, program) = (of(Cause::Registry), of(Cause::Program));
    let none = Known::default();
    let known = log.studies.get(&number).unwrap_or(&none);
    let statuses = Statuses { known, all };
    Some(Told {
        number,
        title: text::shorten(&text::one_line(log.title(number)), LONGEST),
        // Gone, and not come back since.
        is_gone: (record.iter().rev())
            .find(|row| matches!(row.change.kind, ChangeKind::Added | ChangeKind::Removed))
            .is_some_and(|row| row.change.kind == ChangeKind::Removed),
        noticed: noticed(rows),
        of_record: sentences(&record, &statuses),
        of_program: values(&program),
    })
}

/// When changes were noticed, and the last day on which the registry posted a record that brought one.
fn noticed(rows: &[&Logged]) -> String {
    let day = |row: &&Logged| row.detected_at.chars().take(10).collect::<String>();
    let first = rows.first().map(day).unwrap_or_default();
    let last = rows.last().map(day).unwrap_or_default();
    let posted = rows.iter().rev().find_map(|row| row.updated.as_deref());
    let posted = text::shorten(&text::one_line(posted.unwrap_or("not dated")), 20);
    let noticed = if first == last {
        format!("noticed {last}")
    } else {
        format!("noticed {first} to {last}")
    };
    format!("{noticed}, registry update {posted}")
}

/// The status of a study over time.
pub(super) struct Statuses<'a> {
    known: &'a Known,
    all: &'a [&'a Logged],
}

impl Statuses<'_> {
    /// The status before a run, and after it.
    pub(super) fn around(&self, run: i64) -> [Option<OverallStatus>; 2] {
        [self.after(run - 1), self.after(run)]
    }

    /// The status after a run: what a change up to it brought, or what a later one found; else it never changed.
    fn after(&self, run: i64) -> Option<OverallStatus> {
        let changes = self.all.iter().filter(|row| is_status(row));
        let word = match changes.clone().rfind(|row| row.run <= run) {
            Some(row) => &row.change.after,
            None => match changes.clone().find(|row| row.run > run) {
                Some(row) => &row.change.before,
                None => return self.known.status.clone(),
            },
        };
        words::status_of(word)
    }
}

fn is_status(row: &Logged) -> bool {
    row.change.kind == ChangeKind::Changed && row.change.field == STATUS
}

/// Status first, then sites, then other values, then rules.
fn sentences(rows: &[&Logged], statuses: &Statuses<'_>) -> Vec<String> {
    let mut out = lives(rows, statuses);
    let (status, others): (Vec<&Logged>, Vec<&Logged>) =
        rows.iter().partition(|row| is_status(row));
    out.extend(values(&status));
    out.extend(sites::told(rows, statuses));
    out.extend(values(&others));
    out.extend(criteria::told(rows));
    if out.is_empty() {
        out.push("posted anew; nothing else that is compared here changed".to_owned());
    }
    out
}

/// Whether the study came, went, or has another number now.
fn lives(rows: &[&Logged], statuses: &Statuses<'_>) -> Vec<String> {
    let told = rows.iter().filter_map(|row| {
        let change = &row.change;
        match change.kind {
            ChangeKind::Added => {
                let [_, status] = statuses.around(row.run);
                Some(format!("new study: {}", words::standing(status.as_ref())))
            }
            ChangeKind::Removed => Some("no longer in the registry".to_owned()),
            ChangeKind::Changed if change.field == "nct_id" => {
                Some(format!("merged into {}", text::one_line(&change.after)))
            }
            _ => None,
        }
    });
    told.collect()
}

/// Tells values by field, from what the first change found to what the last one left.
fn values(rows: &[&Logged]) -> Vec<String> {
    let mut fields: Vec<(&Change, &Change)> = Vec::new();
    let told = rows.iter().map(|row| &row.change).filter(|change| {
        change.kind == ChangeKind::Changed && ![UPDATED, "nct_id"].contains(&change.field.as_str())
    });
    for change in told {
        match fields
            .iter_mut()
            .find(|(first, _)| first.field == change.field)
        {
            Some((_, last)) => *last = change,
            None => fields.push((change, change)),
        }
    }
    let told = fields.into_iter();
    told.map(|(first, last)| words::value(&first.field, &first.before, &last.after))
        .collect()
}
