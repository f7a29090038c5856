//! What an administrator should look at, counted.

use super::{StorageError, Unit};
use crate::values;

/// Counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Attention {
    /// Offices.
    pub offices: u64,
    /// Offices with no device that is not revoked.
    pub offices_without_device: u64,
    /// Since when the oldest entry waits on a device.
    pub oldest_waiting_at: Option<i64>,
    /// Codes that were made and not spent.
    pub open_codes: u64,
    /// Open accounts that still have a password that was given.
    pub given_passwords: u64,
    /// Administrators whose accounts are open.
    pub administrators: u64,
    /// Drafts of cards and of the calendar.
    pub drafts: u64,
}

/// Counts them.
///
/// # Errors
/// [`StorageError`].
pub async fn count(unit: &mut dyn Unit, now: i64) -> Result<Attention, StorageError> {
    let rows = unit
        .query(
            "SELECT (SELECT COUNT(*) FROM offices) AS offices, \
             (SELECT COUNT(*) FROM offices WHERE NOT EXISTS (SELECT 1 FROM devices \
             WHERE devices.office = offices.office AND revoked_at IS NULL)) \
             AS offices_without_device, \
             (SELECT MIN(oldest_waiting_at) FROM devices WHERE revoked_at IS NULL \
             AND log_seq > head_seq) AS oldest_waiting_at, \
             (SELECT COUNT(*) FROM enrolment_codes WHERE used_at IS NULL AND expires_at > $1) \
             AS open_codes, \
             (SELECT COUNT(*) FROM staff WHERE disabled_at IS NULL AND password_is_given = 1) \
             AS given_passwords, \
             (SELECT COUNT(*) FROM staff WHERE disabled_at IS NULL AND role = 'administrator') \
             AS administrators, \
             (SELECT COUNT(*) FROM card_drafts) AS drafts",
            values![now],
        )
        .await?;
    let row = rows.first().ok_or(StorageError::Unreadable("counts"))?;
    Ok(Attention {
        offices: row.count("offices")?,
        offices_without_device: row.count("offices_without_device")?,
        oldest_waiting_at: row.opt_int("oldest_waiting_at")?,
        open_codes: row.count("open_codes")?,
        given_passwords: row.count("given_passwords")?,
        administrators: row.count("administrators")?,
        drafts: row.count("drafts")?,
    })
}
