//! Who it is for: age, sex, course of MS, EDSS, duration of the disease.

use std::ops::Range;

use regex::Captures;

use super::{Found, Rule};
use crate::criteria::fact::{Certainty, Fact, Polarity, Value};
use crate::criteria::item::Item;
use crate::criteria::pattern::patterns;
use crate::criteria::segment::CriterionKind;
use crate::criteria::time::{floor_boundary, times};

patterns! {
    AGE_WORD = r"(?-u:\b)(?:ages?|aged)(?-u:\b)|adults?(?: patients| participants| subjects)?\W{0,3}(?:(?:aged|between|from) )?\d{2}|^\W*\d{1,2}\s*(?:-|–|—|to)\s*\d{1,3}\s*(?:years?|yrs?)\W*$|(?:children|adolescents) (?:from|between|of) \d|(?:patients?|subjects?|participants?|individuals?|people)\s+(?:who are |being )?(?:older|younger|over|under)(?: than)? \d{2}|years?[- ]of[- ]age|years?[- ]olds?(?-u:\b)|years? or older|years? (?:and|or) (?:older|above|over|more)";
    AGE_RANGE = r"(?:(?-u:\b)(?:ages?|aged|between|from|are|be|subjects?|patients?|participants?|adults?|females?|males?|(?:wo)?men)\W{0,4}(?:of |is |are |the |age |ages |aged |between |from |of |be |years |:)*)?(?P<a>\d{1,3})(?:\s*(?:years?|yrs?|y))?(?:\s*(?:of age|old))?\s*(?:-|–|—|−|～|~|to|and|through|until|up to(?: and including)?)\s*(?P<lt><|≤|<=|(?-u:\b)(?:less than|under|below))?\s*(?P<b>\d{1,3})(?-u:\b)";
    AGE_SIGNED = r"(?P<sign>(?:not|no) (?:older|more|younger|less) than|≥|>=|=>|≤|<=|=<|>|<|＞|＜|at least|at most|older than|over|above|younger than|under|below|less than|greater than or equal to|greater than|less than or equal to|up to|minimum(?: age)?(?: of)?|(?:not|no) (?:younger|less) than|(?:not|no) (?:older|more) than)\s*(?P<n>\d{1,3})(?-u:\b)(?:\s*(?P<after>years?|yrs?|y\.?o))?";
    AGE_BEHIND = r"(?P<n>\d{1,3})\s*(?:years?|yrs?)?\s*(?:of age|old)?\s*(?:,\s*)?(?P<sign>or older|and older|or above|and above|or over|and over|and more|or more|or greater|and up|or younger|and younger|or less|or under)";
    AGE_BARE = r"(?-u:\b)age[sd]?\W{0,3}(?:of |is )*(?P<n>\d{1,3})(?: years?)?(?: of age)?\s*(?P<sign>or older|and older|or above|and above|or over|and over)?";
    NOT_AGE = r"childbearing|child-bearing|menopaus|life expectancy|survival|disease duration|duration of|onset|since";
    /// "At least 18 and at most 60 years": the unit stands behind the second.
    JOINED = r"^\s*(?:and|but|,)";
    OVER = r"(?:above|over|older than|>)\s*$";
    DECIMALS = r"^[.,]\d";
    ONE_SEX = r"^\W*(?:adult |premenopausal |non-?pregnant )?(?P<sex>females?|women|males?|men)(?:\s+(?:patients?|subjects?|participants?|volunteers?))?\s*(?:only|aged|ages?|between|with (?:relapsing|ms|multiple)|\d)";

    EDSS_WORD = r"(?:expanded disability status (?:scale|score)|kurtzke(?:'s)?(?: expanded)?(?: disability)?(?: status)?(?: scale)?|(?-u:\b)EDSS)";
    EDSS_SPACE = r"^(?:\W*\((?:see|appendix|kurtzke|edss)[^)]*\))?(?:[\s:,(\[)\]]|(?:edss|expanded disability status scale|scale|scores?|status|kurtzke|steps?|baseline|screening|entry|enrol+ment|randomi[sz]ation|visit|must|be|is|are|was|of|at|the|a|an|in|range|ranging|has|have|total|current)(?-u:\b))*";
    EDSS_RANGE = r"^(?:between|from|range of|within|>=|≥|at least)?\s*(?P<a>\d{1,2}(?:[.,]\d)?)\s*(?:points?)?\s*(?:\(?inclusive\)?)?\s*(?:,?\s*(?:or|and) (?:more|higher|greater|above),?\s*(?:and |but )?)?(?:-|–|—|−|～|~|to|and|through|up to|not more than|,)\s*(?P<op><|≤|<=|=<|less than)?\s*(?P<b>\d{1,2}(?:[.,]\d)?)(?P<rest>[^\d.]|\.\s|\.$|$)";
    EDSS_SIGNED = r"^(?P<sign>≥|>=|=>|≤|<=|=<|greater than or equal to|less than or equals? to|less than equals? to|greater than|more th[ae]n|above|over|exceeding|higher than|less than|lower than|below|under|not (?:exceed(?:ing)?|greater than|more than|higher than|above)|no (?:greater|more|higher) than|up to|(?:at )?most|maximum(?: of)?|(?:at )?least|minimum(?: of)?|not less than|no less than|>|<|＞|＜)\s*(?:\(\s*(?:<=|>=|≤|≥|<|>)\s*\))?\s*(?:or equal to )?(?P<n>\d{1,2}(?:[.,]\d)?)(?-u:\b)";
    OR_EQUAL = r"or equal to\s*$";
    EDSS_JOINT = r"^\s*(?:and|but|,)\s*";
    EDSS_BEHIND = r"^(?P<n>\d{1,2}(?:[.,]\d)?)\s*(?:points?)?\s*(?P<sign>or less|or lower|or below|or under|and below|or more|or higher|or greater|or above|and above|and under)";
    EDSS_BEFORE = r"(?P<a>\d{1,2}(?:\.\d)?)\s*(?:-|–|to|and)\s*(?P<b>\d{1,2}(?:\.\d)?)\s*(?:,?\s*inclusive\s*)?(?:on|by|in|as (?:measured|assessed) by)(?:\s+the)?\s+$";
    EDSS_CHANGE = r"(?:increase|worsening|progression|deterioration|change|decline|improvement|if(?: the)?(?: inclusion| baseline| screening)?|supported by|points? on|point)(?:\s+(?:of|in|on|the|their|an?|at|least|from|\d(?:\.\d)?|points?|or|more))*\W*$";
    EDSS_IF = r"(?-u:\b)(?:if|when|whose|(?:for|in) (?:patients|participants|subjects|those) with)(?:\s+\w+){0,3}\s*$";

    COURSE = r"(?P<mixed>relapsing (?:and/or|or|and|and non-active) progressive (?:forms? of )?(?:MS(?-u:\b)|multiple\s+sclerosis)|progressive (?:and/or|or|and) relapsing (?:forms? of )?(?:MS(?-u:\b)|multiple\s+sclerosis))|(?P<rrms>(?-u:\b)RRMS(?-u:\b)|(?:relapsing|relapse|relapses)[-–/ ]{0,3}(?:and )?\s*remitting(?: \(RR\))?|remitting[- ]relapsing|(?-u:\b)RR[- ]MS(?-u:\b))|(?P<prms>progressive[- ]relapsing|(?-u:\b)PRMS(?-u:\b)|progressive RMS)|(?P<both>primary (?:and/or|and|or) secondary[- ]progress(?:ive|ion)|secondary (?:and/or|and|or) primary[- ]progress(?:ive|ion))|(?P<nspms>(?:non-?active|inactive|not active)\s+(?:secondary[- ]progressive|SPMS)|(?:SPMS|secondary[- ]progressive(?: MS| multiple\s+sclerosis)?) without (?:\w+ )?relapses?)|(?P<aspms>active\s+(?:secondary[- ]progressive|SPMS)|(?-u:\b)aSPMS(?-u:\b))|(?P<spms>(?-u:\b)n?a?i?SPMS(?-u:\b)|secondary[- ]+\s*progressive|secondarily progressive|secondary progression)|(?P<ppms>(?-u:\b)PPMS(?-u:\b)|primary[- ]+\s*progressive|primary progression)|(?P<cis>clinical(?:ly)? isolated syndrome|(?-i:(?-u:\b)CIS(?-u:\b)))|(?P<pms>(?-i:(?-u:\b)PMS(?-u:\b))|(?:non-?active |chronic )?progressive (?:forms?|subtypes?|types?|course)(?: of)?(?: a)?(?: MS| multiple sclerosis)?|progressive (?:MS(?-u:\b)|multiple\s+sclerosis))|(?P<rms>(?-i:(?-u:\b)RF?MS(?-u:\b))|relapsing[- ]+(?:MS(?-u:\b)|multiple\s+sclerosis)|relapsing (?:clinical )?(?:forms?|course|types?)(?: of)?(?: MS| multiple sclerosis)?|relapsing disease course)";
    MS_WORD = r"multiple\s+sclerosis|(?-i:(?-u:\b)MS(?-u:\b))|sclerosis multiplex";
    DIAGNOSIS = r"diagnos(?:is|ed|e)|definite|McDonald|Mac Donald|Poser|according to|as defined|defined by|criteria for MS|confirmed MS|have MS|having MS|with (?:clinically )?definite|suffering from|panel criteria";
    NOT_A_DIAGNOSIS = r"(?:treatment (?:of|for)|therap(?:y|ies) (?:of|for)|treat(?:ed|ing)?|approved (?:for|by)|indicated (?:for|in)|consistent with|typical of|attributable to|suggestive of|due to|caused by|related to|management of|drugs? for|for the|distinguished from)(?:\s+\w+){0,3}\W*$|(?:treat|therap|drug|IFN|(?-u:\b)GA(?-u:\b)|medic)[^.;]{0,40}(?-u:\b)for\W*$";
    DEFINED_AS = r"(?:(?:is |are )?defined as|definition|meaning|i\.e\.,?\s+relapsing)";
    COURSE_DOUBT = r"without relapse|progressive[- ]relapsing|PRMS|progressive RMS|superimposed|high-risk|highly active|treatment-resistant|refractory|non-?responder|rapidly|recent progression|expected";
    ACTIVE_BEHIND = r"(?:that|which) (?:is|are) (?P<not>not |in)?active";
    ACTIVE = r"(?:\(?highly\)?\s+)?(?P<not>non-?|not |in)?active(?: and \w+)?\s+(?:treatment-resistant )?(?:relapsing|RRMS|RMS|SPMS|secondary|MS(?-u:\b)|multiple|progressive)";

    DURATION = r"(?:disease duration|duration of (?:the )?(?:disease|MS|multiple sclerosis|illness|symptoms)|(?:MS|multiple sclerosis) for|MS duration|(?:onset|diagnosis) of (?:MS|multiple sclerosis|disease)(?: symptoms?)?|(?:first|initial)(?: clinical)? (?:demyelinating event|symptoms?(?: of MS)?|manifestation)|time since (?:diagnosis|onset|first)|years? of (?:disease|illness|MS)(?-u:\b)|since (?:the )?(?:diagnosis|onset|first symptoms?)|diagnosed (?:with (?:MS|multiple sclerosis|RRMS) )?(?:within|for|at least|less than|more than))";
    NOT_LESS = r"(?:not|no) (?:less|shorter|fewer) than\W*$";
    AT_MOST = r"(?:<|≤|<=|(?:no|not) (?:longer|greater) than|less than|shorter than|no more than|not more than|at most|up to|within|under|not exceed\w*|maximum)\W*(?:or equal to\W*)?(?:the (?:past|last|previous)\W*)?(?:\(.*?\)\W*)?$";
    AT_LEAST = r"(?:>|≥|>=|more than|longer than|greater than|at least|over|exceeding|minimum(?: of)?)\W*(?:or equal to\W*)?$";
}

