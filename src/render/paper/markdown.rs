//! A handout as Markdown.

use super::{BLANK, Block, Line, ListKind, Page, Paper, Span, Table};
use crate::render::markdown::{cell, escape, linked};
use crate::study::NctNumber;
use crate::text::one_line;

/// Renders a handout as Markdown.
pub fn markdown(paper: &Paper) -> String {
    let mut out = format!("# {}\n\n", escape(&one_line(&paper.title)));
    for alarm in &paper.alarms {
        out.push_str(&alarmed(alarm));
    }
    for page in &paper.pages {
        out.push_str(&self::page(page));
        if let Some(words) = &paper.foot.alarm {
            out.extend(["**", &escape(&one_line(words)), "**\n\n"]);
        }
        for words in &paper.foot.lines {
            out.extend(["*", &escape(&one_line(words)), "*\n\n"]);
        }
        out.push_str("---\n\n");
    }
    out.truncate(out.trim_end().trim_end_matches("---").trim_end().len());
    out.push('\n');
    out
}

fn alarmed(words: &str) -> String {
    format!("> **{}**\n\n", linked(&escape(&one_line(words))))
}

fn page(page: &Page) -> String {
    let mut out = format!("## {}\n\n", linked(&escape(&one_line(&page.heading))));
    for block in &page.blocks {
        out.push_str(&self::block(block));
    }
    out
}

fn block(block: &Block) -> String {
    match block {
        Block::Heading(words) => format!("### {}\n\n", escape(&one_line(words))),
        Block::Group(words) => format!("#### {}\n\n", escape(&one_line(words))),
        Block::Text(line) => format!("{}\n\n", self::line(line)),
        Block::Alarm(words) => alarmed(words),
        Block::List(kind, items) => list(*kind, items),
        Block::Pairs(pairs) => {
            let lines = pairs
                .iter()
                .map(|(name, value)| format!("- **{}**: {}\n", escape(name), line(value)));
            lines.collect::<String>() + "\n"
        }
        Block::Table(table) => self::table(table),
        Block::Letter(lines) => {
            let lines = lines.iter().map(|one| format!("> {}\n", line(one)));
            lines.collect::<Vec<_>>().join(">\n") + "\n"
        }
        // Four blanks make code, whatever it holds.
        Block::Command(words) => format!("    {}\n\n", one_line(words)),
        Block::Address(number) => format!("The whole record: {}\n\n", link(*number)),
    }
}

fn list(kind: ListKind, items: &[Vec<Line>]) -> String {
    let joint = if kind == ListKind::Plain {
        " "
    } else {
        "  \n  "
    };
    let items = items.iter().map(|lines| {
        let lines: Vec<String> = lines.iter().map(|one| line(one)).collect();
        format!("- {}\n", lines.join(joint))
    });
    items.collect::<String>() + "\n"
}

fn table(table: &Table) -> String {
    let mut out = format!("**{}**\n\n", escape(&table.caption));
    out.extend(["| ", &table.head.join(" | "), " |\n"]);
    out.extend(["|", &"---|".repeat(table.head.len()), "\n"]);
    for group in &table.groups {
        if !group.heading.is_empty() {
            let rest = " |".repeat(table.head.len().saturating_sub(1));
            out.extend(["| ", &line(&group.heading), " |", &rest, "\n"]);
        }
        for row in &group.rows {
            let cells: Vec<String> = row.iter().map(|one| line(one)).collect();
            out.extend(["| ", &cells.join(" | "), " |\n"]);
        }
    }
    out.push('\n');
    out
}

fn line(spans: &[Span]) -> String {
    spans.iter().map(span).collect()
}

fn span(span: &Span) -> String {
    // White space at either end parts this span from the next.
    let foreign = |words: &str| {
        let (start, end) = (
            if words.starts_with(' ') { " " } else { "" },
            if words.len() > 1 && words.ends_with(' ') {
                " "
            } else {
                ""
            },
        );
        format!("{start}{}{end}", linked(&cell(&one_line(words))))
    };
    match span {
        Span::Text(words) | Span::Phone(words) | Span::Mail(words) | Span::Day(words) => {
            foreign(words)
        }
        Span::Strong(words) => format!("**{}**", foreign(words)),
        Span::Quote(words) => format!("“{}”", foreign(words)),
        Span::Mark(mark, words) => format!("{} {}", mark.sign(), foreign(words)),
        // Markdown has no pages to jump to: every number leads to the registry.
        Span::Registry(number) | Span::Jump(number) => link(*number),
        Span::Blank => escape(BLANK),
    }
}

fn link(number: NctNumber) -> String {
    linked(&number.to_string())
}
