//! The roots of the days, for everybody: a page for people, and what was signed for programs.

use askama::Template;
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use pishkhan_domain::jalali;
use pishkhan_protocol::day_root::DayRoot;
use serde::{Deserialize, Serialize};

use super::AppState;
use super::page::{PageError, cut, page};
use crate::secret::hex;
use crate::storage::StorageError;
use crate::storage::day_roots::{self, StoredRoot};
use crate::wording;

/// Days on one page.
const PAGE: u32 = 31;
/// What is published is never changed.
const DAY: &str = "public, max-age=86400";

#[derive(Template)]
#[template(path = "roots.html")]
struct RootsPage {
    key: String,
    rows: Vec<Row>,
    older: Option<String>,
}

struct Row {
    day: String,
    title: String,
    leaves: String,
    root: String,
}

/// Which days.
#[derive(Deserialize)]
pub struct Wanted {
    before: Option<String>,
}

/// `GET /roots`.
pub async fn roots(
    State(state): State<AppState>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, PageError> {
    let before = wanted.before.filter(|day| jalali::parse_iso(day).is_some());
    let mut unit = state.centre.storage.read().await?;
    let mut found = day_roots::before(unit.as_mut(), before.as_deref(), PAGE + 1).await?;
    let more = cut(&mut found, PAGE);
    let rows: Vec<Row> = found.iter().map(|root| row(&state, root)).collect::<Result<_, _>>()?;
    let older = rows.last().filter(|_| more).map(|row| row.day.clone());
    let key = hex(&state.centre.key.public().0);
    Ok(page(StatusCode::OK, &RootsPage { key, rows, older }))
}

fn row(state: &AppState, stored: &StoredRoot) -> Result<Row, StorageError> {
    let root = read(state, stored)?;
    Ok(Row {
        title: jalali::iso_in_words(&root.day),
        leaves: wording::number(root.leaves),
        root: hex(&root.root),
        day: root.day,
    })
}

fn read(state: &AppState, stored: &StoredRoot) -> Result<DayRoot, StorageError> {
    stored.signed.verify(&state.centre.key.public()).map_err(|_| StorageError::Unreadable("root"))
}

/// A root as programs read it. What counts is `statement` with `signature`; the rest says the same
/// for reading.
#[derive(Debug, Serialize, Deserialize)]
pub struct PublishedRoot {
    /// Day in Tehran, ISO 8601 Gregorian.
    pub day: String,
    /// When it was made, milliseconds since 1970.
    pub at_ms: i64,
    /// Number of leaves.
    pub leaves: u64,
    /// Head of the tree, hexadecimal.
    pub root: String,
    /// Hash of the root before, hexadecimal.
    pub previous: String,
    /// Exact bytes that were signed, base64.
    pub statement: String,
    /// Ed25519 over `pishkhan/day-root/v1`, a zero byte and the statement; base64.
    pub signature: String,
    /// The key that signed, hexadecimal.
    pub centre_key: String,
}

/// `GET /roots/{day}`.
pub async fn root(
    State(state): State<AppState>,
    Path(day): Path<String>,
) -> Result<Response, PageError> {
    let mut unit = state.centre.storage.read().await?;
    let stored = day_roots::find(unit.as_mut(), &day).await?.ok_or(PageError::NotFound)?;
    let root = read(&state, &stored)?;
    let published = PublishedRoot {
        day: root.day,
        at_ms: root.at_ms,
        leaves: root.leaves,
        root: hex(&root.root),
        previous: hex(&root.previous),
        statement: STANDARD.encode(&stored.signed.statement),
        signature: STANDARD.encode(stored.signed.signature.0),
        centre_key: hex(&state.centre.key.public().0),
    };
    Ok(([(header::CACHE_CONTROL, DAY)], Json(published)).into_response())
}

/// `GET /roots/{day}/leaves`: one line for each leaf of the tree, in its order: key and bytes in
/// base64, so that anybody computes the root again and compares one day with another.
pub async fn leaves(
    State(state): State<AppState>,
    Path(day): Path<String>,
) -> Result<Response, PageError> {
    let mut unit = state.centre.storage.read().await?;
    if day_roots::find(unit.as_mut(), &day).await?.is_none() {
        return Err(PageError::NotFound);
    }
    let leaves = day_roots::leaves_of(unit.as_mut(), &day).await?;
    let lines: String =
        leaves.iter().map(|(key, leaf)| format!("{key} {}\n", STANDARD.encode(leaf))).collect();
    let headers =
        [(header::CACHE_CONTROL, DAY), (header::CONTENT_TYPE, "text/plain; charset=utf-8")];
    Ok((headers, lines).into_response())
}
