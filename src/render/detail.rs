//! One study, for a person: terminal and Markdown from one view.

pub(super) mod criteria;

use super::Listing;
use super::markdown::escape;
use super::words::{self, wrapped};
use crate::classify::Classified;
use crate::place::{self, SiteState};
use crate::provenance::{Source, SourceKind, day};
use crate::study::{Contact, Site, Study};
use crate::text;

/// What every page for people ends with.
pub const DISCLAIMER: &str =
    "Information to discuss, not medical advice; only the study team can decide.";

/// A piece of a page.
pub(super) enum Piece {
    /// The study's name.
    Title(String),
    /// A heading.
    Heading(String),
    /// A heading inside a part.
    Group(String),
    /// A line of running text.
    Text(String),
    /// A line that warns.
    Warning(String),
    /// A name and its value.
    Fact(&'static str, String),
    /// An item of a list, with its depth and its mark.
    Item {
        depth: usize,
        mark: String,
        text: String,
    },
}

/// Renders a study for a terminal.
pub fn terminal(listing: &Listing<'_>, one: &Classified, width: u16) -> String {
    let width = usize::from(width.clamp(60, 100));
    let pieces = page(listing, one).into_iter();
    pieces.map(|piece| piece.for_terminal(width)).collect()
}

/// Renders a study as Markdown.
pub fn markdown(listing: &Listing<'_>, one: &Classified) -> String {
    let mut out = String::new();
    let mut last_item = false;
    for piece in page(listing, one) {
        let is_item = matches!(piece, Piece::Item { .. } | Piece::Fact(..));
        if last_item && !is_item {
            out.push('\n');
        }
        last_item = is_item;
        out.push_str(&piece.as_markdown());
    }
    out
}

impl Piece {
    fn for_terminal(&self, width: usize) -> String {
        match self {
            Self::Title(words) | Self::Text(words) => wrapped(words, width, "", ""),
            Self::Heading(words) => format!("\n{}\n", words.to_uppercase()),
            Self::Group(words) => wrapped(&format!("{words}:"), width, "", ""),
            Self::Warning(words) => wrapped(words, width, "! ", "! "),
            Self::Fact(name, value) => {
                wrapped(value, width, &format!("{name:<14}"), &" ".repeat(14))
            }
            Self::Item { depth, mark, text } => {
                let first = format!("{}{mark} ", "  ".repeat(*depth));
                let rest = " ".repeat(first.chars().count());
                wrapped(text, width, &first, &rest)
            }
        }
    }

