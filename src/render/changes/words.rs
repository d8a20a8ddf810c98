//! Fields and values in the words of the other pages.

use crate::classify::Relevance;
use crate::place::SiteState;
use crate::render::explain;
use crate::study::{OverallStatus, Phase};
use crate::terminology::CellClass;
use crate::text;

/// Longest value that is told; whole texts stand in the CSV and the JSON.
pub(super) const LONGEST: usize = 160;

/// Fields, by what people call them.
const FIELDS: [(&str, &str); 30] = [
    ("title", "title"),
    ("official_title", "official title"),
    ("acronym", "short name"),
    ("summary", "summary"),
    ("status", "status"),
    ("why_stopped", "why it stopped"),
    ("last_known_status", "last known status"),
    ("phases", "phase"),
    ("study_type", "kind of study"),
    ("sponsor.name", "sponsor"),
    ("sponsor.class", "kind of sponsor"),
    ("enrollment.count", "number of people"),
    ("enrollment.type", "the number of people is"),
    ("conditions", "diseases"),
    ("keywords", "keywords"),
    ("interventions", "what is given"),
    ("dates.start", "start"),
    ("dates.primary_completion", "end of the main part"),
    ("dates.completion", "end"),
    ("dates.first_posted", "first posted"),
    ("age.min_years", "youngest age"),
    ("age.max_years", "oldest age"),
    ("sex", "sex"),
    ("contacts", "contacts"),
    ("cell_therapy.class", "cells"),
    ("cell_therapy.product", "product"),
    ("cell_therapy.targets", "target of the cells"),
    ("cell_therapy.source", "where the cells come from"),
    ("ms.relevance", "about MS"),
    ("ms.courses", "courses of MS"),
];

/// Says from what to what a field changed.
pub(super) fn value(field: &str, before: &str, after: &str) -> String {
    if field == "status" {
        return status(status_of(before).as_ref(), status_of(after).as_ref());
    }
    let name = FIELDS.iter().find(|(path, _)| *path == field);
    let name = name.map_or_else(
        || text::shorten(&text::one_line(field), LONGEST),
        |(_, name)| (*name).to_owned(),
    );
    let (old, new) = (shown(field, before), shown(field, after));
    if before == after {
        return format!("{name}: {new}, changed and changed back");
    }
    if old == new {
        // What tells them apart lies behind what is shown.
        let [old, new] = apart(before, after);
        return format!("{name}: {old} → {new}");
    }
    format!("{name}: {old} → {new}")
}

fn shown(field: &str, value: &str) -> String {
    if value.is_empty() {
        return "not stated".to_owned();
    }
    let labels = |label: &dyn Fn(&str) -> String| {
        let parts: Vec<String> = value.split('|').map(label).collect();
        parts.join(", ")
    };
    let words = match field {
        "last_known_status" => OverallStatus::from(value).label(),
        "phases" => labels(&|word| Phase::from(word).label().to_owned()),
        "enrollment.type" => match value {
            "ESTIMATED" => "planned".to_owned(),
            "ACTUAL" => "counted".to_owned(),
            other => other.to_owned(),
        },
        "study_type" | "sponsor.class" | "sex" => value.to_lowercase().replace('_', " "),
        "cell_therapy.class" => class(value),
        "cell_therapy.source" => source(value).to_owned(),
        "ms.relevance" => relevance(value),
        "conditions"
        | "keywords"
        | "interventions"
        | "contacts"
        | "cell_therapy.targets"
        | "ms.courses" => value.replace('|', "; "),
        _ => value.to_owned(),
    };
    text::shorten(&text::one_line(&words), LONGEST)
}

fn class(word: &str) -> String {
    let known = CellClass::ALL.iter().find(|class| class.as_str() == word);
    known.map_or_else(|| word.replace('_', " "), |class| class.label().to_owned())
}

fn source(word: &str) -> &str {
    match word {
        "autologous" => "the patient's own",
        "allogeneic" => "a donor's",
        "in_vivo" => "made in the body",
        "unknown" => "not known",
        other => other,
    }
}

fn relevance(word: &str) -> String {
    let known = Relevance::ALL.into_iter().find(|one| one.as_str() == word);
    known.map_or_else(|| word.replace('_', " "), |one| one.label().to_owned())
}

/// Reads a status as it stands in the log: nothing is no status.
pub(super) fn status_of(word: &str) -> Option<OverallStatus> {
    (!word.is_empty()).then(|| OverallStatus::from(word))
}

