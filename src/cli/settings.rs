//! From what was typed to settings and filters: words become types, or one
//! sentence that names the word, what is allowed, and the nearest match.

use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{Days, NaiveDate, SecondsFormat, Utc};
use etcetera::app_strategy::{AppStrategy, AppStrategyArgs, choose_native_strategy};

use super::args::{FilterArgs, GlobalArgs};
use super::locale;
use crate::app::{SentinelList, Sentinels, Settings, SourceChoice};
use crate::registry::http::HttpOptions;
use crate::select::{self, Asked, Filters, Near, Sort};
use crate::study::{NctNumber, PartialDate};
use crate::text::{nearest, shorten};

/// Resolves the global options.
pub(super) fn settings(args: &GlobalArgs) -> Result<Settings, String> {
    let (today, now) = clock(args.today.as_deref())?;
    let default = HttpOptions::default();
    Ok(Settings {
        source: source(&args.source)?,
        http: HttpOptions {
            base: args.api.clone().unwrap_or(default.base),
            min_interval: Duration::from_millis(args.min_interval),
            timeout_total: Duration::from_secs(args.timeout),
            ca: args.ca.clone(),
            http1: args.http1,
            tls_max_12: args.tls_max.as_deref() == Some("1.2"),
            user_agent: args.user_agent.clone(),
            first_answer: None,
        },
        data_dir: data_dir(args),
        today,
        now,
        unit: locale::unit(|name| std::env::var(name).ok()),
        lexicon: args.lexicon.clone(),
        partial: false,
    })
}

/// The directory of the store: the one that was named, else the usual one.
pub(super) fn data_dir(args: &GlobalArgs) -> Option<PathBuf> {
    args.data_dir.clone().or_else(usual_data_dir)
}

/// The platform's directory for the data of programs; `None` where there is no home.
fn usual_data_dir() -> Option<PathBuf> {
    let strategy = choose_native_strategy(AppStrategyArgs {
        top_level_domain: "org".to_owned(),
        author: "trialbrief".to_owned(),
        app_name: "trialbrief".to_owned(),
    });
    strategy.ok().map(|strategy| strategy.data_dir())
}

/// Reads the day before which things are old: a day, or so many days before today.
pub(super) fn older_than(text: &str, today: NaiveDate) -> Result<NaiveDate, String> {
    if let Ok(days) = text.parse::<u64>() {
        return today
            .checked_sub_days(Days::new(days))
            .ok_or_else(|| format!("--older-than: {days} days are more than the calendar holds"));
    }
    let date: Result<PartialDate, _> = text.parse();
    match date {
        Ok(date) if date.is_day() && date.earliest() > today => Err(format!(
            "--older-than: {date} is still to come, today is {today}: everything would be forgotten"
        )),
        Ok(date) if date.is_day() => Ok(date.earliest()),
        _ => Err(format!(
            "--older-than: `{}` is neither a day nor a number of days: write YYYY-MM-DD or 365",
            shorten(text, 40)
        )),
    }
}

/// Reads the day from which changes are told.
pub(super) fn since(text: &str) -> Result<NaiveDate, String> {
    let date: PartialDate = text.parse().map_err(|error| format!("--since: {error}"))?;
    Ok(date.earliest())
}

/// A fixed day fixes the hour too, so that the same call gives the same bytes.
fn clock(today: Option<&str>) -> Result<(NaiveDate, String), String> {
    let Some(text) = today else {
        let now = Utc::now();
        return Ok((
            now.date_naive(),
            now.to_rfc3339_opts(SecondsFormat::Secs, true),
        ));
    };
    let date: PartialDate = text.parse().map_err(|error| format!("--today: {error}"))?;
    if !date.is_day() {
        return Err(format!("--today: `{date}` is not a day: write YYYY-MM-DD"));
    }
    Ok((date.earliest(), format!("{date}T00:00:00Z")))
}

