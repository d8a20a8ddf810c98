//! What a browser keeps of the facts about a patient: nothing.

use serde_json::{Value, json};

use crate::browser::in_browser;
use crate::browser_tour::{TOLD, TOUR};
use crate::server::Server;

/// Everything that a page can keep in a browser.
const KEPT: &str = "
    const done = arguments[arguments.length - 1];
    (async () => ({
        local: {...localStorage},
        session: {...sessionStorage},
        cookies: document.cookie,
        databases: await indexedDB.databases(),
        caches: await caches.keys(),
        workers: (await navigator.serviceWorker.getRegistrations()).length,
        state: history.state,
        name: window.name,
    }))().then(done, error => done('' + error));";

#[test]
fn nothing_of_a_patient_stays_in_the_browser() {
    in_browser(|browser| {
        let server = Server::on_sample();
        let origin = format!("http://{}", server.address);
        let _ = browser.requests();
        // The form of the page itself.
        browser.go(&format!("{origin}/me"));
        browser.fill("#f-edss", "6.5");
        browser.fill("#f-near", "Leeds");
        browser.click("form.situation button[type=submit]");
        browser.wait_for("document.querySelector('.page')");
        let place = browser.run("return [location.href, document.referrer]", &[]);
        assert_eq!(place, json!([format!("{origin}/brief"), ""]));
        for name in ["brief", "brief-text", "me-again", "me-wrong", "panel"] {
            let stop = TOUR.iter().find(|stop| stop.name == name).unwrap();
            stop.visit(browser, &server);
            let place = browser.run("return [location.href, document.referrer]", &[]);
            assert_eq!(
                place,
                json!([format!("{origin}{}", stop.path), ""]),
                "{name}"
            );
            let kept = browser.await_of(KEPT, &[]);
            let nothing = json!({"local": {}, "session": {}, "cookies": "", "databases": [], "caches": [],
                "workers": 0, "state": null, "name": ""});
            assert_eq!(kept, nothing, "{name}");
        }
        let cookies = browser.tell("Network.getAllCookies", &json!({}));
        assert_eq!(cookies["cookies"], json!([]));
        let history = browser.tell("Page.getNavigationHistory", &json!({}));
        let entries = history["entries"].as_array().unwrap();
        assert!(entries.len() > 4);
        for entry in entries {
            for place in ["url", "userTypedURL", "title"] {
                assert_tells_nothing(entry[place].as_str().unwrap());
            }
        }
        let requests = browser.requests();
        let posts = requests.iter().filter(|one| one["method"] == "POST");
        assert_eq!(posts.count(), 6, "{requests:#?}");
        for request in &requests {
            let url = request["url"].as_str().unwrap();
            assert!(url.starts_with(&format!("{origin}/")), "{url}");
            assert_tells_nothing(url);
            let headers = request["headers"].as_object().unwrap();
            let mut referrers = headers.iter().filter(|(name, value)| {
                name.eq_ignore_ascii_case("referer") && **value != json!("")
            });
            assert_eq!(referrers.next(), None, "{request}");
        }
    });
}

/// No value of a patient stands in a text, percent-encoded or not.
fn assert_tells_nothing(text: &str) {
    let told = TOLD.iter().map(|(_, value)| *value);
    for value in told.filter(|value| value.len() > 2) {
        let encoded: String = form_urlencoded::byte_serialize(value.as_bytes()).collect();
        for form in [value, encoded.as_str()] {
            assert!(!text.contains(form), "{form} in {text}");
        }
    }
    assert!(!text.contains("?e") && !text.contains("P-07"), "{text}");
}

#[test]
fn a_form_that_was_left_is_not_filled_in_by_the_browser() {
    in_browser(|browser| {
        let server = Server::on_sample();
        let me = format!("http://{}/me", server.address);
        browser.go(&me);
        let script = "return [...document.querySelectorAll('form')]
            .filter(form => form.method === 'post')
            .flatMap(form => [...form.elements])
            .filter(one => one.matches('input[type=text], textarea') && one.autocomplete !== 'off')
            .map(one => one.name)";
        assert_eq!(browser.run(script, &[]), json!([]));
        browser.fill("#f-edss", "6.5");
        browser.go(&format!("http://{}/about", server.address));
        browser.go(&me);
        let value: Value = browser.run("return document.querySelector('#f-edss').value", &[]);
        assert_eq!(value, json!(""), "a new visit begins empty");
    });
}
