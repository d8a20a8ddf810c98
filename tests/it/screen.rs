//! Patients against studies, through the binary. Verdicts were written by
//! reading the text, not by running the program.

use std::path::PathBuf;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{Run, on_file, on_sample};

const CRITERIA: &str = "Inclusion Criteria:

* Age 18 to 60 years
* Relapsing MS (RMS)
* EDSS 3.0 to 6.5

Exclusion Criteria:

* Pregnant
* HIV infection
* Alemtuzumab at any time
* Ocrelizumab within 6 months before screening
* Prior hematopoietic stem cell transplantation
* IgG < 400 mg/dL
";

/// A study of our own with these criteria, in a folder.
fn study(criteria: &str) -> (TempDir, PathBuf) {
    let record = json!({"protocolSection": {
        "identificationModule": {"nctId": "NCT90000077", "briefTitle": "CD19 CAR-T cells in multiple sclerosis"},
        "conditionsModule": {"conditions": ["Multiple Sclerosis"]},
        "statusModule": {"overallStatus": "RECRUITING"},
        "armsInterventionsModule": {"interventions": [{"type": "BIOLOGICAL", "name": "CD19 CAR-T cells"}]},
        "eligibilityModule": {
            "eligibilityCriteria": criteria, "sex": "ALL", "minimumAge": "18 Years", "maximumAge": "60 Years"
        },
        "contactsLocationsModule": {"locations": [
            {"facility": "Clinic", "city": "Leeds", "country": "United Kingdom", "status": "RECRUITING"}
        ]},
    }});
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("study.json");
    std::fs::write(&file, record.to_string()).unwrap();
    (folder, file)
}

/// Flags of somebody whom nothing rules out.
const FITTING: [&str; 24] = [
    "--age",
    "40",
    "--sex",
    "female",
    "--ms-course",
    "rrms",
    "--edss",
    "4.5",
    "--pregnant",
    "false",
    "--infections",
    "hiv:negative",
    "--treatments",
    "natalizumab:2020:2024-01-10:failure",
    "--treatments-complete",
    "true",
    "--prior-hsct",
    "false",
    "--labs",
    "igg:8.2 g/L",
    "--living-in",
    "UK",
    "--id",
    "P-01",
];

/// The same with other words behind some flags.
fn but<'a>(changes: &[(&str, &'a str)]) -> Vec<&'a str> {
    let mut args: Vec<&'a str> = FITTING.to_vec();
    for (flag, words) in changes {
        let at = args.iter().position(|one| one == flag).unwrap();
        args[at + 1] = words;
    }
    args
}

fn screened(criteria: &str, args: &[&str]) -> Value {
    let (_folder, file) = study(criteria);
    let run = on_file(&file, &[&["screen", "--format", "json"], args].concat()).done();
    let patients = run.json()["patients"].clone();
    patients[0]["trials"][0].clone()
}

fn criteria_of(items: &Value) -> Vec<&str> {
    let items = items.as_array().unwrap();
    items
        .iter()
        .map(|one| one["criterion"].as_str().unwrap_or(""))
        .collect()
}

#[test]
fn who_fits_all_that_is_read_seems_to_fit() {
    let trial = screened(CRITERIA, &FITTING);
    assert_eq!(trial["verdict"], "possible", "{trial}");
    assert_eq!(criteria_of(&trial["blocking"]), [""; 0]);
    assert_eq!(criteria_of(&trial["unknown"]), [""; 0], "{trial}");
    assert_eq!(trial["open_here"], true);
}

