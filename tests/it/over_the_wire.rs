//! The binary against a registry at the socket: what it prints, writes and sends.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::fake_registry::{Act, Registry, Script};
use crate::support::{Run, closed_address, files_in, record, run};

/// A record of our own under another number.
fn numbered(number: u32) -> Value {
    let mut record = record("primary");
    record["protocolSection"]["identificationModule"]["nctId"] = format!("NCT{number:08}").into();
    record
}

/// A registry that holds these records, two to a page.
fn holding(records: &[Value]) -> Script {
    Script {
        studies: records.iter().map(|one| ("", one.to_string())).collect(),
        page_size: 2,
        timestamps: vec!["2026-08-24T09:00:05"],
        ..Script::default()
    }
}

/// A registry of three studies in two pages.
fn three() -> Script {
    holding(&[1, 2, 3].map(numbered))
}

/// Three studies of which the registry counts one more.
fn one_short() -> Script {
    Script {
        total: Some(4),
        ..three()
    }
}

/// Runs the binary on a registry, with no pause, little patience, and no store.
fn ask(registry: &Registry, args: &[&str]) -> Run {
    let (base, data) = (registry.base(), tempfile::tempdir().unwrap());
    let data = data.path().to_str().unwrap();
    let quick = ["--api", &base, "--min-interval", "0", "--timeout", "20"];
    run(&[args, &quick, &["--data-dir", data]].concat())
}

fn live(registry: &Registry, args: &[&str]) -> Run {
    ask(registry, &[args, &["--source", "live"]].concat())
}

fn numbers(found: &Value) -> Vec<&str> {
    let trials = found["trials"].as_array().unwrap().iter();
    trials
        .map(|trial| trial["nct_id"].as_str().unwrap())
        .collect()
}

/// Asserts that a run ended with a code, printed nothing, and said each part.
fn assert_failed(run: &Run, code: i32, parts: &[&str]) {
    assert_eq!(run.code, Some(code), "{}", run.stderr);
    assert_eq!(run.stdout, "");
    for part in parts {
        assert!(
            run.stderr.contains(part),
            "{part} is not in: {}",
            run.stderr
        );
    }
}

#[test]
fn a_live_search_tells_all_that_was_asked_and_read() {
    let registry = Registry::start(three());
    let run = live(&registry, &["search", "--format", "json"]).done();
    assert_eq!(run.stderr, "");
    let found = run.json();
    assert_eq!(
        numbers(&found),
        ["NCT00000001", "NCT00000002", "NCT00000003"]
    );
    let source = &found["source"];
    assert_eq!(
        (&source["kind"], &source["complete"]),
        (&json!("live"), &json!(true))
    );
    assert_eq!(source["api"], registry.base());
    assert_eq!(source["registry_timestamp"], "2026-08-24T09:00:05");
    let told = source["requests"].as_array().unwrap();
    assert_eq!(told.len(), registry.requests().len());
    assert_eq!(found["funnel"][0]["remaining"], 3);
}

#[test]
fn a_live_search_that_is_short_prints_nothing_unless_a_part_is_asked_for() {
    let registry = Registry::start(one_short());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("found.json");
    std::fs::write(&file, "the last good run").unwrap();
    let path = file.to_str().unwrap();
    for args in [&["search"][..], &["search", "-o", path]] {
        let run = live(&registry, args);
        assert_failed(
            &run,
            3,
            &["error: ", "counted 4 studies, but 3 came", "--partial"],
        );
        assert_eq!(std::fs::read(&file).unwrap(), b"the last good run");
        assert_eq!(files_in(folder.path()), ["found.json"]);
    }
    let run = live(&registry, &["search", "--partial", "--format", "json"]).done();
    assert!(
        run.stderr
            .contains("INCOMPLETE: studies may be missing: the registry counted 4"),
        "{}",
        run.stderr
    );
    let found = run.json();
    assert_eq!(found["source"]["complete"], false);
    assert_eq!(numbers(&found).len(), 3);
    let table = live(&registry, &["search", "--partial"]).done().stdout;
    assert!(table.starts_with("INCOMPLETE: "), "{table}");
}

