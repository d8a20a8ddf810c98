//! Patient facts never leave the machine: what a live `screen` sends, tells and leaves behind.

use std::path::Path;

use serde_json::Value;

use crate::fake_registry::{Registry, Request, Script};
use crate::support::{Run, files_in, program, record};

/// A profile of words and numbers that stand nowhere else.
const PROFILE: &str = r#"
id = "ZEBRA-7731"
age = 47
sex = "female"
country = "Norway"
near = "61.23,7.10"
ms_course = "spms"
diagnosed = "2011-03-09"
edss = 6.5
relapses_12_months = 0
last_mri = "2026-02-17"
treatments_complete = true
pregnant = false
lvef = 57.25
weight_kg = 63.5
labs.igg = "433 mg/dL"
infections.hbv = "positive"
absent = ["splenectomy"]

[[treatments]]
drug = "Mavenclad"
started = "2019-05-13"
stopped = "2020-06-21"
reason = "failure"

[[conditions]]
kind = "malignancy"
since = "2013-08-29"
"#;

const TABLE: &str = "id,age,sex,country,near,ms_course,diagnosed,edss,last_mri,lvef,labs,treatments,conditions\n\
ZEBRA-7731,47,female,Norway,\"61.23,7.10\",spms,2011-03-09,6.5,2026-02-17,57.25,igg:433 mg/dL,Mavenclad:2019-05-13:2020-06-21:failure,malignancy:2013-08-29\n";

/// Words of it; those that a query for any MS study may hold are left out.
const WORDS: [&str; 17] = [
    "zebra",
    "7731",
    "norway",
    "61.2",
    "61%2e2",
    "7.10",
    "spms",
    "secondary",
    "2011-03",
    "6.5",
    "2026-02-17",
    "57.25",
    "63.5",
    "433",
    "mavenclad",
    "cladribine",
    "2013-08-29",
];

fn registry() -> Registry {
    let studies = ["primary", "basket"].map(|name| ("", record(name).to_string()));
    Registry::start(Script {
        studies: studies.to_vec(),
        page_size: 1,
        timestamps: vec!["2026-08-24T09:00:05"],
        ..Script::default()
    })
}

/// Runs the binary with folders of its own for all that it might write.
fn live(registry: &Registry, own: &Path, args: &[&str]) -> Run {
    for folder in ["tmp", "home", "data"] {
        std::fs::create_dir_all(own.join(folder)).unwrap();
    }
    let base = registry.base();
    program()
        .args(args)
        .args(["--source", "live", "--api", &base, "--min-interval", "0"])
        .current_dir(own.join("home"))
        .env("TMPDIR", own.join("tmp"))
        .env("HOME", own.join("home"))
        .env_remove("XDG_DATA_HOME")
        .env("TRIALBRIEF_DATA_DIR", own.join("data"))
        .output()
        .unwrap()
        .into()
}

/// All that a request holds but the address and the connection, which differ from run to run.
fn sent(request: &Request) -> String {
    let headers = request.headers.iter();
    let headers: Vec<String> = headers
        .filter(|(name, _)| name != "host")
        .map(|(name, value)| format!("{name}: {value}"))
        .collect();
    let at = request.target.find("/api").unwrap_or(0);
    format!(
        "{} {}\n{}",
        request.protocol,
        &request.target[at..],
        headers.join("\n")
    )
}

fn all_sent(registry: &Registry) -> Vec<String> {
    registry.requests().iter().map(sent).collect()
}

fn assert_says_nothing(text: &str, what: &str) {
    // The port of the test's own server is no word of the patient's, whatever its digits.
    let (mut lower, mut rest) = (String::new(), text.to_lowercase());
    while let Some((before, behind)) = rest.split_once("127.0.0.1:") {
        lower.push_str(before);
        rest = behind
            .trim_start_matches(|c: char| c.is_ascii_digit())
            .to_owned();
    }
    lower.push_str(&rest);
    for word in WORDS {
        assert!(!lower.contains(word), "{what} holds {word}: {text}");
    }
}

