//! Who was here before.

use pishkhan_domain::applicant::Applicant;
use pishkhan_domain::ids::ServiceCode;
use pishkhan_protocol::body::EventBody;
use rusqlite::{OptionalExtension, named_params};

use super::ApplicationRow;
use super::lists::{COLUMNS, body};
use crate::error::StoreError;
use crate::numbers::from_sql;
use crate::store::Store;

impl Store {
    /// The applicant of this national id as entered last, ten Latin digits.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn find_applicant_by_national_id(
        &self,
        national_id: &str,
    ) -> Result<Option<Applicant>, StoreError> {
        if national_id.is_empty() {
            return Ok(None);
        }
        let sql = "SELECT content_seq FROM applications WHERE applicant_code = :code \
                   ORDER BY seq DESC LIMIT 1";
        let seq: Option<i64> = self
            .reader
            .prepare_cached(sql)?
            .query_row(named_params! { ":code": national_id }, |row| row.get("content_seq"))
            .optional()?;
        let Some(seq) = seq else { return Ok(None) };
        Ok(match body(&self.event(from_sql(seq))?)? {
            EventBody::ApplicationRecorded(body) => Some(body.applicant),
            EventBody::ApplicationResubmitted(body) => Some(body.applicant),
            _ => None,
        })
    }

    /// Open applications of the same national or legal id for the same service, newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn open_duplicates(
        &self,
        applicant_code: &str,
        service: &ServiceCode,
        now_ms: i64,
    ) -> Result<Vec<ApplicationRow>, StoreError> {
        if applicant_code.is_empty() {
            return Ok(Vec::new());
        }
        let sql = format!(
            "{COLUMNS} WHERE applicant_code = :code AND service = :service \
             AND state IN ('recorded', 'accepted', 'returned', 'resubmitted') ORDER BY seq DESC"
        );
        self.rows(&sql, &[(":code", &applicant_code), (":service", &service.0)], now_ms)
    }
}
