//! Whether a patient has what a fact names: yes, no, or not known.

use chrono::{Days, Months, NaiveDate};

use super::cells::cells;
use super::course::Courses;
use super::demand::Demand;
use super::infection::infections;
use super::treatment;
use super::verdict::Why;
use crate::criteria::{Value, bars_up_to, is_strictly_above, is_strictly_below};
use crate::patient::{Analyte, Antibody, Count, Edss, Kind, Patient, Percent, TestResult, YesNo};
use crate::study::Sex;

/// Whether the patient has what is named, and what that rests on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Held {
    /// Yes, no, or not known.
    pub(super) is: Option<bool>,
    /// Why it is not known, or that it was stated.
    pub(super) why: Why,
}

impl Held {
    /// It follows from what was stated.
    pub(super) fn stated(is: bool) -> Self {
        Self {
            is: Some(is),
            why: Why::Stated,
        }
    }

    /// The patient's field is empty.
    pub(super) fn missing(field: &'static str) -> Self {
        Self {
            is: None,
            why: Why::Missing(field, ""),
        }
    }

    /// What was stated does not settle it.
    pub(super) fn unclear() -> Self {
        Self {
            is: None,
            why: Why::Unclear,
        }
    }

    /// Settled, or unclear.
    pub(super) fn settled(is: Option<bool>) -> Self {
        is.map_or(Self::unclear(), Self::stated)
    }
}

/// Says whether a patient has what a demand's value names.
pub(super) fn held(demand: &Demand<'_>, value: &Value, patient: &Patient) -> Held {
    let profile = &patient.profile;
    match value {
        Value::Age { min, max } => between(
            profile.age.map(|age| f64::from(age.get())),
            *min,
            *max,
            "age",
        ),
        Value::Edss { min, max } => between(profile.edss.map(Edss::get), *min, *max, "edss"),
        Value::Sex(word) => match &profile.sex {
            None => Held::missing("sex"),
            Some(sex) => Held::stated(sex.as_str() == *word),
        },
        Value::MsCourse { any_of, activity } => course(any_of, activity.is_some(), patient),
        Value::DiseaseDuration {
            min_years,
            max_years,
        } => duration(*min_years, *max_years, demand.words, patient),
        Value::Relapse { min_count, .. } => relapses(demand, min_count.unwrap_or(1), patient),
        Value::MriActivity { lesion, .. } => lesions(demand, lesion, patient),
        Value::Progression { window_months } => progression(*window_months, patient),
        Value::TreatmentFailure { min_count, .. } => treatment::failed(demand, *min_count, patient),
        Value::PriorTreatment { window_days, .. } => {
            treatment::exposure(demand, *window_days, patient)
        }
        Value::CellOrGeneTherapy { .. } => cells(demand, patient),
        other => of_health(demand, other, patient),
    }
}

fn of_health(demand: &Demand<'_>, value: &Value, patient: &Patient) -> Held {
    match value {
        Value::Transplant(types) => transplant(types, patient),
        Value::Infection(agents) => infections(agents, demand.words, patient),
        Value::Antibody(agents) => antibodies(agents, patient),
        Value::Lab {
            analyte,
            op,
            value,
            unit,
        } => lab(analyte, op, *value, *unit, patient),
        Value::Cardiac {
            lvef_min: Some(min),
            ..
        } => ejection_fraction(*min, demand, patient),
        Value::Cardiac { .. } => condition(Kind::Cardiac, demand, true, patient),
        Value::Malignancy { window_years } => match window_years {
            // Cancer that is there now: since when says nothing of whether it still is.
            Some(years) if *years == 0.0 => condition(Kind::Malignancy, demand, true, patient),
            _ => condition(Kind::Malignancy, demand, false, patient),
        },
        Value::Windowed(kind, window) => match kind.parse() {
            Ok(kind) => condition(kind, demand, *window == Some(0.0), patient),
            Err(_) => Held::unclear(),
        },
        Value::Plain(kind) => plain(kind, patient),
        _ => Held::unclear(),
    }
}

fn between(value: Option<f64>, min: Option<f64>, max: Option<f64>, field: &'static str) -> Held {
    let Some(value) = value else {
        return Held::missing(field);
    };
    Held::stated(min.is_none_or(|min| value >= min) && max.is_none_or(|max| value <= max))
}

