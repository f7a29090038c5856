//! Agencies, their officers, and the officers' sessions.

use pishkhan_domain::ids::AgencyCode;
use pishkhan_domain::service_card::Agency;
use pishkhan_protocol::event::Hash;

use super::{StorageError, Unit};
use crate::values;

/// An officer.
#[derive(Clone, Debug)]
pub struct Officer {
    /// Name to log in with.
    pub username: String,
    /// Agency.
    pub agency: AgencyCode,
    /// Its name in Persian.
    pub agency_title: String,
    /// Name as shown to colleagues.
    pub display_name: String,
}

/// Adds an agency, or renames it.
///
/// # Errors
/// [`StorageError`], as in all that follow.
pub async fn upsert_agency(unit: &mut dyn Unit, agency: &Agency) -> Result<(), StorageError> {
    unit.execute(
        "INSERT INTO agencies (agency, title_fa, title_en) VALUES ($1, $2, $3) \
         ON CONFLICT (agency) DO UPDATE \
         SET title_fa = excluded.title_fa, title_en = excluded.title_en",
        vec![values![agency.code.0.as_str(), agency.title.fa.as_str(), agency.title.en.as_str()]],
    )
    .await?;
    Ok(())
}

/// Every agency: code and Persian title.
///
/// # Errors
/// As [`upsert_agency`].
pub async fn agencies(unit: &mut dyn Unit) -> Result<Vec<(AgencyCode, String)>, StorageError> {
    let rows = unit.query("SELECT agency, title_fa FROM agencies ORDER BY agency", vec![]).await?;
    rows.iter().map(|row| Ok((AgencyCode(row.text("agency")?), row.text("title_fa")?))).collect()
}

/// Adds an officer, or gives a new password.
///
/// # Errors
/// As [`upsert_agency`].
pub async fn upsert(
    unit: &mut dyn Unit,
    username: &str,
    agency: &AgencyCode,
    display_name: &str,
    password_hash: &str,
    now: i64,
) -> Result<(), StorageError> {
    unit.execute(
        "INSERT INTO staff (username, agency, display_name, password_hash, created_at) \
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (username) DO UPDATE \
         SET agency = excluded.agency, display_name = excluded.display_name, \
         password_hash = excluded.password_hash, disabled_at = NULL",
        vec![values![username, agency.0.as_str(), display_name, password_hash, now]],
    )
    .await?;
    Ok(())
}

/// The hash of an officer's password.
///
/// # Errors
/// As [`upsert_agency`].
pub async fn password_hash(
    unit: &mut dyn Unit,
    username: &str,
) -> Result<Option<String>, StorageError> {
    let rows = unit
        .query(
            "SELECT password_hash FROM staff WHERE username = $1 AND disabled_at IS NULL",
            values![username],
        )
        .await?;
    rows.first().map(|row| row.text("password_hash")).transpose()
}

/// Opens a session.
///
/// # Errors
/// As [`upsert_agency`].
pub async fn open_session(
    unit: &mut dyn Unit,
    token_hash: Hash,
    username: &str,
    csrf: &str,
    now: i64,
) -> Result<(), StorageError> {
    unit.execute(
        "INSERT INTO sessions (token_hash, username, csrf, created_at, seen_at) \
         VALUES ($1, $2, $3, $4, $4)",
        vec![values![token_hash, username, csrf, now]],
    )
    .await?;
    Ok(())
}

/// A session that was seen after `idle_since` and opened after `opened_since`: its officer and its
/// token against forged forms. Marks it as seen now.
///
/// # Errors
/// As [`upsert_agency`].
pub async fn touch_session(
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
             sessions.csrf AS csrf FROM sessions \
             JOIN staff ON staff.username = sessions.username \
             JOIN agencies ON agencies.agency = staff.agency \
             WHERE sessions.token_hash = $1 AND staff.disabled_at IS NULL",
            values![token_hash],
        )
        .await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let officer = Officer {
        username: row.text("username")?,
        agency: AgencyCode(row.text("agency")?),
        agency_title: row.text("agency_title")?,
        display_name: row.text("display_name")?,
    };
    Ok(Some((officer, row.text("csrf")?)))
}

/// Ends a session.
///
/// # Errors
/// As [`upsert_agency`].
pub async fn close_session(unit: &mut dyn Unit, token_hash: Hash) -> Result<(), StorageError> {
    unit.execute("DELETE FROM sessions WHERE token_hash = $1", vec![values![token_hash]]).await?;
    Ok(())
}
