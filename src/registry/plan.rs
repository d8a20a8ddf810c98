//! What to ask of the registry. Pure: a request is a value, nothing is sent here.
//!
//! Recall comes first: the registry is asked for the whole universe of a
//! therapy, and what concerns a disease is decided here, over all text. Two
//! thirds of the studies looked for carry no word for the cells in their titles,
//! so product codes and a search from the disease's side are added. All of it is
//! one expression, because each further expression costs a request for each page.
//!
//! Only disease and therapy words can enter a request: no type here takes a
//! place, an age or another fact of a person.

use std::borrow::Cow;
use std::fmt::{self, Write as _};
use std::str::FromStr;

use chrono::NaiveDate;

use super::decode::FIELDS;
use crate::study::NctNumber;

/// Most characters of a disease or therapy text. Names are shorter; longer text
/// is more likely a note about a person, which must not leave the machine.
const LONGEST_TEXT: usize = 120;

/// Studies asked for in a page, the most that the registry gives (`pageSize`).
pub const PAGE_SIZE: u64 = 1000;

/// What says whether a copy of a study is still that of the registry.
const SLIM: &[&str] = &["NCTId", "NCTIdAlias", "LastUpdatePostDateStruct"];

/// Words and name stems that catch engineered immune cells of every kind, in
/// the areas that the registry searches by default. The second words of
/// non-proprietary names are listed one by one, since the registry compares
/// whole words. Forms that `Terminology::codes` takes for caught stand here too.
const MODALITY: &[&str] = &[
    "chimeric antigen receptor",
    "CAR-T",
    "CAR T",
    "CART cells",
    "CAR-NK",
    "CAR NK",
    "CAR-Treg",
    "CAAR-T",
    "autoleucel",
    "leucel",
    "geleucel",
    "ciloleucel",
    "vicleucel",
    "maraleucel",
    "zapreleucel",
    "tisagenlecleucel",
    "UCAR-T",
    "UCART",
    "CAART",
    "STAR-T",
    "synthetic T-cell receptor and antigen receptor",
];

/// The disease, wherever a record may name it. Neither eligibility text nor the
/// detailed description belongs to the areas searched by default.
const DISEASE: &[Term<&str>] = &[
    Term::in_area("EligibilitySearch", "multiple sclerosis"),
    Term::in_area("DetailedDescription", "multiple sclerosis"),
    Term::in_area("BasicSearch", "multiple sclerosis"),
    Term::in_area("BasicSearch", "neurological autoimmune"),
    Term::in_area("BasicSearch", "autoimmune neurologic"),
    Term::in_area("BasicSearch", "neuroimmune"),
    Term::in_area("BasicSearch", "autoimmune diseases of the nervous system"),
];

/// Traces of cell therapy in records that name no product and no kind of cell.
const TRACES: &[Term<&str>] = &[
    Term::in_area("DetailedDescription", "chimeric antigen receptor"),
    Term::in_area("DetailedDescription", "CAR-T"),
    Term::in_area("EligibilitySearch", "CAR-T"),
    Term::in_area("EligibilitySearch", "leukapheresis"),
    Term::in_area("EligibilitySearch", "lymphodepletion"),
    Term::in_area("InterventionSearch", "cell injection"),
    Term::in_area("InterventionSearch", "fludarabine"),
    Term::in_area("InterventionSearch", "lentiviral"),
    Term::in_area("InterventionSearch", "T cells"),
];

/// The therapy asked for (`--therapy`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Therapy {
    /// `car-t`: CAR-T and its relatives, see `cell_therapy.class` of the contract.
    CellTherapy,
    /// `any`: every therapy.
    Any,
    /// Any other text: a product or a kind of therapy, as typed.
    Text(String),
}

/// The disease asked for (`--condition`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// `ms`: multiple sclerosis, and groups of diseases that it belongs to.
    Ms,
    /// `any`: every disease.
    Any,
    /// Any other text: a disease, as typed.
    Text(String),
}

