//! What must hold for any input. Shared by the fuzz targets, which look for inputs, and by the
//! ordinary tests, which replay those that were found.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use trialbrief::classify::classify;
use trialbrief::criteria::{Read, Wanted, read, segment};
use trialbrief::patient::{
    Patient, Profile, ProfileErrors, Rows, Schema, from_cells, from_fhir, from_json, from_toml,
    to_toml,
};
use trialbrief::registry::decode;
use trialbrief::terminology::Terminology;
use trialbrief::text::plain;

static TERMS: LazyLock<Terminology> =
    LazyLock::new(|| Terminology::embedded().expect("the embedded tables are well formed"));

/// Reads any text as the registry would send it.
pub(crate) fn criteria(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let text = plain(&text);
    assert_placed(
        &text,
        &read(&text, segment(&text), TERMS.treatments(), Wanted::All),
    );
}

/// Decodes any bytes as an answer of the registry, and reads the studies in it.
pub(crate) fn study(bytes: &[u8]) {
    let _ = decode::page(bytes);
    let Ok(decoded) = decode::any(bytes) else {
        return;
    };
    for study in decoded.studies {
        let mut classified = classify(study, &TERMS);
        classified.read_criteria(&TERMS, Wanted::All);
        if let Some(text) = classified.study.eligibility.text.as_deref() {
            assert_placed(text, &classified.criteria);
        }
    }
}

/// Reads any bytes as a profile in each of its forms: what is read prints and reads back, what is not is told.
pub(crate) fn profile(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    settled(from_toml("any", &text));
    settled(from_json("any", &text));
    if let Ok(rows) = Rows::new("any", bytes) {
        rows.take(1_000).for_each(settled);
    }
    for cells in text.lines().filter_map(|line| line.split_once(['=', ','])) {
        settled(from_cells("any", None, std::iter::once(cells)));
    }
    let today = chrono::NaiveDate::from_ymd_opt(2026, 8, 25).unwrap_or_default();
    settled(from_fhir("any", &text, TERMS.treatments(), today).map(|read| read.profile));
}

fn settled(read: Result<Profile, ProfileErrors>) {
    let mut profile = match read {
        Ok(profile) => profile,
        Err(errors) => {
            assert!(!errors.0.is_empty());
            let told = errors.to_string();
            let hidden = told.chars().find(|c| c.is_control() && *c != '\n');
            assert!(hidden.is_none(), "{hidden:?} in {told}");
            return;
        }
    };
    let today = chrono::NaiveDate::from_ymd_opt(2026, 8, 25).unwrap_or_default();
    let _ = Patient::of(profile.clone(), TERMS.treatments(), today);
    let printed = to_toml(&profile);
    profile.schema = Some(Schema::One);
    // Of a table, not of the patient.
    profile.line = None;
    match from_toml("printed", &printed) {
        Ok(again) => assert_eq!(again, profile, "{printed}"),
        Err(errors) => panic!("{errors} in {printed}"),
    }
}

/// Asserts that every byte but white space stands in exactly one criterion or heading, that quotes
/// stand in their criterion, and that names and shares make sense.
pub(crate) fn assert_placed(text: &str, read: &Read) {
    let criteria = read.criteria.iter().map(|one| one.criterion.span.clone());
    let mut spans: Vec<_> = criteria.chain(read.headings.iter().cloned()).collect();
    spans.sort_by_key(|span| (span.start, span.end));
    let mut at = 0;
    for span in spans {
        assert!(
            span.start >= at && span.start < span.end,
            "{span:?} overlaps {at}"
        );
        assert!(
            text[at..span.start].trim().is_empty(),
            "lost {:?}",
            &text[at..span.start]
        );
        at = span.end;
    }
    assert!(text[at..].trim().is_empty(), "lost {:?}", &text[at..]);

    let mut ids = BTreeSet::new();
    for one in &read.criteria {
        let (criterion, span) = (&one.criterion, &one.criterion.span);
        let parent = criterion.parent.as_ref();
        assert!(
            parent.is_none_or(|parent| ids.contains(parent)),
            "{parent:?} is not there"
        );
        assert!(ids.insert(criterion.id.clone()), "{} twice", criterion.id);
        for fact in &one.facts {
            let quote = &fact.quote;
            assert!(
                span.start + criterion.marker <= quote.start && quote.end <= span.end,
                "{fact:?} outside of {span:?}"
            );
            assert!(
                !text[quote.clone()].trim().is_empty(),
                "{fact:?} quotes nothing"
            );
        }
    }
    let share = read.parsed_share(text);
    assert!((0.0..=1.0).contains(&share), "{share}");
}
