//! Splits eligibility text into criteria.
//!
//! Every byte belongs to exactly one criterion (with its bullet), one heading,
//! or to white space. Nothing is understood here but layout.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

/// Which part of the text a criterion stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CriterionKind {
    /// Who may join.
    Inclusion,
    /// Who may not.
    Exclusion,
    /// Before any heading, or about both.
    Other,
}

/// One criterion, as it stands in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Criterion {
    /// `I`, `E` or `O` and a running number; sub-criteria add `.1`, `.2` …
    pub id: String,
    /// Which part it stands in.
    pub kind: CriterionKind,
    /// Byte offsets into the text, with the bullet or number, without its sub-criteria.
    pub span: Range<usize>,
    /// Length in bytes of the bullet or number and the white space behind it.
    pub marker: usize,
    /// `id` of the criterion that it stands under.
    pub parent: Option<String>,
}

/// Criteria and headings of a text, each in order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Segments {
    /// The criteria.
    pub criteria: Vec<Criterion>,
    /// Byte offsets of the headings.
    pub headings: Vec<Range<usize>>,
}

impl CriterionKind {
    /// Returns the contract's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Inclusion => "inclusion",
            Self::Exclusion => "exclusion",
            Self::Other => "other",
        }
    }

    fn letter(self) -> char {
        match self {
            Self::Inclusion => 'I',
            Self::Exclusion => 'E',
            Self::Other => 'O',
        }
    }
}

impl Criterion {
    /// Returns the criterion's words: its text without bullet or number.
    pub fn body<'a>(&self, text: &'a str) -> &'a str {
        text.get(self.span.start + self.marker..self.span.end)
            .unwrap_or_default()
    }

    /// Returns how deep it stands under others.
    pub fn depth(&self) -> usize {
        self.id.matches('.').count()
    }
}

/// A heading inside a line: "Exclusion Criteria:" behind other words.
static INLINE_HEADING: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?:^|[\s.;])((?i:(?:key |main |major |general |other )?(?:inclusion|exclusion) criteria)(?:(?:\s(?:for|of|in)\s[^:.\n]{3,60})?\s{0,2}[:：]|\s?\([^()\n]{2,40}\)\s?[:：]?))|[.;。；]\s*((?i:(?:key |main |major )?(?:inclusion|exclusion) criteria))\s*$").ok()
});

/// A bullet, number or letter at the start of a line.
static MARKER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"^(?:[*•·▪◦‣●○■□–—-]|\\-|\(?(?:\d{1,3}(?:\.\d{1,2})*|[A-Za-z]|[ivxIVX]{1,5})[.)）、](?:\s|$)|[（(]\d{1,2}[)）]|\d{1,2}[、．])\s*").ok()
});

/// Splits a text into criteria and headings.
pub fn segment(text: &str) -> Segments {
    // Registries of old break lines at about 80 characters; where a line is longer, line ends mean something.
    let is_wrapped = text.lines().all(|line| line.chars().count() <= 110);
    let mut splitter = Splitter {
        text,
        is_wrapped,
        ..Splitter::default()
    };
    for line in lines(text) {
        splitter.line(line);
    }
    splitter.flush();
    splitter.segments
}

/// Returns the spans of the lines, without line ends, split before and behind headings inside a line.
fn lines(text: &str) -> Vec<Range<usize>> {
    let mut spans = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let end = start + line.trim_end_matches('\n').len();
        let mut from = start;
        for heading in INLINE_HEADING
            .iter()
            .flat_map(|pattern| pattern.captures_iter(&text[start..end]))
        {
            let Some(words) = heading.get(1).or_else(|| heading.get(2)) else {
                continue;
            };
            let words = start + words.start()..start + words.end();
            let (before, behind) = (text[from..words.start].trim(), &text[words.end..end]);
            // "NMOSD Inclusion Criteria:" is one heading.
            let is_name = behind.trim().is_empty()
                && before.split_whitespace().count() <= 4
                && before
                    .chars()
                    .all(|c| c.is_alphabetic() || " /-".contains(c));
            if is_name && !before.is_empty() {
                continue;
            }
            if before.len() > 3 {
                spans.push(from..words.start);
                from = words.start;
            }
            if !behind.trim().is_empty() {
                spans.push(from..words.end);
                from = words.end;
            }
        }
        spans.push(from..end);
        start += line.len();
    }
    spans
        .into_iter()
        .flat_map(|span| items_in_line(text, span))
        .collect()
}

/// Bullets and running numbers inside a line: records that lost their line ends.
static INLINE_ITEM: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\s(?:(?P<bullet>[*•·▪●])|(?P<number>\d{1,2})\\?[.)])\s+\S").ok());

