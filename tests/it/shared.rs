//! The real records of the folder `shared/registry`, where it is there: beside the project, or where
//! `TRIALBRIEF_SHARED` says. Elsewhere these tests say that they are skipped.

#![expect(
    clippy::print_stdout,
    reason = "what was measured, or why not, is read from the output"
)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;
use trialbrief::registry::decode::FIELDS;
use trialbrief::registry::files;
use trialbrief::terminology::Terminology;

use crate::support::{on_file, run};

/// The folder, or `None` with a line that says so.
pub(crate) fn shared(test: &str) -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let folder = std::env::var_os("TRIALBRIEF_SHARED").map_or(beside, PathBuf::from);
    if folder.join("registry").is_dir() {
        return Some(folder);
    }
    println!("skipped {test}: no real records here (../shared, or set TRIALBRIEF_SHARED)");
    None
}

const CAR_T: &str = "registry/car-t-2026-08-22.ndjson";
const MS: &str = "registry/ms-2025-09-25.ndjson.gz";
const ALL: [&str; 3] = [CAR_T, MS, "registry/studies-general.ndjson.gz"];

/// Studies found in a file with these filters, whatever their status.
fn found(file: &Path, filters: &[&str]) -> Vec<Value> {
    let args = [&["search", "--status", "all", "--format", "json"], filters].concat();
    let json = on_file(file, &args).done().json();
    json["trials"].as_array().unwrap().clone()
}

fn numbers(trials: &[Value]) -> BTreeSet<String> {
    trials
        .iter()
        .map(|trial| trial["nct_id"].as_str().unwrap().to_owned())
        .collect()
}

fn trial<'a>(trials: &'a [Value], number: &str) -> &'a Value {
    trials
        .iter()
        .find(|trial| trial["nct_id"] == number)
        .unwrap_or_else(|| panic!("{number} is not found"))
}

/// Asserts what the cell therapy of a study is.
fn assert_cells(trial: &Value, class: &str, targets: &[&str], source: Option<&str>) {
    let (label, number) = (&trial["cell_therapy"], &trial["nct_id"]);
    assert_eq!(label["class"], class, "{number}");
    let own: Vec<&str> = label["targets"]
        .as_array()
        .unwrap()
        .iter()
        .map(|target| target.as_str().unwrap())
        .collect();
    assert_eq!(own, targets, "{number}");
    if let Some(source) = source {
        assert_eq!(label["source"], source, "{number}");
    }
}

#[test]
fn every_known_study_is_found_and_few_others() {
    let Some(shared) = shared("recall") else {
        return;
    };
    let sentinels = std::fs::read_to_string(shared.join("ctgov-sentinels.tsv")).unwrap();
    let sentinels: BTreeSet<String> = sentinels
        .lines()
        .skip(1)
        .map(|line| line[..11].to_owned())
        .collect();
    let car_t = shared.join(CAR_T);
    let present = numbers(&found(&car_t, &["--therapy", "any", "--condition", "any"]));
    let expected: BTreeSet<String> = sentinels.intersection(&present).cloned().collect();
    assert_eq!(expected.len(), 34);
    let found = numbers(&found(&car_t, &[]));
    // Its record there does not name MS.
    let missing: Vec<&String> = expected.difference(&found).collect();
    assert_eq!(missing, ["NCT06680037"]);
    let others: Vec<&String> = found.difference(&sentinels).collect();
    println!(
        "{} of {} known studies found, others: {others:?}",
        expected.len() - missing.len(),
        expected.len()
    );
    assert!(others.len() <= 3, "{others:?}");
}

#[test]
fn the_older_file_holds_two_more() {
    let Some(shared) = shared("the MS file") else {
        return;
    };
    let trials = found(&shared.join(MS), &[]);
    println!(
        "{} studies found in the MS file: {:?}",
        trials.len(),
        numbers(&trials)
    );
    trial(&trials, "NCT06680037");
    // It recruits, and that file gives no site a status: ask.
    assert_eq!(
        trial(&trials, "NCT07139743")["regions"]["uk"]["state"],
        "unknown"
    );
    let all = found(
        &shared.join(MS),
        &["--therapy", "any", "--condition", "any"],
    );
    for (number, what) in [
        ("NCT06677710", "natural killer cells without a receptor"),
        ("NCT02283671", "dendritic cells"),
        ("NCT00278655", "stem cell transplantation"),
        ("NCT07022197", "CAR-T, but not MS"),
    ] {
        assert!(!numbers(&trials).contains(number), "{number}: {what}");
        let there = numbers(&all).contains(number);
        println!(
            "{number} ({what}): {}",
            if there {
                "in the file, not kept"
            } else {
                "not in the file"
            }
        );
    }
}

