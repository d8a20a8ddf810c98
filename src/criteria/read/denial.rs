//! What the words around a treatment make of it: denied, allowed, not asked for, for another purpose,
//! counted from its start or by its length.

use std::ops::Range;

use super::doubt::begins_denied;
use crate::criteria::fact::Polarity;
use crate::criteria::item::Item;
use crate::criteria::pattern::patterns;
use crate::criteria::time::{Time, times};

patterns! {
    NAIVE = r"na[iï]ve(?: to)?(?-u:\b)|-na[iï]ve";
    NO_USE = r"must not have (?:used|received|taken|been)|have not (?:used|received|taken|been treated)|never (?:received|used|taken|been treated)";
    /// "Who have not received X" is about people; "no X" among exclusions may be a demand in the wrong list.
    NOT_TAKEN = r"(?-u:\b)(?:has|have|had|having|did|do|does|are|is|was|were|who|not|never|\w+n['’]t|yet to)\W+(?:(?:yet|to|ever|been|having|had|currently|previously|recently|not|never)\W+){0,3}(?:receiv\w*|treated|us(?:e|ed|ing)|tak(?:e|en|ing)|exposed|tried|given|on)(?-u:\b)|na[iï]ve";
    /// A demand that stands in the wrong list.
    MUST_NOT = r"(?-u:\b)(?:must|should|may|shall) (?:not|never)(?-u:\b)";
    NEVER_OR_NOT = r"(?-u:\b)(?:not|never|yet to)(?-u:\b)|n['’]t(?-u:\b)|na[iï]ve";
    /// Another thing than the treatment is denied: that it helped, that it was stopped, that it is stable.
    NOT_OF_USE = r"control|respon|tolera|stabl|suitab|eligib|adequate|sufficient|effect|benefit|complet|satisf|willing|(?-u:\b)able|success|improv|fail|stop|discontinu|interrupt|chang|switch|declin|contraindic|access|approved|candidate|withdraw|wean|taper|washed|reduc|increas";
    NOT_NAIVE = r"(?-u:\b)(?:not|non|nor|never)[ -](?:\w+[ -])?na[iï]ve";
    /// How a treatment went, or that there was too little or no other: more than that it was taken.
    OUTCOME = r"(?-u:\b)(?:insufficient\w*|inadequate\w*|too (?:short|few|little)|suboptimal\w*|incomplete\w*|respon\w+|fail(?:ed|ing|s)|failure (?:of|to|on)|refractory|resistan\w+|benefit\w*|well|controlled|toler\w+|intoleran\w+|only|sole|solely|monotherapy)(?-u:\b)";
    /// Nothing is asked of who had the treatment.
    NOT_NEEDED = r"(?-u:\b)(?:no|without) (?:\w+ )?(?:requirements?|need|obligation|restrictions?|limits?|limitations?)(?-u:\b)|(?:not|nor) (?:\w+ )?(?:required|needed|necessary|mandatory|obligatory)|(?:do|does|need) not (?:need|exclude|preclude|disqualify|prevent)|need not|(?:is|are) not (?:an? )?(?:\w+ )?exclu\w+|regardless of|irrespective of|whether or not";
    PERMIT = r"(?-u:\b)(?:permitted|allowed|acceptable|accepted|eligible)(?-u:\b)|not (?:an? )?exclu\w+|do(?:es)? not (?:exclude|preclude|apply)|(?:may|can) (?:participate|join|enrol|be (?:included|enrolled))";
    NO_PERMIT = r"(?-u:\b)(?:not|never) (?:be |\w+ly )?(?:permitted|allowed|acceptable|accepted|eligible)|unacceptable";
    /// What stands behind a treatment denies it.
    DENIED_BEHIND = r"^[^.;]{0,60}?(?-u:\b)(?:(?:is |was |were |been )?not (?:been )?(?:documented|confirmed|established|given|used|received|tried|taken|recorded|done|performed|administered)|(?:is|are) (?:lacking|missing|absent))(?-u:\b)";
    /// "Treated with X but not Y".
    DENIED_BETWEEN = r"(?-u:\b)(?:not|without|never)(?-u:\b)";
    /// The drug is started, not only taken.
    START_OF = r"(?-u:\b)(?:start\w*|initiat\w+|commenc\w+|beg[aiu]n\w*|introduc\w+|escalat\w+|switch\w*|newly|first (?:dose|use|infusion|cycle|course))(?:\s+(?:of|on|with|to|an?|any|another|new|oral|treatment|therapy|use|the|from|MS)(?-u:\b)){0,6}\s*$";
    TO_COME = r"(?-u:\b)(?:planned|scheduled|anticipated|intended|expected)(?-u:\b)";
    HAS_BEEN = r"(?-u:\b)(?:prior|previous\w*|receipt|received|histor\w+|had|treated|before|past|last|current\w*|ongoing)(?-u:\b)";
    ONE_OR_TIME = r"^(?:at least|≥|>=|minimum of)\s*(?:1|one)(?-u:\b)|(?-u:\b)(?:days?|weeks?|months?|years?)(?-u:\b)";
    /// How many treatments, doses or courses: no value holds that.
    COUNTED = r"(?:(?:more|fewer|less|greater) than|≥|>=|>|<|≤|<=|＞|＜|at least|at most|up to|exceeding|minimum of|maximum of)\s*(?:\d{1,2}|one|two|three|four|five|six)\s+(?:[\w-]+ ){0,4}(?:DMTs?|DMDs?|drugs|therap(?:y|ies)|treatments?|agents?|medications?|lines?|courses?|doses?|cycles?|infusions?|injections?|regimens?|classes)(?-u:\b)|(?-u:\b)(?:\d{1,2}|two|three|four|five|six) or more(?-u:\b)(?:\s+\w+)?";
    /// "For less than 6 months before screening" is how long it was taken.
    HOW_LONG = r"(?-u:\b)for\s+(?:at least|(?:less|fewer|shorter|more|longer|greater) than|under|over|only|an? (?:minimum|maximum|total) of|up to|<|>|≤|≥|<=|>=)\s*$";
    WASHOUT = r"wash-?\s?out|since (?:the )?(?:last|latest|end|stop|discontinu)|(?:after|from) (?:the )?(?:last|latest)|last (?:dose|infusion|injection|administration)|elapsed";
    LESS_THAN = r"(?:(?:less|shorter|fewer) than|(?-u:\b)under|<|≤|＜)\s*$";
    MORE_THAN = r"(?:(?:more|longer|greater|later|earlier) than|(?-u:\b)over|exceeding|>|＞)\s*$";
    WITHIN_MORE = r"(?:within|in|during|over|for)(?: the)?(?: last| past| previous)?\s+(?:at least|more than|≥|>)\s*$";
    AGO = r"^\W*(?:ago|before|prior|earlier|previously)(?-u:\b)";
    PURPOSE = r"(?-u:\b)(?:for|due to|because of|as part of)\s+(?P<what>[^,.;()]{2,60})";
    /// What a treatment is for where it is for MS, and what no purpose is: times, amounts, the study.
    OWN_PURPOSE = r"^(?:(?:the|their|an?|any|acute|active|relapsing|progressive|treatment|treating|management|therapy|purposes?|reasons?|control|of|indications?|cause|other|another)\s+)*(?:(?-i:(?:RR|SP|PP|R|P)?MS)(?-u:\b)|multiple|relaps|exacerbat|attacks?(?-u:\b)|demyelinat|reason|cause|purpose|indication|disease activity|the disease|this|these|those|which|at least|at most|about|only|more|less|longer|up to|over|under|period|minimum|maximum|total|duration|last|past|previous|entire|study|trial|[≥≤<>=~]|\d|(?:one|two|three|four|five|six|seven|eight|nine|ten|twelve)(?-u:\b)|months?|years?|weeks?|days?|inclusion|entry|entering|admission|randomi|sale(?-u:\b)|approv|participat|eligib|screening|enrol|example|instance|each|both|all|use|adequate|patients|subjects|participants|whom)";
    /// "Leukemia treated with X", "X after a transplant".
    OF_ANOTHER = r"(?-u:\b)(?:leuka?emia|lymphoma|cancers?|tumou?rs?|malignan\w+|myeloma|carcinoma|arthritis|lupus|vasculitis|psoriasis|colitis|nephritis|asthma|diseases?|disorders?|conditions?)\s+(?:\w+\s+){0,2}(?:treated|requiring|managed|that requires?|controlled)(?-u:\b)|(?-u:\b)(?:after|following|post)[ -](?:an? )?(?:\w+ )?(?:transplant\w*|cancer|malignancy)|(?-u:\b)in (?:an? |the )?(?:\w+ )?(?:oncolog\w*|indications?)(?-u:\b)";
    OWN_BY_KIND = r"(?-u:\b)(?:cancer|anti-?cancer|oncolog\w*|anti-?tumou?r|tumou?r|malignan\w+|conditioning|(?:pre-?)?transplant)[- ](?:\w+[- ])?(?:chemo|therap|treatment|drug|agent|medication|immunosuppress)";
}

