//! Infections: one answer of the profile for each agent, and many tests in criteria.

use std::sync::LazyLock;

use regex::Regex;

use super::compare::{Held, any};
use super::verdict::Why;
use crate::patient::{Agent, Kind, Patient, TestResult};

/// Words of a test or a state that is narrower than "positive": what the patient's answer rests on is not known.
const NARROW: [&str; 14] = [
    "hbsag",
    "surface",
    "dna",
    "rna",
    "pcr",
    "active",
    "acute",
    "chronic",
    "antigen",
    "viral load",
    "latent",
    "untreated",
    "core",
    "igm",
];

/// HIV stays for life, and its tests have no narrower form but these.
static NARROW_HIV: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)(?:active|acute|chronic|uncontrolled|untreated)\W+(?:\w+\W+){0,2}(?:HIV|human immun)|viral load|HIV[- ]?(?:1[- ]?)?RNA|AIDS(?-u:\b)").ok()
});

/// Surface or core, either of which is enough: whatever test of hepatitis B the patient's is.
static EITHER_TEST: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?is)(?:surface|HBsAg).*(?-u:\b)or(?-u:\b).*(?:core|HBc)|(?:core|HBc).*(?-u:\b)or(?-u:\b).*(?:surface|HBsAg)").ok()
});
static LESS_THAN_EITHER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)DNA|RNA|PCR|viral load|unless|negative|(?-u:\b)(?:with|without|active|acute|chronic|detect\w+|replicat\w+|confirm\w+)(?-u:\b)").ok()
});

/// Says whether the patient has an infection that is named.
pub(super) fn infections(agents: &[&str], quote: &str, patient: &Patient) -> Held {
    let mut missing = None;
    let results = agents.iter().map(|word| {
        let agent: Agent = word.parse().ok()?;
        let result = patient.profile.infections.get(&agent).copied();
        let never = || patient.has(Kind::Infection) == Some(false);
        match result {
            Some(TestResult::Positive) if is_narrow(agent, quote) => None,
            Some(result) => Some(result == TestResult::Positive),
            None if never() && agent != Agent::AnyActive => Some(false),
            None => {
                missing = missing.or(Some(agent.as_str()));
                None
            }
        }
    });
    let is = any(results);
    match (is, missing) {
        (None, Some(agent)) => Held {
            is: None,
            why: Why::Missing("infections", agent),
        },
        (is, _) => Held::settled(is),
    }
}

/// Says whether a positive answer may be another than the one that is named.
fn is_narrow(agent: Agent, quote: &str) -> bool {
    let is =
        |pattern: &LazyLock<Option<Regex>>| pattern.iter().any(|pattern| pattern.is_match(quote));
    match agent {
        // It passes; how long ago it must have is the study's to say.
        Agent::AnyActive => true,
        Agent::Hiv => is(&NARROW_HIV),
        Agent::Hbv if is(&EITHER_TEST) && !is(&LESS_THAN_EITHER) => false,
        _ => {
            let quote = quote.to_lowercase();
            NARROW.iter().any(|word| quote.contains(word))
        }
    }
}