#[test]
fn auto_takes_the_sample_whatever_fails_and_says_why() {
    for (script, why) in [
        (one_short(), "counted 4 studies, but"),
        (
            Script {
                versions: vec![Act::Status(403, "", "no")],
                ..three()
            },
            "(403)",
        ),
        (
            Script {
                then: Act::Status(404, "", "gone"),
                ..three()
            },
            "(404: gone)",
        ),
    ] {
        for command in [&["search"][..], &["show", "NCT07224373"]] {
            let registry = Registry::start(script.clone());
            let run = ask(&registry, command).done();
            assert!(
                run.stdout.contains("NCT07224373"),
                "{why}, {command:?}: {}",
                run.stdout
            );
            for place in [&run.stdout, &run.stderr] {
                let words = place.split_whitespace().collect::<Vec<_>>().join(" ");
                for part in ["The registry could not be used", why, "SAMPLE, NOT LIVE"] {
                    assert!(words.contains(part), "{part} is not in: {place}");
                }
            }
        }
    }
}

#[test]
fn auto_is_live_where_the_registry_answers() {
    let registry = Registry::start(three());
    let run = ask(&registry, &["search", "--format", "json"]).done();
    assert_eq!(run.json()["source"]["kind"], "live");
    assert_eq!(run.stderr, "");
}

#[test]
fn a_study_that_only_the_registry_could_know_is_not_called_unknown_in_silence() {
    let api = closed_address();
    let run = run(&["show", "NCT00000009", "--api", &api]);
    // The sample cannot say that a study does not exist: why it was asked must be told.
    assert_failed(
        &run,
        7,
        &[
            "NCT00000009 not in the source (sample",
            "the registry could not be used",
            &api,
        ],
    );
}

fn export(registry: &Registry, csv: &Path, more: &[&str]) -> Run {
    let csv = csv.to_str().unwrap();
    live(registry, &[&["export", "--csv", csv], more].concat())
}

#[test]
fn an_export_without_a_known_study_writes_nothing() {
    let registry = Registry::start(three());
    let folder = tempfile::tempdir().unwrap();
    let csv = folder.path().join("studies.csv");
    std::fs::write(&csv, "the last good run").unwrap();
    let run = export(&registry, &csv, &[]);
    assert_failed(
        &run,
        4,
        &[
            "recall guard: 38 of 38",
            "NCT07224373",
            "--without-sentinel",
        ],
    );
    let list = folder.path().join("list.txt");
    std::fs::write(
        &list,
        "# ours\r\nNCT00000002 with a note\r\nNCT00000009\r\n",
    )
    .unwrap();
    let own = ["--sentinels", list.to_str().unwrap()];
    let run = export(&registry, &csv, &own);
    assert_failed(&run, 4, &["1 of 2 known studies", "(NCT00000009)"]);
    assert_eq!(std::fs::read(&csv).unwrap(), b"the last good run");
    assert_eq!(files_in(folder.path()), ["list.txt", "studies.csv"]);
    // The guard looks at what was retrieved: a filter that leaves nothing is no loss.
    std::fs::write(&list, "\u{FEFF}NCT00000002\n").unwrap();
    export(&registry, &csv, &[&own[..], &["--phase", "4"]].concat()).done();
    assert_eq!(std::fs::read_to_string(&csv).unwrap().lines().count(), 1);
}

#[test]
fn an_export_tells_its_requests_beside_the_table() {
    let registry = Registry::start(three());
    let folder = tempfile::tempdir().unwrap();
    let csv = folder.path().join("studies.csv");
    export(&registry, &csv, &["--sentinels", "none"]).done();
    let meta = std::fs::read(folder.path().join("studies.csv.meta.json")).unwrap();
    let meta: Value = serde_json::from_slice(&meta).unwrap();
    assert_eq!(
        (&meta["source"]["kind"], &meta["rows"]),
        (&json!("store"), &json!(3))
    );
    let told = meta["source"]["requests"].as_array().unwrap();
    assert_eq!(told.len(), registry.requests().len());
}

