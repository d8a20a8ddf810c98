//! Disease activity: relapses, MRI, worsening, and what happened on treatment.

use std::borrow::Cow;
use std::ops::Range;

use regex::Captures;

use super::{Found, Rule};
use crate::criteria::fact::{Certainty, Fact, Polarity, Value};
use crate::criteria::item::Item;
use crate::criteria::pattern::patterns;
use crate::criteria::time::{Time, floor_boundary, small_count, times};

patterns! {
    OR_ABSENT = r"(?-u:\b)or (?:no|absence|without|lack|free)(?-u:\b)";
    RELAPSE = r"(?-u:\b)(?:relapses?(?-u:\b)|exacerbations?|attacks?(?-u:\b)|clinical recurrences?|recurrence within|episodes? of disease activity)(?P<free>[- ]free)?";
    EPISODE = r"episodes? of disease activity";
    COUNT = r"(?:(?P<sign>at least|≥|>=|>|=|minimum of|more than|or more)\s*)?(?-u:\b|^)(?P<n>\d{1,2}|one|two|three|four|a single)\s*(?:\(\d\)\s*)?(?:or more\s+)?(?:(?:documented|confirmed|clinical|clinically|well|MS|acute|disabling|severe|qualifying|new|previous|recent|protocol-defined|multiple|sclerosis|defined|and/or|prior)[\s-]+)*(?:\w+[- ]confirmed\s+)?$";
    RELAPSE_NOT = r"(?:panic|heart|isch(?:a)?emic|migraine|headache|vertigo|anxiety|angina|epileptic|COPD|asthma|respiratory|pulmonary|lung|heart failure|(?-u:\b)HF|cancer|tumou?r|gout|arthritis|psoriasis)\s*(?:disease )?$|(?:for (?:an? |the |treatment of (?:an? )?|MS )?|independent of(?: clinical| or not explained by)?|explained by(?: multiple sclerosis \(MS\)| MS)?|superimposed|with or without|between|outside|during|(?:onset|start|time|date|definition) of an? (?:MS )?|from an? (?:previous |prior )?(?:MS )?|treat(?:ment|ed) (?:of|for)(?: an?| the)?|consistent with(?:\s+an?)?(?:\s+(?:MS|clinical))?|previous|stabili[sz]ed from a previous)\s*$";
    RELAPSE_DEFINED = r"^\s*(?:is|are|was|were)\s+(?:defined|not expected)|^\s*(?:should|must|may|will) (?:be )?(?:stable|confirmed|have required)|^\s*onset of|^/remission|^\s*rate|^\s*treat(?:ment|s|ing)|^-associated|^[- ]?remitting|^s? of (?:depress|psych|addict|alcohol|substance|leuk|lymphoma|tumou?r|infection|COPD|asthma|chronic|heart|HF|respiratory|cancer|underlying)|^\s*or remission|^s? during the screening|^\s*after treatment";
    TOO_MANY = r"(?:>|＞|more than|over|greater than|exceed\w*|in excess of)\s*(?:\d+|one|two|three|four|five)(?:\s*\(\d+\))?\s*(?:[\w-]+ ){0,3}$";
    /// A number of relapses that is not reached, or not passed.
    FEWER = r"(?P<not>(?-u:\b)(?:no|not)\s+)?(?P<sign>(?:fewer|less) than(?: or equal to)?|<=|[<＜≤]|below|under|at most|up to|(?:no|not) more than|maximum(?: of)?|not exceeding)\s*(?P<n>\d{1,2}|one|two|three|four|five)(?:\s*\(\d+\))?\s*(?:[\w/-]+ ){0,4}$";
    STRICTLY = r"^(?:(?:fewer|less) than|[<＜]|below|under)$";
    HAS_HAD = r"documentation of|documented|evidence of|experienced|history of|have had|had (?:a|an|at least)|with (?:a|an|at least|recent)|presence of|occurrence of|recent|must have|evidenced by|defined (?:as|by)";
    CURRENT = r"(?-u:\b)(?:current|currently|ongoing|acute|active)(?:ly)?(?-u:\b)[^.;]{0,30}$";
    LAST_RELAPSE = r"last (?:(?:clinical|MS|documented) )?(?:relapse|exacerbation|attack)[^.;]{0,50}(?:at least|more than|>|≥|>=)";
    OR = r"(?-u:\b)(?:or|and/or)(?-u:\b)|alternatively|at least 1 out of";
    NO_CHOICE = r"^or (?:more|greater|higher|later|newly|new|enlarg\w*)(?-u:\b)";

    MRI_WORD = r"(?P<gd>gadolinium(?:\s*\(Gd(?:\+|E)?\))?[-+\s]*(?:positive\s+|enhanc\w*)|(?-u:\b)Gd(?:\+|E(?-u:\b)|[-\s]?enhanc\w*|[-\s]positive)|(?:T1[- ])?\s*gadolinium\s*\(Gd\)\s*[-+]+|contrast[- ]enhancing lesion|enhancing (?:MRI )?lesion|gadolinium enhancement)|(?P<t2>new(?:ly)?(?: or (?:newly )?enlarg(?:ing|ed)| and/or enlarging)?\s+T2|enlarging T2|new or active T2|increase (?:in|of) (?:the )?T2|(?:and/or|or)\s+T2[- ]hyperintense)|(?P<any>MRI (?:disease )?activity|(?:disease )?activity (?:seen )?on (?:brain )?MRI|MRI evidence of (?:MS )?disease activity|radiolog\w+ (?:disease )?activity|new MRI lesions|new (?:brain |MRI )?lesions?|(?-u:\b)active lesions?|episodes? of disease activity|activity seen on MRI)";
    MRI_NOT = r"allerg|sensitiv|contraindicat|intoleran|administration of gad|with gadolinium administration|nephrogenic|side effects|claustrophob|renal";
    PROGRESSION = r"worsening by|progression (?:despite|in spite of)|worsening of (?:at least )?[\d.]+ (?:EDSS )?points?|(?:disability|disease|EDSS|clinical)\s+(?:disability\s+)?(?:progression|worsening)|progression (?:of|in) (?:disability|EDSS|disease|the EDSS)|(?:worsening|deterioration|increase|rise) (?:of|in) (?:the |their )?(?:EDSS|disability|disease|neurological)|objective worsening|EDSS (?:increase|worsening|progression|rise)|confirmed (?:disability )?(?:worsening|progression)|progressive (?:decline|worsening|increase)|worsening of (?:disease|disability)|neurological(?:ly)? (?:deteriorat|worsen)\w*|clinical worsening";
    PROGRESSION_NOT = r"followed by\s+$|^\W*defined|not (?:caused|explained)|rate of\s+$|slow(?:s|ing)?\s+$|without\s+$|no\s+$|monitor|measure|outcome|(?:at least|least) \S+ months of\s+$";
    FAILURE = r"(?-u:\b)(?:despite|in spite of|fail(?:ed|ure|s|ing)?(?: of| to respond to| to| on)?|(?:inadequate|suboptimal|insufficient|poor|lack of|no|incomplete)\s+(?:clinical |treatment |therapeutic )?(?:response|efficacy)|refractory to|resistant to|treatment[- ](?:resistant|refractory)|breakthrough|while (?:being |receiving |taking |treated |remaining )?(?:on|with|taking|receiving)|(?:while|during|under|on)(?: prior| previous| ongoing| stable| standard of care| therapy)?\s+(?:therapy|treatment) with|on therapy|under therapy|on (?:an?|at least one|one) [\w-]+(?: [\w-]+)? (?:therapy|treatment)|non-?responders?|not (?:been )?(?:well[- ])?controlled|not respond\w*|still relapse after|following ≥|activity (?:on|during|under) )";
    FAILURE_NOT = r"depress|(?-u:\b)pain|spasm|spastic|migraine|headache|anxiety|bladder|failure to (?:accept|comprehend|comply)|contraception|failure rate|heart failure|cardiac failure|renal failure|organ failure|liver failure|kidney failure|respiratory failure|(?:is|are) well[- ]controlled|seizure|diabetes|hypertension|even if|psychiatric|asthma|congestive|screen fail|supplement|study drug|while on study|NYHA|infection|birth control|hepatic|active-controlled|placebo";
}

