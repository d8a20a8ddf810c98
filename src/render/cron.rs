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

/// What is run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// The program, by its whole path.
    pub program: String,
    /// What it is called with.
    pub args: Vec<String>,
    /// Directories that it writes to.
    pub writes: Vec<PathBuf>,
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
    format!("\"{}\"", path.replace('"', "\\\""))
}

/// Renders the service: it may write where it has to, and nothing else.
pub fn service(job: &Job) -> String {
    let words = std::iter::once(&job.program).chain(&job.args);
    let words: Vec<String> = words.map(|word| in_unit(word)).collect();
    let mut out = String::from(
        "[Unit]\n\
         Description=Weekly export of CAR-T studies by trialbrief\n\
         Wants=network-online.target\n\
         After=network-online.target\n\
         \n\
         [Service]\n\
         Type=oneshot\n",
    );
    // Writing to a string cannot fail.
    let _ = writeln!(out, "ExecStart={}", words.join(" "));
    out.push_str(
        "TimeoutStartSec=1h\n\
         NoNewPrivileges=yes\n\
         ProtectSystem=strict\n\
         ProtectHome=read-only\n\
         PrivateTmp=yes\n\
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
            unit.contains("ReadWritePaths=\"/srv/Jo's 100%% $HOME\"\n"),
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
