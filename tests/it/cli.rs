//! What users see, as they see it.

use std::collections::BTreeSet;
use std::process::Stdio;

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::support::{Run, assert_fits, on_file, on_sample, program, records, run};

/// Runs on the sample in a terminal of so many columns.
fn in_columns(width: &str, args: &[&str]) -> Run {
    let mut program = program();
    program.env("COLUMNS", width).args(args);
    Run::from(program.args(["--source", "sample"]).output().unwrap()).done()
}

#[test]
fn search_fits_80_columns() {
    let seen = in_columns("80", &["search"]).stdout;
    assert_fits(&seen, 80);
    assert_snapshot!("search_80", seen);
}

#[test]
fn search_uses_120_columns() {
    let seen = in_columns("120", &["search", "--status", "all"]).stdout;
    assert_fits(&seen, 120);
    assert_snapshot!("search_120", seen);
}

#[test]
fn search_by_region() {
    for region in ["uk", "europe", "us"] {
        let seen = in_columns("80", &["search", "--region", region]).stdout;
        assert_fits(&seen, 80);
        assert_snapshot!(format!("search_{region}"), seen);
    }
}

#[test]
fn search_open_here() {
    let seen = in_columns("80", &["search", "--region", "uk,australia", "--open-here"]).stdout;
    assert_snapshot!("search_open_here", seen);
}

#[test]
fn search_near_sydney() {
    let near = [
        "search",
        "--near",
        "-33.87,151.21",
        "--within",
        "50",
        "--sort",
        "distance",
    ];
    assert_snapshot!("search_near", in_columns("80", &near).stdout);
    let found = on_sample(&[&near[..], &["--format", "json"]].concat())
        .done()
        .json();
    let nearest: Vec<f64> = trials(&found).iter().filter_map(nearest_km).collect();
    assert!(!nearest.is_empty() && nearest.is_sorted());
    assert!(nearest.iter().all(|km| *km <= 50.0), "{nearest:?}");
}

fn nearest_km(trial: &Value) -> Option<f64> {
    let sites = trial["sites"].as_array()?;
    sites
        .iter()
        .filter_map(|site| site["distance_km"].as_f64())
        .min_by(f64::total_cmp)
}

#[test]
fn search_as_markdown() {
    assert_snapshot!(
        "search_markdown",
        in_columns("80", &["search", "--format", "markdown"]).stdout
    );
}

#[test]
fn search_as_csv() {
    let run = in_columns("80", &["search", "--format", "csv"]);
    assert_snapshot!("search_csv", run.stdout);
    assert_snapshot!("search_csv_stderr", run.stderr);
}

#[test]
fn search_as_json() {
    let run = in_columns("80", &["search", "--format", "json", "--limit", "1"]);
    assert_snapshot!("search_json", run.stdout);
}

#[test]
fn show_with_criteria() {
    let seen = in_columns("80", &["show", "NCT06617793"]).stdout;
    assert_fits(&seen, 80);
    assert_snapshot!("show_with_criteria", seen);
}

#[test]
fn show_without_criteria() {
    let seen = in_columns("80", &["show", "nct07477639"]).stdout;
    assert_fits(&seen, 80);
    assert_snapshot!("show_without_criteria", seen);
}

#[test]
fn show_as_markdown() {
    let seen = in_columns("80", &["show", "NCT07224373", "--format", "markdown"]).stdout;
    // The way back to the registry can be followed.
    assert!(seen.contains("**Registry page**: https://clinicaltrials.gov/study/NCT07224373\n"));
    assert_snapshot!("show_markdown", seen);
}

#[test]
fn show_keeps_the_asked_order() {
    let shown = on_sample(&["show", "NCT07587125", "NCT04561557", "--format", "csv"]).done();
    // CSV is sorted by number, whatever the order.
    assert_eq!(
        numbers_in_csv(&shown.stdout),
        ["NCT04561557", "NCT07587125"]
    );
    let shown = on_sample(&["show", "NCT07587125", "NCT04561557"])
        .done()
        .stdout;
    let at = |number: &str| shown.find(&format!("{number} ·")).unwrap();
    assert!(at("NCT07587125") < at("NCT04561557"));
}

