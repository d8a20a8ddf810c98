//! JSON for programs, as the contract names it.

use axum::http::StatusCode;
use serde_json::json;

use super::answer::{Reply, Visit, nothing_held};
use super::form::{self, Pairs, known};
use super::problem::{Problem, wrongs};
use crate::app::{AppError, Search};
use crate::patient::{Profile, ProfileErrors, Rows, from_json};
use crate::render::{json, screen as screened};
use crate::select::{Filters, near};
use crate::study::NctNumber;
use crate::text::shorten;

/// Patients that are screened at a time.
pub(super) const MOST_PATIENTS: usize = 200;

/// `GET /api/search`.
pub(super) fn search(visit: &Visit) -> Result<Reply, Problem> {
    let found = visit
        .app
        .search(form::filters(visit.reach, &visit.query)?)?;
    Ok(Reply::json(json::search(&visit.app.listing(&found))))
}

/// `GET /api/studies/{nct}`.
pub(super) fn study(visit: &Visit) -> Result<Reply, Problem> {
    let shown = one(visit)?;
    let listing = visit.app.listing(&shown);
    let study = listing.studies.first().ok_or_else(nothing_held)?;
    Ok(Reply::json(json::show(&listing, study)))
}

/// The study that the path names, with distances from where the query says.
pub(super) fn one(visit: &Visit) -> Result<Search, Problem> {
    for (name, _) in &visit.query {
        known(name, &["near"])?;
    }
    form::near_allowed(visit.reach, &visit.query)?;
    let from = form::last(&visit.query, "near").map(near).transpose()?;
    let number = number(&visit.name)?;
    let filters = Filters {
        near: from.as_ref().map(|near| near.point),
        near_place: from.and_then(|near| near.place),
        ..Filters::default()
    };
    visit
        .app
        .show(&[number], filters)
        .map_err(|error| not_here(&[number], error))
}

/// Why studies are not shown: those that are not held here have their page at the registry.
fn not_here(asked: &[NctNumber], error: AppError) -> Problem {
    if !matches!(error, AppError::NotFound { .. }) {
        return error.into();
    }
    let names: Vec<String> = asked.iter().map(NctNumber::to_string).collect();
    let (what, pages) = match names.as_slice() {
        [one] => (
            format!(
                "{one} is not among the CAR-T trials for MS that are held here. That does not mean that it does not exist: the registry has its page."
            ),
            Some(format!("https://clinicaltrials.gov/study/{one}")),
        ),
        all => (
            format!(
                "Not all of {} are among the CAR-T trials for MS that are held here. That does not mean that they do not exist: the registry has a page of each.",
                all.join(", ")
            ),
            None,
        ),
    };
    Problem {
        link: pages,
        ..Problem::new(StatusCode::NOT_FOUND, what)
    }
}

/// A number of the registry, in any case.
fn number(word: &str) -> Result<NctNumber, Problem> {
    word.to_uppercase().parse().map_err(|_| {
        let word = shorten(word, 40);
        Problem::new(
            StatusCode::NOT_FOUND,
            format!("`{word}` is no number of the registry: write NCT and eight digits, for example NCT07224373"),
        )
    })
}

/// `POST /api/screen`: a profile as JSON, or a table as CSV; `?study=NCT…` names studies, else those that are open.
pub(super) fn screen(visit: &Visit) -> Result<Reply, Problem> {
    for (name, _) in &visit.query {
        known(name, &["study"])?;
    }
    let profiles = profiles(visit)?;
    let search = studies(visit, &visit.query)?;
    let panel = visit.app.panel(&search);
    let listing = visit.app.listing(&search);
    let mut body = screened::json_head(&listing);
    for (at, profile) in profiles.into_iter().enumerate() {
        let found = panel.screen(profile);
        if at > 0 {
            body.push(',');
        }
        body.push_str(&screened::json_patient(
            &found.patient,
            &found.trials,
            panel.matchers(),
        ));
    }
    body.push_str(screened::JSON_TAIL);
    Ok(Reply::json(body))
}

