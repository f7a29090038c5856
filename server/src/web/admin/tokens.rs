//! Tokens of an agency's own systems: list, make (told once), take away.

use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use pishkhan_domain::ids::AgencyCode;
use pishkhan_domain::jalali;
use serde::Deserialize;

use super::Notice;
use crate::agency_systems::{self, MOST_TITLE, TokenError};
use crate::storage::agency_tokens::{self, KeptToken};
use crate::storage::{Unit, audit_log, staff};
use crate::web::AppState;
use crate::web::page::{PageError, page};
use crate::web::session::{Frame, Session};
use crate::wording;

#[derive(Template)]
#[template(path = "admin/tokens.html")]
struct Tokens {
    frame: Frame,
    notice: Option<Notice>,
    code: String,
    title: String,
    rows: Vec<Row>,
    typed: String,
    most_letters: usize,
}

struct Row {
    title: String,
    made: String,
    used: String,
    revoked: Option<String>,
}

#[derive(Template)]
#[template(path = "admin/given_token.html")]
struct GivenToken {
    frame: Frame,
    code: String,
    agency: String,
    title: String,
    token: String,
    public_url: String,
}

/// What was done just now.
#[derive(Deserialize)]
pub struct Done {
    #[serde(default)]
    done: String,
}

/// `GET /admin/agencies/{code}/tokens`.
pub async fn list(
    State(state): State<AppState>,
    session: Session,
    Path(code): Path<String>,
    Query(done): Query<Done>,
) -> Result<Response, PageError> {
    let mut unit = state.centre.storage.read().await?;
    let agency = find(unit.as_mut(), &code).await?;
    session.proved_to_open(state.centre.now(), &path(&agency.0.0))?;
    let notice = (done.done == "revoked").then(|| Notice::done("توکن باطل شد و دیگر کار نمی‌کند."));
    show(unit.as_mut(), &session, StatusCode::OK, agency, (notice, String::new())).await
}

async fn show(
    unit: &mut dyn Unit,
    session: &Session,
    status: StatusCode,
    (code, title): (AgencyCode, String),
    (notice, typed): (Option<Notice>, String),
) -> Result<Response, PageError> {
    let rows = agency_tokens::of(unit, &code).await?;
    let view = Tokens {
        frame: session.frame(),
        notice,
        code: code.0,
        title,
        rows: rows.into_iter().map(row).collect(),
        typed,
        most_letters: MOST_TITLE,
    };
    Ok(page(status, &view))
}

fn row(kept: KeptToken) -> Row {
    Row {
        title: kept.title,
        made: jalali::timestamp_in_digits(kept.created_at),
        used: kept.used_at.map_or_else(|| "هرگز".to_owned(), jalali::timestamp_in_digits),
        revoked: kept.revoked_at.map(jalali::timestamp_in_digits),
    }
}

/// A token to be made, or to be taken away.
#[derive(Deserialize)]
pub struct TokenForm {
    csrf: String,
    #[serde(default)]
    title: String,
    /// `revoke` takes it away; anything else makes it.
    #[serde(default)]
    what: String,
}

/// `POST /admin/agencies/{code}/tokens`.
pub async fn edit(
    State(state): State<AppState>,
    session: Session,
    Path(code): Path<String>,
    Form(form): Form<TokenForm>,
) -> Result<Response, PageError> {
    session.check(&form.csrf)?;
    let (by, now) = (&session.officer, state.centre.now());
    let mut unit = state.centre.storage.begin().await?;
    let (code, agency) = find(unit.as_mut(), &code).await?;
    session.proved_to_send(now, &path(&code.0))?;
    if form.what == "revoke" {
        // Twice clicked is once taken away.
        if agency_tokens::revoke(unit.as_mut(), &code, &form.title, now).await? > 0 {
            let act = "agency_token.revoked";
            audit_log::record(unit.as_mut(), by, act, &code.0, &form.title, now).await?;
            unit.commit().await?;
        }
        return Ok(Redirect::to(&format!("{}?done=revoked", path(&code.0))).into_response());
    }
    let title = agency_systems::title(&form.title);
    let made = match &title {
        Ok(title) => agency_systems::make(unit.as_mut(), &code, title, now).await,
        Err(_) => Err(TokenError::Title),
    };
    let (title, token) = match (title, made) {
        (Ok(title), Ok(token)) => (title, token),
        (_, Err(error)) | (Err(error), _) => {
            drop(unit);
            let told = (Some(Notice::refusal(sentence(error)?)), form.title);
            let mut unit = state.centre.storage.read().await?;
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return show(unit.as_mut(), &session, status, (code, agency), told).await;
        }
    };
    audit_log::record(unit.as_mut(), by, "agency_token.added", &code.0, &title, now).await?;
    unit.commit().await?;
    let public_url = state.centre.public_url.clone();
    let frame = session.frame();
    let view = GivenToken { frame, code: code.0, agency, title, token, public_url };
    Ok(page(StatusCode::OK, &view))
}

fn sentence(error: TokenError) -> Result<String, PageError> {
    Ok(match error {
        TokenError::Title => format!(
            "نام سامانه: آن را بنویسید، در {} حرف یا کمتر. کارهای سامانه با همین نام در دفتر رویدادها می‌آید.",
            wording::number(MOST_TITLE)
        ),
        TokenError::InForce => {
            "نام سامانه: توکنی با این نام در کار است. نخست آن را باطل کنید یا نام دیگری بنویسید."
                .to_owned()
        }
        TokenError::NoSuchAgency => return Err(PageError::NotFound),
        TokenError::Storage(error) => return Err(error.into()),
        TokenError::Randomness(error) => {
            crate::web::report(&error);
            return Err(PageError::Unavailable);
        }
    })
}

async fn find(unit: &mut dyn Unit, code: &str) -> Result<(AgencyCode, String), PageError> {
    let mut known = staff::agencies(unit).await?.into_iter();
    known.find(|(known, _)| known.0 == code).ok_or(PageError::NotFound)
}

fn path(code: &str) -> String {
    format!("/admin/agencies/{code}/tokens")
}
