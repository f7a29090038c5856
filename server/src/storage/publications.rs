//! What the centre has published: service cards and the calendar of working days.

use pishkhan_protocol::exchange::CatalogueEntry;
use pishkhan_protocol::keys::SignatureBytes;

use super::{Row, StorageError, Unit};
use crate::values;

/// A publication.
pub struct StoredPublication {
    /// Its number, from 1.
    pub number: u64,
    /// `service_card` or `working_calendar`.
    pub kind: String,
    /// Code of the service; empty for the calendar.
    pub code: String,
    /// Hash of its bytes.
    pub version: String,
    /// Exact bytes.
    pub bytes: Vec<u8>,
    /// The centre's signature on them.
    pub signature: SignatureBytes,
}

impl From<&StoredPublication> for CatalogueEntry {
    fn from(stored: &StoredPublication) -> Self {
        let StoredPublication { number, signature, .. } = *stored;
        Self { number, bytes: stored.bytes.clone(), signature, base: None }
    }
}

/// Adds a publication.
///
/// # Errors
/// [`StorageError`], as in all that follow.
pub async fn insert(
    unit: &mut dyn Unit,
    publication: &StoredPublication,
    now: i64,
) -> Result<(), StorageError> {
    let set = values![
        publication.number,
        publication.kind.as_str(),
        publication.code.as_str(),
        publication.version.as_str(),
        publication.bytes.as_slice(),
        publication.signature.0,
        now
    ];
    unit.execute(
        "INSERT INTO publications (number, kind, code, version, bytes, signature, published_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        vec![set],
    )
    .await?;
    Ok(())
}

/// Version of the newest publication of a kind and code.
///
/// # Errors
/// As [`insert`].
pub async fn newest_version(
    unit: &mut dyn Unit,
    kind: &str,
    code: &str,
) -> Result<Option<String>, StorageError> {
    let rows = unit
        .query(
            "SELECT version FROM publications WHERE kind = $1 AND code = $2 \
             ORDER BY number DESC LIMIT 1",
            values![kind, code],
        )
        .await?;
    rows.first().map(|row| row.text("version")).transpose()
}

/// The bytes of the publication that one replaced, if there was one.
///
/// # Errors
/// As [`insert`].
pub async fn before(
    unit: &mut dyn Unit,
    publication: &StoredPublication,
) -> Result<Option<Vec<u8>>, StorageError> {
    let StoredPublication { number, kind, code, .. } = publication;
    let rows = unit
        .query(
            "SELECT bytes FROM publications WHERE kind = $1 AND code = $2 AND number < $3 \
             ORDER BY number DESC LIMIT 1",
            values![kind.as_str(), code.as_str(), *number],
        )
        .await?;
    rows.first().map(|row| row.bytes("bytes")).transpose()
}

/// The publications after a number, at most `limit`, in order.
///
/// # Errors
/// As [`insert`].
pub async fn after(
    unit: &mut dyn Unit,
    cursor: u64,
    limit: u32,
) -> Result<Vec<StoredPublication>, StorageError> {
    let rows = unit
        .query(
            "SELECT number, kind, code, version, bytes, signature FROM publications \
             WHERE number > $1 ORDER BY number LIMIT $2",
            values![cursor, limit],
        )
        .await?;
    rows.iter().map(read).collect()
}

fn read(row: &Row) -> Result<StoredPublication, StorageError> {
    Ok(StoredPublication {
        number: row.count("number")?,
        kind: row.text("kind")?,
        code: row.text("code")?,
        version: row.text("version")?,
        bytes: row.bytes("bytes")?,
        signature: SignatureBytes(row.array("signature")?),
    })
}
