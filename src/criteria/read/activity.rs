//! Disease activity: relapses, MRI, worsening, and what happened on treatment.

use std::ops::Range;

use crate::criteria::fact::{Certainty, Fact, Polarity, Value};
use crate::criteria::item::Item;
use crate::criteria::pattern::patterns;
use crate::criteria::time::{self, number_word, times};
use crate::terminology::Treatments;

patterns! {
    RELAPSE = r"(?-u:\b)(?:relapses?(?-u:\b)|exacerbations?|(?:MS|clinical|demyelinating)\s+attacks?|attacks? of MS|clinical recurrences?|recurrence within|episodes? of disease activity)(?P<free>[- ]free)?";
    EPISODE = r"episodes? of disease activity";
    COUNT = r"(?:(?P<sign>at least|≥|>=|>|=|minimum of|more than|or more)\s*)?(?-u:\b|^)(?P<n>\d{1,2}|one|two|three|four|a single)\s*(?:\(\d\)\s*)?(?:or more\s+)?(?:(?:documented|confirmed|clinical|clinically|well|MS|acute|disabling|severe|qualifying|new|previous|recent|protocol-defined|multiple|sclerosis|defined|and/or|prior)[\s-]+)*(?:\w+[- ]confirmed\s+)?$";
    RELAPSE_NOT = r"(?:COPD|asthma|respiratory|pulmonary|lung|heart failure|(?-u:\b)HF|cancer|tumou?r|gout|arthritis|psoriasis)\s*(?:disease )?$|(?:for (?:an? |the |treatment of (?:an? )?|MS )?|independent of(?: clinical| or not explained by)?|explained by(?: multiple sclerosis \(MS\)| MS)?|superimposed|with or without|between|outside|during|(?:onset|start|time|date|definition) of an? (?:MS )?|from an? (?:previous |prior )?(?:MS )?|treat(?:ment|ed) (?:of|for)(?: an?| the)?|previous|stabili[sz]ed from a previous)\s*$";
    RELAPSE_DEFINED = r"^\s*(?:is|are|was|were)\s+(?:defined|not expected)|^\s*(?:should|must|may|will) (?:be )?(?:stable|confirmed|have required)|^\s*onset of|^/remission|^\s*rate|^\s*treat|^-associated|^[- ]?remitting|^s? of (?:COPD|asthma|chronic|heart|HF|respiratory|cancer|underlying)|^\s*or remission|^s? during the screening|^\s*after treatment";
    HAS_HAD = r"documentation of|documented|evidence of|experienced|history of|have had|had (?:a|an|at least)|with (?:a|an|at least|recent)|presence of|occurrence of|recent|must have|evidenced by|defined (?:as|by)";
    CURRENT = r"(?-u:\b)(?:current|currently|ongoing|acute|active)(?:ly)?(?-u:\b)[^.;]{0,30}$";
    LAST_RELAPSE = r"last relapse[^.;]{0,50}(?:at least|more than|>|≥|>=)";
    OR = r"(?-u:\b)(?:or|and/or)(?-u:\b)|alternatively|at least 1 out of";

    MRI_WORD = r"(?P<gd>gadolinium(?:\s*\(Gd(?:\+|E)?\))?[-+\s]*(?:positive\s+|enhanc\w*)|(?-u:\b)Gd(?:\+|E(?-u:\b)|[-\s]?enhanc\w*|[-\s]positive)|(?:T1[- ])?\s*gadolinium\s*\(Gd\)\s*[-+]+|contrast[- ]enhancing lesion|enhancing (?:MRI )?lesion|gadolinium enhancement)|(?P<t2>new(?:ly)?(?: or (?:newly )?enlarg(?:ing|ed)| and/or enlarging)?\s+T2|enlarging T2|new or active T2)|(?P<any>MRI (?:disease )?activity|(?:disease )?activity (?:seen )?on (?:brain )?MRI|MRI evidence of (?:MS )?disease activity|radiolog\w+ (?:disease )?activity|new MRI lesions|new (?:brain |MRI )?lesions?|(?-u:\b)active lesions?|episodes? of disease activity|activity seen on MRI)";
    MRI_NOT = r"allerg|sensitiv|contraindicat|intoleran|administration of gad|with gadolinium administration|nephrogenic|side effects|claustrophob|renal|must be verified|will start";
    PROGRESSION = r"(?:disability|disease|EDSS|clinical)\s+(?:disability\s+)?(?:progression|worsening)|progression (?:of|in) (?:disability|EDSS|disease|the EDSS)|(?:worsening|deterioration|increase|rise) (?:of|in) (?:the |their )?(?:EDSS|disability|disease|neurological)|objective worsening|EDSS (?:increase|worsening|progression|rise)|confirmed (?:disability )?(?:worsening|progression)|progressive (?:decline|worsening|increase)|worsening of (?:disease|disability)|neurological(?:ly)? (?:deteriorat|worsen)\w*|clinical worsening";
    PROGRESSION_NOT = r"followed by\s+$|^\W*defined|not (?:caused|explained)|rate of\s+$|slow(?:s|ing)?\s+$|without\s+$|no\s+$|monitor|measure|outcome|(?:at least|least) \S+ months of\s+$";
    FAILURE = r"(?-u:\b)(?:despite|fail(?:ed|ure|s|ing)?(?: of| to respond to| to| on)?|(?:inadequate|suboptimal|insufficient|poor|lack of|no|incomplete)\s+(?:clinical |treatment |therapeutic )?(?:response|efficacy)|refractory to|resistant to|treatment[- ](?:resistant|refractory)|breakthrough|while (?:being |receiving |taking |treated |remaining )?(?:on|with|taking|receiving)|(?:while|during|under|on)(?: prior| previous| ongoing| stable| standard of care| therapy)?\s+(?:therapy|treatment) with|on therapy|under therapy|non-?responders?|not (?:been )?(?:well[- ])?controlled|not respond\w*|still relapse after|following ≥|activity (?:on|during|under) )";
    FAILURE_NOT = r"failure to (?:accept|comprehend|comply)|contraception|failure rate|heart failure|cardiac failure|renal failure|organ failure|liver failure|kidney failure|respiratory failure|(?:is|are) well[- ]controlled|seizure|diabetes|hypertension|even if|psychiatric|asthma|congestive|screen fail|supplement|study drug|while on study|NYHA|infection|birth control|hepatic|active-controlled|placebo";
}