/// The number that a line is marked with.
fn leading_number(words: &str) -> Option<usize> {
    let digits = words.trim_start();
    let end = digits.find(|c: char| !c.is_ascii_digit())?;
    digits[end..]
        .starts_with(['.', ')'])
        .then(|| digits[..end].parse().ok())?
}

/// Splits a long line at bullets, and at numbers that run on from 1.
fn items_in_line(text: &str, line: Range<usize>) -> Vec<Range<usize>> {
    let words = &text[line.clone()];
    let item = words.trim_start();
    let marker = MARKER.iter().find_map(|pattern| pattern.find(item));
    let body = &item[marker.map_or(0, |marker| marker.end())..];
    if body.len() < 110 && !body.contains(" * ") {
        return vec![line];
    }
    let mut cuts = Vec::new();
    let mut next = leading_number(words).map_or(1, |number| number + 1);
    for item in INLINE_ITEM
        .iter()
        .flat_map(|pattern| pattern.captures_iter(words))
    {
        // White space before it may be longer than a byte.
        let Some(start) = (item.name("bullet").or_else(|| item.name("number")))
            .map(|mark| line.start + mark.start())
        else {
            continue;
        };
        match item
            .name("number")
            .and_then(|number| number.as_str().parse::<usize>().ok())
        {
            None => cuts.push(start),
            // Registrants drop a number now and then; the first may be the line's own.
            Some(number)
                if number == next
                    || number == next + 1
                    || number == 1
                    || number == 2 && cuts.is_empty() =>
            {
                next = number + 1;
                cuts.push(start);
            }
            Some(_) => {}
        }
    }
    // A single mark may be a product sign or a date; a list has more, or begins the line's text.
    let begins = words.trim_start().starts_with(['*', '•']) || leading_number(words).is_some();
    if cuts.len() < 2 && !begins {
        return vec![line];
    }
    let mut parts = Vec::new();
    let mut from = line.start;
    for cut in cuts {
        if !text[from..cut].trim().is_empty() {
            parts.push(from..cut);
            from = cut;
        }
    }
    parts.push(from..line.end);
    parts
}

/// Parts of words without which a line announces no criteria.
const ANNOUNCING: [&str; 6] = ["clusion", "exclu", "eligib", "criteri", "must", "following"];

/// The kind of criteria that a line announces, if it is a heading.
fn heading(words: &str) -> Option<CriterionKind> {
    let words = words.trim_matches(|c: char| c.is_whitespace() || "*#_:：-–—.".contains(c));
    if words.is_empty() || words.chars().count() > 110 {
        return None;
    }
    let lower = words.to_lowercase();
    if !ANNOUNCING.iter().any(|part| lower.contains(part)) {
        return None;
    }
    let is_both =
        lower.contains("inclusion/exclusion") || lower.contains("inclusion and exclusion");
    let counted = lower.split_whitespace().count();
    let names = |what: &str| {
        let behind = lower.strip_prefix(what);
        let bare =
            behind.is_some_and(|rest| rest.is_empty() || rest == "s" || rest.starts_with(" for"));
        let stated = lower
            .match_indices(what)
            .any(|(at, _)| lower[at + what.len()..].starts_with(" criteri"));
        bare && counted <= 3 || stated && counted <= 12
    };
    let is_statement = [
        "may apply",
        "could apply",
        "applied",
        "applies",
        "meet",
        "judg",
        "above",
    ]
    .iter()
    .any(|word| lower.contains(word))
        && !lower.ends_with("following")
        && !lower.contains("following");
    if is_both || is_statement {
        return None;
    }
    if names("exclusion") || lower.contains("non-inclusion") || announces_exclusion(&lower) {
        return Some(CriterionKind::Exclusion);
    }
    (names("inclusion") || announces_inclusion(&lower)).then_some(CriterionKind::Inclusion)
}

fn announces_exclusion(lower: &str) -> bool {
    let barred = [
        "must not",
        "must not have",
        "must not be",
        "may not",
        "cannot",
    ];
    let people = [
        "patients",
        "participants",
        "subjects",
        "people",
        "candidates",
    ];
    if barred.iter().any(|word| lower.ends_with(word))
        && people.iter().any(|word| lower.starts_with(word))
        && lower.split_whitespace().count() <= 5
    {
        return true;
    }
    [
        "not eligible",
        "will be excluded",
        "are excluded",
        "ineligible",
    ]
    .iter()
    .any(|word| lower.contains(word))
        && ["following", "if they", "who"]
            .iter()
            .any(|word| lower.contains(word))
        && lower.split_whitespace().count() <= 18
        && (lower.ends_with("following")
            || lower.ends_with("study")
            || lower.ends_with("criteria")
            || lower.ends_with("apply")
            || lower.ends_with("if"))
}

