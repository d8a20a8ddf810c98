//! The description of the service, held against what it answers.

use serde_json::Value;

use crate::server::{Answer, Server};

const PROFILE: &str = r#"{"id": "P-07", "age": 47, "ms_course": "spms", "edss": 6, "country": "UK", "infections": {"hbv": "positive"}, "treatments": [{"drug": "Ocrevus", "started": "2024", "stopped": "2026-06-01"}, {"drug": "Okrevus"}]}"#;

fn document(server: &Server) -> Value {
    let answer = server.get("/api/openapi.json");
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), "application/json");
    answer.json()
}

/// What a document says of an answer: its schema, with all that it refers to.
fn schema(document: &Value, path: &str, method: &str, answer: &Answer) -> Value {
    let responses = &document["paths"][path][method]["responses"];
    let mut response = &responses[answer.status.to_string()];
    assert!(
        response.is_object(),
        "{method} {path}: {} is not described",
        answer.status
    );
    if let Some(name) = response["$ref"].as_str() {
        let pointer = name.trim_start_matches('#');
        response = document.pointer(pointer).unwrap();
    }
    for name in response["headers"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, _)| name)
    {
        assert!(
            !answer.header(&name.to_lowercase()).is_empty(),
            "{name} of {answer:?}"
        );
    }
    let kind = answer.header("content-type").split(';').next().unwrap();
    let content = &response["content"][kind];
    assert!(
        content.is_object(),
        "{method} {path} {}: {kind} is not described",
        answer.status
    );
    let mut schema = content["schema"].clone();
    schema["components"] = document["components"].clone();
    schema
}

fn assert_described(document: &Value, path: &str, method: &str, answer: &Answer) {
    let schema = schema(document, path, method, answer);
    if !answer.header("content-type").contains("json") {
        return;
    }
    let validator = jsonschema::validator_for(&schema).unwrap();
    let value = answer.json();
    let wrong: Vec<String> = (validator.iter_errors(&value))
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(
        wrong.is_empty(),
        "{method} {path} {}: {wrong:#?}",
        answer.status
    );
}

/// What is asked by GET: the pattern of the address, the address, and the status of the answer.
const ASKED: [(&str, &str, u16); 14] = [
    ("/api/search", "/api/search", 200),
    ("/api/search", "/api/search?status=all", 200),
    (
        "/api/search",
        "/api/search?region=uk&region=us&phase=1,2&open-here=true&near=Leeds&within=900&sort=distance&limit=2",
        200,
    ),
    ("/api/search", "/api/search?phase=4", 200),
    ("/api/search", "/api/search?region=ukk", 400),
    ("/api/search", "/api/search?age=47", 400),
    ("/api/studies/{nct}", "/api/studies/NCT07224373", 200),
    (
        "/api/studies/{nct}",
        "/api/studies/nct07139743?near=-33.87,151.21",
        200,
    ),
    (
        "/api/studies/{nct}",
        "/api/studies/NCT07224373?near=Nowhere-at-all",
        400,
    ),
    ("/api/studies/{nct}", "/api/studies/NCT00000001", 404),
    ("/api/studies/{nct}", "/api/studies/nonsense", 404),
    ("/healthz", "/healthz", 200),
    ("/metrics", "/metrics", 200),
    ("/api/openapi.json", "/api/openapi.json", 200),
];

/// What is asked of the screening service: query, media type, body, and the status of the answer.
fn screenings(large: &str) -> [(&'static str, &'static str, &str, u16); 10] {
    let csv = "id,age,edss\nA,47,6\nB,70,2.5\n";
    [
        ("", "application/json", PROFILE, 200),
        ("?study=NCT07224373", "application/json", PROFILE, 200),
        ("", "text/csv", csv, 200),
        ("?study=NCT00000001", "application/json", PROFILE, 404),
        ("?edss=4", "application/json", PROFILE, 400),
        ("", "application/json", "{\"edss\": 11}", 422),
        ("", "application/json", "not json", 422),
        ("", "text/csv", "id,agee\nA,47\n", 422),
        ("", "text/plain", "", 415),
        ("", "text/csv", large, 413),
    ]
}

#[test]
fn every_answer_is_as_described() {
    let server = Server::on_sample();
    let document = document(&server);
    let mut seen = std::collections::BTreeSet::new();
    let mut check = |path: &'static str, method: &'static str, status: u16, answer: &Answer| {
        assert_eq!(answer.status, status, "{path}: {}", answer.body);
        assert_described(&document, path, method, answer);
        seen.insert((path, method));
    };
    for (path, asked, status) in ASKED {
        check(path, "get", status, &server.get(asked));
    }
    let large = format!("id,age\n{}", "A,47\n".repeat(1 << 20));
    for (query, kind, body, status) in screenings(&large) {
        let answer = server.post_as(&format!("/api/screen{query}"), kind, body, "");
        check("/api/screen", "post", status, &answer);
    }
    let open = Server::open_to_all(&["--source", "sample"]);
    let refused = open.post_as("/api/screen", "application/json", PROFILE, "");
    check("/api/screen", "post", 403, &refused);
    // Nothing is described that was not asked here.
    for (path, methods) in document["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            assert!(
                seen.contains(&(path.as_str(), method.as_str())),
                "{method} {path}"
            );
        }
    }
}

#[test]
fn methods_that_are_not_taken_are_named() {
    let server = Server::on_sample();
    let document = document(&server);
    for (path, method) in [
        ("/api/search", "get"),
        ("/healthz", "get"),
        ("/api/screen", "post"),
    ] {
        let request = format!(
            "DELETE {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
            server.address
        );
        let answer = server.send(&request);
        assert_eq!(answer.status, 405, "{path}");
        assert!(
            answer.header("allow").contains(&method.to_uppercase()),
            "{answer:?}"
        );
        assert_eq!(
            answer.header("content-type"),
            "application/problem+json",
            "{path}"
        );
        assert_described(&document, path, method, &answer);
    }
}

#[test]
fn the_document_is_one_of_openapi() {
    let document = document(&Server::on_sample());
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["info"]["version"], env!("CARGO_PKG_VERSION"));
    // Every schema is one, every reference leads somewhere.
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        let mut schema = schema.clone();
        schema["components"] = document["components"].clone();
        assert!(jsonschema::validator_for(&schema).is_ok(), "{name}");
    }
    // Filters of the page are filters of the service, each described.
    let described = &document["paths"]["/api/search"]["get"]["parameters"];
    let names: Vec<&str> = described
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["name"].as_str().unwrap())
        .collect();
    let refused = Server::on_sample()
        .get("/api/search?no-such-filter=1")
        .json();
    let allowed = refused["detail"].as_str().unwrap();
    for name in &names {
        assert!(allowed.contains(name), "{name} in {allowed}");
    }
    let (_, allowed) = allowed.split_once("allowed: ").unwrap();
    let count = allowed.split(';').next().unwrap().split(", ").count();
    assert_eq!(count, names.len(), "{allowed}");
}
