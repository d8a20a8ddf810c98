//! What a long run draws while it works: on a terminal only, and gone when it ends.

use std::fs::File;
use std::io::Read;
use std::process::{Command, Stdio};

use rustix::pty;

use crate::archive::zip;
use crate::support::program;
use crate::sync::{FIRST, World, holding, numbered, ten};

/// Takes a line away.
const ERASE: &str = "\r\u{1b}[K";

/// Runs with stderr on a terminal, and returns what that was told.
fn on_a_terminal(mut command: Command) -> String {
    let terminal = pty::openpt(pty::OpenptFlags::RDWR | pty::OpenptFlags::NOCTTY).unwrap();
    pty::grantpt(&terminal).unwrap();
    pty::unlockpt(&terminal).unwrap();
    let name = pty::ptsname(&terminal, Vec::new()).unwrap();
    let inside = File::options()
        .read(true)
        .write(true)
        .open(name.to_str().unwrap())
        .unwrap();
    command.env("TERM", "xterm");
    let mut child = command
        .stdout(Stdio::null())
        .stderr(inside)
        .spawn()
        .unwrap();
    // The command holds the other end of the terminal as long as it lives.
    drop(command);
    let (mut screen, mut told, mut room) = (File::from(terminal), Vec::new(), [0; 4096]);
    // A terminal whose other end is closed is an error on Linux, an end elsewhere.
    while let Ok(read @ 1..) = screen.read(&mut room) {
        told.extend_from_slice(&room[..read]);
    }
    assert!(child.wait().unwrap().success());
    String::from_utf8(told).unwrap()
}

/// Asserts that a line was drawn, then taken away, and that the last word is the summary.
fn assert_drawn(told: &str, parts: &[&str]) {
    for part in parts {
        assert!(told.contains(part), "{part} in {told:?}");
    }
    let (_, last) = told.rsplit_once(ERASE).unwrap();
    assert!(last.starts_with("store up to date"), "{told:?}");
    assert_eq!(last.trim_end().lines().count(), 1, "{told:?}");
}

#[test]
fn a_sync_tells_how_far_it_is_on_a_terminal_only() {
    let world = World::new(holding(&ten(), FIRST));
    let sync = ["sync", "--sentinels", "none"];
    let told = on_a_terminal(world.command(&sync));
    assert_drawn(&told, &["asking the registry", "10 studies"]);
    let full = [&sync[..], &["--full"]].concat();
    let told = on_a_terminal(world.command(&[&full[..], &["--quiet"]].concat()));
    assert_eq!(told, "");
    let piped = world.run(&full).done();
    assert!(!piped.stderr.contains(ERASE), "{:?}", piped.stderr);
    // A terminal that cannot take a line away.
    let told = on_a_dumb_terminal(&world.command(&full));
    assert!(!told.contains(ERASE), "{told:?}");
}

fn on_a_dumb_terminal(command: &Command) -> String {
    let mut with = Command::new("env");
    with.arg("TERM=dumb").arg(command.get_program());
    with.args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) if name != "TERM" => with.env(name, value),
            _ => with.env_remove(name),
        };
    }
    on_a_terminal(with)
}

#[test]
fn an_archive_tells_its_share() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ctg-studies.json.zip");
    let records: Vec<_> = (1..=300).map(|one| numbered(one, "2026-07-01")).collect();
    std::fs::write(&file, zip(&records)).unwrap();
    let mut command = program();
    command.args(["sync", "--file"]).arg(&file);
    command.arg("--data-dir").arg(folder.path().join("data"));
    let told = on_a_terminal(command);
    assert_drawn(&told, &["reading the archive", " 0 %", "of 300 studies"]);
}

#[test]
fn an_error_stands_on_a_line_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.zip");
    let records: Vec<_> = (1..=300).map(|one| numbered(one, "2026-07-01")).collect();
    let mut damaged = zip(&records);
    let middle = damaged.len() / 2;
    damaged[middle..middle + 4000].fill(b'x');
    std::fs::write(&file, &damaged).unwrap();
    let mut command = Command::new("sh");
    command.args(["-c", "\"$0\" \"$@\"; true"]);
    command.arg(program().get_program());
    command.args(["sync", "--file"]).arg(&file);
    command.arg("--data-dir").arg(folder.path().join("data"));
    let told = on_a_terminal(command);
    let error = told.find("error: ").unwrap();
    assert!(told[..error].ends_with(ERASE), "{told:?}");
}
