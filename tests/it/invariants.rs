//! What must hold for every patient and every text: the less is known, the less is ruled out.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};
use trialbrief::classify::Classified;
use trialbrief::matching::{Answer, Assessment, Matcher, Point, Test, Verdict, Why};
use trialbrief::patient::{Patient, from_cells};

use crate::rules::{TERMS, on_the_day, ready};

/// Every study of our own: records, the sample, and the texts with no record.
static STUDIES: LazyLock<Vec<Classified>> = LazyLock::new(|| {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut records: Vec<Value> = Vec::new();
    for folder in ["records", "sample", "cases"] {
        for name in crate::support::files_in(&root.join(folder)) {
            if name.contains(".json") {
                let bytes = std::fs::read(root.join(folder).join(name)).unwrap();
                records.push(serde_json::from_slice(&bytes).unwrap());
            }
        }
    }
    for (at, name) in crate::criteria::names().iter().enumerate() {
        records.push(json!({"protocolSection": {
            "identificationModule": {"nctId": format!("NCT98{at:06}")},
            "conditionsModule": {"conditions": ["Multiple Sclerosis"]},
            "eligibilityModule": {"eligibilityCriteria": crate::criteria::text(name), "sex": "ALL", "minimumAge": "18 Years"},
        }}));
    }
    records.iter().map(ready).collect()
});

static MATCHERS: LazyLock<Vec<Matcher<'static>>> = LazyLock::new(|| {
    STUDIES
        .iter()
        .map(|one| Matcher::new(one, &TERMS))
        .collect()
});

/// Fields of a profile as cells of a table.
type Cells = BTreeMap<&'static str, String>;

fn patient(cells: &Cells) -> Patient {
    let cells = cells.iter().map(|(name, cell)| (*name, cell.as_str()));
    on_the_day(from_cells("profile", None, cells).unwrap())
}

/// Some of the words, joined as in a cell; one of them where the field holds one; or nothing.
fn cell(many: bool, words: &'static [&'static str]) -> BoxedStrategy<Option<String>> {
    let most = if many { words.len().min(4) } else { 1 };
    let list = prop::sample::subsequence(words, 1..=most);
    prop::option::weighted(0.7, list.prop_map(|list| list.join(";"))).boxed()
}

const YES_NO: &[&str] = &["true", "false"];
const DATES: &[&str] = &[
    "2026-11-01",
    "2026-08",
    "2026-01-15",
    "2025",
    "2022-04-15",
    "2015",
];
const COUNTS: &[&str] = &["0", "1", "2", "4"];

