//! How fast records become studies, in bytes a second, on one core.
//!
//! The records are made here: as large as full ones without results, with the
//! branches that decoding passes over, and every sentence our own.

use std::hint::black_box;

use criterion::{Criterion, Throughput};
use serde_json::{Value, json};
use trialbrief::registry::decode;

const STUDIES: u32 = 1_000;
const SITES: usize = 15;

/// City, state, country, latitude and longitude.
const CITIES: [(&str, Option<&str>, &str, f64, f64); 5] = [
    ("Basel", None, "Switzerland", 47.558, 7.588),
    (
        "Portland",
        Some("Oregon"),
        "United States",
        45.523,
        -122.676,
    ),
    ("Hangzhou", Some("Zhejiang"), "China", 30.294, 120.161),
    ("Sheffield", None, "United Kingdom", 53.383, -1.466),
    (
        "Perth",
        Some("Western Australia"),
        "Australia",
        -31.952,
        115.861,
    ),
];

/// With the escapes of the registry's Markdown, quotes and line ends.
const CRITERIA: &str = "Inclusion Criteria:

* Adults aged \\>= 18 and \\<= 60 years who agree in writing
* A diagnosis of relapsing \"multiple sclerosis\" by the criteria in force
* EDSS \\<= 5.5 at the first visit; at least 1 relapse within 12 months
    * counted from the day on which the symptoms began
    * or a new lesion on a scan that two readers agree on
* Treated before with 2 or more medicines, the last one stopped 30\\~60 days ago
* Platelets \\> 100 \\* 10\\^9/L, and veins that bear apheresis

Exclusion Criteria:

* Any infection that needs a drug by vein; hepatitis B \\[unless the DNA is not found\\]
* A transplant of an organ, or of blood cells, at any time
* Pregnant, or nursing, or unwilling to use contraception for 1 year
* Another disease that in the team's view makes joining unsafe
";

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let records: Vec<String> = (1..=STUDIES).map(|at| record(at).to_string()).collect();
    ndjson(&mut criterion, &records);
    page(&mut criterion, &records);
    criterion.final_summary();
}

/// One record a line, as files are read.
fn ndjson(criterion: &mut Criterion, records: &[String]) {
    let bytes: usize = records.iter().map(String::len).sum();
    let mut group = criterion.benchmark_group("ndjson");
    group.throughput(Throughput::Bytes(bytes as u64));
    group.bench_function("any", |bencher| {
        bencher.iter(|| {
            let decoded = records.iter().map(|line| decode::any(line.as_bytes()));
            let studies: usize = decoded
                .map(|one| one.map_or(0, |one| one.studies.len()))
                .sum();
            assert_eq!(studies, records.len());
        });
    });
    group.finish();
}

