//! The live client against a registry that misbehaves.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use std::collections::BTreeSet;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use trialbrief::registry::Decoded;
use trialbrief::registry::http::{Client, FetchError, HttpOptions, Limits};
use trialbrief::registry::live::{Fetched, fetch};
use trialbrief::registry::plan::{Condition, Query, Therapy, plan};
use trialbrief::study::{OverallStatus, Study};
use trialbrief::terminology::Terminology;

use super::fake_registry::{Act, KNOWN_PARAMETERS, Registry, Script, studies, study};

/// Options for a test: no pause, and far less patience.
fn options(base: String) -> HttpOptions {
    HttpOptions {
        base,
        min_interval: Duration::ZERO,
        timeout_total: Duration::from_secs(30),
        ..HttpOptions::default()
    }
}

fn limits() -> Limits {
    Limits {
        connect: Duration::from_secs(5),
        idle: Duration::from_millis(400),
        backoff: Duration::from_millis(5),
        ..Limits::default()
    }
}

fn client(options: HttpOptions) -> Client {
    Client::with_limits(options, limits()).unwrap()
}

fn query() -> Query {
    let codes = ["kyv-101", "gc012f"];
    plan(&Therapy::CellTherapy, &Condition::Ms, &codes, &[]).unwrap()
}

type Outcome = Result<Fetched<Decoded>, FetchError>;

fn fetched(client: &Client) -> Outcome {
    fetch(client, &query(), |decoded| decoded)
}

/// Starts a registry and reads it.
fn read(script: Script) -> (Registry, Outcome) {
    let registry = Registry::start(script);
    let outcome = fetched(&client(options(registry.base())));
    (registry, outcome)
}

/// Reads a registry whose misbehaviour must not show in the result.
fn read_all(script: Script, studies: usize) -> (Registry, Fetched<Decoded>) {
    let (registry, outcome) = read(script);
    let fetched = outcome.unwrap();
    assert_eq!(fetched.incomplete, None);
    assert_eq!(fetched.unique, studies);
    assert_eq!(fetched.total, studies as u64);
    assert_eq!(numbers(&fetched).len(), studies);
    assert!(registry.most_at_once() <= 1, "one request at a time");
    (registry, fetched)
}

/// Reads a registry that cannot be read to the end, and returns the reason.
fn read_part(script: Script) -> (Registry, Fetched<Decoded>, String) {
    let (registry, outcome) = read(script);
    let mut fetched = outcome.unwrap();
    let reason = fetched.incomplete.take().unwrap();
    (registry, fetched, reason)
}

/// Reads a registry that gives nothing, and returns why.
fn read_nothing(script: Script) -> (Registry, FetchError) {
    let (registry, outcome) = read(script);
    (registry, outcome.unwrap_err())
}

fn all(fetched: &Fetched<Decoded>) -> impl Iterator<Item = &Study> {
    fetched.pages.iter().flat_map(|page| &page.studies)
}

fn numbers(fetched: &Fetched<Decoded>) -> BTreeSet<String> {
    all(fetched)
        .map(|study| study.nct_number.to_string())
        .collect()
}

/// A registry of five studies in three pages.
fn three_pages() -> Script {
    Script {
        studies: studies(5),
        page_size: 2,
        ..Script::default()
    }
}

/// Three pages, with acts for the requests for them in turn.
fn acting(pages: &[Act]) -> Script {
    Script {
        pages: pages.to_vec(),
        ..three_pages()
    }
}

#[test]
fn reads_all_pages_with_two_requests_more() {
    let (registry, fetched) = read_all(three_pages(), 5);
    let requests = registry.requests();
    let paths: Vec<&str> = requests.iter().map(|one| one.path.as_str()).collect();
    let (version, page) = ("/api/v2/version", "/api/v2/studies");
    assert_eq!(paths, [version, page, page, page, version]);
    assert_eq!(
        fetched.data_timestamp.as_deref(),
        Some("2026-11-20T09:00:05")
    );
    assert_eq!(fetched.pages.len(), 3);
    // One connection for all.
    assert!(requests.iter().all(|one| one.connection == 0));
    // What was sent is what is told.
    let base = registry.base();
    for (told, sent) in fetched.requests.iter().zip(&requests) {
        assert_eq!(*told, base.replace("/api/v2", "") + sent.target.as_str());
    }
    assert_eq!(fetched.requests.len(), requests.len());
}

#[test]
fn a_further_page_repeats_the_parameters() {
    let (registry, _) = read_all(three_pages(), 5);
    let pages = registry.page_requests();
    let first = &pages[0].params;
    assert_eq!(pages[0].param("pageToken"), None);
    for page in &pages[1..] {
        assert_eq!(&page.params[..first.len()], first);
        assert!(page.param("pageToken").is_some());
    }
}

