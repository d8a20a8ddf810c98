//! A server that brings its data up to date by itself, and never keeps anybody waiting for the registry.

use std::time::{Duration, Instant};

use crate::fake_registry::{Act, Script};
use crate::server::{Answer, Server};
use crate::support::run;
use crate::sync::{FIRST, SECOND, World, holding, numbered, ten};

/// A server over the data directory of a world, which asks its registry.
fn serving(world: &World, args: &[&str]) -> Server {
    let mut command = world.command(&["serve", "--bind", "127.0.0.1:0"]);
    command.args(args);
    Server::listening(command)
}

/// Asks until an answer is as wanted.
fn until(server: &Server, path: &str, wanted: impl Fn(&Answer) -> bool) -> Answer {
    let begun = Instant::now();
    loop {
        let answer = server.get(path);
        if wanted(&answer) {
            return answer;
        }
        assert!(
            begun.elapsed() < Duration::from_mins(1),
            "{}\n{answer:?}",
            server.said()
        );
        std::thread::sleep(Duration::from_millis(50));
    }
}

const DAILY: [&str; 4] = ["--sync-every", "24h", "--sentinels", "none"];

#[test]
fn without_a_store_it_begins_with_the_sample_and_changes_over() {
    let world = World::new(Script {
        latency: Duration::from_millis(300),
        ..holding(&ten(), FIRST)
    });
    let server = serving(&world, &DAILY);
    // The registry has not answered yet.
    let first = server.get("/");
    assert_eq!(first.status, 200);
    assert!(first.body.contains("SAMPLE, NOT LIVE"), "{}", first.body);
    assert!(
        first.body.contains("The registry is being read now"),
        "{}",
        first.body
    );
    assert!(!first.body.contains("could not be"), "{}", first.body);
    assert!(
        server
            .get("/about")
            .body
            .contains("for the first time since its start")
    );
    let health = until(&server, "/healthz", |answer| {
        answer.json()["source"] == "store"
    });
    assert_eq!(health.json()["studies"], 10);
    let page = server.get("/?status=all");
    assert!(!page.body.contains("SAMPLE, NOT LIVE"));
    assert!(!page.body.contains("being read now"), "{}", page.body);
    let about = server.get("/about").body;
    assert!(
        about.contains("The last time went well") && !about.contains("start it again"),
        "{about}"
    );
    assert!(page.body.contains("NCT00000007"), "{}", page.body);
    assert_eq!(server.get("/study/NCT00000007").status, 200);
}

#[test]
fn with_a_store_it_begins_with_the_store() {
    let world = World::new(holding(&ten(), FIRST));
    world.sync(&[]).done();
    let mut more = ten();
    more.push(numbered(11, "2026-08-09"));
    world.registry.becomes(Script {
        latency: Duration::from_millis(300),
        ..holding(&more, SECOND)
    });
    let server = serving(&world, &DAILY);
    let health = server.get("/healthz").json();
    assert_eq!(health["source"], "store");
    let asked = "/changes?since=2026-08-01";
    assert!(server.get(asked).body.contains("No changes noticed"));
    let later = until(&server, "/healthz", |answer| answer.json()["studies"] == 11).json();
    assert!(
        later["registry_timestamp"]
            .as_str()
            .unwrap()
            .starts_with("2026-08-10"),
        "{later}"
    );
    // What was kept of the old data went with them.
    let page = server.get(asked).body;
    assert!(
        page.contains("NCT00000011") && page.contains("new study"),
        "{page}"
    );
}

#[test]
fn a_registry_that_fails_leaves_what_is_there_and_is_told() {
    let world = World::new(holding(&ten(), FIRST));
    world.sync(&[]).done();
    world.registry.becomes(Script {
        then: Act::Status(500, "", "down"),
        versions: vec![Act::Status(500, "", "down"); 50],
        ..holding(&ten(), SECOND)
    });
    let server = serving(&world, &[&DAILY[..], &["--timeout", "1"]].concat());
    let metrics = until(&server, "/metrics", |answer| {
        answer
            .body
            .contains("trialbrief_syncs_total{outcome=\"failed\"} 1")
    });
    assert!(
        metrics.body.contains("trialbrief_studies 10"),
        "{}",
        metrics.body
    );
    assert_eq!(server.get("/study/NCT00000007").status, 200);
    let told = "could not be read when it was last asked";
    assert!(server.get("/").body.contains(told));
    assert!(server.get("/about").body.contains("The last time failed"));
    assert!(server.said().contains("warning: "), "{}", server.said());
    assert!(
        server.said().contains("could not be brought up to date"),
        "{}",
        server.said()
    );
}

/// What a fall by half would hide stays: the guard of `sync` holds here too.
#[test]
fn a_registry_that_lost_studies_is_not_believed() {
    let world = World::new(holding(&ten(), FIRST));
    world.sync(&[]).done();
    world.registry.becomes(holding(&ten()[..3], SECOND));
    let server = serving(&world, &DAILY);
    until(&server, "/metrics", |answer| {
        answer
            .body
            .contains("trialbrief_syncs_total{outcome=\"failed\"} 1")
    });
    assert_eq!(server.get("/healthz").json()["studies"], 10);
}

#[test]
fn only_what_can_be_brought_up_to_date_is() {
    for (args, word) in [
        (
            &["--source", "sample", "--sync-every", "24h"][..],
            "--source",
        ),
        (&["--sync-every", "5"], "24h"),
        (&["--sync-every", "soon"], "24h"),
        (&["--sync-every", "0s"], "24h"),
        (&["--sync-every", "1s"], "15m"),
    ] {
        let answer = run(&[&["serve", "--bind", "127.0.0.1:0"], args].concat());
        assert_eq!(answer.code, Some(2), "{args:?}: {}", answer.stderr);
        assert!(
            answer.stderr.contains("--sync-every") && answer.stderr.contains(word),
            "{}",
            answer.stderr
        );
    }
}
