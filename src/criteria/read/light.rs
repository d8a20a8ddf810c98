//! Words of a criterion that lie in no quote: do they add a rule, or not?

use std::ops::Range;

use super::super::time::floor_boundary;
use super::{Certainty, Fact, Pattern, ReadCriterion, Value, patterns};

patterns! {
    /// Words that add no rule to any fact.
    LIGHT = r"^(?:participants?|patients?|subjects?|must|have|with|inclusive|inclusively|female|male|women|adults?|years?|documented|diagnos(?:is|ed)|confirmed|screening|time|visit|baseline|able|score|being|only|that|this|from|have|been|criteria|according|revised|modified|mcdonald|genders?|either|both|included|regardless|unlimited|older|date|signed|consent|informed|randomi[sz]ation|enrol+ment|enrolled|study|clinical|clinically|definite|defined|definitions?|established|evidence|based|treated|presence|appendix|(?:19|20)[0-9]{2})$";
    /// Words about which diagnostic criteria name a course.
    OF_COURSE = r"^(?:international|panel|committee|consensus|polman|thompson|lublin|reingold|poser|forms?|kind|type|course|under|meets?|meeting|satisf(?:y|ies|ying)|fulfil+(?:s|ing|ed)?|revisions?|using|multiple|sclerosis)$";
    OF_EDSS = r"^(?:points?|kurtzke|expanded|disability|status|scale)$";
    /// Words about how a value is measured; that decides nothing (annotation guide: certainty).
    OF_MEASURE = r"^(?:complete|blood|cells?|counts?|h(?:a)?ematolog(?:y|ical)|transfusions?|growth|factors?|support|weeks?|days?|months?|within|before|prior|tests?|tested|testing|laboratory|rest|while|breathing|room|ambient|echocardiogra(?:m|phy)|assessed|measured|measurement|shows?|shown|left|ventricular|ejection|fraction|equation|formula|calculated|worked|using|less|than|higher|lower|without|immunoglobulins?|oxygen|saturation|serum|value|levels?)$";
    OF_ANTIBODY = r"^(?:antibod(?:y|ies)|against|serum|positiv(?:e|ity)|seropositiv(?:e|ity)|tests?)$";
    /// Where a rule is explained in other papers, and on which day of the study it holds.
    REFERENCE = r"\((?:see )?(?:appendix|section|table)[^()]*\)|\(day ?[-−]?[0-9]+\)|\((?:[\w-]+ ){1,3}(?:al[.]?,? ?)?(?:19|20)[0-9]{2}\)|\((?:[\w-]+ ){1,2}et al[.]?,? ?(?:19|20)[0-9]{2}\)";
    /// What is allowed bars nobody.
    ALLOWED = r"(?-u:\b)and may (?:be|have) [^.;]*|[^.;]*(?-u:\b)may (?:occur|be repeated)(?-u:\b)[^.;]*";
    NOT_ALLOWED = r"may (?:not|only|never)";
    /// "Hypogammaglobulinemia defined as": what a fact holds the definition of.
    DEFINED_AS = r"(?:^|[,;:.]|(?-u:\b)(?:and|or)(?-u:\b))(?P<name>[^,;:.]*?(?-u:\b)defined as\s+(?:\w+\s+){0,3})$";
    /// What EDSS 6.5 means (Kurtzke 1983), and when it is scored.
    MEANS_EDSS = r"able to walk (?:about |at least |approximately )?20 ?m(?:et(?:er|re)s)? without rest(?:ing)?|(?-u:\b)ambulatory(?-u:\b)";
    SCORED = r"scored outside (?:of )?(?:an? )?relapses?";
    MEN = r"(?-u:\b)(?:males?|men|man|partners?|father|he|his)(?-u:\b)";
    /// What a line about pregnancy may say of women, and nothing else.
    OF_WOMEN = r"^(?:pregnan(?:t|cy)|become|breast-?feed(?:ing)?|nursing|lactati(?:ng|on)|wish(?:es|ing)?|plans?|planning|intend(?:s|ing)?|desires?|either|childbearing|potential|coming|next|following|during|after|within|receiving|infusion|treatment|dose|last|weeks?|months?|course|were|their)$";
    OF_PREGNANCY = r"pregnan|breast|feeding|nursing|lactat|test|serum|urine|hCG|child|bearing|gestation|negative|positive|contracept|steril|menopaus|femal|woman|women";
    OF_BEING_ABLE = r"MRI|magnetic|gadolin|contrast|scan|imag|claustro|metal|pacemaker|implant|device|lumbar|puncture|spinal|CSF|unwilling|willing|unable|able|inability|unsafe|refus|cannot|contra-?indic|incompatib";
    AND_SO_ON = r"(?-u:\b)etc(?-u:\b)|and so on|among others";
    OR = r"(?-u:\b)or(?-u:\b)|;";
    /// A child that is wished for: no profile states it.
    PLANNED = r"(?-u:\b)(?:wish|plan|intend|desire|want)";
}

impl ReadCriterion {
    /// Says whether its whole meaning is in exact facts: every word of weight
    /// lies in a quote of one.
    pub fn is_fully_read(&self, text: &str) -> bool {
        let exact = |fact: &Fact| fact.certainty == Certainty::Exact;
        let more = |fact: &Fact| {
            let quote = text.get(fact.quote.clone()).unwrap_or_default();
            AND_SO_ON.is_in(quote) || names_more(&fact.value, quote)
        };
        !self.facts.is_empty()
            && self.facts.iter().all(|fact| exact(fact) && !more(fact))
            && !self.holds_more(text)
    }

