//! Earlier and present treatment, cells and genes, transplants.

use std::ops::Range;

use super::denial::{
    Sense, asks_nothing, is_dated_otherwise, is_for_another_disease, is_long_ago, is_permitted,
    sense, short_washout, speaks_of_washout, tells_length,
};
use super::{Found, Rule};
use crate::criteria::fact::{Certainty, Fact, Polarity, Value};
use crate::criteria::item::Item;
use crate::criteria::pattern::patterns;
use crate::criteria::time::{Time, has_half_lives, longest, times, window};

patterns! {
    TRIGGER = r"(?-u:\b)(?:prior|earlier|previous(?:ly)?|treated|treatment|therapy|therapies|use[ds]?|using|received?|receiving|recipients?|exposure|exposed|history of|na[iï]ve|concomitant|concurrent|current(?:ly)?|presently|taking|taken|administration|administered|medications?|on|steroids within|within|during|before|free of|without|no|last|dose|washout|participat\w+|prescribed|being|started|initiated)(?-u:\b)";
    NOT_TREATMENT = r"allerg|hypersensitiv|anaphyla|intoleran|contraindicat|sensitive to|sensitivity to|eligible (?:for|to)|indicat(?:ed|ion) (?:for|to)|inability to|reaction to|first (?:dose|infusion) of|quick-?start|excipient|per product|component of|prescribing criteria|non-compliance|NAB titre|antibod(?:y|ies) (?:against|to|test)|positive for|seropositiv|seronegative|test for|level|IgG index|transfusion|quantitative|serum immuno|(?:immunoglobulin|Ig) ?[GM](?-u:\b)|hypogamma|contracepti|birth control|investigational (?:product|medicinal|site|center)|study drug|randomi[sz]ed in|parent study|not (?:on|receiving|taking) a stable|may benefit|(?:is|are) indicated|switch|intended|study treatment|for adequate time|tolerate|stability on|pre-specified|(?:start|initiation) of an? new|chang(?:ed?|es|ing) (?:(?:in|of) )?(?:the )?(?:dos|medication|regimen)|new or currently changed";
    STABLE = r"stable (?:dose|therapy|regimen|treatment|interferon|immunomodulatory|on)|will start|eligible to start|prescribed|naive to treatment or|no more than one class|na[iï]ve(?: to \w+)?,?\s+(?:or|and)(?-u:\b)|may be treatment|for which treatment|as part of|^\W*if |allowed|permitted";
    /// A drug that must be taken, at a steady dose: the drug is the demand.
    STABLE_REQUIRED = r"(?:must (?:have been|be)|has been|have been|currently) (?:treated|receiving|on|taking)(?-u:\b)[^.;]{0,30}(?-u:\b)stable (?:regimen|dose|treatment|therapy)";
    PERMITTED = r"(?:permitted|allowed|acceptable)\W*$";
    STABLE_CHOICE = r"(?-u:\b)(?:if|unless|or no|allowed|permitted|other than)(?-u:\b)";
    OTHER_SETS = r"(?:other than|except(?:ion of|ing)?(?: for)?|excluding|apart from|with the exception of)(?:\W+[\w-]+){0,6}\W*$";
    ALSO_EXCEPT = r"except|excluding|unless|other than|apart from";
    NOW = r"(?-u:\b)(?:currently|current|concomitant(?:ly)?|concurrent(?:ly)?|not (?:taking|using|receiving)|presently|ongoing|being treated|are receiving|is receiving|are taking|on chronic|chronic)(?-u:\b)";
    EVER = r"at any time|(?-u:\b)ever(?-u:\b)|any prior|prior or concurrent|any current or previous|history of|previous(?:ly)?|(?-u:\b)prior (?:use|treatment|exposure|therapy|history)|na[iï]ve";
    DETAIL = r"without |\d+\s*mg|consecutive|cumulative|(?-u:\b)both(?-u:\b)|class (?:I|1|V)|times (?:a|per)|chronic|pulse|more than \d|courses?|high[- ]dose|topical|inhaled|route|planned|pre-specified|if |unless|for (?:the )?treatment of|stable|half[- ]li";
    MINIMUM = r"(?:for|minimum of|at least|≥|>=|for a minimum of|for at least)\W+(?:a minimum of |at least )?$";

    TRIAL = r"(?:participat\w*|(?:take|took|taken|taking) part|participant|enrol\w+|involve\w+|inclusion)(?:,? planning to participate,? or have participated)?\s+(?:in|is)\s+(?:an?|another|any|other|any other|one or more)\s*(?:\w+\s+){0,4}(?:trials?|stud(?:y|ies)|project)|participation in drug clinical\s+studies";
    TRIAL_NOT = r"potential participation|considerations|extension|willing|agree|criteria|eligible|register|registry|CHAMPS|completed|preclude|part 1|observational|previous participation";

    CELLS = r"CAR[- ]?T(?-u:\b)|chimeric antigen|gene[- ]therap\w+|gene[- ](?:modified|edited|transfer)|genetically (?:modified|engineered)|engineered\s+(?:\w+\s+)?(?:T[- ]?)?cells?|(?:cell|cellular|T[- ]cell)[- ](?:based )?therap\w+|adoptive (?:T )?cell|genetic modification|mesenchymal (?:\w+ )?cells?|stem[- ]cell (?:therap|treatment)\w*";
    CELLS_TRIGGER = r"(?-u:\b)(?:within|any|earlier)(?-u:\b)|prior|previous|history|receiv|treated|treatment|have had|undergone|exposure|past";
    CELLS_NOT = r"after (?:CAR|receiving)|following (?:CAR|the)|follow[- ]?up|infusion of (?:the )?study|investigator|allerg|hypersens|contracep|suitable|candidate|indicated|willing|consent|agree|understand";

    TRANSPLANT = r"transplant\w*|(?-u:\b)A?HSCT(?-u:\b)|(?-u:\b)allograft";
    HSCT = r"stem[- ]cell|bone[- ]marrow|h(?:a)?ematopoietic|HSCT|(?-u:\b)SCT(?-u:\b)";
    ORGAN = r"organ|kidney|liver|heart|lung|renal|pancrea|cornea";
    AUTOLOGOUS = r"autologous|AHSCT";
    ALLOGENEIC = r"allogen[ei]*c";
    TRANSPLANT_NOT = r"candidate|await|waiting list|listed|eligible for|willing|donor|considered for|anticipated|expected|likely to|planned|scheduled|need for|list for";
}

