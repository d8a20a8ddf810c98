//! What goes wrong, for a page and for a program (RFC 9457).

use axum::http::StatusCode;
use serde::Serialize;

use crate::patient::ProfileErrors;
use crate::render::html::site::Wrong;
use crate::select::Misread;
use crate::text::safe;

/// Why a request is not answered as asked.
#[derive(Debug)]
pub(super) struct Problem {
    pub(super) status: StatusCode,
    /// What happened, and what to do next.
    pub(super) detail: String,
    /// Each thing that is wrong, where there are several.
    pub(super) wrong: Vec<Wrong>,
    /// A page elsewhere that may help.
    pub(super) link: Option<String>,
    /// Seconds to wait before the same may be asked again.
    pub(super) retry_after: Option<u64>,
}

#[derive(Serialize)]
struct View<'a> {
    r#type: &'static str,
    title: &'a str,
    status: u16,
    detail: &'a str,
    errors: Vec<ErrorView<'a>>,
}

#[derive(Serialize)]
struct ErrorView<'a> {
    field: Option<&'a str>,
    detail: &'a str,
}

impl Problem {
    pub(super) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self {
            status,
            detail: detail.into(),
            wrong: Vec::new(),
            link: None,
            retry_after: None,
        }
    }

    /// A filter that cannot be used.
    pub(super) fn of_filter(field: &str, what: &str) -> Self {
        Self {
            wrong: vec![Wrong {
                field: Some(field.to_owned()),
                what: what.to_owned(),
                choices: Vec::new(),
            }],
            ..Self::new(StatusCode::BAD_REQUEST, format!("{field}: {what}"))
        }
    }

    /// Several filters that cannot be used, as one problem; nothing where there is none.
    pub(super) fn of_all(all: Vec<Self>) -> Option<Self> {
        let details: Vec<String> = all.iter().map(|one| one.detail.clone()).collect();
        let first = all.first().map(|one| one.status)?;
        Some(Self {
            wrong: all.into_iter().flat_map(|one| one.wrong).collect(),
            ..Self::new(first, details.join("\n"))
        })
    }

    /// Facts about a patient that cannot be used.
    pub(super) fn of_facts(errors: &ProfileErrors) -> Self {
        Self {
            wrong: wrongs(errors),
            ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, errors.to_string())
        }
    }

    /// What kind of problem it is, in a few words.
    pub(super) fn title(&self) -> &'static str {
        match self.status {
            StatusCode::NOT_FOUND => "Not found here",
            StatusCode::METHOD_NOT_ALLOWED => "Not done that way here",
            StatusCode::FORBIDDEN => "Not allowed here",
            StatusCode::MISDIRECTED_REQUEST => "Not the name of this server",
            StatusCode::TOO_MANY_REQUESTS => "Too many requests",
            StatusCode::PAYLOAD_TOO_LARGE => "Too much at a time",
            StatusCode::UNSUPPORTED_MEDIA_TYPE => "Not a form that is read here",
            StatusCode::UNPROCESSABLE_ENTITY => "Something in the facts cannot be used",
            StatusCode::REQUEST_TIMEOUT => "It took too long",
            status if status.is_server_error() => "Something went wrong here",
            _ => "Something in the request cannot be used",
        }
    }

    /// Renders it for a program.
    pub(super) fn json(&self) -> String {
        let view = View {
            r#type: "about:blank",
            title: self.title(),
            status: self.status.as_u16(),
            detail: &safe(&self.detail),
            errors: (self.wrong.iter())
                .map(|one| ErrorView {
                    field: one.field.as_deref(),
                    detail: &one.what,
                })
                .collect(),
        };
        // Strings and numbers can always be written.
        serde_json::to_string_pretty(&view).unwrap_or_default() + "\n"
    }
}

impl From<Misread> for Problem {
    fn from(error: Misread) -> Self {
        let mut problem = Self::of_filter(error.field, &error.what);
        for one in &mut problem.wrong {
            one.choices.clone_from(&error.choices);
        }
        problem
    }
}

/// What is wrong with a profile, each with its field, and its line in a table.
pub(super) fn wrongs(errors: &ProfileErrors) -> Vec<Wrong> {
    let each = errors.0.iter().map(|one| Wrong {
        field: match (&one.field, one.line) {
            (Some(field), Some(line)) => Some(format!("line {line}, {field}")),
            (None, Some(line)) => Some(format!("line {line}")),
            (field, None) => field.clone(),
        },
        // The answer goes to whoever wrote the word, and into no log.
        what: one.choices.as_ref().unwrap_or(&one.what).clone(),
        choices: Vec::new(),
    });
    each.collect()
}
