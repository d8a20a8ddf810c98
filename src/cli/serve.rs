//! `serve`: the same as a local page.

use std::net::SocketAddr;
use std::process::{Command, Stdio};

use super::Failure;
use super::args::ServeArgs;
use super::output::{self, Output};
use crate::app::{App, Settings};
use crate::text::shorten;
use crate::web::{self, Options};

/// Runs the command. `clock_runs`: no day was fixed.
pub(super) fn run(
    args: &ServeArgs,
    settings: Settings,
    clock_runs: bool,
    output: &Output,
) -> Result<(), Failure> {
    if output.file().is_some() {
        let what = "`serve` writes no file, so --output is not for it";
        return Err(Failure::Usage(what.to_owned()));
    }
    if let Some(host) = &args.behind_tls {
        check_host(host)?;
    }
    let options = Options {
        bind: address(&args.bind)?,
        behind_tls: args.behind_tls.clone(),
        clock_runs,
    };
    let app = App::new(settings)?.holding()?;
    if let Some(held) = app.held() {
        for words in held.source().warnings(app.settings().today) {
            output::warning(&words);
        }
    }
    if !options.is_local() {
        output::warning(&far(&options));
    }
    web::serve(app, options, |address| {
        let address = format!("http://{address}/");
        output.note(&format!("listening on {address} (Ctrl-C ends it)"));
        if args.open && !open(&address) {
            output::warning(&format!(
                "no browser could be opened: open {address} yourself"
            ));
        }
    })
    .map_err(Failure::Serve)
}

fn address(word: &str) -> Result<SocketAddr, Failure> {
    word.parse().map_err(|_| {
        Failure::Usage(format!(
            "--bind: `{}` is no address with a port; write for example 127.0.0.1:8787",
            shorten(word, 60)
        ))
    })
}

/// A name that no request can hold would keep everything off, and nobody would know why.
fn check_host(word: &str) -> Result<(), Failure> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || "-.".contains(c);
    if !word.is_empty() && word.chars().all(is_name) {
        return Ok(());
    }
    Err(Failure::Usage(format!(
        "--behind-tls: `{}` is no host name; write the name alone, for example trials.example.org",
        shorten(word, 60)
    )))
}

/// What others than this machine may see.
fn far(options: &Options) -> String {
    let reach = format!(
        "{} can be reached from other machines, and what goes there is not encrypted",
        options.bind
    );
    match &options.behind_tls {
        None => format!(
            "{reach}: all pages that take facts about a patient are off. A proxy that ends TLS brings them back, with --behind-tls HOST."
        ),
        Some(host) => format!(
            "{reach}: facts about a patient are taken only where requests name {host}, which must come from your proxy. Let nothing else reach this port."
        ),
    }
}

/// Opens the browser of the desktop; says whether there was one to start.
fn open(address: &str) -> bool {
    let program = if cfg!(target_os = "macos") {
        "open"
    } else if cfg!(windows) {
        "explorer"
    } else {
        "xdg-open"
    };
    let mut command = Command::new(program);
    command.arg(address);
    command.stdin(Stdio::null()).stdout(Stdio::null());
    command.stderr(Stdio::null()).spawn().is_ok()
}
