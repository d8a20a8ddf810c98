//! What can be typed.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use super::profile::ProfileCommand;
use super::settings;
use crate::app::Sentinels;
use crate::study::NctNumber;

/// Finds clinical trials of CAR-T cell therapy for multiple sclerosis and tells where each is really open.
///
/// Information to discuss with a neurologist, not medical advice; only the study team can decide who may join.
#[derive(Debug, Parser)]
#[command(name = "trialbrief", version, max_term_width = 100, after_help = EXIT_CODES)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Command,
    #[command(flatten)]
    pub(super) global: GlobalArgs,
}

const EXIT_CODES: &str = "Exit codes: 0 done · 1 unexpected error · 2 wrong usage · 3 registry unreachable or incomplete, nothing written \
· 4 recall guard: a known study is missing · 5 bad input file · 6 locked by another run · 7 the named study is not in the source \
· 10 done, and something changed (`export --exit-code`)";

const REGIONS: &str = "Regions: us (with Puerto Rico, Guam, US Virgin Islands, American Samoa, Northern Mariana Islands), europe (EU, EEA, Switzerland \
and the other countries of the continent but the UK and Russia; with Cyprus, Malta and the overseas departments of EU states), uk (with Jersey, \
Guernsey, Isle of Man), china (with Hong Kong, Macau), australia (with its territories), other (all else: Taiwan, Türkiye, Israel, Russia, Georgia, Armenia, \
Azerbaijan …). Where country and city of a site plainly disagree, the city decides and the site is flagged.";

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List the studies that fit.
    #[command(after_help = REGIONS)]
    Search(Box<SearchArgs>),
    /// Show studies whole: criteria, sites by region, contacts, dates.
    Show(ShowArgs),
    /// Write a handout for the appointment: for the patient, for the neurologist, a page a study. The file is for its owner only.
    #[command(after_help = REGIONS)]
    Brief(Box<BriefArgs>),
    /// Put patients against studies: what is met, what is not, what to ask. Nothing about a patient is stored or sent.
    #[command(after_help = REGIONS)]
    Screen(Box<ScreenArgs>),
    /// Serve the same as pages for a browser on this machine, and as JSON. Nothing about a patient is stored or sent.
    Serve(ServeArgs),
    /// Write or examine what is known of a patient.
    #[command(subcommand)]
    Profile(ProfileCommand),
    /// Bring the store up to date and write a CSV of it, whole or not at all, with its provenance beside it.
    #[command(after_help = REGIONS)]
    Export(Box<ExportArgs>),
    /// Tell what changed in the studies of the local store.
    Changes(ChangesArgs),
    /// Bring the local store up to date: from the registry, or from downloaded records.
    Sync(SyncArgs),
    /// Take care of the local store: where it is, whether it is whole, a copy of it, old things out of it.
    Store {
        #[command(subcommand)]
        command: StoreCommand,
    },
    /// Run the weekly export by cron or systemd.
    Cron {
        #[command(subcommand)]
        command: CronCommand,
    },
    /// Write the completion script of a shell.
    Completions {
        /// For which shell.
        shell: Shell,
    },
    /// Write the man page, in roff.
    Man,
}

#[derive(Debug, Subcommand)]
pub(super) enum CronCommand {
    /// Print the line for crontab, or the service and the timer of systemd.
    Show(CronArgs),
    /// Put it into your crontab, or your units of systemd. Nothing is done without --yes.
    Install {
        #[command(flatten)]
        args: CronArgs,
        /// Do it.
        #[arg(long)]
        yes: bool,
    },
}

/// By what the job is started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Scheduler {
    Crontab,
    Systemd,
}

#[derive(Debug, Args)]
pub(super) struct CronArgs {
    /// By what the job is started.
    #[arg(long, value_enum, default_value = "crontab")]
    pub(super) scheduler: Scheduler,
    /// What `export` is called with, behind `--`: for example -- --csv trials.csv --changes changes.csv
    #[arg(last = true, required = true, value_name = "EXPORT OPTIONS")]
    pub(super) export: Vec<String>,
}

