//! The JSON of the server: what the command line writes, and errors that say what to do.

use serde_json::Value;

use crate::server::Server;
use crate::support::on_sample;

/// A JSON document without the times at which it was made.
fn timeless(mut document: Value) -> Value {
    document["generated_at"].take();
    document["source"]["retrieved_at"].take();
    document["source"]["attribution"].take();
    document
}

#[test]
fn a_search_is_what_the_command_line_writes() {
    let server = Server::on_sample();
    for (query, args) in [
        ("", &[][..]),
        ("?region=uk&region=europe", &["--region", "uk,europe"]),
        (
            "?region=uk,europe&open-here=true",
            &["--region", "uk,europe", "--open-here"],
        ),
        (
            "?phase=2&status=all&limit=3",
            &["--phase", "2", "--status", "all", "--limit", "3"],
        ),
        (
            "?near=Leeds&within=500&sort=distance",
            &["--near", "Leeds", "--within", "500", "--sort", "distance"],
        ),
        (
            "?country=Germany&target=CD19",
            &["--country", "Germany", "--target", "CD19"],
        ),
        ("?phase=4", &["--phase", "4"]),
    ] {
        let answer = server.get(&format!("/api/search{query}"));
        assert_eq!(answer.status, 200, "{query}: {}", answer.body);
        assert_eq!(answer.header("content-type"), "application/json");
        let written = on_sample(&[&["search", "--format", "json"], args].concat()).done();
        assert_eq!(timeless(answer.json()), timeless(written.json()), "{query}");
    }
}

#[test]
fn a_study_is_what_the_command_line_writes() {
    let server = Server::on_sample();
    let answer = server.get("/api/studies/nct07224373?near=Leeds");
    let written = on_sample(&["show", "NCT07224373", "--near", "Leeds", "--format", "json"]).done();
    assert_eq!(timeless(answer.json()), timeless(written.json()));
}

#[test]
fn a_patient_is_screened_as_on_the_command_line() {
    let server = Server::on_sample();
    let folder = tempfile::tempdir().unwrap();
    let profile = r#"{"id": "P-07", "age": 47, "ms_course": "spms", "edss": 6, "country": "UK", "infections": {"hbv": "positive"}}"#;
    let file = folder.path().join("p.json");
    std::fs::write(&file, profile).unwrap();
    let written = on_sample(&[
        "screen",
        "--patient",
        file.to_str().unwrap(),
        "--format",
        "json",
    ])
    .done();
    let answer = server.post_as("/api/screen", "application/json", profile, "");
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(timeless(answer.json()), timeless(written.json()));

    let table = "id,age,edss\nA,47,6\nB,70,2.5\n";
    let file = folder.path().join("p.csv");
    std::fs::write(&file, table).unwrap();
    let args = [
        "screen",
        "--patients",
        file.to_str().unwrap(),
        "--study",
        "NCT07224373",
        "--format",
        "json",
    ];
    let written = on_sample(&args).done();
    let answer = server.post_as("/api/screen?study=NCT07224373", "text/csv", table, "");
    let ids = |document: &Value| -> Vec<String> {
        let patients = document["patients"].as_array().unwrap().iter();
        let mut ids: Vec<String> = patients.map(ToString::to_string).collect();
        ids.sort();
        ids
    };
    assert_eq!(ids(&answer.json()), ids(&written.json()));
}

#[test]
fn errors_are_problem_details() {
    let server = Server::on_sample();
    for (path, status, part) in [
        ("/api/search?region=ukk", 400, "did you mean `uk`"),
        ("/api/search?regoin=uk", 400, "region"),
        ("/api/search?age=47", 400, "/api/screen"),
        ("/api/search?within=ten&near=Leeds", 400, "kilometres"),
        ("/api/search?limit=0", 400, "limit"),
        ("/api/search?near=Springfield", 400, "Springfield"),
        ("/api/studies/NCT00000001", 404, "NCT00000001"),
        ("/api/studies/12", 404, "NCT"),
        ("/api/nothing", 404, "/api/search"),
    ] {
        let answer = server.get(path);
        assert_eq!(answer.status, status, "{path}: {}", answer.body);
        assert_eq!(
            answer.header("content-type"),
            "application/problem+json",
            "{path}"
        );
        let problem = answer.json();
        assert_eq!(problem["status"], status);
        assert!(!problem["title"].as_str().unwrap().is_empty() && problem["type"].is_string());
        assert!(
            problem["detail"].as_str().unwrap().contains(part),
            "{path}: {problem}"
        );
    }
    for (kind, body, status, part) in [
        ("application/json", "{\"edss\": 44}", 422, "edss"),
        ("application/json", "{\"edsss\": 4}", 422, "edsss"),
        ("application/json", "[]", 422, "one patient"),
        ("application/json", "{", 422, "line 1"),
        ("text/csv", "id,agee\nA,4\n", 422, "did you mean `age`"),
        ("text/csv", "id,age\nA,4\nB,x\n", 422, "age"),
        ("text/html", "x", 415, "text/csv"),
    ] {
        let answer = server.post_as("/api/screen", kind, body, "");
        assert_eq!(answer.status, status, "{body}: {}", answer.body);
        assert_eq!(answer.header("content-type"), "application/problem+json");
        assert!(answer.body.contains(part), "{}", answer.body);
    }
}

#[test]
fn its_health_tells_the_data() {
    let health = Server::on_sample().get("/healthz").json();
    assert_eq!(health["status"], "ok");
    assert_eq!(health["source"], "sample");
    assert_eq!(health["complete"], true);
    assert!(health["studies"].as_u64().unwrap() > 30);
    assert!(
        health["registry_timestamp"]
            .as_str()
            .unwrap()
            .starts_with("2026-08")
    );
}

#[test]
fn what_is_no_profile_is_told_in_plain_words() {
    let server = Server::on_sample();
    for body in ["null", "47", "\"Leeds\"", "true"] {
        let answer = server.post_as("/api/screen", "application/json", body, "");
        assert_eq!(answer.status, 422, "{body}");
        assert!(!answer.body.contains("struct"), "{}", answer.body);
        assert!(answer.body.contains("in braces"), "{}", answer.body);
    }
}

#[test]
fn a_study_that_is_not_held_is_told_alike_everywhere() {
    let server = Server::on_sample();
    let asked = server.post_as(
        "/api/screen?study=NCT00000001",
        "application/json",
        "{\"age\": 47}",
        "",
    );
    let shown = server.get("/api/studies/NCT00000001");
    assert_eq!((asked.status, shown.status), (404, 404));
    assert_eq!(asked.json()["detail"], shown.json()["detail"]);
    let several = server.post_as(
        "/api/screen?study=NCT00000001,NCT00000002",
        "application/json",
        "{\"age\": 47}",
        "",
    );
    assert!(
        several.body.contains("NCT00000002") && several.body.contains("does not mean"),
        "{}",
        several.body
    );
}
