//! A registry at the socket: it answers in the official shape, and misbehaves as told.
//!
//! What is official is read by hand from the registry's specification, version 2.0.5.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use std::collections::hash_map::DefaultHasher;
use std::fmt::Write as _;
use std::hash::{Hash, Hasher};
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, RwLock};
use std::thread;
use std::time::{Duration, Instant};

/// Parameters of `/studies`, as the official document lists them.
pub(crate) const KNOWN_PARAMETERS: &[&str] = &[
    "format",
    "markupFormat",
    "query.cond",
    "query.term",
    "query.locn",
    "query.titles",
    "query.intr",
    "query.outc",
    "query.spons",
    "query.lead",
    "query.id",
    "query.patient",
    "filter.overallStatus",
    "filter.geo",
    "filter.ids",
    "filter.advanced",
    "filter.synonyms",
    "postFilter.overallStatus",
    "postFilter.geo",
    "postFilter.ids",
    "postFilter.advanced",
    "postFilter.synonyms",
    "aggFilters",
    "geoDecay",
    "fields",
    "sort",
    "countTotal",
    "pageSize",
    "pageToken",
];

/// What to do with a request.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    /// Answer as the official document says.
    Answer,
    /// Answer with a status, header lines and a text.
    Status(u16, &'static str, &'static str),
    /// Answer 200 with this body, of this content type.
    Body(&'static str, String),
    /// Answer with an empty page that leads on.
    EmptyPage,
    /// Answer with a page whose token is the one asked with.
    SameToken,
    /// Answer with the studies of the first page again, and a new token.
    FirstAgain,
    /// Announce a length, send half of it, close.
    CutShort,
    /// Announce no length, send half, close.
    CutSilently,
    /// Send the head and half of the body, then nothing.
    Stall,
    /// Send nothing at all.
    Silence,
    /// Reset the connection without an answer.
    Reset,
}

/// What the registry holds, and how it behaves.
#[derive(Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a habit of its own")]
pub(crate) struct Script {
    /// Records, each with the phrase of a query that finds it; empty = any query.
    pub(crate) studies: Vec<(&'static str, String)>,
    /// Studies in a page; the registry has 1000.
    pub(crate) page_size: usize,
    /// Studies that no query finds, only their number.
    pub(crate) hidden: Vec<&'static str>,
    /// Records do not name the numbers that they had before; only a request for one leads on.
    pub(crate) aliases_untold: bool,
    /// `totalCount`, if not the truth.
    pub(crate) total: Option<usize>,
    /// `dataTimestamp` in turn; the last stays.
    pub(crate) timestamps: Vec<&'static str>,
    /// What to do with the requests for pages in turn.
    pub(crate) pages: Vec<Act>,
    /// What to do with all further ones.
    pub(crate) then: Act,
    /// What to do with the requests for the version in turn; later ones are answered.
    pub(crate) versions: Vec<Act>,
    /// What to do with the requests for a single study.
    pub(crate) singles: Act,
    /// A token after the last study.
    pub(crate) token_after_last: bool,
    /// The token stands before the studies.
    pub(crate) token_first: bool,
    /// Most phrases in a query.
    pub(crate) ceiling: usize,
    /// Compress for those who accept it.
    pub(crate) gzip: bool,
    /// Wait before each answer.
    pub(crate) latency: Duration,
    /// Speak TLS.
    pub(crate) tls: Option<Arc<rustls::ServerConfig>>,
}

impl Default for Script {
    fn default() -> Self {
        Self {
            studies: Vec::new(),
            page_size: 1000,
            hidden: Vec::new(),
            aliases_untold: false,
            total: None,
            timestamps: vec!["2026-11-20T09:00:05"],
            pages: Vec::new(),
            then: Act::Answer,
            versions: Vec::new(),
            singles: Act::Answer,
            token_after_last: false,
            token_first: false,
            ceiling: usize::MAX,
            gzip: false,
            latency: Duration::ZERO,
            tls: None,
        }
    }
}

/// A request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) at: Instant,
    /// The whole target, also in the form that proxies get.
    pub(crate) target: String,
    pub(crate) protocol: String,
    pub(crate) path: String,
    pub(crate) params: Vec<(String, String)>,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    /// Number of the connection.
    pub(crate) connection: usize,
    pub(crate) tls: Option<rustls::ProtocolVersion>,
}

