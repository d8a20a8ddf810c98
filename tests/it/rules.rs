//! Rules of matching that hold for any text, each on the shortest text that shows it.

use std::str::FromStr;
use std::sync::LazyLock;

use serde_json::{Value, json};
use trialbrief::classify::{Classified, classify};
use trialbrief::criteria::Wanted;
use trialbrief::matching::{Answer, Assessment, Matcher, Verdict};
use trialbrief::patient::{Patient, Profile, from_toml};
use trialbrief::registry::decode;
use trialbrief::study::PartialDate;
use trialbrief::terminology::Terminology;

pub(crate) static TERMS: LazyLock<Terminology> = LazyLock::new(|| Terminology::embedded().unwrap());

/// A patient on the day that the profiles of `fixtures/patients` are meant for.
pub(crate) fn on_the_day(profile: Profile) -> Patient {
    let today = PartialDate::from_str("2026-11-25").unwrap().earliest();
    Patient::of(profile, TERMS.treatments(), today)
}

/// A record, classified and read.
pub(crate) fn ready(record: &Value) -> Classified {
    let decoded = decode::any(record.to_string().as_bytes()).unwrap();
    let [study] = <[_; 1]>::try_from(decoded.studies).unwrap();
    let mut one = classify(study, &TERMS);
    one.read_criteria(&TERMS, Wanted::All);
    one
}

/// A study with these criteria; `registered` are its fields of age and sex.
pub(crate) fn study(criteria: &str, registered: &Value) -> Classified {
    let mut eligibility = registered.clone();
    eligibility["eligibilityCriteria"] = criteria.into();
    ready(&json!({"protocolSection": {
        "identificationModule": {"nctId": "NCT90000078", "briefTitle": "A study in multiple sclerosis"},
        "statusModule": {"overallStatus": "RECRUITING"},
        "conditionsModule": {"conditions": ["Multiple Sclerosis"]},
        "eligibilityModule": eligibility,
    }}))
}

pub(crate) const ADULTS: &str = r#"{"sex": "ALL", "minimumAge": "18 Years"}"#;

pub(crate) fn assessed(one: &Classified, profile: &str) -> (Verdict, Vec<(String, Answer)>) {
    let matcher = Matcher::new(one, &TERMS);
    let patient = on_the_day(from_toml("profile", profile).unwrap());
    let found: Assessment = matcher.assess(&patient, &[]);
    let of = |at: usize| matcher.demands()[at].criterion.unwrap_or("").to_owned();
    let points = found.points.iter();
    let points = points
        .map(|point| (of(point.demand), point.answer))
        .collect();
    (found.verdict, points)
}

/// The worst answer to the first criterion of a kind: `I` or `E`.
pub(crate) fn worst(criteria: &str, profile: &str) -> Answer {
    let one = study(criteria, &serde_json::from_str(ADULTS).unwrap());
    let (_, points) = assessed(&one, profile);
    let own = points.iter().filter(|(id, _)| id == "I1" || id == "E1");
    own.map(|(_, answer)| *answer).min().unwrap()
}

fn required(line: &str, profile: &str) -> Answer {
    worst(&format!("Inclusion Criteria:\n\n* {line}\n"), profile)
}

fn barred(line: &str, profile: &str) -> Answer {
    worst(&format!("Exclusion Criteria:\n\n* {line}\n"), profile)
}

fn is_open(answer: Answer) -> bool {
    matches!(answer, Answer::Unknown | Answer::Clinician)
}

#[test]
fn a_record_without_fields_of_age_and_sex_leaves_it_to_the_text() {
    let text = "Inclusion Criteria:\n\n* Age 18 to 55 years\n";
    let (verdict, _) = assessed(&study(text, &json!({})), "age = 15\n");
    assert_eq!(verdict, Verdict::Unlikely);
    // A record that registers anybody's sex and no bound says "no limits".
    let (verdict, _) = assessed(&study(text, &json!({"sex": "ALL"})), "age = 15\n");
    assert_eq!(verdict, Verdict::Check);
}

#[test]
fn a_cell_therapy_is_not_the_narrower_one_that_bars() {
    let had = "prior_cell_therapy = true\n";
    for narrow in [
        "Earlier engineered T cells with a gene changed permanently",
        "Earlier treatment with engineered T cells whose genes were changed for good",
        "Prior treatment with CD19-directed CAR-T cells",
        "Previous CAR T-cell therapy",
        "Prior allogeneic cell therapy",
    ] {
        assert!(is_open(barred(narrow, had)), "{narrow}");
        let never = barred(narrow, "prior_cell_therapy = false\n");
        assert_ne!(never, Answer::NotMet, "{narrow}");
    }
    for wide in [
        "Prior CAR-T or gene therapy, whatever its target",
        "Prior cell or gene therapy",
        "Previous CAR-T, or another gene-modified cell product",
        "Any prior cell therapy",
    ] {
        assert_eq!(barred(wide, had), Answer::NotMet, "{wide}");
    }
}

