//! The texts of a study that classify it, with the place each stands in.

use crate::criteria::{CriterionKind, Segments};
use crate::study::{Study, StudyType};
use crate::text::words;

/// Words that a label was read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// Path of the field in the registry record, without list positions.
    pub field: &'static str,
    /// The words, verbatim (after Markdown escapes were undone).
    pub quote: String,
    /// What the label rests on besides the words, where that is not plain from them.
    pub note: Option<String>,
}

/// Where a text stands; the order is the weight that it has for a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    Intervention,
    Title,
    Arm,
    Keyword,
    Condition,
    Summary,
    Detail,
    Inclusion,
    Exclusion,
}

/// One text of a study.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field<'a> {
    pub(super) place: Place,
    pub(super) path: &'static str,
    pub(super) text: &'a str,
}

/// All texts of a study, by weight.
#[derive(Debug)]
pub(super) struct Fields<'a> {
    all: Vec<Field<'a>>,
    /// An intervention that could be a cell product.
    pub(super) is_biological: bool,
    /// People are only observed.
    pub(super) is_observational: bool,
}

impl<'a> Fields<'a> {
    pub(super) fn of(study: &'a Study, segments: &Segments) -> Self {
        let mut all: Vec<Field<'a>> = interventions(study)
            .chain(arms(study))
            .chain(texts(study))
            .chain(criteria(study, segments))
            .collect();
        // The order of equal places stays that of the record.
        all.sort_by_key(|field| field.place);
        let is_biological = study.interventions.iter().any(|one| {
            matches!(
                one.kind.as_deref(),
                None | Some("BIOLOGICAL" | "GENETIC" | "DRUG" | "COMBINATION_PRODUCT" | "OTHER")
            )
        });
        let is_observational = study.study_type == Some(StudyType::Observational);
        Self {
            all,
            is_biological,
            is_observational,
        }
    }

    /// Returns the texts up to a place, by weight.
    pub(super) fn up_to(&self, place: Place) -> impl Iterator<Item = Field<'a>> + '_ {
        self.all
            .iter()
            .copied()
            .take_while(move |field| field.place <= place)
    }

    /// Returns the texts of one place.
    pub(super) fn at(&self, place: Place) -> impl Iterator<Item = Field<'a>> + '_ {
        self.all
            .iter()
            .copied()
            .filter(move |field| field.place == place)
    }
}

/// Puts the texts of one field, or of one list, into their place.
fn placed<'a>(
    place: Place,
    path: &'static str,
    texts: impl IntoIterator<Item = &'a String>,
) -> impl Iterator<Item = Field<'a>> {
    texts
        .into_iter()
        .map(move |text| Field { place, path, text })
}

fn interventions(study: &Study) -> impl Iterator<Item = Field<'_>> {
    study.interventions.iter().flat_map(|one| {
        placed(
            Place::Intervention,
            "protocolSection.armsInterventionsModule.interventions.name",
            &one.name,
        )
        .chain(placed(
            Place::Intervention,
            "protocolSection.armsInterventionsModule.interventions.otherNames",
            &one.other_names,
        ))
        .chain(placed(
            Place::Detail,
            "protocolSection.armsInterventionsModule.interventions.description",
            &one.description,
        ))
    })
}

fn arms(study: &Study) -> impl Iterator<Item = Field<'_>> {
    study.arms.iter().flat_map(|arm| {
        placed(
            Place::Arm,
            "protocolSection.armsInterventionsModule.armGroups.label",
            &arm.label,
        )
        .chain(placed(
            Place::Detail,
            "protocolSection.armsInterventionsModule.armGroups.description",
            &arm.description,
        ))
    })
}

/// Titles, keywords, conditions, summary and description.
fn texts(study: &Study) -> impl Iterator<Item = Field<'_>> {
    let single = [
        (
            Place::Title,
            "protocolSection.identificationModule.briefTitle",
            &study.title,
        ),
        (
            Place::Title,
            "protocolSection.identificationModule.officialTitle",
            &study.official_title,
        ),
        (
            Place::Title,
            "protocolSection.identificationModule.acronym",
            &study.acronym,
        ),
        (
            Place::Summary,
            "protocolSection.descriptionModule.briefSummary",
            &study.summary,
        ),
        (
            Place::Detail,
            "protocolSection.descriptionModule.detailedDescription",
            &study.description,
        ),
    ];
    let keywords = placed(
        Place::Keyword,
        "protocolSection.conditionsModule.keywords",
        &study.keywords,
    );
    let conditions = placed(
        Place::Condition,
        "protocolSection.conditionsModule.conditions",
        &study.conditions,
    );
    single
        .into_iter()
        .flat_map(|(place, path, text)| placed(place, path, text))
        .chain(keywords)
        .chain(conditions)
}

fn criteria<'a>(study: &'a Study, segments: &Segments) -> impl Iterator<Item = Field<'a>> {
    let text = study.eligibility.text.as_deref();
    text.into_iter().flat_map(|text| {
        segments.criteria.iter().map(move |one| Field {
            place: match one.kind {
                CriterionKind::Exclusion => Place::Exclusion,
                CriterionKind::Inclusion | CriterionKind::Other => Place::Inclusion,
            },
            path: "protocolSection.eligibilityModule.eligibilityCriteria",
            text: one.body(text),
        })
    })
}

impl Field<'_> {
    /// Quotes words of this text.
    pub(super) fn evidence(&self, span: std::ops::Range<usize>) -> Evidence {
        // A short entry of a list says more as a whole.
        let is_entry =
            matches!(self.place, Place::Condition | Place::Keyword) && self.text.len() <= 120;
        let words = if is_entry {
            self.text
        } else {
            self.text.get(span).unwrap_or(self.text)
        };
        let quote = words.trim().to_owned();
        Evidence {
            field: self.path,
            quote,
            note: None,
        }
    }

    /// Returns the clause around a place in this text: what lies between full stops, semicolons and line ends.
    pub(super) fn clause(&self, at: usize) -> std::ops::Range<usize> {
        clause(self.text, at)
    }
}

/// Returns the clause around a byte offset.
pub(super) fn clause(text: &str, at: usize) -> std::ops::Range<usize> {
    let ends = |(index, c): &(usize, char)| {
        matches!(c, '\n' | ';' | '。' | '；')
            || *c == '.'
                && text[index + 1..]
                    .chars()
                    .next()
                    .is_none_or(char::is_whitespace)
    };
    let start = text[..at]
        .char_indices()
        .rev()
        .find(&ends)
        .map_or(0, |(index, c)| index + c.len_utf8());
    let end = text[at..]
        .char_indices()
        .map(|(index, c)| (at + index, c))
        .find(&ends)
        .map_or(text.len(), |(index, _)| index);
    start..end
}

/// Says whether the words before a mention make it one of the past, of others, or of absence.
pub(super) fn is_set_aside(text: &str, at: usize) -> bool {
    const ASIDE: &[&str] = &[
        "prior",
        "previous",
        "previously",
        "history of",
        "without",
        "not",
        "non",
        "no",
        "except",
        "unlike",
        "other than",
        "compared with",
        "compared to",
        "versus",
        "failed",
        "after",
        "following",
        "received",
        "rather than",
        "instead of",
    ];
    let clause = clause(text, at);
    let words = words(&text[clause.start..at]);
    let near = words[words.len().saturating_sub(4)..].join(" ");
    let near = format!(" {near} ");
    ASIDE.iter().any(|word| near.contains(&format!(" {word} ")))
}
