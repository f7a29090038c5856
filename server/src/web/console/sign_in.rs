//! What comes between the password and the session: second factor, a password of one's own, setting
//! a factor up.
//!
//! Invariant: its cookie opens nothing but these pages, and every token is made here; one that a
//! browser brought along is never taken over.

use askama::Template;
use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use axum::{Form, Router};
use axum_extra::extract::CookieJar;
use pishkhan_protocol::event::Hash;
use serde::Deserialize;

use crate::passwords;
use crate::secret::{hex, random};
use crate::sign_in::{self, SIGN_IN_LIFE_MS, Shown, Step, next_step};
use crate::storage::factors::{self, Standing};
use crate::storage::sign_ins::{self, StoredSignIn};
use crate::storage::staff::Officer;
use crate::storage::{Unit, audit_log, sessions, staff};
use crate::web::AppState;
use crate::web::page::{PageError, page};
use crate::web::session::{COOKIE, SESSION_LIFE_MS, cookie, to_login, token_hash};
use crate::web::setting_up::SettingUp;

const SIGN_IN_COOKIE: &str = "pishkhan_sign_in";
/// Longest name of a browser that is kept.
const MAX_AGENT: usize = 200;
pub(super) const WRONG_CODE: &str = "این کد درست نیست یا پیش‌تر به کار رفته است. صبر کنید تا برنامه کد تازه نشان دهد و آن را بنویسید.";
pub(super) const TOO_OFTEN: &str =
    "کد نادرست زیاد نوشته شد. نیم ساعت صبر کنید، یا از راهبر سامانه بخواهید عامل دوم را از نو کند.";

/// Its addresses.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/console/login/factor", get(factor_form).post(show_factor))
        .route("/console/login/password", get(password_form).post(choose_password))
        .route("/console/login/set-up", get(set_up_form).post(set_up))
}

/// One who is signing in.
pub struct SigningIn {
    stored: StoredSignIn,
    token_hash: Hash,
}

impl FromRequestParts<AppState> for SigningIn {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Response> {
        let jar = CookieJar::from_headers(&parts.headers);
        let token = jar.get(SIGN_IN_COOKIE).ok_or_else(to_login)?;
        let token_hash = token_hash(token.value());
        let begun_after = state.centre.now() - SIGN_IN_LIFE_MS;
        let find = async {
            let mut unit = state.centre.storage.read().await?;
            sign_ins::find(unit.as_mut(), token_hash, begun_after).await
        };
        let found = find.await.map_err(|error| PageError::from(error).into_response())?;
        let stored = found.ok_or_else(to_login)?;
        Ok(Self { stored, token_hash })
    }
}

impl SigningIn {
    fn check(&self, csrf: &str) -> Result<(), PageError> {
        if csrf == self.stored.csrf { Ok(()) } else { Err(PageError::Forged) }
    }

    /// Who it is, and what comes next, read under the unit; none when the account was closed.
    async fn now(
        &self,
        unit: &mut dyn Unit,
    ) -> Result<Option<(Officer, Standing, Step)>, PageError> {
        let username = &self.stored.username;
        let member = staff::find(unit, username).await?;
        let standing = factors::standing(unit, username).await?;
        let (Some(member), Some(standing)) = (member, standing) else { return Ok(None) };
        let step = next_step(member.role, &standing, self.stored.factor_shown);
        Ok(Some((member, standing, step)))
    }

    /// The member, if this step is the next one; else where to go instead.
    async fn at(
        &self,
        unit: &mut dyn Unit,
        step: Step,
    ) -> Result<Result<(Officer, Standing), Response>, PageError> {
        Ok(match self.now(unit).await? {
            Some((member, standing, next)) if next == step => Ok((member, standing)),
            Some((_, _, next)) => Err(Redirect::to(address(next)).into_response()),
            None => Err(to_login()),
        })
    }
}

