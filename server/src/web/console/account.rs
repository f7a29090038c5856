//! A member's own account.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::{Frame, NO_STORE, Session};
use crate::web::page::page;

#[derive(Template)]
#[template(path = "account.html")]
struct Account {
    frame: Frame,
    username: String,
}

/// `GET /console/account`.
pub async fn account(session: Session) -> Response {
    let view = Account { frame: session.frame(), username: session.officer.username };
    (NO_STORE, page(StatusCode::OK, &view)).into_response()
}
