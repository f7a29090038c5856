//! Taking up several from the front of the queue.

use axum::Form;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use pishkhan_domain::digits::to_latin_digits;
use pishkhan_domain::ids::ServiceCode;
use serde::Deserialize;

use super::Session;
use crate::officer::take_up::take_up_first;
use crate::web::AppState;
use crate::web::page::PageError;

/// What was typed.
#[derive(Deserialize)]
pub struct Wish {
    csrf: String,
    service: String,
    number: String,
}

/// `POST /console/take-up`.
pub async fn take_up(
    State(state): State<AppState>,
    session: Session,
    Form(wish): Form<Wish>,
) -> Result<Response, PageError> {
    session.check(&wish.csrf)?;
    let number = to_latin_digits(wish.number.trim()).parse().unwrap_or(0);
    let service = ServiceCode::from(wish.service.as_str());
    let taken = take_up_first(&state.centre, &session.officer, &service, number).await?;
    let to = format!("/console?state=accepted&done=taken&number={}", taken.len());
    Ok(Redirect::to(&to).into_response())
}
