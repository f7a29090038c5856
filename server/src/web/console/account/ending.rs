//! Ending one's own sessions, one or all others.

use axum::Form;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use pishkhan_domain::content_hash::ContentHash;
use serde::Deserialize;

use super::Session;
use crate::storage::{audit_log, sessions};
use crate::web::AppState;
use crate::web::page::PageError;

/// Which.
#[derive(Deserialize)]
pub struct Ended {
    csrf: String,
    /// Hash of its token; `others` is all but this one.
    session: String,
}

/// `POST /console/account/sessions`.
pub async fn end(
    State(state): State<AppState>,
    session: Session,
    Form(ended): Form<Ended>,
) -> Result<Response, PageError> {
    session.check(&ended.csrf)?;
    let (member, now) = (&session.officer, state.centre.now());
    let username = member.username.as_str();
    let mut unit = state.centre.storage.begin().await?;
    let (detail, done) = if ended.session == "others" {
        let closed = sessions::close_others(unit.as_mut(), username, session.token_hash).await?;
        (closed.to_string(), "sessions")
    } else {
        // The same 64 digits as any hash of ours.
        let hash: ContentHash = ended.session.parse().map_err(|_| PageError::NotFound)?;
        if !sessions::close_own(unit.as_mut(), username, hash.0).await? {
            return Ok(Redirect::to("/console/account").into_response());
        }
        ("1".to_owned(), "session")
    };
    let act = "session.ended_elsewhere";
    audit_log::record(unit.as_mut(), member, act, username, &detail, now).await?;
    unit.commit().await?;
    Ok(Redirect::to(&format!("/console/account?done={done}")).into_response())
}
