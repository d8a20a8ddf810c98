//! What a command reads and writes, by the options that name it: nothing may be written in the place of anything else.

use std::path::Path;

use super::args::{Cli, Command, ExportArgs, StoreCommand};
use super::profile::ProfileCommand;
use super::{Failure, settings};
use crate::app::{AppError, SourceChoice, meta_path};
use crate::registry::files::files_in;
use crate::store;
use crate::watch::Rules;
use crate::whole_file::{Named, apart};

/// Demands that what a command writes lies apart from what it reads, from the store, and from what else it writes.
pub(super) fn check(cli: &Cli) -> Result<(), Failure> {
    let outputs = outputs(cli);
    if outputs.is_empty() {
        return Ok(());
    }
    let stays = [inputs(cli), of_store(cli)].concat();
    apart(&outputs, &stays)
        .and_then(|()| apart(&folder_safe(&outputs), &of_folder(cli)))
        .map_err(|clash| Failure::App(AppError::Clash(clash)))
}

fn outputs(cli: &Cli) -> Vec<Named> {
    match &cli.command {
        Command::Export(args) => of_export(args),
        // It looks after itself: it may lie beside the store, but not be it.
        Command::Store {
            command: StoreCommand::Backup { file },
        } => vec![Named::new("the copy", file)],
        _ => named([("-o", cli.global.output.as_deref())]),
    }
}

fn of_export(args: &ExportArgs) -> Vec<Named> {
    let meta = meta_path(&args.csv);
    let others = named([
        ("--changes", args.changes.as_deref()),
        ("--digest", args.digest.as_deref()),
        ("--json", args.json.as_deref()),
        ("--xlsx", args.xlsx.as_deref()),
    ]);
    let first = [Named::new("--csv", &args.csv), Named::new(PROVENANCE, meta)];
    first.into_iter().chain(others).collect()
}

/// What is written beside the table.
const PROVENANCE: &str = "the provenance of --csv";

fn inputs(cli: &Cli) -> Vec<Named> {
    let global = &cli.global;
    let source = Some(Path::new(&global.source)).filter(|path| path.is_file());
    let common = [
        ("--source", source),
        ("--lexicon", global.lexicon.as_deref()),
        ("--ca", global.ca.as_deref()),
    ];
    let own = match &cli.command {
        Command::Export(args) => vec![
            ("--watch", args.watch.as_deref()),
            ("--sentinels", args.guard.sentinels.sentinels.as_deref()),
        ],
        Command::Changes(args) => vec![("--watch", args.watch.as_deref())],
        Command::Screen(args) => vec![
            ("--patient", args.patient.as_deref()),
            ("--patients", args.patients.as_deref()),
            ("--fhir", args.fhir.as_deref()),
        ],
        Command::Brief(args) => vec![
            ("--patient", args.patient.as_deref()),
            ("--fhir", args.fhir.as_deref()),
        ],
        Command::Profile(ProfileCommand::New { fhir }) => vec![("--fhir", fhir.as_deref())],
        Command::Profile(ProfileCommand::Check { file, .. }) => {
            vec![("the profile", Some(file.as_path()))]
        }
        Command::Sync(args) => vec![
            ("--file", args.file.as_deref()),
            ("--sentinels", args.guard.sentinels.sentinels.as_deref()),
        ],
        _ => Vec::new(),
    };
    let mut inputs = named(common.into_iter().chain(own));
    inputs.extend(of_rules(cli));
    inputs
}

fn named<'a>(list: impl IntoIterator<Item = (&'static str, Option<&'a Path>)>) -> Vec<Named> {
    let given = list.into_iter();
    let given = given.filter_map(|(what, path)| Some(Named::new(what, path?)));
    given.collect()
}

/// The profiles that watch rules name. What is wrong with the rules is told when they are used.
fn of_rules(cli: &Cli) -> Vec<Named> {
    let rules = match &cli.command {
        Command::Export(args) => args.watch.as_deref(),
        Command::Changes(args) => args.watch.as_deref(),
        _ => None,
    };
    // What is no file can be read but once.
    let rules = rules.filter(|path| path.is_file());
    let rules = rules.and_then(|path| Rules::from_file(path).ok());
    let files = rules.into_iter().flat_map(|rules| rules.files);
    files
        .map(|file| Named::new("a profile of --watch", file))
        .collect()
}

fn of_store(cli: &Cli) -> Vec<Named> {
    let folder = settings::data_dir(&cli.global);
    let files = folder.iter().flat_map(|folder| store::own_files(folder));
    files
        .map(|file| Named::new("a file of the store", file))
        .collect()
}

/// Records in a folder that is read whole.
fn of_folder(cli: &Cli) -> Vec<Named> {
    let Ok(SourceChoice::Path(folder)) = settings::source(&cli.global.source) else {
        return Vec::new();
    };
    let files = files_in(&folder).into_iter();
    files
        .map(|file| Named::new("a file of --source", file))
        .collect()
}

/// The provenance of an earlier export may lie in a folder of records: it is no record, and ours.
fn folder_safe(outputs: &[Named]) -> Vec<Named> {
    let others = outputs.iter().filter(|one| one.what != PROVENANCE);
    others.cloned().collect()
}
