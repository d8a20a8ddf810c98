//! How a study relates to multiple sclerosis, and which courses it names.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::courses::{Titled, courses_in, titled};
use super::fields::{Evidence, Field, Fields, Place, is_set_aside};
use crate::terminology::{DiseaseKind, Terminology};

/// How a study relates to MS (contract: `ms.relevance`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Relevance {
    /// MS is the only or main disease.
    Primary,
    /// MS is one of several, or the study takes the group of diseases that MS belongs to.
    Basket,
    /// MS is named only among inclusion criteria or in the detailed description.
    CriteriaOnly,
    /// Long-term follow-up of people who took part before.
    FollowUp,
    /// MS is named only in exclusion criteria.
    Excluded,
    /// MS is not named.
    None,
}

impl Relevance {
    /// Every relation.
    pub const ALL: [Self; 6] = [
        Self::Primary,
        Self::Basket,
        Self::CriteriaOnly,
        Self::FollowUp,
        Self::Excluded,
        Self::None,
    ];

    /// Returns the contract's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Basket => "basket",
            Self::CriteriaOnly => "criteria_only",
            Self::FollowUp => "follow_up",
            Self::Excluded => "excluded",
            Self::None => "none",
        }
    }

    /// Returns the relation in words for people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Primary => "MS",
            Self::Basket => "MS among others",
            Self::CriteriaOnly => "MS in criteria",
            Self::FollowUp => "follow-up of earlier participants",
            Self::Excluded => "MS excluded",
            Self::None => "not MS",
        }
    }

    /// Says whether a search for MS keeps it.
    pub fn is_about_ms(self) -> bool {
        !matches!(self, Self::Excluded | Self::None)
    }
}

/// How a study relates to MS, and what it rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MsLabel {
    /// The relation.
    pub relevance: Relevance,
    /// Courses that the study names, in the contract's order: `cis rrms spms ppms rms pms`.
    pub courses: Vec<&'static str>,
    /// The words that the relation was read from.
    pub evidence: Vec<Evidence>,
    /// The courses that titles and conditions name, and the first words of them that do.
    pub titled: Option<Titled>,
}

/// Every course, in the contract's order.
pub(crate) const COURSES: [&str; 6] = ["cis", "rrms", "spms", "ppms", "rms", "pms"];

static FOLLOW_UP: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)long[- ]?term (?:safety )?follow[- ]?up|(?-u:\b)LTFU(?-u:\b)|roll[- ]?over|(?:^|[^a-z])follow[- ]?up (?:study|protocol|trial) (?:of|for|to|in) ").ok()
});

static EARLIER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)previous(?:ly)?|(?-u:\b)prior(?-u:\b)|parent (?:study|trial|protocol)|(?:who|that|have|had|has) (?:have |had |been )?(?:received|treated|completed|participated|enrolled|administered)|roll(?:ed|ing)?[- ]?over|earlier (?:study|trial)|treated (?:with|in)|exposed to|received").ok()
});

/// Words that leave a list open.
static OPEN_LIST: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i)such as|e\.g\.|for example|not limited to|includ(?:e|es|ing)(?-u:\b)|etc(?-u:\b)",
    )
    .ok()
});

pub(super) fn label(fields: &Fields<'_>, terms: &Terminology) -> MsLabel {
    let reading = Reading {
        fields,
        terms,
        trusts_short: trusts_short(fields, terms),
    };
    let (relevance, evidence) = reading.relevance();
    let courses = if relevance.is_about_ms() {
        reading.courses()
    } else {
        Vec::new()
    };
    MsLabel {
        relevance,
        courses,
        evidence,
        titled: titled(fields, terms),
    }
}

/// "MS" also stands for mitral stenosis and metabolic syndrome: not trusted where those are named.
fn trusts_short(fields: &Fields<'_>, terms: &Terminology) -> bool {
    fields.up_to(Place::Detail).all(|field| {
        terms.find_diseases(field.text).all(|(hit, kind)| {
            let words = field.text[hit].to_lowercase();
            kind != DiseaseKind::Other || !(words.contains("mitral") || words.contains("metabolic"))
        })
    })
}

struct Reading<'f, 't> {
    fields: &'f Fields<'f>,
    terms: &'t Terminology,
    trusts_short: bool,
}

