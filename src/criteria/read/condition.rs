//! Conditions that rule people out and need no values, cancer among them, and markers in the
//! spinal fluid.

use std::ops::Range;

use super::{Reader, Rule, window_above};
use crate::criteria::fact::{Certainty, Fact, Polarity, Value};
use crate::criteria::item::Item;
use crate::criteria::pattern::{Pattern, patterns};
use crate::criteria::time::{Time, floor_boundary, times, window};

patterns! {
    CANCER = r"malignan(?:cy|cies|t disease|t tumou?rs?|t neoplasms?)|(?-u:\b)cancers?(?-u:\b)|neoplas(?:m|ms|tic disease|ia)|lymphoproliferative|malignant tumors?";
    CANCER_NOT = r"cervical cytology|cancer trial|screening for cancer|risk of cancer|pre-?malignan";
    /// Of relatives: the word itself stands at its end.
    CANCER_OF_KIN = r"(?:family history|hereditary|familiar|familial)(?: \w+){0,3}$";
    CANCER_DOUBT = r"except|exception|unless|other than|excluding|remain eligible|treated|curative|in situ|remission|suspected|of the brain|hematolog\w+ only";
    CANCER_PAST = r"histor|previous|prior|past|ever|within|concurrent|years?(?-u:\b)|known|or a history";
    CANCER_NOW = r"(?:active|current|ongoing|present|presence of)(?:\s+\w+){0,2}\s*$";
    REMISSION = r"(?:remission|disease[- ]free|free of disease|without (?:evidence of )?recurrence|no evidence of (?:disease|recurrence)|resected|treated)[^.;]{0,80}?(?:for|≥|>|at least|more than|within)";
    SEIZURE = r"seizures?|epilep\w*|convuls\w*";
    STROKE = r"(?-u:\b)strokes?(?-u:\b)|cerebrovascular (?:accident|disease)s?|transient ischa?emic|(?-u:\b)TIA(?-u:\b)";
    PML = r"progressive multifocal leu[ck]oencephalopathy|(?-u:\b)PML(?-u:\b)";
    SPLENECTOMY = r"splenectom\w*|asplen\w*|removed spleen|removal of (?:the )?spleen|spleen (?:has been |was )?removed";
    ANTICOAGULATION = r"anti-?\s?coagul(?:ation|ant|ants)|warfarin|blood thinner";
    ANTICOAGULATION_NOT = r"contraindicat\w+ (?:to|for|of)|fibrillation[^.;]*(?-u:\b)not on|without anti";
    SUBSTANCE = r"(?:alcohol|drug|substance|narcotic|illicit drug)s?(?:[\s/,-]+(?:or|and|and/or|alcohol|drug|drugs|substance|other|illegal)){0,4}[\s-]+(?:abuse|addiction|dependen\w+|misuse|use disorder)|(?:abuse|addiction|dependence|misuse) (?:of|on|to) (?:alcohol|drugs?|recreational|substances?|illicit)|drug-addiction|alcoholism|abusing (?:alcohol|drugs)";
    ALLERGY = r"allerg\w*|hypersensitiv\w*|anaphyla\w*|sensitive to|intoleran\w* (?:to|of)";
    ALLERGY_NOT = r"gadolinium|skin|grade|rhinitis|non-?allergic|seasonal";
    IMMUNODEFICIENCY = r"immunodeficien(?:t|cies)|immunodeficiency(?:\s+[a-uw-z]|\s*(?:[,.;:)/]|$))|immune deficien\w*|immunocompromised|hypogammaglobulin\w*";
    IMMUNO_NOT = r"defined as IgG|\(\s*(?:serum )?IgG\s*(?:[<≤]|below|less)";
    PSYCHIATRIC = r"psychiatric (?:disorder|disease|illness|condition)s?|schizophreni\w*|psychos[ei]s|(?-u:\b)psychotic|bipolar|(?:major|severe|unstable|active severe) depress\w*|mental (?:disorder|illness|disease)s?|history of depression";
    PSYCHIATRIC_NOT = r"ability to|capacity|understand|cooperate|compliance|informed|psychogenic|neuropsychiatric|that would limit|steroid psychosis";
    SUICIDE = r"suicid\w*";
    AUTOIMMUNE = r"(?:other|concomitant|another|active|coexist\w*|significant|systemic|additional)(?:[\s,]+(?:\w+[\s,]+){0,3})?autoimmune (?:disorder|disease)s?|autoimmune (?:disorder|disease)s? (?:other than|apart|except|besides)|chronic disease of the immune system|(?:disease|disorder) of the immune system other than|immun(?:e|ologic(?:al)?) (?:disease|disorder)s? other than";
    CNS = r"(?:disease|disorder)s? of the (?:central nervous system|CNS|brain|spinal cord)|neuromyelitis|NMOSD|MOGAD|MOG antibody[- ](?:associated )?disease|dementia|alzheimer|(?:central nervous system|CNS)(?: \(CNS\))? (?:disease|disorder|patholog|involvement|infection|tumou?r|lesion)\w*|(?:other|progressive|significant|serious|severe|concomitant) (?:neurologic|neurological|demyelinating)(?:al)? (?:disease|disorder|condition)s?|demyelinating (?:disorder|disease)s?|parkinson|brain tumou?r|cerebral (?:vasculitis|palsy)|encephal(?:itis|opathy)|increased intracranial|neurodegenerative disorder|myelopathy|brain injury|spinal cord (?:compression|injury|tumou?r)|neurological (?:disease|disorder)s?\W*$";
    CNS_NOT = r"exclude|leu[ck]oencephalopathy|lymphoma|rule out|differential|diagnosed with NMOSD|positive NMOSD|investigator considers|criteria for NMO|explain|mimic|hepatic encephalopathy|NMOSD (?:diagnosed|subjects|patients)|spectrum disorder \(NMOSD\):";
    CSF = r"(?P<ocb>oligoclonal bands?|(?-u:\b)OCBs?(?-u:\b))|(?P<index>IgG[- ]index)";
}