impl Request {
    pub(crate) fn param(&self, name: &str) -> Option<&str> {
        let found = self.params.iter().find(|(key, _)| key == name)?;
        Some(&found.1)
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(key, _)| key == name)?;
        Some(&found.1)
    }

    fn parse(head: &str, connection: usize) -> Self {
        let mut lines = head.split("\r\n");
        let mut words = lines.next().unwrap().split(' ');
        assert_eq!(words.next(), Some("GET"));
        let target = words.next().unwrap().to_owned();
        let protocol = words.next().unwrap().to_owned();
        // A proxy is asked with the whole address.
        let local = target.strip_prefix("http://").map_or(&*target, |rest| {
            &rest[rest.find('/').unwrap_or(rest.len())..]
        });
        let (path, query) = local.split_once('?').unwrap_or((local, ""));
        let params = query.split('&').filter_map(|pair| pair.split_once('='));
        let headers = lines.filter_map(|line| line.split_once(": "));
        Self {
            at: Instant::now(),
            path: path.to_owned(),
            params: params
                .map(|(key, value)| (key.to_owned(), decoded(value)))
                .collect(),
            headers: headers
                .map(|(key, value)| (key.to_lowercase(), value.to_owned()))
                .collect(),
            target,
            protocol,
            connection,
            tls: None,
        }
    }
}

/// Undoes percent-encoding.
fn decoded(value: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = value.as_bytes().iter();
    while let Some(byte) = rest.next() {
        if *byte == b'%' {
            let hex = [*rest.next().unwrap(), *rest.next().unwrap()];
            let hex = std::str::from_utf8(&hex).unwrap();
            bytes.push(u8::from_str_radix(hex, 16).unwrap());
        } else {
            bytes.push(*byte);
        }
    }
    String::from_utf8(bytes).unwrap()
}

/// A running registry. It ends with the test's process.
pub(crate) struct Registry {
    address: SocketAddr,
    scheme: &'static str,
    state: Arc<State>,
}

struct State {
    script: RwLock<Arc<Script>>,
    log: Mutex<Vec<Request>>,
    /// Requests under way.
    busy: AtomicUsize,
    /// Most requests under way at once.
    most: AtomicUsize,
}

impl Registry {
    pub(crate) fn start(script: Script) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let scheme = if script.tls.is_some() {
            "https"
        } else {
            "http"
        };
        let state = Arc::new(State {
            script: RwLock::new(Arc::new(script)),
            log: Mutex::default(),
            busy: AtomicUsize::new(0),
            most: AtomicUsize::new(0),
        });
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for (number, stream) in listener.incoming().enumerate() {
                let state = Arc::clone(&shared);
                thread::spawn(move || state.serve(stream.unwrap(), number));
            }
        });
        Self {
            address,
            scheme,
            state,
        }
    }

    pub(crate) fn base(&self) -> String {
        let port = self.address.port();
        // Certificates name hosts, so TLS is spoken with a name.
        match self.scheme {
            "https" => format!("https://localhost:{port}/api/v2"),
            _ => format!("http://127.0.0.1:{port}/api/v2"),
        }
    }

    /// Changes what it holds and how it behaves, at the same address.
    pub(crate) fn becomes(&self, script: Script) {
        *self.state.script.write().unwrap() = Arc::new(script);
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the requests so far, in order.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.state.log.lock().unwrap().clone()
    }

    /// Returns the requests for pages so far, in order.
    pub(crate) fn page_requests(&self) -> Vec<Request> {
        let mut requests = self.requests();
        requests.retain(|request| request.path.ends_with("/studies"));
        requests
    }

    /// Returns the most requests that were under way at once.
    pub(crate) fn most_at_once(&self) -> usize {
        self.state.most.load(Ordering::SeqCst)
    }
}

/// A connection, plain or with TLS.
enum Wire {
    Plain(TcpStream),
    Tls(Box<rustls::StreamOwned<rustls::ServerConnection, TcpStream>>),
}

