//! Sums by office and by district, and what they were computed from.
//!
//! Invariant: all of it can be computed again from applications and acts. An office's stamp changes
//! whenever something that counts has changed; whoever writes an office's sums marks its district
//! as outdated in the same unit.

use pishkhan_domain::ids::{ApplicationId, OfficeCode, ServiceCode};

use super::row::json;
use super::{Row, StorageError, Unit, Value};
use crate::figures::sums::Sums;
use crate::values;

/// An office as its figures see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// Office.
    pub office: OfficeCode,
    /// District it is in now; empty where that is not known.
    pub district: String,
    /// Kilometres to the district's centre.
    pub distance_km: i64,
    /// Grows with every entry of its devices, every item of its feed and every rating.
    pub counter: u64,
    /// District for which it was counted last.
    pub counted_district: Option<String>,
    /// Stamp of that time.
    pub counted_stamp: Option<String>,
}

/// Every office.
///
/// # Errors
/// [`StorageError`], as in all that follow.
pub async fn offices(unit: &mut dyn Unit) -> Result<Vec<Counted>, StorageError> {
    let rows = unit.query(include_str!("figures_offices.sql"), vec![]).await?;
    let optional = |row: &Row, known: bool, name| known.then(|| row.text(name)).transpose();
    rows.iter()
        .map(|row| {
            let known = row.int("counted")? == 1;
            Ok(Counted {
                office: OfficeCode(row.text("office")?),
                district: row.text("district")?,
                distance_km: row.int("distance_km")?,
                counter: row.count("counter")?,
                counted_district: optional(row, known, "counted_district")?,
                counted_stamp: optional(row, known, "counted_stamp")?,
            })
        })
        .collect()
}

/// An application as it is counted: nothing of its content.
#[derive(Clone, Debug)]
pub struct Filed {
    /// Id.
    pub id: ApplicationId,
    /// Service.
    pub service: ServiceCode,
    /// Version of its card.
    pub card_version: String,
    /// When it was filed.
    pub filed_at: i64,
    /// When the centre received it.
    pub received_at: i64,
    /// Due day as printed on the receipt.
    pub due_on: String,
    /// Of a refused one.
    pub reason_code: String,
}

/// An act as it is counted.
#[derive(Clone, Debug)]
pub struct Acted {
    /// Application.
    pub application: ApplicationId,
    /// Kind.
    pub kind: String,
    /// Of a return: the fields and papers.
    pub defects: Vec<pishkhan_domain::application::Defect>,
    /// By the clock of whoever acted.
    pub acted_at: i64,
    /// When the centre had it.
    pub received_at: i64,
}

/// The next applications of an office after one of them, by id.
///
/// # Errors
/// As [`offices`].
pub async fn filed_after(
    unit: &mut dyn Unit,
    office: &OfficeCode,
    after: &str,
    limit: u32,
) -> Result<Vec<Filed>, StorageError> {
    let rows = unit
        .query(
            "SELECT application, service, card_version, filed_at, received_at, due_on, \
             reason_code FROM applications WHERE office = $1 AND application > $2 \
             ORDER BY application LIMIT $3",
            values![office.0.as_str(), after, limit],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Filed {
                id: row.parsed("application")?,
                service: ServiceCode(row.text("service")?),
                card_version: row.text("card_version")?,
                filed_at: row.int("filed_at")?,
                received_at: row.int("received_at")?,
                due_on: row.text("due_on")?,
                reason_code: row.text("reason_code")?,
            })
        })
        .collect()
}

