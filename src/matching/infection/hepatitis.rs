//! Hepatitis B and C: each has a test that proves the virus, and antibodies that outlast it
//! (CDC, "Interpretation of hepatitis B serologic test results"; "… for hepatitis C", 2023).

use std::sync::LazyLock;

use regex::Regex;

use super::{Results, says};
use crate::patient::{Agent, TestResult};

static SURFACE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)HBs-?Ag|surface|antigen").ok());
static CORE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)(?-u:\b)core(?-u:\b)|HBc").ok());
/// Genes of a virus in the blood.
static GENES: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)DNA|RNA|PCR|viral load").ok());
static ANTIBODY: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)antibod|(?-u:\b)HCV-?Ab|(?-u:\b)IgM(?-u:\b)").ok());
static ANTIBODY_OF_C: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)(?:hepatitis C|(?-u:\b)HCV)(?: virus)?[^,;.]{0,12}(?:antibod|Ab(?-u:\b))|antibod\w* (?:to|against|for) (?:hepatitis C|HCV)|anti-?HCV").ok()
});

/// Surface or core, either of which is enough: whatever test of hepatitis B the patient's is.
static EITHER_TEST: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?is)(?:surface|HBsAg).*(?-u:\b)or(?-u:\b).*(?:core|HBc)|(?:core|HBc).*(?-u:\b)or(?-u:\b).*(?:surface|HBsAg)").ok()
});
static LESS_THAN_EITHER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)DNA|RNA|PCR|viral load|unless|negative|(?-u:\b)(?:with|without|active|acute|chronic|detect\w+|replicat\w+|confirm\w+)(?-u:\b)").ok()
});

/// A state of the infection that no test of a profile tells.
static STATE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)(?-u:\b)(?:acute|chronic|latent|untreated|uncontrolled|unless|except)(?-u:\b)")
        .ok()
});
static ACTIVE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)(?-u:\b)(?:active|acute|chronic|current|ongoing|untreated|uncontrolled|latent)(?-u:\b)").ok()
});
/// An infection that is over counts too.
static EVER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i)histor|(?-u:\b)(?:past|previous\w*|prior|ever|former|resolved|earlier)(?-u:\b)",
    )
    .ok()
});
/// Any positive test is enough.
static ANY_TEST: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)serolog|past or (?:present|current)|(?:present|current) or past|(?-u:\b)tests?(?-u:\b)[^.;]{0,80}(?:positive|reactive)|(?:positive|reactive)[^.;]{0,80}(?-u:\b)tests?(?-u:\b)").ok()
});
static INFECTED: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(?i)infect|disease").ok());
static NEGATIVE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)negativ|undetect|unless|without|absen").ok());

/// Says whether an infection that is over counts too.
pub(super) fn counts_the_past(quote: &str) -> bool {
    says(&EVER, quote)
}

/// The tests of an agent by their names.
pub(super) fn tests(agent: Agent) -> &'static [Agent] {
    match agent {
        Agent::Hbv => &[Agent::Hbsag, Agent::HbvCore, Agent::HbvDna],
        Agent::Hcv => &[Agent::HcvAntibody, Agent::HcvRna],
        _ => &[],
    }
}

/// The tests that prove the virus.
pub(super) fn proofs(agent: Agent) -> &'static [Agent] {
    match agent {
        Agent::Hbv => &[Agent::Hbsag, Agent::HbvDna],
        Agent::Hcv => &[Agent::HcvRna],
        _ => &[],
    }
}

/// What is stated of one virus.
struct Stated<'a> {
    results: &'a Results,
    agent: Agent,
}

