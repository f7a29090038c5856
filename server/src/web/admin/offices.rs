//! Offices: list, add, an office's page with its devices and enrolment codes.

use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use pishkhan_domain::ids::OfficeCode;
use pishkhan_domain::jalali;
use pishkhan_domain::persian_text::clean;
use serde::Deserialize;

use super::Notice;
use super::devices::{DeviceLine, line};
use crate::administration::checked_code;
use crate::enrolment::issue_code;
use crate::office_import::{ImportedOffice, keep_office};
use crate::storage::districts::{self, District};
use crate::storage::office_rows::{self, OfficeFilter, OfficeRow};
use crate::storage::{Unit, audit_log, device_rows};
use crate::web::AppState;
use crate::web::page::{PageError, cut, page};
use crate::web::session::{Frame, Session};
use crate::wording;

const LIST: &str = "/admin/offices";
const PAGE: u32 = 50;
const MAX_TITLE: usize = 100;

#[derive(Template)]
#[template(path = "admin/offices.html")]
struct List {
    frame: Frame,
    notice: Option<Notice>,
    rows: Vec<Row>,
    wanted: Wanted,
    next: Option<String>,
    districts: Vec<District>,
    typed: Typed,
    opened: bool,
}

struct Row {
    code: String,
    title: String,
    place: String,
    devices: String,
    contact: String,
}

#[derive(Template)]
#[template(path = "admin/office.html")]
struct OfficePage {
    frame: Frame,
    notice: Option<Notice>,
    office: Row,
    districts: Vec<District>,
    typed: Typed,
    rows: Vec<DeviceLine>,
    codes: Vec<OpenCode>,
}

struct OpenCode {
    made: String,
    until: String,
}

#[derive(Template)]
#[template(path = "admin/given_code.html")]
pub(super) struct GivenCode {
    pub(super) frame: Frame,
    pub(super) office: String,
    pub(super) title: String,
    pub(super) code: String,
}

/// An office as it was typed.
#[derive(Default, Deserialize)]
pub struct Typed {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    district: String,
}

/// Which part of the list.
#[derive(Default, Deserialize)]
pub struct Wanted {
    #[serde(default)]
    text: String,
    #[serde(default)]
    district: String,
    #[serde(default)]
    after: String,
    #[serde(default)]
    done: String,
}

/// `GET /admin/offices`.
pub async fn list(
    State(state): State<AppState>,
    session: Session,
    Query(wanted): Query<Wanted>,
) -> Result<Response, PageError> {
    let notice = match wanted.done.as_str() {
        "imported" => Some(Notice::done("دهستان‌ها و دفترها وارد شد.")),
        _ => None,
    };
    let mut unit = state.centre.storage.read().await?;
    let told = (notice, Typed::default());
    show(unit.as_mut(), &session, StatusCode::OK, wanted, told).await
}

async fn show(
    unit: &mut dyn Unit,
    session: &Session,
    status: StatusCode,
    wanted: Wanted,
    (notice, typed): (Option<Notice>, Typed),
) -> Result<Response, PageError> {
    let filter = OfficeFilter {
        district: wanted.district.trim().to_owned(),
        text: clean(&wanted.text).unwrap_or_default(),
        after: wanted.after.trim().to_owned(),
    };
    let mut found = office_rows::list(unit, &filter, PAGE + 1).await?;
    let more = cut(&mut found, PAGE);
    let view = List {
        frame: session.frame(),
        opened: notice.as_ref().is_some_and(|notice| notice.is_error),
        notice,
        next: found.last().filter(|_| more).map(|office| office.code.0.clone()),
        rows: found.iter().map(row).collect(),
        wanted,
        districts: districts::all(unit).await?,
        typed,
    };
    Ok(page(status, &view))
}

/// `POST /admin/offices`: adds an office.
pub async fn add(
    State(state): State<AppState>,
    session: Session,
    Form(typed): Form<Typed>,
) -> Result<Response, PageError> {
    session.check(&typed.csrf)?;
    let mut unit = state.centre.storage.begin().await?;
    let code = typed.code.trim().to_ascii_lowercase();
    let mut fault = match checked_code(&code) {
        Ok(_) => None,
        Err(_) => {
            Some("کد: تنها حروف کوچک لاتین، رقم و خط تیره، تا ۶۴ نویسه؛ برای نمونه zahedan-0007.")
        }
    };
    if fault.is_none() && office_rows::find(unit.as_mut(), &code).await?.is_some() {
        fault = Some("کد: دفتری با این کد هست. کد دیگری بنویسید یا صفحهٔ همان دفتر را باز کنید.");
    }
    let kept = match fault {
        None => keep(&state, unit.as_mut(), &session, &code, &typed).await?,
        Some(_) => fault,
    };
    if let Some(fault) = kept {
        drop(unit);
        let mut unit = state.centre.storage.read().await?;
        let told = (Some(Notice::refusal(fault)), typed);
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return show(unit.as_mut(), &session, status, Wanted::default(), told).await;
    }
    unit.commit().await?;
    Ok(Redirect::to(&format!("{LIST}/{code}?done=kept")).into_response())
}