#[test]
fn an_active_infection_passes() {
    let active = "infections.any_active = \"positive\"\n";
    assert!(is_open(barred("Active infection", active)));
    let none = "infections.any_active = \"negative\"\n";
    assert_eq!(barred("Active infection", none), Answer::Met);
}

#[test]
fn a_narrow_test_of_one_agent_says_nothing_of_another() {
    let line = "A test that is positive for HIV, hepatitis B surface antigen or HCV";
    let with = |agent: &str| format!("infections.{agent} = \"positive\"\n");
    assert_eq!(barred(line, &with("hiv")), Answer::NotMet);
    assert!(
        is_open(barred(line, &with("hbv"))),
        "it may be the core antibody"
    );
    let active = "Active HIV or hepatitis B infection";
    assert!(is_open(barred(active, &with("hiv"))));
    assert!(is_open(barred(active, &with("hbv"))));
}

#[test]
fn surface_and_core_together_are_all_of_hepatitis_b() {
    let positive = "infections.hbv = \"positive\"\n";
    for both in [
        "Hepatitis B: surface antigen and/or core antibody positive",
        "Positive test for hepatitis B virus (HBsAg or HBcAb)",
    ] {
        assert_eq!(barred(both, positive), Answer::NotMet, "{both}");
    }
    for narrower in [
        "Positive for hepatitis B surface antigen, or for core antibody with detectable HBV DNA",
        "Positive for hepatitis B surface antigen",
        "Hepatitis B surface antigen and core antibody positive",
    ] {
        assert!(is_open(barred(narrower, positive)), "{narrower}");
    }
}

#[test]
fn a_barred_course_bars_though_another_fact_stands_in_its_line() {
    let line = "Primary progressive MS. Clinically significant infection";
    assert_eq!(barred(line, "ms_course = \"ppms\"\n"), Answer::NotMet);
    let narrower = "Progressive MS that is active";
    assert!(is_open(barred(narrower, "ms_course = \"ppms\"\n")));
}

#[test]
fn a_demand_that_ends_in_criteria_is_no_heading() {
    let text = "Inclusion Criteria: 1. Aged from 20 to 64 years. 2. Patients with RRMS in line with the 2010 McDonald criteria. 3. EDSS from 0 to 5. 4. Able to give consent and to come to all of the visits that the study plans.";
    let one = study(text, &serde_json::from_str(ADULTS).unwrap());
    let (verdict, points) = assessed(&one, "ms_course = \"ppms\"\nage = 30\nedss = 4\n");
    assert_eq!(verdict, Verdict::Unlikely, "{points:?}");
}

/// Demands that are met by these facts, whatever the other words say.
const MET: &[(&str, &str)] = &[
    (
        "MS that meets the modified McDonald criteria",
        "ms_course = \"rrms\"\n",
    ),
    ("EDSS score 3.0 - 6.0, inclusively", "edss = 4\n"),
    ("Age 18 to 60 years, regardless of gender", "age = 30\n"),
    ("Age 20-55, gender unlimited", "age = 30\n"),
    (
        "Men and women, at least 20 years old or older",
        "age = 30\n",
    ),
    (
        "Age 20 to 50 years (inclusive) on the date of randomisation",
        "age = 30\n",
    ),
    (
        "RRMS by the McDonald Committee criteria (Polman 2011)",
        "ms_course = \"rrms\"\n",
    ),
    (
        "Primary or secondary progressive MS, established under the International Panel criteria (Thompson 2018)",
        "ms_course = \"ppms\"\n",
    ),
    (
        "Diagnosis of MS by revised McDonald criteria27",
        "ms_course = \"rrms\"\n",
    ),
    ("EDSS ≤ 5.0 at randomization (Day 1)", "edss = 4\n"),
    ("EDSS score of 1-5.5 (see Appendix 2)", "edss = 4\n"),
    (
        "Ambulatory (EDSS up to 6.0) and may have had earlier treatment",
        "edss = 4\n",
    ),
    ("EDSS ≤ 6.5 (able to walk 20 m without rest)", "edss = 4\n"),
    (
        "Complete blood count: hemoglobin ≥ 60 g/L",
        "labs.hemoglobin = \"12 g/dL\"\n",
    ),
    (
        "Hemoglobin > 8 g/dL (no red cell transfusion in the week before the test)",
        "labs.hemoglobin = \"12 g/dL\"\n",
    ),
    ("SpO₂ ≥ 93% in room air, at rest", "labs.spo2 = \"97 %\"\n"),
    ("LVEF ≥ 55%, shown by echocardiography", "lvef = 60\n"),
];

