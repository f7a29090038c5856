//! Publications as the administrator sees them: which there are, and when each was published.

use super::{Row, StorageError, Unit};
use crate::values;

/// A publication, without its bytes.
#[derive(Clone, Debug)]
pub struct PublicationRow {
    /// Its number.
    pub number: u64,
    /// Code of the service; empty for the calendar.
    pub code: String,
    /// Hash of its bytes.
    pub version: String,
    /// When it was published.
    pub published_at: i64,
}

/// The newest publication of each code of a kind.
///
/// # Errors
/// [`StorageError`], as in all that follow.
pub async fn newest(unit: &mut dyn Unit, kind: &str) -> Result<Vec<PublicationRow>, StorageError> {
    let rows = unit
        .query(
            "SELECT number, code, version, published_at FROM publications WHERE number IN \
             (SELECT MAX(number) FROM publications WHERE kind = $1 GROUP BY code) ORDER BY code",
            values![kind],
        )
        .await?;
    rows.iter().map(read).collect()
}

/// The versions of a code, the newest first.
///
/// # Errors
/// As [`newest`].
pub async fn versions(
    unit: &mut dyn Unit,
    kind: &str,
    code: &str,
    limit: u32,
) -> Result<Vec<PublicationRow>, StorageError> {
    let rows = unit
        .query(
            "SELECT number, code, version, published_at FROM publications \
             WHERE kind = $1 AND code = $2 ORDER BY number DESC LIMIT $3",
            values![kind, code, limit],
        )
        .await?;
    rows.iter().map(read).collect()
}

fn read(row: &Row) -> Result<PublicationRow, StorageError> {
    Ok(PublicationRow {
        number: row.count("number")?,
        code: row.text("code")?,
        version: row.text("version")?,
        published_at: row.int("published_at")?,
    })
}
