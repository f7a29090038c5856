//! What the words of the table mean.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;

use super::columns::{COLUMNS, Column};
use crate::web::page::page;

#[derive(Template)]
#[template(path = "transparency/dictionary.html")]
struct Dictionary {
    columns: &'static [Column],
}

/// `GET /transparency/dictionary`.
pub(super) async fn dictionary() -> Response {
    page(StatusCode::OK, &Dictionary { columns: &COLUMNS })
}
