//! Sites (the registry's `locations`) and the people to ask.

use super::OverallStatus;
use crate::geo::country::Settled;
use crate::geo::{GeoPoint, Position, SitePlace};

/// A place where the study runs.
#[derive(Debug, Clone, PartialEq)]
pub struct Site {
    /// Name of the hospital; industry often masks it ("Research Site").
    pub facility: Option<String>,
    /// City.
    pub city: Option<String>,
    /// State or province.
    pub state: Option<String>,
    /// Country as the registry spells it.
    pub country: Option<String>,
    /// Country and region that follow from the place.
    pub settled: Settled,
    /// State of this site; `None` where the record has none, which is not "closed".
    pub status: Option<OverallStatus>,
    /// The registered point, which should be the centre of the city (the registry gives no street position), and is not
    /// always: [`Site::position`] says where the site is.
    pub registered_point: Option<GeoPoint>,
    /// People to ask at this site.
    pub contacts: Vec<Contact>,
}

impl Site {
    /// Where the site is, after the name of its city was asked: for distances and for the map.
    pub fn position(&self) -> Position {
        let place = SitePlace {
            city: self.city.as_deref(),
            state: self.state.as_deref(),
            country: self.settled.country,
            point: self.registered_point,
        };
        place.position()
    }
}

/// A person or office to ask; any part may be missing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Contact {
    /// Name.
    pub name: Option<String>,
    /// Registry word for the role (`CONTACT`, `PRINCIPAL_INVESTIGATOR` …), as it came.
    pub role: Option<String>,
    /// Telephone number with extension, as registered.
    pub phone: Option<String>,
    /// E-mail address, as registered.
    pub email: Option<String>,
}
