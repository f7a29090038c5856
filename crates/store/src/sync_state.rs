//! Where synchronisation stands, as stored with the data it is about.

use pishkhan_protocol::anchor::Anchor;
use pishkhan_protocol::event::Hash;
use pishkhan_protocol::head::Head;

use crate::error::StoreError;
use crate::store::Store;

/// Cursors and what the centre last said. Times are milliseconds since 1970 by this device's clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncState {
    /// What the centre durably holds of this device's log: رسید مرکز.
    pub acknowledged: Head,
    /// Up to here the centre's backup has it.
    pub safe_seq: u64,
    /// The centre's epoch as last heard, at first that of the enrolment.
    pub epoch: [u8; 16],
    /// Lease to present.
    pub lease: Option<[u8; 16]>,
    /// Last anchor seen.
    pub anchor: Option<Anchor>,
    /// Last number of the feed that is stored.
    pub feed_cursor: u64,
    /// Hash of the feed at the cursor.
    pub feed_hash: Hash,
    /// Last number of the catalogue that is stored.
    pub catalogue_cursor: u64,
    /// When the centre last answered.
    pub last_contact_at: Option<i64>,
    /// When the centre last acknowledged anything new.
    pub last_received_at: Option<i64>,
    /// Device's clock minus centre's clock, milliseconds, as last measured.
    pub clock_offset_ms: Option<i64>,
}

impl Store {
    /// Where synchronisation stands.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn sync_state(&self) -> Result<SyncState, StoreError> {
        unimplemented!()
    }

    /// What the centre durably holds of this device's log.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn acknowledged(&self) -> Result<Head, StoreError> {
        unimplemented!()
    }
}
