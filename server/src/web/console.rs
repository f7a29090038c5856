//! The officers' desk.

use axum::http::header;

pub use super::session::{Frame, Session};

pub mod account;
pub mod act;
pub mod application;
pub mod document;
pub mod history;
pub mod login;
pub mod papers;
pub mod queue;
pub mod sign_in;

/// Nobody's cache keeps a page of the desk.
pub(super) const NO_STORE: [(header::HeaderName, &str); 1] = [(header::CACHE_CONTROL, "no-store")];
