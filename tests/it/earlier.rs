//! Copies that are older or poorer than what the store holds, registries and clocks that go back in time.

use serde_json::{Value, json};
use trialbrief::store::Since;

use crate::sync::{FIRST, SECOND, World, file, holding, numbered, ten};

/// A record with the day of the data set that it came from.
fn stamped(mut record: Value, day: &str) -> Value {
    record["derivedSection"]["miscInfoModule"]["versionHolder"] = day.into();
    record
}

fn with_status(mut record: Value, status: &str) -> Value {
    record["protocolSection"]["statusModule"]["overallStatus"] = status.into();
    record
}

/// The same record with fewer fields, as other programs hand it on.
fn poorer(mut record: Value) -> Value {
    let protocol = record["protocolSection"].as_object_mut().unwrap();
    protocol.remove("contactsLocationsModule");
    let eligibility = protocol["eligibilityModule"].as_object_mut().unwrap();
    for field in ["minimumAge", "maximumAge", "sex"] {
        eligibility.remove(field);
    }
    record
}

fn status_of(world: &World, number: u32) -> Option<String> {
    let rows = world.store().rows().unwrap();
    let row = rows
        .iter()
        .find(|row| row.number.to_string() == format!("NCT{number:08}"));
    row.unwrap().status.clone()
}

#[test]
fn a_file_that_is_older_unstamped_or_poorer_replaces_nothing_of_the_same_date() {
    let all: Vec<Value> = ten()
        .into_iter()
        .map(|one| stamped(one, "2026-08-03"))
        .collect();
    let world = World::new(holding(&all, FIRST));
    world.sync(&[]).done();
    let rows = world.store().rows().unwrap();
    let base = || numbered(1, "2026-07-01");
    let closed = || with_status(base(), "COMPLETED");
    let mut no_stamp = closed();
    no_stamp.as_object_mut().unwrap().remove("derivedSection");
    for (case, record) in [
        ("unstamped", no_stamp),
        ("of an older stamp", stamped(closed(), "2025-09-25")),
        ("of the same stamp", stamped(closed(), "2026-08-03")),
        ("poorer", stamped(poorer(base()), "2026-08-24")),
        (
            "of an older date",
            stamped(numbered(1, "2026-06-30"), "2026-08-24"),
        ),
        (
            "poorer, newer in a word",
            stamped(poorer(closed()), "2026-08-24"),
        ),
    ] {
        let file = file(&world, "copy.ndjson", &[record]);
        let run = world.sync(&["--file", &file]).done();
        assert!(run.stderr.contains("1 older"), "{case}: {}", run.stderr);
        assert_eq!(world.store().rows().unwrap(), rows, "{case}");
    }
    let changes = world.store().changes(&Since::AfterRun(0)).unwrap();
    assert_eq!(changes, []);
    // A later copy of the same data set form is news.
    let newer = file(&world, "new.ndjson", &[stamped(closed(), "2026-08-24")]);
    world.sync(&["--file", &newer]).done();
    assert_eq!(status_of(&world, 1).as_deref(), Some("COMPLETED"));
}

#[test]
fn a_file_is_weighed_by_when_the_registry_was_asked_where_records_bear_no_stamp() {
    let plain = |number| {
        let mut record = numbered(number, "2026-07-01");
        record.as_object_mut().unwrap().remove("derivedSection");
        record
    };
    let world = World::new(holding(&(1..=4).map(plain).collect::<Vec<_>>(), FIRST));
    world.sync(&[]).done();
    let closed = |day| stamped(with_status(plain(1), "COMPLETED"), day);
    let old = file(&world, "old.ndjson", &[closed("2025-09-25")]);
    world.sync(&["--file", &old]).done();
    assert_eq!(status_of(&world, 1).as_deref(), Some("RECRUITING"));
    let new = file(&world, "new.ndjson", &[closed("2026-08-10")]);
    world.sync(&["--file", &new]).done();
    assert_eq!(status_of(&world, 1).as_deref(), Some("COMPLETED"));
}

#[test]
fn a_registry_that_goes_back_in_time_is_named_and_takes_nothing_back() {
    let mut now = ten();
    now[0] = with_status(numbered(1, "2026-08-08"), "COMPLETED");
    now.push(numbered(11, "2026-08-09"));
    let world = World::new(holding(&now, SECOND));
    world.sync(&[]).done();
    let rows = world.store().rows().unwrap();
    world.registry.becomes(holding(&ten(), FIRST));
    for more in [&["--full"][..], &["--full"]] {
        let run = world.sync(more).done();
        assert_eq!(world.store().rows().unwrap(), rows, "{}", run.stderr);
    }
    assert_eq!(world.store().changes(&Since::AfterRun(0)).unwrap(), []);
    let world = World::new(holding(&now, SECOND));
    world.sync(&[]).done();
    world.registry.becomes(holding(&ten(), FIRST));
    let run = world.sync(&[]).done();
    for part in ["warning: ", FIRST, SECOND, "1 older"] {
        assert!(run.stderr.contains(part), "{part}: {}", run.stderr);
    }
    assert_eq!(world.store().rows().unwrap(), rows);
    assert_eq!(world.store().tombstones().unwrap(), []);
    // It has caught up: nothing is left of it.
    let mut later = now.clone();
    later[1] = with_status(numbered(2, "2026-08-12"), "COMPLETED");
    world
        .registry
        .becomes(holding(&later, "2026-08-13T09:00:05"));
    let run = world.sync(&[]).done();
    assert!(!run.stderr.contains("warning"), "{}", run.stderr);
    assert_eq!(status_of(&world, 2).as_deref(), Some("COMPLETED"));
}

#[test]
fn a_clock_that_was_set_back_hides_no_change() {
    let world = World::new(holding(&ten(), FIRST));
    world.sync(&["--today", "2026-08-04"]).done();
    let mut later = ten();
    later[1] = with_status(numbered(2, "2026-08-08"), "COMPLETED");
    world.registry.becomes(holding(&later, SECOND));
    let run = world.sync(&["--today", "2020-01-01"]).done();
    assert!(
        run.stderr.contains("clock") && run.stderr.contains("2020-01-01"),
        "{}",
        run.stderr
    );
    let seen = world.run(&["changes", "--since", "2026-08-05", "--format", "csv"]);
    assert!(seen.done().stdout.contains("COMPLETED"));
    world
        .run(&["store", "forget", "--older-than", "365"])
        .done();
    let seen = world.run(&["changes", "--since", "2026-08-05", "--format", "csv"]);
    assert!(seen.done().stdout.contains("COMPLETED"));
    // Neither before the run before it, where the registry says nothing of the day.
    later[2] = with_status(numbered(3, "2026-08-09"), "COMPLETED");
    let copy = file(&world, "later.ndjson", &later[2..3]);
    world
        .sync(&["--today", "2019-01-01", "--file", &copy])
        .done();
    let seen = world.run(&["changes", "--since", "2026-08-05", "--format", "csv"]);
    assert_eq!(seen.done().stdout.matches("COMPLETED").count(), 2);
    let json = world
        .run(&["store", "check", "--format", "json"])
        .done()
        .json();
    assert_eq!(json["whole"], json!(true));
}

#[test]
fn what_is_to_come_cannot_be_forgotten() {
    let world = World::new(holding(&ten(), FIRST));
    world.sync(&[]).done();
    let run = world.run(&["store", "forget", "--older-than", "2999-01-01"]);
    assert_eq!(run.code, Some(2), "{}", run.stderr);
    assert!(
        run.stderr.contains("--older-than") && run.stderr.contains("2026-08-25"),
        "{}",
        run.stderr
    );
}
