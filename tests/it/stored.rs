//! The store as a source: the same answers as from the records themselves, and never more
//! certain than they are.

use std::path::Path;

use serde_json::{Value, json};

use crate::fake_registry::{Act, Script};
use crate::support::{Run, closed_address, files_in, program, records};
use crate::sync::{FIRST, World, holding, numbered, ten};

fn on(data: &Path, args: &[&str]) -> Run {
    let mut program = program();
    program.args(args).arg("--data-dir").arg(data);
    program.output().unwrap().into()
}

/// A store of our own records, as a registry sent them.
fn filled() -> World {
    let files = files_in(&records()).into_iter();
    let read = |name: String| std::fs::read(records().join(name)).unwrap();
    let studies: Vec<Value> = files
        .filter(|name| Path::new(name).extension().is_some_and(|end| end == "json"))
        .map(|name| serde_json::from_slice(&read(name)).unwrap())
        .collect();
    let world = World::new(holding(&studies, FIRST));
    world.sync(&[]).done();
    world
}

#[test]
fn a_search_of_the_store_finds_what_a_search_of_its_records_finds() {
    let world = filled();
    let folder = world.data();
    let files = records();
    for filters in [
        &[][..],
        &["--status", "all"],
        &["--status", "completed,terminated", "--region", "uk"],
        &["--condition", "any", "--phase", "1"],
        &["--therapy", "any", "--status", "all"],
        &["--condition", "NMOSD", "--status", "all"],
        &["--therapy", "any", "--condition", "any", "--status", "all"],
        &["--therapy", "obe-cel", "--condition", "any"],
        &["--target", "CD19", "--ms-course", "spms", "--status", "all"],
        &["--updated-since", "2026-01-01", "--limit", "2"],
        // Nothing is found: the way out must be the same.
        &["--phase", "4", "--region", "australia"],
        &[
            "--therapy",
            "car-t",
            "--condition",
            "ms",
            "--status",
            "withheld",
        ],
    ] {
        let found = |source: &str| {
            let args = [&["search", "--format", "json", "--source", source], filters].concat();
            let run = on(&folder, &args).done();
            let json = run.json();
            let out = run
                .stderr
                .lines()
                .find(|line| line.starts_with("No study found"))
                .map(str::to_owned);
            (json["trials"].clone(), json["funnel"].clone(), out)
        };
        let (of_store, of_files) = (found("store"), found(files.to_str().unwrap()));
        assert_eq!(of_store, of_files, "{filters:?}");
    }
}

#[test]
fn the_store_says_what_it_is_and_how_old() {
    let world = World::new(holding(&ten(), FIRST));
    world.sync(&["--today", "2026-08-04"]).done();
    let search = |today: &str| {
        let run = world.run(&[
            "search", "--source", "store", "--format", "json", "--today", today,
        ]);
        let source = run.json()["source"].clone();
        (run.done().stderr, source)
    };
    let (told, source) = search("2026-08-05");
    assert!(
        told.contains("FROM THE LOCAL STORE, NOT LIVE: last synced on 2026-08-04, with the registry's data of 2026-08-03T09:00:05."),
        "{told}"
    );
    assert!(!told.contains("OLD DATA"), "{told}");
    assert_eq!(
        (&source["kind"], &source["complete"]),
        (&json!("store"), &json!(true))
    );
    assert_eq!(source["registry_timestamp"], FIRST);
    assert_eq!(source["retrieved_at"], "2026-08-04T00:00:00Z");
    assert!(!source["requests"].as_array().unwrap().is_empty());
    assert!(
        search("2026-08-14")
            .0
            .contains("OLD DATA: 11 days old on 2026-08-14")
    );
    let (told, _) = search("2026-08-01");
    assert!(
        told.contains("THE CLOCK OF THIS MACHINE IS WRONG"),
        "{told}"
    );
    let table = world.run(&["search", "--source", "store"]).done().stdout;
    assert!(
        table.starts_with("FROM THE LOCAL STORE, NOT LIVE"),
        "{table}"
    );
}

