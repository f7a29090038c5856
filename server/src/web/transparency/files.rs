//! The same table for machines.

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use super::columns::{COLUMNS, lines};
use crate::figures::published::{Month, Published, Reason};
use crate::figures::shelf::published;
use crate::spreadsheet;
use crate::web::AppState;
use crate::web::page::PageError;

const HOUR: &str = "public, max-age=3600";

/// `GET /transparency.csv`.
pub(super) async fn csv(State(state): State<AppState>) -> Result<Response, PageError> {
    let mut unit = state.centre.storage.read().await?;
    let published = published(&state.centre, unit.as_mut()).await?;
    let rows = lines(&published)
        .map(|line| COLUMNS.iter().map(move |column| text((column.of)(&line))).collect::<Vec<_>>());
    let head = COLUMNS.each_ref().map(|column| column.name);
    let file = spreadsheet::csv(&head, rows).map_err(|error| {
        crate::web::report(&error);
        PageError::Unavailable
    })?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"transparency.csv\""),
        (header::CACHE_CONTROL, HOUR),
    ];
    Ok((headers, file).into_response())
}

/// `GET /transparency.json`.
pub(super) async fn json(State(state): State<AppState>) -> Result<Response, PageError> {
    let mut unit = state.centre.storage.read().await?;
    let published = published(&state.centre, unit.as_mut()).await?;
    Ok(([(header::CACHE_CONTROL, HOUR)], Json(content(&published))).into_response())
}

fn content(published: &Published) -> Value {
    let rows: Vec<Value> = lines(published)
        .map(|line| {
            let members = COLUMNS.iter().map(|column| (column.name.to_owned(), (column.of)(&line)));
            Value::Object(members.collect::<Map<_, _>>())
        })
        .collect();
    let month = |month: &Month| {
        json!({
            "month": month.month.to_string(),
            "filed": month.shown.filed,
            "decided": month.shown.decided,
            "agency_median": month.shown.agency.map(|waited| waited.median),
        })
    };
    let reasons = published.services.iter().map(|service| {
        json!({
            "service": service.code,
            "returned_for": service.returned_for.iter().map(reason).collect::<Vec<_>>(),
            "refused_for": service.refused_for.iter().map(reason).collect::<Vec<_>>(),
        })
    });
    json!({
        "dictionary": "/transparency/dictionary",
        "unit_of_waits": "working days",
        "null_means": "kept back, so that nobody is recognised behind a small number, or none",
        "months": published.months.iter().map(month).collect::<Vec<_>>(),
        "rows": rows,
        "reasons": reasons.collect::<Vec<_>>(),
    })
}

fn reason(reason: &Reason) -> Value {
    json!({ "code": reason.code, "title": reason.title, "number": reason.number })
}

fn text(value: Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text,
        other => other.to_string(),
    }
}
