//! The state of synchronisation, in the three words. Computed from the outbox and from stored
//! acknowledgements, never from the last call's outcome.

use pishkhan_domain::field_error::FieldError;
use pishkhan_domain::ids::ApplicationId;
use pishkhan_domain::service_card::Bilingual;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use ts_rs::TS;

/// What the background task is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Activity {
    /// Nothing waits.
    Idle,
    /// Looking whether the centre answers.
    Probing,
    /// Sending applications or fetching answers.
    Exchanging,
    /// Leaving a sealed file with the hub, or fetching the centre's answers from it.
    Posting,
    /// Sending papers.
    Uploading,
    /// Waiting for the next try.
    Waiting,
    /// Stopped until somebody acts (revoked, forked, stale copy); see `last_answer`.
    Stopped,
}

/// A road between the office and its centre.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Road {
    /// The line, straight to the centre.
    Line,
    /// The county's hub on the local network.
    Hub,
    /// A file that somebody carried.
    Courier,
}

/// Reply of `sync_status`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SyncStatus {
    /// What is being done now.
    pub activity: Activity,
    /// Applications on this disk.
    pub recorded: u32,
    /// Applications whose entry the centre has not acknowledged.
    pub waiting: u32,
    /// Applications whose entry it has: رسید مرکز.
    pub received: u32,
    /// Of those, applications that an officer has taken up: پذیرش دستگاه.
    pub accepted: u32,
    /// When the oldest of those that wait was recorded or last acted on, by this device's clock.
    #[ts(type = "number | null")]
    pub oldest_waiting_at: Option<i64>,
    /// When the oldest of all that waits came to be, other entries and papers included.
    #[ts(type = "number | null")]
    pub oldest_item_at: Option<i64>,
    /// Other entries (prints, corrections, deliveries) that wait.
    pub other_entries_waiting: u32,
    /// Copies of papers that wait.
    pub documents_waiting: u32,
    /// Their bytes that the centre does not have yet.
    #[ts(type = "number")]
    pub document_bytes_waiting: u64,
    /// When the centre last acknowledged anything.
    #[ts(type = "number | null")]
    pub received_at: Option<i64>,
    /// When the centre last answered at all.
    #[ts(type = "number | null")]
    pub last_contact_at: Option<i64>,
    /// The road of the last contact.
    pub last_road: Option<Road>,
    /// The batch of entries being sent, while its progress is known.
    pub exchange: Option<ExchangeProgress>,
    /// The paper being sent.
    pub upload: Option<UploadProgress>,
    /// The last answer of the centre, or the last trouble on the way, as code and parameters of a
    /// sentence: `centre.ok`, `line.unreachable`, `line.timeout`, `line.not_the_centre`,
    /// `device.revoked`, `device.fork`, `device.stale_copy`, `centre.busy`, `protocol.unsupported`.
    pub last_answer: Option<Answer>,
    /// When the next try is due.
    #[ts(type = "number | null")]
    pub next_try_at: Option<i64>,
    /// Entries that the centre could not use.
    pub parked: Vec<ParkedEntry>,
    /// Device clock minus centre clock, milliseconds, as last measured.
    #[ts(type = "number | null")]
    pub clock_offset_ms: Option<i64>,
}

/// A sentence by its code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(rename = "CentreAnswer")]
pub struct Answer {
    /// Code.
    pub code: String,
    /// Parameters.
    pub params: BTreeMap<String, String>,
    /// When.
    #[ts(type = "number")]
    pub at: i64,
}

/// Progress of a large batch, which goes in pieces.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ExchangeProgress {
    /// Entries in it.
    pub entries: u32,
    /// Bytes that the centre has.
    #[ts(type = "number")]
    pub sent_bytes: u64,
    /// Bytes in all.
    #[ts(type = "number")]
    pub total_bytes: u64,
}

/// Progress of a paper.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct UploadProgress {
    /// Application it belongs to.
    pub application: ApplicationId,
    /// Its tracking code.
    pub tracking_code: String,
    /// Its applicant's name.
    pub applicant_name: String,
    /// Title of the paper on the card; none when the application no longer names it.
    pub document: Option<Bilingual>,
    /// Bytes that the centre has.
    #[ts(type = "number")]
    pub sent_bytes: u64,
    /// Bytes in all.
    #[ts(type = "number")]
    pub total_bytes: u64,
}

/// An entry that the centre parked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ParkedEntry {
    /// Application it belongs to, if it does.
    pub application: Option<ApplicationId>,
    /// Tracking code, or empty.
    pub tracking_code: String,
    /// Applicant's name, or empty.
    pub applicant_name: String,
    /// Why.
    pub error: FieldError,
    /// May the office mend it and send it again?
    pub mendable: bool,
}
