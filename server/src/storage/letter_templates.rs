//! What letters of an agency say, by service. A version is never changed.

use pishkhan_domain::ids::{AgencyCode, ServiceCode};

use super::{Row, StorageError, Unit};
use crate::values;

/// The newest version of a template.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LetterTemplate {
    /// Its number among those of the service, from 1.
    pub template: u32,
    /// Version, from 1.
    pub version: u32,
    /// What officers call it.
    pub title: String,
    /// What a letter of it is about.
    pub subject: String,
    /// Paragraphs, one a line, with names in braces for what is filled in.
    pub body: String,
    /// Is it offered no more?
    pub withdrawn: bool,
}

/// The newest version of each template of a service, withdrawn ones too, in the order in which they
/// were first written.
///
/// # Errors
/// [`StorageError`], as in all that follow.
pub async fn all(
    unit: &mut dyn Unit,
    agency: &AgencyCode,
    service: &ServiceCode,
) -> Result<Vec<LetterTemplate>, StorageError> {
    let rows = unit
        .query(
            "SELECT template, version, title, subject, body, withdrawn FROM letter_templates \
             WHERE agency = $1 AND service = $2 ORDER BY template, version",
            values![agency.0.as_str(), service.0.as_str()],
        )
        .await?;
    let mut newest: Vec<LetterTemplate> = Vec::new();
    for row in &rows {
        let found = read(row)?;
        newest.retain(|before| before.template != found.template);
        newest.push(found);
    }
    Ok(newest)
}

/// Those that are offered.
///
/// # Errors
/// As [`all`].
pub async fn offered(
    unit: &mut dyn Unit,
    agency: &AgencyCode,
    service: &ServiceCode,
) -> Result<Vec<LetterTemplate>, StorageError> {
    let all = all(unit, agency, service).await?;
    Ok(all.into_iter().filter(|template| !template.withdrawn).collect())
}

/// Holds off whoever else would write an agency's templates, until the unit ends.
///
/// # Errors
/// As [`all`].
pub async fn lock(unit: &mut dyn Unit, agency: &AgencyCode) -> Result<(), StorageError> {
    const SQL: &str = "SELECT agency FROM agencies WHERE agency = $1 FOR UPDATE";
    unit.query(SQL, values![agency.0.as_str()]).await?;
    Ok(())
}

/// Writes a version.
///
/// # Errors
/// As [`all`].
pub async fn add(
    unit: &mut dyn Unit,
    (agency, service): (&AgencyCode, &ServiceCode),
    written: &LetterTemplate,
    by: &str,
    now: i64,
) -> Result<(), StorageError> {
    let set = values![
        agency.0.as_str(),
        service.0.as_str(),
        written.template,
        written.version,
        written.title.as_str(),
        written.subject.as_str(),
        written.body.as_str(),
        i64::from(written.withdrawn),
        by,
        now
    ];
    unit.execute(
        "INSERT INTO letter_templates (agency, service, template, version, title, subject, body, \
         withdrawn, written_by, written_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        vec![set],
    )
    .await?;
    Ok(())
}

fn read(row: &Row) -> Result<LetterTemplate, StorageError> {
    let small = |name| u32::try_from(row.int(name)?).map_err(|_| StorageError::Unreadable(name));
    Ok(LetterTemplate {
        template: small("template")?,
        version: small("version")?,
        title: row.text("title")?,
        subject: row.text("subject")?,
        body: row.text("body")?,
        withdrawn: row.int("withdrawn")? != 0,
    })
}
