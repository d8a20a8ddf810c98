//! Who the patient is: a profile from a file, or its fields as options.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use clap::Subcommand;

use super::Failure;
use super::args::{FilterArgs, ProfileArgs};
use crate::app::{App, AppError};
use crate::patient::{
    FromFhir, LONGEST_BUNDLE, LeftOut, Profile, ProfileError, ProfileErrors, Rows, from_cells,
    from_fhir, from_file, text_of, unreadable,
};

/// What can be done with a profile.
#[derive(Debug, Subcommand)]
pub(super) enum ProfileCommand {
    /// Ask for what trials ask for, and write a profile that only its owner can read. Every question may stay open.
    ///
    /// No name, address or date of birth is asked. The file is written whole or not at all, by default to patient.toml in the
    /// current folder (`-o` names another), and an older one is replaced only after a yes.
    New {
        /// Ask nothing: fill the profile from a FHIR R4 bundle of one patient (JSON). What cannot be read is listed.
        #[arg(long, value_name = "BUNDLE")]
        fhir: Option<PathBuf>,
    },
    /// Tell every wrong field of a profile, what contradicts itself, and which missing facts most open trials ask for.
    ///
    /// Nothing about a patient is stored or sent: the registry is asked what a search asks.
    Check {
        /// A profile in TOML or JSON, or a table of patients (CSV).
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// The file is a FHIR R4 bundle of one patient (JSON).
        #[arg(long)]
        fhir: bool,
    },
}

/// A profile that cannot be used, as what ends the command.
pub(super) fn wrong(error: impl Into<ProfileErrors>) -> Failure {
    Failure::App(AppError::Profile(error.into()))
}

/// Reads the one patient of a profile, a bundle or the options, and what of a bundle was not read.
/// `files` are a profile and a bundle, at most one of them.
pub(super) fn given(
    files: (Option<&Path>, Option<&Path>),
    flags: &ProfileArgs,
    filters: &FilterArgs,
    app: &App,
) -> Result<(Profile, Vec<LeftOut>), Failure> {
    let (file, bundle) = files;
    let Some(bundle) = bundle else {
        return Ok((patient(file, flags, filters)?, Vec::new()));
    };
    alone(flags, filters, "--fhir")?;
    let read = of_bundle(bundle, app)?;
    Ok((read.profile, read.left_out))
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
        return flags.map_err(|errors| misused(&errors));
    };
    refuse_beside(&cells, "--patient")?;
    of_file(path)
}

/// A field that was given as an option and cannot be used. Its value is not repeated: it is a fact about a patient.
fn misused(errors: &ProfileErrors) -> Failure {
    let each = errors.0.iter().map(|one| {
        let path = one.field.as_deref().unwrap_or_default();
        let field = path.split(['.', '[']).next().unwrap_or_default();
        let option = match field {
            "country" => "living-in".to_owned(),
            field => field.replace('_', "-"),
        };
        let part = if path == field {
            String::new()
        } else {
            format!(" ({path})")
        };
        format!("--{option}{part}: {}", one.what)
    });
    Failure::Usage(each.collect::<Vec<_>>().join("\n"))
}

/// Refuses fields as options beside a file, whose option is named.
pub(super) fn alone(
    flags: &ProfileArgs,
    filters: &FilterArgs,
    option: &str,
) -> Result<(), Failure> {
    refuse_beside(&cells(flags, filters), option)
}

fn refuse_beside(cells: &[(&'static str, String)], option: &str) -> Result<(), Failure> {
    // Where distances are counted from is a filter too, and goes before the profile.
    match cells.iter().find(|(name, _)| *name != "near") {
        None => Ok(()),
        Some((name, _)) => Err(Failure::Usage(format!(
            "`{name}` is given as an option beside {option}: write it into the file, or leave the file out"
        ))),
    }
}

/// Reads the profile of a file in TOML or JSON.
pub(super) fn of_file(path: &Path) -> Result<Profile, Failure> {
    from_file(path).map_err(wrong)
}

/// Reads a FHIR bundle of one patient.
pub(super) fn of_bundle(path: &Path, app: &App) -> Result<FromFhir, Failure> {
    let text = text_of(path, LONGEST_BUNDLE).map_err(wrong)?;
    let name = path.display().to_string();
    let today = app.settings().today;
    from_fhir(&name, &text, app.terms().treatments(), today).map_err(wrong)
}

/// Opens a table of patients.
pub(super) fn of_table(path: &Path) -> Result<Rows<BufReader<File>>, Failure> {
    let name = path.display().to_string();
    let file = File::open(path).map_err(|error| wrong(unreadable(path, &error)))?;
    Rows::new(&name, BufReader::new(file)).map_err(wrong)
}

/// Says that a file holds no patient.
pub(super) fn no_patient(name: &str) -> ProfileError {
    ProfileError::new(name, None, None, "holds no patient")
}

/// Says whether the name of a file ends so.
pub(super) fn ends(path: &Path, ending: &str) -> bool {
    let end = path.extension();
    end.is_some_and(|end| end.eq_ignore_ascii_case(ending))
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
