//! An agency's applications as its officers list them: in order of filing, or of due day where only
//! late ones are asked for.
//!
//! Invariant: every statement begins with what an index begins with, pages go on from a key and
//! never skip rows, and no number is counted beyond [`MOST_COUNTED`]; so a long queue answers as
//! fast as a short one.

use pishkhan_domain::content_hash::ContentHash;
use pishkhan_domain::ids::{AgencyCode, ApplicationId, OfficeCode, ServiceCode};
use pishkhan_domain::lifecycle::State;
use pishkhan_domain::tracking_code::TrackingCode;

use super::applications::{read_code, read_state};
use super::{Row, StorageError, Unit, Value};
use crate::values;

/// States in which an application waits for the agency.
pub const OPEN: [State; 3] = [State::Received, State::Accepted, State::Resubmitted];
/// States that an application can have at the centre.
pub const ALL: [State; 8] = [
    State::Received,
    State::Accepted,
    State::Resubmitted,
    State::Returned,
    State::Approved,
    State::Refused,
    State::Delivered,
    State::Withdrawn,
];
/// Beyond this only "more" is known.
pub const MOST_COUNTED: u64 = 1_000;

/// Which applications of an agency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueFilter {
    /// In these states.
    pub states: Vec<State>,
    /// Of this service only.
    pub service: Option<ServiceCode>,
    /// Of these offices only.
    pub offices: Option<Vec<OfficeCode>>,
    /// Only those that wait for the agency and were due before this day, ISO 8601.
    pub due_before: Option<String>,
}

impl QueueFilter {
    /// Those in some states.
    #[must_use]
    pub fn of(states: &[State]) -> Self {
        Self { states: states.to_vec(), service: None, offices: None, due_before: None }
    }
}

/// A line of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueRow {
    /// Office that filed it.
    pub office: OfficeCode,
    /// Id.
    pub id: ApplicationId,
    /// Tracking code.
    pub tracking_code: TrackingCode,
    /// Service.
    pub service: ServiceCode,
    /// Version of its card.
    pub card_version: ContentHash,
    /// Applicant's name.
    pub applicant_name: String,
    /// Where it stands.
    pub state: State,
    /// When it was filed.
    pub filed_at: i64,
    /// When the centre received it.
    pub received_at: i64,
    /// When its state last changed.
    pub changed_at: i64,
    /// Day on which the answer is due, moved by the citizen's days.
    pub answer_due_on: String,
}

/// Where a page goes on: behind this place in the order, and behind this id where two share it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// When it was filed; where late ones are listed, the due day.
    pub place: String,
    /// Id.
    pub id: String,
}

impl QueueRow {
    /// The key of this line in a list of that filter.
    #[must_use]
    pub fn key(&self, filter: &QueueFilter) -> Key {
        let place = match filter.due_before {
            Some(_) => self.answer_due_on.clone(),
            None => self.filed_at.to_string(),
        };
        Key { place, id: self.id.to_string() }
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT office, application, tracking_code, service, card_version, applicant_name, ",
            "state, filed_at, received_at, changed_at, due_on, answer_due_on FROM applications ",
            $rest
        )
    };
}
pub(super) use select;

const OF_AGENCY: &str = select!(
    "WHERE agency = $1 AND state = $2 AND (filed_at, application) > ($3, $4) \
     ORDER BY filed_at, application LIMIT $5"
);
const OF_SERVICE: &str = select!(
    "WHERE agency = $1 AND service = $6 AND state = $2 \
     AND (filed_at, application) > ($3, $4) ORDER BY filed_at, application LIMIT $5"
);
const OF_OFFICE: &str = select!(
    "WHERE office = $6 AND state = $2 AND agency = $1 AND ($7 = '' OR service = $7) \
     AND (filed_at, application) > ($3, $4) ORDER BY filed_at, application LIMIT $5"
);
const LATE_OF_AGENCY: &str = select!(
    "WHERE agency = $1 AND state IN ('received', 'accepted', 'resubmitted') \
     AND (answer_due_on, application) > ($2, $3) AND answer_due_on < $4 \
     AND ($6 = '' OR service = $6) ORDER BY answer_due_on, application LIMIT $5"
);
const LATE_OF_OFFICE: &str = select!(
    "WHERE office = $7 AND state IN ('received', 'accepted', 'resubmitted') AND agency = $1 \
     AND (answer_due_on, application) > ($2, $3) AND answer_due_on < $4 \
     AND ($6 = '' OR service = $6) ORDER BY answer_due_on, application LIMIT $5"
);

