//! Counts for those who run the server: how much, how long, how it ended. Of what was asked they hold nothing but
//! which kind of page it was.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use prometheus::{
    HistogramOpts, HistogramVec, IntCounterVec, IntGauge, Opts, Registry, TextEncoder,
};

/// The media type of [`Meter::text`] (Prometheus text format 0.0.4).
pub(super) const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Bounds of the times in seconds: a page takes about a millisecond, a table of patients up to a second.
const TIMES: [f64; 10] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2.0, 10.0,
];

/// All counts.
#[derive(Debug)]
pub(super) struct Meter {
    registry: Registry,
    requests: IntCounterVec,
    seconds: HistogramVec,
    syncs: IntCounterVec,
    connections: IntGauge,
    studies: IntGauge,
    age: IntGauge,
}

/// How it stands at the moment.
pub(super) struct State {
    pub(super) connections: usize,
    pub(super) studies: usize,
    /// Days since the registry processed the data; `None` if that is not known.
    pub(super) age_days: Option<i64>,
}

impl Meter {
    /// Begins at nothing.
    ///
    /// # Errors
    ///
    /// A name that is given twice or is none.
    pub(super) fn new() -> prometheus::Result<Self> {
        let registry = Registry::new();
        let gauge = |name: &str, help: &str| -> prometheus::Result<IntGauge> {
            let gauge = IntGauge::new(name, help)?;
            registry.register(Box::new(gauge.clone()))?;
            Ok(gauge)
        };
        let counter = |name: &str, help: &str, labels: &[&str]| -> prometheus::Result<_> {
            let counter = IntCounterVec::new(Opts::new(name, help), labels)?;
            registry.register(Box::new(counter.clone()))?;
            Ok(counter)
        };
        let seconds = HistogramVec::new(
            HistogramOpts::new("trialbrief_request_seconds", "Time to an answer.")
                .buckets(TIMES.to_vec()),
            &["route"],
        )?;
        registry.register(Box::new(seconds.clone()))?;
        Ok(Self {
            requests: counter(
                "trialbrief_requests_total",
                "Requests that were answered.",
                &["route", "method", "status"],
            )?,
            syncs: counter(
                "trialbrief_syncs_total",
                "Times that the store was to be brought up to date.",
                &["outcome"],
            )?,
            connections: gauge("trialbrief_connections", "Connections that are open.")?,
            studies: gauge("trialbrief_studies", "Studies that are held.")?,
            age: gauge(
                "trialbrief_data_age_days",
                "Days since the registry processed the data; -1 if not known.",
            )?,
            seconds,
            registry,
        })
    }

    /// Counts an answer. `route` is the pattern of an address, never the address.
    pub(super) fn answered(
        &self,
        route: &str,
        method: &Method,
        status: StatusCode,
        took: Duration,
    ) {
        // Anybody can make up methods.
        let method = match *method {
            Method::GET | Method::HEAD | Method::POST => method.as_str(),
            _ => "other",
        };
        self.requests
            .with_label_values(&[route, method, status.as_str()])
            .inc();
        self.seconds
            .with_label_values(&[route])
            .observe(took.as_secs_f64());
    }

    /// Counts an attempt to bring the data up to date.
    pub(super) fn synced(&self, is_done: bool) {
        let outcome = if is_done { "done" } else { "failed" };
        self.syncs.with_label_values(&[outcome]).inc();
    }

    /// Writes all counts.
    pub(super) fn text(&self, state: &State) -> prometheus::Result<String> {
        let small = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        self.connections.set(small(state.connections));
        self.studies.set(small(state.studies));
        self.age.set(state.age_days.unwrap_or(-1));
        TextEncoder::new().encode_to_string(&self.registry.gather())
    }
}
