//! A real browser: headless Chromium, told what to do by `WebDriver`. One driver and one browser serve all tests, one
//! test at a time; they end with the last test that needs them.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use thirtyfour::prelude::*;
use thirtyfour::{BrowserLogEntry, ChromiumLikeCapabilities, LoggingPrefsLogLevel};
use tokio::runtime::Runtime;

/// What the browser is started with: nothing on the screen, nothing asked of anybody but the tests' own servers.
const ARGUMENTS: [&str; 9] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
];

/// How long anything in the browser may take.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// Height of the window in CSS pixels, at any width.
const HEIGHT: u64 = 900;

/// Height of a picture at most.
const TALLEST: u64 = 8000;

static RUNNING: Mutex<Weak<Mutex<Browser>>> = Mutex::new(Weak::new());

/// A browser, and the driver that it hangs on.
pub(crate) struct Browser {
    child: Child,
    runtime: Runtime,
    driver: Option<WebDriver>,
    /// Where it keeps its things: a new, empty folder.
    home: tempfile::TempDir,
}

/// Does a test in the browser, with everything forgotten that other tests did there. Where there is no Chromium the
/// test is skipped, and says so; `TRIALBRIEF_BROWSER=require` makes that a failure.
pub(crate) fn in_browser(test: impl FnOnce(&Browser)) {
    if let Some(shared) = started(running()) {
        let browser = lock(&shared);
        browser.forget();
        test(&browser);
    }
}