#[derive(Debug, Subcommand)]
pub(super) enum StoreCommand {
    /// Print the path of the store's file.
    Path,
    /// Examine the store: the file, every record, and whether they belong together.
    Check,
    /// Copy the store into a file, whole or not at all.
    Backup {
        /// The copy.
        file: PathBuf,
    },
    /// Print the studies that must be there after a sync, one a line, as `--sentinels FILE` takes them.
    Sentinels {
        #[command(flatten)]
        sentinels: SentinelArgs,
    },
    /// Forget old versions, rows of the change log, and studies that the registry no longer has. Current studies stay.
    Forget {
        /// What is older than this day, or than so many days.
        #[arg(long, value_name = "DATE|DAYS")]
        older_than: String,
        #[command(flatten)]
        wait: WaitArgs,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    Table,
    Json,
    Csv,
    Markdown,
    // A page that stands alone; a doc comment here would make every help long.
    Html,
}

impl Format {
    /// The word for it on the command line.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Markdown => "markdown",
            Self::Html => "html",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
pub(super) struct GlobalArgs {
    /// auto (live, else the local store, else the bundled sample), live, store, sample, or the path of downloaded records.
    #[arg(long, global = true, default_value = "auto", value_name = "SOURCE")]
    pub(super) source: String,
    /// Address of the registry's service.
    #[arg(long, global = true, env = "TRIALBRIEF_API", value_name = "URL")]
    pub(super) api: Option<String>,
    /// Directory of the local store. [default: the platform's directory for data]
    #[arg(long, global = true, env = "TRIALBRIEF_DATA_DIR", value_name = "DIR")]
    pub(super) data_dir: Option<PathBuf>,
    /// Count this day as today, so that the output can be reproduced.
    #[arg(
        long,
        global = true,
        env = "TRIALBRIEF_TODAY",
        value_name = "YYYY-MM-DD"
    )]
    pub(super) today: Option<String>,
    /// Milliseconds from one request to the next.
    #[arg(long, global = true, default_value_t = 1000, value_name = "MS")]
    pub(super) min_interval: u64,
    /// Seconds for a whole fetch with its retries.
    #[arg(long, global = true, default_value_t = 300, value_name = "S", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub(super) timeout: u64,
    /// Certificate file of an authority to trust besides the system's, for networks that inspect TLS.
    #[arg(long, global = true, value_name = "FILE")]
    pub(super) ca: Option<PathBuf>,
    /// Speak HTTP/1.1 only.
    #[arg(long, global = true)]
    pub(super) http1: bool,
    /// Highest TLS version.
    #[arg(long, global = true, value_name = "VERSION", value_parser = ["1.2", "1.3"])]
    pub(super) tls_max: Option<String>,
    /// Name to give to the registry in place of our own.
    #[arg(long, global = true, value_name = "TEXT")]
    pub(super) user_agent: Option<String>,
    /// Product rows to add to the built-in ones (same columns, parted by tabs).
    #[arg(long, global = true, value_name = "FILE")]
    pub(super) lexicon: Option<PathBuf>,
    /// Form of the output; html in `brief` and `screen` only. [default: table; html in `brief`]
    #[arg(long, global = true, value_enum)]
    pub(super) format: Option<Format>,
    /// Write to a file, whole or not at all, in place of stdout.
    #[arg(short, long, global = true, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
    /// Say nothing on stderr but errors and what makes data untrustworthy.
    #[arg(long, global = true, conflicts_with = "verbose")]
    pub(super) quiet: bool,
    /// Say more on stderr: requests, records that could not be used, product codes that are not known.
    #[arg(long, global = true)]
    pub(super) verbose: bool,
    /// Colour. Output is read without it; nothing is coloured at present.
    #[arg(long, global = true, value_enum, default_value = "auto")]
    pub(super) color: Color,
    /// Language of the output.
    #[arg(long, global = true, default_value = "en", value_parser = ["en"])]
    pub(super) lang: String,
}

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Filters")]
pub(super) struct FilterArgs {
    /// car-t (CAR-T and its relatives), any, or words.
    #[arg(long, default_value = "car-t", value_name = "THERAPY")]
    pub(super) therapy: String,
    /// ms (multiple sclerosis, alone or among others), any, or words.
    #[arg(long, default_value = "ms", value_name = "CONDITION")]
    pub(super) condition: String,
    /// Keep studies with a site there: us, europe, uk, china, australia, other. Studies without sites stay.
    #[arg(long, value_delimiter = ',', value_name = "REGION")]
    pub(super) region: Vec<String>,
    /// Keep studies with a site in these countries.
    #[arg(long, value_delimiter = ',', value_name = "NAME")]
    pub(super) country: Vec<String>,
    /// early1, 1, 2, 3, 4, na; a phase 1/2 study fits both.
    #[arg(long, value_delimiter = ',', value_name = "PHASE")]
    pub(super) phase: Vec<String>,
    /// open (recruiting, not yet recruiting, by invitation), recruiting, all, or registry words. [default: open; all in `export`]
    #[arg(long, value_delimiter = ',', value_name = "STATUS")]
    pub(super) status: Vec<String>,
    /// Keep only studies that take people in at the asked place now, or whose site there does not say.
    #[arg(long)]
    pub(super) open_here: bool,
    /// Antigens: CD19, BCMA, CD20 … Studies whose target is not stated stay.
    #[arg(long, value_delimiter = ',', value_name = "ANTIGEN")]
    pub(super) target: Vec<String>,
    /// autologous, allogeneic, in-vivo. Studies whose source is not known stay.
    #[arg(long, value_delimiter = ',', value_name = "SOURCE")]
    pub(super) cell_source: Vec<String>,
    /// rrms, spms, ppms, rms, pms, cis: keep studies that may take this course. Studies that name no course stay.
    #[arg(long, value_delimiter = ',', value_name = "COURSE")]
    pub(super) ms_course: Vec<String>,
    /// Keep studies whose age bounds hold this age in years.
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = clap::value_parser!(u32).range(0..=120))]
    pub(super) age: Option<u32>,
    /// Keep studies that this sex may join.
    #[arg(long, value_name = "SEX", value_parser = ["female", "male"])]
    pub(super) sex: Option<String>,
    /// Count distances from here: a city ("Leeds", "Springfield, IL", 北京) or LAT,LON in degrees (-33.87,151.21). It is
    /// never sent anywhere.
    #[arg(long, value_name = "PLACE|LAT,LON", allow_hyphen_values = true)]
    pub(super) near: Option<String>,
    /// Keep studies with a site within so many kilometres (needs --near).
    #[arg(long, value_name = "KM", allow_negative_numbers = true)]
    pub(super) within: Option<f64>,
    /// Keep studies updated on this date or later.
    #[arg(long, value_name = "DATE")]
    pub(super) updated_since: Option<String>,
    /// Studies at most.
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) limit: Option<u32>,
    /// Order: relevance, updated, distance (needs --near), phase.
    #[arg(long, default_value = "relevance", value_name = "ORDER")]
    pub(super) sort: String,
}

