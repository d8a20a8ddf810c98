//! What a sync must come up to, and what it keeps of what it is given.

use serde_json::{Value, json};
use trialbrief::store::Since;

use crate::fake_registry::{Act, Script};
use crate::support::{Run, record};
use crate::sync::{FIRST, SECOND, World, file, holding, numbered, ten};

/// A CAR-T study of another disease.
fn of_another_disease(number: u32) -> Value {
    let text = numbered(number, "2026-07-01").to_string();
    let text = text
        .replace("ultiple Sclerosis", "yasthenia Gravis")
        .replace("ultiple sclerosis", "yasthenia gravis");
    let mut record: Value = serde_json::from_str(&text).unwrap();
    let protocol = &mut record["protocolSection"];
    protocol["conditionsModule"] = json!({"conditions": ["Myasthenia Gravis"]});
    protocol["identificationModule"]["briefTitle"] = "CAR-T in Myasthenia Gravis".into();
    protocol["identificationModule"]["officialTitle"] = "CAR-T in Myasthenia Gravis".into();
    protocol["descriptionModule"] = json!({"briefSummary": "CAR-T."});
    protocol["eligibilityModule"] = json!({"eligibilityCriteria": "Adults."});
    record.as_object_mut().unwrap().remove("derivedSection");
    record
}

/// A study that gives no cells.
fn of_a_pill(number: u32) -> Value {
    json!({"protocolSection": {
        "identificationModule": {"nctId": format!("NCT{number:08}"), "briefTitle": "A pill for headache"},
        "statusModule": {"overallStatus": "RECRUITING", "lastUpdatePostDateStruct": {"date": "2026-07-01"}},
        "conditionsModule": {"conditions": ["Headache"]},
        "armsInterventionsModule": {"interventions": [{"type": "DRUG", "name": "Aspirin"}]}
    }})
}

#[test]
fn studies_in_ms_that_vanish_among_many_others_are_missed() {
    let others = || (101..=140).map(of_another_disease);
    let all: Vec<Value> = (1..=5)
        .map(|one| numbered(one, "2026-07-01"))
        .chain(others())
        .collect();
    let world = World::new(holding(&all, FIRST));
    world.sync(&[]).done();
    let rows = world.store().rows().unwrap();
    assert_eq!(rows.iter().filter(|row| row.is_ms).count(), 5);
    assert!(rows.iter().all(|row| row.is_cell));
    world
        .registry
        .becomes(holding(&others().collect::<Vec<_>>(), SECOND));
    for more in [&[][..], &["--full"]] {
        let run = world.sync(more);
        assert_eq!(run.code, Some(4), "{}", run.stderr);
        assert!(
            run.stderr.contains("in MS fell from 5 to 0"),
            "{}",
            run.stderr
        );
    }
    assert_eq!(world.store().rows().unwrap(), rows);
    // One of a few may go.
    world.registry.becomes(holding(&all[1..], SECOND));
    world.sync(&[]).done();
}

#[test]
fn a_sentinel_that_really_left_is_named_and_can_be_left_out() {
    let world = World::new(holding(&ten(), FIRST));
    let list = file(&world, "list.txt", &[]);
    std::fs::write(&list, "NCT00000003 # the third\nNCT00000007\n").unwrap();
    let guarded = |more: &[&str]| world.run(&[&["sync", "--sentinels", &list], more].concat());
    guarded(&[]).done();
    let mut later = ten();
    later.remove(6);
    world.registry.becomes(holding(&later, SECOND));
    let run = guarded(&[]);
    assert_eq!(run.code, Some(4), "{}", run.stderr);
    for part in [
        "the registry answers that it has no NCT00000007",
        "--without-sentinel NCT00000007",
    ] {
        assert!(run.stderr.contains(part), "{part}: {}", run.stderr);
    }
    guarded(&["--without-sentinel", "NCT00000007"]).done();
    // Another one is still missed, and not taken for gone.
    std::fs::write(&list, "NCT00000003\nNCT00000099\n").unwrap();
    let run = guarded(&["--without-sentinel", "NCT00000007"]);
    assert_eq!(run.code, Some(4), "{}", run.stderr);
    assert!(!run.stderr.contains("answers"), "{}", run.stderr);
    let without = ["--without-sentinel", "NCT00000099", "--without-sentinel"];
    guarded(&[&without[..], &["NCT00000003"]].concat()).done();
    let csv = world.folder.path().join("a.csv");
    let export = ["export", "--csv", csv.to_str().unwrap(), "--sentinels"];
    world
        .run(&[&export[..], &[&list, "--without-sentinel", "NCT00000099"]].concat())
        .done();
    let printed = |more: &[&str]| world.run(&[&["store", "sentinels"], more].concat()).done();
    assert_eq!(printed(&[]).stdout.lines().count(), 38);
    let less = printed(&["--without-sentinel", "NCT07139743"]).stdout;
    assert!(less.lines().count() == 37 && !less.contains("NCT07139743"));
}

#[test]
fn only_the_registrys_own_word_says_that_a_study_is_gone() {
    let world = World::new(holding(&ten(), FIRST));
    world.sync(&[]).done();
    let mut later = ten();
    later.remove(6);
    for body in [
        "<html><body>404 Not Found</body></html>",
        "404 page not found",
        "{\"error\":\"NCT00000007\"}",
        "",
    ] {
        world.registry.becomes(Script {
            singles: Act::Status(404, "", body),
            ..holding(&later, SECOND)
        });
        let run = world.sync(&[]);
        assert_eq!(run.code, Some(3), "{body}: {}", run.stderr);
        assert!(run.stderr.contains("(404"), "{body}: {}", run.stderr);
        assert_eq!(world.store().tombstones().unwrap(), []);
    }
    world.registry.becomes(holding(&later, SECOND));
    world.sync(&[]).done();
    assert_eq!(world.store().tombstones().unwrap().len(), 1);
}

