//! Turning a template or an error into a page.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};

/// A page with its status. No cache keeps it, unless its headers say otherwise (see
/// [`super::guard`]).
pub fn page(status: StatusCode, template: &impl Template) -> Response {
    match template.render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(error) => {
            super::report(&error);
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// Leaves what a page shows of a list of which one more was asked for; was there more?
pub fn cut<T>(found: &mut Vec<T>, most: u32) -> bool {
    let more = found.len() > most as usize;
    found.truncate(most as usize);
    more
}

/// A page with a title and a sentence.
#[derive(Template)]
#[template(path = "message.html")]
pub struct Message<'a> {
    /// Title.
    pub title: &'a str,
    /// Sentence.
    pub text: &'a str,
    /// Where "back" leads.
    pub back: &'a str,
}

/// What went wrong, as a page.
#[derive(Debug)]
pub enum PageError {
    /// Nothing here, or not for this reader.
    NotFound,
    /// The form's token is not this session's.
    Forged,
    /// Whoever asks must show again that it is he or she, and then comes back to this path.
    ProveFirst(String),
    /// Try again later.
    Unavailable,
}

impl From<crate::sign_in::SignInError> for PageError {
    fn from(error: crate::sign_in::SignInError) -> Self {
        super::report(&error);
        Self::Unavailable
    }
}

impl From<crate::storage::StorageError> for PageError {
    fn from(error: crate::storage::StorageError) -> Self {
        super::report(&error);
        Self::Unavailable
    }
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        let (status, title, text) = match self {
            Self::ProveFirst(to) => {
                // Paths of ours have letters, digits, dashes and slashes only.
                let page = format!("/console/account/prove?to={to}");
                return Redirect::to(&page).into_response();
            }
            Self::NotFound => {
                (StatusCode::NOT_FOUND, "صفحه پیدا نشد", "چنین صفحه‌ای نیست، یا برای شما نیست.")
            }
            Self::Forged => (
                StatusCode::FORBIDDEN,
                "فرم معتبر نیست",
                "این فرم از نشست کنونی شما نیست. صفحه را دوباره باز کنید و کار را تکرار کنید.",
            ),
            Self::Unavailable => (
                StatusCode::SERVICE_UNAVAILABLE,
                "سامانه اکنون پاسخ نمی‌دهد",
                "کمی بعد دوباره تلاش کنید. چیزی از دست نرفته است.",
            ),
        };
        page(status, &Message { title, text, back: "/" })
    }
}
