//! HTTP: which address leads where, and what every answer carries.

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

use self::courier_of_centre::AtCentre;
use self::door::Door;
use crate::centre::Centre;
use crate::limit::Limit;

pub mod admin;
pub mod api;
pub mod assets;
pub mod briefing;
pub mod console;
pub mod courier;
mod courier_of_centre;
pub mod door;
pub mod guard;
pub mod metrics;
pub mod page;
pub mod public;
pub mod qr;
pub mod roots;
pub mod session;
mod setting_up;
pub mod sync;
pub mod tls;
pub mod track;
pub mod transparency;
pub mod tus;
pub mod uploads;

/// An envelope around the largest message.
const MAX_ENVELOPE_BYTES: usize = MAX_MESSAGE_BYTES + 1024;
/// The longest form: a return with a reason for every field.
const MAX_FORM_BYTES: usize = 256 * 1024;
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
    /// How often somebody may ask.
    pub limits: Arc<Limits>,
    /// What is counted.
    pub meters: Arc<metrics::Meters>,
    /// With it, metrics may be read from elsewhere.
    pub metrics_token: Option<String>,
}

/// How often somebody may ask.
pub struct Limits {
    /// Questions for an application, by address.
    pub tracking: Limit,
    /// Wrong answers for one tracking code.
    pub wrong_digits: Limit,
    /// Posters, by address.
    pub posters: Limit,
    /// Attempts to log in, by address and by name.
    pub login: Limit,
    /// Wrong codes of the second factor, by name. Three of a million are good at any time; at this
    /// pace there are 48 guesses a day, each after the right password and each in the audit log.
    pub factor: Limit,
    /// Pages for agencies' systems, by token.
    pub systems: Limit,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            tracking: Limit::new(10, 6_000),
            wrong_digits: Limit::new(5, 12 * 60_000),
            posters: Limit::new(6, 10_000),
            login: Limit::new(10, 60_000),
            factor: Limit::new(5, 30 * 60_000),
            systems: Limit::new(120, 500),
        }
    }
}

impl AppState {
    /// For a centre.
    #[must_use]
    pub fn new(centre: Arc<Centre>, behind_proxy: bool, session_minutes: u16) -> Self {
        let session_idle_ms = i64::from(session_minutes) * 60_000;
        Self {
            centre,
            behind_proxy,
            session_idle_ms,
            limits: Arc::default(),
            meters: Arc::default(),
            metrics_token: None,
        }
    }

    /// With a token for whoever watches from another machine.
    #[must_use]
    pub fn with_metrics_token(self, metrics_token: Option<String>) -> Self {
        Self { metrics_token, ..self }
    }
}

/// Every address of the centre.
pub fn router(state: AppState) -> Router {
    let sync = Router::new()
        .route("/sync/v1/probe", get(sync::probe))
        .route("/sync/v1/enrol", post(sync::enrol))
        .route("/sync/v1/exchange", post(sync::exchange))
        .route("/sync/v2/exchange", post(sync::short))
        .merge(uploads::handling())
        .layer(RequestBodyLimitLayer::new(MAX_ENVELOPE_BYTES))
        .layer(DefaultBodyLimit::disable());
    let pages = Router::new()
        .route("/", get(public::services))
        .route("/track", get(track::form).post(track::track))
        .route("/track/rating", post(track::rate))
        .route("/r", get(public::receipt))
        .route("/roots", get(roots::roots))
        .route("/roots/{day}", get(roots::root))
        .route("/roots/{day}/leaves", get(roots::leaves))
        .route("/assets/{name}", get(assets::asset))
        .route("/console", get(console::queue::queue))
        .route("/console/login", get(console::login::form).post(console::login::login))
        .route("/console/logout", post(console::login::logout))
        .merge(console::sign_in::routes())
        .merge(console::account::routes())
        .route("/console/applications/{id}", get(console::application::application))
        .route("/console/applications/{id}/{act}", post(console::act::act))
        .merge(console::routes())
        .route("/console/applications/{id}/documents/{hash}", get(console::document::document))
        .merge(transparency::routes())
        .merge(briefing::routes())
        .merge(admin::routes())
        .fallback(|| async { page::PageError::NotFound })
        .layer(RequestBodyLimitLayer::new(MAX_FORM_BYTES))
        .merge(admin::uploads())
        .layer(axum::middleware::from_fn(guard::protect))
        // Not around the devices' addresses: what they are sent is compressed, and headers cost.
        .layer(CompressionLayer::new());
    let uploads = uploads::routes(&state.centre);
    let courier = courier::routes(Arc::new(AtCentre(state.centre.clone())));
    let count = axum::middleware::from_fn_with_state(state.clone(), metrics::count);
    let gate = axum::middleware::from_fn_with_state(state.clone(), session::gate);
    Router::new()
        .merge(sync)
        .merge(pages)
        .route("/api/openapi.json", get(api::openapi::openapi))
        .route("/api/v1/agencies/{code}/feed", get(api::feed))
        .route("/api/v1/agencies/{code}/applications.csv", get(api::table))
        .route("/health", get(health))
        .route("/health/ready", get(health))
        .route("/health/live", get(|| async { "ok" }))
        .route("/metrics", get(metrics::metrics))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, HANDLER_TIME))
        .with_state(state)
        .merge(uploads)
        .merge(courier)
        // Around all of them: an address that the access table does not have is refused.
        .route_layer(gate)
        .route_layer(count)
}

/// Serves without TLS until `stop` resolves, then finishes what is running.
pub async fn serve(listener: TcpListener, state: AppState, stop: impl Future<Output = ()> + Send) {
    door::serve(vec![Door::plain(listener)], router(state), stop).await;
}

/// Takes the courier files that were whole when the server was stopped, and not yet taken.
///
/// # Errors
/// Of the disk.
pub async fn take_left_over(state: &AppState) -> std::io::Result<()> {
    courier::take_left_over(&Arc::new(AtCentre(state.centre.clone()))).await
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
