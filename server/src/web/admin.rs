//! Administration: who may work at the centre, with which offices, devices, cards and holidays.

use askama::Template;
use axum::Router;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};

use super::AppState;
use super::console::NO_STORE;
use super::page::page;
use super::session::{Frame, Session};

pub mod agencies;
pub mod audit_log;
pub mod staff;

/// Its addresses.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/admin", get(home))
        .route("/admin/agencies", get(agencies::list).post(agencies::keep))
        .route("/admin/staff", get(staff::list).post(staff::open))
        .route("/admin/staff/{username}", get(staff::member).post(staff::change))
        .route("/admin/staff/{username}/{act}", post(staff::act))
        .route("/admin/audit-log", get(audit_log::audit_log))
}

/// A sentence above a page.
pub(super) struct Notice {
    text: String,
    is_error: bool,
}

impl Notice {
    /// Something was done.
    fn done(text: impl Into<String>) -> Self {
        Self { text: text.into(), is_error: false }
    }

    /// Something was not done, and why.
    fn refusal(text: impl Into<String>) -> Self {
        Self { text: text.into(), is_error: true }
    }
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
