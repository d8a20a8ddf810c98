//! Studies with groups for several diseases: the rules of one are not those of another.

use trialbrief::matching::{Answer, Matcher, Verdict};
use trialbrief::patient::from_toml;

use crate::rules::{ADULTS, TERMS, on_the_day, study};

const MS: &str = "id = \"a\"\nage = 40\nsex = \"female\"\nms_course = \"rrms\"\nedss = 5\n";

/// The verdict, the answers to rules about the EDSS, and how many core rules are met and asked.
fn of_edss(criteria: &str) -> (Verdict, Vec<Answer>, (usize, usize)) {
    let one = study(criteria, &serde_json::from_str(ADULTS).unwrap());
    let matcher = Matcher::new(&one, &TERMS);
    let found = matcher.assess(&on_the_day(from_toml("profile", MS).unwrap()), &[]);
    let edss = (found.points.iter())
        .filter(|point| matcher.demands()[point.demand].kind() == Some("edss"))
        .map(|point| point.answer)
        .collect();
    (found.verdict, edss, found.core)
}

/// An EDSS line that stands in the group of another disease; `MAX` is its bound.
const OF_NMOSD: &[&str] = &[
    "Inclusion Criteria:\n\n* Age 18 to 60 years\n\nNMOSD cohort:\n\n* EDSS ≤ MAX\n",
    "Inclusion Criteria:\n\n* Age 18 to 60 years\n\nNMOSD group:\n\n* EDSS ≤ MAX\n\nMS group:\n\n* Relapsing remitting MS\n",
    "Inclusion Criteria:\n\n* Age 18 to 60 years\n\nNMOSD patients:\n\n* EDSS ≤ MAX\n",
    "Inclusion Criteria:\n\n* Age 18 to 60 years\n* For NMOSD patients:\n  * EDSS ≤ MAX\n",
    "Inclusion Criteria:\n\n* Age 18 to 60 years\n* NMOSD:\n  * EDSS ≤ MAX\n",
    "Inclusion Criteria:\n\n* Age 18 to 60 years\n* Neuromyelitis optica spectrum disorder (NMOSD):\n  * EDSS ≤ MAX\n",
    "Inclusion Criteria:\n\n* Age 18 to 60 years\n* Neuromyelitis optica spectrum disorders\n  * EDSS ≤ MAX\n",
    "Inclusion Criteria:\n\n* Age 18 to 60 years\n* EDSS ≤ MAX (NMOSD only)\n",
    "Inclusion Criteria:\n\n* Age 18 to 60 years\n* EDSS ≤ MAX (for NMOSD patients)\n",
    "Inclusion Criteria:\n\n* Age 18 to 60 years\n* EDSS ≤ MAX for participants with NMOSD\n",
    "Inclusion Criteria:\n\n* Age 18 to 60 years\n* EDSS ≤ MAX in NMOSD patients\n",
    "Inclusion Criteria:\n\n* Age 18 to 60 years\n* NMOSD patients: EDSS ≤ MAX\n",
    "Inclusion Criteria:\n\n* Age 18 to 60 years\n* NMOSD only: EDSS ≤ MAX\n",
    "Inclusion Criteria:\n\n* Age 18 to 60 years\n* NMOSD - EDSS ≤ MAX\n",
    "Inclusion Criteria:\n\n* Age 18 to 60 years\n* For NMOSD, EDSS ≤ MAX\n",
    "Inclusion Criteria:\n\n* Age 18 to 60 years\n* Patients with NMOSD must have an EDSS ≤ MAX\n",
    "Inclusion Criteria:\n\n* Age 18 to 60 years\n\nInclusion Criteria for NMOSD:\n\n* EDSS ≤ MAX\n",
    "Inclusion Criteria:\n\n* Age 18 to 60 years\n\nInclusion Criteria (neuromyelitis optica group):\n\n* EDSS ≤ MAX\n",
    "Inclusion Criteria:\n\n* Age 18 to 60 years\n\nNMOSD Inclusion Criteria:\n\n* EDSS ≤ MAX\n",
    "Inclusion Criteria:\n\n* Age 18 to 60 years\n* For patients with relapsing NMOSD:\n  * EDSS ≤ MAX\n",
    "Inclusion Criteria:\n\n* Age 18 to 60 years\n* For patients with MOGAD or NMOSD:\n  * EDSS ≤ MAX\n",
];