#[test]
fn zero_results_name_the_filter_and_a_way_out() {
    let seen = in_columns(
        "80",
        &["search", "--region", "us", "--phase", "4", "--age", "70"],
    )
    .stdout;
    assert_fits(&seen, 80);
    assert_snapshot!("search_nothing", seen);
    // The command that is offered finds more.
    let offered = seen.replace('\n', " ");
    let offered = offered.split("To find more: trialbrief ").nth(1).unwrap();
    let args: Vec<&str> = offered.split("  ").next().unwrap().split(' ').collect();
    let more = run(&[&args[..], &["--format", "json"]].concat())
        .done()
        .json();
    assert!(!trials(&more).is_empty(), "{args:?}");
}

#[test]
fn zero_results_are_told_on_stderr_for_machines() {
    for format in ["json", "csv"] {
        let run = on_sample(&["search", "--phase", "4", "--format", format]).done();
        assert!(
            run.stderr.contains("--phase left none of the 30"),
            "{}",
            run.stderr
        );
    }
}

#[test]
fn help() {
    for (name, args) in [
        ("help", &["--help"][..]),
        ("help_search", &["search", "--help"]),
        ("help_show", &["show", "--help"]),
        ("help_export", &["export", "--help"]),
        ("help_brief", &["brief", "--help"]),
        ("help_screen", &["screen", "--help"]),
        ("help_profile", &["profile", "--help"]),
        ("help_profile_new", &["profile", "new", "--help"]),
        ("help_profile_check", &["profile", "check", "--help"]),
        ("help_sync", &["sync", "--help"]),
        ("help_changes", &["changes", "--help"]),
        ("help_store", &["store", "--help"]),
    ] {
        // Help shows what the environment sets.
        let mut program = program();
        for variable in ["TRIALBRIEF_TODAY", "TRIALBRIEF_DATA_DIR"] {
            program.env_remove(variable);
        }
        let program = program.args(args);
        let seen = Run::from(program.output().unwrap()).done().stdout;
        assert_fits(&seen, 80);
        assert_snapshot!(name, seen);
    }
}

/// A wide script takes two columns a character, and has no spaces to break at.
#[test]
fn wide_characters_fit_too() {
    let chinese = records().join("chinese.json");
    for args in [&["search"][..], &["show", "NCT99000055"]] {
        let seen = on_file(&chinese, args).done().stdout;
        assert!(seen.contains("China"));
        assert_fits(&seen, 80);
    }
}

#[test]
fn every_study_of_the_sample_fits_80_columns() {
    let all = on_sample(&["search", "--status", "all", "--format", "csv"]).done();
    let numbers = numbers_in_csv(&all.stdout);
    assert_eq!(numbers.len(), 38);
    let shown = on_sample(&[&["show"], &numbers[..]].concat()).done();
    assert_fits(&shown.stdout, 80);
}

#[test]
fn the_banner_is_where_each_reader_looks() {
    let banner = "SAMPLE, NOT LIVE";
    for command in [&["search"][..], &["show", "NCT07224373"]] {
        for format in ["table", "markdown", "json", "csv"] {
            let run = on_sample(&[command, &["--format", format]].concat()).done();
            assert!(run.stderr.contains(banner), "{command:?} {format}");
            assert_eq!(
                run.stdout.contains(banner),
                format != "csv",
                "{command:?} {format}"
            );
        }
    }
    let json = on_sample(&["search", "--format", "json"]).json();
    assert!(
        json["source"]["warnings"][0]
            .as_str()
            .unwrap()
            .starts_with(banner)
    );
    assert_eq!(json["source"]["kind"], "sample");
    // Who asks for quiet must still be told that the data are not live.
    assert!(
        on_sample(&["search", "--quiet"])
            .done()
            .stderr
            .contains(banner)
    );
}

#[test]
fn every_output_says_where_the_data_come_from() {
    for command in [&["search"][..], &["show", "NCT07224373"]] {
        for format in ["table", "markdown", "json"] {
            let run = on_sample(&[command, &["--format", format]].concat()).done();
            let words = run.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
            for part in [
                "ClinicalTrials.gov",
                "on 2026-08-22",
                "Modifications: filtered",
            ] {
                assert!(words.contains(part), "{command:?} {format}: {part}");
            }
        }
    }
}

