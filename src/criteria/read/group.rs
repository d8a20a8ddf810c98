//! Lines of a group with another disease than MS: in studies of several diseases, the rules of one
//! are not those of another.

use std::ops::Range;

use super::ReadCriterion;
use crate::criteria::pattern::{Pattern, compile, patterns};
use crate::criteria::segment::CriterionKind;

patterns! {
    NAMES_MS = r"multiple\s+sclerosis|sclerosis multiplex|(?-i:(?-u:\b)(?:MS|RRMS|a?SPMS|PPMS|RMS|PMS|CIS)(?-u:\b))|(?:relapsing|progressive) MS(?-u:\b)";
    HEALTHY = r"healthy|volunteer|controls?(?-u:\b)|care-?\s?giver|(?-u:\b)carer|(?:care|study) partner|(?-u:\b)donors?(?-u:\b)";
    /// Labels that are too short to be looked for in a sentence.
    LABEL = r"^\W*(?:AE|RA|SjS|SjD|pSS|ITP|T1D|HV|GPA|EGPA|MPA|SPS|MG|LN)(?: (?:patients|participants|subjects|group|cohort|arm))?\W*$";
}

/// Names of other diseases in the nervous and immune system.
const DISEASE: &str = r"(?:(?-i:(?-u:\b)(?:NMOSDs?|NMO|MOGAD|MOG-AD|g?MG|CIDP|AIE|SPS|LEMS|SLE|LN|SSc|AAV|IMNM|IIM)(?-u:\b))|neuromyelitis(?: optica)?(?: spectrum)?(?: disorders?| diseases?)?|(?:anti-)?(?:MOG|myelin oligodendrocyte glycoprotein)[- ]?(?:antibody|IgG)?[- ](?:antibody[- ])?associated disease|(?:generali[sz]ed )?myasthenia(?: gravis)?|stiff[- ]?person(?: syndrome| spectrum disorders?)?|(?:autoimmune|limbic) encephalitis|chronic inflammatory demyelinating \w+|(?:systemic )?lupus(?: erythematosus)?(?: nephritis)?|systemic sclerosis|scleroderma|(?:(?:idiopathic|inflammatory|inclusion|body|juvenile|necroti[sz]ing|autoimmune|sporadic) ){0,2}(?:dermato|poly)?myositis|(?:ANCA[- ]?associated )?vasculitis|rheumatoid arthritis|(?:poly)?neuropathy|immune[- ]mediated necroti[sz]ing myopathy)";
/// Who has a disease, or is of its group.
const PEOPLE: &str = r"(?:patients|participants|subjects|people|persons|individuals|those|group|cohort|arm|population)";

/// Stands for the name of a disease: patterns that spell all names out take longer to compile than all reading.
/// It is of the kind that words are made of, as a name is.
const NAME: char = '_';

/// Compiles a pattern with one or several names and their abbreviations at `DISEASES` and people at `PEOPLE`, for
/// the text of [`Named`].
fn with_names(source: &str) -> Option<regex::Regex> {
    let one = format!(
        r"(?:(?:relapsing|recurrent|refractory|seropositive|seronegative|active) ){{0,2}}(?:AQP-?4[- ]?(?:IgG)?[- ]?(?:positive|\+)? )?{NAME}(?: ?\([^()]{{2,24}}\))?"
    );
    let all = format!(r"{one}(?: ?(?:,|/|or|and|and/or) ?{one})*");
    compile(&source.replace("DISEASES", &all).replace("PEOPLE", PEOPLE))
}

/// A line in which each name of a disease is [`NAME`].
struct Named {
    text: String,
    /// Where each name ends in `text`, and how many bytes it is longer in the line.
    longer: Vec<(usize, usize)>,
}

impl Named {
    fn of(body: &str) -> Self {
        let (mut text, mut longer, mut done) = (String::with_capacity(body.len()), Vec::new(), 0);
        // A line that holds the sign itself names nothing by it.
        let plain = |part: &str| part.replace(NAME, " ");
        for name in ANY.all(body) {
            text += &plain(body.get(done..name.start).unwrap_or_default());
            text.push(NAME);
            longer.push((text.len(), name.len() - NAME.len_utf8()));
            done = name.end;
        }
        text += &plain(body.get(done..).unwrap_or_default());
        Self { text, longer }
    }

    /// Where a part of the text stands in the line.
    fn in_line(&self, part: Range<usize>) -> Range<usize> {
        let at = |place: usize| {
            let before = self.longer.iter().take_while(|(end, _)| *end <= place);
            place + before.map(|(_, bytes)| bytes).sum::<usize>()
        };
        at(part.start)..at(part.end)
    }
}

