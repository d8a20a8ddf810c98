//! The change log as users see it, and against a diff that is made here from the raw records.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::{Value, json};

use crate::shared::shared;
use crate::support::{Run, assert_fits, program};
use crate::sync::{FIRST, SECOND, World, holding, numbered, ten};

fn on(data: &Path, args: &[&str]) -> Run {
    let mut program = program();
    program.args(args).arg("--data-dir").arg(data);
    program.output().unwrap().into()
}

/// A world in which one study changed, one is new, and one is gone.
fn changed() -> World {
    let world = World::new(holding(&ten(), FIRST));
    world.sync(&[]).done();
    let mut later = ten();
    later.remove(6);
    later[1] = numbered(2, "2026-08-08");
    let protocol = &mut later[1]["protocolSection"];
    protocol["statusModule"]["overallStatus"] = "RECRUITING".into();
    protocol["identificationModule"]["briefTitle"] =
        "=HYPERLINK(\"x\") <b>\u{1b}[2J | *new* title".into();
    protocol["contactsLocationsModule"] = json!({"locations": [
        {"facility": "Northern <i>Clinic</i>", "city": "Leeds", "country": "United Kingdom", "status": "RECRUITING"}
    ]});
    later.push(numbered(11, "2026-08-09"));
    world.registry.becomes(holding(&later, SECOND));
    world
        .run(&["sync", "--sentinels", "none", "--today", "2026-08-26"])
        .done();
    world
}

fn rows(csv: &str) -> Vec<Vec<String>> {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let rows = reader
        .records()
        .map(|row| row.unwrap().iter().map(str::to_owned).collect());
    rows.collect()
}

#[test]
fn every_form_tells_the_same() {
    let world = changed();
    let run = |more: &[&str]| world.run(&[&["changes"], more].concat()).done();
    let csv = run(&["--format", "csv"]).stdout;
    assert!(
        csv.starts_with("detected_at,nct_id,change,field,before,after,registry_last_update\n"),
        "{csv}"
    );
    let rows = rows(&csv);
    let json = run(&["--format", "json"]).json();
    assert_eq!(json["schema"], "trialbrief.changes/1");
    let changes = json["changes"].as_array().unwrap();
    assert_eq!(changes.len(), rows.len());
    for (row, change) in rows.iter().zip(changes) {
        assert_eq!(row[1], change["nct_id"].as_str().unwrap());
        assert_eq!(row[2], change["change"].as_str().unwrap());
        assert_eq!(row[0], "2026-08-26T00:00:00Z");
        assert!(!row[4].starts_with('=') && !row[5].starts_with('='));
    }
    let kinds: BTreeSet<&str> = rows.iter().map(|row| row[2].as_str()).collect();
    for kind in ["added", "removed", "changed", "site_added"] {
        assert!(kinds.contains(kind), "{kinds:?}");
    }
    for (format, link) in [
        ("table", "NCT00000002"),
        (
            "markdown",
            "[NCT00000002](https://clinicaltrials.gov/study/NCT00000002)",
        ),
    ] {
        let out = run(&["--format", format]).stdout;
        let words = out.split_whitespace().collect::<Vec<_>>().join(" ");
        for part in [
            link,
            "new study",
            "no longer in the registry",
            "RECRUITING",
            "Modifications: filtered",
        ] {
            assert!(words.contains(part), "{part} is not in {out}");
        }
        // Each other change moves the day of the last update too.
        assert!(!words.contains("last_update_posted"), "{out}");
        assert!(
            !out.contains('\u{1b}') && !(format == "markdown" && out.contains("<b>")),
            "{out}"
        );
        if format == "table" {
            assert_fits(&out, 80);
        }
    }
}

#[test]
fn changes_are_asked_for_by_run_and_by_day() {
    let world = changed();
    let count = |more: &[&str]| {
        let run = world
            .run(&[&["changes", "--format", "csv"], more].concat())
            .done();
        rows(&run.stdout).len()
    };
    let all = count(&[]);
    assert!(all > 4);
    assert_eq!(count(&["--run", "2"]), all);
    assert_eq!(count(&["--since", "2026-08-26"]), all);
    assert_eq!(count(&["--since", "2026-08"]), all);
    assert_eq!(count(&["--run", "1"]), 0);
    assert_eq!(count(&["--since", "2026-08-27"]), 0);
    assert_eq!(count(&["--ms"]), all);
    let run = world.run(&["changes", "--run", "1"]).done();
    assert!(
        run.stdout.contains("No changes in run 1."),
        "{}",
        run.stdout
    );
    for (args, part) in [
        (&["--run", "9"][..], "there is no run 9"),
        (&["--since", "yesterday"], "--since"),
        (
            &["--since", "2026-08-26", "--run", "2"],
            "cannot be used with",
        ),
    ] {
        let run = world.run(&[&["changes"], args].concat());
        assert_eq!(run.code, Some(2), "{}", run.stderr);
        assert!(run.stderr.contains(part), "{}", run.stderr);
    }
    let run = on(&world.folder.path().join("none"), &["changes"]);
    assert_eq!(run.code, Some(5), "{}", run.stderr);
}