/// Reads activity. The window of the criterion above serves definitions below it.
///
/// Returns the part of the criterion that a failed treatment was read from.
pub(super) fn read(
    item: &Item<'_>,
    treatments: &Treatments,
    facts: &mut Vec<Fact>,
) -> Option<Range<usize>> {
    // An exacerbation of the lungs, or a scan of the heart, is another matter.
    let (relapses, mri) = if item.about_ms {
        (relapses(item), mri(item))
    } else {
        (Vec::new(), Vec::new())
    };
    let alternatives = relapses.len() + mri.len() > 1 && OR.is_in(item.text);
    facts.extend(relapses.into_iter().chain(mri).map(|mut fact| {
        if alternatives && fact.polarity == Polarity::Require {
            fact.certainty = Certainty::Approximate;
        }
        fact
    }));
    if item.about_ms {
        facts.extend(progression(item));
    }
    let (failure, taken) = failure(item, treatments)?;
    facts.push(failure);
    Some(taken)
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
    let rest = &item.text[mention.end..clause.end];
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
        let Some(span) = parts.get(0).map(|all| all.range()) else {
            continue;
        };
        let before = &item.text[..span.start];
        let clause = item.clause(span.start);
        let lead = &item.text[clause.start..span.start];
        if RELAPSE_NOT.is_in(lead)
            || RELAPSE_DEFINED.is_in(&item.text[span.end..])
                && parts.name("free").is_none()
                && !item.negated(span.start)
        {
            continue;
        }
        // "SPMS without relapses" among the exclusions bars no relapse.
        if item.bars() && item.negated(span.start) {
            continue;
        }
        let reach = reach(item, &span);
        let words = &item.text[reach.clone()];
        let own = months(&item.text[span.end.min(reach.end)..reach.end]).or_else(|| months(words));
        let count = COUNT.parts(before).and_then(|count| {
            number_word(count["n"].trim_start_matches("a "))
                .map(|n| (n, count.get(0).map_or(0, |all| all.start())))
        });
        let negative = item.negated(span.start)
            || parts.name("free").is_some()
            || LAST_RELAPSE.is_in(&item.text[clause.clone()]);
        let fact = if item.bars() || negative {
            let now = CURRENT.is_in(lead) && own.is_none();
            let any = last_relapse(item, &clause).or(own).or(now.then_some(0.0));
            let plain = parts.name("free").is_some() || negative || item.text.trim().len() < 40;
            if any.is_none() && !plain || item.bars() && count.is_none() && any.is_none() && !plain
            {
                continue;
            }
            let start = item.text[clause.clone()].len()
                - item.text[clause.clone()].trim_start().len()
                + clause.start;
            let value = Value::Relapse {
                min_count: None,
                window_months: any,
            };
            let vague = any.is_none() && BETWEEN.is_in(words);
            let certainty = if vague {
                Certainty::Approximate
            } else {
                Certainty::Exact
            };
            item.fact(value, Polarity::Exclude, start..reach.end, certainty)
        } else {
            let Some((n, start)) = count.or_else(|| {
                HAS_HAD
                    .find(lead)
                    .map(|had| (1.0, clause.start + had.start))
            }) else {
                continue;
            };
            let window_months = own.or_else(|| inherited(item));
            let is_episode = EPISODE.is_in(&item.text[span.clone()]);
            if is_episode
                && (own.is_none() && !MUST_BE_RELAPSE.is_in(&item.text[span.end..])
                    || ON_TREATMENT.is_in(words))
            {
                continue;
            }
            let doubtful = is_episode
                || own.is_none()
                || OR.is_in(&item.text[clause.clone()])
                || PERIOD_AFTER.is_in(words);
            let certainty = if doubtful {
                Certainty::Approximate
            } else {
                Certainty::Exact
            };
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a count of at most two digits"
            )]
            let value = Value::Relapse {
                min_count: Some(n as u32),
                window_months,
            };
            item.fact(value, Polarity::Require, start..reach.end, certainty)
        };
        if !facts
            .iter()
            .any(|one| one.value == fact.value && one.polarity == fact.polarity)
        {
            facts.push(fact);
        }
    }
    // A bare mention beside a counted one in the same criterion says nothing new.
    if facts.iter().any(|fact| {
        matches!(
            fact.value,
            Value::Relapse {
                min_count: Some(_),
                window_months: Some(_)
            }
        )
    }) {
        facts.retain(|fact| {
            !matches!(
                fact.value,
                Value::Relapse {
                    min_count: Some(1),
                    window_months: None
                }
            )
        });
    }
    facts
}