/// A search that cannot be asked of the registry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// Neither a therapy nor a disease: the whole registry, over 600 pages.
    #[error(
        "any therapy for any condition is the whole registry: name a therapy (`--therapy car-t`) or a disease (`--condition ms`), or read a downloaded copy with `--source PATH`"
    )]
    WholeRegistry,
    /// A text without a letter or digit.
    #[error("`{0}` names nothing to search for: write a therapy or a disease")]
    Empty(String),
    /// A text too long to be a name.
    #[error("`{0}` is too long to be a name: {LONGEST_TEXT} characters at most")]
    TooLong(String),
}

impl FromStr for Therapy {
    type Err = PlanError;

    fn from_str(text: &str) -> Result<Self, PlanError> {
        Ok(match text.trim().to_lowercase().as_str() {
            "car-t" | "car t" | "cart" => Self::CellTherapy,
            "any" => Self::Any,
            _ => {
                phrase(text)?;
                Self::Text(text.trim().to_owned())
            }
        })
    }
}

impl FromStr for Condition {
    type Err = PlanError;

    fn from_str(text: &str) -> Result<Self, PlanError> {
        Ok(match text.trim().to_lowercase().as_str() {
            "ms" | "multiple sclerosis" => Self::Ms,
            "any" => Self::Any,
            _ => {
                phrase(text)?;
                Self::Text(text.trim().to_owned())
            }
        })
    }
}

/// A phrase, looked for in a search area; without one, in others of `query.term`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Term<S> {
    area: Option<&'static str>,
    phrase: S,
}

impl<S> Term<S> {
    const fn in_area(area: &'static str, phrase: S) -> Self {
        Self {
            area: Some(area),
            phrase,
        }
    }
}

/// What a query is a union of.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Clause {
    /// A phrase.
    One(Term<String>),
    /// Some phrase of the one list and some phrase of the other.
    Both(Vec<Term<String>>, Vec<Term<String>>),
}

/// An expression for `query.term`: a union of quoted phrases.
///
/// It prints as the registry reads it, and can be cut in halves whose union finds the same.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    clauses: Vec<Clause>,
    /// Studies asked for by number, in place of an expression.
    numbers: Vec<NctNumber>,
    /// Only what was updated on this day or later.
    since: Option<NaiveDate>,
    /// Whether only numbers and days of update are asked for, not whole records.
    is_slim: bool,
}

impl Query {
    /// Returns the query for single studies. The registry also finds them by
    /// numbers that they had before. In `query.term`, numbers would switch
    /// filters off, so they go into `filter.ids`.
    pub fn numbers(numbers: &[NctNumber]) -> Self {
        Self {
            numbers: numbers.to_vec(),
            ..Self::default()
        }
    }

    /// Returns the query for what of this was updated on a day or later.
    #[must_use]
    pub fn updated_since(&self, day: NaiveDate) -> Self {
        Self {
            since: Some(day),
            ..self.clone()
        }
    }

    /// Returns the query for the numbers and the day of the last update only.
    #[must_use]
    pub fn slim(&self) -> Self {
        Self {
            is_slim: true,
            ..self.clone()
        }
    }

    /// Returns two queries that together find what this one finds, or `None`
    /// where nothing is left to cut.
    pub fn halves(&self) -> Option<(Self, Self)> {
        if let [Clause::Both(some, others)] = self.clauses.as_slice() {
            let both = |some: &[Term<String>], others: &[Term<String>]| Self {
                clauses: vec![Clause::Both(some.to_vec(), others.to_vec())],
                ..self.without_clauses()
            };
            return if some.len() >= others.len() {
                let (first, second) = cut(some)?;
                Some((both(first, others), both(second, others)))
            } else {
                let (first, second) = cut(others)?;
                Some((both(some, first), both(some, second)))
            };
        }
        let (first, second) = cut(&self.clauses)?;
        let of = |clauses: &[Clause]| Self {
            clauses: clauses.to_vec(),
            ..self.without_clauses()
        };
        Some((of(first), of(second)))
    }