#[test]
fn a_client_reads_twice() {
    let registry = Registry::start(three_pages());
    let client = client(options(registry.base()));
    assert_eq!(fetched(&client).unwrap().unique, 5);
    assert_eq!(fetched(&client).unwrap().unique, 5);
}

#[test]
fn an_empty_result_is_a_result() {
    let (registry, fetched) = read_all(Script::default(), 0);
    assert_eq!(fetched.pages.len(), 1);
    assert_eq!(registry.requests().len(), 3);
}

#[test]
fn a_page_may_be_empty_and_lead_on() {
    let script = acting(&[Act::EmptyPage, Act::Answer, Act::EmptyPage]);
    let (registry, _) = read_all(script, 5);
    assert_eq!(registry.page_requests().len(), 5);
}

#[test]
fn a_token_after_the_last_study_is_not_followed() {
    let script = Script {
        token_after_last: true,
        ..three_pages()
    };
    let (registry, _) = read_all(script, 5);
    assert_eq!(registry.requests().len(), 5);
}

#[test]
fn a_token_is_found_wherever_it_stands() {
    let script = Script {
        token_first: true,
        ..three_pages()
    };
    let (registry, _) = read_all(script, 5);
    assert_eq!(registry.requests().len(), 5);
}

#[test]
fn a_wrong_guess_of_the_token_is_thrown_away() {
    // The last text that looks like a token belongs to a record.
    let decoy = study(2).replace(
        r#""statusModule""#,
        r#""nextPageToken":"decoy","statusModule""#,
    );
    let script = Script {
        studies: vec![("", study(1)), ("", decoy), ("", study(3))],
        page_size: 2,
        token_first: true,
        ..Script::default()
    };
    let (registry, _) = read_all(script, 3);
    let tokens: Vec<_> = registry.page_requests();
    let tokens: Vec<_> = tokens.iter().map(|one| one.param("pageToken")).collect();
    assert_eq!(tokens[1], Some("decoy"));
    assert_eq!(tokens.len(), 3);
}

#[test]
fn a_repeated_token_ends_with_an_error() {
    let script = acting(&[Act::Answer, Act::SameToken]);
    let (registry, fetched, reason) = read_part(script);
    assert!(reason.contains("read already"), "{reason}");
    assert_eq!(registry.page_requests().len(), 2);
    assert_eq!(fetched.unique, 4);
}

#[test]
fn endless_pages_end_with_an_error() {
    for (then, least) in [(Act::EmptyPage, 2), (Act::FirstAgain, 2)] {
        let script = Script {
            pages: vec![Act::Answer],
            then,
            ..three_pages()
        };
        let (registry, fetched, reason) = read_part(script);
        assert!(reason.contains("6 pages in a row"), "{reason}");
        assert_eq!(fetched.unique, least);
        assert_eq!(fetched.total, 5);
        assert!(registry.page_requests().len() <= 8);
    }
}

#[test]
fn more_studies_than_counted_end_with_an_error() {
    let script = Script {
        total: Some(3),
        ..three_pages()
    };
    let (registry, _, reason) = read_part(Script {
        studies: studies(9),
        ..script
    });
    assert!(reason.contains("more pages than the 3 studies"), "{reason}");
    assert!(registry.page_requests().len() <= 3);
}

#[test]
fn fewer_studies_than_counted_are_incomplete() {
    let script = Script {
        total: Some(7),
        ..three_pages()
    };
    let (_, fetched, reason) = read_part(script);
    assert_eq!(reason, "the registry counted 7 studies, but 5 came");
    assert_eq!((fetched.unique, fetched.total), (5, 7));
}

#[test]
fn a_study_in_two_pages_counts_once() {
    let mut script = three_pages();
    script.studies[2] = script.studies[1].clone();
    let (_, fetched, reason) = read_part(script);
    assert_eq!(reason, "the registry counted 5 studies, but 4 came");
    assert_eq!((fetched.unique, fetched.total), (4, 5));
    assert_eq!(all(&fetched).count(), 5);
}

