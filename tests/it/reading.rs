//! What must hold for every eligibility text, and for every answer of the registry.

#![expect(clippy::print_stdout, reason = "times are read from the output")]

#[path = "../fuzz/bodies.rs"]
pub(crate) mod bodies;

use std::path::Path;
use std::sync::LazyLock;
use std::time::Instant;

use proptest::prelude::*;
use proptest::sample::{Index, select};
use trialbrief::criteria::{CriterionKind, Read, Wanted, read, segment};
use trialbrief::terminology::Terminology;

use crate::criteria::{names, text};
use crate::shared::shared;

static TERMS: LazyLock<Terminology> = LazyLock::new(|| Terminology::embedded().unwrap());

fn reading(text: &str) -> Read {
    read(text, segment(text), TERMS.treatments(), Wanted::All)
}

/// Criteria of one line from our own texts, each with the part that it stands in.
static LINES: LazyLock<Vec<(CriterionKind, String)>> = LazyLock::new(|| {
    let mut lines = Vec::new();
    for name in names() {
        let text = text(&name);
        let read = reading(&text);
        // What stands above or below others is understood with them.
        if read
            .criteria
            .iter()
            .any(|one| one.criterion.parent.is_some())
        {
            continue;
        }
        for one in &read.criteria {
            let body = one.criterion.body(&text);
            let is_plain = !body.contains('\n') && !body.ends_with(':') && body.len() > 3;
            if is_plain && one.criterion.kind != CriterionKind::Other && one.applies_to.is_none() {
                lines.push((one.criterion.kind, body.to_owned()));
            }
        }
    }
    lines
});

/// A text of these criteria; `bullet` is told the number of each.
fn text_of(lines: &[(CriterionKind, String)], bullet: impl Fn(usize) -> String) -> String {
    let mut text = String::new();
    for (kind, heading) in [
        (CriterionKind::Inclusion, "Inclusion Criteria:\n\n"),
        (CriterionKind::Exclusion, "\nExclusion Criteria:\n\n"),
    ] {
        text.push_str(heading);
        // A line about MS, so that relapses and scans are understood as of MS.
        let own = lines.iter().filter(|(own, _)| *own == kind);
        let first = (kind == CriterionKind::Inclusion).then_some("Diagnosis of multiple sclerosis");
        for (at, line) in first
            .into_iter()
            .chain(own.map(|(_, line)| line.as_str()))
            .enumerate()
        {
            text.push_str(&bullet(at + 1));
            text.push_str(line);
            text.push('\n');
        }
    }
    text
}

/// Facts of each criterion with the words of both, in the order of the text.
fn facts(text: &str) -> Vec<String> {
    let read = reading(text);
    let told = read.facts().map(|(criterion, fact)| {
        let quote = &text[fact.quote.clone()];
        let (value, body) = (&fact.value, criterion.criterion.body(text));
        format!(
            "{value:?} {:?} {:?} {quote:?} {body:?}",
            fact.polarity, fact.certainty
        )
    });
    told.collect()
}

fn star(_: usize) -> String {
    "* ".to_owned()
}

fn some_lines() -> impl Strategy<Value = Vec<(CriterionKind, String)>> {
    prop::collection::vec(select(&**LINES), 1..8)
}

/// Headings, bullets and words that stand between.
const LAYOUT: &[&str] = &[
    "Inclusion Criteria:\n",
    "Exclusion Criteria\n",
    "\n",
    "\n\n",
    "* ",
    "    * ",
    "1. ",
    "\n  2) ",
    "a) ",
    "• ",
    "、",
    "：",
    "\t",
    "\r",
    "\u{a0}",
    "(",
    ")",
    ";",
    ". ",
    ", ",
    " or ",
    " and ",
    "except ",
    "no ",
    ":",
    "\u{7}",
];

/// Amounts, signs and words that rules begin at.
const AMOUNTS: &[&str] = &[
    "≥ ",
    "< ",
    "<=",
    "18",
    "5.5",
    "1,000",
    " to ",
    "-",
    "×10⁹/L",
    " mg/dL",
    " x ULN",
    "%",
    " months ",
    "6 weeks ",
    "within ",
    " before screening",
    "EDSS ",
    "age ",
    "ALT",
    "relapse",
    "MRI ",
    "MS ",
    "LVEF",
    "NYHA III",
    "99999999999",
];

/// Pieces that registry texts are made of, and some that they are not.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => select(LAYOUT).prop_map(str::to_owned),
        3 => select(AMOUNTS).prop_map(str::to_owned),
        2 => any::<Index>().prop_map(|at| LINES[at.index(LINES.len())].1.clone()),
        1 => any::<String>(),
    ]
}

/// What a list shows of a text, read for that alone, and read with all else.
fn listed(text: &str) -> [String; 2] {
    [Wanted::CoursesAndEdss, Wanted::All].map(|wanted| {
        let read = read(text, segment(text), TERMS.treatments(), wanted);
        format!("{:?} {:?}", read.courses(), read.edss())
    })
}

