//! A treatment that a rule names, one that may be meant, and one that is not: no guess becomes a
//! washout, and none takes a sure date away.

use serde_json::{Value, json};
use trialbrief::matching::Answer;

use crate::rules::worst;
use crate::washout::{run, screened};

const COMPLETE: &str = "treatments_complete = true\n";

fn exclusion(line: &str) -> String {
    format!("Exclusion Criteria:\n\n* {line}\n")
}

fn with(line: &str, taken: &str) -> Value {
    let more = ["--treatments", taken, "--treatments-complete", "true"];
    let more = [&more[..], &["--today", "2026-11-25"]].concat();
    screened(&exclusion(line), &more)
}

/// The item of the first exclusion among what is not known.
fn open(trial: &Value) -> Value {
    let items = trial["unknown"].as_array().unwrap();
    let own = items.iter().find(|one| one["criterion"] == "E1");
    own.unwrap_or_else(|| panic!("{trial}")).clone()
}

fn sentence(item: &Value) -> &str {
    item["reason"].as_str().unwrap()
}

const OLD_LIST: &str =
    "Treatment with mitoxantrone, teriflunomide or fingolimod within 1 year before screening";
const STEROID: &str = "methylprednisolone:2026-10-30:2026-11-01:other";

#[test]
fn a_class_that_holds_no_named_drug_is_none_of_them() {
    let steroid = "[[treatments]]\ndrug = \"methylprednisolone\"\nstopped = \"2024-03-01\"\n";
    let ivig = "[[treatments]]\ndrug = \"IVIG\"\nstopped = \"2026-10-01\"\n";
    for line in [
        "Prior mitoxantrone",
        "Prior treatment with cladribine or alemtuzumab",
        "Cladribine within 1 year before screening",
    ] {
        for taken in [steroid, ivig] {
            let profile = format!("{COMPLETE}{taken}");
            assert_eq!(worst(&exclusion(line), &profile), Answer::Met, "{line}");
        }
    }
    // A class that holds the drug may be that drug.
    for (line, class) in [
        ("Prior mitoxantrone", "chemotherapy"),
        ("Prior treatment with alemtuzumab", "monoclonal antibody"),
        ("Prior treatment with cladribine", "oral therapy"),
        ("Prior treatment with natalizumab", "investigational"),
    ] {
        let profile = format!("{COMPLETE}[[treatments]]\ndrug = \"{class}\"\n");
        let answer = worst(&exclusion(line), &profile);
        assert_eq!(answer, Answer::Unknown, "{line}: {class}");
    }
}

#[test]
fn a_sure_date_stays_beside_what_is_not_named() {
    let taken = format!("fingolimod:2014:2025-12-20:failure;{STEROID}");
    let trial = with(OLD_LIST, &taken);
    assert_eq!(trial["earliest_screening"], "2026-12-20", "{trial}");
    assert_eq!(trial["washouts"].as_array().unwrap().len(), 1, "{trial}");
    assert_eq!(trial["washouts"][0]["drug"], "fingolimod");
    assert!(!sentence(&open(&trial)).contains("steroid"), "{trial}");
}

#[test]
fn what_may_count_never_takes_the_date_of_what_does() {
    let line = "Fingolimod or any other immunosuppressant within 6 months before screening";
    let unsure = "natalizumab:2022:2026-10-01:other";
    let taken = format!("fingolimod:2014:2026-09-20:failure;{unsure}");
    let trial = with(line, &taken);
    assert_eq!(trial["earliest_screening"], "2027-03-20", "{trial}");
    let item = open(&trial);
    let said = sentence(&item);
    assert!(
        said.contains("fingolimod (last dose 2026-09-20): the study asks for 6 months without it"),
        "{said}"
    );
    assert!(
        said.contains("natalizumab (last dose 2026-10-01) may count as well"),
        "{said}"
    );
    assert_eq!(trial["washouts"][0]["counts"], "yes");
    // The same, where it stands alone: no date, and no claim.
    let trial = with(line, unsure);
    assert_eq!(trial["earliest_screening"], Value::Null);
    assert_eq!(trial["washouts"][0]["counts"], "unclear");
    let item = open(&trial);
    let said = sentence(&item);
    assert!(
        said.contains(
            "natalizumab (last dose 2026-10-01) may count as a treatment that this rule names"
        ),
        "{said}"
    );
    assert!(!said.contains("): the study asks for"), "{said}");
}

