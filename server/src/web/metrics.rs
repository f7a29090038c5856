//! What a monitor asks: counted in memory, written in the text form of Prometheus (OpenMetrics).
//!
//! Invariants: labels are addresses as the router has them, methods and states, never what somebody
//! asked for; and nobody reads it but this machine, or who has the token.

use std::sync::atomic::AtomicU64;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use pishkhan_protocol::event::tagged_hash;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use super::AppState;
use super::guard::Caller;
use crate::storage::{StorageError, day_roots};

/// Seconds: a page, a page over a bad line, a large exchange.
const BUCKETS: [f64; 9] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1.0, 5.0, 30.0];

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Asked {
    method: String,
    path: String,
    status: u16,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Where {
    path: String,
}

/// What is counted.
pub struct Meters {
    registry: Registry,
    requests: Family<Asked, Counter>,
    took: Family<Where, Histogram>,
    database_up: Gauge,
    root_made_at: Gauge<f64, AtomicU64>,
}

impl Default for Meters {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("pishkhan");
        let requests = Family::default();
        registry.register("http_requests", "Requests by address and answer", requests.clone());
        let took: Family<Where, Histogram> =
            Family::new_with_constructor(|| Histogram::new(BUCKETS));
        let help = "Time until the answer's head by address";
        registry.register_with_unit("http_request_duration", help, Unit::Seconds, took.clone());
        let database_up = Gauge::default();
        registry.register("database_up", "Did the database answer just now?", database_up.clone());
        let root_made_at = Gauge::default();
        let help = "When the newest root of a day was made, seconds since 1970";
        registry.register("day_root_made_at_seconds", help, root_made_at.clone());
        let build =
            prometheus_client::metrics::info::Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("build", "The program", build);
        Self { registry, requests, took, database_up, root_made_at }
    }
}

/// Counts a request.
pub(super) async fn count(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let path = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let path = path.unwrap_or_default();
    let method = request.method().as_str().to_owned();
    let answer = next.run(request).await;
    let status = answer.status().as_u16();
    let meters = &state.meters;
    meters.took.get_or_create(&Where { path: path.clone() }).observe(begun.elapsed().as_secs_f64());
    meters.requests.get_or_create(&Asked { method, path, status }).inc();
    answer
}

/// `GET /metrics`.
pub async fn metrics(
    State(state): State<AppState>,
    Caller(caller): Caller,
    headers: HeaderMap,
) -> Response {
    if !may_read(&state, &caller, &headers) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let meters = &state.meters;
    match newest_root(&state).await {
        Ok(made_at) => {
            meters.database_up.set(1);
            meters.root_made_at.set(made_at);
        }
        Err(error) => {
            super::report(&error);
            meters.database_up.set(0);
        }
    }
    let mut text = String::new();
    if encode(&mut text, &meters.registry).is_err() {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-store")], text).into_response()
}

async fn newest_root(state: &AppState) -> Result<f64, StorageError> {
    let mut unit = state.centre.storage.read().await?;
    let newest = day_roots::newest(unit.as_mut()).await?;
    let root = newest.and_then(|root| root.signed.verify(&state.centre.key.public()).ok());
    // Milliseconds of our times are far below 2^53.
    #[allow(clippy::cast_precision_loss)]
    Ok(root.map_or(0.0, |root| root.at_ms as f64 / 1_000.0))
}

fn may_read(state: &AppState, caller: &str, headers: &HeaderMap) -> bool {
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let given = given.and_then(|value| value.strip_prefix("Bearer "));
    match (given, &state.metrics_token) {
        // Hashes are compared, so that time tells nothing of the token.
        (Some(given), Some(token)) => hashed(given) == hashed(token),
        (Some(_), None) => false,
        (None, _) => caller.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback()),
    }
}

fn hashed(token: &str) -> [u8; 32] {
    tagged_hash(b"pishkhan/metrics-token/v1", &[token.as_bytes()])
}
