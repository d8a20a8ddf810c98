//! Patients by studies on one page: a row a patient, written as they come, so that a table of any
//! length needs no more memory than a row.

use maud::{Markup, PreEscaped, html};

use super::shell::{CLOSE, Shell};
use crate::matching::{Answer, Assessment, Matcher, Point, Verdict, wanted};
use crate::patient::Patient;
use crate::render::brief::foot;
use crate::render::paper::Mark;
use crate::render::screen::{NOT_ADVICE, answer, place_said, said};
use crate::render::{Listing, list, missing, reason, washout, words};
use crate::text::{one_line, safe, shorten};

/// Reasons that a cell shows of what is not settled; what rules out is always shown.
const OPEN_SHOWN: usize = 8;

/// Reasons that a cell shows of what rules out. No study has more rules that a profile can break.
const BLOCKING_SHOWN: usize = 40;

/// Characters of a quote.
const QUOTE: usize = 300;

/// What the table shows.
const CAPTION: &str = "Patients (rows) by studies (columns). Open a cell for its reasons, with the words of each rule.";

/// Renders what stands before the first patient.
pub fn head(listing: &Listing<'_>, matchers: &[Matcher<'_>]) -> String {
    let alarms = listing.source.warnings(listing.today);
    let shell = Shell {
        title: "Patients and studies",
        alarms: &alarms,
        class: "panel",
    };
    let open = html! {
        (shell.open(&html! {}))
        @if matchers.is_empty() {
            @for words in list::nothing_found(listing).lines() { p { strong { (safe(words)) } } }
        }
        (table_head(matchers.iter()))
    };
    open.into_string()
}

/// What stands before the first row, from what the table is not to its open body.
fn table_head<'a>(matchers: impl ExactSizeIterator<Item = &'a Matcher<'a>>) -> Markup {
    html! {
        p { (NOT_ADVICE) }
        @if matchers.len() == 0 { p { strong { "No study fits the filters." } } }
        // The end tags stand in `TABLE_END`.
        (PreEscaped("<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"Patients by studies\"><table>"))
        caption { (CAPTION) }
        thead {
            tr {
                th scope="col" { "Patient" }
                @for one in matchers { (column(one)) }
            }
        }
        (PreEscaped("<tbody>"))
    }
}

/// What ends a table that [`table_head`] began.
const TABLE_END: &str = "</tbody></table></div>";

/// A patient, and what each study came to, by its place among all studies.
pub type Found<'a> = (&'a Patient, &'a [(usize, Assessment)]);

/// The whole table, with the studies of the best verdicts first.
pub(super) fn table(matchers: &[Matcher<'_>], all: &[Found<'_>]) -> Markup {
    let order = best_first(matchers, all);
    let matchers_in_order: Vec<&Matcher<'_>> =
        order.iter().filter_map(|at| matchers.get(*at)).collect();
    html! {
        (table_head(matchers_in_order.into_iter()))
        @for (patient, trials) in all { (cells(patient, trials, matchers, &order)) }
        (PreEscaped(TABLE_END))
    }
}

/// The same the other way round: each study, the best verdicts first, with its patients, the most promising first.
pub(super) fn by_study(matchers: &[Matcher<'_>], all: &[Found<'_>]) -> Markup {
    html! {
        p { (NOT_ADVICE) }
        @for (at, matcher) in best_first(matchers, all).into_iter().filter_map(|at| Some((at, matchers.get(at)?))) {
            @let study = &matcher.study().study;
            h2 { a.number href=(study.url()) { (study.nct_number) } " " (shorten(&study.name(), 60)) }
            p { (words::study_status(study)) }
            ul.patients {
                @for (patient, found) in of_study(at, all) {
                    li { strong { (one_line(patient.id())) } (cell(patient, found, matcher)) }
                }
            }
        }
    }
}

/// What a study came to for each patient, the most promising first.
fn of_study<'a>(at: usize, all: &[Found<'a>]) -> Vec<(&'a Patient, &'a Assessment)> {
    let each = all.iter().flat_map(|(patient, trials)| {
        let own = trials.iter().filter(move |(study, _)| *study == at);
        own.map(|(_, found)| (*patient, found))
    });
    let mut each: Vec<_> = each.collect();
    each.sort_by_key(|(_, found)| (found.verdict, std::cmp::Reverse(found.core.0)));
    each
}

/// The places of the studies: the best verdict of any patient first, then by how many patients have it.
fn best_first(matchers: &[Matcher<'_>], all: &[Found<'_>]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..matchers.len()).collect();
    order.sort_by_cached_key(|at| {
        let verdicts = of_study(*at, all)
            .into_iter()
            .map(|(_, found)| found.verdict);
        let verdicts: Vec<Verdict> = verdicts.collect();
        let best = verdicts.first().copied();
        let count = verdicts.iter().filter(|one| Some(**one) == best).count();
        (best.is_none(), best, std::cmp::Reverse(count))
    });
    order
}

fn column(one: &Matcher<'_>) -> Markup {
    let study = &one.study().study;
    html! {
        th scope="col" {
            a.number href=(study.url()) { (study.nct_number) }
            " " (shorten(&study.name(), 60)) " · " (words::study_status(study))
        }
    }
}