/// A page of the list, after a key.
///
/// # Errors
/// [`StorageError`], as in all that follow.
pub async fn page(
    unit: &mut dyn Unit,
    agency: &AgencyCode,
    filter: &QueueFilter,
    after: Option<&Key>,
    limit: u32,
) -> Result<Vec<QueueRow>, StorageError> {
    let rows = match &filter.due_before {
        Some(day) => late(unit, agency, filter, day, after, limit).await?,
        None => filed(unit, agency, filter, after, limit).await?,
    };
    let mut found = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    // Each state, and each office, came in order; together they are put in order here.
    match filter.due_before {
        Some(_) => found.sort_by_cached_key(|row| (row.answer_due_on.clone(), row.id.to_string())),
        None => found.sort_by_cached_key(|row| (row.filed_at, row.id.to_string())),
    }
    found.truncate(limit as usize);
    Ok(found)
}

async fn filed(
    unit: &mut dyn Unit,
    agency: &AgencyCode,
    filter: &QueueFilter,
    after: Option<&Key>,
    limit: u32,
) -> Result<Vec<Row>, StorageError> {
    let place = after.map_or(i64::MIN, |key| key.place.parse().unwrap_or(i64::MIN));
    let id = after.map_or("", |key| key.id.as_str());
    let service = filter.service.as_ref().map(|service| service.0.as_str());
    let begin = |state: State| values![agency.0.as_str(), state.name(), place, id, limit];
    let with = |mut set: Vec<Value>, more: Vec<Value>| {
        set.extend(more);
        set
    };
    let states = filter.states.iter().copied();
    match (&filter.offices, service) {
        (Some(offices), service) => {
            let service = service.unwrap_or_default();
            let each = |office: &OfficeCode| {
                let office = office.0.clone();
                filter
                    .states
                    .iter()
                    .map(move |state| with(begin(*state), values![office.as_str(), service]))
            };
            let sets = offices.iter().flat_map(each).collect();
            unit.query_each(OF_OFFICE, sets).await
        }
        (None, Some(service)) => {
            let sets = states.map(|state| with(begin(state), values![service])).collect();
            unit.query_each(OF_SERVICE, sets).await
        }
        (None, None) => unit.query_each(OF_AGENCY, states.map(begin).collect()).await,
    }
}

async fn late(
    unit: &mut dyn Unit,
    agency: &AgencyCode,
    filter: &QueueFilter,
    day: &str,
    after: Option<&Key>,
    limit: u32,
) -> Result<Vec<Row>, StorageError> {
    // Rows that have no due day yet have an empty one, which is below every digit.
    let place = after.map_or("0", |key| key.place.as_str());
    let id = after.map_or("", |key| key.id.as_str());
    let service = filter.service.as_ref().map_or("", |service| service.0.as_str());
    let set = values![agency.0.as_str(), place, id, day, limit, service];
    match &filter.offices {
        None => unit.query(LATE_OF_AGENCY, set).await,
        Some(offices) => {
            let each = |office: &OfficeCode| {
                let mut set = set.clone();
                set.push(office.0.as_str().into());
                set
            };
            unit.query_each(LATE_OF_OFFICE, offices.iter().map(each).collect()).await
        }
    }
}

