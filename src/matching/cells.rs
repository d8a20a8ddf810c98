//! Earlier cells and genes: the profile holds one answer for all kinds of them.

use std::sync::LazyLock;

use regex::Regex;

use super::compare::Held;
use super::demand::Demand;
use crate::patient::{Kind, Patient, YesNo};

/// CAR-T and its kin, one of many cell therapies.
static ONE_KIND: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)(?:CAR|TCR|chimeric antigen receptor|engineered|modified)?[- ]?(?:T|NK|Treg|B|stem|stromal|mesenchymal)[- ]cells?(?:[- ]therap\w+)?").ok()
});

/// Words for all engineered cells and genes.
static ALL_KINDS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)(?-u:\b)(?:gene|cell|cellular|cell-based)(?: (?:or|and|and/or) \w+)?[- ]?(?:based )?[- ]?(?:therap|product|transfer|modified|edited)|genetically (?:modified|engineered)|any target").ok()
});

/// Words that hold for some of them only.
static NARROWER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)(?-u:\b)(?:permanent\w*|integrat\w+|viral|lentivir\w*|autologous|allogeneic|same|(?:anti-?)?(?:CD|BCMA)\d*|specific|for good|lasting)(?-u:\b)").ok()
});

/// Says whether the patient had what a demand names.
pub(super) fn cells(demand: &Demand<'_>, patient: &Patient) -> Held {
    let had = (patient.profile.prior_cell_therapy)
        .map(YesNo::is_yes)
        .or_else(|| patient.has(Kind::CellOrGeneTherapy));
    match had {
        None => Held::missing("prior_cell_therapy"),
        // When it was, and which cells they were, is not asked.
        Some(true) if demand.window.is_some() || !names_all_kinds(demand.words) => Held::unclear(),
        Some(had) => Held::stated(had),
    }
}

/// Says whether words name every kind of engineered cells and genes.
fn names_all_kinds(quote: &str) -> bool {
    let is = |pattern: &LazyLock<Option<Regex>>, words: &str| {
        pattern.iter().any(|pattern| pattern.is_match(words))
    };
    let rest = ONE_KIND
        .as_ref()
        .map_or(quote.into(), |one| one.replace_all(quote, " "));
    is(&ALL_KINDS, &rest) && !is(&NARROWER, quote)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_kind_is_not_all() {
        for (words, all) in [
            ("Prior CAR-T or gene therapy", true),
            ("any prior cell or gene therapy", true),
            ("genetically modified cell therapy", true),
            ("Prior gene-modified cell products", true),
            ("Prior CAR-T", false),
            ("CAR T-cell therapy", false),
            ("engineered T cells with a gene changed permanently", false),
            ("mesenchymal stem cell therapy", false),
            ("autologous cell therapy", false),
            ("CD19-directed cell therapy", false),
        ] {
            assert_eq!(names_all_kinds(words), all, "{words}");
        }
    }
}
