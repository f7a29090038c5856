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
    /// Day of the newest root that it was told; empty for none.
    pub told_root: String,
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
    const SQL: &str = "SELECT office, title, district_title, feed_number, feed_hash, told_root \
                       FROM offices WHERE office = $1 FOR UPDATE";
    let rows = unit.query(SQL, values![code.0.as_str()]).await?;
    read(&rows)?.ok_or(StorageError::Unreadable("office"))
}

/// An office.
///
/// # Errors
/// As [`upsert`].
pub async fn find(unit: &mut dyn Unit, code: &OfficeCode) -> Result<Option<Office>, StorageError> {
    const SQL: &str = "SELECT office, title, district_title, feed_number, feed_hash, told_root \
                       FROM offices WHERE office = $1";
    let rows = unit.query(SQL, values![code.0.as_str()]).await?;
    read(&rows)
}

/// Keeps which root an office was told, under its lock.
///
/// # Errors
/// As [`upsert`].
pub async fn set_told_root(unit: &mut dyn Unit, office: &Office) -> Result<(), StorageError> {
    let set = values![office.code.0.as_str(), office.told_root.as_str()];
    unit.execute("UPDATE offices SET told_root = $2 WHERE office = $1", vec![set]).await?;
    Ok(())
}

/// Code and name of the offices of a district, by name.
///
/// # Errors
/// As [`upsert`].
pub async fn of_district(
    unit: &mut dyn Unit,
    district: &str,
) -> Result<Vec<(OfficeCode, String)>, StorageError> {
    let rows = unit
        .query(
            "SELECT office, title FROM offices WHERE district = $1 ORDER BY title, office",
            values![district],
        )
        .await?;
    rows.iter().map(|row| Ok((OfficeCode(row.text("office")?), row.text("title")?))).collect()
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

/// Puts an office into a district, so many kilometres from its centre (0 where it is not known).
///
/// # Errors
/// As [`upsert`].
pub async fn place(
    unit: &mut dyn Unit,
    code: &OfficeCode,
    district: &str,
    distance_km: u32,
) -> Result<(), StorageError> {
    unit.execute(
        "UPDATE offices SET district = $2, distance_km = $3 WHERE office = $1",
        vec![values![code.0.as_str(), district, distance_km]],
    )
    .await?;
    Ok(())
}

/// An office, where it is and when it was last heard of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// Code.
    pub office: OfficeCode,
    /// Name in Persian.
    pub title: String,
    /// District; empty where it is not known.
    pub district: String,
    /// When one of its devices last spoke to the centre; never for an office with none.
    pub last_contact_at: Option<i64>,
}

/// Every office with its last contact, by code.
///
/// # Errors
/// As [`upsert`].
pub async fn contacts(unit: &mut dyn Unit) -> Result<Vec<Contact>, StorageError> {
    let rows = unit
        .query(
            "SELECT offices.office AS office, offices.title AS title, \
             offices.district AS district, MAX(devices.last_contact_at) AS last_contact_at \
             FROM offices LEFT JOIN devices ON devices.office = offices.office \
             GROUP BY offices.office, offices.title, offices.district ORDER BY offices.office",
            vec![],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Contact {
                office: OfficeCode(row.text("office")?),
                title: row.text("title")?,
                district: row.text("district")?,
                last_contact_at: row.opt_int("last_contact_at")?,
            })
        })
        .collect()
}

fn read(rows: &[super::Row]) -> Result<Option<Office>, StorageError> {
    let Some(row) = rows.first() else { return Ok(None) };
    Ok(Some(Office {
        code: OfficeCode(row.text("office")?),
        title: row.text("title")?,
        district_title: row.text("district_title")?,
        feed_number: row.count("feed_number")?,
        feed_hash: row.array("feed_hash")?,
        told_root: row.text("told_root")?,
    }))
}
