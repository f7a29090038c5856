//! Logging in by name and password, and logging out.

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::Cookie;
use serde::Deserialize;

use super::Session;
use super::sign_in;
use crate::passwords;
use crate::storage::{audit_log, factors, sessions, staff};
use crate::web::AppState;
use crate::web::guard::Caller;
use crate::web::page::{PageError, page};
use crate::web::session::COOKIE;

#[derive(Template)]
#[template(path = "login.html")]
struct Login {
    username: String,
    message: Option<&'static str>,
}

/// What was typed.
#[derive(Deserialize)]
pub struct Credentials {
    username: String,
    password: String,
}

/// A form that carries nothing but its token.
#[derive(Deserialize)]
pub struct Bare {
    /// Token of the session.
    pub csrf: String,
}

const WRONG: &str = "نام کاربری یا گذرواژه درست نیست.";
const TOO_OFTEN: &str = "تلاش‌های نادرست زیاد شد. ده دقیقه صبر کنید.";

/// `GET /console/login`.
pub async fn form() -> Response {
    page(StatusCode::OK, &Login { username: String::new(), message: None })
}

/// `POST /console/login`.
pub async fn login(
    State(state): State<AppState>,
    Caller(caller): Caller,
    headers: HeaderMap,
    Form(typed): Form<Credentials>,
) -> Result<Response, PageError> {
    let now = state.centre.now();
    let username = typed.username.trim().to_ascii_lowercase();
    let refused = |status, message| {
        let username = typed.username.chars().take(64).collect();
        Ok(page(status, &Login { username, message: Some(message) }))
    };
    let limits = &state.limits.login;
    if !limits.take(&caller, now) || !limits.take(&format!("name {username}"), now) {
        return refused(StatusCode::TOO_MANY_REQUESTS, TOO_OFTEN);
    }
    let mut unit = state.centre.storage.read().await?;
    let stored = staff::password_hash(unit.as_mut(), &username).await?;
    drop(unit);
    if !passwords::verify(stored.clone(), typed.password).await {
        return refused(StatusCode::UNAUTHORIZED, WRONG);
    }
    let mut unit = state.centre.storage.begin().await?;
    let member = staff::find(unit.as_mut(), &username).await?;
    let standing = factors::standing(unit.as_mut(), &username).await?;
    let (Some(member), Some(standing)) = (member, standing) else {
        return refused(StatusCode::UNAUTHORIZED, WRONG);
    };
    if stored.as_ref() != Some(&standing.password_hash) {
        // Changed while this one was compared.
        return refused(StatusCode::UNAUTHORIZED, WRONG);
    }
    sign_in::begin(&state, unit, &member, &standing, &headers).await
}

/// `POST /console/logout`.
pub async fn logout(
    State(state): State<AppState>,
    session: Session,
    jar: CookieJar,
    Form(form): Form<Bare>,
) -> Result<Response, PageError> {
    session.check(&form.csrf)?;
    let mut unit = state.centre.storage.begin().await?;
    sessions::close(unit.as_mut(), session.token_hash).await?;
    let (member, now) = (&session.officer, state.centre.now());
    let subject = member.username.as_str();
    audit_log::record(unit.as_mut(), member, "session.closed", subject, "", now).await?;
    unit.commit().await?;
    let jar = jar.remove(Cookie::build(COOKIE).path("/"));
    Ok((jar, Redirect::to("/console/login")).into_response())
}