#[test]
fn a_count_is_missed() {
    let page = format!(r#"{{"studies":[{}]}}"#, study(1));
    let script = acting(&[Act::Body("application/json", page)]);
    let (_, _, reason) = read_part(script);
    assert!(reason.contains("did not say how many"), "{reason}");
}

#[test]
fn moved_data_are_read_anew_once() {
    let script = Script {
        timestamps: vec!["2026-11-20T09:00:05", "2026-11-23T09:00:04"],
        ..three_pages()
    };
    let (registry, fetched) = read_all(script, 5);
    assert_eq!(
        fetched.data_timestamp.as_deref(),
        Some("2026-11-23T09:00:04")
    );
    // The version after the first pass is the one before the second.
    assert_eq!(registry.requests().len(), 1 + 3 + 1 + 3 + 1);
    assert_eq!(fetched.pages.len(), 3);
}

#[test]
fn data_that_keep_moving_are_incomplete() {
    let script = Script {
        timestamps: vec!["a", "b", "c", "d"],
        ..three_pages()
    };
    let (registry, fetched, reason) = read_part(script);
    assert!(reason.contains("changed while they were read"), "{reason}");
    assert_eq!(fetched.unique, 5);
    assert_eq!(registry.requests().len(), 9);
}

#[test]
fn a_token_that_died_starts_anew_once() {
    let dead = Act::Status(400, "", "Parameter `pageToken` has incorrect format");
    let (registry, _) = read_all(acting(&[Act::Answer, dead.clone()]), 5);
    assert_eq!(registry.page_requests().len(), 2 + 3);
    let script = acting(&[Act::Answer, dead.clone(), Act::Answer, dead]);
    let (registry, fetched, reason) = read_part(script);
    assert!(
        reason.contains("`pageToken` has incorrect format"),
        "{reason}"
    );
    assert_eq!(fetched.unique, 2);
    assert_eq!(registry.page_requests().len(), 4);
}

#[test]
fn what_breaks_on_the_way_is_asked_for_again() {
    let web_page = Act::Body("text/html", "<!doctype html><p>Welcome".into());
    let bare_page = Act::Body("application/json", "\n <html>".into());
    for act in [
        Act::CutShort,
        Act::CutSilently,
        Act::Stall,
        Act::Silence,
        Act::Reset,
        Act::Status(500, "", "x"),
        Act::Status(503, "Retry-After: 0\r\n", "x"),
        Act::Status(429, "Retry-After: 0\r\n", "x"),
        Act::Status(429, "", "x"),
        web_page,
        bare_page,
        Act::Body("application/json", "{\"studies\":[{]}".into()),
    ] {
        // On the first page, and on a later one.
        let later = acting(&[Act::Answer, act.clone()]);
        for script in [acting(std::slice::from_ref(&act)), later] {
            let (registry, _) = read_all(script, 5);
            assert_eq!(registry.page_requests().len(), 4, "{act:?}");
        }
        let (registry, _) = read_all(
            Script {
                versions: vec![act.clone(), Act::Answer, act.clone()],
                ..three_pages()
            },
            5,
        );
        assert_eq!(registry.requests().len(), 7, "{act:?}");
    }
}

#[test]
fn a_failure_that_stays_keeps_what_was_read() {
    let script = Script {
        pages: vec![Act::Answer],
        then: Act::Status(500, "", "out of order"),
        ..three_pages()
    };
    let (registry, fetched, reason) = read_part(script);
    assert!(reason.contains("(500: out of order)"), "{reason}");
    assert_eq!(fetched.unique, 2);
    assert_eq!(registry.page_requests().len(), 1 + 5);
    // What failed is not verified.
    assert_eq!(registry.requests().len(), 1 + 6);
}

#[test]
fn a_version_that_fails_afterwards_leaves_a_doubt() {
    let script = Script {
        versions: vec![Act::Answer, Act::Status(404, "", "gone")],
        ..three_pages()
    };
    let (_, fetched, reason) = read_part(script);
    assert!(reason.contains("is not known"), "{reason}");
    assert_eq!(fetched.unique, 5);
}

#[test]
fn a_web_page_is_asked_for_twice_again() {
    for (kind, body) in [
        ("text/html; charset=utf-8", "Welcome, please log in"),
        ("application/json", "\n <html>"),
    ] {
        let script = Script {
            versions: vec![Act::Body(kind, body.into()); 9],
            ..three_pages()
        };
        let (registry, error) = read_nothing(script);
        assert!(matches!(error, FetchError::WebPage { .. }), "{error}");
        assert_eq!(registry.requests().len(), 3);
    }
}

#[test]
fn retry_after_is_honoured_in_seconds_and_as_a_date() {
    let waited = |lines| {
        let script = acting(&[Act::Status(429, lines, "slow down")]);
        let (registry, _) = read_all(script, 5);
        let pages = registry.page_requests();
        pages[1].at - pages[0].at
    };
    assert!(waited("Retry-After: 1\r\n") >= Duration::from_secs(1));
    // A date has whole seconds, so that up to one is lost.
    let until = SystemTime::now() + Duration::from_secs(3);
    let date = format!("Retry-After: {}\r\n", httpdate::fmt_http_date(until));
    assert!(waited(date.leak()) >= Duration::from_millis(1500));
}

#[test]
fn a_registry_that_asks_for_no_wait_is_not_hammered() {
    for lines in [
        "Retry-After: 0\r\n",
        "Retry-After: Mon, 23 Nov 2020 10:00:00 GMT\r\n",
    ] {
        for status in [429, 503] {
            let registry = Registry::start(Script {
                then: Act::Status(status, lines, "slow down"),
                ..three_pages()
            });
            let options = HttpOptions {
                timeout_total: Duration::from_secs(1),
                ..options(registry.base())
            };
            let limits = Limits {
                backoff: Duration::from_millis(100),
                ..limits()
            };
            let client = Client::with_limits(options, limits).unwrap();
            assert!(matches!(
                fetched(&client),
                Err(FetchError::OutOfTime { .. })
            ));
            // Waits of 0.1, 0.2 and 0.4 s at least fit into a second.
            let sent = registry.page_requests().len();
            assert!((2..=4).contains(&sent), "{status}: {sent} requests");
        }
    }
}

#[test]
fn a_wait_longer_than_the_budget_is_not_begun() {
    for lines in [
        "Retry-After: 3600\r\n",
        "Retry-After: 18446744073709551615\r\n",
    ] {
        let script = Script {
            versions: vec![Act::Status(429, lines, "slow down")],
            ..three_pages()
        };
        let start = Instant::now();
        let (registry, error) = read_nothing(script);
        assert!(start.elapsed() < Duration::from_secs(10));
        assert!(matches!(error, FetchError::OutOfTime { .. }), "{error}");
        assert!(error.chain().contains("asks to slow down (429, wait "));
        assert_eq!(registry.requests().len(), 1);
    }
}

#[test]
fn a_refusal_is_explained_and_not_repeated() {
    let script = Script {
        versions: vec![Act::Status(403, "", "<html>Access Denied")],
        ..three_pages()
    };
    let (registry, error) = read_nothing(script);
    assert!(matches!(error, FetchError::Forbidden { .. }), "{error}");
    assert!(error.hint().contains("--http1"));
    assert_eq!(registry.requests().len(), 1);
}

#[test]
fn a_refusal_on_the_way_keeps_its_explanation() {
    let refused = Act::Status(403, "", "Access Denied");
    let (registry, fetched, reason) = read_part(acting(&[Act::Answer, refused]));
    assert!(reason.contains("(403)"), "{reason}");
    assert!(fetched.hint.unwrap().contains("--http1"));
    assert_eq!(registry.page_requests().len(), 2);
}

#[test]
fn a_redirect_is_followed_within_the_host_only() {
    let registry = Registry::start(three_pages());
    let there = format!("Location: {}/version\r\n", registry.base());
    let script = Script {
        versions: vec![Act::Status(301, there.leak(), "")],
        ..three_pages()
    };
    // The same host on another port.
    let (_, fetched) = read_all(script, 5);
    assert_eq!(fetched.unique, 5);
    assert_eq!(registry.requests().len(), 1);
    let script = Script {
        versions: vec![Act::Status(302, "Location: http://login.invalid/\r\n", "")],
        ..three_pages()
    };
    let (_, error) = read_nothing(script);
    assert!(
        error.to_string().contains("`http://login.invalid/`"),
        "{error}"
    );
}

#[test]
fn a_body_beyond_the_cap_is_refused() {
    for gzip in [false, true] {
        let registry = Registry::start(Script {
            studies: studies(2000),
            gzip,
            ..Script::default()
        });
        let limits = Limits {
            body: 100_000,
            ..limits()
        };
        let client = Client::with_limits(options(registry.base()), limits).unwrap();
        let error = fetched(&client).unwrap_err();
        assert!(matches!(error, FetchError::TooLarge { .. }), "{error}");
        assert_eq!(registry.page_requests().len(), 1);
    }
}

#[test]
fn compressed_answers_are_read() {
    let script = Script {
        gzip: true,
        ..three_pages()
    };
    let (registry, _) = read_all(script, 5);
    for request in registry.requests() {
        assert_eq!(request.header("accept-encoding"), Some("gzip"));
    }
}

#[test]
fn a_record_that_cannot_be_read_is_passed_over_and_told() {
    let wrong = study(2).replace("\"Study 2 of cells\"", "[7]");
    let script = Script {
        studies: vec![("", study(1)), ("", wrong), ("", study(3))],
        page_size: 2,
        ..Script::default()
    };
    let (_, outcome) = read(script);
    let fetched = outcome.unwrap();
    // It was received, so that nothing is missing.
    assert_eq!((fetched.incomplete, fetched.unique), (None, 3));
    let problems = &fetched.pages[0].problems;
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].nct.as_deref(), Some("NCT00000002"));
    assert!(problems[0].path.contains("briefTitle"), "{}", problems[0]);
}