patterns! {
    BETWEEN = r"(?-u:\b)(?:between|during|after|until)(?-u:\b)";
    MUST_BE_RELAPSE = r"^\s+must be an? (?:clinical )?(?:MS )?relapse";
    ON_TREATMENT = r"following ≥|following at least|while on|on treatment|after a minimum";
    PERIOD_AFTER = r"after first|with residual|requir|treated with|documented";
}

/// "Last relapse at least 2 months ago" bars relapses in these months.
fn last_relapse(item: &Item<'_>, clause: &Range<usize>) -> Option<f64> {
    let words = &item.text[clause.clone()];
    LAST_RELAPSE.find(words)?;
    times(words).first().map(time::Time::months)
}

/// A definition takes over the window of the criterion that it explains.
fn inherited(item: &Item<'_>) -> Option<f64> {
    let head = item.head?;
    (RELAPSE.is_in(head) || EPISODE.is_in(head))
        .then(|| months(head))
        .flatten()
}

fn mri(item: &Item<'_>) -> Vec<Fact> {
    let mut facts: Vec<Fact> = Vec::new();
    let mut done = 0;
    for parts in MRI_WORD.all_parts(item.text) {
        let Some(span) = parts.get(0).map(|all| all.range()) else {
            continue;
        };
        let clause = item.clause(span.start);
        let words = &item.text[clause.clone()];
        if span.start < done || MRI_NOT.is_in(words) {
            continue;
        }
        // Lesions of both kinds in one breath are one demand.
        let also = MRI_WORD.all_parts(&item.text[span.end..clause.end]);
        let near = also.filter_map(|next| {
            Some((
                next.get(0)?.range(),
                next.name("gd").is_some(),
                next.name("t2").is_some(),
            ))
        });
        let near: Vec<_> = near.filter(|(next, ..)| next.start <= 45).collect();
        let both = |gd: bool, t2: bool| match (gd, t2) {
            (true, false) => "gd",
            (false, true) => "new_t2",
            _ => "any",
        };
        let gd = parts.name("gd").is_some() || near.iter().any(|(_, gd, _)| *gd);
        let t2 = parts.name("t2").is_some() || near.iter().any(|(.., t2)| *t2);
        let lesion = if parts.name("any").is_some() {
            if gd != t2 && NEW_LESION.is_in(&item.text[span.clone()]) {
                both(gd, t2)
            } else {
                "any"
            }
        } else {
            both(gd, t2)
        };
        done = near
            .last()
            .map_or(span.end, |(next, ..)| span.end + next.end);
        let is_episode = EPISODE.is_in(&item.text[span.clone()]);
        let reach = reach(item, &(span.start..done));
        let tail = &item.text[done.min(reach.end)..reach.end];
        let window_months = months(tail).or_else(|| months(&item.text[reach.clone()]));
        let defines = lesion == "any"
            && window_months.is_none()
            && (!facts.is_empty() || item.head.is_some());
        if defines || is_episode && (window_months.is_none() || ON_TREATMENT.is_in(words)) {
            continue;
        }
        let negative = item.bars() || item.negated(span.start);
        if item.bars() && !item.negated(span.start) && !LESION_BARS.is_in(words) {
            continue;
        }
        let polarity = if negative {
            Polarity::Exclude
        } else {
            Polarity::Require
        };
        let counted = COUNTED_LESIONS.is_in(words);
        let doubtful = is_episode || counted || OR.is_in(words);
        let certainty = if doubtful {
            Certainty::Approximate
        } else {
            Certainty::Exact
        };
        let start = LESION_START
            .find(&item.text[clause.start..span.start])
            .map_or(span.start, |lead| clause.start + lead.start);
        let fact = item.fact(
            Value::MriActivity {
                lesion,
                window_months,
            },
            polarity,
            start..reach.end.max(done),
            certainty,
        );
        if !facts.iter().any(|one| one.value == fact.value) {
            facts.push(fact);
        }
    }
    facts
}

