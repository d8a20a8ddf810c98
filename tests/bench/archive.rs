//! The registry's whole archive: megabytes of JSON a second, and the most memory that it takes.
//!
//! `cargo bench --bench archive -- GIGABYTES [FOLDER]` makes an archive of made-up records of the
//! registry's usual size and make, mostly of no interest, and reads it as `sync --file` does.

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

/// Most different words of a text. Few of them make up most of it, as in any language.
const WORDS: usize = 1 << 10;

/// Parts that words are made of.
const SYLLABLES: [&str; 32] = [
    "ba", "con", "der", "en", "fi", "gra", "he", "in", "ja", "kor", "lu", "mi", "na", "o", "per",
    "qui", "ra", "si", "ta", "un", "ver", "wil", "xa", "ye", "zo", "tion", "ment", "ing", "al",
    "ost", "ri", "le",
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

/// Makes records of the registry's shape: the modules in its order, each of its usual length, written
/// without white space, every eighth with results.
struct Records {
    chance: Chance,
    words: Vec<String>,
}

impl Records {
    fn new() -> Self {
        let mut chance = Chance(7);
        let words = (0..WORDS).map(|_| {
            let parts = 1 + chance.below(2) + chance.below(2);
            (0..parts)
                .map(|_| SYLLABLES[chance.below(SYLLABLES.len())])
                .collect()
        });
        Self {
            words: words.collect(),
            chance,
        }
    }

    fn number(&mut self, most: usize) -> usize {
        self.chance.below(most)
    }

    /// About so many words, none with anything that JSON would escape.
    fn text(&mut self, words: usize) -> String {
        let words = 1 + words / 2 + self.number(words.max(1));
        let mut text = String::new();
        for at in 0..words {
            let bits = self.number(11);
            let rank = self.number(1 << bits);
            let end = if at % 14 == 13 { ". " } else { " " };
            write!(text, "{}{end}", self.words[rank % WORDS]).unwrap();
        }
        text.truncate(text.trim_end().len());
        text
    }

    fn date(&mut self) -> String {
        let (year, month, day) = (
            2004 + self.number(22),
            1 + self.number(12),
            1 + self.number(28),
        );
        format!("{year}-{month:02}-{day:02}")
    }

    fn list(&mut self, about: usize, mut one: impl FnMut(&mut Self, usize) -> String) -> String {
        let count = 1 + about / 2 + self.number(about.max(1));
        let all: Vec<String> = (0..count).map(|at| one(self, at)).collect();
        all.join(",")
    }

    /// A record; one in two hundred gives engineered cells, and one in twenty only excludes people
    /// who were given some.
    fn record(&mut self, number: usize) -> String {
        let mut record = String::with_capacity(40_000);
        record.push_str(r#"{"protocolSection":{"#);
        self.heads(number, &mut record);
        self.arms(number, &mut record);
        self.outcomes(&mut record);
        self.people(number, &mut record);
        self.sites(&mut record);
        record.push('}');
        if number.is_multiple_of(8) {
            self.results(&mut record);
        }
        self.derived(&mut record);
        let has_results = number.is_multiple_of(8);
        write!(record, r#","hasResults":{has_results}}}"#).unwrap();
        record
    }

    fn heads(&mut self, number: usize, out: &mut String) {
        let (title, official, sponsor) = (self.text(10), self.text(16), self.text(4));
        let (a, b, c) = (self.date(), self.date(), self.date());
        write!(out, r#""identificationModule":{{"nctId":"NCT{number:08}","orgStudyIdInfo":{{"id":"{number:x}"}},"organization":{{"fullName":"{sponsor}","class":"OTHER"}},"briefTitle":"{title}","officialTitle":"{official}"}},"#).unwrap();
        write!(out, r#""statusModule":{{"statusVerifiedDate":"2024-05","overallStatus":"COMPLETED","expandedAccessInfo":{{"hasExpandedAccess":false}},"startDateStruct":{{"date":"{a}","type":"ACTUAL"}},"primaryCompletionDateStruct":{{"date":"{b}","type":"ACTUAL"}},"studyFirstSubmitDate":"{a}","studyFirstPostDateStruct":{{"date":"{a}","type":"ACTUAL"}},"lastUpdateSubmitDate":"{c}","lastUpdatePostDateStruct":{{"date":"2026-08-01","type":"ACTUAL"}}}},"#).unwrap();
        write!(out, r#""sponsorCollaboratorsModule":{{"responsibleParty":{{"type":"SPONSOR"}},"leadSponsor":{{"name":"{sponsor}","class":"OTHER"}}}},"oversightModule":{{"oversightHasDmc":true,"isFdaRegulatedDrug":false,"isFdaRegulatedDevice":false}},"#).unwrap();
        let (summary, description) = (self.text(110), self.text(190));
        let (conditions, keywords) = (self.words(2), self.words(4));
        write!(out, r#""descriptionModule":{{"briefSummary":"{summary}","detailedDescription":"{description}"}},"conditionsModule":{{"conditions":[{conditions}],"keywords":[{keywords}]}},"#).unwrap();
        let count = self.number(900);
        write!(out, r#""designModule":{{"studyType":"INTERVENTIONAL","phases":["PHASE2"],"designInfo":{{"allocation":"RANDOMIZED","interventionModel":"PARALLEL","primaryPurpose":"TREATMENT","maskingInfo":{{"masking":"DOUBLE","whoMasked":["PARTICIPANT","INVESTIGATOR"]}}}},"enrollmentInfo":{{"count":{count},"type":"ACTUAL"}}}},"#).unwrap();
    }

    fn words(&mut self, about: usize) -> String {
        self.list(about, |records, _| format!("\"{}\"", records.text(2)))
    }

    fn arms(&mut self, number: usize, out: &mut String) {
        let name = if number.is_multiple_of(200) {
            "CD19 CAR-T cells".to_owned()
        } else if number.is_multiple_of(50) {
            "stem cells".to_owned()
        } else {
            self.text(2)
        };
        let arms = self.list(2, |records, _| {
            let (label, words) = (records.text(3), records.text(30));
            format!(r#"{{"label":"{label}","type":"EXPERIMENTAL","description":"{words}","interventionNames":["Drug: {name}"]}}"#)
        });
        let words = self.text(35);
        write!(out, r#""armsInterventionsModule":{{"armGroups":[{arms}],"interventions":[{{"type":"DRUG","name":"{name}","description":"{words}","armGroupLabels":["{name}"]}}]}},"#).unwrap();
    }

    fn outcomes(&mut self, out: &mut String) {
        let mut some = |about| {
            self.list(about, |records, _| {
                let (measure, words) = (records.text(9), records.text(28));
                let weeks = records.number(60);
                format!(r#"{{"measure":"{measure}","description":"{words}","timeFrame":"{weeks} weeks after baseline"}}"#)
            })
        };
        let (primary, secondary) = (some(1), some(8));
        write!(out, r#""outcomesModule":{{"primaryOutcomes":[{primary}],"secondaryOutcomes":[{secondary}]}},"#).unwrap();
    }

    fn people(&mut self, number: usize, out: &mut String) {
        let mut rules = |head: &str| {
            let all = self.list(7, |records, _| format!("* {}", records.text(15)));
            format!(r"{head} Criteria:\n\n{}", all.replace(",*", r"\n*"))
        };
        let (inclusion, exclusion) = (rules("Inclusion"), rules("Exclusion"));
        let last = if number.is_multiple_of(20) {
            r"\n* Earlier CAR-T cells or plasmapheresis"
        } else {
            ""
        };
        write!(out, r#""eligibilityModule":{{"eligibilityCriteria":"{inclusion}\n\n{exclusion}{last}","healthyVolunteers":false,"sex":"ALL","minimumAge":"18 Years","maximumAge":"75 Years","stdAges":["ADULT","OLDER_ADULT"]}},"#).unwrap();
    }

    fn sites(&mut self, out: &mut String) {
        let all = self.list(10, |records, _| {
            let (facility, city) = (records.text(3), records.text(1));
            let (zip, lat, lon) = (records.number(99_999), records.number(90_000), records.number(180_000));
            format!(r#"{{"facility":"{facility}","city":"{city}","zip":"{zip:05}","country":"United States","geoPoint":{{"lat":{lat}e-3,"lon":-{lon}e-3}}}}"#)
        });
        let cited = self.list(3, |records, _| {
            let (number, words) = (records.number(39_000_000), records.text(26));
            format!(r#"{{"pmid":"{number}","type":"BACKGROUND","citation":"{words}"}}"#)
        });
        write!(out, r#""contactsLocationsModule":{{"locations":[{all}]}},"referencesModule":{{"references":[{cited}]}}"#).unwrap();
    }

    fn results(&mut self, out: &mut String) {
        let measures = self.list(14, |records, _| {
            let (title, words, unit) = (records.text(9), records.text(40), records.text(2));
            let groups = records.list(2, |records, at| {
                let (title, words) = (records.text(3), records.text(20));
                format!(r#"{{"id":"OG{at:03}","title":"{title}","description":"{words}"}}"#)
            });
            let classes = records.list(4, |records, _| {
                let title = records.text(2);
                let values = records.list(2, |records, at| {
                    let (value, spread) = (records.number(9_999), records.number(999));
                    format!(r#"{{"groupId":"OG{at:03}","value":"{value}","spread":"{spread}.{at}"}}"#)
                });
                format!(r#"{{"title":"{title}","categories":[{{"measurements":[{values}]}}]}}"#)
            });
            format!(r#"{{"type":"SECONDARY","title":"{title}","description":"{words}","reportingStatus":"POSTED","paramType":"MEAN","dispersionType":"Standard Deviation","unitOfMeasure":"{unit}","groups":[{groups}],"classes":[{classes}]}}"#)
        });
        let events = self.list(90, |records, _| {
            let (term, organ) = (records.text(2), records.text(2));
            let stats = records.list(2, |records, at| {
                let (events, people) = (records.number(40), records.number(30));
                format!(r#"{{"groupId":"EG{at:03}","numEvents":{events},"numAffected":{people},"numAtRisk":214}}"#)
            });
            format!(r#"{{"term":"{term}","organSystem":"{organ}","sourceVocabulary":"MedDRA 19.0","assessmentType":"SYSTEMATIC_ASSESSMENT","stats":[{stats}]}}"#)
        });
        write!(out, r#","resultsSection":{{"outcomeMeasuresModule":{{"outcomeMeasures":[{measures}]}},"adverseEventsModule":{{"frequencyThreshold":"5","otherEvents":[{events}]}}}}"#).unwrap();
    }

    fn derived(&mut self, out: &mut String) {
        let meshes = self.list(5, |records, _| {
            let (id, term) = (records.number(20_000), records.text(2));
            format!(r#"{{"id":"D{id:06}","term":"{term}"}}"#)
        });
        write!(out, r#","derivedSection":{{"miscInfoModule":{{"versionHolder":"2026-08-13"}},"conditionBrowseModule":{{"meshes":[{meshes}]}}}}"#).unwrap();
    }
}

fn make(path: &Path, bytes: usize) -> usize {
    let mut out = BufWriter::new(File::create(path).unwrap());
    let mut archive = rawzip::ZipArchiveWriter::new(&mut out);
    let (mut written, mut number, mut records) = (0, 0, Records::new());
    while written < bytes {
        number += 1;
        let record = records.record(number);
        let name = format!("{:02}/NCT{number:08}.json", number % 100);
        let file = archive
            .new_file(&name)
            .compression_method(rawzip::CompressionMethod::DEFLATE);
        let (mut entry, config) = file.start().unwrap();
        let mut writer = config.wrap(DeflateEncoder::new(&mut entry, Compression::default()));
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
