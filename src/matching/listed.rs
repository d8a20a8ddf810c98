//! Drugs that stand in a list behind the name of their class ("high-efficacy therapies (A, B)"):
//! all that is meant, examples of it, or nobody can tell.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use crate::terminology::{Member, Treatment, Treatments};

/// A list behind a class, with the words between: a bracket, a colon or a dash, or "namely".
static LIST: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)^(?P<nouns>(?:[\s/-]+[a-z]+){0,4}?)(?:\s*\((?P<round>[^)]*)|\s*\[(?P<square>[^\]]*)|\s*[:：–—](?P<colon>[^.;]*)|\s+-\s(?P<dash>[^.;]*)|\s*,?\s+(?P<said>(?:i\.?e(?-u:\b)|namely|that is|meaning|defined as|limited to)[^;]*))").ok()
});

static WHOLE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i)^\W*(?:i\.?e(?-u:\b)|namely|that is(?-u:\b)|meaning|defined as|limited to|only)",
    )
    .ok()
});

static EXAMPLES: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)(?-u:\b)(?:e\.?g|such as|like|includ\w+|for example|for instance|examples?|etc|others?|similar|not limited|and so on)(?-u:\b)").ok()
});

/// What a list behind a class is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// All that is meant by the class.
    Whole,
    /// Either all, or examples.
    Unclear,
}

/// A class, and how far the list behind it narrows it.
#[derive(Debug)]
struct Narrowed {
    class: String,
    kind: Kind,
}

/// What a fact's names mean in the words that they were read from.
#[derive(Debug)]
pub(super) struct Listed<'a> {
    names: &'a [String],
    narrowed: Vec<Narrowed>,
}

impl<'a> Listed<'a> {
    pub(super) fn of(names: &'a [String], words: &str, treatments: &Treatments) -> Self {
        let hits = treatments.find(words);
        let class = |name: &String| narrowed(name, words, &hits, treatments);
        Self {
            names,
            narrowed: names.iter().filter_map(class).collect(),
        }
    }

    /// Says whether a treatment is one of those that are meant: by the best of its names.
    pub(super) fn holds(&self, one: &Treatment, treatments: &Treatments) -> Member {
        let members = self.names.iter().map(|name| {
            let member = match name.as_str() {
                "any" => Member::Yes,
                name => treatments.belongs(name, one),
            };
            let narrowed = self.narrowed.iter().find(|other| other.class == *name);
            match (member, narrowed.map(|narrowed| narrowed.kind)) {
                // A class of the patient's own ("an anti-CD20 drug") may be what is listed.
                (Member::Yes, Some(Kind::Whole)) if one.class == "class" => Member::Unclear,
                (_, Some(Kind::Whole)) => Member::No,
                (Member::Yes, Some(Kind::Unclear)) => Member::Unclear,
                (member, _) => member,
            }
        });
        let order = |member: &Member| match member {
            Member::Yes => 0,
            Member::Unclear => 1,
            Member::No => 2,
        };
        members.min_by_key(order).unwrap_or(Member::No)
    }
}

/// A class that no mention leaves as wide as it is; the widest of its lists counts.
fn narrowed(
    name: &str,
    words: &str,
    hits: &[(Range<usize>, Cow<'_, str>)],
    treatments: &Treatments,
) -> Option<Narrowed> {
    if !treatments.is_group(name) {
        return None;
    }
    let mentions = hits.iter().filter(|(_, hit)| hit == name);
    let mut kind = None;
    for (span, _) in mentions {
        match (list_behind(span, words, hits, treatments)?, kind) {
            (Kind::Unclear, _) => kind = Some(Kind::Unclear),
            (Kind::Whole, None) => kind = Some(Kind::Whole),
            (Kind::Whole, known) => kind = known,
        }
    }
    let class = name.to_owned();
    kind.map(|kind| Narrowed { class, kind })
}

fn list_behind(
    class: &Range<usize>,
    words: &str,
    hits: &[(Range<usize>, Cow<'_, str>)],
    treatments: &Treatments,
) -> Option<Kind> {
    let behind = words.get(class.end..)?;
    let parts = LIST.iter().find_map(|pattern| pattern.captures(behind))?;
    let list = ["round", "square", "colon", "dash", "said"]
        .into_iter()
        .find_map(|name| parts.name(name))?;
    let between = class.end..class.end + parts.name("nouns")?.end();
    let inside = class.end + list.start()..class.end + list.end();
    let within =
        |part: &Range<usize>, hit: &Range<usize>| part.start <= hit.start && hit.end <= part.end;
    // A bracket behind a drug is its other name.
    let of_drug =
        (hits.iter()).any(|(hit, name)| within(&between, hit) && !treatments.is_group(name));
    let lists = hits.iter().any(|(hit, _)| within(&inside, hit));
    let is =
        |pattern: &LazyLock<Option<Regex>>| pattern.iter().any(|one| one.is_match(list.as_str()));
    if of_drug || !lists || is(&EXAMPLES) {
        return None;
    }
    Some(if is(&WHOLE) {
        Kind::Whole
    } else {
        Kind::Unclear
    })
}
