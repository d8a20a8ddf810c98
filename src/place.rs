//! Where a study is really open: by site, and by each site's own status.

use std::collections::BTreeMap;

use crate::geo::{Country, GeoPoint, Region};
use crate::study::{OverallStatus, Site, Study};

/// State of a site, or of a study in a region. The order is the one that
/// decides for a region: open before opening before unknown before closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SiteState {
    /// Takes people in now.
    Open,
    /// Announced, not yet open.
    Opening,
    /// The record does not say: ask the site.
    Unknown,
    /// Listed, and takes nobody in.
    Closed,
}

/// What a region holds of a study's sites.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RegionState {
    /// The best state of its sites.
    pub state: SiteState,
    /// Sites that take people in now.
    pub open: usize,
    /// Sites that are to open.
    pub opening: usize,
    /// Sites that take nobody in.
    pub closed: usize,
    /// All sites.
    pub total: usize,
}

/// A region or a country that is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// A region.
    Region(Region),
    /// A country.
    Country(Country),
}

impl SiteState {
    /// Returns the contract's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Opening => "opening",
            Self::Unknown => "unknown",
            Self::Closed => "closed",
        }
    }

    /// Settles the state of a site from its own status, and from the study's where it has none.
    pub fn of(site: &Site, study: &Study) -> Self {
        Self::settled(site.status.as_ref(), study.status.overall.as_ref())
    }

    /// Settles the state of a site from its own status, and from the overall status of its study.
    pub fn settled(own: Option<&OverallStatus>, overall: Option<&OverallStatus>) -> Self {
        if matches!(
            overall,
            Some(
                OverallStatus::Completed
                    | OverallStatus::Terminated
                    | OverallStatus::Withdrawn
                    | OverallStatus::NoLongerAvailable
            )
        ) {
            // Nobody can join a study that has ended, whatever a site still says.
            return Self::Closed;
        }
        match own {
            Some(
                OverallStatus::Recruiting
                | OverallStatus::EnrollingByInvitation
                | OverallStatus::Available,
            ) => Self::Open,
            Some(OverallStatus::NotYetRecruiting) => Self::Opening,
            Some(OverallStatus::Other(_) | OverallStatus::Unknown) => Self::Unknown,
            Some(_) => Self::Closed,
            None => Self::of_study(overall),
        }
    }

    fn of_study(overall: Option<&OverallStatus>) -> Self {
        match overall {
            Some(OverallStatus::NotYetRecruiting) => Self::Opening,
            None
            | Some(
                OverallStatus::Recruiting
                | OverallStatus::EnrollingByInvitation
                | OverallStatus::Available
                | OverallStatus::Unknown
                | OverallStatus::Withheld
                | OverallStatus::Other(_),
            ) => Self::Unknown,
            Some(_) => Self::Closed,
        }
    }
}

impl Place {
    /// Returns its name for people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Region(region) => region.label(),
            Self::Country(country) => country.name(),
        }
    }

    /// Returns the word that filters and machine formats use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Region(region) => region.as_str(),
            Self::Country(country) => country.name(),
        }
    }

    /// Says whether a site lies in it.
    pub fn holds(self, site: &Site) -> bool {
        match self {
            Self::Region(region) => site.settled.region == region,
            Self::Country(country) => site.settled.country == Some(country),
        }
    }
}

/// Returns the state of a study in each region that it has sites in.
pub fn regions(study: &Study) -> BTreeMap<Region, RegionState> {
    let mut regions = BTreeMap::new();
    for site in &study.sites {
        let state = SiteState::of(site, study);
        let empty = RegionState {
            state,
            open: 0,
            opening: 0,
            closed: 0,
            total: 0,
        };
        let region: &mut RegionState = regions.entry(site.settled.region).or_insert(empty);
        region.state = region.state.min(state);
        region.total += 1;
        match state {
            SiteState::Open => region.open += 1,
            SiteState::Opening => region.opening += 1,
            SiteState::Closed => region.closed += 1,
            SiteState::Unknown => {}
        }
    }
    regions
}

/// Returns the best state among the sites in any of the places (everywhere if
/// none is asked); `None` if there is no site.
pub fn best_state(study: &Study, places: &[Place]) -> Option<SiteState> {
    let wanted = |site: &&Site| places.is_empty() || places.iter().any(|place| place.holds(site));
    study
        .sites
        .iter()
        .filter(wanted)
        .map(|site| SiteState::of(site, study))
        .min()
}

/// Says whether a study is open in the places: a site there takes people in, or
/// states nothing while the study recruits ("ask the site").
pub fn is_open_here(study: &Study, places: &[Place]) -> bool {
    let recruits = study
        .status
        .overall
        .as_ref()
        .is_some_and(OverallStatus::recruits);
    study
        .sites
        .iter()
        .filter(|site| places.is_empty() || places.iter().any(|place| place.holds(site)))
        .any(|site| match SiteState::of(site, study) {
            SiteState::Open => true,
            SiteState::Unknown => site.status.is_none() && recruits,
            SiteState::Opening | SiteState::Closed => false,
        })
}

/// Returns the kilometres from a point to a site; `None` where its position is not known, or not certain.
pub fn site_km(site: &Site, from: GeoPoint) -> Option<f64> {
    Some(site.position().point()?.distance_km(&from))
}

/// Returns the kilometres to the nearest site whose position is known.
pub fn nearest_km(study: &Study, from: GeoPoint) -> Option<f64> {
    let sites = study.sites.iter();
    sites
        .filter_map(|site| site_km(site, from))
        .min_by(f64::total_cmp)
}
