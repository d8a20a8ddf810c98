//! Text that is not ours: cleaning what the registry sends, and making it safe
//! for the place where it is shown.

mod english;

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;

pub use english::seems_english;

/// Tags that occur in registry text. Only these are taken for HTML, so that
/// "EDSS <5.5 and >3" stays what it is.
static TAG: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i)<(/?)(p|br|li|ul|ol|div|tr|td|th|table|tbody|h[1-6]|b|i|u|em|strong|sub|sup|span|font|a)(?:\s[^<>]*)?/?>",
    )
    .ok()
});

/// Returns registry text as plain text.
///
/// Line ends become `\n`, HTML tags and entities become what they mean, and a backslash
/// before ASCII punctuation (the registry's Markdown escape) is dropped. Nothing else changes.
pub fn plain(text: &str) -> Cow<'_, str> {
    if memchr::memchr3(b'\\', b'&', b'\r', text.as_bytes()).is_none() && !text.contains('<') {
        return Cow::Borrowed(text);
    }
    let text = if text.contains('<') {
        without_tags(text)
    } else {
        text.to_owned()
    };
    let text = if text.contains('&') {
        htmlize::unescape(text.as_str()).into_owned()
    } else {
        text
    };
    let text = without_escapes(&text);
    Cow::Owned(if text.contains('\r') {
        text.replace("\r\n", "\n").replace('\r', "\n")
    } else {
        text
    })
}

fn without_tags(text: &str) -> String {
    let Some(tag) = TAG.as_ref() else {
        return text.to_owned();
    };
    tag.replace_all(text, |found: &regex::Captures<'_>| {
        let closing = &found[1] == "/";
        match found[2].to_ascii_lowercase().as_str() {
            "li" if !closing => "\n* ",
            "br" | "p" | "div" | "tr" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "ul" | "ol"
            | "table" => "\n",
            "td" | "th" if closing => " ",
            _ => "",
        }
    })
    .into_owned()
}

fn without_escapes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'\\', rest.as_bytes()) {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let Some(mark) = rest.chars().next().filter(char::is_ascii_punctuation) else {
            out.push('\\');
            continue;
        };
        // Taken now, so that an escaped backslash escapes nothing itself.
        out.push(mark);
        rest = &rest[1..];
    }
    out.push_str(rest);
    out
}

/// Says whether a character must not reach a terminal, a page or a file cell:
/// it moves the cursor, hides text or turns its direction.
fn is_treacherous(c: char) -> bool {
    matches!(c,
        '\0'..='\u{8}' | '\u{B}'..='\u{1F}' | '\u{7F}'..='\u{9F}'
        | '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}'
        | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}

/// Returns text without characters that could act on a terminal, hide words
/// or turn their direction. Control characters leave a visible `\u{FFFD}`;
/// line breaks and tabs stay.
pub fn safe(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_treacherous) {
        return Cow::Borrowed(text);
    }
    let visible = text.chars().filter_map(|c| match c {
        c if !is_treacherous(c) => Some(c),
        c if c.is_control() => Some('\u{FFFD}'),
        _ => None,
    });
    Cow::Owned(visible.collect())
}

