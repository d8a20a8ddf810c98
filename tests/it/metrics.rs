//! What the server counts: how much and how long, and nothing of what was said.

use crate::server::Server;

#[test]
fn requests_are_counted_by_where_they_led() {
    let server = Server::on_sample();
    for path in [
        "/",
        "/study/NCT07224373",
        "/study/NCT00000001",
        "/no/such/page",
        "/?near=Leeds",
    ] {
        server.get(path);
    }
    let answer = server.get("/metrics");
    assert_eq!(answer.status, 200);
    assert!(
        answer
            .header("content-type")
            .starts_with("text/plain; version=0.0.4"),
        "{answer:?}"
    );
    for line in [
        "trialbrief_requests_total{method=\"GET\",route=\"/\",status=\"200\"} 2",
        "trialbrief_requests_total{method=\"GET\",route=\"/study/{nct}\",status=\"200\"} 1",
        "trialbrief_requests_total{method=\"GET\",route=\"/study/{nct}\",status=\"404\"} 1",
        "trialbrief_requests_total{method=\"GET\",route=\"none\",status=\"404\"} 1",
        "trialbrief_request_seconds_count{route=\"/\"} 2",
    ] {
        assert!(
            answer.body.lines().any(|own| own == line),
            "{line} in {}",
            answer.body
        );
    }
    for gauge in [
        "trialbrief_connections ",
        "trialbrief_studies ",
        "trialbrief_data_age_days ",
    ] {
        assert!(
            answer.body.lines().any(|own| own.starts_with(gauge)),
            "{gauge} in {}",
            answer.body
        );
    }
    // Each line is a comment, or a name, labels and a number.
    for line in answer.body.lines().filter(|line| !line.starts_with('#')) {
        let (_, value) = line.rsplit_once(' ').unwrap();
        assert!(value.parse::<f64>().is_ok(), "{line}");
    }
}

#[test]
fn nothing_that_was_said_is_counted() {
    let server = Server::on_sample();
    server.get("/?near=SECRET-TOWN");
    server.get("/SECRET-PATH");
    server.post("/brief", &[("id", "SECRET-PATIENT"), ("edss", "4.5")]);
    server.send(&format!(
        "SECRET / HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
        server.address
    ));
    let body = server.get("/metrics").body;
    assert!(!body.to_uppercase().contains("SECRET"), "{body}");
    assert!(body.contains("method=\"other\""), "{body}");
}