fn studies(visit: &Visit, query: &Pairs) -> Result<Search, Problem> {
    let asked = query.iter().filter(|(name, _)| name == "study");
    let words = asked.flat_map(|(_, value)| value.split(','));
    let words = words.map(str::trim).filter(|word| !word.is_empty());
    let numbers: Vec<NctNumber> = words.map(number).collect::<Result<_, _>>()?;
    Ok(if numbers.is_empty() {
        visit.app.search(Filters::default())?
    } else {
        let shown = visit.app.show(&numbers, Filters::default());
        shown.map_err(|error| not_here(&numbers, error))?
    })
}

fn profiles(visit: &Visit) -> Result<Vec<Profile>, Problem> {
    match visit.kind.as_str() {
        "application/json" => {
            let one = from_json("the request", &visit.body);
            Ok(vec![one.map_err(|errors| Problem::of_facts(&errors))?])
        }
        "text/csv" => {
            let (profiles, errors) = rows(&visit.body)?;
            if errors.0.is_empty() {
                Ok(profiles)
            } else {
                Err(Problem::of_facts(&errors))
            }
        }
        _ => Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "Send a profile as application/json, or a table of patients as text/csv.",
        )),
    }
}

/// Reads a table of patients: those that can be used, and all that is wrong with the others.
pub(super) fn rows(table: &str) -> Result<(Vec<Profile>, ProfileErrors), Problem> {
    let refuse = |what: String| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, what);
    let rows = Rows::new("the table", table.as_bytes());
    let rows = rows.map_err(|error| Problem::of_facts(&error.into()))?;
    let (mut profiles, mut errors) = (Vec::new(), Vec::new());
    for (at, row) in rows.enumerate() {
        if at >= MOST_PATIENTS {
            return Err(refuse(format!(
                "The table has more than {MOST_PATIENTS} patients, which is too many at a time here. Take a part of it, or use the command line: trialbrief screen --patients FILE"
            )));
        }
        match row {
            Ok(profile) => profiles.push(profile),
            Err(wrong) => errors.extend(wrong.0),
        }
    }
    if profiles.is_empty() && errors.is_empty() {
        return Err(refuse(
            "The table holds no patient. Give a CSV with a header and a row for each patient, for example: id,age,edss".to_owned(),
        ));
    }
    Ok((profiles, ProfileErrors(errors)))
}

/// `GET /healthz`: that it answers, and from what.
pub(super) fn health(visit: &Visit) -> Result<Reply, Problem> {
    let held = visit.app.held().ok_or_else(nothing_held)?;
    let source = held.source();
    let health = json!({
        "status": "ok",
        "version": env!("CARGO_PKG_VERSION"),
        "source": source.kind.as_str(),
        "complete": source.is_complete(),
        "registry_timestamp": source.registry_timestamp,
        "retrieved_at": source.retrieved_at,
        "age_days": source.age_days(visit.app.settings().today),
        "studies": held.len(),
    });
    Ok(Reply::json(health.to_string() + "\n"))
}

/// `GET /api/openapi.json`: what all this takes and answers.
pub(super) fn openapi(visit: &Visit) -> Result<Reply, Problem> {
    for (name, _) in &visit.query {
        known(name, &[])?;
    }
    let document = include_str!("../data/openapi.json");
    Ok(Reply::json(
        document.replace("VERSION", env!("CARGO_PKG_VERSION")),
    ))
}

impl From<AppError> for Problem {
    fn from(error: AppError) -> Self {
        match &error {
            AppError::Profile(errors) => Self {
                wrong: wrongs(errors),
                ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, error.to_string())
            },
            AppError::NotFound { .. } => Self::new(StatusCode::NOT_FOUND, error.to_string()),
            // Paths and causes are for who started the server.
            _ => Self::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "The data could not be searched. Nothing was stored. Try again, or use the command line.",
            ),
        }
    }
}