/// Relapses and scans, worsening, and treatments that failed.
pub(super) static RULES: [Rule; 4] = [
    Rule::many(
        "relaps|exacerbation|attack|recurrence|episode",
        &RELAPSE,
        relapses,
    )
    .about_ms(),
    Rule::many(
        "mri|lesion|gadolinium|gd|enhanc|t2|activity|episode",
        &MRI_WORD,
        mri,
    )
    .about_ms(),
    Rule::one(
        "progress|worsen|deterior|increase|rise|decline",
        &PROGRESSION,
        progression,
    )
    .about_ms(),
    Rule::more(
        "fail|respon|despite|spite|efficacy|refractory|resistant|breakthrough|while|therapy|treatment|controlled|relapse|following|activity",
        &FAILURE,
        failure,
    ),
];

/// Says whether a text gives a choice: "one or more" gives none.
fn says_or(text: &str) -> bool {
    OR.all(text).any(|or| !NO_CHOICE.is_in(&text[or.start..]))
}

/// "A relapse or a lesion": each is only an alternative.
pub(super) fn alternatives(item: &Item<'_>, facts: &mut [Fact]) {
    let is_activity = |fact: &&mut Fact| matches!(fact.value.kind(), "relapse" | "mri_activity");
    let found = facts.iter_mut().filter(is_activity).count();
    if found < 2 || !says_or(item.text) {
        return;
    }
    for fact in facts.iter_mut().filter(is_activity) {
        if fact.polarity == Polarity::Require {
            fact.certainty = Certainty::Approximate;
        }
    }
}

