//! The officers' desk.

use axum::Router;
use axum::routing::{get, post};

use super::AppState;
pub use super::session::{Frame, Session};

pub mod account;
pub mod act;
pub mod application;
pub mod document;
pub mod history;
pub mod late;
pub mod letter;
pub mod letter_templates;
pub mod login;
pub mod news;
pub mod next;
pub mod papers;
pub mod queue;
pub mod reasons;
pub mod sign_in;
pub mod take_up;
pub mod views;

/// What belongs to the queue as a whole.
pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/console/applications/{id}/next", get(next::next))
        .route("/console/applications/{id}/letter", get(letter::letter))
        .route("/console/applications/{id}/letter/preview", post(letter::preview))
        .route("/console/letter-templates", post(letter_templates::write))
        .route("/console/take-up", post(take_up::take_up))
        .route("/console/views", post(views::save))
        .route("/console/views/remove", post(views::remove))
        .route("/console/news", get(news::news))
        .route("/console/reasons", get(reasons::show).post(reasons::write))
        .route("/console/late", get(late::late))
}