patterns! {
    NEW_LESION = r"new";
    LESION_BARS = r"presence of|any|≥|>|one or more";
    COUNTED_LESIONS = r"(?:≥|>=|at least|=)\s*(?:2|two|3|three)|(?:two|three|2|3) or more";
    LESION_START = r"(?:at least |≥\s*|>=\s*|=\s*)?(?:one|two|three|\d+|evidence of|presence of|positive)(?: or more)?[^.;,]{0,40}$";
}

fn progression(item: &Item<'_>) -> Option<Fact> {
    if item.bars() {
        return None;
    }
    let span = PROGRESSION.all(item.text).find(|span| {
        let clause = item.clause(span.start);
        let (before, after) = (
            &item.text[clause.start..span.start],
            &item.text[span.end..clause.end],
        );
        !PROGRESSION_NOT.is_in(before)
            && !PROGRESSION_NOT.is_in(after)
            && !DEFINED.is_in(before)
            && !item.negated(span.start)
    })?;
    let clause = item.clause(span.start);
    let words = &item.text[clause.clone()];
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
    Some(item.fact(value, Polarity::Require, start..end, Certainty::Approximate))
}

patterns! {
    DEFINED = r"(?:SPMS|PPMS|disease|MS)[^.;]{0,20}(?:is |are )?defined as|characteri[sz]ed by";
    LOOKBACK_OVER = r"over the (?:previous|last|past)\s*$";
}

