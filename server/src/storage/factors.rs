//! Second factors and passwords of the staff, as stored: a sealed secret, the last step that was
//! taken, hashes of recovery codes.
//!
//! Invariant: a step and a recovery code are taken by one statement that changes a row or does not,
//! so that of two requests at once only one gets in.

use pishkhan_protocol::event::Hash;

use super::{StorageError, Unit};
use crate::values;

/// What a member has to sign in with.
#[derive(Clone, Debug)]
pub struct Standing {
    /// Hash of the password.
    pub password_hash: String,
    /// Was the password given by somebody else?
    pub password_is_given: bool,
    /// Sealed secret of the second factor.
    pub factor: Option<Vec<u8>>,
    /// Step of the last code that was taken.
    pub taken_step: i64,
}

/// What a member who is not disabled has to sign in with.
///
/// # Errors
/// [`StorageError`], as in all that follow.
pub async fn standing(
    unit: &mut dyn Unit,
    username: &str,
) -> Result<Option<Standing>, StorageError> {
    let rows = unit
        .query(
            "SELECT password_hash, password_is_given, factor, factor_step FROM staff \
             WHERE username = $1 AND disabled_at IS NULL",
            values![username],
        )
        .await?;
    let Some(row) = rows.first() else { return Ok(None) };
    Ok(Some(Standing {
        password_hash: row.text("password_hash")?,
        password_is_given: row.int("password_is_given")? == 1,
        factor: row.opt_bytes("factor")?,
        taken_step: row.int("factor_step")?,
    }))
}

/// Takes a step; false when it, or one after it, was taken already.
///
/// # Errors
/// As [`standing`].
pub async fn take_step(
    unit: &mut dyn Unit,
    username: &str,
    step: i64,
) -> Result<bool, StorageError> {
    let taken = unit
        .execute(
            "UPDATE staff SET factor_step = $2 WHERE username = $1 AND factor_step < $2",
            vec![values![username, step]],
        )
        .await?;
    Ok(taken == 1)
}

/// Sets a factor up; the step with which it was proved is taken.
///
/// # Errors
/// As [`standing`].
pub async fn set(
    unit: &mut dyn Unit,
    username: &str,
    sealed: &[u8],
    step: i64,
) -> Result<(), StorageError> {
    unit.execute(
        "UPDATE staff SET factor = $2, factor_step = $3 WHERE username = $1",
        vec![values![username, sealed, step]],
    )
    .await?;
    Ok(())
}

/// Takes a factor away, and with it the recovery codes.
///
/// # Errors
/// As [`standing`].
pub async fn clear(unit: &mut dyn Unit, username: &str) -> Result<(), StorageError> {
    unit.execute(
        "UPDATE staff SET factor = NULL, factor_step = 0 WHERE username = $1",
        vec![values![username]],
    )
    .await?;
    replace_recovery_codes(unit, username, &[]).await
}

/// Gives a member other recovery codes.
///
/// # Errors
/// As [`standing`].
pub async fn replace_recovery_codes(
    unit: &mut dyn Unit,
    username: &str,
    hashes: &[Hash],
) -> Result<(), StorageError> {
    unit.execute("DELETE FROM recovery_codes WHERE username = $1", vec![values![username]]).await?;
    let sets: Vec<_> = hashes.iter().map(|hash| values![username, *hash]).collect();
    if !sets.is_empty() {
        unit.execute("INSERT INTO recovery_codes (username, code_hash) VALUES ($1, $2)", sets)
            .await?;
    }
    Ok(())
}

/// Spends a recovery code; false when there is none such or it was spent.
///
/// # Errors
/// As [`standing`].
pub async fn spend_recovery_code(
    unit: &mut dyn Unit,
    username: &str,
    hash: Hash,
    now: i64,
) -> Result<bool, StorageError> {
    let spent = unit
        .execute(
            "UPDATE recovery_codes SET used_at = $3 \
             WHERE username = $1 AND code_hash = $2 AND used_at IS NULL",
            vec![values![username, hash, now]],
        )
        .await?;
    Ok(spent == 1)
}

/// How many recovery codes are left.
///
/// # Errors
/// As [`standing`].
pub async fn recovery_codes_left(unit: &mut dyn Unit, username: &str) -> Result<u64, StorageError> {
    let rows = unit
        .query(
            "SELECT COUNT(*) AS codes FROM recovery_codes \
             WHERE username = $1 AND used_at IS NULL",
            values![username],
        )
        .await?;
    rows.first().ok_or(StorageError::Unreadable("recovery_codes"))?.count("codes")
}

/// Changes a password; `is_given` when somebody else has chosen it.
///
/// # Errors
/// As [`standing`].
pub async fn set_password(
    unit: &mut dyn Unit,
    username: &str,
    hash: &str,
    is_given: bool,
) -> Result<(), StorageError> {
    unit.execute(
        "UPDATE staff SET password_hash = $2, password_is_given = $3 WHERE username = $1",
        vec![values![username, hash, i64::from(is_given)]],
    )
    .await?;
    Ok(())
}
