//! The cell therapy that a study gives: class, product, targets, source.

use std::sync::LazyLock;

use regex::Regex;

use super::fields::{Evidence, Field, Fields, Place, is_set_aside};
use super::source::{SourceBasis, read_source};
use super::target::{TargetBasis, read_targets};
use crate::terminology::{CellClass, CellSource, Product, Terminology};

/// What a study gives (contract: `cell_therapy`).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CellTherapy {
    /// Kind of cell; `None` is the contract's `none`.
    pub class: Option<CellClass>,
    /// Name of the product, as the record gives it.
    pub product: Option<String>,
    /// Every name of a known product, its usual name first.
    pub product_names: Vec<String>,
    /// Where the knowledge about a known product comes from, and its doubts.
    pub product_known_from: Option<String>,
    /// Antigens of the receptor; empty where not known.
    pub targets: Vec<String>,
    /// What `targets` rest on.
    pub target_basis: TargetBasis,
    /// Where the cells come from; `None` is the contract's `unknown`.
    pub source: Option<CellSource>,
    /// What `source` rests on; `None` where it is unknown.
    pub source_basis: Option<SourceBasis>,
    /// The words that each label was read from.
    pub evidence: Vec<Evidence>,
}

/// Names of the INN stem for chimeric antigen receptor genes, with the word for the cell.
static STEM: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)(?-u:\b)[a-z]{2,}cabtagene(?:\s+[a-z]+leucel)?(?-u:\b)").ok()
});

/// An antigen joined to CART: "BCMA-CART". CART alone may be antiretroviral therapy.
static ANTIGEN_CART: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?:CD[0-9]{1,3}|BCMA|BAFF(?:-?R)?)[-/ ]{0,2}(?:targeted[- ])?CARTs?(?-u:\b)").ok()
});

/// A code as makers form them: letters, digits, perhaps a letter ("HY001N", "QT-219CX").
static CODE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?-u:\b)[A-Z]{1,6}[- ]?[A-Z]{0,3}[0-9]{2,6}(?:[-.][0-9]{1,3})?[A-Z]{0,3}(?-u:\b)")
        .ok()
});

/// Words of a cell product in an intervention's name.
static CELLS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)(?-u:\b)cells?(?-u:\b)(?:\s+(?:injection|infusion|suspension|product))?").ok()
});

/// Words that only the preparation for engineered cells, or their measurement, calls for.
static PREPARATION: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)lymphodeplet\w*|leuk(?:o|a)?pheresis|leukocytapheresis|cellular (?:pharmaco)?kinetics|cells/kg|in[- ]vivo (?:lv(?-u:\b)|lentivir\w*|gene\w*)|gene[- ]modified (?:t[- ])?cells?").ok()
});

/// Mechanisms that are no engineered immune receptor: a record that names one discloses what it gives.
static OTHER_MECHANISM: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i)mesenchym|stromal|stem[- ]cell|progenitor|dendritic|bone marrow|MSC|HSCT|red blood|erythrocyte|platelet|fibroblast|keratinocyte|islet|natural killer|NK[- ]cell|infiltrating|macrophage|monocyte|regulatory t|treg|hepatocyte|schwann|oligodendrocyte|neural|t[- ]cell vaccin|microglia|autologous serum|granulocyte|mononuclear",
    )
    .ok()
});

pub(super) fn label(fields: &Fields<'_>, terms: &Terminology) -> CellTherapy {
    let mut label = CellTherapy::default();
    let product = find_product(fields, terms);
    let words = find_class(fields, terms);
    match (&product, words) {
        (Some((product, spelled, evidence)), words) => {
            label.take_product(product, spelled, evidence.clone());
            if let (CellClass::UndisclosedCell, Some((class, evidence))) = (product.class, words) {
                label.class = Some(class);
                label.evidence.push(evidence);
            }
        }
        (None, Some((class, evidence))) => {
            label.class = Some(class);
            label.evidence.push(evidence);
            label.product = code_of(fields, terms);
        }
        (None, None) => label.take_undisclosed(fields, terms),
    }
    if label.class.is_some() {
        let product = product.map(|(product, ..)| product);
        read_targets(&mut label, product, fields, terms);
        read_source(&mut label, product, fields, terms);
    }
    label.evidence.dedup();
    label
}

impl CellTherapy {
    fn take_product(&mut self, product: &Product, spelled: &str, evidence: Evidence) {
        self.class = Some(product.class);
        // The record's own name for it, so that people find it there again.
        self.product = Some(spelled.to_owned());
        self.product_names = product.names().map(str::to_owned).collect();
        let note = product
            .note
            .iter()
            .fold(product.known_from.clone(), |known, note| {
                format!("{known}; {note}")
            });
        self.product_known_from = Some(note.clone());
        self.evidence.push(Evidence {
            note: Some(format!("known product, from: {note}")),
            ..evidence
        });
    }

