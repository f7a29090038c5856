//! For programs: what the centre answers is written in `/api/openapi.json`; an agency's own system
//! reads the agency's applications with a token of the administrator.
//!
//! Invariant: a token reads one agency, and every page that had anything is in the staff's log.

use std::borrow::Cow;

use axum::Json;
use axum::extract::{FromRequestParts, Path, Query, State};
use axum::http::request::Parts;
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use pishkhan_domain::applicant::Applicant;
use pishkhan_domain::application::{AttachedDocument, Defect};
use pishkhan_domain::form::Form;
use pishkhan_domain::ids::ApplicationId;
use serde::{Deserialize, Serialize};

use super::AppState;
use super::page::cut;
use crate::spreadsheet;
use crate::storage::agency_feed::{self, Place};
use crate::storage::agency_tokens::{self, AgencyToken};
use crate::storage::applications::Application;
use crate::storage::{StorageError, audit_log};

pub mod openapi;

/// Applications in one answer, where nothing else is asked for, and at most.
const PAGE: u32 = 200;
const MOST: u32 = 1_000;
const MOST_OF_A_TABLE: u32 = 10_000;
/// What changed since then may stand in a unit that is not committed yet: it would be missed.
const SETTLED_MS: i64 = 60_000;

/// Why a system gets no applications.
#[derive(Debug)]
pub enum ApiError {
    /// No token, one that was taken away, or another agency's.
    Token,
    /// The cursor is not one that an answer gave.
    Cursor,
    /// Too often.
    TooOften,
    /// Try again later.
    Unavailable,
}

impl From<StorageError> for ApiError {
    fn from(error: StorageError) -> Self {
        super::report(&error);
        Self::Unavailable
    }
}

#[derive(Serialize)]
struct Said {
    code: &'static str,
    message: &'static str,
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let (status, code, message) = match self {
            Self::Token => (
                StatusCode::UNAUTHORIZED,
                "token.invalid",
                "توکن پذیرفته نیست؛ از راهبر سامانه توکن این دستگاه را بگیرید",
            ),
            Self::Cursor => (
                StatusCode::BAD_REQUEST,
                "after.invalid",
                "«after» مقدار «next» پاسخ پیشین نیست؛ برای آغاز آن را ننویسید",
            ),
            Self::TooOften => (
                StatusCode::TOO_MANY_REQUESTS,
                "requests.too_many",
                "درخواست‌ها زیاد است؛ یک دقیقه بعد ادامه دهید",
            ),
            Self::Unavailable => (
                StatusCode::SERVICE_UNAVAILABLE,
                "centre.unavailable",
                "سامانه اکنون پاسخ نمی‌دهد؛ کمی بعد با همان «after» دوباره بخواهید",
            ),
        };
        let mut response = (status, Json(Said { code, message })).into_response();
        let headers = response.headers_mut();
        let (bearer, minute) = ("Bearer", "60");
        match status {
            StatusCode::UNAUTHORIZED => {
                headers.insert(header::WWW_AUTHENTICATE, header::HeaderValue::from_static(bearer));
            }
            StatusCode::TOO_MANY_REQUESTS => {
                headers.insert(header::RETRY_AFTER, header::HeaderValue::from_static(minute));
            }
            _ => {}
        }
        response
    }
}

/// An agency's system, known by its token, at an address of its own agency.
pub struct System(AgencyToken);

impl FromRequestParts<AppState> for System {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let given = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let given = given.and_then(|value| value.strip_prefix("Bearer ")).ok_or(ApiError::Token)?;
        let (hash, now) = (agency_tokens::token_hash(given.trim()), state.centre.now());
        let mut unit = state.centre.storage.begin().await?;
        let found = agency_tokens::used(unit.as_mut(), hash, now).await?;
        unit.commit().await?;
        let token = found.ok_or(ApiError::Token)?;
        let code = Path::<String>::from_request_parts(parts, state).await;
        if !code.is_ok_and(|Path(code)| code == token.agency.0) {
            return Err(ApiError::Token);
        }
        if !state.limits.systems.take(&format!("{hash:?}"), now) {
            return Err(ApiError::TooOften);
        }
        Ok(Self(token))
    }
}

/// From where, and how much.
#[derive(Deserialize)]
pub struct Wanted {
    after: Option<String>,
    limit: Option<u32>,
}

/// A page of what changed.
#[derive(Serialize)]
struct Page {
    items: Vec<Item>,
    /// The `after` of the next page; the same as was given when nothing has changed.
    next: String,
    /// Is there more already?
    more: bool,
}

/// An application as it stands.
#[derive(Serialize)]
struct Item {
    application: ApplicationId,
    tracking_code: u64,
    office: String,
    service: String,
    card_version: String,
    state: &'static str,
    filed_at: i64,
    received_at: i64,
    changed_at: i64,
    due_on: String,
    fee_rial: i64,
    applicant: Applicant,
    form: Form,
    documents: Vec<AttachedDocument>,
    defects: Vec<Defect>,
    note: String,
    reason_code: String,
}

