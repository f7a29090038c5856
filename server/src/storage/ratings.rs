//! How satisfied people are: one answer for each application, kept as numbers only.
//!
//! Invariant: which answer was whose is stored nowhere.

use pishkhan_domain::ids::{ApplicationId, OfficeCode, ServiceCode};

use super::{StorageError, Unit};
use crate::values;

/// A number of answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answers {
    /// Jalali month in which they were given.
    pub month: String,
    /// Service.
    pub service: ServiceCode,
    /// From 1 to 5.
    pub rating: u8,
    /// How many.
    pub number: u64,
}

/// Counts an answer; false when this application was answered for before.
///
/// # Errors
/// [`StorageError`], as in all that follow.
pub async fn add(
    unit: &mut dyn Unit,
    office: &OfficeCode,
    application: ApplicationId,
    service: &ServiceCode,
    month: &str,
    rating: u8,
) -> Result<bool, StorageError> {
    let first = unit
        .execute(
            "INSERT INTO rated_applications (office, application) VALUES ($1, $2) \
             ON CONFLICT (office, application) DO NOTHING",
            vec![values![office.0.as_str(), application.to_string()]],
        )
        .await?;
    if first == 0 {
        return Ok(false);
    }
    unit.execute(
        "INSERT INTO ratings (office, month, service, rating, number) VALUES ($1, $2, $3, $4, 1) \
         ON CONFLICT (office, month, service, rating) DO UPDATE SET number = ratings.number + 1",
        vec![values![office.0.as_str(), month, service.0.as_str(), u32::from(rating)]],
    )
    .await?;
    Ok(true)
}

/// Has this application been answered for?
///
/// # Errors
/// As [`add`].
pub async fn is_rated(
    unit: &mut dyn Unit,
    office: &OfficeCode,
    application: ApplicationId,
) -> Result<bool, StorageError> {
    const SQL: &str =
        "SELECT office FROM rated_applications WHERE office = $1 AND application = $2";
    let rows = unit.query(SQL, values![office.0.as_str(), application.to_string()]).await?;
    Ok(!rows.is_empty())
}

/// The answers of an office.
///
/// # Errors
/// As [`add`].
pub async fn of_office(
    unit: &mut dyn Unit,
    office: &OfficeCode,
) -> Result<Vec<Answers>, StorageError> {
    let rows = unit
        .query(
            "SELECT month, service, rating, number FROM ratings WHERE office = $1 \
             ORDER BY month, service, rating",
            values![office.0.as_str()],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Answers {
                month: row.text("month")?,
                service: ServiceCode(row.text("service")?),
                rating: u8::try_from(row.int("rating")?)
                    .map_err(|_| StorageError::Unreadable("rating"))?,
                number: row.count("number")?,
            })
        })
        .collect()
}