    fn without_clauses(&self) -> Self {
        Self {
            clauses: Vec::new(),
            numbers: Vec::new(),
            ..self.clone()
        }
    }

    fn add(&mut self, area: Option<&'static str>, text: &str) -> Result<(), PlanError> {
        let clause = Clause::One(Term {
            area,
            phrase: phrase(text)?,
        });
        if !self.clauses.contains(&clause) {
            self.clauses.push(clause);
        }
        Ok(())
    }
}

fn cut<T>(list: &[T]) -> Option<(&[T], &[T])> {
    (list.len() > 1).then(|| list.split_at(list.len().div_ceil(2)))
}

impl Query {
    fn parameter(&self) -> (&'static str, String) {
        if self.numbers.is_empty() {
            return ("query.term", self.to_string());
        }
        let numbers: Vec<String> = self.numbers.iter().map(ToString::to_string).collect();
        ("filter.ids", numbers.join(","))
    }
}

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, clause) in self.clauses.iter().enumerate() {
            if index > 0 {
                f.write_str(" OR ")?;
            }
            match clause {
                Clause::One(term) => f.write_str(&union(std::slice::from_ref(term)))?,
                Clause::Both(some, others) => {
                    write!(f, "(({}) AND ({}))", union(some), union(others))?;
                }
            }
        }
        Ok(())
    }
}

/// Returns terms as a union; neighbours of one area share its name.
fn union(terms: &[Term<String>]) -> String {
    let groups = terms.chunk_by(|a, b| a.area == b.area).map(|group| {
        let quoted: Vec<String> = group.iter().map(|t| format!("\"{}\"", t.phrase)).collect();
        let quoted = quoted.join(" OR ");
        match group[0].area {
            None => quoted,
            Some(area) if group.len() == 1 => format!("AREA[{area}]{quoted}"),
            Some(area) => format!("AREA[{area}]({quoted})"),
        }
    });
    groups.collect::<Vec<_>>().join(" OR ")
}

/// Returns text as it may stand between quotes: quotes cannot be escaped there,
/// brackets end in an error, and a backslash would take the closing quote with it.
fn phrase(text: &str) -> Result<String, PlanError> {
    let kept: String = text
        .chars()
        .map(|c| match c {
            '"' | '\\' | '[' | ']' | '(' | ')' | '{' | '}' | '<' | '>' => ' ',
            c if c.is_control() => ' ',
            c => c,
        })
        .collect();
    let words = crate::text::one_line(&kept);
    if !words.chars().any(char::is_alphanumeric) {
        return Err(PlanError::Empty(crate::text::shorten(text, 40)));
    }
    if words.chars().count() > LONGEST_TEXT {
        return Err(PlanError::TooLong(crate::text::shorten(text, 40)));
    }
    Ok(words)
}

/// Plans the query for a therapy and a disease.
///
/// `codes` are product codes that the modality words do not catch
/// (`Terminology::codes`); `names` are further names of a therapy given as
/// text. Where a therapy is named, the disease is left to the local decision,
/// since many records name it only in text that is not searched.
///
/// # Errors
///
/// [`PlanError`] if the whole registry is asked for, or a text names nothing.
pub fn plan(
    therapy: &Therapy,
    condition: &Condition,
    codes: &[&str],
    names: &[String],
) -> Result<Query, PlanError> {
    let mut query = Query::default();
    match (therapy, condition) {
        (Therapy::CellTherapy, condition) => {
            for text in MODALITY.iter().chain(codes) {
                query.add(None, text)?;
            }
            if *condition == Condition::Ms {
                query
                    .clauses
                    .push(Clause::Both(owned(DISEASE), owned(TRACES)));
            }
        }
        (Therapy::Text(text), _) => {
            let texts = || std::iter::once(text).chain(names);
            for text in texts() {
                query.add(None, text)?;
            }
            for text in texts() {
                query.add(Some("DetailedDescription"), text)?;
            }
        }
        (Therapy::Any, Condition::Ms) => {
            query.clauses = owned(DISEASE).into_iter().map(Clause::One).collect();
        }
        (Therapy::Any, Condition::Text(text)) => query.add(None, text)?,
        (Therapy::Any, Condition::Any) => return Err(PlanError::WholeRegistry),
    }
    Ok(query)
}

