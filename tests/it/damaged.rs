//! Damaged records are named and counted, the others kept; files come in every form that a download has.

use std::io::Write;

use serde_json::{Value, json};
use trialbrief::registry::decode;

use crate::support::{Run, on_file, record};

/// A record of our own under another number.
fn numbered(number: &str) -> Value {
    let mut record = record("primary");
    record["protocolSection"]["identificationModule"]["nctId"] = number.into();
    record
}

/// Sets one value of a record.
fn with(mut record: Value, pointer: &str, value: Value) -> Value {
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    let parent = record.pointer_mut(parent).expect("the parent is there");
    match parent {
        Value::Array(list) => list[key.parse::<usize>().unwrap()] = value,
        Value::Object(map) => drop(map.insert(key.to_owned(), value)),
        _ => panic!("{pointer}"),
    }
    record
}

/// Where a value has a wrong type, and the path that must be named.
const WRONG_TYPES: &[(&str, &str, &str)] = &[
    ("/protocolSection", "7", "protocolSection"),
    ("/protocolSection", "[]", "protocolSection"),
    (
        "/protocolSection/statusModule",
        "[\"RECRUITING\"]",
        "protocolSection.statusModule",
    ),
    (
        "/protocolSection/contactsLocationsModule",
        "{\"locations\":[{\"geoPoint\":[4.8,45.7]}]}",
        "protocolSection.contactsLocationsModule.locations[0].geoPoint",
    ),
    (
        "/protocolSection/statusModule/overallStatus",
        "1",
        "protocolSection.statusModule.overallStatus",
    ),
    (
        "/protocolSection/conditionsModule/conditions",
        "\"Multiple Sclerosis\"",
        "protocolSection.conditionsModule.conditions",
    ),
    (
        "/protocolSection/conditionsModule/conditions/0",
        "{}",
        "protocolSection.conditionsModule.conditions[0]",
    ),
    (
        "/protocolSection/designModule/enrollmentInfo",
        "{\"count\":\"many\"}",
        "protocolSection.designModule.enrollmentInfo.count",
    ),
    (
        "/protocolSection/designModule/enrollmentInfo",
        "{\"count\":-1}",
        "protocolSection.designModule.enrollmentInfo.count",
    ),
    (
        "/protocolSection/contactsLocationsModule",
        "{\"locations\":[{\"city\":\"Lyon\"},{\"city\":[]}]}",
        "protocolSection.contactsLocationsModule.locations[1].city",
    ),
    (
        "/protocolSection/contactsLocationsModule",
        "{\"locations\":[{\"geoPoint\":{\"lat\":\"x\"}}]}",
        "protocolSection.contactsLocationsModule.locations[0].geoPoint.lat",
    ),
    (
        "/protocolSection/armsInterventionsModule/interventions/0/name",
        "[]",
        "protocolSection.armsInterventionsModule.interventions[0].name",
    ),
    (
        "/derivedSection/miscInfoModule/versionHolder",
        "20260601",
        "derivedSection.miscInfoModule.versionHolder",
    ),
];

#[test]
fn wrong_types_are_named_by_number_and_path_and_the_others_kept() {
    for (pointer, value, path) in WRONG_TYPES {
        let bad = with(
            numbered("NCT99000902"),
            pointer,
            serde_json::from_str(value).unwrap(),
        );
        let good = [numbered("NCT99000901"), numbered("NCT99000903")];
        let [first, last] = &good;
        for bytes in [
            json!([first, bad, last]).to_string(),
            json!({"studies": [first, bad, last], "totalCount": 3}).to_string(),
        ] {
            let decoded = decode::any(bytes.as_bytes()).unwrap();
            let kept: Vec<String> = decoded
                .studies
                .iter()
                .map(|study| study.nct_number.to_string())
                .collect();
            assert_eq!(kept, ["NCT99000901", "NCT99000903"], "{pointer}");
            let [problem] = &decoded.problems[..] else {
                panic!("{pointer}: {:?}", decoded.problems)
            };
            assert_eq!(problem.path, *path);
            assert!(problem.skipped);
            // With the whole protocol gone there is no number to name.
            let number = (*pointer != "/protocolSection").then(|| "NCT99000902".to_owned());
            assert_eq!(problem.nct, number, "{pointer}");
        }
    }
}

