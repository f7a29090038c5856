//! Files of devices that were carried to the centre.

use pishkhan_domain::ids::{DeviceNumber, OfficeCode};
use pishkhan_protocol::courier::{ArrivedFile, Cover};
use pishkhan_protocol::event::Hash;
use pishkhan_protocol::head::Head;

use super::{StorageError, Unit};
use crate::values;

/// What came of a file this time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Came {
    /// Did it have its end?
    pub whole: bool,
    /// Entries of it that were new.
    pub entries: u64,
    /// Documents that it completed.
    pub documents: u64,
    /// Centre's clock.
    pub now: i64,
}

/// Notes that a file came, perhaps not for the first time.
///
/// # Errors
/// [`StorageError`], as in all that follow.
pub async fn note(
    unit: &mut dyn Unit,
    office: &OfficeCode,
    cover: &Cover,
    came: Came,
) -> Result<(), StorageError> {
    let set = values![
        office.0.as_str(),
        cover.device.0,
        cover.number,
        cover.id,
        cover.made_at_ms,
        came.now,
        i64::from(came.whole),
        came.entries,
        came.documents
    ];
    unit.execute(
        "INSERT INTO courier_files (office, device, number, id, made_at, came_at, last_came_at, \
         whole, entries, documents) VALUES ($1, $2, $3, $4, $5, $6, $6, $7, $8, $9) \
         ON CONFLICT (office, device, number, id) DO UPDATE SET \
         last_came_at = excluded.last_came_at, times = courier_files.times + 1, \
         whole = CASE WHEN excluded.whole = 1 THEN 1 ELSE courier_files.whole END, \
         entries = courier_files.entries + excluded.entries, \
         documents = courier_files.documents + excluded.documents",
        vec![set],
    )
    .await?;
    Ok(())
}

/// The files of a device that came, newest numbers first, at most `limit`.
///
/// # Errors
/// As [`note`].
pub async fn arrived(
    unit: &mut dyn Unit,
    office: &OfficeCode,
    device: DeviceNumber,
    limit: u32,
) -> Result<Vec<ArrivedFile>, StorageError> {
    let rows = unit
        .query(
            "SELECT number, id, whole FROM courier_files WHERE office = $1 AND device = $2 \
             ORDER BY number DESC, came_at DESC LIMIT $3",
            values![office.0.as_str(), device.0, limit],
        )
        .await?;
    let read = |row: &super::Row| {
        let (number, id) = (row.count("number")?, row.array("id")?);
        Ok(ArrivedFile { number, id, whole: row.int("whole")? == 1 })
    };
    rows.iter().map(read).collect()
}

/// Keeps what a file changed of its device. Lease and contact are the line's.
///
/// # Errors
/// As [`note`].
pub async fn advance(
    unit: &mut dyn Unit,
    office: &OfficeCode,
    device: DeviceNumber,
    (head, received_link): (Head, Hash),
    log_seq: u64,
) -> Result<(), StorageError> {
    unit.execute(
        "UPDATE devices SET head_seq = $3, head_hash = $4, received_link = $6, \
         log_seq = CASE WHEN log_seq < $5 THEN $5 ELSE log_seq END \
         WHERE office = $1 AND device = $2",
        vec![values![office.0.as_str(), device.0, head.seq, head.hash, log_seq, received_link]],
    )
    .await?;
    Ok(())
}
