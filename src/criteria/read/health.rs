//! What else rules people out, or must be possible: infections, antibodies,
//! cancer, heart, pregnancy, and conditions that need no values.

use std::ops::Range;

use crate::criteria::fact::{Certainty, Fact, Polarity, Value};
use crate::criteria::item::Item;
use crate::criteria::pattern::patterns;
use crate::criteria::time::{times, window};

patterns! {
    AGENT = r"(?P<hiv>(?-u:\b)HIV(?-u:\b)|human immunodeficiency virus|immunodeficiency virus|(?-i:(?-u:\b)AIDS(?-u:\b)))|(?P<hbc>hepatitis (?:B and C|B or C|B/C|B and/or C|B, C|C or B|B, and C))|(?P<hbv>hepatitis\s*-?B|hepatits B|(?-u:\b)HBV(?-u:\b)|HBsAg|HBcAb|HBV-DNA)|(?P<hcv>hepatitis\s*-?C|(?-u:\b)HCV(?-u:\b))|(?P<hep>(?:viral |active |chronic |acute )?hepatitis(?:\s+(?:infection|virus))?(?-u:\b))|(?P<tb>tuberculosis|(?-u:\b)TB(?-u:\b)|QuantiFERON)|(?P<syphilis>(?-u:\b)syphilis|treponema)|(?P<cmv>cytomegal\w*|(?-u:\b)H?CMV(?-u:\b))|(?P<ebv>Epstein-?\s?Barr|(?-u:\b)EBV(?-u:\b))|(?P<jcv>(?-u:\b)JCV(?-u:\b)|JC virus|John Cunningham)|(?P<covid>COVID-?\s?19|SARS-?CoV-?\s?2)";
    ACTIVE_INFECTION = r"(?:active|acute|ongoing|uncontrolled|uncontrollable|current|serious|severe|clinically significant|systemic|persistent|untreated)(?:[\s,/()-]+\w+){0,8}?[\s,/()-]+infect(?:ions?|ious disease)|infections? (?:that (?:is|are) )?(?:requiring|uncontrolled|active)|active infect|infectious disease|acute or chronic infection";
    INFECTION_NOT = r"mimic|vaccin|titer|titre|seronegative|immuni[sz]ation|chickenpox|risk (?:for|of) infection|history of (?:recurrent|opportunistic)|hepatitis or hepatobiliary|autoimmune hepatitis|history of severe hepatitis|prophyla\w+ only";
    INFECTION_DOUBT = r"antibody index|index >|unless|except|treated|untreated|PCR|DNA|RNA|adequately|fungal|active hepatitis|active (?:infection (?:with|of)|HBV|HCV)|allowed|prophyl|HPV|papilloma|herpes|varicella|HTLV|other chronic|severe|serious|uncontrolled|latent|significant|persistent|active systemic|etc";
    NEGATIVE = r"negative|seronegative|absence|no (?:evidence|history|active)|free of|not (?:have|infected)|(?-u:\b)no(?-u:\b)|without";

    ANTIBODY = r"(?P<aqp4>AQP-?4|aquaporin[- ]?4?)|(?P<mog>(?-u:\b)(?:anti-)?MOG(?-u:\b)|myelin oligodendrocyte glycoprotein)";

    CANCER = r"malignan(?:cy|cies|t disease|t tumou?rs?|t neoplasms?)|(?-u:\b)cancers?(?-u:\b)|neoplas(?:m|ms|tic disease|ia)|lymphoproliferative|malignant tumors?";
    CANCER_NOT = r"cervical cytology|cancer trial|screening for cancer|risk of cancer|family history|familiar cancer|pre-?malignan";
    CANCER_DOUBT = r"except|exception|unless|other than|excluding|remain eligible|treated|curative|in situ|remission|suspected|of the brain|hematolog\w+ only";
    CANCER_PAST = r"histor|previous|prior|past|ever|within|concurrent|years?(?-u:\b)|known|or a history";
    CANCER_NOW = r"(?:active|current|ongoing|present|presence of)(?:\s+\w+){0,2}\s*$";
    REMISSION = r"(?:remission|disease[- ]free|free of disease|without (?:evidence of )?recurrence|no evidence of (?:disease|recurrence)|resected|treated)[^.;]{0,80}?(?:for|≥|>|at least|more than|within)";

    PREGNANT = r"pregnan(?:t|cy|cies)|gravid|positive (?:serum |urine )?(?:β-?)?hCG";
    PREGNANT_NOT = r"prevent pregnancy|avoid pregnancy|incapable of pregnancy|capable of becoming|pregnancy prevention|risk of pregnancy|outcome of pregnancy|pregnancy tests? (?:will|is required|must be performed every)";
    PREGNANT_REQUIRED = r"negative|not (?:be |currently )?pregnan|must not|non-?pregnant|not planning|no plan|neither|(?-u:\b)not(?-u:\b)|(?-u:\b)no(?-u:\b)|without|nor|test";
    BREASTFEEDING = r"breast[- ]?\s?feed\w*|lactat\w*|(?-u:\b)nursing(?-u:\b)";
    CONTRACEPTION = r"contracepti\w*|birth[- ]?\s?control|abstinen(?:t|ce)|(?:effective|acceptable|reliable|adequate)(?: \w+)? (?:methods?|forms?) of birth|effective contr\w*";
    CONTRACEPTION_LIST = r"^\W*(?:established use|correctly placed|female sterili|male sterili|sexual abstinence|true abstinence|bilateral|intrauterine|hormon|barrier|vasectom|placement|oral|double|condom|implant|practicing|surgically|post|not heterosexually|tubal|\w+ methods? of contraception include)";
    AFTER_TREATMENT = r"(?:after|following|post|from|of|since)\W+(?:\w+\W+){0,7}(?:infusion|dose|treatment|therapy|administration|injection|study|drug|discontinu|cell|cells|product|completion|end)|thereafter|afterwards?";
    FEMALE = r"female|(?-u:\b)wom[ae]n(?-u:\b)|childbearing|child[- ]bearing|premenopausal";
    LIVE = r"live(?:[- ,]+(?:or |and/or )?(?:live[- ])?attenuated)?(?: \w+)?[- ]vaccin\w*|live attenuated|attenuated live|live virus vaccin";
    VACCINATED = r"(?:completion of|up[- ]to[- ]date|current on|currently up|received)\W+(?:\w+\W+){0,5}vaccin\w*|vaccinations? (?:complete|current)";
    RECOMMENDED = r"recommended to|(?:is|are) recommended|should|may be|encourag";

    LVEF = r"ejection fraction|(?-u:\b)LVEF(?-u:\b)|(?-u:\b)EF(?-u:\b)";
    PERCENT = r"(?P<n>\d{2})\s*%";
    NYHA = r"(?:NYHA|New York Heart Association)\W*(?:\([^)]*\)\W*)?(?:(?:functional|stage|class|classification|grade|\w+)\W+){0,4}?(?P<class>III|IV|II|I|[1-4])(?-u:\b)|class (?P<only>III|IV)(?:\s*/\s*IV| or IV| to IV|-IV)? heart failure|(?P<front>III|IV|II)(?:\W+\w+){0,3}\W+NYHA";
    HEART = r"(?P<myocardial_infarction>myocardial infarct(?:ion)?|heart attack)|(?P<unstable_angina>unstable angina|unstable ischemic heart|unstable ischaemic heart|unstable coronary)|(?P<cabg>coronary artery bypass|(?-u:\b)CABG(?-u:\b))|(?P<conduction_block>(?:AV|atrioventricular(?: \(AV\))?|heart|bundle branch|sinoatrial heart|conduction)[- ](?:conduction )?block|bundle branch block|conduction (?:abnormalit|disturbance|defect)\w*|sick sinus)|(?P<qt_prolongation>QTc?[- ]?(?:interval )?\s?prolong\w*|prolonged QTc?|prolongation of QTc?|long[- ]QT|QTc?F? (?:interval )?(?:>|≥))|(?P<arrhythmia>arrh?ythmias?|arrhythm ia|atrial fibrillation|ventricular tachycardia|rhythm disturbance)|(?P<heart_disease>(?:cardiac|heart|cardiovascular) (?:disease|disorder|condition|function|dysfunction|impairment)s?|heart failure|cardiac failure|ischa?emic heart disease|coronary (?:artery|heart) disease|cardiomyopathy|cardiac insufficiency)";
    HEART_DOUBT = r"clinically significant|severe|serious|significant|uncontrolled|requiring|impaired|poorly|symptomatic|unless|except|high-grade|complete|second|third|Mobitz|decompensated|e\.?g|including|known|class|major|history or presence|congestive|unstable ischemic|unstable ischaemic|QT|stage|bundle";

    SEIZURE = r"seizures?|epilep\w*|convuls\w*";
    STROKE = r"(?-u:\b)strokes?(?-u:\b)|cerebrovascular (?:accident|disease)s?|transient ischa?emic|(?-u:\b)TIA(?-u:\b)";
    PML = r"progressive multifocal leu[ck]oencephalopathy|(?-u:\b)PML(?-u:\b)";
    SPLENECTOMY = r"splenectom\w*|asplen\w*";
    ANTICOAGULATION = r"anti-?\s?coagul(?:ation|ant|ants)|warfarin|blood thinner";
    SUBSTANCE = r"(?:alcohol|drug|substance|narcotic|illicit drug)s?(?:[\s/,-]+(?:or|and|and/or|alcohol|drug|drugs|substance|other|illegal)){0,4}[\s-]+(?:abuse|addiction|dependen\w+|misuse|use disorder)|(?:abuse|addiction|dependence|misuse) (?:of|on|to) (?:alcohol|drugs?|recreational|substances?|illicit)|drug-addiction|alcoholism|abusing (?:alcohol|drugs)";
    ALLERGY = r"allerg\w*|hypersensitiv\w*|anaphyla\w*|sensitive to|intoleran\w* (?:to|of)";
    ALLERGY_NOT = r"gadolinium|skin|grade|rhinitis|non-?allergic|seasonal";
    IMMUNODEFICIENCY = r"immunodeficien\w*|immune deficien\w*|immunocompromised|hypogammaglobulin\w*";
    IMMUNO_NOT = r"immunodeficiency (?:virus|\(HIV)|defined as IgG";
    PSYCHIATRIC = r"psychiatric (?:disorder|disease|illness|condition)s?|schizophreni\w*|psychos[ei]s|(?-u:\b)psychotic|bipolar|(?:major|severe|unstable|active severe) depress\w*|mental (?:disorder|illness|disease)s?|history of depression";
    PSYCHIATRIC_NOT = r"ability to|capacity|understand|cooperate|compliance|informed|psychogenic|neuropsychiatric|that would limit";
    SUICIDE = r"suicid\w*";
    AUTOIMMUNE = r"(?:other|concomitant|another|active|coexist\w*|significant|systemic|additional)(?:[\s,]+(?:\w+[\s,]+){0,3})?autoimmune (?:disorder|disease)s?|autoimmune (?:disorder|disease)s? (?:other than|apart|except|besides)|chronic disease of the immune system|(?:disease|disorder) of the immune system other than";
    CNS = r"neuromyelitis|NMOSD|MOGAD|MOG antibody[- ](?:associated )?disease|dementia|alzheimer|(?:central nervous system|CNS)(?: \(CNS\))? (?:disease|disorder|patholog|involvement|infection|tumou?r|lesion)\w*|(?:other|progressive|significant|serious|severe|concomitant) (?:neurologic|neurological|demyelinating)(?:al)? (?:disease|disorder|condition)s?|demyelinating disorders?|parkinson|brain tumou?r|cerebral (?:vasculitis|palsy)|encephal(?:itis|opathy)|increased intracranial|neurodegenerative disorder|myelopathy";
    CNS_NOT = r"exclude|leu[ck]oencephalopathy|lymphoma|rule out|differential|diagnosed with NMOSD|positive NMOSD|investigator considers|criteria for NMO|explain|mimic|hepatic encephalopathy|NMOSD (?:diagnosed|subjects|patients)|spectrum disorder \(NMOSD\):";
    CSF = r"(?P<ocb>oligoclonal bands?|(?-u:\b)OCBs?(?-u:\b))|(?P<index>IgG[- ]index)";
    MRI = r"(?-u:\b)MRI(?-u:\b)|magnetic resonance";
    MRI_UNABLE = r"contraindicat|unable|inability|unwilling|unsafe|claustrophob|pacemaker|incompatible|cannot|not able|metal|able (?:and willing )?to (?:undergo|have|tolerate)|willing to (?:undergo|have)|ability to (?:undergo|have)|suitable for|sensitive to gad|can (?:undergo|have)|possible";
    LP = r"lumbar puncture|spinal tap|(?:CSF|cerebral spinal fluid|cerebrospinal fluid)(?: \(CSF\))? (?:exam|collection|sampling)\w*";
    LP_UNABLE = r"contraindicat|unable|inability|unwilling|unsafe|cannot|not able|willing|able to|agree|consent|possible";
    VEIN = r"(?:venous|vascular) access|peripheral access|access for (?:leuk)?apheresis|suitable veins";
    CONSENT = r"informed\s+consent|written consent|consent\s+forms?|(?:sign\w*|give|provid\w*) (?:\w+ ){0,3}consent|consent is given|consent to participate|assent|(?-u:\b)ICF(?-u:\b)";
    CONSENT_GIVES = r"sign|give|provid|willing|able to|abilit|understand|obtain|written|agree|capable|signed|consent form|unable";
}

