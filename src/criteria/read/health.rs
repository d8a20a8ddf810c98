//! What else rules people out, or must be possible: infections, antibodies,
//! cancer, heart, pregnancy, and conditions that need no values.

use std::ops::Range;

use super::{Reader, Rule, window_above};
use crate::criteria::fact::{Certainty, Fact, Polarity, Value};
use crate::criteria::item::Item;
use crate::criteria::pattern::{Pattern, patterns};
use crate::criteria::time::{Time, floor_boundary, times, window};

patterns! {
    AGENT = r"(?P<hiv>(?-u:\b)HIV(?-u:\b)|human immunodeficiency virus|immunodeficiency virus|(?-i:(?-u:\b)AIDS(?-u:\b)))|(?P<hbc>hepatitis (?:B and C|B or C|B/C|B and/or C|B, C|C or B|B, and C))|(?P<hbv>hepatitis\s*-?B|hepatits B|(?-u:\b)HBV(?-u:\b)|HBsAg|HBcAb|HBV-DNA)|(?P<hcv>hepatitis\s*-?C|(?-u:\b)HCV(?-u:\b))|(?P<hep>hepatitis(?:\s+(?:infection|virus))?(?-u:\b))|(?P<tb>tuberculosis|(?-u:\b)TB(?-u:\b)|QuantiFERON)|(?P<syphilis>(?-u:\b)syphilis|treponema)|(?P<cmv>cytomegal\w*|(?-u:\b)H?CMV(?-u:\b))|(?P<ebv>Epstein-?\s?Barr|(?-u:\b)EBV(?-u:\b))|(?P<jcv>(?-u:\b)JCV(?-u:\b)|JC virus|John Cunningham)|(?P<covid>COVID-?\s?19|SARS-?CoV-?\s?2)";
    ACTIVE_INFECTION = r"(?-u:\b)(?:active|acute|ongoing|uncontrolled|uncontrollable|current|serious|severe|clinically significant|systemic|persistent|untreated)(?:[\s,/()-]+\w+){0,8}?[\s,/()-]+infect(?:ions?|ious (?:disease|disorder)s?)|infectious disorders?|infections? (?:that (?:is|are) )?(?:requiring|uncontrolled|active)|active infect|infectious disease|acute or chronic infection";
    INFECTION_NOT = r"mimic|infection of the (?:brain|CNS|central nervous)|vaccin|titer|titre|seronegative|immuni[sz]ation|chickenpox|risk (?:for|of) infection|history of (?:recurrent|opportunistic)|hepatitis or hepatobiliary|autoimmune hepatitis|history of severe hepatitis|prophyla\w+ only";
    INFECTION_DOUBT = r"(?-u:\b)(?:active|acute|chronic) (?:tuberculosis|TB|hepatitis|syphilis|CMV|EBV|cytomegal)|antibody index|index (?:>|≥|of|above|over|greater|higher)|unless|except|treated|untreated|PCR|DNA|RNA|adequately|fungal|active hepatitis|active (?:infection (?:with|of)|HBV|HCV)|allowed|prophyl|HPV|papilloma|herpes|varicella|HTLV|other chronic|severe|serious|uncontrolled|latent|significant|persistent|active systemic|etc";
    NEGATIVE = r"negative|seronegative|absence|no (?:evidence|history|active)|free of|not (?:have|infected)|(?-u:\b)no(?-u:\b)|without";

    ANTIBODY = r"(?P<aqp4>AQP-?4|aquaporin[- ]?4?)|(?P<mog>(?-u:\b)(?:anti-)?MOG(?-u:\b)|myelin oligodendrocyte glycoprotein)";

    CANCER = r"malignan(?:cy|cies|t disease|t tumou?rs?|t neoplasms?)|(?-u:\b)cancers?(?-u:\b)|neoplas(?:m|ms|tic disease|ia)|lymphoproliferative|malignant tumors?";
    CANCER_NOT = r"cervical cytology|cancer trial|screening for cancer|risk of cancer|pre-?malignan";
    /// Of relatives: the word itself stands at its end.
    CANCER_OF_KIN = r"(?:family history|hereditary|familiar|familial)(?: \w+){0,3}$";
    CANCER_DOUBT = r"except|exception|unless|other than|excluding|remain eligible|treated|curative|in situ|remission|suspected|of the brain|hematolog\w+ only";
    CANCER_PAST = r"histor|previous|prior|past|ever|within|concurrent|years?(?-u:\b)|known|or a history";
    CANCER_NOW = r"(?:active|current|ongoing|present|presence of)(?:\s+\w+){0,2}\s*$";
    REMISSION = r"(?:remission|disease[- ]free|free of disease|without (?:evidence of )?recurrence|no evidence of (?:disease|recurrence)|resected|treated)[^.;]{0,80}?(?:for|≥|>|at least|more than|within)";

    PREGNANT = r"pregnan(?:t|cy|cies)|gravid|positive (?:serum |urine )?(?:β-?)?hCG";
    PREGNANT_NOT = r"(?:prevent|avoid|incapable of|capable of(?: becoming)?|risk of|outcome of|history of)\s+$";
    PREGNANCY_TALK = r"^y prevention|^y tests? (?:will|is required|must be performed every)";
    PREGNANT_REQUIRED = r"negative|not (?:be |currently )?pregnan|must not|non-?pregnant|not planning|no plan|neither|(?-u:\b)not(?-u:\b)|(?-u:\b)no(?-u:\b)|without|nor|test";
    BREASTFEEDING = r"breast[- ]?\s?feed\w*|lactat\w*|(?-u:\b)nursing(?-u:\b)";
    CONTRACEPTION = r"(?:use|wear) (?:of )?(?:a )?(?:male )?condoms?|contracepti\w*|birth[- ]?\s?control|abstinen(?:t|ce)|(?:effective|acceptable|reliable|adequate)(?: \w+)? (?:methods?|forms?) of birth|effective contr\w*";
    CONTRACEPTION_LIST = r"may (?:keep|continue|go on)|^\W*contracepti\w+ failure|^\W*(?:established use|correctly placed|female sterili|male sterili|sexual abstinence|true abstinence|bilateral|intrauterine|hormon|barrier|vasectom|placement|oral|double|condom|implant|practicing|surgically|post|not heterosexually|tubal|\w+ methods? of contraception include)";
    AFTER_TREATMENT = r"(?:after|following|post|from|of|since)\W+(?:\w+\W+){0,7}(?:infusion|dose|treatment|therapy|administration|injection|study|drug|discontinu|cell|cells|product|completion|end)|thereafter|afterwards?";
    FEMALE = r"female|(?-u:\b)wom[ae]n(?-u:\b)|childbearing|child[- ]bearing|premenopausal";
    LIVE = r"live(?:[- ,]+(?:or |and/or )?(?:live[- ])?attenuated)?(?: \w+)?[- ]vaccin\w*|live attenuated|attenuated live|live virus vaccin";
    VACCINATED = r"(?:completion of|up[- ]to[- ]date|current on|currently up|received)\W+(?:\w+\W+){0,5}vaccin\w*|vaccin\w+ (?:(?:are|is|must be) )?(?:complete|current|up[- ]to[- ]date)";
    RECOMMENDED = r"recommended to|(?:is|are) recommended|should|may be|encourag";

    LVEF = r"ejection fraction|(?-u:\b)LVEF(?-u:\b)|(?-u:\b)EF(?-u:\b)";
    PERCENT = r"(?P<n>\d{2})\s*%";
    BELOW = r"<|≤|＜|less|lower|below|under|no (?:greater|more)|not (?:greater|more|exceed)";
    ABOVE = r">|≥|＞|greater|higher|above|over|at least|not (?:less|lower)|no (?:less|lower)";
    NYHA = r"(?:NYHA|New York Heart Association)\W*(?:\([^)]*\)\W*)?(?:(?:functional|stage|class|classification|grade|\w+)\W+){0,4}?(?P<class>III|IV|II|I|[1-4])(?-u:\b)|class (?P<only>III|IV)(?:\s*/\s*IV| or IV| to IV|-IV)? heart failure|(?P<front>III|IV|II)(?:\W+\w+){0,3}\W+NYHA";
    HEART = r"(?P<myocardial_infarction>myocardial infarct(?:ion)?|heart attack)|(?P<unstable_angina>unstable angina|unstable ischemic heart|unstable ischaemic heart|unstable coronary)|(?P<cabg>coronary (?:artery )?bypass|(?-u:\b)CABG(?-u:\b))|(?P<conduction_block>(?:AV|atrioventricular(?: \(AV\))?|heart|bundle branch|sinoatrial heart|conduction)[- ](?:conduction )?block|bundle branch block|conduction (?:abnormalit|disturbance|defect)\w*|sick sinus)|(?P<qt_prolongation>QTc?[- ]?(?:interval )?\s?prolong\w*|prolonged QTc?|prolongation of QTc?|long[- ]QT|QTc?F?(?: interval)?(?:\s*\([^)]{0,30}\))?(?: interval)?\s*(?:>|≥|(?:longer|greater|more) than|above))|(?P<arrhythmia>arrh?ythmias?|arrhythm ia|atrial fibrillation|ventricular tachycardia|rhythm disturbance)|(?P<heart_disease>(?:cardiac|heart|cardiovascular) (?:disease|disorder|condition|function|dysfunction|impairment)s?|heart failure|cardiac failure|ischa?emic heart disease|coronary (?:artery|heart) disease|cardiomyopathy|cardiac insufficiency)";
    HEART_DOUBT = r"clinically significant|severe|serious|significant|uncontrolled|requiring|impaired|poorly|symptomatic|unless|except|high-grade|complete|second|third|Mobitz|decompensated|e\.?g|including|known|class|major|history or presence|congestive|unstable ischemic|unstable ischaemic|QT|stage|bundle";

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
    MRI = r"(?-u:\b)MRI(?-u:\b)|magnetic resonance";
    MRI_UNABLE = r"contra-?\s?indicat|unable|inability|unwilling|unsafe|claustrophob|pacemaker|incompatible|cannot|not able|metal|able (?:and willing )?to (?:undergo|have|tolerate)|willing to (?:undergo|have)|ability to (?:undergo|have)|suitable for|sensitive to gad|can (?:undergo|have)|fit for (?:an? )?(?:MRI|magnetic)|possible|can (?:both )?be (?:done|performed|made)";
    LP = r"lumbar puncture|spinal tap|(?:CSF|cerebral spinal fluid|cerebrospinal fluid)(?: \(CSF\))? (?:exam|collection|sampling)\w*";
    LP_UNABLE = r"contraindicat|unable|inability|unwilling|unsafe|cannot|not able|willing|able to|agree|consent|possible|can (?:both )?be (?:done|performed|made)";
    VEIN = r"(?:venous|vascular) access|peripheral access|access for (?:leuk)?apheresis|suitable veins";
    CONSENT = r"informed\s+consent|written consent|consent\s+forms?|(?:sign\w*|give|provid\w*) (?:\w+ ){0,3}consent|consent is given|consent of (?:the )?(?:parents?|legal|guardian)|consent to participate|assent|(?-u:\b)ICF(?-u:\b)";
    CONSENT_GIVES = r"sign|give|provid|willing|able to|abilit|understand|obtain|written|agree|capable|signed|consent form|unable|absence of|lack of|without|refus|of (?:the )?(?:parents?|legal|guardian)";
}