/// The acts of an office's applications after one id and up to another, in order.
///
/// # Errors
/// As [`offices`].
pub async fn acts_between(
    unit: &mut dyn Unit,
    office: &OfficeCode,
    after: &str,
    until: &str,
) -> Result<Vec<Acted>, StorageError> {
    let rows = unit
        .query(
            "SELECT application, kind, defects, acted_at, received_at FROM acts \
             WHERE office = $1 AND application > $2 AND application <= $3 AND applied = 1 \
             AND kind NOT IN ('printed', 'note') ORDER BY application, number",
            values![office.0.as_str(), after, until],
        )
        .await?;
    rows.iter()
        .map(|row| {
            let kind = row.text("kind")?;
            let defects = if kind == "returned" { row.json("defects")? } else { Vec::new() };
            Ok(Acted {
                application: row.parsed("application")?,
                kind,
                defects,
                acted_at: row.int("acted_at")?,
                received_at: row.int("received_at")?,
            })
        })
        .collect()
}

/// A part of the sums.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Jalali month; empty is now.
    pub month: String,
    /// Service; empty is all of them.
    pub service: String,
    /// Sums.
    pub sums: Sums,
}

fn read_part(row: &Row) -> Result<Part, StorageError> {
    Ok(Part {
        month: row.text("month")?,
        service: row.text("service")?,
        sums: row.json("content")?,
    })
}

/// Puts an office's sums in place of the former ones and marks its districts as outdated.
///
/// # Errors
/// As [`offices`].
pub async fn write_office(
    unit: &mut dyn Unit,
    counted: &Counted,
    stamp: &str,
    parts: &[Part],
    now: i64,
) -> Result<(), StorageError> {
    let office = counted.office.0.as_str();
    // First, and so the lock: of two that write the same office, one comes after the other.
    unit.execute(
        "INSERT INTO office_figure_stamps (office, district, stamp, computed_at) \
         VALUES ($1, $2, $3, $4) ON CONFLICT (office) DO UPDATE SET \
         district = excluded.district, stamp = excluded.stamp, computed_at = excluded.computed_at",
        vec![values![office, counted.district.as_str(), stamp, now]],
    )
    .await?;
    unit.execute("DELETE FROM office_figures WHERE office = $1", vec![values![office]]).await?;
    unit.execute(
        "INSERT INTO office_figures (office, month, service, content) VALUES ($1, $2, $3, $4)",
        parts.iter().map(|part| columns(office, part)).collect(),
    )
    .await?;
    let mut districts = vec![counted.district.clone()];
    districts.extend(counted.counted_district.clone());
    districts.sort();
    districts.dedup();
    // One after the other in their order, so that no two writers wait for each other in a ring.
    for district in districts {
        unit.execute(
            "INSERT INTO district_figure_stamps (district, outdated) VALUES ($1, 1) \
             ON CONFLICT (district) DO UPDATE SET outdated = 1",
            vec![values![district]],
        )
        .await?;
    }
    Ok(())
}

fn columns(place: &str, part: &Part) -> Vec<Value> {
    values![place, part.month.as_str(), part.service.as_str(), json(&part.sums)]
}

/// Sums of an office from some month on; what stands open now is among them.
///
/// # Errors
/// As [`offices`].
pub async fn of_office(
    unit: &mut dyn Unit,
    office: &OfficeCode,
    since: &str,
) -> Result<Vec<Part>, StorageError> {
    let rows = unit
        .query(
            "SELECT month, service, content FROM office_figures \
             WHERE office = $1 AND (month = '' OR month >= $2) ORDER BY month, service",
            values![office.0.as_str(), since],
        )
        .await?;
    rows.iter().map(read_part).collect()
}

/// Sums over all services of every office of a district, between two months.
///
/// # Errors
/// As [`offices`].
pub async fn of_offices_in(
    unit: &mut dyn Unit,
    district: &str,
    since: &str,
    until: &str,
) -> Result<Vec<(OfficeCode, Sums)>, StorageError> {
    let rows = unit
        .query(
            "SELECT office_figures.office AS office, content FROM office_figure_stamps \
             JOIN office_figures ON office_figures.office = office_figure_stamps.office \
             WHERE district = $1 AND service = '' AND month >= $2 AND month <= $3 \
             ORDER BY office_figures.office",
            values![district, since, until],
        )
        .await?;
    rows.iter().map(|row| Ok((OfficeCode(row.text("office")?), row.json("content")?))).collect()
}

