//! Ready reasons for a return, by agency and service.

use pishkhan_domain::ids::{AgencyCode, ServiceCode};

use super::{StorageError, Unit};
use crate::values;

/// The reasons in their order; empty where nobody has written any.
///
/// # Errors
/// [`StorageError`], as in all that follow.
pub async fn of(
    unit: &mut dyn Unit,
    agency: &AgencyCode,
    service: &ServiceCode,
) -> Result<Vec<String>, StorageError> {
    let rows = unit
        .query(
            "SELECT reason FROM return_reasons WHERE agency = $1 AND service = $2 ORDER BY place",
            values![agency.0.as_str(), service.0.as_str()],
        )
        .await?;
    rows.iter().map(|row| row.text("reason")).collect()
}

/// Writes the whole list anew.
///
/// # Errors
/// As [`of`].
pub async fn replace(
    unit: &mut dyn Unit,
    agency: &AgencyCode,
    service: &ServiceCode,
    reasons: &[String],
) -> Result<(), StorageError> {
    unit.execute(
        "DELETE FROM return_reasons WHERE agency = $1 AND service = $2",
        vec![values![agency.0.as_str(), service.0.as_str()]],
    )
    .await?;
    let set = |(place, reason): (usize, &String)| {
        values![agency.0.as_str(), service.0.as_str(), place as u64, reason.as_str()]
    };
    unit.execute(
        "INSERT INTO return_reasons (agency, service, place, reason) VALUES ($1, $2, $3, $4)",
        reasons.iter().enumerate().map(set).collect(),
    )
    .await?;
    Ok(())
}
