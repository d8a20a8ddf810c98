//! The weekly job as cron and systemd take it.

use std::path::Path;

use crate::support::{Run, files_in, program};

fn cron(folder: &Path, args: &[&str]) -> Run {
    let mut program = program();
    program
        .current_dir(folder)
        .env("TZ", "Australia/Sydney")
        .env("XDG_CONFIG_HOME", folder.join("config"))
        .env("PATH", folder.join("bin"))
        .env("CRONTAB", folder.join("crontab.txt"))
        .args(args);
    program.output().unwrap().into()
}

const EXPORT: [&str; 11] = [
    "--",
    "--csv",
    "a table.csv",
    "--changes=changes.csv",
    "--region",
    "uk",
    "--digest",
    "notes/digest.md",
    "--watch",
    "rules.toml",
    "--quiet",
];

fn with_export<'a>(args: &[&'a str]) -> Vec<&'a str> {
    [args, &EXPORT[..]].concat()
}

#[test]
fn shows_what_holds_from_any_folder() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path().to_str().unwrap();
    let line = cron(folder.path(), &with_export(&["cron", "show"]))
        .done()
        .stdout;
    let (mark, line) = line.split_once('\n').unwrap();
    assert_eq!(mark, "# trialbrief: weekly export");
    assert!(
        line.contains(&format!(
            " export --csv '{here}/a table.csv' --changes={here}/changes.csv --region uk --digest {here}/notes/digest.md --watch {here}/rules.toml --quiet --data-dir="
        )) && line.ends_with("/no-store\n"),
        "{line}"
    );
    let units = cron(
        folder.path(),
        &with_export(&["cron", "show", "--scheduler", "systemd"]),
    )
    .done()
    .stdout;
    for part in [
        "OnCalendar=Mon *-*-* 15:30:00 UTC",
        "Persistent=true",
        "NoNewPrivileges=yes",
        "ProtectSystem=strict",
        &format!("\"--csv\" \"{here}/a table.csv\" "),
        &format!("ReadWritePaths=\"-{here}\"\n"),
        &format!("ReadWritePaths=\"-{here}/notes\"\n"),
        "Restart=on-failure\nRestartSec=15min\n",
        "StartLimitBurst=6\n",
        "SuccessExitStatus=10\n",
        "loginctl enable-linger",
        "no-store\"\n",
    ] {
        assert!(units.contains(part), "{part} is not in {units}");
    }
    assert_eq!(files_in(folder.path()), [""; 0]);
}

#[test]
fn only_an_export_that_would_run_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    for (args, part) in [
        (&["cron", "show"][..], "EXPORT OPTIONS"),
        (&["cron", "show", "--", "--region", "uk"], "--csv"),
        (
            &["cron", "show", "--", "--csv", "a.csv", "--nonsense"],
            "--nonsense",
        ),
        (
            &["cron", "show", "--", "--csv", "a.csv", "--json", "./a.csv"],
            "--json would be written over --csv",
        ),
        (
            &["cron", "show", "--", "--csv", "a\nb.csv"],
            "control character",
        ),
    ] {
        let run = cron(folder.path(), args);
        assert_eq!(run.code, Some(2), "{}", run.stderr);
        assert!(run.stderr.contains(part), "{}", run.stderr);
    }
}

#[test]
fn nothing_is_installed_without_consent() {
    let folder = tempfile::tempdir().unwrap();
    for scheduler in ["crontab", "systemd"] {
        let run = cron(
            folder.path(),
            &with_export(&["cron", "install", "--scheduler", scheduler]),
        );
        assert_eq!(run.code, Some(2), "{}", run.stderr);
        assert!(
            run.stderr.contains("--yes") && run.stderr.contains("a table.csv"),
            "{}",
            run.stderr
        );
    }
    assert_eq!(files_in(folder.path()), [""; 0]);
}

#[cfg(unix)]
#[test]
fn installs_once_and_leaves_other_lines() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let install = |scheduler: &str| {
        cron(
            folder.path(),
            &with_export(&[
                "cron",
                "install",
                "--yes",
                "--scheduler",
                scheduler,
                "--data-dir",
                "store",
            ]),
        )
    };
    // Where the digest is to go there is no folder.
    let run = install("systemd");
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert!(run.stderr.contains("notes"), "{}", run.stderr);
    assert!(!folder.path().join("config/systemd").exists());
    std::fs::create_dir(folder.path().join("notes")).unwrap();
    let run = install("systemd").done();
    assert!(
        run.stderr.contains("loginctl enable-linger"),
        "{}",
        run.stderr
    );
    assert_eq!(files_in(&folder.path().join("notes")), [""; 0]);
    assert!(
        folder.path().join("store").is_dir(),
        "the store's folder is made"
    );
    let units = folder.path().join("config/systemd/user");
    assert_eq!(files_in(&units), ["trialbrief.service", "trialbrief.timer"]);
    let run = install("crontab");
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert!(
        run.stderr.contains("`crontab` could not be used"),
        "{}",
        run.stderr
    );

    // A crontab of our own, that keeps its lines in a file.
    let bin = folder.path().join("bin");
    std::fs::create_dir(&bin).unwrap();
    let script = "#!/bin/sh\nif [ \"$1\" = -l ]; then /bin/cat \"$CRONTAB\"; else /bin/cat > \"$CRONTAB\"; fi\n";
    std::fs::write(bin.join("crontab"), script).unwrap();
    std::fs::set_permissions(bin.join("crontab"), std::fs::Permissions::from_mode(0o755)).unwrap();
    let table = folder.path().join("crontab.txt");
    std::fs::write(&table, "MAILTO=clinic\n1 2 * * * other\n").unwrap();
    install("crontab").done();
    let once = std::fs::read_to_string(&table).unwrap();
    assert!(
        once.starts_with("MAILTO=clinic\n1 2 * * * other\n# trialbrief: weekly export\n"),
        "{once}"
    );
    install("crontab").done();
    assert_eq!(std::fs::read_to_string(&table).unwrap(), once);
}