#[test]
fn null_is_absent_everywhere() {
    let pointers = [
        "/protocolSection/statusModule",
        "/protocolSection/statusModule/overallStatus",
        "/protocolSection/statusModule/lastUpdatePostDateStruct",
        "/protocolSection/sponsorCollaboratorsModule/leadSponsor",
        "/protocolSection/conditionsModule/conditions",
        "/protocolSection/designModule/phases",
        "/protocolSection/armsInterventionsModule/interventions",
        "/protocolSection/eligibilityModule",
        "/protocolSection/contactsLocationsModule",
        "/derivedSection",
        "/derivedSection/miscInfoModule/versionHolder",
    ];
    for pointer in pointers {
        let bytes = with(numbered("NCT99000901"), pointer, Value::Null).to_string();
        let decoded = decode::any(bytes.as_bytes()).unwrap();
        assert_eq!(decoded.studies.len(), 1, "{pointer}");
        assert_eq!(decoded.problems, [], "{pointer}");
    }
}

#[test]
fn a_record_of_nothing_but_a_number_is_a_study() {
    let bare = json!({"protocolSection": {"identificationModule": {"nctId": "NCT99000901"}}});
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bare.json");
    std::fs::write(&file, bare.to_string()).unwrap();
    for format in ["table", "markdown", "csv", "json"] {
        let run = on_file(&file, &["show", "NCT99000901", "--format", format]).done();
        assert!(run.stdout.contains("NCT99000901"), "{format}");
        on_file(
            &file,
            &[
                "search",
                "--therapy",
                "any",
                "--condition",
                "any",
                "--format",
                format,
                "--near",
                "0,0",
            ],
        )
        .done();
    }
}

#[test]
fn impossible_values_are_named_and_left_out_and_the_study_stays() {
    for (pointer, value, path) in [
        (
            "/protocolSection/statusModule/startDateStruct",
            json!({"date": "2026-02-30"}),
            "protocolSection.statusModule.startDateStruct.date",
        ),
        (
            "/protocolSection/statusModule/startDateStruct",
            json!({"date": "June 2026"}),
            "protocolSection.statusModule.startDateStruct.date",
        ),
        (
            "/protocolSection/eligibilityModule/minimumAge",
            json!("eighteen"),
            "protocolSection.eligibilityModule.minimumAge",
        ),
        (
            "/derivedSection/miscInfoModule/versionHolder",
            json!("soon"),
            "derivedSection.miscInfoModule.versionHolder",
        ),
    ] {
        let bytes = with(numbered("NCT99000901"), pointer, value).to_string();
        let decoded = decode::any(bytes.as_bytes()).unwrap();
        assert_eq!(decoded.studies.len(), 1, "{path}");
        let [problem] = &decoded.problems[..] else {
            panic!("{path}: {:?}", decoded.problems)
        };
        assert_eq!((problem.path.as_str(), problem.skipped), (path, false));
        assert_eq!(problem.nct.as_deref(), Some("NCT99000901"));
    }
    // Positions that are not on the Earth are none.
    let off = with(
        numbered("NCT99000901"),
        "/protocolSection/contactsLocationsModule",
        json!({"locations": [{"city": "Lyon", "geoPoint": {"lat": 95.0, "lon": 4.8}}]}),
    );
    let decoded = decode::any(off.to_string().as_bytes()).unwrap();
    assert_eq!(decoded.studies[0].sites[0].registered_point, None);
}

