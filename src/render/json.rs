//! JSON as the contract names it: `trialbrief.search/1` and `trialbrief.show/1`.
//! Absent values are `null`, never left out.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::Serialize;

use super::Listing;
use crate::burden::BurdenValue;
use crate::classify::{Classified, Evidence, SourceBasis};
use crate::geo::{Country, GeoPoint};
use crate::place;
use crate::provenance::Source;
use crate::select::{Filters, FunnelStep};
use crate::study::{
    Age, Contact, Intervention, OverallStatus, PartialDate, Phase, Sex, Site, Study, StudyType,
};
use crate::terminology::CellSource;
use crate::text;

/// Renders a search.
pub fn search(listing: &Listing<'_>) -> String {
    let view = SearchView {
        schema: "trialbrief.search/1",
        generated_at: listing.generated_at,
        source: source(listing.source, listing),
        filters: filters(listing.filters),
        funnel: funnel(listing),
        trials: listing
            .studies
            .iter()
            .map(|one| trial(one, listing.filters.near))
            .collect(),
    };
    written(&view)
}

/// Renders one study.
pub fn show(listing: &Listing<'_>, one: &Classified) -> String {
    let view = ShowView {
        schema: "trialbrief.show/1",
        generated_at: listing.generated_at,
        source: source(listing.source, listing),
        trial: trial(one, listing.filters.near),
    };
    written(&view)
}

/// A table that was written, as its provenance tells it.
#[derive(Debug, Clone, Copy)]
pub struct Written<'a> {
    /// Name of the CSV file.
    pub file: &'a str,
    /// Its rows.
    pub rows: usize,
    /// Its SHA-256, in hexadecimal digits.
    pub fingerprint: &'a str,
    /// The store and the run up to which changes were written.
    pub cursor: Option<(&'a str, i64)>,
}

/// Renders the provenance of a CSV file, which stands beside it.
///
pub fn meta(listing: &Listing<'_>, written_file: &Written<'_>) -> String {
    let view = MetaView {
        schema: "trialbrief.export-meta/1",
        tool_version: env!("CARGO_PKG_VERSION"),
        generated_at: listing.generated_at,
        file: written_file.file,
        rows: written_file.rows,
        csv_sha256: written_file.fingerprint,
        cursor: (written_file.cursor).map(|(store, run)| CursorView { store, run }),
        source: source(listing.source, listing),
        filters: filters(listing.filters),
        funnel: funnel(listing),
    };
    written(&view)
}

/// Writes a view. Characters that could act on a terminal become JSON escapes:
/// the data stay the same, a screen is safe.
pub(super) fn written(view: &impl Serialize) -> String {
    // Views hold only strings, numbers, lists and maps with string keys: they can always be written.
    escaped(&serde_json::to_string_pretty(view).unwrap_or_default())
}

/// Writes a view without line ends.
pub(super) fn written_compact(view: &impl Serialize) -> String {
    escaped(&serde_json::to_string(view).unwrap_or_default())
}

fn escaped(plain: &str) -> String {
    let mut out = String::with_capacity(plain.len() + 1);
    for c in plain.chars() {
        if c != '\n' && text::needs_json_escape(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
    }
    out.push('\n');
    out
}

#[derive(Serialize)]
struct SearchView<'a> {
    schema: &'static str,
    generated_at: &'a str,
    source: SourceView<'a>,
    filters: FiltersView,
    funnel: Vec<Step>,
    trials: Vec<Trial<'a>>,
}

#[derive(Serialize)]
struct ShowView<'a> {
    schema: &'static str,
    generated_at: &'a str,
    source: SourceView<'a>,
    trial: Trial<'a>,
}

#[derive(Serialize)]
struct CursorView<'a> {
    store: &'a str,
    run: i64,
}

#[derive(Serialize)]
struct MetaView<'a> {
    schema: &'static str,
    tool_version: &'static str,
    generated_at: &'a str,
    file: &'a str,
    rows: usize,
    csv_sha256: &'a str,
    cursor: Option<CursorView<'a>>,
    source: SourceView<'a>,
    filters: FiltersView,
    funnel: Vec<Step>,
}

#[derive(Serialize)]
pub(super) struct SourceView<'a> {
    kind: &'static str,
    api: Option<&'a str>,
    registry_timestamp: Option<&'a str>,
    retrieved_at: &'a str,
    requests: &'a [String],
    path: Option<&'a str>,
    complete: bool,
    incomplete_reason: Option<&'a str>,
    warnings: Vec<String>,
    attribution: String,
}