static ANY: Pattern = Pattern::new(|| compile(DISEASE));
/// "For participants with X:", "In the X group,".
static LED: Pattern = Pattern::new(|| {
    with_names(
        r"^\W*(?:only )?(?:for|in|if|among) (?:the )?(?:PEOPLE (?:with|who have|diagnosed with) (?:a diagnosis of )?)?(?P<who>DISEASES)(?: PEOPLE)?(?:,? only)?(?: ?\([^()]{1,80}\))?\s*(?:[:：,–—]|- )",
    )
});
/// "X patients must", "participants with X only:".
static MUST: Pattern = Pattern::new(|| {
    with_names(
        r"^\W*(?:PEOPLE (?:with|who have|diagnosed with) (?P<who>DISEASES)|(?P<whose>DISEASES) PEOPLE)(?: only)?,?\s*(?:[:：–—]|- |(?:must|should|shall|need|have to|are required|will|only)(?-u:\b))",
    )
});
/// "X:", "X group", "X" above a list of its own; among exclusions a disease by itself is one that bars.
static NAMED: Pattern = Pattern::new(|| {
    with_names(r"^\W*(?P<who>DISEASES)(?: PEOPLE)?(?: only)?\W*(?:$|[:：–—]|(?-u:\b) - | only\W)")
});
static NAMED_GROUP: Pattern = Pattern::new(|| {
    with_names(r"^\W*(?P<who>DISEASES)(?: PEOPLE(?: only)?| only)\s*(?:$|[:：–—]|- )")
});
/// "… (X only)", "… (for X patients)".
static BRACKET: Pattern = Pattern::new(|| {
    with_names(
        r"\((?:(?:for|in) (?:the )?(?:PEOPLE with )?(?P<led>DISEASES)(?: PEOPLE)?(?:,? only)?|(?P<who>DISEASES) (?:PEOPLE|only)(?: only)?|PEOPLE with (?P<with>DISEASES)(?: only)?)\)\W*$",
    )
});
/// "… for participants with X", "… in X patients".
static TAIL: Pattern = Pattern::new(|| {
    with_names(
        r"(?-u:\b)(?:for|in|among) (?:the )?(?:PEOPLE with (?P<who>DISEASES)|(?P<whose>DISEASES) PEOPLE)(?:,? only)?\W*$",
    )
});
/// A rule for this disease inside a line that has another for MS.
static OWN_RULE: Pattern = Pattern::new(|| {
    with_names(
        r"(?-u:\b)(?:for|in|if)(?: (?:the|PEOPLE|with)){0,3} (?:DISEASES)|(?:DISEASES)(?: PEOPLE)?\s*(?:[:：(]|must|should)",
    )
});

/// Says whether words name another disease than MS, and not MS.
fn names_others(words: &str) -> bool {
    (ANY.is_in(words) || HEALTHY.is_in(words) || LABEL.is_in(words)) && !NAMES_MS.is_in(words)
}

/// The group that a line is limited to, where that has another disease.
pub(super) fn other_group(body: &str, kind: CriterionKind) -> Option<String> {
    if !ANY.is_in(body) || NAMES_MS.is_in(body) {
        return None;
    }
    let by_name = if kind == CriterionKind::Exclusion {
        &NAMED_GROUP
    } else {
        &NAMED
    };
    let line = Named::of(body);
    let all = [&LED, &MUST, by_name, &BRACKET, &TAIL];
    let who = all.into_iter().find_map(|pattern| {
        let parts = pattern.parts(&line.text)?;
        let names = ["who", "whose", "led", "with"];
        let mut spans = pattern.regex()?.capture_names().flatten();
        let name = spans.find(|name| names.contains(name) && parts.name(name).is_some())?;
        Some(parts.name(name)?.range())
    })?;
    label(body, line.in_line(who))
}

/// The group of a heading that names another disease.
pub(super) fn other_heading(words: &str) -> Option<String> {
    if NAMES_MS.is_in(words) {
        return None;
    }
    label(words, ANY.find(words)?)
}

fn label(words: &str, span: Range<usize>) -> Option<String> {
    let words = words.get(span)?.split_whitespace().collect::<Vec<_>>();
    Some(words.join(" "))
}

impl ReadCriterion {
    /// Says whether it holds for people with another disease, or without any, and not for MS.
    pub fn is_of_others(&self) -> bool {
        self.applies_to.as_deref().is_some_and(names_others)
    }

    /// Says whether it gives rules for MS and for another disease in one line: which number is whose
    /// is not read.
    pub fn is_for_several(&self, text: &str) -> bool {
        let body = self.criterion.body(text);
        ANY.is_in(body) && NAMES_MS.is_in(body) && OWN_RULE.is_in(&Named::of(body).text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn a_name_is_found_again_in_its_line(
            body in "(NMOSD|systemic lupus|gMG|é|[a-z(): _]|dermatomyositis){0,20}",
        ) {
            let named = Named::of(&body);
            let spans: Vec<Range<usize>> = ANY.all(&body).collect();
            let signs = named.text.match_indices(NAME);
            let found: Vec<Range<usize>> = signs
                .map(|(at, sign)| named.in_line(at..at + sign.len()))
                .collect();
            proptest::prop_assert_eq!(found, spans);
        }
    }

    #[test]
    fn a_line_of_another_disease_names_its_group() {
        for (body, expected) in [
            ("For NMOSD patients:", Some("NMOSD")),
            (
                "For patients with MOGAD or NMOSD: x",
                Some("MOGAD or NMOSD"),
            ),
            ("EDSS ≤ 7 (NMOSD only)", Some("NMOSD")),
            (
                "EDSS ≤ 7 for participants with myasthenia gravis",
                Some("myasthenia gravis"),
            ),
            ("In the NMOSD group, EDSS ≤ 7", Some("NMOSD")),
            ("gMG: MG-ADL of 6 or more", Some("gMG")),
            (
                "For people with myasthenia gravis only (class II to IV, by their criteria):",
                Some("myasthenia gravis"),
            ),
            ("NMOSD, gMG: as their doctors see it", Some("NMOSD, gMG")),
            ("__ NMOSD group: EDSS ≤ 7", Some("NMOSD")),
            ("MS patients: EDSS ≤ 7", None),
            ("For patients with MS or NMOSD: EDSS ≤ 7", None),
            ("No history of lupus", None),
            ("Treatment for lupus", None),
        ] {
            let found = other_group(body, CriterionKind::Inclusion);
            assert_eq!(found.as_deref(), expected, "{body}");
        }
        for bars in [
            "Systemic lupus erythematosus",
            "Lupus, vasculitis or myositis",
            "NMOSD",
        ] {
            assert_eq!(other_group(bars, CriterionKind::Exclusion), None, "{bars}");
        }
    }
}
