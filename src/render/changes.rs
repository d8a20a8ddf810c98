//! The change log: for a terminal, as Markdown, CSV and JSON.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;

use super::csv::{CsvStyle, disarmed, writer};
use super::markdown::escape;
use super::watch;
use super::words::wrapped;
use crate::provenance::Source;
use crate::store::{Cause, ChangeKind, Logged, Since};
use crate::study::NctNumber;
use crate::text;
use crate::watch::News;

/// The columns, in order (contract: changes).
pub const COLUMNS: [&str; 7] = [
    "detected_at",
    "nct_id",
    "change",
    "field",
    "before",
    "after",
    "registry_last_update",
];

/// The change log, ready to be shown.
#[derive(Debug)]
pub struct Log<'a> {
    /// Which changes.
    pub since: &'a Since,
    /// The changes.
    pub rows: &'a [Logged],
    /// What the studies are called.
    pub titles: &'a BTreeMap<NctNumber, String>,
    /// Where the data came from.
    pub source: &'a Source,
    /// What a reader must know of it.
    pub warnings: Vec<String>,
    /// What they mean to those who watch; `None` without rules.
    pub watch: Option<&'a [News]>,
    /// When this was made (UTC, RFC 3339).
    pub generated_at: &'a str,
}

/// Columns behind the others where there are watch rules: the names of those that a study concerns,
/// and the patients for whom it changed anything.
const WATCH_COLUMNS: [&str; 2] = ["watch", "watch_patients"];

/// Renders changes as CSV. A change of this program's reading alone is marked behind its field.
///
/// # Errors
///
/// None in practice: the writer fills memory. The error is passed on, not hidden.
pub fn csv(rows: &[Logged], news: Option<&[News]>, style: CsvStyle) -> Result<Vec<u8>, csv::Error> {
    let mut writer = writer(style);
    let watch_columns = news.map(|_| WATCH_COLUMNS);
    writer.write_record(COLUMNS.iter().chain(watch_columns.iter().flatten()))?;
    for row in rows {
        let change = &row.change;
        let marked = match change.cause {
            Cause::Registry => change.field.clone(),
            Cause::Program => format!("{} (program)", change.field),
        };
        let cells = [
            row.detected_at.clone(),
            row.number.to_string(),
            change.kind.as_str().to_owned(),
            marked,
            change.before.clone(),
            change.after.clone(),
            row.updated.clone().unwrap_or_default(),
        ];
        let concerned = news.map(|news| watch::concerned(news, row.number));
        let cells = cells.iter().chain(concerned.iter().flatten());
        writer.write_record(cells.map(|cell| disarmed(cell)))?;
    }
    writer
        .into_inner()
        .map_err(|error| error.into_error().into())
}

#[derive(Serialize)]
struct LogView<'a> {
    schema: &'static str,
    generated_at: &'a str,
    registry_timestamp: Option<&'a str>,
    synced_at: &'a str,
    warnings: &'a [String],
    attribution: String,
    since: SinceView<'a>,
    changes: Vec<ChangeView<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    watch: Option<Vec<watch::NewsView<'a>>>,
}

#[derive(Serialize)]
struct SinceView<'a> {
    run: Option<i64>,
    after_run: Option<i64>,
    date: Option<&'a str>,
}

#[derive(Serialize)]
struct ChangeView<'a> {
    run: i64,
    detected_at: &'a str,
    nct_id: String,
    title: Option<&'a str>,
    change: &'static str,
    field: &'a str,
    before: &'a str,
    after: &'a str,
    cause: &'static str,
    registry_last_update: Option<&'a str>,
}

/// Renders changes as JSON: `trialbrief.changes/1`.
pub fn json(log: &Log<'_>) -> String {
    let since = match log.since {
        Since::Run(run) => (Some(*run), None, None),
        Since::AfterRun(run) => (None, Some(*run), None),
        Since::Day(day) => (None, None, Some(day.as_str())),
    };
    super::json::written(&LogView {
        schema: "trialbrief.changes/1",
        generated_at: log.generated_at,
        registry_timestamp: log.source.registry_timestamp.as_deref(),
        synced_at: &log.source.retrieved_at,
        warnings: &log.warnings,
        attribution: log.source.attribution(),
        since: SinceView {
            run: since.0,
            after_run: since.1,
            date: since.2,
        },
        changes: log.rows.iter().map(|row| view(log, row)).collect(),
        watch: log.watch.map(watch::view),
    })
}

