//! The words of the field as data: cell therapy products, kinds of engineered
//! cells, and diseases. The tables are embedded; `--lexicon` adds products.

mod groups;
mod phrases;
mod plain;
mod procedures;
mod product;
mod questions;
mod sieve;
mod table;
mod treatments;

use std::path::Path;

pub use groups::Member;
pub use phrases::{Hit, Phrases};
pub use plain::{PlainWords, Term};
pub use procedures::Procedure;
pub use product::{CellClass, CellSource, Product};
pub use questions::{Occasion, Question, questions};
pub use sieve::Sieve;
pub use table::TableError;
pub use treatments::{HalfLife, Treatment, Treatments};

use crate::whole_file;
use table::{Row, Table};

/// Every table, compiled for matching.
#[derive(Debug)]
pub struct Terminology {
    products: Vec<Product>,
    product_names: Phrases<usize>,
    modality: Phrases<CellClass>,
    diseases: Phrases<DiseaseKind>,
    antigens: Phrases<String>,
    antigen_order: Vec<String>,
    treatments: Treatments,
}

/// What a disease word says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DiseaseKind {
    /// Names multiple sclerosis; the course is that of a short form such as RRMS.
    Ms(Option<&'static str>),
    /// `MS`: names multiple sclerosis only as a condition or beside other disease names.
    MsInList,
    /// Autoimmune diseases of the nervous system as a group.
    Group,
    /// A group or a symptom that does not compete with MS.
    General,
    /// Another disease.
    Other,
}

impl Terminology {
    /// Compiles the embedded tables.
    ///
    /// # Errors
    ///
    /// [`TableError`] if an embedded table is damaged, which a test rules out.
    pub fn embedded() -> Result<Self, TableError> {
        Self::with_products(Vec::new())
    }

    /// Compiles the embedded tables and the product rows of a file of the same columns.
    ///
    /// A row of the file replaces the embedded rows that share a name with it.
    ///
    /// # Errors
    ///
    /// [`TableError`] names the file, the line and the field.
    pub fn with_file(path: &Path) -> Result<Self, TableError> {
        let text =
            whole_file::read_text(path).map_err(|source| TableError::unreadable(path, source))?;
        let name = path.display().to_string();
        let table = Table::parse(&name, &text)?;
        Self::with_products(
            table
                .rows()
                .map(|row| Product::from_row(&row))
                .collect::<Result<_, _>>()?,
        )
    }

    fn with_products(added: Vec<Product>) -> Result<Self, TableError> {
        let table = Table::parse("products.tsv", include_str!("data/products.tsv"))?;
        let mut products: Vec<Product> = added;
        let own = products.len();
        for row in table.rows() {
            let product = Product::from_row(&row)?;
            if !products[..own].iter().any(|one| one.shares_name(&product)) {
                products.push(product);
            }
        }
        let names = products.iter().enumerate().flat_map(|(index, product)| {
            product
                .names()
                .map(move |name| (name.to_owned(), false, index))
        });
        let (antigens, antigen_order) = antigens()?;
        Ok(Self {
            product_names: Phrases::compile(names.collect())?,
            modality: modality()?,
            diseases: diseases()?,
            antigens,
            antigen_order,
            treatments: Treatments::embedded()?,
            products,
        })
    }

    /// Returns the treatments that criteria name.
    pub fn treatments(&self) -> &Treatments {
        &self.treatments
    }

    /// Returns every product.
    pub fn products(&self) -> &[Product] {
        &self.products
    }

    /// Finds product names in a text, each as an index into [`Terminology::products`].
    pub fn find_products<'a>(&'a self, text: &'a str) -> impl Iterator<Item = (Hit, usize)> + 'a {
        self.product_names
            .find(text)
            .map(|(hit, index)| (hit, *index))
    }

    /// Finds words for a kind of engineered cell in a text.
    pub fn find_modality<'a>(
        &'a self,
        text: &'a str,
    ) -> impl Iterator<Item = (Hit, CellClass)> + 'a {
        self.modality.find(text).map(|(hit, class)| (hit, *class))
    }

    /// Finds disease words in a text.
    pub fn find_diseases<'a>(
        &'a self,
        text: &'a str,
    ) -> impl Iterator<Item = (Hit, DiseaseKind)> + 'a {
        self.diseases.find(text).map(|(hit, kind)| (hit, *kind))
    }

    /// Finds antigens in a text, each by its usual name.
    pub fn find_antigens<'a>(&'a self, text: &'a str) -> impl Iterator<Item = (Hit, &'a str)> + 'a {
        self.antigens
            .find(text)
            .map(|(hit, antigen)| (hit, antigen.as_str()))
    }

    /// Returns the usual name of an antigen that a record spells, if it is a known one.
    pub fn antigen<'a>(&'a self, spelling: &'a str) -> Option<&'a str> {
        self.find_antigens(spelling)
            .next()
            .map(|(_, antigen)| antigen)
    }

    /// Returns the usual names of all antigens that are known.
    pub fn antigens(&self) -> impl Iterator<Item = &str> {
        self.antigen_order.iter().map(String::as_str)
    }

    /// Returns the place of an antigen in the order in which lists name them.
    pub fn antigen_rank(&self, antigen: &str) -> usize {
        self.antigen_order
            .iter()
            .position(|one| one == antigen)
            .unwrap_or(usize::MAX)
    }

    /// Returns the product names that a query for the modality words would not
    /// find by itself: codes and brands, not names that carry a CAR word or stem.
    pub fn codes(&self) -> Vec<&str> {
        let caught = |name: &str| {
            ["leucel", "cabtagene"]
                .iter()
                .any(|stem| name.contains(stem))
                || self.find_modality(name).next().is_some()
        };
        let mut codes: Vec<&str> = self
            .products
            .iter()
            .flat_map(Product::names)
            .filter(|name| !caught(name))
            .collect();
        codes.sort_unstable();
        codes.dedup_by(|a, b| a.replace('-', "") == b.replace('-', ""));
        codes
    }
}

