//! Every page of the server and every file that people open in a browser, as they are reached; and what holds for
//! each of them.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::browser::{Browser, in_browser};
use crate::changes::changed;
use crate::html::Html;
use crate::server::Server;
use crate::support::{on_sample, record};
use crate::sync::World;

/// Names and values of a form.
type Form = &'static [(&'static str, &'static str)];

/// A page, and how somebody gets there.
pub(crate) struct Stop {
    /// A name for pictures and messages.
    pub(crate) name: &'static str,
    pub(crate) path: &'static str,
    /// What is sent by POST; `None` for GET.
    pub(crate) form: Option<Form>,
    /// Whether the server answers 200.
    pub(crate) is_fine: bool,
}

const fn got(name: &'static str, path: &'static str) -> Stop {
    Stop {
        name,
        path,
        form: None,
        is_fine: true,
    }
}

const fn sent(name: &'static str, path: &'static str, form: Form) -> Stop {
    Stop {
        form: Some(form),
        ..got(name, path)
    }
}

const fn refused(stop: &Stop) -> Stop {
    Stop {
        is_fine: false,
        ..*stop
    }
}

/// What a patient may tell.
pub(crate) const TOLD: Form = &[
    ("age", "47"),
    ("sex", "female"),
    ("country", "UK"),
    ("near", "Leeds"),
    ("ms_course", "spms"),
    ("edss", "6.5"),
    ("treatments.1.drug", "Ocrevus"),
    ("treatments.1.started", "2022-01"),
    ("treatments.1.stopped", "2026-01"),
    ("infections.hbv", "positive"),
    ("labs.igg", "8.2 g/L"),
    ("conditions.malignancy", "yes"),
    ("since.malignancy", "2015"),
];

const TABLE: &str = "id,age,edss,ms_course\nP-07,47,6.5,spms\nP-08,29,3,rrms\nP-09,70,,ppms";

const BROKEN_TABLE: &str = "id,age,edss\nP-07,47,6\nP-08,47,66";

/// Every page, empty and filled, and every way in which one goes wrong.
pub(crate) const TOUR: &[Stop] = &[
    got("find", "/"),
    got(
        "find-uk",
        "/?region=uk&region=europe&near=Leeds&sort=distance",
    ),
    got("find-none", "/?phase=4"),
    got("find-none-long", "/?region=uk&phase=4&within=10&near=Leeds"),
    refused(&got("find-wrong", "/?near=Springfeild&region=us")),
    got("study", "/study/NCT07224373?near=Leeds"),
    got("study-long", "/study/NCT06675864"),
    refused(&got("study-gone", "/study/NCT00000001")),
    got("map", "/map"),
    got("map-all", "/map?status=all"),
    got("map-none", "/map?phase=4"),
    refused(&got("map-wrong", "/map?region=ukk")),
    got("changes-none", "/changes"),
    got("me", "/me"),
    sent("me-again", "/me", TOLD),
    refused(&sent(
        "me-wrong",
        "/brief",
        &[("edss", "66"), ("age", "old")],
    )),
    sent("brief", "/brief", TOLD),
    sent("brief-empty", "/brief", &[]),
    sent(
        "brief-text",
        "/brief",
        &[("edss", "6.5"), ("near", "Leeds"), ("as", "text")],
    ),
    got("clinic", "/clinic"),
    refused(&sent("clinic-wrong", "/clinic", &[("table", "name\nx")])),
    sent("panel", "/clinic", &[("table", TABLE)]),
    sent("panel-part", "/clinic", &[("table", BROKEN_TABLE)]),
    got("about", "/about"),
    refused(&got("nowhere", "/nowhere")),
];

/// What a server that keeps what it read shows otherwise.
const STORED: &[Stop] = &[
    got("stored-find", "/"),
    got("stored-study", "/study/NCT00000002"),
    got("changes", "/changes"),
    got("changes-quiet", "/changes?since=2026-08-27"),
    refused(&got("changes-wrong", "/changes?since=yesterday")),
];

/// The same a year after it last read.
const STALE: &[Stop] = &[got("stale-find", "/"), got("stale-changes", "/changes")];

/// A server that lets other people in: nobody can tell it facts.
const OPEN: &[Stop] = &[
    got("open-find", "/"),
    refused(&got("open-me", "/me")),
    refused(&got("open-clinic", "/clinic")),
];

/// A server on what a world keeps, on a day.
pub(crate) fn on_store(world: &World, today: &str) -> Server {
    let data = world.data();
    let data = data.to_str().unwrap();
    Server::start(&["--source", "store", "--data-dir", data, "--today", today])
}

