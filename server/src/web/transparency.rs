//! What everybody may see of how the agencies work: a page, two files, and what their words mean.
//!
//! Invariant: everything here is of [`Published`], where small numbers are kept back already.

use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use pishkhan_domain::jalali_month::JalaliMonth;

use super::AppState;
use crate::figures::published::Published;
use crate::storage::{StorageError, Unit, districts};

mod chart;
mod columns;
mod dictionary;
mod files;
mod page;
mod row;

/// Its addresses.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/transparency", get(page::transparency))
        .route("/transparency.csv", get(files::csv))
        .route("/transparency.json", get(files::json))
        .route("/transparency/dictionary", get(dictionary::dictionary))
}

/// What is shown now.
///
/// # Errors
/// [`StorageError`].
pub(super) async fn published(
    state: &AppState,
    unit: &mut dyn Unit,
) -> Result<Arc<Published>, StorageError> {
    let now = state.centre.now();
    let figures = state.centre.figures.current(unit, now).await?;
    let cards = state.centre.cards.current(unit).await?;
    let districts = districts::all(unit).await?;
    let running = JalaliMonth::at(now);
    let key = (figures.number(), cards.number(), running);
    let make = || Published::make(&figures, &cards, &districts, running);
    Ok(state.centre.figures.published(key, make))
}