/// Who the study is for.
pub(super) static RULES: [Rule; 6] = [
    Rule::many(
        "age|adult|year|yr|children|adolescents|older|younger|over|under",
        &AGE_WORD,
        age,
    ),
    Rule::one("male|men", &ONE_SEX, sex),
    Rule::one("edss|disability|kurtzke", &EDSS_WORD, edss).listed(),
    Rule::many(
        "relaps|progress|rms|pms|rr|rfms|cis|isolated",
        &COURSE,
        courses,
    )
    .about_ms()
    .listed(),
    Rule::more("ms|sclerosis", &MS_WORD, any_ms)
        .about_ms()
        .listed(),
    Rule::one(
        "duration|year|ms|sclerosis|onset|diagnos|event|symptom|manifestation|since",
        &DURATION,
        duration,
    )
    .about_ms(),
];

/// A bound of a range, or both.
#[derive(Debug, Default, Clone, Copy, PartialEq)]
struct Bounds {
    min: Option<f64>,
    max: Option<f64>,
    /// Registrants write "over 18" for 18 and older.
    loose: bool,
}

fn age(item: &Item<'_>) -> Vec<Fact> {
    let Some((bounds, quote)) = stated_age(item) else {
        return Vec::new();
    };
    let fact = |min, max| {
        // "Not between 18 and 65" among exclusions bars the others.
        let lacks = item.bars() && item.negated(quote.start);
        let polarity = Polarity::exclude_if(item.bars() && !lacks);
        let certainty = Certainty::approximate_if(lacks || bounds.loose && !item.bars());
        item.fact(Value::Age { min, max }, polarity, quote.clone(), certainty)
    };
    // Ages are whole years: "older than 65" bars 66 and above.
    let above = |min: f64| {
        if item.bars() && bounds.loose {
            min + 1.0
        } else {
            min
        }
    };
    let (min, max) = (bounds.min.map(above), bounds.max);
    if item.bars() && min > max && max.is_some() {
        // "Under 18 or over 65" bars each for itself.
        return vec![fact(None, max), fact(min, None)];
    }
    vec![fact(min, max)]
}

