//! The printed handout, through the binary: what stands on it, for whom, and what never does.

use std::path::{Path, PathBuf};

use insta::assert_snapshot;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::grade;
use crate::html::Html;
use crate::support::{Run, TODAY, files_in, program, record};

/// Somebody with relapsing MS in Leeds who was given drugs, with one slip in a drug's name.
const PATIENT: &str = r#"
schema = "trialbrief.patient/1"
id = "SECRET-77"
age = 41
sex = "female"
country = "UK"
near = "53.80,-1.55"
ms_course = "rrms"
diagnosed = "2014-05"
edss = 4.5
relapses_12_months = 1
last_relapse = "2026-03"
treatments_complete = true
prior_hsct = false
pregnant = false
infections.hiv = "negative"
labs.igg = "451 mg/dL"

[[treatments]]
drug = "Ocrevus"
started = "2022-01-10"
stopped = "ongoing"
last_dose = "2026-05-31"

[[treatments]]
drug = "natalizumap"
started = "2018"
stopped = "2021-11-20"
reason = "failure"
"#;

fn criteria(edss: &str) -> String {
    format!(
        "Inclusion Criteria:\n\n* Age 18 to 60 years\n* Relapsing MS (RMS)\n* EDSS {edss}\n\nExclusion Criteria:\n\n* HIV infection\n* \
         Hepatitis B infection\n* Ocrelizumab within 6 months before screening\n* A wish that no rule can read\n"
    )
}

/// A study of our own.
fn study(number: u32, changes: &Value) -> Value {
    let mut record = json!({"protocolSection": {
        "identificationModule": {"nctId": format!("NCT9000{number:04}"), "briefTitle": format!("CD19 CAR-T cells in multiple sclerosis, part {number}")},
        "conditionsModule": {"conditions": ["Multiple Sclerosis"]},
        "statusModule": {
            "overallStatus": "RECRUITING", "startDateStruct": {"date": "2026-01"},
            "primaryCompletionDateStruct": {"date": "2028-06"}, "lastUpdatePostDateStruct": {"date": "2026-07-30"}
        },
        "designModule": {"studyType": "INTERVENTIONAL", "phases": ["PHASE1"], "enrollmentInfo": {"count": 24, "type": "ESTIMATED"}},
        "descriptionModule": {"briefSummary": "People with MS get cells of their own that were changed in a lab. Leukapheresis comes first, then fludarabine and cyclophosphamide."},
        "armsInterventionsModule": {"interventions": [{"type": "BIOLOGICAL", "name": "CD19 CAR-T cells"}]},
        "eligibilityModule": {
            "eligibilityCriteria": criteria("3.0 to 6.5"), "sex": "ALL", "minimumAge": "18 Years", "maximumAge": "60 Years"
        },
        "contactsLocationsModule": {
            "centralContacts": [{"name": "Study Desk", "phone": "+44 113 496 0000", "email": "desk@example.org"}],
            "locations": [
                {"facility": "Leeds Clinic", "city": "Leeds", "country": "United Kingdom", "status": "RECRUITING",
                 "geoPoint": {"lat": 53.79648, "lon": -1.54785},
                 "contacts": [{"name": "Nurse One", "role": "CONTACT", "phone": "0113 496 0001", "email": "nurse@example.org"}]},
                {"facility": "Bonn Clinic", "city": "Bonn", "country": "Germany", "status": "NOT_YET_RECRUITING",
                 "geoPoint": {"lat": 50.73438, "lon": 7.09549}}
            ]
        },
    }});
    record["derivedSection"] = json!({"miscInfoModule": {"versionHolder": "2026-08-21"}});
    merge(&mut record["protocolSection"], changes);
    record
}

fn merge(into: &mut Value, changes: &Value) {
    match (into, changes) {
        (Value::Object(into), Value::Object(changes)) => {
            for (key, value) in changes {
                merge(into.entry(key.clone()).or_insert(Value::Null), value);
            }
        }
        (into, changes) => *into = changes.clone(),
    }
}

