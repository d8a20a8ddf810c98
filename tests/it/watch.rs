//! Watch rules: which change concerns whom, and that what is known of a patient stays with its owner.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::changes::rows;
use crate::support::{Run, assert_fits, files_in};
use crate::sync::{FIRST, SECOND, World, holding, numbered, ten};

const PATIENT: &str = "id = \"P-07\"\nage = 47\nsex = \"female\"\ncountry = \"United Kingdom\"\nms_course = \"spms\"\nedss = 5.5\n";

const RULES: &str = "[[rule]]\nname = \"Leeds clinic\"\nregions = [\"uk\"]\ncourses = [\"spms\", \"ppms\"]\npatients = [\"p-07.toml\"]\n";

/// A world with rules beside it.
struct Watched {
    world: World,
}

fn with(number: u32, day: &str, site: &str, status: &str, criteria: &str) -> Value {
    let mut one = numbered(number, day);
    let protocol = &mut one["protocolSection"];
    protocol["contactsLocationsModule"] = json!({"locations": [
        {"facility": "Northern Clinic", "city": "Leeds", "country": site, "status": status}
    ]});
    protocol["eligibilityModule"]["eligibilityCriteria"] = criteria.into();
    one
}

const VAGUE: &str =
    "Inclusion Criteria:\n\n* Walking ability as the team sees it\n* Secondary progressive MS";
const EXACT: &str = "Inclusion Criteria:\n\n* EDSS 3.0 to 6.5\n* Secondary progressive MS";
const STRICT: &str = "Inclusion Criteria:\n\n* EDSS 3.0 to 4.0\n* Secondary progressive MS";

impl Watched {
    fn new(studies: &[Value]) -> Self {
        let world = World::new(holding(studies, FIRST));
        let watched = Self { world };
        watched.write("watch.toml", RULES);
        watched.write("p-07.toml", PATIENT);
        watched.world.sync(&[]).done();
        watched
    }

