//! One service card: edited as data, checked, previewed, published as a signed version.
//!
//! Invariant: what was typed is kept before anything is asked or refused.

use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use pishkhan_domain::catalogue::Publication;
use pishkhan_domain::jalali;
use pishkhan_domain::service_card::ServiceCard;
use serde::Deserialize;

use super::Notice;
use super::card_preview;
use crate::administration::{checked_code, publish};
use crate::card_drafts::{CardFault, as_text, changed_members, read_card};
use crate::storage::card_drafts::{self, Draft};
use crate::storage::device_rows::{self, DeviceFilter};
use crate::storage::publication_rows::{self, PublicationRow};
use crate::storage::{Unit, audit_log, staff};
use crate::web::AppState;
use crate::web::page::{PageError, page};
use crate::web::session::{Frame, Session};
use crate::wording;

/// Versions and offices that are listed.
const SHOWN: u32 = 20;

#[derive(Template)]
#[template(path = "admin/card.html")]
struct Editor {
    frame: Frame,
    notice: Option<Notice>,
    code: String,
    title: String,
    text: String,
    seen: i64,
    draft: Option<String>,
    faults: Vec<CardFault>,
    changes: Vec<String>,
    versions: Vec<Version>,
    lacking: Vec<Lacking>,
    have: String,
    devices: String,
}

struct Version {
    number: String,
    published: String,
    hash: String,
}

struct Lacking {
    device: u32,
    shown: String,
    office: String,
}

/// What was done just now.
#[derive(Deserialize)]
pub struct Done {
    #[serde(default)]
    done: String,
}

/// `GET /admin/cards/{code}`.
pub async fn card(
    State(state): State<AppState>,
    session: Session,
    Path(code): Path<String>,
    Query(done): Query<Done>,
) -> Result<Response, PageError> {
    let notice = match done.done.as_str() {
        "kept" => Some(Notice::done("پیش‌نویس نگه داشته شد. هنوز منتشر نشده است.")),
        "published" => Some(Notice::done(
            "منتشر و امضا شد. هر دفتر در تماس بعدی آن را می‌گیرد؛ درخواست‌های پیشین نسخهٔ خود را نگه می‌دارند.",
        )),
        "same" => Some(Notice::done("این شناسنامه همان است که منتشر شده است. چیزی عوض نشد.")),
        _ => None,
    };
    let mut unit = state.centre.storage.read().await?;
    show(&state, unit.as_mut(), &session, StatusCode::OK, &code, (notice, None)).await
}

/// `typed` is what could not be kept, with when the draft was seen.
async fn show(
    state: &AppState,
    unit: &mut dyn Unit,
    session: &Session,
    status: StatusCode,
    code: &str,
    (notice, typed): (Option<Notice>, Option<String>),
) -> Result<Response, PageError> {
    let draft = card_drafts::find(unit, code).await?.filter(|draft| !draft.code.is_empty());
    let cards = state.centre.cards.current(unit).await?;
    let published = cards.newest().find(|card| card.code.0 == code);
    let text = match (&draft, published) {
        (Some(draft), _) => draft.content.clone(),
        (None, Some(card)) => as_text(card),
        (None, None) => return Err(PageError::NotFound),
    };
    let (faults, changes) = match read_card(&text, code) {
        Ok(card) => (Vec::new(), changes(published, &card)),
        Err(faults) => (faults, Vec::new()),
    };
    let versions = publication_rows::versions(unit, "service_card", code, SHOWN).await?;
    let devices = device_rows::count(unit, DeviceFilter::Living).await?;
    let (mut lacking, mut behind) = (Vec::new(), devices);
    if let Some(newest) = versions.first() {
        let filter = DeviceFilter::Behind(newest.number);
        behind = device_rows::count(unit, filter).await?;
        lacking = device_rows::list(unit, filter, 0, SHOWN).await?;
    }
    let view = Editor {
        frame: session.frame(),
        notice,
        code: code.to_owned(),
        title: published.map_or_else(|| "شناسنامهٔ تازه".to_owned(), |card| card.title.fa.clone()),
        text: typed.unwrap_or(text),
        seen: draft.as_ref().map_or(0, |draft| draft.changed_at),
        draft: draft.map(|draft| draft.changed_by),
        faults,
        changes,
        versions: versions.iter().map(version).collect(),
        lacking: lacking
            .into_iter()
            .map(|device| Lacking {
                device: device.number.0,
                shown: wording::number(device.number.0),
                office: device.office_title,
            })
            .collect(),
        have: wording::number(devices - behind.min(devices)),
        devices: wording::number(devices),
    };
    Ok(page(status, &view))
}

fn changes(published: Option<&ServiceCard>, draft: &ServiceCard) -> Vec<String> {
    published.map_or_else(Vec::new, |published| changed_members(published, draft))
}

