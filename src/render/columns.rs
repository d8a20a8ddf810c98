//! The columns of the table of studies, in order (contract: CSV): for the CSV and for the workbook.

/// What the cells of a column hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    /// Words, or a list of them.
    Text,
    /// A number, or nothing.
    Number,
    /// The address of the registry's page, made from the number alone.
    Link,
}

/// A column.
#[derive(Debug, Clone, Copy)]
pub(super) struct Column {
    /// The contract's name.
    pub(super) name: &'static str,
    /// What its cells hold.
    pub(super) holds: Holds,
    /// Its width in a workbook, in characters.
    pub(super) width: f64,
}

const USUAL: f64 = 14.0;
const WIDE: f64 = 24.0;

const fn text(name: &'static str, width: f64) -> Column {
    let holds = Holds::Text;
    Column { name, holds, width }
}

const fn number(name: &'static str) -> Column {
    let (holds, width) = (Holds::Number, USUAL);
    Column { name, holds, width }
}

const fn link(name: &'static str) -> Column {
    let (holds, width) = (Holds::Link, WIDE);
    Column { name, holds, width }
}

/// The columns.
pub(super) const COLUMNS: [Column; 39] = [
    text("nct_id", WIDE),
    text("title", 60.0),
    text("acronym", USUAL),
    text("status", WIDE),
    text("phases", USUAL),
    text("study_type", USUAL),
    text("sponsor", WIDE),
    text("cell_class", USUAL),
    text("product", WIDE),
    text("targets", USUAL),
    text("cell_source", USUAL),
    text("ms_relevance", USUAL),
    text("ms_courses", USUAL),
    text("conditions", WIDE),
    number("min_age"),
    number("max_age"),
    text("sex", USUAL),
    number("edss_min"),
    number("edss_max"),
    text("prior_treatment_required", USUAL),
    number("enrollment"),
    text("start_date", USUAL),
    text("primary_completion_date", USUAL),
    text("first_posted", USUAL),
    text("last_update_posted", USUAL),
    text("open_regions", USUAL),
    text("opening_regions", USUAL),
    text("countries", WIDE),
    number("sites_total"),
    number("sites_open"),
    number("sites_us"),
    number("sites_europe"),
    number("sites_uk"),
    number("sites_china"),
    number("sites_australia"),
    text("contact_name", USUAL),
    text("contact_phone", USUAL),
    text("contact_email", USUAL),
    link("url"),
];