#[derive(Serialize)]
pub(super) struct Step {
    step: &'static str,
    remaining: usize,
}

#[derive(Serialize)]
struct FiltersView {
    therapy: String,
    condition: String,
    status: String,
    phases: Vec<String>,
    places: Vec<String>,
    open_here: bool,
    targets: Vec<String>,
    cell_sources: Vec<&'static str>,
    ms_courses: Vec<&'static str>,
    age: Option<u32>,
    sex: Option<String>,
    near: Option<String>,
    near_place: Option<String>,
    within_km: Option<f64>,
    updated_since: Option<String>,
    limit: Option<usize>,
    sort: &'static str,
}

#[derive(Serialize)]
struct Trial<'a> {
    nct_id: String,
    url: String,
    title: Option<&'a str>,
    official_title: Option<&'a str>,
    acronym: Option<&'a str>,
    summary: Option<&'a str>,
    status: Option<&'a str>,
    why_stopped: Option<&'a str>,
    last_known_status: Option<&'a str>,
    phases: Vec<&'a str>,
    study_type: Option<&'a str>,
    sponsor: Option<SponsorView<'a>>,
    enrollment: Option<EnrollmentView<'a>>,
    conditions: &'a [String],
    keywords: &'a [String],
    interventions: Vec<InterventionView<'a>>,
    dates: Dates,
    registry_data_date: Option<String>,
    ms: MsView<'a>,
    cell_therapy: CellTherapyView<'a>,
    age: AgeView,
    sex: Option<&'a str>,
    sites: Vec<SiteView<'a>>,
    regions: BTreeMap<&'static str, RegionView>,
    contacts: Vec<ContactView<'a>>,
    burden: Vec<BurdenView>,
    eligibility: EligibilityView<'a>,
}

#[derive(Serialize)]
struct SponsorView<'a> {
    name: Option<&'a str>,
    class: Option<&'a str>,
}

#[derive(Serialize)]
struct EnrollmentView<'a> {
    count: Option<u64>,
    r#type: Option<&'a str>,
}

#[derive(Serialize)]
struct InterventionView<'a> {
    r#type: Option<&'a str>,
    name: Option<&'a str>,
    other_names: &'a [String],
}

#[derive(Serialize)]
struct Dates {
    start: Option<String>,
    primary_completion: Option<String>,
    completion: Option<String>,
    first_posted: Option<String>,
    last_update_posted: Option<String>,
}

#[derive(Serialize)]
struct MsView<'a> {
    relevance: &'static str,
    courses: Vec<&'static str>,
    evidence: Vec<EvidenceView<'a>>,
}

#[derive(Serialize)]
struct CellTherapyView<'a> {
    class: &'static str,
    product: Option<&'a str>,
    product_names: &'a [String],
    targets: &'a [String],
    source: &'static str,
    source_basis: Option<&'static str>,
    target_basis: &'static str,
    evidence: Vec<EvidenceView<'a>>,
}

#[derive(Serialize)]
struct EvidenceView<'a> {
    field: &'static str,
    quote: &'a str,
    note: Option<&'a str>,
}

#[derive(Serialize)]
struct AgeView {
    min_years: Option<f64>,
    max_years: Option<f64>,
}

#[derive(Serialize)]
struct SiteView<'a> {
    facility: Option<&'a str>,
    city: Option<&'a str>,
    state: Option<&'a str>,
    country: Option<&'a str>,
    country_settled: Option<&'static str>,
    country_disagrees_with_city: bool,
    region: &'static str,
    status: Option<&'a str>,
    state_here: &'static str,
    lat: Option<f64>,
    lon: Option<f64>,
    /// Where distances are counted to: the registered point, the city's, or none that is certain.
    position: Option<&'static str>,
    distance_km: Option<f64>,
    contacts: Vec<ContactView<'a>>,
}

#[derive(Serialize)]
struct ContactView<'a> {
    name: Option<&'a str>,
    role: Option<&'a str>,
    phone: Option<&'a str>,
    email: Option<&'a str>,
}

#[derive(Serialize)]
struct RegionView {
    state: &'static str,
    open: usize,
    opening: usize,
    closed: usize,
    total: usize,
}

#[derive(Serialize)]
struct BurdenView {
    kind: &'static str,
    value: serde_json::Value,
    unit: Option<&'static str>,
    field: &'static str,
    quote: String,
}

