//! HTTP: which address leads where, and what every answer carries.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::routing::{get, post};
use pishkhan_protocol::exchange::MAX_MESSAGE_BYTES;
use tokio::net::TcpListener;
use tower_http::compression::CompressionLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::TimeoutLayer;

use crate::centre::Centre;

pub mod sync;

/// An envelope around the largest message.
const MAX_ENVELOPE_BYTES: usize = MAX_MESSAGE_BYTES + 1024;
const HANDLER_TIME: Duration = Duration::from_secs(30);

/// All that a request needs.
#[derive(Clone)]
pub struct AppState {
    /// The centre.
    pub centre: Arc<Centre>,
    /// Is there a proxy that names the caller?
    pub behind_proxy: bool,
    /// How long an officer may be idle.
    pub session_idle_ms: i64,
}

impl AppState {
    /// For a centre.
    #[must_use]
    pub fn new(centre: Arc<Centre>, behind_proxy: bool, session_minutes: u16) -> Self {
        let session_idle_ms = i64::from(session_minutes) * 60_000;
        Self { centre, behind_proxy, session_idle_ms }
    }
}

/// Every address of the centre.
pub fn router(state: AppState) -> Router {
    let sync = Router::new()
        .route("/sync/v1/probe", get(sync::probe))
        .route("/sync/v1/enrol", post(sync::enrol))
        .route("/sync/v1/exchange", post(sync::exchange))
        .layer(RequestBodyLimitLayer::new(MAX_ENVELOPE_BYTES))
        .layer(DefaultBodyLimit::disable());
    Router::new()
        .merge(sync)
        .route("/health", get(health))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, HANDLER_TIME))
        .layer(CompressionLayer::new())
        .with_state(state)
}

/// Serves until `stop` resolves, then finishes what is running.
///
/// # Errors
/// Of the socket.
pub async fn serve(
    listener: TcpListener,
    state: AppState,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let service = router(state).into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, service).with_graceful_shutdown(stop).await
}

async fn health(
    axum::extract::State(state): axum::extract::State<AppState>,
) -> Result<&'static str, StatusCode> {
    let mut unit =
        state.centre.storage.read().await.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    crate::storage::identity::find(unit.as_mut())
        .await
        .map(|_| "ok")
        .map_err(|_| StatusCode::SERVICE_UNAVAILABLE)
}

/// Writes an error and its causes to the log.
pub(crate) fn report(error: &dyn std::error::Error) {
    let mut chain = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        chain.push_str(": ");
        chain.push_str(&error.to_string());
        cause = error.source();
    }
    tracing::error!(error = chain, "request failed");
}
