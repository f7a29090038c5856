//! The office's real store on a machine that may stop between any two of its calls, or whose disk
//! is full. Invariant: after the machine stopped, nothing more reaches the store.

use std::cell::Cell;

use pishkhan_domain::content_hash::ContentHash;
use pishkhan_protocol::event::Event;
use pishkhan_protocol::head::Head;
use pishkhan_store::{Applied, Identity, ReplyEffects, Store, StoreError, SyncState, Upload};
use pishkhan_sync::Office;

/// A store that may fail.
pub(crate) struct FragileOffice {
    pub(crate) store: Store,
    /// Calls until the machine stops, and whether it stops after the last of them.
    fuse: Cell<Option<(u32, bool)>>,
    stopped: Cell<bool>,
    pub(crate) disk_full: bool,
}

impl FragileOffice {
    pub(crate) fn new(store: Store) -> Self {
        Self { store, fuse: Cell::new(None), stopped: Cell::new(false), disk_full: false }
    }

    /// The machine stops at the call after so many more: before it, or after it.
    pub(crate) fn light(&self, calls: u32, after: bool) {
        self.fuse.set(Some((calls, after)));
    }

    pub(crate) fn stopped(&self) -> bool {
        self.stopped.get()
    }

    /// True when the machine stops at this call: then `Some(after it?)`.
    fn burn(&self) -> Option<bool> {
        if self.stopped.get() {
            return Some(false);
        }
        let (calls, after) = self.fuse.get()?;
        if calls > 0 {
            self.fuse.set(Some((calls - 1, after)));
            return None;
        }
        self.fuse.set(None);
        self.stopped.set(true);
        Some(after)
    }

    fn read<T>(&self, act: impl FnOnce(&Store) -> Result<T, StoreError>) -> Result<T, StoreError> {
        match self.burn() {
            Some(_) => Err(no_power()),
            None => act(&self.store),
        }
    }

    fn write<T>(
        &mut self,
        act: impl FnOnce(&mut Store) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        if self.disk_full {
            return Err(StoreError::Full);
        }
        match self.burn() {
            Some(false) => Err(no_power()),
            Some(true) => {
                let _done = act(&mut self.store);
                Err(no_power())
            }
            None => act(&mut self.store),
        }
    }
}

fn no_power() -> StoreError {
    StoreError::Other { doing: "a call of a machine that stopped", source: "no power".into() }
}

impl Office for FragileOffice {
    fn identity(&self) -> &Identity {
        self.store.identity()
    }
    fn head(&self) -> Result<Head, StoreError> {
        self.read(Office::head)
    }
    fn event(&self, seq: u64) -> Result<Event, StoreError> {
        self.read(|store| Office::event(store, seq))
    }
    fn entries_after(
        &self,
        seq: u64,
        max_bytes: usize,
        max_entries: usize,
    ) -> Result<Vec<Event>, StoreError> {
        self.read(|store| Office::entries_after(store, seq, max_bytes, max_entries))
    }
    fn sync_state(&self) -> Result<SyncState, StoreError> {
        self.read(Office::sync_state)
    }
    fn apply_reply(&mut self, effects: &ReplyEffects) -> Result<Applied, StoreError> {
        self.write(|store| Office::apply_reply(store, effects))
    }
    fn restart_feed(&mut self) -> Result<(), StoreError> {
        self.write(Office::restart_feed)
    }
    fn uploads(&self, limit: u32) -> Result<Vec<Upload>, StoreError> {
        self.read(|store| Office::uploads(store, limit))
    }
    fn document(&self, hash: ContentHash) -> Result<Vec<u8>, StoreError> {
        self.read(|store| Office::document(store, hash))
    }
    fn set_document_offset(&mut self, hash: ContentHash, offset: u64) -> Result<(), StoreError> {
        self.write(|store| Office::set_document_offset(store, hash, offset))
    }
    fn mark_uploaded(&mut self, hash: ContentHash, now_ms: i64) -> Result<(), StoreError> {
        self.write(|store| Office::mark_uploaded(store, hash, now_ms))
    }
}