/// Keeps an office that was typed; gives what is wrong with it instead.
async fn keep(
    state: &AppState,
    unit: &mut dyn Unit,
    session: &Session,
    code: &str,
    typed: &Typed,
) -> Result<Option<&'static str>, PageError> {
    let title = clean(&typed.title).unwrap_or_default();
    if title.is_empty() || title.chars().count() > MAX_TITLE {
        return Ok(Some("نام: آن را بنویسید، در صد نویسه یا کمتر."));
    }
    let known = districts::all(unit).await?;
    let Some(district) = known.iter().find(|district| district.code == typed.district) else {
        return Ok(Some(
            "دهستان: یکی از فهرست را برگزینید. دهستان تازه را با «وارد کردن» بیفزایید.",
        ));
    };
    let (code, district_code) = (OfficeCode(code.to_owned()), typed.district.clone());
    let office = ImportedOffice { code, title, district: district_code };
    keep_office(unit, &session.officer, &office, district, state.centre.now()).await?;
    Ok(None)
}

/// `GET /admin/offices/{office}`.
pub async fn office(
    State(state): State<AppState>,
    session: Session,
    Path(code): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, PageError> {
    let notice = match wanted.done.as_str() {
        "kept" => Some(Notice::done("دفتر نگه داشته شد.")),
        "codes" => Some(Notice::done("کدهای به کار نرفته باطل شد.")),
        _ => None,
    };
    show_office(&state, &session, StatusCode::OK, &code, (notice, None)).await
}

async fn show_office(
    state: &AppState,
    session: &Session,
    status: StatusCode,
    code: &str,
    (notice, typed): (Option<Notice>, Option<Typed>),
) -> Result<Response, PageError> {
    let now = state.centre.now();
    let mut unit = state.centre.storage.read().await?;
    let found = office_rows::find(unit.as_mut(), code).await?.ok_or(PageError::NotFound)?;
    let newest = state.centre.cards.current(unit.as_mut()).await?.number();
    let devices = device_rows::of_office(unit.as_mut(), &found.code).await?;
    let codes = device_rows::open_codes(unit.as_mut(), &found.code, now).await?;
    let typed = typed.unwrap_or_else(|| Typed {
        csrf: String::new(),
        code: found.code.0.clone(),
        title: found.title.clone(),
        district: found.district.clone(),
    });
    let view = OfficePage {
        frame: session.frame(),
        notice,
        office: row(&found),
        districts: districts::all(unit.as_mut()).await?,
        typed,
        rows: devices.iter().map(|device| line(device, newest, now)).collect(),
        codes: codes
            .iter()
            .map(|code| OpenCode {
                made: jalali::timestamp_in_digits(code.created_at),
                until: jalali::timestamp_in_digits(code.expires_at),
            })
            .collect(),
    };
    Ok(page(status, &view))
}

/// `POST /admin/offices/{office}`: renames or moves it.
pub async fn change(
    State(state): State<AppState>,
    session: Session,
    Path(code): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response, PageError> {
    session.check(&typed.csrf)?;
    let mut unit = state.centre.storage.begin().await?;
    if office_rows::find(unit.as_mut(), &code).await?.is_none() {
        return Err(PageError::NotFound);
    }
    if let Some(fault) = keep(&state, unit.as_mut(), &session, &code, &typed).await? {
        drop(unit);
        let told = (Some(Notice::refusal(fault)), Some(typed));
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return show_office(&state, &session, status, &code, told).await;
    }
    unit.commit().await?;
    Ok(Redirect::to(&format!("{LIST}/{code}?done=kept")).into_response())
}

/// What is done with an office's codes.
#[derive(Deserialize)]
pub struct CodeForm {
    csrf: String,
    /// `end` ends the unspent ones; anything else makes a new one.
    #[serde(default)]
    what: String,
}

/// `POST /admin/offices/{office}/codes`: makes an enrolment code, or ends the unspent ones.
pub async fn codes(
    State(state): State<AppState>,
    session: Session,
    Path(code): Path<String>,
    Form(form): Form<CodeForm>,
) -> Result<Response, PageError> {
    session.check(&form.csrf)?;
    let (by, now) = (&session.officer, state.centre.now());
    session.proved_to_send(now, &format!("{LIST}/{code}"))?;
    let mut unit = state.centre.storage.begin().await?;
    let office = office_rows::find(unit.as_mut(), &code).await?.ok_or(PageError::NotFound)?;
    if form.what == "end" {
        let ended = device_rows::end_codes(unit.as_mut(), &office.code, now).await?;
        let (act, detail) = ("device.codes_ended", ended.to_string());
        audit_log::record(unit.as_mut(), by, act, &code, &detail, now).await?;
        unit.commit().await?;
        return Ok(Redirect::to(&format!("{LIST}/{code}?done=codes")).into_response());
    }
    let made = issue_code(unit.as_mut(), &office.code, now).await.map_err(|error| {
        crate::web::report(&error);
        PageError::Unavailable
    })?;
    audit_log::record(unit.as_mut(), by, "device.code_issued", &code, "", now).await?;
    unit.commit().await?;
    Ok(given(&session, office.code.0, office.title, &made))
}

/// The page that shows a code, once.
pub(super) fn given(session: &Session, office: String, title: String, code: &str) -> Response {
    let letters: Vec<char> = code.chars().collect();
    let fours = letters.chunks(4).map(|four| four.iter().collect::<String>());
    let code = fours.collect::<Vec<_>>().join("-");
    let view = GivenCode { frame: session.frame(), office, title, code };
    page(StatusCode::OK, &view)
}

fn row(office: &OfficeRow) -> Row {
    Row {
        code: office.code.0.clone(),
        title: office.title.clone(),
        place: office.district_title.clone(),
        devices: wording::number(office.devices),
        contact: office.last_contact_at.map_or("هرگز".to_owned(), jalali::timestamp_in_digits),
    }
}
