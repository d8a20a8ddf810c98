//! Reads HTML as a browser does, and asks of it what a page for everybody must have.

use std::collections::BTreeSet;

use html5ever::parse_document;
use html5ever::tendril::TendrilSink;
use markup5ever_rcdom::{Handle, NodeData, RcDom};

/// An element: its name, its attributes, the text in it.
#[derive(Debug, Clone)]
pub(crate) struct Element {
    pub(crate) name: String,
    pub(crate) attributes: Vec<(String, String)>,
    pub(crate) text: String,
}

impl Element {
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(own, _)| own == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// A parsed page.
pub(crate) struct Html {
    dom: RcDom,
    source: String,
}

/// Elements that begin a new line in the text of a page.
const BLOCKS: [&str; 22] = [
    "p",
    "div",
    "li",
    "dt",
    "dd",
    "tr",
    "h1",
    "h2",
    "h3",
    "h4",
    "section",
    "footer",
    "header",
    "nav",
    "table",
    "caption",
    "ul",
    "ol",
    "dl",
    "summary",
    "details",
    "blockquote",
];

impl Html {
    pub(crate) fn parse(source: &str) -> Self {
        Self {
            dom: parse_document(RcDom::default(), html5ever::ParseOpts::default()).one(source),
            source: source.to_owned(),
        }
    }

    /// Every element, in order.
    pub(crate) fn elements(&self) -> Vec<Element> {
        let mut all = Vec::new();
        collect(&self.dom.document, &mut all);
        all
    }

    pub(crate) fn named(&self, name: &str) -> Vec<Element> {
        let mut all = self.elements();
        all.retain(|one| one.name == name);
        all
    }

    /// Elements of a class.
    pub(crate) fn of_class(&self, class: &str) -> Vec<Element> {
        let has = |one: &Element| {
            one.get("class")
                .is_some_and(|all| all.split(' ').any(|own| own == class))
        };
        let mut all = self.elements();
        all.retain(has);
        all
    }

    /// What a reader sees, a line for each block.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        write_text(&self.dom.document, &mut text);
        lines(&text)
    }

    /// What a reader sees of the first element of a class, a line for each block.
    pub(crate) fn text_of(&self, class: &str) -> String {
        lines(&self.of_class(class)[0].text)
    }

    /// Asserts all that holds for every page of ours.
    pub(crate) fn assert_sound(&self) {
        let errors = self.dom.errors.borrow();
        assert!(errors.is_empty(), "{errors:?}");
        assert!(self.source.starts_with("<!DOCTYPE html>"));
        let all = self.elements();
        self.assert_inert(&all);
        assert_links(&all);
        assert_headings(&all);
        let one = |name: &str| all.iter().filter(|one| one.name == name).count();
        for name in ["html", "title", "main", "h1"] {
            assert_eq!(one(name), 1, "{name}");
        }
        assert_eq!(self.named("html")[0].get("lang"), Some("en"));
        let names: Vec<&str> = all.iter().map(|one| one.name.as_str()).collect();
        let first_link = names.iter().position(|name| *name == "a").unwrap();
        assert_eq!(all[first_link].get("href"), Some("#main"), "a skip link");
        for table in &all {
            if table.name == "th" {
                assert!(matches!(
                    table.get("scope"),
                    Some("col" | "row" | "rowgroup")
                ));
            }
        }
        assert_eq!(one("table"), one("caption"), "every table has a caption");
        assert_eq!(one("table"), one("thead"), "and a head that repeats");
    }

    /// Asserts all that holds for every page of the server: it may hold forms, and one stylesheet of its own.
    pub(crate) fn assert_served(&self) {
        let errors = self.dom.errors.borrow();
        assert!(errors.is_empty(), "{errors:?}");
        let all = self.elements();
        assert_headings(&all);
        let ids: Vec<&str> = all.iter().filter_map(|one| one.get("id")).collect();
        let set: BTreeSet<&str> = ids.iter().copied().collect();
        assert_eq!(ids.len(), set.len(), "an id stands there once: {ids:?}");
        for name in ["html", "title", "main", "h1"] {
            assert_eq!(self.named(name).len(), 1, "{name}");
        }
        for one in &all {
            let name = one.name.as_str();
            assert_runs_nothing(one);
            let to = one.get("href").or(one.get("action")).unwrap_or("/");
            let inside = to.strip_prefix('#').is_none_or(|id| set.contains(id));
            let known = [
                "/",
                "#",
                "https://clinicaltrials.gov",
                "https://www.geonames.org",
                "https://creativecommons.org",
                "mailto:",
                "tel:",
            ];
            assert!(
                inside && known.iter().any(|start| to.starts_with(start)) && !to.starts_with("//"),
                "{one:?}"
            );
            // Whatever is filled in has a name for those who do not see it.
            let filled = ["input", "select", "textarea"].contains(&name)
                && one.get("type") != Some("hidden");
            let labelled = one.get("id").is_some_and(|id| {
                all.iter()
                    .any(|label| label.name == "label" && label.get("for") == Some(id))
            });
            assert!(
                !filled || labelled || one.get("aria-label").is_some(),
                "{one:?}"
            );
            for name in ["aria-labelledby", "aria-describedby"] {
                let ids = one.get(name).into_iter().flat_map(|ids| ids.split(' '));
                for id in ids {
                    assert!(set.contains(id), "{one:?}");
                }
            }
        }
    }

