//! Changing one's own password.

use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::{Notice, Session, renew, show};
use crate::passwords;
use crate::storage::{audit_log, factors, sessions};
use crate::web::AppState;
use crate::web::page::PageError;

/// What was typed.
#[derive(Deserialize)]
pub struct Change {
    csrf: String,
    current: String,
    password: String,
    again: String,
}

/// `POST /console/account/password`.
pub async fn change(
    State(state): State<AppState>,
    session: Session,
    Form(typed): Form<Change>,
) -> Result<Response, PageError> {
    session.check(&typed.csrf)?;
    let (member, now) = (&session.officer, state.centre.now());
    let username = member.username.as_str();
    let refused =
        |status, text| show(&state, &session, status, Some(Notice { text, is_error: true }));
    if !state.limits.login.take(&format!("name {username}"), now) {
        let text = "تلاش‌های نادرست زیاد شد. ده دقیقه صبر کنید.";
        return refused(StatusCode::TOO_MANY_REQUESTS, text).await;
    }
    let mut unit = state.centre.storage.read().await?;
    let standing = factors::standing(unit.as_mut(), username).await?;
    drop(unit);
    let stored = standing.map(|standing| standing.password_hash);
    if !passwords::verify(stored, typed.current.clone()).await {
        let text = "گذرواژهٔ کنونی درست نیست. آن را دوباره بنویسید.";
        return refused(StatusCode::UNPROCESSABLE_ENTITY, text).await;
    }
    if let Some(text) = passwords::fault(&typed.password, &typed.again, username) {
        return refused(StatusCode::UNPROCESSABLE_ENTITY, text).await;
    }
    if typed.password == typed.current {
        let text = "گذرواژهٔ تازه همان گذرواژهٔ کنونی است. گذرواژهٔ دیگری برگزینید.";
        return refused(StatusCode::UNPROCESSABLE_ENTITY, text).await;
    }
    let hash = passwords::hash(typed.password).await.map_err(|error| {
        crate::web::report(&error);
        PageError::Unavailable
    })?;
    let mut unit = state.centre.storage.begin().await?;
    factors::set_password(unit.as_mut(), username, &hash, false).await?;
    sessions::close_others(unit.as_mut(), username, session.token_hash).await?;
    let jar = renew(&state, unit.as_mut(), &session).await?;
    let act = "staff.password_changed";
    audit_log::record(unit.as_mut(), member, act, username, "", now).await?;
    unit.commit().await?;
    Ok((jar, Redirect::to("/console/account?done=password")).into_response())
}