#[test]
fn the_score_that_another_disease_asks_for_is_no_rule_for_ms() {
    for text in OF_NMOSD {
        // Neither as a bar (EDSS 5 is above 4) nor as something that fits.
        for max in ["4.0", "7.0"] {
            let text = text.replace("MAX", max);
            let (verdict, edss, (_, core)) = of_edss(&text);
            assert_ne!(verdict, Verdict::Unlikely, "{text}");
            let decided = |one: &Answer| matches!(one, Answer::Met | Answer::NotMet);
            assert!(!edss.iter().any(decided), "{text}: {edss:?}");
            // Age twice and sex; the course of the MS group where there is one.
            let of_ms = if text.contains("MS group:\n\n* Rel") {
                2
            } else {
                0
            };
            assert_eq!((core, edss.len()), (3 + of_ms, 0), "{text}");
        }
    }
}

#[test]
fn a_line_for_several_diseases_decides_nothing_by_itself() {
    for line in [
        "EDSS ≤ 4.0 for NMOSD and ≤ 6.5 for MS",
        "EDSS ≤ 7.0 for patients with NMOSD, and ≤ 4.5 for patients with MS",
    ] {
        let (verdict, edss, _) = of_edss(&format!("Inclusion Criteria:\n\n* {line}\n"));
        assert_eq!(verdict, Verdict::Check, "{line}");
        let decided = |one: &Answer| matches!(one, Answer::Met | Answer::NotMet);
        assert!(!edss.iter().any(decided), "{line}: {edss:?}");
    }
}

#[test]
fn a_group_that_holds_ms_too_is_for_ms() {
    for text in [
        "Inclusion Criteria:\n\n* For patients with MS or NMOSD:\n  * EDSS ≤ MAX\n",
        "Inclusion Criteria:\n\n* For patients with neuromyelitis optica or multiple sclerosis:\n  * EDSS ≤ MAX\n",
        "Inclusion Criteria:\n\nMS cohort:\n\n* EDSS ≤ MAX\n",
        "Inclusion Criteria:\n\n* For MS patients:\n  * EDSS ≤ MAX\n",
        "Inclusion Criteria:\n\nNMOSD cohort:\n\n* AQP4 antibodies\n\nInclusion Criteria for MS:\n\n* EDSS ≤ MAX\n",
    ] {
        let (verdict, edss, _) = of_edss(&text.replace("MAX", "4.0"));
        assert_eq!(edss, [Answer::NotMet], "{text}");
        assert_eq!(verdict, Verdict::Unlikely, "{text}");
        let (_, edss, _) = of_edss(&text.replace("MAX", "6.5"));
        assert_eq!(edss, [Answer::Met], "{text}");
    }
}

#[test]
fn an_illness_that_bars_is_no_group() {
    let lupus = format!("{MS}absent = [\"other_autoimmune\"]\n");
    let text = "Exclusion Criteria:\n\n* EDSS above 6.5\n* Treatment with cyclophosphamide for lupus\n* Rituximab in the last 6 months (for NMOSD or another disease)\n";
    let one = study(text, &serde_json::from_str(ADULTS).unwrap());
    let matcher = Matcher::new(&one, &TERMS);
    let found = matcher.assess(&on_the_day(from_toml("profile", &lupus).unwrap()), &[]);
    // They are rules for everybody: none is passed over.
    for id in ["E1", "E2", "E3"] {
        let asked = |at: usize| matcher.demands()[at].criterion == Some(id);
        assert!(found.points.iter().any(|point| asked(point.demand)), "{id}");
    }
}
