//! Administration: who may work at the centre, with which offices, devices, cards and holidays.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};

use super::AppState;

pub mod agencies;
pub mod audit_log;
pub mod card;
mod card_preview;
pub mod cards;
pub mod devices;
pub mod holidays;
pub mod home;
pub mod import;
pub mod offices;
pub mod staff;
pub mod tokens;

/// Where a file is uploaded: more may come there than with any other form.
pub fn uploads() -> Router<AppState> {
    Router::new()
        .route("/admin/import", get(import::form).post(import::upload))
        .layer(DefaultBodyLimit::max(import::MAX_FILE_BYTES))
}

/// Days without a word after which a device counts as silent.
const SILENT_MS: i64 = 3 * 24 * 60 * 60 * 1_000;
/// How long an entry may wait on a device before somebody should look.
const WAITS_LONG_MS: i64 = 2 * 24 * 60 * 60 * 1_000;

/// Its addresses.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/admin", get(home::home))
        .route("/admin/agencies", get(agencies::list).post(agencies::keep))
        .route("/admin/agencies/{code}/tokens", get(tokens::list).post(tokens::edit))
        .route("/admin/staff", get(staff::list).post(staff::open))
        .route("/admin/staff/{username}", get(staff::member).post(staff::change))
        .route("/admin/staff/{username}/{act}", post(staff::act))
        .route("/admin/offices", get(offices::list).post(offices::add))
        .route("/admin/offices/{office}", get(offices::office).post(offices::change))
        .route("/admin/offices/{office}/codes", post(offices::codes))
        .route("/admin/import/{token}", post(import::apply))
        .route("/admin/import-sample.csv", get(import::sample))
        .route("/admin/devices", get(devices::list))
        .route("/admin/devices/{device}", get(devices::device))
        .route("/admin/devices/{device}/{act}", post(devices::act))
        .route("/admin/cards", get(cards::list).post(cards::begin))
        .route("/admin/cards/{code}", get(card::card).post(card::edit))
        .route("/admin/cards/{code}/preview", get(card::preview))
        .route("/admin/holidays", get(holidays::list).post(holidays::edit))
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
