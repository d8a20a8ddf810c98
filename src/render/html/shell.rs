//! What every page shares: head, style, skip link, header, main part.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::text::safe;

/// The style sheet of every page: screen, dark screen, and paper of any size.
pub(super) const STYLE: &str = include_str!("style.css");

/// Nothing is fetched and nothing runs, whatever a record holds (Content Security Policy Level 3).
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// What stands around the parts of a page.
pub(super) struct Shell<'a> {
    /// Its name.
    pub(super) title: &'a str,
    /// What must be seen first.
    pub(super) alarms: &'a [String],
    /// A class for the whole page; empty for none.
    pub(super) class: &'static str,
}

impl Shell<'_> {
    /// Builds a page: `nav` between header and main part, `main` in it.
    pub(super) fn page(&self, nav: &Markup, main: &Markup) -> String {
        let page = html! {
            (self.open(nav))
            (main)
            (PreEscaped(CLOSE))
        };
        page.into_string()
    }

    /// What stands before the contents of the main part. [`CLOSE`] ends it.
    pub(super) fn open(&self, nav: &Markup) -> Markup {
        let open = if self.class.is_empty() {
            "<body>".to_owned()
        } else {
            format!("<body class=\"{}\">", self.class)
        };
        html! {
            (DOCTYPE)
            // The end tags stand in CLOSE: what lies between may come row by row.
            (PreEscaped("<html lang=\"en\">"))
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="referrer" content="no-referrer";
                meta name="robots" content="noindex";
                meta name="color-scheme" content="light dark";
                title { (safe(self.title)) }
                style { (PreEscaped(STYLE)) }
            }
            (PreEscaped(open))
            a.skip href="#main" { "Skip to the contents" }
            header {
                h1 { (safe(self.title)) }
                @for alarm in self.alarms {
                    (alarmed(alarm))
                }
            }
            (nav)
            (PreEscaped("<main id=\"main\">"))
        }
    }
}

/// What ends a page that [`Shell::open`] began.
pub(super) const CLOSE: &str = "</main></body></html>\n";

/// Words that must not be overlooked, with a sign that needs no colour.
pub(super) fn alarmed(words: &str) -> Markup {
    html! {
        p.alarm { span.sign aria-hidden="true" { "⚠" } " " (safe(words)) }
    }
}

#[cfg(test)]
mod tests {
    use super::STYLE;

    /// Relative luminance (WCAG 2.2, "relative luminance").
    fn luminance(colour: &str) -> f64 {
        let part = |at: usize| {
            let value = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
            if value <= 0.04045 {
                value / 12.92
            } else {
                ((value + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5)
    }

    fn contrast(one: &str, other: &str) -> f64 {
        let (a, b) = (luminance(one), luminance(other));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    /// The colours that a part of the style sheet names.
    fn colours(part: &str) -> impl Fn(&str) -> String + '_ {
        move |name| {
            let at = part
                .find(&format!("--{name}: #"))
                .unwrap_or_else(|| panic!("{name} in {part}"));
            part[at + name.len() + 4..][..7].to_owned()
        }
    }

    #[test]
    fn words_stand_out_in_light_and_dark() {
        let (light, dark) = STYLE.split_once("prefers-color-scheme: dark").unwrap();
        for (scheme, part) in [("light", light), ("dark", dark)] {
            let colour = colours(part);
            for ink in ["ink", "soft", "link", "against", "fits", "asks"] {
                for ground in ["ground", "panel"] {
                    let ratio = contrast(&colour(ink), &colour(ground));
                    assert!(ratio >= 4.5, "{scheme}: {ink} on {ground}: {ratio:.2}");
                }
            }
            let ratio = contrast(&colour("alarm-ink"), &colour("alarm"));
            assert!(ratio >= 4.5, "{scheme}: alarm: {ratio:.2}");
            // Lines that part or hold things (WCAG 2.2, 1.4.11).
            let ratio = contrast(&colour("line"), &colour("ground"));
            assert!(ratio >= 3.0, "{scheme}: line: {ratio:.2}");
        }
    }
}