/// How many of an agency's applications, of one service or of all, are in each of some states; at
/// most [`MOST_COUNTED`] and one of each.
///
/// # Errors
/// As [`page`].
pub async fn counts(
    unit: &mut dyn Unit,
    agency: &AgencyCode,
    service: Option<&ServiceCode>,
    states: &[State],
) -> Result<Vec<(State, u64)>, StorageError> {
    const OF_AGENCY: &str = "SELECT count(*) AS number FROM (SELECT 1 AS one FROM applications \
                             WHERE agency = $1 AND state = $2 LIMIT $3) AS found";
    const OF_SERVICE: &str = "SELECT count(*) AS number FROM (SELECT 1 AS one FROM applications \
                              WHERE agency = $1 AND service = $4 AND state = $2 LIMIT $3) AS found";
    let begin = |state: &State| values![agency.0.as_str(), state.name(), MOST_COUNTED + 1];
    let rows = match service {
        None => unit.query_each(OF_AGENCY, states.iter().map(begin).collect()).await?,
        Some(service) => {
            let each = |state: &State| {
                let mut set = begin(state);
                set.push(service.0.as_str().into());
                set
            };
            unit.query_each(OF_SERVICE, states.iter().map(each).collect()).await?
        }
    };
    let numbers = rows.iter().map(|row| row.count("number"));
    states.iter().zip(numbers).map(|(state, number)| Ok((*state, number?))).collect()
}

/// How many wait for the agency and were due before a day; at most [`MOST_COUNTED`] and one.
///
/// # Errors
/// As [`page`].
pub async fn count_late(
    unit: &mut dyn Unit,
    agency: &AgencyCode,
    day: &str,
) -> Result<u64, StorageError> {
    let rows = unit
        .query(
            "SELECT count(*) AS number FROM (SELECT 1 AS one FROM applications WHERE agency = $1 \
             AND state IN ('received', 'accepted', 'resubmitted') AND answer_due_on > '0' \
             AND answer_due_on < $2 LIMIT $3) AS found",
            values![agency.0.as_str(), day, MOST_COUNTED + 1],
        )
        .await?;
    rows.first().map_or(Ok(0), |row| row.count("number"))
}

/// How many of the same service wait to be taken up and were filed before this one; at most
/// `limit`.
///
/// # Errors
/// As [`page`].
pub async fn count_older(
    unit: &mut dyn Unit,
    agency: &AgencyCode,
    service: &ServiceCode,
    filed_at: i64,
    id: ApplicationId,
    limit: u32,
) -> Result<u64, StorageError> {
    let rows = unit
        .query(
            "SELECT count(*) AS number FROM (SELECT 1 AS one FROM applications WHERE agency = $1 \
             AND service = $2 AND state = 'received' AND (filed_at, application) < ($3, $4) \
             LIMIT $5) AS found",
            values![agency.0.as_str(), service.0.as_str(), filed_at, id.to_string(), limit],
        )
        .await?;
    rows.first().map_or(Ok(0), |row| row.count("number"))
}

/// How many came to the agency after a moment, new or mended; at most `limit` of each.
///
/// # Errors
/// As [`page`].
pub async fn count_arrived(
    unit: &mut dyn Unit,
    agency: &AgencyCode,
    since: i64,
    limit: u32,
) -> Result<u64, StorageError> {
    const NEW: &str = "SELECT count(*) AS number FROM (SELECT 1 AS one FROM applications \
                       WHERE agency = $1 AND state = 'received' AND received_at > $2 \
                       LIMIT $3) AS found";
    const MENDED: &str = "SELECT count(*) AS number FROM (SELECT 1 AS one FROM applications \
                          WHERE agency = $1 AND state = 'resubmitted' AND changed_at > $2 \
                          LIMIT $3) AS found";
    let mut number = 0;
    for sql in [NEW, MENDED] {
        let rows = unit.query(sql, values![agency.0.as_str(), since, limit]).await?;
        number += rows.first().map_or(Ok(0), |row| row.count("number"))?;
    }
    Ok(number)
}

pub(super) fn read(row: &Row) -> Result<QueueRow, StorageError> {
    let moved = row.text("answer_due_on")?;
    Ok(QueueRow {
        office: OfficeCode(row.text("office")?),
        id: row.parsed("application")?,
        tracking_code: read_code(row)?,
        service: ServiceCode(row.text("service")?),
        card_version: row.parsed("card_version")?,
        applicant_name: row.text("applicant_name")?,
        state: read_state(row)?,
        filed_at: row.int("filed_at")?,
        received_at: row.int("received_at")?,
        changed_at: row.int("changed_at")?,
        answer_due_on: if moved.is_empty() { row.text("due_on")? } else { moved },
    })
}
