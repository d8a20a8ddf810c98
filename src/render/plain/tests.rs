//! Every fact that there can be has a sentence.

use super::*;

const POLARITIES: [Polarity; 2] = [Polarity::Require, Polarity::Exclude];
const CERTAINTIES: [Certainty; 2] = [Certainty::Exact, Certainty::Approximate];
const QUOTES: [&str; 4] = ["", "within 28 days", "6 months", "1 year"];

fn amounts() -> [Option<f64>; 5] {
    [None, Some(0.0), Some(1.0), Some(0.5), Some(180.0)]
}

/// Facts with two amounts, each known or not.
fn ranges(of: impl Fn(Option<f64>, Option<f64>) -> Value) -> Vec<Value> {
    let pairs = [None, Some(3.0)].map(|min| [(min, None), (min, Some(6.5))]);
    pairs
        .into_iter()
        .flatten()
        .map(|(min, max)| of(min, max))
        .collect()
}

fn windows(of: impl Fn(Option<f64>) -> Value) -> Vec<Value> {
    amounts().into_iter().map(of).collect()
}

fn about_ms() -> Vec<Value> {
    let mut all = ranges(|min, max| Value::Age { min, max });
    all.extend(ranges(|min, max| Value::Edss { min, max }));
    all.extend(ranges(|min_years, max_years| Value::DiseaseDuration {
        min_years,
        max_years,
    }));
    all.extend(["MALE", "FEMALE"].map(Value::Sex));
    for course in ["cis", "rrms", "spms", "ppms", "rms", "pms", "ms"] {
        for activity in [None, Some("active"), Some("not_active")] {
            all.push(Value::MsCourse {
                any_of: vec![course, "spms"],
                activity,
            });
        }
    }
    all.push(Value::MsCourse {
        any_of: Vec::new(),
        activity: None,
    });
    for count in [None, Some(1), Some(2)] {
        all.extend(windows(|window_months| Value::Relapse {
            min_count: count,
            window_months,
        }));
    }
    for lesion in ["gd", "new_t2", "any"] {
        all.extend(windows(|window_months| Value::MriActivity {
            lesion,
            window_months,
        }));
    }
    all.extend(windows(|window_months| Value::Progression {
        window_months,
    }));
    for (oligoclonal_bands, igg_index) in
        [(None, None), (Some(true), None), (Some(true), Some(true))]
    {
        all.push(Value::Csf {
            oligoclonal_bands,
            igg_index,
        });
    }
    all
}

fn about_treatment() -> Vec<Value> {
    let names = |words: &[&str]| {
        words
            .iter()
            .map(|word| (*word).to_owned())
            .collect::<Vec<_>>()
    };
    let lists = [
        &[][..],
        &["any"],
        &["anti_cd20"],
        &["natalizumab", "some_new_drug"],
    ];
    let mut all = Vec::new();
    for list in lists {
        all.extend([1, 2].map(|min_count| Value::TreatmentFailure {
            min_count,
            classes: names(list),
        }));
        all.extend(windows(|window_days| Value::PriorTreatment {
            treatments: names(list),
            window_days,
        }));
    }
    all.extend(windows(|window_days| Value::CellOrGeneTherapy {
        window_days,
    }));
    all.push(Value::Transplant(Vec::new()));
    all.push(Value::Transplant(vec![
        "hsct_autologous",
        "hsct_allogeneic",
        "hsct",
        "solid_organ",
    ]));
    for live in [true, false] {
        all.extend(windows(|window_days| Value::Vaccination {
            live,
            window_days,
        }));
    }
    all
}

fn about_health() -> Vec<Value> {
    let agents = [
        "hiv",
        "hbv",
        "hcv",
        "tb",
        "syphilis",
        "cmv",
        "ebv",
        "jcv",
        "covid",
        "any_active",
    ];
    let mut all: Vec<Value> = agents.map(|agent| Value::Infection(vec![agent])).into();
    all.extend([
        Value::Infection(Vec::new()),
        Value::Infection(agents.to_vec()),
    ]);
    all.extend([
        Value::Antibody(Vec::new()),
        Value::Antibody(vec!["aqp4", "mog"]),
    ]);
    all.extend(windows(|window_years| Value::Malignancy { window_years }));
    for sex in [None, Some("FEMALE"), Some("MALE")] {
        all.extend(windows(|months| Value::Contraception { months, sex }));
    }
    for kind in [
        "pregnancy",
        "breastfeeding",
        "mri",
        "lumbar_puncture",
        "venous_access",
        "consent",
    ] {
        all.push(Value::Plain(kind));
    }
    for kind in [
        "seizure",
        "stroke",
        "pml",
        "cns_disorder",
        "psychiatric",
        "suicidality",
        "immunodeficiency",
        "splenectomy",
        "anticoagulation",
        "other_autoimmune",
        "substance_use",
        "hypersensitivity",
    ] {
        all.extend(windows(|months| Value::Windowed(kind, months)));
    }
    all
}

