//! The office's real store on a machine that may stop between any two of its calls, or whose disk
//! is full. Invariant: after the machine stopped, nothing more reaches the store.

use std::cell::Cell;

use pishkhan_domain::content_hash::ContentHash;
use pishkhan_protocol::event::Event;
use pishkhan_protocol::head::Head;
use pishkhan_store::{
    Applied, CarriedReceipt, CourierFile, Identity, NotedCarried, ReplyEffects, Store, StoreError,
    SyncState, Upload,
};
use pishkhan_sync::Office;
use pishkhan_sync::courier::CourierOffice;

/// A store that may fail.
pub(crate) struct FragileOffice {
    pub(crate) store: Store,
    /// Calls until the machine stops, and whether it stops after the last of them.
    fuse: Cell<Option<(u32, bool)>>,
    stopped: Cell<bool>,
    pub(crate) disk_full: bool,
    /// The next entries read have a bit changed, in memory alone.
    pub(crate) bad_memory: Cell<bool>,
}

impl FragileOffice {
    pub(crate) fn new(store: Store) -> Self {
        let (fuse, stopped, bad_memory) = (Cell::new(None), Cell::new(false), Cell::new(false));
        Self { store, fuse, stopped, disk_full: false, bad_memory }
    }

    /// The machine stops at the call after so many more: before it, or after it.
    pub(crate) fn light(&self, calls: u32, after: bool) {
        self.fuse.set(Some((calls, after)));
    }

    /// The danger is over.
    pub(crate) fn put_out(&self) {
        self.fuse.set(None);
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
        let mut events =
            self.read(|store| Office::entries_after(store, seq, max_bytes, max_entries))?;
        if let Some(byte) = events.first_mut().and_then(|event| event.body.last_mut())
            && self.bad_memory.take()
        {
            *byte ^= 1;
        }
        Ok(events)
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

impl CourierOffice for FragileOffice {
    fn begin_courier_file(&mut self, id: [u8; 16], now_ms: i64) -> Result<u64, StoreError> {
        self.write(|store| CourierOffice::begin_courier_file(store, id, now_ms))
    }
    fn finish_courier_file(&mut self, file: &CourierFile) -> Result<(), StoreError> {
        self.write(|store| CourierOffice::finish_courier_file(store, file))
    }
    fn documents_to_carry(&self) -> Result<Vec<Upload>, StoreError> {
        self.read(CourierOffice::documents_to_carry)
    }
    fn apply_carried(
        &mut self,
        effects: &ReplyEffects,
        gap: bool,
    ) -> Result<Option<Applied>, StoreError> {
        self.write(|store| CourierOffice::apply_carried(store, effects, gap))
    }
    fn note_carried(
        &mut self,
        receipt: &CarriedReceipt,
        now_ms: i64,
    ) -> Result<NotedCarried, StoreError> {
        self.write(|store| CourierOffice::note_carried(store, receipt, now_ms))
    }
}