/// A page of the live service.
fn page(criterion: &mut Criterion, records: &[String]) {
    let list = records.join(",");
    let page = format!(r#"{{"totalCount":{STUDIES},"studies":[{list}],"nextPageToken":"abc"}}"#);
    let mut group = criterion.benchmark_group("page");
    group.throughput(Throughput::Bytes(page.len() as u64));
    group.bench_function("page", |bencher| {
        bencher.iter(|| {
            let page = decode::page(black_box(page.as_bytes()));
            assert!(page.is_ok_and(|page| page.decoded.studies.len() == records.len()));
        });
    });
    group.finish();
}

fn record(at: u32) -> Value {
    json!({
        "protocolSection": {
            "identificationModule": {
                "nctId": format!("NCT{at:08}"),
                "orgStudyIdInfo": { "id": format!("BENCH-{at}") },
                "organization": { "fullName": "A Hospital of Nowhere", "class": "OTHER" },
                "briefTitle": "Engineered T Cells for Relapsing Multiple Sclerosis",
                "officialTitle": "An Open Study of Engineered T Cells Against CD19 in Adults With Multiple Sclerosis That Other Medicines Did Not Hold",
            },
            "statusModule": status(),
            "sponsorCollaboratorsModule": {
                "leadSponsor": { "name": "A Hospital of Nowhere", "class": "OTHER" },
                "collaborators": [{ "name": "A University of Nowhere", "class": "OTHER" }],
            },
            "oversightModule": { "oversightHasDmc": true, "isFdaRegulatedDrug": false },
            "descriptionModule": {
                "briefSummary": prose(5),
                "detailedDescription": prose(12),
            },
            "conditionsModule": {
                "conditions": ["Multiple Sclerosis", "Neuromyelitis Optica"],
                "keywords": ["CAR-T", "autoimmune", "relapse", "B cell"],
            },
            "designModule": {
                "studyType": "INTERVENTIONAL",
                "phases": ["PHASE1", "PHASE2"],
                "designInfo": { "allocation": "NA", "primaryPurpose": "TREATMENT" },
                "enrollmentInfo": { "count": 24, "type": "ESTIMATED" },
            },
            "armsInterventionsModule": arms(),
            "outcomesModule": {
                "primaryOutcomes": outcomes(3),
                "secondaryOutcomes": outcomes(12),
            },
            "eligibilityModule": {
                "eligibilityCriteria": CRITERIA,
                "healthyVolunteers": false,
                "sex": "ALL",
                "minimumAge": "18 Years",
                "maximumAge": "60 Years",
                "stdAges": ["ADULT"],
            },
            "contactsLocationsModule": {
                "centralContacts": [contact()],
                "locations": (0..SITES).map(site).collect::<Vec<_>>(),
            },
            "referencesModule": { "references": vec![
                json!({ "pmid": "00000000", "type": "BACKGROUND", "citation": prose(1) }); 6
            ] },
        },
        "derivedSection": {
            "miscInfoModule": { "versionHolder": "2026-08-22" },
            "conditionBrowseModule": { "ancestors": vec![
                json!({ "id": "D000000", "term": "Diseases of the Nervous System" }); 12
            ] },
        },
        "hasResults": false,
    })
}

fn status() -> Value {
    json!({
        "statusVerifiedDate": "2026-07",
        "overallStatus": "RECRUITING",
        "expandedAccessInfo": { "hasExpandedAccess": false },
        "startDateStruct": { "date": "2025-03-01", "type": "ACTUAL" },
        "primaryCompletionDateStruct": { "date": "2027-12", "type": "ESTIMATED" },
        "completionDateStruct": { "date": "2029-12", "type": "ESTIMATED" },
        "studyFirstPostDateStruct": { "date": "2025-02-11", "type": "ACTUAL" },
        "lastUpdatePostDateStruct": { "date": "2026-07-30", "type": "ACTUAL" },
    })
}

fn arms() -> Value {
    json!({
        "armGroups": [{
            "label": "Engineered T cells",
            "type": "EXPERIMENTAL",
            "description": prose(2),
            "interventionNames": ["Biological: Engineered T cells", "Drug: Fludarabine"],
        }],
        "interventions": [
            {
                "type": "BIOLOGICAL",
                "name": "Engineered T cells",
                "description": prose(2),
                "armGroupLabels": ["Engineered T cells"],
                "otherNames": ["anti-CD19 CAR-T"],
            },
            { "type": "DRUG", "name": "Fludarabine", "description": prose(1) },
        ],
    })
}

fn outcomes(count: usize) -> Vec<Value> {
    let one = json!({
        "measure": "People with a severe unwanted effect of the cells",
        "description": prose(1),
        "timeFrame": "From the infusion up to 24 months",
    });
    vec![one; count]
}

fn site(at: usize) -> Value {
    let (city, state, country, lat, lon) = CITIES[at % CITIES.len()];
    json!({
        "facility": format!("Clinic {at} for Diseases of the Nerves"),
        "status": "RECRUITING",
        "city": city,
        "state": state.unwrap_or(city),
        "zip": "00000",
        "country": country,
        "contacts": [contact()],
        "geoPoint": { "lat": lat, "lon": lon },
    })
}

fn contact() -> Value {
    json!({
        "name": "Study Office",
        "role": "CONTACT",
        "phone": "+00 00 000 00 00",
        "email": "office@example.org",
    })
}

/// Running text of so many sentences, with a line end and a quoted word.
fn prose(sentences: usize) -> String {
    const SENTENCE: &str = "Cells of the patient are taught to find the \"B cells\" that keep the illness going, given once, and watched over two years by visits, scans and blood tests.\n";
    SENTENCE.repeat(sentences)
}
