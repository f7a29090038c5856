//! Messages of the centre to the office.

use crate::error::StoreError;
use crate::store::Store;

/// A message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Number within the feed.
    pub number: u64,
    /// Title.
    pub title: String,
    /// Text.
    pub text: String,
    /// When, by the centre's clock.
    pub at: i64,
    /// Read?
    pub read: bool,
}

impl Store {
    /// All messages, newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn notices(&self) -> Result<Vec<Notice>, StoreError> {
        unimplemented!()
    }

    /// Somebody has read it.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn mark_notice_read(&mut self, _number: u64, _now_ms: i64) -> Result<(), StoreError> {
        unimplemented!()
    }
}