/// Right at a bound that leaves itself out, a value does not reach it, but measurements differ by more.
fn ejection_fraction(min: f64, demand: &Demand<'_>, patient: &Patient) -> Held {
    let stated = patient.profile.lvef.map(Percent::get);
    let is_strict = is_strictly_above(demand.words) || bars_up_to(demand.words);
    if is_strict && stated.is_some_and(|stated| (stated - min).abs() < f64::EPSILON) {
        return Held::unclear();
    }
    between(stated, Some(min), None, "lvef")
}

fn course(any_of: &[&'static str], activity: bool, patient: &Patient) -> Held {
    let Some(course) = patient.profile.ms_course else {
        return Held::missing("ms_course");
    };
    match Courses::of(any_of).hold(Some(course)) {
        // Whether it is active is defined anew by each study.
        Some(true) if activity => Held::unclear(),
        is => Held::settled(is),
    }
}

/// Studies count from the diagnosis or from the first symptom, which lies before it.
fn duration(min: Option<f64>, max: Option<f64>, quote: &str, patient: &Patient) -> Held {
    let Some(diagnosed) = patient.profile.diagnosed else {
        return Held::missing("diagnosed");
    };
    let from_diagnosis = quote.to_lowercase().contains("diagnos");
    let back = |years: f64| {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "years of a life"
        )]
        let months = (years * 12.0).round().clamp(0.0, 1_800.0) as u32;
        patient.today.checked_sub_months(Months::new(months))
    };
    // At least `years`: the date lies that far back, at its latest and at its earliest.
    let at_least = |years: f64| {
        let limit = back(years)?;
        let is_bound = diagnosed.latest() == limit && is_strictly_above(quote);
        if diagnosed.latest() <= limit && !is_bound {
            Some(true)
        } else if diagnosed.earliest() > limit && from_diagnosis {
            Some(false)
        } else {
            None
        }
    };
    let at_most = |years: f64| {
        let limit = back(years)?;
        let is_bound = diagnosed.earliest() == limit && is_strictly_below(quote);
        if diagnosed.latest() < limit {
            Some(false)
        } else if diagnosed.earliest() >= limit && from_diagnosis && !is_bound {
            Some(true)
        } else {
            None
        }
    };
    Held::settled(both(
        min.map_or(Some(true), at_least),
        max.map_or(Some(true), at_most),
    ))
}

