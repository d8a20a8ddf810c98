//! A handout as parts, made once and rendered as HTML and as Markdown, so that both say the same.
//!
//! Words in it may be foreign: each renderer makes them safe for its own form.

mod markdown;
mod plain;

use crate::study::NctNumber;

pub use markdown::markdown;
pub use plain::plain;

/// A handout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paper {
    /// Its name.
    pub title: String,
    /// What a reader must know first: that data are not live, not complete, or old.
    pub alarms: Vec<String>,
    /// The pages, in order.
    pub pages: Vec<Page>,
    /// What ends every page.
    pub foot: Foot,
}

/// What ends every page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Foot {
    /// That the data are not live, not complete, or old, in a few words.
    pub alarm: Option<String>,
    /// Where the data come from, how old they are, and what they are not.
    pub lines: Vec<String>,
}

/// A page. It may run over several sheets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// A name that links lead to: letters, digits and hyphens.
    pub id: String,
    /// What the page is.
    pub kind: PageKind,
    /// Its heading.
    pub heading: String,
    /// What stands on it.
    pub blocks: Vec<Block>,
}

/// What a page is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageKind {
    /// For the patient.
    Patient,
    /// For the neurologist.
    Neurologist,
    /// One study.
    Study,
    /// What is left to say.
    Rest,
}

/// A part of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// A heading on the page.
    Heading(String),
    /// A heading under that.
    Group(String),
    /// Running text.
    Text(Line),
    /// What must not be overlooked.
    Alarm(String),
    /// A list; an item may hold several lines.
    List(ListKind, Vec<Vec<Line>>),
    /// Names and values.
    Pairs(Vec<(String, Line)>),
    /// A table.
    Table(Table),
    /// A text to be copied and filled in, a paragraph each.
    Letter(Vec<Line>),
    /// A command to type.
    Command(String),
    /// The study's page in the registry, as a link and as a code for a camera.
    Address(NctNumber),
}

/// What a list holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListKind {
    /// Items of any kind.
    Plain,
    /// Trials.
    Trials,
    /// Trials that seem to be ruled out.
    RuledOut,
    /// Questions to ask.
    Questions,
    /// Terms and what they mean.
    Terms,
}

/// A table. Its head stands again on every sheet that it runs over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// What it shows.
    pub caption: String,
    /// Names of the columns.
    pub head: Vec<&'static str>,
    /// Rows, by group.
    pub groups: Vec<RowGroup>,
}

/// Rows that belong together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowGroup {
    /// What they have in common; empty where that needs no words.
    pub heading: Line,
    /// The rows, a cell for each column.
    pub rows: Vec<Vec<Line>>,
}

/// Words that stand on one line, or flow.
pub type Line = Vec<Span>;

/// Words of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Span {
    /// Plain words.
    Text(String),
    /// Words that a reader looks for.
    Strong(String),
    /// Words of the registry, verbatim.
    Quote(String),
    /// An answer, with a mark that needs no colour.
    Mark(Mark, String),
    /// A number with a link to the registry.
    Registry(NctNumber),
    /// A number with a link to the study's page on this paper.
    Jump(NctNumber),
    /// A telephone number.
    Phone(String),
    /// A mail address.
    Mail(String),
    /// A day, which no line breaks.
    Day(String),
    /// A place to write on.
    Blank,
}

/// A mark that is told apart without colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// Seems to fit.
    Fits,
    /// Ask.
    Ask,
    /// May not fit, or rules out.
    Against,
}

impl Mark {
    /// Returns the sign.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Fits => "✔",
            Self::Ask => "?",
            Self::Against => "✖",
        }
    }

    /// Returns the word that names the mark, as a class of a style sheet.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fits => "fits",
            Self::Ask => "asks",
            Self::Against => "against",
        }
    }
}

/// What stands for a place to write on.
pub(super) const BLANK: &str = "________________";

/// Returns plain words as a line.
pub(super) fn text(words: impl Into<String>) -> Line {
    vec![Span::Text(words.into())]
}

impl Page {
    /// Returns the id of a study's page.
    pub fn id_of(number: NctNumber) -> String {
        number.to_string()
    }
}

impl Paper {
    /// Returns the words of all pages that are ours to explain: quotes and the
    /// registry's names left out.
    pub(super) fn own_words(pages: &[Page]) -> String {
        let mut all = String::new();
        for page in pages {
            for block in &page.blocks {
                block.each_line(&mut |line| {
                    for span in line {
                        if let Span::Text(words) | Span::Strong(words) | Span::Mark(_, words) = span
                        {
                            all.push_str(words);
                            all.push(' ');
                        }
                    }
                    all.push('\n');
                });
            }
        }
        all
    }
}

impl Block {
    fn each_line(&self, visit: &mut dyn FnMut(&Line)) {
        match self {
            Self::Text(line) => visit(line),
            Self::List(_, items) => items.iter().flatten().for_each(visit),
            Self::Pairs(pairs) => pairs.iter().for_each(|(_, line)| visit(line)),
            Self::Letter(lines) => lines.iter().for_each(visit),
            Self::Table(table) => {
                let rows = table.groups.iter().flat_map(|group| &group.rows);
                rows.flatten().for_each(visit);
            }
            Self::Heading(_)
            | Self::Group(_)
            | Self::Alarm(_)
            | Self::Command(_)
            | Self::Address(_) => {}
        }
    }
}
