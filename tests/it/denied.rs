//! Lines that turn a fact into its opposite, or tell it of other people, of another time or for another
//! purpose: none of them may rule a patient out, nor give a day to wait for.

use trialbrief::matching::{Answer, Matcher, Verdict, Why};
use trialbrief::patient::from_toml;

use crate::rules::{TERMS, on_the_day, study};

/// A woman with RRMS whose last dose of ocrelizumab lies two months back.
const TREATED: &str = "id = \"a\"\nage = 50\nsex = \"female\"\nms_course = \"rrms\"\nedss = 6.0\ntreatments_complete = true\nprior_hsct = true\nprior_cell_therapy = true\npregnant = true\ninfections.hiv = \"positive\"\ninfections.ebv = \"positive\"\n[[treatments]]\ndrug = \"ocrelizumab\"\nstopped = \"2026-09-20\"\n";

/// The same, never treated and never ill.
const UNTREATED: &str = "id = \"a\"\nage = 50\nsex = \"female\"\nms_course = \"rrms\"\nedss = 6.0\ntreatments_complete = true\nprior_hsct = false\nprior_cell_therapy = false\npregnant = false\ninfections.hiv = \"negative\"\ninfections.ebv = \"negative\"\nantibodies.aqp4 = \"negative\"\nabsent = [\"malignancy\", \"seizure\"]\ntreatments = []\n";

/// The verdict, and whether a day is told on which a washout would be over.
fn judged(text: &str, profile: &str) -> (Verdict, bool) {
    let one = study(text, &serde_json::json!({}));
    let matcher = Matcher::new(&one, &TERMS);
    let found = matcher.assess(&on_the_day(from_toml("profile", profile).unwrap()), &[]);
    let dated = |why: &Why| matches!(why, Why::Washout { until: Some(_), .. });
    (
        found.verdict,
        found.points.iter().any(|point| dated(&point.why)),
    )
}

fn text(part: &str, line: &str) -> String {
    let lead = if part == "Exclusion" {
        "Inclusion Criteria:\n\n* Multiple sclerosis\n\n"
    } else {
        ""
    };
    format!("{lead}{part} Criteria:\n\n* {line}\n")
}