/// Treatments, trials, cells and genes, transplants.
pub(super) static RULES: [Rule; 4] = [
    Rule::more("", &ANYTHING, prior),
    Rule::more("particip|part|enrol|involve|inclusion", &TRIAL, trial),
    Rule::one("cell|gene|car|chimeric", &CELLS, cells),
    Rule::one("transplant|hsct|allograft", &TRANSPLANT, transplant),
];

patterns! {
    /// Treatments are found by their table, not by words of a rule.
    ANYTHING = r"";
}

/// A stretch of text with one window.
struct Group {
    span: Range<usize>,
    drugs: Vec<(Range<usize>, String)>,
}

fn prior(item: &Item<'_>, found: &mut Found) {
    for clause in item.clauses {
        let words = item.part(clause.clone());
        let mut drugs: Vec<(Range<usize>, String)> = Vec::new();
        for (hit, name) in item.treatments.find(words) {
            let span = clause.start + hit.start..clause.start + hit.end;
            let failed = found.failed.as_ref();
            let in_failure =
                failed.is_some_and(|part| part.start <= span.start && span.end <= part.end);
            let before = item.part(clause.start..span.start);
            if !in_failure
                && !OTHER_SETS.is_in(before)
                && !is_noise(item, &span, &name)
                && !is_permitted(item, clause, &span)
            {
                drugs.push((span, name.into_owned()));
            }
        }
        let Some(first) = drugs.first().map(|(span, _)| span.start) else {
            continue;
        };
        if !speaks_of_treatment(item, words, clause.start, first) {
            continue;
        }
        for group in groups(item, clause, drugs) {
            found.facts.extend(group_fact(item, clause, &group));
        }
    }
}

