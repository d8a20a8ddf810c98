//! Procedures among a patient's treatments: transplants of blood stem cells, engineered cells.

use std::sync::LazyLock;

use super::product::Product;
use super::table::{Row, Table, TableError};

/// A procedure that is no drug.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Procedure {
    /// A transplant of blood stem cells.
    Hsct,
    /// Engineered cells or a gene therapy.
    CellTherapy,
}

/// The table, read once; a test rules out that it is damaged.
static TABLE: LazyLock<Option<Procedures>> = LazyLock::new(|| Procedures::embedded().ok());

#[derive(Debug)]
struct Procedures {
    kinds: Vec<Kind>,
    /// Words that may stand beside a name.
    beside: Vec<String>,
}

#[derive(Debug)]
struct Kind {
    procedure: Procedure,
    /// Names without spaces and hyphens.
    names: Vec<String>,
    may_be: Vec<String>,
}

impl Procedure {
    /// Returns the procedure that words name and nothing beside ("autologous HSCT"); `None` where they say
    /// more: one that is planned or was refused is none that a patient had.
    pub fn named(words: &str) -> Option<Self> {
        // Drugs against HIV are written so.
        if words.contains("cART") {
            return None;
        }
        let table = TABLE.as_ref()?;
        let words = split(words);
        let is = |kind: &&Kind| kind.is_named(&words, &table.beside);
        table.kinds.iter().find(is).map(|kind| kind.procedure)
    }

    /// Returns treatments that are usually given with it, and groups that some count it among.
    pub fn may_be(self) -> &'static [String] {
        let kinds = TABLE.iter().flat_map(|table| &table.kinds);
        let mut own = kinds.filter(|kind| kind.procedure == self);
        own.next().map_or(&[], |kind| &kind.may_be)
    }
}

impl Kind {
    /// Says whether a run of the words is a name, and every other word may stand beside it.
    fn is_named(&self, words: &[String], beside: &[String]) -> bool {
        let may_stand = |word: &String| beside.contains(word) || is_marker(word);
        (0..words.len()).any(|from| {
            let starts_well = words.iter().take(from).all(may_stand);
            starts_well
                && (from + 1..=words.len()).any(|to| {
                    let run = words.get(from..to).unwrap_or_default().concat();
                    self.names.contains(&run)
                        // Its abbreviation may stand behind it: "stem cell transplantation (AHSCT)".
                        && words.iter().skip(to).all(|word| may_stand(word) || self.names.contains(word))
                })
        })
    }
}

/// A year, a count, or what cells are directed at ("CD19").
fn is_marker(word: &str) -> bool {
    let digits = word.strip_prefix("cd").unwrap_or(word);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// The words of a text, in lower case.
fn split(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

impl Procedures {
    fn embedded() -> Result<Self, TableError> {
        let table = Table::parse("procedures.tsv", include_str!("../data/procedures.tsv"))?;
        let (mut kinds, mut beside) = (Vec::new(), Vec::new());
        for row in table.rows() {
            let procedure = match row.text("procedure")? {
                "hsct" => Procedure::Hsct,
                "cell_therapy" => Procedure::CellTherapy,
                "beside" => {
                    beside = list(&row, "names").flat_map(split).collect();
                    continue;
                }
                other => return Err(row.error(format!("`{other}` is no procedure"))),
            };
            kinds.push(Kind {
                procedure,
                names: list(&row, "names")
                    .map(|name| split(name).concat())
                    .collect(),
                may_be: list(&row, "may_be").map(str::to_owned).collect(),
            });
        }
        let cells = kinds
            .iter_mut()
            .filter(|kind| kind.procedure == Procedure::CellTherapy);
        for kind in cells {
            kind.names.extend(products()?);
        }
        Ok(Self { kinds, beside })
    }
}

fn list<'a>(row: &'a Row<'_>, column: &str) -> impl Iterator<Item = &'a str> {
    let cell = row.optional(column).unwrap_or_default();
    cell.split('|').filter(|name| !name.is_empty())
}

/// Names of the products that the program knows.
fn products() -> Result<Vec<String>, TableError> {
    let table = Table::parse("products.tsv", include_str!("../data/products.tsv"))?;
    let mut names = Vec::new();
    for row in table.rows() {
        let product = Product::from_row(&row)?;
        names.extend(product.names().map(|name| split(name).concat()));
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::super::Treatments;
    use super::*;

    #[test]
    fn the_table_is_whole() {
        let table = Procedures::embedded().unwrap();
        assert_eq!(table.kinds.len(), 2);
        assert!(!table.beside.is_empty());
        let treatments = Treatments::embedded().unwrap();
        for name in table.kinds.iter().flat_map(|kind| &kind.may_be) {
            let known = treatments.list().iter().any(|one| one.name == *name);
            assert!(known, "{name}");
        }
    }

    #[test]
    fn a_name_is_a_procedure_and_a_sentence_is_none() {
        for (words, expected) in [
            ("AHSCT", Some(Procedure::Hsct)),
            ("auto-HSCT (BEAM/ATG) 2019", Some(Procedure::Hsct)),
            ("CAR-T", Some(Procedure::CellTherapy)),
            ("CART", Some(Procedure::CellTherapy)),
            ("anti-CD19 CAR T-cell therapy", Some(Procedure::CellTherapy)),
            ("KYV101", Some(Procedure::CellTherapy)),
            ("cART", None),
            ("HSCT refused", None),
            ("no AHSCT", None),
            ("mesenchymal stem cells", None),
            ("stem cells", None),
            ("natalizumab", None),
            ("", None),
        ] {
            assert_eq!(Procedure::named(words), expected, "{words}");
        }
    }
}
