//! The handout for the appointment: a page for the patient, one for the
//! neurologist, one for each of the best studies, and what is left to say.
//!
//! Never "eligible": "seems to fit", "ask", and what rules out with its quote.

mod letter;
mod neurologist;
mod patient;
mod rest;
mod sites;
mod study;
mod told;

use std::cell::OnceCell;

use crate::classify::Classified;
use crate::matching::{Answer, Assessment, Demand, Matcher, Point, Verdict, Wanted, Why};
use crate::patient::{LeftOut, Patient};
use crate::place::Place;
use crate::registry::sample::is_abridged;
use crate::study::NctNumber;
use crate::text::{one_line, shorten};

use super::Listing;
use super::detail::DISCLAIMER;
use super::paper::{Foot, Line, Mark, Page, PageKind, Paper, Span};
use super::plain::Summary;
use super::screen::ABRIDGED;

/// Everything that a handout tells.
#[derive(Debug)]
pub struct Brief<'a> {
    /// The search behind it.
    pub listing: &'a Listing<'a>,
    /// Where a study should be open: the asked places, else where the patient lives; may be empty.
    pub here: &'a [Place],
    /// The patient, if facts were stated.
    pub patient: Option<&'a Patient>,
    /// What of a bundle did not become a fact.
    pub left_out: &'a [LeftOut],
    /// Missing facts, the most decisive first.
    pub missing: Vec<Wanted>,
    /// Every study that was put against the patient.
    pub matchers: &'a [Matcher<'a>],
    /// The studies, the most promising first; [`paper`] puts those that are open here before others.
    pub kept: Vec<Kept<'a>>,
    /// Studies that are closed, far or for others, and why they are not among the kept.
    pub elsewhere: Vec<(&'a Classified, Lost)>,
    /// How many studies get a page of their own, at most.
    pub pages: usize,
}

/// A study of a handout.
#[derive(Debug)]
pub struct Kept<'a> {
    matcher: &'a Matcher<'a>,
    found: Option<&'a Assessment>,
    /// The study in plain words, once they were asked for: they take longer than all else.
    summary: OnceCell<Summary>,
}

/// What studies of the short list have in common, in words: only what was asked can have lost them.
fn lost_words(all: impl IntoIterator<Item = Lost>) -> String {
    const WORDS: [(&[Lost], &str); 4] = [
        (&[Lost::Status, Lost::Closed], "closed"),
        (
            &[Lost::NoSiteHere, Lost::NotOpenHere],
            "not open where you asked",
        ),
        (&[Lost::TooFar], "too far"),
        (&[Lost::TooMany], "beyond the number that you asked for"),
    ];
    let all: Vec<Lost> = all.into_iter().collect();
    let told = WORDS
        .iter()
        .filter(|(those, _)| those.iter().any(|one| all.contains(one)));
    told.map(|(_, words)| *words)
        .collect::<Vec<_>>()
        .join(" or ")
}

/// Why a study stands in the short list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lost {
    /// Its status is not one that was asked for.
    Status,
    /// It has no site at the asked places.
    NoSiteHere,
    /// No site at the asked places takes people in.
    NotOpenHere,
    /// Its nearest site lies farther than asked.
    TooFar,
    /// All its sites are closed.
    Closed,
    /// It follows up people who took part in a study before.
    FollowUp,
    /// It stands behind the number of studies that were asked for.
    TooMany,
}

/// Characters of a quote that is shown; what rules out is shown longer.
const QUOTE: usize = 220;

/// Characters of a quote that rules out.
const LONG_QUOTE: usize = 1_000;

/// Characters of a title.
const TITLE: usize = 110;

/// Characters of a title in a list.
const SHORT_TITLE: usize = 64;

impl<'a> Kept<'a> {
    /// Puts a study with its assessment, if a patient was put against it.
    pub fn new(matcher: &'a Matcher<'a>, found: Option<&'a Assessment>) -> Self {
        Self {
            matcher,
            found,
            summary: OnceCell::new(),
        }
    }

    /// Returns the study.
    pub fn study(&self) -> &'a Classified {
        self.matcher.study()
    }

    fn summary(&self) -> &Summary {
        self.summary.get_or_init(|| Summary::of(self.study()))
    }

    fn is_ruled_out(&self) -> bool {
        self.found
            .is_some_and(|found| found.verdict == Verdict::Unlikely)
    }

    /// The answers of a kind, each with what is asked.
    fn points(&self, keep: impl Fn(&Point) -> bool) -> Vec<(&'a Point, &'a Demand<'a>)> {
        let all = self.found.iter().flat_map(|found| &found.points);
        all.filter(|point| keep(point))
            .filter_map(|point| Some((point, self.matcher.demands().get(point.demand)?)))
            .collect()
    }

    /// The record has no rules that could be read: then nothing is known of how it fits.
    fn is_without_rules(&self) -> bool {
        self.study().criteria.criteria.is_empty()
    }

    /// The rules here are this program's words, and not all.
    fn is_abridged(&self) -> bool {
        let text = self.study().study.eligibility.text.as_deref();
        text.is_some_and(is_abridged)
    }

    fn washouts(&self) -> Vec<(&'a Point, &'a Demand<'a>)> {
        self.points(|point| matches!(point.why, Why::Washout { .. }))
    }

    /// Points that are not settled.
    fn open_points(&self) -> usize {
        self.points(Point::is_open).len()
    }

    /// The verdict in words for the patient, with its mark.
    fn verdict(&self) -> Option<Span> {
        let found = self.found?;
        let count = |count: usize, one: &str, many: &str| match count {
            1 => format!("1 {one}"),
            count => format!("{count} {many}"),
        };
        Some(match found.verdict {
            Verdict::Possible => Span::Mark(
                Mark::Fits,
                "You seem to fit every rule that was read.".to_owned(),
            ),
            Verdict::Check if self.is_without_rules() => Span::Mark(
                Mark::Ask,
                "The rules of this trial could not be read here: ask.".to_owned(),
            ),
            Verdict::Check if self.open_points() == 0 => Span::Mark(
                Mark::Ask,
                format!("Nothing rules you out so far, {ABRIDGED}."),
            ),
            Verdict::Check => Span::Mark(
                Mark::Ask,
                format!(
                    "Nothing rules you out so far; {} to clarify.",
                    count(self.open_points(), "point", "points")
                ),
            ),
            Verdict::Unlikely => {
                let blocking = self.points(|one| one.answer == Answer::NotMet).len();
                let rules = count(blocking, "rule seems", "rules seem");
                Span::Mark(Mark::Against, format!("{rules} to rule you out."))
            }
        })
    }
}

