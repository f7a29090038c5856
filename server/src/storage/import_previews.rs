//! Imports that were shown and not yet applied, each of whoever uploaded it.

use pishkhan_protocol::event::Hash;

use super::{StorageError, Unit};
use crate::values;

/// How long one waits to be applied.
const LIFE_MS: i64 = 24 * 60 * 60 * 1_000;

/// An import that was shown.
#[derive(Clone, Debug)]
pub struct ImportPreview {
    /// The file.
    pub content: String,
    /// Hash of what was shown.
    pub plan_hash: Hash,
}

/// Keeps an import, and forgets the old ones.
///
/// # Errors
/// [`StorageError`], as in all that follow.
pub async fn keep(
    unit: &mut dyn Unit,
    token: &str,
    username: &str,
    preview: &ImportPreview,
    now: i64,
) -> Result<(), StorageError> {
    unit.execute("DELETE FROM import_previews WHERE created_at < $1", vec![values![now - LIFE_MS]])
        .await?;
    let set = values![token, username, preview.content.as_str(), preview.plan_hash, now];
    unit.execute(
        "INSERT INTO import_previews (token, username, content, plan_hash, created_at) \
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (token) DO UPDATE \
         SET plan_hash = excluded.plan_hash, created_at = excluded.created_at",
        vec![set],
    )
    .await?;
    Ok(())
}

/// An import of somebody's own.
///
/// # Errors
/// As [`keep`].
pub async fn find(
    unit: &mut dyn Unit,
    token: &str,
    username: &str,
) -> Result<Option<ImportPreview>, StorageError> {
    let rows = unit
        .query(
            "SELECT content, plan_hash FROM import_previews WHERE token = $1 AND username = $2",
            values![token, username],
        )
        .await?;
    let Some(row) = rows.first() else { return Ok(None) };
    Ok(Some(ImportPreview { content: row.text("content")?, plan_hash: row.array("plan_hash")? }))
}

/// Forgets one.
///
/// # Errors
/// As [`keep`].
pub async fn forget(unit: &mut dyn Unit, token: &str) -> Result<(), StorageError> {
    unit.execute("DELETE FROM import_previews WHERE token = $1", vec![values![token]]).await?;
    Ok(())
}
