//! Sites by country: the best state first, then the nearest.

use maud::{Markup, html};

use crate::place::SiteState;
use crate::render::html::site::{Reach, badge};
use crate::render::{Listing, detail, words};
use crate::study::{Contact, Site, Study};
use crate::text::{one_line, shorten};

/// Characters of the name and address of a site.
const PLACE: usize = 200;

/// Characters of a name, a number or an address of a person.
const CONTACT: usize = 100;

/// A country with the sites in it, best first.
struct Country<'a> {
    name: String,
    sites: Vec<Placed<'a>>,
}

struct Placed<'a> {
    site: &'a Site,
    state: SiteState,
    km: Option<f64>,
}

impl Placed<'_> {
    /// What goes before what: state, then the way there.
    fn rank(&self) -> (SiteState, f64) {
        (self.state, self.km.unwrap_or(f64::INFINITY))
    }
}

/// Renders the sites.
pub(super) fn section(reach: Reach, listing: &Listing<'_>, study: &Study) -> Markup {
    html! {
        section.places aria-labelledby="where" {
            h2 id="where" { "Where" }
            @if study.sites.is_empty() { p { "Sites are not announced." } }
            @for country in countries(listing, study) {
                h3 { (country.name) " " span.count { (counted(country.sites.len())) } }
                ul.sites {
                    @for one in &country.sites { (site(listing, one)) }
                }
            }
            @if let Some(words) = words::distances(listing.filters) { p { (one_line(&words)) } }
            @else if reach.takes_facts() && study.sites.iter().any(|site| site.registered_point.is_some()) {
                p.hint { "To see how far each site is, give your city on the page “Find trials”." }
            }
        }
    }
}

fn counted(count: usize) -> String {
    match count {
        1 => "1 site".to_owned(),
        _ => format!("{count} sites"),
    }
}

fn countries<'a>(listing: &Listing<'_>, study: &'a Study) -> Vec<Country<'a>> {
    let mut all: Vec<Country<'a>> = Vec::new();
    for site in &study.sites {
        let name = name_of(site);
        let one = Placed {
            site,
            state: SiteState::of(site, study),
            km: detail::site_km(site, listing),
        };
        match all.iter_mut().find(|country| country.name == name) {
            Some(country) => country.sites.push(one),
            None => all.push(Country {
                name,
                sites: vec![one],
            }),
        }
    }
    let before = |a: (SiteState, f64), b: (SiteState, f64)| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1));
    for country in &mut all {
        country.sites.sort_by(|a, b| before(a.rank(), b.rank()));
    }
    let best = |country: &Country<'_>| country.sites.first().map(Placed::rank);
    all.sort_by(|a, b| match (best(a), best(b)) {
        (Some(one), Some(other)) => before(one, other).then_with(|| a.name.cmp(&b.name)),
        (one, other) => one.is_none().cmp(&other.is_none()),
    });
    all
}

/// The country where a site lies; as the record spells it where this program does not know it.
fn name_of(site: &Site) -> String {
    match (site.settled.country, &site.country) {
        (Some(country), _) => country.name().to_owned(),
        (None, Some(name)) => shorten(name, CONTACT),
        (None, None) => "Country not stated".to_owned(),
    }
}

fn site(listing: &Listing<'_>, one: &Placed<'_>) -> Markup {
    let site = one.site;
    let place = shorten(
        &detail::listed([&site.facility, &site.city, &site.state]),
        PLACE,
    );
    html! {
        li {
            (badge(Some(one.state), detail::state_words(one.state)))
            " " (if place.is_empty() { "a site without a name" } else { &place })
            @if let Some(km) = one.km { ", about " (listing.unit.distance(km)) }
            " " span.own { "(" (detail::own_status(site)) ")" } (detail::doubts(site))
            @for person in &site.contacts { div.person { (contact(person)) } }
        }
    }
}

/// A person to ask; an address and a number can be followed.
fn contact(person: &Contact) -> Markup {
    let part = |part: &Option<String>| part.as_deref().map(|words| shorten(words, CONTACT));
    let (name, phone, mail) = (part(&person.name), part(&person.phone), part(&person.email));
    html! {
        @if let Some(name) = &name { (name) }
        @if let Some(phone) = &phone { @if name.is_some() { ", " } (phone) }
        @if let Some(mail) = &mail {
            @if name.is_some() || phone.is_some() { ", " }
            @if is_address(mail) { a href={ "mailto:" (mail) } { (mail) } } @else { (mail) }
        }
    }
}

/// Says whether a text is a mail address and nothing else, so that a link to it can carry nothing more.
fn is_address(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "@.-_+".contains(c);
    text.chars().all(plain) && text.matches('@').count() == 1
}
