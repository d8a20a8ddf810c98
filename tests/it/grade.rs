//! The reading grade of a text by Flesch and Kincaid (1975).

use std::collections::BTreeSet;
use std::ops::AddAssign;
use std::sync::LazyLock;

use trialbrief::terminology::{PlainWords, Terminology};

/// Sentences, words and syllables of a text.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Count {
    pub(crate) sentences: u32,
    pub(crate) words: u32,
    pub(crate) syllables: u32,
}

impl AddAssign for Count {
    fn add_assign(&mut self, other: Self) {
        self.sentences += other.sentences;
        self.words += other.words;
        self.syllables += other.syllables;
    }
}

impl Count {
    pub(crate) fn words_a_sentence(self) -> f64 {
        f64::from(self.words) / f64::from(self.sentences.max(1))
    }

    pub(crate) fn syllables_a_word(self) -> f64 {
        f64::from(self.syllables) / f64::from(self.words.max(1))
    }

    pub(crate) fn grade(self) -> f64 {
        0.39 * self.words_a_sentence() + 11.8 * self.syllables_a_word() - 15.59
    }
}

/// Names of drugs and tests, lower case, word by word: each counts as two syllables.
static NAMES: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    let terms = Terminology::embedded().unwrap();
    let drugs = terms
        .treatments()
        .list()
        .iter()
        .filter(|one| one.class != "class");
    let drugs = drugs.map(|one| one.name.replace('_', " "));
    let names = PlainWords::embedded().names().map(str::to_owned);
    names
        .chain(drugs)
        .flat_map(|name| name.split(' ').map(str::to_lowercase).collect::<Vec<_>>())
        .collect()
});

/// Counts a text of one sentence a line. A colon, a comma or "or" ends no sentence.
pub(crate) fn count(text: &str) -> Count {
    let mut count = Count::default();
    for sentence in text.lines().filter(|line| !line.trim().is_empty()) {
        count.sentences += 1;
        let parts = sentence.split(|c: char| c.is_whitespace() || "-/()“”:;".contains(c));
        for word in parts {
            let word = word.trim_matches(|c: char| !c.is_alphanumeric() && c != '%');
            if !word.is_empty() {
                count.words += 1;
                count.syllables += syllables(word);
            }
        }
    }
    count
}

fn syllables(word: &str) -> u32 {
    let lower = word.to_lowercase();
    let singular = lower.strip_suffix('s').unwrap_or(&lower);
    if NAMES.contains(&lower) || NAMES.contains(singular) {
        return 2;
    }
    if word.chars().any(|c| c.is_ascii_digit()) {
        return digits(word);
    }
    // Short forms are spelled out letter by letter: "MS", "dL".
    let capitals = word.chars().filter(char::is_ascii_uppercase).count();
    if capitals > 1 || !lower.contains(['a', 'e', 'i', 'o', 'u', 'y']) {
        return u32::try_from(word.len()).unwrap();
    }
    spoken(&lower)
}

/// A number is spoken digit by digit, noughts at the end as one word: "600" is "six hundred".
fn digits(word: &str) -> u32 {
    let figures: String = word.chars().filter(char::is_ascii_digit).collect();
    let shown = figures.trim_end_matches('0').len().max(1);
    let noughts = if figures.len() > shown { 2 } else { 0 };
    let point = u32::from(word.contains('.'));
    let letters = word.chars().filter(char::is_ascii_alphabetic).count();
    u32::try_from(shown + noughts + letters).unwrap() + point + 2 * u32::from(word.contains('%'))
}

/// Groups of vowels, less a silent "e" at the end.
fn spoken(word: &str) -> u32 {
    let is_vowel = |c: char| "aeiouy".contains(c);
    let mut groups = 0;
    let mut before = false;
    for c in word.chars() {
        let vowel = is_vowel(c);
        groups += u32::from(vowel && !before);
        before = vowel;
    }
    // Two vowels that are spoken apart: "re-act", "vari-ous", "he-a…" is one.
    for apart in ["ia", "io", "iu", "eo", "ua", "uou", "creat"] {
        let spoken_as_one = ["tion", "sion", "cial", "tial", "cious", "people"];
        if word.contains(apart) && !spoken_as_one.iter().any(|one| word.contains(one)) {
            groups += 1;
        }
    }
    let ends = |end: &str| word.ends_with(end);
    let spoken_le = ends("le") && !word[..word.len() - 2].ends_with(is_vowel);
    let spoken_s = ["ses", "zes", "xes", "ches", "shes", "ges", "ces", "ies"];
    let is_silent = if ends("e") {
        !spoken_le && !ends("ee")
    } else if ends("ed") {
        !ends("ted") && !ends("ded") && !ends("eed")
    } else {
        ends("es") && !spoken_s.iter().any(|end| ends(end))
    };
    let silent = u32::from(is_silent);
    groups.saturating_sub(silent).max(1)
}

#[test]
fn syllables_are_counted_as_spoken() {
    for (word, expected) in [
        ("people", 2),
        ("who", 1),
        ("have", 1),
        ("treated", 2),
        ("hospital", 3),
        ("the", 1),
        ("disease", 2),
        ("pregnant", 2),
        ("infection", 3),
        ("table", 2),
        ("MS", 2),
        ("blood", 1),
        ("natalizumab", 2),
        ("EDSS", 2),
        ("600", 3),
        ("5.5", 3),
        ("12", 2),
        ("40%", 5),
        ("years", 1),
        ("immune", 2),
        ("tuberculosis", 5),
        ("transplant", 2),
        ("lesion", 2),
        ("serious", 3),
        ("stays", 1),
        ("relapses", 3),
        ("months", 1),
        ("chemotherapy", 5),
        ("used", 1),
    ] {
        assert_eq!(syllables(word), expected, "{word}");
    }
}

#[test]
fn the_grade_is_that_of_the_formula() {
    let count = count("The cat sat on the mat.\nThe dog ran to the hospital.");
    assert_eq!((count.sentences, count.words, count.syllables), (2, 12, 14));
    assert!((count.grade() - (0.39 * 6.0 + 11.8 * 14.0 / 12.0 - 15.59)).abs() < 1e-9);
}
