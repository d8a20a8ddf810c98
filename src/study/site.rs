//! Sites (the registry's `locations`) and the people to ask.

use super::OverallStatus;
use crate::geo::GeoPoint;
use crate::geo::country::Settled;

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
    /// Centre of the city (the registry gives no street position).
    pub point: Option<GeoPoint>,
    /// People to ask at this site.
    pub contacts: Vec<Contact>,
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
