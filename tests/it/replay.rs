//! The change log of real snapshots, against a diff that is made here from their raw JSON and
//! knows nothing of the program's model.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;
use trialbrief::store::Store;

use crate::changes::{on, rows};
use crate::shared::shared;

/// A change without its time: kind, field, before, after.
type Change = (&'static str, String, String, String);

/// A row of the log: number, kind, field, before, after, day of the last update.
type Row = [String; 6];

/// Single values, by their paths in the study and in the record.
const VALUES: &[(&str, &str)] = &[
    ("title", "/identificationModule/briefTitle"),
    ("official_title", "/identificationModule/officialTitle"),
    ("acronym", "/identificationModule/acronym"),
    ("summary", "/descriptionModule/briefSummary"),
    ("status", "/statusModule/overallStatus"),
    ("dates.start", "/statusModule/startDateStruct/date"),
    (
        "dates.last_update_posted",
        "/statusModule/lastUpdatePostDateStruct/date",
    ),
    (
        "dates.primary_completion",
        "/statusModule/primaryCompletionDateStruct/date",
    ),
    (
        "dates.completion",
        "/statusModule/completionDateStruct/date",
    ),
    (
        "dates.first_posted",
        "/statusModule/studyFirstPostDateStruct/date",
    ),
    (
        "sponsor.name",
        "/sponsorCollaboratorsModule/leadSponsor/name",
    ),
    (
        "sponsor.class",
        "/sponsorCollaboratorsModule/leadSponsor/class",
    ),
    ("study_type", "/designModule/studyType"),
    ("enrollment.count", "/designModule/enrollmentInfo/count"),
    ("enrollment.type", "/designModule/enrollmentInfo/type"),
    ("sex", "/eligibilityModule/sex"),
];

/// Lists, whose order is no change.
const LISTS: &[(&str, &str)] = &[
    ("phases", "/designModule/phases"),
    ("conditions", "/conditionsModule/conditions"),
    ("keywords", "/conditionsModule/keywords"),
];

fn text(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    };
    // The registry escapes punctuation as Markdown does.
    let text = text
        .replace("\\^", "^")
        .replace("\\<", "<")
        .replace("\\>", ">");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn at(protocol: &Value, path: &str) -> Value {
    protocol.pointer(path).cloned().unwrap_or_default()
}

fn list(items: &Value) -> Vec<String> {
    items.as_array().into_iter().flatten().map(text).collect()
}

fn interventions(protocol: &Value) -> Vec<String> {
    let all = at(protocol, "/armsInterventionsModule/interventions");
    let all = all.as_array().cloned().unwrap_or_default();
    all.iter()
        .map(|one| format!("{}: {}", text(&one["type"]), text(&one["name"])))
        .collect()
}

fn values(old: &Value, new: &Value) -> Vec<Change> {
    let single = VALUES
        .iter()
        .map(|(field, path)| (*field, text(&at(old, path)), text(&at(new, path))));
    let mut changes: Vec<Change> = single
        .filter(|(_, before, after)| before != after)
        .map(|(field, before, after)| ("changed", field.to_owned(), before, after))
        .collect();
    let lists = LISTS
        .iter()
        .map(|(field, path)| (*field, list(&at(old, path)), list(&at(new, path))));
    let lists = lists.chain([("interventions", interventions(old), interventions(new))]);
    for (field, before, after) in lists {
        let sorted = |list: &[String]| list.iter().cloned().collect::<BTreeSet<_>>();
        if sorted(&before) != sorted(&after) {
            changes.push((
                "changed",
                field.to_owned(),
                before.join("|"),
                after.join("|"),
            ));
        }
    }
    changes
}

/// Statuses of sites, by facility, city and country.
fn sites(protocol: &Value) -> BTreeMap<String, Vec<String>> {
    let mut sites: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for site in at(protocol, "/contactsLocationsModule/locations")
        .as_array()
        .into_iter()
        .flatten()
    {
        let part = |name: &str| text(&site[name]);
        let key = format!(
            "{} | {} | {}",
            part("facility"),
            part("city"),
            part("country")
        );
        sites.entry(key).or_default().push(part("status"));
    }
    sites
}

fn site_changes(old: &Value, new: &Value) -> Vec<Change> {
    let (old, new) = (sites(old), sites(new));
    let keys: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let mut changes = Vec::new();
    for key in keys {
        let (mut was, mut is) = (
            old.get(key).cloned().unwrap_or_default(),
            new.get(key).cloned().unwrap_or_default(),
        );
        // What is the same on both sides is no change.
        was.retain(|status| {
            let there = is.iter().position(|one| one == status);
            there.map(|at| is.remove(at)).is_none()
        });
        for turn in 0..was.len().max(is.len()) {
            let (before, after) = (was.get(turn).cloned(), is.get(turn).cloned());
            let kind = match (&before, &after) {
                (None, _) => "site_added",
                (_, None) => "site_removed",
                _ => "site_status",
            };
            changes.push((
                kind,
                key.clone(),
                before.unwrap_or_default(),
                after.unwrap_or_default(),
            ));
        }
    }
    changes
}

fn diff(old: &BTreeMap<String, Value>, new: &BTreeMap<String, Value>) -> BTreeSet<Row> {
    let mut rows = BTreeSet::new();
    for (number, record) in new {
        let protocol = &record["protocolSection"];
        let updated = text(&at(protocol, "/statusModule/lastUpdatePostDateStruct/date"));
        let changes = match old.get(number) {
            None => vec![(
                "added",
                String::new(),
                String::new(),
                text(&at(protocol, "/identificationModule/briefTitle")),
            )],
            Some(before) => {
                let before = &before["protocolSection"];
                [values(before, protocol), site_changes(before, protocol)].concat()
            }
        };
        for (kind, field, before, after) in changes {
            rows.insert([
                number.clone(),
                kind.to_owned(),
                field,
                before,
                after,
                updated.clone(),
            ]);
        }
    }
    rows
}

/// Reads what a run told, but for what the program makes of the records.
fn told(data: &Path, run: usize) -> Vec<Row> {
    let run = run.to_string();
    let csv = on(
        data,
        &["changes", "--run", &run, "--format", "csv", "--quiet"],
    )
    .done()
    .stdout;
    let rows = rows(&csv).into_iter();
    rows.filter(|row| !row[3].starts_with("cell_therapy.") && !row[3].starts_with("ms."))
        .map(|row| {
            // A sign that disarms a formula is ours, not the record's.
            [1, 2, 3, 4, 5, 6].map(|at| row[at].strip_prefix('\'').unwrap_or(&row[at]).to_owned())
        })
        .collect()
}

fn records(file: &Path) -> BTreeMap<String, Value> {
    let lines = std::fs::read_to_string(file).unwrap();
    let records = lines
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    records
        .map(|record| {
            (
                text(&at(
                    &record["protocolSection"],
                    "/identificationModule/nctId",
                )),
                record,
            )
        })
        .collect()
}

#[test]
fn real_snapshots_replayed_give_the_diff_that_is_made_here() {
    let Some(folder) = shared("real_snapshots_replayed_give_the_diff_that_is_made_here") else {
        return;
    };
    let data = tempfile::tempdir().unwrap();
    let files = ["2026-08-01", "2026-08-15", "2026-08-22"]
        .map(|day| folder.join(format!("registry/car-t-{day}.ndjson")));
    let sync = |file: &Path| on(data.path(), &["sync", "--file", file.to_str().unwrap()]).done();
    let mut known: Option<BTreeMap<String, Value>> = None;
    let mut count = 0;
    for (index, file) in files.iter().enumerate() {
        sync(file);
        let (mut now, log) = (records(file), told(data.path(), index + 1));
        let came = now.len();
        // Of files only engineered cell therapies are kept.
        let held = Store::open(data.path()).unwrap().unwrap().rows().unwrap();
        now.retain(|number, _| held.iter().any(|row| row.number.to_string() == *number));
        assert!(came - now.len() <= 5, "{came} came, {} are held", now.len());
        let expected = known.map_or(BTreeSet::new(), |known| diff(&known, &now));
        let found: BTreeSet<Row> = log.iter().cloned().collect();
        let missing: Vec<&Row> = expected.difference(&found).collect();
        let extra: Vec<&Row> = found.difference(&expected).collect();
        assert!(
            missing.is_empty() && extra.is_empty(),
            "missing: {missing:#?}\nextra: {extra:#?}"
        );
        assert_eq!(log.len(), found.len(), "each change once");
        count += log.len();
        known = Some(now);
    }
    assert!(count > 50, "{count}");
    // The same file again: no version, no change.
    let run = sync(&files[2]);
    assert!(
        run.stderr.contains("(0 added, 0 changed, 0 removed)"),
        "{}",
        run.stderr
    );
    on(data.path(), &["store", "check"]).done();
}
