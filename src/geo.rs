//! Where things are: points on the Earth, countries and the regions trialbrief sorts them into.

pub mod country;
mod fold;
pub mod gazetteer;
pub mod region;

use std::fmt;
use std::str::FromStr;

pub use self::{
    country::{Country, Settled, settle},
    gazetteer::{Found, Gazetteer, NamedPlace, PlaceError, Position, SitePlace},
    region::Region,
};

/// The Earth's mean radius R₁ in kilometres, as the IUGG gives it for GRS 80 (Moritz, 2000).
const EARTH_RADIUS_KM: f64 = 6371.0088;

/// Kilometres in an international mile (yard and pound agreement of 1959).
const KM_IN_A_MILE: f64 = 1.609_344;

/// A point on the Earth in decimal degrees (WGS 84).
///
/// The registry's points are centroids of cities, not of hospitals: a distance to one is good to the city only.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GeoPoint {
    lat: f64,
    lon: f64,
}

impl GeoPoint {
    /// Makes a point of a latitude (−90 to 90, north positive) and a longitude (−180 to 180, east positive), in
    /// decimal degrees.
    ///
    /// `None` if either is outside its range or not a number.
    pub fn new(lat: f64, lon: f64) -> Option<Self> {
        // A NaN lies in no range, so this rejects it too.
        let valid = (-90.0..=90.0).contains(&lat) && (-180.0..=180.0).contains(&lon);
        valid.then_some(Self { lat, lon })
    }

    /// The latitude in degrees, north positive.
    pub fn lat(&self) -> f64 {
        self.lat
    }

    /// The longitude in degrees, east positive.
    pub fn lon(&self) -> f64 {
        self.lon
    }

    /// The great-circle distance to `other` in kilometres, on a sphere of the Earth's mean radius (haversine formula).
    ///
    /// The Earth is no sphere: the result may be off by half a percent.
    pub fn distance_km(&self, other: &Self) -> f64 {
        let (lat_a, lat_b) = (self.lat.to_radians(), other.lat.to_radians());
        let half_lat = (lat_b - lat_a) / 2.0;
        let half_lon = (other.lon - self.lon).to_radians() / 2.0;
        let haversine = half_lat.sin().powi(2) + lat_a.cos() * lat_b.cos() * half_lon.sin().powi(2);
        // Rounding can carry antipodes past 1, where the arcsine is not a number.
        2.0 * EARTH_RADIUS_KM * haversine.min(1.0).sqrt().asin()
    }
}

/// In what distances are told to people; files and filters count kilometres.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Unit {
    /// Kilometres.
    #[default]
    Kilometres,
    /// International miles, of 1.609344 km.
    Miles,
}

impl Unit {
    /// Writes a distance in kilometres in this unit, rounded to the whole (`27 km`, `17 miles`).
    pub fn distance(self, km: f64) -> String {
        match self {
            Self::Kilometres => format!("{km:.0} km"),
            Self::Miles => {
                let miles = format!("{:.0}", km / KM_IN_A_MILE);
                let plural = if miles == "1" { "" } else { "s" };
                format!("{miles} mile{plural}")
            }
        }
    }
}

impl fmt::Display for GeoPoint {
    /// Writes `LAT,LON`, which [`GeoPoint::from_str`] reads back.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{},{}", self.lat, self.lon)
    }
}

/// The error of reading a [`GeoPoint`] from text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{text}` is no LAT,LON: give decimal degrees such as 47.56,7.59 or -33.87,151.21, \
     latitude from -90 to 90, then longitude from -180 to 180"
)]
pub struct ParsePointError {
    text: String,
}

impl FromStr for GeoPoint {
    type Err = ParsePointError;

    /// Reads `LAT,LON` in decimal degrees; spaces around either number do not matter.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // Numbers copied from a map or an encyclopedia often carry the typographic minus sign.
        let plain = text.replace('\u{2212}', "-");
        let degrees = |part: &str| part.trim().parse::<f64>().ok();
        plain
            .split_once(',')
            .and_then(|(lat, lon)| Self::new(degrees(lat)?, degrees(lon)?))
            .ok_or_else(|| ParsePointError {
                text: fold::quoted(text),
            })
    }
}

