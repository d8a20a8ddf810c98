//! The one script: it only adds, and everything works without it. And the brief as text, which it helps to copy.

use std::process::Command;

use crate::html::Html;
use crate::server::Server;

const FACTS: &[(&str, &str)] = &[
    ("age", "47"),
    ("edss", "6"),
    ("labs.igg", "8.2 g/L"),
    ("as", "text"),
];

fn page(body: &str) -> Html {
    let page = Html::parse(body);
    page.assert_served();
    page
}

#[test]
fn one_script_of_our_own_and_no_other_may_run() {
    let server = Server::on_sample();
    for path in ["/", "/me", "/about", "/nothing", "/study/NCT06675864"] {
        let answer = server.get(path);
        let policy = answer.header("content-security-policy");
        assert!(
            policy.contains("script-src 'self'") && policy.starts_with("default-src 'none'"),
            "{policy}"
        );
        assert!(!policy.contains("unsafe"), "{policy}");
        let page = page(&answer.body);
        let scripts = page.named("script");
        assert_eq!(scripts.len(), 1, "{path}");
        // It holds up nothing that is shown.
        assert!(scripts[0].get("defer").is_some());
        let script = server.get(scripts[0].get("src").unwrap());
        assert_eq!(script.status, 200);
        assert_eq!(
            script.header("content-type"),
            "text/javascript; charset=utf-8"
        );
        assert!(script.header("cache-control").contains("max-age"));
        assert!(script.body.len() < 10_000);
    }
}

#[test]
fn the_script_reaches_nobody_and_writes_no_markup() {
    let script = include_str!("../../src/render/html/site/site.js");
    for not in [
        "fetch(",
        "XMLHttpRequest",
        "WebSocket",
        "sendBeacon",
        "EventSource",
        "import(",
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "Function(",
        "http:",
        "https:",
        "cookie",
        "sessionStorage",
        "location",
    ] {
        assert!(!script.contains(not), "{not}");
    }
}

#[test]
#[expect(clippy::print_stdout, reason = "a test that skips says so")]
fn the_script_can_be_read() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/src/render/html/site/site.js");
    match Command::new("node").args(["--check", file]).output() {
        Ok(run) => assert!(
            run.status.success(),
            "{}",
            String::from_utf8_lossy(&run.stderr)
        ),
        Err(error) => println!("skipped: node cannot be started ({error})"),
    }
}

#[test]
fn a_brief_can_be_copied_for_mail() {
    let server = Server::on_sample();
    let offered = page(&server.post("/brief", &FACTS[..3]).body);
    let button = offered
        .named("button")
        .into_iter()
        .find(|one| one.get("name") == Some("as"))
        .unwrap();
    assert_eq!(button.get("value"), Some("text"));
    let answer = server.post("/brief", FACTS);
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.header("cache-control"), "no-store");
    let page = page(&answer.body);
    let text = &page.named("textarea")[0];
    assert!(text.get("readonly").is_some());
    assert!(
        text.text.starts_with("Cell therapy trials for MS")
            && text.text.contains("8.2 g/L")
            && text.text.contains("SAMPLE, NOT LIVE"),
        "{}",
        text.text
    );
    // Plain words: nothing that only a renderer understands.
    for not in ["&#", "\\", "**", "](http"] {
        assert!(!text.text.contains(not), "{not} in {}", text.text);
    }
    assert!(
        text.text.lines().all(|line| line.chars().count() <= 120),
        "{}",
        text.text
    );
    let said = page.text();
    for part in ["facts about health", "E-mail is not private"] {
        assert!(said.contains(part), "{part}");
    }
    // The answers go back by POST, and stand in no address.
    assert!(
        page.named("input")
            .iter()
            .any(|one| one.get("type") == Some("hidden") && one.get("value") == Some("8.2 g/L"))
    );
    assert!(
        !page
            .named("a")
            .iter()
            .any(|one| one.get("href").is_some_and(|to| to.contains("8.2")))
    );
    let odd = server.post("/brief", &[("as", "fax")]);
    assert_eq!(odd.status, 422);
    let text = page.named("textarea")[0].text.clone();
    assert!(!text.to_lowercase().contains("you are eligible"));
}

#[test]
fn words_in_the_text_stay_words() {
    let server = Server::on_sample();
    let answer = server.post(
        "/brief",
        &[
            ("id", "</textarea><script>alert(1)</script>"),
            ("edss", "4"),
            ("as", "text"),
        ],
    );
    assert!(!answer.body.contains("<script>"), "{}", answer.body);
    page(&answer.body);
}