/// Studies of every kind that a brief has a place for.
fn studies() -> Vec<Value> {
    let place = |city: &str, country: &str, status: &str| json!([{"facility": format!("{city} Clinic"), "city": city, "country": country, "status": status}]);
    vec![
        study(1, &json!({})),
        study(
            2,
            &json!({
                "eligibilityModule": {"eligibilityCriteria": criteria("5.0 to 6.5")},
                "contactsLocationsModule": {"locations": place("Boston", "United States", "RECRUITING")}
            }),
        ),
        study(
            3,
            &json!({
                "identificationModule": {"briefTitle": "Cells from a donor for relapsing multiple sclerosis"},
                "contactsLocationsModule": {"locations": place("Boston", "United States", "RECRUITING"), "centralContacts": []}
            }),
        ),
        study(
            4,
            &json!({"contactsLocationsModule": {"locations": [], "centralContacts": []}}),
        ),
        study(
            5,
            &json!({"statusModule": {"overallStatus": "COMPLETED"}, "contactsLocationsModule": {"locations": place("Leeds", "United Kingdom", "COMPLETED")}}),
        ),
        study(
            6,
            &json!({"contactsLocationsModule": {"locations": place("Leeds", "United Kingdom", "WITHDRAWN")}}),
        ),
        study(
            7,
            &json!({
                "identificationModule": {"briefTitle": "Long-term follow-up of people with multiple sclerosis who received CAR-T cells before"},
                "statusModule": {"overallStatus": "ENROLLING_BY_INVITATION"},
                "contactsLocationsModule": {"locations": place("Leeds", "United Kingdom", "ENROLLING_BY_INVITATION")}
            }),
        ),
    ]
}

/// A folder to work in, with a file of studies and a profile.
struct Desk {
    folder: TempDir,
}

impl Desk {
    fn with(studies: &[Value]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("patient.toml"), PATIENT).unwrap();
        let lines: Vec<String> = studies.iter().map(Value::to_string).collect();
        std::fs::write(folder.path().join("studies.ndjson"), lines.join("\n")).unwrap();
        Self { folder }
    }

    fn usual() -> Self {
        Self::with(&studies())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs `brief` here.
    fn run(&self, args: &[&str]) -> Run {
        let mut program = program();
        program
            .current_dir(self.folder.path())
            .arg("brief")
            .args(args);
        program.output().unwrap().into()
    }

    /// What a run on the studies here wrote, with the profile.
    fn written(&self, args: &[&str]) -> String {
        self.read(
            &[
                &["--source", "./studies.ndjson", "--patient", "patient.toml"],
                args,
            ]
            .concat(),
        )
    }

    /// The same without a profile.
    fn without_profile(&self, args: &[&str]) -> String {
        self.read(&[&["--source", "./studies.ndjson"], args].concat())
    }

    fn read(&self, args: &[&str]) -> String {
        self.run(&[args, &["-o", "out"]].concat()).done();
        std::fs::read_to_string(self.path("out")).unwrap()
    }
}

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_file_of_the_day_is_written_for_its_owner_only_and_named() {
    let desk = Desk::with(&[]);
    for (format, name) in [
        (&[][..], format!("trialbrief-{TODAY}.html")),
        (
            &["--format", "markdown"][..],
            format!("trialbrief-{TODAY}.md"),
        ),
    ] {
        let args = [format, &["--source", "sample", "--patient", "patient.toml"]].concat();
        let run = desk.run(&args).done();
        assert_eq!(run.stdout, "");
        assert!(run.stderr.contains(&name), "{}", run.stderr);
        let path = desk.path(&name);
        assert!(path.is_file());
        #[cfg(unix)]
        assert_eq!(mode(&path), 0o600);
    }
    assert_eq!(
        files_in(desk.folder.path()).len(),
        4,
        "nothing else is left"
    );
}

#[cfg(unix)]
#[test]
fn a_file_that_others_could_read_is_replaced_by_one_that_they_cannot() {
    use std::os::unix::fs::PermissionsExt;
    let desk = Desk::usual();
    let path = desk.path("out");
    std::fs::write(&path, "old").unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o666)).unwrap();
    assert!(desk.written(&[]).starts_with("<!DOCTYPE html>"));
    assert_eq!(mode(&path), 0o600);
}

