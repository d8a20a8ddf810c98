//! A handout as plain text, for a mail: no signs that only a renderer understands.

use super::{BLANK, Block, Line, ListKind, Page, Paper, Span, Table};
use crate::render::words::wrapped;
use crate::text::one_line;

/// Columns of a line: mail programs keep lines of so many as they are.
const WIDTH: usize = 76;

/// Renders a handout as plain text.
pub fn plain(paper: &Paper) -> String {
    let mut out = heading(&paper.title, '=');
    for alarm in &paper.alarms {
        out.push_str(&paragraph(alarm, "! "));
    }
    for page in &paper.pages {
        out.push_str(&self::page(page));
    }
    // Once: a mail has no sheets.
    let alarm = paper.foot.alarm.iter();
    for words in alarm.chain(&paper.foot.lines) {
        out.push_str(&paragraph(words, ""));
    }
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

fn page(page: &Page) -> String {
    let blocks = page.blocks.iter().map(block);
    heading(&page.heading, '-') + &blocks.collect::<String>()
}

fn heading(words: &str, under: char) -> String {
    let words = one_line(words);
    let line: String = std::iter::repeat_n(under, words.chars().count().min(WIDTH)).collect();
    format!("{}{line}\n\n", wrapped(&words, WIDTH, "", ""))
}

fn paragraph(words: &str, mark: &str) -> String {
    wrapped(&one_line(words), WIDTH, mark, mark) + "\n"
}

fn block(block: &Block) -> String {
    match block {
        Block::Heading(words) => paragraph(&words.to_uppercase(), ""),
        Block::Group(words) => paragraph(&format!("{words}:"), ""),
        Block::Text(line) => paragraph(&self::line(line), ""),
        Block::Alarm(words) => paragraph(words, "! "),
        Block::List(kind, items) => list(*kind, items),
        Block::Pairs(pairs) => {
            let lines = pairs
                .iter()
                .map(|(name, value)| wrapped(&format!("{name}: {}", line(value)), WIDTH, "", "  "));
            lines.collect::<String>() + "\n"
        }
        Block::Table(table) => self::table(table),
        Block::Letter(lines) => lines
            .iter()
            .map(|one| paragraph(&line(one), "  "))
            .collect(),
        Block::Command(words) => format!("    {}\n\n", one_line(words)),
        Block::Address(number) => format!("https://clinicaltrials.gov/study/{number}\n\n"),
    }
}

fn list(kind: ListKind, items: &[Vec<Line>]) -> String {
    let mark = if kind == ListKind::Questions {
        "[ ] "
    } else {
        "- "
    };
    let rest = " ".repeat(mark.len());
    let mut out = String::new();
    for lines in items {
        for (at, one) in lines.iter().enumerate() {
            let first = if at == 0 { mark } else { &rest };
            out.push_str(&wrapped(&line(one), WIDTH, first, &rest));
        }
    }
    out + "\n"
}

/// A table as a list: each row names its columns.
fn table(table: &Table) -> String {
    let mut out = paragraph(&format!("{}:", table.caption), "");
    for group in &table.groups {
        if !group.heading.is_empty() {
            out.push_str(&wrapped(&line(&group.heading), WIDTH, "", ""));
        }
        for row in &group.rows {
            let cells = table.head.iter().zip(row);
            let cells: Vec<String> = cells
                .map(|(name, cell)| (name, line(cell)))
                .filter(|(_, cell)| !cell.trim().is_empty())
                .map(|(name, cell)| format!("{name}: {cell}"))
                .collect();
            out.push_str(&wrapped(&one_line(&cells.join("; ")), WIDTH, "- ", "  "));
        }
    }
    out + "\n"
}

fn line(spans: &[Span]) -> String {
    spans.iter().map(span).collect()
}

fn span(span: &Span) -> String {
    match span {
        Span::Text(words)
        | Span::Strong(words)
        | Span::Phone(words)
        | Span::Mail(words)
        | Span::Day(words) => words.clone(),
        Span::Quote(words) => format!("“{}”", one_line(words)),
        Span::Mark(mark, words) => format!("{} {words}", mark.sign()),
        Span::Registry(number) | Span::Jump(number) => number.to_string(),
        Span::Blank => BLANK.to_owned(),
    }
}