/// The first window of a text, in months.
fn months(text: &str) -> Option<f64> {
    times(text)
        .into_iter()
        .find(|time| time.is_window)
        .map(|time| time.months())
}

/// The part of a clause that belongs to a mention: up to the next alternative with a count of its own.
fn reach(item: &Item<'_>, mention: &Range<usize>) -> Range<usize> {
    let clause = item.clause(mention.start);
    let rest = item.part(mention.end..clause.end);
    let stop = NEXT_ALTERNATIVE
        .find(rest)
        .map_or(clause.end, |next| mention.end + next.start);
    clause.start..stop
}

patterns! {
    NEXT_ALTERNATIVE = r"(?:,|\s)\s*(?:or|and/or|and)\s+(?:by |with |must have |have had |show |evidence of |asymptomatic |on a separate occasion)?\s*(?:at least|≥|>=|=|one|two|three|\d|MRI|evidence of at)(?-u:\b|\s*\d)";
}

fn relapses(item: &Item<'_>) -> Vec<Fact> {
    let mut facts: Vec<Fact> = Vec::new();
    for parts in RELAPSE.all_parts(item.text) {
        let Some(fact) = mention(item, &parts).and_then(|one| relapse(item, &one)) else {
            continue;
        };
        let said = |one: &Fact| one.value == fact.value && one.polarity == fact.polarity;
        if !facts.iter().any(said) {
            facts.push(fact);
        }
        let behind = parts.get(0).map_or(0, |all| all.end());
        let more = and_in_time(item, behind);
        facts.extend(more.filter(|more| facts.iter().all(|one| one.value != more.value)));
    }
    // A bare mention beside a counted one in the same criterion says nothing new.
    let count = |fact: &Fact| match fact.value {
        Value::Relapse {
            min_count,
            window_months,
        } => (min_count, window_months),
        _ => (None, None),
    };
    if facts
        .iter()
        .any(|fact| matches!(count(fact), (Some(_), Some(_))))
    {
        facts.retain(|fact| count(fact) != (Some(1), None));
    }
    facts
}

/// "A relapse in the last year, or two in the last two years": the second count names no relapse.
fn and_in_time(item: &Item<'_>, from: usize) -> Option<Fact> {
    let clause = item.clause(from);
    let near = from..floor_boundary(item.text, from + NEXT_COUNT).min(clause.end);
    let behind = item.part(near);
    let parts = AND_IN_TIME.parts(behind)?;
    let all = parts.get(0)?.range();
    // What names a relapse of its own is read for itself.
    if item.bars() || item.negated(from) || RELAPSE.is_in(&behind[..all.end]) {
        return None;
    }
    let time = times(&behind[all.start..])
        .into_iter()
        .find(|time| time.is_window)?;
    let value = Value::Relapse {
        min_count: Some(small_count(&parts["n"])?),
        window_months: Some(time.months()),
    };
    let quote = from + parts.name("n")?.start()..from + all.start + time.span.end;
    let certainty = Certainty::approximate_if(says_or(item.part(clause)));
    Some(item.fact(value, Polarity::Require, quote, certainty))
}

/// Bytes behind a relapse in which a second count and its time stand.
const NEXT_COUNT: usize = 160;

