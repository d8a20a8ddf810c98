//! From what was typed to settings and filters: words become types, or one
//! sentence that names the word, what is allowed, and the nearest match.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use chrono::{Days, NaiveDate, SecondsFormat, Utc};
use etcetera::app_strategy::{AppStrategy, AppStrategyArgs, choose_native_strategy};

use super::args::{FilterArgs, GlobalArgs};
use super::locale;
use crate::app::{Sentinels, Settings, SourceChoice};
use crate::criteria::Wanted;
use crate::geo::{Country, Found, Gazetteer, GeoPoint, Region};
use crate::place::Place;
use crate::registry::http::HttpOptions;
use crate::select::{Filters, Sort, StatusFilter};
use crate::study::{OverallStatus, PartialDate, Phase, Sex};
use crate::terminology::CellSource;
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
        data_dir: args.data_dir.clone().or_else(usual_data_dir),
        today,
        now,
        unit: locale::unit(|name| std::env::var(name).ok()),
        lexicon: args.lexicon.clone(),
        partial: false,
    })
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

fn source(word: &str) -> Result<SourceChoice, String> {
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
    let sort = sort(&args.sort)?;
    if sort == Sort::Distance && args.near.is_none() {
        return Err("--sort distance needs --near, a place or LAT,LON".to_owned());
    }
    if let Some(within) = args.within
        && !(within.is_finite() && within > 0.0)
    {
        return Err(format!(
            "--within: `{within}` is no distance: write kilometres, more than 0"
        ));
    }
    let near = args.near.as_deref().map(near).transpose()?;
    let since = args
        .updated_since
        .as_deref()
        .map(PartialDate::from_str)
        .transpose();
    Ok(Filters {
        therapy: args
            .therapy
            .parse()
            .map_err(|error| format!("--therapy: {error}"))?,
        condition: args
            .condition
            .parse()
            .map_err(|error| format!("--condition: {error}"))?,
        status: status_filter(&args.status, status)?,
        phases: each(&args.phase, phase)?,
        places: places(&args.region, &args.country)?,
        open_here: args.open_here,
        targets: each(&args.target, target)?,
        sources: each(&args.cell_source, cell_source)?,
        courses: each(&args.ms_course, course)?,
        age: args.age,
        sex: args.sex.as_deref().map(sex),
        near: near.as_ref().map(|near| near.point),
        near_place: near.and_then(|near| near.place),
        within_km: args.within,
        updated_since: since.map_err(|error| format!("--updated-since: {error}"))?,
        numbers: None,
        limit: args.limit.and_then(|limit| usize::try_from(limit).ok()),
        sort,
        wanted: Wanted::All,
    })
}

fn each<T>(words: &[String], read: fn(&str) -> Result<T, String>) -> Result<Vec<T>, String> {
    words.iter().map(|word| read(word)).collect()
}

/// The command line lets only these two words pass.
fn sex(word: &str) -> Sex {
    if word == "female" {
        Sex::Female
    } else {
        Sex::Male
    }
}

/// Where distances are counted from.
pub(super) struct Near {
    pub(super) point: GeoPoint,
    /// The place, if it was given by name.
    pub(super) place: Option<Found>,
}

/// Reads a position, or the name of a place. What holds no letter was meant for a position.
pub(super) fn near(text: &str) -> Result<Near, String> {
    let is_name = text.chars().any(char::is_alphabetic);
    match text.parse::<GeoPoint>() {
        Ok(point) => Ok(Near { point, place: None }),
        Err(_) if is_name => {
            let found = Gazetteer::find(text).map_err(|error| format!("--near: {error}"))?;
            Ok(Near {
                point: found.place.point(),
                place: Some(found),
            })
        }
        Err(error) => Err(format!(
            "--near: {error}; or name a city, such as \"Leeds, UK\""
        )),
    }
}

