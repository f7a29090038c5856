//! Showing again that it is oneself, before anything that gives or takes rights: the code of the
//! app, or the password where there is no factor.

use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::{Session, renew};
use crate::passwords;
use crate::sign_in::{self, Shown};
use crate::storage::{audit_log, factors};
use crate::web::AppState;
use crate::web::console::Frame;
use crate::web::console::sign_in::{TOO_OFTEN, WRONG_CODE};
use crate::web::page::{PageError, page};

#[derive(Template)]
#[template(path = "account/prove.html")]
struct Prove {
    frame: Frame,
    to: String,
    has_factor: bool,
    message: Option<&'static str>,
}

/// Where to go afterwards.
#[derive(Deserialize)]
pub struct Wanted {
    #[serde(default)]
    to: String,
}

/// What was typed.
#[derive(Deserialize)]
pub struct Proof {
    csrf: String,
    proof: String,
    #[serde(default)]
    to: String,
}

/// `GET /console/account/prove`.
pub async fn form(session: Session, Query(wanted): Query<Wanted>) -> Response {
    show(&session, StatusCode::OK, &wanted.to, None)
}

/// `POST /console/account/prove`.
pub async fn prove(
    State(state): State<AppState>,
    session: Session,
    Form(typed): Form<Proof>,
) -> Result<Response, PageError> {
    session.check(&typed.csrf)?;
    let (member, now) = (&session.officer, state.centre.now());
    let username = member.username.as_str();
    if !state.limits.factor.take(username, now) {
        let status = StatusCode::TOO_MANY_REQUESTS;
        return Ok(show(&session, status, &typed.to, Some(TOO_OFTEN)));
    }
    let wrong = if session.has_factor {
        WRONG_CODE
    } else {
        let mut unit = state.centre.storage.read().await?;
        let standing = factors::standing(unit.as_mut(), username).await?;
        drop(unit);
        let stored = standing.map(|standing| standing.password_hash);
        if passwords::verify(stored, typed.proof.clone()).await { "" } else { WRONG_PASSWORD }
    };
    let mut unit = state.centre.storage.begin().await?;
    let proved = if session.has_factor {
        let shown =
            sign_in::show_factor(&state.centre, unit.as_mut(), username, &typed.proof).await?;
        shown != Shown::Wrong
    } else {
        wrong.is_empty()
    };
    if !proved {
        let act = "session.proof_wrong";
        audit_log::record(unit.as_mut(), member, act, username, "", now).await?;
        unit.commit().await?;
        return Ok(show(&session, StatusCode::UNAUTHORIZED, &typed.to, Some(wrong)));
    }
    state.limits.factor.give_back(username);
    let jar = renew(&state, unit.as_mut(), &session).await?;
    let act = "session.proved";
    audit_log::record(unit.as_mut(), member, act, username, "", now).await?;
    unit.commit().await?;
    Ok((jar, Redirect::to(own_path(&typed.to))).into_response())
}

const WRONG_PASSWORD: &str = "گذرواژه درست نیست. آن را دوباره بنویسید.";

fn show(
    session: &Session,
    status: StatusCode,
    to: &str,
    message: Option<&'static str>,
) -> Response {
    let to = own_path(to).to_owned();
    let view = Prove { frame: session.frame(), to, has_factor: session.has_factor, message };
    page(status, &view)
}

/// A path of the centre itself; a link of somebody else's leads to the account instead.
fn own_path(to: &str) -> &str {
    let plain = |letter: u8| letter.is_ascii_alphanumeric() || b"/-_.?=&".contains(&letter);
    let ours = to.starts_with("/admin") || to.starts_with("/console");
    if ours && to.bytes().all(plain) { to } else { "/console/account" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_elsewhere() {
        assert_eq!(own_path("/admin/staff/sample-1"), "/admin/staff/sample-1");
        for to in
            ["", "//evil.example", "https://evil.example", "/admin\\x", "/track", "/admin\r\n"]
        {
            assert_eq!(own_path(to), "/console/account", "{to}");
        }
    }
}