/// Reads all of it.
pub(super) fn read(item: &Item<'_>, facts: &mut Vec<Fact>) {
    facts.extend(infections(item));
    facts.extend(antibodies(item));
    facts.extend(pregnancy(item));
    facts.extend(contraception(item));
    facts.extend(vaccination(item));
    facts.extend(hearts(item));
    facts.extend(possible(item));
    conditions(item, facts);
}

/// Says whether a mention bars: it stands among exclusions, or is denied among inclusions.
fn bars(item: &Item<'_>, at: usize) -> bool {
    item.bars() || item.negated(at)
}

fn infections(item: &Item<'_>) -> Vec<Fact> {
    let mut agents: Vec<&'static str> = Vec::new();
    let mut spans: Vec<Range<usize>> = Vec::new();
    for parts in AGENT.all_parts(item.text) {
        let Some(span) = parts.get(0).map(|all| all.range()) else {
            continue;
        };
        let clause = item.clause(span.start);
        if INFECTION_NOT.is_in(&item.text[clause.clone()]) {
            continue;
        }
        let named: &[&'static str] = if parts.name("hbc").is_some() {
            &["hbv", "hcv"]
        } else if parts.name("hep").is_some() {
            if item.text[span.end..].trim_start().starts_with("surface") {
                &["hbv"]
            } else {
                &["hbv", "hcv"]
            }
        } else {
            match [
                "hiv", "hbv", "hcv", "tb", "syphilis", "cmv", "ebv", "jcv", "covid",
            ]
            .into_iter()
            .find(|name| parts.name(name).is_some())
            {
                Some("hiv") => &["hiv"],
                Some("hbv") => &["hbv"],
                Some("hcv") => &["hcv"],
                Some("tb") => &["tb"],
                Some("syphilis") => &["syphilis"],
                Some("cmv") => &["cmv"],
                Some("ebv") => &["ebv"],
                Some("jcv") => &["jcv"],
                Some("covid") => &["covid"],
                _ => &[],
            }
        };
        agents.extend(
            named
                .iter()
                .filter(|name| !agents.contains(name))
                .copied()
                .collect::<Vec<_>>(),
        );
        spans.push(span);
    }
    let mut facts = Vec::new();
    let first = spans.iter().map(|span| span.start).min();
    let barred = |at: usize| item.bars() || NEGATIVE.is_in(&item.text[item.clause(at)]);
    if let Some(first) = first
        && barred(first)
    {
        let last = spans.iter().map(|span| span.end).max().unwrap_or(first);
        let quote = item.clause(first).start..item.clause(last.saturating_sub(1)).end;
        let certainty = if INFECTION_DOUBT.is_in(&item.text[quote.clone()]) {
            Certainty::Approximate
        } else {
            Certainty::Exact
        };
        facts.push(item.fact(
            Value::Infection(agents),
            Polarity::Exclude,
            quote,
            certainty,
        ));
    }
    if let Some(active) = ACTIVE_INFECTION.find(item.text)
        && barred(active.start)
    {
        let words = &item.text[active.clone()];
        let clause = item.clause(active.start);
        let chronic = CHRONIC_ONLY.is_in(&item.text[clause.start..active.end]);
        let own = !chronic
            && !INFECTION_NOT.is_in(&item.text[clause])
            && !AGENT.is_in(words)
            && !NAMED_INFECTION.is_in(&item.text[active.end..]);
        if own && (first.is_none() || active.end < item.text.len() && !AGENT.is_in(words)) {
            facts.push(item.fact(
                Value::Infection(vec!["any_active"]),
                Polarity::Exclude,
                active,
                Certainty::Approximate,
            ));
        }
    }
    facts
}

