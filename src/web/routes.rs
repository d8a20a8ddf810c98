//! Which address leads where.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::extract::Request;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH, LOCATION};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, post};

use super::answer::{Site, Work};
use super::problem::Problem;
use super::{api, door, pages};
use crate::render::html::site::{SCRIPT, stylesheet};

/// Builds the pages and services of a site.
pub(super) fn router(site: &Arc<Site>) -> Router {
    let got = |work: Work| -> MethodRouter {
        let site = Arc::clone(site);
        get(move |request: Request| site.answer(request, work))
    };
    let posted = |work: Work| -> MethodRouter {
        let site = Arc::clone(site);
        post(move |request: Request| site.answer(request, work))
    };
    let metrics = {
        let site = Arc::clone(site);
        move || std::future::ready(site.metrics())
    };
    let refused = refuse(site, StatusCode::NOT_FOUND, NOWHERE);
    let nowhere = move |request: Request| {
        let elsewhere = without_slash(&request);
        let refused = refused.clone();
        async move {
            match elsewhere {
                Some(response) => response,
                None => refused(request).await,
            }
        }
    };
    let otherwise = refuse(site, StatusCode::METHOD_NOT_ALLOWED, OTHERWISE);
    Router::new()
        .route("/", got(pages::find))
        .route("/study/{nct}", got(pages::study))
        .route("/me", got(pages::situation).merge(posted(pages::again)))
        .route("/brief", posted(pages::brief))
        .route("/clinic", got(pages::clinic).merge(posted(pages::screened)))
        .route("/map", got(pages::map))
        .route("/changes", got(pages::changes))
        .route("/changes.atom", got(pages::feed))
        .route("/about", got(pages::about))
        .route("/style.css", get(style))
        .route("/site.js", get(script))
        .route("/api/search", got(api::search))
        .route("/api/studies/{nct}", got(api::study))
        .route("/api/screen", posted(api::screen))
        .route("/api/openapi.json", got(api::openapi))
        .route("/healthz", got(api::health))
        .route("/metrics", get(metrics))
        .fallback(nowhere)
        .method_not_allowed_fallback(otherwise)
        .layer(from_fn_with_state(Arc::clone(site), door::guard))
}

const NOWHERE: &str = "There is nothing at this address. Pages: /, /me, /clinic, /map, /changes, /about. For programs: /api/search, /api/studies/NCT…, /api/screen, /api/openapi.json, /healthz, /metrics.";

const OTHERWISE: &str = "This address takes other kinds of requests: facts about a patient go by POST, everything else by GET.";

/// A handler that always refuses.
fn refuse(
    site: &Arc<Site>,
    status: StatusCode,
    words: &'static str,
) -> impl Fn(Request) -> std::future::Ready<Response> + Clone + Send + Sync + 'static {
    let site = Arc::clone(site);
    move |request| {
        let problem = Problem::new(status, words);
        std::future::ready(site.refused(request.uri().path(), &problem))
    }
}

/// Pages that people may write with a slash behind.
const PAGES: [&str; 5] = ["/me", "/clinic", "/map", "/changes", "/about"];

/// Leads to a page from its address with a slash behind; nothing for any other address.
fn without_slash(request: &Request) -> Option<Response> {
    let bare = request.uri().path().strip_suffix('/')?;
    let study = bare.strip_prefix("/study/");
    let is_study = study.is_some_and(|one| one.chars().all(|c| c.is_ascii_alphanumeric()));
    if request.method() != Method::GET || !(PAGES.contains(&bare) || is_study) {
        return None;
    }
    let query = request.uri().query();
    let query = query.map_or(String::new(), |query| format!("?{query}"));
    let address = HeaderValue::try_from(format!("{bare}{query}")).ok()?;
    Some((StatusCode::PERMANENT_REDIRECT, [(LOCATION, address)]).into_response())
}

/// The one stylesheet.
async fn style(headers: HeaderMap) -> Response {
    static FILE: LazyLock<Static> =
        LazyLock::new(|| Static::new("text/css; charset=utf-8", stylesheet()));
    FILE.response(&headers)
}

/// The one script.
async fn script(headers: HeaderMap) -> Response {
    static FILE: LazyLock<Static> =
        LazyLock::new(|| Static::new("text/javascript; charset=utf-8", SCRIPT.to_owned()));
    FILE.response(&headers)
}

/// A file that a browser may keep: its address changes with it.
struct Static {
    kind: &'static str,
    body: String,
    /// What tells it from any other (RFC 9110, 8.8.3).
    tag: String,
}

impl Static {
    fn new(kind: &'static str, body: String) -> Self {
        let mut hash = DefaultHasher::new();
        body.hash(&mut hash);
        let tag = format!("\"{:x}\"", hash.finish());
        Self { kind, body, tag }
    }

    /// The file, or that the browser has it already.
    fn response(&self, headers: &HeaderMap) -> Response {
        let held = headers
            .get(IF_NONE_MATCH)
            .and_then(|tags| tags.to_str().ok());
        let mut held = held.into_iter().flat_map(|tags| tags.split(','));
        let is_held = held.any(|tag| {
            let tag = tag.trim();
            tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == self.tag
        });
        let kept = [
            (CONTENT_TYPE, self.kind),
            (CACHE_CONTROL, "public, max-age=86400"),
            (ETAG, self.tag.as_str()),
        ];
        if is_held {
            (StatusCode::NOT_MODIFIED, kept).into_response()
        } else {
            (kept, self.body.clone()).into_response()
        }
    }
}
