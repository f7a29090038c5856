//! Applications that were taken up while an older one of the same service waited, and why.

use pishkhan_domain::ids::{AgencyCode, ApplicationId, OfficeCode, ServiceCode};

use super::{StorageError, Unit};
use crate::values;

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakenOutOfOrder {
    /// Office that filed it.
    pub office: OfficeCode,
    /// Application.
    pub application: ApplicationId,
    /// When.
    pub taken_at: i64,
    /// Agency.
    pub agency: AgencyCode,
    /// Service.
    pub service: ServiceCode,
    /// Who.
    pub username: String,
    /// Why.
    pub reason: String,
}

/// Records one.
///
/// # Errors
/// [`StorageError`], as in all that follow.
pub async fn record(unit: &mut dyn Unit, taken: &TakenOutOfOrder) -> Result<(), StorageError> {
    let set = values![
        taken.office.0.as_str(),
        taken.application.to_string(),
        taken.taken_at,
        taken.agency.0.as_str(),
        taken.service.0.as_str(),
        taken.username.as_str(),
        taken.reason.as_str()
    ];
    unit.execute(
        "INSERT INTO taken_out_of_order \
         (office, application, taken_at, agency, service, username, reason) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        vec![set],
    )
    .await?;
    Ok(())
}

/// An agency's since a moment, the newest first.
///
/// # Errors
/// As [`record`].
pub async fn since(
    unit: &mut dyn Unit,
    agency: &AgencyCode,
    since: i64,
    limit: u32,
) -> Result<Vec<TakenOutOfOrder>, StorageError> {
    let rows = unit
        .query(
            "SELECT office, application, taken_at, agency, service, username, reason \
             FROM taken_out_of_order WHERE agency = $1 AND taken_at >= $2 \
             ORDER BY taken_at DESC LIMIT $3",
            values![agency.0.as_str(), since, limit],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(TakenOutOfOrder {
                office: OfficeCode(row.text("office")?),
                application: row.parsed("application")?,
                taken_at: row.int("taken_at")?,
                agency: AgencyCode(row.text("agency")?),
                service: ServiceCode(row.text("service")?),
                username: row.text("username")?,
                reason: row.text("reason")?,
            })
        })
        .collect()
}

/// When an application was taken up out of order, and why.
///
/// # Errors
/// As [`record`].
pub async fn of(
    unit: &mut dyn Unit,
    office: &OfficeCode,
    application: ApplicationId,
) -> Result<Vec<(i64, String)>, StorageError> {
    let rows = unit
        .query(
            "SELECT taken_at, reason FROM taken_out_of_order \
             WHERE office = $1 AND application = $2 ORDER BY taken_at",
            values![office.0.as_str(), application.to_string()],
        )
        .await?;
    rows.iter().map(|row| Ok((row.int("taken_at")?, row.text("reason")?))).collect()
}

/// How many each officer of an agency took since a moment, most first.
///
/// # Errors
/// As [`record`].
pub async fn counts(
    unit: &mut dyn Unit,
    agency: &AgencyCode,
    since: i64,
) -> Result<Vec<(String, u64)>, StorageError> {
    let rows = unit
        .query(
            "SELECT username, count(*) AS number FROM taken_out_of_order \
             WHERE agency = $1 AND taken_at >= $2 GROUP BY username \
             ORDER BY number DESC, username",
            values![agency.0.as_str(), since],
        )
        .await?;
    rows.iter().map(|row| Ok((row.text("username")?, row.count("number")?))).collect()
}
