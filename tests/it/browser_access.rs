//! Can everybody use the pages? axe-core reads them in the browser; keys alone must reach everything.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Value, json};
use thirtyfour::Key;

use crate::browser::{Browser, in_browser};
use crate::browser_tour::{everywhere, everywhere_served};
use crate::server::Server;

/// Where `npm ci` in `tests/browser` puts the checker.
const AXE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/browser/node_modules/axe-core/axe.min.js"
);

/// The checker; `None`, with a word about it, where it was not fetched. `TRIALBRIEF_AXE=require` makes that a failure.
#[expect(clippy::print_stderr, reason = "a test that is skipped says why")]
fn axe() -> Option<String> {
    let read = std::fs::read_to_string(Path::new(AXE));
    if read.is_err() {
        let required = std::env::var("TRIALBRIEF_AXE").is_ok_and(|word| word == "require");
        assert!(!required, "axe-core is required, but {AXE} is not there");
        eprintln!("skipped: axe-core is not there; `npm ci` in tests/browser fetches it");
    }
    read.ok()
}

/// What the checker finds on the page that is open, a line each.
fn violations(browser: &Browser, axe: &str) -> Vec<String> {
    if browser.run("return !!window.axe", &[]) != json!(true) {
        browser.run(axe, &[]);
    }
    // Every rule, also the one on the size of what is pressed (WCAG 2.2, 2.5.8), which is off by itself.
    let script = "
        const done = arguments[arguments.length - 1];
        axe.run(document, {resultTypes: ['violations'], rules: {'target-size': {enabled: true}}})
            .then(found => done(found.violations.flatMap(rule => rule.nodes.slice(0, 3).map(node =>
                rule.id + ': ' + node.target.join(' ') + ': ' + node.failureSummary))), error => done(['' + error]));";
    let found = browser.await_of(script, &[]);
    let found = found.as_array().unwrap().iter();
    found.map(|one| one.as_str().unwrap().to_owned()).collect()
}

#[test]
fn axe_finds_nothing_on_any_page() {
    let Some(axe) = axe() else { return };
    let mut found = Vec::new();
    everywhere(|browser, name| {
        for width in [320, 1440] {
            for scheme in ["light", "dark"] {
                browser.looks(width, &[("prefers-color-scheme", scheme)]);
                for one in violations(browser, &axe) {
                    found.push(format!("{name}, {width}, {scheme}: {one}"));
                }
            }
        }
    });
    assert_eq!(found, [""; 0], "{found:#?}");
}

/// A short name for what has the focus, or `null` for nothing.
const FOCUSED: &str = "
    const one = document.activeElement;
    if (!one || one === document.body) return null;
    const all = [...document.querySelectorAll('*')];
    return all.indexOf(one) + ' ' + one.tagName + ' ' + (one.id || one.textContent.trim().slice(0, 30));";

/// Whether one sees where the focus is: a ring of two pixels at least.
const RINGED: &str = "
    const one = document.activeElement;
    const style = getComputedStyle(one);
    return one.matches(':focus-visible') && style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;";

/// Presses Tab until something has the focus; what is passed must be ringed.
pub(crate) fn tab_to(browser: &Browser, css: &str) {
    for _ in 0..400 {
        browser.key(Key::Tab);
        let focused = browser.run(FOCUSED, &[]);
        if focused == Value::Null {
            continue;
        }
        assert_eq!(browser.run(RINGED, &[]), json!(true), "no ring: {focused}");
        let script = "return document.activeElement.matches(arguments[0])";
        if browser.run(script, &[json!(css)]) == json!(true) {
            return;
        }
    }
    panic!("the keyboard never reaches {css}");
}

