//! The days of a study: drawn, and in a table that says the same.
//!
//! The drawing needs no colour: a day is a disc, a month or a year a bar of its length, what lies ahead is hollow.

use chrono::{Datelike, NaiveDate};
use maud::{Markup, html};

use crate::burden::{self, BurdenValue};
use crate::classify::Classified;
use crate::study::PartialDate;

/// Width of the drawing, in its own units. Letters are 13 of them high, so that a phone shows them.
const WIDTH: f64 = 360.0;

/// Free space left and right.
const MARGIN: f64 = 10.0;

/// Height of a row.
const ROW: f64 = 38.0;

/// How far into a row its line lies.
const LINE: f64 = 26.0;

/// Days in a year, on average.
const YEAR: f64 = 365.25;

/// Years that the drawing shows at most: what lies beyond is cut off and said in the table.
const MOST_YEARS: f64 = 60.0;

/// Something that has a day, or should have one.
struct Moment {
    name: &'static str,
    date: Option<PartialDate>,
}

/// What the drawing and the table show.
struct Days {
    moments: Vec<Moment>,
    /// Months for which each person is followed.
    follow_up: Option<f64>,
    today: NaiveDate,
}

/// Renders the drawing and the table.
pub(super) fn section(one: &Classified, today: NaiveDate) -> Markup {
    let days = Days::of(one, today);
    let scale = Scale::of(&days);
    html! {
        section aria-labelledby="when" {
            h2 id="when" { "When" }
            @if let Some(scale) = &scale { (drawing(&days, scale)) }
            (table(&days, &one.study.url()))
        }
    }
}

impl Days {
    fn of(one: &Classified, today: NaiveDate) -> Self {
        let status = &one.study.status;
        let moment = |name, date| Moment { name, date };
        let follow_up = burden::read(one).into_iter().find_map(|one| match one {
            burden::Burden {
                kind: "follow_up_months",
                value: BurdenValue::Number(months),
                ..
            } => Some(months),
            _ => None,
        });
        Self {
            moments: vec![
                moment("Start", status.start),
                moment("Main results expected", status.primary_completion),
                moment("End", status.completion),
                moment("Last update of the record", status.last_update_posted),
            ],
            follow_up,
            today,
        }
    }

    /// Everything in a sentence, for who does not see the drawing.
    fn sentence(&self) -> String {
        let mut parts: Vec<String> = (self.moments.iter())
            .map(|one| match one.date {
                Some(date) => format!("{}: {date}", one.name),
                None => format!("{}: not known", one.name),
            })
            .collect();
        parts.push(format!("Today: {}", self.today));
        parts.push(match self.follow_up {
            Some(months) => format!("Each person is followed for as long as {}", length(months)),
            None => "How long each person is followed: not known".to_owned(),
        });
        parts.join(". ") + "."
    }
}

/// From days to places in the drawing.
struct Scale {
    first: NaiveDate,
    days: f64,
}

impl Scale {
    /// Makes room for every day that is known; there is none where no day is.
    fn of(days: &Days) -> Option<Self> {
        let known = || days.moments.iter().filter_map(|one| one.date);
        let from = known().map(|date| date.earliest()).min()?.min(days.today);
        let to = known().map(|date| date.latest()).max()?.max(days.today);
        let most = MOST_YEARS * YEAR;
        let follow = days.follow_up.unwrap_or_default() / 12.0 * YEAR;
        // Today is always on it: who looks wants to know what lies ahead.
        let long_ago = days.today.checked_sub_days(chrono::Days::new(3 * 3652));
        let first = from.max(long_ago.unwrap_or(from));
        let span = between(first, to).max(follow).clamp(30.0, most);
        Some(Self { first, days: span })
    }

    /// The place of a day; days off the drawing lie at its edge.
    fn x(&self, day: NaiveDate) -> f64 {
        let share = between(self.first, day) / self.days;
        MARGIN + share.clamp(0.0, 1.0) * (WIDTH - 2.0 * MARGIN)
    }

    /// The length of so many days.
    fn width(&self, days: f64) -> f64 {
        (days / self.days).clamp(0.0, 1.0) * (WIDTH - 2.0 * MARGIN)
    }

