//! Forms of input that a reader meets and that are not what they seem: nothing is passed over in silence.

use std::io::Write;

use serde_json::json;

use crate::support::{on_file, program, record, run};

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let bytes = serde_json::to_vec(&record("primary")).unwrap();
    std::fs::write(folder.path().join("one.json"), bytes).unwrap();
    folder
}

#[test]
fn folders_in_a_folder_are_named_since_they_are_not_read() {
    let folder = folder();
    let below = folder.path().join("older");
    std::fs::create_dir(&below).unwrap();
    std::fs::write(below.join("two.json"), record("primary").to_string()).unwrap();
    let run = on_file(folder.path(), &["search", "--status", "all"]).done();
    assert!(run.stderr.contains("older"), "{}", run.stderr);
    assert!(run.stderr.contains("not read"), "{}", run.stderr);
}

#[test]
fn a_folder_without_records_below_is_not_spoken_of() {
    let folder = folder();
    std::fs::create_dir(folder.path().join("notes")).unwrap();
    let run = on_file(folder.path(), &["search", "--status", "all"]).done();
    assert!(!run.stderr.contains("notes"), "{}", run.stderr);
}

#[test]
fn a_file_of_another_kind_is_called_by_its_kind() {
    let folder = tempfile::tempdir().unwrap();
    let text = record("primary").to_string();
    let wide: Vec<u8> = [0xFEFF_u16]
        .into_iter()
        .chain(text.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    let swapped: Vec<u8> = wide.chunks(2).flat_map(|pair| [pair[1], pair[0]]).collect();
    for (name, bytes, kind) in [
        ("little.json", wide, "UTF-16"),
        ("big.json", swapped, "UTF-16"),
        (
            "packed.json",
            b"PK\x03\x04rest of an archive".to_vec(),
            "ZIP",
        ),
        (
            "page.json",
            b"<!DOCTYPE html><html><body>Sorry</body></html>".to_vec(),
            "HTML",
        ),
    ] {
        let file = folder.path().join(name);
        std::fs::write(&file, bytes).unwrap();
        let run = on_file(&file, &["search"]);
        assert_eq!(run.code, Some(5), "{name}: {}", run.stderr);
        assert!(
            run.stderr.contains(kind) && run.stderr.contains(name),
            "{}",
            run.stderr
        );
        assert_eq!(run.stdout, "");
    }
}

#[test]
fn a_page_that_is_a_study_too_loses_neither() {
    let mut both = record("primary");
    let mut other = record("primary");
    other["protocolSection"]["identificationModule"]["nctId"] = "NCT09999901".into();
    both["studies"] = json!([other]);
    let mut file = tempfile::Builder::new().suffix(".json").tempfile().unwrap();
    file.write_all(both.to_string().as_bytes()).unwrap();
    let run = on_file(
        file.path(),
        &["search", "--status", "all", "--format", "json"],
    )
    .done();
    assert_eq!(
        run.json()["trials"].as_array().unwrap().len(),
        2,
        "{}",
        run.stderr
    );
}

#[test]
fn a_total_that_is_no_number_is_told_and_is_no_record() {
    let page = json!({"totalCount": "7", "studies": [record("primary")]});
    let mut file = tempfile::Builder::new().suffix(".json").tempfile().unwrap();
    file.write_all(page.to_string().as_bytes()).unwrap();
    let run = on_file(
        file.path(),
        &["search", "--status", "all", "--format", "json"],
    )
    .done();
    let json = run.json();
    assert_eq!(json["trials"].as_array().unwrap().len(), 1);
    assert!(run.stderr.contains("totalCount"), "{}", run.stderr);
    assert!(
        !run.stderr.contains("1 record could not be used"),
        "{}",
        run.stderr
    );
    assert_eq!(
        json["source"]["complete"], false,
        "whether it is all cannot be known"
    );
}

#[test]
fn export_says_that_its_files_are_named_otherwise() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("out.csv");
    let file = file.to_str().unwrap();
    let source = ["--source", "sample", "export", "--csv", file];
    for wrong in [["-o", "other.csv"], ["--format", "markdown"]] {
        let run = run(&[&source[..], &wrong[..]].concat());
        assert_eq!(run.code, Some(2), "{wrong:?}: {}", run.stderr);
        assert!(run.stderr.contains("--csv"), "{}", run.stderr);
        assert!(!std::path::Path::new(file).exists(), "{wrong:?}");
    }
    run(&source).done();
}

#[test]
fn a_list_of_sentinels_without_one_guards_nothing_and_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("list.txt");
    std::fs::write(&list, "# none yet\n\n").unwrap();
    let csv = folder.path().join("out.csv");
    let run: crate::support::Run = program()
        .args(["export", "--source", "sample", "--csv"])
        .arg(&csv)
        .arg("--sentinels")
        .arg(&list)
        .output()
        .unwrap()
        .into();
    assert_eq!(run.code, Some(5), "{}", run.stderr);
    assert!(run.stderr.contains("--sentinels none"), "{}", run.stderr);
    assert!(!csv.exists());
}

#[test]
fn what_was_typed_comes_back_without_its_control_characters() {
    for args in [
        vec!["search", "--phase\u{1b}[31m"],
        vec!["search\u{1b}]0;x\u{7}"],
        vec!["search", "--format", "ta\u{1b}[2Jble"],
        vec!["search", "--limit", "1\u{202e}2"],
    ] {
        let run = run(&args);
        assert_eq!(run.code, Some(2), "{args:?}: {}", run.stderr);
        assert!(
            !run.stderr.contains(['\u{1b}', '\u{7}', '\u{202e}']),
            "{args:?}: {:?}",
            run.stderr
        );
    }
}

#[test]
fn the_offered_command_asks_the_same_registry_with_the_same_words() {
    let folder = tempfile::tempdir().unwrap();
    let lexicon = folder.path().join("my words.tsv");
    let head = "name\taliases\tclass\ttargets\tsource\tsource_basis\tknown_from\tnote\n";
    std::fs::write(&lexicon, head).unwrap();
    let lexicon = lexicon.to_str().unwrap();
    let run = run(&[
        "search",
        "--source",
        "sample",
        "--lexicon",
        lexicon,
        "--country",
        "Malta",
        "--open-here",
    ])
    .done();
    let offered = run.stdout.replace('\n', " ");
    let words = offered.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("--lexicon"), "{}", run.stdout);
}