patterns! {
    AND_IN_TIME = r"(?-u:\b)(?:or|and)\s+(?:at least |≥\s*)?(?P<n>one|two|three|four|\d)(?: or more)?\s+(?:in|within|during|over)(?-u:\b)";
    /// "Free of relapses for at least 3 months".
    FOR_A_TIME = r"(?-u:\b)for\s+(?:at least |a minimum of |≥\s*|the (?:last|past) )?$";
    STARTS_WITH_NO = r"^\W*(?:no|absence of)(?-u:\b)";
}

/// The time that something denied has been absent.
fn absent_for(words: &str) -> Option<f64> {
    let mut found = times(words).into_iter();
    let time = found.find(|time| FOR_A_TIME.is_in(&words[..time.span.start]))?;
    Some(time.months())
}

/// "A relapse or a lesion in the past year": the time stands behind the last alternative.
fn shared_window(words: &str) -> Option<f64> {
    let mut windows = times(words).into_iter().filter(|time| time.is_window);
    let only = windows.next().filter(|_| says_or(words))?;
    windows.next().is_none().then(|| only.months())
}

/// A relapse that a criterion speaks of.
struct Mention<'a> {
    span: Range<usize>,
    clause: Range<usize>,
    /// What stands before it in its clause.
    lead: &'a str,
    /// The part of the clause that belongs to it, and its words.
    reach: Range<usize>,
    words: &'a str,
    /// Months that are looked back, where the clause says so itself.
    own: Option<f64>,
    /// It is denied: "no relapse", "relapse-free", "last relapse at least …".
    negative: bool,
}

fn mention<'a>(item: &Item<'a>, parts: &Captures<'a>) -> Option<Mention<'a>> {
    let span = parts.get(0)?.range();
    let clause = item.clause(span.start);
    let lead = item.part(clause.start..span.start);
    let free = parts.name("free").is_some();
    let denied = item.negated(span.start);
    let defined = RELAPSE_DEFINED.is_in(item.part(span.end..)) && !free && !denied;
    // "SPMS without relapses" among the exclusions bars no relapse.
    let begins = item.bars() && BEGINS.is_in(lead);
    if RELAPSE_NOT.is_in(lead) && !begins || defined || item.bars() && denied {
        return None;
    }
    let reach = reach(item, &span);
    let words = item.part(reach.clone());
    let negative = denied || free || LAST_RELAPSE.is_in(item.part(clause.clone()));
    let own = months(item.part(span.end.min(reach.end)..reach.end))
        .or_else(|| months(words))
        .or_else(|| negative.then(|| absent_for(words)).flatten())
        .or_else(|| {
            let is_required = !negative && !item.bars();
            let behind = item.part(span.end..clause.end);
            is_required.then(|| shared_window(behind)).flatten()
        });
    Some(Mention {
        span,
        clause,
        lead,
        reach,
        words,
        own,
        negative,
    })
}

fn relapse(item: &Item<'_>, one: &Mention<'_>) -> Option<Fact> {
    if let Some(enough) = enough_relapses(one.lead) {
        // "Fewer than two" among exclusions asks for two; how many are too many no fact can hold.
        return (item.bars() && !one.negative)
            .then(|| lacking_relapses(item, one, enough))
            .flatten();
    }
    let count = COUNT.parts(one.lead).and_then(|count| {
        Some((
            small_count(&count["n"])?,
            one.clause.start + count.get(0)?.start(),
        ))
    });
    if item.bars() || one.negative {
        barred_relapse(item, one)
    } else {
        required_relapse(item, one, count)
    }
}

/// The number from which on there are no longer too few; "no fewer than two" sets no such bound.
fn enough_relapses(lead: &str) -> Option<u32> {
    let parts = FEWER
        .parts(lead)
        .filter(|parts| parts.name("not").is_none())?;
    let number = small_count(&parts["n"])?;
    let strictly = STRICTLY.is_in(&parts["sign"]);
    Some(if strictly { number } else { number + 1 })
}

fn lacking_relapses(item: &Item<'_>, one: &Mention<'_>, enough: u32) -> Option<Fact> {
    let words = item.part(one.clause.clone());
    let start = one.clause.start + FEWER.find(one.lead)?.start;
    // Another number in the line is another condition: only both together bar.
    let more = times(words).len() > 1 || JOINS.is_in(words);
    let value = Value::Relapse {
        min_count: Some(enough),
        window_months: one.own,
    };
    let certainty = Certainty::approximate_if(more || one.own.is_none());
    Some(item.fact(value, Polarity::Require, start..one.reach.end, certainty))
}