/// What a line makes of the treatments that it names.
pub(super) struct Sense {
    pub(super) polarity: Polarity,
    /// The words leave another reading open.
    pub(super) doubtful: bool,
}

/// Tells whether treatments are asked for or barred; `None` where the words say neither, or too little.
///
/// `names` runs from the first of them to the last.
pub(super) fn sense(item: &Item<'_>, words: &str, names: &Range<usize>) -> Option<Sense> {
    let clause = item.clause(names.start);
    let whole = item.part(clause.clone());
    let behind = item.part(names.end..clause.end.max(names.end));
    if asks_nothing(whole) || DENIED_BEHIND.is_in(behind) || NOT_NAIVE.is_in(whole) {
        return None;
    }
    let negation = item.negation(names.start);
    if negation.is_some_and(|negation| NOT_OF_USE.is_in(negation)) {
        return None;
    }
    let denied = negation.is_some()
        || NAIVE.is_in(words)
        || NO_USE.is_in(words)
        || item.bars() && begins_denied(whole);
    let doubtful = item.bars() && OUTCOME.is_in(whole)
        || DENIED_BETWEEN.is_in(item.part(names.clone()))
        || PERMIT.is_in(whole)
        || counts(words)
        || is_for_another_disease(words)
        || OF_ANOTHER.is_in(words);
    let lead = item.part(clause.start..names.end);
    if !(item.bars() && denied) || MUST_NOT.is_in(lead) {
        let polarity = Polarity::exclude_if(item.bars() || denied);
        return Some(Sense { polarity, doubtful });
    }
    // Who lacks it is barred. The registry holds lines in the wrong list, so that it is to be asked.
    let is_lack = NOT_TAKEN.is_in(lead) && NEVER_OR_NOT.is_in(lead);
    is_lack.then_some(Sense {
        polarity: Polarity::Require,
        doubtful: true,
    })
}