/// Cancer, spinal fluid and conditions.
pub(super) static RULES: [Rule; 14] = [
    Rule::one(
        "malignan|cancer|neoplas|lymphoproliferative",
        &CANCER,
        cancer,
    ),
    Rule::one("oligoclonal|ocb|igg", &CSF, csf),
    condition("seizure|epilep|convuls", &SEIZURE, "seizure", None, true),
    condition(
        "stroke|cerebrovascular|transient|tia",
        &STROKE,
        "stroke",
        None,
        true,
    ),
    condition(
        "leukoencephalopathy|leucoencephalopathy|pml",
        &PML,
        "pml",
        None,
        true,
    ),
    condition(
        "neuromyelitis|nmosd|mog|dementia|alzheimer|nervous|cns|spinal|neurolog|demyelinating|parkinson|brain|cerebral|encephal|intracranial|neurodegenerative|myelopathy",
        &CNS,
        "cns_disorder",
        Some(&CNS_NOT),
        false,
    ),
    condition(
        "psych|schizophreni|bipolar|depress|mental",
        &PSYCHIATRIC,
        "psychiatric",
        Some(&PSYCHIATRIC_NOT),
        false,
    ),
    condition("suicid", &SUICIDE, "suicidality", None, true),
    condition(
        "immun|hypogamma",
        &IMMUNODEFICIENCY,
        "immunodeficiency",
        Some(&IMMUNO_NOT),
        true,
    ),
    condition("splen|spleen", &SPLENECTOMY, "splenectomy", None, true),
    condition(
        "coagul|warfarin|thinner",
        &ANTICOAGULATION,
        "anticoagulation",
        Some(&ANTICOAGULATION_NOT),
        true,
    ),
    condition("immun", &AUTOIMMUNE, "other_autoimmune", None, false),
    condition(
        "abus|addict|dependen|misuse|disorder|alcoholism",
        &SUBSTANCE,
        "substance_use",
        None,
        true,
    ),
    condition(
        "allerg|sensitiv|anaphyla|intoleran",
        &ALLERGY,
        "hypersensitivity",
        Some(&ALLERGY_NOT),
        false,
    ),
];

/// A condition that bars, with a window at most.
pub(super) struct Condition {
    kind: &'static str,
    unless: Option<&'static Pattern>,
    can_be_exact: bool,
}

const fn condition(
    words: &'static str,
    opening: &'static Pattern,
    kind: &'static str,
    unless: Option<&'static Pattern>,
    can_be_exact: bool,
) -> Rule {
    let condition = Condition {
        kind,
        unless,
        can_be_exact,
    };
    Rule::new(words, opening, Reader::Condition(condition))
}