/// Bounds of age, and where they stand.
fn stated_age(item: &Item<'_>) -> Option<(Bounds, Range<usize>)> {
    let word = AGE_WORD.find(item.text)?;
    let near = floor_boundary(item.text, word.start.saturating_sub(40))
        ..floor_boundary(item.text, (word.end + 25).min(item.text.len()));
    if NOT_AGE.is_in(item.part(near)) && !item.text.to_lowercase().starts_with("age") {
        return None;
    }
    let clause = item.clause(word.start);
    let (bounds, span) = age_bounds(item.part(clause.clone()))?;
    Some((bounds, clause.start + span.start..clause.start + span.end))
}

fn age_bounds(words: &str) -> Option<(Bounds, Range<usize>)> {
    let near = AGE_WORD.find(words)?;
    let (bounds, span) = age_range(words, &near)
        .or_else(|| age_signed(words, &near))
        .or_else(|| age_behind(words))?;
    Some((bounds, span.start.min(near.start)..span.end.max(near.end)))
}

/// Years that no person reaches.
const TOO_OLD: f64 = 110.0;

/// "18 to 60 years".
fn age_range(words: &str, near: &Range<usize>) -> Option<(Bounds, Range<usize>)> {
    AGE_RANGE.all_parts(words).find_map(|parts| {
        let (a, b): (f64, f64) = (parts["a"].parse().ok()?, parts["b"].parse().ok()?);
        let span = parts.get(0)?.range();
        let distance = if span.end <= near.start {
            near.start - span.end
        } else {
            span.start.saturating_sub(near.end)
        };
        let behind = &words[span.end..];
        // "4-6.5" is a scale, and "30 %" a share.
        let is_other = behind.starts_with('%') || DECIMALS.is_in(behind);
        // "Above 19 and below 75" are two bounds.
        let is_pair = OVER.is_in(&words[..parts.name("a")?.start()]);
        let is_age = !is_pair && a < b && b <= TOO_OLD && distance <= 30 && !is_other;
        let strict = parts
            .name("lt")
            .is_some_and(|sign| !matches!(sign.as_str(), "≤" | "<="));
        let bounds = Bounds {
            min: Some(a),
            max: Some(if strict { b - 1.0 } else { b }),
            loose: false,
        };
        is_age.then_some((bounds, span))
    })
}

