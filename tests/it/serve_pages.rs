//! The pages of the server, as somebody without JavaScript sees them.

use crate::html::Html;
use crate::server::Server;
use crate::support::{on_sample, record};

const MANY: &[(&str, &str)] = &[
    ("age", "47"),
    ("sex", "female"),
    ("country", "UK"),
    ("near", "Leeds"),
    ("ms_course", "spms"),
    ("edss", "6"),
    ("treatments.1.drug", "Ocrevus"),
    ("treatments.1.started", "2022-01"),
    ("treatments.1.stopped", "2026-01"),
    ("infections.hbv", "positive"),
    ("labs.igg", "8.2 g/L"),
    ("conditions.seizure", "never"),
    ("conditions.malignancy", "yes"),
    ("since.malignancy", "2015"),
    ("pregnant", ""),
];

fn page(body: &str) -> Html {
    let page = Html::parse(body);
    page.assert_served();
    page
}

#[test]
fn the_first_page_lists_what_is_open() {
    let server = Server::on_sample();
    let answer = server.get("/");
    assert!(answer.header("content-type").starts_with("text/html"));
    assert!(answer.body.len() < 100_000, "{} bytes", answer.body.len());
    let page = page(&answer.body);
    let listed = on_sample(&["search", "--format", "json"]).done().json();
    let listed = listed["trials"].as_array().unwrap();
    assert_eq!(page.of_class("card").len(), listed.len());
    let text = page.text();
    for part in [
        "SAMPLE, NOT LIVE",
        "no further",
        "38 trials read",
        "not medical advice",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    // A person is not told to type commands.
    assert!(!text.contains("trialbrief search"), "{text}");
}

#[test]
fn a_filter_narrows_and_tells_where_studies_went() {
    let server = Server::on_sample();
    let uk = server.get("/?region=uk&near=Leeds&within=&country=&target=");
    assert_eq!(uk.status, 200, "{}", uk.body);
    let page = page(&uk.body);
    let text = page.text();
    assert!(
        text.contains("listed, closed here") && text.contains("7 with a site in the UK"),
        "{text}"
    );
    assert!(text.contains("city centre of Leeds"), "{text}");
    let checked = |value: &str| {
        let inputs = page.named("input");
        let found = inputs.iter().find(|one| one.get("value") == Some(value));
        found.unwrap().get("checked").is_some()
    };
    assert!(checked("uk") && !checked("us"));
    assert!(uk.body.contains("/study/NCT07224373?near=Leeds"));
}

#[test]
fn nothing_found_shows_a_way_on() {
    let server = Server::on_sample();
    let none = server.get("/?phase=4");
    assert_eq!(none.status, 200);
    let page = page(&none.body);
    let text = page.text();
    assert!(
        text.contains("No trial fits") && text.contains("phase"),
        "{text}"
    );
    let links = page.named("a");
    assert!(
        links.iter().any(|one| one.get("href") == Some("/")),
        "a way back"
    );
}

#[test]
fn a_wrong_word_is_told_in_the_form() {
    let server = Server::on_sample();
    let wrong = server.get("/?near=Springfeild&region=us");
    assert_eq!(wrong.status, 400);
    let page = page(&wrong.body);
    assert!(page.text_of("errors").contains("Springfeild"));
    assert!(page.named("form").len() == 1 && wrong.body.contains("value=\"Springfeild\""));
    // A fact about a patient has no place in an address.
    for path in ["/?age=47", "/?edss=4", "/me?age=47"] {
        let refused = server.get(path);
        assert_eq!(refused.status, 400, "{path}");
        assert!(refused.body.contains("/me"), "{path}");
    }
}

#[test]
fn a_study_is_told_whole() {
    let server = Server::on_sample();
    let answer = server.get("/study/NCT06675864?near=Leeds");
    assert_eq!(answer.status, 200);
    let page = page(&answer.body);
    let text = page.text();
    for part in [
        "SAMPLE, NOT LIVE",
        "Who it is for, in plain words",
        "What rules people out",
        "The rules, abridged in our own words",
        "Whom to ask",
        "only the study team can decide",
        "about",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(
        answer
            .body
            .contains("https://clinicaltrials.gov/study/NCT06675864")
    );
    let gone = server.get("/study/NCT00000001");
    assert_eq!(gone.status, 404);
    assert!(
        gone.body
            .contains("https://clinicaltrials.gov/study/NCT00000001")
    );
}

#[test]
fn every_fact_can_be_told_and_none_must() {
    let server = Server::on_sample();
    let answer = server.get("/me");
    assert_eq!(answer.header("cache-control"), "no-store");
    let page = page(&answer.body);
    let names: Vec<String> = ["input", "select", "textarea"]
        .into_iter()
        .flat_map(|name| page.named(name))
        .filter_map(|one| one.get("name").map(str::to_owned))
        .collect();
    for field in trialbrief::patient::FIELDS {
        let asked = names
            .iter()
            .any(|name| name.split('.').next() == Some(field));
        assert!(
            asked || ["schema", "absent"].contains(&field),
            "{field} is not asked"
        );
    }
    assert!(!answer.body.contains("required"));
    let text = page.text().to_lowercase();
    assert!(
        !text.contains("date of birth?") && !text.contains("your name"),
        "{text}"
    );
    // The answers go back into the form, by POST.
    let again = server.post("/me", MANY);
    assert_eq!(again.status, 200);
    assert!(again.body.contains("value=\"8.2 g/L\"") && again.body.contains("value=\"Ocrevus\""));
}

#[test]
fn a_brief_is_made_of_the_answers() {
    let server = Server::on_sample();
    let answer = server.post("/brief", MANY);
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.header("cache-control"), "no-store");
    let page = page(&answer.body);
    let text = page.text();
    for part in [
        "SAMPLE, NOT LIVE",
        "8.2 g/L",
        "For your neurologist",
        "Positive",
        "Leeds",
    ] {
        assert!(
            text.to_lowercase().contains(&part.to_lowercase()),
            "{part} in {text}"
        );
    }
    assert!(!text.to_lowercase().contains("you are eligible"));
    for link in page.named("a") {
        let to = link.get("href").unwrap_or_default();
        assert!(!to.contains("8.2") && !to.contains("age="), "{to}");
    }
    // The same as a file, which stands alone.
    let file = server.post("/brief", &[MANY, &[("download", "html")]].concat());
    assert_eq!(
        file.header("content-disposition"),
        "attachment; filename=\"trialbrief-2026-08-25.html\""
    );
    assert_eq!(file.header("cache-control"), "no-store");
    Html::parse(&file.body).assert_sound();
    assert!(file.body.contains("8.2 g/L"));
}

#[test]
fn a_brief_without_answers_judges_nobody() {
    let server = Server::on_sample();
    let answer = server.post("/brief", &[("age", ""), ("edss", " "), ("sex", "")]);
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert!(
        page(&answer.body)
            .text()
            .contains("Nothing about your health")
    );
}

#[test]
fn wrong_answers_come_back_with_all_others_kept() {
    let server = Server::on_sample();
    let fields = [
        ("edss", "44"),
        ("age", "x"),
        ("labs.igg", "8.2 g/L"),
        ("treatments.2.reason", "bad"),
    ];
    let answer = server.post("/brief", &fields);
    assert_eq!(answer.status, 422);
    assert_eq!(answer.header("cache-control"), "no-store");
    let page = page(&answer.body);
    let errors = page.text_of("errors");
    for part in ["EDSS", "half steps", "How old", "reason"] {
        assert!(errors.contains(part), "{part} in {errors}");
    }
    assert!(answer.body.contains("value=\"8.2 g/L\"") && answer.body.contains("value=\"44\""));
    let unknown = server.post("/brief", &[("surname", "x")]);
    assert_eq!(unknown.status, 422);
    assert!(unknown.body.contains("no such field"), "{}", unknown.body);
}

#[test]
fn a_clinic_gets_its_table() {
    let server = Server::on_sample();
    let table = "id,age,edss,ms_course\nA-1,47,6,spms\nA-2,70,2.5,rrms\n";
    for answer in [server.post("/clinic", &[("table", table)]), server.post_as("/clinic", "multipart/form-data; boundary=b", &format!(
        "--b\r\nContent-Disposition: form-data; name=\"table\"\r\n\r\n\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x.csv\"\r\nContent-Type: text/csv\r\n\r\n{table}\r\n--b--\r\n"), "")] {
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert_eq!(answer.header("cache-control"), "no-store");
        let page = page(&answer.body);
        let text = page.text();
        assert!(text.contains("A-1") && text.contains("A-2") && text.contains("SAMPLE, NOT LIVE"), "{text}");
        assert_eq!(page.of_class("cell").len() % 2, 0);
    }
    let wrong = server.post("/clinic", &[("table", "id,age\nA-1,47\nA-2,x\n")]);
    assert_eq!(wrong.status, 200, "the others are screened");
    let page = page(&wrong.body);
    assert!(page.text_of("errors").contains("line 3"));
    assert!(page.text().contains("A-1"));
    for (table, part) in [
        ("id,agee\nA,4\n", "column 2"),
        ("", "CSV"),
        ("id,age\n", "no patient"),
    ] {
        let answer = server.post("/clinic", &[("table", table)]);
        assert_eq!(answer.status, 422, "{table}");
        assert!(answer.body.contains(part), "{}", answer.body);
    }
    let many = format!("id,age\n{}", "A,47\n".repeat(5_000));
    let answer = server.post("/clinic", &[("table", &many)]);
    assert_eq!(answer.status, 422);
    assert!(answer.body.contains("screen --patients"), "{}", answer.body);
}

#[test]
fn hostile_records_stay_words() {
    let mut record = record("hostile");
    let title = &mut record["protocolSection"]["identificationModule"]["briefTitle"];
    *title = format!(
        "{} {}",
        title.as_str().unwrap(),
        "very long words ".repeat(1 << 16)
    )
    .into();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("hostile.json");
    std::fs::write(&file, record.to_string()).unwrap();
    let server = Server::on_file(&file);
    for path in [
        "/",
        "/study/NCT99000054",
        "/api/search",
        "/api/studies/NCT99000054",
    ] {
        let answer = server.get(path);
        assert_eq!(answer.status, 200, "{path}");
        if path.starts_with("/api") {
            continue;
        }
        assert!(
            answer.body.len() < 100_000,
            "{path}: {} bytes",
            answer.body.len()
        );
        let page = page(&answer.body);
        assert!(page.text().contains("alert(1)"), "{path}: shown as words");
        let bad = page.text().chars().find(|c| {
            c.is_control() && *c != '\n' || matches!(*c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}')
        });
        assert_eq!(bad, None, "{path}");
    }
    let hostile = "\"><script>alert(1)</script>";
    let answer = server.post("/brief", &[("edss", hostile)]);
    assert!(!answer.body.contains("<script>"));
    let answer = server.get("/?near=%22%3E%3Cscript%3Ealert(1)%3C/script%3E");
    assert!(!answer.body.contains("<script>"));
}

#[test]
fn what_the_page_is_and_is_not() {
    let server = Server::on_sample();
    let page = page(&server.get("/about").body);
    let text = page.text();
    for part in [
        "ClinicalTrials.gov",
        "SAMPLE, NOT LIVE",
        "not medical advice",
        "GeoNames",
        "2026-08",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
}

#[test]
fn one_stylesheet_and_nothing_else_is_asked_for() {
    let server = Server::on_sample();
    let page = Html::parse(&server.get("/").body);
    let links = page.named("link");
    assert_eq!(links.len(), 1);
    let style = server.get(links[0].get("href").unwrap());
    assert_eq!(style.header("content-type"), "text/css; charset=utf-8");
    assert!(style.header("cache-control").contains("max-age"));
    assert!(!style.body.contains("url(") && !style.body.contains("@import"));
}

#[test]
fn a_clinic_sees_the_best_first_and_takes_the_table_along() {
    let server = Server::on_sample();
    let table = "id,age,sex,edss,ms_course\nP-01,47,female,6,spms\nP-02,12,male,2,rrms\n";
    let shown = page(&server.post("/clinic", &[("table", table)]).body);
    let signs: Vec<String> = shown
        .of_class("cell")
        .iter()
        .map(|one| one.text.clone())
        .collect();
    // Of the first patient, from the best verdict to the worst but for what another patient has better.
    let unlikely = |words: &String| words.contains("unlikely");
    let half = signs.len() / 2;
    let pairs = signs[..half].iter().zip(&signs[half..]);
    let best: Vec<bool> = pairs
        .map(|(one, other)| unlikely(one) && unlikely(other))
        .collect();
    assert!(best.is_sorted(), "{best:?}");

    let csv = server.post("/clinic", &[("table", table), ("as", "csv")]);
    assert!(
        csv.header("content-disposition").contains("verdicts-"),
        "{csv:?}"
    );
    let folder = tempfile::tempdir().unwrap();
    let patients = folder.path().join("patients.csv");
    std::fs::write(&patients, table).unwrap();
    let args = [
        "screen",
        "--patients",
        patients.to_str().unwrap(),
        "--format",
        "csv",
    ];
    assert_eq!(csv.body, on_sample(&args).done().stdout);

    let turned = page(
        &server
            .post("/clinic", &[("table", table), ("as", "turned")])
            .body,
    );
    assert_eq!(turned.of_class("cell").len(), signs.len());
    assert!(
        turned
            .named("li")
            .iter()
            .any(|one| one.text.contains("P-01"))
    );
    assert_eq!(
        server
            .post("/clinic", &[("table", table), ("as", "pdf")])
            .status,
        422
    );
}