#[derive(Serialize)]
struct EligibilityView<'a> {
    text: Option<&'a str>,
    criteria: Vec<CriterionView<'a>>,
    parsed_share: f64,
}

#[derive(Serialize)]
struct CriterionView<'a> {
    id: &'a str,
    kind: &'static str,
    text: &'a str,
    start: usize,
    end: usize,
    parent: Option<&'a str>,
    applies_to: Option<&'a str>,
    facts: Vec<serde_json::Value>,
}

pub(super) fn source<'a>(source: &'a Source, listing: &Listing<'_>) -> SourceView<'a> {
    SourceView {
        kind: source.kind.as_str(),
        api: source.api.as_deref(),
        registry_timestamp: source.registry_timestamp.as_deref(),
        retrieved_at: &source.retrieved_at,
        requests: &source.requests,
        path: source.path.as_deref(),
        complete: source.is_complete(),
        incomplete_reason: source.incomplete.as_deref(),
        warnings: source.warnings(listing.today),
        attribution: source.attribution(),
    }
}

pub(super) fn funnel(listing: &Listing<'_>) -> Vec<Step> {
    let steps = listing.funnel.iter();
    let view = |step: &FunnelStep| Step {
        step: step.step,
        remaining: step.remaining,
    };
    steps.map(view).collect()
}

fn filters(filters: &Filters) -> FiltersView {
    FiltersView {
        therapy: super::words::therapy(filters),
        condition: super::words::condition(filters),
        status: super::words::status(filters),
        phases: filters
            .phases
            .iter()
            .map(|phase| phase.as_str().to_owned())
            .collect(),
        places: filters.places.iter().map(super::words::place).collect(),
        open_here: filters.open_here,
        targets: filters.targets.clone(),
        cell_sources: filters.sources.iter().map(CellSource::as_str).collect(),
        ms_courses: filters.courses.clone(),
        age: filters.age,
        sex: filters.sex.as_ref().map(|sex| sex.as_str().to_owned()),
        near: filters.near.map(|point| point.to_string()),
        near_place: filters
            .near_place
            .as_ref()
            .map(|found| found.place.to_string()),
        within_km: filters.within_km,
        updated_since: filters.updated_since.map(|date| date.to_string()),
        limit: filters.limit,
        sort: filters.sort.as_str(),
    }
}

fn trial(one: &Classified, near: Option<GeoPoint>) -> Trial<'_> {
    let study = &one.study;
    Trial {
        nct_id: study.nct_number.to_string(),
        url: study.url(),
        title: study.title.as_deref(),
        official_title: study.official_title.as_deref(),
        acronym: study.acronym.as_deref(),
        summary: study.summary.as_deref(),
        status: study.status.overall.as_ref().map(OverallStatus::as_str),
        why_stopped: study.status.why_stopped.as_deref(),
        last_known_status: study.status.last_known.as_ref().map(OverallStatus::as_str),
        phases: study.phases.iter().flatten().map(Phase::as_str).collect(),
        study_type: study.study_type.as_ref().map(StudyType::as_str),
        sponsor: study.sponsor.as_ref().map(|sponsor| SponsorView {
            name: sponsor.name.as_deref(),
            class: sponsor.class.as_deref(),
        }),
        enrollment: study.enrollment.as_ref().map(|info| EnrollmentView {
            count: info.count,
            r#type: info.kind.as_deref(),
        }),
        conditions: &study.conditions,
        keywords: &study.keywords,
        interventions: study.interventions.iter().map(intervention).collect(),
        dates: dates(study),
        registry_data_date: date(study.data_date),
        ms: MsView {
            relevance: one.ms.relevance.as_str(),
            courses: one.courses(),
            evidence: evidence(&one.ms.evidence),
        },
        cell_therapy: cell_therapy(one),
        age: AgeView {
            min_years: years(study.eligibility.min_age),
            max_years: years(study.eligibility.max_age),
        },
        sex: study.eligibility.sex.as_ref().map(Sex::as_str),
        sites: study
            .sites
            .iter()
            .map(|site| site_view(site, study, near))
            .collect(),
        regions: regions(study),
        contacts: study.contacts.iter().map(contact).collect(),
        burden: burden(one),
        eligibility: eligibility(one),
    }
}

fn intervention(one: &Intervention) -> InterventionView<'_> {
    InterventionView {
        r#type: one.kind.as_deref(),
        name: one.name.as_deref(),
        other_names: &one.other_names,
    }
}

fn years(age: Option<Age>) -> Option<f64> {
    age.map(|age| rounded(age.years(), 100.0))
}