fn owned(terms: &[Term<&str>]) -> Vec<Term<String>> {
    let owned = |term: &Term<&str>| Term {
        area: term.area,
        phrase: term.phrase.to_owned(),
    };
    terms.iter().map(owned).collect()
}

/// A request: always `GET`, without a body.
///
/// # Examples
///
/// ```
/// use trialbrief::registry::plan::RequestPlan;
///
/// let url = RequestPlan::version().url("https://clinicaltrials.gov/api/v2");
/// assert_eq!(url, "https://clinicaltrials.gov/api/v2/version");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestPlan {
    path: Cow<'static, str>,
    params: Vec<(&'static str, String)>,
}

impl RequestPlan {
    /// Returns the request for the state of the data (`/version`).
    pub fn version() -> Self {
        Self {
            path: "/version".into(),
            params: Vec::new(),
        }
    }

    /// Returns the request for one study. The registry leads on from a number that a study
    /// had before, and knows nothing of one that was taken out.
    pub fn study(number: NctNumber) -> Self {
        Self {
            path: format!("/studies/{number}").into(),
            params: vec![
                ("format", "json".into()),
                ("markupFormat", "markdown".into()),
                ("fields", FIELDS.join(",")),
            ],
        }
    }

    /// Returns the request for the first page of a query (`/studies`).
    ///
    /// No status, type or phase is asked for: withdrawn studies, expanded
    /// access and long-term follow-up are wanted too.
    pub fn studies(query: &Query) -> Self {
        let fields = if query.is_slim { SLIM } else { FIELDS };
        let mut params = vec![
            ("format", "json".into()),
            ("markupFormat", "markdown".into()),
            ("countTotal", "true".into()),
            ("pageSize", PAGE_SIZE.to_string()),
            ("fields", fields.join(",")),
            query.parameter(),
        ];
        if let Some(day) = query.since {
            // A range takes both its ends in; a study without the date would not be found.
            let range = format!("AREA[LastUpdatePostDate]RANGE[{day},MAX]");
            params.push(("filter.advanced", range));
        }
        Self {
            path: "/studies".into(),
            params,
        }
    }

    /// Returns the request for a further page. It repeats every parameter,
    /// because the registry pages whatever query stands beside a token.
    #[must_use]
    pub fn next_page(&self, token: &str) -> Self {
        let mut next = self.clone();
        next.params.retain(|(name, _)| *name != "pageToken");
        next.params.push(("pageToken", token.to_owned()));
        next
    }