/// Infections, antibodies, pregnancy, heart, what must be possible, and conditions.
pub(super) static RULES: [Rule; 28] = [
    Rule::one(
        "hiv|immunodeficiency|aids|hepati|hbv|hbsag|hbcab|hcv|tubercul|tb|quantiferon|syphilis|treponema|cytomegal|cmv|epstein|ebv|jc|cunningham|covid|sars",
        &AGENT,
        named_infections,
    ),
    Rule::one("infect", &ACTIVE_INFECTION, active_infection),
    Rule::one("aqp|aquaporin|mog|myelin", &ANTIBODY, antibodies),
    Rule::one("pregnan|gravid|hcg", &PREGNANT, pregnancy),
    Rule::one("breast|lactat|nursing", &BREASTFEEDING, breastfeeding),
    Rule::one("contr|birth|abstinen|condom", &CONTRACEPTION, contraception),
    Rule::one("live", &LIVE, live_vaccine),
    Rule::one("vaccin", &VACCINATED, vaccinated),
    Rule::one("ejection|ef", &LVEF, ejection_fraction),
    Rule::one("nyha|york|failure", &NYHA, heart_failure_class),
    Rule::many(
        "heart|cardi|coronary|myocardial|angina|cabg|block|conduction|sinus|qt|rhythm|arr|fibrillation|isch",
        &HEART,
        heart_events,
    ),
    Rule::one("mri|magnetic", &MRI, scan),
    Rule::one("lumbar|spinal|csf", &LP, lumbar_puncture),
    Rule::one("access|vein", &VEIN, venous_access),
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

/// Says whether a mention bars: it stands among exclusions, or is denied among inclusions.
fn bars(item: &Item<'_>, at: usize) -> bool {
    item.bars() || item.negated(at)
}

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
    let polarity = Polarity::exclude_if(bars(item, span.start) || negative);
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

fn pregnancy(item: &Item<'_>) -> Option<Fact> {
    let span = PREGNANT.all(item.text).find(|span| {
        let talk = item.part(span.end.saturating_sub(1)..);
        !PREGNANT_NOT.is_in(item.before(span.start)) && !PREGNANCY_TALK.is_in(talk)
    })?;
    let clause = item.clause(span.start);
    (item.bars() || PREGNANT_REQUIRED.is_in(item.part(clause.clone()))).then(|| {
        let value = Value::Plain("pregnancy");
        item.fact(value, Polarity::Exclude, clause, Certainty::Exact)
    })
}

fn breastfeeding(item: &Item<'_>) -> Option<Fact> {
    let at = BREASTFEEDING.find(item.text)?.start;
    let clause = item.clause(at);
    (bars(item, at) || PREGNANT_REQUIRED.is_in(item.part(clause.clone()))).then(|| {
        let value = Value::Plain("breastfeeding");
        item.fact(value, Polarity::Exclude, clause, Certainty::Exact)
    })
}

fn contraception(item: &Item<'_>) -> Option<Fact> {
    let span = CONTRACEPTION.find(item.text)?;
    let under = item.head.is_some_and(|head| CONTRACEPTION.is_in(head));
    if under || CONTRACEPTION_LIST.is_in(item.text) {
        return None;
    }
    let months = times(item.text).into_iter().find_map(|time| {
        let rest = item.part(time.span.end..);
        let near = rest.split(['.', ';']).next().unwrap_or_default();
        (AFTER_TREATMENT.is_in(near)
            && near
                .find(',')
                .is_none_or(|comma| comma > 3 || AFTER_TREATMENT.is_in(&near[..comma])))
        .then(|| time.months())
    });
    let is_partner = |span: &Range<usize>| {
        PARTNER_OF.is_in(item.before(span.start)) || PARTNER.is_in(item.part(span.end..))
    };
    let female = FEMALE.all(item.text).any(|span| !is_partner(&span));
    let male = MALE_OWN.is_in(item.text);
    let sex = match (female, male) {
        (true, false) => Some("FEMALE"),
        (false, true) => Some("MALE"),
        _ => None,
    };
    let certainty = Certainty::approximate_if(months.is_none());
    let value = Value::Contraception { months, sex };
    Some(item.fact(value, Polarity::Require, item.clause(span.start), certainty))
}

patterns! {
    PARTNER_OF = r"partners? (?:who are |of |are )?(?:\w+ ){0,2}$";
    PARTNER = r"^\s*(?:sexual |sex )?partners?(?-u:\b)";
    MALE_OWN = r"^\W*(?:fertile |sexually active )?(?:males?|men)(?-u:\b)|and (?:males?|men)(?-u:\b)|or (?:males?|men)(?-u:\b)|(?-u:\b)(?:males?|men) (?:must|who|with|participants|subjects|patients)";
}

/// Says whether a live vaccine is barred.
fn bars_live_vaccine(item: &Item<'_>) -> Option<Range<usize>> {
    let span = LIVE.find(item.text)?;
    bars(item, span.start).then(|| item.clause(span.start))
}

fn live_vaccine(item: &Item<'_>) -> Option<Fact> {
    let clause = bars_live_vaccine(item)?;
    let found = window(item.part(clause.clone()));
    let certainty = Certainty::approximate_if(found.is_none());
    let value = Value::Vaccination {
        live: true,
        window_days: found.map(|time| time.days()),
    };
    Some(item.fact(value, Polarity::Exclude, clause, certainty))
}

fn vaccinated(item: &Item<'_>) -> Option<Fact> {
    let clause = item.clause(VACCINATED.find(item.text)?.start);
    let barred = item.bars() || bars_live_vaccine(item).is_some();
    if barred || RECOMMENDED.is_in(item.part(clause.clone())) {
        return None;
    }
    let value = Value::Vaccination {
        live: false,
        window_days: None,
    };
    Some(item.fact(value, Polarity::Require, clause, Certainty::Approximate))
}

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

fn scan(item: &Item<'_>) -> Option<Fact> {
    let is_lesion = item.text.to_lowercase().contains("lesion");
    (!is_lesion)
        .then(|| possible(item, "mri", &MRI, &MRI_UNABLE))
        .flatten()
}

fn lumbar_puncture(item: &Item<'_>) -> Option<Fact> {
    possible(item, "lumbar_puncture", &LP, &LP_UNABLE)
}

fn venous_access(item: &Item<'_>) -> Option<Fact> {
    possible(item, "venous_access", &VEIN, &VEIN)
}

/// What must be possible, in a clause that speaks of being able to.
fn possible(item: &Item<'_>, kind: &'static str, what: &Pattern, able: &Pattern) -> Option<Fact> {
    let clause = item.clause(what.find(item.text)?.start);
    able.is_in(item.part(clause.clone())).then(|| {
        let value = Value::Plain(kind);
        item.fact(value, Polarity::Require, clause, Certainty::Exact)
    })
}

/// Reads consent once a study, wherever it stands first.
pub(super) fn consent(item: &Item<'_>) -> Option<Fact> {
    let span = CONSENT.find(item.text)?;
    let clause = item.clause(span.start);
    let words = item.part(clause.clone());
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
        if set_aside || !bars(item, span.start) {
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
    if !bars(item, span.start) {
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
