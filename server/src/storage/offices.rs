//! Offices. An office's row is the lock of everything that is the office's: whoever writes takes
//! it first, so that no two writers of one office ever wait for each other in a ring.

use pishkhan_domain::ids::{DeviceNumber, OfficeCode};
use pishkhan_protocol::event::Hash;

use super::{StorageError, Unit};
use crate::values;

/// An office.
#[derive(Clone, Debug)]
pub struct Office {
    /// Code.
    pub code: OfficeCode,
    /// Name in Persian.
    pub title: String,
    /// District and county in Persian.
    pub district_title: String,
    /// Last number of its feed.
    pub feed_number: u64,
    /// Hash of its feed there.
    pub feed_hash: Hash,
}

/// Adds an office, or renames it.
///
/// # Errors
/// [`StorageError`], as in all that follow.
pub async fn upsert(
    unit: &mut dyn Unit,
    code: &OfficeCode,
    title: &str,
    district_title: &str,
    now: i64,
) -> Result<(), StorageError> {
    let set = values![code.0.as_str(), title, district_title, [0_u8; 32], now];
    unit.execute(
        "INSERT INTO offices (office, title, district_title, feed_hash, created_at) \
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (office) DO UPDATE \
         SET title = excluded.title, district_title = excluded.district_title",
        vec![set],
    )
    .await?;
    Ok(())
}

/// An office, its row locked until the unit ends.
///
/// # Errors
/// As [`upsert`].
pub async fn lock(unit: &mut dyn Unit, code: &OfficeCode) -> Result<Office, StorageError> {
    const SQL: &str = "SELECT office, title, district_title, feed_number, feed_hash \
                       FROM offices WHERE office = $1 FOR UPDATE";
    let rows = unit.query(SQL, values![code.0.as_str()]).await?;
    read(&rows)?.ok_or(StorageError::Unreadable("office"))
}

/// An office.
///
/// # Errors
/// As [`upsert`].
pub async fn find(unit: &mut dyn Unit, code: &OfficeCode) -> Result<Option<Office>, StorageError> {
    const SQL: &str = "SELECT office, title, district_title, feed_number, feed_hash \
                       FROM offices WHERE office = $1";
    let rows = unit.query(SQL, values![code.0.as_str()]).await?;
    read(&rows)
}

/// The office of a device number.
///
/// # Errors
/// As [`upsert`].
pub async fn of_device(
    unit: &mut dyn Unit,
    device: DeviceNumber,
) -> Result<Option<OfficeCode>, StorageError> {
    let rows = unit
        .query("SELECT office FROM device_numbers WHERE device = $1", values![device.0])
        .await?;
    rows.first().map(|row| row.text("office").map(OfficeCode)).transpose()
}

fn read(rows: &[super::Row]) -> Result<Option<Office>, StorageError> {
    let Some(row) = rows.first() else { return Ok(None) };
    Ok(Some(Office {
        code: OfficeCode(row.text("office")?),
        title: row.text("title")?,
        district_title: row.text("district_title")?,
        feed_number: row.count("feed_number")?,
        feed_hash: row.array("feed_hash")?,
    }))
}
