//! Open sessions of the staff. Only hashes of their tokens are kept.

use pishkhan_protocol::event::Hash;

use super::staff::{self, Officer};
use super::{StorageError, Unit};
use crate::values;

/// Opens a session; `agent` is what the browser calls itself.
///
/// # Errors
/// [`StorageError`], as in all that follow.
pub async fn open(
    unit: &mut dyn Unit,
    token_hash: Hash,
    username: &str,
    csrf: &str,
    agent: &str,
    now: i64,
) -> Result<(), StorageError> {
    unit.execute(
        "INSERT INTO sessions (token_hash, username, csrf, created_at, seen_at, agent) \
         VALUES ($1, $2, $3, $4, $4, $5)",
        vec![values![token_hash, username, csrf, now, agent]],
    )
    .await?;
    Ok(())
}

/// A session that was seen after `idle_since` and opened after `opened_since`: whose it is, and its
/// token against forged forms. Marks it as seen now.
///
/// # Errors
/// As [`open`].
pub async fn touch(
    unit: &mut dyn Unit,
    token_hash: Hash,
    idle_since: i64,
    opened_since: i64,
    now: i64,
) -> Result<Option<(Officer, String)>, StorageError> {
    let touched = unit
        .execute(
            "UPDATE sessions SET seen_at = $4 \
             WHERE token_hash = $1 AND seen_at > $2 AND created_at > $3",
            vec![values![token_hash, idle_since, opened_since, now]],
        )
        .await?;
    if touched == 0 {
        return Ok(None);
    }
    let rows = unit
        .query(
            "SELECT staff.username AS username, staff.agency AS agency, \
             agencies.title_fa AS agency_title, staff.display_name AS display_name, \
             staff.role AS role, staff.province AS province, staff.county AS county, \
             sessions.csrf AS csrf FROM sessions \
             JOIN staff ON staff.username = sessions.username \
             JOIN agencies ON agencies.agency = staff.agency \
             WHERE sessions.token_hash = $1 AND staff.disabled_at IS NULL",
            values![token_hash],
        )
        .await?;
    let Some(row) = rows.first() else { return Ok(None) };
    Ok(Some((staff::read(row)?, row.text("csrf")?)))
}

/// Ends a session.
///
/// # Errors
/// As [`open`].
pub async fn close(unit: &mut dyn Unit, token_hash: Hash) -> Result<(), StorageError> {
    unit.execute("DELETE FROM sessions WHERE token_hash = $1", vec![values![token_hash]]).await?;
    Ok(())
}

/// Ends every session of somebody.
///
/// # Errors
/// As [`open`].
pub async fn close_all(unit: &mut dyn Unit, username: &str) -> Result<(), StorageError> {
    unit.execute("DELETE FROM sessions WHERE username = $1", vec![values![username]]).await?;
    Ok(())
}
