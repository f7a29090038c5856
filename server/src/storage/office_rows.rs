//! Offices as the administrator sees and places them.

use pishkhan_domain::ids::OfficeCode;

use super::districts::District;
use super::{Row, StorageError, Unit};
use crate::office_import::ImportedOffice;
use crate::values;

/// An office of the list.
#[derive(Clone, Debug)]
pub struct OfficeRow {
    /// Code.
    pub code: OfficeCode,
    /// Name.
    pub title: String,
    /// Code of its district; may be empty.
    pub district: String,
    /// District and county in words.
    pub district_title: String,
    /// Devices that are not revoked.
    pub devices: u64,
    /// When one of them last spoke.
    pub last_contact_at: Option<i64>,
}

/// Which offices.
#[derive(Clone, Debug, Default)]
pub struct OfficeFilter {
    /// Only of this district; empty is every one.
    pub district: String,
    /// Only whose code or name has this in it; empty is every one.
    pub text: String,
    /// Only after this code.
    pub after: String,
}

/// Offices, by code.
///
/// # Errors
/// [`StorageError`], as in all that follow.
pub async fn list(
    unit: &mut dyn Unit,
    filter: &OfficeFilter,
    limit: u32,
) -> Result<Vec<OfficeRow>, StorageError> {
    let escaped = filter.text.replace('!', "!!").replace('%', "!%").replace('_', "!_");
    let set = values![
        filter.after.as_str(),
        filter.district.as_str(),
        filter.text.as_str(),
        format!("%{escaped}%"),
        limit
    ];
    let rows = unit
        .query(
            "SELECT office, title, district, district_title, \
             (SELECT COUNT(*) FROM devices WHERE devices.office = offices.office \
             AND revoked_at IS NULL) AS devices, \
             (SELECT MAX(last_contact_at) FROM devices WHERE devices.office = offices.office \
             AND revoked_at IS NULL) AS last_contact_at \
             FROM offices WHERE office > $1 AND ($2 = '' OR district = $2) \
             AND ($3 = '' OR office LIKE $4 ESCAPE '!' OR title LIKE $4 ESCAPE '!') \
             ORDER BY office LIMIT $5",
            set,
        )
        .await?;
    rows.iter().map(read).collect()
}

/// An office.
///
/// # Errors
/// As [`list`].
pub async fn find(unit: &mut dyn Unit, code: &str) -> Result<Option<OfficeRow>, StorageError> {
    let rows = unit
        .query(
            "SELECT office, title, district, district_title, \
             (SELECT COUNT(*) FROM devices WHERE devices.office = offices.office \
             AND revoked_at IS NULL) AS devices, \
             (SELECT MAX(last_contact_at) FROM devices WHERE devices.office = offices.office \
             AND revoked_at IS NULL) AS last_contact_at \
             FROM offices WHERE office = $1",
            values![code],
        )
        .await?;
    rows.first().map(read).transpose()
}

fn read(row: &Row) -> Result<OfficeRow, StorageError> {
    Ok(OfficeRow {
        code: OfficeCode(row.text("office")?),
        title: row.text("title")?,
        district: row.text("district")?,
        district_title: row.text("district_title")?,
        devices: row.count("devices")?,
        last_contact_at: row.opt_int("last_contact_at")?,
    })
}

/// Every office as an import compares it.
///
/// # Errors
/// As [`list`].
pub async fn as_imported(unit: &mut dyn Unit) -> Result<Vec<ImportedOffice>, StorageError> {
    let rows =
        unit.query("SELECT office, title, district FROM offices ORDER BY office", vec![]).await?;
    let read = |row: &Row| {
        Ok(ImportedOffice {
            code: OfficeCode(row.text("office")?),
            title: row.text("title")?,
            district: row.text("district")?,
        })
    };
    rows.iter().map(read).collect()
}

/// Adds an office in its district, or renames or moves it.
///
/// # Errors
/// As [`list`].
pub async fn place(
    unit: &mut dyn Unit,
    office: &ImportedOffice,
    district: &District,
    now: i64,
) -> Result<(), StorageError> {
    let set = values![
        office.code.0.as_str(),
        office.title.as_str(),
        district.code.as_str(),
        in_words(district),
        [0_u8; 32],
        now
    ];
    unit.execute(
        "INSERT INTO offices (office, title, district, district_title, feed_hash, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (office) DO UPDATE SET \
         title = excluded.title, district = excluded.district, \
         district_title = excluded.district_title",
        vec![set],
    )
    .await?;
    Ok(())
}

/// Tells the offices of a district its new name.
///
/// # Errors
/// As [`list`].
pub async fn rename_district(unit: &mut dyn Unit, district: &District) -> Result<(), StorageError> {
    unit.execute(
        "UPDATE offices SET district_title = $2 WHERE district = $1",
        vec![values![district.code.as_str(), in_words(district)]],
    )
    .await?;
    Ok(())
}

/// District and county, as receipts and pages have them.
fn in_words(district: &District) -> String {
    format!("{}، {}", district.title, district.county)
}