#[test]
fn a_run_that_fails_leaves_the_old_file() {
    let desk = Desk::usual();
    let name = format!("trialbrief-{TODAY}.html");
    std::fs::write(desk.path(&name), "old").unwrap();
    std::fs::write(desk.path("wrong.toml"), "edss = 11\n").unwrap();
    for (args, code) in [
        (&["--source", "sample", "--patient", "wrong.toml"][..], 5),
        (&["--source", "./no-such-file.json"], 5),
        (&["--source", "sample", "--edss", "4.7"], 5),
        (&["--source", "sample", "--format", "csv"], 2),
        (&["--source", "sample", "--pages", "x"], 2),
        (&["--source", "sample", "-o", "no-such-folder/a.html"], 1),
    ] {
        let run = desk.run(args);
        assert_eq!(run.code, Some(code), "{args:?}: {}", run.stderr);
        assert_eq!(run.stdout, "");
        assert_eq!(std::fs::read(desk.path(&name)).unwrap(), b"old", "{args:?}");
        assert_eq!(files_in(desk.folder.path()).len(), 4, "{args:?}");
    }
}

#[test]
fn nothing_of_a_patient_is_told_on_stderr() {
    let desk = Desk::usual();
    for near in ["53.80,-1.55", "Leeds"] {
        let profile = PATIENT.replace("53.80,-1.55", near);
        std::fs::write(desk.path("patient.toml"), profile).unwrap();
        let usual = ["--source", "./studies.ndjson", "--patient", "patient.toml"];
        let run = desk.run(&[&usual[..], &["--verbose"]].concat()).done();
        for word in [
            "SECRET-77",
            "451",
            "natalizumap",
            "4.5",
            "53.8",
            "Leeds",
            "rrms",
        ] {
            assert!(!run.stderr.contains(word), "{word} in {}", run.stderr);
        }
        let page = Html::parse(&desk.written(&[])).text_of("patient");
        assert!(page.contains("Distances are in a straight line"), "{page}");
    }
}

#[test]
fn the_page_is_sound_html_that_fetches_nothing_and_runs_nothing() {
    let desk = Desk::usual();
    for source in [
        desk.written(&[]),
        desk.without_profile(&[]),
        desk.read(&["--source", "sample", "--patient", "patient.toml"]),
        desk.read(&["--source", "sample", "--status", "all", "--pages", "40"]),
        desk.without_profile(&["--phase", "4"]),
    ] {
        let html = Html::parse(&source);
        html.assert_sound();
        for name in ["header", "nav"] {
            assert_eq!(html.named(name).len(), 1, "{name}");
        }
    }
}

