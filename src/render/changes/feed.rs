//! The change log as an Atom feed.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::Log;
use super::told::{BY_PROGRAM, tell};
use crate::store::Logged;
use crate::study::NctNumber;
use crate::text;

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
    let mut studies: BTreeMap<NctNumber, Vec<&Logged>> = BTreeMap::new();
    for row in log.rows {
        runs.entry((row.run, row.number)).or_default().push(row);
        studies.entry(row.number).or_default().push(row);
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
        let all = studies.get(&number).map_or(&[][..], Vec::as_slice);
        let Some(told) = tell(log, &rows, all) else {
            continue;
        };
        let seen = rows.first().map_or(updated, |row| row.detected_at.as_str());
        let by = |words: &String| format!("{words} ({BY_PROGRAM})");
        let lines = std::iter::once(told.noticed.clone())
            .chain(told.of_record)
            .chain(told.of_program.iter().map(by));
        let lines: Vec<String> = lines.map(|line| xml(&line)).collect();
        // Writing to a string cannot fail.
        let _ = writeln!(
            out,
            "<entry>\n<id>urn:trialbrief:{number}:{run}:{}</id>\n<title>{number} {}</title>\n<updated>{}</updated>\n\
             <link href=\"https://clinicaltrials.gov/study/{number}\"/>\n<content type=\"text\">{}</content>\n</entry>",
            xml(seen),
            xml(log.title(number)),
            xml(seen),
            lines.join("\n")
        );
    }
    out.push_str("</feed>\n");
    out
}
