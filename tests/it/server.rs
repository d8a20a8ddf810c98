//! The binary as a server, and a browser's half of the conversation over a plain socket.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::support::program;

/// A running server; it ends with the test.
pub(crate) struct Server {
    pub(crate) child: Child,
    /// `127.0.0.1:PORT`.
    pub(crate) address: String,
    /// What it said on stderr so far.
    said: Arc<Mutex<String>>,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    /// Starts it on a free port and waits until it listens.
    pub(crate) fn start(args: &[&str]) -> Self {
        Self::bound("127.0.0.1:0", args)
    }

    /// Starts it on every address of the machine; the tests come by the loopback.
    pub(crate) fn open_to_all(args: &[&str]) -> Self {
        let mut server = Self::bound("0.0.0.0:0", args);
        server.address = server.address.replace("0.0.0.0", "127.0.0.1");
        server
    }

    fn bound(bind: &str, args: &[&str]) -> Self {
        let mut child = program()
            .args(["serve", "--bind", bind])
            .args(args)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary runs");
        let mut lines = BufReader::new(child.stderr.take().expect("stderr is piped")).lines();
        let said = Arc::new(Mutex::new(String::new()));
        let mut address = None;
        for line in lines.by_ref() {
            let line = line.expect("stderr is UTF-8");
            said.lock().unwrap().extend([line.as_str(), "\n"]);
            if let Some((_, rest)) = line.split_once("listening on http://") {
                address = rest.split('/').next().map(str::to_owned);
                break;
            }
        }
        let log = Arc::clone(&said);
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                log.lock().unwrap().extend([line.as_str(), "\n"]);
            }
        });
        let address = address.unwrap_or_else(|| panic!("no address: {}", said.lock().unwrap()));
        Self {
            child,
            address,
            said,
        }
    }

    /// Starts it on the bundled sample.
    pub(crate) fn on_sample() -> Self {
        Self::start(&["--source", "sample"])
    }

    /// Starts it on a file or folder.
    pub(crate) fn on_file(path: &std::path::Path) -> Self {
        Self::start(&["--source", path.to_str().expect("the path is UTF-8")])
    }

    /// Everything that it said on stderr.
    pub(crate) fn said(&self) -> String {
        self.said.lock().unwrap().clone()
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.send(&format!(
            "GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
            self.address
        ))
    }

    /// Sends a form as a browser does from a page of this server.
    pub(crate) fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(fields);
        let kind = "application/x-www-form-urlencoded";
        self.post_as(
            path,
            kind,
            &form.finish(),
            "Sec-Fetch-Site: same-origin\r\n",
        )
    }

    /// Sends a body with headers of its own, each ended by a line break.
    pub(crate) fn post_as(&self, path: &str, kind: &str, body: &str, headers: &str) -> Answer {
        self.send(&format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n{headers}\r\n{body}",
            self.address,
            body.len()
        ))
    }

    /// Sends bytes and reads until the server closes.
    pub(crate) fn send(&self, request: &str) -> Answer {
        let mut stream = self.connect();
        // A server that refuses early may close while this is still writing.
        let _ = stream.write_all(request.as_bytes());
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes);
        Answer::parse(&bytes)
    }

    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).expect("the server listens");
        stream
            .set_read_timeout(Some(Duration::from_mins(1)))
            .unwrap();
        stream
    }
}

/// An answer of the server.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Answer {
    fn parse(bytes: &[u8]) -> Self {
        let text = String::from_utf8(bytes.to_vec()).expect("the answer is UTF-8");
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let mut lines = head.lines();
        let status = lines.next().and_then(|line| line.split(' ').nth(1));
        let headers = lines.filter_map(|line| line.split_once(": "));
        let headers: Vec<_> = headers
            .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
            .collect();
        Self {
            status: status.and_then(|code| code.parse().ok()).unwrap_or(0),
            headers,
            body: body.to_owned(),
        }
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(own, _)| own == name);
        found.map_or("", |(_, value)| value.as_str())
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }
}
