//! The officers' desk: who is logged in, and what a page of the desk shows around its content.

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use pishkhan_protocol::event::{Hash, tagged_hash};

use super::AppState;
use super::page::PageError;
use crate::storage::staff::{self, Officer};

pub mod act;
pub mod application;
pub mod document;
pub mod history;
pub mod login;
pub mod papers;
pub mod queue;

const COOKIE: &str = "pishkhan_session";
/// A session ends after a working day, however busy it was.
const SESSION_LIFE_MS: i64 = 8 * 60 * 60 * 1_000;

/// An officer's open session.
pub struct Session {
    /// Who.
    pub officer: Officer,
    /// Token that every form of this session carries.
    pub csrf: String,
    token_hash: Hash,
}

impl Session {
    /// Was this form made for this session?
    ///
    /// # Errors
    /// [`PageError::Forged`].
    pub fn check(&self, csrf: &str) -> Result<(), PageError> {
        if csrf == self.csrf { Ok(()) } else { Err(PageError::Forged) }
    }

    /// What stands around every page.
    #[must_use]
    pub fn frame(&self) -> Frame {
        Frame {
            agency_title: self.officer.agency_title.clone(),
            officer: self.officer.display_name.clone(),
            csrf: self.csrf.clone(),
        }
    }
}

/// What stands around every page of the desk.
pub struct Frame {
    /// Agency.
    pub agency_title: String,
    /// Officer.
    pub officer: String,
    /// Token for forms.
    pub csrf: String,
}

impl FromRequestParts<AppState> for Session {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Response> {
        let to_login = || Redirect::to("/console/login").into_response();
        let jar = CookieJar::from_headers(&parts.headers);
        let token = jar.get(COOKIE).map(|cookie| token_hash(cookie.value()));
        let token_hash = token.ok_or_else(to_login)?;
        let now = state.centre.now();
        let failed = |error| PageError::from(error).into_response();
        let mut unit = state.centre.storage.begin().await.map_err(failed)?;
        let idle_since = now - state.session_idle_ms;
        let opened_since = now - SESSION_LIFE_MS;
        let found = staff::touch_session(unit.as_mut(), token_hash, idle_since, opened_since, now)
            .await
            .map_err(failed)?;
        unit.commit().await.map_err(failed)?;
        let (officer, csrf) = found.ok_or_else(to_login)?;
        Ok(Self { officer, csrf, token_hash })
    }
}

fn token_hash(token: &str) -> Hash {
    tagged_hash(b"pishkhan/session/v1", &[token.as_bytes()])
}

fn cookie(token: String, secure: bool) -> Cookie<'static> {
    Cookie::build((COOKIE, token))
        .path("/console")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(secure)
        .build()
}

/// Nobody's cache keeps a page of the desk.
const NO_STORE: [(header::HeaderName, &str); 1] = [(header::CACHE_CONTROL, "no-store")];
