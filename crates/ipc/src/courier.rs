//! Courier (پیک): what the office and its centre say to each other in files that somebody carries.
//!
//! Invariant: a file that comes back is never an error of the program: whatever it is, there is an
//! answer with a sentence for it, and nothing else of the office changes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A place that files can be carried on, as the system mounts it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CourierPlace {
    /// Its folder, or the letter of the drive.
    pub path: String,
    /// Name as the system shows it.
    pub name: String,
}

/// Request of `courier_export`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CourierExportRequest {
    /// Folder that the file is written into; it must be there.
    pub folder: String,
}

/// A file for the centre that this office has written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CourierFile {
    /// Number of this device's file, from 1.
    #[ts(type = "number")]
    pub number: u64,
    /// Where it was written.
    pub path: String,
    /// Entries in it.
    pub entries: u32,
    /// Copies of papers in it.
    pub documents: u32,
    /// Its size.
    #[ts(type = "number")]
    pub bytes: u64,
    /// When.
    #[ts(type = "number")]
    pub made_at: i64,
    /// When an answer to it, or to a later one, was read here. None: it may never have arrived.
    #[ts(type = "number | null")]
    pub answered_at: Option<i64>,
}

/// Reply of `courier_export`. The file is whole, on the stick, and was read back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CourierExport {
    /// The file.
    pub file: CourierFile,
    /// Entries that wait and had no room; they go with a later file or by line.
    pub entries_left: u32,
    /// Copies of papers that wait and had no room.
    pub documents_left: u32,
}

/// Request of `courier_import`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CourierImportRequest {
    /// A file, or a folder in which every courier file is read.
    pub path: String,
}

/// Reply of `courier_import`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CourierImport {
    /// What became of each file that looked like one of a courier.
    pub files: Vec<CourierRead>,
}

/// What became of one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CourierRead {
    /// Name of the file.
    pub name: String,
    /// One of [`COURIER_CODES`].
    pub code: String,
    /// Values for its sentence.
    pub params: BTreeMap<String, String>,
    /// Number of the file of this office that it answers, when it could be read.
    #[ts(type = "number | null")]
    pub number: Option<u64>,
    /// When the centre made it, by the centre's clock.
    #[ts(type = "number | null")]
    pub made_at: Option<i64>,
    /// Entries of this office that the centre newly acknowledged with it.
    pub acknowledged: u32,
    /// Copies of papers that are newly known to have arrived there.
    pub documents: u32,
    /// Acts of agencies and other news of applications.
    pub news: u32,
    /// Notices.
    pub notices: u32,
    /// Publications of the catalogue.
    pub services: u32,
}

/// What may become of a file; each has its sentence.
pub const COURIER_CODES: &[&str] = &[
    // Used: some of it was new.
    "courier.taken",
    // Nothing in it was new.
    "courier.taken_before",
    // Used as far as it came; its end is missing or was changed.
    "courier.cut",
    // Used; but the file of this office that it answers, `{number}`, reached the centre cut.
    "courier.arrived_cut",
    // Used; but the centre lacks what comes before file `{number}` of this office.
    "courier.gap",
    // Used, but for its news: some before them have not come.
    "courier.news_missing",
    // Of a time before the centre was restored from a backup.
    "courier.outdated",
    // For another device or another office, or for what this computer was before.
    "courier.of_another",
    // Written by an office, for the centre.
    "courier.for_the_centre",
    // Cut off or changed on the way; nothing could be used.
    "courier.damaged",
    // No courier file at all.
    "courier.not_one",
    // Not signed by this office's centre.
    "courier.not_of_the_centre",
    // Of a newer version of the program.
    "courier.too_new",
    // The stick or the file cannot be read.
    "courier.unreadable",
    // As on the line.
    "device.fork",
    "device.log_damaged",
    "device.revoked",
    "device.stale_copy",
    "protocol.unsupported",
];
