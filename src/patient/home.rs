//! Where a patient lives, as a place on the map.

use std::str::FromStr;

use super::Text;
use crate::geo::{Found, Gazetteer, GeoPoint};

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

impl FromStr for Home {
    type Err = String;

    /// Reads a position, or the name of a place. What holds no letter was meant for a position.
    fn from_str(text: &str) -> Result<Self, String> {
        let words = Text::from_str(text)?.as_str().to_owned();
        let (point, place) = match text.parse::<GeoPoint>() {
            Ok(point) => (point, None),
            Err(_) if text.chars().any(char::is_alphabetic) => {
                let found = Gazetteer::find(text).map_err(|error| error.to_string())?;
                (found.place.point(), Some(found))
            }
            Err(error) => return Err(format!("{error}; or name a city, such as \"Leeds, UK\"")),
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
            ("Springfield", "may be any of"),
            ("Leedz", "Leeds, England"),
            ("99,0", "Leeds, UK"),
            ("Le\u{202e}eds", "invisible"),
        ] {
            let error = text.parse::<Home>().unwrap_err();
            assert!(error.contains(part), "{text}: {error}");
        }
    }
}
