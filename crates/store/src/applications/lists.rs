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

/// Of the application that the part asked for comes after.
const AFTER: &str = "FROM applications AS last WHERE last.id = :after";

impl ListFilter {
    /// Condition and order, such that an index of what is listed gives both.
    fn sql(self) -> (&'static str, Order) {
        match self {
            Self::All => ("TRUE", Order::Newest),
            Self::Today => ("recorded_at >= :day_begins_at", Order::Latest),
            Self::Waiting => ("state_seq > :acknowledged_seq", Order::OldestAct),
            Self::Returned => ("state = 'returned'", Order::Newest),
            Self::ToDeliver => ("state IN ('approved', 'refused')", Order::Newest),
            Self::Late => {
                ("state IN ('recorded', 'accepted', 'resubmitted') AND due_on < :today", Order::Due)
            }
            Self::ToPrint => ("copies_printed = 0 AND state <> 'withdrawn'", Order::Newest),
            Self::Parked => ("parked = 1", Order::Newest),
        }
    }
}

/// What comes first in a list. A list goes on from the place of an application, never by a count of rows: to
/// count them would be to walk along all of them.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    Newest,
    /// The same as newest first, since times grow with the log; said so, the index of days gives it.
    Latest,
    OldestAct,
    Due,
}

impl Order {
    fn columns(self) -> &'static str {
        match self {
            Self::Newest => "applications.seq DESC",
            Self::Latest => "recorded_at DESC, applications.seq DESC",
            Self::OldestAct => "state_seq",
            Self::Due => "due_on, applications.seq",
        }
    }

    fn goes_on(self) -> String {
        match self {
            Self::Newest => format!("applications.seq < (SELECT last.seq {AFTER})"),
            Self::Latest => {
                format!(
                    "(recorded_at, applications.seq) < (SELECT last.recorded_at, last.seq {AFTER})"
                )
            }
            Self::OldestAct => format!("state_seq > (SELECT last.state_seq {AFTER})"),
            Self::Due => {
                format!("(due_on, applications.seq) > (SELECT last.due_on, last.seq {AFTER})")
            }
        }
    }
}

/// A list, perhaps of what is searched for, perhaps going on after an application.
fn list_sql(filter: ListFilter, searched: bool, goes_on: bool) -> String {
    let (condition, order) = filter.sql();
    let mut sql = COLUMNS.to_owned();
    // By rowid of the index of words: newest first, and only as many as are shown. Ranking would
    // have to look at every match first.
    if searched {
        sql.push_str(" JOIN application_words AS words ON words.rowid = applications.seq");
    }
    sql = format!("{sql} WHERE {condition}");
    if searched {
        sql.push_str(" AND words.application_words MATCH :question");
    }
    if goes_on {
        let after = if searched {
            format!("words.rowid < (SELECT last.seq {AFTER})")
        } else {
            order.goes_on()
        };
        sql = format!("{sql} AND {after}");
    }
    let order = if searched { "words.rowid DESC" } else { order.columns() };
    format!("{sql} ORDER BY {order} LIMIT :limit")
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

    /// At most `limit` applications that come after `after` in the list, or from its beginning.
    /// `query`: any words in any spelling, all of which must begin a word of name, father's name,
    /// id, mobile, tracking code or service; found ones come newest first. Ask for one more than you
    /// show to know whether there are more. Of an application that is not here nothing comes after.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn applications(
        &self,
        filter: ListFilter,
        query: &str,
        limit: u32,
        after: Option<ApplicationId>,
        now_ms: i64,
    ) -> Result<Vec<ApplicationRow>, StoreError> {
        let day = Day::of(now_ms);
        let acknowledged = to_sql(self.acknowledged()?.seq);
        let question = search::question(query);
        let sql = list_sql(filter, question.is_some(), after.is_some());
        let after = after.map(|id| *id.as_bytes());
        let after = after.as_ref().map(|id| &id[..]);
        let mut parameters: Vec<(&str, &dyn ToSql)> = vec![(":limit", &limit)];
        if let Some(question) = &question {
            parameters.push((":question", question));
        }
        if let Some(after) = &after {
            parameters.push((":after", after));
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use rusqlite::Connection;

    use super::*;

    /// How SQLite would go about a list, with no statistics, as in every office.
    fn plan(filter: ListFilter, searched: bool, goes_on: bool) -> String {
        let mut connection = Connection::open_in_memory().unwrap();
        crate::schema::create(&mut connection).unwrap();
        let sql = format!("EXPLAIN QUERY PLAN {}", list_sql(filter, searched, goes_on));
        let mut statement = connection.prepare(&sql).unwrap();
        let mut rows = statement.raw_query();
        let mut details = Vec::new();
        while let Some(row) = rows.next().unwrap() {
            details.push(row.get::<_, String>("detail").unwrap());
        }
        details.join("; ")
    }

    const ALL: [(ListFilter, &str); 8] = [
        (ListFilter::All, ""),
        (ListFilter::Today, "applications_by_day"),
        (ListFilter::Waiting, "applications_by_state_seq"),
        (ListFilter::Returned, "applications_returned"),
        (ListFilter::ToDeliver, "applications_to_deliver"),
        (ListFilter::Late, "applications_undecided"),
        (ListFilter::ToPrint, "applications_to_print"),
        (ListFilter::Parked, "applications_parked"),
    ];

    #[test]
    fn a_list_walks_along_its_own_index_and_sorts_nothing() {
        for (filter, index) in ALL {
            for goes_on in [false, true] {
                let plan = plan(filter, false, goes_on);
                assert!(plan.contains(index), "{filter:?}: {plan}");
                assert!(!plan.contains("TEMP B-TREE FOR ORDER"), "{filter:?}: {plan}");
            }
        }
    }

    #[test]
    fn what_is_searched_for_comes_from_the_index_of_words_in_its_order() {
        for (filter, _) in ALL {
            for goes_on in [false, true] {
                let plan = plan(filter, true, goes_on);
                assert!(plan.starts_with("SCAN words VIRTUAL TABLE"), "{filter:?}: {plan}");
                assert!(!plan.contains("TEMP B-TREE FOR ORDER"), "{filter:?}: {plan}");
            }
        }
    }
}