fn view<'a>(log: &'a Log<'_>, row: &'a Logged) -> ChangeView<'a> {
    ChangeView {
        run: row.run,
        detected_at: &row.detected_at,
        nct_id: row.number.to_string(),
        title: log.titles.get(&row.number).map(String::as_str),
        change: row.change.kind.as_str(),
        field: &row.change.field,
        before: &row.change.before,
        after: &row.change.after,
        cause: row.change.cause.as_str(),
        registry_last_update: row.updated.as_deref(),
    }
}

/// Changes of one study, those of its record and those of our reading apart.
struct Group<'a> {
    number: NctNumber,
    title: &'a str,
    of_record: Vec<&'a Logged>,
    of_program: Vec<&'a Logged>,
}

/// Groups changes by study, in the order in which the studies are first named. The day of the
/// last update is told where nothing else is: every other change moves it too.
fn groups<'a>(log: &'a Log<'_>) -> Vec<Group<'a>> {
    let mut groups: Vec<Group<'a>> = Vec::new();
    let mut places: BTreeMap<NctNumber, usize> = BTreeMap::new();
    for row in log.rows {
        let place = *places.entry(row.number).or_insert_with(|| {
            groups.push(Group {
                number: row.number,
                title: log.titles.get(&row.number).map_or("", String::as_str),
                of_record: Vec::new(),
                of_program: Vec::new(),
            });
            groups.len() - 1
        });
        if let Some(group) = groups.get_mut(place) {
            match row.change.cause {
                Cause::Registry => group.of_record.push(row),
                Cause::Program => group.of_program.push(row),
            }
        }
    }
    for group in &mut groups {
        let is_date = |row: &&Logged| row.change.field == "dates.last_update_posted";
        if group.of_record.iter().any(|row| !is_date(row)) {
            group.of_record.retain(|row| !is_date(row));
        }
    }
    groups
}

/// Longest value that is told; whole texts stand in the CSV and the JSON.
const LONGEST: usize = 160;

/// Says a change in words.
fn sentence(row: &Logged) -> String {
    let change = &row.change;
    let short = |value: &str| text::shorten(&text::one_line(value), LONGEST);
    let value = |value: &str| {
        if value.is_empty() {
            "not stated".to_owned()
        } else {
            short(value)
        }
    };
    let field = short(&change.field);
    let (before, after) = (value(&change.before), value(&change.after));
    match change.kind {
        ChangeKind::Added => "new study".to_owned(),
        ChangeKind::Removed => "no longer in the registry".to_owned(),
        ChangeKind::Changed if change.field == "nct_id" => format!("merged into {after}"),
        ChangeKind::Changed => format!("{field}: {before} → {after}"),
        ChangeKind::SiteAdded => format!("site added: {field} ({after})"),
        ChangeKind::SiteRemoved => format!("site removed: {field} (was {before})"),
        ChangeKind::SiteStatus => format!("site {field}: {before} → {after}"),
        ChangeKind::CriterionAdded => format!("criterion added: {field}"),
        ChangeKind::CriterionRemoved => format!("criterion removed: {field}"),
    }
}

/// Changes of one study, in words.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) number: NctNumber,
    pub(super) title: String,
    /// Whether the registry holds it no more.
    pub(super) is_gone: bool,
    pub(super) of_record: Vec<String>,
    /// Read anew by this program; the record did not change.
    pub(super) of_program: Vec<String>,
}

/// Tells changes by study, in the order in which the studies are first named.
pub(super) fn told(log: &Log<'_>) -> Vec<Told> {
    let in_words = |rows: &[&Logged]| rows.iter().map(|row| sentence(row)).collect();
    let groups = groups(log).into_iter();
    let told = groups.map(|group| Told {
        number: group.number,
        title: text::shorten(&text::one_line(group.title), LONGEST),
        // Gone, and not come back since.
        is_gone: (group.of_record.iter().rev())
            .find(|row| matches!(row.change.kind, ChangeKind::Added | ChangeKind::Removed))
            .is_some_and(|row| row.change.kind == ChangeKind::Removed),
        of_record: in_words(&group.of_record),
        of_program: in_words(&group.of_program),
    });
    told.collect()
}

pub(super) const BY_PROGRAM: &str = "read anew by trialbrief (the record did not change)";

/// How many changes there are, and since when.
pub(super) fn heading(log: &Log<'_>) -> String {
    let since = match log.since {
        Since::Run(run) => format!("in run {run}"),
        Since::AfterRun(run) => format!("after run {run}"),
        Since::Day(day) => format!("since {day}"),
    };
    let studies = groups(log).len();
    match log.rows.len() {
        0 => format!("No changes {since}."),
        rows => format!("{rows} changes in {studies} studies {since}."),
    }
}

