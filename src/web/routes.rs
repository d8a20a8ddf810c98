//! Which address leads where.

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName};
use axum::http::{HeaderValue, StatusCode};
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
    let nowhere = refuse(site, StatusCode::NOT_FOUND, NOWHERE);
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

/// The one stylesheet.
async fn style() -> Response {
    (kept("text/css; charset=utf-8"), stylesheet()).into_response()
}

/// The one script.
async fn script() -> Response {
    (kept("text/javascript; charset=utf-8"), SCRIPT).into_response()
}

/// Headers of what may be kept: its address changes with it.
fn kept(kind: &'static str) -> [(HeaderName, HeaderValue); 2] {
    [
        (CONTENT_TYPE, HeaderValue::from_static(kind)),
        (
            CACHE_CONTROL,
            HeaderValue::from_static("public, max-age=86400"),
        ),
    ]
}
