//! Where a study is open: its group on the first page, and its nearest sites.

use super::Brief;
use crate::geo::Region;
use crate::place::{self, SiteState, best_state};
use crate::render::detail::{doubts, listed, state_words};
use crate::render::paper::{Line, Span};
use crate::render::words;
use crate::study::{Contact, OverallStatus, Site, Study};
use crate::text::one_line;

/// A site with what a patient wants to know of it.
pub(super) struct Ranked<'a> {
    pub(super) site: &'a Site,
    pub(super) state: SiteState,
    /// Kilometres from where distances are counted.
    pub(super) km: Option<f64>,
}

/// The sites of a study: first those that take people in, here before elsewhere, the nearest first.
pub(super) fn ranked<'a>(brief: &Brief<'_>, study: &'a Study) -> Vec<Ranked<'a>> {
    let mut all: Vec<Ranked<'a>> = (study.sites.iter())
        .map(|site| Ranked {
            site,
            state: SiteState::of(site, study),
            km: brief
                .listing
                .filters
                .near
                .and_then(|near| place::site_km(site, near)),
        })
        .collect();
    let is_here = |site: &Site| brief.here.iter().any(|place| place.holds(site));
    all.sort_by(|a, b| {
        let far = |one: &Ranked<'_>| one.km.unwrap_or(f64::INFINITY);
        (a.state, !is_here(a.site))
            .cmp(&(b.state, !is_here(b.site)))
            .then(far(a).total_cmp(&far(b)))
    });
    all
}

/// The place of a study among the groups of the first page, and its heading.
pub(super) fn group(brief: &Brief<'_>, study: &Study) -> (u8, Option<Region>, String) {
    if !may_be_open(study) {
        return (8, None, "Takes nobody in now".to_owned());
    }
    if study.sites.is_empty() {
        return (7, None, "Sites not announced yet".to_owned());
    }
    let here: Vec<String> = brief.here.iter().map(in_words).collect();
    let here = here.join(", ");
    let state = if brief.here.is_empty() {
        None
    } else {
        best_state(study, brief.here)
    };
    match state {
        Some(SiteState::Open) => return (0, None, format!("Open here: {here}")),
        Some(SiteState::Unknown) => {
            return (
                1,
                None,
                format!("Here, but ask the site if it is open: {here}"),
            );
        }
        Some(SiteState::Opening) => return (2, None, format!("Opening here: {here}")),
        Some(SiteState::Closed) | None => {}
    }
    let elsewhere = if brief.here.is_empty() {
        ""
    } else {
        " elsewhere"
    };
    let best = ranked(brief, study).into_iter().next();
    let region = best
        .as_ref()
        .map_or(Region::Other, |best| best.site.settled.region);
    let place = best.as_ref().map_or("", |best| place_name(best.site));
    match best.as_ref().map(|best| best.state) {
        Some(SiteState::Open) => (3, Some(region), format!("Open{elsewhere}: {place}")),
        Some(SiteState::Unknown) => (
            4,
            Some(region),
            format!("Ask the site if it is open: {place}"),
        ),
        Some(SiteState::Opening) => (5, Some(region), format!("Opening{elsewhere}: {place}")),
        _ => (6, None, "No site takes people in now".to_owned()),
    }
}

/// A region for people; what lies in none of the five is told by its country.
fn place_name(site: &Site) -> &'static str {
    match (site.settled.region, site.settled.country) {
        (Region::Other, Some(country)) => country.name(),
        (region, _) => region.label(),
    }
}

/// Says whether a study may take people in: open, or of a status that is not known.
pub(super) fn may_be_open(study: &Study) -> bool {
    match &study.status.overall {
        None | Some(OverallStatus::Unknown | OverallStatus::Other(_)) => true,
        Some(status) => status.is_open(),
    }
}

