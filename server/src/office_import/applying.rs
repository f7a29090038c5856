//! Writing what a plan says, in one transaction.

use std::collections::BTreeMap;

use pishkhan_domain::content_hash::ContentHash;

use super::{ImportedOffice, Plan, Row, plan};
use crate::storage::districts::{self, District};
use crate::storage::staff::Officer;
use crate::storage::{StorageError, Unit, audit_log, office_rows};

/// Compares a file with what is there now.
///
/// # Errors
/// [`StorageError`], as in all that follow.
pub async fn plan_now(unit: &mut dyn Unit, rows: &[Row]) -> Result<Plan, StorageError> {
    let known = districts::all(unit).await?;
    let offices = office_rows::as_imported(unit).await?;
    Ok(plan(rows, &known, &offices))
}

/// Writes a plan.
///
/// # Errors
/// As [`plan_now`].
pub async fn apply(
    unit: &mut dyn Unit,
    by: &Officer,
    plan: &Plan,
    file: ContentHash,
    now: i64,
) -> Result<(), StorageError> {
    for district in &plan.districts {
        keep_district(unit, district, now).await?;
    }
    let known: BTreeMap<String, District> =
        districts::all(unit).await?.into_iter().map(|one| (one.code.clone(), one)).collect();
    for office in &plan.offices {
        // A plan has no office of a district that is not there or in it.
        let district = known.get(&office.district).ok_or(StorageError::Unreadable("district"))?;
        office_rows::place(unit, office, district, now).await?;
    }
    let detail = format!("{} districts, {} offices", plan.districts.len(), plan.offices.len());
    audit_log::record(unit, by, "office.imported", &file.to_string(), &detail, now).await
}

/// Keeps a district and tells its offices its name.
async fn keep_district(
    unit: &mut dyn Unit,
    district: &District,
    now: i64,
) -> Result<(), StorageError> {
    districts::upsert(unit, district, now).await?;
    office_rows::rename_district(unit, district).await
}

/// Keeps one office that was typed by hand.
///
/// # Errors
/// As [`plan_now`].
pub async fn keep_office(
    unit: &mut dyn Unit,
    by: &Officer,
    office: &ImportedOffice,
    district: &District,
    now: i64,
) -> Result<(), StorageError> {
    office_rows::place(unit, office, district, now).await?;
    audit_log::record(unit, by, "office.added", &office.code.0, &district.code, now).await
}