    fn as_markdown(&self) -> String {
        match self {
            Self::Title(words) => format!("# {}\n\n", escape(words)),
            Self::Heading(words) => format!("## {}\n\n", escape(words)),
            Self::Text(words) => format!("{}\n\n", escape(words)),
            Self::Group(words) => format!("### {}\n\n", escape(words)),
            Self::Warning(words) => format!("> **{}**\n\n", escape(words)),
            Self::Fact(name, value) => format!("- **{name}**: {}\n", escape(value)),
            Self::Item { depth, mark, text } => {
                let indent = "  ".repeat(*depth);
                // Markdown draws its own dot.
                let mark = if mark == "·" {
                    String::new()
                } else {
                    format!("{} ", escape(mark))
                };
                format!("{indent}- {mark}{}\n", escape(text))
            }
        }
    }
}

/// Everything that is told of a study, in order.
pub(super) fn page(listing: &Listing<'_>, one: &Classified) -> Vec<Piece> {
    let study = &one.study;
    let mut page = vec![Piece::Title(format!(
        "{} · {}",
        study.nct_number,
        text::one_line(&study.name())
    ))];
    page.extend(
        listing
            .source
            .warnings(listing.today)
            .into_iter()
            .map(|warning| Piece::Warning(text::one_line(&warning))),
    );
    overview(&mut page, listing.source, one);
    if let Some(summary) = &study.summary {
        page.push(Piece::Heading("What it is about".into()));
        page.push(Piece::Text(summary.clone()));
    }
    criteria::add(&mut page, one);
    sites(&mut page, study, listing);
    contacts(&mut page, study);
    labels(&mut page, one);
    page.push(Piece::Heading("Where this comes from".into()));
    page.push(Piece::Fact("Registry page", study.url()));
    page.push(Piece::Text(text::one_line(&listing.source.attribution())));
    page.push(Piece::Text(DISCLAIMER.into()));
    page
}

/// How old the copy of a record is. A store asks again and again, and takes a record anew only when it changed.
pub(super) fn copied(source: &Source, study: &Study) -> Option<String> {
    let own = study.data_date?.to_string();
    let checked = source.registry_timestamp.as_deref().map(day);
    let is_store = source.kind == SourceKind::Store;
    Some(
        match checked.filter(|checked| is_store && **checked > *own) {
            Some(checked) => format!("{own}, and unchanged when it was checked on {checked}"),
            None => own,
        },
    )
}

/// What the record says of the study as a whole, as names and values.
pub(super) fn overview(page: &mut Vec<Piece>, source: &Source, one: &Classified) {
    let study = &one.study;
    let date = |date: Option<crate::study::PartialDate>| {
        date.map_or("not stated".to_owned(), |date| date.to_string())
    };
    page.push(Piece::Fact("Status", words::study_status(study)));
    if let Some(why) = &study.status.why_stopped {
        page.push(Piece::Fact("Why stopped", text::one_line(why)));
    }
    page.push(Piece::Fact("Phase", words::phases(study)));
    page.push(Piece::Fact("Product", words::product(one)));
    page.push(Piece::Fact("Cells", cells(one)));
    page.push(Piece::Fact("MS", one.ms.relevance.label().to_owned()));
    if !study.conditions.is_empty() {
        page.push(Piece::Fact(
            "Diseases",
            text::one_line(&study.conditions.join("; ")),
        ));
    }
    let sponsor = study
        .sponsor
        .as_ref()
        .and_then(|sponsor| sponsor.name.as_deref());
    page.push(Piece::Fact(
        "Sponsor",
        sponsor.map_or("not stated".into(), text::one_line),
    ));
    page.push(Piece::Fact(
        "Dates",
        format!(
            "start {}, main results expected {}, end {}",
            date(study.status.start),
            date(study.status.primary_completion),
            date(study.status.completion)
        ),
    ));
    page.push(Piece::Fact(
        "Last update",
        date(study.status.last_update_posted),
    ));
    if let Some(words) = copied(source, study) {
        page.push(Piece::Fact("Record as of", words));
    }
    let people = study.enrollment.as_ref().and_then(|info| info.count);
    page.push(Piece::Fact(
        "People",
        people.map_or("not stated".into(), |count| count.to_string()),
    ));
}

/// Kind and source of the cells, with what the source rests on.
pub(super) fn cells(one: &Classified) -> String {
    let label = &one.cell_therapy;
    let Some(class) = label.class else {
        return "no engineered cells named".into();
    };
    let source = match label.source {
        None => "where the cells come from is not stated".to_owned(),
        Some(source) => {
            let words = match source {
                crate::terminology::CellSource::Autologous => "the patient's own cells",
                crate::terminology::CellSource::Allogeneic => "cells from a donor",
                crate::terminology::CellSource::InVivo => "made inside the body",
            };
            let basis = match label.source_basis {
                Some(crate::classify::SourceBasis::Stated) => "stated in the record",
                Some(crate::classify::SourceBasis::Product) => "known of the product",
                _ => "assumed, not confirmed",
            };
            format!("{words} ({basis})")
        }
    };
    format!("{}; {source}", class.label())
}

fn sites(page: &mut Vec<Piece>, study: &Study, listing: &Listing<'_>) {
    page.push(Piece::Heading("Where".into()));
    if study.sites.is_empty() {
        page.push(Piece::Text("Sites are not announced.".into()));
    }
    for (region, state) in place::regions(study) {
        page.push(Piece::Text(format!(
            "{}: {} ({} open, {} opening, {} closed, {} in all)",
            region.label(),
            state_words(state.state),
            state.open,
            state.opening,
            state.closed,
            state.total
        )));
        let mut of_region: Vec<&Site> = study
            .sites
            .iter()
            .filter(|site| site.settled.region == region)
            .collect();
        let distance = |site: &Site| site_km(site, listing).unwrap_or(f64::INFINITY);
        of_region.sort_by(|a, b| {
            SiteState::of(a, study)
                .cmp(&SiteState::of(b, study))
                .then(distance(a).total_cmp(&distance(b)))
        });
        page.extend(of_region.into_iter().map(|site| Piece::Item {
            depth: 1,
            mark: "·".into(),
            text: site_line(site, study, listing),
        }));
    }
    page.extend(words::distances(listing.filters).map(Piece::Text));
}

/// Kilometres from where distances are counted; `None` where they are not, or where the site has no position.
pub(super) fn site_km(site: &Site, listing: &Listing<'_>) -> Option<f64> {
    place::site_km(site, listing.filters.near?)
}

/// The state of a site, or of a region.
pub(super) fn state_words(state: SiteState) -> &'static str {
    match state {
        SiteState::Open => "open",
        SiteState::Opening => "opening",
        SiteState::Unknown => "not known: ask the site",
        SiteState::Closed => "listed, closed",
    }
}

