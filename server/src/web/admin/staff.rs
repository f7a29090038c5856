//! Accounts of the staff: list, open, change, give a password, take a factor away, close.

use std::fmt::Write as _;

use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use pishkhan_domain::jalali;
use serde::Deserialize;

use super::Notice;
use crate::access::{Role, Scope};
use crate::accounts::{self, AccountError};
use crate::administration::{AdministrationError, NewMember};
use crate::storage::accounts::{self as stored, Account};
use crate::storage::{Unit, staff};
use crate::web::AppState;
use crate::web::page::{PageError, cut, page};
use crate::web::session::{Frame, Session};

const PAGE: u32 = 50;
const LIST: &str = "/admin/staff";

#[derive(Template)]
#[template(path = "admin/staff.html")]
struct List {
    frame: Frame,
    notice: Option<Notice>,
    rows: Vec<Row>,
    next: Option<String>,
    typed: Typed,
    choices: Choices,
    opened: bool,
}

#[derive(Template)]
#[template(path = "admin/member.html")]
struct MemberPage {
    frame: Frame,
    notice: Option<Notice>,
    row: Row,
    typed: Typed,
    choices: Choices,
    closed: Option<String>,
    closed_reason: String,
}

#[derive(Template)]
#[template(path = "admin/given_password.html")]
struct GivenPassword {
    frame: Frame,
    username: String,
    password: String,
}

struct Row {
    username: String,
    name: String,
    role: &'static str,
    of: String,
    factor: &'static str,
    state: &'static str,
    state_class: &'static str,
}

/// What roles and agencies there are to choose from.
struct Choices {
    roles: [Role; 6],
    agencies: Vec<(String, String)>,
}

/// An account as it was typed.
#[derive(Default, Deserialize)]
pub struct Typed {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    username: String,
    #[serde(default)]
    display_name: String,
    #[serde(default)]
    role: String,
    #[serde(default)]
    agency: String,
    #[serde(default)]
    province: String,
    #[serde(default)]
    county: String,
}

/// A form with a reason, for the acts that need one.
#[derive(Deserialize)]
pub struct Reasoned {
    csrf: String,
    #[serde(default)]
    reason: String,
}

/// Which part of the list.
#[derive(Deserialize)]
pub struct Wanted {
    #[serde(default)]
    after: String,
    #[serde(default)]
    done: String,
}

/// `GET /admin/staff`.
pub async fn list(
    State(state): State<AppState>,
    session: Session,
    Query(wanted): Query<Wanted>,
) -> Result<Response, PageError> {
    let mut unit = state.centre.storage.read().await?;
    let typed = Typed::default();
    show_list(unit.as_mut(), &session, StatusCode::OK, (None, typed), &wanted.after).await
}

async fn show_list(
    unit: &mut dyn Unit,
    session: &Session,
    status: StatusCode,
    (notice, typed): (Option<Notice>, Typed),
    after: &str,
) -> Result<Response, PageError> {
    let mut found = stored::after(unit, after, PAGE + 1).await?;
    let more = cut(&mut found, PAGE);
    let view = List {
        frame: session.frame(),
        opened: notice.is_some(),
        notice,
        next: found.last().filter(|_| more).map(|account| account.member.username.clone()),
        rows: found.iter().map(row).collect(),
        typed,
        choices: choices(unit).await?,
    };
    Ok(page(status, &view))
}

/// `POST /admin/staff`: opens an account.
pub async fn open(
    State(state): State<AppState>,
    session: Session,
    Form(typed): Form<Typed>,
) -> Result<Response, PageError> {
    session.check(&typed.csrf)?;
    let now = state.centre.now();
    session.proved_to_send(now, LIST)?;
    let mut unit = state.centre.storage.begin().await?;
    let username = typed.username.trim().to_ascii_lowercase();
    let opened = match typed.member(&username) {
        Some(member) => accounts::open(unit.as_mut(), &session.officer, &member, now).await,
        None => Err(AccountError::Unknown),
    };
    match opened {
        Ok(password) => {
            unit.commit().await?;
            let view = GivenPassword { frame: session.frame(), username, password };
            Ok(page(StatusCode::OK, &view))
        }
        Err(error) => {
            drop(unit);
            let notice = Some(Notice::refusal(sentence(error)?));
            let mut unit = state.centre.storage.read().await?;
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            show_list(unit.as_mut(), &session, status, (notice, typed), "").await
        }
    }
}

