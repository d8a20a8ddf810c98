//! A workbook of the studies: the columns of the CSV, its head frozen, filters on
//! it, links to the registry, and a second sheet that says where all this is from.
//!
//! Every cell of a record is text, so that nothing in it is run.

use std::sync::Arc;

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet};

pub use rust_xlsxwriter::XlsxError;

use super::Listing;
use super::columns::{COLUMNS, Column, Holds};
use super::csv::row;
use crate::classify::Classified;
use crate::text;

/// Most characters of a cell (Excel's own limit is 32,767).
const LONGEST: usize = 32_000;

/// Renders the workbook. The same data give the same bytes.
///
/// # Errors
///
/// [`XlsxError`] if there are more studies than a sheet has rows.
pub fn workbook(listing: &Listing<'_>) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let mut about = DocProperties::new()
        .set_title("CAR-T studies for multiple sclerosis")
        .set_author("trialbrief")
        .set_comment(listing.source.attribution());
    // The day of the data, not of the writing.
    if let Some(day) = made(&listing.source.retrieved_at) {
        about = about.set_creation_datetime(&day);
    }
    book.set_properties(&about);
    studies(book.add_worksheet(), listing.studies)?;
    provenance(book.add_worksheet(), listing)?;
    book.save_to_buffer()
}

fn made(timestamp: &str) -> Option<ExcelDateTime> {
    ExcelDateTime::parse_from_str(timestamp.get(..19)?).ok()
}

fn studies(sheet: &mut Worksheet, studies: &[Arc<Classified>]) -> Result<(), XlsxError> {
    sheet.set_name("Studies")?;
    let head = Format::new().set_bold();
    for (own, column) in COLUMNS.iter().zip(0..) {
        sheet.write_string_with_format(0, column, own.name, &head)?;
        sheet.set_column_width(column, own.width)?;
    }
    let mut sorted: Vec<&Classified> = studies.iter().map(Arc::as_ref).collect();
    sorted.sort_by_key(|one| one.study.nct_number);
    let mut last = 0;
    for (one, line) in sorted.into_iter().zip(1..) {
        last = line;
        for ((own, cell), column) in COLUMNS.iter().zip(row(one)).zip(0..) {
            write(sheet, (line, column), own, &cell)?;
        }
    }
    sheet.set_freeze_panes(1, 1)?;
    let end = u16::try_from(COLUMNS.len() - 1).unwrap_or(u16::MAX);
    sheet.autofilter(0, 0, last, end)?;
    Ok(())
}

fn write(
    sheet: &mut Worksheet,
    (line, column): (u32, u16),
    own: &Column,
    cell: &str,
) -> Result<(), XlsxError> {
    if cell.is_empty() {
        return Ok(());
    }
    match (own.holds, cell.parse::<f64>()) {
        (Holds::Link, _) => sheet.write_url(line, column, cell)?,
        (Holds::Number, Ok(number)) => sheet.write_number(line, column, number)?,
        _ => {
            let cell: String = text::safe(cell).chars().take(LONGEST).collect();
            sheet.write_string(line, column, cell)?
        }
    };
    Ok(())
}

fn provenance(sheet: &mut Worksheet, listing: &Listing<'_>) -> Result<(), XlsxError> {
    sheet.set_name("Source")?;
    sheet.set_column_width(0, 120)?;
    let warnings = listing.source.warnings(listing.today);
    let told = [
        listing.source.attribution(),
        "Information to discuss with a neurologist, not medical advice; only the study team can decide who may join.".to_owned(),
    ];
    for (words, line) in warnings.into_iter().chain(told).zip(0..) {
        sheet.write_string(line, 0, text::safe(&words))?;
    }
    Ok(())
}