impl Reading<'_, '_> {
    fn relevance(&self) -> (Relevance, Vec<Evidence>) {
        let mut named = Vec::new();
        for place in [
            Place::Condition,
            Place::Title,
            Place::Keyword,
            Place::Summary,
        ] {
            named.extend(self.first_mention(place));
        }
        let (relevance, mut evidence) = if !named.is_empty() {
            (
                if self.is_main() {
                    Relevance::Primary
                } else {
                    Relevance::Basket
                },
                named,
            )
        } else if let Some(group) = self.group() {
            (Relevance::Basket, vec![group])
        } else {
            self.only_in_criteria()
        };
        if relevance.is_about_ms()
            && let Some(follow_up) = self.follow_up()
        {
            evidence.insert(0, follow_up);
            return (Relevance::FollowUp, evidence);
        }
        (relevance, evidence)
    }

    fn only_in_criteria(&self) -> (Relevance, Vec<Evidence>) {
        let wanted = [Place::Inclusion, Place::Detail]
            .into_iter()
            .flat_map(|place| self.fields.at(place));
        let mention = wanted.into_iter().find_map(|field| {
            let hit = self
                .mentions(field)
                .into_iter()
                .find(|hit| !is_set_aside(field.text, hit.start))?;
            Some(field.evidence(hit))
        });
        if let Some(mention) = mention {
            return (Relevance::CriteriaOnly, vec![mention]);
        }
        let excluded = self
            .first_mention(Place::Exclusion)
            .or_else(|| self.first_mention(Place::Inclusion));
        match excluded {
            Some(evidence) => (Relevance::Excluded, vec![evidence]),
            None => (Relevance::None, Vec::new()),
        }
    }

    fn first_mention(&self, place: Place) -> Option<Evidence> {
        self.fields
            .at(place)
            .find_map(|field| Some(field.evidence(self.mentions(field).into_iter().next()?)))
    }

    /// Returns where a text names MS.
    fn mentions(&self, field: Field<'_>) -> Vec<Range<usize>> {
        let hits = self.terms.find_diseases(field.text);
        hits.filter_map(|(hit, kind)| match kind {
            DiseaseKind::Ms(course) if course != Some("cis") => Some(hit),
            DiseaseKind::MsInList if self.trusts_short && self.stands_for_ms(field, &hit) => {
                Some(hit)
            }
            _ => None,
        })
        .collect()
    }

    /// Says whether the letters "MS" mean the disease here: as a condition of
    /// their own, beside other diseases in a list, or behind a word for a course.
    fn stands_for_ms(&self, field: Field<'_>, hit: &Range<usize>) -> bool {
        const COMPANIONS: &[&str] = &[
            "relapsing",
            "remitting",
            "progressive",
            "primary",
            "secondary",
            "active",
            "refractory",
            "relapsed",
            "r",
            "forms",
            "of",
            "and",
        ];
        let rest =
            format!("{} {}", &field.text[..hit.start], &field.text[hit.end..]).to_lowercase();
        let alone = rest
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .all(|word| COMPANIONS.contains(&word));
        let before = field.text[..hit.start].trim_end().to_lowercase();
        let behind_course = ["relapsing", "progressive", "remitting", "refractory"]
            .iter()
            .any(|word| before.ends_with(word));
        (field.place == Place::Condition || field.place == Place::Keyword) && alone
            || behind_course
            || self.is_in_list(field.text, hit)
    }

    /// Says whether another disease stands next in a list.
    fn is_in_list(&self, text: &str, hit: &Range<usize>) -> bool {
        self.terms.find_diseases(text).any(|(other, kind)| {
            let between = if other.end <= hit.start {
                text.get(other.end..hit.start)
            } else {
                text.get(hit.end..other.start)
            };
            kind == DiseaseKind::Other
                && between.is_some_and(|between| {
                    let words = between.replace("and", "").replace("or", "");
                    between.contains([',', '/', '、', '|', ';', '，', '&'])
                        && words.chars().all(|c| !c.is_alphanumeric())
                        && words.len() <= 6
                        || matches!(between.trim(), "and" | "or")
                })
        })
    }

