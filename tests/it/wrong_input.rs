//! Wrong input: the right exit code, one sentence that helps, and nothing written.

use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::support::{Run, closed_address, files_in, on_file, on_sample, program, run};

/// Asserts that a run failed cleanly: its code, nothing on stdout, one sentence with these parts.
fn assert_refused(run: &Run, code: i32, parts: &[&str], what: &str) {
    assert_eq!(run.code, Some(code), "{what}: {}", run.stderr);
    assert_eq!(run.stdout, "", "{what}");
    let errors: Vec<&str> = run
        .stderr
        .lines()
        .filter(|line| line.starts_with("error:"))
        .collect();
    assert_eq!(errors.len(), 1, "{what}: {}", run.stderr);
    assert!(run.stderr.starts_with("error: "), "{what}: {}", run.stderr);
    for part in parts {
        assert!(
            run.stderr.contains(part),
            "{what}: `{part}` is not in: {}",
            run.stderr
        );
    }
    assert!(!run.stderr.contains("panicked"), "{what}: {}", run.stderr);
}

/// What is typed behind `search`, and what must be said about it.
const WRONG_WORDS: &[(&[&str], &[&str])] = &[
    (
        &["--region", "ukk"],
        &[
            "`ukk`",
            "us, europe, uk, china, australia, other",
            "did you mean `uk`",
        ],
    ),
    (
        &["--region", "Germany"],
        &["`Germany`", "did you mean `europe`"],
    ),
    (
        &["--country", "Germny"],
        &["`Germny`", "ISO codes", "did you mean `Germany`"],
    ),
    (
        &["--phase", "1/2"],
        &["`1/2`", "early1, 1, 2, 3, 4, na", "write 1,2"],
    ),
    (
        &["--status", "RECRUTING"],
        &[
            "`RECRUTING`",
            "NOT_YET_RECRUITING",
            "did you mean `RECRUITING`",
        ],
    ),
    (
        &["--updated-since", "2026-13-01"],
        &["--updated-since", "`2026-13-01`", "YYYY-MM-DD"],
    ),
    (
        &["--updated-since", "yesterday"],
        &["`yesterday`", "2026-06-20"],
    ),
    (
        &["--format", "tabel"],
        &["'tabel'", "table, json, csv, markdown", "'table'"],
    ),
    (
        &["--sort", "newst"],
        &["`newst`", "relevance, updated, distance, phase"],
    ),
    (&["--sort", "distance"], &["--sort distance needs --near"]),
    (&["--within", "50"], &["--within needs --near"]),
    (
        &["--within", "0", "--near", "51.5,0"],
        &["--within", "`0`", "kilometres"],
    ),
    (
        &["--within", "-5", "--near", "51.5,0"],
        &["--within", "`-5`", "kilometres"],
    ),
    (
        &["--ms-course", "rrmss"],
        &[
            "`rrmss`",
            "rrms, spms, ppms, rms, pms, cis",
            "did you mean `rrms`",
        ],
    ),
    (
        &["--status", "recruiting,opne"],
        &["`opne`", "open, recruiting, all", "did you mean `open`"],
    ),
    (&["--region", "uk,"], &["``", "us, europe, uk"]),
    (
        &["--country", "Korea,Germny"],
        &["`Germny`", "did you mean `Germany`"],
    ),
    (&["--near", "51.5 -0.1"], &["`51.5 -0.1`", "LAT,LON"]),
    (&["--near", "-95,0"], &["`-95,0`", "-90 to 90"]),
    (&["--limit", "-1"], &["--limit", "-1"]),
    (&["--limit", "ten"], &["'ten'", "--limit"]),
    (&["--age", "4.5"], &["'4.5'", "--age"]),
    (
        &["--updated-since", "2026-6"],
        &["--updated-since", "`2026-6`", "YYYY-MM"],
    ),
    (&["--therapy", " "], &["--therapy", "names nothing"]),
    (
        &["--source", "live", "--therapy", "any", "--condition", "any"],
        &["--therapy car-t", "--source PATH"],
    ),
    (&["--timeout", "0"], &["'0'", "--timeout", "1..=86400"]),
    (&["--quiet", "--verbose"], &["--quiet", "--verbose"]),
    (
        &["--within", "far", "--near", "51.5,0"],
        &["'far'", "--within"],
    ),
    (&["--near", "91,0"], &["`91,0`", "LAT,LON", "-90 to 90"]),
    (
        &["--near", "Sydny"],
        &["`Sydny`", "Sydney, New South Wales", "LAT,LON"],
    ),
    (&["--near", ""], &["``", "LAT,LON", "Leeds, UK"]),
    (
        &["--cell-source", "auto"],
        &[
            "`auto`",
            "autologous, allogeneic, in-vivo",
            "did you mean `autologous`",
        ],
    ),
    (&["--target", "19"], &["`19`", "CD19"]),
    (&["--age", "200"], &["'200'", "0..=120"]),
    (&["--sex", "f"], &["'f'", "female, male"]),
    (&["--limit", "0"], &["'0'", "--limit"]),
    (
        &["--source", "smaple"],
        &[
            "`smaple`",
            "auto, live, store, sample",
            "did you mean `sample`",
        ],
    ),
    (
        &["--source", "live", "--api", "notaurl"],
        &["`notaurl`", "https://clinicaltrials.gov/api/v2"],
    ),
    (
        &["--source", "live", "--api", "ftp://example.invalid/x"],
        &["`ftp://example.invalid/x`", "https:// or http://"],
    ),
    (&["--source", "auto", "--api", "notaurl"], &["`notaurl`"]),
    (&["--tls-max", "1.1"], &["'1.1'", "1.2, 1.3"]),
    (&["--wrong-flag"], &["--wrong-flag"]),
];