/// Goes to every page of every kind of server.
pub(crate) fn everywhere_served(browser: &Browser, mut look: impl FnMut(&Browser, &Server, &Stop)) {
    let world = changed();
    for (server, stops) in [
        (Server::on_sample(), TOUR),
        (on_store(&world, "2026-08-26"), STORED),
        (on_store(&world, "2027-08-26"), STALE),
        (Server::open_to_all(&["--source", "sample"]), OPEN),
    ] {
        for stop in stops {
            stop.visit(browser, &server);
            look(browser, &server, stop);
        }
    }
}

impl Stop {
    /// Goes there; for a form, by way of a page of the server.
    pub(crate) fn visit(&self, browser: &Browser, server: &Server) {
        let address = |path: &str| format!("http://{}{path}", server.address);
        let Some(form) = self.form else {
            return browser.go(&address(self.path));
        };
        browser.go(&address("/about"));
        let script = "
            const form = document.createElement('form');
            form.method = 'post';
            form.action = arguments[0];
            for (const [name, value] of arguments[1]) {
                const field = document.createElement('textarea');
                [field.name, field.value] = [name, value];
                form.append(field);
            }
            document.body.append(form);
            window.before = true;
            form.submit();";
        browser.run(script, &[json!(self.path), json!(form)]);
        browser.wait_for("!window.before && document.readyState === 'complete'");
    }
}

/// Files that people open by themselves, written into a folder.
fn files(folder: &std::path::Path) -> Vec<(&'static str, PathBuf)> {
    let at = |name: &str| folder.join(name);
    let path = |name: &str| at(name).to_str().unwrap().to_owned();
    std::fs::write(at("patients.csv"), TABLE).unwrap();
    let (brief, told, panel, patients) = (
        path("brief.html"),
        path("told.html"),
        path("panel.html"),
        path("patients.csv"),
    );
    on_sample(&[
        "brief",
        "--living-in",
        "UK",
        "--near",
        "Leeds",
        "-o",
        &brief,
    ])
    .done();
    let facts = ["--age", "47", "--edss", "6.5", "--ms-course", "spms"];
    on_sample(&[&["brief", "-o", &told][..], &facts].concat()).done();
    on_sample(&[
        "screen",
        "--patients",
        &patients,
        "--format",
        "html",
        "-o",
        &panel,
    ])
    .done();
    vec![
        ("file-brief", at("brief.html")),
        ("file-told", at("told.html")),
        ("file-panel", at("panel.html")),
    ]
}

/// Does something on every page and every file, with everything on it unfolded.
pub(crate) fn everywhere(mut look: impl FnMut(&Browser, &str)) {
    in_browser(|browser| {
        let unfold = "document.querySelectorAll('details').forEach(one => one.open = true)";
        everywhere_served(browser, |browser, _, stop| {
            browser.run(unfold, &[]);
            look(browser, stop.name);
        });
        let folder = tempfile::tempdir().unwrap();
        for (name, path) in files(folder.path()) {
            browser.go(&format!("file://{}", path.display()));
            browser.run(unfold, &[]);
            look(browser, name);
        }
        let mut hostile = record("hostile");
        let title = &mut hostile["protocolSection"]["identificationModule"]["briefTitle"];
        *title = format!("{} {}", title.as_str().unwrap(), "x".repeat(1 << 16)).into();
        let path = folder.path().join("hostile.json");
        std::fs::write(&path, hostile.to_string()).unwrap();
        let server = Server::on_file(&path);
        for (name, path) in [
            ("hostile-find", "/"),
            ("hostile-study", "/study/NCT99000054"),
            ("hostile-map", "/map?status=all"),
        ] {
            got(name, path).visit(browser, &server);
            look(browser, name);
        }
    });
}

#[test]
fn no_page_scrolls_sideways() {
    // What sticks out, but for what lies in a scroller of its own.
    let script = "
        const width = document.documentElement.clientWidth;
        const scrolls = one => ['auto', 'scroll'].includes(getComputedStyle(one).overflowX);
        const held = one => { for (let at = one; at; at = at.parentElement) if (scrolls(at)) return true; return false; };
        const out = [...document.body.querySelectorAll('*')].filter(one => {
            const box = one.getBoundingClientRect();
            const hidden = box.width === 0 || box.right < 0;
            // A drawing cuts off what lies outside it.
            return !hidden && !one.ownerSVGElement && (box.right > width + 1 || box.left < -1) && !held(one);
        });
        const closed = [...document.body.querySelectorAll('*')].filter(one =>
            scrolls(one) && one.scrollWidth > one.clientWidth && one.tabIndex < 0 && one.tagName !== 'TEXTAREA');
        const name = one => one.tagName + '.' + one.className + ' ' + one.textContent.slice(0, 40);
        // A column of single letters is not read.
        const thin = [...document.querySelectorAll('tbody th')].filter(one =>
            one.checkVisibility() && one.getBoundingClientRect().width < 72);
        const wide = document.documentElement.scrollWidth > innerWidth ? ['the page'] : [];
        return [...wide, ...out.map(name), ...closed.map(one => 'no keyboard: ' + name(one)), ...thin.map(one => 'thin: ' + name(one))].slice(0, 5);";
    let mut found = Vec::new();
    everywhere(|browser, name| {
        for width in [320, 768, 1440] {
            browser.looks(width, &[]);
            let out = browser.run(script, &[]);
            if out != json!([]) {
                found.push(format!("{name} at {width}: {out}"));
            }
        }
    });
    assert_eq!(found, [""; 0], "{found:#?}");
}