#[test]
fn a_list_shows_what_a_whole_reading_shows() {
    let texts: Vec<String> = names().iter().map(|name| text(name)).collect();
    let mut spared = 0;
    for text in &texts {
        let [short, whole] = listed(text);
        assert_eq!(short, whole, "{text}");
        let few = read(
            text,
            segment(text),
            TERMS.treatments(),
            Wanted::CoursesAndEdss,
        );
        spared += reading(text).facts().count() - few.facts().count();
    }
    assert!(
        spared > texts.len(),
        "a list reads as much as anyone: {spared}"
    );
}

#[test]
fn a_list_shows_what_a_whole_reading_shows_of_real_texts() {
    let Some(folder) = shared("a_list_shows_what_a_whole_reading_shows_of_real_texts") else {
        return;
    };
    let lines = std::fs::read_to_string(folder.join("registry/criteria-ms.jsonl")).unwrap();
    for line in lines.lines() {
        let record: serde_json::Value = serde_json::from_str(line).unwrap();
        let text = record.as_object().unwrap().values();
        let text = text
            .filter_map(serde_json::Value::as_str)
            .max_by_key(|text| text.len());
        let [short, whole] = listed(text.unwrap());
        assert_eq!(short, whole, "{line}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_list_shows_of_any_text_what_a_whole_reading_shows(
        pieces in prop::collection::vec(piece(), 0..30),
    ) {
        let [short, whole] = listed(&pieces.concat());
        prop_assert_eq!(short, whole);
    }

    #[test]
    fn any_text_is_placed_and_quoted(pieces in prop::collection::vec(piece(), 0..30)) {
        let text = pieces.concat();
        bodies::assert_placed(&text, &reading(&text));
    }

    #[test]
    fn any_characters_are_placed_and_quoted(text in any::<String>()) {
        bodies::assert_placed(&text, &reading(&text));
    }

    #[test]
    fn the_bullet_says_nothing(lines in some_lines()) {
        let expected = facts(&text_of(&lines, star));
        prop_assert_eq!(&facts(&text_of(&lines, |at| format!("{at}. "))), &expected);
        for bullet in ["- ", "• ", "    * ", "– "] {
            prop_assert_eq!(&facts(&text_of(&lines, |_| bullet.to_owned())), &expected, "{:?}", bullet);
        }
    }

    #[test]
    fn a_line_of_something_else_changes_no_fact(lines in some_lines(), at in any::<Index>()) {
        let expected = facts(&text_of(&lines, star));
        let mut more = lines.clone();
        let at = at.index(lines.len() + 1);
        let kind = lines[at.min(lines.len() - 1)].0;
        more.insert(at, (kind, "Owns a bicycle and a blue hat".to_owned()));
        prop_assert_eq!(&facts(&text_of(&more, star)), &expected);
    }

    #[test]
    fn the_order_says_nothing(lines in some_lines()) {
        let mut expected = facts(&text_of(&lines, star));
        let reversed: Vec<_> = lines.into_iter().rev().collect();
        let mut found = facts(&text_of(&reversed, star));
        // Consent is read where it stands first.
        for list in [&mut expected, &mut found] {
            list.retain(|fact| !fact.contains("consent"));
            list.sort();
        }
        prop_assert_eq!(found, expected);
    }
}

fn seeds(target: &str, body: fn(&[u8])) -> usize {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/fuzz")
        .join(target);
    let names = crate::support::files_in(&folder);
    for name in &names {
        body(&std::fs::read(folder.join(name)).unwrap());
    }
    names.len()
}

#[test]
fn seeds_of_the_fuzz_targets_hold() {
    assert!(seeds("criteria", bodies::criteria) >= 10);
    assert!(seeds("study", bodies::study) >= 10);
    assert!(seeds("profile", bodies::profile) >= 15);
}

#[test]
fn our_own_texts_are_placed_and_quoted() {
    for name in names() {
        bodies::criteria(text(&name).as_bytes());
    }
}

/// A megabyte of one piece after another: time and memory must not grow with its square. The limit
/// is far above what reading takes, and far below what a square would.
#[test]
fn a_hostile_megabyte_is_read_in_time() {
    let deep = |depth| [" ".repeat(depth).as_str(), "* relapsing MS\n"].concat();
    let nested: String = (0..1_400).map(deep).collect();
    for piece in [
        "* MS, EDSS 3\n",
        "a",
        "((((",
        " \n\t",
        "MS and 2 relapses or two in a year or ",
        "MS. People with HIV are excluded. ",
        "MS\nCohort 1: EDSS 3\n",
        "Cohort 1: EDSS 3\n(1) EDSS 4\n",
        "no rituximab for 6 months at any time or ",
        "condoms of partners who are women, ",
        "Participants may not:\n- seizures within 6 months, ",
        "two three four ALT times ",
        &nested,
    ] {
        // Just short of what is read at all, and far beyond.
        for length in [90_000, 1 << 20] {
            let text = piece.repeat(length / piece.len() + 1);
            let start = Instant::now();
            bodies::assert_placed(&text, &reading(&text));
            let took = start.elapsed();
            let shown: String = piece.chars().take(40).collect();
            println!("{length} bytes of {shown:?}: {took:?}");
            assert!(took.as_secs() < 20, "{length} bytes of {shown:?}: {took:?}");
        }
    }
}
