//! Who is signed in, and the gate that asks the access table before anything else is done.
//!
//! Invariant: a handler is only reached when the table lets this caller pass; the session it gets
//! is the one that the gate has found.

use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use pishkhan_protocol::event::{Hash, tagged_hash};

use super::guard::with_headers;
use super::page::{Message, PageError, page};
use super::{AppState, HANDLER_TIME};
use crate::access::{self, Access, Found, Role, Scope};
use crate::storage::StorageError;
use crate::storage::sessions;
use crate::storage::staff::Officer;

pub(super) const COOKIE: &str = "pishkhan_session";
/// A session ends after a working day, however busy it was.
pub(super) const SESSION_LIFE_MS: i64 = 8 * 60 * 60 * 1_000;
/// How long a proof is good for opening a form that needs one.
const PROOF_TO_OPEN_MS: i64 = 15 * 60 * 1_000;
/// How long for sending it: what was opened in time can be filled in.
const PROOF_TO_SEND_MS: i64 = 30 * 60 * 1_000;

/// What an open page asks for by itself does not keep a session open that nobody sits at.
const ASKED_BY_ITSELF: [&str; 1] = ["/console/news"];

/// An open session of a member of the staff.
#[derive(Clone, Debug)]
pub struct Session {
    /// Who.
    pub officer: Officer,
    /// Token that every form of this session carries.
    pub csrf: String,
    /// When he or she last showed what only he or she knows or has.
    pub proved_at: i64,
    /// Has he or she set up a second factor?
    pub has_factor: bool,
    pub(super) token_hash: Hash,
}

impl Session {
    /// What he or she is.
    #[must_use]
    pub fn role(&self) -> Role {
        self.officer.role
    }

    /// Of what.
    #[must_use]
    pub fn scope(&self) -> &Scope {
        &self.officer.scope
    }

    /// Was this form made for this session?
    ///
    /// # Errors
    /// [`PageError::Forged`].
    pub fn check(&self, csrf: &str) -> Result<(), PageError> {
        if csrf == self.csrf { Ok(()) } else { Err(PageError::Forged) }
    }

    /// Sends whoever has not lately proved to be who he or she is to do that, and then to `to`:
    /// before a form that gives or takes rights is opened.
    ///
    /// # Errors
    /// [`PageError::ProveFirst`].
    pub fn proved_to_open(&self, now: i64, to: &str) -> Result<(), PageError> {
        self.proved(now, PROOF_TO_OPEN_MS, to)
    }

    /// The same before such a form is taken.
    ///
    /// # Errors
    /// [`PageError::ProveFirst`].
    pub fn proved_to_send(&self, now: i64, to: &str) -> Result<(), PageError> {
        self.proved(now, PROOF_TO_SEND_MS, to)
    }

    fn proved(&self, now: i64, life: i64, to: &str) -> Result<(), PageError> {
        if now - self.proved_at < life { Ok(()) } else { Err(PageError::ProveFirst(to.to_owned())) }
    }

    /// What stands around every page.
    #[must_use]
    pub fn frame(&self) -> Frame {
        let Officer { agency_title, role, display_name, .. } = &self.officer;
        let part = match &self.officer.scope {
            Scope::Agency(_) => agency_title.clone(),
            Scope::County { county, .. } => county.clone(),
            Scope::Province(province) => province.clone(),
            Scope::Country => role.label().to_owned(),
        };
        Frame {
            agency_title: part,
            officer: display_name.clone(),
            csrf: self.csrf.clone(),
            role: *role,
        }
    }
}

/// What stands around every page of the staff.
pub struct Frame {
    /// Agency, or the part of the country.
    pub agency_title: String,
    /// Who.
    pub officer: String,
    /// Token for forms.
    pub csrf: String,
    /// What he or she is.
    pub role: Role,
}

impl Frame {
    /// Where the way home leads.
    #[must_use]
    pub fn home(&self) -> &'static str {
        self.role.home()
    }

    /// The parts of the administration that are open to this role.
    #[must_use]
    pub fn places(&self) -> Vec<(&'static str, &'static str)> {
        PLACES.into_iter().filter(|(path, _)| self.may(path)).collect()
    }

    /// Is this one of the roles that may go there? For links that not everybody has.
    #[must_use]
    pub fn may(&self, path: &str) -> bool {
        matches!(access::find("GET", path),
            Found::Access(Access::Staff(roles)) if roles.contains(&self.role))
    }
}

