//! Foreign text in Markdown.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use crate::text;

/// Returns text in which no character has a meaning in Markdown or HTML.
pub(super) fn escape(foreign: &str) -> String {
    let mut out = String::with_capacity(foreign.len());
    for c in text::safe(foreign).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | ')' | '#' | '+' | '!' | '|'
            | '~' | '$' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    // A number or dash at the start of a line would make a list; an address would make a link.
    let lines: Vec<String> = out.lines().map(without_list_start).collect();
    lines
        .join("\n")
        .replace("://", ":\u{2060}//")
        .replace('\u{2060}', "&#8288;")
        // The registry's own pages stay links: they are where a reader is to check.
        .replace(
            "https:&#8288;//clinicaltrials.gov/study/",
            "https://clinicaltrials.gov/study/",
        )
}

static NUMBER: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?-u:\b)NCT[0-9]{8}(?-u:\b)").ok());

/// Makes each number of a study in escaped text a link to the registry's page of it.
pub(super) fn linked(escaped: &str) -> String {
    let Some(pattern) = NUMBER.as_ref() else {
        return escaped.to_owned();
    };
    let link = |found: &Captures<'_>| {
        let whole = found.get(0);
        let (start, number) = whole.map_or((0, ""), |one| (one.start(), one.as_str()));
        // A part of an address is none.
        if escaped
            .get(..start)
            .is_some_and(|before| before.ends_with('/'))
        {
            return number.to_owned();
        }
        format!("[{number}](https://clinicaltrials.gov/study/{number})")
    };
    pattern.replace_all(escaped, link).into_owned()
}

fn without_list_start(line: &str) -> String {
    let trimmed = line.trim_start();
    let digits = trimmed.len()
        - trimmed
            .trim_start_matches(|c: char| c.is_ascii_digit())
            .len();
    // "4.5" begins no list: behind the dot of a list stands a space, or nothing.
    let mut behind = trimmed[digits..].chars();
    let is_mark = matches!(behind.next(), Some('.' | ')'));
    if digits > 0 && is_mark && behind.next().is_none_or(char::is_whitespace) {
        return format!("{}\\{}", &trimmed[..digits], &trimmed[digits..]);
    }
    if trimmed.starts_with(['-', '=']) {
        format!("\\{trimmed}")
    } else {
        line.to_owned()
    }
}

/// Returns text for a cell of a Markdown table: escaped, on one line, line breaks as `<br>`.
pub(super) fn cell(foreign: &str) -> String {
    let lines: Vec<String> = foreign
        .lines()
        .map(|line| escape(&text::one_line(line)))
        .collect();
    lines.join("<br>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_foreign_acts() {
        let escaped = escape("# <script>alert(1)</script> [x](javascript:1) *b* `c` |\n1. a\n- b");
        for active in ["<script", "\n# ", "[x]", "](java", "*b*", "\n1. ", "\n- "] {
            assert!(
                !format!("\n{escaped}").replace('\\', "\\ ").contains(active),
                "{active} in {escaped}"
            );
        }
    }

    #[test]
    fn a_number_begins_no_list_and_a_listed_one_does() {
        assert_eq!(escape("4.5"), "4.5");
        assert_eq!(escape("0.6 mg/dL"), "0.6 mg/dL");
        assert_eq!(escape("1. a"), "1\\. a");
        assert_eq!(escape("1."), "1\\.");
    }

    #[test]
    fn a_number_of_a_study_becomes_one_link() {
        let link = "[NCT07224373](https://clinicaltrials.gov/study/NCT07224373)";
        assert_eq!(linked("see NCT07224373."), format!("see {link}."));
        for plain in [
            "https://clinicaltrials.gov/study/NCT07224373",
            "CNCT07224373",
            "NCT0722437",
            "NCT072243735",
        ] {
            assert_eq!(linked(plain), plain);
        }
    }

    #[test]
    fn only_the_registry_is_linked() {
        let registry = "https://clinicaltrials.gov/study/NCT07224373";
        assert_eq!(escape(registry), registry);
        for other in [
            "http://clinicaltrials.gov/study/x",
            "https://clinicaltrials.gov.example.invalid/study/",
            "https://example.invalid/https://clinicaltrials.gov",
        ] {
            assert!(!escape(other).contains("://"), "{other}");
        }
    }
}