#[test]
fn an_export_that_is_short_writes_nothing_and_never_falls_back() {
    let folder = tempfile::tempdir().unwrap();
    let csv = folder.path().join("studies.csv");
    for source in ["live", "auto"] {
        let registry = Registry::start(one_short());
        let args = ["export", "--sentinels", "none", "--source", source, "--csv"];
        let run = ask(&registry, &[&args[..], &[csv.to_str().unwrap()]].concat());
        assert_failed(&run, 3, &["counted 4 studies, but 3 came"]);
        assert_eq!(files_in(folder.path()), [""; 0]);
    }
}

/// The registry merges records: one is then found under its new number and names the old one.
fn merged() -> Value {
    let mut record = numbered(2);
    record["protocolSection"]["identificationModule"]["nctIdAliases"] = json!(["NCT00000001"]);
    record
}

#[test]
fn a_merged_study_is_not_missed_by_the_guard() {
    let registry = Registry::start(holding(&[merged()]));
    let folder = tempfile::tempdir().unwrap();
    let (csv, list) = (folder.path().join("a.csv"), folder.path().join("list.txt"));
    std::fs::write(&list, "NCT00000001\nNCT00000002\n").unwrap();
    export(&registry, &csv, &["--sentinels", list.to_str().unwrap()]).done();
}

#[test]
fn a_study_is_asked_for_by_number_and_found_by_an_old_one() {
    let registry = Registry::start(holding(&[merged()]));
    let run = live(
        &registry,
        &["show", " nct00000001 ", "--format", "json", "--quiet"],
    )
    .done();
    assert_eq!(run.json()["trial"]["nct_id"], "NCT00000002");
    for request in registry.page_requests() {
        // In a query, numbers would switch filters off.
        assert_eq!(request.param("filter.ids"), Some("NCT00000001"));
        assert!(
            request
                .params
                .iter()
                .all(|(name, _)| !name.starts_with("query."))
        );
    }
    let run = live(&registry, &["show", "NCT00000001", "NCT00000007"]);
    assert_failed(&run, 7, &["error: NCT00000007 not in the source (live)"]);
}

#[test]
fn a_study_that_cannot_be_read_is_not_called_absent() {
    let mut damaged = numbered(2);
    damaged["protocolSection"]["statusModule"] = json!(["RECRUITING"]);
    let registry = Registry::start(holding(&[numbered(1), damaged]));
    let run = live(&registry, &["show", "NCT00000001", "NCT00000002"]);
    assert_failed(
        &run,
        5,
        &["error: ", "NCT00000002", "protocolSection.statusModule"],
    );
    assert!(!run.stderr.contains("not in the source"), "{}", run.stderr);
}

#[test]
fn a_show_that_is_short_does_not_say_that_a_study_is_gone() {
    let script = Script {
        total: Some(2),
        ..holding(&[numbered(1)])
    };
    let registry = Registry::start(script);
    let run = live(&registry, &["show", "NCT00000001", "NCT00000002"]);
    assert_failed(&run, 3, &["counted 2 studies, but 1 came"]);
}

/// Every filter of the command line that says something of a person or a place.
const PERSONAL: &[&str] = &[
    "--region",
    "uk,china",
    "--country",
    "Germany",
    "--open-here",
    "--age",
    "47",
    "--sex",
    "female",
    "--near",
    "-33.87,151.21",
    "--within",
    "317",
    "--ms-course",
    "ppms",
    "--phase",
    "1",
    "--status",
    "recruiting",
    "--target",
    "CD19",
    "--cell-source",
    "autologous",
    "--updated-since",
    "2025-11-03",
    "--limit",
    "7",
    "--sort",
    "distance",
];

#[test]
fn filters_of_person_and_place_never_leave_the_machine() {
    let registry = Registry::start(three());
    live(&registry, &["search"]).done();
    let bare = registry.requests().len();
    live(&registry, &[&["search"], PERSONAL].concat()).done();
    let requests = registry.requests();
    let seen = |from: usize, to: usize| -> Vec<String> {
        requests[from..to]
            .iter()
            .map(|one| format!("{} {:?}", one.target, one.headers))
            .collect()
    };
    // Byte for byte what a search without them sends.
    assert_eq!(seen(0, bare), seen(bare, requests.len()));
    live(
        &registry,
        &["show", "NCT00000001", "--near", "-33.87,151.21"],
    )
    .done();
    let last = registry.requests().split_off(requests.len());
    assert!(!last.is_empty());
    for request in last {
        assert!(!request.target.contains("33.87"), "{}", request.target);
    }
}