#[test]
fn pages_ask_nobody_else_and_complain_of_nothing() {
    in_browser(|browser| {
        let mut found = Vec::new();
        let _ = browser.requests();
        everywhere_served(browser, |browser, server, stop| {
            for one in browser.complaints() {
                // The browser tells of an answer that is not 200, which these pages are meant to be.
                let is_meant =
                    !stop.is_fine && one.contains("the server responded with a status of 4");
                if !is_meant {
                    found.push(format!("{}: {one}", stop.name));
                }
            }
            let origin = format!("http://{}/", server.address);
            for request in browser.requests() {
                let url = request["url"].as_str().unwrap_or_default();
                let Some(path) = url.strip_prefix(&origin) else {
                    found.push(format!("{} asks for {url}", stop.name));
                    continue;
                };
                let own = ["style.css?", "site.js?", "about"];
                let page = stop.path.trim_start_matches('/');
                if path != page && !own.iter().any(|own| path.starts_with(own)) {
                    found.push(format!("{} asks for {url}", stop.name));
                }
            }
        });
        assert_eq!(found, [""; 0], "{found:#?}");
    });
}

#[test]
fn files_ask_nobody_and_complain_of_nothing() {
    in_browser(|browser| {
        let folder = tempfile::tempdir().unwrap();
        for (name, path) in files(folder.path()) {
            let address = format!("file://{}", path.display());
            browser.go(&address);
            assert_eq!(browser.complaints(), [""; 0], "{name}");
            let requests = browser.requests();
            let asked: Vec<&Value> = requests.iter().map(|one| &one["url"]).collect();
            assert_eq!(asked, [&json!(address)], "{name}");
        }
    });
}

#[test]
fn results_are_light_and_need_one_stylesheet() {
    let server = Server::on_sample();
    let answer = server.get("/");
    let page = Html::parse(&answer.body);
    let sheets = page.named("link");
    let scripts = page.named("script");
    assert_eq!(sheets.len(), 1);
    assert!(scripts.len() <= 1);
    assert!(scripts.iter().all(|one| one.get("defer").is_some()));
    let parts =
        (sheets.iter().map(|one| one.get("href"))).chain(scripts.iter().map(|one| one.get("src")));
    let parts = parts.map(|path| server.get(path.unwrap()).body.len());
    let weight = answer.body.len() + parts.sum::<usize>();
    assert!(weight <= 100_000, "{weight} bytes");
    for fetching in [
        "img", "iframe", "object", "embed", "video", "audio", "source",
    ] {
        assert_eq!(page.named(fetching).len(), 0, "{fetching}");
    }
}

/// Pictures of everything, for eyes: `TRIALBRIEF_SHOTS=FOLDER` keeps them.
#[test]
fn pictures_can_be_taken_of_every_page() {
    let Some(folder) = std::env::var_os("TRIALBRIEF_SHOTS").map(PathBuf::from) else {
        // Without a folder one is enough to see that it can be done.
        return in_browser(|browser| {
            let server = Server::on_sample();
            TOUR[0].visit(browser, &server);
            assert!(browser.picture(320).starts_with(b"\x89PNG"));
        });
    };
    std::fs::create_dir_all(&folder).unwrap();
    let light: &[(&str, &str)] = &[];
    let dark: &[(&str, &str)] = &[("prefers-color-scheme", "dark")];
    let contrast: &[(&str, &str)] = &[("prefers-contrast", "more")];
    let forced: &[(&str, &str)] = &[("forced-colors", "active")];
    everywhere(|browser, name| {
        for (look, width, preferences) in [
            ("light", 320, light),
            ("light", 768, light),
            ("light", 1440, light),
            ("dark", 320, dark),
            ("dark", 1440, dark),
            ("contrast", 768, contrast),
            ("forced", 768, forced),
        ] {
            browser.looks(width, preferences);
            let file = folder.join(format!("{name}-{width}-{look}.png"));
            std::fs::write(file, browser.picture(width)).unwrap();
        }
    });
}