/// How far up a study belongs by its place alone: open here, perhaps open here, opening here, elsewhere, closed.
pub(super) fn rank(brief: &Brief<'_>, study: &Study) -> u8 {
    match group(brief, study).0 {
        here @ 0..=2 => here,
        8 => 4,
        _ => 3,
    }
}

/// An asked region or country, for people.
pub(super) fn in_words(place: &place::Place) -> String {
    match place {
        place::Place::Region(region) => region.label().to_owned(),
        place::Place::Country(_) => words::place(place),
    }
}

/// The state of a site and the way there: "open: Leeds Clinic, Leeds (about 12 km)".
pub(super) fn where_it_is(brief: &Brief<'_>, one: &Ranked<'_>) -> String {
    let Site {
        facility,
        city,
        state,
        country,
        ..
    } = one.site;
    let km = one.km.map_or(String::new(), |km| {
        format!(" (about {})", brief.listing.unit.distance(km))
    });
    let filed = doubts(one.site);
    let place = crate::text::shorten(&listed([facility, city, state, country]), 160);
    let place = if place.is_empty() {
        "a site without a name".to_owned()
    } else {
        place
    };
    format!("{}: {place}{km}{filed}", state_words(one.state))
}

/// The city of the best site, or that none is announced: "Open: Leeds, United Kingdom (about 12 km).".
pub(super) fn nearest_city(brief: &Brief<'_>, study: &Study) -> String {
    let Some(best) = ranked(brief, study).into_iter().next() else {
        return "No site is announced.".to_owned();
    };
    let Site { city, country, .. } = best.site;
    let place = crate::text::shorten(&listed([city, country]), 60);
    let state = match best.state {
        SiteState::Open => "Open",
        SiteState::Opening => "Opening",
        SiteState::Unknown => "Ask the site",
        SiteState::Closed => "Closed",
    };
    let km = best.km.map_or(String::new(), |km| {
        format!(" (about {})", brief.listing.unit.distance(km))
    });
    format!("{state}: {place}{km}.")
}

/// The best site in one line, or that none is announced.
pub(super) fn nearest(brief: &Brief<'_>, study: &Study) -> String {
    let best = ranked(brief, study).into_iter().next();
    best.map_or("No site is announced.".to_owned(), |best| {
        let mut words = where_it_is(brief, &best);
        // The first letter of a state is ASCII.
        if let Some(first) = words.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        format!("{words}.")
    })
}

/// A person to ask, with ways to reach them.
pub(super) fn contact(one: &Contact) -> Line {
    let mut line = Vec::new();
    let parts = [
        one.name
            .as_deref()
            .map(|name| Span::Text(crate::text::shorten(name, 80))),
        one.phone
            .as_deref()
            .map(|phone| Span::Phone(crate::text::shorten(phone, 60))),
        one.email
            .as_deref()
            .map(|mail| Span::Mail(crate::text::shorten(mail, 100))),
    ];
    for part in parts.into_iter().flatten() {
        if !line.is_empty() {
            line.push(Span::Text(", ".to_owned()));
        }
        line.push(part);
    }
    line
}

/// Whom to ask of a study: people of its best site, else the central contacts, else the registry.
pub(super) fn whom_to_ask(brief: &Brief<'_>, study: &Study) -> Vec<Line> {
    let sites = ranked(brief, study);
    let of_site = sites
        .iter()
        .filter(|one| one.state != SiteState::Closed)
        .find(|one| !one.site.contacts.is_empty());
    let mut lines: Vec<Line> = Vec::new();
    if let Some(one) = of_site {
        let place = one.site.facility.as_deref().or(one.site.city.as_deref());
        for person in one.site.contacts.iter().take(2) {
            let mut line = contact(person);
            if let Some(place) = place {
                line.push(Span::Text(format!(
                    " ({})",
                    crate::text::shorten(&one_line(place), 60)
                )));
            }
            lines.push(line);
        }
    }
    lines.extend(study.contacts.iter().take(2).map(contact));
    lines.retain(|line| !line.is_empty());
    lines
}