#[test]
fn one_stated_value_rules_out_with_its_quote() {
    for (flag, words, criterion, quote, value) in [
        ("--edss", "7", "I3", "EDSS 3.0 to 6.5", "7"),
        ("--ms-course", "ppms", "I2", "Relapsing MS (RMS)", "ppms"),
        (
            "--infections",
            "hiv:positive",
            "E2",
            "HIV infection",
            "hiv positive",
        ),
        (
            "--prior-hsct",
            "true",
            "E5",
            "Prior hematopoietic stem cell transplantation",
            "yes",
        ),
        (
            "--labs",
            "igg:350 mg/dL",
            "E6",
            "IgG < 400 mg/dL",
            "350 mg/dL",
        ),
        (
            "--treatments",
            "Lemtrada:2018:2019:failure",
            "E3",
            "Alemtuzumab at any time",
            "alemtuzumab (last dose 2019)",
        ),
        ("--pregnant", "true", "E1", "Pregnant", "yes"),
    ] {
        let trial = screened(CRITERIA, &but(&[(flag, words)]));
        assert_eq!(trial["verdict"], "unlikely", "{flag} {words}: {trial}");
        assert_eq!(criteria_of(&trial["blocking"]), [criterion], "{trial}");
        let blocking = &trial["blocking"][0];
        assert!(
            blocking["quote"]
                .as_str()
                .unwrap()
                .contains(quote.split(' ').next().unwrap())
        );
        assert!(
            CRITERIA.contains(blocking["quote"].as_str().unwrap()),
            "{blocking}"
        );
        assert_eq!(blocking["patient_value"], value, "{blocking}");
    }
}

#[test]
fn registered_age_rules_out_too() {
    let trial = screened(
        "Inclusion Criteria:\n\n* Relapsing MS (RMS)\n",
        &but(&[("--age", "61")]),
    );
    assert_eq!(trial["verdict"], "unlikely");
    assert_eq!(criteria_of(&trial["blocking"]), ["AGE"]);
}

#[test]
fn where_text_and_field_disagree_nobody_decides() {
    let text = "Inclusion Criteria:\n\n* Age 18 to 65 years\n";
    let trial = screened(text, &but(&[("--age", "63")]));
    assert_eq!(trial["verdict"], "check", "{trial}");
    assert_eq!(criteria_of(&trial["unknown"]), ["AGE", "I1"]);
}

#[test]
fn what_is_not_known_rules_nobody_out() {
    let trial = screened(CRITERIA, &["--id", "P-00"]);
    assert_eq!(trial["verdict"], "check", "{trial}");
    let all = on_sample(&["screen", "--status", "all", "--format", "json"])
        .done()
        .json();
    let trials = all["patients"][0]["trials"].as_array().unwrap();
    assert!(trials.len() > 30, "{}", trials.len());
    for trial in trials {
        assert_eq!(trial["verdict"], "check", "{}", trial["nct_id"]);
    }
}

#[test]
fn a_washout_is_counted_on_the_calendar_and_rules_nobody_out() {
    for (treatments, end) in [
        ("Ocrevus:2022:ongoing::2026-05-31", json!("2026-11-30")),
        ("ocrelizumab:2022:2026-05:other", json!("2026-11-30")),
        ("ocrelizumab:2022:ongoing", Value::Null),
    ] {
        let trial = screened(CRITERIA, &but(&[("--treatments", treatments)]));
        assert_eq!(trial["verdict"], "check", "{treatments}: {trial}");
        assert_eq!(trial["earliest_screening"], end, "{treatments}");
        assert_eq!(criteria_of(&trial["unknown"]), ["E4"], "{trial}");
        let reason = trial["unknown"][0]["reason"].as_str().unwrap();
        assert!(reason.contains("without their neurologist"), "{reason}");
    }
}

#[test]
fn a_washout_in_half_lives_takes_the_later_date() {
    let text = "Exclusion Criteria:\n\n* Rituximab within 30 days or 5 half-lives, whichever is longer, before screening\n";
    let trial = screened(
        text,
        &but(&[("--treatments", "rituximab:2024:2026-08-01:other")]),
    );
    // 5 × 22 days behind the last dose, which is later than 30 days.
    assert_eq!(trial["earliest_screening"], "2026-11-19", "{trial}");
}

#[test]
fn one_thing_that_can_change_is_a_near_miss() {
    let trial = screened(CRITERIA, &but(&[("--pregnant", "true")]));
    assert_eq!(trial["near_miss"]["criterion"], "E1");
    let trial = screened(CRITERIA, &but(&[("--pregnant", "true"), ("--edss", "7")]));
    assert_eq!(trial["near_miss"], Value::Null);
    let trial = screened(CRITERIA, &but(&[("--ms-course", "ppms")]));
    assert_eq!(
        trial["near_miss"],
        Value::Null,
        "a course does not turn back"
    );
}