    /// First days of years, five or six at most.
    fn years(&self) -> Vec<NaiveDate> {
        let step = [1, 2, 5, 10, 20, 50].into_iter();
        let step = step.filter(|step| self.days / YEAR / f64::from(*step) <= 6.0);
        let step = step.min().unwrap_or(50);
        let start = self.first.year();
        (start..start + 100)
            .filter(|year| year.rem_euclid(step) == 0)
            .filter_map(|year| NaiveDate::from_ymd_opt(year, 1, 1))
            .filter(|day| *day >= self.first && between(self.first, *day) <= self.days)
            .collect()
    }
}

/// Days from one day to another.
fn between(from: NaiveDate, to: NaiveDate) -> f64 {
    // Ten thousand years have fewer days than a number of 32 bits.
    f64::from(i32::try_from((to - from).num_days()).unwrap_or(i32::MAX))
}

fn number(value: f64) -> String {
    format!("{value:.1}")
}

fn drawing(days: &Days, scale: &Scale) -> Markup {
    let rows = days.moments.len() + 2;
    // So few rows are exact as a number of 32 bits.
    let height = f64::from(u16::try_from(rows).unwrap_or(u16::MAX)) * ROW + 24.0;
    let today = number(scale.x(days.today));
    html! {
        svg.timeline xmlns="http://www.w3.org/2000/svg" viewBox={ "0 0 " (WIDTH) " " (height) } role="img"
            aria-labelledby="timeline-title" aria-describedby="timeline-desc" {
            title id="timeline-title" { "The days of this trial" }
            desc id="timeline-desc" { (days.sentence()) }
            @for year in scale.years() {
                @let x = number(scale.x(year));
                line.faint x1=(x) x2=(x) y1="0" y2=(number(height - 20.0)) stroke="currentColor" stroke-width="0.5" {}
                text x=(x) y=(number(height - 6.0)) text-anchor="middle" font-size="12" fill="currentColor" { (year.year()) }
            }
            line x1=(today) x2=(today) y1="0" y2=(number(height - 20.0)) stroke="currentColor" stroke-width="1.5" stroke-dasharray="4 3" {}
            @for (at, one) in days.moments.iter().enumerate() { (moment(at, one, days, scale)) }
            (row(days.moments.len(), "Today (dashed line)", &days.today.to_string()))
            (follow_up(days.moments.len() + 1, days, scale))
        }
    }
}

/// The top of a row.
fn top(at: usize) -> f64 {
    f64::from(u16::try_from(at).unwrap_or(u16::MAX)) * ROW
}

/// The words of a row: what it is to the left, its day to the right.
fn row(at: usize, name: &str, value: &str) -> Markup {
    let y = number(top(at) + 15.0);
    html! {
        text x="10" y=(y) font-size="13" fill="currentColor" { (name) }
        text x="350" y=(y) text-anchor="end" font-size="13" font-weight="700" fill="currentColor" { (value) }
    }
}

fn moment(at: usize, one: &Moment, days: &Days, scale: &Scale) -> Markup {
    let y = number(top(at) + LINE);
    let value = one
        .date
        .map_or("not known".to_owned(), |date| date.to_string());
    html! {
        (row(at, one.name, &value))
        line.faint x1="10" x2="350" y1=(y) y2=(y) stroke="currentColor" stroke-width="0.5" {}
        @if let Some(date) = one.date { (mark(at, date, days, scale)) }
    }
}

/// A disc for a day, a bar for a month or a year; hollow where it lies ahead.
fn mark(at: usize, date: PartialDate, days: &Days, scale: &Scale) -> Markup {
    let y = top(at) + LINE;
    let fill = if date.earliest() > days.today {
        "none"
    } else {
        "currentColor"
    };
    let x = scale.x(date.earliest());
    html! {
        @if date.is_day() {
            circle cx=(number(x)) cy=(number(y)) r="5" fill=(fill) stroke="currentColor" stroke-width="2" {}
        } @else {
            @let width = (scale.x(date.latest()) - x).max(6.0);
            rect x=(number(x)) y=(number(y - 4.0)) width=(number(width)) height="8" fill=(fill) stroke="currentColor" stroke-width="2" {}
        }
    }
}

