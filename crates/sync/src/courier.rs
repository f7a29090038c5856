//! Courier (پیک): the exchange in files that somebody carries, in any order, twice or never.
//!
//! Invariant: what a file says of this office is believed only as far as it is still true; a file
//! that never arrives costs nothing, since the next one holds all that the centre is not known to
//! have. The office is locked for a part at a time, never for a file.

mod export;
mod import;
mod verify;

use std::sync::{Mutex, MutexGuard, PoisonError};

use pishkhan_store::{
    Applied, CarriedReceipt, CourierFile, NotedCarried, ReplyEffects, Store, StoreError, Upload,
};

use crate::office::Office;

pub use export::{ExportError, Exported, export};
pub use import::{Imported, Outcome, import};
pub use verify::verify;

/// The office's side of the courier.
pub trait CourierOffice: Office {
    /// Takes the next number for a file that is about to be written.
    ///
    /// # Errors
    /// [`StoreError`], as in all that follow.
    fn begin_courier_file(&mut self, id: [u8; 16], now_ms: i64) -> Result<u64, StoreError>;
    /// The file is whole where it was written.
    ///
    /// # Errors
    /// [`StoreError`].
    fn finish_courier_file(&mut self, file: &CourierFile) -> Result<(), StoreError>;
    /// Documents that the centre has not confirmed, in order of filing.
    ///
    /// # Errors
    /// [`StoreError`].
    fn documents_to_carry(&self) -> Result<Vec<Upload>, StoreError>;
    /// Applies what is still true of a verified reply that was carried, in one transaction; none
    /// when nothing of it is.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing was applied.
    fn apply_carried(
        &mut self,
        effects: &ReplyEffects,
        gap: bool,
    ) -> Result<Option<Applied>, StoreError>;
    /// Notes what the centre has of what was carried.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing was noted.
    fn note_carried(
        &mut self,
        receipt: &CarriedReceipt,
        now_ms: i64,
    ) -> Result<NotedCarried, StoreError>;
}

impl CourierOffice for Store {
    fn begin_courier_file(&mut self, id: [u8; 16], now_ms: i64) -> Result<u64, StoreError> {
        Store::begin_courier_file(self, id, now_ms)
    }
    fn finish_courier_file(&mut self, file: &CourierFile) -> Result<(), StoreError> {
        Store::finish_courier_file(self, file)
    }
    fn documents_to_carry(&self) -> Result<Vec<Upload>, StoreError> {
        Store::documents_to_carry(self)
    }
    fn apply_carried(
        &mut self,
        effects: &ReplyEffects,
        gap: bool,
    ) -> Result<Option<Applied>, StoreError> {
        Store::apply_carried(self, effects, gap)
    }
    fn note_carried(
        &mut self,
        receipt: &CarriedReceipt,
        now_ms: i64,
    ) -> Result<NotedCarried, StoreError> {
        Store::note_carried(self, receipt, now_ms)
    }
}

fn locked<O>(office: &Mutex<O>) -> MutexGuard<'_, O> {
    // A panic elsewhere rolled its transaction back; the store itself is whole.
    office.lock().unwrap_or_else(PoisonError::into_inner)
}