/// `GET /admin/staff/{username}`.
pub async fn member(
    State(state): State<AppState>,
    session: Session,
    Path(username): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, PageError> {
    session.proved_to_open(state.centre.now(), &format!("{LIST}/{username}"))?;
    let text = match wanted.done.as_str() {
        "changed" => Some("نام، نقش و حوزه نگه داشته شد."),
        "factor" => Some("عامل دوم و کدهای بازیابی پاک شد و نشست‌ها بسته شد."),
        "closed" => Some("حساب بسته شد و نشست‌های آن پایان یافت."),
        _ => None,
    };
    let notice = text.map(Notice::done);
    let mut unit = state.centre.storage.read().await?;
    show_member(unit.as_mut(), &session, StatusCode::OK, &username, (notice, None)).await
}

async fn show_member(
    unit: &mut dyn Unit,
    session: &Session,
    status: StatusCode,
    username: &str,
    (notice, typed): (Option<Notice>, Option<Typed>),
) -> Result<Response, PageError> {
    let account = stored::find(unit, username).await?.ok_or(PageError::NotFound)?;
    let view = MemberPage {
        frame: session.frame(),
        notice,
        row: row(&account),
        typed: typed.unwrap_or_else(|| as_typed(&account)),
        choices: choices(unit).await?,
        closed: account.closed_at.map(jalali::timestamp_in_words),
        closed_reason: account.closed_reason,
    };
    Ok(page(status, &view))
}

/// `POST /admin/staff/{username}`: changes name, role and scope.
pub async fn change(
    State(state): State<AppState>,
    session: Session,
    Path(username): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response, PageError> {
    session.check(&typed.csrf)?;
    let (now, here) = (state.centre.now(), format!("{LIST}/{username}"));
    session.proved_to_send(now, &here)?;
    let mut unit = state.centre.storage.begin().await?;
    let changed = match typed.member(&username) {
        Some(member) => accounts::change(unit.as_mut(), &session.officer, &member, now).await,
        None => Err(AccountError::Unknown),
    };
    match changed {
        Ok(()) => {
            unit.commit().await?;
            Ok(Redirect::to(&format!("{here}?done=changed")).into_response())
        }
        Err(error) => {
            drop(unit);
            refused(&state, &session, &username, (error, Some(typed))).await
        }
    }
}

/// `POST /admin/staff/{username}/{act}`: `password`, `factor`, `close`, `reopen`.
pub async fn act(
    State(state): State<AppState>,
    session: Session,
    Path((username, act)): Path<(String, String)>,
    Form(form): Form<Reasoned>,
) -> Result<Response, PageError> {
    session.check(&form.csrf)?;
    let (now, here) = (state.centre.now(), format!("{LIST}/{username}"));
    session.proved_to_send(now, &here)?;
    let by = &session.officer;
    let mut unit = state.centre.storage.begin().await?;
    let unit_ref = unit.as_mut();
    let done = match act.as_str() {
        "password" => accounts::give_password(unit_ref, by, &username, now).await.map(Done::Given),
        "reopen" => accounts::reopen(unit_ref, by, &username, now).await.map(Done::Given),
        "factor" => {
            let reset = accounts::reset_factor(unit_ref, by, &username, now).await;
            reset.map(|()| Done::Told("factor"))
        }
        "close" => {
            let closed = accounts::close(unit_ref, by, &username, &form.reason, now).await;
            closed.map(|()| Done::Told("closed"))
        }
        _ => return Err(PageError::NotFound),
    };
    match done {
        Ok(Done::Given(password)) => {
            unit.commit().await?;
            let view = GivenPassword { frame: session.frame(), username, password };
            Ok(page(StatusCode::OK, &view))
        }
        Ok(Done::Told(what)) => {
            unit.commit().await?;
            Ok(Redirect::to(&format!("{here}?done={what}")).into_response())
        }
        Err(error) => {
            drop(unit);
            refused(&state, &session, &username, (error, None)).await
        }
    }
}

enum Done {
    Given(String),
    Told(&'static str),
}

async fn refused(
    state: &AppState,
    session: &Session,
    username: &str,
    (error, typed): (AccountError, Option<Typed>),
) -> Result<Response, PageError> {
    let notice = Some(Notice::refusal(sentence(error)?));
    let mut unit = state.centre.storage.read().await?;
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    show_member(unit.as_mut(), session, status, username, (notice, typed)).await
}

impl Typed {
    /// As an account; none when the role is none of ours.
    fn member<'a>(&'a self, username: &'a str) -> Option<NewMember<'a>> {
        let role: Role = self.role.parse().ok()?;
        Some(NewMember {
            username,
            display_name: &self.display_name,
            role,
            agency: if role.is_of_agency() { self.agency.trim() } else { "" },
            province: if role == Role::Governor { self.province.trim() } else { "" },
            county: if role == Role::Governor { self.county.trim() } else { "" },
        })
    }
}

fn as_typed(account: &Account) -> Typed {
    let member = &account.member;
    let (province, county) = match &member.scope {
        Scope::County { province, county } => (province.clone(), county.clone()),
        Scope::Province(province) => (province.clone(), String::new()),
        Scope::Agency(_) | Scope::Country => (String::new(), String::new()),
    };
    Typed {
        csrf: String::new(),
        username: member.username.clone(),
        display_name: member.display_name.clone(),
        role: member.role.name().to_owned(),
        agency: member.agency.0.clone(),
        province,
        county,
    }
}

fn row(account: &Account) -> Row {
    let member = &account.member;
    let (state, state_class) = match (account.closed_at, account.password_is_given) {
        (Some(_), _) => ("بسته", "refused"),
        (None, true) => ("هنوز گذرواژهٔ خود را برنگزیده", "returned"),
        (None, false) => ("باز", "approved"),
    };
    let factor = match (account.has_factor, member.role.needs_factor()) {
        (true, _) => "دارد",
        (false, true) => "در ورود بعدی راه می‌اندازد",
        (false, false) => "ندارد",
    };
    let mut of = match &member.scope {
        Scope::Agency(_) => member.agency_title.clone(),
        Scope::County { province, county } => format!("{county}، {province}"),
        Scope::Province(province) => province.clone(),
        Scope::Country => "همهٔ کشور".to_owned(),
    };
    if member.role.is_of_agency() && of.is_empty() {
        // An agency without a name is still told apart by its code.
        let _ = write!(of, "{}", member.agency.0);
    }
    Row {
        username: member.username.clone(),
        name: member.display_name.clone(),
        role: member.role.label(),
        of,
        factor,
        state,
        state_class,
    }
}

async fn choices(unit: &mut dyn Unit) -> Result<Choices, PageError> {
    let agencies = staff::agencies(unit).await?.into_iter();
    let agencies = agencies.map(|(code, title)| (code.0, title)).collect();
    Ok(Choices { roles: Role::ALL, agencies })
}

/// What was wrong, by the name of its field, and the way out.
fn sentence(error: AccountError) -> Result<&'static str, PageError> {
    Ok(match error {
        AccountError::Taken => "نام کاربری: این نام از آنِ دیگری است. نام دیگری بنویسید.",
        AccountError::Unknown => "نقش: یکی از نقش‌های فهرست را برگزینید.",
        AccountError::Name => "نام و نام خانوادگی: آن را بنویسید، در صد نویسه یا کمتر.",
        AccountError::Reason => "دلیل: آن را بنویسید، در دویست نویسه یا کمتر.",
        AccountError::LastAdministrator => {
            "این تنها راهبر سامانه است. نخست حساب راهبر دیگری باز کنید، سپس این را ببندید یا عوض کنید."
        }
        AccountError::Administration(AdministrationError::Code(_)) => {
            "نام کاربری: تنها حروف کوچک لاتین، رقم و خط تیره، تا ۶۴ نویسه."
        }
        AccountError::Administration(AdministrationError::Unknown(..)) => {
            "دستگاه: چنین دستگاهی نیست. از فهرست برگزینید یا نخست آن را در صفحهٔ دستگاه‌ها بیفزایید."
        }
        AccountError::Administration(AdministrationError::Scope(role)) if role.is_of_agency() => {
            "دستگاه: این نقش از آنِ یک دستگاه است. دستگاه را برگزینید."
        }
        AccountError::Administration(AdministrationError::Scope(_)) => {
            "استان: اگر شهرستان را نوشته‌اید، استان آن را هم بنویسید."
        }
        AccountError::Administration(AdministrationError::Storage(error)) => {
            return Err(error.into());
        }
        error => {
            crate::web::report(&error);
            return Err(PageError::Unavailable);
        }
    })
}