patterns! {
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
    let words = &item.text[clause.clone()];
    if DISEASE_BEHIND.is_in(&item.text[span.end..clause.end]) && !POSITIVE.is_in(words) {
        return None;
    }
    let polarity = if bars(item, span.start) || NEGATIVE_TEST.is_in(words) {
        Polarity::Exclude
    } else {
        Polarity::Require
    };
    Some(item.fact(
        Value::Antibody(agents),
        polarity,
        span.start..clause.end,
        Certainty::Exact,
    ))
}

patterns! {
    DISEASE_BEHIND = r"^\W*(?:antibody[- ])?(?:associated )?(?:disease|disorder)";
    POSITIVE = r"positiv|seropos|antibod|IgG|presence";
    NEGATIVE_TEST = r"negative|seronegative";
}

fn pregnancy(item: &Item<'_>) -> Vec<Fact> {
    let mut facts = Vec::new();
    if let Some(span) = PREGNANT.find(item.text) {
        let clause = item.clause(span.start);
        let words = &item.text[clause.clone()];
        let required = PREGNANT_REQUIRED.is_in(words);
        if !PREGNANT_NOT.is_in(words) && (item.bars() || required) {
            facts.push(item.fact(
                Value::Plain("pregnancy"),
                Polarity::Exclude,
                clause,
                Certainty::Exact,
            ));
        }
    }
    if let Some(span) = BREASTFEEDING.find(item.text)
        && (bars(item, span.start) || PREGNANT_REQUIRED.is_in(&item.text[item.clause(span.start)]))
    {
        facts.push(item.fact(
            Value::Plain("breastfeeding"),
            Polarity::Exclude,
            item.clause(span.start),
            Certainty::Exact,
        ));
    }
    facts
}

