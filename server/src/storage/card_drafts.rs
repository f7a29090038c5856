//! What somebody works on before it is published: cards by their code, and the calendar, whose code
//! is empty.

use super::{Row, StorageError, Unit};
use crate::values;

/// A draft.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Code of the service; empty for the calendar.
    pub code: String,
    /// As it was typed.
    pub content: String,
    /// Who changed it last.
    pub changed_by: String,
    /// When.
    pub changed_at: i64,
}

/// A draft.
///
/// # Errors
/// [`StorageError`], as in all that follow.
pub async fn find(unit: &mut dyn Unit, code: &str) -> Result<Option<Draft>, StorageError> {
    let rows = unit
        .query(
            "SELECT code, content, changed_by, changed_at FROM card_drafts WHERE code = $1",
            values![code],
        )
        .await?;
    rows.first().map(read).transpose()
}

/// Every draft, by code.
///
/// # Errors
/// As [`find`].
pub async fn all(unit: &mut dyn Unit) -> Result<Vec<Draft>, StorageError> {
    let rows = unit
        .query(
            "SELECT code, content, changed_by, changed_at FROM card_drafts ORDER BY code",
            vec![],
        )
        .await?;
    rows.iter().map(read).collect()
}

fn read(row: &Row) -> Result<Draft, StorageError> {
    Ok(Draft {
        code: row.text("code")?,
        content: row.text("content")?,
        changed_by: row.text("changed_by")?,
        changed_at: row.int("changed_at")?,
    })
}

/// Keeps a draft over the one that was changed at `seen` (0 when there was none); gives when it was
/// changed now, or nothing when somebody else has changed it since.
///
/// # Errors
/// As [`find`].
pub async fn keep(
    unit: &mut dyn Unit,
    draft: &Draft,
    seen: i64,
) -> Result<Option<i64>, StorageError> {
    // Never the same twice, so that what was seen before is always known as such.
    let changed_at = draft.changed_at.max(seen + 1);
    let (code, content) = (draft.code.as_str(), draft.content.as_str());
    let by = draft.changed_by.as_str();
    let kept = if seen == 0 {
        unit.execute(
            "INSERT INTO card_drafts (code, content, changed_by, changed_at) \
             VALUES ($1, $2, $3, $4) ON CONFLICT (code) DO NOTHING",
            vec![values![code, content, by, changed_at]],
        )
        .await?
    } else {
        unit.execute(
            "UPDATE card_drafts SET content = $2, changed_by = $3, changed_at = $4 \
             WHERE code = $1 AND changed_at = $5",
            vec![values![code, content, by, changed_at, seen]],
        )
        .await?
    };
    Ok((kept == 1).then_some(changed_at))
}

/// Forgets a draft.
///
/// # Errors
/// As [`find`].
pub async fn forget(unit: &mut dyn Unit, code: &str) -> Result<(), StorageError> {
    unit.execute("DELETE FROM card_drafts WHERE code = $1", vec![values![code]]).await?;
    Ok(())
}