fn follow_up(at: usize, days: &Days, scale: &Scale) -> Markup {
    let y = number(top(at) + LINE - 4.0);
    let value = days.follow_up.map_or("not known".to_owned(), length);
    html! {
        (row(at, "Each person is followed for", &value))
        @if let Some(months) = days.follow_up {
            // Its length is true to the scale; where it lies says nothing.
            rect x="10" y=(y) width=(number(scale.width(months / 12.0 * YEAR).max(2.0))) height="8" fill="currentColor" {}
        }
    }
}

/// A time in months, in words.
fn length(months: f64) -> String {
    if months >= 24.0 && months % 12.0 == 0.0 {
        return format!("{} years", months / 12.0);
    }
    match months {
        1.0 => "1 month".to_owned(),
        _ => format!("{months} months"),
    }
}

fn table(days: &Days, url: &str) -> Markup {
    html! {
        table.days {
            caption { "The days of this trial" }
            thead { tr { th scope="col" { "What" } th scope="col" { "Day" } th scope="col" { "From today" } } }
            tbody {
                @for one in &days.moments {
                    tr {
                        th scope="row" { (one.name) }
                        @match one.date {
                            Some(date) => { td { span.day { (date) } } td { (seen(date, days.today)) } }
                            None => { td { "not known" } td { "–" } }
                        }
                    }
                }
                tr {
                    th scope="row" { "Results" }
                    td { "not known here" }
                    td { a href=(url) { "see the registry" } }
                }
                tr { th scope="row" { "Today" } td { span.day { (days.today) } } td { "–" } }
                tr {
                    th scope="row" { "Each person is followed for" }
                    td { (days.follow_up.map_or("not known".to_owned(), length)) }
                    td { @if days.follow_up.is_some() { "as this program read it" } @else { "ask the study team" } }
                }
            }
        }
        p.hint { "A hollow mark lies ahead, and is a plan. A bar stands for a month or a year, where no day is known. The last bar shows how long people are followed, not when." }
    }
}

/// How far a day lies from today, in words.
fn seen(date: PartialDate, today: NaiveDate) -> String {
    let (first, last) = (date.earliest(), date.latest());
    if first <= today && today <= last {
        return if date.is_day() { "today" } else { "about now" }.to_owned();
    }
    let days = if last < today {
        (today - last).num_days()
    } else {
        (first - today).num_days()
    };
    let far = match days {
        1 => "1 day".to_owned(),
        2..=60 => format!("{days} days"),
        61..=730 => format!("about {} months", (days * 12 + 182) / 365),
        _ => format!("about {} years", (days + 182) / 365),
    };
    if last < today {
        format!("{far} ago")
    } else {
        format!("in {far}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn days_are_told_from_today() {
        let from = |text: &str| seen(text.parse().unwrap(), day("2026-08-25"));
        for (date, words) in [
            ("2026-08-25", "today"),
            ("2026-08", "about now"),
            ("2026-08-24", "1 day ago"),
            ("2026-06-26", "60 days ago"),
            ("2026-10", "in 37 days"),
            ("2025-08-25", "about 12 months ago"),
            ("2030-10-22", "in about 4 years"),
        ] {
            assert_eq!(from(date), words, "{date}");
        }
        assert_eq!(length(180.0), "15 years");
        assert_eq!(length(6.5), "6.5 months");
    }

    proptest::proptest! {
        #[test]
        fn whatever_the_days_are_they_lie_on_the_drawing(
            dates in proptest::collection::vec(proptest::option::of((1_i32..9999, 1_u32..13, 1_u32..29)), 1..5),
            follow_up in proptest::option::of(0.0_f64..1e9),
        ) {
            let moments = dates.into_iter().map(|date| Moment {
                name: "x",
                date: date.and_then(|(y, m, d)| NaiveDate::from_ymd_opt(y, m, d)).map(PartialDate::from),
            });
            let days = Days { moments: moments.collect(), follow_up, today: day("2026-08-25") };
            let Some(scale) = Scale::of(&days) else { return Ok(()) };
            for one in days.moments.iter().filter_map(|one| one.date) {
                let x = scale.x(one.earliest());
                proptest::prop_assert!((MARGIN..=WIDTH - MARGIN).contains(&x), "{x}");
            }
            proptest::prop_assert!(scale.years().len() <= 8);
            proptest::prop_assert!((0.0..=WIDTH).contains(&scale.width(follow_up.unwrap_or_default())));
        }
    }
}
