//! Accounts of the staff as the administrator keeps them, and the agencies they belong to.

use pishkhan_domain::ids::AgencyCode;

use super::staff::{self, Officer};
use super::{Row, StorageError, Unit};
use crate::access::Scope;
use crate::values;

/// An account, open or closed.
#[derive(Clone, Debug)]
pub struct Account {
    /// Whose.
    pub member: Officer,
    /// Is a second factor set up?
    pub has_factor: bool,
    /// Was the password given, and not yet changed?
    pub password_is_given: bool,
    /// When it was closed.
    pub closed_at: Option<i64>,
    /// Why.
    pub closed_reason: String,
}

/// Accounts whose names come after one, in order.
///
/// # Errors
/// [`StorageError`], as in all that follow.
pub async fn after(
    unit: &mut dyn Unit,
    username: &str,
    limit: u32,
) -> Result<Vec<Account>, StorageError> {
    let rows = unit
        .query(
            "SELECT staff.username AS username, staff.agency AS agency, \
             agencies.title_fa AS agency_title, staff.display_name AS display_name, \
             staff.role AS role, staff.province AS province, staff.county AS county, \
             staff.factor AS factor, staff.password_is_given AS password_is_given, \
             staff.disabled_at AS disabled_at, staff.closed_reason AS closed_reason \
             FROM staff JOIN agencies ON agencies.agency = staff.agency \
             WHERE staff.username > $1 ORDER BY staff.username LIMIT $2",
            values![username, limit],
        )
        .await?;
    rows.iter().map(read).collect()
}

/// An account.
///
/// # Errors
/// As [`after`].
pub async fn find(unit: &mut dyn Unit, username: &str) -> Result<Option<Account>, StorageError> {
    let rows = unit
        .query(
            "SELECT staff.username AS username, staff.agency AS agency, \
             agencies.title_fa AS agency_title, staff.display_name AS display_name, \
             staff.role AS role, staff.province AS province, staff.county AS county, \
             staff.factor AS factor, staff.password_is_given AS password_is_given, \
             staff.disabled_at AS disabled_at, staff.closed_reason AS closed_reason \
             FROM staff JOIN agencies ON agencies.agency = staff.agency \
             WHERE staff.username = $1",
            values![username],
        )
        .await?;
    rows.first().map(read).transpose()
}

fn read(row: &Row) -> Result<Account, StorageError> {
    Ok(Account {
        member: staff::read(row)?,
        has_factor: row.opt_bytes("factor")?.is_some(),
        password_is_given: row.int("password_is_given")? == 1,
        closed_at: row.opt_int("disabled_at")?,
        closed_reason: row.text("closed_reason")?,
    })
}

/// Changes name, role and scope.
///
/// # Errors
/// As [`after`].
pub async fn change(unit: &mut dyn Unit, member: &Officer) -> Result<(), StorageError> {
    let (province, county) = places(&member.scope);
    let set = values![
        member.username.as_str(),
        member.display_name.as_str(),
        member.role.name(),
        member.agency.0.as_str(),
        province,
        county
    ];
    unit.execute(
        "UPDATE staff SET display_name = $2, role = $3, agency = $4, province = $5, county = $6 \
         WHERE username = $1",
        vec![set],
    )
    .await?;
    Ok(())
}

/// A scope's province and county; empty where it has none.
pub(super) fn places(scope: &Scope) -> (&str, &str) {
    match scope {
        Scope::County { province, county } => (province, county),
        Scope::Province(province) => (province, ""),
        Scope::Agency(_) | Scope::Country => ("", ""),
    }
}

/// Closes an account.
///
/// # Errors
/// As [`after`].
pub async fn close(
    unit: &mut dyn Unit,
    username: &str,
    reason: &str,
    now: i64,
) -> Result<(), StorageError> {
    unit.execute(
        "UPDATE staff SET disabled_at = $2, closed_reason = $3 \
         WHERE username = $1 AND disabled_at IS NULL",
        vec![values![username, now, reason]],
    )
    .await?;
    Ok(())
}

/// Opens a closed account again.
///
/// # Errors
/// As [`after`].
pub async fn reopen(unit: &mut dyn Unit, username: &str) -> Result<(), StorageError> {
    unit.execute(
        "UPDATE staff SET disabled_at = NULL, closed_reason = '' WHERE username = $1",
        vec![values![username]],
    )
    .await?;
    Ok(())
}

/// Names of the administrators whose accounts are open, their rows locked until the unit ends: of
/// two who close each other at once, the second finds what the first has done.
///
/// # Errors
/// As [`after`].
pub async fn lock_administrators(unit: &mut dyn Unit) -> Result<Vec<String>, StorageError> {
    const SQL: &str = "SELECT username FROM staff WHERE role = 'administrator' \
                       AND disabled_at IS NULL ORDER BY username FOR UPDATE";
    let rows = unit.query(SQL, vec![]).await?;
    rows.iter().map(|row| row.text("username")).collect()
}

/// An agency as the administrator sees it.
#[derive(Clone, Debug)]
pub struct AgencyRow {
    /// Code.
    pub code: AgencyCode,
    /// Name in Persian.
    pub title_fa: String,
    /// Name in English.
    pub title_en: String,
    /// Open accounts.
    pub members: u64,
}

/// Every agency, by code.
///
/// # Errors
/// As [`after`].
pub async fn agencies(unit: &mut dyn Unit) -> Result<Vec<AgencyRow>, StorageError> {
    let rows = unit
        .query(
            "SELECT agencies.agency AS agency, title_fa, title_en, (SELECT COUNT(*) FROM staff \
             WHERE staff.agency = agencies.agency AND disabled_at IS NULL) AS members \
             FROM agencies WHERE agencies.agency <> '' ORDER BY agencies.agency",
            vec![],
        )
        .await?;
    let read = |row: &Row| {
        Ok(AgencyRow {
            code: AgencyCode(row.text("agency")?),
            title_fa: row.text("title_fa")?,
            title_en: row.text("title_en")?,
            members: row.count("members")?,
        })
    };
    rows.iter().map(read).collect()
}