fn contraception(item: &Item<'_>) -> Option<Fact> {
    let span = CONTRACEPTION.find(item.text)?;
    let under = item.head.is_some_and(|head| CONTRACEPTION.is_in(head));
    if under || CONTRACEPTION_LIST.is_in(item.text) {
        return None;
    }
    let months = times(item.text).into_iter().find_map(|time| {
        let rest = &item.text[time.span.end..];
        let near = rest.split(['.', ';']).next().unwrap_or_default();
        (AFTER_TREATMENT.is_in(near)
            && near
                .find(|c: char| c == ',')
                .is_none_or(|comma| comma > 3 || AFTER_TREATMENT.is_in(&near[..comma])))
        .then(|| time.months())
    });
    let (female, male) = (FEMALE.is_in(item.text), MALE_OWN.is_in(item.text));
    let sex = match (female, male) {
        (true, false) => Some("FEMALE"),
        (false, true) => Some("MALE"),
        _ => None,
    };
    let certainty = if months.is_some() {
        Certainty::Exact
    } else {
        Certainty::Approximate
    };
    let value = Value::Contraception { months, sex };
    Some(item.fact(value, Polarity::Require, item.clause(span.start), certainty))
}

patterns! {
    MALE_OWN = r"^\W*(?:fertile |sexually active )?(?:males?|men)(?-u:\b)|and (?:males?|men)(?-u:\b)|or (?:males?|men)(?-u:\b)|(?-u:\b)(?:males?|men) (?:must|who|with|participants|subjects|patients)";
}