/// Renders changes for a terminal of a width in columns.
pub fn table(log: &Log<'_>, width: u16) -> String {
    let columns = usize::from(width.clamp(80, 400));
    let mut out = String::new();
    for warning in &log.warnings {
        out.push_str(&wrapped(warning, columns, "", ""));
    }
    if let Some(news) = log.watch {
        out.push_str(&watch::table(log, news, columns));
    }
    out.push_str(&wrapped(&heading(log), columns, "", ""));
    for group in groups(log) {
        out.push('\n');
        let title = text::shorten(&text::one_line(group.title), LONGEST);
        out.push_str(&wrapped(
            &format!("{} {title}", group.number),
            columns,
            "",
            "  ",
        ));
        for row in &group.of_record {
            out.push_str(&wrapped(&sentence(row), columns, "  · ", "    "));
        }
        if !group.of_program.is_empty() {
            out.push_str(&wrapped(&format!("{BY_PROGRAM}:"), columns, "  ", "  "));
        }
        for row in &group.of_program {
            out.push_str(&wrapped(&sentence(row), columns, "    · ", "      "));
        }
    }
    out.push('\n');
    out.push_str(&wrapped(&log.source.attribution(), columns, "", ""));
    out
}

/// Returns text as it may stand in XML, without characters that XML does not allow.
fn xml(foreign: &str) -> String {
    let mut out = String::with_capacity(foreign.len());
    for c in text::safe(&text::one_line(foreign)).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\u{FFFE}' | '\u{FFFF}' => out.push('\u{FFFD}'),
            c => out.push(c),
        }
    }
    out
}

/// Renders changes as an Atom feed: an entry for each study and run, whose `id` stays the same.
pub fn atom(log: &Log<'_>) -> String {
    let mut runs: BTreeMap<(i64, NctNumber), Vec<&Logged>> = BTreeMap::new();
    for row in log.rows {
        runs.entry((row.run, row.number)).or_default().push(row);
    }
    let updated = log
        .rows
        .last()
        .map_or(log.source.retrieved_at.as_str(), |row| &row.detected_at);
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\">\n\
         <id>urn:trialbrief:changes</id>\n<title>What changed in CAR-T studies</title>\n\
         <author><name>trialbrief</name></author>\n<updated>{}</updated>\n<rights>{}</rights>\n",
        xml(updated),
        xml(&log.source.attribution())
    );
    // The newest first.
    for ((run, number), rows) in runs.into_iter().rev() {
        let title = log.titles.get(&number).map_or("", String::as_str);
        let seen = rows.first().map_or(updated, |row| row.detected_at.as_str());
        let lines = rows.iter().map(|row| {
            let by = match row.change.cause {
                Cause::Registry => String::new(),
                Cause::Program => format!(" ({BY_PROGRAM})"),
            };
            xml(&format!("{}{by}", sentence(row)))
        });
        let lines: Vec<String> = lines.collect();
        // Writing to a string cannot fail.
        let _ = writeln!(
            out,
            "<entry>\n<id>urn:trialbrief:{number}:{run}:{}</id>\n<title>{number} {}</title>\n<updated>{}</updated>\n\
             <link href=\"https://clinicaltrials.gov/study/{number}\"/>\n<content type=\"text\">{}</content>\n</entry>",
            xml(seen),
            xml(title),
            xml(seen),
            lines.join("\n")
        );
    }
    out.push_str("</feed>\n");
    out
}

/// Renders changes as a digest in Markdown.
pub fn markdown(log: &Log<'_>) -> String {
    let mut out = String::from("# What changed\n\n");
    for warning in &log.warnings {
        // Writing to a string cannot fail.
        let _ = writeln!(out, "**{}**\n", escape(warning));
    }
    if let Some(news) = log.watch {
        out.push_str(&watch::markdown(log, news));
    }
    let _ = writeln!(out, "{}", heading(log));
    for group in groups(log) {
        let title = text::shorten(&text::one_line(group.title), LONGEST);
        let number = group.number;
        let _ = writeln!(
            out,
            "\n## [{number}](https://clinicaltrials.gov/study/{number}) {}\n",
            escape(&title)
        );
        for row in &group.of_record {
            let _ = writeln!(out, "- {}", escape(&sentence(row)));
        }
        if !group.of_program.is_empty() {
            let _ = writeln!(out, "- {BY_PROGRAM}:");
        }
        for row in &group.of_program {
            let _ = writeln!(out, "  - {}", escape(&sentence(row)));
        }
    }
    let _ = writeln!(out, "\n{}", escape(&log.source.attribution()));
    out
}
