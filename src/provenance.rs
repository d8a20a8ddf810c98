//! Where data came from, how old they are, and what was done to them. Every
//! output carries it (registry terms and conditions, 2023-01-31).

use chrono::NaiveDate;

use crate::study::PartialDate;

/// Days after which data are called old.
const OLD_AFTER_DAYS: i64 = 10;

/// Kind of source (contract: `source.kind`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceKind {
    /// The registry itself, now.
    Live,
    /// The last good sync.
    Store,
    /// The snapshot bundled in the program.
    Sample,
    /// Files named by the user.
    Files,
}

impl SourceKind {
    /// Returns the contract's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Store => "store",
            Self::Sample => "sample",
            Self::Files => "files",
        }
    }
}

/// Where the data of an output came from.
#[derive(Debug, Clone)]
pub struct Source {
    /// Kind.
    pub kind: SourceKind,
    /// Address of the registry's service, for live data.
    pub api: Option<String>,
    /// The registry's own stamp of the data set, or the newest record's processing date.
    pub registry_timestamp: Option<String>,
    /// When the registry processed the oldest of the records that are shown, for files of several dates.
    pub oldest_record: Option<PartialDate>,
    /// When the data were read (UTC, RFC 3339).
    pub retrieved_at: String,
    /// Requests that were sent, in order.
    pub requests: Vec<String>,
    /// The path that was read, for files.
    pub path: Option<String>,
    /// Why the data are not complete; `None` if they are.
    pub incomplete: Option<String>,
    /// Why this source and not the one that goes before it.
    pub fallback: Option<String>,
    /// Whether the store was brought up to date in this very run.
    pub just_synced: bool,
}

/// The day of a moment; what holds none, as it is.
pub(crate) fn day(moment: &str) -> &str {
    let day = moment.get(..10);
    day.filter(|day| day.parse::<NaiveDate>().is_ok())
        .unwrap_or(moment)
}

/// What the program does to the registry's data, said wherever they are shown.
pub const MODIFICATIONS: &str = "filtered; Markdown escapes, HTML and entities turned to plain text; countries grouped into regions; \
     cell therapy, relevance for MS and state by region worked out by trialbrief";

impl Source {
    /// Says whether everything that the source holds was read.
    pub fn is_complete(&self) -> bool {
        self.incomplete.is_none()
    }

    /// Returns the attribution that the registry's terms ask for.
    pub fn attribution(&self) -> String {
        Self::attributed(self.registry_timestamp.as_deref(), &self.retrieved_at)
    }

    /// Returns the same with days in place of times, for people.
    pub fn attribution_in_days(&self) -> String {
        let processed = self.registry_timestamp.as_deref().map(day);
        Self::attributed(processed, day(&self.retrieved_at))
    }

    fn attributed(processed: Option<&str>, retrieved: &str) -> String {
        let processed = processed.unwrap_or("a date that the data do not carry");
        format!(
            "Source: ClinicalTrials.gov (U.S. National Library of Medicine). Data processed by ClinicalTrials.gov on {processed}; \
             retrieved {retrieved}. Modifications: {MODIFICATIONS}. NLM does not endorse this."
        )
    }

    /// Returns what a reader must know before trusting the data: that they are
    /// not live, not complete, or old. One sentence or two each.
    pub fn warnings(&self, today: NaiveDate) -> Vec<String> {
        let mut warnings = Vec::new();
        warnings.extend(
            self.fallback
                .as_ref()
                .map(|why| format!("The registry could not be used: {why}")),
        );
        match self.kind {
            SourceKind::Live => {}
            SourceKind::Store if self.just_synced => {}
            SourceKind::Store => warnings.push(format!(
                "FROM THE LOCAL STORE, NOT LIVE: last synced on {}, with the registry's data of {}.",
                self.retrieved_at.get(..10).unwrap_or("a day that is not known"),
                self.registry_timestamp.as_deref().unwrap_or("a day that is not known")
            )),
            SourceKind::Sample => warnings.push(format!(
                "SAMPLE, NOT LIVE: this is the snapshot bundled in the program, of {}, abridged. Sites may have opened or closed since. \
                 Check each study at https://clinicaltrials.gov before you act on it.",
                crate::registry::sample::SNAPSHOT
            )),
            SourceKind::Files => warnings.push(format!(
                "FROM FILES, NOT LIVE: read from {}, processed by the registry on {}.",
                self.path.as_ref().map_or("downloaded records".to_owned(), |path| format!("`{path}`")),
                self.registry_timestamp.as_deref().unwrap_or("a date that the files do not carry")
            )),
        }
        warnings.extend(
            self.incomplete
                .as_ref()
                .map(|why| format!("INCOMPLETE: studies may be missing: {why}.")),
        );
        warnings.extend(
            self.age_days(today)
                .filter(|days| *days > OLD_AFTER_DAYS)
                .map(|days| format!("OLD DATA: {days} days old on {today}.")),
        );
        warnings.extend(self.wrong_clock(today));
        warnings.extend(self.older_record(today).map(|(date, days)| {
            format!("OLD RECORDS AMONG THEM: the oldest was processed on {date}, {days} days before {today}.")
        }));
        warnings
    }

    /// Returns the same for a page that others may read: no paths, no causes, and nothing to type. Who started the
    /// program is told those in its terminal.
    pub fn notices(&self, today: NaiveDate) -> Vec<String> {
        let plain = Self {
            fallback: None,
            incomplete: None,
            path: None,
            ..self.clone()
        };
        let mut notices: Vec<String> = Vec::new();
        notices.extend(self.fallback.as_ref().map(|_| {
            "The registry could not be used when these data were read, so they are not live."
                .to_owned()
        }));
        notices.extend(plain.warnings(today));
        notices.extend(self.incomplete.as_ref().map(|_| {
            "INCOMPLETE: trials may be missing, for the data could not be read whole. Look at https://clinicaltrials.gov too.".to_owned()
        }));
        notices
    }

    /// A clock that was set back would make old data look fresh.
    fn wrong_clock(&self, today: NaiveDate) -> Option<String> {
        let read = self.retrieved_at.get(..10)?;
        let day: NaiveDate = read.parse().ok()?;
        (self.kind == SourceKind::Store && day > today).then(|| {
            format!("THE CLOCK OF THIS MACHINE IS WRONG: it says {today}, but the store was synced on {read}. How old the data are is not known.")
        })
    }

    /// Returns the oldest record and its age, where it is old and the data as a whole are not that old.
    fn older_record(&self, today: NaiveDate) -> Option<(PartialDate, i64)> {
        let date = self.oldest_record?;
        let days = (today - date.earliest()).num_days();
        let whole = self.age_days(today).unwrap_or(0);
        (days > OLD_AFTER_DAYS && days > whole).then_some((date, days))
    }

    /// Returns the age of the data in days, as far as their date is known.
    pub fn age_days(&self, today: NaiveDate) -> Option<i64> {
        let stamp = self.registry_timestamp.as_deref()?.get(..10)?;
        let date: PartialDate = stamp.parse().ok()?;
        Some((today - date.earliest()).num_days())
    }
}
