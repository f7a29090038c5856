//! Where synchronisation stands, as stored with the data it is about.

use pishkhan_protocol::anchor::Anchor;
use pishkhan_protocol::event::Hash;
use pishkhan_protocol::head::Head;
use rusqlite::Connection;

use crate::error::StoreError;
use crate::numbers::{from_sql, time};
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
        read(&self.reader)
    }

    /// What the centre durably holds of this device's log.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn acknowledged(&self) -> Result<Head, StoreError> {
        Ok(read(&self.reader)?.acknowledged)
    }
}

/// Where synchronisation stands, as a connection sees it.
pub(crate) fn read(connection: &Connection) -> Result<SyncState, StoreError> {
    let state =
        connection.prepare_cached(include_str!("sync_state/read.sql"))?.query_row([], |row| {
            let anchor_at = row.get("anchor_at")?;
            let nonce = sixteen(row.get("anchor_nonce")?);
            Ok(SyncState {
                acknowledged: Head {
                    seq: from_sql(row.get("acknowledged_seq")?),
                    hash: row.get::<_, Option<Hash>>("acknowledged_hash")?.unwrap_or_default(),
                },
                safe_seq: from_sql(row.get("safe_seq")?),
                epoch: row.get("epoch")?,
                lease: sixteen(row.get("lease")?),
                anchor: nonce.map(|nonce| Anchor { at_ms: anchor_at, nonce }),
                feed_cursor: from_sql(row.get("feed_cursor")?),
                feed_hash: row.get::<_, Option<Hash>>("feed_hash")?.unwrap_or_default(),
                catalogue_cursor: from_sql(row.get("catalogue_cursor")?),
                last_contact_at: time(row.get("last_contact_at")?),
                last_received_at: time(row.get("last_received_at")?),
                clock_offset_ms: row.get("clock_offset_ms")?,
            })
        })?;
    Ok(state)
}

/// Sixteen bytes, or `x''` for none.
fn sixteen(bytes: Vec<u8>) -> Option<[u8; 16]> {
    bytes.try_into().ok()
}
