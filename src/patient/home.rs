//! Where a patient lives, as a place on the map.

use std::str::FromStr;

use super::Text;
use crate::geo::{Found, Gazetteer, GeoPoint, PlaceError};

/// Where distances are counted from: a place by its name, or degrees.
#[derive(Debug, Clone, PartialEq)]
pub struct Home {
    words: String,
    point: GeoPoint,
    place: Option<Found>,
}

impl Home {
    /// Returns it as it was written.
    pub fn as_str(&self) -> &str {
        &self.words
    }

    /// Returns the point; of a place its centre.
    pub fn point(&self) -> GeoPoint {
        self.point
    }

    /// Returns the place, if it was given by name.
    pub fn place(&self) -> Option<&Found> {
        self.place.as_ref()
    }
}

const NO_POINT: &str = "is no LAT,LON: give decimal degrees such as 47.56,7.59 or -33.87,151.21, \
latitude from -90 to 90, then longitude from -180 to 180; or name a city, such as \"Leeds, UK\"";

/// Why a name is not taken, without the name: where somebody lives belongs in no log.
fn refused(error: &PlaceError) -> &'static str {
    match error {
        PlaceError::Unknown { .. } => {
            "is not known here: write a city of 15,000 people or more, such as \"Leeds, UK\" or \"Portland, OR\", or \
             LAT,LON in degrees such as 47.56,7.59"
        }
        PlaceError::Ambiguous { .. } => {
            "is the name of several places: write it with its region or country, such as \"Cambridge, UK\", or LAT,LON in \
             degrees; `search --near NAME` lists the places"
        }
        PlaceError::Elsewhere { .. } => {
            "is not known in that region or country, but elsewhere: write it with another, or LAT,LON in degrees; \
             `search --near NAME` lists the places"
        }
    }
}

/// Returns the places that a name may mean, in words that repeat it: for the screen of whoever typed it, never for a log.
pub(super) fn choices(text: &str) -> Option<String> {
    let is_name = text.parse::<GeoPoint>().is_err() && text.chars().any(char::is_alphabetic);
    let error = is_name.then(|| Gazetteer::find(text).err()).flatten()?;
    Some(error.to_string())
}

impl FromStr for Home {
    type Err = String;

    /// Reads a position, or the name of a place. What holds no letter was meant for a position.
    fn from_str(text: &str) -> Result<Self, String> {
        let words = Text::from_str(text)?.as_str().to_owned();
        let (point, place) = match text.parse::<GeoPoint>() {
            Ok(point) => (point, None),
            Err(_) if text.chars().any(char::is_alphabetic) => {
                let found = Gazetteer::find(text).map_err(|error| refused(&error).to_owned())?;
                (found.place.point(), Some(found))
            }
            Err(_) => return Err(NO_POINT.to_owned()),
        };
        Ok(Self {
            words,
            point,
            place,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_place_and_two_numbers_are_a_point() {
        let leeds: Home = "Leeds".parse().unwrap();
        assert_eq!(leeds.place().unwrap().place.name(), "Leeds");
        let point: Home = "53.80,-1.55".parse().unwrap();
        assert!(point.place().is_none());
        assert!(leeds.point().distance_km(&point.point()) < 10.0);
        for (text, part) in [
            ("Springfeild", "not known"),
            ("Springfield", "several places"),
            ("Leedz", "not known"),
            ("99,0", "Leeds, UK"),
            ("Le\u{202e}eds", "invisible"),
        ] {
            let error = text.parse::<Home>().unwrap_err();
            assert!(error.contains(part), "{text}: {error}");
            assert!(
                !error.contains("Leedz") && !error.contains("99,0"),
                "{error}"
            );
        }
        let offered = choices("Springfield").unwrap();
        assert!(offered.contains("Springfield, Illinois"), "{offered}");
        assert_eq!(choices("99,0"), None);
    }
}
