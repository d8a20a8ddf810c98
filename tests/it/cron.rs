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
            " export --csv '{here}/a table.csv' --changes={here}/changes.csv --region uk --digest {here}/notes/digest.md --watch {here}/rules.toml --quiet\n"
        )),
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
        &format!("ReadWritePaths=\"{here}\"\n"),
        &format!("ReadWritePaths=\"{here}/notes\"\n"),
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
            &with_export(&["cron", "install", "--yes", "--scheduler", scheduler]),
        )
    };
    install("systemd").done();
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
