//! Fields of a form, each with its label, its hint, and what is wrong with it beside it.

use maud::{Markup, html};

use super::{Fields, Wrong};
use crate::text::{one_line, safe};

/// A form as it was filled in, with what is wrong with it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Form<'a> {
    pub(super) told: &'a Fields,
    pub(super) wrong: &'a [Wrong],
}

impl<'a> Form<'a> {
    /// The last value that was given to a field; empty where none.
    pub(super) fn value(self, name: &str) -> &'a str {
        let found = self.told.iter().rev().find(|(own, _)| own == name);
        found.map_or("", |(_, value)| value.as_str())
    }

    /// Says whether something is wrong with a field.
    pub(super) fn is_wrong(self, name: &str) -> bool {
        self.faults(name).next().is_some()
    }

    fn faults(self, name: &str) -> impl Iterator<Item = &'a str> {
        let own = self.wrong.iter();
        let own = own.filter(move |one| one.field.as_deref() == Some(name));
        own.map(in_short)
    }

    /// What is wrong with a field, beside it.
    pub(super) fn fault(self, name: &str) -> Markup {
        html! {
            @if self.is_wrong(name) {
                p.wrong id=(wrong_id(name)) {
                    span aria-hidden="true" { "✖ " }
                    @for what in self.faults(name) { (safe(what)) " " }
                }
            }
        }
    }

    /// Ids of what describes a field: what is wrong with it, then its hint.
    fn described(self, name: &str, hint: &str) -> Option<String> {
        let mut ids: Vec<String> = Vec::new();
        ids.extend(self.is_wrong(name).then(|| wrong_id(name)));
        ids.extend((!hint.is_empty()).then(|| hint_id(name)));
        (!ids.is_empty()).then(|| ids.join(" "))
    }

    /// A line to fill in.
    pub(super) fn input(self, name: &str, label: &str, hint: &str) -> Markup {
        html! {
            div.field {
                label for=(id(name)) { (label) }
                @if !hint.is_empty() { p.hint id=(hint_id(name)) { (hint) } }
                (self.fault(name))
                (self.line(name, hint, None))
            }
        }
    }

    /// A short line to fill in; its label says less than what it is about.
    pub(super) fn small(self, name: &str, label: &str, about: &str) -> Markup {
        let whole = format!("{label}: {about}");
        html! {
            div.field {
                label for=(id(name)) { (label) }
                (self.fault(name))
                (self.line(name, "", Some(&whole)))
            }
        }
    }

    fn line(self, name: &str, hint: &str, whole: Option<&str>) -> Markup {
        html! {
            input type="text" id=(id(name)) name=(name) value=(safe(self.value(name))) autocomplete="off"
                aria-label=[whole] aria-invalid=[self.is_wrong(name).then_some("true")]
                aria-describedby=[self.described(name, hint)];
        }
    }

    /// A choice of one; the first choice is the usual one. A value that is none of them stays to be seen.
    pub(super) fn choice(
        self,
        name: &str,
        label: &str,
        hint: &str,
        all: &[(&str, &str)],
    ) -> Markup {
        let chosen = self.value(name);
        let is_odd = !all.iter().any(|(value, _)| *value == chosen) && !chosen.is_empty();
        html! {
            div.field {
                label for=(id(name)) { (label) }
                @if !hint.is_empty() { p.hint id=(hint_id(name)) { (hint) } }
                (self.fault(name))
                select id=(id(name)) name=(name) aria-invalid=[self.is_wrong(name).then_some("true")]
                    aria-describedby=[self.described(name, hint)] {
                    @for (value, words) in all {
                        option value=(value) selected[*value == chosen] { (words) }
                    }
                    @if is_odd { option value=(safe(chosen)) selected { "“" (one_line(chosen)) "”" } }
                }
            }
        }
    }

    /// A list of what is wrong, before the form. `label` gives the name of a field that stands in the form, so
    /// that the list leads there.
    pub(super) fn errors(self, label: impl Fn(&str) -> Option<String>) -> Markup {
        html! {
            @if !self.wrong.is_empty() {
                section.errors aria-labelledby="errors" {
                    h2 id="errors" { "Please look at this again" }
                    ul {
                        @for one in self.wrong {
                            li {
                                @match (&one.field, one.field.as_deref().and_then(&label)) {
                                    (Some(field), Some(label)) => { a href={ "#" (id(field)) } { (one_line(&label)) } ": " }
                                    (Some(field), None) => { strong { (one_line(field)) ": " } }
                                    (None, _) => {}
                                }
                                (safe(in_short(one)))
                            }
                        }
                    }
                }
            }
        }
    }
}

/// What is wrong; where there are choices, without them, for they follow as links.
fn in_short(one: &Wrong) -> &str {
    match one.what.split_once(": ") {
        Some((short, _)) if !one.choices.is_empty() => short,
        _ => &one.what,
    }
}

/// A name as an id: letters, digits and hyphens.
pub(super) fn id(name: &str) -> String {
    format!("f-{}", name.replace(['.', '_'], "-"))
}

fn hint_id(name: &str) -> String {
    format!("{}-hint", id(name))
}

/// The id of what is wrong with a field.
pub(super) fn wrong_id(name: &str) -> String {
    format!("{}-wrong", id(name))
}
