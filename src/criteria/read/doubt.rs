//! What makes a fact hold less than its words: a line about other people, a part of the study or another
//! time, a denial among what bars, an example of what is judged, a sentence that was cut off.

use std::ops::Range;

use super::{Certainty, Fact, Polarity, Value};
use crate::criteria::item::Item;
use crate::criteria::pattern::{Pattern, patterns};
use crate::criteria::time::floor_boundary;

patterns! {
    ORGANS = r"cardi(?:ac|ovascular)|hepatic|liver|renal|kidney|pulmonary|respiratory|neurolog\w*|endocrin\w*|h(?:a)?ematolog\w*|gastrointestinal|(?-u:\b)GI(?-u:\b)|metabolic|immunolog\w*|psychiatric|dermatolog\w*|urolog\w*|ophthalmolog\w*|genitourinary|rheumatolog\w*|musculoskeletal|bone marrow|biliary|vascular";
    ONE_NOUN = r"diseases?|disorders?|conditions?|dysfunction|illness|impairment|symptoms|abnormalit";
    /// People who are not the patients.
    OTHER_PEOPLE = r"(?-u:\b)(?:care-?\s?givers?|carers?|care partners?|study partners?|healthy (?:volunteers?|controls?|subjects?|participants?|people|persons|individuals|donors?)|control (?:subjects?|group|participants?)|informants?)(?-u:\b)|^\W*(?:the )?(?:controls?|donors?)(?-u:\b)|(?-u:\b)of (?:the )?donors?(?-u:\b)";
    /// Whose age or score it may be.
    KIN = r"(?-u:\b)(?:partners?|spouses?|siblings?|parents?|relatives?|family members?|guardians?|companions?|donors?|controls|prox(?:y|ies)|dyads?|offspring)(?-u:\b)";
    /// "X only", "in the dose-escalation part", "first three participants".
    SOME = r"(?-u:\b)only\s*(?:[:：),–—-]|$)|(?:^\W*|(?-u:\b)(?:for|in|of|during)\s+)(?:the\s+)?(?:[\w-]+\s+){0,2}?(?:sub-?stud(?:y|ies)|(?:dose[- ])?(?:expansion|escalation|extension)(?: (?:part|phase|cohort|period|stage|study))?)(?-u:\b)|^\W*(?:the )?(?:sentinel|first|initial|subsequent|next|last|additional|some)\s+(?:\w+\s+){0,2}(?:participants|patients|subjects|people)(?-u:\b)";
    LABELLED = r"^\W*[^:]{0,60}(?-u:\b)(?:cohorts?|groups?|arms?|parts?|phases?|stages?|volunteers|strat(?:um|a)|sub-?stud(?:y|ies)|extension|period)(?-u:\b)[^:]{0,20}[:：]";
    OF_ALL = r"age groups?|(?-u:\b)(?:all|both|any|every)(?-u:\b)";
    /// "In Japan, …", "For participants enrolled in China: …".
    PLACE = r"(?:^\W*|\(\s*)(?:for|in|at)\s+(?:the\s+)?(?:(?:participants|patients|subjects|people|those|sites?|cent(?:er|re)s?)\s+)?(?:(?:enrol+ed|recruited|treated|living|screened|located)\s+)?(?:(?:in|at|from)\s+)?(?:the\s+)?(?P<name>(?-i:[A-Z][A-Za-z]+(?: [A-Z][A-Za-z]+)?))\s*(?:[,:：]|only(?-u:\b))";
    OF_MS = r"^(?:MS|Multiple)";
    /// A part of the study, which not everybody takes part in.
    PART = r"(?:^\W*|(?-u:\b)(?:for|in|of|if|only|enter\w*|into)\s+|\(\s*)(?:the )?(?:(?:participants|patients|subjects|people|those|all)\s+)?(?:(?:in|of|entering|joining|assigned to|enrol\w+ (?:in|to|into))\s+)?(?:the )?(?:parts?|stages?|arms?|cohorts?|groups?|sub-?stud(?:y|ies)|(?:study )?periods?)\s+(?-i:[A-Z]|[0-9]{1,2}[a-c]?|I{1,3}|IV|[Oo]ne|[Tt]wo|[Tt]hree)(?-u:\b)";
    /// When the disease began, or a treatment did: not today.
    AT_ONSET = r"(?:(?-u:\b)(?:at|by|on|from|before|prior to|during|until)\s+(?:the )?(?:(?:time|date|moment)\s+(?:of\s+)?)?(?:the )?(?:(?:MS|disease|symptom|initial|first|clinical|their)\s+)*(?:diagnosis|onset|manifestation|first (?:symptoms?|attack|relapse|event)))(?-u:\b)|(?-u:\b)when (?:first )?diagnosed";
    AT_START = r"(?-u:\b)(?:at|before|prior to|upon|when)\s+(?:the )?(?:(?:time|date)\s+of\s+)?(?:the )?(?:start(?:ing)?|initiation|initiating|beginning|commencement|commencing|introduction)\s+(?:of\s+)?(?P<what>[^.;]{2,40})";
    /// The study's own treatment begins behind its screening.
    AT_ONSET_ITSELF = r"(?-u:\b)at (?:the )?(?:(?:time|date) of )?(?:the )?(?:(?:MS|disease|symptom|initial|first)\s+)*(?:diagnosis|onset)(?-u:\b)";
    EARLIER_VALUE = r"(?-u:\b)ago(?-u:\b)|(?-u:\b)(?:one|two|three|four|five|\d{1,2}) years? (?:before|prior|earlier)|(?-u:\b)(?:during|at|in) (?:the |an? |their )?(?:last|latest|first|previous|most recent|qualifying)? ?(?:relapse|attack|exacerbation)|(?-u:\b)(?:before|prior to|after|following|since) (?:the |their )?(?:first|initial|previous|prior|any|start of)? ?(?:DMTs?|DMDs?|disease[- ]modifying)|(?-u:\b)after (?:the )?treatment|(?-u:\b)(?:nadir|historical|peak|highest|lowest|worst|best|maximal)(?-u:\b)";
    OF_THE_STUDY = r"^(?:the |this |their |protocol |any )*(?:study|stud(?:y|ies)|trial|screening|protocol|investigational|lymphodeplet|leuk|apheresis|infusion|conditioning|CAR|enrol|baseline|run-in|dosing|treatment(?:\W*$| period| phase| with (?:the )?(?:study|CAR)))";
    /// "Lack of a negative test", "patients who are not …".
    DENIED_LINE = r"^\W*(?:(?:any|the|an?|patients?|participants?|subjects?|people|persons|individuals|those|women|men|females?|males?|who|with|that|has|have|had|having|is|are|was|were|been|being|does|do|did)\s+)*(?:no|not|never|without|lack(?:ing)?(?: of)?|absence of|absent|missing|failure to|fails? to)(?-u:\b)";
    NO_DENIAL = r"^\W*(?:\w+\s+){0,6}?(?:not (?:limited to|only|willing|able|using|agree\w*|practi\w+|capable|suitable)|no (?:more|less|later|restriction))(?-u:\b)";
    /// A comma at the end of a line of a list breaks nothing off.
    LAST_COMMA = r",\s*$";
    JUDGED = r"judg|(?-u:\b)opinion|discretion|investigator (?:\w+ )?(?:considers?|believes?|deems?|thinks?)|in the (?:view|eyes) of|according to the investigator|as (?:determined|assessed|deemed) by the investigator";
    EXAMPLE = r"(?-u:\b)(?:e\.\s?g|such as|for example|for instance|including|like)(?-u:\b)";
}