/// "≥ 18 and < 65 years".
fn age_signed(words: &str, near: &Range<usize>) -> Option<(Bounds, Range<usize>)> {
    let mut bounds = Bounds::default();
    let mut whole: Option<Range<usize>> = None;
    for parts in AGE_SIGNED.all_parts(words) {
        let n: f64 = parts["n"].parse().ok()?;
        let span = parts.get(0)?.range();
        let is_years = parts.name("after").is_some()
            || span.start.saturating_sub(near.end) <= 30 && near.start <= span.start
            || words
                .get(span.end..near.start)
                .is_some_and(|to| to.len() <= 25 && JOINED.is_in(to))
            || (whole
                .as_ref()
                .and_then(|one| words.get(one.end..span.start)))
            .is_some_and(|to| to.len() <= 5 && JOINED.is_in(to));
        if n > TOO_OLD || !is_years || bounds.min.is_some() && bounds.max.is_some() {
            continue;
        }
        match side(&parts["sign"]) {
            Side::AtLeast => bounds.min = bounds.min.or(Some(n)),
            Side::Over => {
                bounds.min = bounds.min.or(Some(n));
                bounds.loose = true;
            }
            Side::AtMost => bounds.max = bounds.max.or(Some(n)),
            Side::Under => bounds.max = bounds.max.or(Some(n - 1.0)),
        }
        whole = Some(whole.map_or(span.clone(), |one| one.start..span.end));
    }
    Some((bounds, whole?))
}

