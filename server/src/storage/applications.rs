//! The projection of applications: where each stands, computed from events and acts.

use std::collections::BTreeSet;

use pishkhan_domain::applicant::Applicant;
use pishkhan_domain::application::{AttachedDocument, Defect};
use pishkhan_domain::content_hash::ContentHash;
use pishkhan_domain::form::Form;
use pishkhan_domain::ids::{AgencyCode, ApplicationId, DeviceNumber, OfficeCode, ServiceCode};
use pishkhan_domain::lifecycle::State;
use pishkhan_domain::tracking_code::TrackingCode;
use serde::{Deserialize, Serialize};

use super::row::json;
use super::{Row, StorageError, Unit, Value};
use crate::values;

/// What was asked for, as it stands after the last mending.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// Applicant.
    pub applicant: Applicant,
    /// Answers.
    pub form: Form,
    /// Papers.
    pub documents: Vec<AttachedDocument>,
}

/// An application at the centre.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Application {
    /// Office that filed it.
    pub office: OfficeCode,
    /// Id.
    pub id: ApplicationId,
    /// Tracking code.
    pub tracking_code: TrackingCode,
    /// Device that filed it.
    pub device: DeviceNumber,
    /// Place in that device's log.
    pub seq: u64,
    /// The last entry of that device's log about it, also one that came too late or was parked.
    pub last_seq: u64,
    /// Service.
    pub service: ServiceCode,
    /// Version of its card.
    pub card_version: ContentHash,
    /// Agency that decides.
    pub agency: AgencyCode,
    /// What was asked for.
    pub content: Content,
    /// Tariff in rial.
    pub fee_rial: i64,
    /// Day on which the answer is due, ISO 8601.
    pub due_on: String,
    /// Where it stands.
    pub state: State,
    /// When it was filed: the device's claim, held within what is proven.
    pub filed_at: i64,
    /// When the centre received it.
    pub received_at: i64,
    /// When its state last changed.
    pub changed_at: i64,
    /// Of a returned application.
    pub defects: Vec<Defect>,
    /// What the agency told the citizen last; may be empty.
    pub note: String,
    /// Of a refused application.
    pub reason_code: String,
    /// Receipts printed.
    pub copies_printed: u32,
    /// Acts in its history so far.
    pub act_number: u64,
}

/// Which applications an officer lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueueFilter {
    /// Those that wait for the agency.
    Open,
    /// Those in one state.
    In(State),
    /// All.
    All,
}

/// Writes applications, new or changed.
///
/// # Errors
/// [`StorageError`], as in all that follow.
pub async fn upsert(unit: &mut dyn Unit, applications: &[Application]) -> Result<(), StorageError> {
    let sets = applications.iter().map(columns).collect();
    unit.execute(include_str!("application_upsert.sql"), sets).await?;
    Ok(())
}

fn columns(a: &Application) -> Vec<Value> {
    values![
        a.office.0.as_str(),
        a.id.to_string(),
        a.tracking_code.as_u64(),
        a.device.0,
        a.seq,
        a.service.0.as_str(),
        a.card_version.to_string(),
        a.agency.0.as_str(),
        a.content.applicant.full_name(),
        a.content.applicant.last_four().unwrap_or_default(),
        json(&a.content),
        a.fee_rial,
        a.due_on.as_str(),
        a.state.name(),
        a.filed_at,
        a.received_at,
        a.changed_at,
        json(&a.defects),
        a.note.as_str(),
        a.reason_code.as_str(),
        a.copies_printed,
        a.act_number,
        a.last_seq
    ]
}

/// An application of an office.
///
/// # Errors
/// As [`upsert`].
pub async fn find(
    unit: &mut dyn Unit,
    office: &OfficeCode,
    id: ApplicationId,
) -> Result<Option<Application>, StorageError> {
    let rows = unit
        .query(
            concat!(
                include_str!("application_select.sql"),
                "WHERE office = $1 AND application = $2"
            ),
            values![office.0.as_str(), id.to_string()],
        )
        .await?;
    rows.first().map(read).transpose()
}

/// Those of an office that there are.
///
/// # Errors
/// As [`upsert`].
pub async fn find_all(
    unit: &mut dyn Unit,
    office: &OfficeCode,
    ids: &BTreeSet<ApplicationId>,
) -> Result<Vec<Application>, StorageError> {
    let sets = ids.iter().map(|id| values![office.0.as_str(), id.to_string()]).collect();
    let rows = unit
        .query_each(
            concat!(
                include_str!("application_select.sql"),
                "WHERE office = $1 AND application = $2"
            ),
            sets,
        )
        .await?;
    rows.iter().map(read).collect()
}

