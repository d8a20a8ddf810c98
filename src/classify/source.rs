//! Where the cells come from: the patient, a donor, or made inside the body.

use std::sync::LazyLock;

use regex::Regex;

use super::cell_therapy::CellTherapy;
use super::fields::{Evidence, Field, Fields, Place, is_set_aside};
use crate::terminology::{CellClass, CellSource, Product, Terminology};

/// What the source rests on (contract: `source_basis`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceBasis {
    /// The record says it.
    Stated,
    /// Known of the product.
    Product,
    /// Likely, not confirmed.
    Assumed,
}

impl SourceBasis {
    /// Returns the contract's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stated => "stated",
            Self::Product => "product",
            Self::Assumed => "assumed",
        }
    }
}

static AUTOLOGOUS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)autologous|autoleucel|(?-u:\b)auto(?:CAR|CD)|patient[- ](?:derived|specific)|(?:patient|participant|subject|person|their)(?:['’]s|s['’])? own (?:blood |immune |white blood |t[- ])*cells?").ok()
});

static ALLOGENEIC: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)allogen[ei]+c|off[- ]the[- ]shelf|(?-u:\b)universal(?-u:\b)|(?-u:\b)u[- ]?car[- ]?t|geleucel|zapreleucel|(?-u:\b)allo1(?-u:\b)|(?:healthy|unrelated|third[- ]party) donors?|donor[- ]derived|cord blood").ok()
});

static IN_VIVO: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)in[- ]vivo (?:car(?-u:\b)|bcma|cd[0-9]|lv(?-u:\b)|lentivir|engineer|programm|reprogramm|generat|transduc|gene)|in[- ]vivo[^.;\n]{0,40}car-?t|vivovec|lentiviral nanoparticle|(?-u:\b)lnp(?-u:\b)|lipid nanoparticle|circular rna").ok()
});

/// Words behind a source word that make it a transplant's, not the product's.
static TRANSPLANT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)^[^.;,\n]{0,24}(?:stem|ha?ematopoietic|hsct|ahsct|transplant|bone marrow|serum|plasma|mesenchym)").ok()
});

static APHERESIS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)leuk(?:o|a)?pheresis|leukocytapheresis|(?-u:\b)apheresis").ok()
});

pub(super) fn read_source(
    label: &mut CellTherapy,
    product: Option<&Product>,
    fields: &Fields<'_>,
    terms: &Terminology,
) {
    let stated = stated(fields, terms);
    let known = product.and_then(|product| product.source);
    match (known, stated) {
        (Some(known), Some((stated, evidence))) if known == stated => {
            label.set(stated, SourceBasis::Stated, Some(evidence));
        }
        (Some(known), _) => {
            let assumed = product.is_some_and(|product| product.source_assumed);
            label.set(
                known,
                if assumed {
                    SourceBasis::Assumed
                } else {
                    SourceBasis::Product
                },
                None,
            );
        }
        (None, Some((stated, evidence))) => label.set(stated, SourceBasis::Stated, Some(evidence)),
        (None, None) => label.assume(fields),
    }
}

impl CellTherapy {
    fn set(&mut self, source: CellSource, basis: SourceBasis, evidence: Option<Evidence>) {
        self.source = Some(source);
        self.source_basis = Some(basis);
        self.evidence.extend(evidence);
    }

    /// Cells collected from the participant are most likely the participant's;
    /// CAR-NK cells most likely a donor's. Said to be assumed, never more.
    fn assume(&mut self, fields: &Fields<'_>) {
        match self.class {
            Some(CellClass::CarT | CellClass::CarTreg | CellClass::CaarT | CellClass::CarLike) => {
                let collected = fields.up_to(Place::Inclusion).find_map(|field| {
                    let words = APHERESIS.as_ref()?.find(field.text)?;
                    Some(field.evidence(words.range()))
                });
                if let Some(evidence) = collected {
                    let note = Some("cells are collected by apheresis, so they are taken to be the participant's own".to_owned());
                    self.set(
                        CellSource::Autologous,
                        SourceBasis::Assumed,
                        Some(Evidence { note, ..evidence }),
                    );
                }
            }
            Some(CellClass::CarNk) => self.set(CellSource::Allogeneic, SourceBasis::Assumed, None),
            Some(CellClass::UndisclosedCell) | None => {}
        }
    }
}

/// Returns the source that the record states, from the first place that states
/// one. A place that states two leaves it open.
fn stated(fields: &Fields<'_>, terms: &Terminology) -> Option<(CellSource, Evidence)> {
    for places in [
        &[Place::Intervention, Place::Title][..],
        &[Place::Arm, Place::Keyword],
        &[Place::Summary],
        &[Place::Detail],
    ] {
        let mut sources: Vec<(CellSource, Evidence)> = Vec::new();
        for field in places.iter().flat_map(|place| fields.at(*place)) {
            for (source, evidence) in in_field(field, terms) {
                if !sources.iter().any(|(one, _)| *one == source) {
                    sources.push((source, evidence));
                }
            }
        }
        match sources.len() {
            0 => {}
            1 => return sources.pop(),
            // In vivo speaks of the making, the other words of what it replaces.
            _ => {
                return sources
                    .into_iter()
                    .find(|(source, _)| *source == CellSource::InVivo);
            }
        }
    }
    None
}

fn in_field(field: Field<'_>, terms: &Terminology) -> Vec<(CellSource, Evidence)> {
    let patterns = [
        (CellSource::Autologous, &AUTOLOGOUS),
        (CellSource::Allogeneic, &ALLOGENEIC),
        (CellSource::InVivo, &IN_VIVO),
    ];
    let mut found = Vec::new();
    for (source, pattern) in patterns {
        for words in pattern
            .iter()
            .flat_map(|pattern| pattern.find_iter(field.text))
        {
            let clause = field.clause(words.start());
            let about_cells =
                field.place <= Place::Keyword || speaks_of_cells(&field.text[clause], terms);
            let transplant = TRANSPLANT
                .iter()
                .any(|pattern| pattern.is_match(&field.text[words.end()..]));
            if about_cells && !transplant && !is_set_aside(field.text, words.start()) {
                found.push((source, field.evidence(words.range())));
                break;
            }
        }
    }
    found
}

fn speaks_of_cells(clause: &str, terms: &Terminology) -> bool {
    terms.find_modality(clause).next().is_some()
        || terms.find_products(clause).next().is_some()
        || ["T cell", "T-cell", "cell product", "cell therapy"]
            .iter()
            .any(|words| clause.contains(words))
}
