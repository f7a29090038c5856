//! A member's own account: password, second factor, open sessions.
//!
//! Invariant: whoever proves anew, or changes what proves, goes on with another token.

use askama::Template;
use axum::Router;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use axum_extra::extract::CookieJar;
use pishkhan_domain::jalali;
use serde::Deserialize;

use super::sign_in::{is_secure, new_token};
use super::{Frame, Session};
use crate::secret::hex;
use crate::storage::sessions::{self, ListedSession};
use crate::storage::{Unit, factors};
use crate::web::AppState;
use crate::web::page::{PageError, page};
use crate::web::session::{COOKIE, SESSION_LIFE_MS, cookie, token_hash};
use crate::wording;

pub mod ending;
pub mod factor;
pub mod password;
pub mod prove;

/// Its addresses.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/console/account", get(account))
        .route("/console/account/password", post(password::change))
        .route("/console/account/sessions", post(ending::end))
        .route("/console/account/factor", get(factor::form).post(factor::set_up))
        .route("/console/account/recovery-codes", post(factor::recovery_codes))
        .route("/console/account/prove", get(prove::form).post(prove::prove))
}

#[derive(Template)]
#[template(path = "account/account.html")]
struct Account {
    frame: Frame,
    username: String,
    message: Option<Notice>,
    has_factor: bool,
    needs_factor: bool,
    codes_left: String,
    sessions: Vec<SessionRow>,
}

/// A sentence above the page.
struct Notice {
    text: &'static str,
    is_error: bool,
}

struct SessionRow {
    id: String,
    agent: String,
    opened: String,
    seen: String,
    is_this: bool,
}

/// What was done just now.
#[derive(Deserialize)]
pub struct Done {
    #[serde(default)]
    done: String,
}

/// `GET /console/account`.
pub async fn account(
    State(state): State<AppState>,
    session: Session,
    Query(done): Query<Done>,
) -> Result<Response, PageError> {
    let text = match done.done.as_str() {
        "password" => Some("گذرواژه عوض شد و نشست‌های دیگر شما بسته شد."),
        "session" => Some("آن نشست بسته شد."),
        "sessions" => Some("همهٔ نشست‌های دیگر بسته شد."),
        _ => None,
    };
    let message = text.map(|text| Notice { text, is_error: false });
    show(&state, &session, StatusCode::OK, message).await
}

async fn show(
    state: &AppState,
    session: &Session,
    status: StatusCode,
    message: Option<Notice>,
) -> Result<Response, PageError> {
    let now = state.centre.now();
    let username = session.officer.username.as_str();
    let mut unit = state.centre.storage.read().await?;
    let (idle_since, opened_since) = (now - state.session_idle_ms, now - SESSION_LIFE_MS);
    let open = sessions::of(unit.as_mut(), username, idle_since, opened_since).await?;
    let codes_left = factors::recovery_codes_left(unit.as_mut(), username).await?;
    let view = Account {
        frame: session.frame(),
        username: username.to_owned(),
        message,
        has_factor: session.has_factor,
        needs_factor: session.role().needs_factor(),
        codes_left: wording::number(codes_left),
        sessions: open.iter().map(|open| row(open, session)).collect(),
    };
    Ok(page(status, &view))
}

fn row(open: &ListedSession, own: &Session) -> SessionRow {
    SessionRow {
        id: hex(&open.token_hash),
        agent: wording::browser(&open.agent),
        opened: jalali::timestamp_in_digits(open.created_at),
        seen: jalali::timestamp_in_digits(open.seen_at),
        is_this: open.token_hash == own.token_hash,
    }
}

/// Goes on with another token; gives its cookie.
async fn renew(
    state: &AppState,
    unit: &mut dyn Unit,
    session: &Session,
) -> Result<CookieJar, PageError> {
    let token = new_token()?;
    let hash = token_hash(&token);
    sessions::renew(unit, session.token_hash, hash, state.centre.now()).await?;
    Ok(CookieJar::new().add(cookie(COOKIE, token, is_secure(state))))
}