#[test]
fn wrong_words_are_named_with_the_allowed_and_the_nearest() {
    for (args, parts) in WRONG_WORDS {
        // Only those that speak of the source may name one.
        let sample: &[&str] = if args.contains(&"--source") {
            &[]
        } else {
            &["--source", "sample"]
        };
        let run = run(&[&["search"], *args, sample].concat());
        assert_refused(&run, 2, parts, &args.join(" "));
    }
}

#[test]
fn a_wrong_today_is_refused() {
    for (today, parts) in [
        ("2026-06", &["--today", "`2026-06`", "not a day"][..]),
        ("2026-02-30", &["`2026-02-30`", "not a date"]),
    ] {
        let mut program = program();
        let args = ["search", "--source", "sample", "--today", today];
        let run = program
            .env_remove("TRIALBRIEF_TODAY")
            .args(args)
            .output()
            .unwrap()
            .into();
        assert_refused(&run, 2, parts, today);
    }
}

#[test]
fn wrong_numbers_are_refused() {
    for number in [
        "NCT123",
        "07224373",
        "NCT00000000",
        "NCT0722437x",
        "NCT 07224373",
        "NCT07224373,NCT04561557",
    ] {
        let run = on_sample(&["show", number]);
        assert_refused(
            &run,
            2,
            &[&format!("`{number}`"), "NCT and eight digits"],
            number,
        );
    }
    assert_refused(&on_sample(&["show"]), 2, &["<NCT>"], "no number");
}

#[test]
fn an_unknown_study_has_its_own_code() {
    let run = on_sample(&["show", "NCT07224373", "NCT00000009"]);
    assert_refused(
        &run,
        7,
        &[
            "NCT00000009 not in the source (sample)",
            "https://clinicaltrials.gov/study/NCT00000009",
        ],
        "unknown",
    );
    assert!(!run.stderr.contains("NCT07224373"), "{}", run.stderr);
}