/// "Treatment" may stand in the criterion above a list.
fn speaks_of_treatment(item: &Item<'_>, words: &str, before: usize, first: usize) -> bool {
    // An exclusion that is no more than a drug and a time.
    let lead = item
        .part(before..first)
        .trim_start_matches(|c: char| !c.is_alphanumeric());
    let bare = item.bars() && before == 0 && lead.len() <= 4 && words.len() <= 90;
    let head = item.head.is_some_and(|head| HEAD_TRIGGER.is_in(head));
    // An exclusion with a time to look back over speaks of treatment, or of nothing.
    let timed = item.bars() && window(words).is_some();
    let triggered =
        bare || timed || TRIGGER.is_in(words) || head || TRIGGER.is_in(item.before(before));
    let is_required = STABLE_REQUIRED.is_in(words) && !STABLE_CHOICE.is_in(words);
    let unsaid = NOT_TREATMENT.is_in(words)
        || PERMITTED.is_in(words) && !words.contains('(')
        || STABLE.is_in(words) && !item.bars();
    triggered && (is_required || !unsaid)
}

patterns! {
    HEAD_TRIGGER = r"treated with|use of|following (?:therapies|treatments|medications|drugs)|received|treatment with|prior (?:treatment|therapy|use)|taking|exposure|history of treatment|concomitant";
    STEROID_USE = r"treated or not|requir\w+ cortico|for relapse|(?:relapses?|exacerbations?|attacks?) (?:that|must|requir|treated)|steroid psychosis|treated with\s*(?:methyl|cortico)|responsive";
    INVESTIGATIONAL_NOUN = r"^\W*(?:\w+\s+){0,2}(?:drugs?|agents?|products?|therap\w+|treatments?|medications?|medicinal|compounds?|or|and|MS|devices?|substances?|immuno\w*|cell|biologic\w*|intervention\w*)";
}

fn is_noise(item: &Item<'_>, span: &Range<usize>, name: &str) -> bool {
    let clause = item.clause(span.start);
    let words = item.part(clause.clone());
    let after = item.part(span.end..clause.end);
    if REFERENCE.is_in(item.part(clause.start..span.start))
        || NAMED_STUDY.is_in(after)
        || OTHER_THAN_IT.is_in(after)
    {
        return true;
    }
    match name {
        "corticosteroid" => STEROID_USE.is_in(words),
        "investigational" => {
            !INVESTIGATIONAL_NOUN.is_in(after)
                || INVESTIGATIONAL_PRODUCT.is_in(item.part(span.start..clause.end))
        }
        "immunosuppressant" | "immunomodulator" | "cytotoxic" | "biologic" | "chemotherapy" => {
            IMMUNE_TALK.is_in(words)
        }
        "ivig" => SERUM.is_in(words),
        "cannabinoid" => item.bars() && SUBSTANCE.is_in(words),
        _ => false,
    }
}

patterns! {
    /// The day that a window is counted from ("within 7 days of first X treatment").
    REFERENCE = r"(?:of|to|before|after|from)\s+(?:the\s+)?(?:(?:first|initial|starting|initiation of|initiating|start of|study)\s+(?:dose of\s+)?|(?:first |starting |initiation of |start of )?(?:treatment|therapy|dosing|infusion)\s+(?:with|of)\s+)$|controlled (?:on|with|by)\s+(?:\w+\s+)?$|(?:discontinu\w+|stopping|cessation) (?:of )?(?:\w+ or )?$|(?:randomi[sz]ed|allocated|assigned) (?:in)?to (?:the )?(?:\w+ )?$";
    /// A study or a group of one that bears the name of a drug.
    NAMED_STUDY = r"^\W*(?:\w+[ -]){0,2}(?:arm|group|program(?:me)?|registry|extension)(?-u:\b)";
    OTHER_THAN_IT = r"^\W*other than(?-u:\b)";
    INVESTIGATIONAL_PRODUCT = r"^investigational (?:medicinal )?product";
    IMMUNE_TALK = r"immunocompromised|due to prior immuno|or surgery|autoimmune disorder other than|requiring immuno|would preclude|no longer respond";
    SERUM = r"immunoglobulin ?[GMA](?-u:\b)|\(IgG?|serum immun|IgG|hypogam|titer|antibody test|for immunoglobulin";
    SUBSTANCE = r"abuse|dependence|smoking";
}