fn vaccination(item: &Item<'_>) -> Option<Fact> {
    if let Some(span) = LIVE.find(item.text)
        && (item.bars() || item.negated(span.start))
    {
        let clause = item.clause(span.start);
        let found = window(&item.text[clause.clone()]);
        let certainty = if found.is_some() {
            Certainty::Exact
        } else {
            Certainty::Approximate
        };
        let value = Value::Vaccination {
            live: true,
            window_days: found.map(|time| time.days()),
        };
        return Some(item.fact(value, Polarity::Exclude, clause, certainty));
    }
    let span = VACCINATED.find(item.text)?;
    if item.bars() || RECOMMENDED.is_in(&item.text[item.clause(span.start)]) {
        return None;
    }
    let value = Value::Vaccination {
        live: false,
        window_days: None,
    };
    Some(item.fact(
        value,
        Polarity::Require,
        item.clause(span.start),
        Certainty::Approximate,
    ))
}

fn hearts(item: &Item<'_>) -> Vec<Fact> {
    let mut facts: Vec<Fact> = Vec::new();
    let plain = |lvef_min, nyha_min, event, window_months| Value::Cardiac {
        lvef_min,
        nyha_min,
        event,
        window_months,
    };
    if let Some(span) = LVEF.find(item.text) {
        let clause = item.clause(span.start);
        if let Some(parts) = PERCENT.parts(&item.text[span.end..clause.end])
            && let Ok(n) = parts["n"].parse()
        {
            let end = span.end + parts.get(0).map_or(0, |all| all.end());
            facts.push(item.fact(
                plain(Some(n), None, None, None),
                Polarity::Require,
                span.start..end,
                Certainty::Exact,
            ));
        }
    }
    if !item.bars() {
        return facts;
    }
    let nyha = NYHA.parts(item.text);
    if let Some(parts) = &nyha {
        let class = parts
            .name("class")
            .or_else(|| parts.name("only"))
            .or_else(|| parts.name("front"))
            .map(|class| class.as_str().to_uppercase());
        let class = match class.as_deref() {
            Some("I" | "1") => 1,
            Some("II" | "2") => 2,
            Some("III" | "3") => 3,
            _ => 4,
        };
        let span = parts.get(0).map_or(item.whole(), |all| all.range());
        let clause = item.clause(span.start);
        facts.push(item.fact(
            plain(None, Some(class), None, None),
            Polarity::Exclude,
            clause,
            Certainty::Exact,
        ));
    }
    for parts in HEART.all_parts(item.text) {
        let Some(span) = parts.get(0).map(|all| all.range()) else {
            continue;
        };
        let names = [
            "myocardial_infarction",
            "unstable_angina",
            "cabg",
            "conduction_block",
            "qt_prolongation",
            "arrhythmia",
            "heart_disease",
        ];
        let Some(event) = names.into_iter().find(|name| parts.name(name).is_some()) else {
            continue;
        };
        let failure = item.text[span.clone()].to_lowercase().contains("failure");
        let repeated = facts.iter().any(
            |fact| matches!(fact.value, Value::Cardiac { event: Some(one), .. } if one == event),
        );
        if repeated
            || failure && nyha.is_some()
            || OTHER_THAN_WELL.is_in(&item.text[item.clause(span.start).start..span.start])
        {
            continue;
        }
        let clause = item.clause(span.start);
        let words = &item.text[clause.clone()];
        // "Inadequate function, defined as LVEF < 40 %" is told by the fraction.
        if event == "heart_disease" && LVEF.is_in(words) && PERCENT.is_in(words) {
            continue;
        }
        let window_months = event_window(item, &span, clause.end);
        let certainty = if HEART_DOUBT.is_in(words) {
            Certainty::Approximate
        } else {
            Certainty::Exact
        };
        facts.push(item.fact(
            plain(None, None, Some(event), window_months),
            Polarity::Exclude,
            clause,
            certainty,
        ));
    }
    facts
}

