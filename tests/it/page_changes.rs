//! The page of what changed, and its feed.

use crate::changes::changed;
use crate::html::Html;
use crate::server::Server;
use crate::sync::World;

fn page(body: &str) -> Html {
    let page = Html::parse(body);
    page.assert_served();
    page
}

pub(crate) fn on(world: &World) -> Server {
    let data = world.data();
    Server::start(&[
        "--source",
        "store",
        "--data-dir",
        data.to_str().unwrap(),
        "--today",
        "2026-08-26",
    ])
}

#[test]
fn what_is_new_is_told_as_the_digest_tells_it() {
    let world = changed();
    let server = on(&world);
    let answer = server.get("/changes");
    assert_eq!(answer.status, 200, "{}", answer.body);
    let page = page(&answer.body);
    let text = page.text();
    let digest = world
        .run(&["changes", "--ms", "--format", "markdown"])
        .done()
        .stdout;
    for part in [
        "new study",
        "no longer in the registry",
        "noticed since 2026-07-27",
        "noticed 2026-08-26, registry update 2026-08-08",
        "FROM THE LOCAL STORE",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    for line in digest.lines().filter_map(|line| line.strip_prefix("- ")) {
        let line = line
            .replace('\\', "")
            .replace("&lt;", "<")
            .replace("&gt;", ">");
        assert!(text.contains(&line), "{line} in {text}");
    }
    // Foreign words stay words.
    assert!(text.contains("<x>") && !answer.body.contains("<x>"));
    let links: Vec<_> = page
        .named("a")
        .into_iter()
        .filter_map(|a| a.get("href").map(str::to_owned))
        .collect();
    for link in [
        "/study/NCT00000002",
        "/changes.atom?since=2026-07-27",
        "/changes",
    ] {
        assert!(links.iter().any(|one| one == link), "{link} in {links:?}");
    }
    // A study that is gone has no page here.
    assert!(
        links
            .iter()
            .any(|one| one == "https://clinicaltrials.gov/study/NCT00000007"),
        "{links:?}"
    );
}

#[test]
fn a_day_is_asked_for_in_the_address() {
    let world = changed();
    let server = on(&world);
    let later = server.get("/changes?since=2026-08-27");
    let page = page(&later.body);
    assert!(
        page.text().contains("No changes noticed since 2026-08-27"),
        "{}",
        page.text()
    );
    assert!(later.body.contains("value=\"2026-08-27\""));
    let month = server.get("/changes?since=2026-08");
    assert!(self::page(&month.body).text().contains("since 2026-08-01"));
    let wrong = server.get("/changes?since=yesterday");
    assert_eq!(wrong.status, 400);
    let page = self::page(&wrong.body);
    let all = page.elements();
    let field = all
        .iter()
        .find(|one| one.get("name") == Some("since"))
        .unwrap();
    assert_eq!(
        (field.get("aria-invalid"), field.get("value")),
        (Some("true"), Some("yesterday"))
    );
    assert!(page.text().contains("YYYY-MM-DD"));
    assert_eq!(server.get("/changes?run=2").status, 400);
}

#[test]
fn the_feed_is_that_of_the_command() {
    let world = changed();
    let server = on(&world);
    let feed = server.get("/changes.atom?since=2026-08-26");
    assert_eq!(
        feed.header("content-type"),
        "application/atom+xml; charset=utf-8"
    );
    let printed = world
        .run(&[
            "changes",
            "--ms",
            "--since",
            "2026-08-26",
            "--atom",
            "--quiet",
        ])
        .done()
        .stdout;
    assert_eq!(feed.body, printed);
    assert_eq!(server.get("/changes.atom?since=x").status, 400);
}

/// What changed is read once for the data that are held: a page that anybody may ask for must not read the disk.
#[test]
fn the_store_is_read_once_for_the_data_that_are_held() {
    let world = changed();
    let server = on(&world);
    let first = server.get("/changes");
    assert!(first.body.contains("new study"), "{}", first.body);
    let none = server.get("/changes?since=2026-08-27");
    for file in crate::support::files_in(&world.data()) {
        std::fs::remove_file(world.data().join(file)).unwrap();
    }
    let body = |path: &str| server.get(path).body;
    assert_eq!(body("/changes"), first.body);
    assert_eq!(body("/changes?since=2026-08-27"), none.body);
    // Another day since which the same changed, under its own name.
    let other = page(&body("/changes?since=2026-08-20")).text();
    assert!(
        other.contains("noticed since 2026-08-20") && other.contains("new study"),
        "{other}"
    );
    assert!(body("/changes.atom?since=2026-08-21").contains("<entry>"));
}

#[test]
fn without_a_store_it_says_so() {
    let server = Server::on_sample();
    let answer = server.get("/changes");
    assert_eq!(answer.status, 200);
    let page = page(&answer.body);
    let text = page.text();
    for part in [
        "no record of changes",
        "trialbrief sync",
        "SAMPLE, NOT LIVE",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    // Not where the store would be.
    assert!(!text.contains("no-store"), "{text}");
    let feed = server.get("/changes.atom");
    assert_eq!(feed.status, 404);
    // Every page leads there.
    assert!(server.get("/about").body.contains("href=\"/changes\""));
}
