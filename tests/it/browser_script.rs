//! What the script adds, done in a browser: a list that narrows, answers that are kept only on demand, a copied text.

use serde_json::{Value, json};

use crate::browser::{Browser, in_browser, in_browser_that_keeps_nothing};
use crate::browser_tour::TOUR;
use crate::server::Server;

/// How many cards one sees, and what is read aloud about it.
const NARROWED: &str = "
    const cards = [...document.querySelectorAll('.card')];
    return [cards.filter(one => one.checkVisibility()).length, document.querySelector('.said[role=status]').textContent];";

/// Puts words into a field as a hand does: what was there is marked first.
fn type_over(browser: &Browser, css: &str, words: &str) {
    let mark = "const field = document.querySelector(arguments[0]); field.focus(); field.select();";
    browser.run(mark, &[json!(css)]);
    browser.press(words);
}

fn go(browser: &Browser, server: &Server, path: &str) {
    browser.go(&format!("http://{}{path}", server.address));
}

#[test]
fn a_list_narrows_while_somebody_types() {
    in_browser(|browser| {
        let server = Server::on_sample();
        go(browser, &server, "/");
        let cards = "return [...document.querySelectorAll('.card')].map(one => one.textContent)";
        let cards = browser.run(cards, &[]);
        let cards: Vec<String> = (cards.as_array().unwrap().iter())
            .map(|one| one.as_str().unwrap().to_lowercase())
            .collect();
        let all = cards.len();
        assert_eq!(
            browser.run(NARROWED, &[]),
            json!([all, ""]),
            "quiet at first"
        );
        let _ = browser.requests();
        for words in ["nct06675864", "CD19", "cd19  united", "no such words"] {
            let holds = |card: &&String| {
                let words = words.to_lowercase();
                words.split_whitespace().all(|word| card.contains(word))
            };
            let some = cards.iter().filter(holds).count();
            assert!(some < all, "{words} narrow nothing");
            type_over(browser, "#narrow", words);
            let said = format!("{some} of {all} trials shown. Empty the field to see all.");
            assert_eq!(browser.run(NARROWED, &[]), json!([some, said]), "{words}");
        }
        type_over(browser, "#narrow", "\u{e003}");
        let said = format!("All {all} trials shown.");
        assert_eq!(browser.run(NARROWED, &[]), json!([all, said]));
        // What is typed goes nowhere, Enter or not.
        type_over(browser, "#narrow", "secret\u{e007}");
        let place = browser.run("return location.pathname + location.search", &[]);
        assert_eq!(place, json!("/"));
        assert_eq!(browser.requests(), Vec::<Value>::new());
        // Where nothing was found there is nothing to narrow.
        go(browser, &server, "/?phase=4");
        let fields = "return document.querySelectorAll('#narrow').length";
        assert_eq!(browser.run(fields, &[]), json!(0));
    });
}

/// Everything that is kept by name, and whether the box is ticked.
const REMEMBERED: &str = "return [{...localStorage}, document.querySelector('#remember').checked]";

/// What stands in four fields of the form.
const ANSWERS: &str = "return ['#f-edss', '#f-near', '#f-ms-course', '#f-treatments-1-drug']
    .map(css => document.querySelector(css).value)";

/// Answers four questions, one of them by a choice, one in what is folded.
fn answer(browser: &Browser) {
    browser.fill("#f-edss", "6.5");
    browser.fill("#f-near", "Leeds");
    browser.fill("#f-ms-course", "Secondary");
    browser.run(
        "document.querySelector('#f-treatments-1-drug').closest('details').open = true",
        &[],
    );
    browser.fill("#f-treatments-1-drug", "Ocrevus\t");
    assert_eq!(browser.run(ANSWERS, &[]), told());
}

fn told() -> Value {
    json!(["6.5", "Leeds", "spms", "Ocrevus"])
}

fn make_the_brief(browser: &Browser) {
    browser.click("form.situation button[type=submit]");
    browser.wait_for("document.querySelector('.page')");
}

