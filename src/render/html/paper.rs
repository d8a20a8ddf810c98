//! A handout as one page of HTML.

use maud::{Markup, html};

use super::qr;
use super::shell::{Shell, alarmed};
use crate::render::paper::{
    BLANK, Block, Foot, ListKind, Page, PageKind, Paper, RowGroup, Span, Table,
};
use crate::study::NctNumber;
use crate::text::{one_line, safe};

/// Renders a handout as a page that stands alone.
pub fn paper(paper: &Paper) -> String {
    let shell = Shell {
        title: &paper.title,
        alarms: &paper.alarms,
        class: "paper",
    };
    let (nav, main) = parts(paper);
    shell.page(&nav, &main)
}

/// What lies between the header and the end: the list of the pages, and the pages.
pub(super) fn parts(paper: &Paper) -> (Markup, Markup) {
    let nav = html! {
        nav aria-label="Pages" {
            ul {
                @for page in &paper.pages {
                    li { a href={ "#" (page.id) } { (one_line(&page.heading)) } }
                }
            }
        }
    };
    let main = html! {
        @for page in &paper.pages {
            (self::page(page, &paper.foot))
        }
    };
    (nav, main)
}

fn page(page: &Page, foot: &Foot) -> Markup {
    let class = match page.kind {
        PageKind::Patient => "page patient",
        PageKind::Neurologist => "page neurologist",
        PageKind::Study => "page study",
        PageKind::Rest => "page rest",
    };
    html! {
        section class=(class) aria-labelledby={ (page.id) "-name" } id=(page.id) {
            div.body {
                h2 id={ (page.id) "-name" } { (one_line(&page.heading)) }
                @for block in &page.blocks { (self::block(block)) }
            }
            footer.foot {
                @if let Some(words) = &foot.alarm { p { strong { (one_line(words)) } } }
                @for words in &foot.lines { p { (one_line(words)) } }
            }
        }
    }
}

fn block(block: &Block) -> Markup {
    html! {
        @match block {
            Block::Heading(words) => h3 { (one_line(words)) },
            Block::Group(words) => h4 { (one_line(words)) },
            Block::Text(line) => p { (self::line(line)) },
            Block::Alarm(words) => (alarmed(words)),
            Block::List(kind, items) => (list(*kind, items)),
            Block::Pairs(pairs) => dl {
                @for (name, value) in pairs {
                    div { dt { (one_line(name)) } " " dd { (line(value)) } }
                }
            },
            Block::Table(table) => (self::table(table)),
            Block::Letter(lines) => div.letter { @for one in lines { p { (line(one)) } } },
            Block::Command(words) => p { code { (one_line(words)) } },
            Block::Address(number) => (address(*number)),
        }
    }
}

fn list(kind: ListKind, items: &[Vec<Vec<Span>>]) -> Markup {
    // An item of a class that tests and styles know.
    let class = match kind {
        ListKind::Plain => None,
        ListKind::Trials => Some("trial"),
        ListKind::RuledOut => Some("out"),
        ListKind::Questions => Some("ask"),
        ListKind::Terms => Some("term"),
    };
    html! {
        ul class=[class.map(|class| format!("{class}s"))] {
            @for lines in items {
                li class=[class] {
                    @if let [only] = lines.as_slice() {
                        (line(only))
                    } @else {
                        @for one in lines { div { (line(one)) } }
                    }
                }
            }
        }
    }
}

fn table(table: &Table) -> Markup {
    let columns = table.head.len();
    html! {
        // A wide table is scrolled by itself on a narrow screen, with a keyboard too.
        div.scroll role="region" tabindex="0" aria-label=(table.caption) {
            table {
                caption { (table.caption) }
                thead { tr { @for name in &table.head { th scope="col" { (name) } } } }
                @for group in &table.groups { (rows(group, columns)) }
            }
        }
    }
}

fn rows(group: &RowGroup, columns: usize) -> Markup {
    html! {
        tbody {
            @if !group.heading.is_empty() {
                tr { th scope="rowgroup" colspan=(columns) { (line(&group.heading)) } }
            }
            @for row in &group.rows {
                tr { @for cell in row { td { (line(cell)) } } }
            }
        }
    }
}

fn line(spans: &[Span]) -> Markup {
    html! { @for one in spans { (span(one)) } }
}

fn span(span: &Span) -> Markup {
    html! {
        @match span {
            Span::Text(words) => (safe(words)),
            Span::Strong(words) => strong { (safe(words)) },
            Span::Quote(words) => q { (safe(words)) },
            Span::Mark(mark, words) => {
                span class={ "mark " (mark.as_str()) } aria-hidden="true" { (mark.sign()) }
                " " (safe(words))
            },
            Span::Registry(number) => a.number href=(registry(*number)) { (number) },
            Span::Jump(number) => a.number href={ "#" (Page::id_of(*number)) } { (number) },
            Span::Phone(words) => (phone(words)),
            Span::Mail(words) => (mail(words)),
            Span::Day(words) => span.day { (safe(words)) },
            Span::Blank => span.blank { (BLANK) },
        }
    }
}

/// The registry's page of a study: the address in full, so that paper tells it too, and the code.
fn address(number: NctNumber) -> Markup {
    let url = registry(number);
    html! {
        (qr::registry_page(number, &url))
        p { "The whole record: " a href=(url) { (url) } }
    }
}

fn registry(number: NctNumber) -> String {
    format!("https://clinicaltrials.gov/study/{number}")
}

/// A telephone number, to be called where it is nothing but a number.
fn phone(words: &str) -> Markup {
    let words = one_line(words);
    let digits: String = words
        .chars()
        .filter(|c| c.is_ascii_digit() || *c == '+')
        .collect();
    let is_number = words
        .chars()
        .all(|c| c.is_ascii_digit() || "+-()./ ".contains(c))
        && (6..=20).contains(&digits.len())
        && digits.get(1..).is_some_and(|rest| !rest.contains('+'));
    html! {
        @if is_number { a href={ "tel:" (digits) } { (words) } } @else { (words) }
    }
}

/// A mail address, to be written to where it is nothing but an address.
fn mail(words: &str) -> Markup {
    let words = one_line(words);
    let is_plain = |part: &str| {
        !part.is_empty()
            && part
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "._+-".contains(c))
    };
    let is_address = words
        .split_once('@')
        .is_some_and(|(name, host)| is_plain(name) && is_plain(host) && host.contains('.'));
    html! {
        @if is_address { a href={ "mailto:" (words) } { (words) } } @else { (words) }
    }
}