#[test]
fn cohorts_are_alternatives() {
    let text = "Inclusion Criteria:\n\n* For participants with relapsing MS only:\n    * EDSS 3.0 to 5.0\n* For participants with progressive MS only:\n    * EDSS 3.0 to 6.5\n";
    let blocked = |course: &str| {
        let trial = screened(text, &but(&[("--ms-course", course), ("--edss", "6")]));
        criteria_of(&trial["blocking"]).len()
    };
    assert_eq!((blocked("rrms"), blocked("ppms")), (1, 0));
}

#[test]
fn what_holds_more_than_was_read_never_rules_out() {
    let text = "Exclusion Criteria:\n\n* Malignancy, except basal cell carcinoma that was removed\n* Something that no rule knows\n";
    let args = [&FITTING[..], &["--conditions", "malignancy:2020"]].concat();
    let trial = screened(text, &args);
    assert_eq!(trial["verdict"], "check", "{trial}");
    assert_eq!(criteria_of(&trial["blocking"]), [""; 0]);
}

#[test]
fn contradictions_and_unknown_drugs_are_told_and_unknown() {
    let (_folder, file) = study(CRITERIA);
    let mut args = but(&[
        ("--sex", "male"),
        ("--pregnant", "true"),
        ("--treatments", "ocrelizumap:2022:ongoing"),
    ]);
    args.splice(0..0, ["screen", "--format", "json"]);
    let run = on_file(&file, &args).done().json();
    let patient = &run["patients"][0];
    assert!(
        patient["contradictions"][0]
            .as_str()
            .unwrap()
            .contains("pregnant"),
        "{patient}"
    );
    assert_eq!(patient["unknown_drugs"][0]["nearest"], "ocrelizumab");
    assert_eq!(patient["trials"][0]["verdict"], "check", "{patient}");
}

fn with_patients(table: &str, args: &[&str]) -> Run {
    let (folder, file) = study(CRITERIA);
    let patients = folder.path().join("patients.csv");
    std::fs::write(&patients, table).unwrap();
    let path = patients.to_str().unwrap();
    on_file(
        &file,
        &[&["screen", "--format", "csv", "--patients", path], args].concat(),
    )
}

const TABLE: &str = "id,edss,ms_course\nP-01,4.5,rrms\nP-02,4.7,rrms\nP-03,8,rrms\n";

#[test]
fn a_wrong_row_is_named_and_the_others_are_screened() {
    let run = with_patients(TABLE, &[]);
    assert_eq!(run.code, Some(5), "{}", run.stderr);
    for part in ["line 3", "`edss`", "half steps"] {
        assert!(run.stderr.contains(part), "{part} in {}", run.stderr);
    }
    let rows: Vec<&str> = run.stdout.lines().collect();
    assert_eq!(rows.len(), 3, "{}", run.stdout);
    assert!(rows[1].starts_with("P-01,NCT90000077,check"), "{}", rows[1]);
    assert!(
        rows[2].starts_with("P-03,NCT90000077,unlikely"),
        "{}",
        rows[2]
    );
    let run = with_patients(TABLE, &["--strict"]);
    assert_eq!(run.code, Some(5));
    assert!(!run.stdout.contains("P-03"), "{}", run.stdout);
}

