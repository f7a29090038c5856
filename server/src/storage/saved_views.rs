//! Filters of the queue that somebody keeps under a name.

use super::{StorageError, Unit};
use crate::values;

/// Most that one member keeps.
pub const MOST: usize = 20;

/// A saved view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedView {
    /// Its name.
    pub name: String,
    /// The filters, as the queue's address has them.
    pub filters: String,
}

/// Keeps a view; one of the same name is replaced.
///
/// # Errors
/// [`StorageError`], as in all that follow.
pub async fn save(
    unit: &mut dyn Unit,
    username: &str,
    view: &SavedView,
    now: i64,
) -> Result<(), StorageError> {
    unit.execute(
        "INSERT INTO saved_views (username, name, filters, saved_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (username, name) DO UPDATE \
         SET filters = excluded.filters, saved_at = excluded.saved_at",
        vec![values![username, view.name.as_str(), view.filters.as_str(), now]],
    )
    .await?;
    Ok(())
}

/// Drops a view.
///
/// # Errors
/// As [`save`].
pub async fn remove(unit: &mut dyn Unit, username: &str, name: &str) -> Result<(), StorageError> {
    unit.execute(
        "DELETE FROM saved_views WHERE username = $1 AND name = $2",
        vec![values![username, name]],
    )
    .await?;
    Ok(())
}

/// The views of a member, in order of saving.
///
/// # Errors
/// As [`save`].
pub async fn of(unit: &mut dyn Unit, username: &str) -> Result<Vec<SavedView>, StorageError> {
    let rows = unit
        .query(
            "SELECT name, filters FROM saved_views WHERE username = $1 ORDER BY saved_at, name",
            values![username],
        )
        .await?;
    rows.iter()
        .map(|row| Ok(SavedView { name: row.text("name")?, filters: row.text("filters")? }))
        .collect()
}