#[test]
fn records_without_a_number_count_each() {
    let script = Script {
        studies: vec![("", "{}".into()), ("", study(1)), ("", "{}".into())],
        ..Script::default()
    };
    let (_, outcome) = read(script);
    let fetched = outcome.unwrap();
    assert_eq!((fetched.incomplete, fetched.unique), (None, 3));
    assert_eq!(fetched.pages[0].skipped(), 2);
}

#[test]
fn unknown_words_and_missing_fields_stay() {
    let odd = study(1).replace("RECRUITING", "ON_THE_MOON");
    let bare = r#"{"protocolSection":{"identificationModule":{"nctId":"NCT00000002"}}}"#;
    let script = Script {
        studies: vec![("", odd), ("", bare.into())],
        ..Script::default()
    };
    let (_, fetched) = read_all(script, 2);
    let found: Vec<&Study> = all(&fetched).collect();
    assert_eq!(
        found[0].status.overall,
        Some(OverallStatus::from("ON_THE_MOON"))
    );
    assert_eq!((&found[1].title, &found[1].status.overall), (&None, &None));
}

#[test]
fn a_query_too_complicated_is_cut_and_united() {
    let script = Script {
        // One is found by a half, one by both halves, one only by the disease.
        studies: vec![
            ("\"CAR T\"", study(1)),
            ("\"gc012f\"", study(2)),
            (" OR ", study(3)),
            ("\"neuroimmune\"", study(4)),
        ],
        ceiling: 30,
        ..Script::default()
    };
    let (registry, fetched) = read_all(script, 4);
    assert_eq!(all(&fetched).count(), 5);
    // The whole is refused, then both halves are read.
    assert_eq!(registry.requests().len(), 1 + 1 + 2 + 1);
}