#[test]
fn skipped_records_are_counted_and_named_to_the_user() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("list.json");
    let no_number = with(
        numbered("NCT99000904"),
        "/protocolSection/identificationModule",
        json!({}),
    );
    let wrong = with(
        numbered("NCT99000902"),
        "/protocolSection/statusModule",
        json!([]),
    );
    let list = json!([numbered("NCT99000901"), wrong, no_number]);
    std::fs::write(&file, list.to_string()).unwrap();
    let run = on_file(&file, &["search", "--format", "csv", "--quiet"]).done();
    assert!(run.stdout.contains("NCT99000901"));
    for part in [
        "2 records could not be used",
        "NCT99000902",
        "protocolSection.statusModule",
    ] {
        assert!(
            run.stderr.contains(part),
            "{part} is not in: {}",
            run.stderr
        );
    }
    let run = on_file(&file, &["search", "--verbose"]).done();
    for part in [
        "NCT99000902: protocolSection.statusModule",
        "protocolSection.identificationModule.nctId: is missing",
    ] {
        assert!(
            run.stderr.contains(part),
            "{part} is not in: {}",
            run.stderr
        );
    }
}

/// Runs a search over a file of these bytes and returns the numbers found.
fn numbers(name: &str, bytes: &[u8]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(name), bytes).unwrap();
    found(&on_file(
        &folder.path().join(name),
        &["search", "--format", "csv"],
    ))
}

fn found(run: &Run) -> Vec<String> {
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    run.stdout
        .lines()
        .skip(1)
        .map(|line| line.split(',').next().unwrap().to_owned())
        .collect()
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

#[test]
fn files_come_in_every_form() {
    let [a, b] = [numbered("NCT99000901"), numbered("NCT99000902")];
    let both = ["NCT99000901", "NCT99000902"];
    let pretty = |value: &Value| serde_json::to_string_pretty(value).unwrap();
    let array = json!([a, b]);
    let page = json!({"studies": [a, b], "totalCount": 2, "nextPageToken": "x"});
    let lines = format!("{a}\n{b}\n");

    assert_eq!(numbers("a.json", pretty(&a).as_bytes()), both[..1]);
    assert_eq!(numbers("a.json", pretty(&array).as_bytes()), both);
    assert_eq!(numbers("a.json", array.to_string().as_bytes()), both);
    assert_eq!(numbers("a.json", pretty(&page).as_bytes()), both);
    assert_eq!(numbers("a.ndjson", lines.as_bytes()), both);
    // CRLF, a byte order mark, blank lines, no line end at the end.
    let crlf = format!("\u{FEFF}\r\n{a}\r\n\r\n{b}");
    assert_eq!(numbers("a.ndjson", crlf.as_bytes()), both);
    assert_eq!(
        numbers("a.json", format!("\u{FEFF}{}", pretty(&array)).as_bytes()),
        both
    );
    // Packed, whatever the name says; two packed parts one behind the other.
    assert_eq!(
        numbers("a.json.gz", &packed(pretty(&page).as_bytes())),
        both
    );
    assert_eq!(numbers("a.ndjson", &packed(lines.as_bytes())), both);
    let parts = [
        packed(format!("{a}\n").as_bytes()),
        packed(format!("{b}\n").as_bytes()),
    ]
    .concat();
    assert_eq!(numbers("a.ndjson.gz", &parts), both);
}

#[test]
fn a_folder_is_read_whole_and_the_newest_copy_of_a_study_stays() {
    let folder = tempfile::tempdir().unwrap();
    let dated = |date: &str, title: &str| {
        let record = with(
            numbered("NCT99000901"),
            "/protocolSection/statusModule/lastUpdatePostDateStruct",
            json!({"date": date}),
        );
        with(
            record,
            "/protocolSection/identificationModule/briefTitle",
            json!(title),
        )
        .to_string()
    };
    let write = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).unwrap();
    write("1.json", dated("2026-05-01", "the newer copy").as_bytes());
    write(
        "2.ndjson.gz",
        &packed(dated("2026-04-01", "the older copy").as_bytes()),
    );
    write("3.JSONL", numbered("NCT99000902").to_string().as_bytes());
    write("notes.txt", b"no record");
    let run = on_file(folder.path(), &["search", "--format", "csv"]);
    assert_eq!(found(&run), ["NCT99000901", "NCT99000902"]);
    assert!(run.stdout.contains("the newer copy") && !run.stdout.contains("the older copy"));
}

