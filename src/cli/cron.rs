//! `cron`: the weekly job for crontab or systemd, shown or installed.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command as Process, Stdio};

use chrono::{Local, Offset};
use clap::Parser;
use etcetera::BaseStrategy;

use super::Failure;
use super::args::{Cli, Command, CronArgs, CronCommand, Scheduler};
use super::output::Output;
use crate::app::AppError;
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

pub(super) fn run(command: &CronCommand, output: &Output) -> Result<(), Failure> {
    match command {
        CronCommand::Show(args) => output.data(shown(args)?.as_bytes()),
        CronCommand::Install { args, yes } if *yes => install(args, output),
        CronCommand::Install { args, .. } => {
            output.note(&shown(args)?);
            Err(Failure::Usage(
                "nothing was installed: say `--yes` to install what is shown above".to_owned(),
            ))
        }
    }
}

fn shown(args: &CronArgs) -> Result<String, Failure> {
    let job = job(&args.export)?;
    Ok(match args.scheduler {
        Scheduler::Crontab => cron::crontab(&job, here()),
        Scheduler::Systemd => format!(
            "# trialbrief.service\n{}\n# trialbrief.timer\n{}",
            cron::service(&job),
            cron::timer()
        ),
    })
}

fn install(args: &CronArgs, output: &Output) -> Result<(), Failure> {
    let job = job(&args.export)?;
    match args.scheduler {
        Scheduler::Crontab => {
            let old = match crontab(&["-l"], None) {
                // Who has none yet is told so as an error; any other error must not empty it.
                Err(Failure::Write(why)) if why.contains("no crontab for") => String::new(),
                old => old?,
            };
            let new = cron::in_crontab(&old, &cron::crontab(&job, here()));
            crontab(&["-"], Some(&new))?;
            output.note("installed into your crontab; `crontab -l` shows it");
        }
        Scheduler::Systemd => {
            let folder = units()?;
            let (service, timer) = (
                folder.join("trialbrief.service"),
                folder.join("trialbrief.timer"),
            );
            let write = |path: &Path, text: &str| whole_file::prepare(path, text.as_bytes());
            std::fs::create_dir_all(&folder).map_err(|error| {
                Failure::Write(format!("could not make `{}`: {error}", folder.display()))
            })?;
            let service = write(&service, &cron::service(&job)).map_err(AppError::Write)?;
            let timer = write(&timer, &cron::timer()).map_err(AppError::Write)?;
            service.commit().map_err(AppError::Write)?;
            timer.commit().map_err(AppError::Write)?;
            output.note(&format!(
                "trialbrief.service and trialbrief.timer written to `{}`; to start: systemctl --user daemon-reload && systemctl --user enable --now trialbrief.timer",
                folder.display()
            ));
        }
    }
    Ok(())
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

/// Reads what is to be run: it must be an export, with paths that hold from any folder.
fn job(export: &[String]) -> Result<Job, Failure> {
    let words = ["trialbrief", "export"].map(str::to_owned).into_iter();
    let typed = Cli::try_parse_from(words.chain(export.iter().cloned()));
    let typed = typed.map_err(|error| {
        let error = error.to_string();
        let words = error.split("\n\n").next().unwrap_or_default();
        Failure::Usage(format!(
            "behind `--` stands what `export` is called with: {}",
            one_line(words.trim_start_matches("error: "))
        ))
    })?;
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
    let mut writes: Vec<PathBuf> = folders
        .chain(settings.data_dir.map(|dir| absolute(&dir)))
        .collect();
    writes.sort();
    writes.dedup();
    let args = std::iter::once("export".to_owned()).chain(with_whole_paths(export));
    let job = Job {
        program: program.display().to_string(),
        args: args.collect(),
        writes,
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