#[test]
fn json_holds_every_key_of_the_contract() {
    let found = on_sample(&["search", "--status", "all", "--format", "json"])
        .done()
        .json();
    assert_eq!(found["schema"], "trialbrief.search/1");
    for key in ["generated_at", "source", "filters", "funnel", "trials"] {
        assert!(found.get(key).is_some(), "{key}");
    }
    for key in [
        "kind",
        "api",
        "registry_timestamp",
        "retrieved_at",
        "requests",
        "complete",
        "attribution",
    ] {
        assert!(found["source"].get(key).is_some(), "source.{key}");
    }
    assert_eq!(trials(&found).len(), 38);
    for trial in trials(&found) {
        assert_study_keys(trial);
    }
    let shown = on_sample(&["show", "NCT07477639", "--format", "json"])
        .done()
        .json();
    assert_eq!(shown["schema"], "trialbrief.show/1");
    assert_study_keys(&shown["trial"]);
    // The sample knows next to nothing of this study: null, not left out.
    for key in [
        "status",
        "official_title",
        "study_type",
        "sex",
        "enrollment",
        "why_stopped",
    ] {
        assert_eq!(shown["trial"][key], Value::Null, "{key}");
    }
}

/// Asserts that a study has the keys of the contract, and nothing missing inside.
fn assert_study_keys(trial: &Value) {
    let number = &trial["nct_id"];
    let has = |value: &Value, keys: &str, of: &str| {
        for key in keys.split_whitespace() {
            assert!(value.get(key).is_some(), "{number}: {of}.{key}");
        }
    };
    has(
        trial,
        "nct_id url title official_title acronym summary status why_stopped last_known_status phases study_type sponsor \
         enrollment dates ms cell_therapy age sex sites regions contacts burden eligibility",
        "trial",
    );
    has(
        &trial["dates"],
        "start primary_completion completion first_posted last_update_posted",
        "dates",
    );
    has(&trial["ms"], "relevance courses evidence", "ms");
    has(
        &trial["cell_therapy"],
        "class product targets source source_basis target_basis evidence",
        "cell_therapy",
    );
    has(&trial["age"], "min_years max_years", "age");
    has(
        &trial["eligibility"],
        "text criteria parsed_share",
        "eligibility",
    );
    for site in trial["sites"].as_array().unwrap() {
        has(
            site,
            "facility city state country region status lat lon distance_km contacts",
            "sites",
        );
    }
    for region in trial["regions"].as_object().unwrap().values() {
        has(region, "state open opening closed total", "regions");
    }
    for one in trial["eligibility"]["criteria"].as_array().unwrap() {
        has(
            one,
            "id kind text start end parent applies_to facts",
            "criteria",
        );
        let offset = |key: &str| usize::try_from(one[key].as_u64().unwrap()).unwrap();
        let text = trial["eligibility"]["text"].as_str().unwrap();
        assert_eq!(
            text.get(offset("start")..offset("end")),
            one["text"].as_str(),
            "{number}"
        );
    }
    for evidence in [&trial["ms"]["evidence"], &trial["cell_therapy"]["evidence"]] {
        for one in evidence.as_array().unwrap() {
            has(one, "field quote", "evidence");
        }
    }
}

const HEADER: &str = "nct_id,title,acronym,status,phases,study_type,sponsor,cell_class,product,targets,cell_source,ms_relevance,ms_courses,\
conditions,min_age,max_age,sex,edss_min,edss_max,prior_treatment_required,enrollment,start_date,primary_completion_date,first_posted,\
last_update_posted,open_regions,opening_regions,countries,sites_total,sites_open,sites_us,sites_europe,sites_uk,sites_china,\
sites_australia,contact_name,contact_phone,contact_email,url";

#[test]
fn csv_has_the_columns_of_the_contract_and_sorted_rows() {
    let csv = on_sample(&[
        "search", "--status", "all", "--format", "csv", "--sort", "updated",
    ])
    .done()
    .stdout;
    assert_eq!(csv.lines().next(), Some(HEADER));
    let numbers = numbers_in_csv(&csv);
    assert_eq!(numbers.len(), 38);
    assert!(numbers.is_sorted());
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    assert!(reader.records().all(|row| row.unwrap().len() == 39));
}