/// What was started; `None` where the test is skipped.
#[expect(clippy::print_stderr, reason = "a test that is skipped says why")]
fn started<T>(browser: Result<T, String>) -> Option<T> {
    browser
        .map_err(|why| {
            let required = std::env::var("TRIALBRIEF_BROWSER").is_ok_and(|word| word == "require");
            assert!(!required, "a browser is required, but {why}");
            eprintln!("skipped: {why}");
        })
        .ok()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Does a test in a browser of its own that lets no page keep anything, as people may set it. It is skipped as others are.
pub(crate) fn in_browser_that_keeps_nothing(test: impl FnOnce(&Browser)) {
    let browser = Browser::start(&json!({"profile.default_content_setting_values.cookies": 2}));
    if let Some(browser) = started(browser) {
        browser.forget();
        test(&browser);
    }
}

/// The browser that runs, else a new one.
fn running() -> Result<Arc<Mutex<Browser>>, String> {
    let mut weak = lock(&RUNNING);
    if let Some(shared) = weak.upgrade() {
        return Ok(shared);
    }
    let shared = Arc::new(Mutex::new(Browser::start(&json!({}))?));
    *weak = Arc::downgrade(&shared);
    Ok(shared)
}

impl Drop for Browser {
    fn drop(&mut self) {
        if let Some(driver) = self.driver.take() {
            let _ = self.runtime.block_on(driver.quit());
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Browser {
    /// Starts one with settings that its owner made.
    fn start(settings: &Value) -> Result<Self, String> {
        let mut child = Command::new("chromedriver")
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("chromedriver does not start: {error}"))?;
        let mut lines = BufReader::new(child.stdout.take().expect("stdout is piped")).lines();
        let port = lines.by_ref().map_while(Result::ok).find_map(|line| {
            let (_, port) = line.split_once("started successfully on port ")?;
            port.trim_end_matches('.').parse::<u16>().ok()
        });
        std::thread::spawn(move || lines.map_while(Result::ok).count());
        let home = tempfile::tempdir().unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let mut browser = Self {
            child,
            runtime,
            driver: None,
            home,
        };
        let port = port.ok_or("chromedriver told no port")?;
        let capabilities = capabilities(browser.home.path(), settings);
        let capabilities = capabilities.map_err(|error| error.to_string())?;
        let client = reqwest::Client::builder()
            .no_proxy()
            .timeout(2 * PATIENCE)
            .build();
        let builder = WebDriver::builder(format!("http://127.0.0.1:{port}"), capabilities)
            .client(client.map_err(|error| error.to_string())?);
        let driver = browser.runtime.block_on(builder.connect());
        let driver = driver.map_err(|error| format!("Chromium does not start: {error}"))?;
        let timeouts = TimeoutConfiguration::new(Some(PATIENCE), Some(PATIENCE), None);
        let set = browser.runtime.block_on(driver.update_timeouts(timeouts));
        browser.driver = Some(driver);
        set.map_err(|error| error.to_string())?;
        Ok(browser)
    }

    fn driver(&self) -> &WebDriver {
        self.driver
            .as_ref()
            .expect("a browser has a driver until it ends")
    }

    /// Puts everything back that a test may have changed.
    fn forget(&self) {
        for (method, parameters) in [
            (
                "Emulation.setScriptExecutionDisabled",
                json!({"value": false}),
            ),
            ("Network.clearBrowserCookies", json!({})),
            ("Network.clearBrowserCache", json!({})),
        ] {
            self.tell(method, &parameters);
        }
        self.go("about:blank");
        self.tell("Page.resetNavigationHistory", &json!({}));
        self.looks(1440, &[]);
        let _ = self.complaints();
        let _ = self.requests();
    }

    /// Opens an address.
    pub(crate) fn go(&self, address: &str) {
        let gone = self.runtime.block_on(self.driver().goto(address));
        gone.unwrap_or_else(|error| panic!("{address}: {error}"));
    }

    /// Sends a command of the `DevTools` protocol.
    pub(crate) fn tell(&self, method: &str, parameters: &Value) -> Value {
        let told = self.driver().cdp();
        let told = self.runtime.block_on(told.send_raw(method, parameters));
        told.unwrap_or_else(|error| panic!("{method}: {error}"))
    }

    /// Runs the body of a function in the page, and returns what it returns.
    pub(crate) fn run(&self, script: &str, arguments: &[Value]) -> Value {
        let run = self.driver().execute(script.to_owned(), arguments.to_vec());
        let run = self.runtime.block_on(run);
        run.unwrap_or_else(|error| panic!("{script:.200}: {error}"))
            .json()
            .clone()
    }

    /// Runs the body of a function whose last argument takes the answer.
    pub(crate) fn await_of(&self, script: &str, arguments: &[Value]) -> Value {
        let run = (self.driver()).execute_async(script.to_owned(), arguments.to_vec());
        let run = self.runtime.block_on(run);
        run.unwrap_or_else(|error| panic!("{script:.200}: {error}"))
            .json()
            .clone()
    }

    /// Waits until a script returns true.
    pub(crate) fn wait_for(&self, script: &str) {
        let end = Instant::now() + PATIENCE;
        while self.run(&format!("return !!({script})"), &[]) != json!(true) {
            assert!(Instant::now() < end, "never true: {script}");
        }
    }

    fn find(&self, css: &str) -> WebElement {
        let found = self.runtime.block_on(self.driver().find(By::Css(css)));
        found.unwrap_or_else(|error| panic!("{css}: {error}"))
    }

    /// Clicks what a selector finds first, and waits for the page that comes, if one does.
    pub(crate) fn click(&self, css: &str) {
        let clicked = self.runtime.block_on(self.find(css).click());
        clicked.unwrap_or_else(|error| panic!("{css}: {error}"));
    }

    /// Types into what a selector finds first. A file is chosen by its path.
    pub(crate) fn fill(&self, css: &str, words: &str) {
        let sent = self.runtime.block_on(self.find(css).send_keys(words));
        sent.unwrap_or_else(|error| panic!("{css}: {error}"));
    }

    /// Presses keys on the keyboard, wherever the focus is.
    pub(crate) fn press(&self, keys: &str) {
        let chain = self.driver().action_chain().send_keys(keys);
        self.runtime.block_on(chain.perform()).unwrap();
    }

    /// Presses one key on the keyboard.
    pub(crate) fn key(&self, key: impl Into<char>) {
        self.press(&key.into().to_string());
    }

    /// Prints on A4.
    pub(crate) fn print(&self) -> Vec<u8> {
        let paper = thirtyfour::common::print::PrintParameters {
            page: thirtyfour::common::print::PrintPage {
                width: 21.0,
                height: 29.7,
            },
            ..Default::default()
        };
        self.runtime
            .block_on(self.driver().print_page(paper))
            .unwrap()
    }

    /// Makes the window as wide as a device, and the page think that its reader prefers something, such as
    /// `("prefers-color-scheme", "dark")`; a medium such as `print` goes by the name `media`.
    pub(crate) fn looks(&self, width: u32, preferences: &[(&str, &str)]) {
        let of = |name: &str| preferences.iter().find(|(own, _)| *own == name);
        let features: Vec<Value> = (preferences.iter())
            .filter(|(name, _)| *name != "media")
            .map(|(name, value)| json!({"name": name, "value": value}))
            .collect();
        self.size(width, HEIGHT);
        let media =
            json!({"media": of("media").map_or("", |(_, value)| value), "features": features});
        self.tell("Emulation.setEmulatedMedia", &media);
    }

    /// Takes a picture of the whole page, `width` wide; the size of the window changes with it.
    pub(crate) fn picture(&self, width: u32) -> Vec<u8> {
        let height = self.run("return document.documentElement.scrollHeight", &[]);
        let height = height.as_u64().unwrap().clamp(HEIGHT, TALLEST);
        self.size(width, height);
        let taken = self.runtime.block_on(self.driver().screenshot_as_png());
        taken.unwrap()
    }

    fn size(&self, width: u32, height: u64) {
        let size =
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.tell("Emulation.setDeviceMetricsOverride", &size);
    }

    fn log(&self, kind: &str) -> Vec<BrowserLogEntry> {
        self.runtime.block_on(self.driver().get_log(kind)).unwrap()
    }

    /// Errors and warnings of the console since it was last asked.
    pub(crate) fn complaints(&self) -> Vec<String> {
        let all = self.log("browser").into_iter();
        all.filter(|one| ["SEVERE", "WARNING"].contains(&one.level.as_str()))
            .map(|one| one.message)
            .collect()
    }

    /// Requests since it was last asked, as the `DevTools` protocol tells them (`Network.Request`).
    pub(crate) fn requests(&self) -> Vec<Value> {
        let events = self.log("performance").into_iter();
        events
            .filter_map(|one| {
                let event: Value = serde_json::from_str(&one.message).ok()?;
                let event = &event["message"];
                (event["method"] == "Network.requestWillBeSent")
                    .then(|| event["params"]["request"].clone())
            })
            .filter(|request| request["url"] != "about:blank")
            .collect()
    }
}

fn capabilities(
    home: &std::path::Path,
    settings: &Value,
) -> WebDriverResult<thirtyfour::ChromeCapabilities> {
    let mut capabilities = DesiredCapabilities::chrome();
    for argument in ARGUMENTS {
        capabilities.add_arg(argument)?;
    }
    capabilities.add_arg(&format!("--user-data-dir={}", home.display()))?;
    capabilities.add_experimental_option("prefs", settings)?;
    capabilities.set_binary("/usr/bin/chromium")?;
    capabilities.set_logging_prefs("browser".to_owned(), LoggingPrefsLogLevel::All)?;
    capabilities.set_logging_prefs("performance".to_owned(), LoggingPrefsLogLevel::All)?;
    Ok(capabilities)
}