#[test]
fn wrong_profiles_are_named_with_line_field_and_what_is_allowed() {
    let (folder, file) = study(CRITERIA);
    for (name, text, parts) in [
        (
            "p.toml",
            "id = \"P\"\nedsss = 4\n",
            &["line 2", "edsss", "did you mean `edss`"][..],
        ),
        ("p.toml", "edss = 11\n", &["line 1", "`edss`", "0 to 10"]),
        (
            "p.toml",
            "ms_course = \"rrsm\"\n",
            &["`ms_course`", "rrms, spms"],
        ),
        (
            "p.toml",
            "[labs]\nigg = \"450\"\n",
            &["line 2", "`labs.igg`", "mg/dL"],
        ),
        ("p.toml", "id = \n", &["line 1"]),
        (
            "p.json",
            "{\n\"age\": 300}",
            &["line 2", "`age`", "0 to 120"],
        ),
        (
            "p.json",
            "{\"infections\": {\"flu\": \"positive\"}}",
            &["field `infections`", "hiv"],
        ),
    ] {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        let run = on_file(&file, &["screen", "--patient", path.to_str().unwrap()]);
        assert_eq!(
            (run.code, run.stdout.as_str()),
            (Some(5), ""),
            "{text}: {}",
            run.stderr
        );
        for part in parts {
            assert!(
                run.stderr.contains(part),
                "{part} for {text:?} in {}",
                run.stderr
            );
        }
    }
}

#[test]
fn toml_json_table_and_flags_say_the_same() {
    let (folder, file) = study(CRITERIA);
    let toml = "schema = \"trialbrief.patient/1\"\nid = \"P-01\"\nage = 40\nedss = 4.5\nms_course = \"rrms\"\ncountry = \"UK\"\nlabs.igg = \"450 mg/dL\"\ninfections.hiv = \"negative\"\n\n[[treatments]]\ndrug = \"Ocrevus\"\nstarted = 2022-01-01\nstopped = \"ongoing\"\nlast_dose = 2026-05-31\n";
    let json = r#"{"id": "P-01", "age": 40, "edss": 4.5, "ms_course": "rrms", "country": "GB", "labs": {"igg": "4.5 g/L"}, "infections": {"hiv": "negative"}, "treatments": [{"drug": "ocrelizumab", "started": "2022-01-01", "stopped": "ongoing", "last_dose": "2026-05-31"}]}"#;
    let table = "id,age,edss,ms_course,country,labs,infections,treatments\nP-01,40,4.5,rrms,UK,igg:450 mg/dL,hiv:negative,Ocrevus:2022-01-01:ongoing::2026-05-31\n";
    let of = |name: &str, text: &str, flag: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        let args = ["screen", "--format", "csv", flag, path.to_str().unwrap()];
        on_file(&file, &args).done().stdout
    };
    let flags = [
        "screen",
        "--format",
        "csv",
        "--id",
        "P-01",
        "--age",
        "40",
        "--edss",
        "4.5",
        "--ms-course",
        "rrms",
        "--living-in",
        "UK",
        "--labs",
        "igg:450 mg/dL",
        "--infections",
        "hiv:negative",
        "--treatments",
        "Ocrevus:2022-01-01:ongoing::2026-05-31",
    ];
    let expected = on_file(&file, &flags).done().stdout;
    assert!(expected.contains("2026-11-30"), "{expected}");
    assert_eq!(of("p.toml", toml, "--patient"), expected);
    assert_eq!(of("p.json", json, "--patient"), expected);
    // Only a table has lines.
    let of_table = of("p.csv", table, "--patients").replace(",2\n", ",\n");
    assert_eq!(of_table, expected);
}

#[test]
fn people_read_why_and_nobody_is_called_eligible() {
    let (_folder, file) = study(CRITERIA);
    for format in ["table", "markdown"] {
        let args = [
            &["screen", "--format", format],
            &but(&[("--edss", "7")])[..],
        ]
        .concat();
        let text = on_file(&file, &args).done().stdout;
        for part in [
            "P-01",
            "NCT90000077",
            "Rules out, I3",
            "EDSS 3.0 to 6.5",
            "not medical advice",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert!(!text.to_lowercase().contains("eligible"), "{text}");
    }
}

#[test]
fn nothing_of_a_patient_is_logged() {
    let (_folder, file) = study(CRITERIA);
    let args = [
        &["screen", "--verbose"],
        &but(&[("--id", "SECRET-1"), ("--labs", "igg:451 mg/dL")])[..],
    ]
    .concat();
    let run = on_file(&file, &args).done();
    for word in ["SECRET-1", "451", "natalizumab"] {
        assert!(!run.stderr.contains(word), "{word} in {}", run.stderr);
    }
}