#[test]
fn an_unsure_treatment_of_one_rule_leaves_the_date_of_another() {
    let two = "Exclusion Criteria:\n\n* Fingolimod within 6 months before screening\n* Any investigational agent within 9 months before screening\n";
    let taken = "fingolimod:2014:2026-09-20:failure;ocrelizumab:2020:2026-08-01:other";
    let more = [
        "--treatments",
        taken,
        "--treatments-complete",
        "true",
        "--today",
        "2026-11-25",
    ];
    let trial = screened(two, &more);
    assert_eq!(trial["earliest_screening"], "2027-03-20", "{trial}");
    let text = run(
        two,
        &[&["screen", "--ms-course", "rrms", "--age", "40"][..], &more].concat(),
    );
    let text = text.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        text.contains("It may be later: ocrelizumab (last dose 2026-08-01) may count"),
        "{text}"
    );
}

#[test]
fn an_approved_drug_only_may_count_as_investigational() {
    let line = "Any investigational agent within 4 weeks or 5 half-lives before screening";
    let both = "ocrelizumab:2021:2026-11-10:other;tolebrutinib:2024:2026-11-12:other";
    let trial = with(line, both);
    let item = open(&trial);
    let said = sentence(&item);
    assert!(
        said.contains("ocrelizumab (last dose 2026-11-10)"),
        "{said}"
    );
    assert!(
        said.contains("tolebrutinib (last dose 2026-11-12)"),
        "{said}"
    );
    assert!(said.contains("may count as"), "{said}");
    assert!(!said.contains("): the study asks for"), "{said}");
    assert_eq!(trial["earliest_screening"], Value::Null);
    // The four weeks are over, the half-lives are not: that is still to be asked.
    let trial = with(line, "ocrelizumab:2021:2026-09-10:other");
    assert!(sentence(&open(&trial)).contains("may count as"), "{trial}");
}

#[test]
fn a_handout_does_not_tell_a_missing_date_of_what_may_count() {
    let line = "Any investigational agent within 3 months before screening";
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out.md");
    let args = [
        "brief",
        "--format",
        "markdown",
        "-o",
        out.to_str().unwrap(),
        "--ms-course",
        "rrms",
        "--today",
        "2026-11-25",
        "--treatments",
        "ocrelizumab:2021:2026-11-10:other",
    ];
    run(&exclusion(line), &args).done();
    let text = std::fs::read_to_string(&out).unwrap();
    assert!(text.contains("may count"), "{text}");
    assert!(
        !text.contains("the date of the last dose is missing"),
        "{text}"
    );
}

#[test]
fn a_rule_that_bars_shows_the_treatment_that_it_bars() {
    let taken = format!("Copaxone:2018:2020:failure;mitoxantrone:2015:2016:other;{STEROID}");
    let of = |line: &str, list: &str| {
        let trial = with(line, &taken);
        let items = trial[list].as_array().unwrap();
        let own = items.iter().find(|one| one["criterion"] == "E1");
        own.unwrap_or_else(|| panic!("{trial}"))["patient_value"].clone()
    };
    assert_eq!(
        of("Prior mitoxantrone", "blocking"),
        json!("mitoxantrone (last dose 2016)")
    );
    assert_eq!(
        of("Prior disease-modifying therapy", "blocking"),
        json!("glatiramer (last dose 2020), mitoxantrone (last dose 2016)")
    );
    // Of what is met, all that was taken is what that rests on.
    let all = of("Prior alemtuzumab", "met");
    assert!(all.as_str().unwrap().contains("corticosteroid"), "{all}");
}