#[test]
fn a_query_is_cut_down_to_the_phrase() {
    let script = Script {
        studies: vec![("\"kyv-101\"", study(1)), ("\"lentiviral\"", study(2))],
        ceiling: 1,
        ..Script::default()
    };
    let (registry, outcome) = read(script);
    let fetched = outcome.unwrap();
    assert_eq!((fetched.incomplete, fetched.unique), (None, 2));
    let pages = registry.page_requests();
    assert!(
        pages
            .iter()
            .any(|one| one.param("query.term") == Some("\"kyv-101\""))
    );
    let nothing = Script {
        ceiling: 0,
        ..three_pages()
    };
    let (_, error) = read_nothing(nothing);
    assert!(
        matches!(error, FetchError::TooComplicated { .. }),
        "{error}"
    );
}

#[test]
fn a_part_that_comes_short_makes_all_incomplete() {
    let script = Script {
        studies: studies(5),
        total: Some(6),
        ceiling: 30,
        ..Script::default()
    };
    let (_, fetched, reason) = read_part(script);
    assert_eq!(reason, "the registry counted 6 studies, but 5 came");
    assert_eq!((fetched.unique, fetched.total), (5, 7));
}

#[test]
fn requests_are_spaced() {
    let registry = Registry::start(acting(&[Act::Status(500, "", "x")]));
    let client = client(HttpOptions {
        min_interval: Duration::from_millis(150),
        ..options(registry.base())
    });
    assert_eq!(fetched(&client).unwrap().unique, 5);
    let requests = registry.requests();
    assert_eq!(requests.len(), 6);
    for pair in requests.windows(2) {
        let pause = pair[1].at - pair[0].at;
        // The other side sees a request a little later than it was sent.
        assert!(pause >= Duration::from_millis(120), "{pause:?}");
    }
}

#[test]
fn fetches_of_one_client_take_turns() {
    let registry = Registry::start(Script {
        latency: Duration::from_millis(50),
        ..three_pages()
    });
    let client = client(options(registry.base()));
    std::thread::scope(|scope| {
        let other = scope.spawn(|| fetched(&client).unwrap().unique);
        assert_eq!(fetched(&client).unwrap().unique, 5);
        assert_eq!(other.join().unwrap(), 5);
    });
    assert_eq!(registry.requests().len(), 10);
    assert_eq!(registry.most_at_once(), 1);
}

#[test]
fn the_budget_ends_all_tries() {
    let script = Script {
        versions: vec![Act::Status(503, "", "closed"); 10_000],
        ..three_pages()
    };
    let registry = Registry::start(script);
    let client = client(HttpOptions {
        timeout_total: Duration::from_millis(300),
        ..options(registry.base())
    });
    let start = Instant::now();
    let error = fetched(&client).unwrap_err();
    assert!(matches!(error, FetchError::OutOfTime { .. }), "{error}");
    assert!(error.chain().contains("503: closed"), "{}", error.chain());
    assert!(start.elapsed() < Duration::from_secs(10));
    assert!(registry.requests().len() >= 3);
}