    /// Returns the parameters in the order they are sent, not yet encoded.
    pub fn params(&self) -> &[(&'static str, String)] {
        &self.params
    }

    /// Returns the address below `base`, which ends without a slash.
    pub fn url(&self, base: &str) -> String {
        let mut url = format!("{base}{}", self.path);
        for (index, (name, value)) in self.params.iter().enumerate() {
            url.push(if index == 0 { '?' } else { '&' });
            url.push_str(name);
            url.push('=');
            encode(value, &mut url);
        }
        url
    }
}

/// Percent-encodes all but the unreserved characters of RFC 3986 and the comma,
/// which separates list items and keeps the address readable.
fn encode(value: &str, url: &mut String) {
    for byte in value.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b',' => {
                url.push(char::from(byte));
            }
            // Writing to a string cannot fail.
            _ => drop(write!(url, "%{byte:02X}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::terminology::{Product, Terminology};

    fn planned(therapy: &str, condition: &str, names: &[&str]) -> Result<String, PlanError> {
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        let (therapy, condition) = (therapy.parse()?, condition.parse()?);
        plan(&therapy, &condition, &["kyv-101", "gc012f"], &names).map(|query| query.to_string())
    }

    #[test]
    fn reads_keywords_and_text() {
        assert_eq!("CAR-T".parse(), Ok(Therapy::CellTherapy));
        assert_eq!(" Any ".parse(), Ok(Therapy::Any));
        assert_eq!("MS".parse(), Ok(Condition::Ms));
        assert_eq!("any".parse(), Ok(Condition::Any));
        assert_eq!(" Rituximab ".parse(), Ok(Therapy::Text("Rituximab".into())));
        assert_eq!("NMOSD".parse(), Ok(Condition::Text("NMOSD".into())));
        assert_eq!("".parse::<Therapy>(), Err(PlanError::Empty(String::new())));
        assert!(matches!(
            "\"[]\" -".parse::<Condition>(),
            Err(PlanError::Empty(_))
        ));
        assert!(matches!(
            "x ".repeat(100).parse::<Condition>(),
            Err(PlanError::TooLong(_))
        ));
    }

    #[test]
    fn unites_modality_codes_and_disease_in_one_query() {
        let query = planned("car-t", "ms", &[]).unwrap();
        assert!(query.starts_with("\"chimeric antigen receptor\" OR \"CAR-T\" OR \"CAR T\""));
        assert!(query.contains("OR \"kyv-101\" OR \"gc012f\" OR (("));
        assert!(query.ends_with(
            "((AREA[EligibilitySearch]\"multiple sclerosis\" OR AREA[DetailedDescription]\"multiple sclerosis\" OR AREA[BasicSearch](\"multiple sclerosis\" OR \"neurological autoimmune\" OR \"autoimmune neurologic\" OR \"neuroimmune\" OR \"autoimmune diseases of the nervous system\")) AND (AREA[DetailedDescription](\"chimeric antigen receptor\" OR \"CAR-T\") OR AREA[EligibilitySearch](\"CAR-T\" OR \"leukapheresis\" OR \"lymphodepletion\") OR AREA[InterventionSearch](\"cell injection\" OR \"fludarabine\" OR \"lentiviral\" OR \"T cells\")))"
        ), "{query}");
    }

    #[test]
    fn leaves_other_diseases_to_the_local_decision() {
        let query = planned("car-t", "any", &[]).unwrap();
        assert!(query.ends_with("OR \"kyv-101\" OR \"gc012f\""));
        assert_eq!(planned("car-t", "NMOSD", &[]), Ok(query));
    }

    #[test]
    fn asks_from_the_side_that_is_named() {
        assert_eq!(
            planned("obe-cel", "ms", &["aucatzyl", "obe-cel"]).unwrap(),
            "\"obe-cel\" OR \"aucatzyl\" OR AREA[DetailedDescription]\"obe-cel\" OR AREA[DetailedDescription]\"aucatzyl\""
        );
        assert_eq!(planned("any", "NMOSD", &[]).unwrap(), "\"NMOSD\"");
        assert!(planned("any", "ms", &[]).unwrap().starts_with(
            "AREA[EligibilitySearch]\"multiple sclerosis\" OR AREA[DetailedDescription]"
        ));
        assert_eq!(planned("any", "any", &[]), Err(PlanError::WholeRegistry));
    }

    #[test]
    fn disarms_text() {
        assert_eq!(
            planned("x\" OR AREA[Phase]\\", "any", &[]).unwrap(),
            "\"x OR AREA Phase\" OR AREA[DetailedDescription]\"x OR AREA Phase\""
        );
        assert_eq!(planned("any", "a\u{1b}\n(b)", &[]).unwrap(), "\"a b\"");
    }

    #[test]
    fn every_product_is_looked_for_by_every_name() {
        let terms = Terminology::embedded().unwrap();
        let codes = terms.codes();
        let words = |text: &str| -> Vec<String> {
            text.to_lowercase()
                .split(|c: char| !c.is_alphanumeric())
                .map(str::to_owned)
                .collect()
        };
        for name in terms.products().iter().flat_map(Product::names) {
            let own = words(name);
            let caught = MODALITY.iter().any(|phrase| {
                let phrase = words(phrase);
                own.windows(phrase.len()).any(|part| part == phrase)
            });
            let is_same = |code: &&str| code.replace('-', "") == name.replace('-', "");
            assert!(caught || codes.iter().any(is_same), "{name}");
        }
    }

    #[test]
    fn the_real_query_fits_an_address() {
        let terms = Terminology::embedded().unwrap();
        let query = plan(&Therapy::CellTherapy, &Condition::Ms, &terms.codes(), &[]).unwrap();
        // Many servers refuse a request line above 8 kB.
        let url = RequestPlan::studies(&query).url("https://clinicaltrials.gov/api/v2");
        assert!(url.len() < 8000, "{}", url.len());
    }

    #[test]
    fn cuts_a_query_until_nothing_is_left_to_cut() {
        let terms = Terminology::embedded().unwrap();
        let codes = terms.codes();
        let query = plan(&Therapy::CellTherapy, &Condition::Ms, &codes, &[]).unwrap();
        let mut open = vec![query];
        let mut leaves = Vec::new();
        while let Some(query) = open.pop() {
            match query.halves() {
                Some((first, second)) => open.extend([first, second]),
                None => leaves.push(query.to_string()),
            }
        }
        // Every phrase by itself, and every pair of a disease and a trace.
        assert_eq!(
            leaves.len(),
            MODALITY.len() + codes.len() + DISEASE.len() * TRACES.len()
        );
        assert!(leaves.contains(&"\"KYV-101\"".to_owned()));
        assert!(leaves.contains(
            &"((AREA[BasicSearch]\"neuroimmune\") AND (AREA[InterventionSearch]\"lentiviral\"))"
                .to_owned()
        ));
    }

    #[test]
    fn halves_and_pages_keep_the_day() {
        let terms = Terminology::embedded().unwrap();
        let query = plan(&Therapy::CellTherapy, &Condition::Ms, &terms.codes(), &[]).unwrap();
        let day = NaiveDate::from_ymd_opt(2026, 8, 21).unwrap();
        let mut open = vec![query.updated_since(day)];
        while let Some(query) = open.pop() {
            let url = RequestPlan::studies(&query).next_page("x").url("");
            assert!(
                url.contains(
                    "&filter.advanced=AREA%5BLastUpdatePostDate%5DRANGE%5B2026-08-21,MAX%5D"
                ),
                "{url}"
            );
            open.extend(query.halves().into_iter().flat_map(|(a, b)| [a, b]));
        }
        let one = "NCT00000001".parse().unwrap();
        let slim = RequestPlan::studies(&Query::numbers(&[one]).slim());
        assert!(
            slim.url("").contains(
                "fields=NCTId,NCTIdAlias,LastUpdatePostDateStruct&filter.ids=NCT00000001"
            )
        );
        assert!(
            RequestPlan::study(one)
                .url("x")
                .starts_with("x/studies/NCT00000001?format=json")
        );
    }

    #[test]
    fn a_further_page_repeats_every_parameter() {
        let query = plan(&Therapy::CellTherapy, &Condition::Any, &[], &[]).unwrap();
        let first = RequestPlan::studies(&query);
        let third = first.next_page("a").next_page("b/+ ");
        assert_eq!(&third.params()[..first.params().len()], first.params());
        assert_eq!(third.params().last(), Some(&("pageToken", "b/+ ".into())));
        assert!(third.url("http://x").ends_with("&pageToken=b%2F%2B%20"));
    }

    proptest! {
        #[test]
        fn no_text_leaves_its_quotes(text in "\\PC{0,60}") {
            if let Ok(query) = plan(&Therapy::Any, &Condition::Text(text), &[], &[]) {
                let query = query.to_string();
                let inner = query.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap();
                prop_assert!(!inner.contains(['"', '\\', '[', ']', '(', ')']));
            }
        }
    }
}
