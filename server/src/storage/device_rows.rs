//! Devices and enrolment codes as the administrator sees them.

use pishkhan_domain::ids::{DeviceNumber, OfficeCode};
use pishkhan_protocol::event::Hash;

use super::{Row, StorageError, Unit};
use crate::values;

/// A device of the list.
#[derive(Clone, Debug)]
pub struct DeviceRow {
    /// Its office.
    pub office: OfficeCode,
    /// The office's name.
    pub office_title: String,
    /// Number.
    pub number: DeviceNumber,
    /// What the machine calls itself.
    pub machine: String,
    /// Program and version.
    pub agent: String,
    /// When it was enrolled.
    pub enrolled_at: i64,
    /// When it last spoke.
    pub last_contact_at: Option<i64>,
    /// Its oldest entry that waits, as it said then.
    pub oldest_waiting_at: Option<i64>,
    /// Entries that it has and the centre has not, as it said then.
    pub waiting: u64,
    /// Up to which publication it has the catalogue.
    pub catalogue_number: u64,
    /// When it was revoked.
    pub revoked_at: Option<i64>,
    /// Why.
    pub revoked_reason: String,
}

/// Which devices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceFilter {
    /// Those that are not revoked.
    Living,
    /// Of those, what has not spoken since.
    SilentSince(i64),
    /// Of those, what has an entry that has waited since.
    WaitingSince(i64),
    /// Of those, what has not the catalogue up to this number.
    Behind(u64),
    /// Those that are revoked.
    Revoked,
}

const BY_NUMBER: &str = "\
    SELECT devices.office AS office, offices.title AS office_title, device, machine, agent, \
    enrolled_at, last_contact_at, oldest_waiting_at, \
    CASE WHEN log_seq > head_seq THEN log_seq - head_seq ELSE 0 END AS waiting, \
    catalogue_number, revoked_at, revoked_reason \
    FROM devices JOIN offices ON offices.office = devices.office WHERE device = $1";
const OF_OFFICE: &str = "\
    SELECT devices.office AS office, offices.title AS office_title, device, machine, agent, \
    enrolled_at, last_contact_at, oldest_waiting_at, \
    CASE WHEN log_seq > head_seq THEN log_seq - head_seq ELSE 0 END AS waiting, \
    catalogue_number, revoked_at, revoked_reason \
    FROM devices JOIN offices ON offices.office = devices.office \
    WHERE devices.office = $1 ORDER BY device DESC";
const LIST: &str = "\
    SELECT devices.office AS office, offices.title AS office_title, device, machine, agent, \
    enrolled_at, last_contact_at, oldest_waiting_at, \
    CASE WHEN log_seq > head_seq THEN log_seq - head_seq ELSE 0 END AS waiting, \
    catalogue_number, revoked_at, revoked_reason \
    FROM devices JOIN offices ON offices.office = devices.office \
    WHERE device > $1 AND CASE WHEN revoked_at IS NULL THEN '' ELSE 'revoked' END = $2 \
    AND COALESCE(last_contact_at, enrolled_at) < $3 \
    AND COALESCE(oldest_waiting_at, 0) < $4 AND catalogue_number < $5 \
    AND ($6 = '' OR (log_seq > head_seq AND oldest_waiting_at IS NOT NULL)) \
    ORDER BY device LIMIT $7";
const COUNT: &str = "\
    SELECT COUNT(*) AS devices FROM devices \
    WHERE CASE WHEN revoked_at IS NULL THEN '' ELSE 'revoked' END = $1 \
    AND COALESCE(last_contact_at, enrolled_at) < $2 \
    AND COALESCE(oldest_waiting_at, 0) < $3 AND catalogue_number < $4 \
    AND ($5 = '' OR (log_seq > head_seq AND oldest_waiting_at IS NOT NULL))";

/// What a filter asks for: revoked or not, silent since, waiting since, catalogue below, and whether
/// something must wait at all.
fn bounds(filter: DeviceFilter) -> (&'static str, i64, i64, i64, &'static str) {
    const ANY: i64 = i64::MAX;
    match filter {
        DeviceFilter::Living => ("", ANY, ANY, ANY, ""),
        DeviceFilter::SilentSince(at) => ("", at, ANY, ANY, ""),
        DeviceFilter::WaitingSince(at) => ("", ANY, at, ANY, "waiting"),
        DeviceFilter::Behind(number) => ("", ANY, ANY, i64::try_from(number).unwrap_or(ANY), ""),
        DeviceFilter::Revoked => ("revoked", ANY, ANY, ANY, ""),
    }
}

