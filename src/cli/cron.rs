//! `cron`: the weekly job for crontab or systemd, shown or installed.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command as Process, Stdio};

use chrono::{Local, Offset};
use clap::Parser;
use etcetera::BaseStrategy;

use super::Failure;
use super::args::{Cli, Command, CronCommand, GlobalArgs, Scheduler};
use super::output::Output;
use crate::app::{AppError, SourceChoice};
use crate::render::cron::{self, Job, WeekTime};
use crate::text::one_line;
use crate::whole_file;

/// Options of `export` whose value is a path.
const PATHS: [&str; 10] = [
    "--csv",
    "--changes",
    "--digest",
    "--watch",
    "--json",
    "--xlsx",
    "--data-dir",
    "--sentinels",
    "--lexicon",
    "--ca",
];

/// Variables by which a network is reached; a job of cron or systemd has none of them.
const PROXIES: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

/// Runs the command. `global` are the settings that hold here: the job gets them too.
pub(super) fn run(
    command: &CronCommand,
    global: &GlobalArgs,
    output: &Output,
) -> Result<(), Failure> {
    let (CronCommand::Show(args) | CronCommand::Install { args, .. }) = command;
    let job = job(&args.export, global)?;
    if let Some(name) = PROXIES.iter().find(|name| std::env::var_os(name).is_some()) {
        output.warn(&format!(
            "{name} is set here, and will not be in the job: set it in the crontab or the service if the registry is reached by a proxy only"
        ));
    }
    match command {
        CronCommand::Show(_) => output.data(shown(&job, args.scheduler).as_bytes()),
        CronCommand::Install { yes: true, .. } => install(&job, args.scheduler, output),
        CronCommand::Install { .. } => {
            output.note(&shown(&job, args.scheduler));
            Err(Failure::Usage(
                "nothing was installed: say `--yes` to install what is shown above".to_owned(),
            ))
        }
    }
}

fn shown(job: &Job, scheduler: Scheduler) -> String {
    match scheduler {
        Scheduler::Crontab => cron::crontab(job, here()),
        Scheduler::Systemd => format!(
            "# trialbrief.service\n# {}\n{}\n# trialbrief.timer\n{}",
            cron::LINGER,
            cron::service(job),
            cron::timer()
        ),
    }
}

fn install(job: &Job, scheduler: Scheduler, output: &Output) -> Result<(), Failure> {
    make_ready(job)?;
    match scheduler {
        Scheduler::Crontab => {
            let old = match crontab(&["-l"], None) {
                // Who has none yet is told so as an error; any other error must not empty it.
                Err(Failure::Write(why)) if why.contains("no crontab for") => String::new(),
                old => old?,
            };
            let new = cron::in_crontab(&old, &cron::crontab(job, here()));
            crontab(&["-"], Some(&new))?;
            output.note("installed into your crontab; `crontab -l` shows it");
        }
        Scheduler::Systemd => {
            let folder = units()?;
            install_units(job, &folder)?;
            output.note(&format!(
                "trialbrief.service and trialbrief.timer written to `{}`; to start: systemctl --user daemon-reload && systemctl --user enable --now trialbrief.timer; {}",
                folder.display(),
                cron::LINGER
            ));
        }
    }
    Ok(())
}

fn install_units(job: &Job, folder: &Path) -> Result<(), Failure> {
    make(folder)?;
    let write = |name: &str, text: &str| whole_file::prepare(&folder.join(name), text.as_bytes());
    let service = write("trialbrief.service", &cron::service(job)).map_err(AppError::Write)?;
    let timer = write("trialbrief.timer", &cron::timer()).map_err(AppError::Write)?;
    service.commit().map_err(AppError::Write)?;
    timer.commit().map_err(AppError::Write)?;
    Ok(())
}

/// The store's folder is made; where tables are to go must be there: a job that nobody watches makes none by a slip.
fn make_ready(job: &Job) -> Result<(), Failure> {
    for folder in &job.makes {
        make(folder)?;
    }
    for folder in &job.writes {
        // That nothing can be written there is told now, not on a Monday in a log.
        drop(whole_file::prepare(&folder.join(PROBE), b"").map_err(AppError::Write)?);
    }
    Ok(())
}

/// Name of a file that is never moved into its place.
const PROBE: &str = "trialbrief-probe";

fn make(folder: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(folder)
        .map_err(|error| Failure::Write(format!("could not make `{}`: {error}", folder.display())))
}

/// Where a user's own units lie.
fn units() -> Result<PathBuf, Failure> {
    let strategy = etcetera::choose_base_strategy();
    let strategy = strategy.map_err(|_| Failure::App(AppError::NoDataDir))?;
    Ok(strategy.config_dir().join("systemd/user"))
}

/// Runs `crontab`, and returns what it printed.
fn crontab(args: &[&str], input: Option<&str>) -> Result<String, Failure> {
    let failed = |what: String| Failure::Write(format!("`crontab` could not be used: {what}"));
    let mut child = Process::new("crontab")
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| failed(error.to_string()))?;
    if let (Some(stdin), Some(input)) = (&mut child.stdin, input) {
        stdin
            .write_all(input.as_bytes())
            .map_err(|error| failed(error.to_string()))?;
    }
    let done = child
        .wait_with_output()
        .map_err(|error| failed(error.to_string()))?;
    if !done.status.success() {
        return Err(failed(String::from_utf8_lossy(&done.stderr).into_owned()));
    }
    Ok(String::from_utf8_lossy(&done.stdout).into_owned())
}

