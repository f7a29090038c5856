//! An application: what the citizen asked for, as filed.

use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

use crate::content_hash::ContentHash;

/// A paper as it was handed over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Encode, Decode)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct AttachedDocument {
    /// Code of the requirement on the card.
    #[n(0)]
    pub code: String,
    /// A copy, or only seen.
    #[n(1)]
    pub evidence: Evidence,
}

/// How a paper was handed over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Encode, Decode)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Evidence {
    /// The operator saw the original; no copy is needed.
    #[n(0)]
    Seen,
    /// A scan or photo, named by the hash of its bytes.
    #[n(1)]
    Copy {
        /// SHA-256 of the bytes as they are sent.
        #[n(0)]
        hash: ContentHash,
        /// Length in bytes.
        #[n(1)]
        size_bytes: u32,
        /// `image/jpeg` or `application/pdf`.
        #[n(2)]
        media_type: String,
    },
}

/// A defect for which an application is returned: the field or paper it names and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Encode, Decode)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct Defect {
    /// Path as in [`crate::field_error::FieldError`]: `form.child_name`, `documents.id-booklet`.
    #[n(0)]
    pub field: String,
    /// What is wrong, in the officer's words.
    #[n(1)]
    pub reason: String,
}