/// "18 years or older", "aged 18".
fn age_behind(words: &str) -> Option<(Bounds, Range<usize>)> {
    let bare = || {
        AGE_BARE
            .parts(words)
            .filter(|parts| parts.name("sign").is_some())
    };
    let parts = AGE_BEHIND.parts(words).or_else(bare)?;
    let n: f64 = parts["n"].parse().ok().filter(|n| *n <= TOO_OLD)?;
    let sign = parts["sign"].to_lowercase();
    let down = ["younger", "less", "under"]
        .iter()
        .any(|word| sign.contains(word));
    let bounds = Bounds {
        min: (!down).then_some(n),
        max: down.then_some(n),
        loose: false,
    };
    Some((bounds, parts.get(0)?.range()))
}

/// Which side of a number a comparison means.
#[derive(Clone, Copy)]
enum Side {
    AtLeast,
    Over,
    AtMost,
    Under,
}

fn side(sign: &str) -> Side {
    match sign.to_lowercase().as_str() {
        "≥"
        | ">="
        | "=>"
        | "at least"
        | "least"
        | "greater than or equal to"
        | "minimum"
        | "minimum age"
        | "minimum of"
        | "minimum age of"
        | "not younger than"
        | "not less than"
        | "no younger than"
        | "no less than"
        | "or more"
        | "or higher"
        | "or greater"
        | "or above"
        | "and above" => Side::AtLeast,
        ">" | "＞" | "older than" | "over" | "above" | "greater than" | "more than"
        | "more then" | "exceeding" | "higher than" => Side::Over,
        "<" | "＜" | "less than" | "lower than" | "below" | "under" | "younger than" => {
            Side::Under
        }
        _ => Side::AtMost,
    }
}

fn sex(item: &Item<'_>) -> Option<Fact> {
    if item.kind != CriterionKind::Inclusion {
        return None;
    }
    let parts = ONE_SEX.parts(item.text)?;
    let female = parts["sex"].to_lowercase().starts_with(['f', 'w']);
    let lower = item.text.to_lowercase();
    let other = if female {
        [" male", " men "]
    } else {
        ["female", "women"]
    };
    if other.iter().any(|word| lower.contains(word))
        || lower.contains("potential")
        || lower.contains("must")
    {
        return None;
    }
    let span = parts.get(0)?.range();
    Some(item.fact(
        Value::Sex(if female { "FEMALE" } else { "MALE" }),
        Polarity::Require,
        span,
        Certainty::Exact,
    ))
}

fn number(text: &str) -> Option<f64> {
    text.replace(',', ".").parse().ok()
}

fn edss(item: &Item<'_>) -> Option<Fact> {
    EDSS_WORD
        .all(item.text)
        .find_map(|word| edss_at(item, &word))
}

fn edss_at(item: &Item<'_>, word: &Range<usize>) -> Option<Fact> {
    let clause = item.clause(word.start);
    let before = item.part(clause.start..word.start);
    if EDSS_CHANGE.is_in(before) || EDSS_IF.is_in(before) {
        return None;
    }
    let rest = item.part(word.end..);
    let skip = EDSS_SPACE.find(rest).map_or(0, |space| space.end);
    let behind = edss_bounds(&rest[skip..])
        .map(|(bounds, length)| (bounds, word.start..word.end + skip + length));
    let (bounds, span) = behind.or_else(|| edss_before(before, clause.start, word.end))?;
    let on_scale = |value: f64| (0.0..=10.0).contains(&value);
    if ![bounds.min, bounds.max].into_iter().flatten().all(on_scale) {
        return None;
    }
    let value = Value::Edss {
        min: bounds.min,
        max: bounds.max,
    };
    let polarity = Polarity::exclude_if(item.bars() || item.negated(word.start));
    Some(item.fact(value, polarity, span, Certainty::Exact))
}

/// "3.0 to 6.0 on the EDSS".
fn edss_before(before: &str, start: usize, end: usize) -> Option<(Bounds, Range<usize>)> {
    let parts = EDSS_BEFORE.parts(before)?;
    let bounds = Bounds {
        min: number(&parts["a"]),
        max: number(&parts["b"]),
        loose: false,
    };
    Some((bounds, start + parts.get(0)?.start()..end))
}

