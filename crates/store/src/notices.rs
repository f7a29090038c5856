//! Messages of the centre to the office.

use rusqlite::named_params;

use crate::error::StoreError;
use crate::numbers::{from_sql, to_sql};
use crate::store::Store;

/// A message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Number within the feed.
    pub number: u64,
    /// Title.
    pub title: String,
    /// Text.
    pub text: String,
    /// When, by the centre's clock.
    pub at: i64,
    /// Read?
    pub read: bool,
}

impl Store {
    /// All messages, newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn notices(&self) -> Result<Vec<Notice>, StoreError> {
        let sql = "SELECT number, title, text, at, read_at FROM notices \
                   ORDER BY at DESC, number DESC";
        let mut statement = self.reader.prepare_cached(sql)?;
        let notices = statement.query_map([], |row| {
            Ok(Notice {
                number: from_sql(row.get("number")?),
                title: row.get("title")?,
                text: row.get("text")?,
                at: row.get("at")?,
                read: row.get::<_, i64>("read_at")? != 0,
            })
        })?;
        Ok(notices.collect::<Result<_, _>>()?)
    }

    /// Somebody has read it.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn mark_notice_read(&mut self, number: u64, now_ms: i64) -> Result<(), StoreError> {
        let sql = "UPDATE notices SET read_at = :now WHERE number = :number";
        let parameters = named_params! { ":now": now_ms, ":number": to_sql(number) };
        match self.writer.execute(sql, parameters)? {
            0 => Err(StoreError::NotFound { what: "notice" }),
            _ => Ok(()),
        }
    }
}
