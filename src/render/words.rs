//! Short words for people about a study, shared by table, Markdown and CSV.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::Listing;
use crate::classify::Classified;
use crate::geo::Region;
use crate::place::{self, Place, RegionState, SiteState};
use crate::provenance::SourceKind;
use crate::registry::plan::{Condition, Therapy};
use crate::select::{Filters, StatusFilter};
use crate::study::{Phase, Study};
use crate::text;

/// The status of a study, or that it is not known here.
pub(super) fn study_status(study: &Study) -> String {
    match (&study.status.overall, &study.status.last_known) {
        (None, _) => "status not known here".to_owned(),
        (Some(status), Some(last)) => format!(
            "{} (last known: {})",
            text::one_line(&status.label()),
            text::one_line(&last.label())
        ),
        (Some(status), None) => text::one_line(&status.label()),
    }
}

/// The phases: `1`, `1/2`, `n/a`, or `not stated`.
pub(super) fn phases(study: &Study) -> String {
    match study.phases.as_deref() {
        None | Some([]) => "not stated".to_owned(),
        Some(phases) => text::one_line(
            &phases
                .iter()
                .map(Phase::label)
                .collect::<Vec<_>>()
                .join("/"),
        ),
    }
}

/// Product and targets: `KYV-101 → CD19`.
pub(super) fn product(one: &Classified) -> String {
    let label = &one.cell_therapy;
    let Some(class) = label.class else {
        return "–".to_owned();
    };
    let name = label
        .product
        .clone()
        .unwrap_or_else(|| class.label().to_owned());
    let targets = if label.targets.is_empty() {
        "target not stated".to_owned()
    } else {
        label.targets.join("+")
    };
    format!("{} → {}", text::one_line(&name), text::one_line(&targets))
}

/// EDSS that the study takes: `3–6`, `up to 5.5`; nothing where not read.
pub(super) fn edss(one: &Classified) -> String {
    match one.criteria.edss() {
        (Some(min), Some(max)) => format!("{min}–{max}"),
        (None, Some(max)) => format!("up to {max}"),
        (Some(min), None) => format!("from {min}"),
        (None, None) => "–".to_owned(),
    }
}

/// Courses that the study names or asks for: `rms, pms`; a dash where none.
pub(super) fn courses(one: &Classified) -> String {
    let courses = one.courses();
    if courses.is_empty() {
        "–".to_owned()
    } else {
        courses.join(", ")
    }
}

/// Where the study is open: first what the asked places hold, then the regions
/// by state (`open: US 4, Australia 1`, `closed: UK`).
pub(super) fn where_open(study: &Study, places: &[Place]) -> Vec<String> {
    let told = states(study, places).into_iter();
    told.map(|(_, words)| words).collect()
}

/// The same, each with the state that it tells; none where no site is there to have one.
pub(super) fn states(study: &Study, places: &[Place]) -> Vec<(Option<SiteState>, String)> {
    if study.sites.is_empty() {
        return vec![(None, "sites not announced".to_owned())];
    }
    let here =
        here(study, places).map(|words| (place::best_state(study, places), words.to_owned()));
    let mut told: Vec<_> = here.into_iter().collect();
    // One asked region is told by the first line; the others are elsewhere.
    let first = match places {
        [Place::Region(region)] => Some(*region),
        _ => None,
    };
    let regions: Vec<_> = place::regions(study)
        .into_iter()
        .filter(|(region, _)| Some(*region) != first)
        .collect();
    for (state, words) in [
        (SiteState::Open, "open"),
        (SiteState::Opening, "opening"),
        (SiteState::Unknown, "ask the site"),
        (SiteState::Closed, "closed"),
    ] {
        let of_state = regions.iter().filter(|(_, one)| one.state == state);
        let names: Vec<String> = of_state.map(|(region, one)| named(*region, *one)).collect();
        if !names.is_empty() {
            told.push((Some(state), format!("{words}: {}", names.join(", "))));
        }
    }
    told
}

