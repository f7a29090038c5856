//! One-time codes for enrolment. Only their hashes are kept.

use pishkhan_domain::ids::{DeviceNumber, OfficeCode};
use pishkhan_protocol::event::Hash;

use super::{StorageError, Unit};
use crate::values;

/// Keeps a new code.
///
/// # Errors
/// [`StorageError`], as in all that follow.
pub async fn insert(
    unit: &mut dyn Unit,
    code_hash: Hash,
    office: &OfficeCode,
    now: i64,
    expires_at: i64,
) -> Result<(), StorageError> {
    unit.execute(
        "INSERT INTO enrolment_codes (code_hash, office, created_at, expires_at) \
         VALUES ($1, $2, $3, $4)",
        vec![values![code_hash, office.0.as_str(), now, expires_at]],
    )
    .await?;
    Ok(())
}

/// Spends a code that is unused and not expired; gives its office. A second caller gets nothing.
///
/// # Errors
/// As [`insert`].
pub async fn spend(
    unit: &mut dyn Unit,
    code_hash: Hash,
    device: DeviceNumber,
    now: i64,
) -> Result<Option<OfficeCode>, StorageError> {
    let rows = unit
        .query(
            "UPDATE enrolment_codes SET used_at = $2, device = $3 \
             WHERE code_hash = $1 AND used_at IS NULL AND expires_at > $2 RETURNING office",
            values![code_hash, now, device.0],
        )
        .await?;
    rows.first().map(|row| row.text("office").map(OfficeCode)).transpose()
}

/// What a code became, while it would still be good had it not been spent.
///
/// # Errors
/// As [`insert`].
pub async fn spent_on(
    unit: &mut dyn Unit,
    code_hash: Hash,
    now: i64,
) -> Result<Option<(OfficeCode, DeviceNumber)>, StorageError> {
    let rows = unit
        .query(
            "SELECT office, device FROM enrolment_codes \
             WHERE code_hash = $1 AND used_at IS NOT NULL AND expires_at > $2",
            values![code_hash, now],
        )
        .await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let device = u32::try_from(row.int("device")?);
    let device = DeviceNumber(device.map_err(|_| StorageError::Unreadable("device"))?);
    Ok(Some((OfficeCode(row.text("office")?), device)))
}