#[test]
fn one_broken_file_of_a_folder_is_named_and_nothing_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("a.json"),
        numbered("NCT99000901").to_string(),
    )
    .unwrap();
    std::fs::write(folder.path().join("b.json"), "{\"protocolSection\":").unwrap();
    let run = on_file(folder.path(), &["search"]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(5), ""));
    assert!(run.stderr.contains("b.json`"), "{}", run.stderr);
}

#[test]
fn markup_and_escapes_become_text_once() {
    let text = "<p>Inclusion Criteria:</p><ul><li>Age &ge; 18 and EDSS \\<= 5.5</li><li>ANC \\> 1.5 x 10\\^9/L</li></ul>\r\nExclusion Criteria:\r\n\r\n* HIV \\& HBV";
    let bytes = with(
        numbered("NCT99000901"),
        "/protocolSection/eligibilityModule/eligibilityCriteria",
        json!(text),
    )
    .to_string();
    let decoded = decode::any(bytes.as_bytes()).unwrap();
    let clean = decoded.studies[0].eligibility.text.as_deref().unwrap();
    assert!(clean.contains("* Age ≥ 18 and EDSS <= 5.5\n"), "{clean}");
    assert!(
        clean.contains("ANC > 1.5 x 10^9/L")
            && clean.contains("* HIV & HBV")
            && !clean.contains('\r'),
        "{clean}"
    );
}

/// Writes files into a folder and runs a search over it.
fn searched(files: &[(&str, &[u8])]) -> Run {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    on_file(folder.path(), &["search", "--format", "csv", "--quiet"])
}

#[test]
fn a_file_of_a_folder_that_is_no_study_is_named_however_it_is_laid_out() {
    let good = numbered("NCT99000901").to_string();
    let nameless = with(
        numbered("NCT99000902"),
        "/protocolSection/identificationModule",
        json!({}),
    );
    let lines = format!("{good}\n\n{nameless}\n");
    for (name, other, place) in [
        ("flat.json", "{\"name\":\"x\"}\n", "flat.json`, line 1"),
        ("laid.json", "{\n  \"name\": \"x\"\n}\n", "laid.json`"),
        ("more.ndjson", &lines, "more.ndjson`, line 3"),
    ] {
        let run = searched(&[("a.json", good.as_bytes()), (name, other.as_bytes())]);
        assert_eq!(found(&run), ["NCT99000901"], "{name}");
        for part in ["1 record could not be used", place] {
            assert!(run.stderr.contains(part), "{part}: {}", run.stderr);
        }
    }
}

#[test]
fn a_file_that_cannot_be_opened_is_named_and_nothing_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    let good = numbered("NCT99000901").to_string();
    std::fs::write(folder.path().join("a.json"), good).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink("nowhere", folder.path().join("b.json")).unwrap();
    let run = on_file(folder.path(), &["search"]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(5), ""));
    assert!(run.stderr.contains("b.json`"), "{}", run.stderr);
}

#[test]
fn a_saved_page_that_is_not_all_says_so() {
    let [a, b] = [numbered("NCT99000901"), numbered("NCT99000902")];
    let first = json!({"studies": [a], "totalCount": 2, "nextPageToken": "x"}).to_string();
    let uncounted = json!({"studies": [a], "nextPageToken": "x"}).to_string();
    let last = json!({"studies": [b]}).to_string();
    let told = |files: &[(&str, &str)]| {
        let files: Vec<_> = files.iter().map(|(n, t)| (*n, t.as_bytes())).collect();
        let run = searched(&files);
        found(&run);
        run.stderr
    };
    for (page, why) in [
        (&first, "2 studies, but the files hold 1"),
        (&uncounted, "names a next page"),
    ] {
        let said = told(&[("1.json", page)]);
        for part in ["INCOMPLETE: studies may be missing", why] {
            assert!(said.contains(part), "{part}: {said}");
        }
        // With the page that follows nothing is missing.
        let said = told(&[("1.json", page), ("2.json", &last)]);
        assert!(!said.contains("INCOMPLETE"), "{said}");
    }
}

