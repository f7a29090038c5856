//! Whose password was right, and who has more to show before there is a session. Only hashes of
//! their tokens are kept.

use pishkhan_protocol::event::Hash;

use super::{StorageError, Unit};
use crate::values;

/// One who is signing in.
#[derive(Clone, Debug)]
pub struct StoredSignIn {
    /// Name to log in with.
    pub username: String,
    /// Token that every form of it carries.
    pub csrf: String,
    /// Was the second factor shown?
    pub factor_shown: bool,
    /// Sealed secret of the factor that is being set up.
    pub candidate: Option<Vec<u8>>,
}

/// Begins, and forgets those who began before `forget_before` and went no further.
///
/// # Errors
/// [`StorageError`], as in all that follow.
pub async fn begin(
    unit: &mut dyn Unit,
    token_hash: Hash,
    username: &str,
    csrf: &str,
    forget_before: i64,
    now: i64,
) -> Result<(), StorageError> {
    unit.execute("DELETE FROM sign_ins WHERE created_at < $1", vec![values![forget_before]])
        .await?;
    unit.execute(
        "INSERT INTO sign_ins (token_hash, username, csrf, created_at) VALUES ($1, $2, $3, $4)",
        vec![values![token_hash, username, csrf, now]],
    )
    .await?;
    Ok(())
}

/// One who began after `begun_after`.
///
/// # Errors
/// As [`begin`].
pub async fn find(
    unit: &mut dyn Unit,
    token_hash: Hash,
    begun_after: i64,
) -> Result<Option<StoredSignIn>, StorageError> {
    let rows = unit
        .query(
            "SELECT username, csrf, factor_shown, factor FROM sign_ins \
             WHERE token_hash = $1 AND created_at > $2",
            values![token_hash, begun_after],
        )
        .await?;
    let Some(row) = rows.first() else { return Ok(None) };
    Ok(Some(StoredSignIn {
        username: row.text("username")?,
        csrf: row.text("csrf")?,
        factor_shown: row.int("factor_shown")? == 1,
        candidate: row.opt_bytes("factor")?,
    }))
}

/// The second factor was shown.
///
/// # Errors
/// As [`begin`].
pub async fn factor_shown(unit: &mut dyn Unit, token_hash: Hash) -> Result<(), StorageError> {
    unit.execute(
        "UPDATE sign_ins SET factor_shown = 1 WHERE token_hash = $1",
        vec![values![token_hash]],
    )
    .await?;
    Ok(())
}

/// Keeps the sealed secret of the factor that is being set up.
///
/// # Errors
/// As [`begin`].
pub async fn set_candidate(
    unit: &mut dyn Unit,
    token_hash: Hash,
    sealed: &[u8],
) -> Result<(), StorageError> {
    unit.execute(
        "UPDATE sign_ins SET factor = $2 WHERE token_hash = $1",
        vec![values![token_hash, sealed]],
    )
    .await?;
    Ok(())
}

/// Ends every sign-in of somebody, whether it came to a session or not.
///
/// # Errors
/// As [`begin`].
pub async fn end_all(unit: &mut dyn Unit, username: &str) -> Result<(), StorageError> {
    unit.execute("DELETE FROM sign_ins WHERE username = $1", vec![values![username]]).await?;
    Ok(())
}