/// Reads the choice of sentinels.
pub(super) fn sentinels(choice: Option<&Path>) -> Sentinels {
    match choice {
        None => Sentinels::BuiltIn,
        Some(word) if word == Path::new("none") => Sentinels::None,
        Some(path) => Sentinels::File(path.to_owned()),
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

fn sort(word: &str) -> Result<Sort, String> {
    let words = Sort::ALL.map(Sort::as_str);
    word.parse()
        .map_err(|()| unknown("--sort", word, &words, ""))
}

fn status_filter(words: &[String], default: &str) -> Result<StatusFilter, String> {
    let words: Vec<&str> = if words.is_empty() {
        vec![default]
    } else {
        words.iter().map(String::as_str).collect()
    };
    let (mut listed, mut all) = (Vec::new(), false);
    for word in &words {
        match word.to_lowercase().as_str() {
            "all" => all = true,
            "open" => {
                let known = OverallStatus::KNOWN.iter();
                listed.extend(known.filter(|status| status.is_open()).cloned());
            }
            _ => listed.push(status(word)?),
        }
    }
    Ok(match words[..] {
        _ if all => StatusFilter::All,
        [word] if word.eq_ignore_ascii_case("open") => StatusFilter::Open,
        [word] if word.eq_ignore_ascii_case("recruiting") => StatusFilter::Recruiting,
        _ => StatusFilter::Listed(listed),
    })
}

/// Reads a word of the registry, in any case, with hyphens or without.
fn status(word: &str) -> Result<OverallStatus, String> {
    let status: OverallStatus = word.to_uppercase().replace('-', "_").as_str().into();
    if OverallStatus::KNOWN.contains(&status) {
        return Ok(status);
    }
    let mut allowed = vec!["open", "recruiting", "all"];
    allowed.extend(OverallStatus::KNOWN.iter().map(OverallStatus::as_str));
    Err(unknown("--status", word, &allowed, ""))
}

fn phase(word: &str) -> Result<Phase, String> {
    Phase::typed(word)
        .ok_or_else(|| unknown("--phase", word, &Phase::TYPED, " (for phase 1/2 write 1,2)"))
}

fn places(regions: &[String], countries: &[String]) -> Result<Vec<Place>, String> {
    let mut places = Vec::new();
    for word in regions {
        places.push(Place::Region(
            word.parse::<Region>()
                .map_err(|error| format!("--region: {error}"))?,
        ));
    }
    let mut rest = countries;
    while let Some((word, others)) = rest.split_first() {
        // The registry wrote some names with a comma ("Korea, Republic of"), which parts the list.
        let joined = rest.get(..2).and_then(|two| Country::find(&two.join(",")));
        if let Some(country) = joined {
            places.push(Place::Country(country));
            rest = &rest[2..];
            continue;
        }
        rest = others;
        places.push(Place::country(word).map_err(|error| format!("--country: {error}"))?);
    }
    Ok(places)
}

/// Any antigen may be asked for; one that holds no letter is a slip.
fn target(word: &str) -> Result<String, String> {
    if word.trim().is_empty() || !word.chars().any(char::is_alphabetic) {
        return Err(format!(
            "--target: `{}` is no antigen; write for example CD19 or BCMA",
            shorten(word, 40)
        ));
    }
    Ok(word.trim().to_owned())
}

fn course(word: &str) -> Result<&'static str, String> {
    const COURSES: [&str; 6] = ["rrms", "spms", "ppms", "rms", "pms", "cis"];
    let lower = word.to_lowercase();
    COURSES
        .into_iter()
        .find(|course| *course == lower)
        .ok_or_else(|| unknown("--ms-course", word, &COURSES, ""))
}

fn cell_source(word: &str) -> Result<CellSource, String> {
    let spelled = word.to_lowercase().replace('-', "_");
    CellSource::ALL
        .iter()
        .copied()
        .find(|source| source.as_str() == spelled)
        .ok_or_else(|| {
            unknown(
                "--cell-source",
                word,
                &["autologous", "allogeneic", "in-vivo"],
                "",
            )
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_words_name_the_right_ones() {
        for (message, parts) in [
            (phase("1/2").unwrap_err(), vec!["`1/2`", "early1", "1,2"]),
            (
                status_filter(&["RECRUTING".into()], "open").unwrap_err(),
                vec!["`RECRUTING`", "did you mean `RECRUITING`"],
            ),
            (
                places(&["ukk".into()], &[]).unwrap_err(),
                vec!["`ukk`", "australia", "`uk`"],
            ),
            (
                places(&[], &["Germny".into()]).unwrap_err(),
                vec!["`Germny`", "`Germany`"],
            ),
            (
                cell_source("auto").unwrap_err(),
                vec!["`auto`", "`autologous`"],
            ),
            (sort("newest").unwrap_err(), vec!["`newest`", "updated"]),
            (
                clock(Some("2026-06")).unwrap_err(),
                vec!["--today", "2026-06"],
            ),
        ] {
            for part in parts {
                assert!(message.contains(part), "{part} in {message}");
            }
        }
    }
}