/// The time of the job on this machine's clock.
fn here() -> WeekTime {
    let ahead = Local::now().offset().fix().local_minus_utc();
    WeekTime::monday(i64::from(ahead) / 60)
}

/// Reads what is to be run: it must be an export that would run, with paths that hold from any folder, and with the
/// settings that hold here.
fn job(export: &[String], global: &GlobalArgs) -> Result<Job, Failure> {
    let typed = read(export)?;
    let mut export = with_whole_paths(export);
    export.extend(carried(global, &typed, &export));
    let typed = read(&export)?;
    super::apart::check(&typed)?;
    let Command::Export(args) = &typed.command else {
        return Err(Failure::Usage(
            "only an export can be run weekly".to_owned(),
        ));
    };
    let program = std::env::current_exe().map_err(|error| {
        Failure::Write(format!("where this program lies is not known: {error}"))
    })?;
    let settings = super::settings::settings(&typed.global).map_err(Failure::Usage)?;
    let files = [
        Some(&args.csv),
        args.changes.as_ref(),
        args.digest.as_ref(),
        args.json.as_ref(),
        args.xlsx.as_ref(),
    ];
    let folders = files.into_iter().flatten().map(|file| folder_of(file));
    let makes: Vec<PathBuf> = settings.data_dir.iter().map(|dir| absolute(dir)).collect();
    let mut writes: Vec<PathBuf> = folders.chain(makes.iter().cloned()).collect();
    writes.sort();
    writes.dedup();
    let args = std::iter::once("export".to_owned()).chain(export);
    let job = Job {
        program: program.display().to_string(),
        args: args.collect(),
        writes,
        makes,
    };
    let acts = |word: &String| word.chars().any(char::is_control);
    if job.args.iter().any(acts) || acts(&job.program) {
        return Err(Failure::Usage(
            "a path with a line end or another control character cannot stand in a crontab"
                .to_owned(),
        ));
    }
    Ok(job)
}

fn read(export: &[String]) -> Result<Cli, Failure> {
    let words = ["trialbrief", "export"].map(str::to_owned).into_iter();
    let typed = Cli::try_parse_from(words.chain(export.iter().cloned()));
    typed.map_err(|error| {
        let error = error.to_string();
        let words = error.split("\n\n").next().unwrap_or_default();
        Failure::Usage(format!(
            "behind `--` stands what `export` is called with: {}",
            one_line(words.trim_start_matches("error: "))
        ))
    })
}

/// Settings that hold here, by an option before `--` or by a variable, and are not among the words of the job: cron and
/// systemd run it without them. The folder of the store is always said: what is usual there may be another.
fn carried(global: &GlobalArgs, typed: &Cli, export: &[String]) -> Vec<String> {
    let usual = &read(&["--csv=-".to_owned()]).map(|cli| cli.global);
    let whole = |path: &Path| absolute(path).display().to_string();
    let differs = |own: &str, of: fn(&GlobalArgs) -> String| {
        let usual = usual.as_ref().map(of).unwrap_or_default();
        (own != usual).then(|| own.to_owned())
    };
    let source = match super::settings::source(&global.source) {
        Ok(SourceChoice::Path(path)) => Some(whole(&path)),
        _ => differs(&global.source, |one| one.source.clone()),
    };
    let (interval, timeout) = (global.min_interval.to_string(), global.timeout.to_string());
    let values = [
        ("--source", source),
        (
            "--data-dir",
            super::settings::data_dir(global).map(|path| whole(&path)),
        ),
        ("--api", global.api.clone()),
        (
            "--min-interval",
            differs(&interval, |one| one.min_interval.to_string()),
        ),
        (
            "--timeout",
            differs(&timeout, |one| one.timeout.to_string()),
        ),
        ("--ca", global.ca.as_deref().map(whole)),
        ("--tls-max", global.tls_max.clone()),
        ("--user-agent", global.user_agent.clone()),
        ("--lexicon", global.lexicon.as_deref().map(whole)),
    ];
    let is_said = |name: &str| {
        let with_value = format!("{name}=");
        let mut words = export.iter();
        words.any(|word| word == name || word.starts_with(&with_value))
    };
    let values = values.into_iter().filter(|(name, _)| !is_said(name));
    // Joined, so that no value is taken for an option.
    let values = values.filter_map(|(name, value)| Some(format!("{name}={}", value?)));
    let http1 = (global.http1 && !typed.global.http1).then(|| "--http1".to_owned());
    values.chain(http1).collect()
}

fn folder_of(file: &Path) -> PathBuf {
    let file = absolute(file);
    file.parent().map_or(file.clone(), Path::to_owned)
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

fn with_whole_paths(args: &[String]) -> Vec<String> {
    let whole = |path: &str| absolute(Path::new(path)).display().to_string();
    let mut out: Vec<String> = Vec::new();
    let mut is_path = false;
    for arg in args {
        if is_path && arg != "none" {
            out.push(whole(arg));
            is_path = false;
            continue;
        }
        is_path = PATHS.contains(&arg.as_str());
        match arg.split_once('=') {
            Some((name, path)) if PATHS.contains(&name) && path != "none" => {
                out.push(format!("{name}={}", whole(path)));
            }
            _ => out.push(arg.clone()),
        }
    }
    out
}