/// Which of these codes an office's applications carry.
///
/// # Errors
/// As [`upsert`].
pub async fn codes_taken(
    unit: &mut dyn Unit,
    office: &OfficeCode,
    codes: &BTreeSet<TrackingCode>,
) -> Result<BTreeSet<TrackingCode>, StorageError> {
    let sets = codes.iter().map(|code| values![office.0.as_str(), code.as_u64()]).collect();
    let rows = unit
        .query_each(
            "SELECT tracking_code FROM applications WHERE office = $1 AND tracking_code = $2",
            sets,
        )
        .await?;
    rows.iter().map(read_code).collect()
}

/// Which office an application belongs to.
///
/// # Errors
/// As [`upsert`].
pub async fn office_of(
    unit: &mut dyn Unit,
    id: ApplicationId,
) -> Result<Option<OfficeCode>, StorageError> {
    let rows = unit
        .query("SELECT office FROM applications WHERE application = $1", values![id.to_string()])
        .await?;
    rows.first().map(|row| row.text("office").map(OfficeCode)).transpose()
}

/// The application with a tracking code.
///
/// # Errors
/// As [`upsert`].
pub async fn with_code(
    unit: &mut dyn Unit,
    office: &OfficeCode,
    code: TrackingCode,
) -> Result<Option<Application>, StorageError> {
    let rows = unit
        .query(
            concat!(
                include_str!("application_select.sql"),
                "WHERE office = $1 AND tracking_code = $2"
            ),
            values![office.0.as_str(), code.as_u64()],
        )
        .await?;
    rows.first().map(read).transpose()
}

/// An agency's applications in order of filing, oldest first.
///
/// # Errors
/// As [`upsert`].
pub async fn queue(
    unit: &mut dyn Unit,
    agency: &AgencyCode,
    filter: QueueFilter,
    limit: u32,
    offset: u32,
) -> Result<Vec<Application>, StorageError> {
    let rows = unit
        .query(
            concat!(
                include_str!("application_select.sql"),
                "WHERE agency = $1 AND ($2 = 'all' OR state = $2 OR \
                 ($2 = 'open' AND state IN ('received', 'accepted', 'resubmitted'))) \
                 ORDER BY filed_at, application LIMIT $3 OFFSET $4"
            ),
            values![agency.0.as_str(), filter_name(filter), limit, offset],
        )
        .await?;
    rows.iter().map(read).collect()
}

/// How many of an agency's applications are in each state.
///
/// # Errors
/// As [`upsert`].
pub async fn counts(
    unit: &mut dyn Unit,
    agency: &AgencyCode,
) -> Result<Vec<(State, u64)>, StorageError> {
    let rows = unit
        .query(
            "SELECT state, count(*) AS number FROM applications WHERE agency = $1 GROUP BY state",
            values![agency.0.as_str()],
        )
        .await?;
    rows.iter().map(|row| Ok((read_state(row)?, row.count("number")?))).collect()
}

fn filter_name(filter: QueueFilter) -> &'static str {
    match filter {
        QueueFilter::Open => "open",
        QueueFilter::In(state) => state.name(),
        QueueFilter::All => "all",
    }
}

fn read_code(row: &Row) -> Result<TrackingCode, StorageError> {
    TrackingCode::from_u64(row.count("tracking_code")?)
        .map_err(|_| StorageError::Unreadable("tracking_code"))
}

fn read_state(row: &Row) -> Result<State, StorageError> {
    State::named(&row.text("state")?).ok_or(StorageError::Unreadable("state"))
}

pub(super) fn read(row: &Row) -> Result<Application, StorageError> {
    let number = |name| u32::try_from(row.int(name)?).map_err(|_| StorageError::Unreadable(name));
    Ok(Application {
        office: OfficeCode(row.text("office")?),
        id: row.parsed("application")?,
        tracking_code: read_code(row)?,
        device: DeviceNumber(number("device")?),
        seq: row.count("seq")?,
        last_seq: row.count("last_seq")?,
        service: ServiceCode(row.text("service")?),
        card_version: row.parsed("card_version")?,
        agency: AgencyCode(row.text("agency")?),
        content: row.json("content")?,
        fee_rial: row.int("fee_rial")?,
        due_on: row.text("due_on")?,
        state: read_state(row)?,
        filed_at: row.int("filed_at")?,
        received_at: row.int("received_at")?,
        changed_at: row.int("changed_at")?,
        defects: row.json("defects")?,
        note: row.text("note")?,
        reason_code: row.text("reason_code")?,
        copies_printed: number("copies_printed")?,
        act_number: row.count("act_number")?,
    })
}
