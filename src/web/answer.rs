//! From a request to what a page needs of it, and back to an answer.

use std::sync::{Arc, PoisonError, RwLock};

use axum::body::{Body, to_bytes};
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use chrono::{SecondsFormat, Utc};

use super::crowd::{AtWork, Crowd, Line};
use super::door::asked_host;
use super::form::{Pairs, pairs};
use super::guest::{Guests, reach};
use super::meter::{Meter, State, TEXT};
use super::problem::Problem;
use super::{Options, ServeError};
use crate::app::App;
use crate::provenance::Source;
use crate::render::html::site::{self, Frame, Freshness, Reach};

/// Bytes of a form or a table at most.
const MOST_BYTES: usize = 4 << 20;

/// What a server knows between requests.
#[derive(Debug)]
pub(super) struct Site {
    /// The use cases over the data that are held; other data take their place whole.
    app: RwLock<App>,
    freshness: RwLock<Freshness>,
    pub(super) options: Options,
    pub(super) guests: Guests,
    pub(super) crowd: Arc<Crowd>,
    pub(super) meter: Meter,
}

/// A request, read whole.
pub(super) struct Visit {
    /// The use cases, at the time of the request.
    pub(super) app: App,
    /// The last part of the path.
    pub(super) name: String,
    pub(super) query: Pairs,
    /// The fields of a form, with the text of a file among them.
    pub(super) fields: Pairs,
    /// Any other body.
    pub(super) body: String,
    /// Its media type, without parameters.
    pub(super) kind: String,
    pub(super) reach: Reach,
    freshness: Freshness,
}

/// What is sent back.
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) kind: &'static str,
    pub(super) body: String,
    /// The name of a file to save it in, in place of showing it.
    pub(super) file: Option<String>,
}

/// Work that answers a request.
pub(super) type Work = fn(&Visit) -> Result<Reply, Problem>;

impl Reply {
    pub(super) fn html(body: String) -> Self {
        Self {
            status: StatusCode::OK,
            kind: "text/html; charset=utf-8",
            body,
            file: None,
        }
    }

    pub(super) fn json(body: String) -> Self {
        Self {
            kind: "application/json",
            ..Self::html(body)
        }
    }

    /// The same with the status of a problem that the body tells.
    pub(super) fn with(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    pub(super) fn response(self) -> Response {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(self.kind));
        let file = self
            .file
            .map(|name| format!("attachment; filename=\"{name}\""));
        if let Some(Ok(value)) = file.map(HeaderValue::try_from) {
            headers.insert(CONTENT_DISPOSITION, value);
        }
        response
    }
}

impl Site {
    pub(super) fn new(app: App, options: Options) -> Result<Arc<Self>, ServeError> {
        let meter =
            Meter::new().map_err(|error| ServeError::Start(std::io::Error::other(error)))?;
        Ok(Arc::new(Self {
            app: RwLock::new(app),
            freshness: RwLock::new(if options.sync_every.is_some() {
                Freshness::FirstReading
            } else {
                Freshness::ReadOnce
            }),
            options,
            guests: Guests::new(),
            crowd: Crowd::new(),
            meter,
        }))
    }

    /// The use cases at this moment.
    pub(super) fn app_now(&self) -> App {
        // An app is put in its place whole: a panic elsewhere leaves none half done.
        let app = self.app.read().unwrap_or_else(PoisonError::into_inner);
        if !self.options.clock_runs {
            return app.clone();
        }
        let now = Utc::now();
        let stamp = now.to_rfc3339_opts(SecondsFormat::Secs, true);
        app.at(now.date_naive(), stamp)
    }

    /// Answers from an app from now on. What is under way ends with the one before.
    pub(super) fn hold(&self, app: App) {
        *self.app.write().unwrap_or_else(PoisonError::into_inner) = app;
    }

    fn freshness(&self) -> Freshness {
        *self
            .freshness
            .read()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Remembers what came of bringing the data up to date.
    pub(super) fn is_as_fresh_as(&self, freshness: Freshness) {
        let mut own = self
            .freshness
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        *own = freshness;
    }

    /// `GET /metrics`.
    pub(super) fn metrics(&self) -> Response {
        let app = self.app_now();
        let held = app.held();
        let state = State {
            connections: self.crowd.len(),
            studies: held.map_or(0, crate::app::Held::len),
            age_days: held.and_then(|held| held.source().age_days(app.settings().today)),
        };
        match self.meter.text(&state) {
            Ok(text) => Reply {
                kind: TEXT,
                ..Reply::json(text)
            }
            .response(),
            Err(error) => {
                let problem = Problem::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string());
                self.refused("/metrics", &problem)
            }
        }
    }

