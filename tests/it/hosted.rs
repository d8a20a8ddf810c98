//! A server that others can reach: whom it believes, whom it makes wait, and that nobody crowds others out.

use std::io::Write;
use std::net::TcpStream;

use crate::html::Html;
use crate::server::{Answer, Server};
use crate::support::run;

/// A server behind a proxy on the same machine.
fn behind(args: &[&str]) -> Server {
    let own = ["--source", "sample", "--behind-tls", "trials.example.org"];
    Server::open_to_all(&[&own, args].concat())
}

fn with(server: &Server, headers: &str) -> Answer {
    server.send(&format!(
        "GET /me HTTP/1.1\r\n{headers}Connection: close\r\n\r\n"
    ))
}

const NAMED: &str = "Host: trials.example.org\r\n";
const ENCRYPTED: &str = "X-Forwarded-Proto: https\r\n";

#[test]
fn facts_are_taken_of_the_proxy_only() {
    let server = behind(&[]);
    assert_eq!(with(&server, &format!("{NAMED}{ENCRYPTED}")).status, 200);
    // Nobody ended TLS, or nobody says so.
    for open in [
        "",
        "X-Forwarded-Proto: http\r\n",
        "X-Forwarded-Proto: https, http\r\n",
    ] {
        let answer = with(&server, &format!("{NAMED}{open}"));
        assert_eq!(answer.status, 403, "{open:?}: {answer:?}");
        assert!(!answer.body.contains("<form"), "{open:?}");
    }
    // Past the proxy nothing is encrypted, whatever the request says.
    let past = format!("Host: {}\r\n{ENCRYPTED}", server.address);
    assert_eq!(with(&server, &past).status, 403);

    // Whoever is not the proxy may claim what he likes.
    let elsewhere = behind(&["--proxy", "192.0.2.7"]);
    let claimed = with(&elsewhere, &format!("{NAMED}{ENCRYPTED}"));
    assert_eq!(claimed.status, 403, "{claimed:?}");
    let own = behind(&["--proxy", "192.0.2.7", "--proxy", "127.0.0.1"]);
    assert_eq!(with(&own, &format!("{NAMED}{ENCRYPTED}")).status, 200);
    // What takes no facts is there for all.
    assert_eq!(elsewhere.get("/").status, 200);
}

#[test]
fn a_proxy_on_the_same_machine_must_have_ended_tls_too() {
    let server = Server::start(&["--source", "sample", "--behind-tls", "trials.example.org"]);
    assert_eq!(with(&server, &format!("{NAMED}{ENCRYPTED}")).status, 200);
    assert_eq!(with(&server, NAMED).status, 403);
    // A proxy that passes requests on by the machine's own name has not said who asked it, nor how.
    for said in ["", "X-Forwarded-Proto: http\r\n", ENCRYPTED] {
        let own = format!("Host: {}\r\n{said}", server.address);
        assert_eq!(with(&server, &own).status, 403, "{said:?}");
    }
}

#[test]
fn options_of_hosting_are_checked() {
    for wrong in ["nginx", "", "192.0.2.300", "10.0.0.0/8"] {
        let args = ["--behind-tls", "trials.example.org", "--proxy", wrong];
        let answer = run(&[&["serve", "--source", "sample"][..], &args].concat());
        assert_eq!(answer.code, Some(2), "{wrong}: {}", answer.stderr);
        assert!(answer.stderr.contains("--proxy"), "{}", answer.stderr);
    }
    // A proxy without the name that it serves changes nothing, and somebody meant something by it.
    let answer = run(&["serve", "--source", "sample", "--proxy", "192.0.2.7"]);
    assert_eq!(answer.code, Some(2), "{}", answer.stderr);
    assert!(answer.stderr.contains("--behind-tls"), "{}", answer.stderr);
}

/// Asks until the server says that it is too much; `None` if it never does.
fn until_refused(most: usize, ask: impl Fn() -> Answer) -> Option<Answer> {
    (0..most).map(|_| ask()).find(|answer| answer.status == 429)
}