fn announces_inclusion(lower: &str) -> bool {
    let ends = [
        "following",
        "criteria",
        "must",
        "must have",
        "must meet",
        "must be",
    ]
    .iter()
    .any(|word| lower.ends_with(word))
        && !names_criteria(lower);
    let starts = [
        "patients",
        "participants",
        "subjects",
        "eligible",
        "eligibility",
        "candidates",
        "to be eligible",
        "main inclusion",
        "all patients",
    ];
    ends && starts.iter().any(|word| lower.starts_with(word))
        && lower.split_whitespace().count() <= 16
}

/// Says whether the criteria at the end are those of a diagnosis ("by the 2010
/// criteria"): such a line is a demand of its own, and no heading.
fn names_criteria(lower: &str) -> bool {
    const OF_STUDIES: [&str; 14] = [
        "inclusion",
        "exclusion",
        "eligibility",
        "entry",
        "enrollment",
        "enrolment",
        "selection",
        "study",
        "following",
        "these",
        "all",
        "the",
        "key",
        "main",
    ];
    let before = lower.strip_suffix("criteria").map(str::trim_end);
    let word = before.and_then(|before| before.rsplit(char::is_whitespace).next());
    word.is_some_and(|word| !OF_STUDIES.contains(&word))
}

/// An item that is still growing.
#[derive(Debug, Clone)]
struct Open {
    span: Range<usize>,
    marker: usize,
    indent: usize,
    style: Style,
}

/// What an item is marked with; items of one list share it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    None,
    Bullet,
    Number,
    Letter,
}

/// An item that others may stand under.
#[derive(Debug)]
struct Level {
    indent: usize,
    style: Style,
    id: String,
    children: usize,
    announces: bool,
}

#[derive(Debug, Default)]
struct Splitter<'a> {
    text: &'a str,
    kind: Option<CriterionKind>,
    counts: [usize; 3],
    open: Option<Open>,
    levels: Vec<Level>,
    after_blank: bool,
    is_wrapped: bool,
    segments: Segments,
}

impl Splitter<'_> {
    fn line(&mut self, span: Range<usize>) {
        let raw = &self.text[span.clone()];
        let words = raw.trim();
        if words.is_empty() {
            self.after_blank = true;
            return;
        }
        let start = span.start + raw.len() - raw.trim_start().len();
        let span = start..start + words.len();
        let marker = MARKER
            .iter()
            .find_map(|pattern| pattern.find(words))
            .map_or(0, |found| found.end());
        if let Some(kind) = heading(&words[marker..]) {
            self.flush();
            self.kind = Some(kind);
            self.levels.clear();
            self.segments.headings.push(span);
        } else if marker == 0 && self.continues(words, raw) {
            if let Some(open) = &mut self.open {
                open.span.end = span.end;
            }
        } else {
            self.flush();
            let indent = raw.chars().take_while(|c| c.is_whitespace()).count();
            self.open = Some(Open {
                span,
                marker,
                indent,
                style: style(&words[..marker]),
            });
        }
        self.after_blank = false;
    }

    /// Says whether a line without a bullet goes on with the open item.
    fn continues(&self, words: &str, raw: &str) -> bool {
        let Some(open) = &self.open else { return false };
        let indent = raw.chars().take_while(|c| c.is_whitespace()).count();
        let so_far = &self.text[open.span.clone()];
        let ended = so_far.ends_with(['.', ';', ':', '。', '；', '：']);
        let small = words.starts_with(|c: char| c.is_lowercase() || c == '(');
        if self.after_blank {
            return open.style != Style::None && indent > open.indent && small && !ended;
        }
        let wrapped = so_far
            .lines()
            .last()
            .is_some_and(|line| line.chars().count() >= 60);
        match open.style {
            Style::None => small || wrapped && !ended && self.is_wrapped,
            _ => indent > open.indent || small || !ended && wrapped && self.is_wrapped,
        }
    }

    fn flush(&mut self) {
        let Some(open) = self.open.take() else { return };
        let kind = self.kind.unwrap_or(CriterionKind::Other);
        while self
            .levels
            .last()
            .is_some_and(|level| !stands_under(&open, level))
        {
            self.levels.pop();
        }
        let (id, parent) = if let Some(level) = self.levels.last_mut() {
            level.children += 1;
            let id = format!("{}.{}", level.id, level.children);
            (id, Some(level.id.clone()))
        } else {
            let count = &mut self.counts[kind as usize];
            *count += 1;
            (format!("{}{count}", kind.letter()), None)
        };
        let announces = self.text[open.span.clone()].ends_with([':', '：']);
        // Deeper than any person writes is noise; numbers stay short.
        if self.levels.len() < 8 {
            self.levels.push(Level {
                indent: open.indent,
                style: open.style,
                id: id.clone(),
                children: 0,
                announces,
            });
        }
        self.segments.criteria.push(Criterion {
            id,
            kind,
            span: open.span,
            marker: open.marker,
            parent,
        });
    }
}