/// Parts drugs where each has a window of its own ("cladribine within 1 year, X within 6 months").
fn groups(
    item: &Item<'_>,
    clause: &Range<usize>,
    drugs: Vec<(Range<usize>, String)>,
) -> Vec<Group> {
    let words = item.part(clause.clone());
    let mut windows: Vec<Range<usize>> = times(words)
        .into_iter()
        .filter(|time| time.is_window)
        .map(|time| time.span)
        .chain(AT_ANY_TIME.all(words))
        .map(|span| clause.start + span.start..clause.start + span.end)
        .collect();
    windows.sort_by_key(|span| span.start);
    // Windows that each follow drugs close a group; one window, or windows in front, hold for all.
    let mut groups = Vec::new();
    let mut start = clause.start;
    let mut rest = drugs;
    if windows.len() > 1 {
        for window in &windows[..windows.len() - 1] {
            let behind = rest.iter().any(|(span, _)| span.start > window.end);
            let (now, later): (Vec<_>, Vec<_>) = rest
                .into_iter()
                .partition(|(span, _)| span.end <= window.start);
            let closes =
                behind && !now.is_empty() && !is_half_of_a_choice(item, window.end, &later);
            if closes {
                groups.push(Group {
                    span: start..window.end,
                    drugs: now,
                });
                start = window.end;
                rest = later;
            } else {
                rest = now.into_iter().chain(later).collect();
            }
        }
    }
    if !rest.is_empty() {
        groups.push(Group {
            span: start..clause.end,
            drugs: rest,
        });
    }
    groups
}

/// "4 weeks or 5 half-lives" is one window; "4 weeks or rituximab within 6 months" are two.
fn is_half_of_a_choice(item: &Item<'_>, at: usize, later: &[(Range<usize>, String)]) -> bool {
    let rest = item.part(at..);
    let behind = rest.trim_start();
    let next = at + rest.len() - behind.len() + OR_LENGTH;
    behind.starts_with("or ") && !later.iter().any(|(span, _)| span.start == next)
}

/// Bytes of "or " in front of a name.
const OR_LENGTH: usize = 3;

patterns! {
    AT_ANY_TIME = r"at any (?:time|point)|(?-u:\b)ever(?-u:\b)";
}