#[test]
fn a_client_that_asks_too_much_waits_and_others_do_not() {
    let server = behind(&[]);
    let greedy = || server.get_proxied("/healthz", "203.0.113.5");
    let refused = until_refused(2000, greedy).expect("it is never too much");
    let wait: u64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&wait), "{refused:?}");
    assert_eq!(refused.header("content-type"), "application/problem+json");
    for other in ["203.0.113.6", "2001:db8::1"] {
        assert_eq!(server.get_proxied("/healthz", other).status, 200, "{other}");
    }
    // The proxy adds who asked it; what stood before that, the client wrote himself.
    let lied = server.get_proxied("/healthz", "203.0.113.99, 203.0.113.5");
    assert_eq!(lied.status, 429, "{lied:?}");
}

#[test]
fn a_client_is_known_by_where_it_comes_from() {
    // Not the proxy: the header is the client's own word.
    let server = behind(&["--proxy", "192.0.2.7"]);
    let count = std::cell::Cell::new(0_u32);
    let refused = until_refused(2000, || {
        count.set(count.get() + 1);
        server.get_proxied("/healthz", &format!("203.0.113.{}", count.get() % 250))
    });
    assert!(refused.is_some());
    // Of one house with many addresses all are one client.
    let server = behind(&[]);
    let refused = until_refused(2000, || {
        count.set(count.get() + 1);
        server.get_proxied("/healthz", &format!("2001:db8:1:2::{:x}", count.get()))
    });
    assert!(refused.is_some());
}

#[test]
fn who_sits_at_the_machine_never_waits() {
    let server = Server::on_sample();
    assert!(until_refused(1000, || server.get("/healthz")).is_none());
}

/// More slow clients than there is room for: each holds a connection, and says next to nothing.
fn crowd(server: &Server, count: usize, begun: &str) -> Vec<TcpStream> {
    (0..count)
        .filter_map(|_| {
            let mut stream = TcpStream::connect(&server.address).ok()?;
            stream.write_all(begun.as_bytes()).ok()?;
            Some(stream)
        })
        .collect()
}

#[test]
fn slow_clients_do_not_stop_others() {
    let server = Server::with_files(128, &["--source", "sample"]);
    let body = format!(
        "POST /brief HTTP/1.1\r\nHost: {}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\nage=",
        server.address
    );
    for begun in ["GET / HTTP/1.1\r\nHost: ", "", body.as_str()] {
        let slow = crowd(&server, 400, begun);
        let begun_at = std::time::Instant::now();
        for _ in 0..20 {
            assert_eq!(server.get("/").status, 200, "{begun:?}");
        }
        // Well before the slow ones are sent away for their slowness.
        assert!(begun_at.elapsed().as_secs() < 8, "{begun:?}");
        drop(slow);
    }
}

#[test]
fn where_somebody_lives_is_not_asked_where_others_can_read_it() {
    let open = Server::open_to_all(&["--source", "sample"]);
    for path in ["/", "/map"] {
        let page = open.get(path).body;
        assert!(
            !page.contains("name=\"near\"") && !page.contains("name=\"within\""),
            "{page}"
        );
    }
    for path in [
        "/?near=Leeds",
        "/map?near=Leeds",
        "/study/NCT07224373?near=Leeds",
        "/api/search?near=Leeds",
    ] {
        let answer = open.get(path);
        assert_eq!(answer.status, 400, "{path}");
        assert!(
            answer.body.contains("others could read"),
            "{path}: {}",
            answer.body
        );
    }
    let about = Html::parse(&open.get("/about").body).text();
    assert!(
        about.contains("not encrypted") && !about.contains("never part of an address"),
        "{about}"
    );

    // On the machine itself the city stands in the address, and the page says so.
    let own = Server::on_sample();
    let page = own.get("/").body;
    assert!(
        page.contains("in the address of the page, on this machine")
            && page.contains("name=\"near\""),
        "{page}"
    );
    let about = Html::parse(&own.get("/about").body).text();
    assert!(
        about.contains("in the address of the page, on this machine"),
        "{about}"
    );
    // Behind a proxy it is encrypted on the way, and may be kept by it.
    let behind = behind(&[]);
    let page = behind.send(&format!(
        "GET / HTTP/1.1\r\n{NAMED}{ENCRYPTED}Connection: close\r\n\r\n"
    ));
    assert!(
        page.body.contains("your browser and this server may keep"),
        "{}",
        page.body
    );
}