/// A region with the number of its sites that count in its state.
fn named(region: Region, state: RegionState) -> String {
    match state.state {
        SiteState::Open => format!("{} {}", region.label(), state.open),
        SiteState::Opening => format!("{} {}", region.label(), state.opening),
        SiteState::Unknown | SiteState::Closed => region.label().to_owned(),
    }
}

/// What the asked places hold: open here, opening here, ask the site, or listed and closed here.
fn here(study: &Study, places: &[Place]) -> Option<&'static str> {
    if places.is_empty() {
        return None;
    }
    Some(match place::best_state(study, places) {
        Some(SiteState::Open) => "open here",
        Some(SiteState::Opening) => "opening here",
        Some(SiteState::Unknown) => "ask the site here",
        Some(SiteState::Closed) => "listed, closed here",
        None => "no site here",
    })
}

/// From where to where distances are counted; nothing where none are.
pub(super) fn distances(filters: &Filters) -> Option<String> {
    let from = filters.near?;
    let Some(found) = &filters.near_place else {
        return Some(format!(
            "Distances are in a straight line from {from} to the centre of each site's city, not to the hospital."
        ));
    };
    let other = found.passed_over.first().map(|other| {
        format!(" If you meant another place of that name, write it out, such as \"{other}\".")
    });
    Some(format!(
        "Distances are in a straight line from the city centre of {} ({from}) to the centre of each site's city, not to \
         the hospital.{}",
        found.place,
        other.unwrap_or_default()
    ))
}

/// The asked therapy, as it was asked.
pub(super) fn therapy(filters: &Filters) -> String {
    match &filters.therapy {
        Therapy::CellTherapy => "car-t".to_owned(),
        Therapy::Any => "any".to_owned(),
        Therapy::Text(text) => text.clone(),
    }
}

/// The asked condition, as it was asked.
pub(super) fn condition(filters: &Filters) -> String {
    match &filters.condition {
        Condition::Ms => "ms".to_owned(),
        Condition::Any => "any".to_owned(),
        Condition::Text(text) => text.clone(),
    }
}

/// The asked status, as it was asked.
pub(super) fn status(filters: &Filters) -> String {
    match &filters.status {
        StatusFilter::Open => "open".to_owned(),
        StatusFilter::Recruiting => "recruiting".to_owned(),
        StatusFilter::All => "all".to_owned(),
        StatusFilter::Listed(listed) => listed
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(","),
    }
}

/// The command that asks the same but for the filters of some steps of the funnel.
pub(super) fn command_without(listing: &Listing<'_>, steps: &[&str]) -> String {
    let filters = listing.filters;
    let source = match listing.source.kind {
        SourceKind::Live => String::new(),
        SourceKind::Store => "store".to_owned(),
        SourceKind::Sample => "sample".to_owned(),
        SourceKind::Files => listing.source.path.clone().unwrap_or_default(),
    };
    let mut command = "trialbrief search".to_owned();
    add_option(&mut command, "source", &source);
    let lexicon = listing.lexicon.map(|path| path.display().to_string());
    add_option(&mut command, "lexicon", &shown(lexicon));
    let api = listing
        .api
        .filter(|_| listing.source.kind == SourceKind::Live);
    add_option(&mut command, "api", &shown(api));
    // These three have a default that hides studies: to drop them is to ask for the widest.
    for (flag, own, usual, widest) in [
        ("therapy", therapy(filters), "car-t", "any"),
        ("condition", condition(filters), "ms", "any"),
        ("status", status(filters), "open", "all"),
    ] {
        let value = if steps.contains(&flag) { widest } else { &own };
        if value != usual {
            add_option(&mut command, flag, value);
        }
    }
    let is_dropped = |flag: &str| {
        steps.iter().any(|step| match *step {
            "region" | "country" => matches!(flag, "region" | "country"),
            "within" => matches!(flag, "near" | "within"),
            step => step.replace('_', "-") == flag,
        })
    };
    for (flag, value) in narrowing(filters) {
        if !is_dropped(flag) {
            add_option(&mut command, flag, &value);
        }
    }
    if filters.open_here && !is_dropped("open-here") {
        command.push_str(" --open-here");
    }
    command
}