fn address(step: Step) -> &'static str {
    match step {
        Step::ShowFactor => "/console/login/factor",
        Step::ChoosePassword => "/console/login/password",
        Step::SetUpFactor => "/console/login/set-up",
        Step::Done => "/console/login",
    }
}

/// After the right password: a session, or what is to be shown first.
pub(super) async fn begin(
    state: &AppState,
    mut unit: Box<dyn Unit>,
    member: &Officer,
    standing: &Standing,
    headers: &HeaderMap,
) -> Result<Response, PageError> {
    let step = next_step(member.role, standing, false);
    if step == Step::Done {
        let jar = open_session(state, unit.as_mut(), member, headers).await?;
        unit.commit().await?;
        return Ok((jar, Redirect::to(member.role.home())).into_response());
    }
    let (token, csrf, now) = (new_token()?, new_csrf()?, state.centre.now());
    let (hash, username) = (token_hash(&token), member.username.as_str());
    let forget_before = now - SIGN_IN_LIFE_MS;
    sign_ins::begin(unit.as_mut(), hash, username, &csrf, forget_before, now).await?;
    unit.commit().await?;
    let jar = CookieJar::new().add(cookie(SIGN_IN_COOKIE, token, is_secure(state)));
    Ok((jar, Redirect::to(address(step))).into_response())
}

/// Opens a session with a token that nobody had before, and gives its cookie.
async fn open_session(
    state: &AppState,
    unit: &mut dyn Unit,
    member: &Officer,
    headers: &HeaderMap,
) -> Result<CookieJar, PageError> {
    let (token, csrf, now) = (new_token()?, new_csrf()?, state.centre.now());
    let username = member.username.as_str();
    sign_ins::end_all(unit, username).await?;
    sessions::forget(unit, now - SESSION_LIFE_MS).await?;
    let agent = agent(headers);
    sessions::open(unit, token_hash(&token), username, &csrf, &agent, now).await?;
    audit_log::record(unit, member, "session.opened", username, "", now).await?;
    Ok(CookieJar::new().add(cookie(COOKIE, token, is_secure(state))))
}

/// Takes the cookie of the sign-in away.
fn at_its_end(state: &AppState, jar: CookieJar) -> CookieJar {
    let mut done = cookie(SIGN_IN_COOKIE, String::new(), is_secure(state));
    done.make_removal();
    jar.add(done)
}

/// Goes to what comes next, which may be the session.
async fn go_on(
    state: &AppState,
    mut unit: Box<dyn Unit>,
    username: &str,
    factor_shown: bool,
    headers: &HeaderMap,
) -> Result<Response, PageError> {
    let member = staff::find(unit.as_mut(), username).await?;
    let standing = factors::standing(unit.as_mut(), username).await?;
    let (Some(member), Some(standing)) = (member, standing) else { return Ok(to_login()) };
    let step = next_step(member.role, &standing, factor_shown);
    if step != Step::Done {
        unit.commit().await?;
        return Ok(Redirect::to(address(step)).into_response());
    }
    let jar = open_session(state, unit.as_mut(), &member, headers).await?;
    unit.commit().await?;
    Ok((at_its_end(state, jar), Redirect::to(member.role.home())).into_response())
}

/// The empty form of a step, given the token of its sign-in; elsewhere, where another step is next.
async fn open_form(
    state: &AppState,
    signing_in: SigningIn,
    step: Step,
    form: impl FnOnce(String) -> Response,
) -> Result<Response, PageError> {
    let mut unit = state.centre.storage.read().await?;
    Ok(match signing_in.at(unit.as_mut(), step).await? {
        Ok(_) => form(signing_in.stored.csrf),
        Err(elsewhere) => elsewhere,
    })
}

#[derive(Template)]
#[template(path = "sign_in/factor.html")]
struct FactorForm {
    csrf: String,
    message: Option<&'static str>,
}

/// A typed code.
#[derive(Deserialize)]
pub struct TypedCode {
    csrf: String,
    code: String,
}

