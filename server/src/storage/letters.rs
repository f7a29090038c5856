//! Letters that went with an approval, and the registers that number them.

use pishkhan_domain::ids::{AgencyCode, ApplicationId, OfficeCode};
use pishkhan_protocol::letter::Letter;

use super::{Row, StorageError, Unit};
use crate::values;

/// A letter as an audit reads it.
pub struct LetterRow {
    /// Application, as written.
    pub application: String,
    /// Agency in whose register it is.
    pub agency: String,
    /// Year of its number.
    pub year: i64,
    /// Its number.
    pub number: i64,
    /// Exact bytes.
    pub content: Vec<u8>,
}

/// Takes the next number of an agency's register. Whoever else approves with a letter of that
/// agency waits until the unit ends; a unit that does not commit has taken none.
///
/// # Errors
/// [`StorageError`], as in all that follow.
pub async fn next_number(
    unit: &mut dyn Unit,
    agency: &AgencyCode,
    year: u16,
) -> Result<u64, StorageError> {
    unit.execute(
        "INSERT INTO letter_numbers (agency, year, last_number) VALUES ($1, $2, 1) \
         ON CONFLICT (agency, year) DO UPDATE SET last_number = letter_numbers.last_number + 1",
        vec![values![agency.0.as_str(), u32::from(year)]],
    )
    .await?;
    let rows = unit
        .query(
            "SELECT last_number FROM letter_numbers WHERE agency = $1 AND year = $2",
            values![agency.0.as_str(), u32::from(year)],
        )
        .await?;
    rows.first().ok_or(StorageError::Unreadable("letter_numbers"))?.count("last_number")
}

/// Keeps a letter.
///
/// # Errors
/// As [`next_number`].
pub async fn insert(
    unit: &mut dyn Unit,
    (office, application): (&OfficeCode, ApplicationId),
    agency: &AgencyCode,
    letter: &Letter,
    (by, now): (&str, i64),
) -> Result<(), StorageError> {
    let set = values![
        office.0.as_str(),
        application.to_string(),
        agency.0.as_str(),
        u32::from(letter.year),
        letter.number,
        &letter.to_bytes()[..],
        by,
        now
    ];
    unit.execute(
        "INSERT INTO letters (office, application, agency, year, number, content, made_by, \
         made_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        vec![set],
    )
    .await?;
    Ok(())
}

/// The letter of an application.
///
/// # Errors
/// As [`next_number`].
pub async fn find(
    unit: &mut dyn Unit,
    office: &OfficeCode,
    application: ApplicationId,
) -> Result<Option<Letter>, StorageError> {
    let rows = unit
        .query(
            "SELECT content FROM letters WHERE office = $1 AND application = $2",
            values![office.0.as_str(), application.to_string()],
        )
        .await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let letter = Letter::from_bytes(&row.bytes("content")?);
    letter.map(Some).map_err(|_| StorageError::Unreadable("letter"))
}

/// Every letter of an office.
///
/// # Errors
/// As [`next_number`].
pub async fn of_office(
    unit: &mut dyn Unit,
    office: &OfficeCode,
) -> Result<Vec<LetterRow>, StorageError> {
    let rows = unit
        .query(
            "SELECT application, agency, year, number, content FROM letters WHERE office = $1 \
             ORDER BY application",
            values![office.0.as_str()],
        )
        .await?;
    let read = |row: &Row| {
        Ok(LetterRow {
            application: row.text("application")?,
            agency: row.text("agency")?,
            year: row.int("year")?,
            number: row.int("number")?,
            content: row.bytes("content")?,
        })
    };
    rows.iter().map(read).collect()
}

/// Agency, year and last number of every register.
///
/// # Errors
/// As [`next_number`].
pub async fn registers(unit: &mut dyn Unit) -> Result<Vec<((String, i64), i64)>, StorageError> {
    const SQL: &str = "SELECT agency, year, last_number FROM letter_numbers ORDER BY agency, year";
    let rows = unit.query(SQL, vec![]).await?;
    let read = |row: &Row| Ok(((row.text("agency")?, row.int("year")?), row.int("last_number")?));
    rows.iter().map(read).collect()
}