/// Devices, by number, after one.
///
/// # Errors
/// [`StorageError`], as in all that follow.
pub async fn list(
    unit: &mut dyn Unit,
    filter: DeviceFilter,
    after: u32,
    limit: u32,
) -> Result<Vec<DeviceRow>, StorageError> {
    let (revoked, silent, waiting, behind, waits) = bounds(filter);
    let set = values![after, revoked, silent, waiting, behind, waits, limit];
    unit.query(LIST, set).await?.iter().map(read).collect()
}

/// How many devices.
///
/// # Errors
/// As [`list`].
pub async fn count(unit: &mut dyn Unit, filter: DeviceFilter) -> Result<u64, StorageError> {
    let (revoked, silent, waiting, behind, waits) = bounds(filter);
    let rows = unit.query(COUNT, values![revoked, silent, waiting, behind, waits]).await?;
    rows.first().ok_or(StorageError::Unreadable("devices"))?.count("devices")
}

/// A device.
///
/// # Errors
/// As [`list`].
pub async fn find(
    unit: &mut dyn Unit,
    device: DeviceNumber,
) -> Result<Option<DeviceRow>, StorageError> {
    unit.query(BY_NUMBER, values![device.0]).await?.first().map(read).transpose()
}

/// The devices of an office, the newest first.
///
/// # Errors
/// As [`list`].
pub async fn of_office(
    unit: &mut dyn Unit,
    office: &OfficeCode,
) -> Result<Vec<DeviceRow>, StorageError> {
    unit.query(OF_OFFICE, values![office.0.as_str()]).await?.iter().map(read).collect()
}

fn read(row: &Row) -> Result<DeviceRow, StorageError> {
    let number = u32::try_from(row.int("device")?);
    Ok(DeviceRow {
        office: OfficeCode(row.text("office")?),
        office_title: row.text("office_title")?,
        number: DeviceNumber(number.map_err(|_| StorageError::Unreadable("device"))?),
        machine: row.text("machine")?,
        agent: row.text("agent")?,
        enrolled_at: row.int("enrolled_at")?,
        last_contact_at: row.opt_int("last_contact_at")?,
        oldest_waiting_at: row.opt_int("oldest_waiting_at")?,
        waiting: row.count("waiting")?,
        catalogue_number: row.count("catalogue_number")?,
        revoked_at: row.opt_int("revoked_at")?,
        revoked_reason: row.text("revoked_reason")?,
    })
}

/// Revokes a device for a reason; false when there is none of this number or it was revoked.
///
/// # Errors
/// As [`list`].
pub async fn revoke(
    unit: &mut dyn Unit,
    device: DeviceNumber,
    reason: &str,
    now: i64,
) -> Result<bool, StorageError> {
    let changed = unit
        .execute(
            "UPDATE devices SET revoked_at = $2, revoked_reason = $3 \
             WHERE device = $1 AND revoked_at IS NULL",
            vec![values![device.0, now, reason]],
        )
        .await?;
    Ok(changed > 0)
}

/// A code that was made; what it says is not kept.
#[derive(Clone, Debug)]
pub struct CodeRow {
    /// Hash of it.
    pub hash: Hash,
    /// When it was made.
    pub created_at: i64,
    /// Until when it is good.
    pub expires_at: i64,
}

/// The codes of an office that are good now.
///
/// # Errors
/// As [`list`].
pub async fn open_codes(
    unit: &mut dyn Unit,
    office: &OfficeCode,
    now: i64,
) -> Result<Vec<CodeRow>, StorageError> {
    let rows = unit
        .query(
            "SELECT code_hash, created_at, expires_at FROM enrolment_codes \
             WHERE office = $1 AND used_at IS NULL AND expires_at > $2 ORDER BY created_at",
            values![office.0.as_str(), now],
        )
        .await?;
    let read = |row: &Row| {
        Ok(CodeRow {
            hash: row.array("code_hash")?,
            created_at: row.int("created_at")?,
            expires_at: row.int("expires_at")?,
        })
    };
    rows.iter().map(read).collect()
}

/// Ends every unspent code of an office; tells how many.
///
/// # Errors
/// As [`list`].
pub async fn end_codes(
    unit: &mut dyn Unit,
    office: &OfficeCode,
    now: i64,
) -> Result<u64, StorageError> {
    unit.execute(
        "UPDATE enrolment_codes SET expires_at = $2 \
         WHERE office = $1 AND used_at IS NULL AND expires_at > $2",
        vec![values![office.0.as_str(), now]],
    )
    .await
}