/// Three-valued and.
fn both(a: Option<bool>, b: Option<bool>) -> Option<bool> {
    match (a, b) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

/// Three-valued or over many.
pub(super) fn any(all: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut known = Some(false);
    for one in all {
        match one {
            Some(true) => return Some(true),
            None => known = None,
            Some(false) => {}
        }
    }
    known
}

fn relapses(demand: &Demand<'_>, asked: u32, patient: &Patient) -> Held {
    let profile = &patient.profile;
    let (year, two) = (
        profile.relapses_12_months.map(Count::get),
        profile.relapses_24_months.map(Count::get),
    );
    if year.is_none() && two.is_none() && profile.last_relapse.is_none() {
        return Held::missing("relapses_12_months");
    }
    let from = (demand.window.as_ref()).and_then(|window| window.before(patient.today));
    let months = |months| patient.today.checked_sub_months(Months::new(months));
    // Without a window all of the past counts.
    let reaches = |count_from: Option<NaiveDate>| from.is_none_or(|from| Some(from) <= count_from);
    let within = |count_from: Option<NaiveDate>| from.is_some_and(|from| Some(from) >= count_from);
    let last_in = profile
        .last_relapse
        .is_some_and(|last| from.is_none_or(|from| last.earliest() >= from));
    let last_out = profile
        .last_relapse
        .is_some_and(|last| from.is_some_and(|from| last.latest() < from));
    let counted = |count: Option<u32>, is: bool| count.filter(|_| is);
    let fewest = [
        counted(year, reaches(months(12))),
        counted(two, reaches(months(24))),
        last_in.then_some(1),
    ];
    let most = [
        counted(year, within(months(12))),
        counted(two, within(months(24))),
        last_out.then_some(0),
    ];
    let fewest = fewest.into_iter().flatten().max().unwrap_or(0);
    let most = most.into_iter().flatten().min();
    if fewest >= asked {
        Held::stated(true)
    } else if most.is_some_and(|most| most < asked) {
        Held::stated(false)
    } else {
        Held::unclear()
    }
}

/// One scan without lesions does not say that another in the window had none.
fn lesions(demand: &Demand<'_>, lesion: &str, patient: &Patient) -> Held {
    let profile = &patient.profile;
    let (gd, t2) = (
        profile.gd_lesions_last.map(Count::get),
        profile.new_t2_last.map(Count::get),
    );
    let seen = |count: Option<u32>| count.is_some_and(|count| count > 0);
    let found = match lesion {
        "gd" => seen(gd),
        "new_t2" => seen(t2),
        _ => seen(gd) || seen(t2),
    };
    if !found {
        let field = if lesion == "new_t2" {
            "new_t2_last"
        } else {
            "gd_lesions_last"
        };
        let stated = if lesion == "new_t2" { t2 } else { gd };
        return stated.map_or(Held::missing(field), |_| Held::unclear());
    }
    let Some(window) = &demand.window else {
        return Held::unclear();
    };
    let Some(scan) = profile.last_mri else {
        return Held::missing("last_mri");
    };
    let inside = window
        .before(patient.today)
        .is_some_and(|from| scan.earliest() >= from);
    if inside {
        Held::stated(true)
    } else {
        Held::unclear()
    }
}

fn progression(window: Option<f64>, patient: &Patient) -> Held {
    let Some(answer) = patient.profile.progression_24_months else {
        return Held::missing("progression_24_months");
    };
    match (answer.is_yes(), window) {
        (true, window) if window.is_none_or(|months| months >= 24.0) => Held::stated(true),
        (false, Some(months)) if months <= 24.0 => Held::stated(false),
        _ => Held::unclear(),
    }
}

fn transplant(types: &[&str], patient: &Patient) -> Held {
    let never = patient.has(Kind::Transplant) == Some(false);
    if never {
        return Held::stated(false);
    }
    let of_cells = types.iter().any(|one| one.starts_with("hsct"));
    let all = types.contains(&"hsct")
        || types.contains(&"hsct_autologous") && types.contains(&"hsct_allogeneic");
    let cells = patient.profile.prior_hsct.map(YesNo::is_yes);
    match cells {
        // Whose cells they were is not asked.
        Some(true) if of_cells && !all => Held::unclear(),
        Some(true) if of_cells => Held::stated(true),
        Some(false) if !types.contains(&"solid_organ") => Held::stated(false),
        Some(_) => Held::missing("absent"),
        None => Held::missing("prior_hsct"),
    }
}

fn antibodies(agents: &[&str], patient: &Patient) -> Held {
    let mut missing = None;
    let results = agents.iter().map(|word| {
        let antibody: Antibody = word.parse().ok()?;
        let result = patient.profile.antibodies.get(&antibody).copied();
        if result.is_none() {
            missing = missing.or(Some(antibody.as_str()));
        }
        result.map(|result| result == TestResult::Positive)
    });
    let is = any(results);
    match (is, missing) {
        (None, Some(agent)) => Held {
            is: None,
            why: Why::Missing("antibodies", agent),
        },
        (is, _) => Held::settled(is),
    }
}

fn lab(analyte: &'static str, op: &str, limit: f64, unit: Option<&str>, patient: &Patient) -> Held {
    let Some(measured) = analyte
        .parse::<Analyte>()
        .ok()
        .and_then(|analyte| patient.profile.labs.get(&analyte))
    else {
        return Held {
            is: None,
            why: Why::Missing("labs", analyte),
        };
    };
    if !measured.comparable || measured.unit != unit {
        return Held::unclear();
    }
    Held::stated(match op {
        ">" => measured.value > limit,
        ">=" => measured.value >= limit,
        "<" => measured.value < limit,
        _ => measured.value <= limit,
    })
}

/// A disease that the patient has or had. In a window only the stated date
/// counts, and one before it may have come again.
fn condition(kind: Kind, demand: &Demand<'_>, now: bool, patient: &Patient) -> Held {
    let field = if kind == Kind::Transplant {
        "prior_hsct"
    } else {
        "conditions"
    };
    match patient.has(kind) {
        None => Held {
            is: None,
            why: Why::Missing(field, kind.as_str()),
        },
        Some(false) => Held::stated(false),
        // What kind of heart disease it was is not asked.
        Some(true) if now || kind == Kind::Cardiac || is_narrower(kind, demand.words) => {
            Held::unclear()
        }
        Some(true) => match &demand.window {
            // "Patients with malignancies" may be those who have one today.
            None if comes_and_goes(kind) && !names_the_past(demand.words) => Held::unclear(),
            None => Held::stated(true),
            Some(window) => {
                let from = window.before(patient.today);
                let inside = patient
                    .since(kind)
                    .is_some_and(|since| from.is_some_and(|from| since.earliest() >= from));
                if inside {
                    Held::stated(true)
                } else {
                    Held::unclear()
                }
            }
        },
    }
}

/// Diseases that are cured or settle, so that to have had one is not to have it.
fn comes_and_goes(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Malignancy | Kind::Psychiatric | Kind::Suicidality | Kind::SubstanceUse
    )
}

