//! Pages for people.

use std::sync::Arc;

use axum::http::StatusCode;
use chrono::Days;

use super::answer::{Reply, Visit, nothing_held};
use super::api::{MOST_PATIENTS, one, rows};
use super::form::{self, known};
use super::problem::{Problem, wrongs};
use crate::app::{AppError, Changes};
use crate::matching::Matcher;
use crate::patient::Profile;
use crate::render;
use crate::render::changes::Log;
use crate::render::html::{self, site};
use crate::select::Filters;
use crate::store::Since;
use crate::study::PartialDate;

/// Studies that get a page of their own in a brief.
const PAGES: usize = 5;

/// `GET /`: what to ask for, and what fits.
pub(super) fn find(visit: &Visit) -> Result<Reply, Problem> {
    match form::filters(visit.reach, &visit.query) {
        Ok(filters) => {
            let found = visit.app.search(filters)?;
            let listing = visit.app.listing(&found);
            let ways = if listing.studies.is_empty() {
                ways(visit)?
            } else {
                Vec::new()
            };
            Ok(Reply::html(visit.framed(listing.source, |frame| {
                site::find(frame, &visit.query, Some(&listing), &ways, &[])
            })))
        }
        Err(problem) => {
            let page = |frame: &site::Frame<'_>| {
                site::find(frame, &visit.query, None, &[], &problem.wrong)
            };
            Ok(Reply::html(visit.on_held(page)?).with(problem.status))
        }
    }
}

/// `GET /map`: where the sites of what fits are.
pub(super) fn map(visit: &Visit) -> Result<Reply, Problem> {
    match form::filters(visit.reach, &visit.query) {
        Ok(filters) => {
            let found = visit.app.search(filters)?;
            let listing = visit.app.listing(&found);
            Ok(Reply::html(visit.framed(listing.source, |frame| {
                site::map(frame, &visit.query, Some(&listing), &[])
            })))
        }
        Err(problem) => {
            let page =
                |frame: &site::Frame<'_>| site::map(frame, &visit.query, None, &problem.wrong);
            Ok(Reply::html(visit.on_held(page)?).with(problem.status))
        }
    }
}

/// The choices of which any one was one too many, each with what is found without it.
fn ways(visit: &Visit) -> Result<Vec<site::Way>, Problem> {
    let mut ways = Vec::new();
    for dropped in site::DROPPABLE {
        let query = site::without(&visit.query, dropped);
        // A choice that others lean on cannot go alone.
        let Ok(filters) = form::filters(visit.reach, &query) else {
            continue;
        };
        let count = visit.app.search(filters)?.collected.studies.len();
        if count > 0 {
            ways.push(site::Way { dropped, count });
        }
    }
    Ok(ways)
}

/// Days that `/changes` looks back where no day is asked for.
const LOOK_BACK: u64 = 30;

/// `GET /changes?since=DATE`.
pub(super) fn changes(visit: &Visit) -> Result<Reply, Problem> {
    let since = match since(visit) {
        Ok(since) => since,
        Err(problem) => {
            let page =
                |frame: &site::Frame<'_>| site::changes(frame, &visit.query, None, &problem.wrong);
            return Ok(Reply::html(visit.on_held(page)?).with(problem.status));
        }
    };
    match logged(visit, &since)? {
        Some(found) => {
            let day = Since::Day(since.clone());
            let log = Log {
                since: &day,
                ..visit.app.log(&found)
            };
            Ok(Reply::html(visit.framed(&found.source, |frame| {
                site::changes(frame, &visit.query, Some((&since, &log)), &[])
            })))
        }
        None => Ok(Reply::html(visit.on_held(site::no_changes)?)),
    }
}

/// `GET /changes.atom?since=DATE`: the same for a feed reader.
pub(super) fn feed(visit: &Visit) -> Result<Reply, Problem> {
    let found = logged(visit, &since(visit)?)?.ok_or_else(|| {
        Problem::new(
            StatusCode::NOT_FOUND,
            "There is no record of changes here. Who runs this page can make one with trialbrief sync.",
        )
    })?;
    Ok(Reply {
        kind: "application/atom+xml; charset=utf-8",
        ..Reply::html(render::changes::atom(&visit.app.log(&found)))
    })
}

/// The first day that is asked for.
fn since(visit: &Visit) -> Result<String, Problem> {
    for (name, _) in &visit.query {
        known(name, &["since"])?;
    }
    let today = visit.app.settings().today;
    let Some(word) = form::last(&visit.query, "since") else {
        let day = today.checked_sub_days(Days::new(LOOK_BACK));
        return Ok(day.unwrap_or(today).to_string());
    };
    let read = word.parse::<PartialDate>();
    let read = read.map_err(|error| Problem::of_filter("since", &error.to_string()))?;
    Ok(read.earliest().to_string())
}