#[test]
fn the_budget_ends_a_silence() {
    let registry = Registry::start(Script {
        pages: vec![Act::Answer],
        then: Act::Silence,
        ..three_pages()
    });
    let limits = Limits {
        idle: Duration::from_mins(1),
        ..limits()
    };
    let options = HttpOptions {
        timeout_total: Duration::from_millis(700),
        ..options(registry.base())
    };
    let client = Client::with_limits(options, limits).unwrap();
    let start = Instant::now();
    let fetched = fetched(&client).unwrap();
    assert!(
        fetched
            .incomplete
            .unwrap()
            .contains("not done within 0.7 s")
    );
    assert_eq!(fetched.unique, 2);
    assert!(start.elapsed() < Duration::from_secs(10));
}

#[test]
fn a_first_answer_that_is_late_is_not_waited_for_again() {
    let first_answer = Some(Duration::from_millis(200));
    let late = Registry::start(Script {
        versions: vec![Act::Silence],
        ..three_pages()
    });
    let start = Instant::now();
    let error = fetched(&client(HttpOptions {
        first_answer,
        ..options(late.base())
    }))
    .unwrap_err();
    assert!(matches!(error, FetchError::NoAnswer { .. }), "{error}");
    assert!(start.elapsed() < Duration::from_secs(10));
    assert_eq!(late.requests().len(), 1);
    // Nor is one that broke.
    let broken = Registry::start(Script {
        versions: vec![Act::Reset],
        ..three_pages()
    });
    let error = fetched(&client(HttpOptions {
        first_answer,
        ..options(broken.base())
    }))
    .unwrap_err();
    assert!(matches!(error, FetchError::Interrupted { .. }), "{error}");
    assert_eq!(broken.requests().len(), 1);
    // Once it has answered, it gets the usual patience.
    let slow = Registry::start(Script {
        versions: vec![Act::Status(500, "", "x")],
        pages: vec![Act::Stall],
        ..three_pages()
    });
    let fetched = fetched(&client(HttpOptions {
        first_answer,
        ..options(slow.base())
    }));
    assert_eq!(fetched.unwrap().unique, 5);
}

#[test]
fn no_connection_is_told_soon() {
    // A port that was free a moment ago.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}/api/v2", listener.local_addr().unwrap());
    drop(listener);
    let error = fetched(&client(options(base))).unwrap_err();
    assert!(matches!(error, FetchError::Unreachable { .. }), "{error}");
    assert!(error.hint().contains("HTTPS_PROXY"));
}

#[test]
fn says_who_it_is() {
    let (registry, _) = read_all(three_pages(), 5);
    let own = format!(
        "trialbrief/{} (+https://github.com/trialbrief/trialbrief)",
        env!("CARGO_PKG_VERSION")
    );
    for request in registry.requests() {
        assert_eq!(request.header("user-agent"), Some(&*own));
    }
    let client = client(HttpOptions {
        user_agent: Some("clinic/1 (+https://clinic.example)".into()),
        http1: true,
        ..options(registry.base())
    });
    fetched(&client).unwrap();
    let last = registry.requests().pop().unwrap();
    assert_eq!(
        last.header("user-agent"),
        Some("clinic/1 (+https://clinic.example)")
    );
    assert_eq!(last.protocol, "HTTP/1.1");
}

/// Words of the registry's query language, its areas and its parameters.
const QUERY_LANGUAGE: &str =
    "or and area eligibilitysearch detaileddescription basicsearch interventionsearch";

/// Words of a therapy or a disease that the program adds itself.
const OUR_WORDS: &str = "chimeric antigen receptor car t cart cells nk treg caar autoleucel leucel geleucel ciloleucel \
    vicleucel maraleucel zapreleucel tisagenlecleucel ucar ucart caart star synthetic cell and multiple sclerosis \
    neurological autoimmune neurologic neuroimmune diseases of the nervous system leukapheresis lymphodepletion \
    injection fludarabine lentiviral";

