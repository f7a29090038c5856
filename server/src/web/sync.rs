//! The addresses that devices call. Bodies and answers are CBOR.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use pishkhan_protocol::enrolment::EnrolRequest;

use super::AppState;
use crate::centre::Centre;
use crate::enrolment::{self, EnrolError};
use crate::exchange::{self as conversation, ExchangeError, ShortError};

const CBOR: [(header::HeaderName, &str); 1] = [(header::CONTENT_TYPE, "application/cbor")];

/// The reachability probe: 204, and nothing in between may answer in its place with a page.
pub async fn probe() -> StatusCode {
    StatusCode::NO_CONTENT
}

/// A device asks for its number.
pub async fn enrol(State(state): State<AppState>, body: Bytes) -> Response {
    let Ok(request) = EnrolRequest::from_bytes(&body) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    match enrolment::enrol(&state.centre, &request).await {
        Ok(reply) => (CBOR, reply.to_bytes()).into_response(),
        Err(EnrolError::CodeInvalid) => StatusCode::FORBIDDEN.into_response(),
        Err(error) => unavailable(&error),
    }
}

/// A device sends what it has and asks what is new.
pub async fn exchange(State(state): State<AppState>, body: Bytes) -> Response {
    answer(&state.centre, &body).await
}

/// Answers an envelope, by whichever way it came.
pub(super) async fn answer(centre: &Centre, envelope: &[u8]) -> Response {
    match conversation::exchange(centre, envelope).await {
        Ok(reply) => (CBOR, reply).into_response(),
        Err(ExchangeError::NotUnderstood(error)) => {
            tracing::warn!(%error, "message not understood");
            StatusCode::BAD_REQUEST.into_response()
        }
        Err(ExchangeError::UnknownDevice) => StatusCode::FORBIDDEN.into_response(),
        Err(error) => unavailable(&error),
    }
}

/// The same in the short form. 412 says no more than: in the full form, please.
pub async fn short(State(state): State<AppState>, body: Bytes) -> Response {
    match conversation::short(&state.centre, &body).await {
        Ok(reply) => (CBOR, reply).into_response(),
        Err(ShortError::OutOfOrdinary(why)) => {
            tracing::info!(why, "asked for the full form");
            StatusCode::PRECONDITION_FAILED.into_response()
        }
        Err(error) => unavailable(&error),
    }
}

fn unavailable(error: &dyn std::error::Error) -> Response {
    super::report(error);
    StatusCode::SERVICE_UNAVAILABLE.into_response()
}
