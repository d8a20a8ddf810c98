//! What a patient's file holds never reaches stderr, which a clinic may log: not even where it is wrong.

use serde_json::json;

use crate::support::{Run, on_sample, run};

/// Words that stand in the files below where values belong.
const SECRETS: [&str; 8] = [
    "Mustermann",
    "4711",
    "Springfield",
    "Leedz",
    "13.5",
    "1999-13",
    "rrsm",
    "ocrelizumib",
];

fn quiet(run: &Run, what: &str) {
    for word in SECRETS {
        let low = run.stderr.to_lowercase();
        assert!(
            !low.contains(&word.to_lowercase()),
            "{word} after {what}: {}",
            run.stderr
        );
    }
}

fn file(name: &str, text: &str) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    let path = path.to_str().unwrap().to_owned();
    (folder, path)
}

/// A wrong value, and what stands in its place on stderr.
const WRONG: [(&str, &str, &[&str]); 16] = [
    ("edss = 13.5", "edss", &["0 to 10"]),
    ("age = 4711", "age", &["0 to 120"]),
    ("ms_course = \"rrsm\"", "ms_course", &["rrms", "ppms"]),
    (
        "near = \"Springfield\"",
        "near",
        &["several places", "LAT,LON"],
    ),
    ("near = \"Leedz\"", "near", &["not known", "LAT,LON"]),
    ("near = \"4711\"", "near", &["LAT,LON"]),
    ("country = \"Mustermann\"", "country", &["country names"]),
    ("id = \"Mustermann\\u0007\"", "id", &["1 to 64 characters"]),
    ("diagnosed = \"1999-13\"", "diagnosed", &["YYYY-MM-DD"]),
    ("labs.igg = \"4711 Mustermann\"", "labs.igg", &["mg/dL"]),
    ("labs.mustermann = \"1\"", "labs", &["hemoglobin", "igg"]),
    (
        "infections.mustermann = \"positive\"",
        "infections",
        &["hiv"],
    ),
    (
        "infections = \"Mustermann, expected 4711\"",
        "infections",
        &["table"],
    ),
    ("absent = [\"mustermann\"]", "absent[0]", &["malignancy"]),
    (
        "treatments = [{ drug = \"x\", stopped = \"Mustermann\" }]",
        "treatments[0].stopped",
        &["ongoing"],
    ),
    (
        "conditions = [{ kind = \"seizure\", since = \"4711-99\" }]",
        "conditions[0].since",
        &["never"],
    ),
];

#[test]
fn a_wrong_value_of_a_file_is_not_repeated() {
    for (line, field, parts) in WRONG {
        let (_folder, path) = file("p.toml", &format!("# a comment\n{line}\n"));
        for command in [
            &["screen", "--patient"][..],
            &["profile", "check"],
            &["brief", "-o", "/dev/null", "--patient"],
        ] {
            let run = on_sample(&[command, &[&path]].concat());
            assert_eq!(
                (run.code, run.stdout.as_str()),
                (Some(5), ""),
                "{line}: {}",
                run.stderr
            );
            quiet(&run, line);
            let place = format!("line 2, field `{field}`");
            for part in parts.iter().chain(&[place.as_str()]) {
                assert!(
                    run.stderr.contains(part),
                    "{part} for {line} in {}",
                    run.stderr
                );
            }
        }
    }
}

#[test]
fn nor_one_of_json_or_of_a_table() {
    for text in [
        "{\"edss\": 13.5}",
        "{\"edss\": \"Mustermann\"}",
        "{\"edss\": {\"Mustermann\": 1}}",
        "{\"treatments\": \"Mustermann\"}",
        "{\"Mustermann\": 4711}",
        "{\"treatments\": [\"Mustermann\"]}",
        "{\"absent\": [{\"Mustermann\": 1}]}",
        "{\"edss\": Mustermann}",
        "{\"labs\": {\"Mustermann\": 4711}}",
        "{\"labs\": [\"Mustermann\"]}",
        "[\"Mustermann\"]",
        "{\"conditions\": [{\"Mustermann\": 1}]}",
    ] {
        let (_folder, path) = file("p.json", text);
        let run = on_sample(&["screen", "--patient", &path]);
        assert_eq!(run.code, Some(5), "{text}: {}", run.stderr);
        quiet(&run, text);
    }
    for text in [
        "id,edss,near\nP,13.5,\nQ,,Springfield\nR,,Leedz\n",
        "id,treatments,infections\nP,Mustermann:1999-13,hiv:Mustermann\nQ,a:b:c:d:e:Mustermann,Mustermann\n",
        "id,conditions,absent,labs\nP,Mustermann:4711,Mustermann,igg:4711 Mustermann;igg:13.5\n",
        // Without a header the first row is a patient.
        "Mustermann,4711,rrsm\n",
        "id,edss\nMustermann\n",
    ] {
        let (_folder, path) = file("p.csv", text);
        for command in [&["screen", "--patients"][..], &["profile", "check"]] {
            let run = on_sample(&[command, &[&path]].concat());
            assert_eq!(run.code, Some(5), "{text}: {}", run.stderr);
            quiet(&run, text);
        }
    }
}

