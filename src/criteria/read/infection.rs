//! Infections, and antibodies of other diseases.

use std::ops::Range;

use super::Rule;
use crate::criteria::fact::{Certainty, Fact, Polarity, Value};
use crate::criteria::item::Item;
use crate::criteria::pattern::patterns;
use crate::criteria::time::window;

patterns! {
    AGENT = r"(?P<hiv>(?-u:\b)HIV(?-u:\b)|human immunodeficiency virus|immunodeficiency virus|(?-i:(?-u:\b)AIDS(?-u:\b)))|(?P<hbc>hepatitis (?:B and C|B or C|B/C|B and/or C|B, C|C or B|B, and C))|(?P<hbv>hepatitis\s*-?B|hepatits B|(?-u:\b)HBV(?-u:\b)|HBsAg|HBcAb|HBV-DNA)|(?P<hcv>hepatitis\s*-?C|(?-u:\b)HCV(?-u:\b))|(?P<hep>hepatitis(?:\s+(?:infection|virus))?(?-u:\b))|(?P<tb>tuberculosis|(?-u:\b)TB(?-u:\b)|QuantiFERON)|(?P<syphilis>(?-u:\b)syphilis|treponema)|(?P<cmv>cytomegal\w*|(?-u:\b)H?CMV(?-u:\b))|(?P<ebv>Epstein-?\s?Barr|(?-u:\b)EBV(?-u:\b))|(?P<jcv>(?-u:\b)JCV(?-u:\b)|JC virus|John Cunningham)|(?P<covid>COVID-?\s?19|SARS-?CoV-?\s?2)";
    ACTIVE_INFECTION = r"(?-u:\b)(?:active|acute|ongoing|uncontrolled|uncontrollable|current|serious|severe|clinically significant|systemic|persistent|untreated)(?:[\s,/()-]+\w+){0,8}?[\s,/()-]+infect(?:ions?|ious (?:disease|disorder)s?)|infectious disorders?|infections? (?:that (?:is|are) )?(?:requiring|uncontrolled|active)|active infect|infectious disease|acute or chronic infection";
    INFECTION_NOT = r"mimic|infection of the (?:brain|CNS|central nervous)|vaccin|titer|titre|seronegative|immuni[sz]ation|chickenpox|risk (?:for|of) infection|history of (?:recurrent|opportunistic)|hepatitis or hepatobiliary|autoimmune hepatitis|history of severe hepatitis|prophyla\w+ only";
    INFECTION_DOUBT = r"(?-u:\b)(?:active|acute|chronic) (?:tuberculosis|TB|hepatitis|syphilis|CMV|EBV|cytomegal)|antibody index|index (?:>|≥|of|above|over|greater|higher)|unless|except|treated|untreated|PCR|DNA|RNA|adequately|fungal|active hepatitis|active (?:infection (?:with|of)|HBV|HCV)|allowed|prophyl|HPV|papilloma|herpes|varicella|HTLV|other chronic|severe|serious|uncontrolled|latent|significant|persistent|active systemic|etc";
    NEGATIVE = r"negative|seronegative|absence|no (?:evidence|history|active)|free of|not (?:have|infected)|(?-u:\b)no(?-u:\b)|without";
    ANTIBODY = r"(?P<aqp4>AQP-?4|aquaporin[- ]?4?)|(?P<mog>(?-u:\b)(?:anti-)?MOG(?-u:\b)|myelin oligodendrocyte glycoprotein)";
}

/// Infections, and antibodies of other diseases.
pub(super) static RULES: [Rule; 3] = [
    Rule::one(
        "hiv|immunodeficiency|aids|hepati|hbv|hbsag|hbcab|hcv|tubercul|tb|quantiferon|syphilis|treponema|cytomegal|cmv|epstein|ebv|jc|cunningham|covid|sars",
        &AGENT,
        named_infections,
    ),
    Rule::one("infect", &ACTIVE_INFECTION, active_infection),
    Rule::one("aqp|aquaporin|mog|myelin", &ANTIBODY, antibodies),
];

/// Codes of the agents of [`AGENT`].
const AGENTS: [(&str, &[&str]); 11] = [
    ("hiv", &["hiv"]),
    ("hbc", &["hbv", "hcv"]),
    ("hbv", &["hbv"]),
    ("hcv", &["hcv"]),
    ("hep", &["hbv", "hcv"]),
    ("tb", &["tb"]),
    ("syphilis", &["syphilis"]),
    ("cmv", &["cmv"]),
    ("ebv", &["ebv"]),
    ("jcv", &["jcv"]),
    ("covid", &["covid"]),
];

