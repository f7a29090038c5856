//! Single places of the logs, which the leaves of a day's root name.

use pishkhan_domain::ids::{DeviceNumber, OfficeCode};

use crate::storage::{Row, StorageError, Unit, Value, offices};
use crate::values;

/// What there is of a device at a place of its log.
pub struct DevicePlace {
    /// Its key, if there is such a device.
    pub key: Option<Vec<u8>>,
    /// Hash of its entry there.
    pub hash: Option<Vec<u8>>,
    /// Link of its received head there.
    pub link: Option<Vec<u8>>,
}

/// A device at a place of its log.
///
/// # Errors
/// [`StorageError`], as in all that follow.
pub async fn device_at(
    unit: &mut dyn Unit,
    device: DeviceNumber,
    seq: u64,
) -> Result<DevicePlace, StorageError> {
    let office = offices::of_device(unit, device).await?;
    let Some(office) = office else { return Ok(DevicePlace { key: None, hash: None, link: None }) };
    let key = values![office.0.as_str(), device.0];
    let place: Vec<Value> = values![office.0.as_str(), device.0, seq];
    let keys =
        unit.query("SELECT public_key FROM devices WHERE office = $1 AND device = $2", key).await?;
    let hashes = unit
        .query(
            "SELECT hash FROM events WHERE office = $1 AND device = $2 AND seq = $3",
            place.clone(),
        )
        .await?;
    let links = unit
        .query(
            "SELECT link FROM received_heads WHERE office = $1 AND device = $2 AND seq = $3",
            place,
        )
        .await?;
    let first = |rows: &[Row], name| rows.first().map(|row| row.bytes(name)).transpose();
    Ok(DevicePlace {
        key: first(&keys, "public_key")?,
        hash: first(&hashes, "hash")?,
        link: first(&links, "link")?,
    })
}

/// Hash of a feed at a number.
///
/// # Errors
/// As [`device_at`].
pub async fn feed_at(
    unit: &mut dyn Unit,
    office: &OfficeCode,
    number: u64,
) -> Result<Option<Vec<u8>>, StorageError> {
    let rows = unit
        .query(
            "SELECT hash FROM feed WHERE office = $1 AND number = $2",
            values![office.0.as_str(), number],
        )
        .await?;
    rows.first().map(|row| row.bytes("hash")).transpose()
}

/// Link of the staff's log at a number.
///
/// # Errors
/// As [`device_at`].
pub async fn audit_log_at(
    unit: &mut dyn Unit,
    number: u64,
) -> Result<Option<Vec<u8>>, StorageError> {
    let rows = unit.query("SELECT hash FROM audit_log WHERE number = $1", values![number]).await?;
    rows.first().map(|row| row.bytes("hash")).transpose()
}
