//! Cell therapy products.

use super::table::{Row, TableError};

/// Kind of engineered cell (contract: `cell_therapy.class`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CellClass {
    /// T cells with a chimeric antigen receptor, also gamma delta and NKT cells.
    CarT,
    /// Natural killer cells with a chimeric antigen receptor.
    CarNk,
    /// Regulatory T cells with a chimeric antigen receptor.
    CarTreg,
    /// T cells that carry an autoantigen as receptor.
    CaarT,
    /// CAR-like: STAR-T and other receptors built on the T-cell receptor.
    CarLike,
    /// A cell product whose record names no mechanism.
    UndisclosedCell,
}

impl CellClass {
    /// Every class.
    pub const ALL: &'static [Self] = &[
        Self::CarT,
        Self::CarNk,
        Self::CarTreg,
        Self::CaarT,
        Self::CarLike,
        Self::UndisclosedCell,
    ];

    /// Returns the contract's word.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::CarT => "car_t",
            Self::CarNk => "car_nk",
            Self::CarTreg => "car_treg",
            Self::CaarT => "caar_t",
            Self::CarLike => "car_like",
            Self::UndisclosedCell => "undisclosed_cell",
        }
    }

    /// Returns the class in words for people.
    pub fn label(&self) -> &'static str {
        match self {
            Self::CarT => "CAR-T",
            Self::CarNk => "CAR-NK",
            Self::CarTreg => "CAR-Treg",
            Self::CaarT => "CAAR-T",
            Self::CarLike => "CAR-like",
            Self::UndisclosedCell => "cell product, mechanism not stated",
        }
    }
}

/// Where the cells come from (contract: `cell_therapy.source`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CellSource {
    /// The patient's own cells.
    Autologous,
    /// A donor's cells.
    Allogeneic,
    /// Made inside the body.
    InVivo,
}

impl CellSource {
    /// Every source.
    pub const ALL: &'static [Self] = &[Self::Autologous, Self::Allogeneic, Self::InVivo];

    /// Returns the contract's word.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Autologous => "autologous",
            Self::Allogeneic => "allogeneic",
            Self::InVivo => "in_vivo",
        }
    }
}

/// A cell therapy product and what is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Product {
    /// The name that stands for it, as its maker writes it.
    pub name: String,
    /// Codes, non-proprietary and brand names of the same product.
    pub aliases: Vec<String>,
    /// Kind of cell.
    pub class: CellClass,
    /// Antigens that its receptor binds; empty where not known.
    pub targets: Vec<String>,
    /// Where the cells come from; `None` where not known.
    pub source: Option<CellSource>,
    /// True where the source is likely but not confirmed.
    pub source_assumed: bool,
    /// Where this row comes from.
    pub known_from: String,
    /// What a reader should know or doubt.
    pub note: Option<String>,
}

impl Product {
    /// Reads a row of the product table.
    ///
    /// # Errors
    ///
    /// Names the line and the field that is missing or has a word that is not allowed.
    pub(super) fn from_row(row: &Row<'_>) -> Result<Self, TableError> {
        let list = |column| -> Vec<String> {
            let cell = row.optional(column).unwrap_or_default();
            cell.split('|')
                .map(str::trim)
                .filter(|item| !item.is_empty())
                .map(str::to_owned)
                .collect()
        };
        let name = row.text("name")?.to_owned();
        if name.chars().filter(|c| c.is_alphanumeric()).count() < 3 {
            return Err(row.error(
                "field `name` is too short to be found safely: 3 letters or digits at least".into(),
            ));
        }
        let source = match row.optional("source") {
            None | Some("") => None,
            Some(_) => Some(row.word("source", CellSource::ALL, |source| source.as_str())?),
        };
        Ok(Self {
            name,
            aliases: list("aliases")
                .iter()
                .map(|alias| alias.to_lowercase())
                .collect(),
            class: row.word("class", CellClass::ALL, |class| class.as_str())?,
            targets: list("targets"),
            source,
            source_assumed: row.optional("source_basis") == Some("assumed"),
            known_from: row.text("known_from")?.to_owned(),
            note: row
                .optional("note")
                .filter(|note| !note.is_empty())
                .map(str::to_owned),
        })
    }

    /// Returns the name and every alias.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.name.as_str()).chain(self.aliases.iter().map(String::as_str))
    }

    /// Returns the name that a text uses for it: its usual name if that is there,
    /// else the alias that is, as the text writes it where it stands there letter by letter.
    pub fn spelled(&self, text: &str) -> String {
        let bare = |text: &str| {
            text.chars()
                .filter(|c| c.is_alphanumeric())
                .collect::<String>()
                .to_lowercase()
        };
        let within = bare(text);
        let fits = |name: &&str| within.contains(&bare(name));
        if fits(&self.name.as_str()) {
            return self.name.clone();
        }
        let aliases = || self.aliases.iter().map(String::as_str).filter(fits);
        // The longest: a code may go on ("MB-CART2019.1").
        let as_written = aliases()
            .filter_map(|alias| written(text, alias))
            .max_by_key(|words| words.len());
        if let Some(words) = as_written {
            return words.to_owned();
        }
        match aliases().max_by_key(|alias| alias.len()) {
            // Codes in capitals, as makers write them.
            Some(code) if code.bytes().any(|byte| byte.is_ascii_digit()) => code.to_uppercase(),
            Some(name) => name.to_owned(),
            None => self.name.clone(),
        }
    }

    /// Says whether two rows share a name.
    pub(super) fn shares_name(&self, other: &Self) -> bool {
        self.names().any(|name| {
            other
                .names()
                .any(|theirs| theirs.eq_ignore_ascii_case(name))
        })
    }
}

/// Finds a name in a text in any case, and returns it as it stands there.
fn written<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    (0..text.len())
        .filter_map(|start| text.get(start..start + name.len()))
        .find(|words| words.eq_ignore_ascii_case(name))
}