#[derive(Debug, Args)]
pub(super) struct SearchArgs {
    #[command(flatten)]
    pub(super) filters: FilterArgs,
    /// Show what was read even if the registry could not be read to the end.
    #[arg(long)]
    pub(super) partial: bool,
    /// CSV with CRLF line ends.
    #[arg(long)]
    pub(super) crlf: bool,
    /// CSV with a byte order mark, for Excel.
    #[arg(long)]
    pub(super) bom: bool,
}

#[derive(Debug, Args)]
pub(super) struct ShowArgs {
    /// Registry numbers, for example NCT07224373.
    #[arg(required = true, value_name = "NCT")]
    pub(super) numbers: Vec<NctNumber>,
    /// Count distances from here: a city ("Leeds", "Springfield, IL", 北京) or LAT,LON in degrees (-33.87,151.21). It is
    /// never sent anywhere.
    #[arg(long, value_name = "PLACE|LAT,LON", allow_hyphen_values = true)]
    pub(super) near: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct ScreenArgs {
    /// Age, sex and course of MS are facts about the patient here, and hide no study.
    #[command(flatten)]
    pub(super) filters: FilterArgs,
    /// A profile in TOML or JSON.
    #[arg(long, value_name = "FILE", conflicts_with = "patients")]
    pub(super) patient: Option<PathBuf>,
    /// A FHIR R4 bundle of one patient (JSON). What cannot be read is listed.
    #[arg(long, value_name = "BUNDLE", conflicts_with_all = ["patient", "patients"])]
    pub(super) fhir: Option<PathBuf>,
    /// A table of patients (CSV), one row each.
    #[arg(long, value_name = "FILE")]
    pub(super) patients: Option<PathBuf>,
    /// Only these studies. With --patients and one study the table is turned round: all patients for one study, by
    /// verdict, then by what they meet, then by the way to the nearest site; what is printed of each is held in memory
    /// until the last row.
    #[arg(long, value_delimiter = ',', value_name = "NCT")]
    pub(super) study: Vec<NctNumber>,
    /// Stop at the first row that cannot be used.
    #[arg(long, requires = "patients")]
    pub(super) strict: bool,
    #[command(flatten)]
    pub(super) profile: ProfileArgs,
}

#[derive(Debug, Args)]
pub(super) struct BriefArgs {
    /// Age, sex and course of MS are facts about the patient here, and hide no study.
    #[command(flatten)]
    pub(super) filters: FilterArgs,
    /// A profile in TOML or JSON.
    #[arg(long, value_name = "FILE")]
    pub(super) patient: Option<PathBuf>,
    /// A FHIR R4 bundle of one patient (JSON). What cannot be read is listed.
    #[arg(long, value_name = "BUNDLE", conflicts_with = "patient")]
    pub(super) fhir: Option<PathBuf>,
    /// Studies that get a page of their own, at most.
    #[arg(long, default_value_t = 5, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=200))]
    pub(super) pages: u32,
    #[command(flatten)]
    pub(super) profile: ProfileArgs,
}

#[derive(Debug, Args)]
pub(super) struct ServeArgs {
    /// Address and port to listen on; port 0 takes a free one. On an address that other machines can reach, pages that
    /// take facts about a patient are off.
    #[arg(long, default_value = "127.0.0.1:8787", value_name = "ADDRESS:PORT")]
    pub(super) bind: String,
    /// Host name under which a proxy that ends TLS passes requests on: facts about a patient are taken under it.
    #[arg(long, value_name = "HOST")]
    pub(super) behind_tls: Option<String>,
    /// Address of that proxy, if it is on another machine. Nobody else may claim that TLS was ended.
    #[arg(long, value_name = "ADDRESS", requires = "behind_tls")]
    pub(super) proxy: Vec<String>,
    /// Bring the local store up to date now and then so often (24h), and show what it holds; meanwhile what was there before.
    #[arg(long, value_name = "TIME")]
    pub(super) sync_every: Option<String>,
    /// With --sync-every: list of studies that must be there (one number a line), or none.
    #[arg(long, value_name = "FILE|none", requires = "sync_every")]
    pub(super) sentinels: Option<PathBuf>,
    /// With --sync-every: a study of that list that need not be there. May be given more than once.
    #[arg(long, value_name = "NCT", requires = "sync_every")]
    pub(super) without_sentinel: Vec<NctNumber>,
    /// Open the page in a browser.
    #[arg(long)]
    pub(super) open: bool,
}

/// Fields of a profile as flags. They are written as in a table of patients.
#[derive(Debug, Args)]
#[command(next_help_heading = "Patient")]
pub(super) struct ProfileArgs {
    /// What the clinic calls the patient; no name.
    #[arg(long, value_name = "TEXT")]
    pub(super) id: Option<String>,
    /// Country that the patient lives in.
    #[arg(long, value_name = "NAME")]
    pub(super) living_in: Option<String>,
    /// When MS was diagnosed.
    #[arg(long, value_name = "DATE")]
    pub(super) diagnosed: Option<String>,
    /// EDSS score, 0 to 10 in half steps.
    #[arg(long, value_name = "SCORE")]
    pub(super) edss: Option<String>,
    /// Relapses in the last 12 months.
    #[arg(long, value_name = "N")]
    pub(super) relapses_12_months: Option<String>,
    /// Relapses in the last 24 months.
    #[arg(long, value_name = "N")]
    pub(super) relapses_24_months: Option<String>,
    /// When the last relapse began.
    #[arg(long, value_name = "DATE")]
    pub(super) last_relapse: Option<String>,
    /// When the last MRI was made.
    #[arg(long, value_name = "DATE")]
    pub(super) last_mri: Option<String>,
    /// Lesions with gadolinium on that MRI.
    #[arg(long, value_name = "N")]
    pub(super) gd_lesions_last: Option<String>,
    /// New T2 lesions on that MRI.
    #[arg(long, value_name = "N")]
    pub(super) new_t2_last: Option<String>,
    /// Disability worsened in the last 24 months: true or false.
    #[arg(long, value_name = "BOOL")]
    pub(super) progression_24_months: Option<String>,
    /// drug:started:stopped:reason, several parted by `;`. `stopped` is the date of the last dose, or ongoing.
    #[arg(long, value_name = "LIST")]
    pub(super) treatments: Option<String>,
    /// Nothing else was ever taken: true or false.
    #[arg(long, value_name = "BOOL")]
    pub(super) treatments_complete: Option<String>,
    /// Had a transplant of stem cells: true or false.
    #[arg(long, value_name = "BOOL")]
    pub(super) prior_hsct: Option<String>,
    /// Had a cell or gene therapy: true or false.
    #[arg(long, value_name = "BOOL")]
    pub(super) prior_cell_therapy: Option<String>,
    /// true or false.
    #[arg(long, value_name = "BOOL")]
    pub(super) pregnant: Option<String>,
    /// true or false.
    #[arg(long, value_name = "BOOL")]
    pub(super) breastfeeding: Option<String>,
    /// For example hiv:negative;hbv:positive.
    #[arg(long, value_name = "LIST")]
    pub(super) infections: Option<String>,
    /// For example aqp4:negative.
    #[arg(long, value_name = "LIST")]
    pub(super) antibodies: Option<String>,
    /// For example igg:450 mg/dL;anc:3200 /uL.
    #[arg(long, value_name = "LIST")]
    pub(super) labs: Option<String>,
    /// Ejection fraction, per cent.
    #[arg(long, value_name = "N")]
    pub(super) lvef: Option<String>,
    /// For example seizure:2015-04-02;malignancy:never.
    #[arg(long, value_name = "LIST")]
    pub(super) conditions: Option<String>,
    /// What the patient never had, for example stroke;seizure.
    #[arg(long, value_name = "LIST")]
    pub(super) absent: Option<String>,
    /// An MRI can be made: true or false.
    #[arg(long, value_name = "BOOL")]
    pub(super) mri_possible: Option<String>,
    /// A lumbar puncture can be made: true or false.
    #[arg(long, value_name = "BOOL")]
    pub(super) lumbar_puncture_possible: Option<String>,
    /// Weight in kilograms.
    #[arg(long, value_name = "KG")]
    pub(super) weight_kg: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct WaitArgs {
    /// Wait so many seconds for another run to end, an hour if no number is given; else fail at once (exit code 6).
    #[arg(long, value_name = "S", num_args = 0..=1, default_missing_value = "3600")]
    wait: Option<u64>,
}

impl WaitArgs {
    pub(super) fn time(&self) -> Duration {
        Duration::from_secs(self.wait.unwrap_or_default())
    }
}

/// Which studies must be there.
#[derive(Debug, Args)]
pub(super) struct SentinelArgs {
    /// List of studies that must be there (one number a line), or none. `store sentinels` prints the built-in one.
    #[arg(long, value_name = "FILE|none")]
    pub(super) sentinels: Option<PathBuf>,
    /// A study of that list that need not be there: one that the registry really gave up. May be given more than once.
    #[arg(long, value_name = "NCT")]
    pub(super) without_sentinel: Vec<NctNumber>,
}

impl SentinelArgs {
    pub(super) fn choice(&self) -> Sentinels {
        settings::sentinels(self.sentinels.as_deref(), &self.without_sentinel)
    }
}

/// What a run must come up to before it replaces the last good one.
#[derive(Debug, Args)]
#[command(next_help_heading = "Recall guard")]
pub(super) struct GuardArgs {
    #[command(flatten)]
    pub(super) sentinels: SentinelArgs,
    /// Allow the number of studies to fall by more than a fifth.
    #[arg(long)]
    pub(super) allow_shrink: bool,
}

#[derive(Debug, Args)]
pub(super) struct SyncArgs {
    /// Read everything, not only what was updated. Done by itself once a month.
    #[arg(long, conflicts_with = "file")]
    pub(super) full: bool,
    /// Take downloaded records: a study, a directory, a list, a page, NDJSON, or the registry's whole archive
    /// (ctg-studies.json.zip). Of them, engineered cell therapies and what the store holds already are kept.
    #[arg(long, value_name = "PATH")]
    pub(super) file: Option<PathBuf>,
    #[command(flatten)]
    pub(super) guard: GuardArgs,
    #[command(flatten)]
    pub(super) wait: WaitArgs,
}

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(super) struct ExportArgs {
    #[command(flatten)]
    pub(super) filters: FilterArgs,
    /// The CSV file to write.
    #[arg(long, required = true, value_name = "FILE")]
    pub(super) csv: PathBuf,
    /// A CSV of what changed since the last export to the same --csv file; at the first time, its header only.
    #[arg(long, value_name = "FILE")]
    pub(super) changes: Option<PathBuf>,
    /// A digest of what changed since then, for people, in Markdown.
    #[arg(long, value_name = "FILE")]
    pub(super) digest: Option<PathBuf>,
    /// Watch rules (TOML): --changes and --digest then say what concerns whom. Where a rule names patients, both are for
    /// their owner only. Nothing of a patient is stored or sent.
    #[arg(long, value_name = "FILE")]
    pub(super) watch: Option<PathBuf>,
    /// A JSON file of the same studies.
    #[arg(long, value_name = "FILE")]
    pub(super) json: Option<PathBuf>,
    /// A workbook of the same studies, as Excel reads it.
    #[arg(long, value_name = "FILE")]
    pub(super) xlsx: Option<PathBuf>,
    /// CRLF line ends.
    #[arg(long)]
    pub(super) crlf: bool,
    /// A byte order mark, for Excel.
    #[arg(long)]
    pub(super) bom: bool,
    /// Take the store as it is, without asking the registry.
    #[arg(long)]
    pub(super) no_sync: bool,
    /// Take the store although it is older than 30 days.
    #[arg(long)]
    pub(super) allow_stale: bool,
    /// End with exit code 10 if the CSV or a study changed.
    #[arg(long)]
    pub(super) exit_code: bool,
    #[command(flatten)]
    pub(super) guard: GuardArgs,
    #[command(flatten)]
    pub(super) wait: WaitArgs,
}

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(super) struct ChangesArgs {
    /// What was seen on this day or later.
    #[arg(long, value_name = "DATE", conflicts_with = "run")]
    pub(super) since: Option<String>,
    /// What this run brought. [default: the last]
    #[arg(long, value_name = "N")]
    pub(super) run: Option<i64>,
    /// As an Atom feed, in place of --format.
    #[arg(long)]
    pub(super) atom: bool,
    /// Watch rules (TOML): say what concerns whom. A rule is `[[rule]]` with a `name`, and lists of `regions`, `countries`,
    /// `targets`, `courses`, `phases` and `patients` (files of profiles). Nothing of a patient is stored or sent.
    #[arg(long, value_name = "FILE", conflicts_with = "atom")]
    pub(super) watch: Option<PathBuf>,
    /// Only studies of engineered cells that concern MS.
    #[arg(long)]
    pub(super) ms: bool,
    /// CSV with CRLF line ends.
    #[arg(long)]
    pub(super) crlf: bool,
    /// CSV with a byte order mark, for Excel.
    #[arg(long)]
    pub(super) bom: bool,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_definition_holds() {
        Cli::command().debug_assert();
    }
}