/// Districts that must be added up again.
///
/// # Errors
/// As [`offices`].
pub async fn outdated_districts(unit: &mut dyn Unit) -> Result<Vec<String>, StorageError> {
    const SQL: &str =
        "SELECT district FROM district_figure_stamps WHERE outdated = 1 ORDER BY district";
    let rows = unit.query(SQL, vec![]).await?;
    rows.iter().map(|row| row.text("district")).collect()
}

/// Takes the next number; held by this unit until it ends.
///
/// # Errors
/// As [`offices`].
pub async fn next_number(unit: &mut dyn Unit) -> Result<u64, StorageError> {
    let rows = unit.query("SELECT number FROM figures_end WHERE id = 1 FOR UPDATE", vec![]).await?;
    let number = rows.first().ok_or(StorageError::Unreadable("figures_end"))?.count("number")? + 1;
    unit.execute("UPDATE figures_end SET number = $1 WHERE id = 1", vec![values![number]]).await?;
    Ok(number)
}

/// The parts of all offices of a district, which is locked until the unit ends.
///
/// # Errors
/// As [`offices`].
pub async fn parts_of_district(
    unit: &mut dyn Unit,
    district: &str,
) -> Result<Vec<Part>, StorageError> {
    const LOCK: &str = "SELECT district FROM district_figure_stamps WHERE district = $1 FOR UPDATE";
    unit.query(LOCK, values![district]).await?;
    let rows = unit
        .query(
            "SELECT month, service, content FROM office_figure_stamps \
             JOIN office_figures ON office_figures.office = office_figure_stamps.office \
             WHERE district = $1 AND service <> ''",
            values![district],
        )
        .await?;
    rows.iter().map(read_part).collect()
}

/// Puts a district's sums in place of the former ones.
///
/// # Errors
/// As [`offices`].
pub async fn write_district(
    unit: &mut dyn Unit,
    district: &str,
    number: u64,
    parts: &[Part],
) -> Result<(), StorageError> {
    unit.execute("DELETE FROM district_figures WHERE district = $1", vec![values![district]])
        .await?;
    unit.execute(
        "INSERT INTO district_figures (district, month, service, content) VALUES ($1, $2, $3, $4)",
        parts.iter().map(|part| columns(district, part)).collect(),
    )
    .await?;
    unit.execute(
        "UPDATE district_figure_stamps SET outdated = 0, number = $2 WHERE district = $1",
        vec![values![district, number]],
    )
    .await?;
    Ok(())
}

/// The last number that was given.
///
/// # Errors
/// As [`offices`].
pub async fn number(unit: &mut dyn Unit) -> Result<u64, StorageError> {
    let rows = unit.query("SELECT number FROM figures_end WHERE id = 1", vec![]).await?;
    rows.first().ok_or(StorageError::Unreadable("figures_end"))?.count("number")
}

/// Districts that were added up with a number above one, and their parts from some month on.
///
/// # Errors
/// As [`offices`].
pub async fn districts_after(
    unit: &mut dyn Unit,
    number: u64,
    since: &str,
) -> Result<Vec<(String, Vec<Part>)>, StorageError> {
    const CHANGED: &str =
        "SELECT district FROM district_figure_stamps WHERE number > $1 ORDER BY district";
    let mut changed = Vec::new();
    for row in unit.query(CHANGED, values![number]).await? {
        let district = row.text("district")?;
        let rows = unit
            .query(
                "SELECT month, service, content FROM district_figures \
                 WHERE district = $1 AND (month = '' OR month >= $2)",
                values![district.as_str(), since],
            )
            .await?;
        changed.push((district, rows.iter().map(read_part).collect::<Result<_, _>>()?));
    }
    Ok(changed)
}