fn barred_relapse(item: &Item<'_>, one: &Mention<'_>) -> Option<Fact> {
    // "More than two relapses" bars a number that no fact can hold, not any relapse.
    if item.bars() && TOO_MANY.is_in(one.lead) {
        return None;
    }
    let now = CURRENT.is_in(one.lead) && one.own.is_none();
    let any = last_relapse(item, &one.clause)
        .or(one.own)
        .or(now.then_some(0.0));
    let plain = one.negative || item.text.trim().len() < 40 || BEGINS.is_in(one.lead);
    if any.is_none() && !plain {
        return None;
    }
    let clause = item.part(one.clause.clone());
    let start = one.clause.start + clause.len() - clause.trim_start().len();
    let value = Value::Relapse {
        min_count: None,
        window_months: any,
    };
    let treated = TREATED.is_in(item.part(one.span.end..one.reach.end.max(one.span.end)));
    let undated = any.is_none() && BETWEEN.is_in(one.words);
    // One of two absences may be enough ("no relapse and/or no activity on MRI").
    let behind = item.part(one.span.end..one.clause.end.max(one.span.end));
    let either = one.negative && !item.bars() && OR_ABSENT.is_in(behind);
    let certainty = Certainty::approximate_if(undated || treated || either);
    Some(item.fact(value, Polarity::Exclude, start..one.reach.end, certainty))
}

fn required_relapse(
    item: &Item<'_>,
    one: &Mention<'_>,
    count: Option<(u32, usize)>,
) -> Option<Fact> {
    let had = || Some((1, one.clause.start + HAS_HAD.find(one.lead)?.start));
    let on_treatment = || {
        let begins = one.lead.trim().is_empty();
        let behind = item.part(one.span.end..one.clause.end);
        (begins && WHILE_TREATED.is_in(behind)).then_some((1, one.span.start))
    };
    let (count, start) = count.or_else(had).or_else(on_treatment)?;
    let is_episode = EPISODE.is_in(item.part(one.span.clone()));
    let undated = one.own.is_none() && !MUST_BE_RELAPSE.is_in(item.part(one.span.end..));
    if is_episode && (undated || ON_TREATMENT.is_in(one.words)) {
        return None;
    }
    let doubtful = is_episode
        || SEVERE.is_in(item.part(start..one.span.start))
        || one.own.is_none()
        || says_or(item.part(one.clause.clone()))
        || PERIOD_AFTER.is_in(one.words);
    let value = Value::Relapse {
        min_count: Some(count),
        window_months: one.own.or_else(|| inherited(item)),
    };
    let certainty = Certainty::approximate_if(doubtful);
    Some(item.fact(value, Polarity::Require, start..one.reach.end, certainty))
}

patterns! {
    JOINS = r"(?-u:\b)(?:and|or|and/or|if|unless)(?-u:\b)";
    /// Only such relapses are barred.
    TREATED = r"^\s*(?:that |which )?(?:were |was )?(?:treated with|requir)";
    WHILE_TREATED = r"^[^.;:]{0,60}(?-u:\b)(?:despite|in spite of|while (?:on|taking|receiving)|on an? [\w-]+(?: [\w-]+)? (?:therapy|treatment))(?-u:\b)|^\W*(?:while|during|on|under)(?-u:\b)";
    /// "Onset of a relapse …" among the exclusions is a relapse.
    BEGINS = r"^\W*(?:onset|occurrence|start|presence) of an? (?:new )?(?:MS )?$";
    DISEASE_ACTIVITY = r"(?:disease|clinical|MS|active) activity|active disease";
    BETWEEN = r"(?-u:\b)(?:between|during|after|until)(?-u:\b)";
    MUST_BE_RELAPSE = r"^\s+must be an? (?:clinical )?(?:MS )?relapse";
    ON_TREATMENT = r"following ≥|following at least|while on|on treatment|after a minimum";
    SEVERE = r"disabling|severe|major";
    PERIOD_AFTER = r"after first|with residual|requir|treated with|documented";
}

/// "Last relapse at least 2 months ago" bars relapses in these months.
fn last_relapse(item: &Item<'_>, clause: &Range<usize>) -> Option<f64> {
    let words = item.part(clause.clone());
    LAST_RELAPSE.find(words)?;
    times(words).first().map(Time::months)
}

