//! The registry's whole archive: megabytes of JSON a second, and the most memory that it takes.
//!
//! `cargo bench --bench archive -- GIGABYTES [FOLDER]` makes an archive of made-up records of the
//! registry's usual size, mostly of no interest, and reads it as `sync --file` does.

#![expect(clippy::print_stdout, reason = "the result is read from the output")]
#![expect(
    clippy::unwrap_used,
    reason = "a benchmark that cannot go on must stop"
)]

use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use flate2::Compression;
use flate2::write::DeflateEncoder;

/// Bytes of an average record of the registry.
const AVERAGE: usize = 17_300;

/// Words that make up the texts: as many as keep the packing like that of real records.
const WORDS: &[&str] = &[
    "patients",
    "with",
    "the",
    "of",
    "and",
    "study",
    "treatment",
    "weeks",
    "after",
    "dose",
    "baseline",
    "randomized",
    "placebo",
    "safety",
    "efficacy",
    "diabetes",
    "carcinoma",
    "care",
    "cells",
    "clinical",
    "outcome",
    "measured",
    "by",
    "scale",
    "months",
    "follow-up",
    "adverse",
    "events",
    "participants",
    "hypertension",
    "surgery",
    "exercise",
    "quality",
    "life",
    "insulin",
    "vaccine",
    "children",
    "age",
];

/// Numbers that come out the same each time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % most as u64).unwrap()
    }
}

/// A record; one in two hundred gives engineered cells.
fn record(number: usize, chance: &mut Chance) -> String {
    let name = if number.is_multiple_of(200) {
        "CD19 CAR-T cells"
    } else {
        "Placebo"
    };
    let mut text = String::with_capacity(AVERAGE);
    while text.len() < AVERAGE - 700 {
        let word = WORDS[chance.below(WORDS.len())];
        write!(text, "{word} {} ", chance.below(1000)).unwrap();
    }
    format!(
        r#"{{"protocolSection":{{"identificationModule":{{"nctId":"NCT{number:08}","briefTitle":"Study {number}"}},"statusModule":{{"overallStatus":"RECRUITING","lastUpdatePostDateStruct":{{"date":"2026-08-01"}}}},"descriptionModule":{{"briefSummary":"{text}"}},"conditionsModule":{{"conditions":["Diabetes"]}},"armsInterventionsModule":{{"interventions":[{{"type":"DRUG","name":"{name}"}}]}},"outcomesModule":{{}}}},"derivedSection":{{"miscInfoModule":{{"versionHolder":"2026-08-13"}}}},"hasResults":false}}"#
    )
}

fn make(path: &Path, bytes: usize) -> usize {
    let mut out = BufWriter::new(File::create(path).unwrap());
    let mut archive = rawzip::ZipArchiveWriter::new(&mut out);
    let (mut written, mut number, mut chance) = (0, 0, Chance(7));
    while written < bytes {
        number += 1;
        let record = record(number, &mut chance);
        let name = format!("{:02}/NCT{number:08}.json", number % 100);
        let file = archive
            .new_file(&name)
            .compression_method(rawzip::CompressionMethod::DEFLATE);
        let (mut entry, config) = file.start().unwrap();
        let mut writer = config.wrap(DeflateEncoder::new(&mut entry, Compression::fast()));
        writer.write_all(record.as_bytes()).unwrap();
        let (encoder, descriptor) = writer.finish().unwrap();
        encoder.finish().unwrap();
        entry.finish(descriptor).unwrap();
        written += record.len();
    }
    archive.finish().unwrap();
    out.flush().unwrap();
    written
}

fn main() {
    let args: Vec<String> = std::env::args()
        .skip(1)
        .filter(|arg| arg != "--bench")
        .collect();
    let Some(gigabytes) = args.first().and_then(|arg| arg.parse::<f64>().ok()) else {
        println!("say how many gigabytes: cargo bench --bench archive -- 2");
        return;
    };
    let folder = args.get(1).map_or_else(std::env::temp_dir, Into::into);
    let folder = tempfile::tempdir_in(folder).unwrap();
    let zip = folder.path().join("ctg-studies.json.zip");
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a number of bytes"
    )]
    let bytes = make(&zip, (gigabytes * 1e9) as usize);
    println!(
        "{bytes} bytes of JSON, {} packed",
        zip.metadata().unwrap().len()
    );
    let begun = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_trialbrief"));
    child
        .args(["sync", "--file"])
        .arg(&zip)
        .arg("--data-dir")
        .arg(folder.path().join("data"));
    let mut child = child.spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut most = 0;
    while child.try_wait().unwrap().is_none() {
        let peak = std::fs::read_to_string(&status).unwrap_or_default();
        let peak = peak.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let peak = peak.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
        most = most.max(peak.unwrap_or_default());
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    #[expect(clippy::cast_precision_loss, reason = "a rate")]
    let rate = bytes as f64 / 1e6 / begun.elapsed().as_secs_f64();
    println!("{rate:.0} MB/s, {} MB at most", most / 1024);
}