/// Reads bounds at the start of a text, with the length that they take. Strict
/// bounds move one half step.
fn edss_bounds(text: &str) -> Option<(Bounds, usize)> {
    if let Some(parts) = EDSS_RANGE.parts(text) {
        let (min, max) = (number(&parts["a"])?, number(&parts["b"])?);
        if min <= max {
            let strict = parts
                .name("op")
                .is_some_and(|op| matches!(op.as_str(), "<" | "less than"));
            let max = if strict { max - 0.5 } else { max };
            let end = parts.name("b")?.end();
            return Some((
                Bounds {
                    min: Some(min),
                    max: Some(max),
                    loose: false,
                },
                end,
            ));
        }
    }
    let parts = EDSS_SIGNED
        .parts(text)
        .or_else(|| EDSS_BEHIND.parts(text))?;
    let n = number(&parts["n"])?;
    let mut bounds = Bounds::default();
    // "Lower than or equal to 6" takes 6 in.
    let or_equal = OR_EQUAL.is_in(&text[..parts.name("n")?.start()]);
    match side(&parts["sign"]) {
        Side::AtLeast => bounds.min = Some(n),
        Side::Over if or_equal => bounds.min = Some(n),
        Side::Under if or_equal => bounds.max = Some(n),
        Side::Over => bounds.min = Some(n + 0.5),
        Side::Under => bounds.max = Some(n - 0.5),
        Side::AtMost => bounds.max = Some(n),
    }
    let end = parts.get(0)?.end();
    // "> 2.0 and < 7.0": the other side may follow.
    if let Some(joint) = EDSS_JOINT.find(&text[end..])
        && EDSS_SIGNED.find(&text[end + joint.end..]).is_some()
        && let Some((other, length)) = edss_bounds(&text[end + joint.end..])
        && (bounds.min.is_some() && other.max.is_some()
            || bounds.max.is_some() && other.min.is_some())
    {
        bounds.min = bounds.min.or(other.min);
        bounds.max = bounds.max.or(other.max);
        return Some((bounds, end + joint.end + length));
    }
    Some((bounds, end))
}