/// A status with what it means for somebody who would join.
pub(super) fn standing(status: Option<&OverallStatus>) -> String {
    format!("{} ({})", label(status), explain::of_status(status))
}

pub(super) fn label(status: Option<&OverallStatus>) -> String {
    status.map_or("not stated".to_owned(), |status| {
        text::shorten(&text::one_line(&status.label()), LONGEST)
    })
}

/// What a change of status means to somebody who would join, then the status in words.
fn status(before: Option<&OverallStatus>, after: Option<&OverallStatus>) -> String {
    if before == after {
        return format!("status: {}, changed and changed back", label(after));
    }
    let news = match (joining(before), joining(after)) {
        (SiteState::Open, SiteState::Open) => "still takes people in",
        (_, SiteState::Open) => "takes people in now",
        (SiteState::Open, SiteState::Opening) => "takes nobody in yet, after all",
        (_, SiteState::Opening) => "is to take people in",
        (_, SiteState::Unknown) => "does not say whether it takes people in",
        (SiteState::Open, SiteState::Closed) => "no longer takes people in",
        (SiteState::Closed, SiteState::Closed) => "takes nobody in, as before",
        (_, SiteState::Closed) => "takes nobody in",
    };
    format!("{news}: now {}; was {}", standing(after), label(before))
}

/// Whether people are taken in under a status. What is held back is not known.
fn joining(status: Option<&OverallStatus>) -> SiteState {
    match status {
        Some(OverallStatus::Withheld) => SiteState::Unknown,
        status => SiteState::settled(status, None),
    }
}

/// Shortens two texts so that what tells them apart is seen.
pub(super) fn apart(before: &str, after: &str) -> [String; 2] {
    let (before, after) = (text::one_line(before), text::one_line(after));
    let same = before.chars().zip(after.chars());
    let same = same.take_while(|(old, new)| old == new).count();
    [before, after].map(|words| {
        if same <= LONGEST / 2 {
            return text::shorten(&words, LONGEST);
        }
        let rest: String = words.chars().skip(same - LONGEST / 4).collect();
        format!("…{}", text::shorten(&rest, LONGEST))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_told_by_what_it_means() {
        for (before, after, words) in [
            (
                "RECRUITING",
                "ACTIVE_NOT_RECRUITING",
                "no longer takes people in: now active, not recruiting (going on; nobody new is taken in); was recruiting",
            ),
            (
                "NOT_YET_RECRUITING",
                "RECRUITING",
                "takes people in now: now recruiting",
            ),
            (
                "RECRUITING",
                "UNKNOWN",
                "does not say whether it takes people in: now unknown",
            ),
            (
                "RECRUITING",
                "",
                "does not say whether it takes people in: now not stated",
            ),
            (
                "RECRUITING",
                "WITHHELD",
                "does not say whether it takes people in: now withheld",
            ),
            (
                "RECRUITING",
                "PAUSED_X",
                "does not say whether it takes people in: now PAUSED_X",
            ),
            (
                "ACTIVE_NOT_RECRUITING",
                "COMPLETED",
                "takes nobody in, as before: now completed",
            ),
            ("RECRUITING", "RECRUITING", "changed and changed back"),
        ] {
            let told = value("status", before, after);
            assert!(told.contains(words), "{told}");
        }
    }

    #[test]
    fn codes_become_words() {
        for (field, before, after, words) in [
            ("phases", "PHASE1", "PHASE1|PHASE2", "phase: 1 → 1, 2"),
            (
                "enrollment.type",
                "ESTIMATED",
                "ACTUAL",
                "the number of people is: planned → counted",
            ),
            ("sex", "ALL", "FEMALE", "sex: all → female"),
            ("cell_therapy.class", "none", "car_t", "cells: none → CAR-T"),
            (
                "cell_therapy.source",
                "unknown",
                "in_vivo",
                "where the cells come from: not known → made in the body",
            ),
            (
                "ms.relevance",
                "none",
                "basket",
                "about MS: not MS → MS among others",
            ),
            ("dates.start", "", "2026-06", "start: not stated → 2026-06"),
        ] {
            assert_eq!(value(field, before, after), words);
        }
    }

    #[test]
    fn texts_that_differ_late_are_seen_to_differ() {
        let long = "people with a long history of many things ".repeat(9);
        let told = value("summary", &format!("{long} one"), &format!("{long} two"));
        assert!(told.contains("one →") && told.ends_with("two"), "{told}");
    }
}
