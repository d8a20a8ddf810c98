//! The use cases, one layer under the command line, the page and cron.

mod brief;
mod changes;
mod export;
mod held;
mod progress;
mod screen;
mod search;
mod sentinels;
mod show;
mod source;
mod store;
mod stored;
mod sync;
mod watch;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::NaiveDate;

pub use brief::Gathered;
pub use changes::Changes;
pub use export::{Export, Exported, meta_path};
pub use held::Held;
pub use progress::{Progress, Teller};
pub use screen::{Panel, Rank, Screened};
pub use search::Search;
pub use sentinels::{SentinelList, Sentinels};
pub use show::Shown;
pub use sync::{Sync, Synced, Tally};

use crate::geo::Unit;
use crate::guard::GuardError;
use crate::patient::ProfileErrors;
use crate::registry::Problem;
use crate::registry::archive::ArchiveError;
use crate::registry::files::FileError;
use crate::registry::http::{FetchError, HttpOptions};
use crate::registry::plan::PlanError;
use crate::render::xlsx::XlsxError;
use crate::store::StoreError;
use crate::study::NctNumber;
use crate::terminology::{TableError, Terminology};
use crate::watch::WatchError;
use crate::whole_file::{Clash, WriteError};

/// Where data are to come from (`--source`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SourceChoice {
    /// Live; if that fails, the store; if that is empty, the bundled sample; and the reason is told.
    Auto,
    /// The registry only.
    Live,
    /// The last good sync.
    Store,
    /// The bundled snapshot.
    Sample,
    /// Files.
    Path(PathBuf),
}

/// What every use case needs to know.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where data come from.
    pub source: SourceChoice,
    /// How to reach the registry.
    pub http: HttpOptions,
    /// Directory of the local store; `None` where the platform names none.
    pub data_dir: Option<PathBuf>,
    /// The day that counts as today.
    pub today: NaiveDate,
    /// Now (UTC, RFC 3339).
    pub now: String,
    /// In what distances are told to people.
    pub unit: Unit,
    /// Product rows to add.
    pub lexicon: Option<PathBuf>,
    /// Whether an incomplete read is shown all the same, with its warning.
    pub partial: bool,
}

/// The use cases over their settings.
#[derive(Debug, Clone)]
pub struct App {
    settings: Settings,
    terms: Arc<Terminology>,
    held: Option<Arc<Held>>,
    teller: Teller,
}

