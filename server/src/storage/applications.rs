//! The projection of applications: where each stands, computed from events and acts.

use std::collections::BTreeSet;

use pishkhan_domain::applicant::{Applicant, Identity};
use pishkhan_domain::application::{AttachedDocument, Defect};
use pishkhan_domain::content_hash::ContentHash;
use pishkhan_domain::form::Form;
use pishkhan_domain::ids::{AgencyCode, ApplicationId, DeviceNumber, OfficeCode, ServiceCode};
use pishkhan_domain::lifecycle::State;
use pishkhan_domain::persian_text::fold_key;
use pishkhan_domain::tracking_code::TrackingCode;
use serde::{Deserialize, Serialize};

use super::row::json;
use super::{Row, StorageError, Unit, Value, execute_each};
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
    /// Day on which the answer is due as the receipt has it, ISO 8601.
    pub due_on: String,
    /// The same moved by the working days that the citizen had the application.
    pub answer_due_on: String,
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

/// Writes applications, new or changed.
///
/// # Errors
/// [`StorageError`], as in all that follow.
pub async fn upsert(unit: &mut dyn Unit, applications: &[Application]) -> Result<(), StorageError> {
    execute_each(unit, include_str!("application_upsert.sql"), applications, columns).await
}

/// The columns by which an application is searched for, with what stands in them.
pub(crate) fn searched_by(content: &Content) -> [(&'static str, String); 4] {
    let applicant = &content.applicant;
    let national_id = match &applicant.identity {
        Identity::NationalId { national_id } => national_id.clone(),
        Identity::LegalEntity { legal_entity_id } => legal_entity_id.clone(),
        Identity::WithoutPapers { .. } => String::new(),
    };
    let family_first = format!("{} {}", applicant.last_name, applicant.first_name);
    [
        ("national_id", national_id),
        ("mobile", applicant.mobile.clone().unwrap_or_default()),
        ("name_key", fold_key(&applicant.full_name())),
        ("family_key", fold_key(&family_first)),
    ]
}

fn columns(a: &Application) -> Vec<Value> {
    let [national_id, mobile, name_key, family_key] = searched_by(&a.content).map(|(_, text)| text);
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
        a.last_seq,
        national_id,
        mobile,
        name_key,
        family_key,
        a.answer_due_on.as_str(),
        a.changed_at
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

/// Applications that an older release wrote, and whose columns for the desk are still to be filled.
///
/// # Errors
/// As [`upsert`].
pub async fn not_at_desk(
    unit: &mut dyn Unit,
    limit: u32,
) -> Result<Vec<(OfficeCode, ApplicationId)>, StorageError> {
    let rows = unit
        .query(
            "SELECT office, application FROM applications WHERE desk_at < changed_at \
             ORDER BY office, application LIMIT $1",
            values![limit],
        )
        .await?;
    rows.iter()
        .map(|row| Ok((OfficeCode(row.text("office")?), row.parsed("application")?)))
        .collect()
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

pub(super) fn read_code(row: &Row) -> Result<TrackingCode, StorageError> {
    TrackingCode::from_u64(row.count("tracking_code")?)
        .map_err(|_| StorageError::Unreadable("tracking_code"))
}

pub(super) fn read_state(row: &Row) -> Result<State, StorageError> {
    State::named(&row.text("state")?).ok_or(StorageError::Unreadable("state"))
}

pub(super) fn read(row: &Row) -> Result<Application, StorageError> {
    let number = |name| u32::try_from(row.int(name)?).map_err(|_| StorageError::Unreadable(name));
    let moved = row.text("answer_due_on")?;
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
        answer_due_on: if moved.is_empty() { row.text("due_on")? } else { moved },
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
