//! How far each device's log is safe: stored, and in a backup that was read back.

use pishkhan_domain::ids::{DeviceNumber, OfficeCode};

use super::{SharedStorage, StorageError, Unit};
use crate::values;

/// Rows of one unit.
const ROWS: usize = 500;

/// A device's log up to a place.
pub type UpTo = (OfficeCode, DeviceNumber, u64);

/// How far each device's log is stored now.
///
/// # Errors
/// [`StorageError`], as in all that follow.
pub async fn stored(unit: &mut dyn Unit) -> Result<Vec<UpTo>, StorageError> {
    let rows = unit
        .query("SELECT office, device, head_seq FROM devices ORDER BY office, device", vec![])
        .await?;
    rows.iter()
        .map(|row| {
            let number = u32::try_from(row.int("device")?);
            let number = number.map_err(|_| StorageError::Unreadable("device"))?;
            Ok((OfficeCode(row.text("office")?), DeviceNumber(number), row.count("head_seq")?))
        })
        .collect()
}

/// Marks logs as safe up to these places, and that there are backups; never takes back.
///
/// # Errors
/// As [`stored`].
pub async fn mark(storage: &SharedStorage, up_to: &[UpTo], now: i64) -> Result<(), StorageError> {
    for some in up_to.chunks(ROWS) {
        let mut unit = storage.begin().await?;
        let set = |(office, device, seq): &UpTo| values![office.0.as_str(), device.0, *seq];
        unit.execute(
            "UPDATE devices SET safe_seq = $3 WHERE office = $1 AND device = $2 AND safe_seq < $3",
            some.iter().map(set).collect(),
        )
        .await?;
        unit.commit().await?;
    }
    let mut unit = storage.begin().await?;
    unit.execute("UPDATE centre_identity SET backed_up_at = $1 WHERE id = 1", vec![values![now]])
        .await?;
    unit.commit().await
}
