//! The log: appending, reading, checking.

use pishkhan_domain::ids::{ApplicationId, DraftId, OperatorId};
use pishkhan_protocol::body::EventBody;
use pishkhan_protocol::event::Event;
use pishkhan_protocol::head::Head;

use crate::error::StoreError;
use crate::store::Store;

/// What else belongs into the transaction that appends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Along {
    /// The draft has become an entry.
    DiscardDraft(DraftId),
}

/// What a walk along the whole log found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogCheck {
    /// Every entry follows from the one before.
    Sound {
        /// Where the log ends.
        head: Head,
    },
    /// The first entry that does not.
    BadEntry {
        /// Its place.
        seq: u64,
    },
}

impl Store {
    /// Records, in one transaction, durably: ثبت در دفتر. When this returns, the entries were
    /// committed with fsync and, if applications are among them, read back through a second
    /// connection and their hashes compared (P1: safe before paper). An application's id is the
    /// id of its event; its tracking code is in the event's core.
    ///
    /// # Errors
    /// Nothing was recorded: [`StoreError::Full`], [`StoreError::TooLarge`],
    /// [`StoreError::NotFound`] for a document that is named but not stored. May have been
    /// recorded but not to be trusted: [`StoreError::Corrupt`].
    pub fn append(
        &mut self,
        _operator: OperatorId,
        _now_ms: i64,
        _bodies: Vec<EventBody>,
        _also: &[Along],
    ) -> Result<Vec<Event>, StoreError> {
        unimplemented!()
    }

    /// Where the log ends.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn head(&self) -> Result<Head, StoreError> {
        unimplemented!()
    }

    /// The entries after `seq`, in order: as many as fit, but one at least if there is one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn entries_after(
        &self,
        _seq: u64,
        _max_bytes: usize,
        _max_entries: usize,
    ) -> Result<Vec<Event>, StoreError> {
        unimplemented!()
    }

    /// The event at `seq`.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn event(&self, _seq: u64) -> Result<Event, StoreError> {
        unimplemented!()
    }

    /// The event that recorded an application: what its receipt proves.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn recorded_event(&self, _id: ApplicationId) -> Result<Event, StoreError> {
        unimplemented!()
    }

    /// Walks along the whole log and links every entry anew.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    pub fn verify_log(&self) -> Result<LogCheck, StoreError> {
        unimplemented!()
    }

    /// The name under which an operator was enrolled on this device; empty when unknown.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn operator_name(&self, _operator: OperatorId) -> Result<String, StoreError> {
        unimplemented!()
    }
}