/// A definition takes over the window of the criterion that it explains.
fn inherited(item: &Item<'_>) -> Option<f64> {
    let head = item.head?;
    (RELAPSE.is_in(head) || EPISODE.is_in(head) || DISEASE_ACTIVITY.is_in(head))
        .then(|| months(head))
        .flatten()
}

/// Kinds of activity that stand below a sentence are dated by it; what only
/// tells what an episode is, is not.
fn explained(item: &Item<'_>) -> Option<f64> {
    let head = item.head.filter(|head| !EPISODE.is_in(head))?;
    DISEASE_ACTIVITY.is_in(head).then(|| months(head)).flatten()
}

fn mri(item: &Item<'_>) -> Vec<Fact> {
    let mut facts: Vec<Fact> = Vec::new();
    let mut done = 0;
    for parts in MRI_WORD.all_parts(item.text) {
        let Some(lesions) = lesions(item, &parts).filter(|one| one.span.start >= done) else {
            continue;
        };
        done = lesions.span.end;
        let alone = facts.is_empty() && item.head.is_none_or(|head| !TELLS_ACTIVITY.is_in(head));
        let fact = lesion_fact(item, &lesions, alone);
        facts.extend(fact.filter(|fact| facts.iter().all(|one| one.value != fact.value)));
    }
    facts
}

/// Lesions that a criterion speaks of in one breath.
struct Lesions {
    /// From the first mention to the last.
    span: Range<usize>,
    /// The first mention.
    first: Range<usize>,
    /// `gd`, `new_t2` or `any`.
    lesion: &'static str,
}

fn lesions(item: &Item<'_>, parts: &Captures<'_>) -> Option<Lesions> {
    let first = parts.get(0)?.range();
    let clause = item.clause(first.start);
    let near = floor_boundary(item.text, first.start.saturating_sub(80)).max(clause.start)
        ..floor_boundary(item.text, first.end + 80).min(clause.end);
    let condition = IF.is_in(item.part(clause.start..first.start));
    if condition || MRI_NOT.is_in(item.part(near)) {
        return None;
    }
    let (mut gd, mut t2) = (parts.name("gd").is_some(), parts.name("t2").is_some());
    let mut end = first.end;
    // Lesions of both kinds in one breath are one demand.
    for next in MRI_WORD.all_parts(item.part(first.end..clause.end)) {
        let span = next.get(0)?.range();
        if first.end + span.start > end + NEAR {
            break;
        }
        gd |= next.name("gd").is_some();
        t2 |= next.name("t2").is_some();
        end = first.end + span.end;
    }
    let any = parts.name("any").is_some() && !NEW_LESION.is_in(item.part(first.clone()));
    let lesion = match (gd, t2) {
        (true, false) if !any => "gd",
        (false, true) if !any => "new_t2",
        _ => "any",
    };
    Some(Lesions {
        span: first.start..end,
        first,
        lesion,
    })
}

/// Bytes between two kinds of lesions that are named in one breath, at most.
const NEAR: usize = 45;

fn lesion_fact(item: &Item<'_>, one: &Lesions, alone: bool) -> Option<Fact> {
    let clause = item.clause(one.span.start);
    let words = item.part(clause.clone());
    let is_episode = EPISODE.is_in(item.part(one.first.clone()));
    let reach = reach(item, &one.span);
    let tail = item.part(one.span.end.min(reach.end)..reach.end);
    let own = months(tail).or_else(|| months(item.part(reach.clone())));
    let window_months = own.or_else(|| explained(item));
    // A line under another, or behind a first demand, explains that one.
    let defines = one.lesion == "any" && window_months.is_none() && !alone;
    if defines || is_episode && (own.is_none() || ON_TREATMENT.is_in(words)) {
        return None;
    }
    let denied = item.negated(one.span.start);
    let lead = item.part(clause.start..one.span.start);
    let begins = lead.len() <= 25 && !lead.contains(|c: char| c.is_ascii_digit());
    // "No new lesion" among the exclusions asks for one; any other denial there is too much to tell.
    let asks = item.bars() && denied && STARTS_WITH_NO.is_in(words);
    if item.bars() && (denied && !asks || !denied && !begins && !LESION_BARS.is_in(words)) {
        return None;
    }
    let doubtful = is_episode
        || COUNTED_LESIONS.is_in(words)
        || says_or(item.part(clause.start..one.span.start))
        || says_or(item.part(one.span.end..clause.end));
    let start = LESION_START
        .find(item.part(clause.start..one.span.start))
        .map_or(one.span.start, |lead| clause.start + lead.start);
    Some(item.fact(
        Value::MriActivity {
            lesion: one.lesion,
            window_months,
        },
        Polarity::exclude_if((item.bars() || denied) && !asks),
        start..reach.end.max(one.span.end),
        Certainty::approximate_if(doubtful),
    ))
}