#[test]
fn changes_of_the_program_are_marked_everywhere() {
    let mut studies = ten();
    studies[0]["protocolSection"]["armsInterventionsModule"] =
        json!({"interventions": [{"type": "BIOLOGICAL", "name": "XQ-77 cells"}]});
    let world = World::new(holding(&studies, FIRST));
    world.sync(&[]).done();
    let lexicon = world.folder.path().join("lexicon.tsv");
    let head = include_str!("../../src/data/products.tsv")
        .lines()
        .find(|line| line.starts_with("name\t"))
        .unwrap();
    std::fs::write(
        &lexicon,
        format!("{head}\nXQ-77\t\tcar_t\tCD70\tautologous\tstated\ttest\t\n"),
    )
    .unwrap();
    world.sync(&["--lexicon", lexicon.to_str().unwrap()]).done();
    let run = |format: &str| world.run(&["changes", "--format", format]).done();
    let rows = rows(&run("csv").stdout);
    assert!(!rows.is_empty());
    assert!(
        rows.iter().all(|row| row[3].ends_with(" (program)")),
        "{rows:?}"
    );
    let json = run("json").json();
    assert!(
        json["changes"]
            .as_array()
            .unwrap()
            .iter()
            .all(|one| one["cause"] == "program")
    );
    assert!(
        json["changes"]
            .as_array()
            .unwrap()
            .iter()
            .any(|one| one["field"] == "cell_therapy.targets")
    );
    for format in ["table", "markdown"] {
        assert!(run(format).stdout.contains("the record did not change"));
    }
}

/// A change without its time: number, kind, field, before, after, day of the last update.
type Row = (String, String, String, String, String, String);

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

fn list(value: &Value) -> (Vec<String>, String) {
    let items: Vec<String> = value.as_array().into_iter().flatten().map(text).collect();
    let shown = items.join("|");
    let mut sorted = items;
    sorted.sort();
    (sorted, shown)
}

/// The independent diff: from raw JSON, knowing nothing of the program's model.
fn diff(old: &BTreeMap<String, Value>, new: &BTreeMap<String, Value>) -> BTreeSet<Row> {
    let mut rows = BTreeSet::new();
    for (number, record) in new {
        let protocol = &record["protocolSection"];
        let updated = text(&protocol["statusModule"]["lastUpdatePostDateStruct"]["date"]);
        let mut add = |kind: &str, field: &str, before: &str, after: &str| {
            rows.insert((
                number.clone(),
                kind.to_owned(),
                field.to_owned(),
                before.to_owned(),
                after.to_owned(),
                updated.clone(),
            ));
        };
        let Some(before) = old.get(number) else {
            add(
                "added",
                "",
                "",
                &text(&protocol["identificationModule"]["briefTitle"]),
            );
            continue;
        };
        let before = &before["protocolSection"];
        for (field, path) in [
            ("title", "/identificationModule/briefTitle"),
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
        ] {
            let at = |protocol: &Value| text(protocol.pointer(path).unwrap_or(&Value::Null));
            let (before, after) = (at(before), at(protocol));
            if before != after {
                add("changed", field, &before, &after);
            }
        }
        for (field, path) in [
            ("phases", "/designModule/phases"),
            ("conditions", "/conditionsModule/conditions"),
            ("keywords", "/conditionsModule/keywords"),
        ] {
            let at = |protocol: &Value| list(protocol.pointer(path).unwrap_or(&Value::Null));
            let (before, after) = (at(before), at(protocol));
            if before.0 != after.0 {
                add("changed", field, &before.1, &after.1);
            }
        }
        let interventions = |protocol: &Value| {
            let all = protocol["armsInterventionsModule"]["interventions"]
                .as_array()
                .cloned()
                .unwrap_or_default();
            let named = all.iter().map(|one| {
                Value::String(format!("{}: {}", text(&one["type"]), text(&one["name"])))
            });
            list(&Value::Array(named.collect()))
        };
        let (was, is) = (interventions(before), interventions(protocol));
        if was.0 != is.0 {
            add("changed", "interventions", &was.1, &is.1);
        }
        let sites = |protocol: &Value| {
            let mut sites: BTreeMap<String, Vec<String>> = BTreeMap::new();
            for site in protocol["contactsLocationsModule"]["locations"]
                .as_array()
                .into_iter()
                .flatten()
            {
                let key = format!(
                    "{} | {} | {}",
                    text(&site["facility"]),
                    text(&site["city"]),
                    text(&site["country"])
                );
                sites.entry(key).or_default().push(text(&site["status"]));
            }
            sites
        };
        let (was, is) = (sites(before), sites(protocol));
        for key in was.keys().chain(is.keys()).collect::<BTreeSet<_>>() {
            let of =
                |sites: &BTreeMap<String, Vec<String>>| sites.get(key).cloned().unwrap_or_default();
            let (mut was, mut is) = (of(&was), of(&is));
            // What is the same on both sides is no change.
            was.retain(|status| {
                let there = is.iter().position(|one| one == status);
                there.map(|at| is.remove(at)).is_none()
            });
            for at in 0..was.len().max(is.len()) {
                let (before, after) = (was.get(at), is.get(at));
                let kind = match (before, after) {
                    (None, _) => "site_added",
                    (_, None) => "site_removed",
                    _ => "site_status",
                };
                let empty = String::new();
                add(kind, key, before.unwrap_or(&empty), after.unwrap_or(&empty));
            }
        }
    }
    rows
}