/// Each line asks: it neither rules out, nor seems to fit, nor tells a day, whoever reads it.
fn asks(part: &str, lines: &[&str]) {
    let mut wrong = Vec::new();
    for line in lines {
        for (who, profile) in [("treated", TREATED), ("untreated", UNTREATED)] {
            let found = judged(&text(part, line), profile);
            if found != (Verdict::Check, false) {
                wrong.push(format!("{part}: {line} ({who}): {found:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_denied_treatment_among_exclusions_bars_nobody() {
    asks(
        "Exclusion",
        &[
            "Patients who have not received ocrelizumab",
            "No prior treatment with ocrelizumab",
            "Naive to ocrelizumab",
            "Naïve to anti-CD20 therapy",
            "Patients who never received a high-efficacy DMT",
            "Never treated with ocrelizumab",
            "Not currently treated with ocrelizumab",
            "Have not received anti-CD20 therapy within the past 12 months",
            "Has not been on ocrelizumab for at least 6 months",
            "Lack of prior exposure to ocrelizumab",
            "Without previous anti-CD20 treatment",
            "Absence of treatment with ocrelizumab in the last 6 months",
            "Failure to receive ocrelizumab within 12 months before screening",
            "Did not receive ocrelizumab within the last 2 years",
            "Inadequate response to anti-CD20 therapy not documented",
            "Ocrelizumab not given within the last 12 months",
            "Patients who cannot stop ocrelizumab",
            "Treated with rituximab but not ocrelizumab",
            "Patient has yet to receive ocrelizumab",
            "Individuals who haven't been treated with ocrelizumab",
            "Not having received at least one dose of ocrelizumab in the past 12 months",
            "More than 12 months since the last dose of ocrelizumab",
            "Ocrelizumab stopped more than 2 years ago",
            "Last ocrelizumab infusion more than 12 months ago",
            "Insufficient exposure to ocrelizumab",
            "Ocrelizumab as the only prior therapy",
            "No response to ocrelizumab",
        ],
    );
}

#[test]
fn a_denied_illness_among_exclusions_bars_nobody_and_clears_nobody() {
    asks(
        "Exclusion",
        &[
            "Patients who have not had a stem cell transplant",
            "No prior hematopoietic stem cell transplant",
            "Not previously treated with CAR-T cell therapy",
            "No prior cell or gene therapy",
            "Not tested negative for HIV",
            "HIV status unknown",
            "Lack of a negative HIV test",
            "EBV seronegative",
            "Negative for EBV antibodies",
            "Lack of a negative pregnancy test",
            "Absence of AQP4 antibodies",
            "No history of malignancy",
            "Patients without seizures",
            "Not between 18 and 65 years of age",
            "Not aged 18 to 45 years",
        ],
    );
}

#[test]
fn what_is_not_asked_for_is_no_rule() {
    asks(
        "Inclusion",
        &[
            "No requirement for prior ocrelizumab",
            "No limit on prior HSCT",
            "Not naive to ocrelizumab",
            "Prior ocrelizumab is not required",
            "Prior ocrelizumab is not exclusionary",
            "Patients not adequately controlled on ocrelizumab",
            "Patients who have not stopped ocrelizumab",
            "Patients who did not tolerate ocrelizumab",
            "No ocrelizumab infusion planned within 6 months",
        ],
    );
    asks(
        "Exclusion",
        &[
            "Prior ocrelizumab is not an exclusion",
            "Prior rituximab treatment (prior ocrelizumab is permitted)",
            "Prior anti-CD20 treatment (ocrelizumab is allowed if stopped)",
        ],
    );
}

#[test]
fn how_long_a_treatment_lasted_or_when_it_began_is_no_washout() {
    asks(
        "Exclusion",
        &[
            "Treated with ocrelizumab for less than 1 year",
            "Ocrelizumab treatment < 6 months",
            "Ocrelizumab for less than 6 months before screening",
            "Treatment with ocrelizumab for more than 3 years",
            "First dose of ocrelizumab less than 12 months ago",
            "Started ocrelizumab within 12 months",
            "Initiation of ocrelizumab within 6 months before screening",
            "Switched to ocrelizumab within the last 6 months",
        ],
    );
}

#[test]
fn too_short_a_washout_is_one_that_runs() {
    for line in [
        "Ocrelizumab washout of less than 6 months",
        "Less than 6 months since the last dose of ocrelizumab",
        "Washout from ocrelizumab of less than 6 months",
        "Ocrelizumab with a washout period shorter than 6 months",
        "Completion of ocrelizumab less than 6 months ago",
    ] {
        let found = judged(&text("Exclusion", line), TREATED);
        assert_eq!(found, (Verdict::Check, true), "{line}");
    }
    for line in [
        "Ocrelizumab within 6 months",
        "Prior treatment with ocrelizumab",
    ] {
        let found = judged(&text("Exclusion", line), TREATED);
        assert_eq!(found.1, line.contains("within"), "{line}");
    }
    for line in [
        "Ocrelizumab from 6 months before screening, or planned during the study",
        "Current or planned treatment with ocrelizumab, or within 6 months before screening",
    ] {
        assert!(judged(&text("Exclusion", line), TREATED).1, "{line}");
    }
    let barred = judged(
        &text("Exclusion", "Prior treatment with ocrelizumab"),
        TREATED,
    );
    assert_eq!(barred.0, Verdict::Unlikely);
}

#[test]
fn a_treatment_for_another_disease_is_not_the_one_for_ms() {
    let years_ago = "id = \"a\"\nage = 50\nsex = \"female\"\nms_course = \"rrms\"\ntreatments_complete = true\nprior_hsct = true\nabsent = [\"malignancy\"]\n[[treatments]]\ndrug = \"mitoxantrone\"\nstopped = \"2007-06-20\"\n[[treatments]]\ndrug = \"rituximab\"\nstopped = \"2009-06-20\"\n[[treatments]]\ndrug = \"cyclophosphamide\"\nstopped = \"2006-06-20\"\n";
    let mut wrong = Vec::new();
    for line in [
        "Malignancy/previous chemotherapy treatment for neoplastic disease",
        "Previous chemotherapy for cancer",
        "Prior treatment with chemotherapy for malignancy",
        "Prior cancer chemotherapy",
        "Prior treatment with rituximab for rheumatoid arthritis",
        "Prior treatment with rituximab for RA",
        "Previous cyclophosphamide for another autoimmune disease",
        "Prior cyclophosphamide as part of conditioning for transplant",
        "Prior treatment with cyclophosphamide due to vasculitis",
        "Prior stem cell transplant for leukemia",
        "History of leukemia treated with mitoxantrone",
        "Prior use of mitoxantrone in an oncological indication",
        "Systemic autoimmune disease requiring treatment with rituximab",
    ] {
        let (verdict, _) = judged(&text("Exclusion", line), years_ago);
        if verdict != Verdict::Check {
            wrong.push(format!("{line}: {verdict:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for line in [
        "Prior treatment with rituximab for MS",
        "Prior treatment with mitoxantrone for multiple sclerosis",
        "Prior treatment with rituximab for any reason",
        "Prior chemotherapy",
    ] {
        let (verdict, _) = judged(&text("Exclusion", line), years_ago);
        assert_eq!(verdict, Verdict::Unlikely, "{line}");
    }
}

/// Lines with a bound that the patient does not meet, each of somebody else, of a part or of another time.
const OF_OTHERS: &[&str] = &[
    "Caregiver aged 18 to 40 years",
    "Care partners must be 18 to 40 years old",
    "Age of the caregiver: 18 to 40 years",
    "Healthy controls: age 18 to 40; no MS",
    "Healthy volunteers aged 18 to 40 years",
    "Controls: age 18 to 40 years",
    "Donors must be 18 to 40 years of age",
    "Age 18 to 40 years (healthy controls)",
    "For participants in Part B only: EDSS 0 to 4.5",
    "Part B: EDSS 0 to 4.5",
    "Stage 2 only: EDSS 0 to 4.5",
    "EDSS 0 to 4.5 (Part 2 only)",
    "EDSS 0 to 4.5 for Arm B",
    "Cohort B: EDSS 0 to 4.5",
    "For participants entering Part B, age 18 to 40 years",
    "EDSS <= 5.0 at the start of DMT",
    "EDSS <= 5.0 at diagnosis",
    "EDSS of 0 to 4.5 at the time of disease onset",
    "EDSS 0 to 4.5 before initiation of natalizumab",
    "Age 18 to 40 years at diagnosis",
    "Age at onset between 18 and 40 years",
    "Age of the partner 18 to 40 years",
    "Parents aged 18 to 40 years",
    "Matched controls aged 18 to 40 years",
    "For the substudy: EDSS 0 to 4.5",
    "Phase 2 part: EDSS 0 to 4.5",
    "Dose expansion only: EDSS 0 to 4.5",
    "EDSS 0 to 4.5 in the dose-escalation part",
    "First three participants: age 18 to 40 years",
    "In Japan, age 18 to 40 years",
    "For participants enrolled in China: EDSS 0 to 4.5",
    "EDSS 0 to 4.5 two years ago",
    "EDSS 0 to 4.5 during the last relapse",
    "EDSS 0 to 4.5 prior to the first DMT",
    "Score of 2.5 to 5.0 by an EDSS rater on the EDSS at baseline, with",
    "EDSS of 2.5 to 5.0 at baseline and",
];

#[test]
fn rules_of_other_people_of_a_part_or_of_another_time_rule_nobody_out() {
    let mut wrong = Vec::new();
    for line in OF_OTHERS {
        let (verdict, _) = judged(&text("Inclusion", line), TREATED);
        if verdict == Verdict::Unlikely {
            wrong.push(*line);
        }
    }
    for list in [
        "Inclusion Criteria:\n\n* Multiple sclerosis\n\nHealthy volunteers:\n\n* Age 18 to 40 years\n* No MS\n",
        "Inclusion Criteria:\n\n* Multiple sclerosis\n\nCaregivers:\n\n* Age 18 to 40 years\n",
        "Inclusion Criteria:\n\n* Multiple sclerosis\n* Caregivers:\n  * Age 18 to 40 years\n",
        "Inclusion Criteria:\n\n* Multiple sclerosis\n\nPart B:\n\n* EDSS 0 to 4.5\n",
        "Inclusion Criteria:\n\n* Multiple sclerosis\n* For Part B:\n  * EDSS 0 to 4.5\n",
    ] {
        if judged(list, TREATED).0 == Verdict::Unlikely {
            wrong.push(list);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for line in [
        "EDSS 0 to 4.5",
        "EDSS 0 to 4.5 at screening",
        "EDSS of 0 to 4.5 at the start of the study",
        "Age 18 to 40 years at the time of consent",
        "EDSS 0 to 4.5 before leukapheresis",
        "Participants: EDSS 0 to 4.5",
        "Disability: EDSS 0 to 4.5",
        "Age group: 18 to 40 years",
        "EDSS 0 to 4.5 within 30 days before the first dose",
    ] {
        assert_eq!(
            judged(&text("Inclusion", line), TREATED).0,
            Verdict::Unlikely,
            "{line}"
        );
    }
}

#[test]
fn too_few_relapses_are_not_any_relapse() {
    let relapses = |year: u32, two_years: u32| {
        format!(
            "id = \"a\"\nage = 50\nsex = \"female\"\nms_course = \"rrms\"\nrelapses_12_months = {year}\nrelapses_24_months = {two_years}\n"
        )
    };
    for line in [
        "Fewer than 2 relapses in the last 12 months",
        "Less than two relapses within the last 12 months",
        "< 2 relapses in the previous 12 months",
        "No more than 1 relapse in the last 12 months",
        "At most one relapse in the last 12 months",
        "Fewer than 2 documented relapses in the past 12 months",
    ] {
        let text = format!("Exclusion Criteria:\n\n* {line}\n");
        assert_ne!(
            judged(&text, &relapses(3, 4)).0,
            Verdict::Unlikely,
            "{line}"
        );
        assert_ne!(
            judged(&text, &relapses(0, 0)).0,
            Verdict::Possible,
            "{line}"
        );
        let text = format!("Inclusion Criteria:\n\n* {line}\n");
        for (year, two_years) in [(3, 4), (0, 0), (1, 1)] {
            assert_eq!(
                judged(&text, &relapses(year, two_years)).0,
                Verdict::Check,
                "{line}"
            );
        }
    }
    let plain = "Exclusion Criteria:\n\n* Fewer than 2 relapses in the last 12 months\n";
    assert_eq!(judged(plain, &relapses(1, 4)).0, Verdict::Unlikely);
    assert_eq!(judged(plain, &relapses(2, 4)).0, Verdict::Possible);
    let both = "Exclusion Criteria:\n\n* Fewer than 2 relapses in the last 12 months and fewer than 3 in 24 months\n";
    for (year, two_years) in [(3, 4), (0, 0), (1, 3)] {
        assert_eq!(judged(both, &relapses(year, two_years)).0, Verdict::Check);
    }
    let text = "Inclusion Criteria:\n\n* No fewer than 2 relapses in the last 12 months\n";
    assert_ne!(judged(text, &relapses(3, 4)).0, Verdict::Unlikely);
}

#[test]
fn how_many_treatments_is_more_than_whether_there_was_one() {
    for (part, line) in [
        ("Exclusion", "Prior treatment with more than three DMTs"),
        ("Exclusion", "Treated with 3 or more DMTs"),
        (
            "Exclusion",
            "Previous treatment with at least two anti-CD20 drugs",
        ),
        ("Exclusion", "Received ≥ 4 infusions of ocrelizumab"),
        ("Inclusion", "Prior treatment with no more than two DMTs"),
        ("Inclusion", "Previous treatment with fewer than 3 DMTs"),
        ("Inclusion", "Prior treatment with up to two DMTs"),
        (
            "Inclusion",
            "Fewer than 3 gadolinium-enhancing lesions on MRI in the last year",
        ),
    ] {
        for profile in [TREATED, UNTREATED] {
            assert_ne!(
                judged(&text(part, line), profile).0,
                Verdict::Unlikely,
                "{line}"
            );
        }
    }
}

#[test]
fn a_choice_of_diagnostic_criteria_is_no_other_way_to_join() {
    let spms = "id = \"a\"\nage = 50\nms_course = \"spms\"\n";
    for line in [
        "Diagnosis of RRMS in accordance with the criteria of a panel, version 2012, or McDonald criteria 2017",
        "RRMS according to the Poser or the revised McDonald criteria",
    ] {
        assert_eq!(
            judged(&text("Inclusion", line), spms).0,
            Verdict::Unlikely,
            "{line}"
        );
    }
    let line = "RRMS according to the McDonald criteria, or in the opinion of the investigator";
    assert_eq!(
        judged(&text("Inclusion", line), spms).0,
        Verdict::Check,
        "{line}"
    );
}

#[test]
fn a_line_that_is_tied_to_the_next_is_whole() {
    for end in [",", " and", ", and", "; and"] {
        let text = format!(
            "Inclusion Criteria:\n\n* EDSS of 2.5 to 5.0 at baseline{end}\n* Age 18 to 60 years\n"
        );
        assert_eq!(judged(&text, TREATED).0, Verdict::Unlikely, "{end:?}");
    }
    for end in [" or", " and/or"] {
        let text = format!(
            "Inclusion Criteria:\n\n* EDSS of 2.5 to 5.0 at baseline{end}\n* Age 18 to 60 years\n"
        );
        assert_eq!(judged(&text, TREATED).0, Verdict::Check, "{end:?}");
    }
}

#[test]
fn an_example_of_what_the_investigator_judges_is_no_demand_of_its_own() {
    let unsafe_to_puncture = "id = \"a\"\nage = 50\nsex = \"female\"\nlumbar_puncture_possible = false\nmri_possible = false\n";
    for line in [
        "Any condition that in the judgement of the investigator adds risk, e.g. a brain mass which could make a lumbar puncture unsafe",
        "Findings that the investigator considers relevant, such as metal that makes MRI unsafe",
    ] {
        let (verdict, _) = judged(&text("Exclusion", line), unsafe_to_puncture);
        assert_eq!(verdict, Verdict::Check, "{line}");
    }
    let line = "Unable to undergo lumbar puncture";
    assert_eq!(
        judged(&text("Exclusion", line), unsafe_to_puncture).0,
        Verdict::Unlikely
    );
}

#[test]
fn too_young_or_too_old_are_two_bars() {
    for line in [
        "Age under 18 or over 65 years",
        "Age < 18 or > 65 years",
        "Younger than 18 years or older than 65 years of age",
        "Patients under 18 or over 65 years of age",
    ] {
        for (age, expected) in [
            (17, Verdict::Unlikely),
            (18, Verdict::Possible),
            (65, Verdict::Possible),
            (66, Verdict::Unlikely),
        ] {
            let one = study(
                &format!("Exclusion Criteria:\n\n* {line}\n"),
                &serde_json::json!({}),
            );
            let matcher = Matcher::new(&one, &TERMS);
            let profile = format!("id = \"a\"\nage = {age}\n");
            let found = matcher.assess(&on_the_day(from_toml("profile", &profile).unwrap()), &[]);
            assert_eq!(found.verdict, expected, "{line} at {age}");
            assert!(
                found
                    .points
                    .iter()
                    .all(|point| point.answer != Answer::Unknown)
            );
        }
    }
}

#[test]
fn relapses_are_read_whatever_the_words_around_them() {
    let relapsed = "id = \"a\"\nage = 50\nsex = \"female\"\nms_course = \"rrms\"\nrelapses_12_months = 2\nrelapses_24_months = 3\nlast_relapse = \"2026-10-20\"\n";
    let stable = "id = \"a\"\nage = 50\nsex = \"female\"\nms_course = \"rrms\"\nrelapses_12_months = 0\nrelapses_24_months = 0\nlast_relapse = \"2020-10-20\"\n";
    for line in [
        "Clinical relapse within 3 months prior to screening",
        "Relapse within the 3 months before screening",
        "MS relapse during the last 3 months",
        "Any relapse in the 90 days before enrolment",
        "Patients who have had a relapse within 3 months of screening",
    ] {
        let text = format!("Exclusion Criteria:\n\n* {line}\n");
        assert_eq!(judged(&text, relapsed).0, Verdict::Unlikely, "{line}");
        assert_eq!(judged(&text, stable).0, Verdict::Possible, "{line}");
    }
    for line in [
        "two or more relapses in the last 24 months",
        "Patients must have had two or more relapses in the last 24 months",
        "At least 1 relapse in the previous 12 months",
        "≥ 1 relapse in the past 12 months",
        "At least one clinical relapse during the past year",
        "2 or more relapses within the past 2 years",
    ] {
        let text = format!("Inclusion Criteria:\n\n* {line}\n");
        assert_eq!(judged(&text, relapsed).0, Verdict::Possible, "{line}");
        assert_eq!(judged(&text, stable).0, Verdict::Unlikely, "{line}");
    }
}