fn site_line(site: &Site, study: &Study, listing: &Listing<'_>) -> String {
    let place = listed([&site.facility, &site.city, &site.state, &site.country]);
    let state = state_words(SiteState::of(site, study));
    let own = own_status(site);
    let distance = site_km(site, listing).map_or(String::new(), |km| {
        format!(", about {}", listing.unit.distance(km))
    });
    let elsewhere = doubts(site);
    let mut parts = vec![format!("{place} — {state} ({own}){distance}{elsewhere}")];
    parts.extend(site.contacts.iter().map(contact_line));
    parts.join("; ")
}

/// The registry's own word for the state of a site.
pub(super) fn own_status(site: &Site) -> String {
    let own = site.status.as_ref();
    own.map_or("no status of its own".to_owned(), |status| {
        text::one_line(&status.label())
    })
}

/// What is odd about the place that a site is filed under: its country, and its point; nothing where nothing is.
pub(super) fn doubts(site: &Site) -> String {
    let point = site.position().note();
    let point = point.map_or(String::new(), |note| format!(" [{note}]"));
    elsewhere(site) + &point
}

/// That a site is filed under a country where it does not lie; else nothing.
fn elsewhere(site: &Site) -> String {
    match site.settled.country {
        Some(country) if site.settled.city_disagrees => format!(
            " [filed under another country; the city lies in {}]",
            country.name()
        ),
        _ => String::new(),
    }
}

fn contact_line(contact: &Contact) -> String {
    listed([&contact.name, &contact.phone, &contact.email])
}

/// Returns the parts that are there, each on one line, parted by commas.
pub(super) fn listed<const N: usize>(parts: [&Option<String>; N]) -> String {
    let there = parts.into_iter().flatten();
    let lines: Vec<String> = there.map(|part| text::one_line(part)).collect();
    lines.join(", ")
}

/// The people of the study as a whole.
pub(super) fn contacts(page: &mut Vec<Piece>, study: &Study) {
    page.push(Piece::Heading("Whom to ask".into()));
    if study.contacts.is_empty() {
        page.push(Piece::Text(format!(
            "The record here names no central contact. See the registry page: {}",
            study.url()
        )));
    }
    page.extend(study.contacts.iter().map(|contact| Piece::Item {
        depth: 0,
        mark: "·".into(),
        text: contact_line(contact),
    }));
}

/// The words that the labels were read from.
pub(super) fn labels(page: &mut Vec<Piece>, one: &Classified) {
    let evidence = one.cell_therapy.evidence.iter().chain(&one.ms.evidence);
    page.push(Piece::Heading(
        "What the labels above were read from".into(),
    ));
    page.extend(evidence.map(|one| {
        let field = one
            .field
            .strip_prefix("protocolSection.")
            .unwrap_or(one.field);
        let note = one
            .note
            .as_ref()
            .map_or(String::new(), |note| format!(" ({})", text::one_line(note)));
        Piece::Item {
            depth: 0,
            mark: "·".into(),
            text: format!("“{}” in {field}{note}", text::shorten(&one.quote, 200)),
        }
    }));
}
