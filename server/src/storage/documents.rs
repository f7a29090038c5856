//! Which documents have arrived. Kept by office, so that no office can ask what another has sent.

use pishkhan_domain::content_hash::ContentHash;
use pishkhan_domain::ids::OfficeCode;

use super::{StorageError, Unit};
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
            "SELECT hash, size_bytes, received_at FROM documents WHERE office = $1 AND hash = $2",
            values![office.0.as_str(), hash.to_string()],
        )
        .await?;
    let Some(row) = rows.first() else { return Ok(None) };
    Ok(Some(StoredDocument {
        hash: row.parsed("hash")?,
        size_bytes: row.count("size_bytes")?,
        received_at: row.opt_int("received_at")?,
    }))
}

/// Marks a document as arrived.
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
        "UPDATE documents SET received_at = $3 WHERE office = $1 AND hash = $2",
        vec![values![office.0.as_str(), hash.to_string(), now]],
    )
    .await?;
    Ok(())
}