/// A window belongs to the event in front of it; at the end of a list, to all of the list.
fn event_window(item: &Item<'_>, event: &Range<usize>, end: usize) -> Option<f64> {
    let rest = &item.text[event.end..end];
    let time = times(rest).into_iter().find(|time| time.is_window)?;
    let between = HEART.is_in(&rest[..time.span.start]);
    let behind = HEART.is_in(&rest[time.span.end..]);
    (!between || !behind).then(|| time.months())
}

patterns! {
    OTHER_THAN_WELL = r"\(other than[^)]*$|anti-?$";
}

/// What must be possible, and consent.
fn possible(item: &Item<'_>) -> Vec<Fact> {
    let mut facts = Vec::new();
    let mut add = |kind: &'static str, what: Option<Range<usize>>, unable: bool| {
        if let Some(span) = what
            && unable
        {
            facts.push(item.fact(
                Value::Plain(kind),
                Polarity::Require,
                item.clause(span.start),
                Certainty::Exact,
            ));
        }
    };
    let near = |span: &Option<Range<usize>>, pattern: &crate::criteria::pattern::Pattern| {
        span.as_ref()
            .is_some_and(|span| pattern.is_in(&item.text[item.clause(span.start)]))
    };
    let mri = MRI.find(item.text);
    let scan = near(&mri, &MRI_UNABLE) && !item.text.to_lowercase().contains("lesion");
    add("mri", mri.clone(), scan);
    let lp = LP.find(item.text);
    add("lumbar_puncture", lp.clone(), near(&lp, &LP_UNABLE));
    add("venous_access", VEIN.find(item.text), true);
    facts
}

