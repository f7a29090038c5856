//! Service cards: which are published, who has them, and beginning another.

use std::collections::BTreeMap;

use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use pishkhan_domain::jalali;
use serde::Deserialize;

use super::Notice;
use crate::administration::checked_code;
use crate::card_drafts::begun_from;
use crate::storage::card_drafts::{self, Draft};
use crate::storage::device_rows::{self, DeviceFilter};
use crate::storage::{Unit, audit_log, publication_rows};
use crate::web::AppState;
use crate::web::page::{PageError, page};
use crate::web::session::{Frame, Session};
use crate::wording;

#[derive(Template)]
#[template(path = "admin/cards.html")]
struct List {
    frame: Frame,
    notice: Option<Notice>,
    rows: Vec<Row>,
    typed: Typed,
    devices: String,
}

struct Row {
    code: String,
    title: String,
    agency: String,
    number: String,
    published: String,
    have: String,
    draft: Option<String>,
}

/// A service to begin.
#[derive(Default, Deserialize)]
pub struct Typed {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    from: String,
}

/// What was done just now.
#[derive(Deserialize)]
pub struct Done {
    #[serde(default)]
    done: String,
}

/// `GET /admin/cards`.
pub async fn list(
    State(state): State<AppState>,
    session: Session,
    Query(done): Query<Done>,
) -> Result<Response, PageError> {
    let mut unit = state.centre.storage.read().await?;
    let notice = (done.done == "discarded").then(|| Notice::done("پیش‌نویس کنار گذاشته شد."));
    show(&state, unit.as_mut(), &session, StatusCode::OK, (notice, Typed::default())).await
}

async fn show(
    state: &AppState,
    unit: &mut dyn Unit,
    session: &Session,
    status: StatusCode,
    (notice, typed): (Option<Notice>, Typed),
) -> Result<Response, PageError> {
    let cards = state.centre.cards.current(unit).await?;
    let devices = device_rows::count(unit, DeviceFilter::Living).await?;
    let drafts = card_drafts::all(unit).await?.into_iter().filter(|draft| !draft.code.is_empty());
    let mut drafts: BTreeMap<String, Draft> =
        drafts.map(|draft| (draft.code.clone(), draft)).collect();
    let mut rows = Vec::new();
    for published in publication_rows::newest(unit, "service_card").await? {
        let behind = device_rows::count(unit, DeviceFilter::Behind(published.number)).await?;
        let card = cards.newest().find(|card| card.code.0 == published.code);
        rows.push(Row {
            title: card.map_or_else(String::new, |card| card.title.fa.clone()),
            agency: card.map_or_else(String::new, |card| card.agency.title.fa.clone()),
            number: wording::number(published.number),
            published: jalali::timestamp_in_digits(published.published_at),
            have: wording::number(devices - behind.min(devices)),
            draft: drafts.remove(&published.code).map(|draft| draft.changed_by),
            code: published.code,
        });
    }
    rows.extend(drafts.into_values().map(|draft| Row {
        code: draft.code,
        title: "هنوز منتشر نشده".to_owned(),
        agency: String::new(),
        number: "—".to_owned(),
        published: "—".to_owned(),
        have: "—".to_owned(),
        draft: Some(draft.changed_by),
    }));
    let frame = session.frame();
    let view = List { frame, notice, rows, typed, devices: wording::number(devices) };
    Ok(page(status, &view))
}

/// `POST /admin/cards`: begins the card of another service, as a draft made from one that there is.
pub async fn begin(
    State(state): State<AppState>,
    session: Session,
    Form(typed): Form<Typed>,
) -> Result<Response, PageError> {
    session.check(&typed.csrf)?;
    let (by, now) = (&session.officer, state.centre.now());
    let code = typed.code.trim().to_ascii_lowercase();
    let mut unit = state.centre.storage.begin().await?;
    let cards = state.centre.cards.current(unit.as_mut()).await?;
    let from = cards.newest().find(|card| card.code.0 == typed.from);
    let fault = match from {
        _ if checked_code(&code).is_err() => Some(
            "کد: تنها حروف کوچک لاتین، رقم و خط تیره، تا ۶۴ نویسه؛ برای نمونه water-connection.",
        ),
        _ if cards.newest().any(|card| card.code.0 == code) => {
            Some("کد: خدمتی با این کد هست. کد دیگری بنویسید یا شناسنامهٔ همان را باز کنید.")
        }
        None => Some("از روی: یکی از شناسنامه‌های فهرست را برگزینید."),
        Some(_) => None,
    };
    let (Some(from), None) = (from, fault) else {
        let told = (fault.map(Notice::refusal), typed);
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return show(&state, unit.as_mut(), &session, status, told).await;
    };
    let draft = Draft {
        content: begun_from(from, &code),
        code: code.clone(),
        changed_by: by.username.clone(),
        changed_at: now,
    };
    // One that there is already is opened instead.
    if card_drafts::keep(unit.as_mut(), &draft, 0).await?.is_some() {
        audit_log::record(unit.as_mut(), by, "catalogue.drafted", &code, "", now).await?;
    }
    unit.commit().await?;
    Ok(Redirect::to(&format!("/admin/cards/{code}")).into_response())
}