    /// Says whether it speaks of pregnancy and nursing alone, and so of no man: what
    /// of it was not read is a wish for a child.
    pub fn is_of_women_alone(&self, text: &str) -> bool {
        let of_women =
            |fact: &Fact| matches!(fact.value, Value::Plain("pregnancy" | "breastfeeding"));
        let body = self.criterion.body(text);
        let words = body.split(|c: char| !c.is_alphanumeric());
        !self.facts.is_empty()
            && self.facts.iter().all(of_women)
            && words
                .filter(|word| word.len() > 3)
                .all(|word| LIGHT.is_in(word) || OF_WOMEN.is_in(word) || is_code(word))
            && !MEN.is_in(body)
    }

    /// Says whether words that may add a rule lie outside the quotes of its facts.
    pub fn holds_more(&self, text: &str) -> bool {
        let start = self.criterion.span.start + self.criterion.marker;
        let body = self.criterion.body(text);
        let mut left = body.to_owned();
        for fact in &self.facts {
            let from = fact.quote.start.saturating_sub(start).min(left.len());
            let to = fact.quote.end.saturating_sub(start).min(left.len());
            blank(&mut left, from, to);
            if let Some(name) = defined_before(body, from) {
                blank(&mut left, name.start, name.end);
            }
        }
        self.without_asides(&mut left);
        left.split(|c: char| !c.is_alphanumeric())
            .map(|word| word.trim_end_matches(|c: char| c.is_ascii_digit() && !is_number(word)))
            .any(|word| word.len() > 3 && !LIGHT.is_in(word) && !self.is_light(word))
    }

    fn without_asides(&self, left: &mut String) {
        let mut asides: Vec<&Pattern> = vec![&REFERENCE];
        if !NOT_ALLOWED.is_in(left) {
            asides.push(&ALLOWED);
        }
        let of_edss = self.facts.iter().find_map(|fact| match fact.value {
            Value::Edss { max, .. } => max,
            _ => None,
        });
        if let Some(max) = of_edss {
            asides.push(&SCORED);
            if max <= 6.5 {
                asides.push(&MEANS_EDSS);
            }
        }
        for aside in asides {
            let found: Vec<_> = aside.all(left).collect();
            for span in found {
                blank(left, span.start, span.end);
            }
        }
    }

    /// Says whether a word adds nothing to the kinds that were read here.
    fn is_light(&self, word: &str) -> bool {
        let all = |is: fn(&Value) -> bool| self.facts.iter().all(|fact| is(&fact.value));
        let any = |is: fn(&Value) -> bool| self.facts.iter().any(|fact| is(&fact.value));
        let measured = |value: &Value| {
            let lvef = matches!(
                value,
                Value::Cardiac {
                    lvef_min: Some(_),
                    ..
                }
            );
            lvef || matches!(value, Value::Lab { .. })
        };
        any(|value| matches!(value, Value::MsCourse { .. })) && OF_COURSE.is_in(word)
            // "Secondary (SPMS) or primary progressive MS": the quote begins behind the word.
            || any(|value| matches!(value, Value::MsCourse { any_of, .. } if any_of.contains(&"spms")))
                && word.eq_ignore_ascii_case("secondary")
            || any(|value| matches!(value, Value::Edss { .. })) && OF_EDSS.is_in(word)
            || all(measured) && OF_MEASURE.is_in(word)
            || all(|value| matches!(value, Value::Antibody(_))) && OF_ANTIBODY.is_in(word)
    }
}

/// Returns where the name stands that a fact behind it is the definition of.
fn defined_before(body: &str, at: usize) -> Option<Range<usize>> {
    // A name is short, and a text can hold many facts.
    let near = floor_boundary(body, at.saturating_sub(200).min(body.len()));
    let name = DEFINED_AS.parts(body.get(near..at)?)?.name("name")?.range();
    Some(near + name.start..near + name.end)
}

/// Says whether a quote that is a whole clause holds a wish for a child, or another thing behind "or".
fn names_more(value: &Value, quote: &str) -> bool {
    let own = match value {
        Value::Plain("pregnancy" | "breastfeeding") if PLANNED.is_in(quote) => return true,
        Value::Plain("pregnancy" | "breastfeeding") => &OF_PREGNANCY,
        Value::Plain("mri" | "lumbar_puncture") => &OF_BEING_ABLE,
        _ => return false,
    };
    let ends = OR.all(quote).map(|span| (span.start, span.end));
    let mut from = 0;
    let mut other = false;
    for (end, next) in ends.chain([(quote.len(), quote.len())]) {
        let part = quote.get(from..end).unwrap_or_default();
        other |= part.len() > 3 && !own.is_in(part);
        from = next;
    }
    other
}

/// A name of a product ("KYV", "101").
fn is_code(word: &str) -> bool {
    word.chars()
        .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
}

fn is_number(word: &str) -> bool {
    word.chars().all(|c| c.is_ascii_digit())
}

/// Puts spaces for a part, so that all else keeps its place.
fn blank(text: &mut String, from: usize, to: usize) {
    if from < to && text.is_char_boundary(from) && text.is_char_boundary(to) {
        text.replace_range(from..to, &" ".repeat(to - from));
    }
}