/// What stops a use case. Each kind has an exit code of its own.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The registry cannot be asked for this.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The registry could not be read.
    #[error("{0}")]
    Fetch(#[from] FetchError),
    /// The registry could not be read to the end.
    #[error("the registry could not be read completely: {0}; nothing was written")]
    Incomplete(String),
    /// Input files cannot be used.
    #[error(transparent)]
    File(#[from] FileError),
    /// The lexicon cannot be used.
    #[error("lexicon {0}")]
    Lexicon(#[from] TableError),
    /// The sentinel list cannot be used.
    #[error(transparent)]
    Sentinels(#[from] GuardError),
    /// The read lacks studies that must be there.
    #[error("recall guard: {} of {sentinels} known studies are missing from what was read ({}){}; nothing was written", missing.len(), numbers(missing), gone_words(gone))]
    Guard {
        /// Which are missing.
        missing: Vec<NctNumber>,
        /// Of which of them the registry itself says that it does not have them.
        gone: Vec<NctNumber>,
        /// How many were looked for.
        sentinels: usize,
    },
    /// Far fewer studies than before.
    #[error(
        "recall guard: the number of {what} fell from {before} to {after}, by more than a fifth; nothing was written"
    )]
    Shrunk {
        /// Studies of which kind.
        what: &'static str,
        /// Studies before.
        before: usize,
        /// Studies that there would be.
        after: usize,
    },
    /// The record of a study that was asked for is there, and cannot be used.
    #[error("a study that was asked for cannot be used: {0}")]
    Unusable(Problem),
    /// A study is not in the source.
    #[error("{} not in the source ({source_name})", numbers(missing))]
    NotFound {
        /// Which.
        missing: Vec<NctNumber>,
        /// Where was looked.
        source_name: String,
    },
    /// Watch rules cannot be used.
    #[error(transparent)]
    Watch(#[from] WatchError),
    /// A profile cannot be used.
    #[error(transparent)]
    Profile(#[from] ProfileErrors),
    /// Rows of a table of patients could not be used; the others were screened.
    #[error("{} of patients could not be used; the others were screened", crate::text::counted(*.0, "row"))]
    Rows(u64),
    /// A file would be written over another that is needed.
    #[error(transparent)]
    Clash(#[from] Clash),
    /// A file could not be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// Some files of an export are new, and another could not be moved into its place.
    #[error(
        "{source}; but new already: {}; the provenance still tells of the run before",
        paths(new)
    )]
    Halfway {
        /// Which are new.
        new: Vec<PathBuf>,
        /// What went wrong.
        source: WriteError,
    },
    /// The local store cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The registry's archive cannot be used.
    #[error("`{}`: {source}", path.display())]
    Archive {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: ArchiveError,
    },
    /// There is no place for the store.
    #[error("there is no home directory to keep the store in")]
    NoDataDir,
    /// There is no store yet, or nothing in it.
    #[error("there is no synced store in `{}`", .0.display())]
    NoStore(PathBuf),
    /// There is no such run.
    #[error("there is no run {run} in the store; its last is run {last}")]
    NoRun {
        /// Which was asked for.
        run: i64,
        /// The last that there is.
        last: i64,
    },
    /// The store is too old to be exported.
    #[error("the store is too old to be exported: {0}; nothing was written")]
    Stale(String),
    /// The store does not hold what is asked for.
    #[error(
        "`export` writes engineered cell therapies, which is what the store holds; it cannot be whole for other therapies"
    )]
    NotHeld,
    /// Changes were asked for where nothing is remembered.
    #[error(
        "`--changes` and `--digest` need the local store: files and the sample remember nothing"
    )]
    NoChanges,
    /// The provenance of the last export cannot be read, and with it where its changes ended.
    #[error("`{}` cannot be read as the provenance of the last export: {what}", path.display())]
    Meta {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// The store is not whole.
    #[error("the store `{}` is not whole: {what}", path.display())]
    NotWhole {
        /// The store's file.
        path: PathBuf,
        /// The first of what is wrong.
        what: String,
    },
    /// A run failed, and the store that it found is damaged besides.
    #[error("{told}; and this run failed: {failed}")]
    Besides {
        /// What is wrong with the store, and what becomes of it.
        told: String,
        /// What stopped the run.
        failed: Box<Self>,
    },
    /// The workbook could not be made.
    #[error("the workbook could not be made")]
    Workbook(#[from] XlsxError),
    /// The table could not be made.
    #[error("the CSV could not be made")]
    Csv(#[from] csv::Error),
}

fn numbers(list: &[NctNumber]) -> String {
    list.iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(", ")
}

fn gone_words(gone: &[NctNumber]) -> String {
    if gone.is_empty() {
        return String::new();
    }
    format!("; the registry answers that it has no {}", numbers(gone))
}

fn paths(list: &[PathBuf]) -> String {
    let paths = list.iter().map(|path| format!("`{}`", path.display()));
    paths.collect::<Vec<_>>().join(", ")
}

impl AppError {
    /// Returns the exit code (contract: exit codes).
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Besides { failed, .. } => failed.exit_code(),
            Self::Plan(_)
            | Self::Fetch(FetchError::Base { .. } | FetchError::Setup(_))
            | Self::NoDataDir
            | Self::NoRun { .. }
            | Self::Clash(_)
            | Self::NotHeld
            | Self::NoChanges => 2,
            Self::Fetch(FetchError::CaFile { .. })
            | Self::File(_)
            | Self::Lexicon(_)
            | Self::Watch(_)
            | Self::Profile(_)
            | Self::Rows(_)
            | Self::Sentinels(_)
            | Self::Store(
                StoreError::Newer { .. } | StoreError::Older { .. } | StoreError::Damaged { .. },
            )
            | Self::NoStore(_)
            | Self::Archive { .. }
            | Self::Meta { .. }
            | Self::NotWhole { .. }
            | Self::Unusable(_) => 5,
            Self::Store(StoreError::Locked { .. }) => 6,
            Self::Fetch(_) | Self::Incomplete(_) | Self::Stale(_) => 3,
            Self::Guard { .. } | Self::Shrunk { .. } => 4,
            Self::NotFound { .. } => 7,
            Self::Write(_)
            | Self::Halfway { .. }
            | Self::Csv(_)
            | Self::Workbook(_)
            | Self::Store(_) => 1,
        }
    }

    /// Returns what to do next.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Besides { failed, .. } => return failed.hint(),
            Self::Fetch(error) => error.hint().to_owned(),
            Self::Incomplete(_) => "try again later, or see what was read with `search --partial`".into(),
            Self::Guard { missing, gone, .. } if missing == gone => {
                let options = gone.iter().map(|one| format!(" --without-sentinel {one}"));
                format!("look at its page; if it is really gone, go on without it:{}", options.collect::<String>())
            }
            Self::Guard { .. } => {
                "the registry may have answered only in part: try again; if a study is really gone, leave it out with `--without-sentinel NCT…`; `store sentinels` prints the list, and `--sentinels FILE` takes your own".into()
            }
            Self::Shrunk { .. } => {
                "the registry may have answered only in part: try again; if so many studies are really gone, say so with `--allow-shrink`".into()
            }
            Self::NotFound { missing, .. } => {
                let first = missing.first().map(ToString::to_string).unwrap_or_default();
                format!("`--source live` asks the registry itself; its page: https://clinicaltrials.gov/study/{first}")
            }
            Self::Clash(_) => "give each file a name of its own".into(),
            Self::Write(_) => "check that the folder exists, that you may write there, and that the disk has room".into(),
            Self::Halfway { .. } => {
                "see to the file that could not be written, then run the export again: it writes all files, and tells the same changes".into()
            }
            Self::File(_) => "give a study, a list, a page or NDJSON as downloaded from ClinicalTrials.gov".into(),
            Self::Lexicon(_) => "the columns are those of the embedded table: name, aliases, class, targets, source, source_basis, known_from, note, parted by tabs".into(),
            Self::Watch(_) => {
                "a rule is [[rule]] with `name`, and lists of regions, countries, targets, courses, phases, and patients (files)".into()
            }
            Self::Profile(_) | Self::Rows(_) => {
                "mend the field that is named; what is not known may stay empty".into()
            }
            Self::Store(error) => error.hint().to_owned(),
            Self::NoDataDir => "name a directory with `--data-dir DIR` or TRIALBRIEF_DATA_DIR".into(),
            Self::NoStore(_) => "run `trialbrief sync` first, or use `--source sample`".into(),
            Self::Archive { .. } => "download it again: a download that was cut short looks like this".into(),
            Self::NoRun { .. } => "`trialbrief changes --since DATE` takes all that was seen since a day".into(),
            Self::Stale(_) => "run without `--no-sync`, or accept the age with `--allow-stale`".into(),
            Self::NotHeld => "for others: `trialbrief search --format csv -o FILE`".into(),
            Self::NoChanges => "leave `--source` out, or leave `--changes` out".into(),
            Self::Meta { .. } => "it says which changes were written already: mend it, or move it away to begin anew".into(),
            Self::NotWhole { .. } => "take a backup of the file, then move it away and run `trialbrief sync`: it reads everything anew".into(),
            Self::Unusable(problem) => format!(
                "see its page: https://clinicaltrials.gov/study/{}",
                problem.nct.as_deref().unwrap_or_default()
            ),
            Self::Plan(_) | Self::Sentinels(_) | Self::Csv(_) | Self::Workbook(_) => return None,
        })
    }
}

impl App {
    /// Compiles the terminology.
    ///
    /// # Errors
    ///
    /// [`AppError::Lexicon`] names file, line and field.
    pub fn new(settings: Settings) -> Result<Self, AppError> {
        let terms = match &settings.lexicon {
            Some(path) => Terminology::with_file(path)?,
            None => Terminology::embedded()?,
        };
        Ok(Self {
            settings,
            terms: Arc::new(terms),
            held: None,
            teller: Teller::nobody(),
        })
    }

    /// Returns the same app, which tells how far a sync is.
    #[must_use]
    pub fn telling(self, teller: Teller) -> Self {
        Self { teller, ..self }
    }

    /// Returns the settings.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Returns the terminology.
    pub fn terms(&self) -> &Terminology {
        &self.terms
    }
}

/// Longest time that `auto` waits for the registry's first answer.
const AUTO_FIRST_ANSWER: Duration = Duration::from_secs(4);

/// Longest time that `auto` gives the registry for everything.
const AUTO_TOTAL: Duration = Duration::from_mins(1);