/// Makes facts approximate whose line says something else of them, or of somebody else.
pub(super) fn weaken(item: &Item<'_>, facts: &mut [Fact]) {
    let head_of_others = item.head.is_some_and(|head| {
        let head = head.trim();
        !item.of_cohort && head.len() <= LABEL && (PART.is_in(head) || OTHER_PEOPLE.is_in(head))
    });
    for fact in facts.iter_mut() {
        let is_weak = head_of_others && decides(&fact.value)
            || is_of_a_part(item, fact)
            || is_of_another_time(item, fact)
            || is_denied(item, fact)
            || is_example_of_judgement(item, fact);
        if is_weak {
            fact.certainty = Certainty::Approximate;
        }
    }
}

/// Bytes of a line that announces a group, at most.
const LABEL: usize = 80;

/// Makes the facts of a last sentence approximate that breaks off.
pub(super) fn cut_off(item: &Item<'_>, facts: &mut [Fact]) {
    let Some(last) = item.clauses.last().filter(|_| !LAST_COMMA.is_in(item.text)) else {
        return;
    };
    for fact in facts
        .iter_mut()
        .filter(|fact| fact.quote.end > item.start + last.start)
    {
        fact.certainty = Certainty::Approximate;
    }
}

/// The words of the clause that a fact stands in.
fn around<'a>(item: &Item<'a>, fact: &Fact) -> &'a str {
    item.part(item.clause(fact.quote.start.saturating_sub(item.start)))
}

/// What is settled with the site never decides, and is asked of partners too.
fn decides(value: &Value) -> bool {
    !matches!(
        value,
        Value::Contraception { .. }
            | Value::Vaccination { .. }
            | Value::Plain("consent" | "venous_access" | "pregnancy" | "breastfeeding")
    )
}