#[test]
fn first_comes_the_patient_then_the_neurologist_then_a_page_a_study() {
    let desk = Desk::usual();
    let html = Html::parse(&desk.written(&["--pages", "2"]));
    let headings: Vec<String> = html
        .named("h2")
        .into_iter()
        .map(|one| one.text.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    assert!(headings[0].starts_with("For you"), "{headings:?}");
    assert!(
        headings[1].starts_with("For your neurologist"),
        "{headings:?}"
    );
    assert_eq!(html.of_class("study").len(), 2);
    assert_eq!(
        Html::parse(&desk.written(&["--pages", "0"]))
            .of_class("study")
            .len(),
        0
    );
    let by_default = Html::parse(&desk.read(&["--source", "sample", "--patient", "patient.toml"]));
    assert_eq!(by_default.of_class("study").len(), 5);
}

#[test]
fn every_page_ends_with_date_source_and_what_it_is_not() {
    let desk = Desk::usual();
    for args in [
        &["--source", "sample"][..],
        &["--source", "./studies.ndjson"],
    ] {
        let source = desk.read(&[args, &["--patient", "patient.toml"]].concat());
        let html = Html::parse(&source);
        let (pages, feet) = (html.of_class("page"), html.of_class("foot"));
        assert!(pages.len() >= 6, "{}", pages.len());
        assert_eq!(pages.len(), feet.len());
        for (page, foot) in pages.iter().zip(&feet) {
            assert!(
                page.text.trim_end().ends_with(foot.text.trim_end()),
                "the foot ends the page"
            );
            for part in [
                "ClinicalTrials.gov",
                "information to discuss, not medical advice; only the study team can decide",
            ] {
                assert!(
                    foot.text.to_lowercase().contains(&part.to_lowercase()),
                    "{part} in {}",
                    foot.text
                );
            }
        }
    }
}

#[test]
fn what_is_not_live_or_old_says_so_at_the_top_and_on_every_page() {
    let desk = Desk::usual();
    let sample = ["--source", "sample", "--today", "2026-11-24"];
    let html = Html::parse(&desk.read(&sample));
    let alarms: String = html
        .of_class("alarm")
        .into_iter()
        .map(|one| one.text)
        .collect();
    for part in ["SAMPLE, NOT LIVE", "OLD DATA: 94 days"] {
        assert!(alarms.contains(part), "{part} in {alarms}");
    }
    for foot in html.of_class("foot") {
        assert!(foot.text.contains("SAMPLE, NOT LIVE"), "{}", foot.text);
        assert!(foot.text.contains("2026-08-22"), "{}", foot.text);
    }
    let markdown = desk.read(&[&sample[..], &["--format", "markdown"]].concat());
    assert!(markdown.contains("> **SAMPLE, NOT LIVE"), "{markdown:.500}");
}

#[test]
fn trials_stand_by_the_place_where_they_are_open() {
    let desk = Desk::usual();
    let page = Html::parse(&desk.written(&[])).text_of("patient");
    let at = |words: &str| {
        page.find(words)
            .unwrap_or_else(|| panic!("{words} in {page}"))
    };
    assert!(at("Open here: United Kingdom") < at("part 1"));
    assert!(at("part 1") < at("Open elsewhere: US"));
    assert!(at("Open elsewhere: US") < at("Cells from a donor"));
    assert!(at("Cells from a donor") < at("Sites not announced"));
    assert!(at("Sites not announced") < at("part 4"));
    // What is ruled out may not be called one that may fit.
    assert!(!page.contains("part 2\n"), "{page}");
    assert!(page.contains("1 trial seems to be ruled out"), "{page}");
    assert!(
        page.contains("Open: Leeds, United Kingdom (about 0 km)"),
        "{page}"
    );
}

#[test]
fn what_is_ruled_out_stands_with_its_quote() {
    let desk = Desk::usual();
    let text = Html::parse(&desk.written(&[])).text();
    let part = &text[text.find("Trials that seem to be ruled out").unwrap()..];
    for words in ["NCT90000002", "EDSS 5.0 to 6.5", "4.5"] {
        assert!(part.contains(words), "{words} in {part}");
    }
    assert!(!text.to_lowercase().contains("eligible"));
}

#[test]
fn what_is_closed_or_far_is_listed_with_the_reason() {
    let desk = Desk::usual();
    let text = Html::parse(&desk.written(&["--country", "UK", "--open-here"])).text();
    let part = &text[text.find("Closed or too far").unwrap()..];
    for (number, reason) in [
        ("NCT90000005", "completed"),
        ("NCT90000006", "no site there takes people in"),
        ("NCT90000002", "no site where you asked"),
    ] {
        let line = part.lines().find(|line| line.contains(number));
        let line = line.unwrap_or_else(|| panic!("{number} in {part}"));
        assert!(line.contains(reason), "{line}");
    }
}

#[test]
fn who_asks_for_closed_studies_reads_that_they_are_closed() {
    let desk = Desk::usual();
    let html = Html::parse(&desk.written(&["--status", "all"]));
    let page = html.text_of("patient");
    assert!(
        page.find("Takes nobody in now").unwrap() < page.find("part 5").unwrap(),
        "{page}"
    );
    let pages = html.of_class("study");
    let closed = pages
        .iter()
        .find(|one| one.get("id") == Some("NCT90000005"));
    let closed = &closed.unwrap().text;
    assert!(
        closed.contains("This study takes nobody in now: completed."),
        "{closed}"
    );
}

#[test]
fn the_patient_sees_what_was_told_and_what_was_put_aside() {
    let desk = Desk::usual();
    let text = Html::parse(&desk.written(&[])).text();
    for words in [
        "SECRET-77",
        "relapsing-remitting",
        "451 mg/dL",
        "ocrelizumab",
        "natalizumap",
        "natalizumab",
    ] {
        assert!(text.contains(words), "{words}");
    }
    let slip = text
        .lines()
        .find(|line| line.contains("natalizumap") && line.contains("did you mean"));
    assert!(slip.is_some(), "{text}");
}

#[test]
fn what_of_a_bundle_was_not_read_is_listed() {
    let desk = Desk::usual();
    let bundle = json!({"resourceType": "Bundle", "type": "collection", "entry": [
        {"resource": {"resourceType": "Patient", "gender": "female", "birthDate": "1985-03-03", "name": [{"family": "Secretname"}]}},
        {"resource": {"resourceType": "Observation", "status": "final", "code": {"text": "An odd test"}, "valueString": "x"}}
    ]});
    std::fs::write(desk.path("bundle.json"), bundle.to_string()).unwrap();
    let source = desk.read(&["--source", "./studies.ndjson", "--fhir", "bundle.json"]);
    let page = Html::parse(&source).text_of("patient");
    assert!(page.contains("An odd test"), "{page}");
    assert!(!source.contains("1985") && !source.contains("Secretname"));
}

#[test]
fn a_washout_has_its_date_and_nobody_is_told_to_stop() {
    const NOBODY_STOPS: &str =
        "Nobody stops or delays a treatment for a trial without their neurologist.";
    let desk = Desk::usual();
    let html = Html::parse(&desk.written(&[]));
    let pages = html.of_class("page");
    let dated = pages.iter().filter(|page| page.text.contains("2026-11-30"));
    let mut count = 0;
    for page in dated {
        assert!(page.text.contains(NOBODY_STOPS), "{}", page.text);
        count += 1;
    }
    assert!(count >= 2, "for the neurologist, and on a study's page");
    let page = html.text_of("neurologist");
    let table = &page[page.find("Washouts:").unwrap()..page.find("Whom to call").unwrap()];
    assert!(table.contains(NOBODY_STOPS), "{table}");
    let markdown = desk.written(&["--format", "markdown"]);
    for page in markdown.split("\n---\n") {
        assert_eq!(
            page.contains("2026-11-30"),
            page.contains(NOBODY_STOPS) && page.contains("2026-11-30")
        );
    }
    assert!(markdown.contains("2026-11-30"));
}

#[test]
fn without_a_profile_nobody_is_judged() {
    let desk = Desk::usual();
    let text = Html::parse(&desk.without_profile(&["--living-in", "UK"])).text();
    for words in [
        "seems to fit",
        "You seem",
        "ules out so far",
        "ruled out so",
        "Stated:",
        "may not fit",
    ] {
        assert!(!text.contains(words), "{words}: {text}");
    }
    for words in [
        "Who it is for",
        "What rules people out",
        "Questions to ask",
        "Open here: United Kingdom",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
}

#[test]
fn contacts_can_be_reached_and_hostile_ones_cannot() {
    let desk = Desk::usual();
    let html = Html::parse(&desk.written(&[]));
    let to: Vec<String> = html
        .named("a")
        .iter()
        .filter_map(|one| one.get("href").map(str::to_owned))
        .collect();
    for link in [
        "mailto:nurse@example.org",
        "tel:+441134960000",
        "tel:01134960001",
    ] {
        assert!(to.iter().any(|one| one == link), "{link} in {to:?}");
    }
    let odd = study(
        1,
        &json!({"contactsLocationsModule": {"centralContacts": [
            {"name": "A", "phone": "javascript:alert(1)", "email": "a@example.org?body=x&cc=b@example.org"},
            {"name": "B", "phone": "call 1;2", "email": "x\"onmouseover=alert(1)@example.org"},
        ]}}),
    );
    let desk = Desk::with(&[odd]);
    let html = Html::parse(&desk.written(&[]));
    html.assert_sound();
    for link in html.named("a") {
        let to = link.get("href").unwrap();
        assert!(!to.contains('?') && !to.contains("alert"), "{to}");
    }
}

#[test]
fn text_of_the_registry_does_not_act() {
    let mut hostile = record("hostile");
    hostile["protocolSection"]["identificationModule"]["briefTitle"] = format!(
        "<script>alert(1)</script>\u{202e}<img src=x onerror=alert(1)>\" onclick=\"x ]]>--> {}",
        "very long words ".repeat(1 << 16)
    )
    .into();
    hostile["protocolSection"]["eligibilityModule"]["eligibilityCriteria"] = format!(
        "Inclusion Criteria:\n\n* EDSS 5.0 to 6.5 <style>*{{display:none}}</style>\n* {}\n",
        "</section><h1>You fit</h1> ".repeat(1 << 15)
    )
    .into();
    let desk = Desk::with(&[hostile]);
    let source = desk.written(&["--status", "all"]);
    assert!(source.len() <= 400_000, "{} bytes", source.len());
    let html = Html::parse(&source);
    html.assert_sound();
    let bad = source.chars().find(|c| {
        c.is_control() && *c != '\n' || matches!(*c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
    });
    assert_eq!(bad, None);
    let markdown = desk.written(&["--status", "all", "--format", "markdown"]);
    for tag in ["<script", "<img", "<style", "</section"] {
        assert!(!markdown.contains(tag), "{tag}");
    }
    assert!(!markdown.contains('\u{202e}'));
}

#[test]
fn twenty_studies_fit_into_400_kb_and_the_same_data_give_the_same_bytes() {
    let desk = Desk::usual();
    let args = [
        "--source",
        "sample",
        "--status",
        "all",
        "--limit",
        "20",
        "--pages",
        "20",
        "--patient",
        "patient.toml",
    ];
    let source = desk.read(&args);
    assert!(source.len() <= 400_000, "{} bytes", source.len());
    assert_eq!(
        Html::parse(&source).of_class("study").len(),
        20 - ruled_out(&source)
    );
    assert_eq!(desk.read(&args), source);
}

fn ruled_out(source: &str) -> usize {
    Html::parse(source).of_class("out").len()
}

#[test]
fn only_commands_that_exist_are_named() {
    let desk = Desk::usual();
    for source in [desk.written(&["--region", "uk"]), desk.without_profile(&[])] {
        let html = Html::parse(&source);
        let commands: Vec<String> = html.named("code").into_iter().map(|one| one.text).collect();
        assert!(!commands.is_empty());
        for command in commands {
            assert!(
                !command.contains("53.8") && !command.contains("rrms"),
                "{command}"
            );
            let mut words = command.split_whitespace();
            assert_eq!(words.next(), Some("trialbrief"), "{command}");
            let run: Run = program()
                .current_dir(desk.folder.path())
                .args(words)
                .args(["--source", "sample"])
                .output()
                .unwrap()
                .into();
            run.done();
        }
    }
}

#[test]
fn the_code_on_a_page_leads_to_the_registry() {
    let desk = Desk::usual();
    let html = Html::parse(&desk.written(&[]));
    let codes = html.of_class("qr");
    assert_eq!(codes.len(), html.of_class("study").len());
    let paths = html.named("path");
    assert_eq!(codes.len(), paths.len());
    for (code, path) in codes.iter().zip(&paths) {
        let side: usize = code
            .get("viewbox")
            .or(code.get("viewBox"))
            .unwrap()
            .split(' ')
            .nth(2)
            .unwrap()
            .parse()
            .unwrap();
        let dark = drawn(path.get("d").unwrap(), side);
        let mut image = rqrr::PreparedImage::prepare_from_greyscale(side * 4, side * 4, |x, y| {
            if dark[(y / 4) * side + x / 4] { 0 } else { 255 }
        });
        let grids = image.detect_grids();
        assert_eq!(grids.len(), 1);
        let (_, text) = grids[0].decode().unwrap();
        assert!(
            text.starts_with("https://clinicaltrials.gov/study/NCT"),
            "{text}"
        );
        let label = code.get("aria-label").unwrap();
        assert!(label.contains(text.rsplit('/').next().unwrap()), "{label}");
    }
}

/// The modules that a path of strokes `Mx y.5h1…` fills.
fn drawn(path: &str, side: usize) -> Vec<bool> {
    let mut dark = vec![false; side * side];
    for stroke in path.split('M').skip(1) {
        let (start, length) = stroke.split_once('h').unwrap();
        let (x, y) = start.split_once(' ').unwrap();
        let (x, y): (usize, usize) = (
            x.parse().unwrap(),
            y.strip_suffix(".5").unwrap().parse().unwrap(),
        );
        dark[y * side + x..][..length.parse().unwrap()].fill(true);
    }
    dark
}

#[test]
fn print_is_large_enough_and_no_page_size_is_forced() {
    let style = Html::parse(&Desk::usual().written(&[]))
        .named("style")
        .remove(0)
        .text;
    assert!(style.contains("@media print"));
    let sheet = style
        .split("@page")
        .nth(1)
        .unwrap()
        .split('}')
        .next()
        .unwrap();
    assert!(!sheet.contains("size"), "A4 and Letter both: {sheet}");
    for size in style.split("font-size:").skip(1) {
        let size = size.split([';', '}']).next().unwrap().trim();
        let enough = size
            .strip_suffix("rem")
            .map(|n| n.parse::<f32>().unwrap() >= 1.0)
            .or_else(|| {
                size.strip_suffix("pt")
                    .map(|n| n.parse::<f32>().unwrap() >= 12.0)
            });
        assert_eq!(enough, Some(true), "{size}");
    }
}

#[test]
fn the_words_for_the_patient_are_plain() {
    let desk = Desk::usual();
    let html = Html::parse(&desk.written(&[]));
    let mut sentences = String::new();
    for one in html.of_class("ask") {
        sentences.push_str(&one.text);
        sentences.push('\n');
    }
    let count = grade::count(&sentences);
    assert!(count.sentences >= 10, "{sentences}");
    assert!(count.grade() <= 6.0, "grade {}: {sentences}", count.grade());
}

#[expect(clippy::print_stdout, reason = "a test that is skipped says why")]
#[test]
fn a_real_validator_finds_no_fault() {
    let Some(jar) = std::env::var_os("TRIALBRIEF_VNU") else {
        println!("skipped: TRIALBRIEF_VNU names no Nu HTML validator (vnu.jar)");
        return;
    };
    let desk = Desk::usual();
    for (name, args) in [
        (
            "with.html",
            &["--source", "./studies.ndjson", "--patient", "patient.toml"][..],
        ),
        ("without.html", &["--source", "./studies.ndjson"]),
        (
            "sample.html",
            &[
                "--source",
                "sample",
                "--patient",
                "patient.toml",
                "--status",
                "all",
                "--pages",
                "40",
            ],
        ),
        ("none.html", &["--source", "sample", "--phase", "4"]),
    ] {
        desk.run(&[args, &["-o", name]].concat()).done();
    }
    let pages =
        ["with.html", "without.html", "sample.html", "none.html"].map(|name| desk.path(name));
    let found = std::process::Command::new("java")
        .arg("-jar")
        .arg(jar)
        .args(["--Werror", "--stdout"])
        .args(pages)
        .output()
        .unwrap();
    assert!(
        found.status.success(),
        "{}",
        String::from_utf8_lossy(&found.stdout)
    );
}

#[test]
fn a_brief_in_markdown() {
    assert_snapshot!(Desk::usual().written(&["--format", "markdown", "--pages", "1"]));
}

#[test]
fn a_brief_without_a_profile_in_markdown() {
    assert_snapshot!(Desk::usual().without_profile(&["--format", "markdown", "--pages", "1"]));
}

#[test]
fn the_text_of_a_brief_in_html() {
    assert_snapshot!(Html::parse(&Desk::usual().written(&["--pages", "2"])).text());
}
