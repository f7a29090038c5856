//! What has come since a page of the queue was opened: told to the page, which moves nothing.

use axum::extract::{Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::Session;
use crate::storage::queue;
use crate::web::AppState;
use crate::web::page::PageError;
use crate::wording;

/// Beyond this only "more" is said.
const MOST: u32 = 99;

/// Since when.
#[derive(Deserialize)]
pub struct Since {
    since: i64,
}

/// `GET /console/news`: a sentence, or nothing.
pub async fn news(
    State(state): State<AppState>,
    session: Session,
    Query(Since { since }): Query<Since>,
) -> Result<Response, PageError> {
    let mut unit = state.centre.storage.read().await?;
    let agency = &session.officer.agency;
    let number = queue::count_arrived(unit.as_mut(), agency, since, MOST + 1).await?;
    let text = match number {
        0 => String::new(),
        number if number > u64::from(MOST) => {
            format!("بیش از {} درخواست تازه رسید", wording::number(MOST))
        }
        number => format!("{} درخواست تازه رسید", wording::number(number)),
    };
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response())
}
