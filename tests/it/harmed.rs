//! What becomes of a store that a disk, a stick or a hand has harmed: a sync mends it or says so, and what
//! it knew of the number of studies still guards the next one.

use std::path::{Path, PathBuf};

use serde_json::Value;
use trialbrief::store::file_in;

use crate::fake_registry::{Act, Script};
use crate::support::{Run, files_in};
use crate::sync::{FIRST, SECOND, World, holding, numbered, ten};

/// A world whose store has a history: two runs, with changed, new and removed studies.
fn with_history() -> World {
    let world = World::new(holding(&ten(), FIRST));
    world.sync(&[]).done();
    world.registry.becomes(holding(&later(), SECOND));
    world.sync(&["--full"]).done();
    world
}

fn later() -> Vec<Value> {
    let mut later = ten();
    later.remove(6);
    for (at, day) in [(1, "2026-08-08"), (3, "2026-08-09")] {
        later[at] = numbered(u32::try_from(at).unwrap() + 1, day);
        later[at]["protocolSection"]["statusModule"]["overallStatus"] = "COMPLETED".into();
    }
    later.push(numbered(11, "2026-08-09"));
    later
}

fn aside(world: &World) -> Option<PathBuf> {
    let names = files_in(&world.data());
    let main = |name: &&String| name.contains(".damaged-") && !name.ends_with("-shm");
    names.iter().find(main).map(|name| world.data().join(name))
}

/// Puts bytes in the place of the store, and takes away whatever lay beside it.
fn place(world: &World, bytes: &[u8]) {
    for name in files_in(&world.data()) {
        std::fs::remove_file(world.data().join(name)).unwrap();
    }
    std::fs::write(file_in(&world.data()), bytes).unwrap();
}

fn search(world: &World) -> Run {
    let args = ["search", "--source", "store", "--status", "all"];
    world.run(&[&args[..], &["--format", "csv"]].concat())
}

fn flip(bytes: &mut [u8], at: usize) {
    bytes[at] ^= 1 << (at % 8);
}

/// Flips a bit in the packed record of a study, also in what was left of it elsewhere in the file.
fn harm_record(world: &World, bytes: &mut [u8], number: &str) {
    let store = world.store();
    let rows = store.rows().unwrap();
    let row = rows.iter().find(|row| row.number.to_string() == number);
    let packed = trialbrief::store::pack(&store.record(row.unwrap().version).unwrap());
    let places: Vec<usize> = memchr::memmem::find_iter(bytes, &packed).collect();
    assert!(!places.is_empty(), "a small record lies in one piece");
    for at in places {
        flip(bytes, at + 40);
    }
}

#[test]
fn a_flipped_byte_of_a_record_stops_nobody_after_a_sync() {
    let world = with_history();
    let good = std::fs::read(file_in(&world.data())).unwrap();
    for more in [&[][..], &["--full"]] {
        place(&world, &good);
        let mut bytes = good.clone();
        harm_record(&world, &mut bytes, "NCT00000005");
        place(&world, &bytes);
        assert_eq!(search(&world).code, Some(5));
        let run = world.sync(more).done();
        assert!(
            run.stderr.contains("warning: the store was damaged"),
            "{}",
            run.stderr
        );
        assert_eq!(search(&world).done().stdout.lines().count(), 11);
        world.run(&["store", "check"]).done();
    }
}

#[test]
fn whichever_byte_is_flipped_a_sync_mends_it_or_says_what_is_wrong() {
    let world = with_history();
    let good = std::fs::read(file_in(&world.data())).unwrap();
    let expected = search(&world).done().stdout;
    let mut mended = 0;
    // Places without a pattern, all over the file, and each field of its head.
    let spread = (1..24).map(|turn| (turn * 7_919 * 31) % good.len());
    let head = [
        0, 16, 18, 19, 21, 28, 44, 47, 56, 59, 68, 100, 103, 105, 108,
    ];
    for at in spread.chain(head) {
        let mut bytes = good.clone();
        flip(&mut bytes, at);
        place(&world, &bytes);
        world.sync(&[]).done();
        assert_eq!(search(&world).done().stdout, expected, "byte {at}");
        let check = world.run(&["store", "check"]);
        assert_eq!(check.code, Some(0), "byte {at}: {}", check.stdout);
        mended += usize::from(aside(&world).is_some());
    }
    assert!(mended > 8, "{mended} of them were harm");
}