#[test]
fn the_flags_for_networks_that_refuse_reach_the_wire() {
    let registry = Registry::start(three());
    let name = "clinic/1 (+https://clinic.example)";
    let run = live(
        &registry,
        &[
            "search",
            "--http1",
            "--tls-max",
            "1.2",
            "--user-agent",
            name,
        ],
    );
    run.done();
    for request in registry.requests() {
        assert_eq!(request.header("user-agent"), Some(name));
        assert_eq!(request.protocol, "HTTP/1.1");
    }
    let run = live(&registry, &["search", "--user-agent", "two\nlines"]);
    assert_failed(&run, 2, &["hint: check `--user-agent`"]);
}

#[test]
fn the_asked_interval_lies_between_requests() {
    let registry = Registry::start(three());
    let base = registry.base();
    let args = ["search", "--source", "live", "--api", &base];
    run(&[&args[..], &["--min-interval", "200"]].concat()).done();
    let requests = registry.requests();
    assert_eq!(requests.len(), 4);
    for pair in requests.windows(2) {
        // Clocks are read on both sides of the socket.
        assert!(pair[1].at - pair[0].at >= Duration::from_millis(150));
    }
}

#[test]
fn the_asked_time_ends_a_silence() {
    let registry = Registry::start(Script {
        then: Act::Silence,
        ..three()
    });
    let base = registry.base();
    let begun = Instant::now();
    let args = ["search", "--source", "live", "--api", &base];
    let run = run(&[&args[..], &["--min-interval", "0", "--timeout", "1"]].concat());
    assert_failed(&run, 3, &["not done within 1 s", "--timeout"]);
    assert!(begun.elapsed() < Duration::from_secs(15));
}

#[test]
fn what_the_registry_says_acts_on_no_terminal() {
    let registry = Registry::start(Script {
        then: Act::Status(400, "", "no\u{1b}[2J\u{202e} such\r\nquery"),
        ..three()
    });
    for more in [&[][..], &["--verbose"]] {
        let run = live(&registry, &[&["search"], more].concat());
        assert_failed(&run, 3, &["(400: no"]);
        let bad = run
            .stderr
            .chars()
            .find(|c| c.is_control() && *c != '\n' || *c == '\u{202e}');
        assert_eq!(bad, None, "{}", run.stderr);
    }
}

#[test]
fn a_record_that_cannot_be_read_is_told_and_the_others_shown() {
    let mut damaged = numbered(2);
    damaged["protocolSection"]["conditionsModule"]["conditions"] = json!("Multiple Sclerosis");
    let registry = Registry::start(holding(&[numbered(1), damaged, numbered(3)]));
    let run = live(&registry, &["search", "--format", "json", "--quiet"]).done();
    assert_eq!(numbers(&run.json()), ["NCT00000001", "NCT00000003"]);
    for part in ["NCT00000002", "protocolSection.conditionsModule.conditions"] {
        assert!(run.stderr.contains(part), "{}", run.stderr);
    }
}

#[test]
fn every_output_of_a_live_search_names_source_date_and_changes() {
    let registry = Registry::start(three());
    for command in [&["search"][..], &["show", "NCT00000001"]] {
        for format in ["table", "markdown", "json", "csv"] {
            let run = live(&registry, &[command, &["--format", format]].concat()).done();
            // A table of cells has no place for it: there it is told beside the data.
            let place = if format == "csv" {
                &run.stderr
            } else {
                &run.stdout
            };
            let words = place.split_whitespace().collect::<Vec<_>>().join(" ");
            for part in [
                "ClinicalTrials.gov on 2026-08-24",
                "Modifications: filtered",
            ] {
                assert!(words.contains(part), "{command:?} {format}: {place}");
            }
        }
    }
}
