//! Agencies and the staff.

use pishkhan_domain::ids::AgencyCode;
use pishkhan_domain::service_card::Agency;

use super::{Row, StorageError, Unit};
use crate::access::{Role, Scope};
use crate::values;

/// A member of the staff.
#[derive(Clone, Debug)]
pub struct Officer {
    /// Name to log in with.
    pub username: String,
    /// What he or she is.
    pub role: Role,
    /// Of what.
    pub scope: Scope,
    /// Agency; empty for a role that is of none.
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
    const SQL: &str = "SELECT agency, title_fa FROM agencies WHERE agency <> '' ORDER BY agency";
    let rows = unit.query(SQL, vec![]).await?;
    rows.iter().map(|row| Ok((AgencyCode(row.text("agency")?), row.text("title_fa")?))).collect()
}

/// Adds a member of the staff, or changes one and gives a new password. A password that is given
/// must be changed by whoever gets it.
///
/// # Errors
/// As [`upsert_agency`].
pub async fn upsert(
    unit: &mut dyn Unit,
    member: &Officer,
    password_hash: &str,
    password_is_given: bool,
    now: i64,
) -> Result<(), StorageError> {
    let (province, county) = super::accounts::places(&member.scope);
    let set = values![
        member.username.as_str(),
        member.agency.0.as_str(),
        member.display_name.as_str(),
        password_hash,
        now,
        member.role.name(),
        province,
        county,
        i64::from(password_is_given)
    ];
    unit.execute(
        "INSERT INTO staff (username, agency, display_name, password_hash, created_at, role, \
         province, county, password_is_given) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
         ON CONFLICT (username) DO UPDATE SET agency = excluded.agency, \
         display_name = excluded.display_name, password_hash = excluded.password_hash, \
         role = excluded.role, province = excluded.province, county = excluded.county, \
         password_is_given = excluded.password_is_given, disabled_at = NULL",
        vec![set],
    )
    .await?;
    Ok(())
}

/// The hash of a member's password.
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

/// A member who is not disabled.
///
/// # Errors
/// As [`upsert_agency`].
pub async fn find(unit: &mut dyn Unit, username: &str) -> Result<Option<Officer>, StorageError> {
    let rows = unit
        .query(
            "SELECT staff.username AS username, staff.agency AS agency, \
             agencies.title_fa AS agency_title, staff.display_name AS display_name, \
             staff.role AS role, staff.province AS province, staff.county AS county \
             FROM staff JOIN agencies ON agencies.agency = staff.agency \
             WHERE staff.username = $1 AND staff.disabled_at IS NULL",
            values![username],
        )
        .await?;
    rows.first().map(read).transpose()
}

/// A member, of a row that has all of [`find`]'s columns.
pub(super) fn read(row: &Row) -> Result<Officer, StorageError> {
    let role: Role = row.parsed("role")?;
    let agency = AgencyCode(row.text("agency")?);
    let (province, county) = (row.text("province")?, row.text("county")?);
    let scope = match (role.is_of_agency(), province.is_empty(), county.is_empty()) {
        (true, ..) => Scope::Agency(agency.clone()),
        (false, true, _) => Scope::Country,
        (false, false, true) => Scope::Province(province),
        (false, false, false) => Scope::County { province, county },
    };
    Ok(Officer {
        username: row.text("username")?,
        role,
        scope,
        agency,
        agency_title: row.text("agency_title")?,
        display_name: row.text("display_name")?,
    })
}
