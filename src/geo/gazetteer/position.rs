//! Where a site really lies: at the point that the registry gives, unless the name of its city says otherwise.
//!
//! The registry's points come from names too, and some are wrong by hundreds of kilometres: the middle of the country,
//! or another place of the name. Whoever trusts them tells people in a city that a trial in their city is far away.

use super::load::Division;
use super::{GAZETTEER, Gazetteer, NamedPlace, fold};
use crate::geo::{Country, GeoPoint};

/// Kilometres between a registered point and the centre of the city from which the point is another place's.
const OTHER_PLACE_KM: f64 = 50.0;

/// What a record says of where a site is.
#[derive(Debug, Clone, Copy)]
pub struct SitePlace<'a> {
    /// City, as the registry spells it.
    pub city: Option<&'a str>,
    /// State or province, as the registry spells it.
    pub state: Option<&'a str>,
    /// The country that it lies in.
    pub country: Option<Country>,
    /// The registered point.
    pub point: Option<GeoPoint>,
}

/// Where a site is, and how that is known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Position {
    /// The record gives no point.
    Absent,
    /// At the registered point: nothing speaks against it.
    Registered(GeoPoint),
    /// The registered point lies elsewhere; this is the centre of the site's city.
    City(GeoPoint),
    /// The registered point lies at none of the places that bear the city's name in the country, and there are
    /// several: which one is meant cannot be told.
    NotCertain,
}

impl Position {
    /// The point from which distances are counted; `None` where there is none that can be trusted.
    pub fn point(self) -> Option<GeoPoint> {
        match self {
            Self::Registered(point) | Self::City(point) => Some(point),
            Self::Absent | Self::NotCertain => None,
        }
    }

    /// The word of machine formats; `None` without a position.
    pub fn as_str(self) -> Option<&'static str> {
        match self {
            Self::Absent => None,
            Self::Registered(_) => Some("registry"),
            Self::City(_) => Some("city"),
            Self::NotCertain => Some("not_certain"),
        }
    }

    /// What people are to be told of it; nothing where the registered point is used.
    pub fn note(self) -> Option<&'static str> {
        match self {
            Self::Absent | Self::Registered(_) => None,
            Self::City(_) => {
                Some("the registry's point for this site is elsewhere; the city's is used")
            }
            Self::NotCertain => Some(
                "place not certain: the registry's point for this site is not in a city of this name",
            ),
        }
    }
}

impl SitePlace<'_> {
    /// Settles where the site is.
    pub fn position(&self) -> Position {
        let Some(point) = self.point else {
            return Position::Absent;
        };
        let meant = self.places(&GAZETTEER);
        let is_there = |place: &NamedPlace| place.point.distance_km(&point) <= OTHER_PLACE_KM;
        let Some(first) = meant.first().filter(|_| !meant.iter().any(is_there)) else {
            return Position::Registered(point);
        };
        // A city and its parts are one, as far as a point can tell them apart.
        let is_one = |place: &NamedPlace| place.point.distance_km(&first.point) <= OTHER_PLACE_KM;
        if meant.iter().all(is_one) {
            Position::City(first.point)
        } else {
            Position::NotCertain
        }
    }

    /// The places that the city may be, the largest first; none if the gazetteer does not know it.
    fn places(&self, gazetteer: &Gazetteer) -> Vec<NamedPlace> {
        let (Some(city), Some(country)) = (self.city, self.country) else {
            return Vec::new();
        };
        let mut places: Vec<NamedPlace> = spellings(city)
            .map(|name| gazetteer.named(&name))
            .find(|named| !named.is_empty())
            .unwrap_or_default();
        places
            .retain(|place| place.country.belongs_to(country) || country.belongs_to(place.country));
        let division = self
            .state
            .and_then(|state| Division::of(country, &fold(state)));
        if division.is_some() {
            places.retain(|place| place.division.is_none() || place.division == division);
        }
        places
    }
}