fn version(row: &PublicationRow) -> Version {
    Version {
        number: wording::number(row.number),
        published: jalali::timestamp_in_digits(row.published_at),
        hash: row.version.chars().take(12).collect(),
    }
}

/// A card as it was typed.
#[derive(Deserialize)]
pub struct Typed {
    csrf: String,
    text: String,
    /// When the draft that was edited had been changed.
    seen: i64,
    /// `keep`, `preview`, `publish` or `discard`.
    #[serde(default)]
    what: String,
}

/// `POST /admin/cards/{code}`.
pub async fn edit(
    State(state): State<AppState>,
    session: Session,
    Path(code): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response, PageError> {
    session.check(&typed.csrf)?;
    checked_code(&code).map_err(|_| PageError::NotFound)?;
    let (by, now, here) = (&session.officer, state.centre.now(), format!("/admin/cards/{code}"));
    let mut unit = state.centre.storage.begin().await?;
    if typed.what == "discard" {
        card_drafts::forget(unit.as_mut(), &code).await?;
        audit_log::record(unit.as_mut(), by, "catalogue.discarded", &code, "", now).await?;
        unit.commit().await?;
        return Ok(Redirect::to("/admin/cards?done=discarded").into_response());
    }
    let draft = Draft {
        code: code.clone(),
        // Browsers send lines with a carriage return.
        content: typed.text.replace("\r\n", "\n"),
        changed_by: by.username.clone(),
        changed_at: now,
    };
    if card_drafts::keep(unit.as_mut(), &draft, typed.seen).await?.is_none() {
        let text = "در این میان کس دیگری این پیش‌نویس را عوض یا منتشر کرده است. نوشتهٔ شما پایین مانده است؛ آن را بردارید، صفحه را از نو باز کنید و دوباره بگذارید.";
        let told = (Some(Notice::refusal(text)), Some(draft.content));
        let status = StatusCode::CONFLICT;
        return show(&state, unit.as_mut(), &session, status, &code, told).await;
    }
    audit_log::record(unit.as_mut(), by, "catalogue.drafted", &code, "", now).await?;
    unit.commit().await?;
    match typed.what.as_str() {
        "preview" => Ok(Redirect::to(&format!("{here}/preview")).into_response()),
        "publish" => publish_draft(&state, &session, &code, &draft.content).await,
        _ => Ok(Redirect::to(&format!("{here}?done=kept")).into_response()),
    }
}

async fn publish_draft(
    state: &AppState,
    session: &Session,
    code: &str,
    text: &str,
) -> Result<Response, PageError> {
    let (by, now, here) = (&session.officer, state.centre.now(), format!("/admin/cards/{code}"));
    session.proved_to_send(now, &here)?;
    let Ok(card) = read_card(text, code) else {
        let text = "منتشر نشد: شناسنامه نادرستی دارد. آنچه زیر آمده را درست کنید.";
        let notice = Some(Notice::refusal(text));
        let mut unit = state.centre.storage.read().await?;
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return show(state, unit.as_mut(), session, status, code, (notice, None)).await;
    };
    let mut unit = state.centre.storage.begin().await?;
    staff::upsert_agency(unit.as_mut(), &card.agency).await?;
    let publication = Publication::ServiceCard(Box::new(card));
    let is_new = publish(unit.as_mut(), &state.centre.key, publication, now).await;
    let is_new = is_new.map_err(|error| {
        crate::web::report(&error);
        PageError::Unavailable
    })?;
    card_drafts::forget(unit.as_mut(), code).await?;
    if is_new {
        audit_log::record(unit.as_mut(), by, "catalogue.published", code, "", now).await?;
    }
    unit.commit().await?;
    let done = if is_new { "published" } else { "same" };
    Ok(Redirect::to(&format!("{here}?done={done}")).into_response())
}

/// `GET /admin/cards/{code}/preview`: the form as an office will see it.
pub async fn preview(
    State(state): State<AppState>,
    session: Session,
    Path(code): Path<String>,
) -> Result<Response, PageError> {
    let mut unit = state.centre.storage.read().await?;
    let cards = state.centre.cards.current(unit.as_mut()).await?;
    let draft = card_drafts::find(unit.as_mut(), &code).await?;
    let card = match draft.filter(|draft| !draft.code.is_empty()) {
        Some(draft) => match read_card(&draft.content, &code) {
            Ok(card) => card,
            Err(_) => {
                let text = "پیش‌نمایش نشد: شناسنامه نادرستی دارد. آنچه زیر آمده را درست کنید.";
                let told = (Some(Notice::refusal(text)), None);
                let status = StatusCode::UNPROCESSABLE_ENTITY;
                return show(&state, unit.as_mut(), &session, status, &code, told).await;
            }
        },
        None => {
            let published = cards.newest().find(|card| card.code.0 == code);
            published.ok_or(PageError::NotFound)?.clone()
        }
    };
    let today = jalali::tehran_date(state.centre.now());
    Ok(card_preview::show(session.frame(), &card, cards.calendar(), today))
}
