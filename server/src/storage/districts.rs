//! Districts (village groups), each of a county and a province.

use super::{Row, StorageError, Unit};
use crate::values;

/// A district.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct District {
    /// Code.
    pub code: String,
    /// Name in Persian.
    pub title: String,
    /// Its county.
    pub county: String,
    /// Its province.
    pub province: String,
}

/// Adds a district, or changes it.
///
/// # Errors
/// [`StorageError`], as in all that follow.
pub async fn upsert(
    unit: &mut dyn Unit,
    district: &District,
    now: i64,
) -> Result<(), StorageError> {
    let District { code, title, county, province } = district;
    let set = values![code.as_str(), title.as_str(), county.as_str(), province.as_str(), now];
    unit.execute(
        "INSERT INTO districts (district, title, county, province, created_at) \
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (district) DO UPDATE \
         SET title = excluded.title, county = excluded.county, province = excluded.province",
        vec![set],
    )
    .await?;
    Ok(())
}

/// Every district, by province, county and title.
///
/// # Errors
/// As [`upsert`].
pub async fn all(unit: &mut dyn Unit) -> Result<Vec<District>, StorageError> {
    let rows = unit
        .query(
            "SELECT district, title, county, province FROM districts \
             ORDER BY province, county, title, district",
            vec![],
        )
        .await?;
    rows.iter().map(read).collect()
}

fn read(row: &Row) -> Result<District, StorageError> {
    Ok(District {
        code: row.text("district")?,
        title: row.text("title")?,
        county: row.text("county")?,
        province: row.text("province")?,
    })
}
