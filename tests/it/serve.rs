//! The server itself: where it listens, whom it answers, how it stops.

use std::io::{Read, Write};
use std::time::{Duration, Instant};

use crate::server::{Answer, Server};
use crate::support::run;

/// Every header that keeps a browser from doing more than show the page.
fn assert_guarded(answer: &Answer) {
    let policy = answer.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'"), "{answer:?}");
    for part in [
        "style-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ] {
        assert!(policy.contains(part), "{part} in {policy}");
    }
    assert!(!policy.contains("unsafe"), "{policy}");
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("x-frame-options", "DENY"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        assert_eq!(answer.header(name), value, "{name} of {answer:?}");
    }
}

#[test]
fn every_answer_is_guarded() {
    let server = Server::on_sample();
    for (path, status) in [
        ("/", 200),
        ("/study/NCT07224373", 200),
        ("/study/NCT00000001", 404),
        ("/study/nonsense", 404),
        ("/me", 200),
        ("/clinic", 200),
        ("/about", 200),
        ("/healthz", 200),
        ("/style.css", 200),
        ("/api/search", 200),
        ("/api/nothing", 404),
        ("/nothing", 404),
        ("/?region=ukk", 400),
    ] {
        let answer = server.get(path);
        assert_eq!(answer.status, status, "{path}: {}", answer.body);
        assert_guarded(&answer);
    }
    let wrong_method = server.post_as(
        "/about",
        "text/plain",
        "",
        "Sec-Fetch-Site: same-origin\r\n",
    );
    assert_eq!(wrong_method.status, 405);
    assert_guarded(&wrong_method);
}

#[test]
fn only_its_own_names_are_answered() {
    let server = Server::on_sample();
    let port = server.address.rsplit(':').next().unwrap();
    let ask = |host: &str| {
        let host = if host.is_empty() {
            String::new()
        } else {
            format!("Host: {host}\r\n")
        };
        server.send(&format!(
            "GET / HTTP/1.1\r\n{host}Connection: close\r\n\r\n"
        ))
    };
    for own in [
        format!("127.0.0.1:{port}"),
        format!("localhost:{port}"),
        format!("[::1]:{port}"),
    ] {
        assert_eq!(ask(&own).status, 200, "{own}");
    }
    for other in [
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "",
        "a@localhost",
    ] {
        let answer = ask(other);
        assert!([400, 421].contains(&answer.status), "{other}: {answer:?}");
        assert!(!answer.body.contains("NCT0"), "{other}");
        assert_guarded(&answer);
    }
    // What stands in the request line goes before the header.
    let absolute = format!(
        "GET http://evil.example/ HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
        server.address
    );
    assert_eq!(server.send(&absolute).status, 421);
}

#[test]
fn forms_of_other_pages_are_refused() {
    let server = Server::on_sample();
    let post = |headers: &str| {
        server.post_as(
            "/brief",
            "application/x-www-form-urlencoded",
            "edss=4.5",
            headers,
        )
    };
    for foreign in [
        "Sec-Fetch-Site: cross-site\r\n",
        "Sec-Fetch-Site: same-site\r\n",
        "Origin: http://evil.example\r\n",
        "Origin: null\r\n",
        "Sec-Fetch-Site: cross-site\r\nOrigin: http://127.0.0.1\r\n",
    ] {
        let answer = post(foreign);
        assert_eq!(answer.status, 403, "{foreign}: {answer:?}");
        assert!(!answer.body.contains("4.5"));
    }
    let own = format!("Origin: http://{}\r\n", server.address);
    // A browser that is told to send no referrer sends no origin either, but says where the form stood.
    for own in [
        own.as_str(),
        "Sec-Fetch-Site: same-origin\r\nOrigin: null\r\n",
        "",
    ] {
        assert_eq!(post(own).status, 200, "{own}");
    }
}

#[test]
fn too_much_is_refused() {
    let server = Server::on_sample();
    let body = "x".repeat(5 << 20);
    let answer = server.post_as("/brief", "application/x-www-form-urlencoded", &body, "");
    assert_eq!(answer.status, 413);
    let long = format!("/?near={}", "x".repeat(70_000));
    let answer = server.get(&long);
    assert!(
        [400, 414, 431].contains(&answer.status),
        "{}",
        answer.status
    );
    let many = "A: b\r\n".repeat(500);
    let answer = server.send(&format!(
        "GET / HTTP/1.1\r\nHost: {}\r\n{many}\r\n",
        server.address
    ));
    assert_eq!(answer.status, 431);
    assert_eq!(server.get("/").status, 200);
}

#[cfg(unix)]
#[test]
fn it_ends_when_it_is_told() {
    for signal in [rustix::process::Signal::TERM, rustix::process::Signal::INT] {
        let mut server = Server::on_sample();
        // An idle connection and a half-sent request must not keep it.
        let idle = server.connect();
        let mut half = server.connect();
        half.write_all(b"GET / HTTP/1.1\r\n").unwrap();
        let pid = rustix::process::Pid::from_child(&server.child);
        rustix::process::kill_process(pid, signal).unwrap();
        let begun = Instant::now();
        let status = loop {
            if let Some(status) = server.child.try_wait().unwrap() {
                break status;
            }
            assert!(begun.elapsed() < Duration::from_secs(12), "it goes on");
            std::thread::sleep(Duration::from_millis(20));
        };
        assert_eq!(status.code(), Some(0));
        drop(idle);
    }
}

