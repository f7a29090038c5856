//! Applications as lists and pages read them.

use std::collections::BTreeMap;

use pishkhan_domain::applicant::Applicant;
use pishkhan_domain::application::{AttachedDocument, Defect};
use pishkhan_domain::content_hash::ContentHash;
use pishkhan_domain::form::Form;
use pishkhan_domain::ids::{ApplicationId, ServiceCode};
use pishkhan_domain::lifecycle::State;
use pishkhan_domain::tracking_code::TrackingCode;

use pishkhan_protocol::body::EventBody;
use pishkhan_protocol::event::Event;
use rusqlite::{OptionalExtension, Row, ToSql, named_params};

use crate::day::Day;
use crate::error::StoreError;
use crate::numbers::{count, from_sql, time, to_sql};
use crate::store::Store;
use crate::{projection, search, state_name};

const COLUMNS: &str = include_str!("applications/columns.sql");
/// Undecided and not with the citizen; the words of the index on it.
const UNDECIDED: &str = "state IN ('recorded', 'accepted', 'resubmitted')";

/// Which applications to list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListFilter {
    /// Every one, newest first.
    All,
    /// Filed today in Tehran, newest first.
    Today,
    /// Not acknowledged by the centre yet, oldest first.
    Waiting,
    /// Returned: to be mended.
    Returned,
    /// Decided, not handed over yet.
    ToDeliver,
    /// With the agency, or on the way to it, past the due day; the most overdue first.
    Late,
    /// Without a printed receipt.
    ToPrint,
    /// With an entry that the centre parked.
    Parked,
}

/// A line of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApplicationRow {
    /// Id.
    pub id: ApplicationId,
    /// Sequence of the event that recorded it.
    pub seq: u64,
    /// Tracking code.
    pub tracking_code: TrackingCode,
    /// Service.
    pub service: ServiceCode,
    /// Version of the card it was filed under.
    pub card_version: ContentHash,
    /// Full name as printed.
    pub applicant_name: String,
    /// National or legal id; empty for a person without papers.
    pub applicant_code: String,
    /// When it was filed, milliseconds since 1970.
    pub recorded_at: i64,
    /// Due day, ISO 8601.
    pub due_on: String,
    /// Where it stands; `Received` is computed from the acknowledgement.
    pub state: State,
    /// Has the centre acknowledged the office's last act on it? رسید مرکز
    pub received: bool,
    /// Has an officer ever taken it up? پذیرش دستگاه
    pub accepted: bool,
    /// Undecided past its due day?
    pub late: bool,
    /// Receipts printed.
    pub copies_printed: u32,
    /// Copies of papers that the centre does not have.
    pub documents_waiting: u32,
    /// Is one of its entries parked at the centre, and not mended since?
    pub parked: bool,
    /// Defects of the last return, while it is returned.
    pub defects: Vec<Defect>,
}

/// An application in full, as it stands after the last mending that was in time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Application {
    /// Its line.
    pub row: ApplicationRow,
    /// Applicant.
    pub applicant: Applicant,
    /// Answers.
    pub form: Form,
    /// Papers.
    pub documents: Vec<AttachedDocument>,
    /// Tariff in rial.
    pub fee_rial: i64,
    /// Did the applicant consent?
    pub consent: bool,
}

/// Counts of the home screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WorkCounts {
    /// Filed today in Tehran.
    pub today: u32,
    /// Returned.
    pub returned: u32,
    /// To be delivered.
    pub to_deliver: u32,
    /// Late.
    pub late: u32,
    /// To be printed.
    pub to_print: u32,
    /// Parked.
    pub parked: u32,
    /// Drafts.
    pub drafts: u32,
    /// Notices not read yet.
    pub notices_unread: u32,
}

/// What waits for the line, computed from log and acknowledgement.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    /// Applications on this disk.
    pub recorded: u32,
    /// Applications whose last act the centre has not acknowledged.
    pub applications: u32,
    /// When the oldest entry that waits was made, milliseconds since 1970.
    pub oldest_at: Option<i64>,
    /// When the oldest of those applications was recorded, or last acted on, here.
    pub oldest_application_at: Option<i64>,
    /// Entries that wait and move no application (prints, notes, operators).
    pub other_entries: u32,
}

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

    /// Counts of the home screen.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn work_counts(&self, now_ms: i64) -> Result<WorkCounts, StoreError> {
        let day = Day::of(now_ms);
        let mut statement = self.reader.prepare_cached(include_str!("applications/work.sql"))?;
        let parameters = named_params! { ":day_begins_at": day.begins_at, ":today": day.iso };
        Ok(statement.query_row(parameters, |row| {
            Ok(WorkCounts {
                today: count(row.get("today")?),
                returned: count(row.get("returned")?),
                to_deliver: count(row.get("to_deliver")?),
                late: count(row.get("late")?),
                to_print: count(row.get("to_print")?),
                parked: count(row.get("parked")?),
                drafts: count(row.get("drafts")?),
                notices_unread: count(row.get("notices_unread")?),
            })
        })?)
    }

    /// What waits for the line.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn waiting(&self) -> Result<Waiting, StoreError> {
        let mut statement = self.reader.prepare_cached(include_str!("applications/waiting.sql"))?;
        Ok(statement.query_row([], |row| {
            Ok(Waiting {
                recorded: count(row.get("recorded")?),
                applications: count(row.get("applications")?),
                oldest_at: time(row.get("oldest_at")?),
                oldest_application_at: time(row.get("oldest_application_at")?),
                other_entries: count(row.get("other_entries")?),
            })
        })?)
    }

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

    /// How often this office recorded each service.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn times_recorded(&self) -> Result<BTreeMap<ServiceCode, u32>, StoreError> {
        let sql = "SELECT service, recorded FROM service_counts";
        let mut statement = self.reader.prepare_cached(sql)?;
        let counts = statement.query_map([], |row| {
            Ok((ServiceCode(row.get("service")?), count(row.get("recorded")?)))
        })?;
        Ok(counts.collect::<Result<_, _>>()?)
    }

    fn rows(
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
    let stored = state_name::parse(&row.get::<_, String>("state")?)?;
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
        defects: projection::defects_from_bytes(&row.get::<_, Vec<u8>>("defects")?),
    })
}

fn body(event: &Event) -> Result<EventBody, StoreError> {
    EventBody::from_bytes(&event.body)
        .map_err(|_| StoreError::corrupt(format!("the body of event {}", event.core.seq)))
}
