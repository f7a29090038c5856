//! Logging in and out.

use argon2::Argon2;
use argon2::password_hash::PasswordVerifier;
use argon2::password_hash::phc::PasswordHash;
use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::Cookie;
use serde::Deserialize;

use super::Session;
use crate::secret::{hex, random};
use crate::storage::{audit_log, sessions, staff};
use crate::web::AppState;
use crate::web::guard::Caller;
use crate::web::page::{PageError, page};
use crate::web::session::{COOKIE, cookie, token_hash};

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
    csrf: String,
}

const WRONG: &str = "نام کاربری یا گذرواژه درست نیست.";
const TOO_OFTEN: &str = "تلاش‌های نادرست زیاد شد. ده دقیقه صبر کنید.";
/// Checked in the place of an unknown officer's, so that both take as long.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5bm9ib2R5bm8$\
                      3v1r2mEYb0nCvJoW6dJ8dJ1S0yq5iR3o2gk2oGgk6c0";

/// `GET /console/login`.
pub async fn form() -> Response {
    page(StatusCode::OK, &Login { username: String::new(), message: None })
}

/// `POST /console/login`.
pub async fn login(
    State(state): State<AppState>,
    Caller(caller): Caller,
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
    if !verify(stored, typed.password).await {
        return refused(StatusCode::UNAUTHORIZED, WRONG);
    }
    let failed = |_| PageError::Unavailable;
    let token = hex(&random::<32>().map_err(failed)?);
    let csrf = hex(&random::<16>().map_err(failed)?);
    let mut unit = state.centre.storage.begin().await?;
    let Some(member) = staff::find(unit.as_mut(), &username).await? else {
        return refused(StatusCode::UNAUTHORIZED, WRONG);
    };
    sessions::open(unit.as_mut(), token_hash(&token), &username, &csrf, "", now).await?;
    audit_log::record(unit.as_mut(), &member, "session.opened", &username, "", now).await?;
    unit.commit().await?;
    let secure = state.centre.public_url.starts_with("https://");
    let jar = CookieJar::new().add(cookie(COOKIE, token, secure));
    Ok((jar, Redirect::to(member.role.home())).into_response())
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

async fn verify(stored: Option<String>, password: String) -> bool {
    let known = stored.is_some();
    let stored = stored.unwrap_or_else(|| NOBODY.to_owned());
    let fits = tokio::task::spawn_blocking(move || {
        PasswordHash::new(&stored)
            .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
    });
    fits.await.unwrap_or(false) && known
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_officer_costs_as_much_as_a_known_one() {
        // A hash that does not parse would be refused at once, and tell who is known.
        assert!(PasswordHash::new(NOBODY).is_ok());
    }
}