patterns! {
    /// A line that those below it explain.
    TELLS_ACTIVITY = r"activ(?:e disease|ity)(?-u:\b)[^:]{0,60}(?:defined|shown|evidenced|confirmed|following|:)|relaps|episode|fail|lesion|progress";
    NEW_LESION = r"new";
    IF = r"(?-u:\b)if(?-u:\b)";
    LESION_BARS = r"presence of|any|≥|>|one or more";
    COUNTED_LESIONS = r"substantial|significant|(?:≥|>=|at least|=)\s*(?:2|two|3|three)|(?:two|three|2|3) or more";
    LESION_START = r"(?:at least |≥\s*|>=\s*|=\s*)?(?:one|two|three|\d+|evidence of|presence of|positive)(?: or more)?[^.;,]{0,40}$";
}

fn progression(item: &Item<'_>) -> Option<Fact> {
    if item.bars() {
        return None;
    }
    let span = PROGRESSION.all(item.text).find(|span| {
        let clause = item.clause(span.start);
        let (before, after) = (
            item.part(clause.start..span.start),
            item.part(span.end..clause.end),
        );
        !PROGRESSION_NOT.is_in(before)
            && !PROGRESSION_NOT.is_in(after)
            && !DEFINED.is_in(before)
            && !item.negated(span.start)
    })?;
    let clause = item.clause(span.start);
    let words = item.part(clause.clone());
    let mut windows = times(words)
        .into_iter()
        .filter(|time| time.is_window || LOOKBACK_OVER.is_in(&words[..time.span.start]));
    let first = windows.next();
    let end = first.as_ref().map_or(span.end, |time| {
        (clause.start + time.span.end).max(span.end)
    });
    let start = clause.start + words.len() - words.trim_start().len();
    let value = Value::Progression {
        window_months: first.map(|time| time.months()),
    };
    let certainty = Certainty::approximate_if(!PLAIN_PROGRESSION.is_in(item.part(start..end)));
    Some(item.fact(value, Polarity::Require, start..end, certainty))
}

patterns! {
    /// Nothing but the worsening and its window.
    PLAIN_PROGRESSION = r"^(?:disability|disease) (?:progression|worsening) (?:within|in|during|over) (?:the )?(?:last |past |previous |prior )?\w+ \w+$";
    DEFINED = r"(?:SPMS|PPMS|disease|MS)[^.;]{0,20}(?:is |are )?defined as|characteri[sz]ed by";
    LOOKBACK_OVER = r"over the (?:previous|last|past)\s*$";
}

/// Reads a failure, and tells which part of the criterion it was read from.
fn failure(item: &Item<'_>, found: &mut Found) {
    if item.bars() {
        return;
    }
    let Some(span) = FAILURE.all(item.text).find(|span| is_failure(item, span)) else {
        return;
    };
    let clause = item.clause(span.start);
    let words = item.part(clause.clone());
    // A list of drugs may go on in the next sentence ("Qualifying DMTs include …").
    let listed = QUALIFYING.find(item.part(clause.end..)).is_some();
    let end = if listed { item.text.len() } else { clause.end };
    let (mut classes, last) = failed_drugs(item, &span, clause.start, end);
    let before = classes.is_empty();
    if before && BEHIND.is_in(item.part(span.clone())) {
        // "Immunosuppressants … not well controlled": the drugs stand before.
        let hits = item.treatments.find(item.part(clause.start..span.start));
        classes = distinct(hits.into_iter().map(|(_, name)| name));
    }
    if classes.is_empty() {
        let named = item.treatments.find(item.part(span.start..end));
        let class = if named.is_empty() { "any" } else { "dmt" };
        classes.push(class.to_owned());
    }
    let start = clause.start + words.len() - words.trim_start().len();
    if ONE_OF_WHICH.is_in(words) {
        // "Two treatments, one of which of high efficacy": the class holds for one of them alone.
        classes.insert(0, "dmt".to_owned());
    }
    let end = if listed { last } else { last.max(clause.end) };
    let value = Value::TreatmentFailure {
        min_count: failed_count(words),
        classes,
    };
    found.failed = Some(if before { start } else { span.start }..end);
    found
        .facts
        .push(item.fact(value, Polarity::Require, start..end, Certainty::Approximate));
}