/// The same of what bars.
const NOT_BARRED: &[(&str, &str)] = &[
    (
        "Hypogammaglobulinemia defined as IgG < 500 mg/dL",
        "labs.igg = \"900 mg/dL\"\n",
    ),
    (
        "A weak heart defined as LVEF < 45% on an echocardiogram. The measurement may be repeated.",
        "lvef = 60\n",
    ),
    ("Primary progressive forms of MS", "ms_course = \"rrms\"\n"),
    (
        "Antibodies against AQP4 or MOG",
        "[antibodies]\naqp4 = \"negative\"\nmog = \"negative\"\n",
    ),
    (
        "Patients treated with cladribine or mitoxantrone at any time",
        "treatments = []\ntreatments_complete = true\n",
    ),
];

#[test]
fn words_that_add_no_rule_leave_nothing_unread() {
    for (line, profile) in MET {
        assert_eq!(required(line, profile), Answer::Met, "{line}");
    }
    for (line, profile) in NOT_BARRED {
        assert_eq!(barred(line, profile), Answer::Met, "{line}");
    }
}

#[test]
fn what_is_of_women_only_is_settled_for_men() {
    let man = "sex = \"male\"\n";
    for line in [
        "Women who are nursing, pregnant or planning a pregnancy",
        "Breastfeeding or pregnant, or plans for a pregnancy within 24 months",
        "Nursing or pregnant women, or women wishing to become pregnant in the next 12 months",
    ] {
        assert_eq!(barred(line, man), Answer::Met, "{line}");
        assert!(
            is_open(barred(
                line,
                "sex = \"female\"\npregnant = false\nbreastfeeding = false\n"
            )),
            "{line}"
        );
        assert!(is_open(barred(line, "")), "{line}");
    }
    for line in [
        "Pregnant women, or men who plan to father a child within 2 years",
        "Pregnant, or planning to, or whose partner is planning to become pregnant",
        "Pregnant or breastfeeding, or with severe kidney disease",
    ] {
        assert!(is_open(barred(line, man)), "{line}");
    }
}

#[test]
fn a_cancer_of_years_ago_is_not_one_of_today() {
    let years_ago = "[[conditions]]\nkind = \"malignancy\"\nsince = \"2012\"\n";
    for today in [
        "Patients with malignancies",
        "Malignancy",
        "Cancer requiring therapy",
    ] {
        assert!(is_open(barred(today, years_ago)), "{today}");
    }
    for ever in [
        "History of malignancy",
        "Any cancer",
        "Cancer, now or in the past",
        "Malignancy at present or a history of one",
    ] {
        assert_eq!(barred(ever, years_ago), Answer::NotMet, "{ever}");
    }
}

#[test]
fn one_of_two_absences_may_be_enough() {
    let relapsed = "relapses_12_months = 1\nlast_relapse = \"2026-06-01\"\n";
    let either = "No clinical relapse of MS and/or no new lesion on MRI for at least 12 months before the study";
    assert!(is_open(required(either, relapsed)));
    let both = "No MS relapse within 12 months";
    assert_eq!(required(both, relapsed), Answer::NotMet);
}

#[test]
fn what_was_so_at_the_entry_of_an_earlier_study_may_have_changed() {
    let now = "ms_course = \"spms\"\nedss = 7\n";
    for line in [
        "Relapsing remitting MS when they were randomised in the trial ABC",
        "RRMS patients who completed the previous study DRI",
    ] {
        assert!(is_open(required(line, now)), "{line}");
    }
    assert_eq!(required("Relapsing remitting MS", now), Answer::NotMet);
}

#[test]
fn what_cannot_both_be_true_is_put_aside() {
    for (profile, field) in [
        (
            "absent = [\"infection\"]\ninfections.hbv = \"positive\"\n",
            "infections",
        ),
        (
            "prior_cell_therapy = false\n[[conditions]]\nkind = \"cell_or_gene_therapy\"\nsince = \"2025\"\n",
            "prior_cell_therapy",
        ),
    ] {
        let patient = on_the_day(from_toml("profile", profile).unwrap());
        let fields = &patient.contradictions[0].fields;
        assert!(fields.contains(&field), "{fields:?}");
    }
}

