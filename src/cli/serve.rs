//! `serve`: the same as a local page.

use std::net::{IpAddr, SocketAddr};
use std::process::{Command, Stdio};
use std::time::Duration;

use super::Failure;
use super::args::ServeArgs;
use super::output::{self, Output};
use super::settings;
use crate::app::{App, Settings, SourceChoice};
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
        proxies: (args.proxy.iter())
            .map(|word| proxy(word))
            .collect::<Result<_, _>>()?,
        sync_every: (args.sync_every.as_deref()).map(often).transpose()?,
        sentinels: settings::sentinels(args.sentinels.as_deref(), &args.without_sentinel),
        warn: output::warning,
        clock_runs,
    };
    let is_synced = options.sync_every.is_some();
    if is_synced
        && matches!(
            settings.source,
            SourceChoice::Sample | SourceChoice::Path(_)
        )
    {
        let what = "--sync-every brings the local store up to date, so --source sample or a path is not for it; leave --source out";
        return Err(Failure::Usage(what.to_owned()));
    }
    let app = App::new(settings)?;
    let app = if is_synced {
        app.holding_here()?
    } else {
        app.holding()?
    };
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

fn proxy(word: &str) -> Result<IpAddr, Failure> {
    word.parse().map_err(|_| {
        Failure::Usage(format!(
            "--proxy: `{}` is no address; write the proxy's own, for example 192.0.2.7, once for each",
            shorten(word, 60)
        ))
    })
}

/// The registry posts new data on working days: to ask more often than this would only be a burden to it.
const SHORTEST: Duration = Duration::from_mins(15);

fn often(word: &str) -> Result<Duration, Failure> {
    let wrong = |what: &str| {
        let word = shorten(word, 60);
        Failure::Usage(format!(
            "--sync-every: `{word}` {what}; write for example 24h, 15m at least"
        ))
    };
    let time = humantime::parse_duration(word).map_err(|_| wrong("is no time"))?;
    if time < SHORTEST {
        return Err(wrong("is too often"));
    }
    Ok(time)
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
            "{reach}: facts about a patient are taken only where requests name {host}, come from your proxy, and say with X-Forwarded-Proto that it ended TLS."
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