impl Condition {
    pub(super) fn read(&self, item: &Item<'_>, opening: &Pattern) -> Option<Fact> {
        let span = opening.find(item.text)?;
        let clause = item.clause(span.start);
        let words = item.part(clause.clone());
        let set_aside = self.unless.is_some_and(|unless| unless.is_in(words));
        if set_aside || !item.bars_at(span.start) {
            return None;
        }
        let before = item.part(clause.start..span.end.clamp(clause.start, clause.end));
        let above = window(words)
            .is_none()
            .then(|| window_above(item))
            .flatten();
        let is_inherited = above.is_some();
        let window_months = own_window(words, span.end - clause.start)
            .or(above)
            .map(|time| time.months())
            .or_else(|| {
                FREE_FOR
                    .parts(words)
                    .and_then(|_| times(words).into_iter().next())
                    .map(|time| time.months())
            })
            .or_else(|| now_only(self.kind, before));
        let certainty = Certainty::approximate_if(
            !self.can_be_exact
                || is_inherited
                || CONDITION_DOUBT.is_in(words)
                || item.bars() && item.negated(span.start),
        );
        let value = Value::Windowed(self.kind, window_months);
        Some(item.fact(value, Polarity::Exclude, clause, certainty))
    }
}

patterns! {
    /// "Epilepsy unless free of seizures for 5 years" bars seizures in these years.
    FREE_FOR = r"(?:unless|except)[^.;]*(?:free|without|no|resolved)(?-u:\b)[^.;]* (?:for|at least|≥|>)";
    CONDITION_DOUBT = r"severe|significant|uncontrolled|unstable|major|poorly|not adequately|serious|unsafe|e\.g|except|unless|other than|including|investigator|risk|findings";
    NOW_WORD = r"(?-u:\b)(?:current(?:ly)?|active|ongoing)(?-u:\b)";
    EVER_WORD = r"histor|past|previous|prior|ever|any";
}

/// The window of a condition. In "seizures, botulinum toxin in the past 3 months, pregnancy" the
/// time belongs to the toxin.
fn own_window(words: &str, from: usize) -> Option<Time> {
    let is_own = |time: &Time| {
        let between = words.get(from..time.span.start).unwrap_or_default();
        !(between.contains(',') && GOES_ON.is_in(&words[time.span.end..]))
    };
    let found = times(words)
        .into_iter()
        .filter(|time| time.is_window && is_own(time));
    found.max_by(|a, b| a.days().total_cmp(&b.days()))
}

patterns! {
    GOES_ON = r"^\s*,\s*\w";
}

fn now_only(kind: &str, before: &str) -> Option<f64> {
    let now = NOW_WORD.is_in(before) && !EVER_WORD.is_in(before);
    (now && matches!(
        kind,
        "other_autoimmune" | "substance_use" | "psychiatric" | "suicidality" | "seizure"
    ))
    .then_some(0.0)
}

fn cancer(item: &Item<'_>) -> Option<Fact> {
    let span = CANCER.all(item.text).find(|span| {
        let before = floor_boundary(item.text, span.start.saturating_sub(60));
        let after = floor_boundary(item.text, (span.end + 30).min(item.text.len()));
        !CANCER_NOT.is_in(item.part(before..after))
            && !CANCER_OF_KIN.is_in(item.part(before..span.end))
    })?;
    let clause = item.clause(span.start);
    let words = item.part(clause.clone());
    if !item.bars_at(span.start) {
        return None;
    }
    let before = item.part(clause.start..span.start);
    let remission = REMISSION.find(item.text).and_then(|remission| {
        let from = remission.start;
        let found = times(item.part(from..));
        found
            .into_iter()
            .map(|time| time.years())
            .fold(None, |most: Option<f64>, years| {
                Some(most.map_or(years, |one| one.max(years)))
            })
    });
    let past = CANCER_PAST.is_in(words);
    let now = CANCER_NOW.is_in(before) && !past;
    let window_years = window(words)
        .map(|time| time.years())
        .or(remission)
        .or(now.then_some(0.0));
    let lacks = item.bars() && item.negated(span.start);
    let doubtful = lacks || CANCER_DOUBT.is_in(item.text) || remission.is_some();
    let certainty = Certainty::approximate_if(doubtful);
    let quote = if remission.is_some() {
        clause.start..item.text.len()
    } else {
        clause
    };
    Some(item.fact(
        Value::Malignancy { window_years },
        Polarity::Exclude,
        quote,
        certainty,
    ))
}

fn csf(item: &Item<'_>) -> Option<Fact> {
    if item.bars() {
        return None;
    }
    let (mut bands, mut index, mut span) = (None, None, None);
    for parts in CSF.all_parts(item.text) {
        if parts.name("ocb").is_some() {
            bands = Some(true);
        } else {
            index = Some(true);
        }
        let here = parts.get(0)?.range();
        span = Some(span.map_or(here.clone(), |one: Range<usize>| one.start..here.end));
    }
    let span = span?;
    Some(item.fact(
        Value::Csf {
            oligoclonal_bands: bands,
            igg_index: index,
        },
        Polarity::Require,
        item.clause(span.start),
        Certainty::Exact,
    ))
}
