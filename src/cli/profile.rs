//! Who the patient is: a profile from a file, or its fields as options.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use super::Failure;
use super::args::{FilterArgs, ProfileArgs};
use crate::app::AppError;
use crate::patient::{Profile, ProfileError, ProfileErrors, from_cells, from_json, from_toml};

/// Profiles are short: what is longer is none.
const LONGEST_PROFILE: u64 = 1 << 20;

/// A profile that cannot be used, as what ends the command.
pub(super) fn wrong(error: impl Into<ProfileErrors>) -> Failure {
    Failure::App(AppError::Profile(error.into()))
}

/// Reads the profile of a file, and the flags over it.
pub(super) fn patient(
    file: Option<&Path>,
    flags: &ProfileArgs,
    filters: &FilterArgs,
) -> Result<Profile, Failure> {
    let cells = cells(flags, filters);
    let flags = from_cells(
        "the options",
        None,
        cells.iter().map(|(name, cell)| (*name, cell.as_str())),
    );
    let Some(path) = file else {
        return flags.map_err(wrong);
    };
    if let Some((name, _)) = cells.first() {
        return Err(Failure::Usage(format!(
            "`{name}` is given as an option beside --patient: write it into the file, or leave the file out"
        )));
    }
    let name = path.display().to_string();
    let text = text_of(path).map_err(|error| wrong(unreadable(&name, &error)))?;
    let is_json = path
        .extension()
        .is_some_and(|end| end.eq_ignore_ascii_case("json"))
        || text.trim_start().starts_with('{');
    if is_json {
        from_json(&name, &text)
    } else {
        from_toml(&name, &text)
    }
    .map_err(wrong)
}

fn text_of(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    File::open(path)?
        .take(LONGEST_PROFILE)
        .read_to_string(&mut text)?;
    Ok(text)
}

/// A file that could not be read.
pub(super) fn unreadable(name: &str, error: &io::Error) -> ProfileError {
    ProfileError {
        file: name.to_owned(),
        line: None,
        field: None,
        what: format!("could not be read: {error}; check the name and the rights"),
    }
}

/// The fields that were given as options, by their names in a profile.
fn cells(flags: &ProfileArgs, filters: &FilterArgs) -> Vec<(&'static str, String)> {
    let age = filters.age.map(|age| age.to_string());
    let course = (!filters.ms_course.is_empty()).then(|| filters.ms_course.join(","));
    let shared = [
        ("age", &age),
        ("sex", &filters.sex),
        ("near", &filters.near),
        ("ms_course", &course),
    ];
    let own = [
        ("id", &flags.id),
        ("country", &flags.living_in),
        ("diagnosed", &flags.diagnosed),
        ("edss", &flags.edss),
        ("relapses_12_months", &flags.relapses_12_months),
        ("relapses_24_months", &flags.relapses_24_months),
        ("last_relapse", &flags.last_relapse),
        ("last_mri", &flags.last_mri),
        ("gd_lesions_last", &flags.gd_lesions_last),
        ("new_t2_last", &flags.new_t2_last),
        ("progression_24_months", &flags.progression_24_months),
        ("treatments", &flags.treatments),
        ("treatments_complete", &flags.treatments_complete),
        ("prior_hsct", &flags.prior_hsct),
        ("prior_cell_therapy", &flags.prior_cell_therapy),
        ("pregnant", &flags.pregnant),
        ("breastfeeding", &flags.breastfeeding),
        ("infections", &flags.infections),
        ("antibodies", &flags.antibodies),
        ("labs", &flags.labs),
        ("lvef", &flags.lvef),
        ("conditions", &flags.conditions),
        ("absent", &flags.absent),
        ("mri_possible", &flags.mri_possible),
        ("lumbar_puncture_possible", &flags.lumbar_puncture_possible),
        ("weight_kg", &flags.weight_kg),
    ];
    let all = shared.into_iter().chain(own);
    all.filter_map(|(name, cell)| Some((name, cell.clone()?)))
        .collect()
}
