//! Infections: what a profile states of each agent, and the tests that criteria name.
//!
//! Antibodies stay when an infection is over, so that a positive test of no name proves none: it
//! bars where any positive test does, and leaves open whatever asks for the infection itself.

mod hepatitis;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;

use super::compare::{Held, any};
use super::verdict::Why;
use crate::patient::{Agent, Kind, Patient, TestResult};

/// Results of tests, by agent.
type Results = BTreeMap<Agent, TestResult>;

/// HIV stays for life, and its tests have no narrower form but these.
static NARROW_HIV: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)(?:active|acute|chronic|uncontrolled|untreated)\W+(?:\w+\W+){0,2}(?:HIV|human immun)|viral load|HIV[- ]?(?:1[- ]?)?RNA|AIDS(?-u:\b)").ok()
});

/// A state or a test that is narrower than a positive one.
static NARROW: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)(?-u:\b)(?:active|acute|chronic|latent|untreated|uncontrolled|antigen|surface|core|IgM)(?-u:\b)|DNA|RNA|PCR|viral load|HBsAg|HBc").ok()
});

/// Words that ask for any positive test.
static OF_TEST: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)(?-u:\b)(?:positiv|reactive|test|antibod|sero)").ok());

/// Words that ask for the infection, now or earlier.
static OF_INFECTION: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)infect|disease|histor|known").ok());

fn says(pattern: &LazyLock<Option<Regex>>, quote: &str) -> bool {
    pattern.iter().any(|pattern| pattern.is_match(quote))
}

/// Says whether the patient has an infection that is named.
pub(super) fn infections(agents: &[&str], quote: &str, patient: &Patient) -> Held {
    let stated = &patient.profile.infections;
    let mut missing = None;
    let results = agents.iter().map(|word| {
        let agent: Agent = word.parse().ok()?;
        let never = || patient.has(Kind::Infection) == Some(false);
        if is_stated(agent, patient) {
            return has(agent, quote, stated);
        }
        if never() && agent != Agent::AnyActive {
            return Some(false);
        }
        missing = missing.or(Some(agent.as_str()));
        None
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

/// What treatment or time turns negative. HIV stays for life, and antibodies of all others outlast them.
const PASSING: [Agent; 5] = [
    Agent::AnyActive,
    Agent::Covid,
    Agent::Hbsag,
    Agent::HbvDna,
    Agent::HcvRna,
];

/// Says whether an infection that bars may pass: once every test that can turn negative has, it bars no more.
pub(super) fn may_pass(agents: &[&str], quote: &str, patient: &Patient) -> bool {
    let mut later = patient.profile.infections.clone();
    for (test, result) in &mut later {
        if PASSING.contains(test) {
            *result = TestResult::Negative;
        }
    }
    let mut agents = agents.iter().filter_map(|word| word.parse::<Agent>().ok());
    !hepatitis::counts_the_past(quote)
        && agents.all(|agent| has(agent, quote, &later) != Some(true))
}

/// Says whether any test of an agent is stated.
pub(super) fn is_stated(agent: Agent, patient: &Patient) -> bool {
    let mut tests = hepatitis::tests(agent).iter().chain([&agent]);
    tests.any(|test| patient.profile.infections.contains_key(test))
}

/// A test that would prove an agent of which something else is stated.
pub(super) fn unstated_test(agents: &[&str], patient: &Patient) -> Option<&'static str> {
    let stated = &patient.profile.infections;
    agents.iter().find_map(|word| {
        let agent: Agent = word
            .parse()
            .ok()
            .filter(|agent| is_stated(*agent, patient))?;
        let is_clear = stated.get(&agent) == Some(&TestResult::Negative);
        let mut proofs = hepatitis::proofs(agent).iter();
        let proof = proofs.find(|test| !is_clear && !stated.contains_key(test))?;
        Some(proof.as_str())
    })
}

/// Says whether an agent of which something is stated is there in the manner that the quote asks for.
fn has(agent: Agent, quote: &str, stated: &Results) -> Option<bool> {
    let result = || {
        stated
            .get(&agent)
            .map(|result| *result == TestResult::Positive)
    };
    match agent {
        Agent::Hbv => hepatitis::b(quote, stated),
        Agent::Hcv => hepatitis::c(quote, stated),
        // It passes; how long ago it must have is the study's to say.
        Agent::AnyActive => result().filter(|is| !is),
        Agent::Hiv => result().filter(|is| !is || !says(&NARROW_HIV, quote)),
        _ => {
            let by_test = says(&OF_TEST, quote) && !says(&OF_INFECTION, quote);
            result().filter(|is| !is || by_test && !says(&NARROW, quote))
        }
    }
}