/// The line for crontab, with options before `cron` and variables.
fn line_for(folder: &Path, before: &[&str], env: &[(&str, &str)]) -> Run {
    let mut program = program();
    program
        .current_dir(folder)
        .env_remove("TRIALBRIEF_DATA_DIR")
        .env("XDG_DATA_HOME", folder.join("usual"))
        .envs(env.iter().copied())
        .args(before)
        .args(["cron", "show", "--", "--csv", "a.csv", "--timeout=7"]);
    let run: Run = program.output().unwrap().into();
    run.done()
}

const SET: [(&str, &str); 2] = [
    ("TRIALBRIEF_DATA_DIR", "mine"),
    ("TRIALBRIEF_API", "https://mirror.example/api/v2"),
];

#[test]
fn the_job_gets_what_is_set_where_it_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path().to_str().unwrap();
    // Nothing said: the usual folder, which may be another for cron.
    let line = line_for(folder.path(), &[], &[]).stdout;
    assert!(
        line.contains(&format!(" --timeout=7 --data-dir={here}/usual/"))
            && !line.contains("--api")
            && !line.contains("--min-interval"),
        "{line}"
    );
    let line = line_for(folder.path(), &[], &SET).stdout;
    for part in [
        &format!(" --data-dir={here}/mine"),
        " --api=https://mirror.example/api/v2",
    ] {
        assert!(line.contains(part), "{part} is not in {line}");
    }
    // A day that is fixed for a test is not fixed for ever.
    assert!(!line.contains("--today"), "{line}");
    let proxy = [("HTTPS_PROXY", "http://user:secret@proxy.example")];
    let run = line_for(folder.path(), &[], &proxy);
    assert!(
        run.stderr.contains("HTTPS_PROXY") && !run.stderr.contains("secret"),
        "{}",
        run.stderr
    );
}

/// What is typed wins over what is set; what stands behind `--` over both.
#[test]
fn the_job_gets_what_is_typed_before_it() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path().to_str().unwrap();
    let options = [
        ("--data-dir", "typed"),
        ("--user-agent", "a clinic's program"),
        ("--ca", "ca.pem"),
        ("--tls-max", "1.2"),
        ("--min-interval", "2000"),
        ("--timeout", "900"),
        ("--lexicon", "more.tsv"),
        ("--source", "live"),
    ];
    let options = options.iter().flat_map(|(name, value)| [*name, *value]);
    let options: Vec<&str> = options.chain(["--http1"]).collect();
    let line = line_for(folder.path(), &options, &SET).stdout;
    for part in [
        " --timeout=7 --source=live",
        &format!(" --data-dir={here}/typed"),
        " '--user-agent=a clinic'\\''s program'",
        &format!(" --ca={here}/ca.pem"),
        " --http1",
        " --tls-max=1.2",
        " --min-interval=2000",
        &format!(" --lexicon={here}/more.tsv"),
    ] {
        assert!(line.contains(part), "{part} is not in {line}");
    }
    assert!(!line.contains("900") && !line.contains("mine"), "{line}");
}

/// What systemd itself says of the units.
#[cfg(unix)]
#[test]
#[expect(clippy::print_stdout, reason = "a test that is skipped says why")]
fn systemd_takes_the_units() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("not yet there/100% $store");
    let store = store.to_str().unwrap();
    let export = ["--", "--csv", "a table.csv"];
    let args = [
        "--data-dir",
        store,
        "cron",
        "install",
        "--yes",
        "--scheduler",
        "systemd",
    ];
    cron(folder.path(), &[&args[..], &export].concat()).done();
    assert!(Path::new(store).is_dir());
    let unit = |name: &str| folder.path().join("config/systemd/user").join(name);
    let (service, timer) = (unit("trialbrief.service"), unit("trialbrief.timer"));
    let text = std::fs::read_to_string(&service).unwrap();
    // The test's own folder is a temporary one, of which the job must not get one of its own.
    assert!(!text.contains("PrivateTmp=yes"), "{text}");
    let verify = || -> Result<Vec<String>, String> {
        let verified = std::process::Command::new("systemd-analyze")
            .args(["verify", "--user", "--man=no"])
            .args([&service, &timer])
            .env("XDG_RUNTIME_DIR", folder.path())
            .output()
            .map_err(|error| error.to_string())?;
        let said = String::from_utf8_lossy(&verified.stderr).into_owned();
        let of_ours = said.lines().filter(|line| line.contains("trialbrief."));
        Ok(of_ours.map(str::to_owned).collect())
    };
    let said = verify();
    // What it cannot find here it would not find in ours either.
    std::fs::write(&service, text.replace("on-failure", "on-nothing")).unwrap();
    match (said, verify()) {
        (Ok(said), Ok(of_wrong)) if !of_wrong.is_empty() => assert_eq!(said, [""; 0]),
        (_, other) => println!("skipped: systemd-analyze does not examine units here: {other:?}"),
    }
}
