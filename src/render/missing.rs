//! Missing facts and tests in plain words.

use serde::Serialize;

use crate::matching::{Asking, Matcher, Wanted};

/// Missing facts that a page shows; the JSON holds them all.
pub const SHOWN: usize = 5;

/// A missing fact as `trialbrief.screen/1` holds it.
#[derive(Debug, Serialize)]
pub(super) struct MissingView {
    field: String,
    what: &'static str,
    studies: Vec<String>,
    only_missing_in: Vec<String>,
}

/// Turns a ranking into what the JSON holds.
pub(super) fn view(all: &[Wanted], matchers: &[Matcher<'_>]) -> Vec<MissingView> {
    all.iter()
        .map(|one| MissingView {
            field: one.path(),
            what: what(one.field, one.key),
            studies: numbers(&one.studies, |_| true, matchers),
            only_missing_in: numbers(&one.studies, |asking| asking.only, matchers),
        })
        .collect()
}

fn numbers(
    studies: &[Asking],
    keep: impl Fn(&Asking) -> bool,
    matchers: &[Matcher<'_>],
) -> Vec<String> {
    let kept = studies.iter().filter(|asking| keep(asking));
    kept.filter_map(|asking| Some(matchers.get(asking.study)?.study().study.nct_number))
        .map(|number| number.to_string())
        .collect()
}

/// Stands above the ranking: open trials that ask for a fact, and that nothing rules out so far.
pub const HEADING: &str = "Not stated, and worth finding out first (open trials that ask for it):";

/// Returns a line on a missing fact: what it is, how many trials ask, and which.
pub fn line(one: &Wanted, matchers: &[Matcher<'_>]) -> String {
    let all = numbers(&one.studies, |_| true, matchers);
    let only = numbers(&one.studies, |asking| asking.only, matchers);
    let many = if all.len() == 1 { "trial" } else { "trials" };
    let only = if only.is_empty() {
        String::new()
    } else if only.len() == all.len() {
        "; no other fact is missing there".to_owned()
    } else {
        format!("; no other fact is missing in {}", only.join(", "))
    };
    format!(
        "{}: {} {many} ({}{only})",
        what(one.field, one.key),
        all.len(),
        all.join(", ")
    )
}

/// Says how many open trials stand behind the ranking, and of how many the rules are not known; the words are
/// empty where all of them carry rules and some fact is missing.
pub fn unknown_rules(all: &[Wanted], open: usize, without: usize) -> String {
    let none = match (all.is_empty(), open) {
        (false, _) => "",
        (true, 0) => {
            "No trial that was looked at is both open and not ruled out, so no missing fact was ranked."
        }
        (true, _) => "No open trial whose rules could be read asks for a fact that is missing.",
    };
    let unread = match without {
        0 => String::new(),
        _ => format!(
            "Of {open} open trials that nothing rules out, {without} carry no rules that this program can read: what they ask for is not known."
        ),
    };
    format!("{none} {unread}").trim().to_owned()
}

/// Says in plain words what a field of a profile holds, and its key (`labs`, `igg`).
pub fn what(field: &str, key: &str) -> &'static str {
    match field {
        "labs" => lab(key),
        "infections" => infection(key),
        "antibodies" => antibody(key),
        "conditions" if key.is_empty() => "diseases now or earlier",
        "absent" if key.is_empty() => "diseases that certainly never were",
        "conditions" | "absent" => disease(key),
        "treatments" => treatment(key),
        _ => plain(field),
    }
}

fn plain(field: &str) -> &'static str {
    match field {
        "age" => "age",
        "sex" => "sex",
        "country" => "country of residence",
        "near" => "where to count distances from",
        "ms_course" => "course of MS (relapsing, secondary or primary progressive)",
        "diagnosed" => "date of the MS diagnosis",
        "edss" => "EDSS score",
        "relapses_12_months" => "relapses in the last 12 months",
        "relapses_24_months" => "relapses in the last 24 months",
        "last_relapse" => "date of the last relapse",
        "last_mri" => "date of the last MRI",
        "gd_lesions_last" => "lesions with gadolinium on the last MRI",
        "new_t2_last" => "new T2 lesions on the last MRI",
        "progression_24_months" => "whether disability worsened in the last 24 months",
        "treatments_complete" => "whether the list of treatments is complete",
        "prior_hsct" => "whether there was a stem cell transplant",
        "prior_cell_therapy" => "whether there was a cell or gene therapy",
        "pregnant" => "whether there is a pregnancy (test)",
        "breastfeeding" => "whether the patient breastfeeds",
        "lvef" => "ejection fraction of the heart (ultrasound)",
        "mri_possible" => "whether an MRI can be made",
        "lumbar_puncture_possible" => "whether a lumbar puncture can be made",
        "weight_kg" => "weight",
        "schema" => "form of the profile",
        "id" => "what the clinic calls the patient",
        _ => "a fact without a name",
    }
}

fn lab(analyte: &str) -> &'static str {
    match analyte {
        "hemoglobin" => "hemoglobin in the blood",
        "platelets" => "platelet count",
        "anc" => "neutrophil count",
        "alc" => "lymphocyte count",
        "wbc" => "white blood cell count",
        "igg" => "IgG in the blood",
        "alt" => "liver value ALT",
        "ast" => "liver value AST",
        "bilirubin" => "bilirubin in the blood",
        "egfr" => "kidney function (eGFR)",
        "creatinine" => "creatinine in the blood",
        "inr" => "clotting value INR",
        "spo2" => "oxygen saturation",
        _ => "blood values",
    }
}

