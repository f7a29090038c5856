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
        "INSERT INTO sessions (token_hash, username, csrf, created_at, seen_at, proved_at, agent) \
         VALUES ($1, $2, $3, $4, $4, $4, $5)",
        vec![values![token_hash, username, csrf, now, agent]],
    )
    .await?;
    Ok(())
}

/// A session that is open.
#[derive(Clone, Debug)]
pub struct OpenSession {
    /// Whose.
    pub officer: Officer,
    /// Its token against forged forms.
    pub csrf: String,
    /// When its owner last showed what only he or she knows or has.
    pub proved_at: i64,
    /// Has its owner set up a second factor?
    pub has_factor: bool,
}

/// A session that was seen after `idle_since` and opened after `opened_since`. Marks it as seen now.
///
/// # Errors
/// As [`open`].
pub async fn touch(
    unit: &mut dyn Unit,
    token_hash: Hash,
    idle_since: i64,
    opened_since: i64,
    now: i64,
) -> Result<Option<OpenSession>, StorageError> {
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
             staff.factor AS factor, sessions.csrf AS csrf, sessions.proved_at AS proved_at \
             FROM sessions \
             JOIN staff ON staff.username = sessions.username \
             JOIN agencies ON agencies.agency = staff.agency \
             WHERE sessions.token_hash = $1 AND staff.disabled_at IS NULL",
            values![token_hash],
        )
        .await?;
    let Some(row) = rows.first() else { return Ok(None) };
    Ok(Some(OpenSession {
        officer: staff::read(row)?,
        csrf: row.text("csrf")?,
        proved_at: row.int("proved_at")?,
        has_factor: row.opt_bytes("factor")?.is_some(),
    }))
}

/// A session as its owner sees it in a list.
#[derive(Clone, Debug)]
pub struct ListedSession {
    /// Hash of its token.
    pub token_hash: Hash,
    /// What the browser calls itself.
    pub agent: String,
    /// When it was opened.
    pub created_at: i64,
    /// When it was last used.
    pub seen_at: i64,
}

/// The sessions of somebody that are still open, the one that was used last first.
///
/// # Errors
/// As [`open`].
pub async fn of(
    unit: &mut dyn Unit,
    username: &str,
    idle_since: i64,
    opened_since: i64,
) -> Result<Vec<ListedSession>, StorageError> {
    let rows = unit
        .query(
            "SELECT token_hash, agent, created_at, seen_at FROM sessions \
             WHERE username = $1 AND seen_at > $2 AND created_at > $3 \
             ORDER BY seen_at DESC, token_hash",
            values![username, idle_since, opened_since],
        )
        .await?;
    let read = |row: &super::Row| {
        Ok(ListedSession {
            token_hash: row.array("token_hash")?,
            agent: row.text("agent")?,
            created_at: row.int("created_at")?,
            seen_at: row.int("seen_at")?,
        })
    };
    rows.iter().map(read).collect()
}

/// Gives a session another token, since its owner has just proved to be who he or she is.
///
/// # Errors
/// As [`open`].
pub async fn renew(
    unit: &mut dyn Unit,
    token_hash: Hash,
    new_hash: Hash,
    now: i64,
) -> Result<(), StorageError> {
    unit.execute(
        "UPDATE sessions SET token_hash = $2, proved_at = $3 WHERE token_hash = $1",
        vec![values![token_hash, new_hash, now]],
    )
    .await?;
    Ok(())
}

/// Keeps the sealed secret of the factor that the owner of a session is setting up.
///
/// # Errors
/// As [`open`].
pub async fn set_candidate(
    unit: &mut dyn Unit,
    token_hash: Hash,
    sealed: Option<&[u8]>,
) -> Result<(), StorageError> {
    unit.execute(
        "UPDATE sessions SET factor = $2 WHERE token_hash = $1",
        vec![values![token_hash, sealed]],
    )
    .await?;
    Ok(())
}

/// The sealed secret of the factor that the owner of a session is setting up.
///
/// # Errors
/// As [`open`].
pub async fn candidate(
    unit: &mut dyn Unit,
    token_hash: Hash,
) -> Result<Option<Vec<u8>>, StorageError> {
    let rows = unit
        .query("SELECT factor FROM sessions WHERE token_hash = $1", values![token_hash])
        .await?;
    rows.first().map_or(Ok(None), |row| row.opt_bytes("factor"))
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

/// Ends every session of somebody but one; tells how many.
///
/// # Errors
/// As [`open`].
pub async fn close_others(
    unit: &mut dyn Unit,
    username: &str,
    but: Hash,
) -> Result<u64, StorageError> {
    unit.execute(
        "DELETE FROM sessions WHERE username = $1 AND token_hash <> $2",
        vec![values![username, but]],
    )
    .await
}

/// Ends one session of somebody; false when it is not theirs or not there.
///
/// # Errors
/// As [`open`].
pub async fn close_own(
    unit: &mut dyn Unit,
    username: &str,
    token_hash: Hash,
) -> Result<bool, StorageError> {
    let closed = unit
        .execute(
            "DELETE FROM sessions WHERE username = $1 AND token_hash = $2",
            vec![values![username, token_hash]],
        )
        .await?;
    Ok(closed > 0)
}

/// Forgets the sessions that were opened before this time.
///
/// # Errors
/// As [`open`].
pub async fn forget(unit: &mut dyn Unit, opened_before: i64) -> Result<(), StorageError> {
    unit.execute("DELETE FROM sessions WHERE created_at < $1", vec![values![opened_before]])
        .await?;
    Ok(())
}