/// A field, whether its cell holds several words, and the words.
type Field = (&'static str, bool, &'static [&'static str]);

const FIELDS: &[Field] = &[
    (
        "age",
        false,
        &["5", "17", "18", "30", "55", "60", "61", "75"],
    ),
    ("sex", false, &["female", "male"]),
    (
        "ms_course",
        false,
        &["cis", "rrms", "spms", "ppms", "rms", "pms", "ms"],
    ),
    ("diagnosed", false, DATES),
    (
        "edss",
        false,
        &["0", "2.5", "3", "4.5", "5.5", "6", "6.5", "7", "9"],
    ),
    ("relapses_12_months", false, COUNTS),
    ("relapses_24_months", false, COUNTS),
    ("last_relapse", false, DATES),
    ("last_mri", false, DATES),
    ("gd_lesions_last", false, COUNTS),
    ("new_t2_last", false, COUNTS),
    ("progression_24_months", false, YES_NO),
    (
        "treatments",
        true,
        &[
            "ocrelizumab:2020:2026-10-01:failure",
            "natalizumab:2021:ongoing::2026-11-02",
            "alemtuzumab:2018:2019-04",
            "Mavenclad:2019:2020-04-20",
            "teriflunomide:2022:ongoing",
            "Copaxone:2010:2012:intolerance",
            "fingolimod:2016:2026-11:failure",
            "rituximab:2020::failure",
            "something unheard of:2020:ongoing",
        ],
    ),
    ("treatments_complete", false, YES_NO),
    ("prior_hsct", false, YES_NO),
    ("prior_cell_therapy", false, YES_NO),
    ("pregnant", false, YES_NO),
    ("breastfeeding", false, YES_NO),
    (
        "infections",
        true,
        &[
            "hiv:positive",
            "hbv:positive",
            "hcv:negative",
            "tb:positive",
            "jcv:positive",
            "any_active:positive",
            "syphilis:negative",
        ],
    ),
    ("antibodies", true, &["aqp4:positive", "mog:negative"]),
    (
        "labs",
        true,
        &[
            "igg:350 mg/dL",
            "anc:900 /uL",
            "hemoglobin:7 g/dL",
            "platelets:250 x10^9/L",
            "alt:4 xULN",
            "egfr:25 mL/min/1.73m2",
            "spo2:90 %",
        ],
    ),
    ("lvef", false, &["30", "45", "62"]),
    (
        "conditions",
        true,
        &[
            "seizure:2010",
            "malignancy:2022-04-15",
            "stroke:2026-10",
            "pml:2020",
            "splenectomy:2001",
            "cardiac:2026-06",
            "psychiatric:never",
            "transplant:2021",
            "cell_or_gene_therapy:2025",
        ],
    ),
    (
        "absent",
        true,
        &[
            "other_autoimmune",
            "anticoagulation",
            "substance_use",
            "transplant",
            "cell_or_gene_therapy",
            "infection",
            "malignancy",
        ],
    ),
    ("mri_possible", false, YES_NO),
    ("lumbar_puncture_possible", false, YES_NO),
];

fn profiles() -> impl Strategy<Value = Cells> {
    let fields = FIELDS.iter().map(|(_, many, words)| cell(*many, words));
    fields.collect::<Vec<_>>().prop_map(|cells| {
        let cells = FIELDS.iter().zip(cells);
        cells
            .filter_map(|((name, ..), cell)| Some((*name, cell?)))
            .collect()
    })
}

fn points(found: &Assessment) -> BTreeMap<usize, Point> {
    let points = found.points.iter();
    points.map(|point| (point.demand, *point)).collect()
}

/// Leaves out what contradicts itself: it is put aside, and comes back with its half.
fn consistent(mut cells: Cells) -> Cells {
    while let Some(found) = patient(&cells).contradictions.first() {
        for field in &found.fields {
            cells = without(&cells, field);
        }
    }
    cells
}

fn is_open(answer: Answer) -> bool {
    matches!(answer, Answer::Unknown | Answer::Clinician)
}

/// Drops a field; the list of drugs takes with it that the list is whole.
fn without(cells: &Cells, field: &str) -> Cells {
    let mut fewer = cells.clone();
    fewer.remove(field);
    if field == "treatments" {
        fewer.remove("treatments_complete");
    }
    fewer
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Who states less is ruled out by less, and meets no more for certain.
    #[test]
    fn a_fact_less_never_decides_more(cells in profiles(), dropped in prop::collection::vec(any::<Index>(), 1..4)) {
        let cells = consistent(cells);
        prop_assume!(!cells.is_empty());
        let all = patient(&cells);
        let mut fewer = cells.clone();
        for index in dropped {
            if let Some(name) = cells.keys().nth(index.index(cells.len())) {
                fewer = without(&fewer, name);
            }
        }
        let less = patient(&fewer);
        for matcher in MATCHERS.iter() {
            let (before, after) = (matcher.assess(&all, &[]), matcher.assess(&less, &[]));
            let place = matcher.study().study.nct_number;
            let known = points(&before);
            for (at, point) in points(&after) {
                let words = &matcher.demands()[at].quote;
                if point.answer == Answer::NotMet {
                    let before = known.get(&at).map(|known| known.answer);
                    prop_assert_eq!(before, Some(Answer::NotMet), "{} {:?}", place, words);
                }
                // Text and field can disagree on a value only where it is stated.
                if let Some(known) = known.get(&at).filter(|known| known.why != Why::Disagree) {
                    prop_assert!(known.answer == point.answer || is_open(point.answer), "{} {:?} {:?}", place, known, point);
                }
            }
            if before.verdict != Verdict::Unlikely {
                prop_assert_ne!(after.verdict, Verdict::Unlikely, "{}", place);
            }
            if before.verdict == Verdict::Check {
                prop_assert_eq!(after.verdict, Verdict::Check, "{}", place);
            }
        }
    }

    /// What was not read is listed to be asked: it never rules out, and never seems to fit.
    #[test]
    fn what_was_not_read_never_decides(cells in profiles()) {
        let patient = patient(&cells);
        for matcher in MATCHERS.iter() {
            for point in matcher.assess(&patient, &[]).points {
                let demand = &matcher.demands()[point.demand];
                if matches!(demand.test, Test::Unread { .. } | Test::NoText | Test::Title { .. }) {
                    prop_assert_eq!(point.answer, Answer::Unknown, "{:?}", demand.quote);
                }
            }
        }
    }

    /// A verdict is what its points say, and each blocker has its reason.
    #[test]
    fn every_blocker_is_exact_and_stated(cells in profiles()) {
        let patient = patient(&cells);
        for matcher in MATCHERS.iter() {
            let found = matcher.assess(&patient, &[]);
            let blocking: Vec<_> = found.points.iter().filter(|one| one.answer == Answer::NotMet).collect();
            prop_assert_eq!(found.verdict == Verdict::Unlikely, !blocking.is_empty());
            // The age stands in the record's field and in its text, and is one blocker all the same.
            let all_age = blocking.iter().all(|one| matcher.demands()[one.demand].kind() == Some("age"));
            prop_assert!(found.near_miss.is_none() || blocking.len() == 1 || all_age);
            for point in blocking {
                let demand = &matcher.demands()[point.demand];
                let exact = !matches!(demand.test, Test::Fact { exact: false, .. });
                prop_assert!(exact && !demand.is_for_site() && !demand.quote.is_empty());
                prop_assert_eq!(point.why, Why::Stated);
            }
        }
    }
}

#[test]
fn who_states_nothing_is_ruled_out_by_nothing() {
    let nobody = patient(&Cells::new());
    for matcher in MATCHERS.iter() {
        let found = matcher.assess(&nobody, &[]);
        assert_ne!(
            found.verdict,
            Verdict::Unlikely,
            "{}",
            matcher.study().study.nct_number
        );
    }
    assert!(MATCHERS.len() > 200, "{}", MATCHERS.len());
}

/// Brackets that close without being opened, in words.
fn unpaired(words: &str) -> usize {
    let mut open = Vec::new();
    let mut unpaired = 0;
    for c in words.chars() {
        match c {
            '(' => open.push(')'),
            '[' => open.push(']'),
            ')' | ']' if open.last() == Some(&c) => {
                open.pop();
            }
            ')' | ']' => unpaired += 1,
            _ => {}
        }
    }
    unpaired
}

#[test]
fn no_quote_ends_inside_a_bracket_or_a_word() {
    let mut quotes = 0;
    for matcher in MATCHERS.iter() {
        let study = matcher.study();
        let text = study.study.eligibility.text.as_deref().unwrap_or_default();
        for one in &study.criteria.criteria {
            let line = one.criterion.body(text);
            for fact in &one.facts {
                let span = one.shown(text, fact);
                let quote = &text[span.clone()];
                assert!(unpaired(quote) <= unpaired(line), "{quote:?} of {line:?}");
                assert!(
                    line.contains(quote) && quote.contains(&text[fact.quote.clone()]),
                    "{quote:?}"
                );
                let is_cut = |a: Option<char>, b: Option<char>| {
                    a.is_some_and(char::is_alphanumeric) && b.is_some_and(char::is_alphanumeric)
                };
                let (before, behind) = (&text[..span.start], &text[span.end..]);
                assert!(
                    !is_cut(before.chars().next_back(), quote.chars().next()),
                    "{quote:?} of {line:?}"
                );
                assert!(
                    !is_cut(quote.chars().next_back(), behind.chars().next()),
                    "{quote:?} of {line:?}"
                );
                quotes += 1;
            }
        }
        for demand in matcher
            .demands()
            .iter()
            .filter(|demand| demand.fact().is_some())
        {
            let body = study
                .criteria
                .criteria
                .iter()
                .find(|one| Some(&*one.criterion.id) == demand.criterion);
            let line = body.unwrap().criterion.body(text);
            assert!(
                unpaired(&demand.quote) <= unpaired(line),
                "{:?} of {line:?}",
                demand.quote
            );
        }
    }
    assert!(quotes > 1_000, "{quotes}");
}