/// Courses that a criterion asks for, or bars.
fn courses(item: &Item<'_>) -> Vec<Fact> {
    let limit = DEFINED_AS
        .find(item.text)
        .map_or(item.text.len(), |defined| defined.start);
    let mut found: Vec<(&'static str, Range<usize>)> = Vec::new();
    // Courses that are named with their activity.
    let mut stated: Vec<(&'static str, Range<usize>)> = Vec::new();
    for parts in COURSE.all_parts(item.text) {
        let Some(span) = parts.get(0).map(|all| all.range()) else {
            continue;
        };
        // Later sentences explain the courses; they ask for none.
        let explains = found.first().is_some_and(|(_, first)| {
            span.start > limit || !item.clause(first.start).contains(&span.start)
        });
        if !explains && is_meant(item, span.start) {
            let names = course_names(&parts).iter();
            found.extend(names.map(|name| (*name, span.clone())));
            let with_activity = parts.name("nspms").or_else(|| parts.name("aspms"));
            stated.extend(with_activity.map(|_| ("spms", span)));
        }
    }
    let coded = |(_, span): &(_, Range<usize>)| COURSE_CODE.is_in(item.part(span.clone()));
    let about = MS_WORD.is_in(item.text) || found.iter().any(coded) || COURSE_TALK.is_in(item.text);
    let named = found.iter().any(|(name, _)| *name != "prms");
    if !(named && about) {
        return Vec::new();
    }
    let plain: Vec<_> = (found.iter().filter(|one| !stated.contains(one)).cloned()).collect();
    if !item.bars() || stated.is_empty() || plain.is_empty() {
        return vec![course_fact(item, &found)];
    }
    // "PPMS or non-active SPMS" bars each for itself: only the second by its activity.
    let mut others = course_fact(item, &plain);
    if let Value::MsCourse { activity, .. } = &mut others.value {
        *activity = None;
    }
    let doubt = |(_, span): &(_, Range<usize>)| COURSE_DOUBT.is_in(item.part(span.clone()));
    others.certainty = Certainty::approximate_if(item.loose || plain.iter().any(doubt));
    vec![others, course_fact(item, &stated)]
}

/// Names of a course in [`COURSE`], with the codes that they stand for.
const COURSES: [(&str, &[&str]); 11] = [
    ("both", &["ppms", "spms"]),
    ("mixed", &["rms", "pms"]),
    ("prms", &["prms"]),
    ("rrms", &["rrms"]),
    ("spms", &["spms"]),
    ("ppms", &["ppms"]),
    ("cis", &["cis"]),
    ("pms", &["pms"]),
    ("rms", &["rms"]),
    ("aspms", &["spms"]),
    ("nspms", &["spms"]),
];

fn course_names(parts: &Captures<'_>) -> &'static [&'static str] {
    COURSES
        .iter()
        .find(|(name, _)| parts.name(name).is_some())
        .map_or(&[], |(_, codes)| codes)
}

patterns! {
    WITHOUT_RELAPSES = r"(?:SPMS|secondary[- ]progressive(?: MS| multiple\s+sclerosis)?) without (?:\w+ )?relapses?";
    COURSE_CODE = r"(?-u:\b)(?:RRMS|SPMS|aSPMS|iSPMS|PPMS|PMS|RMS|CIS)(?-u:\b)|isolated syndrome";
    COURSE_TALK = r"(?:disease|clinical|MS)?[- ]?(?:course|subtype|phenotype|form)(?-u:\b)";
}

/// A course counts unless it stands in what a drug is approved for, in "other than", or the like.
fn is_meant(item: &Item<'_>, at: usize) -> bool {
    let before = item.part(item.clause(at).start..at);
    !NOT_A_DIAGNOSIS.is_in(before) && !item.set_apart(at)
}

fn course_fact(item: &Item<'_>, found: &[(&'static str, Range<usize>)]) -> Fact {
    let has = |name: &str| found.iter().any(|(one, _)| *one == name);
    let narrow = has("rrms") || has("spms") || has("ppms");
    let mut any_of: Vec<&'static str> = Vec::new();
    for name in ["cis", "rrms", "spms", "ppms", "rms", "pms"] {
        let umbrella = name == "rms" && (has("rrms") || has("spms"))
            || name == "pms" && narrow && (has("spms") || has("ppms"));
        if has(name) && !umbrella {
            any_of.push(name);
        }
    }
    let start = found.iter().map(|(_, span)| span.start).min().unwrap_or(0);
    let end = found
        .iter()
        .map(|(_, span)| span.end)
        .max()
        .unwrap_or(item.text.len());
    let clause = item.clause(start);
    let end = MS_WORD
        .find(item.part(end..clause.end.max(end)))
        .filter(|ms| ms.start <= 3)
        .map_or(end, |ms| end + ms.end);
    let words = item.part(clause.clone());
    let named = ACTIVE.parts(words).or_else(|| ACTIVE_BEHIND.parts(words));
    let activity = named.map(|parts| {
        if parts.name("not").is_some() {
            "not_active"
        } else {
            "active"
        }
    });
    let activity = activity.or(WITHOUT_RELAPSES.is_in(words).then_some("not_active"));
    let all_members = any_of.len() == 1;
    let doubt = COURSE_DOUBT.is_in(item.part(clause.start..end.max(clause.end)))
        || activity.is_some() && !all_members;
    let negated = item.negated(start);
    // "Lack of an RRMS diagnosis" among exclusions asks for one.
    let polarity = Polarity::exclude_if(item.bars() != negated);
    let certainty = Certainty::approximate_if(doubt || item.bars() && negated);
    let value = Value::MsCourse {
        any_of,
        activity: activity.filter(|_| all_members),
    };
    item.fact(value, polarity, start..end, certainty)
}

/// "Diagnosis of MS by the `McDonald` criteria" asks for MS of any course; MS
/// as a mere noun asks for nothing.
fn any_ms(item: &Item<'_>, found: &mut Found) {
    let named = |fact: &Fact| fact.value.kind() == "ms_course";
    if !found.facts.iter().any(named) {
        found.facts.extend(any_course(item));
    }
}

fn any_course(item: &Item<'_>) -> Option<Fact> {
    let ms = MS_WORD
        .all(item.text)
        .find(|span| is_meant(item, span.start))?;
    let clause = item.clause(ms.start);
    let words = item.part(clause.clone());
    let is_whole = item.text.trim().len() <= ms.len() + 12;
    if item.bars() {
        // Trials of other diseases bar MS itself.
        let bars_ms = MS_ALONE.is_in(item.text);
        return bars_ms.then(|| ms_fact(item, Polarity::Exclude, ms));
    }
    if item.negated(ms.start) {
        return None;
    }
    let (near, own) = near_commas(words, ms.start - clause.start);
    let told = DIAGNOSIS.is_in(words) && !NOT_MS_ITSELF.is_in(words)
        || DIAGNOSIS.is_in(own) && !NOT_MS_ITSELF.is_in(own);
    if is_whole && NOT_MS_ITSELF.is_in(words) || !is_whole && !told {
        return None;
    }
    let diagnosis = (DIAGNOSIS
        .find(own)
        .map(|word| near + word.start..near + word.end))
    .or_else(|| DIAGNOSIS.find(words))
    .map_or(ms.clone(), |word| {
        clause.start + word.start..clause.start + word.end
    });
    let span = ms.start.min(diagnosis.start)..ms.end.max(diagnosis.end);
    Some(ms_fact(item, Polarity::Require, span))
}

fn ms_fact(item: &Item<'_>, polarity: Polarity, span: Range<usize>) -> Fact {
    let value = Value::MsCourse {
        any_of: vec!["ms"],
        activity: None,
    };
    item.fact(value, polarity, span, Certainty::Exact)
}

/// The part between commas around an offset: "MS by `McDonald`, no relapse, …" lists
/// several demands. Returns where it starts, too.
fn near_commas(words: &str, at: usize) -> (usize, &str) {
    let start = words[..at].rfind(',').map_or(0, |comma| comma + 1);
    let end = words[at..]
        .find(',')
        .map_or(words.len(), |comma| at + comma);
    (start, &words[start..end])
}

patterns! {
    MS_ALONE = r"^\W*(?:an? )?(?:(?:confirmed |definite |established |known )?(?:diagnosis|history) of )?(?:multiple sclerosis|(?-i:MS))(?: \(MS\))?\W*$";
    NOT_MS_ITSELF = r"diagnosed (?:at least|within|for|less|more|over|≥|<|>)|relapse|attack|exacerbation|lesion|MRI|other than|disease[- ]modifying|treatment|therapy|medication|symptoms|first clinical|primary care|neuropathic|related|spasticity|severity|lubiprostone|study drug|typical of";
}

fn duration(item: &Item<'_>) -> Option<Fact> {
    let word = DURATION.find(item.text)?;
    let clause = item.clause(word.start);
    let time = times(item.part(clause.clone()))
        .into_iter()
        .map(|time| {
            (
                clause.start + time.span.start..clause.start + time.span.end,
                time,
            )
        })
        .find(|(span, _)| {
            span.start.saturating_sub(word.end) <= 60 || word.start.saturating_sub(span.end) <= 20
        })?;
    let (span, time) = time;
    let before = item.part(clause.start..span.start);
    let years = time.years();
    let (min_years, max_years) = if NOT_LESS.is_in(before) {
        (Some(years), None)
    } else if AT_MOST.is_in(before) {
        (None, Some(years))
    } else if AT_LEAST.is_in(before) {
        (Some(years), None)
    } else {
        return None;
    };
    if ONSET_OF_COURSE.is_in(item.part(clause.clone())) {
        return None;
    }
    let (max_years, end) = match upper_bound(item.part(span.end..clause.end)) {
        Some((years, length)) if min_years.is_some() => (Some(years), span.end + length),
        _ => (max_years, span.end),
    };
    let polarity = Polarity::exclude_if(item.bars());
    // "… in patients with EDSS > 5": one of several bounds.
    let certainty = Certainty::approximate_if(CONDITIONAL.is_in(item.part(clause)));
    let quote = word.start.min(span.start)..end.max(word.end);
    Some(item.fact(
        Value::DiseaseDuration {
            min_years,
            max_years,
        },
        polarity,
        quote,
        certainty,
    ))
}

/// "… and less than 15 years" behind a lower bound, with the length that it takes.
fn upper_bound(behind: &str) -> Option<(f64, usize)> {
    let time = times(behind).into_iter().next()?;
    let between = &behind[..time.span.start];
    let joined = JOINED.is_in(between) && AT_MOST.is_in(between) && !NOT_LESS.is_in(between);
    (joined && between.len() <= 40).then(|| (time.years(), time.span.end))
}

patterns! {
    CONDITIONAL = r"(?:in|for) (?:(?:a )?person|people|patients|participants|subjects|those) (?:with|whose)|(?-u:\b)if(?-u:\b)";
    ONSET_OF_COURSE = r"onset of (?:SPMS|secondary|progress)|MRI scan demonstrating";
}