#[test]
fn only_disease_and_therapy_words_leave_the_machine() {
    let terms = Terminology::embedded().unwrap();
    let codes = terms.codes();
    let names = ["Aucatzyl".to_owned()];
    let therapies = ["car-t", "any", "obe-cel"].map(|text| text.parse::<Therapy>().unwrap());
    let conditions = ["ms", "any", "myasthenia"].map(|text| text.parse::<Condition>().unwrap());
    let registry = Registry::start(three_pages());
    let client = client(options(registry.base()));
    for (therapy, condition) in therapies
        .iter()
        .flat_map(|therapy| conditions.iter().map(move |condition| (therapy, condition)))
    {
        if let Ok(query) = plan(therapy, condition, &codes, &names) {
            fetch(&client, &query, |_| ()).unwrap();
        }
    }
    let words = |text: &str| -> BTreeSet<String> {
        let words = text.split(|c: char| !c.is_alphanumeric());
        words
            .map(str::to_lowercase)
            .filter(|word| !word.is_empty())
            .collect()
    };
    let mut allowed = words(QUERY_LANGUAGE);
    allowed.extend(words(OUR_WORDS));
    allowed.extend(words("obe-cel Aucatzyl myasthenia"));
    allowed.extend(codes.iter().flat_map(|code| words(code)));
    let requests = registry.requests();
    assert_eq!(requests.len(), 8 * 5);
    for request in requests {
        for (name, value) in &request.params {
            assert!(KNOWN_PARAMETERS.contains(&name.as_str()), "{name}");
            match (name.as_str(), value.as_str()) {
                ("format", "json")
                | ("markupFormat", "markdown")
                | ("countTotal", "true")
                | ("pageSize", "1000")
                | ("pageToken", _) => {}
                ("fields", fields) => {
                    assert!(
                        fields
                            .bytes()
                            .all(|b| b == b',' || b.is_ascii_alphanumeric())
                    );
                }
                ("query.term", term) => {
                    let sent = words(term);
                    let strange: Vec<_> = sent.difference(&allowed).collect();
                    assert!(strange.is_empty(), "{strange:?}");
                }
                other => panic!("{other:?} is sent"),
            }
        }
        for (name, value) in &request.headers {
            let known = ["host", "accept", "accept-encoding", "user-agent"];
            assert!(known.contains(&name.as_str()), "{name}: {value}");
        }
    }
}

/// A certificate authority of our own, and a server that it vouches for.
fn authority() -> (String, Arc<rustls::ServerConfig>) {
    let key = rcgen::KeyPair::generate().unwrap();
    let mut ca = rcgen::CertificateParams::new(Vec::new()).unwrap();
    ca.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let pem = ca.self_signed(&key).unwrap().pem();
    let issuer = rcgen::Issuer::new(ca, key);
    let key = rcgen::KeyPair::generate().unwrap();
    let server = rcgen::CertificateParams::new(vec!["localhost".into()]).unwrap();
    let server = server.signed_by(&key, &issuer).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![server.der().clone()],
            rustls::pki_types::PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
        )
        .unwrap();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    (pem, Arc::new(config))
}

#[test]
fn an_authority_of_the_network_can_be_trusted() {
    let (pem, config) = authority();
    let registry = Registry::start(Script {
        tls: Some(config),
        ..three_pages()
    });
    let error = fetched(&client(options(registry.base()))).unwrap_err();
    assert!(matches!(error, FetchError::Tls { .. }), "{}", error.chain());
    assert!(error.hint().contains("--ca"));
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), pem).unwrap();
    for (tls_max_12, version) in [
        (false, rustls::ProtocolVersion::TLSv1_3),
        (true, rustls::ProtocolVersion::TLSv1_2),
    ] {
        let client = client(HttpOptions {
            ca: Some(file.path().to_owned()),
            // The server would rather speak HTTP/2, which it cannot.
            http1: true,
            tls_max_12,
            ..options(registry.base())
        });
        assert_eq!(fetched(&client).unwrap().unique, 5);
        assert_eq!(registry.requests().pop().unwrap().tls, Some(version));
    }
}

/// Variables of the child process that [`fetches_in_a_child`] reads.
const BASE: &str = "TRIALBRIEF_TEST_BASE";

/// Not a test by itself: reads a registry in a process whose proxy variables the parent sets.
#[test]
#[ignore = "run by `proxy_variables_are_honoured` in a process of its own"]
fn fetches_in_a_child() {
    if let Ok(base) = std::env::var(BASE) {
        assert_eq!(fetched(&client(options(base))).unwrap().unique, 5);
    }
}

fn child(base: &str, variables: &[(&str, &str)]) -> bool {
    let mut command = Command::new(std::env::current_exe().unwrap());
    for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"] {
        command.env_remove(name).env_remove(name.to_lowercase());
    }
    let output = command
        .args(["live::fetches_in_a_child", "--exact", "--ignored"])
        .env(BASE, base)
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains("running 1 test"), "{said}");
    output.status.success()
}

#[test]
fn proxy_variables_are_honoured() {
    let proxy = Registry::start(three_pages());
    let at = format!("http://{}", proxy.address());
    // The name exists nowhere, so that only the proxy can answer.
    assert!(child(
        "http://registry.invalid/api/v2",
        &[("HTTP_PROXY", &at)]
    ));
    assert_eq!(proxy.requests().len(), 5);
    assert!(
        proxy.requests()[0]
            .target
            .starts_with("http://registry.invalid/")
    );
    let direct = Registry::start(three_pages());
    let variables = [("HTTP_PROXY", &*at), ("NO_PROXY", "127.0.0.1")];
    assert!(child(&direct.base(), &variables));
    assert_eq!((direct.requests().len(), proxy.requests().len()), (5, 5));
    // Without NO_PROXY even this goes through the proxy.
    assert!(child(&direct.base(), &variables[..1]));
    assert_eq!((direct.requests().len(), proxy.requests().len()), (5, 10));
}