fn stands_under(open: &Open, level: &Level) -> bool {
    open.indent > level.indent && open.style != Style::None && level.style != Style::None
        || level.announces
            && open.style != level.style
            && open.style != Style::None
            && open.indent >= level.indent
}

fn style(marker: &str) -> Style {
    match marker.trim_start_matches(['(', '（']).chars().next() {
        None => Style::None,
        Some(c) if c.is_ascii_digit() => Style::Number,
        Some(c) if c.is_ascii_alphabetic() => Style::Letter,
        Some(_) => Style::Bullet,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shape(text: &str) -> Vec<(String, String)> {
        segment(text)
            .criteria
            .iter()
            .map(|one| (one.id.clone(), one.body(text).to_owned()))
            .collect()
    }

    fn pair(id: &str, body: &str) -> (String, String) {
        (id.to_owned(), body.to_owned())
    }

    #[test]
    fn splits_the_usual_layout() {
        let text = "Inclusion Criteria:\n\n* Age 18 to 60\n* EDSS 3\n  to 6\n\nExclusion Criteria:\n\n1. Pregnant\n2. Any of:\n   * HIV\n   * HBV";
        let expected = [
            pair("I1", "Age 18 to 60"),
            pair("I2", "EDSS 3\n  to 6"),
            pair("E1", "Pregnant"),
            pair("E2", "Any of:"),
            pair("E2.1", "HIV"),
            pair("E2.2", "HBV"),
        ];
        assert_eq!(shape(text), expected);
    }

    #[test]
    fn knows_headings_of_many_forms() {
        for (line, kind) in [
            (
                "Key Exclusion Criteria (Part 2):",
                Some(CriterionKind::Exclusion),
            ),
            ("INCLUSION CRITERIA", Some(CriterionKind::Inclusion)),
            ("Inclusion:", Some(CriterionKind::Inclusion)),
            ("Non-inclusion Criteria:", Some(CriterionKind::Exclusion)),
            ("Patients must:", Some(CriterionKind::Inclusion)),
            (
                "Main inclusion criteria include the following",
                Some(CriterionKind::Inclusion),
            ),
            ("Exclusion criteria：", Some(CriterionKind::Exclusion)),
            (
                "General Inclusion Criteria for All Participants:",
                Some(CriterionKind::Inclusion),
            ),
            ("Other protocol-defined exclusion criteria may apply", None),
            ("Patients who do not meet all the inclusion criteria.", None),
            ("Age 18 to 65, inclusive", None),
        ] {
            assert_eq!(heading(line), kind, "{line}");
        }
    }

    #[test]
    fn splits_one_paragraph() {
        let text = "Inclusion Criteria: adults with MS. Exclusion Criteria: pregnancy.";
        assert_eq!(
            shape(text),
            [pair("I1", "adults with MS."), pair("E1", "pregnancy.")]
        );
    }

    #[test]
    fn splits_a_line_at_bullets_behind_any_white_space() {
        let text = format!("{}\u{a0}• ALT\u{2003}• AST", "Risk of infection ".repeat(7));
        let parts: Vec<String> = shape(&text).into_iter().map(|(_, body)| body).collect();
        assert_eq!(parts[1..], ["ALT", "AST"]);
    }

    #[test]
    fn keeps_text_without_headings() {
        assert_eq!(shape("Adults with MS"), [pair("O1", "Adults with MS")]);
        assert_eq!(shape(""), []);
    }

    proptest! {
        #[test]
        fn every_byte_has_one_place(text in r"(Inclusion Criteria: ?|exclusion criteria\n|\* |1\. |a\) |[a-z：。é] ?|\n|  |Patients must:\n){0,60}") {
            let segments = segment(&text);
            let mut spans: Vec<_> = segments.criteria.iter().map(|one| one.span.clone()).chain(segments.headings).collect();
            spans.sort_by_key(|span| span.start);
            let mut at = 0;
            for span in spans {
                prop_assert!(span.start >= at && span.start < span.end);
                prop_assert!(text[at..span.start].trim().is_empty(), "lost {:?}", &text[at..span.start]);
                at = span.end;
            }
            prop_assert!(text[at..].trim().is_empty());
        }
    }
}