#[test]
fn real_snapshots_replayed_give_the_diff_that_is_made_here() {
    let Some(folder) = shared("real_snapshots_replayed_give_the_diff_that_is_made_here") else {
        return;
    };
    let data = tempfile::tempdir().unwrap();
    let mut known: BTreeMap<String, Value> = BTreeMap::new();
    let mut told = 0;
    for (run, day) in ["2026-08-01", "2026-08-15", "2026-08-22"]
        .into_iter()
        .enumerate()
    {
        let file = folder.join(format!("registry/car-t-{day}.ndjson"));
        let file = file.to_str().unwrap();
        on(data.path(), &["sync", "--file", file, "--quiet"]).done();
        let records = std::fs::read_to_string(file).unwrap();
        let records = records.lines().map(|line| {
            let record: Value = serde_json::from_str(line).unwrap();
            (
                text(&record["protocolSection"]["identificationModule"]["nctId"]),
                record,
            )
        });
        let now: BTreeMap<String, Value> = records.collect();
        let number = (run + 1).to_string();
        let csv = on(
            data.path(),
            &["changes", "--run", &number, "--format", "csv", "--quiet"],
        )
        .done()
        .stdout;
        let log: Vec<Row> = rows(&csv)
            .into_iter()
            .filter(|row| !row[3].starts_with("cell_therapy.") && !row[3].starts_with("ms."))
            .map(|row| {
                // A sign that disarms a formula is ours, not the record's.
                let plain = |at: usize| row[at].strip_prefix('\'').unwrap_or(&row[at]).to_owned();
                (plain(1), plain(2), plain(3), plain(4), plain(5), plain(6))
            })
            .collect();
        if run == 0 {
            assert_eq!(log, []);
        } else {
            let expected = diff(&known, &now);
            let found: BTreeSet<Row> = log.iter().cloned().collect();
            let missing: Vec<&Row> = expected.difference(&found).collect();
            let extra: Vec<&Row> = found.difference(&expected).collect();
            assert!(
                missing.is_empty() && extra.is_empty(),
                "missing: {missing:#?}\nextra: {extra:#?}"
            );
            assert_eq!(log.len(), found.len(), "each change once");
            told += log.len();
        }
        known = now;
    }
    assert!(told > 50, "{told}");
    // The same file again: no version, no change.
    let file = folder.join("registry/car-t-2026-08-22.ndjson");
    let run = on(data.path(), &["sync", "--file", file.to_str().unwrap()]).done();
    assert!(
        run.stderr
            .contains("315 studies (0 added, 0 changed, 0 removed)"),
        "{}",
        run.stderr
    );
    on(data.path(), &["store", "check"]).done();
}
