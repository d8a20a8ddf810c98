//! The handout as one page of HTML: sound, still, for print, and honest about its data.

use insta::assert_snapshot;

use super::Desk;
use crate::html::Html;
use crate::support::{Run, program, record};

#[test]
fn the_page_is_sound_html_that_fetches_nothing_and_runs_nothing() {
    let desk = Desk::usual();
    for source in [
        desk.written(&[]),
        desk.without_profile(&[]),
        desk.read(&["--source", "sample", "--patient", "patient.toml"]),
        desk.read(&["--source", "sample", "--status", "all", "--pages", "40"]),
        desk.without_profile(&["--phase", "4"]),
    ] {
        let html = Html::parse(&source);
        html.assert_sound();
        for name in ["header", "nav"] {
            assert_eq!(html.named(name).len(), 1, "{name}");
        }
    }
}

#[test]
fn first_comes_the_patient_then_the_neurologist_then_a_page_a_study() {
    let desk = Desk::usual();
    let html = Html::parse(&desk.written(&["--pages", "2"]));
    let headings: Vec<String> = html
        .named("h2")
        .into_iter()
        .map(|one| one.text.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    assert!(headings[0].starts_with("For you"), "{headings:?}");
    assert!(
        headings[1].starts_with("For your neurologist"),
        "{headings:?}"
    );
    assert_eq!(html.of_class("study").len(), 2);
    assert_eq!(
        Html::parse(&desk.written(&["--pages", "0"]))
            .of_class("study")
            .len(),
        0
    );
    let by_default = Html::parse(&desk.read(&["--source", "sample", "--patient", "patient.toml"]));
    assert_eq!(by_default.of_class("study").len(), 5);
}

#[test]
fn every_page_ends_with_date_source_and_what_it_is_not() {
    let desk = Desk::usual();
    for args in [
        &["--source", "sample"][..],
        &["--source", "./studies.ndjson"],
    ] {
        let source = desk.read(&[args, &["--patient", "patient.toml"]].concat());
        let html = Html::parse(&source);
        let (pages, feet) = (html.of_class("page"), html.of_class("foot"));
        assert!(pages.len() >= 6, "{}", pages.len());
        assert_eq!(pages.len(), feet.len());
        for (page, foot) in pages.iter().zip(&feet) {
            assert!(
                page.text.trim_end().ends_with(foot.text.trim_end()),
                "the foot ends the page"
            );
            for part in [
                "ClinicalTrials.gov",
                "information to discuss, not medical advice; only the study team can decide",
            ] {
                assert!(
                    foot.text.to_lowercase().contains(&part.to_lowercase()),
                    "{part} in {}",
                    foot.text
                );
            }
        }
    }
}

#[test]
fn what_is_not_live_or_old_says_so_at_the_top_and_on_every_page() {
    let desk = Desk::usual();
    let sample = ["--source", "sample", "--today", "2026-11-24"];
    let html = Html::parse(&desk.read(&sample));
    let alarms: String = html
        .of_class("alarm")
        .into_iter()
        .map(|one| one.text)
        .collect();
    for part in ["SAMPLE, NOT LIVE", "OLD DATA: 94 days"] {
        assert!(alarms.contains(part), "{part} in {alarms}");
    }
    for foot in html.of_class("foot") {
        assert!(foot.text.contains("SAMPLE, NOT LIVE"), "{}", foot.text);
        assert!(foot.text.contains("2026-08-22"), "{}", foot.text);
    }
    let markdown = desk.read(&[&sample[..], &["--format", "markdown"]].concat());
    assert!(markdown.contains("> **SAMPLE, NOT LIVE"), "{markdown:.500}");
}

#[test]
fn text_of_the_registry_does_not_act() {
    let mut hostile = record("hostile");
    hostile["protocolSection"]["identificationModule"]["briefTitle"] = format!(
        "<script>alert(1)</script>\u{202e}<img src=x onerror=alert(1)>\" onclick=\"x ]]>--> {}",
        "very long words ".repeat(1 << 16)
    )
    .into();
    hostile["protocolSection"]["eligibilityModule"]["eligibilityCriteria"] = format!(
        "Inclusion Criteria:\n\n* EDSS 5.0 to 6.5 <style>*{{display:none}}</style>\n* {}\n",
        "</section><h1>You fit</h1> ".repeat(1 << 15)
    )
    .into();
    let desk = Desk::with(&[hostile]);
    let source = desk.written(&["--status", "all"]);
    assert!(source.len() <= 400_000, "{} bytes", source.len());
    let html = Html::parse(&source);
    html.assert_sound();
    let bad = source.chars().find(|c| {
        c.is_control() && *c != '\n' || matches!(*c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
    });
    assert_eq!(bad, None);
    let markdown = desk.written(&["--status", "all", "--format", "markdown"]);
    for tag in ["<script", "<img", "<style", "</section"] {
        assert!(!markdown.contains(tag), "{tag}");
    }
    assert!(!markdown.contains('\u{202e}'));
}

#[test]
fn only_commands_that_exist_are_named() {
    let desk = Desk::usual();
    for source in [desk.written(&["--region", "uk"]), desk.without_profile(&[])] {
        let html = Html::parse(&source);
        let commands: Vec<String> = html.named("code").into_iter().map(|one| one.text).collect();
        assert!(!commands.is_empty());
        for command in commands {
            assert!(
                !command.contains("53.8") && !command.contains("rrms"),
                "{command}"
            );
            let mut words = command.split_whitespace();
            assert_eq!(words.next(), Some("trialbrief"), "{command}");
            let run: Run = program()
                .current_dir(desk.folder.path())
                .args(words)
                .args(["--source", "sample"])
                .output()
                .unwrap()
                .into();
            run.done();
        }
    }
}

#[test]
fn print_is_large_enough_and_no_page_size_is_forced() {
    let style = Html::parse(&Desk::usual().written(&[]))
        .named("style")
        .remove(0)
        .text;
    assert!(style.contains("@media print"));
    let sheet = style
        .split("@page")
        .nth(1)
        .unwrap()
        .split('}')
        .next()
        .unwrap();
    assert!(!sheet.contains("size"), "A4 and Letter both: {sheet}");
    for size in style.split("font-size:").skip(1) {
        let size = size.split([';', '}']).next().unwrap().trim();
        let enough = size
            .strip_suffix("rem")
            .map(|n| n.parse::<f32>().unwrap() >= 1.0)
            .or_else(|| {
                size.strip_suffix("pt")
                    .map(|n| n.parse::<f32>().unwrap() >= 12.0)
            });
        assert_eq!(enough, Some(true), "{size}");
    }
}

#[expect(clippy::print_stdout, reason = "a test that is skipped says why")]
#[test]
fn a_real_validator_finds_no_fault() {
    let Some(jar) = std::env::var_os("TRIALBRIEF_VNU") else {
        println!("skipped: TRIALBRIEF_VNU names no Nu HTML validator (vnu.jar)");
        return;
    };
    let desk = Desk::usual();
    for (name, args) in [
        (
            "with.html",
            &["--source", "./studies.ndjson", "--patient", "patient.toml"][..],
        ),
        ("without.html", &["--source", "./studies.ndjson"]),
        (
            "sample.html",
            &[
                "--source",
                "sample",
                "--patient",
                "patient.toml",
                "--status",
                "all",
                "--pages",
                "40",
            ],
        ),
        ("none.html", &["--source", "sample", "--phase", "4"]),
    ] {
        desk.run(&[args, &["-o", name]].concat()).done();
    }
    let pages =
        ["with.html", "without.html", "sample.html", "none.html"].map(|name| desk.path(name));
    let found = std::process::Command::new("java")
        .arg("-jar")
        .arg(jar)
        .args(["--Werror", "--stdout"])
        .args(pages)
        .output()
        .unwrap();
    assert!(
        found.status.success(),
        "{}",
        String::from_utf8_lossy(&found.stdout)
    );
}

#[test]
fn the_text_of_a_brief_in_html() {
    assert_snapshot!(Html::parse(&Desk::usual().written(&["--pages", "2"])).text());
}
