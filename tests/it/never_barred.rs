//! Lines that say more than a fact of them does must not rule out, and a study that has no cohort for
//! a patient must not seem to fit.

use std::str::FromStr;

use serde_json::json;
use trialbrief::matching::{Answer, Matcher, Verdict, Why};
use trialbrief::patient::from_toml;
use trialbrief::study::PartialDate;

use crate::rules::{ADULTS, TERMS, assessed, on_the_day, study, worst};
use crate::support::on_file;

fn verdict(criteria: &str, profile: &str) -> Verdict {
    let one = study(criteria, &serde_json::from_str(ADULTS).unwrap());
    assessed(&one, profile).0
}

#[test]
fn a_study_without_a_cohort_for_the_patient_is_never_possible() {
    let cohorts = "Inclusion Criteria:\n\nNon-relapsing SPMS cohort:\n\n* EDSS 3.0 to 6.5\n\nRRMS cohort:\n\n* EDSS 0 to 5.5\n";
    let ppms = "id = \"a\"\nage = 30\nsex = \"male\"\nms_course = \"ppms\"\nedss = 9.5\n";
    assert_eq!(verdict(cohorts, ppms), Verdict::Check);
    let one = "Inclusion Criteria:\n\nFor participants with PPMS:\n\n* EDSS 3.0 to 6.5\n";
    let rrms = "id = \"a\"\nage = 30\nsex = \"male\"\nms_course = \"rrms\"\nedss = 4\n";
    assert_eq!(verdict(one, rrms), Verdict::Check);
    // Who is in a cohort, and fits, still does.
    let spms = "id = \"a\"\nage = 30\nsex = \"male\"\nms_course = \"ppms\"\nedss = 4\n";
    assert_eq!(verdict(one, spms), Verdict::Possible);
}

#[test]
fn what_patients_cannot_have_rules_out_in_one_word_or_two() {
    let ill = "id = \"a\"\nage = 40\nsex = \"female\"\nms_course = \"rrms\"\nedss = 4\n[[conditions]]\nkind = \"malignancy\"\nsince = \"2026\"\n";
    for head in ["may not", "cannot", "can not"] {
        let text = format!("Inclusion Criteria:\n\nParticipants {head} have:\n\n* Any cancer\n");
        assert_eq!(verdict(&text, ill), Verdict::Unlikely, "{head}");
    }
}

#[test]
fn a_line_about_some_of_the_patients_rules_out_nobody_else() {
    let spms = "id = \"a\"\nage = 40\nsex = \"female\"\nms_course = \"spms\"\nedss = 6\nrelapses_12_months = 1\nrelapses_24_months = 1\n";
    for line in [
        "RRMS patients must have had at least 2 relapses in the last 24 months",
        "Patients with RRMS must have an EDSS of 0 to 5.5",
        "If RRMS, EDSS 0 to 5.5",
        "For participants with RRMS, EDSS 0 to 5.5",
        "In people with relapsing-remitting MS: at least 2 relapses in the last 24 months",
    ] {
        let text = format!("Inclusion Criteria:\n\n* {line}\n");
        assert_eq!(verdict(&text, spms), Verdict::Check, "{line}");
    }
    // The course as a demand of its own still rules out.
    let text = "Inclusion Criteria:\n\n* Diagnosis of RRMS\n";
    assert_eq!(verdict(text, spms), Verdict::Unlikely);
}

#[test]
fn an_alternative_in_the_line_keeps_its_bound_from_ruling_out() {
    let six = "id = \"a\"\nage = 40\nsex = \"female\"\nms_course = \"rrms\"\nedss = 6\n";
    for line in [
        "EDSS 3.0 to 5.5 or 6.0 to 6.5 with pyramidal functional score of at least 3",
        "EDSS 3.0 to 5.5, or up to 6.5 in the opinion of the investigator",
        "EDSS 3.0 to 5.5 unless the sponsor agrees to more",
    ] {
        let text = format!("Inclusion Criteria:\n\n* {line}\n");
        assert_eq!(verdict(&text, six), Verdict::Check, "{line}");
    }
    let text = "Inclusion Criteria:\n\n* EDSS 3.0 to 5.5 at screening\n";
    assert_eq!(verdict(text, six), Verdict::Unlikely);
}

