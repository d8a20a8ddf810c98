//! The README shows what the program prints, and names what the program knows.

use crate::support::run;

const README: &str = include_str!("../../README.md");

/// The lines of the block that begins with a command, without the command.
fn block(command: &str) -> &'static str {
    let start = README.find(command).expect("the command stands in README") + command.len() + 1;
    let rest = &README[start..];
    &rest[..rest.find("\n```").expect("the block ends")]
}

#[test]
fn shows_what_a_search_prints() {
    let command = "search --source sample --region uk --today 2026-11-24";
    let printed = run(&command.split(' ').collect::<Vec<_>>()).done();
    let shown = block(&format!("$ trialbrief {command}"));
    assert_eq!(shown, printed.stdout.trim_end());
}

#[test]
fn names_only_options_that_exist() {
    let commands = [
        &["search"][..],
        &["show"],
        &["export"],
        &["screen"],
        &["brief"],
        &["serve"],
        &["profile", "new"],
        &["profile", "check"],
        &["sync"],
        &["changes"],
        &["store", "forget"],
        &["cron", "install"],
    ];
    let help: String = (commands.iter())
        .map(|command| run(&[command, &["--help"][..]].concat()).done().stdout)
        .collect();
    let ours = README.replace("cargo run --release -- ", "");
    let named = ours.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    for option in
        named.filter(|word| word.starts_with("--") && word.len() > 3 && !word.starts_with("---"))
    {
        let known = help.contains(option) || option == "--release";
        assert!(known, "`{option}` is no option");
    }
}

#[test]
fn names_places_that_are_taken_as_it_says() {
    let near = |place: &str| run(&["show", "NCT06617793", "--source", "sample", "--near", place]);
    assert!(README.contains("| `--near Leeds --within 300` · `--near 53.80,-1.55` |"));
    assert!(near("Leeds").done().stdout.contains("of Leeds, England"));
    near("Zurich").done();
    near("北京").done();
    near("Springfield, IL").done();
    near("Cambridge, UK").done();
    assert_eq!(near("Cambridge").code, Some(2));
    let table = include_str!("../../src/data/gazetteer.tsv");
    let places = table.lines().filter(|line| !line.starts_with('#')).count() - 1;
    let (thousands, rest) = (places / 1000, places % 1000);
    assert!(README.contains(&format!("knows {thousands},{rest:03} places")));
}

#[test]
fn its_test_command_is_what_ci_runs() {
    let ci = include_str!("../../.ci/run");
    assert!(README.contains("\ncargo test\n"));
    assert!(ci.lines().any(|line| line == "cargo test"));
}