#[test]
fn a_value_that_cannot_be_read_is_told_unasked() {
    // An age bound that is left out looks like none.
    let bytes = with(
        numbered("NCT99000901"),
        "/protocolSection/eligibilityModule/minimumAge",
        json!("eighteen"),
    )
    .to_string();
    let run = searched(&[("a.json", bytes.as_bytes())]);
    assert_eq!(found(&run), ["NCT99000901"]);
    for part in [
        "1 value could not be read",
        "NCT99000901: protocolSection.eligibilityModule.minimumAge",
        "a.json`",
    ] {
        assert!(run.stderr.contains(part), "{part}: {}", run.stderr);
    }
}

#[test]
fn nesting_without_end_ends_no_run() {
    let deep = format!("{}{}", "[".repeat(1 << 17), "]".repeat(1 << 17));
    // Where the model does not look, it does no harm.
    let record = numbered("NCT99000901").to_string();
    let unread = format!(
        "{},\"annotationSection\":{deep}}}",
        &record[..record.len() - 1]
    );
    assert_eq!(numbers("a.json", unread.as_bytes()), ["NCT99000901"]);
    // Where it does, the record is named.
    let read = record.replace(
        "\"overallStatus\":\"RECRUITING\"",
        &format!("\"overallStatus\":{deep}"),
    );
    assert_ne!(read, record);
    for bytes in [
        &deep,
        &read,
        &format!("{}{}", "{\"a\":".repeat(1 << 17), "0"),
    ] {
        let run = searched(&[("a.json", bytes.as_bytes())]);
        assert_eq!(
            (run.code, run.stdout.as_str()),
            (Some(5), ""),
            "{bytes:.80}"
        );
        assert!(run.stderr.contains("a.json`"), "{}", run.stderr);
    }
}

#[test]
fn a_key_that_stands_twice_is_no_matter_of_chance() {
    // Which of the two holds cannot be known: the record is named, not guessed at.
    let record = numbered("NCT99000902").to_string();
    let twice = record.replace(
        "\"overallStatus\":\"RECRUITING\"",
        "\"overallStatus\":\"RECRUITING\",\"overallStatus\":\"WITHDRAWN\"",
    );
    assert_ne!(twice, record);
    let lines = format!("{}\n{twice}\n", numbered("NCT99000901"));
    let run = searched(&[("a.ndjson", lines.as_bytes())]);
    assert_eq!(found(&run), ["NCT99000901"]);
    for part in ["NCT99000902", "duplicate field `overallStatus`", "line 2"] {
        assert!(run.stderr.contains(part), "{part}: {}", run.stderr);
    }
}

#[test]
fn half_a_position_is_none_and_hides_no_study() {
    // Where fields are left out, the registry leaves their empty parents.
    for point in [
        json!({}),
        json!({"lat": 45.7}),
        json!({"lat": null, "lon": 4.8}),
        Value::Null,
    ] {
        let bytes = with(
            numbered("NCT99000901"),
            "/protocolSection/contactsLocationsModule",
            json!({"locations": [{"city": "Lyon", "geoPoint": point}]}),
        )
        .to_string();
        let decoded = decode::any(bytes.as_bytes()).unwrap();
        assert_eq!(
            (decoded.studies.len(), decoded.problems.len()),
            (1, 0),
            "{point}"
        );
        assert_eq!(
            decoded.studies[0].sites[0].registered_point, None,
            "{point}"
        );
    }
}