#[test]
fn limit_takes_the_first_of_the_asked_order() {
    let found = on_sample(&[
        "search", "--format", "json", "--sort", "updated", "--limit", "3",
    ])
    .json();
    let dates: Vec<&str> = trials(&found)
        .iter()
        .map(|trial| trial["dates"]["last_update_posted"].as_str().unwrap())
        .collect();
    assert_eq!(dates.len(), 3);
    assert!(dates.is_sorted_by(|a, b| a >= b), "{dates:?}");
}

#[test]
fn the_same_call_gives_the_same_bytes() {
    for format in ["table", "json", "csv", "markdown"] {
        let args = ["search", "--status", "all", "--format", format];
        assert_eq!(
            on_sample(&args).done().stdout,
            on_sample(&args).done().stdout,
            "{format}"
        );
    }
}

#[test]
fn filters_keep_what_the_record_does_not_say() {
    let numbers = |args: &[&str]| {
        numbers_in_csv(
            &on_sample(&[args, &["--format", "csv"]].concat())
                .done()
                .stdout,
        )
        .into_iter()
        .map(str::to_owned)
        .collect::<Vec<_>>()
    };
    // The status of these three is not known here.
    for status in ["open", "recruiting", "completed", "WITHDRAWN,SUSPENDED"] {
        let found = numbers(&["search", "--status", status]);
        for number in ["NCT07477639", "NCT07523100", "NCT07526493"] {
            assert!(found.iter().any(|one| one == number), "{status}: {number}");
        }
    }
    // Whose target or source is not stated stays; whose target is another goes.
    let found = numbers(&[
        "search",
        "--status",
        "all",
        "--target",
        "cd20",
        "--cell-source",
        "allogeneic",
    ]);
    assert!(found.contains(&"NCT07008378".to_owned()) && found.contains(&"NCT07477639".to_owned()));
    assert!(!found.contains(&"NCT06384976".to_owned()));
    // An absent phase fits no phase.
    assert!(
        !numbers(&["search", "--status", "all", "--phase", "early1,1,2,3,4,na"])
            .contains(&"NCT07477639".to_owned())
    );
    // A study of phases 1 and 2 fits both.
    for phase in ["1", "2"] {
        assert!(
            numbers(&["search", "--phase", phase]).contains(&"NCT06617793".to_owned()),
            "{phase}"
        );
    }
    // An upper bound of 60 holds for the whole year of life.
    assert!(numbers(&["search", "--age", "60"]).contains(&"NCT06617793".to_owned()));
    assert!(!numbers(&["search", "--age", "61"]).contains(&"NCT06617793".to_owned()));
}

#[test]
fn the_funnel_never_grows_and_names_every_filter() {
    let args = [
        "search",
        "--format",
        "json",
        "--region",
        "us,europe",
        "--phase",
        "1",
        "--age",
        "40",
        "--sex",
        "female",
        "--target",
        "CD19",
    ];
    let found = on_sample(&args).json();
    let funnel = found["funnel"].as_array().unwrap();
    let steps: Vec<&str> = funnel
        .iter()
        .map(|step| step["step"].as_str().unwrap())
        .collect();
    assert_eq!(
        steps,
        [
            "retrieved",
            "therapy",
            "condition",
            "status",
            "phase",
            "region",
            "target",
            "age",
            "sex"
        ]
    );
    let left: Vec<u64> = funnel
        .iter()
        .map(|step| step["remaining"].as_u64().unwrap())
        .collect();
    assert!(left.is_sorted_by(|a, b| a >= b), "{left:?}");
    assert_eq!(left.last().copied(), Some(trials(&found).len() as u64));
}

#[test]
fn output_goes_to_a_file_whole() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("found.json");
    let run = on_sample(&["search", "--format", "json", "-o", file.to_str().unwrap()]).done();
    assert_eq!(run.stdout, "");
    let written: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    assert_eq!(written["schema"], "trialbrief.search/1");
    assert_eq!(crate::support::files_in(folder.path()), ["found.json"]);
}

