//! Applications as lists and pages read them.

mod counts;
mod lists;
mod people;

use pishkhan_domain::applicant::Applicant;
use pishkhan_domain::application::{AttachedDocument, Defect};
use pishkhan_domain::content_hash::ContentHash;
use pishkhan_domain::form::Form;
use pishkhan_domain::ids::{ApplicationId, ServiceCode};
use pishkhan_domain::lifecycle::State;
use pishkhan_domain::tracking_code::TrackingCode;

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
    /// Is what was filed last among those, so that the office may mend it and send it again?
    pub content_parked: bool,
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