fn failure(item: &Item<'_>, treatments: &Treatments) -> Option<(Fact, Range<usize>)> {
    if item.bars() {
        return None;
    }
    let span = FAILURE.all(item.text).find(|span| {
        let clause = item.clause(span.start);
        let near_start =
            time::floor_boundary(item.text, span.start.saturating_sub(40)).max(clause.start);
        let mut near_end = (span.end + 40).min(clause.end);
        near_end = time::floor_boundary(item.text, near_end);
        !FAILURE_NOT.is_in(&item.text[near_start..near_end])
            && !item.negated(span.start)
            && !NO_ACTIVITY.is_in(&item.text[clause.clone()])
            && activity_talk(item, span)
    })?;
    let clause = item.clause(span.start);
    // Drugs behind the failure; a list may go on in the next sentence ("Qualifying DMTs include …").
    let listed = QUALIFYING.find(&item.text[clause.end..]).is_some();
    let end = if listed { item.text.len() } else { clause.end };
    let mut classes: Vec<String> = Vec::new();
    let mut last = span.end;
    for (hit, name) in treatments.find(&item.text[span.start..end]) {
        let lead = &item.text[clause.start.max(span.start)..span.start + hit.start];
        if NOT_A_FAILED_DRUG.is_in(lead) || name == "dmt" {
            continue;
        }
        last = last.max(span.start + hit.end);
        if !classes.iter().any(|one| one == name) {
            classes.push(name.to_owned());
        }
    }
    let behind = classes.is_empty();
    if behind {
        // "Immunosuppressants … not well controlled": the drugs stand before.
        for (hit, name) in treatments.find(&item.text[clause.start..span.start]) {
            let _ = hit;
            if name != "dmt"
                && BEHIND.is_in(&item.text[span.clone()])
                && !classes.iter().any(|one| one == name)
            {
                classes.push(name.to_owned());
            }
        }
    }
    if classes.is_empty() {
        classes.push("any".to_owned());
    }
    let min_count = MIN_COUNT
        .parts(&item.text[clause.clone()])
        .map_or(1, |parts| {
            if parts.name("another").is_some() {
                return 2;
            }
            let n = parts
                .name("n")
                .and_then(|n| number_word(n.as_str()))
                .unwrap_or(1.0);
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a small count"
            )]
            let n = n as u32;
            n
        });
    let start = clause.start + item.text[clause.clone()].len()
        - item.text[clause.clone()].trim_start().len();
    let value = Value::TreatmentFailure { min_count, classes };
    let end = last.max(if listed { last } else { clause.end });
    let taken = if behind { start..end } else { span.start..end };
    Some((
        item.fact(value, Polarity::Require, start..end, Certainty::Approximate),
        taken,
    ))
}

patterns! {
    NO_ACTIVITY = r"^\W*(?:absence|no |without|free of)";
    QUALIFYING = r"^\s*(?:Qualifying|These|Eligible|Acceptable|Such) \w+ (?:include|are)";
    NOT_A_FAILED_DRUG = r"treated with\s*$|(?:NOTE|note)[^.]*$|relapses? must|required treatment";
    BEHIND = r"not|still";
    MIN_COUNT = r"(?:(?:at least|≥|>=|minimum of)\s*(?P<n>one|two|three|1|2|3)\s+(?:of the following|of these|prior|previous|different|DMTs?|disease|immunosuppress\w+|high|treatments?|therap|drugs?|lines?))|(?P<another>and another)";
    ACTIVITY = r"relaps|activity|worsening|inflammat|progress|lesion|symptom|respon|fail|refractory|resistant|respond|disease|therapy|control";
}

/// The words must speak of the disease or of treatment at all.
fn activity_talk(item: &Item<'_>, span: &Range<usize>) -> bool {
    let clause = item.clause(span.start);
    let word = item.text[span.clone()].to_lowercase();
    let about_treatment = THERAPY.is_in(&item.text[clause.clone()]);
    if word.starts_with("while")
        || word.starts_with("on ")
        || word.starts_with("under")
        || word.starts_with("during")
        || word.starts_with("activity")
        || word.starts_with("following")
    {
        return ACTIVE_DISEASE.is_in(&item.text[clause.start..span.start]) && about_treatment;
    }
    if word.contains("refractory") || word.contains("resistant") || word.starts_with("treatment") {
        return about_treatment && !DEFINED_BEHIND.is_in(&item.text[span.end..clause.end]);
    }
    ACTIVITY.is_in(&item.text[clause]) && about_treatment
}

patterns! {
    THERAPY = r"therap|treat|drug|DMT|DMD|interferon|IFN|glatiramer|rituximab|mab(?-u:\b)|immunosuppress|responder|medication|agents?|steroid";
    ACTIVE_DISEASE = r"relaps|disease activity|worsening|lesion|progress|episode|inflammat|activity|attack";
    DEFINED_BEHIND = r"defined (?:as|by)";
}