fn about_measures() -> Vec<Value> {
    let mut all = Vec::new();
    for analyte in [
        "hemoglobin",
        "platelets",
        "anc",
        "alc",
        "wbc",
        "igg",
        "alt",
        "ast",
        "bilirubin",
        "egfr",
        "creatinine",
        "inr",
        "spo2",
    ] {
        for op in [">", ">=", "<", "<="] {
            for unit in [
                None,
                Some("xULN"),
                Some("xLLN"),
                Some("/uL"),
                Some("%"),
                Some("g/dL"),
                Some("mL/min/1.73m2"),
                Some("mg/dL"),
            ] {
                all.extend([1.0, 100_000.0].map(|value| Value::Lab {
                    analyte,
                    op,
                    value,
                    unit,
                }));
            }
        }
    }
    let heart = |lvef_min, nyha_min, event| {
        windows(|window_months| Value::Cardiac {
            lvef_min,
            nyha_min,
            event,
            window_months,
        })
    };
    all.extend(heart(None, None, None));
    all.extend(heart(Some(45.0), None, None));
    all.extend(heart(None, Some(3), None));
    for event in [
        "myocardial_infarction",
        "unstable_angina",
        "cabg",
        "arrhythmia",
        "conduction_block",
        "qt_prolongation",
        "heart_disease",
    ] {
        all.extend(heart(None, None, Some(event)));
    }
    all
}

#[test]
fn every_fact_has_a_sentence() {
    let words = PlainWords::embedded();
    let all = [
        about_ms(),
        about_treatment(),
        about_health(),
        about_measures(),
    ]
    .concat();
    for value in &all {
        for polarity in POLARITIES {
            for quote in QUOTES {
                let said = said(value, polarity, quote, words);
                for certainty in CERTAINTIES {
                    for cohort in [None, Some("RMS")] {
                        check(&said.sentence(cohort, certainty), certainty, value);
                    }
                }
            }
        }
    }
}

fn check(sentence: &str, certainty: Certainty, value: &Value) {
    assert!(sentence.ends_with('.'), "{sentence}");
    assert!(sentence.starts_with(char::is_uppercase), "{sentence}");
    for bad in ["_", "None", "null", "NaN", "  ", " ,", " .", "ligible"] {
        assert!(!sentence.contains(bad), "{sentence} from {value:?}");
    }
    // What holds only in part says so, and is no firm rule.
    let is_partly = certainty == Certainty::Approximate;
    assert_eq!(sentence.contains("(ask)"), is_partly, "{sentence}");
    assert_eq!(
        sentence.contains(" may "),
        is_partly || sentence.contains("that may be MS"),
        "{sentence}"
    );
}

/// The rule of a value in a line with this comparison.
fn told(value: &Value, polarity: Polarity, quote: &str) -> String {
    said(value, polarity, quote, PlainWords::embedded()).sentence(None, Certainty::Exact)
}

fn assert_all_differ(words: &[String]) {
    let distinct: std::collections::BTreeSet<&String> = words.iter().collect();
    assert_eq!(distinct.len(), words.len(), "{words:?}");
}

fn years(min_years: Option<f64>, max_years: Option<f64>) -> Value {
    Value::DiseaseDuration {
        min_years,
        max_years,
    }
}

/// Signs of `<`, `<=`, `>` and `>=`.
const SIGNS: [[&str; 4]; 4] = [
    ["less than", "at most", "more than", "at least"],
    ["<", "≤", ">", "≥"],
    ["under", "no more than", "longer than", "not less than"],
    ["<", "less than or equal to", ">", "more than or equal to"],
];

#[test]
fn each_comparison_has_words_of_its_own() {
    let lvef = Value::Cardiac {
        lvef_min: Some(50.0),
        nyha_min: None,
        event: None,
        window_months: None,
    };
    for polarity in POLARITIES {
        let lab = |op| Value::Lab {
            analyte: "igg",
            op,
            value: 400.0,
            unit: Some("mg/dL"),
        };
        assert_all_differ(&["<", "<=", ">", ">="].map(|op| told(&lab(op), polarity, "")));
        for signs in SIGNS {
            let (most, least) = (years(None, Some(15.0)), years(Some(15.0), None));
            let values = [&most, &most, &least, &least];
            let told = values.iter().zip(signs);
            let told = told.map(|(value, sign)| told_of(value, polarity, sign));
            assert_all_differ(&told.collect::<Vec<_>>());
        }
        for (inclusive, strict) in [
            ("LVEF ≥ 50%", "LVEF > 50%"),
            ("LVEF < 50%", "LVEF ≤ 50%"),
            ("LVEF of at least 50%", "LVEF of more than 50%"),
        ] {
            assert_all_differ(&[inclusive, strict].map(|quote| told(&lvef, polarity, quote)));
        }
    }
}

fn told_of(value: &Value, polarity: Polarity, sign: &str) -> String {
    told(value, polarity, &format!("MS for {sign} 15 years"))
}

#[test]
fn a_bound_that_leaves_itself_out_says_so() {
    assert_eq!(
        told_of(&years(None, Some(15.0)), Polarity::Require, "less than"),
        "People must have had the illness for less than 15 years."
    );
    let between = "MS for at least 1 year and less than 15 years";
    assert_eq!(
        told(&years(Some(1.0), Some(15.0)), Polarity::Require, between),
        "People must have had the illness for 1 year or more and less than 15 years."
    );
}