/// The name of a city (folded) as it stands, and without what some records add to it: a part of the city behind a comma
/// or in parentheses, and a postal code.
fn spellings(city: &str) -> impl Iterator<Item = String> {
    let bare = city
        .split([',', '，', '(', ';', '/'])
        .next()
        .unwrap_or_default();
    let has_digit = |word: &str| word.chars().any(|c| c.is_ascii_digit());
    let words = bare.split_whitespace();
    let words = words.filter(|word| !has_digit(word) && !word.eq_ignore_ascii_case("cedex"));
    let bare = words.collect::<Vec<_>>().join(" ");
    [fold(city), fold(&bare)]
        .into_iter()
        .filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A site in a city; an empty text stands for an absent field.
    fn position(city: &str, state: &str, country: &str, point: Option<(f64, f64)>) -> Position {
        let field = |text: &'static str| Some(text).filter(|text| !text.is_empty());
        let point = point.map(|(lat, lon)| GeoPoint::new(lat, lon).unwrap());
        SitePlace {
            city: Some(city.to_owned().leak()),
            state: field(state.to_owned().leak()),
            country: Country::find(country),
            point,
        }
        .position()
    }

    /// Kilometres between a position and a point.
    fn off(position: Position, lat: f64, lon: f64) -> f64 {
        let point = position.point().unwrap();
        point.distance_km(&GeoPoint::new(lat, lon).unwrap())
    }

    #[test]
    fn a_point_far_from_the_city_gives_way_to_the_city() {
        let middle = Some((42.78, 12.60));
        for city in [
            "Milan",
            "Milano",
            "MILANO",
            "Milano, MI",
            "20132 Milano",
            "Milan (MI)",
        ] {
            let found = position(city, "", "Italy", middle);
            assert!(matches!(found, Position::City(_)), "{city}: {found:?}");
            assert!(off(found, 45.46, 9.19) < 10.0, "{city}");
        }
        for (city, state, country, lat, lon) in [
            ("Genova", "", "Italy", 44.41, 8.93),
            ("Genoa", "Liguria", "Italy", 44.41, 8.93),
            ("München", "Bavaria", "Germany", 48.14, 11.58),
            ("Munich", "", "Germany", 48.14, 11.58),
            ("Paris Cedex 13", "", "France", 48.85, 2.35),
            ("Springfield", "Illinois", "United States", 39.8, -89.64),
        ] {
            let found = position(city, state, country, Some((0.0, 0.0)));
            assert!(matches!(found, Position::City(_)), "{city}: {found:?}");
            assert!(off(found, lat, lon) < 15.0, "{city}");
        }
    }

    #[test]
    fn a_point_at_the_city_or_at_an_unknown_one_stays() {
        for (city, state, country, lat, lon) in [
            ("Leeds", "", "United Kingdom", 53.8, -1.55),
            // Of several places of the name the point is at one.
            ("Springfield", "", "United States", 37.2, -93.29),
            // No place of the name is known in this state.
            ("Milan", "Ohio", "United States", 41.3, -82.6),
            ("No Such Hamlet", "", "Italy", 42.78, 12.60),
            ("Milan", "", "", 42.78, 12.60),
        ] {
            let found = position(city, state, country, Some((lat, lon)));
            assert!(
                matches!(found, Position::Registered(_)),
                "{city}: {found:?}"
            );
            assert!(off(found, lat, lon) < 1e-6, "{city}");
        }
    }

    #[test]
    fn a_name_of_several_places_leaves_it_open() {
        let found = position("Springfield", "", "United States", Some((0.0, 0.0)));
        assert_eq!((found, found.point()), (Position::NotCertain, None));
        assert!(
            found
                .note()
                .is_some_and(|note| note.contains("not certain"))
        );
    }

    #[test]
    fn without_a_registered_point_there_is_no_position() {
        assert_eq!(
            position("Leeds", "", "United Kingdom", None),
            Position::Absent
        );
    }
}