    /// Says whether MS is the only or main disease: named in title or conditions, with no other disease there.
    fn is_main(&self) -> bool {
        let in_title = self.first_mention(Place::Title).is_some();
        let competes = |field: Field<'_>| {
            let mut kinds = self
                .terms
                .find_diseases(field.text)
                .map(|(_, kind)| kind)
                .peekable();
            let unknown = kinds.peek().is_none() && !in_title;
            let other = kinds.any(|kind| kind == DiseaseKind::Other);
            field.place == Place::Condition && unknown && !self.is_therapy(field.text) || other
        };
        let named = in_title || self.first_mention(Place::Condition).is_some();
        named
            && !self
                .fields
                .at(Place::Condition)
                .chain(self.fields.at(Place::Title))
                .any(competes)
    }

    /// Some records list the therapy among the conditions.
    fn is_therapy(&self, condition: &str) -> bool {
        self.terms.find_modality(condition).next().is_some()
    }

    /// Finds "neurological autoimmune diseases" as a group, unless a list of diseases without MS closes it.
    fn group(&self) -> Option<Evidence> {
        let places = [
            Place::Condition,
            Place::Title,
            Place::Keyword,
            Place::Summary,
        ];
        let group = places
            .into_iter()
            .flat_map(|place| self.fields.at(place))
            .find_map(|field| {
                let (hit, _) = self
                    .terms
                    .find_diseases(field.text)
                    .find(|(_, kind)| *kind == DiseaseKind::Group)?;
                Some(field.evidence(hit))
            })?;
        if self.lists_others() {
            return None;
        }
        let note = "takes this group of diseases, to which MS belongs; the record lists no diseases without MS".to_owned();
        Some(Evidence {
            note: Some(note),
            ..group
        })
    }

    fn lists_others(&self) -> bool {
        let others = |field: Field<'_>| {
            let hits = self
                .terms
                .find_diseases(field.text)
                .filter(|(_, kind)| *kind == DiseaseKind::Other);
            hits.map(|(hit, _)| field.text[hit].to_lowercase())
                .collect::<std::collections::BTreeSet<_>>()
        };
        let named = [Place::Condition, Place::Title, Place::Keyword]
            .into_iter()
            .flat_map(|place| self.fields.at(place));
        if named.into_iter().any(|field| !others(field).is_empty()) {
            return true;
        }
        let is_open =
            |field: Field<'_>| OPEN_LIST.iter().any(|pattern| pattern.is_match(field.text));
        let in_summary = self
            .fields
            .at(Place::Summary)
            .any(|field| others(field).len() >= 2 && !is_open(field));
        let criteria: Vec<Field<'_>> = self.fields.at(Place::Inclusion).collect();
        let in_criteria: std::collections::BTreeSet<String> =
            criteria.iter().flat_map(|field| others(*field)).collect();
        in_summary
            || in_criteria.len() >= 3
                && !criteria
                    .iter()
                    .any(|field| !others(*field).is_empty() && is_open(*field))
                && !criteria
                    .iter()
                    .any(|field| field.text.ends_with("include:"))
    }

    fn follow_up(&self) -> Option<Evidence> {
        let title = self.fields.at(Place::Title).find_map(|field| {
            let words = FOLLOW_UP.as_ref()?.find(field.text)?;
            Some(field.evidence(words.range()))
        })?;
        let earlier = self.fields.up_to(Place::Inclusion).filter(|field| {
            matches!(
                field.place,
                Place::Title | Place::Summary | Place::Inclusion
            )
        });
        let is_earlier =
            |field: Field<'_>| EARLIER.iter().any(|pattern| pattern.is_match(field.text));
        earlier.into_iter().any(is_earlier).then_some(title)
    }

    /// Returns the courses named in title, conditions, keywords, summary and inclusion criteria.
    fn courses(&self) -> Vec<&'static str> {
        let mut found = Vec::new();
        for field in self.fields.up_to(Place::Inclusion).filter(|field| {
            matches!(
                field.place,
                Place::Title
                    | Place::Condition
                    | Place::Keyword
                    | Place::Summary
                    | Place::Inclusion
            )
        }) {
            found.extend(courses_in(field.text, self.terms));
        }
        COURSES
            .into_iter()
            .filter(|course| found.contains(course))
            .collect()
    }
}