impl Wire {
    /// Reads the head of a request; plain ones stay unread in the socket, so
    /// that closing it resets the connection.
    fn head(&mut self) -> io::Result<Option<String>> {
        let mut buffer = vec![0; 64 << 10];
        let mut length = 0;
        loop {
            let more = match self {
                Self::Plain(stream) => stream.peek(&mut buffer)?,
                Self::Tls(stream) => length + stream.read(&mut buffer[length..])?,
            };
            if more == length {
                if length == 0 {
                    return Ok(None);
                }
                thread::sleep(Duration::from_millis(1));
            }
            length = more;
            let text = String::from_utf8_lossy(&buffer[..length]);
            if let Some(end) = text.find("\r\n\r\n") {
                return Ok(Some(text[..end].to_owned()));
            }
        }
    }

    /// Takes the head out of the socket.
    fn accept(&mut self, head: &str) -> io::Result<()> {
        match self {
            Self::Plain(stream) => stream.read_exact(&mut vec![0; head.len() + 4]),
            Self::Tls(_) => Ok(()),
        }
    }

    fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Plain(stream) => stream.write_all(bytes),
            Self::Tls(stream) => stream.write_all(bytes).and_then(|()| stream.flush()),
        }
    }
}

/// A request under way. It ends before its answer is written: from then on the client may ask
/// again at any moment, sooner than this side is told to go on.
struct Busy<'a>(&'a State);

impl<'a> Busy<'a> {
    fn with(state: &'a State) -> Self {
        let now = state.busy.fetch_add(1, Ordering::SeqCst) + 1;
        state.most.fetch_max(now, Ordering::SeqCst);
        Self(state)
    }
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.busy.fetch_sub(1, Ordering::SeqCst);
    }
}

impl State {
    fn script(&self) -> Arc<Script> {
        Arc::clone(&self.script.read().unwrap())
    }

    fn serve(&self, stream: TcpStream, connection: usize) {
        stream.set_nodelay(true).unwrap();
        let mut wire = match &self.script().tls {
            None => Wire::Plain(stream),
            Some(config) => {
                let session = rustls::ServerConnection::new(Arc::clone(config)).unwrap();
                Wire::Tls(Box::new(rustls::StreamOwned::new(session, stream)))
            }
        };
        while let Ok(Some(head)) = wire.head() {
            let busy = Busy::with(self);
            let mut request = Request::parse(&head, connection);
            if let Wire::Tls(stream) = &wire {
                request.tls = stream.conn.protocol_version();
            }
            let act = self.note(&request);
            let goes_on = self.act(&mut wire, &head, &request, &act, busy);
            if !goes_on.unwrap_or(false) {
                return;
            }
        }
    }

    /// Writes a request down and looks up what to do with it.
    fn note(&self, request: &Request) -> Act {
        let mut log = self.log.lock().unwrap();
        let turn = log.iter().filter(|one| one.path == request.path).count();
        log.push(request.clone());
        let script = self.script();
        if request.path.ends_with("/studies") {
            script.pages.get(turn).unwrap_or(&script.then).clone()
        } else if request.path.ends_with("/version") {
            script.versions.get(turn).cloned().unwrap_or(Act::Answer)
        } else {
            script.singles.clone()
        }
    }

    /// Does it; says whether the connection stays open.
    fn act(
        &self,
        wire: &mut Wire,
        head: &str,
        request: &Request,
        act: &Act,
        busy: Busy<'_>,
    ) -> io::Result<bool> {
        if matches!(act, Act::Reset) {
            return Ok(false);
        }
        wire.accept(head)?;
        thread::sleep(self.script().latency);
        let (status, kind, body) = match act {
            Act::Status(status, _, text) => (*status, "text/plain", (*text).to_owned()),
            Act::Body(kind, body) => (200, *kind, body.clone()),
            _ => self.answer(request, act),
        };
        let (mut body, mut extra) = (body.into_bytes(), String::new());
        if status == 301 && matches!(act, Act::Answer) {
            let to = String::from_utf8_lossy(&body);
            write!(extra, "Location: /api/v2/studies/{to}\r\n").unwrap();
        }
        if let Act::Status(_, lines, _) = act {
            extra.push_str(lines);
        }
        let accepted = request.header("accept-encoding").unwrap_or_default();
        if self.script().gzip && accepted.contains("gzip") {
            body = gzipped(&body);
            extra.push_str("Content-Encoding: gzip\r\n");
        }
        if !matches!(act, Act::CutSilently) {
            writeln!(extra, "Content-Length: {}\r", body.len()).unwrap();
        }
        let head = format!("HTTP/1.1 {status} x\r\nContent-Type: {kind}\r\n{extra}\r\n");
        drop(busy);
        match act {
            Act::Silence => return Ok(linger(wire)),
            Act::CutShort | Act::CutSilently | Act::Stall => {
                wire.send(head.as_bytes())?;
                wire.send(&body[..body.len() / 2])?;
                if matches!(act, Act::Stall) {
                    return Ok(linger(wire));
                }
                if let Wire::Plain(stream) = wire {
                    stream.shutdown(Shutdown::Both)?;
                }
                return Ok(false);
            }
            _ => {}
        }
        wire.send(head.as_bytes())?;
        wire.send(&body)?;
        Ok(true)
    }

