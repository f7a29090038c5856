//! Setting one's own second factor up, or up anew, and getting other recovery codes.

use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::{Session, renew};
use crate::sign_in;
use crate::storage::{audit_log, sessions};
use crate::web::AppState;
use crate::web::console::login::Bare;
use crate::web::console::sign_in::{RecoveryCodes, TOO_OFTEN, WRONG_CODE};
use crate::web::page::{PageError, page};
use crate::web::setting_up::SettingUp;

const HERE: &str = "/console/account/factor";

/// The first code of the app.
#[derive(Deserialize)]
pub struct FirstCode {
    csrf: String,
    code: String,
}

/// `GET /console/account/factor`.
pub async fn form(State(state): State<AppState>, session: Session) -> Result<Response, PageError> {
    session.proved_to_open(state.centre.now(), HERE)?;
    let username = &session.officer.username;
    let mut unit = state.centre.storage.begin().await?;
    let candidate = sessions::candidate(unit.as_mut(), session.token_hash).await?;
    let sealed = match candidate {
        Some(sealed) => sealed,
        None => {
            let (_, sealed) = sign_in::new_secret(&state.centre, username).await?;
            sessions::set_candidate(unit.as_mut(), session.token_hash, Some(&sealed)).await?;
            sealed
        }
    };
    unit.commit().await?;
    let form = SettingUp::of(&state.centre, username, &sealed, &session.csrf, None).await?;
    Ok(form.in_account(StatusCode::OK, session.frame()))
}

/// `POST /console/account/factor`.
pub async fn set_up(
    State(state): State<AppState>,
    session: Session,
    Form(typed): Form<FirstCode>,
) -> Result<Response, PageError> {
    session.check(&typed.csrf)?;
    let (centre, now) = (&state.centre, state.centre.now());
    session.proved_to_send(now, HERE)?;
    let username = session.officer.username.as_str();
    let mut unit = centre.storage.begin().await?;
    let candidate = sessions::candidate(unit.as_mut(), session.token_hash).await?;
    let Some(sealed) = candidate else { return Err(PageError::ProveFirst(HERE.to_owned())) };
    let refused = async |status, message| {
        let csrf = &session.csrf;
        let form = SettingUp::of(centre, username, &sealed, csrf, Some(message)).await?;
        Ok(form.in_account(status, session.frame()))
    };
    if !state.limits.factor.take(username, now) {
        return refused(StatusCode::TOO_MANY_REQUESTS, TOO_OFTEN).await;
    }
    let set = sign_in::set_up_factor(centre, unit.as_mut(), username, &sealed, &typed.code).await?;
    let Some(codes) = set else {
        return refused(StatusCode::UNPROCESSABLE_ENTITY, WRONG_CODE).await;
    };
    state.limits.factor.give_back(username);
    sessions::set_candidate(unit.as_mut(), session.token_hash, None).await?;
    sessions::close_others(unit.as_mut(), username, session.token_hash).await?;
    let jar = renew(&state, unit.as_mut(), &session).await?;
    let (member, act) = (&session.officer, "staff.factor_set_up");
    audit_log::record(unit.as_mut(), member, act, username, "", now).await?;
    unit.commit().await?;
    let view = RecoveryCodes { codes, home: "/console/account" };
    Ok((jar, page(StatusCode::OK, &view)).into_response())
}

/// `POST /console/account/recovery-codes`.
pub async fn recovery_codes(
    State(state): State<AppState>,
    session: Session,
    Form(form): Form<Bare>,
) -> Result<Response, PageError> {
    session.check(&form.csrf)?;
    let now = state.centre.now();
    session.proved_to_send(now, "/console/account")?;
    if !session.has_factor {
        return Err(PageError::NotFound);
    }
    let (member, username) = (&session.officer, session.officer.username.as_str());
    let mut unit = state.centre.storage.begin().await?;
    let codes = sign_in::new_recovery_codes(unit.as_mut(), username).await?;
    let act = "staff.recovery_codes_made";
    audit_log::record(unit.as_mut(), member, act, username, "", now).await?;
    unit.commit().await?;
    let view = RecoveryCodes { codes, home: "/console/account" };
    Ok(page(StatusCode::OK, &view))
}