    /// A cell product by name whose record names no mechanism at all.
    fn take_undisclosed(&mut self, fields: &Fields<'_>, terms: &Terminology) {
        let Some((field, code)) = fields
            .at(Place::Intervention)
            .find_map(|field| Some((field, code_in(field.text, terms)?)))
        else {
            return;
        };
        let named_cells = CELLS.iter().any(|cells| cells.is_match(field.text));
        let preparation = fields
            .up_to(Place::Detail)
            .find_map(|field| found(&PREPARATION, field));
        let discloses = fields.up_to(Place::Detail).any(|field| {
            OTHER_MECHANISM
                .iter()
                .any(|other| other.is_match(field.text))
        });
        if discloses || !fields.is_biological || !(named_cells || preparation.is_some()) {
            return;
        }
        self.class = Some(CellClass::UndisclosedCell);
        self.product = Some(code);
        let note = "a cell product; the record names no mechanism".to_owned();
        self.evidence.push(Evidence {
            note: Some(note),
            ..field.evidence(0..field.text.len())
        });
        self.evidence.extend(preparation);
    }
}

fn found(pattern: &LazyLock<Option<Regex>>, field: Field<'_>) -> Option<Evidence> {
    let words = pattern.as_ref()?.find(field.text)?;
    Some(field.evidence(words.range()))
}

/// Finds the named product by the weight of its place, with the name that the
/// record uses. A summary may name other products: those set aside do not count.
fn find_product<'t>(
    fields: &Fields<'_>,
    terms: &'t Terminology,
) -> Option<(&'t Product, String, Evidence)> {
    fields.up_to(Place::Summary).find_map(|field| {
        let guarded = field.place == Place::Summary;
        let (hit, index) = terms
            .find_products(field.text)
            .find(|(hit, _)| !guarded || !is_set_aside(field.text, hit.start))?;
        let product = terms.products().get(index)?;
        Some((product, product.spelled(field.text), field.evidence(hit)))
    })
}

/// Finds the class by words: a special kind named in a place of weight goes before plain CAR-T.
fn find_class(fields: &Fields<'_>, terms: &Terminology) -> Option<(CellClass, Evidence)> {
    let mut first = None;
    // Who only observes may mention engineered cells without giving any.
    let last = if fields.is_observational && !fields.is_biological {
        Place::Keyword
    } else {
        Place::Detail
    };
    for field in fields.up_to(last) {
        let guarded = field.place > Place::Keyword;
        let hits = terms
            .find_modality(field.text)
            .chain(pattern_hits(field.text));
        for (hit, class) in hits.filter(|(hit, _)| !guarded || !is_set_aside(field.text, hit.start))
        {
            let evidence = field.evidence(hit);
            if class != CellClass::CarT && field.place <= Place::Keyword {
                return Some((class, evidence));
            }
            first.get_or_insert((class, evidence));
        }
    }
    first
}

fn pattern_hits(text: &str) -> impl Iterator<Item = (std::ops::Range<usize>, CellClass)> + '_ {
    let patterns = [&STEM, &ANTIGEN_CART]
        .into_iter()
        .filter_map(|pattern| pattern.as_ref());
    patterns.flat_map(move |pattern| {
        pattern
            .find_iter(text)
            .map(|found| (found.range(), CellClass::CarT))
    })
}

/// Returns the code that the interventions give the product, if there is one.
fn code_of(fields: &Fields<'_>, terms: &Terminology) -> Option<String> {
    fields.at(Place::Intervention).find_map(|field| {
        let stem = STEM
            .as_ref()
            .and_then(|stem| stem.find(field.text))
            .map(|stem| stem.as_str().to_lowercase());
        stem.or_else(|| code_in(field.text, terms))
    })
}

fn code_in(text: &str, terms: &Terminology) -> Option<String> {
    CODE.as_ref()?
        .find_iter(text)
        .map(|code| code.as_str())
        .find(|code| !is_antigen_like(code) && terms.antigen(code).is_none())
        .map(str::to_owned)
}

/// Codes of antigens, cytokines and the like are no product codes.
fn is_antigen_like(code: &str) -> bool {
    let bare: String = code.chars().filter(char::is_ascii_alphanumeric).collect();
    [
        "CD", "IL", "CAR", "IG", "TH", "NCT", "BMI", "HLA", "COVID", "SARS",
    ]
    .iter()
    .any(|start| {
        bare.strip_prefix(start)
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    })
}

/// Returns codes among the interventions that look like products and are not in the lexicon.
pub fn product_like_codes(study: &crate::study::Study, terms: &Terminology) -> Vec<String> {
    let names = study
        .interventions
        .iter()
        .filter_map(|one| one.name.as_deref());
    let mut codes: Vec<String> = names
        .filter(|name| terms.find_products(name).next().is_none())
        .filter_map(|name| code_in(name, terms))
        .collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}