fn names_the_past(quote: &str) -> bool {
    const WORDS: [&str; 6] = ["any", "ever", "had", "past", "prior", "lifetime"];
    const STEMS: [&str; 4] = ["histor", "previous", "former", "earlier"];
    const TREATED: [&str; 6] = ["chemo", "therap", "treat", "radi", "surg", "transplant"];
    let quote = quote.to_lowercase();
    let words: Vec<&str> = (quote.split(|c: char| !c.is_alphanumeric()))
        .filter(|word| !word.is_empty())
        .collect();
    let is_past =
        |word: &str| WORDS.contains(&word) || STEMS.iter().any(|stem| word.starts_with(stem));
    // "Previous chemotherapy" dates the treatment, not the disease.
    let of_treatment = |next: &str| TREATED.iter().any(|stem| next.starts_with(stem));
    (words.iter().enumerate()).any(|(at, word)| {
        is_past(word) && !words.get(at + 1).is_some_and(|next| of_treatment(next))
    })
}

/// Says whether the quote names a disease of which what the profile states may be a single event:
/// one seizure is no epilepsy, and low antibodies after a drug are no inborn disease.
fn is_narrower(kind: Kind, quote: &str) -> bool {
    let quote = quote.to_lowercase();
    match kind {
        Kind::Seizure => {
            let left = quote.replace("seizure disorder", "");
            !left.contains("seizure") && !left.contains("convuls") && !left.contains("fits")
        }
        Kind::Immunodeficiency => {
            let inborn = [
                "primary",
                "congenital",
                "inherited",
                "hereditary",
                "common variable",
            ];
            let wider = ["secondary", "acquired", "any ", "immunosuppress"];
            inborn.iter().any(|word| quote.contains(word))
                && !wider.iter().any(|word| quote.contains(word))
        }
        _ => false,
    }
}

fn plain(kind: &str, patient: &Patient) -> Held {
    let profile = &patient.profile;
    let (answer, field) = match kind {
        "pregnancy" => (profile.pregnant, "pregnant"),
        "breastfeeding" => (profile.breastfeeding, "breastfeeding"),
        "mri" => (profile.mri_possible, "mri_possible"),
        "lumbar_puncture" => (profile.lumbar_puncture_possible, "lumbar_puncture_possible"),
        _ => return Held::unclear(),
    };
    let male = matches!(kind, "pregnancy" | "breastfeeding") && profile.sex == Some(Sex::Male);
    match answer {
        Some(answer) => Held::stated(answer.is_yes()),
        None if male => Held::stated(false),
        None => Held::missing(field),
    }
}

/// Returns the day on which a patient will have had the disease for so many years.
pub(super) fn long_enough(min_years: f64, patient: &Patient) -> Option<NaiveDate> {
    let diagnosed = patient.profile.diagnosed?.latest();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "years of a life"
    )]
    let months = (min_years * 12.0).ceil().clamp(0.0, 1_800.0) as u32;
    diagnosed.checked_add_months(Months::new(months))
}

/// Returns the day on which the window behind a disease is over.
pub(super) fn window_over(kind: Kind, demand: &Demand<'_>, patient: &Patient) -> Option<NaiveDate> {
    let since = patient.since(kind)?.latest();
    demand
        .window
        .as_ref()?
        .after(since)?
        .checked_add_days(Days::new(1))
}
