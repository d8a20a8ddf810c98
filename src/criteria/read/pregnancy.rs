//! Pregnancy and nursing, contraception, vaccination.

use std::ops::Range;

use super::Rule;
use crate::criteria::fact::{Certainty, Fact, Polarity, Value};
use crate::criteria::item::Item;
use crate::criteria::pattern::patterns;
use crate::criteria::time::{times, window};

patterns! {
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
}

/// Pregnancy and nursing, contraception, vaccination.
pub(super) static RULES: [Rule; 5] = [
    Rule::one("pregnan|gravid|hcg", &PREGNANT, pregnancy),
    Rule::one("breast|lactat|nursing", &BREASTFEEDING, breastfeeding),
    Rule::one("contr|birth|abstinen|condom", &CONTRACEPTION, contraception),
    Rule::one("live", &LIVE, live_vaccine),
    Rule::one("vaccin", &VACCINATED, vaccinated),
];

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
    (item.bars_at(at) || PREGNANT_REQUIRED.is_in(item.part(clause.clone()))).then(|| {
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
    item.bars_at(span.start).then(|| item.clause(span.start))
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
