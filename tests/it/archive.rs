//! The registry's whole archive as a file to sync from.

use std::io::Write;
use std::path::Path;

use serde_json::{Value, json};
use trialbrief::registry::{decode, files};
use trialbrief::store::Store;
use trialbrief::terminology::Terminology;

use crate::shared::shared;
use crate::support::{Run, files_in, program, records};
use crate::sync::numbered;

/// Packs records as the registry does: a file each, by the last digits of its number.
pub(crate) fn zip(records: &[Value]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut archive = rawzip::ZipArchiveWriter::new(&mut out);
    for record in records {
        let number = record["protocolSection"]["identificationModule"]["nctId"]
            .as_str()
            .unwrap();
        let name = format!("{}/{number}.json", &number[9..]);
        let file = archive
            .new_file(&name)
            .compression_method(rawzip::CompressionMethod::DEFLATE);
        let (mut entry, config) = file.start().unwrap();
        let encoder =
            flate2::write::DeflateEncoder::new(&mut entry, flate2::Compression::default());
        let mut writer = config.wrap(encoder);
        writer.write_all(record.to_string().as_bytes()).unwrap();
        let (encoder, descriptor) = writer.finish().unwrap();
        encoder.finish().unwrap();
        entry.finish(descriptor).unwrap();
    }
    archive.finish().unwrap();
    out
}

fn sync(data: &Path, file: &Path) -> Run {
    let mut program = program();
    program
        .args(["sync", "--file"])
        .arg(file)
        .arg("--data-dir")
        .arg(data);
    program.output().unwrap().into()
}

/// Our own records, and many that are of no interest.
fn many() -> Vec<Value> {
    let mut all: Vec<Value> = files_in(&records())
        .iter()
        .filter(|name| {
            Path::new(name)
                .extension()
                .is_some_and(|ending| ending == "json")
        })
        .map(|name| crate::support::record(name.trim_end_matches(".json")))
        .filter(|record| record["protocolSection"]["identificationModule"]["nctId"].is_string())
        .collect();
    all.extend((500..1500).map(|number| {
        let mut record = numbered(number, "2026-07-01");
        record["protocolSection"] = json!({
            "identificationModule": record["protocolSection"]["identificationModule"],
            "armsInterventionsModule": {"interventions": [{"type": "DRUG", "name": "Aspirin"}]},
            "outcomesModule": {}
        });
        record["protocolSection"]["identificationModule"]["briefTitle"] = "Aspirin".into();
        record["protocolSection"]["identificationModule"]["officialTitle"] = "Aspirin".into();
        record
    }));
    all
}

fn rows(data: &Path) -> Vec<String> {
    let rows = Store::open(data).unwrap().unwrap().rows().unwrap();
    rows.iter()
        .map(|row| format!("{} {:?} {}", row.number, row.status, row.is_ms))
        .collect()
}

#[test]
fn keeps_what_gives_engineered_cells() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ctg-studies.json.zip");
    let all = many();
    std::fs::write(&file, zip(&all)).unwrap();
    let (from_zip, from_lines) = (folder.path().join("zip"), folder.path().join("lines"));
    sync(&from_zip, &file).done();
    let lines = folder.path().join("all.ndjson");
    std::fs::write(
        &lines,
        all.iter()
            .map(Value::to_string)
            .collect::<Vec<_>>()
            .join("\n"),
    )
    .unwrap();
    sync(&from_lines, &lines).done();
    let store = Store::open(&from_lines).unwrap().unwrap();
    let cells: Vec<String> = store
        .rows()
        .unwrap()
        .iter()
        .filter(|row| row.is_cell)
        .map(|row| format!("{} {:?} {}", row.number, row.status, row.is_ms))
        .collect();
    assert!(cells.len() > 20);
    assert_eq!(rows(&from_zip), cells);
    // A study that is held is followed, whatever it turned into.
    let mut later = all;
    let held = later
        .iter_mut()
        .find(|one| one["protocolSection"]["identificationModule"]["nctId"] == cells[0][..11])
        .unwrap();
    held["protocolSection"] = json!({
        "identificationModule": {"nctId": cells[0][..11], "briefTitle": "Aspirin"},
        "statusModule": {"overallStatus": "WITHDRAWN", "lastUpdatePostDateStruct": {"date": "2027-01-01"}}
    });
    std::fs::write(&file, zip(&later)).unwrap();
    let run = sync(&from_zip, &file).done();
    assert!(
        run.stderr.contains("0 added, 1 changed, 0 removed"),
        "{}",
        run.stderr
    );
}

