//! Outlines and dots, in degrees (equirectangular). The shape of a dot tells its state, not its colour.

use std::sync::LazyLock;

use maud::{Markup, html};

use super::City;
use crate::geo::GeoPoint;
use crate::place::SiteState;
use crate::render::detail::state_words;

/// A landmass: its corners, longitude and latitude in degrees.
type Outline = Vec<(f64, f64)>;

/// Our own table, which a test reads: damage cannot reach a user.
static OUTLINES: LazyLock<Vec<Outline>> = LazyLock::new(read);

fn read() -> Vec<Outline> {
    let rows = include_str!("../../../../data/outlines.tsv").lines();
    let rows = rows.filter(|row| !row.starts_with('#')).skip(1);
    rows.filter_map(|row| row.split_once('\t').and_then(|(_, points)| outline(points)))
        .collect()
}

fn outline(points: &str) -> Option<Outline> {
    let corner = |point: &str| {
        let (lon, lat) = point.split_once(',')?;
        Some((lon.parse().ok()?, lat.parse().ok()?))
    };
    points.split(' ').map(corner).collect()
}

/// A part of the world.
struct Part {
    title: &'static str,
    id: &'static str,
    west: f64,
    east: f64,
    north: f64,
    south: f64,
    /// Radius of a dot, in degrees.
    dot: f64,
}

const WORLD: Part = Part {
    title: "Sites in the world",
    id: "world",
    west: -180.0,
    east: 180.0,
    north: 84.0,
    south: -58.0,
    dot: 2.4,
};

/// Where sites stand close together.
const CLOSER: [Part; 4] = [
    Part {
        title: "Sites in the US",
        id: "us",
        west: -126.0,
        east: -66.0,
        north: 50.0,
        south: 24.0,
        dot: 0.6,
    },
    Part {
        title: "Sites in Europe",
        id: "europe",
        west: -12.0,
        east: 32.0,
        north: 62.0,
        south: 34.0,
        dot: 0.5,
    },
    Part {
        title: "Sites in China",
        id: "china",
        west: 86.0,
        east: 132.0,
        north: 48.0,
        south: 17.0,
        dot: 0.5,
    },
    Part {
        title: "Sites in Australia",
        id: "australia",
        west: 110.0,
        east: 156.0,
        north: -9.0,
        south: -45.0,
        dot: 0.5,
    },
];

/// Draws the world.
pub(super) fn world(cities: &[City]) -> Markup {
    WORLD.draw(cities)
}

/// Draws the parts where sites stand close together, if there is one in them, with the numbers of the table.
pub(super) fn closer(cities: &[City]) -> Markup {
    html! {
        @for part in &CLOSER {
            @if cities.iter().any(|city| part.point(city).is_some()) {
                div.scroll role="region" tabindex="0" aria-label=(part.title) { (part.draw(cities)) }
            }
        }
    }
}

impl Part {
    /// Where a city stands in it, if it does.
    fn point(&self, city: &City) -> Option<GeoPoint> {
        city.point.filter(|point| self.holds(*point))
    }

    /// Numbers of cities, right of their dots, where there is room: the first of the table first.
    fn numbers(&self, cities: &[City]) -> Vec<(usize, GeoPoint)> {
        let dots = cities.iter().enumerate();
        let dots: Vec<(usize, GeoPoint)> = dots
            .filter_map(|(at, city)| Some((at, self.point(city)?)))
            .collect();
        let mut placed: Vec<(usize, GeoPoint)> = Vec::new();
        for (at, point) in dots.iter().copied() {
            // A number is as wide as two or three dots, and begins at the edge of its own.
            let covers = |other: GeoPoint, from: f64| {
                let (dx, dy) = (other.lon() - point.lon(), other.lat() - point.lat());
                (from * self.dot..5.5 * self.dot).contains(&dx) && dy.abs() < 2.2 * self.dot
            };
            let on_dot = dots
                .iter()
                .any(|(other, one)| *other != at && covers(*one, 0.2));
            let on_number = placed.iter().any(|(_, one)| covers(*one, -4.0));
            if !on_dot && !on_number {
                placed.push((at, point));
            }
        }
        placed
    }

    fn holds(&self, point: GeoPoint) -> bool {
        (self.west..=self.east).contains(&point.lon())
            && (self.south..=self.north).contains(&point.lat())
    }

    /// Says whether a landmass may be seen in it.
    fn shows(&self, outline: &Outline) -> bool {
        let (mut lons, mut lats) = (
            outline.iter().map(|one| one.0),
            outline.iter().map(|one| one.1),
        );
        let (west, east) = (
            lons.clone().fold(180.0, f64::min),
            lons.by_ref().fold(-180.0, f64::max),
        );
        let (south, north) = (
            lats.clone().fold(90.0, f64::min),
            lats.by_ref().fold(-90.0, f64::max),
        );
        west <= self.east && east >= self.west && south <= self.north && north >= self.south
    }