/// Renders a patient.
pub fn row(patient: &Patient, trials: &[(usize, Assessment)], matchers: &[Matcher<'_>]) -> String {
    let order: Vec<usize> = (0..matchers.len()).collect();
    cells(patient, trials, matchers, &order).into_string()
}

/// A row, with the studies in an order.
fn cells(
    patient: &Patient,
    trials: &[(usize, Assessment)],
    matchers: &[Matcher<'_>],
    order: &[usize],
) -> Markup {
    let mut by_study: Vec<Option<&Assessment>> = vec![None; matchers.len()];
    for (at, found) in trials {
        if let Some(place) = by_study.get_mut(*at) {
            *place = Some(found);
        }
    }
    let in_order = order
        .iter()
        .filter_map(|at| Some((by_study.get(*at)?, matchers.get(*at)?)));
    html! {
        tr {
            th scope="row" { (who(patient, trials, matchers)) }
            @for (found, matcher) in in_order {
                td { @if let Some(found) = found { (cell(patient, found, matcher)) } }
            }
        }
        "\n"
    }
}

/// The patient's name in the clinic, what was put aside, and what is worth finding out.
fn who(patient: &Patient, trials: &[(usize, Assessment)], matchers: &[Matcher<'_>]) -> Markup {
    let all = wanted(patient, trials, matchers);
    let unknown = || patient.taken.iter().filter(|one| one.is_unknown());
    html! {
        (one_line(&patient.name()))
        @if !patient.contradictions.is_empty() || unknown().next().is_some() {
            ul {
                @for one in &patient.contradictions {
                    li { "Contradiction, counted as unknown: " (one.fields.join(", ")) ": " (safe(&one.what)) }
                }
                @for one in unknown() {
                    li {
                        "Drug not known, counted as unknown: " (one_line(&one.name))
                        @if let Some(near) = &one.nearest { "; did you mean “" (near) "”?" }
                    }
                }
            }
        }
        @if !all.is_empty() {
            details {
                summary { "Missing tests" }
                ul {
                    @for one in all.iter().take(missing::SHOWN) {
                        li { (missing::what(one.field, one.key)) ": " (counted(one.studies.len())) }
                    }
                }
            }
        }
    }
}

fn cell(patient: &Patient, found: &Assessment, matcher: &Matcher<'_>) -> Markup {
    let mark = match found.verdict {
        Verdict::Possible => Mark::Fits,
        Verdict::Check => Mark::Ask,
        Verdict::Unlikely => Mark::Against,
    };
    html! {
        div.cell {
            span class={ "mark " (mark.as_str()) } aria-hidden="true" { (mark.sign()) }
            " " (said(found)) (place_said(found.open_here))
            @if let Some(words) = washout::earliest(found, matcher, patient) {
                p { "Washouts over on " (safe(&words)) }
            }
            @if let Some(near) = &found.near_miss {
                p {
                    "Only one thing stands in the way: " (near.change) (washout::beside(found))
                    @if let Some(date) = near.date { " (" (date) ")" } "."
                }
            }
            (reasons(patient, found, matcher))
        }
    }
}

fn reasons(patient: &Patient, found: &Assessment, matcher: &Matcher<'_>) -> Markup {
    let of = |answers: &'static [Answer]| {
        let points = found.points.iter();
        points.filter(move |one| answers.contains(&one.answer))
    };
    let blocking = of(&[Answer::NotMet]).take(BLOCKING_SHOWN);
    let open = || found.points.iter().filter(|one| one.is_open());
    let more = open().count().saturating_sub(OPEN_SHOWN);
    let met: Vec<&str> = of(&[Answer::Met])
        .filter_map(|one| matcher.demands().get(one.demand)?.kind())
        .collect();
    html! {
        details {
            summary { "Reasons" }
            ul {
                @for one in blocking.chain(open().take(OPEN_SHOWN)) { (point(one, patient, matcher)) }
                @if more > 0 { li { "and " (more) " more to clarify" } }
                @if !met.is_empty() { li { (seem_met(&met)) } }
            }
        }
    }
}

/// How many rules seem met, and what they are about.
fn seem_met(kinds: &[&str]) -> String {
    let mut about: Vec<String> = Vec::new();
    for kind in kinds.iter().map(|kind| kind.replace('_', " ")) {
        if !about.contains(&kind) {
            about.push(kind);
        }
    }
    let seem = if kinds.len() == 1 { "seems" } else { "seem" };
    format!(
        "{} of the rules that were read {seem} met ({})",
        kinds.len(),
        about.join(", ")
    )
}

fn counted(studies: usize) -> String {
    match studies {
        1 => "1 study".to_owned(),
        count => format!("{count} studies"),
    }
}

fn point(point: &Point, patient: &Patient, matcher: &Matcher<'_>) -> Markup {
    let Some(demand) = matcher.demands().get(point.demand) else {
        return html! {};
    };
    html! {
        li {
            (answer(point.answer)) " " (demand.criterion.unwrap_or("record")) ": "
            (safe(&reason::reason(point, demand, patient)))
            @if !demand.quote.trim().is_empty() { " " q { (shorten(&demand.quote, QUOTE)) } }
        }
    }
}

/// Renders what stands behind the last patient.
pub fn tail(listing: &Listing<'_>) -> String {
    let foot = foot(listing);
    let close = html! {
        (PreEscaped(TABLE_END))
        div.foot {
            @if let Some(words) = &foot.alarm { p { strong { (words) } } }
            @for words in &foot.lines { p { (words) } }
            p { (one_line(&listing.source.attribution())) }
        }
        (PreEscaped(CLOSE))
    };
    close.into_string()
}
