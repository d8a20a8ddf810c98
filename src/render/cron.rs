//! A weekly job as a line for crontab, or as a service and a timer of systemd.
//!
//! The registry refreshes its data on working days, mostly by 14:00 UTC. On
//! Mondays after 15:00 UTC the week before is whole.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Marks our line in a crontab, so that it is replaced and not doubled.
pub const MARK: &str = "# trialbrief: weekly export";

/// When systemd starts the job.
const CALENDAR: &str = "Mon *-*-* 15:30:00 UTC";

/// Exit code of a job that found something new: it went well.
const CHANGED: u8 = 10;

/// Exit codes after which another try within hours would end the same: wrong usage, the recall guard, a bad input.
const NOT_AGAIN: [&str; 3] = ["2", "4", "5"];

/// What must be said of a user's units: without it they run only while the user is logged in.
pub const LINGER: &str =
    "so that it runs while you are not logged in, once: loginctl enable-linger";

/// What is run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// The program, by its whole path.
    pub program: String,
    /// What it is called with.
    pub args: Vec<String>,
    /// Directories that it writes to.
    pub writes: Vec<PathBuf>,
    /// Those of them that are its own, to be made if they are not there.
    pub makes: Vec<PathBuf>,
}

impl Job {
    /// Says whether it needs what lies in the folders for temporary files, which a service may have of its own.
    fn uses_tmp(&self) -> bool {
        let args = self.args.iter().map(|arg| {
            let value = arg.split_once('=').map_or(arg.as_str(), |(_, value)| value);
            Path::new(value)
        });
        let paths = args.chain(self.writes.iter().map(PathBuf::as_path));
        paths
            .chain([Path::new(&self.program)])
            .any(|path| path.starts_with("/tmp") || path.starts_with("/var/tmp"))
    }
}

/// A time of the week on the clock of a machine, as cron reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WeekTime {
    /// Minute.
    pub minute: u32,
    /// Hour.
    pub hour: u32,
    /// Day of the week, 0 = Sunday.
    pub weekday: u32,
}

impl WeekTime {
    /// Returns Monday 16:30 UTC on a clock that is so many minutes ahead of UTC. That is after 15:00
    /// UTC also when the clock is put forward in summer.
    pub fn monday(minutes_ahead: i64) -> Self {
        let of_week = 24 * 60 + 16 * 60 + 30 + minutes_ahead;
        let of_week = of_week.rem_euclid(7 * 24 * 60);
        let small = |value: i64| u32::try_from(value).unwrap_or_default();
        Self {
            minute: small(of_week % 60),
            hour: small(of_week / 60 % 24),
            weekday: small(of_week / 60 / 24),
        }
    }
}

/// Renders the line for crontab, with its mark before it.
pub fn crontab(job: &Job, at: WeekTime) -> String {
    let words = std::iter::once(&job.program).chain(&job.args);
    let words: Vec<String> = words.map(|word| in_shell(word)).collect();
    // Cron takes a bare per cent sign for the end of the line.
    let command = words.join(" ").replace('%', "\\%");
    format!(
        "{MARK}\n{} {} * * {} {command}\n",
        at.minute, at.hour, at.weekday
    )
}

/// Returns a crontab with our lines in place of those of an earlier time.
pub fn in_crontab(old: &str, ours: &str) -> String {
    let mut out = String::new();
    let mut lines = old.lines();
    while let Some(line) = lines.next() {
        if line == MARK {
            lines.next();
        } else {
            out.push_str(line);
            out.push('\n');
        }
    }
    out.push_str(ours);
    out
}