fn is_failure(item: &Item<'_>, span: &Range<usize>) -> bool {
    let clause = item.clause(span.start);
    let from = floor_boundary(item.text, span.start.saturating_sub(40)).max(clause.start);
    let to = floor_boundary(item.text, (span.end + 40).min(clause.end));
    !FAILURE_NOT.is_in(item.part(from..to))
        && !item.negated(span.start)
        && !NO_ACTIVITY.is_in(item.part(clause))
        && activity_talk(item, span)
}

/// Drugs behind a failure, and where the last one ends.
fn failed_drugs(
    item: &Item<'_>,
    span: &Range<usize>,
    clause_start: usize,
    end: usize,
) -> (Vec<String>, usize) {
    let mut last = span.end;
    let mut names = Vec::new();
    for (hit, name) in item.treatments.find(item.part(span.start..end)) {
        let lead = item.part(clause_start.max(span.start)..span.start + hit.start);
        if !NOT_A_FAILED_DRUG.is_in(lead) && name != "dmt" {
            last = last.max(span.start + hit.end);
            names.push(name);
        }
    }
    (distinct(names.into_iter()), last)
}

/// Names, each once; `dmt` says no more than that something was taken.
fn distinct<'a>(names: impl Iterator<Item = Cow<'a, str>>) -> Vec<String> {
    let mut list: Vec<String> = Vec::new();
    for name in names.filter(|name| name != "dmt") {
        if !list.iter().any(|one| *one == name) {
            list.push(name.into_owned());
        }
    }
    list
}

fn failed_count(words: &str) -> u32 {
    MIN_COUNT.parts(words).map_or(1, |parts| {
        let n = parts.name("n").and_then(|n| small_count(n.as_str()));
        let another = parts.name("another").map(|_| 2);
        another.or(n).unwrap_or(1)
    })
}

patterns! {
    ONE_OF_WHICH = r"of (?:which|these|them),? (?:at least )?one(?-u:\b)|one of (?:which|them|these)(?-u:\b)|including at least one(?-u:\b)";
    NO_ACTIVITY = r"^\W*(?:absence|no (?:[a-qs-z]|relapse|recent)|without|free of)";
    QUALIFYING = r"^\s*(?:Qualifying|These|Eligible|Acceptable|Such) \w+ (?:include|are)";
    NOT_A_FAILED_DRUG = r"treated with\s*$|(?:NOTE|note)[^.]*$|relapses? must|required treatment";
    BEHIND = r"not|still";
    MIN_COUNT = r"(?:(?:at least|≥|>=|minimum of)\s*(?P<n>one|two|three|1|2|3)\s+(?:of the following|of these|prior|previous|different|DMTs?|disease|immunosuppress\w+|high|treatments?|therap|drugs?|lines?))|(?P<another>and another)";
    ACTIVITY = r"relaps|activity|worsening|inflammat|progress|lesion|symptom|respon|fail|refractory|resistant|respond|disease|therapy|control";
}

/// The words must speak of the disease or of treatment at all.
fn activity_talk(item: &Item<'_>, span: &Range<usize>) -> bool {
    let clause = item.clause(span.start);
    let word = item.part(span.clone()).to_lowercase();
    let about_treatment = THERAPY.is_in(item.part(clause.clone()));
    if word.starts_with("while")
        || word.starts_with("on ")
        || word.starts_with("under")
        || word.starts_with("during")
        || word.starts_with("activity")
        || word.starts_with("following")
    {
        return ACTIVE_DISEASE.is_in(item.part(clause.start..span.start)) && about_treatment;
    }
    if word.contains("refractory") || word.contains("resistant") || word.starts_with("treatment") {
        return about_treatment && !DEFINED_BEHIND.is_in(item.part(span.end..clause.end));
    }
    ACTIVITY.is_in(item.part(clause)) && about_treatment
}

patterns! {
    THERAPY = r"therap|treat|drug|DMT|DMD|interferon|IFN|glatiramer|rituximab|mab(?-u:\b)|immunosuppress|responder|medication|agents?|steroid";
    ACTIVE_DISEASE = r"relaps|disease activity|worsening|lesion|progress|episode|inflammat|activity|attack";
    DEFINED_BEHIND = r"defined (?:as|by)";
}
