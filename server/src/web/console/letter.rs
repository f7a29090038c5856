//! The letter of an application as PDF: as it went out, and as it would be.

use axum::Form;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use pishkhan_domain::ids::ApplicationId;
use pishkhan_domain::tracking_code::TrackingCode;
use pishkhan_protocol::letter::Letter;
use pishkhan_receipt::{LetterKind, render_letter};
use tokio::task::spawn_blocking;

use super::Session;
use super::act::{Fields, attempt, field, said, wish};
use super::application::{of_agency, show};
use super::document::PDF_POLICY;
use crate::officer::{ActError, letter::draft};
use crate::storage::{audit_log, letters};
use crate::web::AppState;
use crate::web::page::PageError;

/// `GET /console/applications/{id}/letter`.
pub async fn letter(
    State(state): State<AppState>,
    session: Session,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let id: ApplicationId = id.parse().map_err(|_| PageError::NotFound)?;
    let mut unit = state.centre.storage.begin().await?;
    let application = of_agency(unit.as_mut(), &session, id).await?;
    let letter = letters::find(unit.as_mut(), &application.office, id).await?;
    let letter = letter.ok_or(PageError::NotFound)?;
    let (who, now, subject) = (&session.officer, state.centre.now(), id.to_string());
    let number = letter.reference();
    audit_log::record(unit.as_mut(), who, "letter.viewed", &subject, &number, now).await?;
    unit.commit().await?;
    as_file(letter, application.tracking_code, LetterKind::Issued).await
}

/// `POST /console/applications/{id}/letter/preview`: nothing is approved, no number is taken.
pub async fn preview(
    State(state): State<AppState>,
    session: Session,
    Path(id): Path<String>,
    Form(fields): Form<Fields>,
) -> Result<Response, PageError> {
    session.check(&field(&fields, "csrf"))?;
    let application: ApplicationId = id.parse().map_err(|_| PageError::NotFound)?;
    let wished = wish(&fields).ok_or(ActError::NoSuchLetter);
    let drafted = match wished {
        Ok(wish) => draft(&state.centre, &session.officer, application, &wish).await,
        Err(none) => Err(none),
    };
    let (letter, code) = match drafted {
        Ok(drafted) => drafted,
        Err(ActError::NotFound) => return Err(PageError::NotFound),
        Err(ActError::Storage(error)) => return Err(error.into()),
        Err(refused) => {
            let attempt = attempt(&fields, "approve", said(&refused));
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return show(&state, &session, &id, status, attempt).await;
        }
    };
    let mut unit = state.centre.storage.begin().await?;
    let (who, now) = (&session.officer, state.centre.now());
    audit_log::record(unit.as_mut(), who, "letter.previewed", &id, "", now).await?;
    unit.commit().await?;
    as_file(letter, code, LetterKind::Draft).await
}

/// A letter as an answer.
async fn as_file(
    letter: Letter,
    code: TrackingCode,
    kind: LetterKind,
) -> Result<Response, PageError> {
    // Typesetting takes tens of milliseconds of a processor.
    let set = spawn_blocking(move || render_letter(&letter, code, kind)).await;
    let pdf = set.map_err(|_| PageError::Unavailable)?.map_err(|error| {
        crate::web::report(&error);
        PageError::Unavailable
    })?;
    let headers = [
        (header::CONTENT_TYPE, "application/pdf"),
        (header::CONTENT_SECURITY_POLICY, PDF_POLICY),
        (header::CONTENT_DISPOSITION, "inline; filename=letter.pdf"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, pdf).into_response())
}