/// Files that hold nothing to read: name, content, and what must be said about it.
const WRONG_FILES: &[(&str, &str, &[&str])] = &[
    (
        "cut.json",
        r#"{"protocolSection":{"identificationModule":"#,
        &["cut.json` is not whole JSON: line 1, column 43"],
    ),
    (
        "comma.json",
        "{\n  \"protocolSection\": {},,\n}",
        &["comma.json` is not whole JSON: line 2, column 25"],
    ),
    (
        "text.json",
        "Not JSON at all",
        &["text.json` is not whole JSON: line 1, column 1"],
    ),
    ("empty.json", "", &["empty.json`", "no study"]),
    (
        "other.json",
        r#"{"name":"no study"}"#,
        &["other.json`", "no study"],
    ),
    ("number.json", "42", &["number.json`"]),
    (
        "unusable.json",
        r#"{"protocolSection":{"identificationModule":{}}}"#,
        &[
            "unusable.json`",
            "1 record passed over",
            "protocolSection.identificationModule.nctId: is missing",
        ],
    ),
    (
        "wrong.json",
        r#"{"protocolSection":{"identificationModule":{"nctId":"NCT99000901"},"statusModule":[]}}"#,
        &["wrong.json`", "NCT99000901: protocolSection.statusModule"],
    ),
    (
        "wide.json",
        "\u{FEFF}\0{\0}\0",
        &["wide.json` is not whole JSON: line 1, column 1"],
    ),
    ("blank.json", "\n \r\n", &["blank.json`", "no study"]),
    (
        "page.json",
        r#"{"studies":[]}"#,
        &["page.json`", "no study"],
    ),
];

#[test]
fn wrong_files_are_named_with_the_position() {
    let folder = tempfile::tempdir().unwrap();
    for (name, text, parts) in WRONG_FILES {
        let file = folder.path().join(name);
        std::fs::write(&file, text).unwrap();
        assert_refused(&on_file(&file, &["search"]), 5, parts, name);
    }
    let missing = folder.path().join("missing.json");
    assert_refused(
        &on_file(&missing, &["search"]),
        5,
        &["missing.json`", "No such file"],
        "missing",
    );
    let bare = folder.path().join("bare");
    std::fs::create_dir(&bare).unwrap();
    std::fs::write(bare.join("notes.txt"), "no record").unwrap();
    assert_refused(
        &on_file(&bare, &["search"]),
        5,
        &["bare` holds no file", ".ndjson"],
        "bare folder",
    );
}

#[test]
fn a_broken_line_and_a_cut_archive_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let good = r#"{"protocolSection":{"identificationModule":{"nctId":"NCT99000901"}}}"#;
    let third = format!("{good}\n{good}\n{{\"protocolSection\":{{\n{good}\n");
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer
        .write_all(format!("{good}\n").repeat(500).as_bytes())
        .unwrap();
    let archive = packer.finish().unwrap();
    for (name, bytes, part) in [
        (
            "third.ndjson",
            third.as_bytes(),
            "third.ndjson` is not whole JSON: line 3, column 20: EOF",
        ),
        (
            "cut.ndjson.gz",
            &archive[..archive.len() / 2],
            "could not read `",
        ),
    ] {
        let file = folder.path().join(name);
        std::fs::write(&file, bytes).unwrap();
        assert_refused(&on_file(&file, &["search"]), 5, &[part, name], name);
    }
}

#[test]
fn a_wrong_lexicon_is_named_with_line_and_field() {
    let folder = tempfile::tempdir().unwrap();
    let header = "name\taliases\tclass\ttargets\tsource\tsource_basis\tknown_from\tnote\n";
    let cases: &[(&str, &[&str])] = &[
        (
            "# a comment\nXYZ-100\t\tcar_x\tCD19\t\t\ttest\t\n",
            &["line 3", "`car_x` is no class", "car_nk"],
        ),
        (
            "XYZ-100\t\tcar_t\tCD19\tmine\t\ttest\t\n",
            &["line 2", "`mine` is no source", "autologous"],
        ),
        (
            "XYZ-100\t\tcar_t\tCD19\t\t\t\t\n",
            &["line 2", "field `known_from`"],
        ),
        (
            "XY\t\tcar_t\t\t\t\ttest\t\n",
            &["line 2", "field `name` is too short"],
        ),
        (
            "XYZ-100\t\tcar_t\t\t\t\ttest\t\tone too many\n",
            &["line 2", "9 cells"],
        ),
    ];
    for (rows, parts) in cases {
        let file = folder.path().join("lexicon.tsv");
        std::fs::write(&file, format!("{header}{rows}")).unwrap();
        let run = on_sample(&["search", "--lexicon", file.to_str().unwrap()]);
        assert_refused(&run, 5, &[parts, &["lexicon.tsv"][..]].concat(), rows);
    }
    let run = on_sample(&["search", "--lexicon", "no-such-lexicon.tsv"]);
    assert_refused(
        &run,
        5,
        &["no-such-lexicon.tsv", "could not be read"],
        "missing lexicon",
    );
}