/// The lines of an embedded table, without its comments and its header.
fn records(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| !line.starts_with('#')).skip(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(lat: f64, lon: f64) -> GeoPoint {
        GeoPoint::new(lat, lon).unwrap()
    }

    #[test]
    fn new_takes_the_bounds_and_nothing_beyond() {
        for (lat, lon) in [(90.0, 180.0), (-90.0, -180.0), (0.0, 0.0)] {
            assert!(GeoPoint::new(lat, lon).is_some(), "{lat},{lon}");
        }
        for (lat, lon) in [
            (90.001, 0.0),
            (-90.001, 0.0),
            (0.0, 180.001),
            (0.0, -180.001),
            (f64::NAN, 0.0),
            (0.0, f64::NAN),
            (f64::INFINITY, 0.0),
            (0.0, f64::NEG_INFINITY),
        ] {
            assert!(GeoPoint::new(lat, lon).is_none(), "{lat},{lon}");
        }
    }

    #[test]
    fn distance_is_the_great_circle() {
        let (paris, berlin) = (point(48.8566, 2.3522), point(52.52, 13.405));
        assert!((paris.distance_km(&berlin) - 877.5).abs() < 1.0);
        assert!((berlin.distance_km(&paris) - paris.distance_km(&berlin)).abs() < 1e-9);
        assert!(paris.distance_km(&paris) < 1e-9);
    }

    #[test]
    fn distance_of_one_degree_along_a_meridian() {
        let expected = EARTH_RADIUS_KM * std::f64::consts::PI / 180.0;
        let distance = point(10.0, 20.0).distance_km(&point(11.0, 20.0));
        assert!((distance - expected).abs() < 1e-6);
    }

    #[test]
    fn distance_crosses_the_date_line() {
        let (west, east) = (point(-17.0, 179.5), point(-17.0, -179.5));
        assert!(west.distance_km(&east) < 110.0);
    }

    #[test]
    fn distance_of_antipodes_is_half_way_round() {
        let half_way_round = EARTH_RADIUS_KM * std::f64::consts::PI;
        // Some of these are the pairs whose haversine is rounded past 1.
        for tenths in 0..=900 {
            let lat = f64::from(tenths) / 10.0;
            let distance = point(lat, 0.0).distance_km(&point(-lat, 180.0));
            assert!((distance - half_way_round).abs() < 1e-3, "{lat}");
        }
    }

    #[test]
    fn distances_are_told_in_whole_units() {
        assert_eq!(Unit::default().distance(26.6), "27 km");
        assert_eq!(Unit::Miles.distance(26.6), "17 miles");
        assert_eq!(Unit::Miles.distance(1.7), "1 mile");
        assert_eq!(Unit::Miles.distance(0.3), "0 miles");
    }

    #[test]
    fn from_str_reads_decimal_degrees() {
        assert_eq!("47.56,7.59".parse(), Ok(point(47.56, 7.59)));
        assert_eq!(" -33.87 , 151.21 ".parse(), Ok(point(-33.87, 151.21)));
        assert_eq!("40,-75".parse(), Ok(point(40.0, -75.0)));
        assert_eq!(point(-33.87, 151.21).to_string(), "-33.87,151.21");
        assert_eq!("\u{2212}33.87,151.21".parse(), Ok(point(-33.87, 151.21)));
    }

    #[test]
    fn from_str_rejects_everything_else() {
        for text in [
            "", ",", "47.56", "47.56,", "91,0", "0,181", "nan,0", "inf,0", "1,2,3", "Basel",
        ] {
            assert!(text.parse::<GeoPoint>().is_err(), "{text}");
        }
    }

    #[test]
    fn from_str_error_names_value_form_and_ranges() {
        let message = "147.5,7".parse::<GeoPoint>().unwrap_err().to_string();
        for part in ["`147.5,7`", "LAT,LON", "-90 to 90", "-180 to 180"] {
            assert!(message.contains(part), "{part} not in: {message}");
        }
    }
}