    /// Nothing runs, nothing is fetched.
    fn assert_inert(&self, all: &[Element]) {
        for element in all {
            assert!(
                ![
                    "script", "img", "iframe", "object", "embed", "link", "form", "base", "video",
                    "audio", "source", "image", "use"
                ]
                .contains(&element.name.as_str()),
                "{element:?}"
            );
            for (name, value) in &element.attributes {
                assert!(
                    !name.starts_with("on") && name != "src" && name != "style",
                    "{element:?}"
                );
                assert!(!value.to_lowercase().contains("javascript:"), "{element:?}");
            }
        }
        let style: String = self
            .named("style")
            .into_iter()
            .map(|one| one.text.to_lowercase())
            .collect();
        for word in ["url(", "@import", "@font-face", "expression("] {
            assert!(!style.contains(word), "{word}");
        }
        let policy = all.iter().find(|one| {
            one.get("http-equiv")
                .is_some_and(|name| name.eq_ignore_ascii_case("content-security-policy"))
        });
        assert!(
            policy
                .unwrap()
                .get("content")
                .unwrap()
                .starts_with("default-src 'none'")
        );
    }
}

/// Asserts that an element runs nothing but our own script, and brings no style of its own.
fn assert_runs_nothing(one: &Element) {
    let name = one.name.as_str();
    // One script of our own, from a file; what a record holds never runs.
    let own = name == "script" && one.text.is_empty();
    let own = own
        && one
            .get("src")
            .is_some_and(|src| src.starts_with("/site.js?"));
    assert!(own || name != "script", "{one:?}");
    assert!(
        !["style", "img", "iframe", "object", "base", "image", "use"].contains(&name),
        "{one:?}"
    );
    for (attribute, value) in &one.attributes {
        assert!(
            !attribute.starts_with("on") && attribute != "style" && (attribute != "src" || own),
            "{one:?}"
        );
        assert!(!value.to_lowercase().contains("javascript:"), "{one:?}");
    }
}

/// Lines without what only lays them out.
fn lines(text: &str) -> String {
    let lines = text
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    let lines: Vec<String> = lines.filter(|line| !line.is_empty()).collect();
    lines.join("\n") + "\n"
}

/// Links lead to the registry, to a person, or to a place in the page that is there.
fn assert_links(all: &[Element]) {
    let listed: Vec<&str> = all.iter().filter_map(|one| one.get("id")).collect();
    let ids: BTreeSet<&str> = listed.iter().copied().collect();
    assert_eq!(ids.len(), listed.len(), "an id stands there once");
    for element in all {
        for name in ["href", "xlink:href", "action", "data", "srcset", "poster"] {
            let Some(to) = element.get(name) else {
                continue;
            };
            assert_eq!((element.name.as_str(), name), ("a", "href"), "{element:?}");
            let inside = to.strip_prefix('#').map(|id| ids.contains(id));
            let outside = to.starts_with("https://clinicaltrials.gov/study/NCT")
                || to.starts_with("mailto:")
                || to.starts_with("tel:+")
                || to.starts_with("tel:")
                    && to[4..].chars().all(|c| c.is_ascii_digit() || c == '+');
            assert!(inside.unwrap_or(outside), "{element:?}");
        }
        if let Some(target) = element
            .get("aria-labelledby")
            .or(element.get("aria-describedby"))
        {
            assert!(ids.contains(target), "{element:?}");
        }
    }
}

/// Headings go down one step at a time.
fn assert_headings(all: &[Element]) {
    let mut last = 0;
    for one in all {
        let level = one
            .name
            .strip_prefix('h')
            .and_then(|n| n.parse::<u8>().ok());
        let Some(level) = level else { continue };
        assert!(level <= last + 1, "h{last} before {one:?}");
        assert!(!one.text.trim().is_empty());
        last = level;
    }
}

fn collect(node: &Handle, all: &mut Vec<Element>) {
    if let NodeData::Element { name, attrs, .. } = &node.data {
        let mut text = String::new();
        write_text(node, &mut text);
        // A drawing has a title of its own.
        let in_drawing = &*name.ns == "http://www.w3.org/2000/svg" && &*name.local == "title";
        let local = if in_drawing {
            "svg title"
        } else {
            &*name.local
        };
        all.push(Element {
            name: local.to_owned(),
            attributes: attrs
                .borrow()
                .iter()
                .map(|one| (one.name.local.to_string(), one.value.to_string()))
                .collect(),
            text,
        });
    }
    for child in node.children.borrow().iter() {
        collect(child, all);
    }
}

fn write_text(node: &Handle, out: &mut String) {
    let name = match &node.data {
        NodeData::Text { contents } => {
            out.push_str(&contents.borrow());
            return;
        }
        NodeData::Element { name, .. } => name.local.to_string(),
        _ => String::new(),
    };
    let head = name == "head";
    if BLOCKS.contains(&name.as_str()) {
        out.push('\n');
    }
    for child in node.children.borrow().iter() {
        // Of the head a reader sees the title only.
        let seen = !head
            || matches!(&child.data, NodeData::Element { name, .. } if &*name.local == "title");
        if seen {
            write_text(child, out);
        }
    }
    if BLOCKS.contains(&name.as_str()) || name == "title" {
        out.push('\n');
    } else if matches!(name.as_str(), "td" | "th") {
        out.push_str(" | ");
    }
}