#[test]
fn an_archive_that_is_not_whole_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let whole = zip(&many());
    let file = folder.path().join("a.zip");
    std::fs::write(&file, &whole).unwrap();
    sync(&data, &file).done();
    let before = rows(&data);
    let mut flipped = whole.clone();
    let middle = whole.len() / 3;
    flipped[middle] ^= 0x10;
    let empty = zip(&[]);
    for damaged in [
        &whole[..whole.len() / 2],
        &whole[..whole.len() - 30],
        &flipped,
        &empty,
        b"PK\x03\x04",
    ] {
        std::fs::write(&file, damaged).unwrap();
        let run = sync(&data, &file);
        assert_eq!(run.code, Some(5), "{}", run.stderr);
        assert!(
            run.stderr.contains("a.zip") && run.stderr.contains("download it again"),
            "{}",
            run.stderr
        );
        assert_eq!(rows(&data), before);
    }
}

/// A record in the registry's order, with these texts in its summary, criteria and results.
fn with_texts(summary: &str, criteria: &str, results: &str) -> String {
    format!(
        r#"{{"protocolSection":{{"identificationModule":{{"nctId":"NCT00000001","briefTitle":"Aspirin"}},"descriptionModule":{{"briefSummary":"{summary}"}},"conditionsModule":{{"conditions":["Pain"]}},"armsInterventionsModule":{{"interventions":[{{"type":"DRUG","name":"Aspirin"}}]}},"outcomesModule":{{}},"eligibilityModule":{{"eligibilityCriteria":"{criteria}"}}}},"resultsSection":{{"moreInfoModule":{{"limitationsAndCaveats":{{"description":"{results}"}}}}}},"hasResults":true}}"#
    )
}

#[test]
fn only_what_classifies_a_study_brings_it_through_the_sieve() {
    let sieve = Terminology::embedded().unwrap().sieve().unwrap();
    let passes = |text: &str| sieve.lets_through(text.as_bytes());
    let words = "CAR-T cells, and leukapheresis";
    assert!(passes(&with_texts(words, "", "")));
    assert!(!passes(&with_texts("", words, "")));
    assert!(!passes(&with_texts("", "", words)));
    // A text that reads like the name of a module ends nothing.
    let named = with_texts("-", words, "").replace("Aspirin", "outcomesModule");
    assert!(!passes(&named));
    let named = with_texts(words, "", "").replace("Aspirin", "outcomesModule");
    assert!(passes(&named));
    // In another order than the registry's, all of it counts.
    let (outcomes, description) = (r#""outcomesModule""#, r#""descriptionModule""#);
    let turned = with_texts(words, "", "")
        .replace(outcomes, "@")
        .replace(description, outcomes)
        .replace('@', description);
    assert!(passes(&turned));
}

#[test]
fn a_part_of_a_name_that_is_a_common_word_is_no_name() {
    let sieve = Terminology::embedded().unwrap().sieve().unwrap();
    let passes = |text: &str| sieve.lets_through(with_texts(text, "", "").as_bytes());
    for common in ["random allocation", "taken daily", "phase III", "old BMS-1"] {
        assert!(!passes(common), "{common}");
    }
    // Names stand with any sign, or none, between their parts.
    let terms = Terminology::embedded().unwrap();
    for name in terms
        .products()
        .iter()
        .flat_map(trialbrief::terminology::Product::names)
    {
        for sign in ["-", "", " ", "\u{2011}", r"\n", r"\u00a0", "&nbsp;", r"\\-"] {
            let spelled = name.replace(['-', ' '], sign);
            let record = with_texts(&format!("With {spelled}, once"), "", "");
            let study = decode::any(record.as_bytes()).unwrap().studies.remove(0);
            let summary = study.summary.unwrap();
            let is_named = terms.find_products(&summary).next().is_some();
            assert!(!is_named || passes(&spelled), "{spelled}");
        }
    }
}

#[test]
fn the_sieve_holds_back_no_study_of_engineered_cells() {
    let terms = Terminology::embedded().unwrap();
    let sieve = terms.sieve().unwrap();
    let (mut cells, mut through, mut all) = (0, 0, 0);
    let mut look = |bytes: &[u8]| {
        for record in decode::records(bytes).unwrap() {
            let Some(study) = decode::any(record)
                .unwrap_or_default()
                .studies
                .into_iter()
                .next()
            else {
                continue;
            };
            let number = study.nct_number;
            let is_cell = trialbrief::classify::classify(study, &terms)
                .cell_therapy
                .class
                .is_some();
            let passes = sieve.lets_through(record);
            assert!(passes || !is_cell, "{number}");
            cells += usize::from(is_cell);
            through += usize::from(passes);
            all += 1;
        }
    };
    for record in many() {
        look(record.to_string().as_bytes());
    }
    if let Some(folder) = shared("the_sieve_holds_back_no_study_of_engineered_cells") {
        for name in [
            "car-t-2026-08-22.ndjson",
            "ms-2025-09-25.ndjson.gz",
            "studies-general.ndjson.gz",
            "studies",
        ] {
            files::read_raw(&folder.join("registry").join(name), &mut |bytes, _| {
                look(bytes);
            })
            .unwrap();
        }
    }
    assert!(
        cells > 20 && through < all / 2,
        "{cells} of {all}, {through} through"
    );
}