impl From<Application> for Item {
    fn from(application: Application) -> Self {
        Self {
            application: application.id,
            tracking_code: application.tracking_code.as_u64(),
            office: application.office.0,
            service: application.service.0,
            card_version: application.card_version.to_string(),
            state: application.state.name(),
            filed_at: application.filed_at,
            received_at: application.received_at,
            changed_at: application.changed_at,
            due_on: application.due_on,
            fee_rial: application.fee_rial,
            applicant: application.content.applicant,
            form: application.content.form,
            documents: application.content.documents,
            defects: application.defects,
            note: application.note,
            reason_code: application.reason_code,
        }
    }
}

/// `GET /api/v1/agencies/{code}/feed`.
pub async fn feed(
    State(state): State<AppState>,
    System(token): System,
    Query(wanted): Query<Wanted>,
) -> Result<Response, ApiError> {
    let most = wanted.limit.unwrap_or(PAGE).clamp(1, MOST);
    let (found, next, more) = page(&state, &token, wanted.after.as_deref(), most, "feed").await?;
    let items = found.into_iter().map(Item::from).collect();
    let page = Json(Page { items, next, more });
    Ok(([(header::CACHE_CONTROL, "no-store")], page).into_response())
}

const COLUMNS: [&str; 16] = [
    "application",
    "tracking_code",
    "office",
    "service",
    "state",
    "filed_at",
    "received_at",
    "changed_at",
    "due_on",
    "fee_rial",
    "applicant",
    "last_four",
    "village",
    "documents",
    "note",
    "reason_code",
];

/// `GET /api/v1/agencies/{code}/applications.csv`: the same as a table; the header `pishkhan-next`
/// has the next `after`.
pub async fn table(
    State(state): State<AppState>,
    System(token): System,
    Query(wanted): Query<Wanted>,
) -> Result<Response, ApiError> {
    let most = wanted.limit.unwrap_or(MOST_OF_A_TABLE).clamp(1, MOST_OF_A_TABLE);
    let (found, next, _) = page(&state, &token, wanted.after.as_deref(), most, "table").await?;
    let bytes = spreadsheet::csv(&COLUMNS, found.iter().map(row)).map_err(|error| {
        super::report(&error);
        ApiError::Unavailable
    })?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"applications.csv\"".to_owned()),
        (header::CACHE_CONTROL, "no-store".to_owned()),
        (HeaderName::from_static("pishkhan-next"), next),
    ];
    Ok((headers, bytes).into_response())
}

fn row(application: &Application) -> Vec<Cow<'_, str>> {
    let at = |at: i64| {
        Cow::Owned(
            jiff::Timestamp::from_millisecond(at)
                .map_or_else(|_| at.to_string(), |at| at.to_string()),
        )
    };
    let Application { content, .. } = application;
    vec![
        application.id.to_string().into(),
        application.tracking_code.grouped().into(),
        application.office.0.as_str().into(),
        application.service.0.as_str().into(),
        application.state.name().into(),
        at(application.filed_at),
        at(application.received_at),
        at(application.changed_at),
        application.due_on.as_str().into(),
        application.fee_rial.to_string().into(),
        content.applicant.full_name().into(),
        content.applicant.last_four().unwrap_or_default().into(),
        content.applicant.village.as_str().into(),
        content.documents.len().to_string().into(),
        application.note.as_str().into(),
        application.reason_code.as_str().into(),
    ]
}

async fn page(
    state: &AppState,
    token: &AgencyToken,
    after: Option<&str>,
    most: u32,
    how: &str,
) -> Result<(Vec<Application>, String, bool), ApiError> {
    let place = match after {
        None | Some("") => Place::BEGIN,
        Some(text) => read_cursor(text).ok_or(ApiError::Cursor)?,
    };
    let now = state.centre.now();
    let mut unit = state.centre.storage.begin().await?;
    let settled = now - SETTLED_MS;
    let mut found =
        agency_feed::after(unit.as_mut(), &token.agency, place, settled, most + 1).await?;
    let more = cut(&mut found, most);
    let next = found.last().map_or_else(|| after.unwrap_or_default().to_owned(), cursor);
    if !found.is_empty() {
        let detail = format!("{how} {}", found.len());
        let (title, agency) = (token.title.as_str(), token.agency.0.as_str());
        audit_log::record_system(
            unit.as_mut(),
            title,
            "application.exported",
            agency,
            &detail,
            now,
        )
        .await?;
    }
    unit.commit().await?;
    Ok((found, next, more))
}

fn cursor(last: &Application) -> String {
    format!("{}.{}", last.changed_at, last.id)
}

fn read_cursor(text: &str) -> Option<Place> {
    let (changed_at, id) = text.split_once('.')?;
    Some(Place { changed_at: changed_at.parse().ok()?, application: Some(id.parse().ok()?) })
}
