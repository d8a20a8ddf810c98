//! From the words that were typed, on the command line or in a form, to filters: words become types, or
//! an error that names the field, what is allowed, and the nearest match.

use std::fmt;
use std::str::FromStr;

use super::{Filters, Sort, StatusFilter};
use crate::criteria::Wanted;
use crate::geo::{Country, Found, Gazetteer, GeoPoint, Region};
use crate::place::Place;
use crate::study::{OverallStatus, PartialDate, Phase, Sex};
use crate::terminology::CellSource;
use crate::text::{nearest, shorten};

/// Filters as they were typed; empty asks for none.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Asked {
    /// `car-t`, `any` or words.
    pub therapy: String,
    /// `ms`, `any` or words.
    pub condition: String,
    /// `open`, `recruiting`, `all` or words of the registry.
    pub status: Vec<String>,
    /// `early1`, `1` … `4`, `na`.
    pub phases: Vec<String>,
    /// Regions.
    pub regions: Vec<String>,
    /// Countries.
    pub countries: Vec<String>,
    /// Only studies that are open in the places.
    pub open_here: bool,
    /// Antigens.
    pub targets: Vec<String>,
    /// `autologous`, `allogeneic`, `in-vivo`.
    pub cell_sources: Vec<String>,
    /// Courses of MS.
    pub courses: Vec<String>,
    /// Age in years.
    pub age: Option<u32>,
    /// `female` or `male`.
    pub sex: Option<String>,
    /// A place, or `LAT,LON`.
    pub near: Option<String>,
    /// Kilometres to the nearest site at most.
    pub within_km: Option<f64>,
    /// A date.
    pub updated_since: Option<String>,
    /// Studies at most.
    pub limit: Option<u32>,
    /// Order; empty for the usual one.
    pub sort: String,
}

/// A word that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {what}")]
pub struct Misread {
    /// The field, as an option spells it (`ms-course`).
    pub field: &'static str,
    /// What is wrong, and what is allowed.
    pub what: String,
    /// Words of which each could be used in its place; may be empty.
    pub choices: Vec<String>,
}

/// Where distances are counted from.
#[derive(Debug, Clone)]
pub struct Near {
    /// The position.
    pub point: GeoPoint,
    /// The place, if it was given by name.
    pub place: Option<Found>,
}

fn misread(field: &'static str) -> impl Fn(String) -> Misread {
    move |what| Misread {
        field,
        what,
        choices: Vec::new(),
    }
}

impl Asked {
    /// Reads the words; `status` is what is asked for where no status is.
    ///
    /// # Errors
    ///
    /// [`Misread`] names the first field that cannot be used.
    pub fn filters(&self, status: &str) -> Result<Filters, Misread> {
        let (filters, wrong) = self.read(status);
        wrong.into_iter().next().map_or(Ok(filters), Err)
    }

    /// Reads the words, and says of each that cannot be used what is wrong; such a filter asks for nothing.
    pub fn read(&self, status: &str) -> (Filters, Vec<Misread>) {
        let mut wrong = Wrong::default();
        let near = wrong.of(self.near.as_deref().map(near).transpose());
        let near = near.flatten();
        let usual = Filters::default();
        let filters = Filters {
            sort: wrong.of(self.order()).unwrap_or(usual.sort),
            within_km: wrong.of(self.distance()).flatten(),
            therapy: wrong
                .of(read(&self.therapy, "therapy"))
                .unwrap_or(usual.therapy),
            condition: wrong
                .of(read(&self.condition, "condition"))
                .unwrap_or(usual.condition),
            status: wrong
                .of(status_filter(&self.status, status))
                .unwrap_or(usual.status),
            phases: wrong.each(&self.phases, phase),
            places: wrong
                .of(places(&self.regions, &self.countries))
                .unwrap_or_default(),
            open_here: self.open_here,
            targets: wrong.each(&self.targets, target),
            sources: wrong.each(&self.cell_sources, cell_source),
            courses: wrong.each(&self.courses, course),
            age: self.age,
            sex: wrong.of(self.sex.as_deref().map(sex).transpose()).flatten(),
            near: near.as_ref().map(|near| near.point),
            near_place: near.and_then(|near| near.place),
            updated_since: wrong.of(self.since()).flatten(),
            numbers: None,
            limit: self.limit.and_then(|limit| usize::try_from(limit).ok()),
            wanted: Wanted::All,
        };
        (filters, wrong.0)
    }

    fn order(&self) -> Result<Sort, Misread> {
        if self.sort.is_empty() {
            return Ok(Sort::Relevance);
        }
        let sort = sort(&self.sort)?;
        if sort == Sort::Distance && self.near.is_none() {
            let what = "`distance` needs a place to count from: give near too";
            return Err(misread("sort")(what.to_owned()));
        }
        Ok(sort)
    }

    fn distance(&self) -> Result<Option<f64>, Misread> {
        match self.within_km {
            Some(within) if !(within.is_finite() && within > 0.0) => {
                let what = format!("`{within}` is no distance: write kilometres, more than 0");
                Err(misread("within")(what))
            }
            within => Ok(within),
        }
    }

    fn since(&self) -> Result<Option<PartialDate>, Misread> {
        let since = self.updated_since.as_deref().map(PartialDate::from_str);
        since
            .transpose()
            .map_err(|error| misread("updated-since")(error.to_string()))
    }
}

fn read<T: FromStr<Err: fmt::Display>>(words: &str, field: &'static str) -> Result<T, Misread> {
    words
        .parse()
        .map_err(|error: T::Err| misread(field)(error.to_string()))
}

/// What cannot be used, in the order in which it was met.
#[derive(Default)]
struct Wrong(Vec<Misread>);

