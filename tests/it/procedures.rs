//! Transplants and cell therapies that stand among the treatments.

use trialbrief::matching::{Answer, Verdict};
use trialbrief::patient::{YesNo, from_toml};

use crate::rules::{ADULTS, assessed, on_the_day, study, worst};

fn barred(line: &str, profile: &str) -> Answer {
    worst(&format!("Exclusion Criteria:\n\n* {line}\n"), profile)
}

fn took(name: &str) -> String {
    format!(
        "treatments_complete = true\n[[treatments]]\ndrug = \"{name}\"\nstopped = \"2019-05\"\n"
    )
}

const TRANSPLANTS: [&str; 9] = [
    "AHSCT",
    "aHSCT",
    "HSCT",
    "autologous HSCT",
    "stem cell transplant",
    "autologous haematopoietic stem-cell transplantation",
    "Autologous hematopoietic stem cell transplantation (AHSCT)",
    "bone marrow transplant",
    "ASCT",
];

const CELLS: [&str; 7] = [
    "CAR-T",
    "CAR T cells",
    "CD19 CAR-T cell therapy",
    "CART",
    "KYV-101",
    "tisagenlecleucel",
    "gene therapy",
];

#[test]
fn a_transplant_among_the_treatments_is_one() {
    let line = "Prior hematopoietic stem cell transplant";
    for name in TRANSPLANTS {
        assert_eq!(barred(line, &took(name)), Answer::NotMet, "{name}");
        let patient = on_the_day(from_toml("profile", &took(name)).unwrap());
        assert!(patient.taken.iter().all(|one| !one.is_unknown()), "{name}");
    }
}

#[test]
fn a_cell_therapy_among_the_treatments_is_one() {
    for name in CELLS {
        assert_eq!(
            barred("Prior cell or gene therapy", &took(name)),
            Answer::NotMet,
            "{name}"
        );
    }
}

#[test]
fn what_is_denied_and_listed_contradicts_itself() {
    for (name, field, line) in [
        (
            "AHSCT",
            "prior_hsct",
            "Prior hematopoietic stem cell transplant",
        ),
        ("CAR-T", "prior_cell_therapy", "Prior cell or gene therapy"),
    ] {
        let profile = format!("{field} = false\n{}", took(name));
        let patient = on_the_day(from_toml("profile", &profile).unwrap());
        let fields = &patient.contradictions[0].fields;
        assert_eq!(fields, &vec![field], "{name}");
        let text = format!(
            "Inclusion Criteria:\n\n* Age 18 years or older\n\nExclusion Criteria:\n\n* {line}\n"
        );
        let one = study(&text, &serde_json::from_str(ADULTS).unwrap());
        let sure = format!("age = 40\nsex = \"female\"\n{profile}");
        assert_eq!(assessed(&one, &sure).0, Verdict::Check, "{name}");
    }
}

#[test]
fn a_procedure_is_no_drug_but_drugs_come_with_it() {
    for line in [
        "Prior natalizumab",
        "Ocrelizumab within 6 months before screening",
    ] {
        assert_eq!(barred(line, &took("AHSCT")), Answer::Met, "{line}");
    }
    assert_eq!(
        barred("Prior cyclophosphamide", &took("AHSCT")),
        Answer::Unknown
    );
    assert_eq!(
        barred("Prior cyclophosphamide", &took("CAR-T")),
        Answer::Unknown
    );
}

#[test]
fn what_is_planned_or_refused_or_something_else_is_no_transplant() {
    for name in [
        "AHSCT declined",
        "no HSCT",
        "planned AHSCT",
        "mesenchymal stem cells",
        "cART",
    ] {
        let patient = on_the_day(from_toml("profile", &took(name)).unwrap());
        assert_eq!(patient.profile.prior_hsct, None, "{name}");
        assert_eq!(patient.profile.prior_cell_therapy, None, "{name}");
        assert!(patient.taken[0].is_unknown(), "{name}");
    }
    let ahead = "prior_hsct = false\n[[treatments]]\ndrug = \"AHSCT\"\nstarted = \"2027-05\"\n";
    let patient = on_the_day(from_toml("profile", ahead).unwrap());
    assert_eq!(patient.profile.prior_hsct.map(YesNo::is_yes), Some(false));
}