#[test]
fn a_lexicon_adds_products() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("lexicon.tsv");
    let rows = "name\taliases\tclass\ttargets\tsource\tknown_from\nZQ451\t\tcar_t\tCD19|BCMA\tallogeneic\tour clinic\n";
    std::fs::write(&file, rows).unwrap();
    let record = crate::support::records().join("undisclosed-cell.json");
    let args = [
        "search",
        "--format",
        "json",
        "--lexicon",
        file.to_str().unwrap(),
    ];
    let label = on_file(&record, &args).done().json()["trials"][0]["cell_therapy"].clone();
    assert_eq!(label["class"], "car_t");
    assert_eq!(label["targets"], serde_json::json!(["CD19", "BCMA"]));
    assert_eq!(
        (&label["source"], &label["target_basis"]),
        (&"allogeneic".into(), &"product".into())
    );
}

#[test]
fn a_wrong_sentinel_list_is_named_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let (list, csv) = (folder.path().join("list.txt"), folder.path().join("a.csv"));
    std::fs::write(&list, "NCT07224373\nNCT12\n").unwrap();
    let run = on_sample(&[
        "export",
        "--csv",
        csv.to_str().unwrap(),
        "--sentinels",
        list.to_str().unwrap(),
    ]);
    assert_refused(&run, 5, &["list.txt`, line 2", "`NCT12`"], "sentinels");
    assert_eq!(files_in(folder.path()), ["list.txt"]);
}

#[test]
fn live_without_a_registry_prints_and_writes_nothing() {
    let api = closed_address();
    let live = ["--api", &api, "--timeout", "2", "--min-interval", "0"];
    let run_live = run(&[&["search", "--source", "live"], &live[..]].concat());
    assert_refused(&run_live, 3, &[&api, "hint:"], "search");
    let run_live = run(&[&["show", "NCT07224373", "--source", "live"], &live[..]].concat());
    assert_refused(&run_live, 3, &[&api], "show");

    let folder = tempfile::tempdir().unwrap();
    let csv = folder.path().join("studies.csv");
    for source in ["live", "auto"] {
        // `export` never falls back.
        let args = ["export", "--csv", csv.to_str().unwrap(), "--source", source];
        assert_refused(&run(&[&args[..], &live].concat()), 3, &[&api], source);
        assert_eq!(files_in(folder.path()), [""; 0]);
    }
}

#[test]
fn auto_without_a_registry_answers_soon_from_the_sample_and_says_why() {
    let api = closed_address();
    for command in [&["search"][..], &["show", "NCT07224373"]] {
        let begun = Instant::now();
        let run = run(&[command, &["--api", &api]].concat()).done();
        assert!(
            begun.elapsed() < Duration::from_secs(20),
            "{:?}",
            begun.elapsed()
        );
        assert_told(&run, &api);
    }
}

/// A registry that takes the connection and never answers. The answer comes within five seconds; the
/// bound here is wide, because tests share the machine.
#[test]
fn auto_does_not_wait_for_a_silent_registry() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let api = format!("http://{}/api/v2", silent.local_addr().unwrap());
    let begun = Instant::now();
    let run = run(&["search", "--api", &api]).done();
    assert!(
        begun.elapsed() < Duration::from_secs(20),
        "{:?}",
        begun.elapsed()
    );
    assert_told(&run, &api);
}

fn assert_told(run: &Run, api: &str) {
    for place in [&run.stdout, &run.stderr] {
        let words = place.split_whitespace().collect::<Vec<_>>().join(" ");
        for part in ["The registry could not be used", api, "SAMPLE, NOT LIVE"] {
            assert!(words.contains(part), "{part} is not in: {place}");
        }
    }
    assert!(run.stdout.contains("NCT07224373"));
}