/// Returns a record of about the size that a full one has with the fields asked for.
fn full_study(number: u32) -> String {
    let criteria = "* Age at least 18 years at the time of consent\\n* Stable for three months before the first visit\\n";
    let text = "Cells are taken, changed in the laboratory and given back; people are then seen for two years. ";
    let site = |site: u32| {
        format!(
            r#"{{"facility":"Hospital {site}","status":"RECRUITING","city":"Basel","zip":"4031","country":"Switzerland","contacts":[{{"name":"Desk {site}","role":"CONTACT","phone":"+41 61 000 00 {site}","email":"desk{site}@example.org"}}],"geoPoint":{{"lat":47.55839,"lon":7.57327}}}}"#
        )
    };
    let sites: Vec<String> = (10..18).map(site).collect();
    format!(
        r#"{{"protocolSection":{{"identificationModule":{{"nctId":"NCT{number:08}","briefTitle":"Study {number} of cells","officialTitle":"{text}"}},"statusModule":{{"overallStatus":"RECRUITING","startDateStruct":{{"date":"2026-05"}},"lastUpdatePostDateStruct":{{"date":"2026-10-02","type":"ACTUAL"}}}},"sponsorCollaboratorsModule":{{"leadSponsor":{{"name":"University","class":"OTHER"}}}},"descriptionModule":{{"briefSummary":"{}","detailedDescription":"{}"}},"conditionsModule":{{"conditions":["Multiple Sclerosis"],"keywords":["cells"]}},"designModule":{{"studyType":"INTERVENTIONAL","phases":["PHASE1"],"enrollmentInfo":{{"count":20,"type":"ESTIMATED"}}}},"armsInterventionsModule":{{"armGroups":[{{"label":"A","description":"{text}"}}],"interventions":[{{"type":"BIOLOGICAL","name":"KYV-101","description":"{text}"}}]}},"outcomesModule":{{"primaryOutcomes":[{{"measure":"Safety","timeFrame":"2 years"}}]}},"eligibilityModule":{{"eligibilityCriteria":"Inclusion Criteria:\\n\\n{}","sex":"ALL","minimumAge":"18 Years"}},"contactsLocationsModule":{{"locations":[{}]}}}},"derivedSection":{{"miscInfoModule":{{"versionHolder":"2026-11-20"}}}}}}"#,
        text.repeat(4),
        text.repeat(14),
        criteria.repeat(16),
        sites.join(",")
    )
}

/// Not a test: shows the wall time of ours and of `curl` for the same pages.
#[test]
#[ignore = "a measurement: cargo test --release --test it live_speed -- --ignored --nocapture"]
#[expect(clippy::print_stdout, reason = "a measurement for people to read")]
fn live_speed() {
    for pages in [5, 10, 20] {
        let registry = Registry::start(Script {
            studies: (1..=pages * 1000)
                .map(|number| ("", full_study(number)))
                .collect(),
            latency: Duration::from_millis(50),
            ..Script::default()
        });
        let mut urls = Vec::new();
        let ours = middle(|| {
            let client = Client::new(options(registry.base())).unwrap();
            let fetched = fetched(&client).unwrap();
            assert_eq!(fetched.incomplete, None);
            assert_eq!(fetched.requests.len(), pages as usize + 2);
            urls = fetched.requests;
        });
        urls.retain(|url| url.contains("/studies?"));
        let folder = tempfile::tempdir().unwrap();
        let curl = |urls: &[String]| {
            let mut command = Command::new("curl");
            command.args(["--silent", "--fail"]);
            for url in urls {
                command
                    .arg("-o")
                    .arg(folder.path().join("page.json"))
                    .arg(url);
            }
            assert!(command.status().unwrap().success());
        };
        let each = middle(|| urls.chunks(1).for_each(curl));
        let together = middle(|| curl(&urls));
        let ratio = |other: Duration| ours.as_secs_f64() / other.as_secs_f64();
        println!(
            "{pages} pages of 1000 studies of {} bytes: ours {ours:.3?} · curl, a process a page {each:.3?}, ratio {:.2} · curl, one process {together:.3?}, ratio {:.2}",
            full_study(1).len(),
            ratio(each),
            ratio(together)
        );
    }
}

/// Returns the middle time of five runs.
fn middle(mut run: impl FnMut()) -> Duration {
    let mut times: Vec<Duration> = (0..5)
        .map(|_| {
            let start = Instant::now();
            run();
            start.elapsed()
        })
        .collect();
    times.sort();
    times[2]
}