/// Agents that are named, from the first to the last.
fn agents(item: &Item<'_>) -> Option<(Vec<&'static str>, Range<usize>)> {
    let mut agents: Vec<&'static str> = Vec::new();
    let mut whole: Option<Range<usize>> = None;
    for parts in AGENT.all_parts(item.text) {
        let span = parts.get(0)?.range();
        if INFECTION_NOT.is_in(item.part(item.clause(span.start))) {
            continue;
        }
        let is_surface = parts.name("hep").is_some()
            && item.part(span.end..).trim_start().starts_with("surface");
        let named = AGENTS
            .iter()
            .find(|(name, _)| parts.name(name).is_some())
            .map_or(&[][..], |(_, codes)| codes);
        for code in named.iter().take(if is_surface { 1 } else { 2 }) {
            if !agents.contains(code) {
                agents.push(code);
            }
        }
        whole = Some(whole.map_or(span.clone(), |one| one.start..span.end));
    }
    Some((agents, whole?))
}

/// Says whether a clause bars infections.
fn infection_bars(item: &Item<'_>, at: usize) -> bool {
    item.bars() || NEGATIVE.is_in(item.part(item.clause(at)))
}

fn named_infections(item: &Item<'_>) -> Option<Fact> {
    let (agents, span) = agents(item)?;
    if !infection_bars(item, span.start) {
        return None;
    }
    let quote = item.clause(span.start).start..item.clause(span.end.saturating_sub(1)).end;
    let words = item.part(quote.clone());
    let lacks = item.bars() && (TESTED_NEGATIVE.is_in(words) || item.negated(span.start));
    let certainty =
        Certainty::approximate_if(lacks || INFECTION_DOUBT.is_in(words) || window(words).is_some());
    Some(item.fact(
        Value::Infection(agents),
        Polarity::Exclude,
        quote,
        certainty,
    ))
}

fn active_infection(item: &Item<'_>) -> Option<Fact> {
    let active = ACTIVE_INFECTION.find(item.text)?;
    let clause = item.clause(active.start);
    let told_by_agent = AGENT.is_in(item.part(active.clone()))
        || NAMED_INFECTION.is_in(item.part(active.end..))
        || active.end == item.text.len() && agents(item).is_some();
    if told_by_agent
        || !infection_bars(item, active.start)
        || CHRONIC_ONLY.is_in(item.part(clause.start..active.end))
        || INFECTION_NOT.is_in(item.part(clause))
    {
        return None;
    }
    Some(item.fact(
        Value::Infection(vec!["any_active"]),
        Polarity::Exclude,
        active,
        Certainty::approximate_if(!ANY_INFECTION.is_in(item.text)),
    ))
}

patterns! {
    /// Among exclusions it is the lack of the agent that bars, or of antibodies to it.
    TESTED_NEGATIVE = r"negative|seronegative|unknown|undetermined|untested|missing|not (?:known|tested|available|done|performed)|(?:not|non)[- ]?immune|no immunity";
    /// Nothing is said but that.
    ANY_INFECTION = r"^\W*(?:any |an )?active infections?\W*$";
    CHRONIC_ONLY = r"^\W*chronic (?:viral|bacterial|or|fungal|systemic|infection)";
    NAMED_INFECTION = r"^\s*(?:with|of|by) (?:human|hepatitis|HIV|HBV|HCV|TB|tuberculosis|cytomegal|SARS|COVID)";
}

fn antibodies(item: &Item<'_>) -> Option<Fact> {
    let mut agents: Vec<&'static str> = Vec::new();
    let mut span: Option<Range<usize>> = None;
    for parts in ANTIBODY.all_parts(item.text) {
        let name = if parts.name("aqp4").is_some() {
            "aqp4"
        } else {
            "mog"
        };
        if !agents.contains(&name) {
            agents.push(name);
        }
        let here = parts.get(0)?.range();
        span = Some(span.map_or(here.clone(), |one: Range<usize>| one.start..here.end));
    }
    let span = span?;
    let clause = item.clause(span.start);
    let words = item.part(clause.clone());
    if DISEASE_BEHIND.is_in(item.part(span.end..clause.end)) && !POSITIVE.is_in(words) {
        return None;
    }
    let negative = NEGATIVE_TEST.is_in(words);
    let polarity = Polarity::exclude_if(item.bars_at(span.start) || negative);
    let lacks = item.bars() && (negative || item.negated(span.start));
    Some(item.fact(
        Value::Antibody(agents),
        polarity,
        span.start..clause.end,
        Certainty::approximate_if(lacks || BOTH.is_in(words)),
    ))
}

patterns! {
    DISEASE_BEHIND = r"^\W*(?:antibody[- ])?(?:associated )?(?:disease|disorder)";
    /// Only who has both: one alone is another matter.
    BOTH = r"(?-u:\b)(?:double|dual|both)(?-u:\b)";
    POSITIVE = r"positiv|seropos|antibod|IgG|presence";
    NEGATIVE_TEST = r"negative|seronegative";
}