#[test]
fn answers_are_not_remembered_unless_somebody_asks_for_it() {
    in_browser(|browser| {
        let server = Server::on_sample();
        go(browser, &server, "/me");
        assert_eq!(browser.run(REMEMBERED, &[]), json!([{}, false]));
        answer(browser);
        assert_eq!(browser.run(REMEMBERED, &[]), json!([{}, false]));
        make_the_brief(browser);
        assert_eq!(browser.run("return {...localStorage}", &[]), json!({}));
        go(browser, &server, "/me");
        assert_eq!(browser.run(REMEMBERED, &[]), json!([{}, false]));
        assert_eq!(browser.run(ANSWERS, &[]), json!(["", "", "", ""]));
    });
}

/// The words beside the box.
const SAID: &str = "return document.querySelector('.remember .said').textContent";

/// Ticks the box, answers, and says what is kept.
fn remember(browser: &Browser, server: &Server) -> Value {
    go(browser, server, "/me");
    browser.click("#remember");
    answer(browser);
    assert_eq!(browser.run(SAID, &[]), json!("Kept in this browser."));
    let kept = browser.run(REMEMBERED, &[]);
    assert_eq!(kept[1], json!(true));
    let kept = kept[0]["trialbrief.answers"].as_str().unwrap().to_owned();
    serde_json::from_str(&kept).unwrap()
}

#[test]
fn answers_are_remembered_and_forgotten() {
    in_browser(|browser| {
        let server = Server::on_sample();
        let kept = remember(browser, &server);
        let pairs = json!([
            ["near", "Leeds"],
            ["ms_course", "spms"],
            ["edss", "6.5"],
            ["treatments.1.drug", "Ocrevus"]
        ]);
        let sorted = |pairs: &Value| {
            let mut pairs: Vec<String> = pairs
                .as_array()
                .unwrap()
                .iter()
                .map(Value::to_string)
                .collect();
            pairs.sort();
            pairs
        };
        assert_eq!(sorted(&kept), sorted(&pairs), "what was told, and no more");
        make_the_brief(browser);
        // The next visit.
        go(browser, &server, "/about");
        go(browser, &server, "/me");
        assert_eq!(browser.run(ANSWERS, &[]), told());
        assert_eq!(
            browser.run(SAID, &[]),
            json!("Your answers of last time were filled in.")
        );
        let shown = "return document.querySelector('#f-treatments-1-drug').checkVisibility()";
        assert_eq!(
            browser.run(shown, &[]),
            json!(true),
            "what is filled in is seen"
        );
        // What is kept is never sent by itself.
        assert_eq!(browser.run("return location.search", &[]), json!(""));
        // What the server filled in is newer, and is left alone.
        let again = TOUR.iter().find(|stop| stop.name == "me-again").unwrap();
        again.visit(browser, &server);
        let drug = "return document.querySelector('#f-country').value";
        assert_eq!(browser.run(drug, &[]), json!("UK"));
        assert_eq!(browser.run(SAID, &[]), json!(""));
        // By the button, then by the box.
        browser.click(".remember button");
        assert_eq!(browser.run(REMEMBERED, &[]), json!([{}, false]));
        let said = browser.run(SAID, &[]);
        assert!(said.as_str().unwrap().starts_with("Forgotten"), "{said}");
        go(browser, &server, "/me");
        assert_eq!(browser.run(ANSWERS, &[]), json!(["", "", "", ""]));
        remember(browser, &server);
        browser.click("#remember");
        assert_eq!(browser.run(REMEMBERED, &[]), json!([{}, false]));
        // Once forgotten, what is still told stays untold.
        type_over(browser, "#f-edss", "7\t");
        make_the_brief(browser);
        assert_eq!(browser.run("return {...localStorage}", &[]), json!({}));
    });
}

#[test]
fn what_is_forgotten_in_one_tab_is_not_kept_by_another() {
    in_browser(|browser| {
        let server = Server::on_sample();
        remember(browser, &server);
        // Another tab of the same browser: a frame tells a page of it in the same way.
        let forget = "
            localStorage.removeItem('trialbrief.answers');
            dispatchEvent(new StorageEvent('storage', {key: 'trialbrief.answers', newValue: null, storageArea: localStorage}));";
        browser.run(forget, &[]);
        assert_eq!(browser.run(REMEMBERED, &[]), json!([{}, false]));
        make_the_brief(browser);
        assert_eq!(browser.run("return {...localStorage}", &[]), json!({}));
    });
}

