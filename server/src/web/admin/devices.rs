//! Devices: which are silent, what waits on them, how much of the catalogue they have; revoking one.

use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use pishkhan_domain::ids::DeviceNumber;
use pishkhan_domain::jalali;
use serde::Deserialize;

use super::offices::given;
use super::{Notice, SILENT_MS, WAITS_LONG_MS};
use crate::accounts::given_reason;
use crate::enrolment::issue_code;
use crate::storage::audit_log;
use crate::storage::device_rows::{self, DeviceFilter, DeviceRow};
use crate::web::AppState;
use crate::web::page::{PageError, cut, page};
use crate::web::session::{Frame, Session};
use crate::wording;

const LIST: &str = "/admin/devices";
const PAGE: u32 = 50;
const TABS: [(&str, &str); 5] = [
    ("living", "همه"),
    ("silent", "بی‌خبر"),
    ("waiting", "چیزی دیر مانده"),
    ("behind", "شناسنامهٔ کهنه"),
    ("revoked", "کنار گذاشته"),
];

#[derive(Template)]
#[template(path = "admin/devices.html")]
struct List {
    frame: Frame,
    tabs: Vec<Tab>,
    rows: Vec<DeviceLine>,
    show: &'static str,
    next: Option<u32>,
}

struct Tab {
    name: &'static str,
    title: &'static str,
    count: String,
    current: bool,
}

/// A device as a line of a table.
pub(super) struct DeviceLine {
    pub(super) number: u32,
    pub(super) shown: String,
    pub(super) office: String,
    pub(super) office_title: String,
    pub(super) machine: String,
    pub(super) agent: String,
    pub(super) enrolled: String,
    pub(super) contact: String,
    pub(super) is_silent: bool,
    pub(super) waiting: String,
    pub(super) waits_long: bool,
    pub(super) catalogue: &'static str,
    pub(super) catalogue_class: &'static str,
    pub(super) revoked: Option<String>,
    pub(super) revoked_reason: String,
}

#[derive(Template)]
#[template(path = "admin/device.html")]
struct DevicePage {
    frame: Frame,
    notice: Option<Notice>,
    row: DeviceLine,
}

/// Which part of the list.
#[derive(Deserialize)]
pub struct Wanted {
    #[serde(default)]
    show: String,
    #[serde(default)]
    after: u32,
    #[serde(default)]
    done: String,
}

/// `GET /admin/devices`.
pub async fn list(
    State(state): State<AppState>,
    session: Session,
    Query(wanted): Query<Wanted>,
) -> Result<Response, PageError> {
    let now = state.centre.now();
    let mut unit = state.centre.storage.read().await?;
    let newest = state.centre.cards.current(unit.as_mut()).await?.number();
    let filter_of = |name: &str| match name {
        "silent" => DeviceFilter::SilentSince(now - SILENT_MS),
        "waiting" => DeviceFilter::WaitingSince(now - WAITS_LONG_MS),
        "behind" => DeviceFilter::Behind(newest),
        "revoked" => DeviceFilter::Revoked,
        _ => DeviceFilter::Living,
    };
    let known = TABS.into_iter().find(|(name, _)| *name == wanted.show);
    let show = known.map_or("living", |(name, _)| name);
    let mut found =
        device_rows::list(unit.as_mut(), filter_of(show), wanted.after, PAGE + 1).await?;
    let more = cut(&mut found, PAGE);
    let mut tabs = Vec::with_capacity(TABS.len());
    for (name, title) in TABS {
        let count = device_rows::count(unit.as_mut(), filter_of(name)).await?;
        tabs.push(Tab { name, title, count: wording::number(count), current: name == show });
    }
    let view = List {
        frame: session.frame(),
        tabs,
        show,
        next: found.last().filter(|_| more).map(|device| device.number.0),
        rows: found.iter().map(|device| line(device, newest, now)).collect(),
    };
    Ok(page(StatusCode::OK, &view))
}