fn is_of_a_part(item: &Item<'_>, fact: &Fact) -> bool {
    // A line that announces a list is the label of a cohort.
    let announces = item.text.trim_end().ends_with([':', '：']);
    if announces || item.of_cohort || !decides(&fact.value) {
        return false;
    }
    let words = around(item, fact);
    let elsewhere = |parts: regex::Captures<'_>| !OF_MS.is_in(&parts["name"]);
    let labelled = LABELLED.find(words).map(|label| &words[label]);
    let of_some = [&PART, &SOME, &OTHER_PEOPLE]
        .iter()
        .any(|pattern| pattern.is_in(words))
        || labelled.is_some_and(|label| !OF_ALL.is_in(label));
    of_some || PLACE.parts(words).is_some_and(elsewhere) || is_of_kin(item, fact)
}

/// A number may be that of somebody who stands before it.
fn is_of_kin(item: &Item<'_>, fact: &Fact) -> bool {
    let clause = item.clause(fact.quote.start.saturating_sub(item.start));
    let end = fact.quote.end.saturating_sub(item.start);
    let is_number = matches!(fact.value, Value::Age { .. } | Value::Edss { .. });
    is_number && KIN.is_in(item.part(clause.start..end.max(clause.start)))
}

fn is_of_another_time(item: &Item<'_>, fact: &Fact) -> bool {
    let clause = item.clause(fact.quote.start.saturating_sub(item.start));
    let end = (fact.quote.end.saturating_sub(item.start) + NEAR).min(clause.end);
    let near = item.part(clause.start..floor_boundary(item.text, end));
    let of_another = |parts: regex::Captures<'_>| !OF_THE_STUDY.is_in(parts["what"].trim_start());
    match fact.value {
        // "RRMS diagnosed two years ago" is RRMS today.
        Value::MsCourse { .. } => AT_ONSET_ITSELF.is_in(near),
        Value::Age { .. } | Value::Edss { .. } => {
            AT_ONSET.is_in(near)
                || EARLIER_VALUE.is_in(near)
                || AT_START.all_parts(near).any(of_another)
        }
        _ => false,
    }
}

/// Bytes behind a value in which the time stands that it is of.
const NEAR: usize = 50;

fn is_denied(item: &Item<'_>, fact: &Fact) -> bool {
    let is_own = matches!(
        fact.value,
        Value::Relapse { .. }
            | Value::MriActivity { .. }
            | Value::Contraception { .. }
            | Value::Plain("mri" | "lumbar_puncture" | "venous_access" | "consent")
    );
    let words = around(item, fact);
    item.bars() && !is_own && fact.polarity == Polarity::Exclude && begins_denied(words)
}

/// Says whether a line begins by denying what it names: "lack of …", "patients who have not …".
pub(super) fn begins_denied(words: &str) -> bool {
    DENIED_LINE.is_in(words) && !NO_DENIAL.is_in(words)
}

fn is_example_of_judgement(item: &Item<'_>, fact: &Fact) -> bool {
    let words = around(item, fact);
    let says = |pattern: &Pattern| pattern.is_in(words);
    matches!(
        fact.value,
        Value::Plain("mri" | "lumbar_puncture") | Value::Windowed(..)
    ) && says(&JUDGED)
        && says(&EXAMPLE)
}

/// Of three or more organ systems before one noun, only infection, PML and cancer count, loosely.
pub(super) fn without_systems(item: &Item<'_>, facts: &mut Vec<Fact>) {
    if facts.is_empty() {
        return;
    }
    let lists: Vec<&Range<usize>> = item
        .clauses
        .iter()
        .filter(|clause| {
            let words = item.part((*clause).clone());
            let mut organs: Vec<String> = ORGANS
                .all(words)
                .map(|span| words[span].to_lowercase())
                .collect();
            organs.sort();
            organs.dedup();
            organs.len() >= 3 && ONE_NOUN.is_in(words)
        })
        .collect();
    if lists.is_empty() {
        return;
    }
    let inside = |fact: &Fact| {
        let at = fact.quote.start.saturating_sub(item.start);
        lists.iter().any(|list| list.contains(&at))
    };
    facts.retain_mut(|fact| {
        if !inside(fact) {
            return true;
        }
        match fact.value.kind() {
            "infection" | "pml" | "malignancy" | "pregnancy" | "breastfeeding" | "lab" => {
                if !matches!(fact.value.kind(), "pregnancy" | "breastfeeding" | "lab") {
                    fact.certainty = Certainty::Approximate;
                }
                true
            }
            "cardiac" => matches!(fact.value, Value::Cardiac { event: None, .. }),
            "cns_disorder" | "psychiatric" | "immunodeficiency" | "other_autoimmune"
            | "hypersensitivity" | "mri_activity" | "progression" => false,
            _ => true,
        }
    });
}
