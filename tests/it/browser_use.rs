//! What people do with the pages, done in a browser.

use serde_json::{Value, json};
use thirtyfour::Key;

use crate::browser::{Browser, in_browser};
use crate::browser_access::tab_to;
use crate::browser_tour::on_store;
use crate::changes::changed;
use crate::server::Server;

/// The words of the page.
fn words(browser: &Browser) -> String {
    let words = browser.run("return document.body.innerText", &[]);
    words.as_str().unwrap().to_owned()
}

fn path(browser: &Browser) -> String {
    let path = browser.run("return location.pathname + location.search", &[]);
    path.as_str().unwrap().to_owned()
}

fn count(browser: &Browser, css: &str) -> u64 {
    let script = "return document.querySelectorAll(arguments[0]).length";
    browser.run(script, &[json!(css)]).as_u64().unwrap()
}

/// Clicks, and waits for the page that it leads to.
fn follow(browser: &Browser, css: &str) {
    browser.run("window.before = true", &[]);
    browser.click(css);
    browser.wait_for("!window.before && document.readyState === 'complete'");
}

/// Presses Enter on what has the focus, and waits for the page that it leads to.
fn enter(browser: &Browser) {
    browser.run("window.before = true", &[]);
    browser.key(Key::Enter);
    browser.wait_for("!window.before && document.readyState === 'complete'");
}

/// From the first page to a study and on to the form.
fn finds_a_study(browser: &Browser, server: &Server) {
    browser.go(&format!("http://{}/", server.address));
    let all = count(browser, ".card");
    assert!(all > 1);
    browser.click("#f-region-uk");
    browser.fill("#f-near", "Leeds");
    follow(browser, "form.find button");
    let some = count(browser, ".card");
    assert!(some > 0 && some < all, "{some} of {all}");
    assert!(words(browser).contains("city centre of Leeds"));
    follow(browser, ".card a");
    assert!(path(browser).starts_with("/study/NCT"), "{}", path(browser));
    let told = words(browser);
    for part in ["Who it is for, in plain words", "Whom to ask"] {
        assert!(told.contains(part), "{part} in {told}");
    }
}

#[test]
fn a_patient_finds_a_study_from_an_empty_start() {
    in_browser(|browser| finds_a_study(browser, &Server::on_sample()));
}

/// Chooses by the arrow keys, as one does in a list that has the focus.
fn choose(browser: &Browser, value: &str) {
    for _ in 0..20 {
        if browser.run("return document.activeElement.value", &[]) == json!(value) {
            return;
        }
        browser.key(Key::Down);
    }
    panic!("the arrow keys never choose {value}");
}

#[test]
fn keys_alone_lead_to_a_brief_on_paper() {
    in_browser(|browser| {
        let server = Server::on_sample();
        browser.go(&format!("http://{}/", server.address));
        // The first stop leads past the links.
        browser.key(Key::Tab);
        assert_eq!(
            browser.run("return document.activeElement.className", &[]),
            json!("skip")
        );
        tab_to(browser, "nav a[href='/me']");
        enter(browser);
        tab_to(browser, "#f-age");
        browser.press("47");
        tab_to(browser, "#f-sex");
        choose(browser, "female");
        tab_to(browser, "#f-country");
        browser.press("UK");
        tab_to(browser, "#f-near");
        browser.press("Leeds");
        tab_to(browser, "#f-ms-course");
        choose(browser, "spms");
        tab_to(browser, "#f-edss");
        browser.press("6.5");
        // What is folded is opened by Space, and by Enter.
        tab_to(browser, "summary");
        browser.press(" ");
        tab_to(browser, "#f-treatments-1-drug");
        browser.press("Ocrevus");
        tab_to(browser, "summary");
        browser.key(Key::Enter);
        tab_to(browser, "form.situation button[type=submit]");
        enter(browser);
        assert_eq!(path(browser), "/brief");
        let told = words(browser);
        for part in ["For your neurologist", "6.5", "Leeds", "Ocrevus"] {
            assert!(told.contains(part), "{part} in {told}");
        }
        on_paper(browser);
    });
}

fn on_paper(browser: &Browser) {
    let paper = browser.print();
    assert!(paper.starts_with(b"%PDF-"));
    let text = String::from_utf8_lossy(&paper);
    let pages = text.matches("/Type /Page").count() - text.matches("/Type /Pages").count();
    assert!((2..=40).contains(&pages), "{pages} pages");
    // What is for the screen stays there.
    browser.looks(794, &[("media", "print")]);
    let shown = "return [...document.querySelectorAll('nav, form, .skip, .tools')]
        .filter(one => one.checkVisibility()).map(one => one.outerHTML.slice(0, 60))";
    assert_eq!(browser.run(shown, &[]), json!([]));
    let colour = "return getComputedStyle(document.body).color";
    browser.looks(794, &[("media", "print"), ("prefers-color-scheme", "dark")]);
    assert_eq!(
        browser.run(colour, &[]),
        json!("rgb(0, 0, 0)"),
        "black on paper"
    );
}

/// Sends a table that was pasted, and returns the names of the rows that come back.
fn pasted(browser: &Browser, server: &Server, table: &str) -> Value {
    browser.go(&format!("http://{}/clinic", server.address));
    browser.fill("#f-table", table);
    follow(browser, "form[action='/clinic'] button");
    rows(browser)
}

fn rows(browser: &Browser) -> Value {
    let script = "return [...document.querySelectorAll('tbody th[scope=row]')]
        .map(one => one.firstChild.textContent.trim())";
    browser.run(script, &[])
}