#[test]
fn too_many_relapses_are_not_any_relapse() {
    let one = "id = \"a\"\nage = 40\nsex = \"female\"\nms_course = \"rrms\"\nrelapses_12_months = 1\nrelapses_24_months = 1\n";
    for line in [
        "More than 2 relapses in the last 12 months",
        "> 2 relapses in the last 12 months",
        "Over three relapses in the last 12 months",
        "Greater than 2 relapses within 12 months",
    ] {
        let text = format!(
            "Inclusion Criteria:\n\n* Multiple sclerosis\n\nExclusion Criteria:\n\n* {line}\n"
        );
        assert_ne!(verdict(&text, one), Verdict::Unlikely, "{line}");
    }
    let text = "Inclusion Criteria:\n\n* Multiple sclerosis\n\nExclusion Criteria:\n\n* Relapse in the last 12 months\n";
    assert_eq!(verdict(text, one), Verdict::Unlikely);
}

/// Diseases, and lines by which they bar for a time.
const FOR_A_TIME: [(&str, &str); 5] = [
    ("stroke", "Stroke within 6 months before screening"),
    ("malignancy", "Any malignancy within the last 5 years"),
    ("seizure", "Seizures within the past 12 months"),
    ("suicidality", "Suicide attempt in the past 12 months"),
    (
        "substance_use",
        "History of substance abuse within 12 months",
    ),
];

/// It may have come again, and what was in the year may have been before the months: ask.
#[test]
fn what_was_before_the_time_that_a_line_names_rules_out_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let (records, profile) = (folder.path().join("r.json"), folder.path().join("p.toml"));
    let lines = FOR_A_TIME.map(|(_, line)| format!("* {line}\n")).concat();
    let text =
        format!("Inclusion Criteria:\n\n* Multiple sclerosis\n\nExclusion Criteria:\n\n{lines}");
    let record = json!({"protocolSection": {
        "identificationModule": {"nctId": "NCT90000079", "briefTitle": "CAR-T cells in multiple sclerosis"},
        "statusModule": {"overallStatus": "RECRUITING"},
        "conditionsModule": {"conditions": ["Multiple Sclerosis"]},
        "eligibilityModule": {"sex": "ALL", "minimumAge": "18 Years", "eligibilityCriteria": text},
    }});
    std::fs::write(&records, record.to_string()).unwrap();
    let blocking = |since: &str| -> Vec<String> {
        let stated =
            FOR_A_TIME.map(|(kind, _)| format!("[[conditions]]\nkind = \"{kind}\"\n{since}\n"));
        std::fs::write(&profile, format!("age = 40\n{}", stated.concat())).unwrap();
        let args = [
            "screen",
            "--format",
            "json",
            "--today",
            "2026-11-25",
            "--patient",
        ];
        let run = on_file(
            &records,
            &[&args[..], &[profile.to_str().unwrap()]].concat(),
        );
        let found = run.done().json()["patients"][0]["trials"][0].clone();
        let blocking = found["blocking"].as_array().unwrap();
        assert_eq!(
            found["verdict"] == "unlikely",
            !blocking.is_empty(),
            "{found}"
        );
        let quote = |one: &serde_json::Value| one["quote"].as_str().unwrap().to_owned();
        blocking.iter().map(quote).collect()
    };
    for before in ["since = \"2010\"", "since = \"2021-10\"", ""] {
        assert_eq!(blocking(before), [""; 0], "{before}");
    }
    let in_time = FOR_A_TIME.map(|(_, line)| line);
    assert_eq!(blocking("since = \"2026-10\""), in_time);
    assert_eq!(
        blocking("since = \"2026\""),
        in_time[1..],
        "it may have been in January"
    );
}

