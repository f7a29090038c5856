//! A paper of an application, for the officer of its agency.

use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use pishkhan_domain::application::Evidence;
use pishkhan_domain::content_hash::ContentHash;
use pishkhan_domain::ids::ApplicationId;

use super::Session;
use super::application::of_agency;
use crate::lost::{self, Opened};
use crate::storage::audit_log;
use crate::web::AppState;
use crate::web::page::{Message, PageError, page};

/// Nothing in a paper may run, whatever it says it is.
const SANDBOX: &str = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; sandbox";

fn said_to_be_lost(back: &str) -> Message<'_> {
    Message {
        title: "تصویر مدرک در مرکز خراب شده است",
        text: "پرونده‌ای که رسیده بود دیگر سالم نیست. نسخهٔ اصل در دفتر است و خودکار دوباره از \
               دفتر خواسته شد؛ پس از تماس بعدی دفتر این صفحه را دوباره باز کنید.",
        back,
    }
}

/// A browser's viewer of PDF does not open in a sandbox. It runs nothing in our origin's name.
pub(super) const PDF_POLICY: &str = "default-src 'none'; object-src 'self'; img-src 'self' data:; \
     style-src 'unsafe-inline'; frame-ancestors 'self'";

/// `GET /console/applications/{id}/documents/{hash}`.
pub async fn document(
    State(state): State<AppState>,
    session: Session,
    Path((id, hash)): Path<(String, String)>,
) -> Result<Response, PageError> {
    let id: ApplicationId = id.parse().map_err(|_| PageError::NotFound)?;
    let hash: ContentHash = hash.parse().map_err(|_| PageError::NotFound)?;
    let mut unit = state.centre.storage.begin().await?;
    let application = of_agency(unit.as_mut(), &session, id).await?;
    let (who, subject, now) = (&session.officer, id.to_string(), state.centre.now());
    let detail = hash.to_string();
    audit_log::record(unit.as_mut(), who, "document.viewed", &subject, &detail, now).await?;
    unit.commit().await?;
    let media_type = application.content.documents.iter().find_map(|paper| match &paper.evidence {
        Evidence::Copy { hash: known, media_type, .. } if *known == hash => Some(media_type),
        _ => None,
    });
    let kind = match media_type.map(String::as_str) {
        Some("image/jpeg") => "image/jpeg",
        Some("image/png") => "image/png",
        Some("application/pdf") => "application/pdf",
        _ => return Err(PageError::NotFound),
    };
    let (storage, documents) = (&state.centre.storage, &state.centre.documents);
    let opened = lost::open(storage, documents, (&application.office, hash), now).await;
    let opened = opened.map_err(|error| {
        crate::web::report(&error);
        PageError::Unavailable
    })?;
    let back = format!("/console/applications/{id}");
    let bytes = match opened {
        Opened::Whole(bytes) => bytes,
        Opened::OnItsWay => return Err(PageError::NotFound),
        Opened::Lost => return Ok(page(StatusCode::NOT_FOUND, &said_to_be_lost(&back))),
    };
    let headers = [
        (header::CONTENT_TYPE, kind),
        (
            header::CONTENT_SECURITY_POLICY,
            if kind == "application/pdf" { PDF_POLICY } else { SANDBOX },
        ),
        // Only in a page of our own, where the officer reads it beside the form.
        (header::X_FRAME_OPTIONS, "SAMEORIGIN"),
        (header::CONTENT_DISPOSITION, "inline"),
        (header::CACHE_CONTROL, "private, max-age=300"),
    ];
    Ok((headers, bytes).into_response())
}