    fn draw(&self, cities: &[City]) -> Markup {
        let (width, height) = (self.east - self.west, self.north - self.south);
        let view = format!("{} {} {width} {height}", self.west, -self.north);
        let title = format!("map-{}", self.id);
        html! {
            svg.map-drawing xmlns="http://www.w3.org/2000/svg" viewBox=(view) role="group" aria-labelledby=(title) {
                title id=(title) { (self.title) ". The table says the same." }
                @for outline in OUTLINES.iter().filter(|one| self.shows(one)) {
                    path.land d=(path(outline)) fill="none" stroke="currentColor" stroke-width=(number(self.dot / 5.0)) {}
                }
                // What is open lies above what is not.
                @for (at, city) in cities.iter().enumerate().rev() {
                    @if let Some(point) = self.point(city) { (self.dot(at, city, point)) }
                }
                // In the world as a whole there is no room.
                @if self.id != WORLD.id {
                    @for (at, point) in self.numbers(cities) {
                        text.dot-number x=(number(point.lon() + self.dot * 1.4)) y=(number(-point.lat() + self.dot * 0.9))
                            font-size=(number(self.dot * 2.6)) fill="currentColor" aria-hidden="true" { (at + 1) }
                    }
                }
            }
        }
    }

    /// A city as a link: to its study, or to its row in the table where there are several. The table is what a
    /// keyboard goes through.
    fn dot(&self, at: usize, city: &City, point: GeoPoint) -> Markup {
        let link = match city.studies.as_slice() {
            [(only, _)] => format!("/study/{only}"),
            _ => format!("#city-{at}"),
        };
        let count = city.studies.len();
        html! {
            a href=(link) tabindex="-1" {
                title { (city.words()) ": " (state_words(city.state)) ", " (count) @if count == 1 { " trial" } @else { " trials" } }
                // What a finger meets is larger than what is seen.
                circle cx=(number(point.lon())) cy=(number(-point.lat())) r=(number(self.dot * 1.8)) fill="transparent" {}
                path class={ "dot dot-" (city.state.as_str()) } d=(self.shape(city.state, point))
                    fill=(if city.state == SiteState::Open { "currentColor" } else { "none" })
                    stroke="currentColor" stroke-width=(number(self.dot / 4.0)) {}
            }
        }
    }

    /// A disc, a triangle, a square on its corner, or a cross.
    fn shape(&self, state: SiteState, point: GeoPoint) -> String {
        let (x, y, r) = (point.lon(), -point.lat(), self.dot);
        let at = |dx: f64, dy: f64| format!("{} {}", number(x + dx * r), number(y + dy * r));
        match state {
            SiteState::Open => {
                let r = number(r);
                format!(
                    "M{}a{r} {r} 0 1 0 {} 0a{r} {r} 0 1 0 -{} 0Z",
                    at(-1.0, 0.0),
                    number(self.dot * 2.0),
                    number(self.dot * 2.0)
                )
            }
            SiteState::Opening => format!("M{}L{}L{}Z", at(0.0, -1.2), at(1.1, 0.9), at(-1.1, 0.9)),
            SiteState::Unknown => format!(
                "M{}L{}L{}L{}Z",
                at(0.0, -1.2),
                at(1.2, 0.0),
                at(0.0, 1.2),
                at(-1.2, 0.0)
            ),
            SiteState::Closed => format!(
                "M{}L{}M{}L{}",
                at(-0.8, -0.8),
                at(0.8, 0.8),
                at(0.8, -0.8),
                at(-0.8, 0.8)
            ),
        }
    }
}

fn number(value: f64) -> String {
    format!("{value:.2}")
}

fn path(outline: &Outline) -> String {
    let corners = outline.iter().map(|(lon, lat)| format!("{lon} {}", -lat));
    format!("M{}Z", corners.collect::<Vec<_>>().join("L"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_outline_is_a_shape_on_the_globe() {
        let rows = include_str!("../../../../data/outlines.tsv").lines();
        let rows = rows.filter(|row| !row.starts_with('#')).count() - 1;
        assert_eq!(read().len(), rows);
        for outline in read() {
            assert!(outline.len() >= 3);
            for (lon, lat) in outline {
                assert!(GeoPoint::new(lat, lon).is_some(), "{lon},{lat}");
            }
        }
    }

    /// By the number of edges east of a point: an odd one is inside.
    fn on_land(lon: f64, lat: f64) -> bool {
        let crosses = |a: &(f64, f64), b: &(f64, f64)| {
            (a.1 > lat) != (b.1 > lat) && lon < (b.0 - a.0) * (lat - a.1) / (b.1 - a.1) + a.0
        };
        read().iter().any(|outline| {
            let next = outline.iter().cycle().skip(1);
            outline
                .iter()
                .zip(next)
                .filter(|(a, b)| crosses(a, b))
                .count()
                % 2
                == 1
        })
    }

    #[test]
    fn cities_far_inland_lie_on_land_and_seas_do_not() {
        for (name, lon, lat) in [
            ("Leeds", -1.55, 53.8),
            ("Madrid", -3.7, 40.4),
            ("Berlin", 13.4, 52.5),
            ("Beijing", 116.4, 39.9),
            ("Wuhan", 114.3, 30.6),
            ("Denver", -105.0, 39.7),
            ("Alice Springs", 133.9, -23.7),
            ("Manaus", -60.0, -3.1),
            ("Nairobi", 36.8, -1.3),
            ("Ankara", 32.9, 39.9),
        ] {
            assert!(on_land(lon, lat), "{name}");
        }
        for (name, lon, lat) in [
            ("Atlantic", -40.0, 30.0),
            ("North Sea", 3.0, 56.0),
            ("Black Sea", 34.0, 43.0),
            ("Mediterranean", 18.0, 35.5),
            ("Hudson Bay", -86.0, 60.0),
            ("Pacific", -150.0, 0.0),
            ("Baltic", 19.0, 56.5),
        ] {
            assert!(!on_land(lon, lat), "{name}");
        }
    }
}