#[test]
fn the_rules_of_healthy_people_are_not_those_of_patients() {
    let ms = "id = \"a\"\nage = 40\nsex = \"female\"\nms_course = \"rrms\"\nedss = 5\n";
    let text = "Inclusion Criteria (Healthy volunteers):\n\n* EDSS 0 to 1.0\n\nInclusion Criteria (MS cohort):\n\n* EDSS 0 to 6.5\n";
    assert_ne!(verdict(text, ms), Verdict::Unlikely);
}

#[test]
fn a_wider_illness_is_not_the_narrower_one() {
    let seizure = "id = \"a\"\nage = 40\nsex = \"female\"\n[[conditions]]\nkind = \"seizure\"\nsince = \"2010\"\n";
    for line in ["Known seizure disorder", "History of epilepsy"] {
        let text = format!("Exclusion Criteria:\n\n* {line}\n");
        assert_eq!(verdict(&text, seizure), Verdict::Check, "{line}");
    }
    let text = "Exclusion Criteria:\n\n* History of seizures\n";
    assert_eq!(verdict(text, seizure), Verdict::Unlikely);
    let immune =
        "id = \"a\"\nage = 40\nsex = \"female\"\n[[conditions]]\nkind = \"immunodeficiency\"\n";
    let text = "Exclusion Criteria:\n\n* Primary immunodeficiency\n";
    assert_eq!(verdict(text, immune), Verdict::Check);
}

#[test]
fn examples_after_including_are_not_the_whole_class() {
    let ocrelizumab = "id = \"a\"\nage = 40\nsex = \"female\"\ntreatments_complete = true\n[[treatments]]\ndrug = \"ocrelizumab\"\nstarted = \"2022\"\nstopped = \"2025-01-10\"\n";
    let text = "Exclusion Criteria:\n\n* Prior cell-depleting therapies, including alemtuzumab and mitoxantrone\n";
    let one = study(text, &serde_json::from_str(ADULTS).unwrap());
    let (_, points) = assessed(&one, ocrelizumab);
    let of_line: Vec<Answer> = (points.iter())
        .filter(|(id, _)| id == "E1")
        .map(|(_, answer)| *answer)
        .collect();
    assert!(
        !of_line.is_empty() && !of_line.contains(&Answer::Met),
        "{of_line:?}"
    );
}

/// Lists of the same drugs behind a class of them.
const LISTS: [&str; 3] = [
    "(natalizumab, alemtuzumab)",
    "[natalizumab or alemtuzumab]",
    ": natalizumab, alemtuzumab",
];

fn answer_to(line: &str, part: &str, drug: &str) -> Answer {
    let profile = format!(
        "id = \"a\"\nage = 40\nsex = \"female\"\ntreatments_complete = true\n[[treatments]]\ndrug = \"{drug}\"\nstarted = \"2022\"\nstopped = \"2023-01-10\"\nreason = \"failure\"\n"
    );
    worst(&format!("{part} Criteria:\n\n* {line}\n"), &profile)
}