/// `GET /console/login/factor`.
pub async fn factor_form(
    State(state): State<AppState>,
    signing_in: SigningIn,
) -> Result<Response, PageError> {
    let form = |csrf| page(StatusCode::OK, &FactorForm { csrf, message: None });
    open_form(&state, signing_in, Step::ShowFactor, form).await
}

/// `POST /console/login/factor`.
pub async fn show_factor(
    State(state): State<AppState>,
    signing_in: SigningIn,
    headers: HeaderMap,
    Form(typed): Form<TypedCode>,
) -> Result<Response, PageError> {
    signing_in.check(&typed.csrf)?;
    let (now, username) = (state.centre.now(), signing_in.stored.username.clone());
    let refused = |status, message| {
        let csrf = signing_in.stored.csrf.clone();
        let view = FactorForm { csrf, message: Some(message) };
        Ok(page(status, &view))
    };
    if !state.limits.factor.take(&username, now) {
        return refused(StatusCode::TOO_MANY_REQUESTS, TOO_OFTEN);
    }
    let mut unit = state.centre.storage.begin().await?;
    let member = match signing_in.at(unit.as_mut(), Step::ShowFactor).await? {
        Ok((member, _)) => member,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let shown = sign_in::show_factor(&state.centre, unit.as_mut(), &username, &typed.code).await?;
    if shown == Shown::Wrong {
        audit_log::record(unit.as_mut(), &member, "session.factor_wrong", &username, "", now)
            .await?;
        unit.commit().await?;
        return refused(StatusCode::UNAUTHORIZED, WRONG_CODE);
    }
    state.limits.factor.give_back(&username);
    sign_ins::factor_shown(unit.as_mut(), signing_in.token_hash).await?;
    if shown == Shown::RecoveryCode {
        let act = "session.recovery_code_used";
        audit_log::record(unit.as_mut(), &member, act, &username, "", now).await?;
    }
    go_on(&state, unit, &username, true, &headers).await
}

#[derive(Template)]
#[template(path = "sign_in/password.html")]
struct PasswordForm {
    csrf: String,
    message: Option<&'static str>,
}

/// A password, typed twice.
#[derive(Deserialize)]
pub struct TypedPassword {
    csrf: String,
    password: String,
    again: String,
}

/// `GET /console/login/password`.
pub async fn password_form(
    State(state): State<AppState>,
    signing_in: SigningIn,
) -> Result<Response, PageError> {
    let form = |csrf| page(StatusCode::OK, &PasswordForm { csrf, message: None });
    open_form(&state, signing_in, Step::ChoosePassword, form).await
}

/// `POST /console/login/password`.
pub async fn choose_password(
    State(state): State<AppState>,
    signing_in: SigningIn,
    headers: HeaderMap,
    Form(typed): Form<TypedPassword>,
) -> Result<Response, PageError> {
    signing_in.check(&typed.csrf)?;
    let username = signing_in.stored.username.clone();
    let mut unit = state.centre.storage.read().await?;
    let standing = match signing_in.at(unit.as_mut(), Step::ChoosePassword).await? {
        Ok((_, standing)) => standing,
        Err(elsewhere) => return Ok(elsewhere),
    };
    drop(unit);
    let mut fault = passwords::fault(&typed.password, &typed.again, &username);
    if fault.is_none()
        && passwords::verify(Some(standing.password_hash), typed.password.clone()).await
    {
        fault = Some("این همان گذرواژه‌ای است که به شما داده‌اند. گذرواژهٔ دیگری برگزینید.");
    }
    if fault.is_some() {
        let view = PasswordForm { csrf: signing_in.stored.csrf, message: fault };
        return Ok(page(StatusCode::UNPROCESSABLE_ENTITY, &view));
    }
    let hash = passwords::hash(typed.password).await.map_err(|error| {
        crate::web::report(&error);
        PageError::Unavailable
    })?;
    let mut unit = state.centre.storage.begin().await?;
    let member = match signing_in.at(unit.as_mut(), Step::ChoosePassword).await? {
        Ok((member, _)) => member,
        Err(elsewhere) => return Ok(elsewhere),
    };
    factors::set_password(unit.as_mut(), &username, &hash, false).await?;
    let (act, now) = ("staff.password_changed", state.centre.now());
    audit_log::record(unit.as_mut(), &member, act, &username, "", now).await?;
    go_on(&state, unit, &username, signing_in.stored.factor_shown, &headers).await
}

/// `GET /console/login/set-up`.
pub async fn set_up_form(
    State(state): State<AppState>,
    signing_in: SigningIn,
) -> Result<Response, PageError> {
    let mut unit = state.centre.storage.begin().await?;
    if let Err(elsewhere) = signing_in.at(unit.as_mut(), Step::SetUpFactor).await? {
        return Ok(elsewhere);
    }
    let StoredSignIn { username, csrf, candidate, .. } = &signing_in.stored;
    let sealed = match candidate {
        Some(sealed) => sealed.clone(),
        None => {
            let (_, sealed) = sign_in::new_secret(&state.centre, username).await?;
            sign_ins::set_candidate(unit.as_mut(), signing_in.token_hash, &sealed).await?;
            sealed
        }
    };
    unit.commit().await?;
    let form = SettingUp::of(&state.centre, username, &sealed, csrf, None).await?;
    Ok(form.at_sign_in(StatusCode::OK))
}

/// `POST /console/login/set-up`.
pub async fn set_up(
    State(state): State<AppState>,
    signing_in: SigningIn,
    headers: HeaderMap,
    Form(typed): Form<TypedCode>,
) -> Result<Response, PageError> {
    signing_in.check(&typed.csrf)?;
    let (centre, username) = (&state.centre, signing_in.stored.username.clone());
    let mut unit = centre.storage.begin().await?;
    let member = match signing_in.at(unit.as_mut(), Step::SetUpFactor).await? {
        Ok((member, _)) => member,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let Some(sealed) = &signing_in.stored.candidate else {
        return Ok(Redirect::to(address(Step::SetUpFactor)).into_response());
    };
    let set = sign_in::set_up_factor(centre, unit.as_mut(), &username, sealed, &typed.code).await?;
    let Some(codes) = set else {
        let csrf = &signing_in.stored.csrf;
        let form = SettingUp::of(centre, &username, sealed, csrf, Some(WRONG_CODE)).await?;
        return Ok(form.at_sign_in(StatusCode::UNPROCESSABLE_ENTITY));
    };
    let (act, now) = ("staff.factor_set_up", centre.now());
    audit_log::record(unit.as_mut(), &member, act, &username, "", now).await?;
    let jar = open_session(&state, unit.as_mut(), &member, &headers).await?;
    unit.commit().await?;
    let view = RecoveryCodes { codes, home: member.role.home() };
    Ok((at_its_end(&state, jar), page(StatusCode::OK, &view)).into_response())
}

/// The recovery codes, shown once.
#[derive(Template)]
#[template(path = "sign_in/recovery_codes.html")]
pub(super) struct RecoveryCodes {
    pub(super) codes: Vec<String>,
    pub(super) home: &'static str,
}

pub(super) fn new_token() -> Result<String, PageError> {
    random::<32>().map(|bytes| hex(&bytes)).map_err(|_| PageError::Unavailable)
}

fn new_csrf() -> Result<String, PageError> {
    random::<16>().map(|bytes| hex(&bytes)).map_err(|_| PageError::Unavailable)
}

pub(super) fn is_secure(state: &AppState) -> bool {
    state.centre.public_url.starts_with("https://")
}

fn agent(headers: &HeaderMap) -> String {
    let agent = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
    agent.unwrap_or_default().chars().take(MAX_AGENT).collect()
}
