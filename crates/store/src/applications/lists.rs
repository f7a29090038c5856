//! Lists, and an application in full.

use pishkhan_domain::content_hash::ContentHash;
use pishkhan_domain::ids::{ApplicationId, ServiceCode};
use pishkhan_domain::lifecycle::State;
use pishkhan_domain::tracking_code::TrackingCode;
use pishkhan_protocol::body::EventBody;
use pishkhan_protocol::event::Event;
use rusqlite::{Row, ToSql, named_params};

use super::{Application, ApplicationRow, ListFilter};
use crate::day::Day;
use crate::error::StoreError;
use crate::numbers::{count, from_sql, to_sql};
use crate::store::Store;
use crate::{projection, search};

pub(super) const COLUMNS: &str = include_str!("columns.sql");
/// Undecided and not with the citizen; the words of the index on it.
const UNDECIDED: &str = "state IN ('recorded', 'accepted', 'resubmitted')";

impl ListFilter {
    /// Condition and order.
    fn sql(self) -> (String, &'static str) {
        let newest_first = "seq DESC";
        match self {
            Self::All => ("TRUE".to_owned(), newest_first),
            Self::Today => ("recorded_at >= :day_begins_at".to_owned(), newest_first),
            Self::Waiting => ("state_seq > :acknowledged_seq".to_owned(), "seq"),
            Self::Returned => ("state = 'returned'".to_owned(), newest_first),
            Self::ToDeliver => ("state IN ('approved', 'refused')".to_owned(), newest_first),
            Self::Late => (format!("{UNDECIDED} AND due_on < :today"), "due_on, seq"),
            Self::ToPrint => {
                ("copies_printed = 0 AND state <> 'withdrawn'".to_owned(), newest_first)
            }
            Self::Parked => ("parked = 1".to_owned(), newest_first),
        }
    }
}

impl Store {
    /// The line of an application.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn row(&self, id: ApplicationId, now_ms: i64) -> Result<ApplicationRow, StoreError> {
        let found = self.rows(
            &format!("{COLUMNS} WHERE id = :id"),
            &[(":id", &&id.as_bytes()[..])],
            now_ms,
        )?;
        found.into_iter().next().ok_or(StoreError::NotFound { what: "application" })
    }

    /// An application.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn application(&self, id: ApplicationId, now_ms: i64) -> Result<Application, StoreError> {
        let row = self.row(id, now_ms)?;
        let sql = "SELECT content_seq FROM applications WHERE seq = :seq";
        let content_seq: i64 = self
            .reader
            .prepare_cached(sql)?
            .query_row(named_params! { ":seq": to_sql(row.seq) }, |row| row.get("content_seq"))?;
        let EventBody::ApplicationRecorded(recorded) = body(&self.event(row.seq)?)? else {
            return Err(StoreError::corrupt(format!("event {}", row.seq)));
        };
        let (fee_rial, consent) = (recorded.fee_rial, recorded.consent);
        let (applicant, form, documents) = match body(&self.event(from_sql(content_seq))?)? {
            EventBody::ApplicationResubmitted(body) => (body.applicant, body.form, body.documents),
            _ => (recorded.applicant, recorded.form, recorded.documents),
        };
        Ok(Application { row, applicant, form, documents, fee_rial, consent })
    }

    /// At most `limit` applications after `offset`. `query`: any words in any spelling, all of
    /// which must begin a word of name, father's name, id, mobile, tracking code or service;
    /// found ones come newest first. Ask for one more than you show to know whether there are more.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn applications(
        &self,
        filter: ListFilter,
        query: &str,
        limit: u32,
        offset: u32,
        now_ms: i64,
    ) -> Result<Vec<ApplicationRow>, StoreError> {
        let day = Day::of(now_ms);
        let acknowledged = to_sql(self.acknowledged()?.seq);
        let (condition, order) = filter.sql();
        let question = search::question(query);
        // By rowid of the index of words: newest first, and only as many as are shown. Ranking
        // would have to look at every match first.
        let sql = match question {
            Some(_) => format!(
                "{COLUMNS} JOIN application_words AS words ON words.rowid = applications.seq \
                 WHERE words.application_words MATCH :question AND {condition} \
                 ORDER BY words.rowid DESC LIMIT :limit OFFSET :offset"
            ),
            None => {
                format!("{COLUMNS} WHERE {condition} ORDER BY {order} LIMIT :limit OFFSET :offset")
            }
        };
        let mut parameters: Vec<(&str, &dyn ToSql)> =
            vec![(":limit", &limit), (":offset", &offset)];
        if let Some(question) = &question {
            parameters.push((":question", question));
        }
        match filter {
            ListFilter::Today => parameters.push((":day_begins_at", &day.begins_at)),
            ListFilter::Waiting => parameters.push((":acknowledged_seq", &acknowledged)),
            ListFilter::Late => parameters.push((":today", &day.iso)),
            _ => {}
        }
        self.rows(&sql, &parameters, now_ms)
    }

    pub(super) fn rows(
        &self,
        sql: &str,
        parameters: &[(&str, &dyn ToSql)],
        now_ms: i64,
    ) -> Result<Vec<ApplicationRow>, StoreError> {
        let day = Day::of(now_ms);
        let acknowledged = self.acknowledged()?.seq;
        let mut statement = self.reader.prepare_cached(sql)?;
        let mut rows = statement.query(parameters)?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(read_row(row, acknowledged, &day)?);
        }
        Ok(found)
    }
}

fn read_row(row: &Row<'_>, acknowledged: u64, day: &Day) -> Result<ApplicationRow, StoreError> {
    let stored = State::named(&row.get::<_, String>("state")?)
        .ok_or_else(|| StoreError::corrupt("an unknown state in the projection"))?;
    let received = from_sql(row.get("state_seq")?) <= acknowledged;
    let due_on: String = row.get("due_on")?;
    let undecided = matches!(stored, State::Recorded | State::Accepted | State::Resubmitted);
    let code = from_sql(row.get("tracking_code")?);
    Ok(ApplicationRow {
        id: ApplicationId::from_bytes(row.get("id")?),
        seq: from_sql(row.get("seq")?),
        tracking_code: TrackingCode::from_u64(code)
            .map_err(|_| StoreError::corrupt("a tracking code in the projection"))?,
        service: ServiceCode(row.get("service")?),
        card_version: ContentHash(row.get("card_version")?),
        applicant_name: row.get("applicant_name")?,
        applicant_code: row.get("applicant_code")?,
        recorded_at: row.get("recorded_at")?,
        late: undecided && due_on < day.iso,
        due_on,
        state: if stored == State::Recorded && received { State::Received } else { stored },
        received,
        accepted: row.get("accepted")?,
        copies_printed: row.get("copies_printed")?,
        documents_waiting: count(row.get("documents_waiting")?),
        parked: row.get("parked")?,
        content_parked: row.get::<_, bool>("content_parked")? && !stored.is_closed(),
        defects: projection::defects_from_bytes(&row.get::<_, Vec<u8>>("defects")?),
    })
}

pub(super) fn body(event: &Event) -> Result<EventBody, StoreError> {
    EventBody::from_bytes(&event.body)
        .map_err(|_| StoreError::corrupt(format!("the body of event {}", event.core.seq)))
}