impl Wrong {
    fn of<T>(&mut self, read: Result<T, Misread>) -> Option<T> {
        read.map_err(|wrong| self.0.push(wrong)).ok()
    }

    fn each<T>(&mut self, words: &[String], read: fn(&str) -> Result<T, Misread>) -> Vec<T> {
        words
            .iter()
            .filter_map(|word| self.of(read(word)))
            .collect()
    }
}

fn sex(word: &str) -> Result<Sex, Misread> {
    match word {
        "female" => Ok(Sex::Female),
        "male" => Ok(Sex::Male),
        _ => Err(unknown("sex", word, &["female", "male"], "")),
    }
}

/// Reads a position, or the name of a place. What holds no letter was meant for a position.
///
/// # Errors
///
/// [`Misread`]: no such place, or several of that name.
pub fn near(text: &str) -> Result<Near, Misread> {
    let wrong = misread("near");
    let is_name = text.chars().any(char::is_alphabetic);
    match text.parse::<GeoPoint>() {
        Ok(point) => Ok(Near { point, place: None }),
        Err(_) if is_name => {
            let found = Gazetteer::find(text).map_err(|error| Misread {
                choices: error.choices(),
                ..wrong(error.to_string())
            })?;
            Ok(Near {
                point: found.place.point(),
                place: Some(found),
            })
        }
        Err(error) => Err(wrong(format!(
            "{error}; or name a city, such as \"Leeds, UK\""
        ))),
    }
}

fn unknown(field: &'static str, word: &str, allowed: &[&str], more: &str) -> Misread {
    let hint = nearest(word, allowed.iter().copied())
        .map_or(String::new(), |near| format!("; did you mean `{near}`?"));
    misread(field)(format!(
        "`{}` is not known; allowed: {}{more}{hint}",
        shorten(word, 40),
        allowed.join(", ")
    ))
}

fn sort(word: &str) -> Result<Sort, Misread> {
    let words = Sort::ALL.map(Sort::as_str);
    word.parse().map_err(|()| unknown("sort", word, &words, ""))
}

fn status_filter(words: &[String], default: &str) -> Result<StatusFilter, Misread> {
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
fn status(word: &str) -> Result<OverallStatus, Misread> {
    let status: OverallStatus = word.to_uppercase().replace('-', "_").as_str().into();
    if OverallStatus::KNOWN.contains(&status) {
        return Ok(status);
    }
    let mut allowed = vec!["open", "recruiting", "all"];
    allowed.extend(OverallStatus::KNOWN.iter().map(OverallStatus::as_str));
    Err(unknown("status", word, &allowed, ""))
}

/// Reads a phase as people write it, or as the registry does.
///
/// # Errors
///
/// [`Misread`]: no phase.
pub fn phase(word: &str) -> Result<Phase, Misread> {
    match word.to_lowercase().as_str() {
        "early1" | "early_phase1" => Ok(Phase::Early1),
        "1" | "phase1" => Ok(Phase::Phase1),
        "2" | "phase2" => Ok(Phase::Phase2),
        "3" | "phase3" => Ok(Phase::Phase3),
        "4" | "phase4" => Ok(Phase::Phase4),
        "na" => Ok(Phase::NotApplicable),
        _ => Err(unknown(
            "phase",
            word,
            &["early1", "1", "2", "3", "4", "na"],
            " (for phase 1/2 write 1,2)",
        )),
    }
}

fn places(regions: &[String], countries: &[String]) -> Result<Vec<Place>, Misread> {
    let mut places = Vec::new();
    for word in regions {
        places.push(Place::Region(
            word.parse::<Region>()
                .map_err(|error| misread("region")(error.to_string()))?,
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
        places.push(Place::Country(country(word)?));
    }
    Ok(places)
}

/// Reads a country by any of its names.
///
/// # Errors
///
/// [`Misread`]: no such country.
pub fn country(word: &str) -> Result<Country, Misread> {
    Country::find(word).ok_or_else(|| {
        let hint = Country::nearest(word).map_or(String::new(), |near| {
            format!("; did you mean `{}`?", near.name())
        });
        misread("country")(format!(
            "`{}` is no country; allowed: English country names and ISO codes{hint}",
            shorten(word, 40)
        ))
    })
}

/// Reads an antigen. Any may be asked for; one that holds no letter is a slip.
///
/// # Errors
///
/// [`Misread`]: no antigen.
pub fn target(word: &str) -> Result<String, Misread> {
    if word.trim().is_empty() || !word.chars().any(char::is_alphabetic) {
        return Err(misread("target")(format!(
            "`{}` is no antigen; write for example CD19 or BCMA",
            shorten(word, 40)
        )));
    }
    Ok(word.trim().to_owned())
}

/// Reads a course of MS that studies are asked for by.
///
/// # Errors
///
/// [`Misread`]: no such course.
pub fn course(word: &str) -> Result<&'static str, Misread> {
    const COURSES: [&str; 6] = ["rrms", "spms", "ppms", "rms", "pms", "cis"];
    let lower = word.to_lowercase();
    COURSES
        .into_iter()
        .find(|course| *course == lower)
        .ok_or_else(|| unknown("ms-course", word, &COURSES, ""))
}

fn cell_source(word: &str) -> Result<CellSource, Misread> {
    let spelled = word.to_lowercase().replace('-', "_");
    CellSource::ALL
        .iter()
        .copied()
        .find(|source| source.as_str() == spelled)
        .ok_or_else(|| {
            unknown(
                "cell-source",
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
        ] {
            let message = message.to_string();
            for part in parts {
                assert!(message.contains(part), "{part} in {message}");
            }
        }
    }
}