impl<'a> Brief<'a> {
    /// Of studies that look alike so far, those whose rules could be read come first, then those that may be open here.
    /// Where nobody was put against the rules, the place comes first.
    fn put_in_order(&mut self) {
        let verdict = |one: &Kept<'_>| one.found.map(|found| found.verdict);
        let mut kept = std::mem::take(&mut self.kept);
        kept.sort_by_cached_key(|one| {
            let place = sites::rank(self, &one.study().study);
            let without = one.is_without_rules();
            (
                verdict(one),
                self.patient.is_some() && without,
                place,
                without,
            )
        });
        let most = self.listing.filters.limit.unwrap_or(usize::MAX);
        let beyond = kept.split_off(most.min(kept.len()));
        self.elsewhere
            .extend(beyond.iter().map(|one| (one.study(), Lost::TooMany)));
        self.kept = kept;
    }

    /// Studies that may fit.
    fn fitting(&self) -> impl Iterator<Item = &Kept<'a>> {
        self.kept.iter().filter(|one| !one.is_ruled_out())
    }

    /// Studies that seem to be ruled out.
    fn ruled_out(&self) -> Vec<&Kept<'a>> {
        self.kept.iter().filter(|one| one.is_ruled_out()).collect()
    }

    /// Studies that get a page of their own.
    fn with_page(&self) -> impl Iterator<Item = &Kept<'a>> {
        self.fitting().take(self.pages)
    }

    /// A study's number, with a link to where more is told.
    fn number(&self, one: &Kept<'_>) -> Span {
        self.link(one.study().study.nct_number)
    }

    /// A number, with a link to where more is told.
    fn link(&self, number: NctNumber) -> Span {
        let has_page = self
            .with_page()
            .any(|page| page.study().study.nct_number == number);
        if has_page {
            Span::Jump(number)
        } else {
            Span::Registry(number)
        }
    }
}

/// Makes the handout.
pub fn paper(mut brief: Brief<'_>) -> Paper {
    brief.put_in_order();
    let brief = &brief;
    let mut pages = vec![patient::page(brief), neurologist::page(brief)];
    pages.extend(brief.with_page().map(|one| study::page(brief, one)));
    pages.push(rest::page(brief));
    pages.extend(rest::glossary(&pages));
    Paper {
        title: "Cell therapy trials for MS, to talk about".to_owned(),
        alarms: brief.listing.source.warnings(brief.listing.today),
        pages,
        foot: foot(brief.listing),
    }
}

/// What ends every page: where the data come from, how old they are, and what they are not.
pub(super) fn foot(listing: &Listing<'_>) -> Foot {
    let warnings = listing.source.warnings(listing.today);
    // "SAMPLE, NOT LIVE", "OLD DATA": what stands before the colon.
    let labels: Vec<&str> = warnings
        .iter()
        .filter_map(|one| one.split(':').next())
        .filter(|label| !label.contains(char::is_lowercase))
        .collect();
    let stamp = listing.source.registry_timestamp.as_deref();
    let data = format!(
        "Source: ClinicalTrials.gov, data of {}. Made on {}.",
        stamp.map_or("an unknown date".to_owned(), one_line),
        listing.today
    );
    Foot {
        alarm: (!labels.is_empty()).then(|| format!("{}.", labels.join(". "))),
        lines: vec![data, DISCLAIMER.to_owned()],
    }
}

fn page_of(id: &str, kind: PageKind, heading: impl Into<String>) -> Page {
    Page {
        id: id.to_owned(),
        kind,
        heading: heading.into(),
        blocks: Vec::new(),
    }
}

/// The name of a study, short enough for a line or two.
fn title(one: &Classified) -> String {
    shorten(&one.study.name(), TITLE)
}

/// The name of a study, short enough for a line beside its number.
fn short_title(one: &Classified) -> String {
    shorten(&one.study.name(), SHORT_TITLE)
}

/// The words of a rule, verbatim as far as they are shown, and which rule it is.
fn quote(demand: &Demand<'_>, most: usize) -> Line {
    let mut line = Vec::new();
    if let Some(criterion) = demand.criterion {
        line.push(Span::Text(format!("[{criterion}] ")));
    }
    if !demand.quote.trim().is_empty() {
        line.push(Span::Quote(shorten(&demand.quote, most)));
    }
    line
}
