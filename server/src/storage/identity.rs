//! The centre's own row: key, secret, epoch, and the counters of device numbers and publications.

use pishkhan_domain::ids::DeviceNumber;

use super::{StorageError, Unit};
use crate::values;

/// As stored.
pub struct StoredIdentity {
    /// Seed of the signing key.
    pub key_seed: [u8; 32],
    /// Secret from which anchors and upload tokens are computed.
    pub secret: [u8; 32],
    /// Epoch: changes when the centre was restored from a backup.
    pub epoch: [u8; 16],
    /// When a backup was read back last; none before the first.
    pub backed_up_at: Option<i64>,
}

/// The identity, once there is one.
///
/// # Errors
/// [`StorageError`], as in all that follow.
pub async fn find(unit: &mut dyn Unit) -> Result<Option<StoredIdentity>, StorageError> {
    let rows = unit
        .query(
            "SELECT key_seed, secret, epoch, backed_up_at FROM centre_identity WHERE id = 1",
            vec![],
        )
        .await?;
    let Some(row) = rows.first() else { return Ok(None) };
    Ok(Some(StoredIdentity {
        key_seed: row.array("key_seed")?,
        secret: row.array("secret")?,
        epoch: row.array("epoch")?,
        backed_up_at: row.opt_int("backed_up_at")?,
    }))
}

/// The epoch, with the centre's row locked until the unit ends.
///
/// # Errors
/// As [`find`].
pub async fn lock(unit: &mut dyn Unit) -> Result<[u8; 16], StorageError> {
    let rows =
        unit.query("SELECT epoch FROM centre_identity WHERE id = 1 FOR UPDATE", vec![]).await?;
    rows.first().ok_or(StorageError::Unreadable("centre"))?.array("epoch")
}

/// Keeps a new identity unless there is one already.
///
/// # Errors
/// As [`find`].
pub async fn insert(
    unit: &mut dyn Unit,
    identity: &StoredIdentity,
    now: i64,
) -> Result<(), StorageError> {
    let set = values![identity.key_seed, identity.secret, identity.epoch, now];
    unit.execute(
        "INSERT INTO centre_identity (id, key_seed, secret, epoch, created_at) \
         VALUES (1, $1, $2, $3, $4) ON CONFLICT (id) DO NOTHING",
        vec![set],
    )
    .await?;
    Ok(())
}

/// Numbers left out in a new epoch, since devices that the backup does not know may hold them.
const FORGOTTEN_DEVICES: u32 = 1_000;

/// Declares a new epoch.
///
/// # Errors
/// As [`find`].
pub async fn set_epoch(unit: &mut dyn Unit, epoch: [u8; 16]) -> Result<(), StorageError> {
    unit.execute(
        "UPDATE centre_identity SET epoch = $1, device_number = device_number + $2 WHERE id = 1",
        vec![values![epoch, FORGOTTEN_DEVICES]],
    )
    .await?;
    Ok(())
}

/// Gives no new device this number, nor one below it, under the lock of the centre's row.
///
/// # Errors
/// As [`find`].
pub async fn leave_out(unit: &mut dyn Unit, device: DeviceNumber) -> Result<(), StorageError> {
    unit.execute(
        "UPDATE centre_identity SET device_number = \
         CASE WHEN device_number < $1 THEN $1 ELSE device_number END WHERE id = 1",
        vec![values![device.0]],
    )
    .await?;
    Ok(())
}

/// The next device number, under the lock of the centre's row.
///
/// # Errors
/// As [`find`].
pub async fn next_device(unit: &mut dyn Unit) -> Result<DeviceNumber, StorageError> {
    let rows = unit
        .query(
            "UPDATE centre_identity SET device_number = device_number + 1 WHERE id = 1 \
             RETURNING device_number",
            vec![],
        )
        .await?;
    let number = rows.first().ok_or(StorageError::Unreadable("centre"))?.int("device_number")?;
    u32::try_from(number).map(DeviceNumber).map_err(|_| StorageError::Unreadable("device_number"))
}

/// The next number of a publication, under the same lock.
///
/// # Errors
/// As [`find`].
pub async fn next_publication(unit: &mut dyn Unit) -> Result<u64, StorageError> {
    let rows = unit
        .query(
            "UPDATE centre_identity SET publication_number = publication_number + 1 \
             WHERE id = 1 RETURNING publication_number",
            vec![],
        )
        .await?;
    rows.first().ok_or(StorageError::Unreadable("centre"))?.count("publication_number")
}
