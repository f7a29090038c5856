//! What an audit reads: rows as they stand, a page at a time, with nothing made of them. What does
//! not read as what it should be is for the audit to tell, not a failure here.

use pishkhan_domain::ids::{DeviceNumber, OfficeCode};

use super::acts::{self, ActRecord};
use super::applications::{self, Application};
use super::{Row, StorageError, Unit};
use crate::values;

mod places;

pub use places::{DevicePlace, audit_log_at, device_at, feed_at};

/// A device's row.
pub struct DeviceRow {
    /// Number.
    pub number: DeviceNumber,
    /// Key.
    pub public_key: Vec<u8>,
    /// Secret.
    pub secret: Vec<u8>,
    /// End of its log.
    pub head_seq: u64,
    /// Hash there.
    pub head_hash: Vec<u8>,
    /// Link of its last received head.
    pub received_link: Vec<u8>,
    /// Up to here no signed head was kept.
    pub unsigned_seq: u64,
    /// The office that its number is said to be of.
    pub numbered_for: Option<String>,
}

/// An entry of a device's log.
pub struct EventRow {
    /// Place.
    pub seq: u64,
    /// Id.
    pub id: Vec<u8>,
    /// Kind.
    pub kind: i64,
    /// Device's clock.
    pub device_time_at: i64,
    /// Centre's clock.
    pub received_at: i64,
    /// Core of the header.
    pub core: Vec<u8>,
    /// Rest of it.
    pub rest: Vec<u8>,
    /// Body.
    pub body: Vec<u8>,
    /// Hash; empty for one kept aside at no place of its own.
    pub hash: Vec<u8>,
}

/// An item of a feed.
pub struct FeedRow {
    /// Number.
    pub number: u64,
    /// Bytes.
    pub item: Vec<u8>,
    /// Hash of the feed there.
    pub hash: Vec<u8>,
    /// When it was written.
    pub created_at: i64,
}

/// An application, and what its row says beside: name and last four digits.
pub struct ApplicationRow {
    /// Id, as written.
    pub id: String,
    /// The rest, if it can be read.
    pub application: Result<Application, StorageError>,
    /// Name of the applicant.
    pub applicant_name: String,
    /// Last four digits.
    pub last_four: String,
    /// What it is searched by, in the order of [`super::applications::searched_by`]; none where an
    /// older release wrote the row and these columns are still to be filled.
    pub searched_by: Option<[String; 4]>,
}

/// Every office that any row of an office's tables names.
///
/// # Errors
/// [`StorageError`], as in all that follow.
pub async fn offices(unit: &mut dyn Unit) -> Result<Vec<OfficeCode>, StorageError> {
    const SQL: &str = "SELECT office FROM offices UNION SELECT office FROM applications \
                       UNION SELECT office FROM acts UNION SELECT office FROM received_heads \
                       UNION SELECT office FROM forks UNION SELECT office FROM letters \
                       ORDER BY office";
    let rows = unit.query(SQL, vec![]).await?;
    rows.iter().map(|row| row.text("office").map(OfficeCode)).collect()
}

/// An office's devices.
///
/// # Errors
/// As [`offices`].
pub async fn devices(
    unit: &mut dyn Unit,
    office: &OfficeCode,
) -> Result<Vec<DeviceRow>, StorageError> {
    let rows = unit
        .query(
            "SELECT devices.device, public_key, secret, head_seq, head_hash, received_link, \
             unsigned_seq, COALESCE(device_numbers.office, '') AS numbered_for FROM devices \
             LEFT JOIN device_numbers ON device_numbers.device = devices.device \
             WHERE devices.office = $1 ORDER BY devices.device",
            values![office.0.as_str()],
        )
        .await?;
    let read = |row: &Row| {
        Ok(DeviceRow {
            number: number(row)?,
            public_key: row.bytes("public_key")?,
            secret: row.bytes("secret")?,
            head_seq: row.count("head_seq")?,
            head_hash: row.bytes("head_hash")?,
            received_link: row.bytes("received_link")?,
            unsigned_seq: row.count("unsigned_seq")?,
            numbered_for: Some(row.text("numbered_for")?).filter(|office| !office.is_empty()),
        })
    };
    rows.iter().map(read).collect()
}

/// Entries of a device's log after a place.
///
/// # Errors
/// As [`offices`].
pub async fn events(
    unit: &mut dyn Unit,
    office: &OfficeCode,
    device: DeviceNumber,
    seq: i64,
    limit: u32,
) -> Result<Vec<EventRow>, StorageError> {
    let rows = unit
        .query(
            "SELECT seq, id, kind, device_time_at, received_at, core, rest, body, hash \
             FROM events WHERE office = $1 AND device = $2 AND seq > $3 ORDER BY seq LIMIT $4",
            values![office.0.as_str(), device.0, seq, limit],
        )
        .await?;
    let read = |row: &Row| {
        Ok(EventRow {
            seq: row.count("seq")?,
            id: row.bytes("id")?,
            kind: row.int("kind")?,
            device_time_at: row.int("device_time_at")?,
            received_at: row.int("received_at")?,
            core: row.bytes("core")?,
            rest: row.bytes("rest")?,
            body: row.bytes("body")?,
            hash: row.bytes("hash")?,
        })
    };
    rows.iter().map(read).collect()
}