impl Stated<'_> {
    fn plain(&self, test: Agent) -> Option<bool> {
        let result = self.results.get(&test);
        result.map(|result| *result == TestResult::Positive)
    }

    /// Nothing of it is there, by a test of no name.
    fn none(&self) -> bool {
        self.plain(self.agent) == Some(false)
    }

    fn of(&self, test: Agent) -> Option<bool> {
        self.plain(test).or(self.none().then_some(false))
    }

    /// Any test is positive; none, where all are known.
    fn any(&self) -> Option<bool> {
        let tests = tests(self.agent);
        let mut all = tests
            .iter()
            .chain([&self.agent])
            .map(|test| self.plain(*test));
        if all.any(|result| result == Some(true)) {
            return Some(true);
        }
        let mut named = tests.iter().map(|test| self.of(*test));
        named.all(|result| result == Some(false)).then_some(false)
    }

    /// All of these are positive, or none is.
    fn all(&self, tests: &[Agent]) -> Option<bool> {
        let mut results = tests.iter().map(|test| self.of(*test));
        let first = results.next()??;
        results.all(|result| result == Some(first)).then_some(first)
    }
}

/// Says whether hepatitis B is there in the manner that a quote asks for.
pub(super) fn b(quote: &str, results: &Results) -> Option<bool> {
    let agent = Agent::Hbv;
    let stated = Stated { results, agent };
    if says(&EITHER_TEST, quote) && !says(&LESS_THAN_EITHER, quote) {
        let neither = || stated.all(&[Agent::Hbsag, Agent::HbvCore]).filter(|is| !is);
        return stated.any().filter(|is| *is).or_else(neither);
    }
    let named: Vec<Agent> = [
        (&SURFACE, Agent::Hbsag),
        (&CORE, Agent::HbvCore),
        (&GENES, Agent::HbvDna),
    ]
    .into_iter()
    .filter(|(pattern, _)| says(pattern, quote))
    .map(|(_, test)| test)
    .collect();
    if !named.is_empty() {
        return stated
            .all(&named)
            .filter(|is| !is || !says(&NEGATIVE, quote));
    }
    // Antibodies of no name may be those of a vaccine.
    if says(&ANTIBODY, quote) {
        return stated.any().filter(|is| !is);
    }
    let over = stated.of(Agent::HbvCore) != Some(false);
    let gone = stated.of(Agent::Hbsag) == Some(false)
        && (!over || stated.of(Agent::HbvDna) == Some(false));
    infected(quote, &stated, gone, over)
}

/// Says whether hepatitis C is there in the manner that a quote asks for.
pub(super) fn c(quote: &str, results: &Results) -> Option<bool> {
    let agent = Agent::Hcv;
    let stated = Stated { results, agent };
    if says(&GENES, quote) {
        return stated
            .of(Agent::HcvRna)
            .filter(|is| !is || !says(&NEGATIVE, quote));
    }
    let over = stated.of(Agent::HcvAntibody) != Some(false);
    if says(&ANTIBODY_OF_C, quote) && !says(&ACTIVE, quote) {
        // Whoever has the virus has its antibody, but for the first weeks.
        let positive = stated
            .any()
            .filter(|is| *is && stated.of(Agent::HcvAntibody) != Some(false));
        return positive.or_else(|| stated.of(Agent::HcvAntibody));
    }
    let gone = stated.of(Agent::HcvRna) == Some(false) || !over;
    infected(quote, &stated, gone, over)
}

/// A line that names no test: any test, or the virus itself. `gone` says that the virus is certainly
/// not there, `over` that it may have been.
fn infected(quote: &str, stated: &Stated<'_>, gone: bool, over: bool) -> Option<bool> {
    let proven = proofs(stated.agent)
        .iter()
        .any(|test| stated.plain(*test) == Some(true));
    if stated.none() && !proven {
        return Some(false);
    }
    let is_active = says(&ACTIVE, quote) && !says(&EVER, quote);
    let by_any_test = says(&ANY_TEST, quote) && !is_active;
    let asks_for_virus = says(&INFECTED, quote) && !says(&EVER, quote);
    if by_any_test && !asks_for_virus {
        return stated.any();
    }
    if proven {
        return (!says(&STATE, quote)).then_some(true);
    }
    (gone && !(says(&EVER, quote) && over)).then_some(false)
}
