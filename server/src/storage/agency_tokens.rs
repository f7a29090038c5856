//! Tokens by which agencies' own systems read their applications; only hashes are kept.

use pishkhan_domain::ids::AgencyCode;
use pishkhan_protocol::event::{Hash, tagged_hash};

use super::{StorageError, Unit};
use crate::values;

/// How exactly the last use is kept.
const USED_STEP_MS: i64 = 60_000;

/// A token that is in force.
#[derive(Clone, Debug)]
pub struct AgencyToken {
    /// What the administrator called it.
    pub title: String,
    /// Whose applications it reads.
    pub agency: AgencyCode,
}

/// What is kept of a token.
#[must_use]
pub fn token_hash(token: &str) -> Hash {
    tagged_hash(b"pishkhan/agency-token/v1", &[token.as_bytes()])
}

/// A token as it is listed: all but itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptToken {
    /// What the administrator called it.
    pub title: String,
    /// When it was made.
    pub created_at: i64,
    /// When it was last used, to the minute.
    pub used_at: Option<i64>,
    /// When it was taken away.
    pub revoked_at: Option<i64>,
}

/// Keeps a new token.
///
/// # Errors
/// [`StorageError`], as in all that follow.
pub async fn insert(
    unit: &mut dyn Unit,
    hash: Hash,
    agency: &AgencyCode,
    title: &str,
    now: i64,
) -> Result<(), StorageError> {
    unit.execute(
        "INSERT INTO agency_tokens (token_hash, agency, title, created_at) \
         VALUES ($1, $2, $3, $4)",
        vec![values![hash, agency.0.as_str(), title, now]],
    )
    .await?;
    Ok(())
}

/// Tokens of an agency, those in force first, the newest first.
///
/// # Errors
/// As [`insert`].
pub async fn of(unit: &mut dyn Unit, agency: &AgencyCode) -> Result<Vec<KeptToken>, StorageError> {
    let rows = unit
        .query(
            "SELECT title, created_at, used_at, revoked_at FROM agency_tokens \
             WHERE agency = $1 \
             ORDER BY CASE WHEN revoked_at IS NULL THEN 0 ELSE 1 END, created_at DESC, title",
            values![agency.0.as_str()],
        )
        .await?;
    let kept = rows.iter().map(|row| {
        Ok(KeptToken {
            title: row.text("title")?,
            created_at: row.int("created_at")?,
            used_at: row.opt_int("used_at")?,
            revoked_at: row.opt_int("revoked_at")?,
        })
    });
    kept.collect()
}

/// The token of a hash, if it is in force; notes that it was used.
///
/// # Errors
/// As [`insert`].
pub async fn used(
    unit: &mut dyn Unit,
    hash: Hash,
    now: i64,
) -> Result<Option<AgencyToken>, StorageError> {
    let rows = unit
        .query(
            "SELECT agency, title, used_at FROM agency_tokens \
             WHERE token_hash = $1 AND revoked_at IS NULL",
            values![hash],
        )
        .await?;
    let Some(row) = rows.first() else { return Ok(None) };
    if row.opt_int("used_at")?.is_none_or(|at| now - at >= USED_STEP_MS) {
        let set = values![hash, now];
        unit.execute("UPDATE agency_tokens SET used_at = $2 WHERE token_hash = $1", vec![set])
            .await?;
    }
    Ok(Some(AgencyToken { title: row.text("title")?, agency: AgencyCode(row.text("agency")?) }))
}

/// Takes every token of a title away from an agency; gives how many there were.
///
/// # Errors
/// As [`insert`].
pub async fn revoke(
    unit: &mut dyn Unit,
    agency: &AgencyCode,
    title: &str,
    now: i64,
) -> Result<u64, StorageError> {
    unit.execute(
        "UPDATE agency_tokens SET revoked_at = $3 \
         WHERE agency = $1 AND title = $2 AND revoked_at IS NULL",
        vec![values![agency.0.as_str(), title, now]],
    )
    .await
}