/// Reads consent once a study, wherever it stands first.
pub(super) fn consent(item: &Item<'_>) -> Option<Fact> {
    let span = CONSENT.find(item.text)?;
    let clause = item.clause(span.start);
    let words = &item.text[clause.clone()];
    if CONSENT_TIME.is_in(words) || !CONSENT_GIVES.is_in(words) || item.text.len() > 900 {
        return None;
    }
    Some(item.fact(
        Value::Plain("consent"),
        Polarity::Require,
        clause,
        Certainty::Exact,
    ))
}

patterns! {
    CONSENT_TIME = r"(?:at|as of|prior to|before|time of|date)(?: the)?(?: time of| date of| date)?(?: the)?(?: signing)?(?: of)?(?: the)? (?:informed )?(?:consent|ICF)|consent (?:visit|date)|years at";
}

fn conditions(item: &Item<'_>, facts: &mut Vec<Fact>) {
    facts.extend(cancer(item));
    facts.extend(csf(item));
    type Rule = (
        &'static str,
        &'static crate::criteria::pattern::Pattern,
        Option<&'static crate::criteria::pattern::Pattern>,
        bool,
    );
    let rules: [Rule; 13] = [
        ("seizure", &SEIZURE, None, true),
        ("stroke", &STROKE, None, true),
        ("pml", &PML, None, true),
        ("cns_disorder", &CNS, Some(&CNS_NOT), false),
        ("psychiatric", &PSYCHIATRIC, Some(&PSYCHIATRIC_NOT), false),
        ("suicidality", &SUICIDE, None, true),
        (
            "immunodeficiency",
            &IMMUNODEFICIENCY,
            Some(&IMMUNO_NOT),
            true,
        ),
        ("splenectomy", &SPLENECTOMY, None, true),
        ("anticoagulation", &ANTICOAGULATION, None, true),
        ("other_autoimmune", &AUTOIMMUNE, None, false),
        ("substance_use", &SUBSTANCE, None, true),
        ("hypersensitivity", &ALLERGY, Some(&ALLERGY_NOT), false),
        ("stroke", &STROKE, None, true),
    ];
    for (kind, pattern, unless, can_be_exact) in rules {
        let Some(span) = pattern.find(item.text) else {
            continue;
        };
        let clause = item.clause(span.start);
        let words = &item.text[clause.clone()];
        let repeated = facts.iter().any(|fact| {
            fact.value.kind() == kind
                && fact.quote.start >= item.start
                && fact.quote.end <= item.start + item.text.len()
        });
        if repeated || !bars(item, span.start) || unless.is_some_and(|unless| unless.is_in(words)) {
            continue;
        }
        let window_months = window(words)
            .map(|time| time.months())
            .or_else(|| now_only(kind, &words[..span.end - clause.start]));
        let doubtful = !can_be_exact || CONDITION_DOUBT.is_in(words);
        let certainty = if doubtful {
            Certainty::Approximate
        } else {
            Certainty::Exact
        };
        facts.push(item.fact(
            Value::Windowed(kind, window_months),
            Polarity::Exclude,
            clause,
            certainty,
        ));
    }
}

patterns! {
    CONDITION_DOUBT = r"severe|significant|uncontrolled|unstable|major|poorly|not adequately|serious|unsafe|e\.g|except|unless|other than|including|investigator|risk";
    NOW_WORD = r"(?-u:\b)(?:current(?:ly)?|active|ongoing)(?-u:\b)";
    EVER_WORD = r"histor|past|previous|prior|ever|any";
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
    let span = CANCER.find(item.text)?;
    let clause = item.clause(span.start);
    let words = &item.text[clause.clone()];
    if CANCER_NOT.is_in(words) || !bars(item, span.start) {
        return None;
    }
    let before = &item.text[clause.start..span.start];
    let remission = REMISSION.find(item.text).and_then(|remission| {
        let from = remission.start;
        let found = times(&item.text[from..]);
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
    let doubtful = CANCER_DOUBT.is_in(item.text) || remission.is_some();
    let certainty = if doubtful {
        Certainty::Approximate
    } else {
        Certainty::Exact
    };
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