fn add_option(command: &mut String, flag: &str, value: &str) {
    if value.is_empty() {
        return;
    }
    // What was typed is quoted so that a shell takes it for text, whatever it holds.
    let is_plain = |c: char| c.is_alphanumeric() || "-_.,/:".contains(c);
    if value.chars().all(is_plain) {
        command.extend([" --", flag, " ", value]);
    } else {
        command.extend([" --", flag, " '", &value.replace('\'', r"'\''"), "'"]);
    }
}

/// The filters that are off unless asked for, as they would be typed; empty where not asked.
fn narrowing(filters: &Filters) -> [(&'static str, String); 11] {
    let places = |is_kind: fn(&Place) -> bool| {
        let of_kind = filters.places.iter().filter(|one| is_kind(one));
        of_kind.map(place).collect::<Vec<_>>().join(",")
    };
    let phases = filters.phases.iter();
    let phases = phases.map(|phase| phase.label().replace(' ', "").replace("n/a", "na"));
    let sources = filters.sources.iter();
    let sources = sources.map(|source| source.as_str().replace('_', "-"));
    let sex = filters.sex.as_ref();
    [
        ("phase", phases.collect::<Vec<_>>().join(",")),
        ("region", places(|one| matches!(one, Place::Region(_)))),
        ("country", places(|one| matches!(one, Place::Country(_)))),
        ("target", filters.targets.join(",")),
        ("cell-source", sources.collect::<Vec<_>>().join(",")),
        ("ms-course", filters.courses.join(",")),
        ("age", shown(filters.age)),
        ("sex", shown(sex.map(|sex| sex.as_str().to_lowercase()))),
        ("near", shown(filters.near)),
        ("within", shown(filters.within_km)),
        ("updated-since", shown(filters.updated_since)),
    ]
}

/// A value in words, or nothing where there is none.
pub(super) fn shown<T: ToString>(value: Option<T>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// An asked region or country.
pub(super) fn place(place: &Place) -> String {
    place.as_str().to_owned()
}

/// Breaks text at spaces into lines of at most so many columns of a terminal, and
/// safe there. A word that no line can hold is broken too, but not an address or a path.
pub(super) fn wrapped(words: &str, width: usize, first: &str, rest: &str) -> String {
    let room = width.saturating_sub(rest.width()).max(2);
    let mut out = String::new();
    for paragraph in text::safe(words).split('\n') {
        let mut line = if out.is_empty() {
            first.to_owned()
        } else {
            rest.to_owned()
        };
        let mut empty = true;
        for word in paragraph.split_whitespace() {
            for (at, piece) in pieces(word, room).into_iter().enumerate() {
                if at > 0 || !empty && line.width() + 1 + piece.width() > width {
                    out.push_str(line.trim_end());
                    out.push('\n');
                    rest.clone_into(&mut line);
                    empty = true;
                }
                if !empty {
                    line.push(' ');
                }
                line.push_str(piece);
                empty = false;
            }
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

/// Cuts a word that is wider than a line; Chinese, for one, has no spaces to break at.
fn pieces(word: &str, room: usize) -> Vec<&str> {
    if word.width() <= room || word.contains('/') {
        return vec![word];
    }
    let (mut pieces, mut start, mut columns) = (Vec::new(), 0, 0);
    for (at, c) in word.char_indices() {
        let wide = c.width().unwrap_or(0);
        if columns + wide > room {
            pieces.push(&word[start..at]);
            (start, columns) = (at, 0);
        }
        columns += wide;
    }
    pieces.push(&word[start..]);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_hold_no_more_than_their_columns() {
        assert_eq!(wrapped("one two three", 8, "", ""), "one two\nthree\n");
        assert_eq!(
            wrapped("多发性硬化", 6, "· ", "  "),
            "· 多发\n  性硬\n  化\n"
        );
        assert_eq!(wrapped("a abcdefgh b", 4, "", ""), "a\nabcd\nefgh\nb\n");
        assert_eq!(wrapped("see https://a.b", 4, "", ""), "see\nhttps://a.b\n");
        assert_eq!(wrapped("a\nb", 4, "- ", "  "), "- a\n  b\n");
    }
}
