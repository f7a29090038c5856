//! The form of a service card: from what was typed to what is kept.
//!
//! Invariant: a [`Form`] holds only fields of its card, each normalised and within its rules.

use std::collections::BTreeMap;

use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

/// A checked answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Encode, Decode)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(untagged)]
pub enum Answer {
    /// Yes or no.
    #[n(0)]
    Flag(#[n(0)] bool),
    /// A whole number or an amount in rial.
    #[n(1)]
    Integer(
        #[n(0)]
        #[cfg_attr(feature = "ts", ts(type = "number"))]
        i64,
    ),
    /// Text, a choice's value, a code in Latin digits, an ISO date, a decimal such as `12.5`.
    #[n(2)]
    Text(#[n(0)] String),
    /// Rows of a repeated group.
    #[n(3)]
    Rows(#[n(0)] Vec<BTreeMap<String, Answer>>),
}

/// Checked answers by field key. Sorted, so that its encoding is deterministic.
pub type Form = BTreeMap<String, Answer>;

/// What was typed, by field key: texts (any digits), booleans, numbers, or arrays of objects for
/// repeated groups. Kept in drafts as it is.
pub type FormEntry = BTreeMap<String, serde_json::Value>;