#[test]
fn auto_is_live_then_the_store_then_the_sample() {
    let world = World::new(holding(&ten(), FIRST));
    let kind = |args: &[&str]| {
        let run = world
            .run(&[&["search", "--format", "json"], args].concat())
            .done();
        (
            run.json()["source"]["kind"].as_str().unwrap().to_owned(),
            run.stderr,
        )
    };
    world.sync(&[]).done();
    assert_eq!(kind(&[]).0, "live");
    for script in [
        Script {
            total: Some(11),
            ..holding(&ten(), FIRST)
        },
        Script {
            versions: vec![Act::Status(403, "", "no"); 40],
            ..holding(&ten(), FIRST)
        },
    ] {
        world.registry.becomes(script);
        let (kind, told) = kind(&[]);
        assert_eq!(kind, "store", "{told}");
        assert!(
            told.contains("The registry could not be used")
                && told.contains("FROM THE LOCAL STORE"),
            "{told}"
        );
    }
    // A store that cannot be used is told, and the sample stands in for it.
    let file = trialbrief::store::file_in(&world.data());
    std::fs::write(&file, "this is no database, whatever its name may say").unwrap();
    let (kind, told) = kind(&[]);
    assert_eq!(kind, "sample");
    assert!(told.contains("damaged") && told.contains("(403)"), "{told}");
}

#[test]
fn without_a_store_there_is_nothing_to_read() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    for command in [
        &["search"][..],
        &["show", "NCT00000001"],
        &["export", "--csv", "x.csv"],
    ] {
        let run = on(&data, &[command, &["--source", "store"]].concat());
        assert_eq!(run.code, Some(5), "{}", run.stderr);
        assert!(
            run.stderr.contains("no synced store") && run.stderr.contains("trialbrief sync"),
            "{}",
            run.stderr
        );
    }
    assert_eq!(files_in(folder.path()), [""; 0], "reading makes nothing");
}

#[test]
fn studies_are_shown_by_either_number_and_never_called_gone_wrongly() {
    let mut merged = numbered(2, "2026-07-01");
    merged["protocolSection"]["identificationModule"]["nctIdAliases"] = json!(["NCT00000001"]);
    let world = World::new(holding(&[merged, numbered(3, "2026-07-01")], FIRST));
    world.sync(&[]).done();
    let show = |number: &str| world.run(&["show", number, "--source", "store", "--format", "json"]);
    assert_eq!(
        show("NCT00000001").done().json()["trial"]["nct_id"],
        "NCT00000002"
    );
    let run = show("NCT00000009");
    assert_eq!(run.code, Some(7));
    assert!(
        run.stderr.contains("NCT00000009 not in the source (store"),
        "{}",
        run.stderr
    );
    // The store that stands in for the registry cannot say that a study does not exist.
    let api = closed_address();
    let run = on(&world.data(), &["show", "NCT00000009", "--api", &api]);
    assert_eq!(run.code, Some(7));
    assert!(
        run.stderr.contains("the registry could not be used"),
        "{}",
        run.stderr
    );
    // What the registry took out is not there, and it is told since when.
    world
        .registry
        .becomes(holding(&[numbered(3, "2026-07-01")], "2026-08-10T09:00:05"));
    world.sync(&["--allow-shrink"]).done();
    let run = show("NCT00000002");
    assert_eq!(run.code, Some(7));
    assert!(
        run.stderr
            .contains("NCT00000002 is no longer in the registry: found gone on 2026-08-25"),
        "{}",
        run.stderr
    );
}

#[test]
fn other_therapies_are_not_called_complete() {
    let world = filled();
    let folder = world.data();
    let run = on(
        &folder,
        &[
            "search",
            "--source",
            "store",
            "--therapy",
            "any",
            "--format",
            "json",
        ],
    )
    .done();
    assert_eq!(run.json()["source"]["complete"], Value::Bool(false));
    assert!(
        run.stderr.contains("INCOMPLETE") && run.stderr.contains("engineered cell therapies"),
        "{}",
        run.stderr
    );
}

#[cfg(unix)]
#[test]
fn a_limit_on_files_is_named_to_a_reader_too() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let records = crate::support::records();
    let filled = crate::support::program()
        .args(["sync", "--sentinels", "none", "--file"])
        .arg(&records)
        .arg("--data-dir")
        .arg(&data)
        .output()
        .unwrap();
    assert!(filled.status.success(), "{filled:?}");
    let read = std::process::Command::new("sh")
        .args(["-c", "ulimit -f 4; exec \"$0\" \"$@\""])
        .arg(env!("CARGO_BIN_EXE_trialbrief"))
        .args(["search", "--source", "store", "--data-dir"])
        .arg(&data)
        .output()
        .unwrap();
    // Ended by the system it would have no code.
    assert!(read.status.code().is_some(), "{read:?}");
    assert!(
        String::from_utf8_lossy(&read.stderr).contains("file too large"),
        "{read:?}"
    );
}
