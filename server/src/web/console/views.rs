//! Filters of the queue that an officer keeps under a name.

use axum::Form;
use axum::extract::{Query, State};
use axum::http::Uri;
use axum::response::{IntoResponse, Redirect, Response};
use pishkhan_domain::persian_text::clean;
use serde::Deserialize;

use super::Session;
use super::queue::wanted::Wanted;
use crate::storage::saved_views::{self, MOST, SavedView};
use crate::web::AppState;
use crate::web::page::PageError;

const LONGEST_NAME: usize = 40;

/// A view to keep.
#[derive(Deserialize)]
pub struct Kept {
    csrf: String,
    name: String,
    filters: String,
}

/// A view to drop.
#[derive(Deserialize)]
pub struct Dropped {
    csrf: String,
    name: String,
}

/// `POST /console/views`.
pub async fn save(
    State(state): State<AppState>,
    session: Session,
    Form(kept): Form<Kept>,
) -> Result<Response, PageError> {
    session.check(&kept.csrf)?;
    let name = clean(&kept.name).unwrap_or_default();
    if name.is_empty() || name.chars().count() > LONGEST_NAME {
        return Ok(Redirect::to("/console?done=view_name").into_response());
    }
    // Written anew from what was understood of it: nothing else can ever stand in the link.
    let wanted = format!("/console?{}", kept.filters).parse::<Uri>().ok();
    let wanted = wanted.and_then(|uri| Query::<Wanted>::try_from_uri(&uri).ok());
    let Query(wanted) = wanted.unwrap_or_default();
    let filters = format!("state={}{}", wanted.tab(), wanted.filters());
    let username = session.officer.username.as_str();
    let mut unit = state.centre.storage.begin().await?;
    let known = saved_views::of(unit.as_mut(), username).await?;
    if known.len() >= MOST && known.iter().all(|view| view.name != name) {
        return Ok(Redirect::to("/console?done=view_full").into_response());
    }
    let view = SavedView { name, filters };
    saved_views::save(unit.as_mut(), username, &view, state.centre.now()).await?;
    unit.commit().await?;
    Ok(Redirect::to(&format!("/console?{}&done=view", view.filters)).into_response())
}

/// `POST /console/views/remove`.
pub async fn remove(
    State(state): State<AppState>,
    session: Session,
    Form(dropped): Form<Dropped>,
) -> Result<Response, PageError> {
    session.check(&dropped.csrf)?;
    let mut unit = state.centre.storage.begin().await?;
    saved_views::remove(unit.as_mut(), &session.officer.username, &dropped.name).await?;
    unit.commit().await?;
    Ok(Redirect::to("/console").into_response())
}