/// Parts of the administration, in the order in which they stand on every page of it.
const PLACES: [(&str, &str); 8] = [
    ("/admin", "نیازمند توجه"),
    ("/admin/agencies", "دستگاه‌های اجرایی"),
    ("/admin/staff", "کارکنان"),
    ("/admin/offices", "دفترها"),
    ("/admin/devices", "رایانه‌ها"),
    ("/admin/cards", "شناسنامه‌های خدمت"),
    ("/admin/holidays", "تعطیلات"),
    ("/admin/audit-log", "دفتر رویدادها"),
];

impl<S: Sync> FromRequestParts<S> for Session {
    type Rejection = Response;

    /// The gate has put it there; where it has not, the address is nobody's who is signed in.
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        parts.extensions.get::<Self>().cloned().ok_or_else(to_login)
    }
}

/// Asks the table.
pub(super) async fn gate(
    State(state): State<AppState>,
    mut request: Request,
    next: Next,
) -> Response {
    let path = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let found = access::find(request.method().as_str(), path.unwrap_or_default());
    let roles = match found {
        Found::Nothing => return with_headers(refusal()),
        Found::OtherMethod => return StatusCode::METHOD_NOT_ALLOWED.into_response(),
        Found::Access(Access::Staff(roles)) => roles,
        Found::Access(
            Access::Everybody
            | Access::Devices
            | Access::Systems
            | Access::Monitor
            | Access::SigningIn,
        ) => return next.run(request).await,
    };
    let by_itself = path.is_some_and(|path| ASKED_BY_ITSELF.contains(&path));
    let looked = find(&state, request.headers(), !by_itself);
    let looked = tokio::time::timeout(HANDLER_TIME, looked).await;
    let session = match looked {
        Ok(Ok(Some(session))) => session,
        Ok(Ok(None)) => return with_headers(to_login()),
        Ok(Err(error)) => return with_headers(PageError::from(error).into_response()),
        Err(_) => return with_headers(PageError::Unavailable.into_response()),
    };
    // No session is opened for such a role without a factor; one that was lost or taken away since
    // must be set up again before anything else.
    if session.officer.role.needs_factor() && !session.has_factor {
        return with_headers(to_login());
    }
    if !roles.contains(&session.officer.role) {
        tracing::warn!(username = session.officer.username, path, "refused");
        return with_headers(refusal());
    }
    request.extensions_mut().insert(session);
    next.run(request).await
}

async fn find(
    state: &AppState,
    headers: &HeaderMap,
    touches: bool,
) -> Result<Option<Session>, StorageError> {
    let jar = CookieJar::from_headers(headers);
    let Some(token_hash) = jar.get(COOKIE).map(|cookie| token_hash(cookie.value())) else {
        return Ok(None);
    };
    let now = state.centre.now();
    let mut unit = state.centre.storage.begin().await?;
    let (idle_since, opened_since) = (now - state.session_idle_ms, now - SESSION_LIFE_MS);
    let found = sessions::touch(unit.as_mut(), token_hash, idle_since, opened_since, now).await?;
    if touches {
        unit.commit().await?;
    }
    Ok(found.map(|open| Session {
        officer: open.officer,
        csrf: open.csrf,
        proved_at: open.proved_at,
        has_factor: open.has_factor,
        token_hash,
    }))
}

pub(super) fn to_login() -> Response {
    Redirect::to("/console/login").into_response()
}

fn refusal() -> Response {
    let title = "این صفحه برای نقش شما نیست";
    let text = "هر نقش تنها صفحه‌هایی را می‌بیند که برای کارش لازم است. \
                اگر فکر می‌کنید این صفحه باید برای شما باز باشد، از راهبر سامانه بپرسید.";
    page(StatusCode::FORBIDDEN, &Message { title, text, back: "/console/login" })
}

/// What is kept of a token.
#[must_use]
pub fn token_hash(token: &str) -> Hash {
    tagged_hash(b"pishkhan/session/v1", &[token.as_bytes()])
}

pub(super) fn cookie(name: &'static str, token: String, secure: bool) -> Cookie<'static> {
    Cookie::build((name, token))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(secure)
        .build()
}