#[test]
fn keys_reach_everything_in_the_order_of_the_page() {
    let script = "
        const all = [...document.querySelectorAll('*')];
        // A dot of a map has its row in the table.
        const can = 'a[href]:not(svg a), button, input:not([type=hidden]), select, textarea, summary, [tabindex=\"0\"]';
        return all.flatMap((one, at) => one.matches(can) && one.checkVisibility() ? [at] : []);";
    let looked_at = [
        "find",
        "find-none",
        "me",
        "clinic",
        "panel",
        "study",
        "map",
        "changes",
        "changes-wrong",
        "brief",
        "brief-text",
        "about",
    ];
    let mut seen = 0;
    in_browser(|browser| {
        everywhere_served(browser, |browser, _, stop| {
            if !looked_at.contains(&stop.name) {
                return;
            }
            seen += 1;
            let can = browser.run(script, &[]);
            let can: BTreeSet<u64> = (can.as_array().unwrap().iter())
                .filter_map(Value::as_u64)
                .collect();
            let mut reached = Vec::new();
            for _ in 0..=can.len() {
                browser.key(Key::Tab);
                let focused = browser.run(FOCUSED, &[]);
                let Some(name) = focused.as_str() else { break };
                assert_eq!(
                    browser.run(RINGED, &[]),
                    json!(true),
                    "{}: no ring: {name}",
                    stop.name
                );
                reached.push(name.split(' ').next().unwrap().parse::<u64>().unwrap());
            }
            assert!(reached.is_sorted(), "{}: {reached:?}", stop.name);
            let reached: BTreeSet<u64> = reached.into_iter().collect();
            let missed: Vec<&u64> = can.difference(&reached).collect();
            assert!(missed.is_empty(), "{}: {missed:?}", stop.name);
        });
        assert_eq!(seen, looked_at.len());
    });
}

#[test]
fn who_wants_no_motion_or_own_colours_gets_that() {
    in_browser(|browser| {
        let server = Server::on_sample();
        browser.go(&format!("http://{}/", server.address));
        let moving = "return [...document.querySelectorAll('*')].filter(one => {
            const style = getComputedStyle(one);
            return parseFloat(style.animationDuration) > 0.01 || parseFloat(style.transitionDuration) > 0.01
                || style.scrollBehavior === 'smooth';
        }).length";
        browser.looks(768, &[("prefers-reduced-motion", "reduce")]);
        assert_eq!(browser.run(moving, &[]), json!(0));
        // More contrast: 7 to 1 for all words, and lines as dark as words (WCAG 2.2, 1.4.6).
        let colours = "const of = getComputedStyle(document.documentElement);
            return ['ground', 'panel', 'ink', 'soft', 'link', 'line', 'fits', 'asks', 'against', 'alarm', 'alarm-ink']
                .map(name => of.getPropertyValue('--' + name).trim())";
        for scheme in ["light", "dark"] {
            let wish = [
                ("prefers-contrast", "more"),
                ("prefers-color-scheme", scheme),
            ];
            browser.looks(768, &wish);
            let all = browser.run(colours, &[]);
            let all: Vec<&str> = all
                .as_array()
                .unwrap()
                .iter()
                .filter_map(Value::as_str)
                .collect();
            let (grounds, rest) = all.split_at(2);
            let (inks, alarm) = rest.split_at(7);
            for ink in inks {
                for ground in grounds {
                    let ratio = contrast(ink, ground);
                    assert!(ratio >= 7.0, "{scheme}: {ink} on {ground}: {ratio:.2}");
                }
            }
            assert!(contrast(alarm[0], alarm[1]) >= 7.0, "{scheme}: {alarm:?}");
        }
        // Where the reader's own colours are forced, the ring and the frames stay.
        browser.looks(768, &[("forced-colors", "active")]);
        tab_to(browser, "button[type=submit]");
        let bare = "return [...document.querySelectorAll('.card, .alarm, button, input[type=text]')]
            .filter(one => parseFloat(getComputedStyle(one).borderTopWidth) < 1).map(one => one.outerHTML.slice(0, 80))";
        assert_eq!(browser.run(bare, &[]), json!([]));
    });
}

/// Contrast of two colours such as `#14602f` (WCAG 2.2, "contrast ratio").
fn contrast(one: &str, other: &str) -> f64 {
    let luminance = |colour: &str| {
        let part = |at: usize| {
            let part = u8::from_str_radix(&colour[at..at + 2], 16).unwrap();
            let value = f64::from(part) / 255.0;
            if value <= 0.04045 {
                value / 12.92
            } else {
                ((value + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5)
    };
    let (a, b) = (luminance(one), luminance(other));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[test]
fn what_is_pressed_is_large_enough() {
    let script = "return [...document.querySelectorAll('button, select, input:not([type=hidden]), textarea, summary, nav a')]
        .filter(one => one.checkVisibility())
        .map(one => {
            const box = (one.closest('label') || one).getBoundingClientRect();
            return [one.tagName + ' ' + (one.name || one.textContent), box.width, box.height];
        })
        .filter(([, width, height]) => height < 24 || width < 24).slice(0, 5)";
    let mut found = Vec::new();
    everywhere(|browser, name| {
        browser.looks(320, &[]);
        let small = browser.run(script, &[]);
        if small != json!([]) {
            found.push(format!("{name}: {small}"));
        }
    });
    assert_eq!(found, [""; 0], "{found:#?}");
}
