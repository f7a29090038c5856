//! What everybody may see of how the agencies work: a page, two files, and what their words mean.
//!
//! Invariant: everything here is of [`Published`](crate::figures::published::Published), where small numbers are kept back already.

use axum::Router;
use axum::routing::get;

use super::AppState;

mod chart;
mod columns;
mod dictionary;
mod files;
mod office;
mod page;
mod row;

/// Its addresses.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/transparency", get(page::transparency))
        .route("/transparency.csv", get(files::csv))
        .route("/transparency.json", get(files::json))
        .route("/transparency/dictionary", get(dictionary::dictionary))
        .route("/transparency/offices/{number}", get(office::office))
        .route("/transparency/offices/{number}/poster.pdf", get(office::poster))
}