/// Says whether it is all the same to a line if there was a treatment.
pub(super) fn asks_nothing(words: &str) -> bool {
    NOT_NEEDED.is_in(words)
}

/// Says whether a line counts treatments: "at least one" asks for no more than that there was one.
fn counts(words: &str) -> bool {
    let mut found = COUNTED.all(words).map(|span| &words[span]);
    found.any(|count| !ONE_OR_TIME.is_in(count))
}

/// "(prior ocrelizumab is permitted)": what stands in the brackets with the name takes it out.
pub(super) fn is_permitted(item: &Item<'_>, clause: &Range<usize>, name: &Range<usize>) -> bool {
    let opens = item.part(clause.start..name.start).rfind('(');
    let Some(open) = opens.map(|at| clause.start + at) else {
        return false;
    };
    let inside = item.part(open..clause.end);
    let inside = &inside[..inside.find(')').unwrap_or(inside.len())];
    open + inside.len() >= name.end && PERMIT.is_in(inside) && !NO_PERMIT.is_in(inside)
}

/// Says whether a treatment was given for something else than MS.
pub(super) fn is_for_another_disease(words: &str) -> bool {
    let other = |what: &str| !OWN_PURPOSE.is_in(what);
    let named = PURPOSE
        .all_parts(words)
        .any(|parts| other(parts["what"].trim_start()));
    named || OWN_BY_KIND.is_in(words)
}

/// Says whether the time of a line is not that of the last dose: the drug was begun, or is to come.
pub(super) fn is_dated_otherwise(lead: &str, words: &str) -> bool {
    START_OF.is_in(lead) || TO_COME.is_in(words) && !HAS_BEEN.is_in(words)
}

/// Says whether a time tells how long a treatment was taken.
pub(super) fn tells_length(words: &str, time: &Time) -> bool {
    HOW_LONG.is_in(&words[..time.span.start])
}

/// "More than 12 months since the last dose" among exclusions bars those whose dose lies further back.
pub(super) fn is_long_ago(words: &str, time: &Time) -> bool {
    let before = &words[..time.span.start];
    let behind = &words[time.span.end..];
    let counted_back = WASHOUT.is_in(words) || AGO.is_in(behind);
    MORE_THAN.is_in(before) && !WITHIN_MORE.is_in(before) && counted_back
}

/// Says whether a line speaks of a washout.
pub(super) fn speaks_of_washout(words: &str) -> bool {
    WASHOUT.is_in(words)
}

/// "Washout of less than 6 months", "less than 6 months since the last dose": the time that is asked for.
pub(super) fn short_washout(words: &str) -> Option<Time> {
    let is_short = |time: &Time| LESS_THAN.is_in(&words[..time.span.start]);
    let found = times(words).into_iter().find(is_short);
    found.filter(|_| WASHOUT.is_in(words))
}