#[test]
fn negatives_of_the_car_t_file_are_not_kept() {
    let Some(shared) = shared("negatives") else {
        return;
    };
    let kept = numbers(&found(&shared.join(CAR_T), &[]));
    for number in ["NCT06677710", "NCT02283671", "NCT00278655", "NCT07022197"] {
        assert!(!kept.contains(number), "{number}");
    }
}

#[test]
fn a_study_is_open_where_its_sites_are() {
    let Some(shared) = shared("regions") else {
        return;
    };
    let car_t = shared.join(CAR_T);
    let trials = found(&car_t, &[]);
    let regions = &trial(&trials, "NCT07224373")["regions"];
    for (region, state) in [
        ("uk", "closed"),
        ("europe", "closed"),
        ("us", "open"),
        ("australia", "open"),
    ] {
        assert_eq!(regions[region]["state"], state, "{region}");
    }
    for region in ["us", "europe", "uk", "china", "australia", "other"] {
        let here = numbers(&found(&car_t, &["--region", region]));
        for number in ["NCT07341828", "NCT07006805"] {
            assert!(here.contains(number), "{region}: {number}");
        }
    }
}

#[test]
fn known_studies_are_classified_as_they_are() {
    let Some(shared) = shared("classification") else {
        return;
    };
    let trials = found(&shared.join(CAR_T), &["--condition", "any"]);
    let one = |number| trial(&trials, number);
    assert_cells(one("NCT06384976"), "car_t", &["CD19"], Some("autologous"));
    assert_cells(one("NCT07174843"), "car_t", &["CD19", "CD22", "BCMA"], None);
    assert_cells(one("NCT06653556"), "car_t", &["CD19", "CD20", "CD22"], None);
    assert_cells(
        one("NCT06775912"),
        "car_t",
        &["CD19", "BCMA"],
        Some("allogeneic"),
    );
    assert_eq!(one("NCT06775912")["ms"]["relevance"], "basket");
    assert_cells(one("NCT07756268"), "car_t", &["BCMA"], None);
    assert_ne!(one("NCT07756268")["cell_therapy"]["source"], "in_vivo");
    assert_eq!(one("NCT07403188")["ms"]["relevance"], "follow_up");
    let cht105: Vec<&Value> = trials
        .iter()
        .filter(|trial| trial["cell_therapy"]["product"] == "CHT105")
        .collect();
    assert!(!cht105.is_empty());
    for trial in cht105 {
        assert_cells(trial, "car_t", &["CD19", "CD70"], None);
    }
}

#[test]
fn sources_that_are_only_assumed_are_few_and_say_so() {
    let Some(shared) = shared("assumed sources") else {
        return;
    };
    let trials = found(&shared.join(CAR_T), &["--condition", "any"]);
    let count = |basis: &str| {
        trials
            .iter()
            .filter(|trial| trial["cell_therapy"]["source_basis"] == basis)
            .count()
    };
    let (stated, product, assumed) = (count("stated"), count("product"), count("assumed"));
    println!(
        "{} studies: source stated {stated}, known of the product {product}, assumed {assumed}",
        trials.len()
    );
    assert!(assumed * 10 < trials.len(), "{assumed} of {}", trials.len());
}

#[test]
fn every_general_record_decodes_or_is_named() {
    let Some(shared) = shared("general records") else {
        return;
    };
    let (mut studies, mut problems) = (0, Vec::new());
    files::read(
        &shared.join("registry/studies-general.ndjson.gz"),
        &mut |decoded| {
            studies += decoded.studies.len();
            problems.extend(decoded.problems);
        },
    )
    .unwrap();
    println!("{studies} studies, {} problems", problems.len());
    assert!(
        problems
            .iter()
            .all(|problem| problem.nct.is_some() && !problem.path.is_empty()),
        "{problems:?}"
    );
    let skipped = problems.iter().filter(|problem| problem.skipped).count();
    assert_eq!((studies + skipped, skipped), (1_000, 0), "{problems:?}");
}

/// The records of a file, packed or not.
fn records_of(file: &Path) -> impl Iterator<Item = Value> + use<> {
    use std::io::{BufRead, BufReader};
    let mut reader = BufReader::new(std::fs::File::open(file).unwrap());
    let is_packed = reader.fill_buf().unwrap().starts_with(&[0x1f, 0x8b]);
    let reader: Box<dyn BufRead> = if is_packed {
        Box::new(BufReader::new(flate2::read::MultiGzDecoder::new(reader)))
    } else {
        Box::new(reader)
    };
    let lines = reader.lines();
    lines.map(|line| serde_json::from_str(&line.unwrap()).unwrap())
}