fn group_fact(item: &Item<'_>, clause: &Range<usize>, group: &Group) -> Option<Fact> {
    let words = item.part(group.span.clone());
    let first = group.drugs.iter().map(|(span, _)| span.start).min()?;
    let last = group.drugs.iter().map(|(span, _)| span.end).max()?;
    let Sense { polarity, doubtful } = sense(item, words, &(first..last))?;
    let last_dose = LAST_DOSE.is_in(words) && !LAST_RECENT.is_in(words);
    let barred = polarity == Polarity::Exclude || last_dose && !item.bars();
    let polarity = Polarity::exclude_if(barred);
    let mut names: Vec<String> = Vec::new();
    for (_, name) in &group.drugs {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    let (window_days, unsure) = if barred {
        barred_window(item, group, clause, first..last)
    } else {
        required_window(item, words)?
    };
    let doubtful = doubtful
        || unsure
        || DETAIL.is_in(words)
        || ALSO_EXCEPT.is_in(item.part(clause.clone()))
        || has_half_lives(words);
    // A steady dose is a rule about the dose, unless the drug is barred for a time.
    if barred && window_days.is_none() && STEADY.is_in(words) {
        return None;
    }
    // Whether a treatment named in an exclusion is barred or its lack: "unable to interrupt", "not using".
    if item.bars() && LACK_OF_USE.is_in(item.part(clause.start..first)) {
        return None;
    }
    let certainty = Certainty::approximate_if(doubtful);
    let start = group.span.start + words.len() - words.trim_start().len();
    let value = Value::PriorTreatment {
        treatments: names,
        window_days,
    };
    Some(item.fact(value, polarity, start..group.span.end.max(last), certainty))
}

/// The window of what is barred, in days, and whether something in it is left to read.
fn barred_window(
    item: &Item<'_>,
    group: &Group,
    clause: &Range<usize>,
    drugs: Range<usize>,
) -> (Option<f64>, bool) {
    let words = item.part(group.span.clone());
    let denied = !item.bars();
    let is_length = |time: &Time| !denied && tells_length(words, time);
    let (lengths, others): (Vec<Time>, Vec<Time>) = times(words).into_iter().partition(is_length);
    let own = longest(others.iter().filter(|time| time.is_window));
    let has_time = !others.is_empty();
    if is_dated_otherwise(item.part(clause.start..drugs.start), words) {
        return (is_now(words).then_some(0.0), true);
    }
    if item.bars() && others.iter().any(|time| is_long_ago(words, time)) {
        return (None, true);
    }
    let above = own.is_none().then(|| group_window_in_head(item)).flatten();
    let is_inherited = above.is_some();
    let last_dose = LAST_DOSE.is_in(words) && !LAST_RECENT.is_in(words);
    let found = own
        .or(above)
        .or_else(|| others.into_iter().next().filter(|_| last_dose))
        .or_else(|| short_washout(words).filter(|_| item.bars()))
        .or_else(|| time_behind(item, drugs.end..group.span.end, denied));
    let now = found.is_none() && is_now(words);
    let unsure = is_inherited
        || !lengths.is_empty()
        || found.is_none() && item.bars() && (has_time || speaks_of_washout(words));
    (found.map(|time| time.days()).or(now.then_some(0.0)), unsure)
}

/// The window of what is asked for, in days, and whether something in it is left to read; `None`
/// where no use is asked for.
fn required_window(item: &Item<'_>, words: &str) -> Option<(Option<f64>, bool)> {
    if !item.bars() && !REQUIRED_USE.is_in(words) && !LAST_RECENT.is_in(words) {
        return None;
    }
    let own = window(words);
    let above = own.is_none().then(|| group_window_in_head(item)).flatten();
    let is_inherited = above.is_some();
    let found = own.or(above);
    let now = found.is_none() && is_now(words);
    let minimum = |time: &Time| MINIMUM.is_in(&words[..time.span.start]);
    let length = times(words).into_iter().find(minimum);
    let unsure = is_inherited || length.is_some() || LIMITED_USE.is_in(words);
    let found = length.or(found).map(|time| time.days());
    Some((found.or(now.then_some(0.0)), unsure))
}

/// Says whether words speak of treatment at present.
fn is_now(words: &str) -> bool {
    NOW.is_in(words) && !EVER.is_in(words)
}

/// "Steroids < 4 weeks", "no steroids for 8 weeks": a time right behind what is barred.
fn time_behind(item: &Item<'_>, behind: Range<usize>, denied: bool) -> Option<Time> {
    let words = item.part(behind);
    times(words).into_iter().find(|time| {
        let between = &words[..time.span.start];
        item.bars() && LESS.is_in(between) || denied && FOR.is_in(between)
    })
}

patterns! {
    LESS = r"^\s*(?:<|≤|＜)\s*$";
    FOR = r"^[^.;]{0,80}(?-u:\b)for (?:at least |a minimum of |≥\s*|the (?:last|past) )?$";
    /// "Last dose no more than 7 months ago" asks for the drug.
    LAST_RECENT = r"last [^.;]{0,60}(?:dose|infusion|injection|administration|treatment)[^.;]{0,40}(?:(?:no|not) (?:more|longer) than|less than)";
    STEADY = r"unless (?:\w+ ){0,3}stable";
    LIMITED_USE = r"total exposure|who (?:have|has|had|are|were)|investigator|(?-u:\b)(?:or|and/or|if|per|such as|including|other)(?-u:\b)";
    /// "Last dose at least 1 month before" bars the drug in that month.
    LAST_DOSE = r"last [^.;]{0,60}(?:dose|infusion|injection|administration|treatment)[^.;]{0,40}(?:at least|more than|>|≥)|at least [^.;]{0,30}since (?:the )?last";
    REQUIRED_USE = r"(?:prior|previous) (?:treatment|therapy|use|exposure)|(?:treated|treatment) (?:with|for)|must have been|currently (?:on|receiving|taking|treated)|have received|has received|receiving|on (?:one of|a stable|treatment|therapy)";
    LACK_OF_USE = r"unable to (?:interrupt|stop|discontinue)|unwilling to|not (?:able|willing) to|refus\w+|fail(?:ure|s|ed|ing)? to (?:take|receive|use|have|start|complete|undergo)|inability";
}

/// A window in the line above holds for the list below it.
fn group_window_in_head(item: &Item<'_>) -> Option<Time> {
    let head = item.head?;
    if !HEAD_TRIGGER.is_in(head) {
        return None;
    }
    EVER_IN_ITEM
        .find(item.text)
        .is_none()
        .then(|| window(head))
        .flatten()
}

patterns! {
    EVER_IN_ITEM = r"at any time|(?-u:\b)ever(?-u:\b)|any prior";
}

/// Taking part in another trial counts as an investigational treatment.
fn trial(item: &Item<'_>, found: &mut Found) {
    let said = |fact: &Fact| matches!(&fact.value, Value::PriorTreatment { treatments, .. } if treatments.iter().any(|one| one == "investigational"));
    if !found.facts.iter().any(said) {
        found.facts.extend(trial_fact(item));
    }
}

fn trial_fact(item: &Item<'_>) -> Option<Fact> {
    let span = TRIAL.find(item.text)?;
    let clause = item.clause(span.start);
    let words = item.part(clause.clone());
    if !item.bars() && !item.negated(span.start) || TRIAL_NOT.is_in(words) {
        return None;
    }
    let found = window(words);
    let now = found.is_none() && !EVER.is_in(words);
    let doubtful = has_half_lives(words) || ALSO_EXCEPT.is_in(words) || OBSERVED.is_in(words);
    let certainty = Certainty::approximate_if(doubtful);
    let window_days = found.map(|time| time.days()).or(now.then_some(0.0));
    let value = Value::PriorTreatment {
        treatments: vec!["investigational".to_owned()],
        window_days,
    };
    Some(item.fact(value, Polarity::Exclude, clause, certainty))
}

patterns! {
    OBSERVED = r"exceptions|observational|planning|interventional";
}

/// Given for another disease than MS, or denied among what bars.
fn is_doubted(item: &Item<'_>, words: &str, at: usize) -> bool {
    is_for_another_disease(words) || item.bars() && item.negated(at)
}

fn cells(item: &Item<'_>) -> Option<Fact> {
    let span = CELLS.find(item.text)?;
    let clause = item.clause(span.start);
    let words = item.part(clause.clone());
    let negative = item.negated(span.start);
    if !CELLS_TRIGGER.is_in(words)
        || CELLS_NOT.is_in(words)
        || asks_nothing(words)
        || !(item.bars() || negative)
    {
        return None;
    }
    let found = window(words);
    let doubtful =
        ALSO_EXCEPT.is_in(words) || has_half_lives(words) || is_doubted(item, words, span.start);
    let certainty = Certainty::approximate_if(doubtful);
    let value = Value::CellOrGeneTherapy {
        window_days: found.map(|time| time.days()),
    };
    Some(item.fact(value, Polarity::Exclude, clause, certainty))
}

fn transplant(item: &Item<'_>) -> Option<Fact> {
    let span = TRANSPLANT.find(item.text)?;
    let clause = item.clause(span.start);
    let words = item.part(clause.clone());
    if TRANSPLANT_NOT.is_in(words)
        || asks_nothing(words)
        || !(item.bars() || item.negated(span.start))
    {
        return None;
    }
    let mut types = Vec::new();
    if HSCT.is_in(words) {
        let (auto, allo) = (AUTOLOGOUS.is_in(words), ALLOGENEIC.is_in(words));
        types.extend(allo.then_some("hsct_allogeneic"));
        types.extend(auto.then_some("hsct_autologous"));
        if types.is_empty() {
            types.push("hsct");
        }
    }
    types.extend(ORGAN.is_in(words).then_some("solid_organ"));
    if types.is_empty() {
        return None;
    }
    let doubtful =
        ALSO_EXCEPT.is_in(words) || window(words).is_some() || is_doubted(item, words, span.start);
    let certainty = Certainty::approximate_if(doubtful);
    Some(item.fact(
        Value::Transplant(types),
        Polarity::Exclude,
        clause,
        certainty,
    ))
}
