//! Administration: who may work at the centre, with which offices, devices, cards and holidays.

use askama::Template;
use axum::Router;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::AppState;
use super::console::NO_STORE;
use super::page::page;
use super::session::{Frame, Session};

pub mod audit_log;

/// Its addresses.
pub fn routes() -> Router<AppState> {
    Router::new().route("/admin", get(home)).route("/admin/audit-log", get(audit_log::audit_log))
}

#[derive(Template)]
#[template(path = "admin/home.html")]
struct Home {
    frame: Frame,
}

/// `GET /admin`.
pub async fn home(session: Session) -> Response {
    (NO_STORE, page(StatusCode::OK, &Home { frame: session.frame() })).into_response()
}
