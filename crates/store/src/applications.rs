//! Applications as lists and pages read them.

use std::collections::BTreeMap;

use pishkhan_domain::applicant::Applicant;
use pishkhan_domain::application::{AttachedDocument, Defect};
use pishkhan_domain::content_hash::ContentHash;
use pishkhan_domain::field_error::FieldError;
use pishkhan_domain::form::Form;
use pishkhan_domain::ids::{ApplicationId, ServiceCode};
use pishkhan_domain::lifecycle::State;
use pishkhan_domain::tracking_code::TrackingCode;

use crate::error::StoreError;
use crate::store::Store;

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
    /// Entries that wait and move no application (prints, notes, operators).
    pub other_entries: u32,
}

/// An entry that the centre could not use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParkedEntry {
    /// Sequence of the entry.
    pub seq: u64,
    /// Application it belongs to, if it does.
    pub application: Option<ApplicationRow>,
    /// Why.
    pub error: FieldError,
    /// When, by the centre's clock.
    pub at: i64,
}

impl Store {
    /// The line of an application.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn row(&self, _id: ApplicationId, _now_ms: i64) -> Result<ApplicationRow, StoreError> {
        unimplemented!()
    }

    /// An application.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn application(&self, _id: ApplicationId, _now_ms: i64) -> Result<Application, StoreError> {
        unimplemented!()
    }

    /// At most `limit` applications after `offset`. `query`: any words in any spelling, all of
    /// which must begin a word of name, father's name, id, mobile, tracking code or service;
    /// found ones come newest first. Ask for one more than you show to know whether there are more.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn applications(
        &self,
        _filter: ListFilter,
        _query: &str,
        _limit: u32,
        _offset: u32,
        _now_ms: i64,
    ) -> Result<Vec<ApplicationRow>, StoreError> {
        unimplemented!()
    }

    /// Counts of the home screen.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn work_counts(&self, _now_ms: i64) -> Result<WorkCounts, StoreError> {
        unimplemented!()
    }

    /// What waits for the line.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn waiting(&self) -> Result<Waiting, StoreError> {
        unimplemented!()
    }

    /// What the centre parked and nobody has mended.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn parked(&self, _now_ms: i64) -> Result<Vec<ParkedEntry>, StoreError> {
        unimplemented!()
    }

    /// The applicant of this national id as entered last, ten Latin digits.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn find_applicant_by_national_id(
        &self,
        _national_id: &str,
    ) -> Result<Option<Applicant>, StoreError> {
        unimplemented!()
    }

    /// Open applications of the same national or legal id for the same service, newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn open_duplicates(
        &self,
        _applicant_code: &str,
        _service: &ServiceCode,
        _now_ms: i64,
    ) -> Result<Vec<ApplicationRow>, StoreError> {
        unimplemented!()
    }

    /// How often this office recorded each service.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn times_recorded(&self) -> Result<BTreeMap<ServiceCode, u32>, StoreError> {
        unimplemented!()
    }
}
