//! A list of studies for a terminal and as Markdown.

use comfy_table::{ColumnConstraint, ContentArrangement, Table, Width, presets};

use super::Listing;
use super::markdown::{cell, escape};
use super::words::{self, wrapped};
use crate::classify::Classified;
use crate::place;
use crate::text;

/// Columns of a terminal from which title, course and EDSS have columns of their own.
const ROOM_FOR_ALL: u16 = 112;

/// Renders a table for a terminal of a width in columns.
pub fn table(listing: &Listing<'_>, width: u16) -> String {
    let width = width.clamp(80, 400);
    let mut out = String::new();
    let columns = usize::from(width);
    for warning in listing.source.warnings(listing.today) {
        out.push_str(&wrapped(&warning, columns, "", ""));
    }
    if listing.studies.is_empty() {
        out.push_str(&wrapped(nothing_found(listing).trim_end(), columns, "", ""));
    } else {
        out.push_str(&studies(listing, width));
        out.push('\n');
        out.push_str(&wrapped(summary(listing).trim_end(), columns, "", ""));
    }
    if let Some(distances) = words::distances(listing.filters) {
        out.push_str(&wrapped(&distances, columns, "", ""));
    }
    out.push('\n');
    out.push_str(&wrapped(&listing.source.attribution(), columns, "", ""));
    out
}

/// Columns where there is little room: name and width, 80 with a space between two.
const NARROW: [(&str, u16); 7] = [
    ("NCT", 11),
    ("Phase", 7),
    ("Status", 10),
    ("Product → target", 15),
    ("MS, course, EDSS", 9),
    ("Where", 12),
    ("Updated", 10),
];

/// Columns where there is room; title and place share what is left over.
const WIDE: [(&str, u16); 10] = [
    ("NCT", 11),
    ("Title", 17),
    ("Phase", 7),
    ("Status", 10),
    ("Product → target", 16),
    ("MS", 8),
    ("Course", 6),
    ("EDSS", 6),
    ("Where", 12),
    ("Updated", 10),
];

fn studies(listing: &Listing<'_>, width: u16) -> String {
    let wide = width >= ROOM_FOR_ALL;
    let mut columns = if wide { WIDE.to_vec() } else { NARROW.to_vec() };
    let used: u16 = columns.iter().map(|(_, width)| width + 1).sum::<u16>() - 1;
    let spare = width.saturating_sub(used);
    let place = if wide { 8 } else { 5 };
    let for_place = if wide {
        (spare / 3).min(20)
    } else {
        spare.min(20)
    };
    columns[place].1 += for_place;
    if wide {
        columns[1].1 += (spare - for_place).min(45);
    }
    let mut table = Table::new();
    table
        .load_style(presets::UTF8_HORIZONTAL_ONLY)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(width)
        .set_header(columns.iter().map(|(name, _)| *name));
    for one in listing.studies {
        table.add_row(if wide {
            wide_row(one, listing)
        } else {
            narrow_row(one, listing)
        });
    }
    for (column, (_, width)) in table.column_iter_mut().zip(columns) {
        column
            .set_padding((0, 0))
            .set_constraint(ColumnConstraint::Absolute(Width::Fixed(width)));
    }
    let lines: Vec<String> = table
        .lines()
        .map(|line| line.trim_end().to_owned())
        .collect();
    lines.join("\n") + "\n"
}

/// Relation to MS, courses and EDSS in one cell, what is known of them.
fn narrow_row(one: &Classified, listing: &Listing<'_>) -> Vec<String> {
    let mut row = wide_row(one, listing);
    let mut about: Vec<String> = row.drain(5..8).filter(|cell| cell != "–").collect();
    if words::edss(one) != "–"
        && let Some(edss) = about.last_mut()
    {
        edss.insert_str(0, "EDSS ");
    }
    row.insert(5, about.join("\n"));
    row.remove(1);
    row
}

fn wide_row(one: &Classified, listing: &Listing<'_>) -> Vec<String> {
    let study = &one.study;
    let mut places = words::where_open(study, &listing.filters.places);
    let nearest = listing
        .filters
        .near
        .and_then(|from| place::nearest_km(study, from));
    places.extend(nearest.map(|km| format!("nearest {}", listing.unit.distance(km))));
    vec![
        study.nct_number.to_string(),
        text::one_line(&study.name()),
        words::phases(study),
        words::study_status(study),
        words::product(one),
        one.ms.relevance.label().to_owned(),
        words::courses(one),
        words::edss(one),
        places.join("\n"),
        study
            .status
            .last_update_posted
            .map_or("–".to_owned(), |date| date.to_string()),
    ]
}

/// One line that says how many there are and where the others were lost.
fn summary(listing: &Listing<'_>) -> String {
    let count = listing.studies.len();
    let steps: Vec<String> = listing
        .funnel
        .iter()
        .map(|step| format!("{} {}", step.step, step.remaining))
        .collect();
    format!(
        "{count} {} ({}). Open means: a site there takes people in now; \"ask the site\" means the record does not say.\n\
         For one study: trialbrief show {}\n",
        if count == 1 { "study" } else { "studies" },
        steps.join(" > "),
        listing.studies[0].study.nct_number,
    )
}

/// Says which filter emptied the list, and a command that finds more.
pub fn nothing_found(listing: &Listing<'_>) -> String {
    let emptied = listing.funnel.iter().position(|step| step.remaining == 0);
    let Some((emptied, before)) = emptied.and_then(|at| {
        Some((
            listing.funnel.get(at)?,
            listing.funnel.get(at.checked_sub(1)?)?,
        ))
    }) else {
        return "No study found: the source holds none.\n".to_owned();
    };
    format!(
        "No study found: --{} left none of the {} that were left by the step `{}`.\nTo find more: {}\n",
        emptied.step.replace('_', "-"),
        before.remaining,
        before.step,
        words::command_without(listing, listing.way_out),
    )
}

/// Renders the list as Markdown.
pub fn markdown(listing: &Listing<'_>) -> String {
    let mut blocks = vec!["# CAR-T trials for multiple sclerosis".to_owned()];
    let warnings = listing.source.warnings(listing.today).into_iter();
    blocks.extend(warnings.map(|warning| format!("> **{}**", escape(&text::one_line(&warning)))));
    blocks.push(if listing.studies.is_empty() {
        escape(&nothing_found(listing))
    } else {
        markdown_table(listing)
    });
    blocks.extend(words::distances(listing.filters).map(|words| escape(&words)));
    blocks.push(escape(&text::one_line(&listing.source.attribution())));
    blocks.push(super::detail::DISCLAIMER.to_owned());
    blocks.join("\n\n") + "\n"
}

fn markdown_table(listing: &Listing<'_>) -> String {
    let mut lines = vec![
        "| NCT | Title | Phase | Status | Product → target | MS | Course | EDSS | Where | Updated |".to_owned(),
        "|---|---|---|---|---|---|---|---|---|---|".to_owned(),
    ];
    for one in listing.studies {
        let texts = wide_row(one, listing);
        let mut cells: Vec<String> = texts.iter().map(|text| cell(text)).collect();
        cells[0] = format!("[{}]({})", one.study.nct_number, one.study.url());
        lines.push(format!("| {} |", cells.join(" | ")));
    }
    lines.join("\n")
}