    /// What a problem looks like where it was met.
    pub(super) fn refused(&self, path: &str, problem: &Problem) -> Response {
        let is_for_programs = path.starts_with("/api/") || ["/healthz", "/metrics"].contains(&path);
        let reply = if is_for_programs {
            Reply {
                kind: "application/problem+json",
                ..Reply::json(problem.json())
            }
        } else {
            Reply::html(self.sorry(problem))
        };
        let mut response = reply.with(problem.status).response();
        if let Some(seconds) = problem.retry_after {
            (response.headers_mut()).insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }

    fn sorry(&self, problem: &Problem) -> String {
        let app = self.app_now();
        // Without data there is nothing to warn of, and no page is served.
        let Some(held) = app.held() else {
            return String::new();
        };
        let freshness = self.freshness();
        let alarms = freshness.alarms(held.source(), app.settings().today);
        let is_local = self.options.is_local() && self.options.behind_tls.is_none();
        let frame = Frame {
            alarms: &alarms,
            source: held.source(),
            reach: if is_local {
                Reach::Machine
            } else {
                Reach::Open
            },
            freshness,
        };
        let words = [problem.detail.clone()];
        site::sorry(&frame, problem.title(), &words, problem.link.as_deref())
    }

    /// Reads a request, does the work on a thread of its own, and answers.
    pub(super) async fn answer(self: Arc<Self>, request: Request, work: Work) -> Response {
        let path = request.uri().path().to_owned();
        let line = request.extensions().get::<Arc<Line>>().cloned();
        let visit = match self.read(request).await {
            Ok(visit) => visit,
            Err(problem) => return self.refused(&path, &problem),
        };
        let at_work: Option<AtWork> = line.as_ref().map(Line::at_work);
        let outcome = tokio::task::spawn_blocking(move || work(&visit)).await;
        drop(at_work);
        match outcome {
            Ok(Ok(reply)) => reply.response(),
            Ok(Err(problem)) => self.refused(&path, &problem),
            Err(_) => {
                let what = "The program met something that it did not expect. Nothing was stored. Try again, or use the command line.";
                self.refused(
                    &path,
                    &Problem::new(StatusCode::INTERNAL_SERVER_ERROR, what),
                )
            }
        }
    }

    async fn read(&self, request: Request) -> Result<Visit, Problem> {
        let reach = reach(&self.options, &asked_host(&request)?, &request);
        let path = request.uri().path();
        let name = path.rsplit('/').next().unwrap_or_default().to_owned();
        let query = pairs(request.uri().query().unwrap_or_default().as_bytes());
        let kind = request.headers().get(CONTENT_TYPE);
        let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default();
        let kind = kind.trim().to_lowercase();
        let (fields, body) = body(request, &kind).await?;
        Ok(Visit {
            app: self.app_now(),
            name,
            query,
            fields,
            body,
            kind,
            reach,
            freshness: self.freshness(),
        })
    }
}

/// Reads the body: fields of a form, or text.
async fn body(request: Request, kind: &str) -> Result<(Pairs, String), Problem> {
    let (parts, body) = request.into_parts();
    let bytes = to_bytes(body, MOST_BYTES).await.map_err(|_| {
        Problem::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "At most 4 MiB are taken at a time. For a larger table use the command line: trialbrief screen --patients FILE.",
        )
    })?;
    match kind {
        "application/x-www-form-urlencoded" => Ok((pairs(&bytes), String::new())),
        "multipart/form-data" => {
            let again = Request::from_parts(parts, Body::from(bytes));
            Ok((in_parts(again).await?, String::new()))
        }
        _ => Ok((Vec::new(), text(bytes.to_vec())?)),
    }
}

async fn in_parts(request: Request) -> Result<Pairs, Problem> {
    let broken = |_| {
        Problem::new(
            StatusCode::BAD_REQUEST,
            "The form came in pieces that do not fit. Send it again.",
        )
    };
    let mut form = Multipart::from_request(request, &())
        .await
        .map_err(|_| Problem::new(StatusCode::BAD_REQUEST, "The form has no boundary."))?;
    let mut fields = Vec::new();
    while let Some(field) = form.next_field().await.map_err(broken)? {
        let name = field.name().unwrap_or_default().to_owned();
        let bytes = field.bytes().await.map_err(broken)?;
        fields.push((name, text(bytes.to_vec())?));
    }
    Ok(fields)
}

fn text(bytes: Vec<u8>) -> Result<String, Problem> {
    String::from_utf8(bytes).map_err(|_| {
        Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "The text is not UTF-8: save the file as CSV UTF-8, and send it again.",
        )
    })
}

impl Visit {
    /// Does something with what stands around every page.
    pub(super) fn framed<T>(&self, source: &Source, make: impl FnOnce(&Frame<'_>) -> T) -> T {
        let alarms = self.freshness.alarms(source, self.app.settings().today);
        make(&Frame {
            alarms: &alarms,
            source,
            reach: self.reach,
            freshness: self.freshness,
        })
    }

    /// Does something with a page around the data that are held.
    pub(super) fn on_held<T>(&self, make: impl FnOnce(&Frame<'_>) -> T) -> Result<T, Problem> {
        let held = self.app.held().ok_or_else(nothing_held)?;
        Ok(self.framed(held.source(), make))
    }
}

/// No data were read before serving; the command line reads them always.
pub(super) fn nothing_held() -> Problem {
    Problem::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "No data were read yet. Try again later.",
    )
}