fn infection(agent: &str) -> &'static str {
    match agent {
        "hiv" => "HIV test",
        "hbv" => "hepatitis B test",
        "hbsag" => "hepatitis B surface antigen (HBsAg)",
        "hbv_core" => "hepatitis B core antibody (anti-HBc)",
        "hbv_dna" => "hepatitis B DNA",
        "hcv" => "hepatitis C test",
        "hcv_antibody" => "hepatitis C antibody",
        "hcv_rna" => "hepatitis C RNA",
        "tb" => "tuberculosis test",
        "syphilis" => "syphilis test",
        "cmv" => "CMV test",
        "ebv" => "EBV test",
        "jcv" => "JC virus test",
        "covid" => "COVID-19 test",
        "any_active" => "whether there is an active infection now",
        _ => "infection tests",
    }
}

fn antibody(agent: &str) -> &'static str {
    match agent {
        "aqp4" => "AQP4 antibody test",
        "mog" => "MOG antibody test",
        _ => "antibody tests",
    }
}

fn disease(kind: &str) -> &'static str {
    match kind {
        "malignancy" => "whether there was cancer, and when",
        "cardiac" => "whether there is a heart disease",
        "seizure" => "whether there was a seizure, and when",
        "stroke" => "whether there was a stroke, and when",
        "pml" => "whether there was PML (a brain infection)",
        "cns_disorder" => "whether there is another disease of brain or spinal cord",
        "psychiatric" => "whether there is a psychiatric disease",
        "suicidality" => "whether there were thoughts of suicide",
        "immunodeficiency" => "whether the immune system is weak from another disease",
        "splenectomy" => "whether the spleen was removed",
        "anticoagulation" => "whether drugs against clotting are taken",
        "other_autoimmune" => "whether there is another autoimmune disease",
        "substance_use" => "whether there is abuse of alcohol or drugs",
        "hypersensitivity" => "whether there is an allergy to what the trial gives",
        "transplant" => "whether there was an organ or cell transplant",
        "cell_or_gene_therapy" => "whether there was a cell or gene therapy",
        "infection" => "whether there was one of the infections that are named",
        _ => "other diseases",
    }
}

fn treatment(part: &str) -> &'static str {
    match part {
        "drug" => "which drug it is that is not known here",
        "last_dose" => "date of the last dose of each treatment",
        "reason" => "why each treatment was stopped",
        _ => "treatments so far, with their dates",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::patient::{Agent, Analyte, Antibody, FIELDS, Kind};

    #[test]
    fn every_field_and_key_has_words_of_its_own() {
        let mut all: Vec<&str> = FIELDS
            .iter()
            .filter(|field| {
                !["labs", "infections", "antibodies", "conditions", "absent"].contains(field)
            })
            .map(|field| what(field, ""))
            .collect();
        all.extend(Analyte::ALL.iter().map(|one| what("labs", one.as_str())));
        all.extend(
            Agent::ALL
                .iter()
                .map(|one| what("infections", one.as_str())),
        );
        all.extend(
            Antibody::ALL
                .iter()
                .map(|one| what("antibodies", one.as_str())),
        );
        // A cell therapy is a field and a kind: one thing.
        let kinds = Kind::ALL
            .iter()
            .filter(|one| **one != Kind::CellOrGeneTherapy);
        all.extend(kinds.map(|one| what("conditions", one.as_str())));
        for (field, key) in [
            ("labs", "?"),
            ("infections", "?"),
            ("antibodies", "?"),
            ("absent", "?"),
            ("?", ""),
        ] {
            all.push(what(field, key));
        }
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count, "{all:?}");
    }
}