#[test]
fn a_clinician_puts_a_table_against_the_trials() {
    in_browser(|browser| {
        let server = Server::on_sample();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("patients.csv");
        std::fs::write(
            &file,
            "id,age,edss,ms_course\nP-07,47,6,spms\nP-08,70,,ppms\n",
        )
        .unwrap();
        browser.go(&format!("http://{}/clinic", server.address));
        browser.fill("#f-file", file.to_str().unwrap());
        follow(browser, "form[action='/clinic'] button");
        assert_eq!(
            rows(browser),
            json!(["P-07 (line 2 of the table)", "P-08 (line 3 of the table)"])
        );
        // The reasons of a cell unfold by keyboard.
        tab_to(browser, "td summary");
        browser.key(Key::Enter);
        let open = "return document.querySelector('td details').open && document.querySelector('td details li').innerText";
        let open = browser.run(open, &[]);
        assert!(open.as_str().is_some_and(|words| words.len() > 5), "{open}");
        let table = "id,age,edss\nP-01,30,2\nP-02,31,66\nP-03,32,3";
        assert_eq!(
            pasted(browser, &server, table),
            json!(["P-01 (line 2 of the table)", "P-03 (line 4 of the table)"])
        );
        let told = words(browser);
        // The third line of what was pasted, whose lines a browser ends with CR LF.
        for part in ["line 3", "edss", "66"] {
            assert!(told.contains(part), "{part} in {told}");
        }
        assert!(told.contains("left out"), "{told}");
        assert_eq!(pasted(browser, &server, "id,ege\nP-01,30"), json!([]));
        // By its place: what somebody wrote there may be a fact.
        let told = words(browser);
        assert!(told.contains("column 2 is no field"), "{told}");
        assert_eq!(path(browser), "/clinic");
    });
}

#[test]
fn all_of_it_goes_without_javascript() {
    in_browser(|browser| {
        let server = Server::on_sample();
        browser.tell(
            "Emulation.setScriptExecutionDisabled",
            &json!({"value": true}),
        );
        // A page that would change its own name shows that it cannot.
        let folder = tempfile::tempdir().unwrap();
        let probe = folder.path().join("probe.html");
        std::fs::write(
            &probe,
            "<title>off</title><script>document.title = 'on'</script>",
        )
        .unwrap();
        browser.go(&format!("file://{}", probe.display()));
        assert_eq!(browser.run("return document.title", &[]), json!("off"));
        finds_a_study(browser, &server);
        follow(browser, "nav a[href='/me']");
        browser.fill("#f-edss", "6.5");
        follow(browser, "form.situation button[type=submit]");
        assert!(words(browser).contains("For your neurologist"));
        follow(browser, ".tools button[formaction='/me']");
        let value = browser.run("return document.querySelector('#f-edss').value", &[]);
        assert_eq!(value, json!("6.5"), "the answers are still there");
        assert_eq!(
            pasted(browser, &server, "id,age\nP-01,30"),
            json!(["P-01 (line 2 of the table)"])
        );
        for page in ["/about", "/?phase=4"] {
            browser.go(&format!("http://{}{page}", server.address));
            assert!(words(browser).contains("not medical advice"), "{page}");
        }
    });
}

#[test]
fn a_dot_of_the_map_leads_to_its_trial_or_its_row() {
    in_browser(|browser| {
        let server = Server::on_sample();
        browser.go(&format!("http://{}/map?status=all", server.address));
        let lost = "
            const dots = [...document.querySelectorAll('.map-drawing a')];
            // Behind its number in the table.
            const named = row => row?.textContent.replace(/^\\d+\\. /, '');
            const rows = [...document.querySelectorAll('.cities tbody tr')].map(named);
            const lost = dots.filter(dot => {
                const city = dot.querySelector('title').textContent.split(':')[0];
                const link = dot.getAttribute('href');
                const row = link.startsWith('#') ? named(document.querySelector(link))
                    : rows.find(row => row.startsWith(city) && row.includes(link.slice('/study/'.length)));
                return !row?.startsWith(city);
            });
            return [dots.length > 40, lost.map(dot => dot.outerHTML)]";
        assert_eq!(browser.run(lost, &[]), json!([true, []]));
        // A hand can press what is drawn on top.
        let top = "
            const dots = [...document.querySelectorAll('#map-europe ~ a')].reverse();
            const dot = dots.find(dot => dot.getAttribute('href').startsWith('/study/'));
            dot.id = 'pressed';
            return dot.getAttribute('href')";
        let link = browser.run(top, &[]);
        follow(browser, "#pressed path");
        assert_eq!(json!(path(browser)), link);
    });
}

#[test]
fn who_follows_changes_opens_the_feed() {
    in_browser(|browser| {
        let world = changed();
        let server = on_store(&world, "2026-08-26");
        browser.go(&format!("http://{}/changes", server.address));
        assert!(count(browser, ".changes h3") > 1);
        follow(browser, "a[href^='/changes.atom']");
        assert_eq!(path(browser), "/changes.atom?since=2026-07-27");
        // Chromium shows it as text.
        let read = "
            const feed = new DOMParser().parseFromString(document.body.textContent, 'text/xml');
            const count = name => feed.getElementsByTagName(name).length;
            return [feed.documentElement.localName, count('parsererror'), count('entry') > 1]";
        assert_eq!(browser.run(read, &[]), json!(["feed", 0, true]));
        assert_eq!(browser.complaints(), [""; 0]);
    });
}