/// Reads where data are to come from.
pub(super) fn source(word: &str) -> Result<SourceChoice, String> {
    match word {
        "auto" => Ok(SourceChoice::Auto),
        "live" => Ok(SourceChoice::Live),
        "sample" => Ok(SourceChoice::Sample),
        "store" => Ok(SourceChoice::Store),
        path if Path::new(path).exists() || path.contains(['/', '\\', '.']) => {
            Ok(SourceChoice::Path(path.into()))
        }
        other => Err(unknown(
            "--source",
            other,
            &["auto", "live", "store", "sample"],
            " or the path of a file or directory (none of that name exists)",
        )),
    }
}

/// Resolves the filters; `status` is the default of the command.
pub(super) fn filters(args: &FilterArgs, status: &str) -> Result<Filters, String> {
    if args.sort == Sort::Distance.as_str() && args.near.is_none() {
        return Err("--sort distance needs --near, a place or LAT,LON".to_owned());
    }
    if args.within.is_some() && args.near.is_none() {
        return Err("--within needs --near, a place or LAT,LON".to_owned());
    }
    read(args, status)
}

/// Resolves the filters of a command that is about a patient: age, sex and course are facts there and hide no study,
/// and a place may come from the profile, which [`needs_place`] looks after.
pub(super) fn filters_for_patient(args: &FilterArgs) -> Result<Filters, String> {
    let by_distance = args.sort == Sort::Distance.as_str();
    let usual = Sort::Relevance.as_str().to_owned();
    let own = FilterArgs {
        age: None,
        sex: None,
        ms_course: Vec::new(),
        sort: if by_distance {
            usual
        } else {
            args.sort.clone()
        },
        ..args.clone()
    };
    let mut filters = read(&own, "open")?;
    if by_distance {
        filters.sort = Sort::Distance;
    }
    Ok(filters)
}

/// Says that a filter counts from a place, and there is none; `has_home`: the profile holds one.
pub(super) fn needs_place(filters: &Filters, has_home: bool) -> Result<(), String> {
    let option = match (filters.within_km, filters.sort) {
        _ if filters.near.is_some() || has_home => return Ok(()),
        (Some(_), _) => "--within",
        (None, Sort::Distance) => "--sort distance",
        (None, _) => return Ok(()),
    };
    Err(format!(
        "{option} needs a place to count from: --near, or `near` in the profile of one patient"
    ))
}

fn read(args: &FilterArgs, status: &str) -> Result<Filters, String> {
    let asked = Asked {
        therapy: args.therapy.clone(),
        condition: args.condition.clone(),
        status: args.status.clone(),
        phases: args.phase.clone(),
        regions: args.region.clone(),
        countries: args.country.clone(),
        open_here: args.open_here,
        targets: args.target.clone(),
        cell_sources: args.cell_source.clone(),
        courses: args.ms_course.clone(),
        age: args.age,
        sex: args.sex.clone(),
        near: args.near.clone(),
        within_km: args.within,
        updated_since: args.updated_since.clone(),
        limit: args.limit,
        sort: args.sort.clone(),
    };
    asked.filters(status).map_err(|error| format!("--{error}"))
}

/// Reads a position, or the name of a place.
pub(super) fn near(text: &str) -> Result<Near, String> {
    select::near(text).map_err(|error| format!("--{error}"))
}

/// Reads the choice of sentinels.
pub(super) fn sentinels(list: Option<&Path>, without: &[NctNumber]) -> Sentinels {
    let list = match list {
        None => SentinelList::BuiltIn,
        Some(word) if word == Path::new("none") => SentinelList::None,
        Some(path) => SentinelList::File(path.to_owned()),
    };
    Sentinels {
        list,
        without: without.to_vec(),
    }
}

fn unknown(flag: &str, word: &str, allowed: &[&str], more: &str) -> String {
    let hint = nearest(word, allowed.iter().copied())
        .map_or(String::new(), |near| format!("; did you mean `{near}`?"));
    format!(
        "{flag}: `{}` is not known; allowed: {}{more}{hint}",
        shorten(word, 40),
        allowed.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_a_whole_date() {
        let message = clock(Some("2026-06")).unwrap_err();
        assert!(message.contains("--today") && message.contains("2026-06"));
    }
}
