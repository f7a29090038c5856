//! Which documents have arrived, and which were lost again. Kept by office, so that no office can
//! ask what another has sent.

use pishkhan_domain::content_hash::ContentHash;
use pishkhan_domain::ids::OfficeCode;

use super::{Row, StorageError, Unit};
use crate::values;

/// A document on its way or arrived.
#[derive(Clone, Debug)]
pub struct StoredDocument {
    /// SHA-256 of its bytes.
    pub hash: ContentHash,
    /// Length that was announced.
    pub size_bytes: u64,
    /// When it had arrived whole.
    pub received_at: Option<i64>,
    /// When it was found that it is not there any more.
    pub lost_at: Option<i64>,
}

impl StoredDocument {
    fn from_row(row: &Row) -> Result<Self, StorageError> {
        Ok(Self {
            hash: row.parsed("hash")?,
            size_bytes: row.count("size_bytes")?,
            received_at: row.opt_int("received_at")?,
            lost_at: row.opt_int("lost_at")?,
        })
    }
}

/// Announces a document; announced again, an unfinished one takes the new length.
///
/// # Errors
/// [`StorageError`], as in all that follow.
pub async fn announce(
    unit: &mut dyn Unit,
    office: &OfficeCode,
    hash: ContentHash,
    size_bytes: u64,
    now: i64,
) -> Result<(), StorageError> {
    unit.execute(
        "INSERT INTO documents (office, hash, size_bytes, announced_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (office, hash) DO UPDATE SET size_bytes = excluded.size_bytes \
         WHERE documents.received_at IS NULL",
        vec![values![office.0.as_str(), hash.to_string(), size_bytes, now]],
    )
    .await?;
    Ok(())
}

/// A document of an office.
///
/// # Errors
/// As [`announce`].
pub async fn find(
    unit: &mut dyn Unit,
    office: &OfficeCode,
    hash: ContentHash,
) -> Result<Option<StoredDocument>, StorageError> {
    let rows = unit
        .query(
            "SELECT hash, size_bytes, received_at, lost_at FROM documents \
             WHERE office = $1 AND hash = $2",
            values![office.0.as_str(), hash.to_string()],
        )
        .await?;
    rows.first().map(StoredDocument::from_row).transpose()
}

/// Documents that have arrived, of all offices, after one of them in order of office and hash.
///
/// # Errors
/// As [`announce`].
pub async fn received_after(
    unit: &mut dyn Unit,
    (office, hash): (&OfficeCode, Option<ContentHash>),
    limit: u32,
) -> Result<Vec<(OfficeCode, StoredDocument)>, StorageError> {
    let hash = hash.map_or_else(String::new, |hash| hash.to_string());
    let rows = unit
        .query(
            "SELECT office, hash, size_bytes, received_at, lost_at FROM documents \
             WHERE (office, hash) > ($1, $2) AND received_at IS NOT NULL \
             ORDER BY office, hash LIMIT $3",
            values![office.0.as_str(), hash, limit],
        )
        .await?;
    rows.iter()
        .map(|row| Ok((OfficeCode(row.text("office")?), StoredDocument::from_row(row)?)))
        .collect()
}

/// Documents of an office that were lost and have not come again, from a hash on.
///
/// # Errors
/// As [`announce`].
pub async fn lost(
    unit: &mut dyn Unit,
    office: &OfficeCode,
    from: Option<ContentHash>,
    limit: u32,
) -> Result<Vec<ContentHash>, StorageError> {
    let from = from.map_or_else(String::new, |hash| hash.to_string());
    let rows = unit
        .query(
            "SELECT hash FROM documents \
             WHERE office = $1 AND lost_at IS NOT NULL AND received_at IS NULL AND hash >= $2 \
             ORDER BY hash LIMIT $3",
            values![office.0.as_str(), from, limit],
        )
        .await?;
    rows.iter().map(|row| row.parsed("hash")).collect()
}

/// Marks a document as lost, unless it has come again since it was seen to have arrived at
/// `received_at`; says whether.
///
/// # Errors
/// As [`announce`].
pub async fn mark_lost(
    unit: &mut dyn Unit,
    office: &OfficeCode,
    hash: ContentHash,
    received_at: i64,
    now: i64,
) -> Result<bool, StorageError> {
    let marked = unit
        .execute(
            "UPDATE documents SET received_at = NULL, lost_at = $4 \
             WHERE office = $1 AND hash = $2 AND received_at = $3",
            vec![values![office.0.as_str(), hash.to_string(), received_at, now]],
        )
        .await?;
    Ok(marked > 0)
}

/// Marks a document as arrived; then it is not lost any more.
///
/// # Errors
/// As [`announce`].
pub async fn mark_received(
    unit: &mut dyn Unit,
    office: &OfficeCode,
    hash: ContentHash,
    now: i64,
) -> Result<(), StorageError> {
    unit.execute(
        "UPDATE documents SET received_at = $3, lost_at = NULL WHERE office = $1 AND hash = $2",
        vec![values![office.0.as_str(), hash.to_string(), now]],
    )
    .await?;
    Ok(())
}
