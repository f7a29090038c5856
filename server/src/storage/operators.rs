//! Operators of an office, so that the history can name them.

use std::collections::BTreeMap;

use pishkhan_domain::ids::{OfficeCode, OperatorId};

use super::{StorageError, Unit};
use crate::values;

/// Writes operators, new or renamed; of one that is named twice, the last name.
///
/// # Errors
/// [`StorageError`], as in all that follow.
pub async fn upsert(
    unit: &mut dyn Unit,
    office: &OfficeCode,
    operators: &[(OperatorId, String)],
) -> Result<(), StorageError> {
    let last: BTreeMap<OperatorId, &str> =
        operators.iter().map(|(operator, name)| (*operator, name.as_str())).collect();
    let set = |(operator, name): (OperatorId, &str)| {
        values![office.0.as_str(), operator.to_string(), name]
    };
    unit.execute(
        "INSERT INTO operators (office, operator, name) VALUES ($1, $2, $3) \
         ON CONFLICT (office, operator) DO UPDATE SET name = excluded.name",
        last.into_iter().map(set).collect(),
    )
    .await?;
    Ok(())
}

/// Names of an office's operators, by id.
///
/// # Errors
/// As [`upsert`].
pub async fn names(
    unit: &mut dyn Unit,
    office: &OfficeCode,
) -> Result<BTreeMap<String, String>, StorageError> {
    let rows = unit
        .query("SELECT operator, name FROM operators WHERE office = $1", values![office.0.as_str()])
        .await?;
    rows.iter().map(|row| Ok((row.text("operator")?, row.text("name")?))).collect()
}
