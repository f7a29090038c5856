//! Applications as the window shows them.

use std::collections::BTreeMap;

use pishkhan_domain::applicant::Applicant;
use pishkhan_domain::application::{AttachedDocument, Defect};
use pishkhan_domain::catalogue::PublishedCard;
use pishkhan_domain::content_hash::ContentHash;
use pishkhan_domain::field_error::FieldError;
use pishkhan_domain::form::Answer;
use pishkhan_domain::ids::{ApplicationId, DraftId, ServiceCode};
use pishkhan_domain::lifecycle::{Act, State};
use pishkhan_domain::service_card::Bilingual;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::draft::ApplicationEntry;

/// The three words that every screen, paper and report tells, and no other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Word {
    /// ثبت در دفتر: on this disk, committed with fsync.
    Recorded,
    /// رسید مرکز: the centre acknowledged, durably, the hash of what it stored.
    Received,
    /// پذیرش دستگاه: an officer took it up.
    Accepted,
}

/// A line of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ApplicationRow {
    /// Id.
    pub id: ApplicationId,
    /// Thirteen Latin digits.
    pub tracking_code: String,
    /// Service.
    pub service: ServiceCode,
    /// Its title.
    pub service_title: Bilingual,
    /// Applicant's full name.
    pub applicant_name: String,
    /// National or legal id, empty for a person without papers.
    pub applicant_code: String,
    /// Where it stands, the centre's acknowledgement included.
    pub state: State,
    /// How far it is known to have come.
    pub word: Word,
    /// When it was filed.
    #[ts(type = "number")]
    pub recorded_at: i64,
    /// Day on which the answer is due.
    pub due_on: String,
    /// Undecided past its due day?
    pub late: bool,
    /// Receipts printed so far.
    pub copies_printed: u32,
    /// Copies of papers that the centre does not have yet.
    pub documents_waiting: u32,
    /// Is one of its entries parked at the centre?
    pub parked: bool,
}

/// Which applications to list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ListFilter {
    /// Every one, newest first.
    All,
    /// Filed today (Tehran).
    Today,
    /// Not acknowledged by the centre yet, oldest first.
    Waiting,
    /// Returned: to be mended.
    Returned,
    /// Decided, not handed over yet.
    ToDeliver,
    /// Undecided past the due day.
    Late,
    /// Recorded without a printed receipt.
    ToPrint,
    /// With an entry that the centre parked.
    Parked,
}

/// Request of `application_list` and, with `query`, of `application_search`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ListRequest {
    /// Which.
    pub filter: ListFilter,
    /// Name, father's name, national id, mobile, tracking code, service: any words, any spelling.
    /// Empty for none.
    pub query: String,
    /// At most so many rows, 1 to 200.
    pub limit: u32,
    /// The last row that is shown, after which the list goes on.
    pub after: Option<ApplicationId>,
}

/// Reply of `application_list`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ApplicationList {
    /// The rows.
    pub rows: Vec<ApplicationRow>,
    /// Are there more?
    pub more: bool,
}

/// Counts of the home screen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct WorkSummary {
    /// Filed today.
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

/// One line of an application's history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TimelineItem {
    /// `recorded`, `received`, `accepted`, `returned`, `resubmitted`, `approved`, `refused`,
    /// `delivered`, `withdrawn`, `printed`, `letter_printed`, `note`, `parked`.
    pub kind: String,
    /// When, by the clock of whoever acted.
    #[ts(type = "number")]
    pub at: i64,
    /// Who: operator, or officer as the agency names itself; empty for the centre.
    pub by: String,
    /// Where: `office`, `centre`, `agency`.
    pub place: String,
    /// A note, a reason; may be empty.
    pub text: String,
    /// Of a return.
    pub defects: Vec<Defect>,
    /// Of a parked entry.
    pub error: Option<FieldError>,
    /// Did it change the application, or did it arrive too late?
    pub applied: bool,
    /// Copy number of a print.
    pub copy: Option<u32>,
}

/// A letter of an agency that the office prints.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LetterView {
    /// Its number as it is written, in Latin digits: `1405/12`.
    pub number: String,
    /// Its day, ISO 8601 Gregorian.
    pub issued_on: String,
    /// Name of the agency.
    pub agency: String,
    /// What it is about.
    pub subject: String,
    /// How often it was printed here.
    pub copies_printed: u32,
}

/// An application in full.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ApplicationView {
    /// Its line.
    pub row: ApplicationRow,
    /// Applicant.
    pub applicant: Applicant,
    /// Answers.
    pub form: BTreeMap<String, Answer>,
    /// Papers.
    pub documents: Vec<AttachedDocument>,
    /// The card it was filed under.
    pub card: PublishedCard,
    /// Name of the agency that has it now, where it was handed over by that of the card.
    pub handed_to: Option<String>,
    /// Tariff in rial.
    #[ts(type = "number")]
    pub fee_rial: i64,
    /// The agency's letter that came with its approval.
    pub letter: Option<LetterView>,
    /// History, oldest first.
    pub timeline: Vec<TimelineItem>,
    /// Defects of the last return, while it is returned.
    pub defects: Vec<Defect>,
    /// Why the centre could not use what was filed, until it is mended.
    pub faults: Vec<FieldError>,
    /// What the office may do now.
    pub allowed: Vec<Act>,
}

/// Request of `application_get`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ApplicationRequest {
    /// Id.
    pub id: ApplicationId,
}

/// Request of `application_record`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct RecordRequest {
    /// The draft that it was, discarded in the same transaction.
    pub draft: Option<DraftId>,
    /// What was typed.
    pub entry: ApplicationEntry,
}

/// Request of `application_resubmit`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct ResubmitRequest {
    /// The returned application.
    pub id: ApplicationId,
    /// The draft in which it was mended, discarded in the same transaction.
    pub draft: Option<DraftId>,
    /// The whole entry as mended.
    pub entry: ApplicationEntry,
    /// What was mended.
    pub note: String,
}

/// Reply of `application_record` and `application_resubmit`: wrong input is no error of the
/// program, so it is an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum RecordOutcome {
    /// ثبت در دفتر شد.
    Recorded {
        /// The application.
        application: Box<ApplicationView>,
    },
    /// Nothing was recorded; the draft is kept.
    Invalid {
        /// Why.
        errors: Vec<FieldError>,
    },
}

/// Request of `application_withdraw`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct WithdrawRequest {
    /// Id.
    pub id: ApplicationId,
    /// Why.
    pub reason: String,
}

/// Request of `application_deliver`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DeliverRequest {
    /// Id.
    pub id: ApplicationId,
    /// Who took it.
    pub recipient: String,
}

/// Request of `application_note`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct NoteRequest {
    /// Id.
    pub id: ApplicationId,
    /// Text.
    pub text: String,
}

/// A service in the picker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ServiceChoice {
    /// Version.
    pub version: ContentHash,
    /// Card.
    pub card: pishkhan_domain::service_card::ServiceCard,
    /// How often this office recorded it; frequent ones come first.
    pub times_recorded: u32,
}

/// A message of the centre to the office.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OfficeNotice {
    /// Number within the feed.
    #[ts(type = "number")]
    pub number: u64,
    /// Title.
    pub title: String,
    /// Text.
    pub text: String,
    /// When.
    #[ts(type = "number")]
    pub at: i64,
    /// Read?
    pub read: bool,
}

/// Request of `notice_read`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct NoticeReadRequest {
    /// Number.
    #[ts(type = "number")]
    pub number: u64,
}