#[test]
fn quotes_are_verbatim_in_real_records_too() {
    let Some(shared) = shared("quotes") else {
        return;
    };
    let terms = Terminology::embedded().unwrap();
    let mut quotes = 0;
    for file in ALL {
        for record in records_of(&shared.join(file)) {
            let decoded = trialbrief::registry::decode::any(record.to_string().as_bytes()).unwrap();
            for study in decoded.studies {
                quotes += crate::classification::assert_quotes(
                    &record,
                    &trialbrief::classify::classify(study, &terms),
                );
            }
        }
    }
    println!("{quotes} quotes");
    assert!(quotes > 5_000, "{quotes}");
}

#[test]
fn whole_records_are_shown_with_their_criteria() {
    let Some(shared) = shared("whole records") else {
        return;
    };
    let folder = shared.join("registry/studies");
    for number in ["NCT06451159", "NCT07006805", "NCT07403188"] {
        let args = [
            "show",
            number,
            "--format",
            "json",
            "--source",
            folder.to_str().unwrap(),
        ];
        let shown = run(&args).done().json();
        let criteria = shown["trial"]["eligibility"]["criteria"]
            .as_array()
            .unwrap();
        assert!(
            criteria.iter().any(|one| one["kind"] == "inclusion"),
            "{number}"
        );
        println!("{number}: {} criteria", criteria.len());
    }
}

/// The fake registry refuses what the official document does not list, so its own list must be that one.
#[test]
fn the_fake_registry_knows_the_official_parameters() {
    let Some(shared) = shared("official parameters") else {
        return;
    };
    let document = std::fs::read_to_string(shared.join("ctgov-openapi.yaml")).unwrap();
    let studies = document.split("\n  /studies:\n").nth(1).unwrap();
    let studies = studies.split("\n  /studies/{nctId}:").next().unwrap();
    let official: Vec<&str> = studies
        .lines()
        .filter_map(|line| line.strip_prefix("      - name: \"")?.strip_suffix('"'))
        .collect();
    assert_eq!(crate::fake_registry::KNOWN_PARAMETERS, official);
}

/// Leaves out of a record what is not asked for, as the registry does: `fields` names branches of its tree.
fn projected(record: &Value, tree: &[Value], asked: bool) -> Option<Value> {
    match record {
        Value::Array(list) => {
            let kept = list.iter().filter_map(|one| projected(one, tree, asked));
            Some(kept.collect())
        }
        Value::Object(map) => {
            let kept = map.iter().filter_map(|(key, value)| {
                let node = tree.iter().find(|node| node["name"] == **key)?;
                let piece = node["piece"].as_str().unwrap();
                let asked = asked || FIELDS.contains(&piece);
                // A branch that the tree does not open is given whole.
                let kept = match node["children"].as_array() {
                    Some(below) => projected(value, below, asked),
                    None => asked.then(|| value.clone()),
                };
                Some((key.clone(), kept?))
            });
            Some(Value::Object(kept.collect()))
        }
        leaf => asked.then(|| leaf.clone()),
    }
}

#[test]
fn what_is_asked_for_is_all_that_the_model_reads() {
    let Some(shared) = shared("fields") else {
        return;
    };
    let tree = std::fs::read(shared.join("ctgov-metadata-2024-10.json")).unwrap();
    let tree: Vec<Value> = serde_json::from_slice(&tree).unwrap();
    let text = serde_json::to_string(&tree).unwrap();
    for field in FIELDS {
        assert!(text.contains(&format!("\"piece\":\"{field}\"")), "{field}");
    }
    let decoded = |record: &Value| {
        let decoded = trialbrief::registry::decode::any(record.to_string().as_bytes()).unwrap();
        format!("{decoded:?}")
    };
    let mut count = 0;
    // A file of few fields would not show which of the others is not asked for.
    let records = ALL
        .into_iter()
        .flat_map(|file| records_of(&shared.join(file)));
    for record in records {
        let number = &record["protocolSection"]["identificationModule"]["nctId"];
        let part = projected(&record, &tree, false).unwrap();
        assert_eq!(decoded(&record), decoded(&part), "{number}");
        count += 1;
    }
    println!("{count} records say the same with the fields that are asked for");
}
