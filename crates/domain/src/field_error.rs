//! What is wrong with one field, as a code that every language has a sentence for.

use std::collections::BTreeMap;

use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

/// What is wrong with one value, `noun.reason`: `national_id.check_digit`. Each rule returns codes of
/// its own noun; all of them together are [`crate::entry::FIELD_ERROR_CODES`].
pub type FieldErrorCode = &'static str;

/// One fault in what was entered. `field` is a path: `applicant.national_id`, `form.child_name`,
/// `form.witnesses.2.name`, `documents.birth-certificate`. `code` is `noun.reason`, for instance
/// `national_id.check_digit`; its sentences live in the interface's catalogues of messages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Encode, Decode)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct FieldError {
    /// Path of the field, its parts joined by dots.
    #[n(0)]
    pub field: String,
    /// What is wrong, `noun.reason`.
    #[n(1)]
    pub code: String,
    /// Values that the sentence names, for instance `min`, `max`, `given`.
    #[n(2)]
    #[serde(default)]
    pub params: BTreeMap<String, String>,
}

impl FieldError {
    /// An error with no parameters.
    #[must_use]
    pub fn new(field: impl Into<String>, code: impl Into<String>) -> Self {
        Self { field: field.into(), code: code.into(), params: BTreeMap::new() }
    }

    /// The same error with one more parameter for its sentence.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.params.insert(name.to_owned(), value.to_string());
        self
    }
}
