//! From one application to the next that waits.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use pishkhan_domain::ids::ApplicationId;

use super::Session;
use super::application::of_agency;
use crate::officer::take_up::next_after;
use crate::web::AppState;
use crate::web::page::PageError;

/// `GET /console/applications/{id}/next`.
pub async fn next(
    State(state): State<AppState>,
    session: Session,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let id: ApplicationId = id.parse().map_err(|_| PageError::NotFound)?;
    let mut unit = state.centre.storage.read().await?;
    let application = of_agency(unit.as_mut(), &session, id).await?;
    let here = (application.filed_at, id);
    let next = next_after(unit.as_mut(), &application.agency, &application.service, here).await?;
    let to = match next {
        Some(row) => format!("/console/applications/{}", row.id),
        None => "/console?done=none".to_owned(),
    };
    Ok(Redirect::to(&to).into_response())
}
