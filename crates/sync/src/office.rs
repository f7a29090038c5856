//! What synchronisation needs of the office's store, and no more. Invariant: each call is one
//! short transaction or read; nothing is held between calls.

use pishkhan_domain::content_hash::ContentHash;
use pishkhan_protocol::event::Event;
use pishkhan_protocol::head::Head;
use pishkhan_store::{Applied, Identity, ReplyEffects, Store, StoreError, SyncState, Upload};

/// The office's side of an exchange; [`Store`] in the program, memory in the simulation.
pub trait Office: Send + 'static {
    /// Who this device is.
    fn identity(&self) -> &Identity;
    /// Where the log ends.
    ///
    /// # Errors
    /// [`StoreError`], as in all that follow.
    fn head(&self) -> Result<Head, StoreError>;
    /// The event at a sequence.
    ///
    /// # Errors
    /// [`StoreError`].
    fn event(&self, seq: u64) -> Result<Event, StoreError>;
    /// Entries after a sequence: as many as fit, one at least if there is one.
    ///
    /// # Errors
    /// [`StoreError`].
    fn entries_after(
        &self,
        seq: u64,
        max_bytes: usize,
        max_entries: usize,
    ) -> Result<Vec<Event>, StoreError>;
    /// Cursors and what the centre last said.
    ///
    /// # Errors
    /// [`StoreError`].
    fn sync_state(&self) -> Result<SyncState, StoreError>;
    /// Applies a verified reply in one transaction.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing was applied.
    fn apply_reply(&mut self, effects: &ReplyEffects) -> Result<Applied, StoreError>;
    /// Begins the feed anew.
    ///
    /// # Errors
    /// [`StoreError`].
    fn restart_feed(&mut self) -> Result<(), StoreError>;
    /// Documents to upload, most wanted first.
    ///
    /// # Errors
    /// [`StoreError`].
    fn uploads(&self, limit: u32) -> Result<Vec<Upload>, StoreError>;
    /// A document's bytes.
    ///
    /// # Errors
    /// [`StoreError`].
    fn document(&self, hash: ContentHash) -> Result<Vec<u8>, StoreError>;
    /// Notes how much of a document the centre has.
    ///
    /// # Errors
    /// [`StoreError`].
    fn set_document_offset(&mut self, hash: ContentHash, offset: u64) -> Result<(), StoreError>;
    /// The centre has the whole document.
    ///
    /// # Errors
    /// [`StoreError`].
    fn mark_uploaded(&mut self, hash: ContentHash, now_ms: i64) -> Result<(), StoreError>;
}

impl Office for Store {
    fn identity(&self) -> &Identity {
        Store::identity(self)
    }
    fn head(&self) -> Result<Head, StoreError> {
        Store::head(self)
    }
    fn event(&self, seq: u64) -> Result<Event, StoreError> {
        Store::event(self, seq)
    }
    fn entries_after(
        &self,
        seq: u64,
        max_bytes: usize,
        max_entries: usize,
    ) -> Result<Vec<Event>, StoreError> {
        Store::entries_after(self, seq, max_bytes, max_entries)
    }
    fn sync_state(&self) -> Result<SyncState, StoreError> {
        Store::sync_state(self)
    }
    fn apply_reply(&mut self, effects: &ReplyEffects) -> Result<Applied, StoreError> {
        Store::apply_reply(self, effects)
    }
    fn restart_feed(&mut self) -> Result<(), StoreError> {
        Store::restart_feed(self)
    }
    fn uploads(&self, limit: u32) -> Result<Vec<Upload>, StoreError> {
        Store::uploads(self, limit)
    }
    fn document(&self, hash: ContentHash) -> Result<Vec<u8>, StoreError> {
        Store::document(self, hash).map(|(bytes, _)| bytes)
    }
    fn set_document_offset(&mut self, hash: ContentHash, offset: u64) -> Result<(), StoreError> {
        Store::set_document_offset(self, hash, offset)
    }
    fn mark_uploaded(&mut self, hash: ContentHash, now_ms: i64) -> Result<(), StoreError> {
        Store::mark_uploaded(self, hash, now_ms)
    }
}