fn cell_therapy(one: &Classified) -> CellTherapyView<'_> {
    let label = &one.cell_therapy;
    CellTherapyView {
        class: label.class.map_or("none", |class| class.as_str()),
        product: label.product.as_deref(),
        product_names: &label.product_names,
        targets: &label.targets,
        source: label.source.map_or("unknown", |source| source.as_str()),
        source_basis: label.source_basis.map(SourceBasis::as_str),
        target_basis: label.target_basis.as_str(),
        evidence: evidence(&label.evidence),
    }
}

fn evidence(list: &[Evidence]) -> Vec<EvidenceView<'_>> {
    list.iter()
        .map(|one| EvidenceView {
            field: one.field,
            quote: &one.quote,
            note: one.note.as_deref(),
        })
        .collect()
}

fn date(date: Option<PartialDate>) -> Option<String> {
    date.map(|date| date.to_string())
}

fn dates(study: &Study) -> Dates {
    Dates {
        start: date(study.status.start),
        primary_completion: date(study.status.primary_completion),
        completion: date(study.status.completion),
        first_posted: date(study.status.first_posted),
        last_update_posted: date(study.status.last_update_posted),
    }
}

fn rounded(value: f64, parts: f64) -> f64 {
    (value * parts).round() / parts
}

fn site_view<'a>(site: &'a Site, study: &Study, near: Option<GeoPoint>) -> SiteView<'a> {
    let distance = near
        .and_then(|near| place::site_km(site, near))
        .map(|km| rounded(km, 10.0));
    SiteView {
        facility: site.facility.as_deref(),
        city: site.city.as_deref(),
        state: site.state.as_deref(),
        country: site.country.as_deref(),
        country_settled: site.settled.country.map(Country::name),
        country_disagrees_with_city: site.settled.city_disagrees,
        region: site.settled.region.as_str(),
        status: site.status.as_ref().map(OverallStatus::as_str),
        state_here: place::SiteState::of(site, study).as_str(),
        lat: site.registered_point.as_ref().map(GeoPoint::lat),
        lon: site.registered_point.as_ref().map(GeoPoint::lon),
        position: site.position().as_str(),
        distance_km: distance,
        contacts: site.contacts.iter().map(contact).collect(),
    }
}

fn contact(contact: &Contact) -> ContactView<'_> {
    ContactView {
        name: contact.name.as_deref(),
        role: contact.role.as_deref(),
        phone: contact.phone.as_deref(),
        email: contact.email.as_deref(),
    }
}

fn regions(study: &Study) -> BTreeMap<&'static str, RegionView> {
    let view = |state: place::RegionState| RegionView {
        state: state.state.as_str(),
        open: state.open,
        opening: state.opening,
        closed: state.closed,
        total: state.total,
    };
    place::regions(study)
        .into_iter()
        .map(|(region, state)| (region.as_str(), view(state)))
        .collect()
}

fn burden(one: &Classified) -> Vec<BurdenView> {
    let value = |value: &BurdenValue| match value {
        BurdenValue::Named => serde_json::Value::Null,
        BurdenValue::Number(number) => super::facts::number(Some(*number)),
        BurdenValue::Regimen(regimen) => serde_json::Value::from(regimen.as_str()),
    };
    let view = |one: crate::burden::Burden| BurdenView {
        kind: one.kind,
        value: value(&one.value),
        unit: one.unit,
        field: one.field,
        quote: one.quote,
    };
    crate::burden::read(one).into_iter().map(view).collect()
}

fn eligibility(one: &Classified) -> EligibilityView<'_> {
    let Some(text) = one.study.eligibility.text.as_deref() else {
        return EligibilityView {
            text: None,
            criteria: Vec::new(),
            parsed_share: 0.0,
        };
    };
    let criteria = one.criteria.criteria.iter().map(|read| CriterionView {
        id: &read.criterion.id,
        kind: read.criterion.kind.as_str(),
        text: text.get(read.criterion.span.clone()).unwrap_or_default(),
        start: read.criterion.span.start,
        end: read.criterion.span.end,
        parent: read.criterion.parent.as_deref(),
        applies_to: read.applies_to.as_deref(),
        facts: read
            .facts
            .iter()
            .map(|fact| super::facts::fact(text, read, fact))
            .collect(),
    });
    EligibilityView {
        text: Some(text),
        criteria: criteria.collect(),
        parsed_share: rounded(one.criteria.parsed_share(text), 1000.0),
    }
}