/// `| head -1` closes the pipe long before the end.
#[test]
fn a_closed_pipe_is_no_error() {
    use std::io::Read;
    let mut child = program()
        .args([
            "search", "--source", "sample", "--status", "all", "--format", "json",
        ])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdout = child.stdout.take().unwrap();
    stdout.read_exact(&mut [0]).unwrap();
    drop(stdout);
    let run = Run::from(child.wait_with_output().unwrap());
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(!run.stderr.contains("error"), "{}", run.stderr);
}

/// Returns the numbers of the rows, in their order.
fn numbers_in_csv(csv: &str) -> Vec<&str> {
    csv.lines()
        .skip(1)
        .map(|line| line.split(',').next().unwrap())
        .collect()
}

fn trials(found: &Value) -> &[Value] {
    found["trials"].as_array().unwrap()
}

/// Numbers that a search over the sample finds, whatever the status unless asked.
fn found_with(args: &[&str]) -> BTreeSet<String> {
    let status: &[&str] = if args.contains(&"--status") {
        &[]
    } else {
        &["--status", "all"]
    };
    let run = on_sample(&[&["search", "--format", "csv"], args, status].concat()).done();
    let numbers = numbers_in_csv(&run.stdout).into_iter();
    numbers.map(str::to_owned).collect()
}

/// Filters, each of which leaves some of the sample and drops some.
const SELECTIVE: &[&[&str]] = &[
    &["--region", "us"],
    &["--region", "europe,uk"],
    &["--open-here"],
    &["--phase", "1"],
    &["--status", "recruiting"],
    &["--target", "CD19"],
    &["--cell-source", "allogeneic"],
    &["--ms-course", "rrms"],
    &["--age", "62"],
    &["--near", "-33.87,151.21", "--within", "900"],
    &["--updated-since", "2026-05"],
];

#[test]
fn filters_together_keep_what_each_of_them_keeps() {
    let alone: Vec<BTreeSet<String>> = SELECTIVE.iter().map(|args| found_with(args)).collect();
    for (args, found) in SELECTIVE.iter().zip(&alone) {
        assert!(
            !found.is_empty() && found.len() < 38,
            "{args:?} tells nothing"
        );
    }
    // Each with two neighbours and with one further off; every run reads the whole sample.
    for (at, first) in SELECTIVE.iter().enumerate() {
        for more in [at + 1, at + 2, at + 4].map(|more| more % SELECTIVE.len()) {
            let second = SELECTIVE[more];
            // A place narrows what "here" means, and two lists of regions are one filter.
            let joined = [first[0], second[0]];
            if joined.contains(&"--open-here") && joined.contains(&"--region")
                || joined == ["--region"; 2]
            {
                continue;
            }
            let both = found_with(&[first, second].concat());
            let expected: BTreeSet<String> =
                alone[at].intersection(&alone[more]).cloned().collect();
            assert_eq!(both, expected, "{first:?} {second:?}");
        }
    }
}

#[test]
fn open_here_means_open_at_the_asked_place() {
    let here = found_with(&["--region", "uk", "--open-here", "--phase", "1"]);
    let all = on_sample(&["search", "--status", "all", "--format", "json"]).json();
    let expected: BTreeSet<String> = trials(&all)
        .iter()
        .filter(|trial| {
            let sites = trial["sites"].as_array().unwrap().iter();
            let recruits = ["RECRUITING", "ENROLLING_BY_INVITATION"];
            let is = |value: &Value| value.as_str().is_some_and(|word| recruits.contains(&word));
            let mut in_uk = sites.filter(|site| site["region"] == "uk");
            let open = in_uk.any(|site| {
                is(&site["status"]) || site["status"].is_null() && is(&trial["status"])
            });
            open && trial["phases"]
                .as_array()
                .unwrap()
                .contains(&"PHASE1".into())
        })
        .map(|trial| trial["nct_id"].as_str().unwrap().to_owned())
        .collect();
    assert!(!expected.is_empty());
    assert_eq!(here, expected);
    // Open elsewhere, closed here: kept by either filter, dropped by both.
    let elsewhere = "NCT07224373".to_owned();
    assert!(found_with(&["--open-here"]).contains(&elsewhere));
    assert!(found_with(&["--region", "uk"]).contains(&elsewhere) && !here.contains(&elsewhere));
}

