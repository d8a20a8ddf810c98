//! The heart: its ejection fraction, its class of failure, events and diseases.

use std::ops::Range;

use super::{Rule, window_above};
use crate::criteria::fact::{Certainty, Fact, Polarity, Value};
use crate::criteria::item::Item;
use crate::criteria::pattern::patterns;
use crate::criteria::time::{Time, times};

patterns! {
    LVEF = r"ejection fraction|(?-u:\b)LVEF(?-u:\b)|(?-u:\b)EF(?-u:\b)";
    PERCENT = r"(?P<n>\d{2})\s*%";
    BELOW = r"<|≤|＜|less|lower|below|under|no (?:greater|more)|not (?:greater|more|exceed)";
    ABOVE = r">|≥|＞|greater|higher|above|over|at least|not (?:less|lower)|no (?:less|lower)";
    NYHA = r"(?:NYHA|New York Heart Association)\W*(?:\([^)]*\)\W*)?(?:(?:functional|stage|class|classification|grade|\w+)\W+){0,4}?(?P<class>III|IV|II|I|[1-4])(?-u:\b)|class (?P<only>III|IV)(?:\s*/\s*IV| or IV| to IV|-IV)? heart failure|(?P<front>III|IV|II)(?:\W+\w+){0,3}\W+NYHA";
    HEART = r"(?P<myocardial_infarction>myocardial infarct(?:ion)?|heart attack)|(?P<unstable_angina>unstable angina|unstable ischemic heart|unstable ischaemic heart|unstable coronary)|(?P<cabg>coronary (?:artery )?bypass|(?-u:\b)CABG(?-u:\b))|(?P<conduction_block>(?:AV|atrioventricular(?: \(AV\))?|heart|bundle branch|sinoatrial heart|conduction)[- ](?:conduction )?block|bundle branch block|conduction (?:abnormalit|disturbance|defect)\w*|sick sinus)|(?P<qt_prolongation>QTc?[- ]?(?:interval )?\s?prolong\w*|prolonged QTc?|prolongation of QTc?|long[- ]QT|QTc?F?(?: interval)?(?:\s*\([^)]{0,30}\))?(?: interval)?\s*(?:>|≥|(?:longer|greater|more) than|above))|(?P<arrhythmia>arrh?ythmias?|arrhythm ia|atrial fibrillation|ventricular tachycardia|rhythm disturbance)|(?P<heart_disease>(?:cardiac|heart|cardiovascular) (?:disease|disorder|condition|function|dysfunction|impairment)s?|heart failure|cardiac failure|ischa?emic heart disease|coronary (?:artery|heart) disease|cardiomyopathy|cardiac insufficiency)";
    HEART_DOUBT = r"clinically significant|severe|serious|significant|uncontrolled|requiring|impaired|poorly|symptomatic|unless|except|high-grade|complete|second|third|Mobitz|decompensated|e\.?g|including|known|class|major|history or presence|congestive|unstable ischemic|unstable ischaemic|QT|stage|bundle";
}

/// The heart.
pub(super) static RULES: [Rule; 3] = [
    Rule::one("ejection|ef", &LVEF, ejection_fraction),
    Rule::one("nyha|york|failure", &NYHA, heart_failure_class),
    Rule::many(
        "heart|cardi|coronary|myocardial|angina|cabg|block|conduction|sinus|qt|rhythm|arr|fibrillation|isch",
        &HEART,
        heart_events,
    ),
];

fn ejection_fraction(item: &Item<'_>) -> Option<Fact> {
    let span = LVEF.find(item.text)?;
    let clause = item.clause(span.start);
    let behind = item.part(span.end..clause.end);
    let parts = PERCENT.parts(behind)?;
    // Trials of the heart ask for weak ones: that is no lowest fraction.
    let comparison = &behind[..parts.get(0)?.start()];
    let (wrong, right) = if item.bars() {
        (&ABOVE, &BELOW)
    } else {
        (&BELOW, &ABOVE)
    };
    if wrong.is_in(comparison) && !right.is_in(comparison) {
        return None;
    }
    let value = Value::Cardiac {
        lvef_min: Some(parts["n"].parse().ok()?),
        nyha_min: None,
        event: None,
        window_months: None,
    };
    let quote = span.start..span.end + parts.get(0)?.end();
    Some(item.fact(value, Polarity::Require, quote, Certainty::Exact))
}