#[test]
fn a_connection_serves_more_than_one_request() {
    let server = Server::on_sample();
    let mut stream = server.connect();
    let request = format!("GET /healthz HTTP/1.1\r\nHost: {}\r\n", server.address);
    write!(stream, "{request}\r\n{request}Connection: close\r\n\r\n").unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    assert_eq!(text.matches("HTTP/1.1 200 OK").count(), 2, "{text}");
}

#[test]
fn what_it_cannot_do_is_said() {
    let taken = Server::on_sample();
    let run_on = |bind: &str| run(&["serve", "--source", "sample", "--bind", bind]);
    let again = run_on(&taken.address);
    assert_eq!(again.code, Some(1), "{}", again.stderr);
    assert!(
        again.stderr.contains(&taken.address) && again.stderr.contains("hint: "),
        "{}",
        again.stderr
    );
    for wrong in [
        "8787",
        "localhost",
        "127.0.0.1",
        "127.0.0.1:99999",
        "example.org:80",
    ] {
        let answer = run_on(wrong);
        assert_eq!(answer.code, Some(2), "{wrong}: {}", answer.stderr);
        assert!(
            answer.stderr.contains("127.0.0.1:8787"),
            "{}",
            answer.stderr
        );
    }
    for wrong in [
        "https://trials.example.org",
        "",
        "a b",
        "trials.example.org:443",
    ] {
        let answer = run(&["serve", "--source", "sample", "--behind-tls", wrong]);
        assert_eq!(answer.code, Some(2), "{wrong}");
        assert!(
            answer.stderr.contains("trials.example.org"),
            "{}",
            answer.stderr
        );
    }
    let format = run(&["serve", "--source", "sample", "--format", "json"]);
    assert_eq!(format.code, Some(2));
    let missing = run(&["serve", "--source", "./no-such-folder"]);
    assert_eq!(missing.code, Some(5));
}

#[test]
fn patient_facts_stay_at_home() {
    let open = Server::open_to_all(&["--source", "sample"]);
    assert!(open.said().contains("warning: "), "{}", open.said());
    assert_eq!(open.get("/").status, 200);
    for path in ["/me", "/clinic"] {
        let answer = open.get(path);
        assert_eq!(answer.status, 403, "{path}");
        assert!(!answer.body.contains("<form"), "{path}");
    }
    for path in ["/me", "/brief", "/clinic", "/api/screen"] {
        let answer = open.post(path, &[("edss", "4.5")]);
        assert_eq!(answer.status, 403, "{path}");
    }
    assert!(!open.get("/").body.contains("href=\"/me\""));
}

/// Nothing of a patient is said anywhere but in the answer.
#[test]
fn patient_facts_are_not_logged() {
    let server = Server::start(&["--source", "sample", "--verbose"]);
    let fields = [
        ("id", "SECRET-PATIENT"),
        ("age", "47"),
        ("labs.igg", "8.23 g/L"),
    ];
    assert_eq!(server.post("/brief", &fields).status, 200);
    assert_eq!(
        server.post("/brief", &[("edss", "SECRET-WORD")]).status,
        422
    );
    assert_eq!(server.get("/?near=SECRET-TOWN").status, 400);
    let said = server.said();
    for secret in ["SECRET", "8.23"] {
        assert!(!said.contains(secret), "{said}");
    }
}

#[test]
fn a_registry_that_cannot_be_read_is_told_on_every_page() {
    // Nothing listens on port 1.
    let server = Server::start(&["--api", "http://127.0.0.1:1"]);
    for path in ["/", "/study/NCT07224373", "/me", "/about", "/nothing"] {
        let body = server.get(path).body;
        assert!(body.contains("The registry could not be used"), "{path}");
        assert!(body.contains("SAMPLE, NOT LIVE"), "{path}");
    }
    let live = run(&[
        "serve",
        "--source",
        "live",
        "--api",
        "http://127.0.0.1:1",
        "--timeout",
        "1",
    ]);
    assert_eq!(live.code, Some(3), "{}", live.stderr);
}

#[test]
fn a_slash_behind_an_address_leads_to_the_page() {
    let server = Server::on_sample();
    for (path, page) in [
        ("/me/", "/me"),
        ("/map/?region=uk", "/map?region=uk"),
        ("/study/NCT07224373/", "/study/NCT07224373"),
    ] {
        let answer = server.get(path);
        assert_eq!(
            (answer.status, answer.header("location")),
            (308, page),
            "{path}"
        );
    }
    for path in [
        "//example.org/",
        "/nowhere/",
        "/study/a/b/",
        "/study//example.org/",
    ] {
        assert_eq!(server.get(path).status, 404, "{path}");
    }
}

#[test]
fn a_file_that_the_browser_has_is_not_sent_again() {
    let server = Server::on_sample();
    for path in ["/style.css", "/site.js"] {
        let first = server.get(path);
        let tag = first.header("etag").to_owned();
        assert!(tag.starts_with('"') && tag.len() > 4, "{tag}");
        let again = |tag: &str| {
            server.send(&format!(
                "GET {path} HTTP/1.1\r\nHost: {}\r\nIf-None-Match: {tag}\r\nConnection: close\r\n\r\n",
                server.address
            ))
        };
        let known = again(&format!("\"other\", W/{tag}"));
        assert_eq!((known.status, known.body.as_str()), (304, ""), "{known:?}");
        let other = again("\"other\"");
        assert_eq!((other.status, other.body), (200, first.body));
    }
}