#[test]
fn of_files_in_every_form_only_what_is_relevant_is_kept() {
    let world = World::new(holding(&ten(), FIRST));
    let mixed: Vec<Value> = (101..=120)
        .map(of_a_pill)
        .chain([of_another_disease(201), record("primary")])
        .collect();
    let folder = world.folder.path().join("folder");
    std::fs::create_dir(&folder).unwrap();
    for (at, one) in mixed.iter().enumerate() {
        std::fs::write(folder.join(format!("{at}.json")), one.to_string()).unwrap();
    }
    let page = json!({"studies": mixed, "totalCount": mixed.len()}).to_string();
    let list = serde_json::to_string_pretty(&mixed).unwrap();
    let lines = file(&world, "lines.ndjson", &mixed);
    let written = |name: &str, text: &str| {
        let path = world.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    for path in [
        lines,
        written("page.json", &page),
        written("list.json", &list),
        folder.to_str().unwrap().to_owned(),
    ] {
        let _ = std::fs::remove_dir_all(world.data());
        let run = world.sync(&["--file", &path]).done();
        assert_eq!(world.numbers().len(), 2, "{path}: {}", run.stderr);
    }
    // Nothing is kept silently.
    let _ = std::fs::remove_dir_all(world.data());
    let pills = file(&world, "pills.ndjson", &mixed[..20]);
    let run = world.sync(&["--file", &pills]).done();
    assert!(run.stderr.contains("none of the 20"), "{}", run.stderr);
    // What the store holds is followed, whatever it has become.
    world.sync(&[]).done();
    let mut became = of_a_pill(1);
    became["protocolSection"]["statusModule"]["lastUpdatePostDateStruct"]["date"] =
        "2026-08-09".into();
    let became = file(&world, "became.ndjson", &[became]);
    world.sync(&["--file", &became]).done();
    assert_eq!(world.numbers().len(), 10);
    assert!(!world.store().rows().unwrap()[0].is_cell);
}

#[test]
fn a_version_is_kept_as_long_as_a_change_of_it() {
    let world = World::new(holding(&ten(), FIRST));
    world.sync(&["--today", "2026-08-04"]).done();
    let mut later = ten();
    later[1] = numbered(2, "2026-08-08");
    later[1]["protocolSection"]["statusModule"]["overallStatus"] = "COMPLETED".into();
    // It leaves what the default search shows: only its old version says that it was there.
    later[2] = of_a_pill(3);
    later[2]["protocolSection"]["statusModule"]["lastUpdatePostDateStruct"]["date"] =
        "2026-08-08".into();
    world.registry.becomes(holding(&later, SECOND));
    world.sync(&["--today", "2026-08-11"]).done();
    let changes = |more: &[&str]| {
        let run = world.run(&[&["changes", "--since", "2026-08-05"], more].concat());
        run.done().stdout
    };
    let rules = world.folder.path().join("rules.toml");
    std::fs::write(&rules, "[[rule]]\nname = \"all\"\n").unwrap();
    let rules = ["--watch", rules.to_str().unwrap()];
    let watched = changes(&rules);
    let all = changes(&["--format", "csv", "--ms"]);
    assert!(all.contains("NCT00000003"), "{all}");
    world
        .run(&["store", "forget", "--older-than", "2026-08-06"])
        .done();
    assert_eq!(changes(&["--format", "csv", "--ms"]), all);
    assert_eq!(changes(&rules), watched);
    world.run(&["store", "check"]).done();
    // With the change its version goes.
    world
        .run(&["store", "forget", "--older-than", "2026-08-24"])
        .done();
    assert_eq!(
        world.store().changes(&Since::AfterRun(0)).unwrap(),
        Vec::new()
    );
    assert_eq!(world.store().check().unwrap().versions, 10);
}

#[test]
#[cfg(unix)]
fn a_pipe_in_the_place_of_a_list_is_named_and_not_waited_for() {
    let world = World::new(holding(&ten(), FIRST));
    let pipe = world.folder.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    let pipe = pipe.to_str().unwrap();
    let rules = world.folder.path().join("rules.toml");
    std::fs::write(&rules, "[[rule]]\nname = \"a\"\npatients = [\"pipe\"]\n").unwrap();
    let rules = rules.to_str().unwrap();
    let out = |name: &str| world.folder.path().join(name).to_str().unwrap().to_owned();
    let (csv, changes) = (out("a.csv"), out("c.csv"));
    let export = ["export", "--csv", &csv, "--changes", &changes, "--watch"];
    for args in [
        &["sync", "--sentinels", pipe][..],
        &["sync", "--sentinels", "none", "--lexicon", pipe],
        &[&export[..], &[pipe]].concat(),
        &[&export[..], &[rules]].concat(),
        &["changes", "--watch", pipe],
    ] {
        let mut run = world.command(args);
        let mut run = (run.stdout(std::process::Stdio::piped()))
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let begun = std::time::Instant::now();
        while run.try_wait().unwrap().is_none() {
            if begun.elapsed() > std::time::Duration::from_secs(20) {
                run.kill().unwrap();
                panic!("{args:?} waits for the pipe");
            }
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        let run = Run::from(run.wait_with_output().unwrap());
        assert_eq!(run.code, Some(5), "{args:?} {}", run.stderr);
        assert!(
            run.stderr.contains("regular file"),
            "{args:?} {}",
            run.stderr
        );
    }
    assert_eq!(world.registry.requests().len(), 0);
}