    fn path(&self, name: &str) -> PathBuf {
        self.world.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    fn later(&self, studies: &[Value]) {
        self.world.registry.becomes(holding(studies, SECOND));
        self.world.sync(&["--today", "2026-08-26"]).done();
    }

    fn changes(&self, more: &[&str]) -> Run {
        let rules = self.path("watch.toml");
        let usual = ["changes", "--watch", rules.to_str().unwrap()];
        self.world.run(&[&usual, more].concat())
    }

    fn words(&self, more: &[&str]) -> String {
        one_line(&self.changes(more).done().stdout)
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Ten studies whose second changes from one record to another.
fn second(before: Value, after: Value) -> Watched {
    let mut studies = ten();
    studies[1] = before;
    let watched = Watched::new(&studies);
    studies[1] = after;
    watched.later(&studies);
    watched
}

fn opened() -> Watched {
    second(
        with(
            2,
            "2026-07-01",
            "United Kingdom",
            "NOT_YET_RECRUITING",
            VAGUE,
        ),
        with(2, "2026-08-08", "United Kingdom", "RECRUITING", EXACT),
    )
}

#[test]
fn a_digest_says_what_concerns_whom() {
    let watched = opened();
    for format in ["table", "markdown"] {
        let run = watched.changes(&["--format", format]).done();
        let words = one_line(&run.stdout);
        for part in [
            "What concerns whom",
            "Leeds clinic",
            "NCT00000002",
            "now open in UK (was: opening)",
            "P-07: now open in UK",
            "P-07: not asked → met: EDSS",
            "“EDSS 3.0 to 6.5”",
            "P-07: unknown → no longer asked: a line that was not read",
            "P-07: nothing rules it out so far, 1 point to clarify → seems to fit",
        ] {
            assert!(
                words.replace('\\', "").contains(part),
                "{part} is not in {}",
                run.stdout
            );
        }
        assert!(!words.to_lowercase().contains("eligible"), "{words}");
        // What is not told with --watch stands there without it.
        let (_, log) = words.split_once("noticed in run").unwrap();
        assert!(
            log.replace('\\', "")
                .contains("1 site now open (was: opening)"),
            "{words}"
        );
        if format == "table" {
            assert_fits(&run.stdout, 80);
        }
        assert!(!run.stderr.contains("P-07"), "{}", run.stderr);
    }
}

#[test]
fn a_digest_says_it_to_machines_too() {
    let watched = opened();
    let json = watched.changes(&["--format", "json"]).done().json();
    assert_eq!(json["schema"], "trialbrief.changes/1");
    let rule = &json["watch"][0];
    assert_eq!(rule["rule"], "Leeds clinic");
    let study = &rule["studies"][0];
    assert_eq!(study["nct_id"], "NCT00000002");
    assert_eq!(
        study["places"],
        json!([{"place": "uk", "before": "opening", "after": "open"}])
    );
    let patient = &study["patients"][0];
    assert_eq!(patient["id"], "P-07");
    assert_eq!(
        patient["verdict"],
        json!({"before": "check", "after": "possible"})
    );
    assert_eq!(
        patient["open_here"],
        json!({"before": false, "after": true})
    );
    let edss = json!({"kind": "edss", "before": null, "after": "met", "quote_before": null, "quote_after": "EDSS 3.0 to 6.5"});
    assert!(
        patient["answers"].as_array().unwrap().contains(&edss),
        "{patient}"
    );
    assert_eq!(
        json["changes"].as_array().unwrap().len(),
        watched
            .world
            .store()
            .changes(&trialbrief::store::Since::Run(2))
            .unwrap()
            .len()
    );
}

#[test]
fn an_answer_that_changes_is_told_from_both_sides_with_its_words() {
    let approximate = "Inclusion Criteria:\n\n* EDSS 3.0 to 6.5 or otherwise at the discretion of the investigator\n* Secondary progressive MS";
    let site = |day, text| with(2, day, "United Kingdom", "RECRUITING", text);
    let watched = second(site("2026-07-01", approximate), site("2026-08-08", EXACT));
    let words = watched.words(&[]);
    assert!(words.contains("P-07: unknown → met: EDSS"), "{words}");
    assert!(!words.contains("now open in"), "{words}");
    let watched = second(site("2026-07-01", EXACT), site("2026-08-08", STRICT));
    let words = watched.words(&[]);
    assert!(
        words.contains("P-07: met → not met, rules out: EDSS: “EDSS 3.0 to 4.0”"),
        "{words}"
    );
    assert!(
        words.contains("P-07: seems to fit → unlikely: 1 rule out"),
        "{words}"
    );
    // Of the first run nothing is told, and of a later one only what it brought.
    assert!(
        watched
            .words(&["--run", "1"])
            .contains("No change concerns a rule.")
    );
    let mut studies = ten();
    studies[1] = site("2026-08-12", EXACT);
    watched
        .world
        .registry
        .becomes(holding(&studies, "2026-08-17T09:00:05"));
    watched.world.sync(&["--today", "2026-08-27"]).done();
    let told = |words: &str| {
        let (_, rest) = words.split_once("What concerns whom").unwrap();
        rest.split_once("Source:").unwrap().0.to_owned()
    };
    assert_eq!(told(&watched.words(&["--run", "2"])), told(&words));
    assert!(
        watched
            .words(&["--run", "3"])
            .contains("P-07: not met → met: EDSS")
    );
    // There and back is no news.
    let both = watched.words(&["--since", "2026-08-01"]);
    assert!(!both.contains("P-07:"), "{both}");
}

#[test]
fn a_reworded_line_that_asks_the_same_is_no_news_to_a_patient() {
    let site = |day, text: &str| with(2, day, "United Kingdom", "RECRUITING", text);
    let moved = "Inclusion Criteria:\n\n* Secondary progressive MS\n* An EDSS of 3.0 to 6.5";
    let watched = second(site("2026-07-01", EXACT), site("2026-08-08", moved));
    let words = watched.words(&[]);
    assert!(
        words.contains("Leeds clinic") && words.contains("NCT00000002"),
        "{words}"
    );
    assert!(!words.contains("P-07:"), "{words}");
    let json = watched.changes(&["--format", "json"]).done().json();
    assert_eq!(json["watch"][0]["studies"][0]["patients"], json!([]));
    let csv = watched.changes(&["--format", "csv"]).done().stdout;
    assert!(
        csv.contains("Leeds clinic") && !csv.contains("P-07"),
        "{csv}"
    );
}

#[test]
fn what_is_not_known_concerns_everybody_and_what_is_elsewhere_nobody() {
    let mut studies = ten();
    studies[2] = with(3, "2026-07-01", "Germany", "RECRUITING", VAGUE);
    // Nobody can join it, before and after.
    let paused = |day, text| {
        let mut one = with(5, day, "Germany", "SUSPENDED", text);
        one["protocolSection"]["statusModule"]["overallStatus"] = "SUSPENDED".into();
        one
    };
    studies[4] = paused("2026-07-01", VAGUE);
    let watched = Watched::new(&studies);
    studies[4] = paused("2026-08-08", EXACT);
    // No site, no course, in Germany, and new.
    studies[0] = numbered(1, "2026-08-08");
    studies[2] = with(3, "2026-08-08", "Germany", "COMPLETED", VAGUE);
    studies.push(with(
        11,
        "2026-08-09",
        "United Kingdom",
        "RECRUITING",
        STRICT,
    ));
    studies.remove(6);
    watched.write(
        "watch.toml",
        &format!("{RULES}[[rule]]\nname = \"CD70\"\ntargets = [\"CD70\"]\n[[rule]]\nname = \"Berlin\"\ncountries = [\"Germany\"]\nphases = [\"2\"]\n[[rule]]\nname = \"all\"\n"),
    );
    watched.later(&studies);
    let json = watched.changes(&["--format", "json"]).done().json();
    let of = |rule: usize| -> Vec<&str> {
        let studies = json["watch"][rule]["studies"].as_array().unwrap();
        studies
            .iter()
            .map(|one| one["nct_id"].as_str().unwrap())
            .collect()
    };
    assert_eq!(of(0), ["NCT00000001", "NCT00000011", "NCT00000007"]);
    assert_eq!(of(1), [""; 0], "all give cells for CD19");
    assert_eq!(of(2), [""; 0], "all are of phase 1");
    assert_eq!(
        of(3),
        [
            "NCT00000001",
            "NCT00000003",
            "NCT00000005",
            "NCT00000011",
            "NCT00000007"
        ]
    );
    let words = watched.words(&[]);
    assert!(words.contains("new study, open in UK"), "{words}");
    assert!(
        words.contains("P-07: unlikely: 1 rule out (open here)"),
        "{words}"
    );
    assert!(
        words.contains("P-07: rules out: EDSS: “EDSS 3.0 to 4.0”"),
        "{words}"
    );
    assert!(words.contains("no longer in the registry"), "{words}");
}

#[test]
fn the_table_for_machines_names_rules_and_patients() {
    let watched = opened();
    let run = watched.changes(&["--format", "csv"]).done();
    let table = rows(&run.stdout);
    assert!(run.stdout.starts_with(
        "detected_at,nct_id,change,field,before,after,registry_last_update,watch,watch_patients\n"
    ));
    assert!(
        table
            .iter()
            .all(|row| row[7] == "Leeds clinic" && row[8] == "P-07"),
        "{table:?}"
    );
    let run = watched.world.run(&["changes", "--format", "csv"]).done();
    assert!(
        run.stdout
            .starts_with("detected_at,nct_id,change,field,before,after,registry_last_update\n")
    );
    let run = watched.changes(&["--atom"]);
    assert_eq!(run.code, Some(2), "a feed is for everybody: {}", run.stderr);
}

/// Rules that are wrong, and what is said of each, parted by `;`.
const WRONG: [(&str, &str); 17] = [
    (
        "[[rule]]\nname = \"a\"\nregion = [\"uk\"]\n",
        "line 3;`rule[0].region`;did you mean `regions`?",
    ),
    (
        "[[rule]]\nname = \"a\"\nregions = [\"ukk\"]\n",
        "line 3;`rule[0].regions[0]`;`ukk` is no region;australia",
    ),
    (
        "[[rule]]\nname = \"a\"\ncountries = [\"Germny\"]\n",
        "line 3;`rule[0].countries[0]`;did you mean `Germany`?",
    ),
    (
        "[[rule]]\nname = \"a\"\nphases = [\"1/2\"]\n",
        "line 3;`rule[0].phases[0]`;early1, 1, 2, 3, 4, na",
    ),
    (
        "[[rule]]\nname = \"a\"\n\ncourses = [\"spm\"]\n",
        "line 4;`rule[0].courses[0]`;spms",
    ),
    (
        "[[rule]]\nname = \"a\"\ntargets = [\"19\"]\n",
        "line 3;`rule[0].targets[0]`;CD19",
    ),
    ("[[rule]]\nregions = [\"uk\"]\n", "line 1;name"),
    ("[[rule]]\nname = \" \"\n", "line 2;`rule[0].name`"),
    (
        "[[rule]]\nname = \"a\"\n[[rule]]\nname = \"a\"\n",
        "line 4;`rule[1].name`;stands twice",
    ),
    ("[[rules]]\nname = \"a\"\n", "line 1;did you mean `rule`?"),
    ("", "no rule"),
    ("[[rule]]\nname = \"a\n", "line 2"),
    (
        "[[rule]]\nname = \"a\"\npatients = \"p-07.toml\"\n",
        "line 3;`rule[0].patients`",
    ),
    (
        "[[rule]]\nname = \"a\"\npatients = [\"none.toml\"]\n",
        "line 3;`rule[0].patients[0]`;none.toml;could not be read",
    ),
    (
        "[[rule]]\nname = \"a\"\npatients = [\"nameless.toml\"]\n",
        "line 3;`rule[0].patients[0]`;no `id`",
    ),
    (
        "[[rule]]\nname = \"a\"\npatients = [\"p-07.toml\", \"./p-07.toml\"]\n",
        "line 3;`rule[0].patients[1]`;the `id` of another",
    ),
    (
        "[[rule]]\nname = \"a\"\npatients = [\"bad.toml\"]\n",
        "line 3;bad.toml;line 2, field `edss`;line 3;profile check",
    ),
];

#[test]
fn wrong_rules_are_named_with_line_field_and_what_is_allowed() {
    let watched = opened();
    watched.write(
        "bad.toml",
        "id = \"P-99\"\nedss = \"verysecret 11.25\"\nms_curse = \"verysecret\"\n",
    );
    watched.write("nameless.toml", "age = 47\n");
    for (text, parts) in WRONG {
        watched.write("watch.toml", text);
        let run = watched.changes(&[]);
        assert_eq!(run.code, Some(5), "{text}: {}", run.stderr);
        assert_eq!(run.stdout, "");
        for part in parts.split(';').chain(["watch.toml"]) {
            assert!(
                run.stderr.contains(part),
                "{part} is not in: {}",
                run.stderr
            );
        }
        for secret in ["11.25", "verysecret", "P-99", "P-07\""] {
            assert!(
                !run.stderr.contains(secret),
                "{secret} is in: {}",
                run.stderr
            );
        }
    }
    let run = watched.world.run(&["changes", "--watch", "no-such.toml"]);
    assert_eq!(run.code, Some(5), "{}", run.stderr);
    assert!(run.stderr.contains("no-such.toml"), "{}", run.stderr);
}

#[test]
fn a_target_that_nobody_knows_is_told_and_may_be_right() {
    let watched = opened();
    let rule = "[[rule]]\nname = \"a\"\ntargets = [\"CD99\", \"cd19\", \"BCMMA\"]\n";
    watched.write("watch.toml", rule);
    let run = watched.changes(&["--quiet"]).done();
    for part in [
        "“a”: `CD99` is no target that is known",
        "did you mean `BCMA`?",
    ] {
        assert!(run.stderr.contains(part), "{part} is not in {}", run.stderr);
    }
    assert!(!run.stderr.contains("`cd19`"), "{}", run.stderr);
    let (csv, digest) = (watched.path("t.csv"), watched.path("t.md"));
    let rules = watched.path("watch.toml");
    let args = [
        "export",
        "--sentinels",
        "none",
        "--csv",
        csv.to_str().unwrap(),
    ];
    let more = [
        "--digest",
        digest.to_str().unwrap(),
        "--watch",
        rules.to_str().unwrap(),
    ];
    let run = watched.world.run(&[&args[..], &more].concat()).done();
    assert!(run.stderr.contains("`CD99` is no target"), "{}", run.stderr);
}

/// Names of what a folder holds that name the patient.
fn naming(folder: &Path) -> Vec<String> {
    let named = |name: &String| {
        let bytes = std::fs::read(folder.join(name)).unwrap();
        bytes.windows(4).any(|part| part == b"P-07")
    };
    files_in(folder).into_iter().filter(named).collect()
}

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// The files of an export that tells who is concerned, in a folder of its own.
#[cfg(unix)]
fn told(watched: &Watched) -> (PathBuf, Vec<String>) {
    let out = watched.path("out");
    std::fs::create_dir(&out).unwrap();
    // Files that others could read stood there before.
    for name in ["changes.csv", "digest.md"] {
        std::fs::write(out.join(name), "").unwrap();
    }
    let path = |path: PathBuf| path.to_str().unwrap().to_owned();
    let args = [
        ("--csv", out.join("a.csv")),
        ("--changes", out.join("changes.csv")),
        ("--digest", out.join("digest.md")),
        ("--watch", watched.path("watch.toml")),
    ];
    let args = args
        .into_iter()
        .flat_map(|(name, file)| [name.to_owned(), path(file)]);
    let usual = ["export", "--sentinels", "none"].map(str::to_owned);
    (out, usual.into_iter().chain(args).collect())
}

#[cfg(unix)]
#[test]
fn what_names_a_patient_is_for_its_owner_only() {
    let mut studies = ten();
    studies[1] = with(
        2,
        "2026-07-01",
        "United Kingdom",
        "NOT_YET_RECRUITING",
        VAGUE,
    );
    let watched = Watched::new(&studies);
    let (out, args) = told(&watched);
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let read = |name: &str| std::fs::read_to_string(out.join(name)).unwrap();
    watched.world.run(&args).done();
    assert!(read("digest.md").contains("No change concerns a rule."));
    studies[1] = with(2, "2026-08-08", "United Kingdom", "RECRUITING", EXACT);
    watched.world.registry.becomes(holding(&studies, SECOND));
    let run = watched.world.run(&args).done();
    assert!(!run.stderr.contains("P-07"), "{}", run.stderr);
    assert_eq!(naming(&out), ["changes.csv", "digest.md"]);
    assert!(read("digest.md").contains("P-07: now open in UK"));
    for name in ["changes.csv", "digest.md"] {
        assert_eq!(mode(&out.join(name)), 0o600, "{name}");
    }
    assert_ne!(mode(&out.join("a.csv")), 0o600);
    // Rules without patients name nobody.
    for (rules, is_private) in [(RULES, true), ("[[rule]]\nname = \"all\"\n", false)] {
        watched.write("watch.toml", rules);
        let file = out.join(format!("{is_private}.md"));
        let run = watched.changes(&["--format", "markdown", "-o", file.to_str().unwrap()]);
        run.done();
        assert_eq!(mode(&file) == 0o600, is_private);
    }
    // Nothing of the patient is in the store, nor was anything sent.
    assert_eq!(naming(&watched.world.data()), [""; 0]);
    for request in watched.world.registry.requests() {
        let sent = format!("{} {:?}", request.target, request.headers);
        assert!(!sent.contains("P-07") && !sent.contains("Leeds"), "{sent}");
    }
}

#[test]
fn wrong_rules_end_an_export_before_anything_is_asked_or_written() {
    let watched = Watched::new(&ten());
    let out = watched.path("out");
    std::fs::create_dir(&out).unwrap();
    let (csv, changes) = (out.join("a.csv"), out.join("changes.csv"));
    let rules = watched.path("watch.toml");
    let asked = watched.world.registry.requests().len();
    let run = |rules: &str, more: &[&str]| {
        let usual = ["export", "--csv", csv.to_str().unwrap(), "--watch", rules];
        watched.world.run(&[&usual, more].concat())
    };
    let rules = rules.to_str().unwrap();
    let told = ["--changes", changes.to_str().unwrap()];
    watched.write("wrong.toml", "[[rule]]\nname = 4\n");
    let wrong = watched.path("wrong.toml");
    for (code, part, run) in [
        (5, "line 2", run(wrong.to_str().unwrap(), &told)),
        (2, "--changes", run(rules, &[])),
        (
            2,
            "local store",
            run(rules, &["--digest", "x.md", "--source", "sample"]),
        ),
    ] {
        assert_eq!(run.code, Some(code), "{}", run.stderr);
        assert!(run.stderr.contains(part), "{}", run.stderr);
    }
    assert_eq!(files_in(&out), [""; 0]);
    assert_eq!(watched.world.registry.requests().len(), asked);
}