/// Returns safe text on one line, runs of white space made one space.
pub fn one_line(text: &str) -> String {
    safe(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Says whether JSON should write this character as an escape, so that a file
/// shown on a terminal cannot act on it while the data stay the same.
pub fn needs_json_escape(c: char) -> bool {
    is_treacherous(c)
}

/// Returns safe one-line text of at most `max` characters, the last an ellipsis if it was cut.
pub fn shorten(text: &str, max: usize) -> String {
    let line = one_line(text);
    if line.chars().count() <= max {
        return line;
    }
    let mut short: String = line.chars().take(max.saturating_sub(1)).collect();
    let goes_on = line
        .get(short.len()..)
        .is_some_and(|rest| !rest.starts_with(' '));
    // Not in the middle of a word, unless the word is longer than half of the text: Chinese has no spaces.
    if goes_on && let Some(at) = short.rfind(' ').filter(|at| at * 2 >= short.len()) {
        short.truncate(at);
    }
    let end = short.trim_end_matches(|c: char| c.is_whitespace() || ",;:-–—([“".contains(c));
    short.truncate(end.len());
    short.push('…');
    short
}

/// Returns the words of a text, in lower case, without what stands between them.
pub fn words(text: &str) -> Vec<String> {
    text.to_lowercase()
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Returns the candidate that a misspelt word most likely means, if any is near.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    candidates
        .into_iter()
        .map(|candidate| {
            (
                strsim::jaro_winkler(&word, &candidate.to_lowercase()),
                candidate,
            )
        })
        .filter(|(likeness, _)| *likeness >= 0.72)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

/// Returns a count with its noun: `1 visit`, `2 visits`.
pub fn counted(count: impl Into<u64>, noun: &str) -> String {
    let count = count.into();
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{plural}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn undoes_escapes_once() {
        assert_eq!(
            plain(r"EDSS \<= 5.5 \[MS\] 10\^6 1\. a\b"),
            r"EDSS <= 5.5 [MS] 10^6 1. a\b"
        );
        assert_eq!(plain(r"\\*"), r"\*");
        assert_eq!(plain("end\\"), "end\\");
    }

    #[test]
    fn turns_html_to_text() {
        assert_eq!(
            plain("<p>Inclusion:</p><ul><li>Age &ge; 18</li></ul>"),
            "\nInclusion:\n\n\n* Age ≥ 18\n"
        );
        assert_eq!(
            plain("a<br/>b &amp; c &#x27;d&#x27;\r\ne"),
            "a\nb & c 'd'\ne"
        );
    }

    #[test]
    fn leaves_comparisons_alone() {
        for text in [
            "EDSS <5.5 and >3",
            "ANC<1000/uL",
            "p<0.05 b>c",
            "5 < x > 3",
            "AT&T",
        ] {
            assert_eq!(plain(text), text);
        }
    }

    #[test]
    fn disarms_text() {
        assert_eq!(
            safe("a\u{1b}[31mred\u{202e}b\u{200b}c\n\td"),
            "a\u{FFFD}[31mredbc\n\td"
        );
        assert_eq!(one_line(" a\n\n b\u{7}"), "a b\u{FFFD}");
        assert_eq!(safe("Größe 多发性硬化 ≥"), "Größe 多发性硬化 ≥");
    }

    #[test]
    fn shortens_on_characters() {
        assert_eq!(shorten("多发性硬化症", 4), "多发性…");
        assert_eq!(shorten("abc", 3), "abc");
        for (text, max, short) in [
            ("one two three four", 12, "one two…"),
            ("one two three four", 14, "one two three…"),
            ("one two (three four)", 10, "one two…"),
            ("one two, three four", 10, "one two…"),
            ("a verylongwordwithoutanyend", 12, "a verylongw…"),
            ("研究 多发性硬化症的研究与治疗", 8, "研究 多发性硬…"),
        ] {
            assert_eq!(shorten(text, max), short);
        }
    }

    #[test]
    fn splits_into_words() {
        assert_eq!(words("CAR-T, für MS (2)"), ["car", "t", "für", "ms", "2"]);
    }

    #[test]
    fn finds_the_nearest() {
        assert_eq!(
            nearest("recruting", ["recruiting", "completed"]),
            Some("recruiting")
        );
        assert_eq!(nearest("zzz", ["recruiting", "completed"]), None);
    }

    proptest! {
        #[test]
        fn safe_text_holds_nothing_treacherous(text in any::<String>()) {
            prop_assert!(!safe(&text).chars().any(is_treacherous));
        }

        #[test]
        fn short_text_is_no_longer_than_asked(text in any::<String>(), max in 1_usize..40) {
            prop_assert!(shorten(&text, max).chars().count() <= max);
        }

        #[test]
        fn plain_never_panics(text in r"[\\a<>&;/pbr #x0-9\r\n]{0,40}") {
            prop_assert!(!plain(&text).contains('\r'));
        }
    }
}