#[test]
fn the_written_output_of_a_failed_run_is_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("found.json");
    std::fs::write(&file, "what was there").unwrap();
    let run = run(&[
        "search",
        "--source",
        "missing.json",
        "--format",
        "json",
        "-o",
        file.to_str().unwrap(),
    ]);
    assert_refused(&run, 5, &["missing.json"], "-o");
    assert_eq!(std::fs::read(&file).unwrap(), b"what was there");
    assert_eq!(files_in(folder.path()), ["found.json"]);
    assert!(!Path::new("missing.json").exists());
}

#[test]
fn a_number_is_read_in_any_case_and_with_spaces_around() {
    for number in ["nct07224373", " NCT07224373\t", "Nct07224373"] {
        let run = on_sample(&["show", number, "--format", "csv"]).done();
        assert!(run.stdout.contains("\nNCT07224373,"), "{number}");
    }
}

#[test]
fn what_the_environment_says_wrongly_is_named_too() {
    for (variable, value, parts) in [
        (
            "TRIALBRIEF_TODAY",
            "tomorrow",
            &["--today", "`tomorrow`"][..],
        ),
        ("TRIALBRIEF_TODAY", "", &["--today", "``"]),
        ("TRIALBRIEF_API", "registry", &["`registry`", "https://"]),
        ("TRIALBRIEF_API", "", &["``", "https://"]),
    ] {
        let mut program = program();
        let run = program.env(variable, value).arg("search").output().unwrap();
        assert_refused(&run.into(), 2, parts, &format!("{variable}={value}"));
    }
}

#[test]
fn a_wrong_certificate_file_is_named_before_anything_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("text.pem");
    std::fs::write(&text, "no certificate").unwrap();
    let api = closed_address();
    for source in ["live", "auto"] {
        for (file, part) in [
            ("no-such.pem", "No such file"),
            (text.to_str().unwrap(), "PEM"),
        ] {
            let args = ["search", "--source", source, "--api", &api, "--ca", file];
            assert_refused(&run(&args), 5, &[file, part, "--ca"], file);
        }
    }
}

#[test]
fn a_country_with_a_comma_in_its_name_is_one() {
    let found = |country: &str| {
        on_sample(&[
            "search",
            "--status",
            "all",
            "--format",
            "json",
            "--country",
            country,
        ])
        .done()
        .json()["filters"]["places"]
            .clone()
    };
    for (typed, places) in [
        ("Korea, Republic of", &["South Korea"][..]),
        (
            "Germany,Iran, Islamic Republic of,France",
            &["Germany", "Iran", "France"],
        ),
        ("Germany, France", &["Germany", "France"]),
    ] {
        assert_eq!(found(typed), serde_json::json!(places), "{typed}");
    }
}

/// A run that fails touches no file, whatever the mistake and whatever the command.
#[test]
fn a_wrong_word_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("old.csv");
    std::fs::write(&file, "what was there").unwrap();
    let path = file.to_str().unwrap();
    for wrong in [
        &["--region", "ukk"][..],
        &["--country", "Germny"],
        &["--phase", "5"],
        &["--updated-since", "2026-13"],
        &["--source", "no/such.json"],
        &["--lexicon", "no-such.tsv"],
    ] {
        let sample: &[&str] = if wrong[0] == "--source" {
            &[]
        } else {
            &["--source", "sample"]
        };
        for command in [["search", "-o"], ["export", "--csv"]] {
            let run = run(&[&command[..], &[path], wrong, sample].concat());
            let code = if wrong[1].contains("no") && wrong[1].contains("such") {
                5
            } else {
                2
            };
            assert_refused(&run, code, &[wrong[1]], wrong[1]);
            assert_eq!(std::fs::read(&file).unwrap(), b"what was there");
            assert_eq!(files_in(folder.path()), ["old.csv"]);
        }
    }
}

#[test]
fn an_output_that_cannot_be_written_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing/found.json");
    for (path, why) in [(folder.path(), "directory"), (&missing, "No such file")] {
        let run = on_sample(&["search", "-o", path.to_str().unwrap()]);
        assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""));
        for part in [path.to_str().unwrap(), why, "hint:"] {
            assert!(run.stderr.contains(part), "{part}: {}", run.stderr);
        }
        assert_eq!(files_in(folder.path()), [""; 0]);
    }
}