/// What an office kept aside: device, place, hash, core and rest of each.
///
/// # Errors
/// As [`offices`].
pub async fn aside(
    unit: &mut dyn Unit,
    office: &OfficeCode,
) -> Result<Vec<(DeviceNumber, u64, [Vec<u8>; 3])>, StorageError> {
    let rows = unit
        .query(
            "SELECT device, seq, hash, core, rest FROM forks WHERE office = $1 \
             ORDER BY device, seq",
            values![office.0.as_str()],
        )
        .await?;
    let read = |row: &Row| {
        let parts = [row.bytes("hash")?, row.bytes("core")?, row.bytes("rest")?];
        Ok((number(row)?, row.count("seq")?, parts))
    };
    rows.iter().map(read).collect()
}

/// Items of a feed after a number.
///
/// # Errors
/// As [`offices`].
pub async fn feed(
    unit: &mut dyn Unit,
    office: &OfficeCode,
    after: u64,
    limit: u32,
) -> Result<Vec<FeedRow>, StorageError> {
    let rows = unit
        .query(
            "SELECT number, item, hash, created_at FROM feed WHERE office = $1 AND number > $2 \
             ORDER BY number LIMIT $3",
            values![office.0.as_str(), after, limit],
        )
        .await?;
    let read = |row: &Row| {
        Ok(FeedRow {
            number: row.count("number")?,
            item: row.bytes("item")?,
            hash: row.bytes("hash")?,
            created_at: row.int("created_at")?,
        })
    };
    rows.iter().map(read).collect()
}

/// An office's applications.
///
/// # Errors
/// As [`offices`].
pub async fn applications(
    unit: &mut dyn Unit,
    office: &OfficeCode,
) -> Result<Vec<ApplicationRow>, StorageError> {
    let key: Vec<super::Value> = values![office.0.as_str()];
    let rows = unit
        .query(
            concat!(
                include_str!("application_select.sql"),
                "WHERE office = $1 ORDER BY application"
            ),
            key.clone(),
        )
        .await?;
    let beside = unit
        .query(
            "SELECT applicant_name, last_four, national_id, mobile, name_key, family_key, desk_at, \
             changed_at FROM applications WHERE office = $1 ORDER BY application",
            key,
        )
        .await?;
    let read = |(row, beside): (&Row, &Row)| {
        Ok(ApplicationRow {
            id: row.text("application")?,
            application: applications::read(row),
            applicant_name: beside.text("applicant_name")?,
            last_four: beside.text("last_four")?,
            searched_by: if beside.int("desk_at")? < beside.int("changed_at")? {
                None
            } else {
                Some([
                    beside.text("national_id")?,
                    beside.text("mobile")?,
                    beside.text("name_key")?,
                    beside.text("family_key")?,
                ])
            },
        })
    };
    rows.iter().zip(&beside).map(read).collect()
}

/// An office's acts, each application's in the order of their numbers; none where one cannot be
/// read.
///
/// # Errors
/// As [`offices`].
pub async fn acts(
    unit: &mut dyn Unit,
    office: &OfficeCode,
) -> Result<Vec<(String, u64, Option<ActRecord>)>, StorageError> {
    let rows = unit
        .query(
            "SELECT application, number, kind, place, actor, text, defects, applied, acted_at, \
             received_at FROM acts WHERE office = $1 ORDER BY application, number",
            values![office.0.as_str()],
        )
        .await?;
    let read =
        |row: &Row| Ok((row.text("application")?, row.count("number")?, acts::read(row).ok()));
    rows.iter().map(read).collect()
}

/// Names of an office's operators, by id.
///
/// # Errors
/// As [`offices`].
pub async fn operators(
    unit: &mut dyn Unit,
    office: &OfficeCode,
) -> Result<Vec<(String, String)>, StorageError> {
    let rows = unit
        .query(
            "SELECT operator, name FROM operators WHERE office = $1 ORDER BY operator",
            values![office.0.as_str()],
        )
        .await?;
    rows.iter().map(|row| Ok((row.text("operator")?, row.text("name")?))).collect()
}

/// Documents that have arrived, by office and hash.
///
/// # Errors
/// As [`offices`].
pub async fn documents(
    unit: &mut dyn Unit,
    office: &OfficeCode,
) -> Result<Vec<(String, u64)>, StorageError> {
    let rows = unit
        .query(
            "SELECT hash, size_bytes FROM documents WHERE office = $1 AND received_at IS NOT NULL \
             ORDER BY hash",
            values![office.0.as_str()],
        )
        .await?;
    rows.iter().map(|row| Ok((row.text("hash")?, row.count("size_bytes")?))).collect()
}

/// Where the log of the staff is said to end.
///
/// # Errors
/// As [`offices`].
pub async fn audit_log_end(unit: &mut dyn Unit) -> Result<Option<(u64, Vec<u8>)>, StorageError> {
    let rows = unit.query("SELECT number, hash FROM audit_log_end WHERE id = 1", vec![]).await?;
    rows.first().map(|row| Ok((row.count("number")?, row.bytes("hash")?))).transpose()
}

/// The number that publications are said to have come to.
///
/// # Errors
/// As [`offices`].
pub async fn publication_number(unit: &mut dyn Unit) -> Result<u64, StorageError> {
    let rows =
        unit.query("SELECT publication_number FROM centre_identity WHERE id = 1", vec![]).await?;
    rows.first().map_or(Ok(0), |row| row.count("publication_number"))
}

fn number(row: &Row) -> Result<DeviceNumber, StorageError> {
    let number = u32::try_from(row.int("device")?);
    number.map(DeviceNumber).map_err(|_| StorageError::Unreadable("device"))
}