/// What changed in the trials that these pages are about; nothing where no changes are kept.
fn logged(visit: &Visit, since: &str) -> Result<Option<Arc<Changes>>, Problem> {
    match visit.app.news_since(since) {
        Ok(found) => Ok(Some(found)),
        Err(AppError::NoStore(_) | AppError::NoDataDir) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// `GET /study/{nct}`.
pub(super) fn study(visit: &Visit) -> Result<Reply, Problem> {
    let shown = one(visit)?;
    let listing = visit.app.listing(&shown);
    let study = listing.studies.first().ok_or_else(nothing_held)?;
    Ok(Reply::html(visit.framed(listing.source, |frame| {
        site::study(frame, &listing, study)
    })))
}

/// `GET /me`: the empty form.
pub(super) fn situation(visit: &Visit) -> Result<Reply, Problem> {
    nothing_asked(visit)?;
    again(visit)
}

/// `POST /me`: the form with the answers so far.
pub(super) fn again(visit: &Visit) -> Result<Reply, Problem> {
    nothing_asked(visit)?;
    let page = |frame: &site::Frame<'_>| site::situation(frame, &visit.fields, &[]);
    Ok(Reply::html(visit.on_held(page)?))
}

/// Nothing of these pages is asked for in the address.
fn nothing_asked(visit: &Visit) -> Result<(), Problem> {
    visit
        .query
        .iter()
        .try_for_each(|(name, _)| known(name, &[]))
}

/// `POST /brief`: the handout, on the page, as a file, or as text.
pub(super) fn brief(visit: &Visit) -> Result<Reply, Problem> {
    nothing_asked(visit)?;
    let (asked, told): (form::Pairs, form::Pairs) = (visit.fields.iter().cloned())
        .partition(|(name, _)| ["download", "as"].contains(&name.as_str()));
    let as_text = match form::last(&asked, "as") {
        None => false,
        Some("text") => true,
        Some(_) => {
            let what = "A brief can be had as a page, as a file, or as text: as=text.";
            return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, what));
        }
    };
    let profile = match form::profile(&told) {
        Ok(profile) => profile,
        Err(problem) => {
            let page = |frame: &site::Frame<'_>| site::situation(frame, &told, &problem.wrong);
            return Ok(Reply::html(visit.on_held(page)?).with(problem.status));
        }
    };
    let gathered = visit.app.gather(Filters::default(), &profile)?;
    let paper = visit.app.brief(&gathered, profile, &[], PAGES);
    if form::last(&asked, "download").is_some() {
        let file = format!("trialbrief-{}.html", visit.app.settings().today);
        return Ok(Reply {
            file: Some(file),
            ..Reply::html(html::paper(&paper))
        });
    }
    let source = &gathered.search().source;
    // The paper tells by itself what must be seen first, in its own words.
    Ok(Reply::html(visit.framed(source, |frame| {
        if as_text {
            site::brief_as_text(frame, &paper, &told)
        } else {
            site::brief(frame, &paper, &told)
        }
    })))
}

/// `GET /clinic`: the form for a table.
pub(super) fn clinic(visit: &Visit) -> Result<Reply, Problem> {
    nothing_asked(visit)?;
    let page = |frame: &site::Frame<'_>| site::clinic(frame, MOST_PATIENTS, &[]);
    Ok(Reply::html(visit.on_held(page)?))
}

/// `POST /clinic`: patients by studies.
pub(super) fn screened(visit: &Visit) -> Result<Reply, Problem> {
    nothing_asked(visit)?;
    let mut table = ["file", "table"].into_iter();
    let table = table.find_map(|name| form::last(&visit.fields, name));
    let table = table.unwrap_or_default();
    match rows(table) {
        Ok((profiles, errors)) => matched(visit, table, profiles, &wrongs(&errors)),
        Err(problem) => {
            let wrong = if problem.wrong.is_empty() {
                vec![site::Wrong {
                    field: None,
                    what: problem.detail.clone(),
                    choices: Vec::new(),
                }]
            } else {
                problem.wrong
            };
            let page = |frame: &site::Frame<'_>| site::clinic(frame, MOST_PATIENTS, &wrong);
            Ok(Reply::html(visit.on_held(page)?).with(StatusCode::UNPROCESSABLE_ENTITY))
        }
    }
}

/// Patients against the open trials: by patient, by trial, or as a CSV to save.
fn matched(
    visit: &Visit,
    table: &str,
    profiles: Vec<Profile>,
    wrong: &[site::Wrong],
) -> Result<Reply, Problem> {
    let search = visit.app.search(Filters::default())?;
    let panel = visit.app.panel(&search);
    let screened = profiles.into_iter().map(|profile| panel.screen(profile));
    let screened: Vec<_> = screened.collect();
    let all: Vec<html::screen::Found<'_>> = screened
        .iter()
        .map(|one| (&one.patient, one.trials.as_slice()))
        .collect();
    let turned = match form::last(&visit.fields, "as") {
        None => false,
        Some("turned") => true,
        Some("csv") => return in_csv(visit, &all, panel.matchers()),
        Some(_) => {
            let what =
                "A table can be had by patient, by trial (as=turned), or as a file (as=csv).";
            return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, what));
        }
    };
    Ok(Reply::html(visit.framed(&search.source, |frame| {
        site::screened(frame, panel.matchers(), &all, (table, turned), wrong)
    })))
}

/// The summary of the command line, to save.
fn in_csv(
    visit: &Visit,
    all: &[html::screen::Found<'_>],
    matchers: &[Matcher<'_>],
) -> Result<Reply, Problem> {
    let failed = || {
        Problem::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "The table could not be written. Try again.",
        )
    };
    let mut table = render::screen::csv_head();
    for (patient, trials) in all {
        let rows = render::screen::csv_rows(patient, trials, matchers).map_err(|_| failed())?;
        table.push_str(&String::from_utf8(rows).map_err(|_| failed())?);
    }
    Ok(Reply {
        kind: "text/csv; charset=utf-8",
        file: Some(format!("verdicts-{}.csv", visit.app.settings().today)),
        ..Reply::html(table)
    })
}

/// `GET /about`.
pub(super) fn about(visit: &Visit) -> Result<Reply, Problem> {
    nothing_asked(visit)?;
    let studies = visit.app.held().map_or(0, crate::app::Held::len);
    let page = |frame: &site::Frame<'_>| site::about(frame, studies);
    Ok(Reply::html(visit.on_held(page)?))
}
