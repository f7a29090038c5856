//! What is typed before it is filed.

use std::collections::BTreeMap;

use pishkhan_domain::applicant::ApplicantEntry;
use pishkhan_domain::application::AttachedDocument;
use pishkhan_domain::content_hash::ContentHash;
use pishkhan_domain::field_error::FieldError;
use pishkhan_domain::form::FormEntry;
use pishkhan_domain::ids::{ApplicationId, DraftId, ServiceCode};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// An application as typed: everything may be missing or wrong. Also the line format of
/// `pishkhan-cli record`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ApplicationEntry {
    /// Service, once chosen.
    #[serde(default)]
    pub service: Option<ServiceCode>,
    /// Version of the card it is filled in for; the newest when absent.
    #[serde(default)]
    pub card_version: Option<ContentHash>,
    /// Applicant as typed.
    #[serde(default)]
    pub applicant: ApplicantEntry,
    /// Answers as typed.
    #[serde(default)]
    #[ts(type = "Record<string, unknown>")]
    pub form: FormEntry,
    /// Papers.
    #[serde(default)]
    pub documents: Vec<AttachedDocument>,
    /// Did the applicant consent?
    #[serde(default)]
    pub consent: bool,
}

/// Request of `draft_save`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct DraftSaveRequest {
    /// The draft, or none to begin one.
    pub id: Option<DraftId>,
    /// Content.
    pub entry: ApplicationEntry,
    /// The returned application that it mends, if it does.
    pub mends: Option<ApplicationId>,
}

/// A draft.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Draft {
    /// Id.
    pub id: DraftId,
    /// Content.
    pub entry: ApplicationEntry,
    /// The returned application that it mends, if it does.
    pub mends: Option<ApplicationId>,
    /// Who touched it last.
    pub operator_name: String,
    /// When, milliseconds since 1970.
    #[ts(type = "number")]
    pub saved_at: i64,
}

/// Request of `draft_get` and `draft_discard`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DraftRequest {
    /// Id.
    pub id: DraftId,
}

/// Request of `entry_check`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct EntryCheckRequest {
    /// What was typed so far.
    pub entry: ApplicationEntry,
}

/// Reply of `entry_check`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct EntryCheck {
    /// Everything that stands against recording; fields not yet reached included.
    pub errors: Vec<FieldError>,
    /// Day on which the answer would be due, ISO 8601, when a service is chosen.
    pub due_on: Option<String>,
    /// Codes of the papers that are asked for with these answers.
    pub documents_asked: Vec<String>,
    /// Keys of the fields that are asked with these answers.
    pub fields_asked: Vec<String>,
    /// Numbers that the program works out from these answers, by the key of their field.
    #[ts(type = "Record<string, number>")]
    pub computed: BTreeMap<String, i64>,
    /// Other applications of the same person and service that are still open.
    pub duplicates: Vec<crate::application::ApplicationRow>,
}

/// Request of `applicant_find`: a person who was here before, by national id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ApplicantFindRequest {
    /// National id as typed.
    pub national_id: String,
}

/// Request of `document_attach`: bytes of a scan or photo as picked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DocumentAttachRequest {
    /// Code of the requirement.
    pub code: String,
    /// Name of the file, shown only.
    pub file_name: String,
    /// The bytes, base64.
    pub bytes_base64: String,
}

/// Reply of `document_attach` and `document_get`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct StoredDocument {
    /// As it goes into the entry.
    pub document: AttachedDocument,
    /// `data:` URL of the picture, or of a placeholder for a PDF.
    pub preview: String,
}

/// Request of `document_get`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DocumentGetRequest {
    /// Hash.
    pub hash: ContentHash,
}