#[test]
fn a_misspelt_field_is_named_and_the_right_one_offered() {
    for (line, misspelt, right) in [
        ("edsss = 4", "edsss", "edss"),
        ("[[treatments]]\ndrugg = \"x\"", "drugg", "drug"),
    ] {
        let (_folder, path) = file("p.toml", line);
        let run = on_sample(&["screen", "--patient", &path]);
        for part in [misspelt, &format!("did you mean `{right}`")] {
            assert!(run.stderr.contains(part), "{part} in {}", run.stderr);
        }
    }
    let (_folder, path) = file("p.csv", "id,eddss\nP,4\n");
    let run = on_sample(&["screen", "--patients", &path]);
    for part in ["line 1", "column 2", "did you mean `edss`"] {
        assert!(run.stderr.contains(part), "{part} in {}", run.stderr);
    }
}

#[test]
fn a_wrong_option_is_wrong_usage_and_its_value_is_not_repeated() {
    for (option, value, part) in [
        ("--edss", "13.5", "0 to 10"),
        ("--age", "4711", "0 to 120"),
        ("--age", "-4711", "0 to 120"),
        ("--sex", "Mustermann", "female"),
        ("--ms-course", "rrsm", "rrms"),
        ("--living-in", "Mustermann", "country names"),
        ("--diagnosed", "1999-13", "YYYY"),
        ("--labs", "igg:4711", "mg/dL"),
        ("--infections", "Mustermann:positive", "hiv"),
        ("--treatments", "ocrelizumib:1999-13", "YYYY"),
        ("--conditions", "seizure:Mustermann", "never"),
    ] {
        for command in ["screen", "brief"] {
            let run = on_sample(&[command, option, value, "-o", "/dev/null"]);
            assert_eq!(
                (run.code, run.stdout.as_str()),
                (Some(2), ""),
                "{option} {value}: {}",
                run.stderr
            );
            quiet(&run, option);
            for part in [option, part] {
                assert!(
                    run.stderr.contains(part),
                    "{part} for {option} in {}",
                    run.stderr
                );
            }
        }
    }
    // A list that the shell parted.
    for words in [
        &["screen", "--treatments", "a", "Mustermann"][..],
        &["brief", "--id", "P", "-4711"],
    ] {
        let run = run(words);
        assert_eq!(run.code, Some(2), "{}", run.stderr);
        quiet(&run, "a stray word");
    }
}

#[test]
fn a_bundle_that_is_wrong_is_not_repeated_nor_its_free_text_kept() {
    let bundle = json!({"resourceType": "Bundle", "entry": [
        {"resource": {"resourceType": "Condition", "code": {"text": "Mustermann told me a secret"}}},
        {"resource": {"resourceType": "Condition", "code": {
            "coding": [{"system": "http://snomed.info/sct", "code": "24700007", "display": "Mustermann MS"}], "text": "Mustermann has MS"}}},
        {"resource": {"resourceType": "Condition", "code": {
            "coding": [{"system": "http://hl7.org/fhir/sid/icd-10", "code": "H46", "display": "Mustermann eye"}], "text": "Mustermann saw badly"}}},
        {"resource": {"resourceType": "Condition", "code": {"coding": [{"code": "Mustermann wrote here"}]}}},
    ]});
    let (folder, path) = file("bundle.json", &bundle.to_string());
    let out = folder.path().join("out");
    let out = out.to_str().unwrap();
    let mut texts = Vec::new();
    for format in ["table", "json", "markdown", "html", "csv"] {
        let run = on_sample(&["screen", "--verbose", "--format", format, "--fhir", &path]).done();
        texts.extend([run.stdout, run.stderr]);
    }
    for command in [
        &["profile", "check", "--fhir"][..],
        &["profile", "check", "--format", "json", "--fhir"],
    ] {
        let run = on_sample(&[command, &[&path]].concat()).done();
        assert!(run.stdout.contains("H46"), "{}", run.stdout);
        texts.extend([run.stdout, run.stderr]);
    }
    for command in [
        &["brief", "-o", out, "--fhir"][..],
        &["brief", "--format", "markdown", "-o", out, "--fhir"],
    ] {
        let run = on_sample(&[command, &[&path]].concat()).done();
        texts.extend([run.stderr, std::fs::read_to_string(out).unwrap()]);
    }
    let profile = folder.path().join("p.toml");
    let run = on_sample(&[
        "profile",
        "new",
        "-o",
        profile.to_str().unwrap(),
        "--fhir",
        &path,
    ])
    .done();
    texts.extend([run.stderr, std::fs::read_to_string(&profile).unwrap()]);
    for text in texts {
        assert!(!text.contains("Mustermann"), "{text}");
    }
    for text in [
        "{\"resourceType\": \"Bundle\", \"entry\": \"Mustermann\"}",
        "{\"resourceType\": [\"Mustermann\"]}",
        "{Mustermann",
    ] {
        let (_folder, path) = file("bundle.json", text);
        let run = on_sample(&["screen", "--fhir", &path]);
        assert_eq!(run.code, Some(5), "{}", run.stderr);
        quiet(&run, text);
    }
}