/// Returns a word that a shell reads as it stands.
fn in_shell(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=,:@".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

/// Returns a word that systemd reads as it stands.
fn in_unit(word: &str) -> String {
    let word = word
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('%', "%%")
        .replace('$', "$$");
    format!("\"{word}\"")
}

/// Returns a path as a unit file's lists of paths take it.
fn path_in_unit(path: &Path) -> String {
    let path = path.display().to_string();
    let path = path.replace('\\', "\\\\").replace('%', "%%");
    format!("\"-{}\"", path.replace('"', "\\\""))
}

/// Renders the service: it may write where it has to, and nothing else.
pub fn service(job: &Job) -> String {
    let words = std::iter::once(&job.program).chain(&job.args);
    let words: Vec<String> = words.map(|word| in_unit(word)).collect();
    // A user's units cannot wait for the network: it is tried again, for as long as a line is usually down.
    let mut out = String::from(
        "[Unit]\n\
         Description=Weekly export of CAR-T studies by trialbrief\n\
         StartLimitIntervalSec=12h\n\
         StartLimitBurst=6\n\
         \n\
         [Service]\n\
         Type=oneshot\n",
    );
    // Writing to a string cannot fail.
    let _ = writeln!(out, "ExecStart={}", words.join(" "));
    let _ = writeln!(out, "SuccessExitStatus={CHANGED}");
    let _ = writeln!(out, "RestartPreventExitStatus={}", NOT_AGAIN.join(" "));
    if !job.uses_tmp() {
        out.push_str("PrivateTmp=yes\n");
    }
    out.push_str(
        "Restart=on-failure\n\
         RestartSec=15min\n\
         TimeoutStartSec=1h\n\
         NoNewPrivileges=yes\n\
         ProtectSystem=strict\n\
         ProtectHome=read-only\n\
         PrivateDevices=yes\n\
         ProtectKernelTunables=yes\n\
         ProtectKernelModules=yes\n\
         ProtectControlGroups=yes\n\
         RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX\n\
         RestrictSUIDSGID=yes\n\
         LockPersonality=yes\n\
         UMask=0077\n",
    );
    for path in &job.writes {
        // One that is not there must not keep the job from starting and saying so.
        let _ = writeln!(out, "ReadWritePaths={}", path_in_unit(path));
    }
    out
}

/// Renders the timer: a run that was missed is made up for.
pub fn timer() -> String {
    format!(
        "[Unit]\n\
         Description=Every Monday: export of CAR-T studies by trialbrief\n\
         \n\
         [Timer]\n\
         OnCalendar={CALENDAR}\n\
         RandomizedDelaySec=30min\n\
         Persistent=true\n\
         \n\
         [Install]\n\
         WantedBy=timers.target\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job() -> Job {
        Job {
            program: "/usr/bin/trialbrief".into(),
            args: vec![
                "export".into(),
                "--csv".into(),
                "/srv/Jo's 100% $HOME/a.csv".into(),
            ],
            writes: vec!["/srv/Jo's 100% $HOME".into()],
            makes: Vec::new(),
        }
    }

    #[test]
    fn the_day_follows_the_clock() {
        let at = |hours: i64| {
            let at = WeekTime::monday(hours * 60);
            (at.weekday, at.hour, at.minute)
        };
        assert_eq!(at(0), (1, 16, 30));
        assert_eq!(at(2), (1, 18, 30));
        assert_eq!(at(10), (2, 2, 30));
        assert_eq!(at(-12), (1, 4, 30));
        assert_eq!(WeekTime::monday(330).minute, 0);
    }

    #[test]
    fn nothing_in_a_path_acts() {
        let line = crontab(&job(), WeekTime::monday(0));
        assert_eq!(
            line,
            format!(
                "{MARK}\n30 16 * * 1 /usr/bin/trialbrief export --csv '/srv/Jo'\\''s 100\\% $HOME/a.csv'\n"
            )
        );
        let unit = service(&job());
        assert!(unit.contains("ExecStart=\"/usr/bin/trialbrief\" \"export\" \"--csv\" \"/srv/Jo's 100%% $$HOME/a.csv\"\n"), "{unit}");
        assert!(
            unit.contains("ReadWritePaths=\"-/srv/Jo's 100%% $HOME\"\n"),
            "{unit}"
        );
    }

    #[test]
    fn an_earlier_line_is_replaced_and_others_stay() {
        let ours = crontab(&job(), WeekTime::monday(0));
        let once = in_crontab("MAILTO=me\n1 2 * * * other\n", &ours);
        assert_eq!(in_crontab(&once, &ours), once);
        assert!(once.starts_with("MAILTO=me\n1 2 * * * other\n# trialbrief"));
    }
}
