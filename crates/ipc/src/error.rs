//! Errors as the window gets them: a code that every language has a sentence for, and values.
//!
//! Rule for adding a code: `noun.reason`, listed in [`CODES`], with a sentence in each of the
//! interface's catalogues; a test checks both.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// An error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct IpcError {
    /// One of [`CODES`].
    pub code: String,
    /// Values for the sentence.
    pub params: BTreeMap<String, String>,
}

impl IpcError {
    /// An error with no parameters.
    #[must_use]
    pub fn new(code: &str) -> Self {
        Self { code: code.to_owned(), params: BTreeMap::new() }
    }

    /// The same with one more parameter.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.params.insert(name.to_owned(), value.to_string());
        self
    }
}

/// Every code that a command may fail with.
pub const CODES: &[&str] = &[
    "application.not_found",
    "application.act_not_allowed",
    "centre.refused",
    "centre.unreachable",
    "courier.no_file",
    "courier.no_folder",
    "courier.no_room",
    "courier.not_verified",
    "courier.not_writable",
    "disk.failed",
    "disk.full",
    "document.not_found",
    "document.too_large",
    "document.unreadable",
    "document.wrong_type",
    "draft.not_found",
    "enrolment.code_invalid",
    "enrolment.already_done",
    "entry.too_large",
    "internal.failed",
    "letter.not_found",
    "note.empty",
    "operator.name_required",
    "pin.too_short",
    "pin.wrong",
    "pin.wait",
    "recipient.required",
    "service.unknown",
    "session.locked",
    "settings.invalid",
    "store.corrupt",
    "store.in_use",
    "store.too_new",
];