#[test]
fn more_words_of_a_filter_never_find_less() {
    for (flag, first, second) in [
        ("--status", "open", "completed"),
        ("--status", "recruiting", "all"),
        ("--status", "all", "withdrawn"),
        ("--region", "uk", "china"),
        ("--phase", "1", "na"),
        ("--target", "BCMA", "CD20"),
    ] {
        let alone = found_with(&[flag, first]);
        let both = found_with(&[flag, &format!("{first},{second}")]);
        assert!(both.is_superset(&alone), "{flag} {first},{second}");
    }
    // A word that no program knows is never called closed, whatever else is asked for.
    let file = records().join("unknown-words.json");
    for status in [
        "open",
        "recruiting",
        "open,completed",
        "recruiting,withdrawn",
        "completed",
        "OPEN",
    ] {
        let run = on_file(&file, &["search", "--format", "csv", "--status", status]).done();
        assert_eq!(numbers_in_csv(&run.stdout), ["NCT99000046"], "{status}");
    }
}

#[test]
fn a_part_of_a_date_is_its_first_day() {
    let since = |date: &str| found_with(&["--updated-since", date]);
    assert_eq!(since("2026"), since("2026-01-01"));
    assert_eq!(since("2026-05"), since("2026-05-01"));
    assert!(since("2026-05").len() > since("2026-06").len());
    // What says nothing of its update stays.
    assert!(since("2099").iter().all(|number| {
        let shown = on_sample(&["show", number, "--format", "json"]).json();
        shown["trial"]["dates"]["last_update_posted"].is_null()
    }));
}

#[test]
fn json_names_every_filter_that_was_asked() {
    let all = SELECTIVE.concat();
    let filters = on_sample(
        &[
            &["search", "--format", "json", "--country", "Germany"],
            &all[2..],
        ]
        .concat(),
    )
    .done()
    .json()["filters"]
        .clone();
    for (key, value) in [
        ("therapy", json!("car-t")),
        ("condition", json!("ms")),
        ("status", json!("recruiting")),
        ("phases", json!(["PHASE1"])),
        ("places", json!(["europe", "uk", "Germany"])),
        ("open_here", json!(true)),
        ("targets", json!(["CD19"])),
        ("cell_sources", json!(["allogeneic"])),
        ("ms_courses", json!(["rrms"])),
        ("age", json!(62)),
        ("near", json!("-33.87,151.21")),
        ("within_km", json!(900.0)),
        ("updated_since", json!("2026-05")),
    ] {
        assert_eq!(filters[key], value, "{key}");
    }
}

#[test]
fn the_command_that_is_offered_finds_more() {
    for args in [
        &["--phase", "4", "--updated-since", "2099"][..],
        &["--phase", "4", "--age", "5", "--region", "china"],
        &["--target", "CD7", "--phase", "3", "--age", "119"],
        &["--condition", "gout", "--phase", "4"],
        &[
            "--therapy",
            "aspirin",
            "--condition",
            "gout",
            "--status",
            "suspended",
        ],
        &["--country", "Iran", "--open-here", "--phase", "2"],
        &["--region", "uk", "--open-here", "--phase", "3"],
        &[
            "--near", "0,-140", "--within", "1", "--phase", "4", "--sex", "male",
        ],
    ] {
        let run = on_sample(&[&["search", "--format", "csv"], args].concat()).done();
        if numbers_in_csv(&run.stdout).is_empty() {
            let offered = run
                .stderr
                .split("To find more: trialbrief ")
                .nth(1)
                .unwrap();
            let words: Vec<&str> = offered.lines().next().unwrap().split(' ').collect();
            let more = crate::support::run(&[&words[..], &["--format", "csv"]].concat()).done();
            assert!(
                !numbers_in_csv(&more.stdout).is_empty(),
                "{args:?}: {words:?}"
            );
        } else {
            panic!("{args:?} finds something and tells nothing");
        }
    }
}