#[test]
fn words_that_add_a_rule_stay_unread() {
    for (line, profile) in [
        (
            "Age 18 to 60 years and living near the hospital",
            "age = 30\n",
        ),
        (
            "RRMS by the definition for children",
            "ms_course = \"rrms\"\n",
        ),
        (
            "RRMS with evidence of cortical lesions",
            "ms_course = \"rrms\"\n",
        ),
        (
            "EDSS ≤ 6.5 and able to walk 100 meters without aid",
            "edss = 4\n",
        ),
        ("EDSS 3 to 6 and stable for 6 months", "edss = 4\n"),
        (
            "Hemoglobin > 8 g/dL and no history of anemia",
            "labs.hemoglobin = \"12 g/dL\"\n",
        ),
        ("LVEF ≥ 50% and no pulmonary hypertension", "lvef = 60\n"),
    ] {
        assert!(is_open(required(line, profile)), "{line}");
    }
    let never = "treatments = []\ntreatments_complete = true\n";
    assert!(is_open(barred(
        "Earlier use of drugs such as cladribine and mitoxantrone",
        never
    )));
    let woman = "sex = \"female\"\npregnant = false\nbreastfeeding = false\n";
    for line in [
        "Pregnancy or breastfeeding, or a wish for either in the 24 months that follow the infusion.",
        "Breastfeeding or pregnant, or plans for a pregnancy within 24 months",
    ] {
        assert!(is_open(barred(line, woman)), "{line}");
    }
}

#[test]
fn a_quote_that_holds_another_thing_is_not_all_read() {
    let able = "mri_possible = true\nlumbar_puncture_possible = true\n";
    for line in [
        "Contraindication to MRI or a relevant condition that adds risk",
        "Lumbar puncture is unsafe for anatomy or other reasons",
    ] {
        assert!(is_open(barred(line, able)), "{line}");
    }
    for line in [
        "Unwilling to have an MRI, or unsafe to have one",
        "MRI contraindicated by a pacemaker or a metal implant",
    ] {
        assert_eq!(barred(line, able), Answer::Met, "{line}");
    }
    let healthy = "absent = [\"malignancy\", \"cardiac\"]\n";
    let list = "Malignancies, lung disease, heart failure, etc.";
    assert!(is_open(barred(list, healthy)));
}

#[test]
fn what_is_said_in_other_words_is_read() {
    for (line, profile) in [
        ("MRI can be done.", "mri_possible = true\n"),
        ("MRI must be possible", "mri_possible = true\n"),
    ] {
        assert_eq!(required(line, profile), Answer::Met, "{line}");
    }
    assert_eq!(
        barred(
            "Earlier CAR-T or gene therapy.",
            "prior_cell_therapy = true\n"
        ),
        Answer::NotMet
    );
    let ill = "[[conditions]]\nkind = \"malignancy\"\nsince = \"2022\"\n";
    assert_eq!(
        barred("Grave systemic illness or history of cancer", ill),
        Answer::NotMet
    );
}

#[test]
fn a_value_right_at_a_strict_bound_does_not_seem_to_fit() {
    let at = "lvef = 50\n";
    assert_eq!(required("LVEF ≥ 50%", at), Answer::Met);
    assert!(is_open(required("LVEF > 50%", at)));
    assert_eq!(barred("LVEF < 50%", at), Answer::Met);
    assert!(is_open(barred("LVEF ≤ 50%", at)));
    // Diagnosed 15 years ago to the day.
    let diagnosed = "ms_course = \"rrms\"\ndiagnosed = \"2011-11-25\"\n";
    assert_eq!(
        required(
            "Time since diagnosis of MS of no more than 15 years",
            diagnosed
        ),
        Answer::Met
    );
    assert!(is_open(required(
        "Time since diagnosis of MS of less than 15 years",
        diagnosed
    )));
    assert!(is_open(required(
        "Time since diagnosis of MS of more than 15 years",
        diagnosed
    )));
}

#[test]
fn one_lesion_is_told_as_one() {
    let text = "Inclusion Criteria:\n\n* Multiple sclerosis\n* At least one gadolinium-enhancing lesion in the last 12 months\n";
    let one = study(text, &serde_json::from_str(ADULTS).unwrap());
    let matcher = Matcher::new(&one, &TERMS);
    for (count, words) in [
        (1, "1 Gd lesion, 1 new T2 lesion"),
        (0, "0 Gd lesions, 0 new T2 lesions"),
    ] {
        let profile = format!("gd_lesions_last = {count}\nnew_t2_last = {count}\n");
        let patient = on_the_day(from_toml("profile", &profile).unwrap());
        let told = (matcher.demands().iter()).find_map(|demand| {
            (demand.kind() == Some("mri_activity"))
                .then(|| trialbrief::render::reason::patient_value(demand, &patient))?
        });
        assert_eq!(told.as_deref(), Some(words));
    }
}