#[test]
fn a_bracket_behind_a_class_may_be_all_of_it_or_examples() {
    let is_open = |answer| matches!(answer, Answer::Unknown | Answer::Clinician);
    for list in LISTS {
        let barred = format!("Prior treatment with high-efficacy therapies {list}");
        for drug in ["ocrelizumab", "mitoxantrone"] {
            let answer = answer_to(&barred, "Exclusion", drug);
            assert!(is_open(answer), "{barred} {drug}: {answer:?}");
        }
        assert_eq!(
            answer_to(&barred, "Exclusion", "Tysabri"),
            Answer::NotMet,
            "{barred}"
        );
        assert_eq!(
            answer_to(&barred, "Exclusion", "Copaxone"),
            Answer::Met,
            "{barred}"
        );
        for asked in [
            format!("Must have been treated with high-efficacy therapies {list}"),
            format!("Failure of high-efficacy therapies {list}"),
        ] {
            let answer = answer_to(&asked, "Inclusion", "ocrelizumab");
            assert!(is_open(answer), "{asked}: {answer:?}");
        }
    }
    for examples in [
        "(e.g. natalizumab, alemtuzumab)",
        "(such as natalizumab)",
        "(including natalizumab)",
        "(natalizumab, alemtuzumab, etc.)",
    ] {
        let barred = format!("Prior treatment with high-efficacy therapies {examples}");
        assert_eq!(
            answer_to(&barred, "Exclusion", "ocrelizumab"),
            Answer::NotMet,
            "{barred}"
        );
    }
    for whole in [
        "(i.e. natalizumab, alemtuzumab)",
        "(namely natalizumab or alemtuzumab)",
        ", namely natalizumab and alemtuzumab",
    ] {
        let barred = format!("Prior treatment with high-efficacy therapies {whole}");
        assert_eq!(
            answer_to(&barred, "Exclusion", "ocrelizumab"),
            Answer::Met,
            "{barred}"
        );
        assert_eq!(
            answer_to(&barred, "Exclusion", "alemtuzumab"),
            Answer::NotMet,
            "{barred}"
        );
    }
    // A bracket behind a drug is its other name, whatever class stands before it.
    let two = "Prior treatment with anti-CD20 antibodies or natalizumab (Tysabri)";
    assert_eq!(answer_to(two, "Exclusion", "ocrelizumab"), Answer::NotMet);
}

/// The end of the washout that a patient has before a study.
fn ends(text: &str, profile: &str) -> Vec<Option<chrono::NaiveDate>> {
    let one = study(text, &serde_json::from_str(ADULTS).unwrap());
    let matcher = Matcher::new(&one, &TERMS);
    let patient = on_the_day(from_toml("profile", profile).unwrap());
    let points = matcher.assess(&patient, &[]).points;
    let ends = points.iter().filter_map(|point| match point.why {
        Why::Washout { until, .. } => Some(until),
        _ => None,
    });
    ends.collect()
}

fn day(text: &str) -> chrono::NaiveDate {
    PartialDate::from_str(text).unwrap().earliest()
}

#[test]
fn no_date_is_told_for_a_drug_that_may_not_be_meant() {
    let profile = "id = \"a\"\nage = 40\nsex = \"female\"\n[[treatments]]\ndrug = \"zzzmab\"\nstopped = \"2026-08-01\"\n";
    let text = "Exclusion Criteria:\n\n* Treatment with rituximab or ocrelizumab within 6 months\n";
    assert!(
        ends(text, profile).iter().all(Option::is_none),
        "{:?}",
        ends(text, profile)
    );
}

#[test]
fn a_last_dose_lies_in_the_past_however_vaguely_it_is_dated() {
    let profile = "id = \"a\"\nage = 40\nsex = \"female\"\n[[treatments]]\ndrug = \"ocrelizumab\"\nstarted = \"2021\"\nstopped = \"2026\"\n";
    let text = "Exclusion Criteria:\n\n* Ocrelizumab within 6 months\n";
    assert_eq!(ends(text, profile), [Some(day("2027-05-25"))]);
}

#[test]
fn what_goes_on_is_not_washed_out() {
    let profile = "id = \"a\"\nage = 40\nsex = \"female\"\ntreatments_complete = true\n[[treatments]]\ndrug = \"ocrelizumab\"\nstarted = \"2021\"\nstopped = \"ongoing\"\nlast_dose = \"2026-04-20\"\n";
    let text = "Exclusion Criteria:\n\n* Ocrelizumab within 6 months\n";
    assert_ne!(verdict(text, profile), Verdict::Possible);
}