fn antigens() -> Result<(Phrases<String>, Vec<String>), TableError> {
    let table = Table::parse("antigens.tsv", include_str!("data/antigens.tsv"))?;
    let (mut rows, mut order) = (Vec::new(), Vec::new());
    for row in table.rows() {
        let antigen = row.text("antigen")?;
        order.push(antigen.to_owned());
        rows.extend(
            row.text("spellings")?
                .split('|')
                .map(|spelling| (spelling.to_owned(), false, antigen.to_owned())),
        );
    }
    Ok((Phrases::compile(rows)?, order))
}

/// Returns the phrases of the table of kinds of cells; none if it is damaged, which a test rules out.
fn modality_phrases() -> Vec<String> {
    let table = Table::parse("modality.tsv", include_str!("data/modality.tsv"));
    let rows = table.iter().flat_map(Table::rows);
    rows.filter_map(|row| row.text("phrase").ok().map(str::to_owned))
        .collect()
}

fn modality() -> Result<Phrases<CellClass>, TableError> {
    let table = Table::parse("modality.tsv", include_str!("data/modality.tsv"))?;
    let rows = table.rows().map(|row| {
        let class = row.word("class", CellClass::ALL, |class| class.as_str())?;
        Ok((row.text("phrase")?.to_owned(), is_exact(&row)?, class))
    });
    // A digit may stand before these words ("CD19CAR-T"), a letter may not.
    Phrases::compile_after_digits(rows.collect::<Result<_, TableError>>()?)
}

fn diseases() -> Result<Phrases<DiseaseKind>, TableError> {
    const KINDS: &[(&str, DiseaseKind)] = &[
        ("ms", DiseaseKind::Ms(None)),
        ("rrms", DiseaseKind::Ms(Some("rrms"))),
        ("rms", DiseaseKind::Ms(Some("rms"))),
        ("spms", DiseaseKind::Ms(Some("spms"))),
        ("ppms", DiseaseKind::Ms(Some("ppms"))),
        ("cis", DiseaseKind::Ms(Some("cis"))),
        ("ms_list", DiseaseKind::MsInList),
        ("group", DiseaseKind::Group),
        ("general", DiseaseKind::General),
        ("other", DiseaseKind::Other),
    ];
    let table = Table::parse("diseases.tsv", include_str!("data/diseases.tsv"))?;
    let rows = table.rows().map(|row| {
        let (_, kind) = row.word("kind", KINDS, |(word, _)| word)?;
        Ok((row.text("phrase")?.to_owned(), is_exact(&row)?, kind))
    });
    Phrases::compile(rows.collect::<Result<_, TableError>>()?)
}

fn is_exact(row: &Row<'_>) -> Result<bool, TableError> {
    Ok(*row.word("case", &["any", "exact"], |word| word)? == *"exact")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn products(text: &str) -> Vec<String> {
        let terms = Terminology::embedded().unwrap();
        terms
            .find_products(text)
            .map(|(_, index)| terms.products()[index].name.clone())
            .collect()
    }

    #[test]
    fn finds_products_in_their_many_spellings() {
        for text in [
            "KYV-101",
            "KYV101",
            "kyv 101",
            "of miv-cel in",
            "（KYV-101）",
            "KYV‑101 (Biological)",
        ] {
            assert_eq!(products(text), ["KYV-101"], "{text}");
        }
        assert_eq!(
            products("CC- 97540 (BMS-986353)"),
            ["BMS-986353", "BMS-986353"]
        );
        assert_eq!(
            products("MB-CART 2019.1 and MB-CART2019.1"),
            ["zamtocabtagene autoleucel"; 2]
        );
        assert_eq!(products("MB-CART19.1"), ["MB-CART19"]);
    }

    #[test]
    fn short_codes_need_their_place() {
        for text in [
            "IS103",
            "S1035",
            "S 103",
            "CD70",
            "start",
            "to start treatment",
            "HT011",
            "F-01",
            "DIM19",
        ] {
            assert!(products(text).is_empty(), "{text}");
        }
        assert_eq!(products("S103 cells"), ["S103"]);
        assert_eq!(products("universal STAR-T cells"), ["universal STAR-T"]);
    }

    #[test]
    fn modality_words_need_boundaries() {
        let terms = Terminology::embedded().unwrap();
        let classes = |text: &str| {
            terms
                .find_modality(text)
                .map(|(_, class)| class)
                .collect::<Vec<_>>()
        };
        assert_eq!(classes("CD19CAR-T Therapy"), [CellClass::CarT]);
        assert_eq!(classes("CAR NK cells"), [CellClass::CarNk]);
        assert_eq!(classes("UCAR T-cell"), [CellClass::CarT]);
        for text in [
            "scar tissue",
            "cART medication",
            "OSCAR-T",
            "go by car to",
            "start",
            "a star team",
        ] {
            assert!(classes(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn codes_leave_out_what_the_modality_words_catch() {
        let terms = Terminology::embedded().unwrap();
        let codes = terms.codes();
        assert!(
            codes.contains(&"KYV-101") && codes.contains(&"azd0120") && codes.contains(&"HY001N")
        );
        assert!(
            !codes
                .iter()
                .any(|code| code.contains("leucel") || code.contains("car-t"))
        );
    }
}
