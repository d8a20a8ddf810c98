//! CSV as the contract names it: one row a study, sorted by number, the same
//! bytes for the same data, and no cell that a spreadsheet would run.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::columns::COLUMNS;
use super::words::shown;
use crate::classify::Classified;
use crate::geo::{Country, Region};
use crate::place::{self, SiteState};
use crate::study::{Age, Contact, Study};
use crate::text;

/// How the file is written.
#[derive(Debug, Clone, Copy, Default)]
pub struct CsvStyle {
    /// CRLF at line ends instead of LF.
    pub crlf: bool,
    /// A byte order mark, for Excel.
    pub bom: bool,
}

/// Renders studies as CSV.
///
/// # Errors
///
/// None in practice: the writer fills memory. The error is passed on, not hidden.
pub fn studies(studies: &[Arc<Classified>], style: CsvStyle) -> Result<Vec<u8>, csv::Error> {
    let mut sorted: Vec<&Classified> = studies.iter().map(Arc::as_ref).collect();
    sorted.sort_by_key(|one| one.study.nct_number);
    let mut writer = writer(style);
    writer.write_record(COLUMNS.iter().map(|column| column.name))?;
    for one in sorted {
        writer.write_record(row(one).iter().map(|cell| disarmed(cell)))?;
    }
    writer
        .into_inner()
        .map_err(|error| error.into_error().into())
}

/// Begins a table in memory.
pub(super) fn writer(style: CsvStyle) -> csv::Writer<Vec<u8>> {
    let mut out = Vec::new();
    if style.bom {
        out.extend_from_slice("\u{FEFF}".as_bytes());
    }
    let terminator = if style.crlf {
        csv::Terminator::CRLF
    } else {
        csv::Terminator::Any(b'\n')
    };
    csv::WriterBuilder::new()
        .terminator(terminator)
        .from_writer(out)
}

/// Returns a cell that a spreadsheet takes for text: one that begins like a formula gets a leading `'`.
pub(super) fn disarmed(cell: &str) -> String {
    let clean = text::safe(cell);
    if clean.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']) {
        return format!("'{clean}");
    }
    clean.into_owned()
}

pub(super) fn row(one: &Classified) -> [String; COLUMNS.len()] {
    let study = &one.study;
    let label = &one.cell_therapy;
    let [total, open, us, europe, uk, china, australia] = site_counts(study);
    let [contact_name, contact_phone, contact_email] = contact(study);
    let sponsor = study.sponsor.as_ref();
    let enrollment = study.enrollment.as_ref();
    let (edss_min, edss_max) = one.criteria.edss();
    [
        study.nct_number.to_string(),
        own(study.title.as_ref()),
        own(study.acronym.as_ref()),
        shown(study.status.overall.as_ref()),
        joined(study.phases.iter().flatten()),
        shown(study.study_type.as_ref()),
        own(sponsor.and_then(|sponsor| sponsor.name.as_ref())),
        label
            .class
            .map_or("none", |class| class.as_str())
            .to_owned(),
        own(label.product.as_ref()),
        joined(&label.targets),
        label
            .source
            .map_or("unknown", |source| source.as_str())
            .to_owned(),
        one.ms.relevance.as_str().to_owned(),
        joined(one.courses()),
        joined(&study.conditions),
        age(study.eligibility.min_age),
        age(study.eligibility.max_age),
        shown(study.eligibility.sex.as_ref()),
        shown(edss_min),
        shown(edss_max),
        joined(one.criteria.required_treatments()),
        shown(enrollment.and_then(|info| info.count)),
        shown(study.status.start),
        shown(study.status.primary_completion),
        shown(study.status.first_posted),
        shown(study.status.last_update_posted),
        regions(study, SiteState::Open),
        regions(study, SiteState::Opening),
        countries(study),
        total,
        open,
        us,
        europe,
        uk,
        china,
        australia,
        contact_name,
        contact_phone,
        contact_email,
        study.url(),
    ]
}

fn own(value: Option<&String>) -> String {
    value.map(|value| text::one_line(value)).unwrap_or_default()
}

/// Joins a list with `|`; a bar inside an item becomes a slash, so that the list stays readable.
fn joined<T: ToString>(items: impl IntoIterator<Item = T>) -> String {
    let items = items
        .into_iter()
        .map(|item| text::one_line(&item.to_string()).replace('|', "/"));
    items.collect::<Vec<_>>().join("|")
}

/// Whole years stay whole; months become a fraction of two places.
fn age(age: Option<Age>) -> String {
    shown(age.map(|age| (age.years() * 100.0).round() / 100.0))
}

fn regions(study: &Study, state: SiteState) -> String {
    joined(
        place::regions(study)
            .iter()
            .filter(|(_, one)| one.state == state)
            .map(|(region, _)| region.as_str()),
    )
}

fn countries(study: &Study) -> String {
    let names: BTreeSet<&str> = study
        .sites
        .iter()
        .filter_map(|site| {
            site.settled
                .country
                .map(Country::name)
                .or(site.country.as_deref())
        })
        .collect();
    joined(names)
}

fn site_counts(study: &Study) -> [String; 7] {
    let regions = place::regions(study);
    let of = |region| {
        regions
            .get(&region)
            .map_or(0, |one: &place::RegionState| one.total)
    };
    let open: usize = regions.values().map(|one| one.open).sum();
    let counts = [
        study.sites.len(),
        open,
        of(Region::Us),
        of(Region::Europe),
        of(Region::Uk),
        of(Region::China),
        of(Region::Australia),
    ];
    counts.map(|count| count.to_string())
}

/// The first central contact, else the first of a site that takes people in.
fn contact(study: &Study) -> [String; 3] {
    let open = study
        .sites
        .iter()
        .filter(|site| SiteState::of(site, study) == SiteState::Open);
    let first: Option<&Contact> = study
        .contacts
        .first()
        .or_else(|| open.flat_map(|site| &site.contacts).next());
    match first {
        Some(contact) => [
            own(contact.name.as_ref()),
            own(contact.phone.as_ref()),
            own(contact.email.as_ref()),
        ],
        None => [const { String::new() }; 3],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_disarmed() {
        for cell in ["=1+1", "+49 30 1", "-2", "@SUM(A1)", "\t=1", "＝1"] {
            assert!(disarmed(cell).starts_with('\''), "{cell}");
        }
        assert_eq!(disarmed("EDSS 3-6"), "EDSS 3-6");
        assert_eq!(disarmed("a\u{1b}[2Jb"), "a\u{FFFD}[2Jb");
    }
}