    fn answer(&self, request: &Request, act: &Act) -> (u16, &'static str, String) {
        let text = |status, text: &str| (status, "text/plain", text.to_owned());
        if request.path == "/api/v2/version" {
            let log = self.log.lock().unwrap();
            let turn = log.iter().filter(|one| one.path == request.path).count() - 1;
            let script = self.script();
            let all = &script.timestamps;
            let timestamp = all[turn.min(all.len() - 1)];
            let body = format!(r#"{{"apiVersion":"2.0.5","dataTimestamp":"{timestamp}"}}"#);
            return (200, "application/json", body);
        }
        if let Some(number) = request.path.strip_prefix("/api/v2/studies/") {
            return self.single(number);
        }
        if request.path != "/api/v2/studies" {
            return text(404, "Not found");
        }
        for (name, _) in &request.params {
            if !KNOWN_PARAMETERS.contains(&name.as_str()) {
                return text(400, &format!("`{name}` is unknown parameter"));
            }
        }
        let term = request.param("query.term").unwrap_or_default();
        if term.matches(" OR ").count() >= self.script().ceiling {
            return text(
                400,
                "Error parsing query in Other terms: Too complicated query",
            );
        }
        match self.page(request, term, act) {
            Some(page) => (200, "application/json", page),
            None => text(400, "Parameter `pageToken` has incorrect format"),
        }
    }

    /// Answers for one study, also under a number that it had before.
    fn single(&self, number: &str) -> (u16, &'static str, String) {
        let script = self.script();
        for (_, record) in &script.studies {
            let (own, aliases, _) = known_by(record);
            if own == number {
                let told = !script.aliases_untold;
                let record = if told {
                    record.clone()
                } else {
                    untelling(record)
                };
                return (200, "application/json", record);
            }
            if aliases.iter().any(|alias| alias == number) {
                // The head line is sent as it stands.
                return (301, "text/plain", own);
            }
        }
        (404, "text/plain", format!("NCT number {number} not found"))
    }

    /// Renders a page; `None` if the token is of another query.
    fn page(&self, request: &Request, term: &str, act: &Act) -> Option<String> {
        let script = self.script();
        let asked = request.param("pageToken");
        let bound = bound_to(request);
        let (start, round) = match asked {
            None => (0, 0),
            Some(token) => {
                let (query, place) = token.split_once('.')?;
                let (start, round) = place.split_once('.')?;
                if query != bound {
                    return None;
                }
                (start.parse().ok()?, round.parse::<usize>().ok()? + 1)
            }
        };
        let found = script.studies.iter();
        let untold = script.aliases_untold;
        let by_number = request.param("filter.ids").is_some();
        let found: Vec<String> = found
            .filter(|(_, record)| {
                by_number || !script.hidden.iter().any(|one| record.contains(one))
            })
            .filter(|(phrase, _)| term.contains(phrase))
            .map(|(_, record)| {
                if untold {
                    untelling(record)
                } else {
                    record.clone()
                }
            })
            .filter(|record| is_asked_for(record, request))
            .collect();
        let (start, end) = match act {
            Act::EmptyPage => (start, start),
            Act::FirstAgain => (0, script.page_size.min(found.len())),
            _ => (start, (start + script.page_size).min(found.len())),
        };
        let next = match act {
            Act::SameToken => asked.map(str::to_owned),
            Act::EmptyPage | Act::FirstAgain => Some(format!("{bound}.{end}.{round}")),
            _ if end < found.len() || script.token_after_last => {
                Some(format!("{bound}.{end}.{round}"))
            }
            _ => None,
        };
        let mut parts = Vec::new();
        if asked.is_none() && request.param("countTotal") == Some("true") {
            let total = script.total.unwrap_or(found.len());
            parts.push(format!("\"totalCount\":{total}"));
        }
        parts.push(format!("\"studies\":[\n{}]", found[start..end].join(",\n")));
        if let Some(next) = next {
            let at = if script.token_first { 0 } else { parts.len() };
            parts.insert(at, format!("\"nextPageToken\":\"{next}\""));
        }
        Some(format!("{{{}}}", parts.join(",")))
    }
}

/// Returns the number of a record, those that it had before, and the day of its last update.
fn known_by(record: &str) -> (String, Vec<String>, Option<String>) {
    let record: serde_json::Value = serde_json::from_str(record).unwrap_or_default();
    let at = |path: &str| record.pointer(path).cloned().unwrap_or_default();
    let identification = "/protocolSection/identificationModule";
    let own = at(&format!("{identification}/nctId"));
    let aliases = at(&format!("{identification}/nctIdAliases"));
    let aliases = aliases.as_array().cloned().unwrap_or_default();
    let day = at("/protocolSection/statusModule/lastUpdatePostDateStruct/date");
    (
        own.as_str().unwrap_or_default().to_owned(),
        aliases
            .iter()
            .filter_map(|one| one.as_str().map(str::to_owned))
            .collect(),
        day.as_str().map(str::to_owned),
    )
}

/// Returns a record without the numbers that it had before.
fn untelling(record: &str) -> String {
    let mut record: serde_json::Value = serde_json::from_str(record).unwrap();
    let identification = &mut record["protocolSection"]["identificationModule"];
    identification
        .as_object_mut()
        .unwrap()
        .remove("nctIdAliases");
    record.to_string()
}

/// Says whether a record passes the filters by number and by day of the last update.
fn is_asked_for(record: &str, request: &Request) -> bool {
    let (ids, range) = (
        request.param("filter.ids"),
        request.param("filter.advanced"),
    );
    if ids.is_none() && range.is_none() {
        return true;
    }
    let (own, aliases, day) = known_by(record);
    let since = range.map(|range| {
        let rest = range
            .strip_prefix("AREA[LastUpdatePostDate]RANGE[")
            .unwrap();
        rest.strip_suffix(",MAX]").unwrap().to_owned()
    });
    let listed = |ids: &str| {
        ids.split(',')
            .any(|id| id == own || aliases.iter().any(|one| one == id))
    };
    ids.is_none_or(listed) && since.is_none_or(|since| day.is_some_and(|day| day >= since))
}

/// Returns what a token stands for: every parameter but those that may differ.
fn bound_to(request: &Request) -> String {
    let mut hasher = DefaultHasher::new();
    for (name, value) in &request.params {
        if !matches!(name.as_str(), "countTotal" | "pageSize" | "pageToken") {
            (name, value).hash(&mut hasher);
        }
    }
    format!("{:x}", hasher.finish())
}

/// Keeps a connection open without a word, until the other side gives up.
fn linger(wire: &mut Wire) -> bool {
    if let Wire::Plain(stream) = wire {
        drop(stream.read(&mut [0]));
    }
    false
}

fn gzipped(body: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

/// Returns a record with the number `number` and a text of its own.
pub(crate) fn study(number: u32) -> String {
    format!(
        r#"{{"protocolSection":{{"identificationModule":{{"nctId":"NCT{number:08}","briefTitle":"Study {number} of cells"}},"statusModule":{{"overallStatus":"RECRUITING"}}}}}}"#
    )
}

/// Returns the records `1..=last`, found by any query.
pub(crate) fn studies(last: u32) -> Vec<(&'static str, String)> {
    (1..=last).map(|number| ("", study(number))).collect()
}
