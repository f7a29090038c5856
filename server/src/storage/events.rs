//! The devices' logs as received, append-only, and beside them what was kept aside.

use std::collections::BTreeSet;

use pishkhan_domain::ids::{ApplicationId, DeviceNumber, OfficeCode};
use pishkhan_protocol::event::{Core, Event, Hash, Rest};

use super::{Row, StorageError, Unit, Value, execute_each};
use crate::values;

/// Why events were kept aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AsideReason {
    /// They contradict the log.
    Fork,
    /// Their device is revoked.
    Revoked,
}

/// Appends events to a device's log.
///
/// # Errors
/// [`StorageError`], as in all that follow.
pub async fn append(
    unit: &mut dyn Unit,
    office: &OfficeCode,
    events: &[Event],
    now: i64,
) -> Result<(), StorageError> {
    let set = |event: &Event| {
        values![
            office.0.as_str(),
            event.core.device.0,
            event.core.seq,
            *event.rest.id.as_bytes(),
            u32::from(event.core.kind),
            event.core.device_time_ms,
            now,
            event.core.to_bytes().as_slice(),
            event.rest.to_bytes().as_slice(),
            event.body.as_slice(),
            event.hash()
        ]
    };
    execute_each(
        unit,
        "INSERT INTO events (office, device, seq, id, kind, device_time_at, received_at, core, \
         rest, body, hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        events,
        set,
    )
    .await
}

/// Keeps events of a device aside for review: the same event once, and `most` in all, the earliest.
///
/// # Errors
/// As [`append`].
pub async fn keep_aside(
    unit: &mut dyn Unit,
    office: &OfficeCode,
    device: DeviceNumber,
    events: &[Event],
    reason: AsideReason,
    most: usize,
    now: i64,
) -> Result<(), StorageError> {
    let (Some(first), Some(last)) = (events.first(), events.last()) else { return Ok(()) };
    let known = unit
        .query(
            "SELECT hash FROM forks WHERE office = $1 AND device = $2 AND seq BETWEEN $3 AND $4",
            values![office.0.as_str(), device.0, first.core.seq, last.core.seq],
        )
        .await?;
    let known: BTreeSet<Hash> =
        known.iter().map(|row| row.array("hash")).collect::<Result<_, _>>()?;
    let (_, aside) = counts(unit, office, device).await?;
    let room = most.saturating_sub(usize::try_from(aside).unwrap_or(usize::MAX));
    let new: Vec<&Event> = events.iter().filter(|event| !known.contains(&event.hash())).collect();
    if new.len() > room {
        tracing::warn!(device = device.0, dropped = new.len() - room, "no more is kept aside");
    }
    let reason = match reason {
        AsideReason::Fork => "fork",
        AsideReason::Revoked => "revoked",
    };
    let set = |event: &&Event| {
        values![
            office.0.as_str(),
            device.0,
            event.core.seq,
            event.hash(),
            reason,
            now,
            event.core.to_bytes().as_slice(),
            event.rest.to_bytes().as_slice(),
            event.body.as_slice()
        ]
    };
    unit.execute(
        "INSERT INTO forks (office, device, seq, hash, reason, received_at, core, rest, body) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        new.iter().take(room).map(set).collect(),
    )
    .await?;
    Ok(())
}

/// The hash stored at a place of a device's log.
///
/// # Errors
/// As [`append`].
pub async fn hash_at(
    unit: &mut dyn Unit,
    office: &OfficeCode,
    device: DeviceNumber,
    seq: u64,
) -> Result<Option<Hash>, StorageError> {
    let rows = unit
        .query(
            "SELECT hash FROM events WHERE office = $1 AND device = $2 AND seq = $3",
            values![office.0.as_str(), device.0, seq],
        )
        .await?;
    rows.first().map(|row| row.array("hash")).transpose()
}

/// The event at a place of a device's log.
///
/// # Errors
/// As [`append`].
pub async fn find(
    unit: &mut dyn Unit,
    office: &OfficeCode,
    device: DeviceNumber,
    seq: u64,
) -> Result<Option<Event>, StorageError> {
    let rows = unit
        .query(
            "SELECT core, rest, body FROM events WHERE office = $1 AND device = $2 AND seq = $3",
            values![office.0.as_str(), device.0, seq],
        )
        .await?;
    rows.first().map(read).transpose()
}

fn read(row: &Row) -> Result<Event, StorageError> {
    let unreadable = |_| StorageError::Unreadable("event");
    Ok(Event {
        core: Core::from_bytes(&row.bytes("core")?).map_err(unreadable)?,
        rest: Rest::from_bytes(&row.bytes("rest")?).map_err(unreadable)?,
        body: row.bytes("body")?,
    })
}

/// The event that recorded an application, whether it could be used or not.
///
/// # Errors
/// As [`append`].
pub async fn recording(
    unit: &mut dyn Unit,
    office: &OfficeCode,
    application: ApplicationId,
) -> Result<Option<Event>, StorageError> {
    let rows = unit
        .query(
            "SELECT core, rest, body FROM events WHERE office = $1 AND id = $2 AND kind = 2",
            values![office.0.as_str(), *application.as_bytes()],
        )
        .await?;
    rows.first().map(read).transpose()
}

/// How many events are stored, and how many are kept aside, of a device.
///
/// # Errors
/// As [`append`].
pub async fn counts(
    unit: &mut dyn Unit,
    office: &OfficeCode,
    device: DeviceNumber,
) -> Result<(u64, u64), StorageError> {
    let key: Vec<Value> = values![office.0.as_str(), device.0];
    let stored = unit
        .query(
            "SELECT count(*) AS number FROM events WHERE office = $1 AND device = $2",
            key.clone(),
        )
        .await?;
    let aside = unit
        .query("SELECT count(*) AS number FROM forks WHERE office = $1 AND device = $2", key)
        .await?;
    let number =
        |rows: &[Row]| rows.first().ok_or(StorageError::Unreadable("count"))?.count("number");
    Ok((number(&stored)?, number(&aside)?))
}