#[test]
fn damage_is_told_also_by_a_run_that_then_fails_and_the_file_stays() {
    let world = with_history();
    let mut bytes = std::fs::read(file_in(&world.data())).unwrap();
    bytes[..16].fill(0xAA);
    place(&world, &bytes);
    world.registry.becomes(Script {
        then: Act::Status(403, "", "no"),
        versions: vec![Act::Status(403, "", "no")],
        ..holding(&later(), SECOND)
    });
    let run = world.sync(&[]);
    assert_eq!(run.code, Some(3), "{}", run.stderr);
    assert!(
        run.stderr.contains("(403)") && run.stderr.contains("the store is damaged"),
        "{}",
        run.stderr
    );
    // Whatever fails, the store stays as it was.
    assert_eq!(std::fs::read(file_in(&world.data())).unwrap(), bytes);
    world.registry.becomes(holding(&later(), SECOND));
    let run = world.sync(&[]).done();
    assert!(
        run.stderr.contains("warning: the store was damaged"),
        "{}",
        run.stderr
    );
    let kept = aside(&world).expect("the old file is kept");
    assert_eq!(std::fs::read(kept).unwrap(), bytes);
}

#[test]
fn a_store_that_a_killed_run_left_aside_is_told_of() {
    let world = with_history();
    let old = file_in(&world.data());
    let mut name = old.clone().into_os_string();
    name.push(".damaged-20260825T000000Z");
    std::fs::rename(&old, Path::new(&name)).unwrap();
    let run = world.sync(&[]).done();
    assert!(
        run.stderr.contains("warning: ") && run.stderr.contains(".damaged-20260825T000000Z"),
        "{}",
        run.stderr
    );
    let run = world.sync(&["--full"]).done();
    assert!(!run.stderr.contains(".damaged-"), "{}", run.stderr);
}

#[test]
fn what_a_damaged_store_held_still_guards_the_new_one() {
    let world = with_history();
    let mut bytes = std::fs::read(file_in(&world.data())).unwrap();
    harm_record(&world, &mut bytes, "NCT00000005");
    place(&world, &bytes);
    world.registry.becomes(holding(&ten()[..3], SECOND));
    let run = world.sync(&[]);
    assert_eq!(run.code, Some(4), "{}", run.stderr);
    assert!(run.stderr.contains("from 10 to 3"), "{}", run.stderr);
    world.sync(&["--allow-shrink"]).done();
}

#[test]
fn an_export_is_guarded_by_the_one_before_where_the_store_is_lost() {
    let world = World::new(holding(&ten(), FIRST));
    let csv = world.folder.path().join("a.csv");
    let export = |more: &[&str]| {
        let csv = csv.to_str().unwrap();
        world.run(&[&["export", "--csv", csv, "--sentinels", "none"], more].concat())
    };
    export(&[]).done();
    let before = std::fs::read(&csv).unwrap();
    std::fs::remove_dir_all(world.data()).unwrap();
    world.registry.becomes(holding(&ten()[..3], SECOND));
    let run = export(&[]);
    assert_eq!(run.code, Some(4), "{}", run.stderr);
    assert!(
        run.stderr.contains("from 10 to 3") && run.stderr.contains("--allow-shrink"),
        "{}",
        run.stderr
    );
    assert_eq!(std::fs::read(&csv).unwrap(), before);
    export(&["--allow-shrink"]).done();
    // Files are no measure for the store, nor the store for files.
    export(&["--source", "sample"]).done();
    export(&[]).done();
}

#[test]
#[cfg(target_os = "linux")]
fn a_store_on_a_medium_that_takes_no_writes_is_read() {
    use crate::faults::Disk;
    let Some(disk) = Disk::mounted(8) else { return };
    let world = with_history();
    let copy = disk.path("of a #1 % clinic?");
    std::fs::create_dir(&copy).unwrap();
    std::fs::copy(file_in(&world.data()), file_in(&copy)).unwrap();
    disk.remount("ro");
    let on = |args: &[&str]| -> Run {
        let mut program = crate::support::program();
        program.args(args).arg("--data-dir").arg(&copy);
        program.output().unwrap().into()
    };
    let found = on(&[
        "search", "--source", "store", "--status", "all", "--format", "csv",
    ])
    .done();
    assert_eq!(found.stdout, search(&world).done().stdout);
    on(&["store", "check"]).done();
    on(&["changes", "--since", "2026-08-01"]).done();
    let api = crate::support::closed_address();
    let auto = on(&["search", "--api", &api, "--timeout", "1"]).done();
    assert!(!auto.stderr.contains("SAMPLE"), "{}", auto.stderr);
    assert_eq!(files_in(&copy), ["store.sqlite3"]);
}
