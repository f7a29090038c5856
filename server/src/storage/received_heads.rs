//! What devices signed of their logs, one row for each time that entries were stored; append-only,
//! each row linked to the device's row before.

use pishkhan_domain::ids::{DeviceNumber, OfficeCode};
use pishkhan_protocol::day_root::ReceivedHead;
use pishkhan_protocol::event::Hash;
use pishkhan_protocol::head::Head;
use pishkhan_protocol::keys::SignatureBytes;

use super::{Row, StorageError, Unit};
use crate::values;

/// As stored.
pub struct StoredHead {
    /// What was received.
    pub received: ReceivedHead,
    /// Its link.
    pub link: Hash,
}

/// Appends a head; the device's row keeps the link as its last.
///
/// # Errors
/// [`StorageError`], as in all that follow.
pub async fn append(
    unit: &mut dyn Unit,
    office: &OfficeCode,
    device: DeviceNumber,
    received: &ReceivedHead,
    link: &Hash,
) -> Result<(), StorageError> {
    let ReceivedHead { head, after_seq, signature, received_at_ms } = received;
    let set = values![
        office.0.as_str(),
        device.0,
        head.seq,
        *after_seq,
        head.hash,
        signature.0,
        *received_at_ms,
        *link
    ];
    unit.execute(
        "INSERT INTO received_heads (office, device, seq, after_seq, hash, signature, \
         received_at, link) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        vec![set],
    )
    .await?;
    Ok(())
}

/// The heads of a device that are beyond a sequence, at most `limit`, in order.
///
/// # Errors
/// As [`append`].
pub async fn after(
    unit: &mut dyn Unit,
    office: &OfficeCode,
    device: DeviceNumber,
    seq: u64,
    limit: u32,
) -> Result<Vec<StoredHead>, StorageError> {
    let rows = unit
        .query(
            "SELECT seq, after_seq, hash, signature, received_at, link FROM received_heads \
             WHERE office = $1 AND device = $2 AND seq > $3 ORDER BY seq LIMIT $4",
            values![office.0.as_str(), device.0, seq, limit],
        )
        .await?;
    rows.iter().map(read).collect()
}

fn read(row: &Row) -> Result<StoredHead, StorageError> {
    Ok(StoredHead {
        received: ReceivedHead {
            head: Head { seq: row.count("seq")?, hash: row.array("hash")? },
            after_seq: row.count("after_seq")?,
            signature: SignatureBytes(row.array("signature")?),
            received_at_ms: row.int("received_at")?,
        },
        link: row.array("link")?,
    })
}
