//! The handout for the appointment: what may fit, what is closed or far, and a
//! patient put against each study. Nothing is stored, and of a patient nothing is sent.

use std::sync::Arc;

use super::{App, AppError, Search};
use crate::classify::{Classified, Relevance};
use crate::geo::{Found, Gazetteer};
use crate::matching::wanted;
use crate::patient::{LeftOut, Profile};
use crate::place::{Place, SiteState, best_state};
use crate::render::Listing;
use crate::render::brief::{Brief, Kept, Lost, paper};
use crate::render::paper::Paper;
use crate::select::{Filters, StatusFilter};

/// Studies for a handout.
#[derive(Debug)]
pub struct Gathered {
    search: Search,
    /// Studies that no filter but those of time and place keeps out, and which did.
    elsewhere: Vec<(Arc<Classified>, Lost)>,
    /// The place that distances are counted from, where the profile named it: it stands on the paper, not in
    /// what is told of the search.
    from_profile: Option<Found>,
}

impl Gathered {
    /// Returns the studies that fit the filters.
    pub fn search(&self) -> &Search {
        &self.search
    }
}

impl App {
    /// Finds the studies that fit, and those that are closed or far, which a handout lists in short.
    /// Distances are counted from where the profile says, unless the filters say it.
    ///
    /// # Errors
    ///
    /// As [`App::search`].
    pub fn gather(&self, mut filters: Filters, profile: &Profile) -> Result<Gathered, AppError> {
        // Every site is put into its city: that need not wait until the criteria are read.
        Gazetteer::unpack_soon();
        let mut from_profile = None;
        if filters.near.is_none()
            && let Some(home) = &profile.near
        {
            filters.near = Some(home.point());
            from_profile = home.place().cloned();
        }
        let mut search = self.search(filters.anywhere())?;
        let (mut kept, mut elsewhere) = (Vec::new(), Vec::new());
        for one in std::mem::take(&mut search.collected.studies) {
            match self.lost(&filters, &one) {
                Some(lost) => elsewhere.push((one, lost)),
                None => kept.push(one),
            }
        }
        kept.sort_by(|a, b| filters.sort.compare(&filters, a, b));
        search.collected.studies = kept;
        search.filters = filters;
        Ok(Gathered {
            search,
            elsewhere,
            from_profile,
        })
    }

    /// Why a study gets no place among those that may fit.
    fn lost(&self, filters: &Filters, one: &Classified) -> Option<Lost> {
        if one.ms.relevance == Relevance::FollowUp {
            return Some(Lost::FollowUp);
        }
        match filters.lost_at(&self.terms, one) {
            Some("status") => Some(Lost::Status),
            Some("open_here") => Some(Lost::NotOpenHere),
            Some("within") => Some(Lost::TooFar),
            Some(_) => Some(Lost::NoSiteHere),
            // Who asks for studies that are closed gets them.
            None => (matches!(
                filters.status,
                StatusFilter::Open | StatusFilter::Recruiting
            ) && best_state(&one.study, &[]) == Some(SiteState::Closed))
            .then_some(Lost::Closed),
        }
    }

    /// Makes the handout. A profile that states nothing but where somebody lives is none: then
    /// nobody is judged.
    /// `left_out` is what of a bundle did not become a fact.
    pub fn brief(
        &self,
        gathered: &Gathered,
        profile: Profile,
        left_out: &[LeftOut],
        pages: usize,
    ) -> Paper {
        let panel = self.panel(&gathered.search);
        let mut filters = gathered.search.filters.clone();
        filters.near_place = filters.near_place.or_else(|| gathered.from_profile.clone());
        let listing = Listing {
            filters: &filters,
            ..self.listing(&gathered.search)
        };
        let here = here(&gathered.search.filters, &profile);
        let screened = states_facts(&profile).then(|| panel.screen(profile));
        let matchers = panel.matchers();
        let kept: Vec<Kept<'_>> = match &screened {
            Some(screened) => (screened.trials.iter())
                .filter_map(|(at, found)| Some(Kept::new(matchers.get(*at)?, Some(found))))
                .collect(),
            None => matchers.iter().map(|one| Kept::new(one, None)).collect(),
        };
        let elsewhere = gathered.elsewhere.iter().map(|(one, lost)| (&**one, *lost));
        paper(Brief {
            listing: &listing,
            here: &here,
            patient: screened.as_ref().map(|one| &one.patient),
            left_out,
            missing: screened.as_ref().map_or(Vec::new(), |one| {
                wanted(&one.patient, &one.trials, matchers)
            }),
            matchers,
            elsewhere: elsewhere.collect(),
            kept,
            pages,
        })
    }
}

/// Where a study should be open: the asked places, else where the patient lives.
fn here(filters: &Filters, profile: &Profile) -> Vec<Place> {
    let home = profile.country.map(|home| Place::Country(home.0));
    if filters.places.is_empty() {
        home.into_iter().collect()
    } else {
        filters.places.clone()
    }
}

/// Says whether a profile states more than a name for the patient and a place.
fn states_facts(profile: &Profile) -> bool {
    let about_place_only = Profile {
        schema: profile.schema,
        id: profile.id.clone(),
        country: profile.country,
        near: profile.near.clone(),
        ..Profile::default()
    };
    *profile != about_place_only
}
