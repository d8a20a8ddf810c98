//! Where the sites are: a drawing, and a table that says the same and more.

mod drawing;

use maud::{Markup, html};

use super::find::{filters_of, query_of};
use super::{Fields, Frame, Wrong, badge};
use crate::geo::{GeoPoint, Position};
use crate::place::SiteState;
use crate::render::{Listing, detail, words};
use crate::study::{NctNumber, Site, Study};
use crate::text::{one_line, shorten};

/// Cities that are shown at most; more would make a page that nobody reads.
const MOST: usize = 300;

/// Characters of a name of a city.
const CITY: usize = 60;

/// Sites of one city, of all studies that were found.
struct City {
    /// As the records spell it; empty where none does.
    name: String,
    country: String,
    /// The centre of the city, as far as it is known.
    point: Option<GeoPoint>,
    /// What is odd about the registered point of a site there.
    note: Option<&'static str>,
    /// The best state of a site in it.
    state: SiteState,
    /// Studies, each with its best state there.
    studies: Vec<(NctNumber, SiteState)>,
}

/// Renders the sites of what was found; the form alone where something is wrong with it.
pub fn map(
    frame: &Frame<'_>,
    asked: &Fields,
    listing: Option<&Listing<'_>>,
    wrong: &[Wrong],
) -> String {
    let main = html! {
        // The map comes first, unless something must be mended.
        details open[!wrong.is_empty()] {
            summary { "Choose which trials to show" }
            (filters_of(frame.reach, "/map", asked, wrong))
        }
        @if let Some(listing) = listing { (found(asked, listing)) }
    };
    frame.page("Where the trials are", None, &main)
}

fn found(asked: &Fields, listing: &Listing<'_>) -> Markup {
    let mut cities = cities(listing);
    let more = cities.len().saturating_sub(MOST);
    cities.truncate(MOST);
    let nowhere = listing.studies.iter().map(|one| &one.study);
    let nowhere: Vec<&Study> = nowhere.filter(|study| study.sites.is_empty()).collect();
    html! {
        section.map aria-labelledby="found" {
            h2 id="found" { (listing.studies.len()) " trials, in " (cities.len() + more) " cities" }
            p { a href={ "/" (query_of(asked)) } { "The same trials as a list" } }
            @if cities.is_empty() {
                p { "No site of these trials is known. That does not mean that there is none." }
            } @else {
                (legend())
                (drawing::world(&cities))
                (drawing::closer(&cities))
                (table(&cities))
            }
            @if more > 0 { p { "And " (more) " cities more: ask for fewer trials." } }
            @if !nowhere.is_empty() {
                p { (nowhere.len()) @if nowhere.len() == 1 { " trial has" } @else { " trials have" } " not named a site, so no dot stands for it:" }
                ul.nowhere {
                    @for study in &nowhere { li { a href={ "/study/" (study.nct_number) } { (study.nct_number) } " " (shorten(&study.name(), CITY)) } }
                }
            }
            @if let Some(words) = words::distances(listing.filters) { p { (one_line(&words)) } }
            p.hint { "Numbers in the drawings are those of the table; a dot without one has no room for it. A dot stands in the middle of a city, not at the hospital. The outlines are coarse. Borders are not drawn." }
        }
    }
}

/// The shapes, and what they say.
fn legend() -> Markup {
    html! {
        ul.where {
            @for state in [SiteState::Open, SiteState::Opening, SiteState::Unknown, SiteState::Closed] {
                li { (badge(Some(state), detail::state_words(state))) }
            }
        }
    }
}

/// Sites in the asked places by city: the best state first, then by country and name.
fn cities(listing: &Listing<'_>) -> Vec<City> {
    let mut all: Vec<City> = Vec::new();
    let places = &listing.filters.places;
    for one in listing.studies {
        let study = &one.study;
        let asked =
            |site: &&Site| places.is_empty() || places.iter().any(|place| place.holds(site));
        for site in study.sites.iter().filter(asked) {
            let state = SiteState::of(site, study);
            let (name, country) = named(site);
            let known = all.iter_mut();
            let mut known = known.filter(|city| city.name == name && city.country == country);
            match known.next() {
                Some(city) => city.add(study.nct_number, state, site.position()),
                None => all.push(City {
                    name,
                    country,
                    point: site.position().point(),
                    note: site.position().note(),
                    state,
                    studies: vec![(study.nct_number, state)],
                }),
            }
        }
    }
    all.sort_by(|a, b| (a.state, &a.country, &a.name).cmp(&(b.state, &b.country, &b.name)));
    all
}

fn named(site: &Site) -> (String, String) {
    let given = |word: &Option<String>| {
        word.as_deref()
            .map_or(String::new(), |word| shorten(word, CITY))
    };
    let country = site.settled.country;
    (
        given(&site.city),
        country.map_or_else(|| given(&site.country), |country| country.name().to_owned()),
    )
}

impl City {
    fn add(&mut self, number: NctNumber, state: SiteState, position: Position) {
        self.state = self.state.min(state);
        self.point = self.point.or(position.point());
        self.note = self.note.or(position.note());
        match self.studies.iter_mut().find(|(own, _)| *own == number) {
            Some((_, own)) => *own = state.min(*own),
            None => self.studies.push((number, state)),
        }
    }

    fn words(&self) -> String {
        let parts = [&self.name, &self.country];
        let parts: Vec<&str> = parts
            .into_iter()
            .map(String::as_str)
            .filter(|part| !part.is_empty())
            .collect();
        if parts.is_empty() {
            return "a place without a name".to_owned();
        }
        parts.join(", ")
    }
}

fn table(cities: &[City]) -> Markup {
    html! {
        div.scroll role="region" tabindex="0" aria-label="Cities and trials" {
            table.cities {
                caption { "Cities and trials" }
                thead { tr { th scope="col" { "City" } th scope="col" { "State" } th scope="col" { "Trials" } } }
                tbody {
                    @for (at, city) in cities.iter().enumerate() {
                        tr id={ "city-" (at) } {
                            th scope="row" { span.count { (at + 1) ". " } (city.words()) @if city.point.is_none() { " (not on the map)" } @if let Some(note) = city.note { " (" (note) ")" } }
                            td { (badge(Some(city.state), detail::state_words(city.state))) }
                            td {
                                ul {
                                    @for (number, state) in &city.studies {
                                        li { a href={ "/study/" (number) } { (number) } @if *state != city.state { " (" (detail::state_words(*state)) ")" } }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