fn assert_left_nothing(own: &Path, but: &[&str]) {
    for folder in ["tmp", "home", "data"] {
        assert_eq!(files_in(&own.join(folder)), [""; 0], "{folder}");
    }
    let mut left = files_in(own);
    left.sort_unstable();
    assert_eq!(left, but);
}

#[test]
fn a_live_screen_sends_what_a_search_sends_and_nothing_more() {
    let own = tempfile::tempdir().unwrap();
    let asked = registry();
    live(
        &asked,
        own.path(),
        &["search", "--verbose", "--format", "json"],
    )
    .done();
    let expected = all_sent(&asked);
    assert!(expected.len() > 2, "{expected:?}");
    let (profile, table) = (own.path().join("p.toml"), own.path().join("p.csv"));
    std::fs::write(&profile, PROFILE).unwrap();
    std::fs::write(&table, TABLE).unwrap();
    for who in [
        ["--patient", profile.to_str().unwrap()],
        ["--patients", table.to_str().unwrap()],
    ] {
        for format in ["table", "json", "csv", "markdown"] {
            let registry = registry();
            let args = ["screen", "--verbose", "--format", format, who[0], who[1]];
            let run = live(&registry, own.path(), &args).done();
            assert!(run.stdout.contains("ZEBRA-7731"), "{}", run.stdout);
            assert_eq!(all_sent(&registry), expected, "{format}");
            for request in all_sent(&registry) {
                assert_says_nothing(&request, "a request");
            }
            assert_says_nothing(&run.stderr, "the log");
            assert_left_nothing(own.path(), &["data", "home", "p.csv", "p.toml", "tmp"]);
        }
    }
}

#[test]
fn facts_given_as_options_are_not_sent_either() {
    let own = tempfile::tempdir().unwrap();
    let asked = registry();
    live(&asked, own.path(), &["search"]).done();
    let registry = registry();
    let run = live(
        &registry,
        own.path(),
        &[
            "screen",
            "--verbose",
            "--id",
            "ZEBRA-7731",
            "--age",
            "47",
            "--sex",
            "female",
            "--ms-course",
            "spms",
            "--living-in",
            "Norway",
            "--near",
            "61.23,7.10",
            "--edss",
            "6.5",
            "--labs",
            "igg:433 mg/dL",
            "--treatments",
            "Mavenclad:2019-05-13:2020-06-21:failure",
            "--conditions",
            "malignancy:2013-08-29",
        ],
    )
    .done();
    assert_eq!(all_sent(&registry), all_sent(&asked));
    assert_says_nothing(&run.stderr, "the log");
    assert_left_nothing(own.path(), &["data", "home", "tmp"]);
}

#[test]
fn one_study_is_asked_for_by_its_number_alone() {
    let own = tempfile::tempdir().unwrap();
    let number = record("primary")["protocolSection"]["identificationModule"]["nctId"].clone();
    let Value::String(number) = number else {
        panic!("no number")
    };
    let (asked, registry) = (registry(), registry());
    live(&asked, own.path(), &["show", &number]).done();
    let table = own.path().join("p.csv");
    std::fs::write(&table, TABLE).unwrap();
    let args = [
        "screen",
        "--verbose",
        "--study",
        &number,
        "--patients",
        table.to_str().unwrap(),
    ];
    let run = live(&registry, own.path(), &args).done();
    assert_eq!(all_sent(&registry), all_sent(&asked));
    assert_says_nothing(&run.stderr, "the log");
    assert_left_nothing(own.path(), &["data", "home", "p.csv", "tmp"]);
}

/// A profile that cannot be read is named by file, line and field; its other facts stay unsaid.
#[test]
fn a_wrong_profile_costs_no_request_and_tells_one_value() {
    let own = tempfile::tempdir().unwrap();
    let profile = own.path().join("p.toml");
    std::fs::write(&profile, PROFILE.replace("edss = 6.5", "edss = 66")).unwrap();
    let registry = registry();
    let run = live(
        &registry,
        own.path(),
        &[
            "screen",
            "--verbose",
            "--patient",
            profile.to_str().unwrap(),
        ],
    );
    assert_eq!(run.code, Some(5), "{}", run.stderr);
    assert!(all_sent(&registry).is_empty());
    assert_says_nothing(&run.stderr, "the message");
}