fn heart_failure_class(item: &Item<'_>) -> Option<Fact> {
    if !item.bars() {
        return None;
    }
    let parts = NYHA.parts(item.text)?;
    let class = ["class", "only", "front"]
        .into_iter()
        .find_map(|name| parts.name(name))?;
    let class = match class.as_str().to_uppercase().as_str() {
        "I" | "1" => 1,
        "II" | "2" => 2,
        "III" | "3" => 3,
        _ => 4,
    };
    let above = window_above(item);
    let value = Value::Cardiac {
        lvef_min: None,
        nyha_min: Some(class),
        event: None,
        window_months: above.as_ref().map(Time::months),
    };
    let clause = item.clause(parts.get(0)?.start());
    let certainty = Certainty::approximate_if(above.is_some());
    Some(item.fact(value, Polarity::Exclude, clause, certainty))
}

/// Codes of the events of [`HEART`].
const EVENTS: [&str; 7] = [
    "myocardial_infarction",
    "unstable_angina",
    "cabg",
    "conduction_block",
    "qt_prolongation",
    "arrhythmia",
    "heart_disease",
];

fn heart_events(item: &Item<'_>) -> Vec<Fact> {
    let mut said: Vec<&str> = Vec::new();
    let mut facts = Vec::new();
    if !item.bars() {
        return facts;
    }
    for parts in HEART.all_parts(item.text) {
        let named = |name: &&str| parts.name(name).is_some();
        let Some((event, all)) = EVENTS.into_iter().find(named).zip(parts.get(0)) else {
            continue;
        };
        if !said.contains(&event)
            && let Some(fact) = heart_event(item, event, &all.range())
        {
            said.push(event);
            facts.push(fact);
        }
    }
    facts
}

fn heart_event(item: &Item<'_>, event: &'static str, span: &Range<usize>) -> Option<Fact> {
    let clause = item.clause(span.start);
    let words = item.part(clause.clone());
    let lower = item.part(span.clone()).to_lowercase();
    let is_failure = lower.contains("failure") || lower.contains("function");
    // A class tells heart failure, a fraction tells "inadequate function, defined as LVEF < 40 %".
    let told = is_failure && NYHA.is_in(item.text)
        || event == "heart_disease" && LVEF.is_in(words) && PERCENT.is_in(words);
    let before = item.part(clause.start..span.start);
    let to_come = TO_COME.is_in(before) && !PAST.is_in(before);
    if told || to_come || OTHER_THAN_WELL.is_in(before) {
        return None;
    }
    let own = event_window(item, span, clause.end);
    let above = own.is_none().then(|| window_above(item)).flatten();
    let is_inherited = above.is_some();
    let value = Value::Cardiac {
        lvef_min: None,
        nyha_min: None,
        event: Some(event),
        window_months: own.or(above.map(|time| time.months())),
    };
    let certainty = Certainty::approximate_if(is_inherited || HEART_DOUBT.is_in(words));
    Some(item.fact(value, Polarity::Exclude, clause, certainty))
}

/// A window belongs to the event in front of it; at the end of a list, to all of the list.
fn event_window(item: &Item<'_>, event: &Range<usize>, end: usize) -> Option<f64> {
    let rest = item.part(event.end..end);
    let time = times(rest).into_iter().find(|time| time.is_window)?;
    let between = HEART.is_in(&rest[..time.span.start]);
    let behind = HEART.is_in(&rest[time.span.end..]);
    (!between || !behind).then(|| time.months())
}

patterns! {
    TO_COME = r"(?:scheduled|planned|planning|awaiting)[^.;]*$|need for(?: \w+){0,3}\s*$";
    PAST = r"histor|previous|prior";
    OTHER_THAN_WELL = r"\(other than[^)]*$|anti-?$|(?:at|increased|higher|additional) risk (?:of|for)[^.;]*$";
}
