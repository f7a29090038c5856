//! Enrolled devices: keys, head of the log, lease, and what the administrator wants to know.

use pishkhan_domain::ids::{DeviceNumber, OfficeCode};
use pishkhan_protocol::derive::DeviceSecret;
use pishkhan_protocol::event::Hash;
use pishkhan_protocol::head::Head;
use pishkhan_protocol::keys::PublicKey;

use super::{Row, StorageError, Unit};
use crate::lease::Leases;
use crate::values;

/// A device.
pub struct Device {
    /// Its office.
    pub office: OfficeCode,
    /// Its number.
    pub number: DeviceNumber,
    /// Its key.
    pub key: PublicKey,
    /// What it shares with the centre.
    pub secret: DeviceSecret,
    /// What the centre durably holds of it.
    pub head: Head,
    /// Link of the last head that was received of it; zeros for none.
    pub received_link: Hash,
    /// Up to here a backup has its log.
    pub safe_seq: u64,
    /// What it was given to come back with.
    pub leases: Leases,
    /// When it was revoked.
    pub revoked_at: Option<i64>,
}

/// What an exchange changes of a device.
pub struct Contact<'a> {
    /// New head.
    pub head: Head,
    /// Its link.
    pub received_link: Hash,
    /// Leases from now on.
    pub leases: Leases,
    /// Where its own log ends.
    pub log_seq: u64,
    /// Its oldest entry that waits.
    pub oldest_waiting_at: Option<i64>,
    /// Program and version; none when it is the same as before.
    pub agent: Option<&'a str>,
    /// Up to which publication it has the catalogue.
    pub catalogue_number: u64,
    /// Centre's clock.
    pub now: i64,
}

/// Enrols a device.
///
/// # Errors
/// [`StorageError`], as in all that follow.
pub async fn insert(
    unit: &mut dyn Unit,
    device: &Device,
    machine: &str,
    agent: &str,
    now: i64,
) -> Result<(), StorageError> {
    let office = device.office.0.as_str();
    unit.execute(
        "INSERT INTO device_numbers (device, office) VALUES ($1, $2)",
        vec![values![device.number.0, office]],
    )
    .await?;
    let set = values![
        office,
        device.number.0,
        device.key.0,
        device.secret.0,
        machine,
        agent,
        device.head.hash,
        now
    ];
    unit.execute(
        "INSERT INTO devices (office, device, public_key, secret, machine, agent, head_hash, \
         enrolled_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        vec![set],
    )
    .await?;
    Ok(())
}

/// A device.
///
/// # Errors
/// As [`insert`].
pub async fn find(
    unit: &mut dyn Unit,
    office: &OfficeCode,
    device: DeviceNumber,
) -> Result<Option<Device>, StorageError> {
    let rows = unit
        .query(
            "SELECT office, device, public_key, secret, head_seq, head_hash, received_link, safe_seq, \
             lease_epoch, lease_shown, lease_current, lease_previous, revoked_at FROM devices WHERE office = $1 AND device = $2",
            values![office.0.as_str(), device.0],
        )
        .await?;
    rows.first().map(read).transpose()
}

/// Numbers of an office's devices.
///
/// # Errors
/// As [`insert`].
pub async fn numbers(
    unit: &mut dyn Unit,
    office: &OfficeCode,
) -> Result<Vec<DeviceNumber>, StorageError> {
    let rows = unit
        .query(
            "SELECT device FROM devices WHERE office = $1 ORDER BY device",
            values![office.0.as_str()],
        )
        .await?;
    let number = |row: &Row| {
        u32::try_from(row.int("device")?).map_err(|_| StorageError::Unreadable("device"))
    };
    rows.iter().map(|row| number(row).map(DeviceNumber)).collect()
}

/// A device that has not been heard of since it was enrolled, and when that was.
///
/// # Errors
/// As [`insert`].
pub async fn find_unheard(
    unit: &mut dyn Unit,
    office: &OfficeCode,
    device: DeviceNumber,
) -> Result<Option<(Device, i64)>, StorageError> {
    let rows = unit
        .query(
            "SELECT enrolled_at FROM devices WHERE office = $1 AND device = $2 \
             AND last_contact_at IS NULL AND revoked_at IS NULL",
            values![office.0.as_str(), device.0],
        )
        .await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let enrolled_at = row.int("enrolled_at")?;
    Ok(find(unit, office, device).await?.map(|found| (found, enrolled_at)))
}

fn read(row: &Row) -> Result<Device, StorageError> {
    let number = u32::try_from(row.int("device")?);
    Ok(Device {
        office: OfficeCode(row.text("office")?),
        number: DeviceNumber(number.map_err(|_| StorageError::Unreadable("device"))?),
        key: PublicKey(row.array("public_key")?),
        secret: DeviceSecret(row.array("secret")?),
        head: Head { seq: row.count("head_seq")?, hash: row.array("head_hash")? },
        received_link: row.array("received_link")?,
        safe_seq: row.count("safe_seq")?,
        leases: Leases {
            epoch: row.opt_array("lease_epoch")?,
            shown: row.int("lease_shown")? == 1,
            current: row.opt_array("lease_current")?,
            previous: row.opt_array("lease_previous")?,
        },
        revoked_at: row.opt_int("revoked_at")?,
    })
}

/// Keeps what an exchange changed.
///
/// # Errors
/// As [`insert`].
pub async fn update_contact(
    unit: &mut dyn Unit,
    device: &Device,
    contact: &Contact<'_>,
) -> Result<(), StorageError> {
    let set = values![
        device.office.0.as_str(),
        device.number.0,
        contact.head.seq,
        contact.head.hash,
        contact.leases.current,
        contact.leases.previous,
        contact.log_seq,
        contact.oldest_waiting_at,
        contact.agent,
        contact.now,
        contact.leases.epoch,
        i64::from(contact.leases.shown),
        contact.received_link,
        contact.catalogue_number
    ];
    unit.execute(
        "UPDATE devices SET head_seq = $3, head_hash = $4, lease_current = $5, \
         lease_previous = $6, log_seq = $7, oldest_waiting_at = $8, agent = COALESCE($9, agent), \
         last_contact_at = $10, lease_epoch = $11, lease_shown = $12, received_link = $13, \
         catalogue_number = $14 \
         WHERE office = $1 AND device = $2",
        vec![set],
    )
    .await?;
    Ok(())
}

/// Revokes a device; false when there is none of this number.
///
/// # Errors
/// As [`insert`].
pub async fn revoke(
    unit: &mut dyn Unit,
    device: DeviceNumber,
    now: i64,
) -> Result<bool, StorageError> {
    let changed = unit
        .execute(
            "UPDATE devices SET revoked_at = COALESCE(revoked_at, $2) WHERE device = $1",
            vec![values![device.0, now]],
        )
        .await?;
    Ok(changed > 0)
}