#[test]
fn what_cannot_be_read_or_kept_breaks_nothing() {
    in_browser(|browser| {
        let server = Server::on_sample();
        for odd in [
            "{",
            "7",
            "[[1,2],\"x\",[\"edss\"]]",
            "[[\"ms_course\",\"<b>\"]]",
        ] {
            go(browser, &server, "/about");
            browser.run(
                "localStorage.setItem('trialbrief.answers', arguments[0])",
                &[json!(odd)],
            );
            go(browser, &server, "/me");
            let empty = browser.run(ANSWERS, &[]);
            assert_eq!(empty, json!(["", "", "", ""]), "{odd}");
            assert_eq!(browser.complaints(), [""; 0], "{odd}");
        }
        browser.click(".remember button");
        // A browser that keeps nothing for pages.
        browser.run(
            "Storage.prototype.setItem = () => { throw new Error('full') }",
            &[],
        );
        browser.click("#remember");
        assert_eq!(browser.run(REMEMBERED, &[]), json!([{}, false]));
        let said = browser.run(SAID, &[]);
        assert!(said.as_str().unwrap().contains("does not let"), "{said}");
    });
}

#[test]
fn a_browser_that_lets_no_page_keep_anything_shows_all_the_rest() {
    in_browser_that_keeps_nothing(|browser| {
        let server = Server::on_sample();
        go(browser, &server, "/me");
        let forbids = "try { localStorage; return false } catch { return true }";
        assert_eq!(browser.run(forbids, &[]), json!(true));
        let ticked = "return document.querySelector('#remember').checked";
        for button in [".remember button", "#remember"] {
            browser.run(
                "document.querySelector('.remember .said').textContent = ''",
                &[],
            );
            browser.click(button);
            let said = browser.run(SAID, &[]);
            assert!(
                said.as_str().unwrap().contains("does not let"),
                "{button}: {said}"
            );
            assert_eq!(browser.run(ticked, &[]), json!(false), "{button}");
        }
        answer(browser);
        make_the_brief(browser);
        go(browser, &server, "/");
        type_over(browser, "#narrow", "no such words");
        let narrowed = browser.run(NARROWED, &[]);
        assert_eq!(narrowed[0], json!(0), "{narrowed}");
        assert_eq!(browser.complaints(), [""; 0]);
    });
}

/// Lets pages of a server write to the clipboard, or not, and read it.
fn clipboard(browser: &Browser, server: &Server, setting: &str) {
    let origin = format!("http://{}", server.address);
    for (name, setting) in [("clipboard-write", setting), ("clipboard-read", "granted")] {
        let asked = json!({"permission": {"name": name}, "setting": setting, "origin": origin});
        browser.tell("Browser.setPermission", &asked);
    }
}

#[test]
fn a_brief_is_copied_by_a_button() {
    in_browser(|browser| {
        let server = Server::on_sample();
        let stop = TOUR.iter().find(|stop| stop.name == "brief-text").unwrap();
        clipboard(browser, &server, "granted");
        stop.visit(browser, &server);
        let text = browser.run("return document.querySelector('textarea.copy').value", &[]);
        assert!(
            text.as_str().is_some_and(|text| text.contains("Leeds")),
            "{text}"
        );
        browser.click("textarea.copy + button");
        browser
            .wait_for("document.querySelector('textarea.copy ~ .said').textContent === 'Copied.'");
        let read = "
            const done = arguments[arguments.length - 1];
            navigator.clipboard.readText().then(done, error => done('' + error));";
        assert_eq!(browser.await_of(read, &[]), text);
        // A browser that forbids it: the text is marked, so that a key copies it.
        clipboard(browser, &server, "denied");
        stop.visit(browser, &server);
        browser.click("textarea.copy + button");
        browser.wait_for(
            "document.querySelector('textarea.copy ~ .said').textContent.includes('marked')",
        );
        let marked = "const text = document.querySelector('textarea.copy');
            return text.value.slice(text.selectionStart, text.selectionEnd)";
        assert_eq!(browser.run(marked, &[]), text);
        // The next test finds nothing of it.
        browser.tell("Browser.resetPermissions", &json!({}));
    });
}