/// `GET /admin/devices/{device}`.
pub async fn device(
    State(state): State<AppState>,
    session: Session,
    Path(number): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, PageError> {
    let notice = match wanted.done.as_str() {
        "revoked" => {
            Some(Notice::done("این رایانه کنار گذاشته شد. از این پس نه می‌فرستد و نه می‌گیرد."))
        }
        _ => None,
    };
    show_device(&state, &session, StatusCode::OK, read_number(&number)?, notice).await
}

async fn show_device(
    state: &AppState,
    session: &Session,
    status: StatusCode,
    number: DeviceNumber,
    notice: Option<Notice>,
) -> Result<Response, PageError> {
    let mut unit = state.centre.storage.read().await?;
    let found = device_rows::find(unit.as_mut(), number).await?.ok_or(PageError::NotFound)?;
    let newest = state.centre.cards.current(unit.as_mut()).await?.number();
    let row = line(&found, newest, state.centre.now());
    let view = DevicePage { frame: session.frame(), notice, row };
    Ok(page(status, &view))
}

/// A form with a reason.
#[derive(Deserialize)]
pub struct Reasoned {
    csrf: String,
    #[serde(default)]
    reason: String,
}

/// `POST /admin/devices/{device}/{act}`: `revoke` takes its access away, `re-enrol` makes a code for
/// its office, with which the machine, or the one in its place, gets a new number.
pub async fn act(
    State(state): State<AppState>,
    session: Session,
    Path((number, act)): Path<(String, String)>,
    Form(form): Form<Reasoned>,
) -> Result<Response, PageError> {
    session.check(&form.csrf)?;
    let number = read_number(&number)?;
    let (by, now, here) = (&session.officer, state.centre.now(), format!("{LIST}/{}", number.0));
    session.proved_to_send(now, &here)?;
    let mut unit = state.centre.storage.begin().await?;
    let found = device_rows::find(unit.as_mut(), number).await?.ok_or(PageError::NotFound)?;
    let subject = number.0.to_string();
    match act.as_str() {
        "re-enrol" => {
            let code = issue_code(unit.as_mut(), &found.office, now).await.map_err(|error| {
                crate::web::report(&error);
                PageError::Unavailable
            })?;
            let office = found.office.0.as_str();
            audit_log::record(unit.as_mut(), by, "device.re_enrolled", &subject, office, now)
                .await?;
            unit.commit().await?;
            Ok(given(&session, found.office.0, found.office_title, &code))
        }
        "revoke" => {
            let Some(reason) = given_reason(&form.reason) else {
                drop(unit);
                let text = "دلیل: آن را بنویسید، در دویست نویسه یا کمتر.";
                let status = StatusCode::UNPROCESSABLE_ENTITY;
                let notice = Some(Notice::refusal(text));
                return show_device(&state, &session, status, number, notice).await;
            };
            if device_rows::revoke(unit.as_mut(), number, &reason, now).await? {
                let act = "device.revoked";
                audit_log::record(unit.as_mut(), by, act, &subject, &reason, now).await?;
            }
            unit.commit().await?;
            Ok(Redirect::to(&format!("{here}?done=revoked")).into_response())
        }
        _ => Err(PageError::NotFound),
    }
}

fn read_number(text: &str) -> Result<DeviceNumber, PageError> {
    text.parse().map(DeviceNumber).map_err(|_| PageError::NotFound)
}

/// A device as the tables show it; `newest` is the number of the newest publication.
pub(super) fn line(device: &DeviceRow, newest: u64, now: i64) -> DeviceLine {
    let since = device.last_contact_at.unwrap_or(device.enrolled_at);
    let (catalogue, catalogue_class) = match device.catalogue_number {
        _ if device.last_contact_at.is_none() => ("هنوز نگرفته", "returned"),
        number if number >= newest => ("تازه", "approved"),
        _ => ("کهنه", "returned"),
    };
    let waiting = match (device.waiting, device.oldest_waiting_at) {
        (0, _) => "هیچ".to_owned(),
        (count, None) => wording::number(count),
        (count, Some(since)) => {
            format!("{}، قدیمی‌ترین {}", wording::number(count), wording::waiting(since, now))
        }
    };
    DeviceLine {
        number: device.number.0,
        shown: wording::number(device.number.0),
        office: device.office.0.clone(),
        office_title: device.office_title.clone(),
        machine: device.machine.clone(),
        agent: device.agent.clone(),
        enrolled: jalali::timestamp_in_digits(device.enrolled_at),
        contact: device.last_contact_at.map_or("هرگز".to_owned(), jalali::timestamp_in_digits),
        is_silent: device.revoked_at.is_none() && since < now - SILENT_MS,
        waiting,
        waits_long: device.waiting > 0
            && device.oldest_waiting_at.is_some_and(|since| since < now - WAITS_LONG_MS),
        catalogue,
        catalogue_class,
        revoked: device.revoked_at.map(jalali::timestamp_in_digits),
        revoked_reason: device.revoked_reason.clone(),
    }
}
